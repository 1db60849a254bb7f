//! What stands before the handlers, through the router.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use genesy_http::config::Settings;
use genesy_http::store::Store;
use genesy_http::{AppState, app};
use http_body_util::BodyExt;
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;

const TOKEN: &str = "0123456789abcdef0123";

struct Server {
    app: Router,
    _folder: TempDir,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Server {
    fn new(settings: Settings) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).expect("a store");
        let state = AppState::builder(store).settings(settings).build();
        let app = app(state.expect("settings that go together"));
        Self { app, _folder: folder }
    }

    async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(method, path, headers, Body::empty()).await
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask(Method::GET, path, headers).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.into()).expect("a request");
        let response = self.app.clone().oneshot(request).await.expect("it never fails");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("ASCII"))
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    #[track_caller]
    fn is_problem(&self, status: u16, kind: &str) {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["type"], format!("/problems/{kind}"));
        assert_eq!(problem["status"], status);
        assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
    }
}

fn with_token() -> Settings {
    let mut settings = Settings::default();
    settings.token = Some(TOKEN.to_owned().into());
    settings
}

#[tokio::test]
async fn only_names_of_this_machine_are_answered_to() {
    let server = Server::new(Settings::default());
    for host in ["localhost", "localhost:8080", "LOCALHOST.", "127.0.0.1:1", "[::1]:8080", "[::1]"]
    {
        let answer = server.get("/v1/server", &[("host", host)]).await;
        assert_eq!(answer.status, 200, "{host}");
    }
    for host in [
        "evil.example",
        "evil.example:8080",
        "127.0.0.1.evil.example",
        "localhost@evil.example",
        "",
        "::1",
    ] {
        server.get("/v1/server", &[("host", host)]).await.is_problem(421, "wrong-host");
        server.get("/", &[("host", host)]).await.is_problem(421, "wrong-host");
    }
    let two = [("host", "localhost"), ("host", "evil.example")];
    server.get("/v1/server", &two).await.is_problem(421, "wrong-host");
    let absolute = server.get("http://evil.example/v1/server", &[("host", "localhost")]).await;
    absolute.is_problem(421, "wrong-host");
    // Probes know no name.
    assert_eq!(server.get("/readyz", &[("host", "10.0.0.7")]).await.status, 200);
}

#[tokio::test]
async fn further_names_are_answered_to_where_the_settings_say_so() {
    let mut settings = with_token();
    settings.listen = "0.0.0.0:80".parse().expect("an address");
    let anyone = Server::new(settings.clone());
    assert_eq!(anyone.get("/", &[("host", "genesy.example.com")]).await.status, 200);
    settings.allowed_hosts = vec!["Genesy.Example.com".to_owned()];
    let named = Server::new(settings);
    assert_eq!(named.get("/", &[("host", "genesy.example.com:443")]).await.status, 200);
    named.get("/", &[("host", "localhost")]).await.is_problem(421, "wrong-host");
}

#[tokio::test]
async fn pages_of_other_sites_change_nothing() {
    let server = Server::new(Settings::default());
    let host = ("host", "localhost:8080");
    for foreign in [
        ("origin", "http://evil.example"),
        ("origin", "null"),
        ("origin", "http://localhost:9999"),
        ("origin", "http://127.0.0.1:8080"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let answer = server.ask(method, "/v1/session", &[host, foreign]).await;
            answer.is_problem(403, "cross-site");
            let detail = answer.json()["detail"].to_string();
            assert!(detail.contains("proxy") && detail.contains("allowed_hosts"), "{detail}");
        }
        // They cannot read the answers either, since no header allows it.
        let answer = server.get("/v1/server", &[host, foreign]).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("access-control-allow-origin"), "");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
    }
    for own in [
        &[][..],
        &[("origin", "http://localhost:8080"), ("sec-fetch-site", "same-origin")],
        &[("sec-fetch-site", "none")],
    ] {
        let answer = server.ask(Method::POST, "/v1/session", &[&[host], own].concat()).await;
        assert_eq!(answer.status, 204, "{own:?}");
    }
    // As HTTP/2 names the host, behind a server that speaks it.
    let origin = [("origin", "https://localhost:8080")];
    let answer = server.ask(Method::POST, "https://localhost:8080/v1/session", &origin).await;
    assert_eq!(answer.status, 204);
    let answer = server.ask(Method::POST, "https://127.0.0.1:8080/v1/session", &origin).await;
    answer.is_problem(403, "cross-site");
}

