//! What is done with a request.

use std::io;

use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::header::{ALLOW, HeaderValue};
use hyper::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use serde_json::Value;

use super::behaviour::{of_lead, refusal};
use super::fault::{Fault, RetryAfter};
use super::faulty::{self, Body, json_response, refused, too_often};
use super::lead::Lead;
use super::options::Keys;
use super::server::BASE_PATH;
use super::state::{Shared, State, TooOften};
use super::who::SimulatedProvider;

/// Bytes of a request's body at most.
const BODY_BYTES_MAX: usize = 64 * 1024;
/// What [`Fault::Slow`] multiplies latencies by.
const SLOWNESS: f64 = 10.0;

/// Answers a request.
///
/// # Errors
///
/// When the connection is to be closed without an answer.
pub(super) async fn serve(
    shared: &Shared,
    request: Request<Incoming>,
) -> io::Result<Response<Body>> {
    let Some(who) = provider_at(request.uri().path()) else {
        return Ok(refused(StatusCode::NOT_FOUND));
    };
    let state = shared.of(who);
    let running = state.begin(shared.options.keep_arrivals);
    let (head, body) = request.into_parts();
    // It is read first in any case: closing a connection with bytes unread would reset it.
    let body = match Limited::new(body, BODY_BYTES_MAX).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            return Ok(refused(StatusCode::PAYLOAD_TOO_LARGE));
        }
        Err(error) => return Err(io::Error::other(error)),
    };
    let slowness = match state.fault() {
        None => 1.0,
        Some(Fault::Slow) => SLOWNESS,
        Some(fault) => return faulty::answer(fault, who).await,
    };
    if let Err(TooOften { wait }) = running.check_limit() {
        let seconds = wait.map(|wait| wait.as_secs() + u64::from(wait.subsec_nanos() > 0));
        return Ok(too_often(seconds.map_or(RetryAfter::None, RetryAfter::Seconds)));
    }
    if head.method != Method::POST {
        let mut response = refused(StatusCode::METHOD_NOT_ALLOWED);
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
        return Ok(response);
    }
    if !has_key(&shared.options.keys, who, &head.headers, &head.uri) {
        return Ok(refused(StatusCode::UNAUTHORIZED));
    }
    Ok(answer(shared, who, state, &body, slowness).await)
}

/// The answer of a provider that has no fault, behind its latency.
async fn answer(
    shared: &Shared,
    who: SimulatedProvider,
    state: &State,
    body: &Bytes,
    slowness: f64,
) -> Response<Body> {
    let Ok(body) = serde_json::from_slice::<Value>(body) else {
        return refused(StatusCode::BAD_REQUEST);
    };
    let behaviour = match Lead::read(who, &body) {
        Ok(lead) => of_lead(shared.options.seed, who, &lead, state.count(lead.question)),
        Err(member) => refusal(member),
    };
    let latency = behaviour.latency.mul_f64(shared.options.time_scale * slowness);
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let status = StatusCode::from_u16(behaviour.status).unwrap_or_default();
    json_response(status, behaviour.body.to_string())
}

fn provider_at(path: &str) -> Option<SimulatedProvider> {
    let path = path.strip_prefix(BASE_PATH)?;
    SimulatedProvider::ALL.into_iter().find(|who| who.path() == path)
}

fn has_key(keys: &Keys, who: SimulatedProvider, headers: &HeaderMap, uri: &Uri) -> bool {
    let header = |name, key: &str| headers.get(name).is_some_and(|value| value == key);
    match who {
        SimulatedProvider::OrionConnect => header("x-auth-me", &keys.orion_connect),
        SimulatedProvider::AstraDialer => header("apikey", &keys.astra_dialer),
        SimulatedProvider::NimbusLookup => {
            let query = uri.query().unwrap_or_default();
            let mut parameters = url::form_urlencoded::parse(query.as_bytes());
            parameters.any(|(name, value)| name == "api" && *value == *keys.nimbus_lookup)
        }
    }
}
