//! The token, if one is set: as a bearer (RFC 6750), or by a cookie that was given for it, since browsers send
//! no header with downloads and streams.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;

use super::is_probe;
use crate::config::Secret;
use crate::problem::Problem;
use crate::state::AppState;

/// What the name of the cookie begins with. Its port follows, since browsers send cookies to all ports of a host.
pub(crate) const COOKIE: &str = "genesy_session_";
/// What the token signs to make the cookie's value.
const COOKIE_TEXT: &[u8] = b"genesy session 1";

/// What the token is compared by: neither comparison takes a time that tells how much was right.
#[derive(Debug)]
pub(crate) struct Token {
    key: hmac::Key,
    tag: hmac::Tag,
    /// The name of the cookie.
    pub(crate) cookie_name: String,
}

impl Token {
    pub(super) fn new(token: &Secret, port: u16) -> Self {
        let token = token.reveal().as_bytes();
        let key = hmac::Key::new(hmac::HMAC_SHA256, token);
        let tag = hmac::sign(&key, token);
        Self { key, tag, cookie_name: format!("{COOKIE}{port}") }
    }

    /// The value of the cookie that stands for the token.
    pub(crate) fn cookie(&self) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.key, COOKIE_TEXT))
    }

    /// Whether the request has the token as a bearer.
    pub(crate) fn is_borne_by(&self, headers: &HeaderMap) -> bool {
        let Some(value) = headers.get(header::AUTHORIZATION) else { return false };
        let Some((scheme, token)) = value.to_str().ok().and_then(|value| value.split_once(' '))
        else {
            return false;
        };
        let is_right = hmac::verify(&self.key, token.trim().as_bytes(), self.tag.as_ref()).is_ok();
        scheme.eq_ignore_ascii_case("bearer") && is_right
    }

    fn is_in_cookie_of(&self, headers: &HeaderMap) -> bool {
        let cookies =
            headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        cookies.flat_map(|cookies| cookies.split(';')).any(|cookie| {
            let Some((name, value)) = cookie.trim().split_once('=') else { return false };
            let Ok(value) = URL_SAFE_NO_PAD.decode(value) else { return false };
            name == self.cookie_name && hmac::verify(&self.key, COOKIE_TEXT, &value).is_ok()
        })
    }
}

/// Whether anybody may read this path: what is no data.
pub(crate) fn is_public(path: &str) -> bool {
    path == "/"
        || is_probe(path)
        || ["/openapi.json", "/docs"].contains(&path)
        || ["/page/", "/docs/"].iter().any(|folder| path.starts_with(folder))
}

/// Refuses requests without the token.
pub(super) async fn check(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let is_allowed = state.guards().token.as_ref().is_none_or(|token| {
        is_public(request.uri().path())
            || token.is_borne_by(request.headers())
            || token.is_in_cookie_of(request.headers())
    });
    if is_allowed { next.run(request).await } else { unauthorized() }
}

/// The token is missing or wrong.
pub(crate) fn unauthorized() -> Response {
    let detail = "send the server's token: Authorization: Bearer …";
    let problem =
        Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", "The token is required", detail);
    let mut response = problem.into_response();
    let scheme = HeaderValue::from_static("Bearer realm=\"genesy\"");
    response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
    response
}
