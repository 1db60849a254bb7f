//! A post that is sent again with the same Idempotency-Key is done once, and answered the same: even if what it
//! made is deleted since, since a late retry must not make it again.
//!
//! What is kept: the keyed hashes of the key and of the request, and the answer. Answers of the server's own
//! faults are not kept, so that the request can be sent again. A request that a crash cut off may be
//! sent again, too.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use genesy_core::time::Timestamp;
use http_body_util::{BodyExt, Limited};
use ring::digest;
use rusqlite::{OptionalExtension, Transaction};

use crate::clock::Time;
use crate::extract;
use crate::problem::Problem;
use crate::state::AppState;
use crate::store::hash::hex;
use crate::store::{Store, StoreError};

/// Bytes of a request, and of an answer that is kept, at most.
pub(super) const KEPT_BYTES_MAX: usize = extract::JSON_BYTES_MAX;
/// How long answers are kept, in microseconds: 24 hours.
const KEPT_US: u64 = 24 * 3600 * 1_000_000;
/// Bytes of a key at most.
const KEY_BYTES_MAX: usize = 255;
/// Uploads are streamed: there the key alone names the file.
pub(super) const UPLOAD_PATH: &str = "/v1/imports";
/// They change nothing, and their answers are many leads, or a cookie, which is not kept: they are answered anew
/// each time.
pub(crate) const QUESTION_PATHS: [&str; 4] =
    ["/v1/leads/count", "/v1/leads/search", "/v1/leads/export.csv", "/v1/session"];
/// When to ask again for an answer that is not there yet, in seconds.
const RETRY_S: u32 = 1;
/// The wait before it is tried again to note how a request ended.
const STORE_PAUSE: Duration = Duration::from_secs(1);
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
    /// A file that did not come to its end is sent again.
    is_upload: bool,
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
    let Some(key) = request.headers().get(HEADER) else { return next.run(request).await };
    if request.method() != Method::POST || QUESTION_PATHS.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    let is_ours = |key: &&str| {
        (1..=KEY_BYTES_MAX).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let Some(key) = key.to_str().ok().filter(is_ours).map(str::to_owned) else {
        let detail = format!("expected 1 to {KEY_BYTES_MAX} visible characters of ASCII");
        return Problem::invalid("Idempotency-Key", detail).into_response();
    };
    keyed(&state, &key, request, next).await.unwrap_or_else(IntoResponse::into_response)
}

async fn keyed(
    state: &AppState,
    key: &str,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let is_upload = parts.uri.path() == UPLOAD_PATH;
    let (body, said) = if is_upload {
        (body, Bytes::new())
    } else {
        let said = extract::read(body, KEPT_BYTES_MAX).await?;
        (Body::from(said.clone()), said)
    };
    let keyed = Keyed { is_upload, ..Keyed::new(state.store(), key, &parts, &said) };
    let request = Request::from_parts(parts, body);
    keyed.answer(state.store(), request, next).await
}

impl Keyed {
    fn new(store: &Store, key: &str, parts: &Parts, body: &Bytes) -> Self {
        let kind = parts.headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
        let query = parts.uri.query().unwrap_or_default();
        let mut whole = digest::Context::new(&digest::SHA256);
        for part in [kind, b"\n", query.as_bytes(), b"\n", body] {
            whole.update(part);
        }
        let hash = |text: &str| store.hasher().hash(text.as_bytes());
        Self {
            key: hex(&hash(key)),
            path: parts.uri.path().to_owned(),
            // Under the store's key, since a digest alone of a short request can be guessed.
            request: hash(&hex(whole.finish().as_ref())),
            is_upload: false,
        }
    }

