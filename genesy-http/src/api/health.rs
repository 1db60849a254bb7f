//! Whether the server lives, and whether it can work.

use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::problem::Problem;
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(healthz)).routes(routes!(readyz))
}

/// The process lives.
#[utoipa::path(get, path = "/healthz", tag = "server", responses((status = 200, description = "it lives")))]
async fn healthz() -> StatusCode {
    StatusCode::OK
}

/// The store can be read.
#[utoipa::path(
    get, path = "/readyz", tag = "server",
    responses((status = 200, description = "it is ready"), (status = 503, description = "it is not", body = Problem))
)]
async fn readyz(State(state): State<AppState>) -> Result<StatusCode, Problem> {
    state.store().read(|store| store.query_row("SELECT 1", [], |_| Ok(()))).await?;
    Ok(StatusCode::OK)
}
