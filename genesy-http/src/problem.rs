//! Errors as clients see them (RFC 9457): what is wrong, where, and what to do.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::store::StoreError;

/// What went wrong, as `application/problem+json`.
///
/// No text of it quotes a value of a lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Names the kind of problem, to be compared by programs: `/problems/` and a name, as `/problems/not-found`.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// The kind of problem in words.
    pub(crate) title: String,
    /// The status of the answer.
    pub(crate) status: u16,
    /// What is wrong here, and what to do.
    pub(crate) detail: String,
    /// The parts of the request that are at fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) errors: Vec<Fault>,
}

/// A part of a request that is at fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Fault {
    /// Where: a JSON Pointer (RFC 6901) into the body, or the name of a parameter or header.
    pub(crate) at: String,
    /// What is wrong with it, and what is expected.
    pub(crate) detail: String,
}

impl Problem {
    /// A problem of a kind, named in kebab case.
    pub(crate) fn new(
        status: StatusCode,
        name: &str,
        title: &str,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            kind: format!("/problems/{name}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            errors: Vec::new(),
        }
    }

    /// Says which part of the request is at fault.
    #[must_use]
    pub(crate) fn at(mut self, at: impl Into<String>, detail: impl Into<String>) -> Self {
        self.errors.push(Fault { at: at.into(), detail: detail.into() });
        self
    }

    /// There is no such thing: `what` with its id, as `lead 17`.
    pub(crate) fn not_found(what: &str) -> Self {
        let detail = format!("there is no {what}: it may have been deleted");
        Self::new(StatusCode::NOT_FOUND, "not-found", "Not found", detail)
    }

    /// A parameter or a field of the body is not what it should be.
    pub(crate) fn invalid(at: &str, detail: impl Into<String>) -> Self {
        let title = "Part of the request is not valid";
        let detail = detail.into();
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", title, detail.clone()).at(at, detail)
    }

    /// What is asked for does not fit the state of the thing.
    pub(crate) fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", "Not possible now", detail)
    }

    /// There is no room for what is to be stored.
    pub(crate) fn disk_full() -> Self {
        let detail = "the disk of the server is full: make room on it, and try again";
        let title = "The disk is full";
        Self::new(StatusCode::INSUFFICIENT_STORAGE, "disk-full", title, detail)
    }

    /// Something of ours broke. What it was stands in the log, and not in the answer.
    pub(crate) fn internal() -> Self {
        let detail = "the server could not do this: try again, and look into its log";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Internal error", detail)
    }
}

/// What answers where there is no route.
pub(crate) async fn no_route() -> Problem {
    let detail = "there is nothing at this path: see /docs for what there is";
    Problem::new(StatusCode::NOT_FOUND, "no-route", "Not found", detail)
}

/// What answers where there is a route, for other methods.
pub(crate) async fn no_method() -> Problem {
    let detail = "this path does not take this method: the header Allow names those that it does";
    let title = "The method is not taken here";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "no-method", title, detail)
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        let json = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, source = error.source_text(), "a request failed");
        match error {
            StoreError::Closed => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "closed",
                "The server stops",
                "the server is shutting down: try again later",
            ),
            StoreError::Full => Self::disk_full(),
            StoreError::Busy => {
                let detail = "a part of it is still being read: try again in a moment";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "Not done yet", detail)
            }
            _ => Self::internal(),
        }
    }
}