    async fn answer(
        self,
        store: &Store,
        request: Request,
        next: Next,
    ) -> Result<Response, Problem> {
        match self.begin(store).await? {
            Known::New => {}
            Known::Running => {
                let detail =
                    "the request with this Idempotency-Key is under way: ask again in a moment";
                let title = "The same request is under way";
                let problem = Problem::new(StatusCode::CONFLICT, "under-way", title, detail);
                let mut response = problem.into_response();
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_S));
                return Ok(response);
            }
            Known::Other => {
                let detail = "another request has this key: use a new one for each request";
                return Err(Problem::invalid("Idempotency-Key", detail));
            }
            Known::Done(kept) => return Ok(kept.response()),
        }
        // A panic must not leave it noted as under way.
        match AssertUnwindSafe(next.run(request)).catch_unwind().await {
            Ok(response) => self.end(store, response).await,
            Err(_) => {
                self.forget(store).await;
                Err(Problem::internal())
            }
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
        let is_final = parts.status.is_success()
            || !self.is_upload
                && !parts.status.is_server_error()
                && ![StatusCode::CONFLICT, StatusCode::REQUEST_TIMEOUT].contains(&parts.status);
        let body = match Limited::new(body, KEPT_BYTES_MAX).collect().await {
            Ok(body) if is_final => body.to_bytes(),
            Ok(body) => {
                self.forget(store).await;
                return Ok(Response::from_parts(parts, Body::from(body.to_bytes())));
            }
            Err(error) => {
                tracing::error!(error, path = self.path, "an answer cannot be kept");
                self.forget(store).await;
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
        settle(store, move |store| {
            store.execute(update, (&self.key, &self.path, status, &headers, &kept[..]))
        })
        .await;
        Ok(Response::from_parts(parts, Body::from(body)))
    }

    async fn forget(self, store: &Store) {
        let delete = "DELETE FROM idempotency WHERE key = ?1 AND route = ?2";
        settle(store, move |store| store.execute(delete, (&self.key, &self.path))).await;
    }
}

/// Notes how a request ended; behind its answer, if the store does not work now. It was done, and must not be said
/// to be under way until the answer is too old.
async fn settle(
    store: &Store,
    note: impl Fn(&Transaction<'_>) -> rusqlite::Result<usize> + Clone + Send + 'static,
) {
    let Err(error) = store.write(note.clone()).await else { return };
    tracing::error!(%error, "the end of a request is not noted yet");
    let store = store.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(STORE_PAUSE).await;
            // Where it is closed, the next start forgets the request.
            if matches!(store.write(note.clone()).await, Ok(_) | Err(StoreError::Closed)) {
                return;
            }
        }
    });
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

