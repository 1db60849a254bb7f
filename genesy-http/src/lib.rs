//! The server of Genesy: drop a CSV of leads, see how it is understood, import it, verify addresses, search phones, watch
//! each lead's process live, take the enriched CSV away.
//!
//! ```no_run
//! use genesy_http::config::Settings;
//! use genesy_http::store::Store;
//! use genesy_http::{AppState, Outside, app};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! // Within a service of one's own: its routes beneath a path of that.
//! let settings = Settings::default();
//! let outside = Outside::of(&settings)?;
//! let state = AppState::builder(Store::open("leads")?).settings(settings).outside(outside).build()?;
//! // The slash at the end matters to the page: its files are beside it, at /genesy/page/.
//! let router: axum::Router = axum::Router::new().nest("/genesy/", app(state.clone()));
//! // Once nothing is served any more. What is under way goes on at the next start.
//! state.stop().await;
//! state.store().close().await;
//! # Ok(())
//! # }
//! ```
//!
//! Who nests it serves by `into_make_service_with_connect_info::<SocketAddr>()`, since clients are told apart by
//! their connections: without it all of them share one rate. Names that the outer service is asked by, other than
//! those of loopback, belong to the setting `allowed_hosts`.
//!
//! As a program: `genesy-http serve`, or `serve --demo` with simulated providers and mail servers.
//!
//! # Features
//!
//! - `program` (default): the program `genesy-http`, with its command line.
//! - `temporal`: runs are done by a Temporal cluster where the settings name one. It takes minutes to build.
//! - `temporal-dev-server`: for the tests of that, which start a cluster on this machine.
//!
//! # Map
//!
//! | module | what it does |
//! |---|---|
//! | [`config`] | what the server is told: by a file, the environment, flags |
//! | [`store`] | one SQLite file: one writer, readers apart; `schema.sql` says which tables hold personal data |
//!
//! # Rules
//!
//! - Handlers convert and delegate: which provider comes next, what a reply means and which row is a duplicate is
//!   decided by genesy-core. The types of the API are this crate's own.
//! - A step of a run is stored with its events, its ledger and its lead in one transaction. What is answered is stored.
//! - Personal data reaches the lead's owner, and no log line, error text, event, metric or address of a resource.
//! - Leads leave the machine in two places alone: genesy-providers asks providers, and it asks mail servers.

// Which feature an item needs is shown by docs.rs, which builds with a nightly compiler.
#![cfg_attr(docsrs, feature(doc_cfg))]

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
mod lead_values;
mod live;
mod object;
mod outside;
mod page;
mod problem;
mod run;
mod server;
mod state;
pub mod store;
mod stream;
mod telemetry;

use axum::Router;

#[cfg(feature = "temporal")]
pub use self::engine::temporal::{Temporal, TemporalError};
pub use self::outside::{Mail, Outside, OutsideError, Unusable};
pub use self::run::{RunError, World, run};
pub use self::server::serve;
pub use self::state::{AppState, AppStateBuilder};
pub use self::telemetry::LogError;

/// The whole application, to be served, or nested in another one under any path that ends with a slash: the
/// page asks for what is beside it.
pub fn app(state: AppState) -> Router {
    let (router, _document) = api::routes().split_for_parts();
    let router = router.merge(api::openapi::routes());
    let router = router.merge(page::routes()).fallback(problem::no_route);
    guard::guarded(router.method_not_allowed_fallback(problem::no_method), &state).with_state(state)
}
