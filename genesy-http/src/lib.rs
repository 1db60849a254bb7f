//! A minimal HTTP server for Genesy on axum: an interface in JSON, a store, and one live page.

mod api;
mod clock;
mod events;
mod page;
pub mod problem;
mod state;
pub mod store;

use axum::Router;
use utoipa_axum::router::OpenApiRouter;

pub use self::state::AppState;

/// The whole application, to be served or nested.
pub fn app(state: AppState) -> Router {
    let (router, _document): (OpenApiRouter<AppState>, _) = (api::routes(), ());
    Router::from(router).merge(page::routes()).with_state(state)
}
