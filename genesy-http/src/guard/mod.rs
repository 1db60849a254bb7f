//! What stands before every handler, from the outside in.

mod body;

use axum::Router;
use axum::middleware::from_fn_with_state;

pub(crate) use self::body::Stalled;
use crate::state::AppState;

/// The routes behind all guards.
pub(crate) fn guarded(router: Router<AppState>, state: &AppState) -> Router<AppState> {
    router.layer(from_fn_with_state(state.clone(), body::watch))
}
