//! The routes, each module with the types that its bodies are made of.

mod health;
mod leads;
pub(crate) mod openapi;
mod server;

use utoipa_axum::router::OpenApiRouter;

use crate::state::AppState;

/// All routes, with what describes them.
pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().merge(health::routes()).merge(server::routes()).merge(leads::routes())
}
