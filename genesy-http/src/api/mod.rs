//! The routes, each module with the types that its bodies are made of.

mod events;
mod forecasts;
mod health;
mod imports;
mod jobs;
mod leads;
mod lookups;
pub(crate) mod openapi;
mod paging;
mod providers;
mod query;
mod server;
mod suppressions;
mod verifications;

use utoipa_axum::router::OpenApiRouter;

use crate::problem::Problem;
use crate::state::AppState;

/// All routes, with what describes them.
pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(health::routes())
        .merge(server::routes())
        .merge(leads::routes())
        .merge(lookups::routes())
        .merge(verifications::routes())
        .merge(jobs::routes())
        .merge(forecasts::routes())
        .merge(providers::routes())
        .merge(events::routes())
        .merge(imports::routes())
        .merge(suppressions::routes())
}

/// Items of a page at most.
const LIMIT_MAX: usize = 500;
/// Items of a page unless said otherwise.
const LIMIT_DEFAULT: usize = 100;

/// How many items a page shall have.
///
/// # Errors
///
/// If these are none, or too many.
fn limit(asked: Option<usize>) -> Result<usize, Problem> {
    let limit = asked.unwrap_or(LIMIT_DEFAULT);
    if (1..=LIMIT_MAX).contains(&limit) {
        return Ok(limit);
    }
    Err(Problem::invalid("limit", format!("expected is a whole number from 1 to {LIMIT_MAX}")))
}