#[tokio::test]
async fn data_is_given_for_the_token_alone() {
    let server = Server::new(with_token());
    for path in ["/", "/healthz", "/readyz", "/openapi.json", "/docs", "/docs/docs.js"] {
        assert_eq!(server.get(path, &[]).await.status, 200, "{path}");
    }
    for path in
        ["/v1/server", "/v1/leads", "/metrics", "/nowhere", "//v1/server", "/docs/../v1/server"]
    {
        let answer = server.get(path, &[]).await;
        if !path.starts_with("/docs/") {
            answer.is_problem(401, "unauthorized");
            assert!(answer.header("www-authenticate").starts_with("Bearer"));
        }
        assert_ne!(answer.status, 200, "{path}");
    }
    for wrong in [
        "Bearer nothing",
        "Bearer ",
        "Basic 0123456789abcdef0123",
        TOKEN,
        "Bearer 0123456789abcdef012",
    ] {
        server.get("/v1/server", &[("authorization", wrong)]).await.is_problem(401, "unauthorized");
    }
    let right = format!("bearer {TOKEN}");
    assert_eq!(server.get("/v1/server", &[("authorization", &right)]).await.status, 200);

    server.ask(Method::POST, "/v1/session", &[]).await.is_problem(401, "unauthorized");
    let session = server.ask(Method::POST, "/v1/session", &[("authorization", &right)]).await;
    let cookie = session.header("set-cookie").to_owned();
    assert!(
        cookie.contains("HttpOnly")
            && cookie.contains("SameSite=Strict")
            && !cookie.contains(TOKEN)
    );
    let cookie = format!("a=b; {}", cookie.split(';').next().expect("a value"));
    assert_eq!(server.get("/v1/server", &[("cookie", &cookie)]).await.status, 200);
    let wrong = "genesy_session_8080=AAAA";
    server.get("/v1/server", &[("cookie", wrong)]).await.is_problem(401, "unauthorized");
}

#[tokio::test]
async fn every_answer_makes_browsers_careful() {
    let server = Server::new(Settings::default());
    for path in ["/", "/v1/server", "/nowhere", "/docs", "/page/nothing"] {
        let answer = server.get(path, &[]).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
    }
    assert_eq!(server.get("/v1/server", &[]).await.header("cache-control"), "no-store");
}

