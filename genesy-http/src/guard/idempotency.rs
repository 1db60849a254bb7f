//! A post that is sent again with the same Idempotency-Key is done once, and answered the same.
//!
//! What is kept: the keyed hashes of the key and of the request, and the answer. Answers of the server's own
//! faults are not kept, so that the request can be sent again. A request that a crash cut off may be
//! sent again, too.

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use genesy_core::time::Timestamp;
use http_body_util::{BodyExt, Limited};
use ring::digest;
use rusqlite::OptionalExtension;

use crate::clock::Time;
use crate::extract;
use crate::problem::Problem;
use crate::state::AppState;
use crate::store::{Store, StoreError};

/// Bytes of a request, and of an answer that is kept, at most.
pub(super) const KEPT_BYTES_MAX: usize = extract::JSON_BYTES_MAX;
/// How long answers are kept, in microseconds: 24 hours.
const KEPT_US: u64 = 24 * 3600 * 1_000_000;
/// Bytes of a key at most.
const KEY_BYTES_MAX: usize = 255;
/// Uploads are streamed, and their handler keeps the key itself.
const UPLOAD_PATH: &str = "/v1/imports";
/// The header.
pub(crate) const HEADER: &str = "idempotency-key";
/// Says that an answer was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// The headers of an answer that are kept.
const KEPT_HEADERS: [HeaderName; 2] = [header::CONTENT_TYPE, header::LOCATION];

/// A request that names a key.
struct Keyed {
    /// The hash of the key.
    key: String,
    path: String,
    /// The hash of all that it asks.
    request: [u8; 32],
}

/// What is known of a key.
enum Known {
    /// Nothing: the request is to be done, and is noted as under way.
    New,
    /// It is under way.
    Running,
    /// Another request has it.
    Other,
    /// It was done.
    Done(Kept),
}

struct Kept {
    status: u16,
    /// Pairs of names and values.
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// Does a post with a key once.
pub(super) async fn answer_once(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    if request.method() != Method::POST || path == UPLOAD_PATH {
        return next.run(request).await;
    }
    let Some(key) = request.headers().get(HEADER).cloned() else { return next.run(request).await };
    keyed(&state, &key, request, next).await.unwrap_or_else(IntoResponse::into_response)
}

async fn keyed(
    state: &AppState,
    key: &HeaderValue,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let fits = |key: &&str| (1..=KEY_BYTES_MAX).contains(&key.len());
    let key = key.to_str().ok().filter(fits).ok_or_else(|| {
        let detail = format!("expected 1 to {KEY_BYTES_MAX} visible characters of ASCII");
        Problem::invalid("Idempotency-Key", detail)
    })?;
    let (parts, body) = request.into_parts();
    let body = extract::read(body, KEPT_BYTES_MAX).await?;
    let store = state.store();
    let keyed = Keyed::new(store, key, &parts, &body);
    match keyed.begin(store).await? {
        Known::New => {}
        Known::Running => {
            return Err(Problem::conflict(
                "the request with this Idempotency-Key is under way: ask again in a moment",
            ));
        }
        Known::Other => {
            let detail = "another request has this key: use a new one for each request";
            return Err(Problem::invalid("Idempotency-Key", detail));
        }
        Known::Done(kept) => return Ok(kept.response()),
    }
    // It is done to its end even if the client goes: the answer is there when it comes again.
    let (store, request) = (store.clone(), Request::from_parts(parts, Body::from(body)));
    let doing = tokio::spawn(async move {
        let response = next.run(request).await;
        keyed.end(&store, response).await
    });
    match doing.await {
        Ok(response) => Ok(response?),
        // Within the task nothing else catches it.
        Err(_) => Err(Problem::internal()),
    }
}

impl Keyed {
    fn new(store: &Store, key: &str, parts: &Parts, body: &Bytes) -> Self {
        let kind = parts.headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
        let query = parts.uri.query().unwrap_or_default();
        let mut whole = digest::Context::new(&digest::SHA256);
        for part in [kind, b"\n", query.as_bytes(), b"\n", body] {
            whole.update(part);
        }
        Self {
            key: hex(&store.hash(key)),
            path: parts.uri.path().to_owned(),
            // Under the store's key, since a digest alone of a short request can be guessed.
            request: store.hash(&hex(whole.finish().as_ref())),
        }
    }

