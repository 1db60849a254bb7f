//! A minimal HTTP server for Genesy on axum: an interface in JSON, a store, and one live page.

mod api;
mod clock;
pub mod config;
mod demo;
mod engine;
mod erase;
mod events;
mod extract;
mod guard;
mod import;
mod live;
mod outside;
mod page;
pub mod problem;
mod run;
mod server;
mod state;
pub mod store;
mod stream;
pub mod telemetry;

use axum::Router;

#[cfg(feature = "temporal")]
pub use self::engine::temporal::{Temporal, TemporalError};
pub use self::outside::{Mail, Outside, OutsideError};
pub use self::run::{RunError, run};
pub use self::server::serve;
pub use self::state::{AppState, Builder};

/// The whole application, to be served, or nested in another one under any path.
pub fn app(state: AppState) -> Router {
    let (router, _document) = api::routes().split_for_parts();
    let router = router.merge(api::openapi::routes());
    let router = router.merge(page::routes()).fallback(problem::no_route);
    guard::guarded(router.method_not_allowed_fallback(problem::no_method), &state).with_state(state)
}
