//! The page that asks.
//!
//! Pages of other sites may send requests, too, with the user's cookie or to a loopback address. Browsers
//! say where a request comes from; those that change something are taken from the own page alone. There
//! is no CORS: no other site can read an answer.

use axum::extract::{Request, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::host::{self, Hosts};
use super::is_safe;
use crate::problem::Problem;
use crate::state::AppState;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses requests of other sites that change something.
pub(super) async fn check(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if is_safe(request.method()) || is_own(&request, &state.guards().hosts) {
        return next.run(request).await;
    }
    let detail = "another site's page may change nothing here: use the page of this server. Behind a proxy, have \
        it pass the Host header on, or add the name that users know, and the one that the proxy asks by, to the \
        setting allowed_hosts";
    Problem::new(StatusCode::FORBIDDEN, "cross-site", "Another site asks", detail).into_response()
}

/// Whether it comes from the own page, or from no browser.
fn is_own(request: &Request, hosts: &Hosts) -> bool {
    let headers = request.headers();
    // HTTP/2 names the host there.
    let host = host::of(headers).or_else(|| Some(request.uri().authority()?.as_str()));
    let mut sites = headers.get_all(FETCH_SITE).iter();
    if !sites.all(|site| site == "same-origin" || site == "none") {
        return false;
    }
    headers.get_all(header::ORIGIN).iter().all(|origin| {
        let Some((_, name)) = origin.to_str().ok().and_then(|origin| origin.split_once("://"))
        else {
            return false;
        };
        // Behind a proxy that changes the host, the name that users know is among the allowed ones.
        let is_listed = matches!(hosts, Hosts::Only(_)) && hosts.allow(name) && !is_local(name);
        is_listed || host == Some(name)
    })
}

/// Whether a host is of this machine, where each port may be another application's.
fn is_local(host: &str) -> bool {
    host.starts_with("localhost") || host.starts_with("127.") || host.starts_with('[')
}