    async fn begin(&self, store: &Store) -> Result<Known, StoreError> {
        let (key, path, request) = (self.key.clone(), self.path.clone(), self.request);
        let now = Time::now();
        let known = store.write(move |store| {
            let row = store
                .prepare_cached(
                    "SELECT request_hash, status, headers, body FROM idempotency WHERE key = ?1 AND route = ?2",
                )?
                .query_row((&key, &path), |row| {
                    Ok((
                        row.get::<_, [u8; 32]>(0)?,
                        row.get::<_, Option<u16>>(1)?,
                        row.get::<_, Option<String>>(2)?,
                        row.get::<_, Option<Vec<u8>>>(3)?,
                    ))
                })
                .optional()?;
            let Some((known, status, headers, body)) = row else {
                let insert = "INSERT INTO idempotency (key, route, request_hash, created_at) \
                    VALUES (?1, ?2, ?3, ?4)";
                store.execute(insert, (&key, &path, request, now))?;
                return Ok(Known::New);
            };
            if known != request {
                return Ok(Known::Other);
            }
            let Some(status) = status else { return Ok(Known::Running) };
            let headers = serde_json::from_str(&headers.unwrap_or_default()).unwrap_or_default();
            Ok(Known::Done(Kept { status, headers, body: body.unwrap_or_default() }))
        });
        known.await
    }

    /// Keeps the answer, or forgets the request if it is one that is not kept.
    async fn end(self, store: &Store, response: Response) -> Result<Response, Problem> {
        let (parts, body) = response.into_parts();
        let is_final = !parts.status.is_server_error()
            && ![StatusCode::CONFLICT, StatusCode::REQUEST_TIMEOUT].contains(&parts.status);
        let body = match Limited::new(body, KEPT_BYTES_MAX).collect().await {
            Ok(body) if is_final => body.to_bytes(),
            Ok(body) => {
                self.forget(store).await?;
                return Ok(Response::from_parts(parts, Body::from(body.to_bytes())));
            }
            Err(_) => {
                self.forget(store).await?;
                return Err(Problem::internal());
            }
        };
        let headers: Vec<_> = KEPT_HEADERS
            .iter()
            .filter_map(|name| Some((name.as_str(), parts.headers.get(name)?.to_str().ok()?)))
            .collect();
        let headers = serde_json::to_string(&headers).unwrap_or_default();
        let (status, kept) = (parts.status.as_u16(), body.clone());
        let update = "UPDATE idempotency SET status = ?3, headers = ?4, body = ?5 \
            WHERE key = ?1 AND route = ?2";
        store
            .write(move |store| {
                store.execute(update, (self.key, self.path, status, headers, &kept[..]))
            })
            .await?;
        Ok(Response::from_parts(parts, Body::from(body)))
    }

    async fn forget(self, store: &Store) -> Result<(), StoreError> {
        let delete = "DELETE FROM idempotency WHERE key = ?1 AND route = ?2";
        store.write(move |store| store.execute(delete, (self.key, self.path))).await.map(drop)
    }
}

impl Kept {
    fn response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        for (name, value) in self.headers {
            if let (Ok(name), Ok(value)) =
                (HeaderName::try_from(name), HeaderValue::try_from(value))
            {
                response.headers_mut().insert(name, value);
            }
        }
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        response
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Forgets old answers; at the start also the requests that the end of the process cut off.
pub(crate) async fn sweep(store: &Store, is_start: bool) -> Result<(), StoreError> {
    let oldest = Time::from(Timestamp::from_micros(
        Time::now().timestamp().as_micros().saturating_sub(KEPT_US),
    ));
    let delete = "DELETE FROM idempotency WHERE created_at < ?1 OR (?2 AND status IS NULL)";
    store.write(move |store| store.execute(delete, (oldest, is_start))).await.map(drop)
}