#[tokio::test]
async fn paths_lead_to_no_file() {
    let server = Server::new(Settings::default());
    for path in [
        "/page/../../etc/passwd",
        "/page/..%2f..%2fetc%2fpasswd",
        "/page/%2e%2e/%2e%2e/etc/passwd",
        "/page/%2Fetc%2Fpasswd",
        "/page/index.html%00.css",
        "/page/....//etc/passwd",
        "/docs/../main.rs",
        "/docs/%2e%2e%2fmain.rs",
        "/page/%ff%fe",
    ] {
        let answer = server.get(path, &[]).await;
        assert!((400..=404).contains(&answer.status.as_u16()), "{path}: {}", answer.status);
        assert!(!String::from_utf8_lossy(&answer.body).contains("root:"), "{path}");
    }
    server.get("/nowhere", &[]).await.is_problem(404, "no-route");
    let answer = server.ask(Method::DELETE, "/v1/server", &[]).await;
    answer.is_problem(405, "no-method");
    assert!(answer.header("allow").contains("GET"));
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_back() {
    let mut settings = Settings::default();
    (settings.limits.requests_per_s, settings.limits.requests_burst) = (1, 5);
    let server = Server::new(settings);
    for _ in 0..5 {
        assert_eq!(server.get("/healthz", &[]).await.status, 200);
    }
    let answer = server.get("/healthz", &[]).await;
    answer.is_problem(429, "too-many");
    assert_eq!(answer.header("retry-after"), "1");
}

#[tokio::test]
async fn questions_are_answered_anew_whatever_their_key() {
    let server = Server::new(Settings::default());
    let headers = [("idempotency-key", "one"), ("content-type", "application/json")];
    for (path, body) in [
        ("/v1/leads/count", "{}"),
        ("/v1/leads/search", "{}"),
        ("/v1/leads/export.csv", r#"{"filter": {}}"#),
    ] {
        for _ in 0..2 {
            let answer = server.send(Method::POST, path, &headers, body).await;
            assert_eq!(answer.status, 200, "{path}");
            assert!(!answer.headers.contains_key("idempotency-replayed"), "{path} is kept");
        }
    }
    let server = Server::new(with_token());
    let bearer = format!("Bearer {TOKEN}");
    let headers = [("idempotency-key", "one"), ("authorization", &bearer)];
    for _ in 0..2 {
        let session = server.ask(Method::POST, "/v1/session", &headers).await;
        assert_eq!(session.status, 204);
        assert!(session.header("set-cookie").starts_with("genesy_session_"), "no cookie");
    }
}

#[tokio::test]
async fn clients_of_an_outer_application_are_told_apart_by_its_connections() {
    let mut settings = Settings::default();
    (settings.limits.requests_per_s, settings.limits.requests_burst) = (1, 1);
    let mut server = Server::new(settings);
    server.app = Router::new().nest("/genesy/", server.app);
    let ask = async |client: [u8; 4]| {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = "/genesy/healthz".parse().expect("a path");
        let address = SocketAddr::from((client, 4711));
        request.extensions_mut().insert(ConnectInfo(address));
        server.app.clone().oneshot(request).await.expect("it never fails").status().as_u16()
    };
    assert_eq!((ask([10, 0, 0, 1]).await, ask([10, 0, 0, 1]).await), (200, 429));
    assert_eq!(ask([10, 0, 0, 2]).await, 200, "another client");
}

#[tokio::test]
async fn settings_that_cannot_work_make_no_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let mut settings = Settings::default();
    settings.limits.requests_per_s = 0;
    let refused = AppState::builder(store).settings(settings).build().expect_err("no request");
    assert!(refused.to_string().starts_with("limits.requests_per_s is 0"), "{refused}");
}

#[tokio::test]
async fn another_application_can_nest_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let state = AppState::builder(store).settings(with_token()).build();
    let app = Router::new()
        .route("/", axum::routing::get(async || "the outer one"))
        .nest("/tools/genesy", app(state.expect("settings that go together")));
    let server = Server { app, _folder: folder };
    assert_eq!(server.get("/", &[]).await.body, b"the outer one");
    assert_eq!(server.get("/tools/genesy/healthz", &[]).await.status, 200);
    server.get("/tools/genesy/v1/server", &[]).await.is_problem(401, "unauthorized");
    let token = format!("Bearer {TOKEN}");
    let server_info = server.get("/tools/genesy/v1/server", &[("authorization", &token)]).await;
    assert_eq!(server_info.json()["version"], env!("CARGO_PKG_VERSION"));
    let document = server.get("/tools/genesy/openapi.json", &[]).await.json();
    assert_eq!(document["servers"][0]["url"], "/tools/genesy");
    let nowhere = server.get("/tools/genesy/nowhere", &[("authorization", &token)]).await;
    nowhere.is_problem(404, "no-route");
    assert_eq!(server.get("/nowhere", &[]).await.status, 404);
}

#[tokio::test]
async fn metrics_name_routes_and_no_paths() {
    let server = Server::new(Settings::default());
    server.get("/v1/leads/4711?q=ada@engines.example", &[]).await;
    server.get("/ada@engines.example", &[]).await;
    let answer = server.get("/metrics", &[]).await;
    assert!(answer.header("content-type").starts_with("text/plain; version=0.0.4"));
    let text = String::from_utf8(answer.body).expect("UTF-8");
    assert!(text.contains("method=\"GET\",route=\"/v1/leads/{id}\",status=\"404\"} 1"), "{text}");
    assert!(text.contains("route=\"none\",status=\"404\"} 1"), "{text}");
    // With the slash: a time may hold the digits.
    assert!(!text.contains("/4711") && !text.contains('@'), "{text}");
    let head = server.ask(Method::HEAD, "/", &[(header::HOST.as_str(), "localhost")]).await;
    assert!(head.status == 200 && head.body.is_empty());
}
