//! What stands before every handler, from the outside in.

mod body;

use std::net::IpAddr;

use axum::Router;
use axum::middleware::from_fn_with_state;

pub(crate) use self::body::Stalled;
use crate::state::AppState;

/// Who asks, by the address of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Client(pub(crate) IpAddr);

/// The routes behind all guards.
pub(crate) fn guarded(router: Router<AppState>, state: &AppState) -> Router<AppState> {
    router.layer(from_fn_with_state(state.clone(), body::watch))
}
