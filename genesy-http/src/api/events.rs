//! What happens, as a stream of server-sent events.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::query::After;
use crate::extract::Query;
use crate::live;
use crate::problem::Problem;
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(watch))
}

/// Gives everything that happens, from behind an event on, or from now on.
///
/// A message of the type `events` holds a JSON array of events in order, each an object with `seq`, `at` and `type`;
/// its id is the number of the last one. A message of the type `reset` says that what is asked for is not kept any
/// more: read everything again. Comments are sent while nothing happens.
#[utoipa::path(
    get, path = "/v1/events", tag = "events",
    params(After, ("Last-Event-ID" = Option<String>, Header, description = "the number of the last event that is known")),
    responses(
        (status = 200, description = "events, without an end", content_type = "text/event-stream", body = String),
        (status = 422, description = "the number is none", body = Problem),
    )
)]
async fn watch(
    State(state): State<AppState>,
    Query(query): Query<After>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let after = match headers.get("last-event-id") {
        // A client that was told of no event sends none, or an empty one.
        Some(id) if !id.is_empty() => {
            let number = id.to_str().ok().and_then(|id| id.parse::<i64>().ok());
            let number = number.filter(|number| *number >= 0);
            Some(number.ok_or_else(|| Problem::invalid("Last-Event-ID", "expected a number"))?)
        }
        _ => query.after,
    };
    if after.is_some_and(|after| after < 0) {
        return Err(Problem::invalid("after", "expected 0 or more"));
    }
    let frames = live::frames(state.live(), after).await?;
    let mut response = Response::new(Body::from_stream(frames));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Proxies that buffer would hold events back.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}
