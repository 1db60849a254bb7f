//! What the server is, and the cookie that stands for its token.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::Json;
use crate::guard::{Token, unauthorized};
use crate::state::AppState;

/// What the server is.
#[derive(Debug, Serialize, ToSchema)]
struct Server {
    /// The version of the program.
    version: &'static str,
    /// Whether all providers and mail servers are simulated.
    is_demo: bool,
    /// What runs the lookups and verifications: `embedded` or `temporal`.
    engine: &'static str,
    /// What tells its store from others.
    store_id: String,
    /// Whether addresses can be verified: if not, `email.helo` is not set.
    verifies_email: bool,
    /// Whether a token is required.
    needs_token: bool,
}

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(server)).routes(routes!(begin_session, end_session))
}

/// What the server is
#[utoipa::path(
    get, path = "/v1/server", tag = "server",
    responses((status = 200, description = "what it is", body = Server))
)]
async fn server(State(state): State<AppState>) -> Json<Server> {
    Json(Server {
        version: env!("CARGO_PKG_VERSION"),
        is_demo: state.is_demo(),
        engine: state.dispatcher().engine().name(),
        store_id: state.store().id().to_owned(),
        verifies_email: state.outside().mail.is_some(),
        needs_token: state.guards().token.is_some(),
    })
}

/// Gives a cookie for the token
///
/// For pages, since browsers send no token with downloads and streams. It is sent by this server's own pages
/// alone, no script can read it, and it is good as long as the token is. Without a token there is none.
#[utoipa::path(
    post, path = "/v1/session", tag = "server",
    responses((status = 204, description = "the answer sets the cookie"))
)]
async fn begin_session(State(state): State<AppState>, headers: HeaderMap) -> Response {
    let Some(token) = &state.guards().token else { return StatusCode::NO_CONTENT.into_response() };
    if !token.is_borne_by(&headers) {
        return unauthorized();
    }
    cookie(token, &token.cookie())
}

/// Removes the cookie
#[utoipa::path(
    delete, path = "/v1/session", tag = "server",
    responses((status = 204, description = "the answer removes the cookie"))
)]
async fn end_session(State(state): State<AppState>) -> Response {
    let Some(token) = &state.guards().token else { return StatusCode::NO_CONTENT.into_response() };
    cookie(token, "; Max-Age=0")
}

fn cookie(token: &Token, value: &str) -> Response {
    let cookie = format!("{}={value}; Path=/; HttpOnly; SameSite=Strict", token.cookie_name);
    (StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response()
}
