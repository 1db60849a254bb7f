//! The answers of providers that something is wrong with, and all bodies but the usual one.

use std::io;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt};
use http_body_util::{Either, Full, StreamBody};
use hyper::body::Frame;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, LOCATION, RETRY_AFTER};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};

use super::fault::{Fault, RetryAfter};
use super::who::SimulatedProvider;

/// The body of an answer: whole, or in pieces.
pub(super) type Body = Either<Full<Bytes>, StreamBody<BoxStream<'static, Piece>>>;
type Piece = io::Result<Frame<Bytes>>;

/// Bytes of [`Fault::Huge`].
const HUGE_BYTES: usize = 10 << 20;
/// Bytes of a piece of [`Fault::Endless`].
const PIECE_BYTES: usize = 4096;
/// The wait between pieces. It leaves time to send what came before.
const PIECE_WAIT: Duration = Duration::from_millis(1);
/// No text in UTF-8, and so no JSON.
const RUBBISH: &[u8] = b"\xFF\xFE<html>We will be back soon</html>\x00";

/// The answer of a provider with a fault. [`Fault::Slow`] is none of these: it answers as usual.
///
/// # Errors
///
/// When the connection is to be closed instead.
pub(super) async fn answer(fault: Fault, who: SimulatedProvider) -> io::Result<Response<Body>> {
    Ok(match fault {
        Fault::Down => return Err(io::ErrorKind::ConnectionAborted.into()),
        Fault::Silent => std::future::pending().await,
        Fault::Error | Fault::Slow => refused(StatusCode::INTERNAL_SERVER_ERROR),
        Fault::Throttled { retry_after } => too_often(retry_after),
        Fault::Unauthorized => refused(StatusCode::UNAUTHORIZED),
        Fault::Forbidden => refused(StatusCode::FORBIDDEN),
        Fault::Rubbish => json_response(StatusCode::OK, Bytes::from_static(RUBBISH)),
        Fault::HalfAnswer => half(&usual(who)),
        Fault::Endless => pieces(endless().boxed()),
        Fault::Huge => json_response(StatusCode::OK, huge(&usual(who))),
        Fault::WrongType => json_response(StatusCode::OK, wrong_type(who).to_string()),
        Fault::Redirect { to } => redirect(&to),
    })
}

/// A refusal that says nothing but its status.
pub(super) fn refused(status: StatusCode) -> Response<Body> {
    let reason = status.canonical_reason().unwrap_or_default();
    json_response(status, json!({ "error": reason }).to_string())
}

/// A whole answer.
pub(super) fn json_response(status: StatusCode, body: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Either::Left(Full::new(body.into())));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

/// The answer 429.
pub(super) fn too_often(retry_after: RetryAfter) -> Response<Body> {
    let mut response = refused(StatusCode::TOO_MANY_REQUESTS);
    let header = match retry_after {
        RetryAfter::None => None,
        RetryAfter::Seconds(seconds) => Some(HeaderValue::from(seconds)),
        RetryAfter::Date(seconds) => {
            let at = SystemTime::now().checked_add(Duration::from_secs(seconds.min(DATE_MAX)));
            at.and_then(|at| HeaderValue::from_str(&httpdate::fmt_http_date(at)).ok())
        }
    };
    if let Some(header) = header {
        response.headers_mut().insert(RETRY_AFTER, header);
    }
    response
}

/// The furthest date, in seconds from now: HTTP dates end with the year 9999.
const DATE_MAX: u64 = 7000 * 365 * 86_400;

fn redirect(to: &str) -> Response<Body> {
    let Ok(to) = HeaderValue::from_str(to) else {
        return refused(StatusCode::INTERNAL_SERVER_ERROR);
    };
    let mut response = refused(StatusCode::TEMPORARY_REDIRECT);
    response.headers_mut().insert(LOCATION, to);
    response
}

fn pieces(body: BoxStream<'static, Piece>) -> Response<Body> {
    let mut response = json_response(StatusCode::OK, Bytes::new());
    *response.body_mut() = Either::Right(StreamBody::new(body));
    response
}

/// An answer that ends in the middle.
fn half(answer: &str) -> Response<Body> {
    let first = Bytes::copy_from_slice(&answer.as_bytes()[..answer.len() / 2]);
    let end = stream::once(async {
        tokio::time::sleep(PIECE_WAIT).await;
        Err(io::ErrorKind::ConnectionAborted.into())
    });
    let mut response = pieces(stream::iter([Ok(Frame::data(first))]).chain(end).boxed());
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(answer.len()));
    response
}

/// A text in JSON whose end never comes.
fn endless() -> impl stream::Stream<Item = Piece> + Send {
    let first = Bytes::from_static(b"{\"phone\": \"");
    let piece = Bytes::from(vec![b'0'; PIECE_BYTES]);
    stream::unfold(first, move |this| {
        let next = piece.clone();
        async move {
            tokio::time::sleep(PIECE_WAIT).await;
            Some((Ok(Frame::data(this)), next))
        }
    })
}

/// The answer with one more member, a long one.
fn huge(answer: &str) -> Vec<u8> {
    let mut body = Vec::with_capacity(HUGE_BYTES);
    body.extend_from_slice(answer.trim_end_matches('}').as_bytes());
    body.extend_from_slice(b",\"padding\":\"");
    body.resize(HUGE_BYTES - 2, b'x');
    body.extend_from_slice(b"\"}");
    body
}

/// A hit as the provider writes it.
fn usual(who: SimulatedProvider) -> String {
    let answer = match who {
        SimulatedProvider::OrionConnect => json!({"phone": "+12025550123"}),
        SimulatedProvider::AstraDialer => json!({"phoneNmbr": "2025550123"}),
        SimulatedProvider::NimbusLookup => json!({"number": 2_025_550_123_u64, "countryCode": "1"}),
    };
    answer.to_string()
}

fn wrong_type(who: SimulatedProvider) -> Value {
    match who {
        SimulatedProvider::OrionConnect => json!({"phone": {"x": []}}),
        SimulatedProvider::AstraDialer => json!({"phoneNmbr": {"x": []}}),
        SimulatedProvider::NimbusLookup => json!({"number": {"x": []}, "countryCode": []}),
    }
}
