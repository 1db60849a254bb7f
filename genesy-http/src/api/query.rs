//! The parameters behind the question mark of some routes. They stand apart, since the macro that describes a route
//! would qualify the name of a type of its own module for nothing.

use serde::Deserialize;
use utoipa::IntoParams;

/// Where to begin.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct After {
    /// The number of the last event that is known. The header `Last-Event-ID` goes before it.
    #[param(minimum = 0)]
    pub(super) after: Option<i64>,
}
