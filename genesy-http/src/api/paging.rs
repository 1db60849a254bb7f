//! The parameters of lists.

use serde::Deserialize;
use utoipa::IntoParams;

/// Which part of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// The `next_cursor` of the page before.
    pub(super) cursor: Option<i64>,
    /// Items of a page.
    #[param(minimum = 1, maximum = 500, default = 100)]
    pub(super) limit: Option<usize>,
}
