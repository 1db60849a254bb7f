//! A server within the test: requests go through its router.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::Path;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use genesy_http::config::Settings;
use genesy_http::store::Store;
use genesy_http::{AppState, app};
use http_body_util::BodyExt;
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;

/// How long something may take that goes on in the background.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Server {
    pub(crate) folder: TempDir,
    pub(crate) state: AppState,
    pub(crate) router: Router,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: axum::http::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("text")
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Fails unless the answer has this status.
    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Self {
        let text = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status.as_u16(), status, "{text}");
        self
    }
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::start_with(Settings::default())
    }

    pub(crate) fn start_with(settings: Settings) -> Self {
        Self::over(tempfile::tempdir().expect("a folder"), settings)
    }

    /// A server over a folder that is there.
    pub(crate) fn over(folder: TempDir, settings: Settings) -> Self {
        let store = Store::open(folder.path()).expect("a store");
        let state =
            AppState::builder(store).settings(settings).build().expect("settings that go together");
        let router = app(state.clone());
        Self { folder, state, router }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Stops it, and gives its folder for the next one.
    pub(crate) async fn stop(self) -> TempDir {
        self.state.stop().await;
        self.state.store().close().await;
        self.folder
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.response(request).await;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a whole body").to_bytes().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) async fn response(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.expect("an answer")
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(request("GET", path).body(Body::empty()).expect("a request")).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(request("DELETE", path).body(Body::empty()).expect("a request")).await
    }

    pub(crate) async fn send_json(&self, method: &str, path: &str, body: Value) -> Answer {
        let request = request(method, path).header("content-type", "application/json");
        self.send(request.body(Body::from(body.to_string())).expect("a request")).await
    }

    pub(crate) async fn post(&self, path: &str) -> Answer {
        self.send(request("POST", path).body(Body::empty()).expect("a request")).await
    }

    /// Uploads a file, and gives the answer.
    pub(crate) async fn upload(&self, file: impl Into<Body>) -> Answer {
        let request = request("POST", "/v1/imports?file_name=leads.csv");
        self.send(request.header("content-type", "text/csv").body(file.into()).expect("a request"))
            .await
    }

    /// Uploads and imports a file; gives the import when it is done.
    pub(crate) async fn import(&self, file: impl Into<Body>) -> Value {
        let id = self.upload(file).await.is(201).json()["id"].as_i64().expect("an id");
        self.post(&format!("/v1/imports/{id}/commit")).await.is(202);
        self.wait_for(&format!("/v1/imports/{id}"), |import| import["state"] == "imported").await
    }

    /// Lets the store refuse an operation on leads, `INSERT` or `DELETE`, until what is given is dropped.
    pub(crate) fn refuse(&self, operation: &str) -> Refusing {
        let store = rusqlite::Connection::open(self.path().join("genesy.sqlite3"));
        let store = store.expect("a store");
        let trigger = format!(
            "CREATE TRIGGER refused BEFORE {operation} ON leads BEGIN SELECT RAISE(ABORT, 'no'); END"
        );
        store.execute_batch(&trigger).expect("a trigger");
        Refusing(store)
    }

    /// Waits until what stands under a path is as it should be.
    pub(crate) async fn wait_for(&self, path: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let value = self.get(path).await.is(200).json();
            if is_so(&value) {
                return value;
            }
            assert!(begun.elapsed() < PATIENCE, "{path} stays {value}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// See [`Server::refuse`].
pub(crate) struct Refusing(rusqlite::Connection);

impl Drop for Refusing {
    fn drop(&mut self) {
        self.0.execute_batch("DROP TRIGGER refused").expect("no trigger");
    }
}

pub(crate) fn request(method: &str, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path).header("host", "localhost")
}
