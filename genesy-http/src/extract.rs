//! Extractors that answer what they cannot read by a problem that names the place.
//!
//! | limit | value |
//! |---|---|
//! | a body of JSON | 1 MiB ([`JSON_BYTES_MAX`]), and 30 s until it is there ([`JSON_TIME_MAX`]) |

use std::fmt::Display;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::path::ErrorKind;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path as Place, Segment, Track};
use tokio::time::timeout;

use crate::guard::Stalled;
use crate::object::from_object;
use crate::problem::Problem;

/// Bytes of a body of JSON at most.
pub(crate) const JSON_BYTES_MAX: usize = 1024 * 1024;
/// How long a body of JSON may take to arrive.
pub(crate) const JSON_TIME_MAX: Duration = Duration::from_secs(30);

/// A body of JSON.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Json<T>(pub(crate) T);

/// The parameters behind the question mark.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Query<T>(pub(crate) T);

/// The parameters in the path.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Path<T>(pub(crate) T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            let detail = "send the body as JSON, with the header Content-Type: application/json";
            return Err(unsupported(detail));
        }
        let bytes = read(request.into_body(), JSON_BYTES_MAX).await?;
        json(&bytes).map(Self)
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
        serde_path_to_error::deserialize(pairs).map(Self).map_err(|error| {
            let name = parameter(error.path(), &error);
            Problem::invalid(&name, expected(error.inner()))
        })
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(path) => Ok(Self(path.0)),
            Err(rejection) => Err(path_problem(rejection)),
        }
    }
}

/// Reads a body to its end.
///
/// # Errors
///
/// What [`body_problem`] says, when it is longer, comes too slowly, or not to its end.
pub(crate) async fn read(body: Body, bytes_max: usize) -> Result<Bytes, Problem> {
    match timeout(JSON_TIME_MAX, Limited::new(body, bytes_max).collect()).await {
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(error)) => Err(body_problem(&*error)),
        Err(_) => Err(stalled()),
    }
}

/// Why a body could not be read to its end.
pub(crate) fn body_problem(error: &(dyn std::error::Error + 'static)) -> Problem {
    let mut cause = Some(error);
    while let Some(this) = cause {
        if this.is::<LengthLimitError>() {
            return too_large("the body is longer than this may be: send less at a time");
        }
        if this.is::<Stalled>() {
            return stalled();
        }
        cause = this.source();
    }
    let detail = "the body ended before it was whole: send it again";
    Problem::new(StatusCode::BAD_REQUEST, "cut-off", "The body is not whole", detail)
}

/// The body is longer than it may be.
pub(crate) fn too_large(detail: &str) -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The body is too large", detail)
}

/// The body is of a kind that is not taken here.
pub(crate) fn unsupported(detail: &str) -> Problem {
    let title = "The kind of body is not taken here";
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported", title, detail)
}

fn stalled() -> Problem {
    let detail = "the body came too slowly and was given up: send it again";
    Problem::new(StatusCode::REQUEST_TIMEOUT, "stalled", "The body came too slowly", detail)
}

/// Whether the body is JSON by its header: `application/json`, or a type that ends in `+json`.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()) else {
        return false;
    };
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let mut track = Track::new();
    let read = from_object(serde_path_to_error::Deserializer::new(&mut reader, &mut track));
    let value = read.map_err(|error| match error.is_data() {
        true => Problem::invalid(&pointer(&track.path()), expected(&error)),
        false => syntax(&error),
    })?;
    reader.end().map_err(|error| syntax(&error))?;
    Ok(value)
}

fn syntax(error: &serde_json::Error) -> Problem {
    let (line, column) = (error.line(), error.column());
    let detail = format!("the body is no JSON: see line {line}, column {column}");
    Problem::new(StatusCode::BAD_REQUEST, "syntax", "The body is no JSON", detail)
}

/// A place in JSON (RFC 6901).
fn pointer(place: &Place) -> String {
    let mut pointer = String::new();
    for segment in place {
        pointer.push('/');
        match segment {
            Segment::Seq { index } => pointer.push_str(&index.to_string()),
            Segment::Map { key } => pointer.push_str(&key.replace('~', "~0").replace('/', "~1")),
            Segment::Enum { variant } => pointer.push_str(variant),
            // Where that is, is not known: what is around it is.
            Segment::Unknown => drop(pointer.pop()),
        }
    }
    pointer
}

/// The name of a parameter: the first of the path, or the field that the error names.
fn parameter(place: &Place, error: &impl Display) -> String {
    if let Some(Segment::Map { key }) = place.iter().next() {
        return key.clone();
    }
    error.to_string().split('`').nth(1).unwrap_or_default().to_owned()
}

/// What was expected, by the text of an error of serde, without what was there instead: it may be personal.
fn expected(error: &impl Display) -> String {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    if text.starts_with("missing field ") || text.starts_with("duplicate field ") {
        return text.to_owned();
    }
    match text.rsplit_once(", expected ") {
        Some(("", _)) | None if text.starts_with("invalid ") || text.starts_with("unknown ") => {
            let without_value = text.split([':', '`']).next().unwrap_or_default().trim();
            without_value.to_owned()
        }
        Some((before, expected)) if before.starts_with("unknown field") => {
            format!("there is no such field: expected {expected}")
        }
        Some((_, expected)) => format!("expected {expected}"),
        None => text.to_owned(),
    }
}

