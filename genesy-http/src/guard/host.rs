//! The name that the server was asked by.
//!
//! A page of another site can make its own name point to 127.0.0.1 and so be of the server's origin (DNS
//! rebinding). Its requests then carry that name, and are refused.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::is_probe;
use crate::config::Settings;
use crate::problem::Problem;
use crate::state::AppState;

/// The names that the server answers to.
#[derive(Debug)]
pub(super) enum Hosts {
    /// Any: whoever asks has the token.
    Any,
    /// These, in lower case.
    Only(Vec<String>),
}

impl Hosts {
    pub(super) fn new(settings: &Settings) -> Self {
        let mut names: Vec<String> =
            settings.allowed_hosts.iter().map(|name| normal(name)).collect();
        let ip = settings.listen.ip();
        if ip.is_loopback() {
            names.extend(["localhost", "127.0.0.1", "[::1]"].map(str::to_owned));
            names.push(match ip {
                IpAddr::V4(ip) => ip.to_string(),
                IpAddr::V6(ip) => format!("[{ip}]"),
            });
        } else if names.is_empty() {
            return Self::Any;
        }
        Self::Only(names)
    }

    /// Whether it answers to this host, with or without a port.
    pub(super) fn allow(&self, host: &str) -> bool {
        let Ok(host) = host.parse::<Authority>() else { return false };
        match self {
            Self::Any => true,
            Self::Only(names) => names.contains(&normal(host.host())),
        }
    }
}

/// Without case, and without the dot that ends a full name.
fn normal(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// The host of a request, if it names one and no second.
pub(super) fn of(headers: &HeaderMap) -> Option<&str> {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok(),
        _ => None,
    }
}

/// Refuses requests for other names. One without any comes from no browser.
pub(super) async fn check(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let hosts = &state.guards().hosts;
    let of_target = request.uri().authority();
    let is_allowed = of_target.is_none_or(|host| hosts.allow(host.as_str()))
        && (!request.headers().contains_key(header::HOST)
            || of(request.headers()).is_some_and(|host| hosts.allow(host)));
    if is_allowed || is_probe(request.uri().path()) {
        return next.run(request).await;
    }
    let detail = "the server does not answer to the host of this request: ask it by the address that it \
        printed, or add the name to its setting allowed_hosts";
    let title = "Another host is asked for";
    Problem::new(StatusCode::MISDIRECTED_REQUEST, "wrong-host", title, detail).into_response()
}