/// Forgets old answers, and the requests that the end of an earlier process cut off: those from before this
/// one began.
pub(crate) async fn sweep(store: &Store, begun: Time) -> Result<(), StoreError> {
    let now = Time::now().timestamp().as_micros();
    let oldest = Time::from(Timestamp::from_micros(now.saturating_sub(KEPT_US)));
    let delete = "DELETE FROM idempotency \
        WHERE created_at < ?1 OR (status IS NULL AND created_at < ?2)";
    store.write(move |store| store.execute(delete, (oldest, begun))).await.map(drop)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU16, Ordering};

    use axum::Router;
    use axum::routing::post;
    use tokio::sync::Semaphore;
    use tower::ServiceExt;

    use super::*;
    use crate::guard::guarded;

    /// An application that counts how often it is asked.
    struct Counting {
        app: Router,
        state: AppState,
        asked: Arc<AtomicU16>,
        /// Requests of `/slow` take one each before they are answered.
        permits: Arc<Semaphore>,
        _folder: tempfile::TempDir,
    }

    impl Counting {
        fn new() -> Self {
            let folder = tempfile::tempdir().expect("a folder");
            let state = AppState::builder(Store::open(folder.path()).expect("a store")).build();
            let state = state.expect("settings that go together");
            let (asked, permits) = (Arc::new(AtomicU16::new(0)), Arc::new(Semaphore::new(0)));
            let count = {
                let asked = Arc::clone(&asked);
                move || asked.fetch_add(1, Ordering::SeqCst) + 1
            };
            let place = move |number: u16| {
                ([(header::LOCATION, format!("/things/{number}"))], number.to_string())
            };
            let made = {
                let count = count.clone();
                post(async move || (StatusCode::ACCEPTED, place(count())))
            };
            let failing = {
                let count = count.clone();
                post(async move || {
                    count();
                    Problem::internal()
                })
            };
            let slow = {
                let permits = Arc::clone(&permits);
                post(async move || {
                    let number = count();
                    permits.acquire().await.expect("open").forget();
                    number.to_string()
                })
            };
            let app =
                Router::new().route("/made", made).route("/failing", failing).route("/slow", slow);
            let app = guarded(app, &state).with_state(state.clone());
            Self { app, state, asked, permits, _folder: folder }
        }

        async fn post(&self, path: &str, key: &str, body: &'static str) -> Response {
            let request = Request::post(path).header(HEADER, key).body(Body::from(body));
            self.app.clone().oneshot(request.expect("a request")).await.expect("an answer")
        }

        fn asked(&self) -> u16 {
            self.asked.load(Ordering::SeqCst)
        }
    }

    async fn text(response: Response) -> String {
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        String::from_utf8(body.to_vec()).expect("UTF-8")
    }

    #[tokio::test]
    async fn the_same_request_is_done_once_and_answered_the_same() {
        let app = Counting::new();
        for is_again in [false, true, true] {
            let response = app.post("/made", "one", "{}").await;
            assert_eq!(response.status(), 202);
            assert_eq!(response.headers()[header::LOCATION], "/things/1");
            assert_eq!(response.headers().contains_key(REPLAYED), is_again);
            assert_eq!(text(response).await, "1");
        }
        assert_eq!(app.post("/made", "one", "[]").await.status(), 422, "another body");
        assert_eq!(app.post("/made?a=b", "one", "{}").await.status(), 422, "another query");
        assert_eq!(app.asked(), 1);
        assert_eq!(text(app.post("/made", "two", "{}").await).await, "2");
        assert_eq!(app.post("/made", "", "{}").await.status(), 422);
        assert_eq!(app.post("/made", &"x".repeat(256), "{}").await.status(), 422);
    }

    #[tokio::test]
    async fn what_is_under_way_is_not_begun_again_even_if_the_client_goes() {
        let app = Counting::new();
        let gone =
            tokio::time::timeout(Duration::from_millis(50), app.post("/slow", "one", "")).await;
        assert!(gone.is_err(), "it was answered");
        while app.asked() == 0 {
            tokio::task::yield_now().await;
        }
        let meanwhile =
            futures_util::future::join_all((0..8).map(|_| app.post("/slow", "one", ""))).await;
        assert!(meanwhile.iter().all(|response| response.status() == 409));
        assert_eq!(meanwhile[0].headers()["retry-after"], "1");
        let problem = text(meanwhile.into_iter().next().expect("eight")).await;
        assert!(problem.contains("/problems/under-way"), "{problem}");
        app.permits.add_permits(1);
        let answer = loop {
            let response = app.post("/slow", "one", "").await;
            if response.status() != 409 {
                break response;
            }
            tokio::task::yield_now().await;
        };
        assert_eq!((answer.status().as_u16(), text(answer).await.as_str()), (200, "1"));
        assert_eq!(app.asked(), 1);
    }

    #[tokio::test]
    async fn what_changes_something_is_done_even_if_the_client_goes() {
        let app = Counting::new();
        let request = Request::post("/slow").body(Body::empty()).expect("a request");
        let asking = app.app.clone().oneshot(request);
        let gone = tokio::time::timeout(Duration::from_millis(50), asking).await;
        assert!(gone.is_err() && app.asked() == 1 && app.permits.available_permits() == 0);
        app.permits.add_permits(1);
        // It takes the permit that nobody else is there to take.
        while app.permits.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn an_end_that_could_not_be_noted_is_noted_later() {
        let app = Counting::new();
        let turn =
            |sql: &'static str| app.state.store().write(move |store| store.execute_batch(sql));
        let refuse = "CREATE TEMP TRIGGER refuse BEFORE UPDATE ON main.idempotency \
            BEGIN SELECT RAISE(ABORT, 'no'); END";
        turn(refuse).await.expect("a trigger");
        let response = app.post("/made", "one", "").await;
        assert_eq!((response.status().as_u16(), text(response).await.as_str()), (202, "1"));
        assert_eq!(app.post("/made", "one", "").await.status(), 409);
        turn("DROP TRIGGER refuse").await.expect("no trigger");
        let again = loop {
            let response = app.post("/made", "one", "").await;
            if response.status() != 409 {
                break response;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        assert_eq!((again.status().as_u16(), text(again).await.as_str()), (202, "1"));
        assert_eq!(app.asked(), 1);
    }

    #[tokio::test]
    async fn faults_of_the_server_are_not_kept() {
        let app = Counting::new();
        assert_eq!(app.post("/failing", "one", "").await.status(), 500);
        assert_eq!(app.post("/failing", "one", "").await.status(), 500);
        assert_eq!(app.asked(), 2);
    }

    #[tokio::test]
    async fn a_start_forgets_what_the_end_cut_off() {
        let app = Counting::new();
        let cut_off = Keyed {
            key: "k".to_owned(),
            path: "/made".to_owned(),
            request: [1; 32],
            is_upload: false,
        };
        assert!(matches!(cut_off.begin(app.state.store()).await, Ok(Known::New)));
        assert!(matches!(cut_off.begin(app.state.store()).await, Ok(Known::Running)));
        sweep(app.state.store(), Time::from(Timestamp::from_micros(0)))
            .await
            .expect("it is written");
        assert!(matches!(cut_off.begin(app.state.store()).await, Ok(Known::Running)));
        tokio::time::sleep(Duration::from_millis(2)).await;
        sweep(app.state.store(), Time::now()).await.expect("it is written");
        assert!(matches!(cut_off.begin(app.state.store()).await, Ok(Known::New)));
    }
}