fn path_problem(rejection: PathRejection) -> Problem {
    let PathRejection::FailedToDeserializePathParams(error) = rejection else {
        return Problem::internal();
    };
    match error.into_kind() {
        ErrorKind::ParseErrorAtKey { key, expected_type, .. } => wrong_type(&key, expected_type),
        ErrorKind::ParseErrorAtIndex { expected_type, .. }
        | ErrorKind::ParseError { expected_type, .. } => wrong_type("path", expected_type),
        ErrorKind::InvalidUtf8InPathParam { key } => Problem::invalid(&key, "expected UTF-8"),
        ErrorKind::DeserializeError { key, message, .. } => {
            Problem::invalid(&key, expected(&message))
        }
        _ => Problem::internal(),
    }
}

fn wrong_type(at: &str, expected_type: &str) -> Problem {
    let expected = match expected_type {
        "i64" | "i32" | "u64" | "u32" => "a whole number",
        other => other,
    };
    Problem::invalid(at, format!("expected {expected}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Example {
        #[serde(default)]
        ids: Vec<i64>,
        kind: Option<Kind>,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Phone,
        Email,
    }

    fn fault(text: &str) -> (u16, String, String) {
        let problem = json::<Example>(text.as_bytes()).expect_err("a problem");
        let at = problem.errors.first().map_or(String::new(), |fault| fault.at.clone());
        (problem.status, at, problem.detail)
    }

    #[test]
    fn what_is_wrong_is_named_and_not_quoted() {
        let example: Example = json(br#"{"ids":[1,2],"kind":"phone"}"#).expect("it is right");
        assert!(example.ids == [1, 2] && matches!(example.kind, Some(Kind::Phone)));
        let (status, at, detail) = fault(r#"{"ids":[1,"ada@example.com"]}"#);
        assert_eq!((status, at.as_str(), detail.as_str()), (422, "/ids/1", "expected i64"));
        let (status, at, detail) = fault(r#"{"kind":"ada@example.com, expected a"}"#);
        assert_eq!((status, at.as_str()), (422, "/kind"));
        assert_eq!(detail, "expected `phone` or `email`");
        let (_, at, detail) = fault(r#"{"kinds":1}"#);
        assert_eq!(at, "/kinds");
        assert_eq!(detail, "there is no such field: expected `ids` or `kind`");
        assert_eq!(fault(" [[1], \"phone\"]").0, 422);
        assert_eq!(fault("{").0, 400);
        assert_eq!(fault(r#"{} {}"#).0, 400);
        assert!(!fault("ada@example.com").2.contains('@'));
    }

    async fn status(kind: Option<&str>, body: impl Into<Body>) -> u16 {
        let mut request = Request::new(body.into());
        if let Some(kind) = kind {
            request.headers_mut().insert(header::CONTENT_TYPE, kind.parse().expect("a value"));
        }
        let read: Result<Json<Example>, _> = Json::from_request(request, &()).await;
        read.map_or_else(|problem| problem.status, |_| 200)
    }

    #[tokio::test]
    async fn bodies_of_another_kind_or_size_are_refused() {
        for kind in
            ["application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json"]
        {
            assert_eq!(status(Some(kind), "{}").await, 200, "{kind}");
        }
        for kind in
            ["text/plain", "text/json", "application/x-www-form-urlencoded", "multipart/form-data"]
        {
            assert_eq!(status(Some(kind), "{}").await, 415, "{kind}");
        }
        assert_eq!(status(None, "{}").await, 415);
        let json = Some("application/json");
        assert_eq!(status(json, vec![b' '; 2 * 1024 * 1024]).await, 413);
        assert_eq!(
            status(json, [vec![b' '; JSON_BYTES_MAX - 2], b"{}".to_vec()].concat()).await,
            200
        );
        assert_eq!(status(json, "\u{feff}{}").await, 400);
        assert_eq!(status(json, &b"{\"ids\":\"\xff\"}"[..]).await, 400);
        let deep = [vec![b'['; 400_000], vec![b']'; 400_000]].concat();
        assert!([400, 422].contains(&status(json, deep).await));
    }

    #[tokio::test]
    async fn parameters_are_named_and_not_quoted() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        #[expect(dead_code, reason = "it is read alone")]
        struct Parameters {
            limit: Option<u32>,
        }
        for (query, at) in
            [("limit=ada@b.example", "limit"), ("limit=-1", "limit"), ("limits=1", "limits")]
        {
            let request = Request::get(format!("/?{query}")).body(()).expect("a request");
            let (mut parts, ()) = request.into_parts();
            let read = Query::<Parameters>::from_request_parts(&mut parts, &()).await;
            let problem = read.expect_err("a problem");
            assert_eq!((problem.status, problem.errors[0].at.as_str()), (422, at));
            assert!(!problem.detail.contains('@'), "{}", problem.detail);
        }
    }
}
