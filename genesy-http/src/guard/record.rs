//! The record of a request: a log line and the metrics. It holds the route and never the path or the
//! query, since these may name a person.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;

use super::is_safe;
use crate::state::AppState;
use crate::telemetry::{Counter, Timer};

/// Keeps it.
pub(super) async fn keep(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let method = name(request.method());
    let is_safe = is_safe(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    // A path that the outer application matched by a wildcard is no route of ours.
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let (status, took) = (response.status(), begun.elapsed());
    let metrics = state.metrics();
    metrics.count(Counter::Requests, &[method, route, status.as_str()]);
    metrics.time(Timer::Requests, &[route], took);
    let (status, ms) = (status.as_u16(), took.as_secs_f64() * 1000.0);
    if is_safe && status < 400 {
        tracing::debug!(method, route, status, ms, "request");
    } else {
        tracing::info!(method, route, status, ms, "request");
    }
    response
}

/// The method, if it is one that is known: clients may make up others.
fn name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
