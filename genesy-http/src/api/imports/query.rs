//! The parameters of imports.

use genesy_core::pii::Pii;
use serde::Deserialize;
use utoipa::IntoParams;

/// What is said of a file.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct CreateQuery {
    /// The name of the file, to know it again.
    #[param(value_type = Option<String>)]
    pub(super) file_name: Option<Pii<String>>,
}

/// Which part of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct IssueQuery {
    /// The `next_cursor` of the page before.
    pub(super) cursor: Option<String>,
    /// Items of a page.
    #[param(minimum = 1, maximum = 500, default = 100)]
    pub(super) limit: Option<usize>,
    /// Issues of this kind alone.
    pub(super) code: Option<String>,
}
