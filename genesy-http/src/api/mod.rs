//! The routes, each module with the types that its bodies are made of.

mod events;
mod forecasts;
mod health;
mod jobs;
mod leads;
mod lookups;
pub(crate) mod openapi;
mod providers;
mod query;
mod server;
mod verifications;

use utoipa_axum::router::OpenApiRouter;

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
}
