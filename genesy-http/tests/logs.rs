//! No personal data in logs and metrics: every route is asked with some, and leads are imported, verified and
//! searched, while all log lines are read.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use genesy_core::verification::{Identity, Policy};
use genesy_http::store::Store;
use genesy_http::{AppState, Mail, Outside, app};
use genesy_providers::mail::{Egress, ResolverOptions, Verifier};
use genesy_providers::simulated::mail::{Laboratory, Script};
use genesy_providers::simulated::{Options, Simulation};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;
use tracing_subscriber::fmt::MakeWriter;

/// How long runs may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// What a person is known by, in any part of a request.
const EMAIL: &str = "ada.quillfeather@engines.example";
const CSV: &str = "First name,Last name,Email,Company,Website,Phone\n\
    Ada,Quillfeather,ada.quillfeather@engines.example,Engines,engines.example,+34 612 345 678\n\
    Charles,Wobblethorpe,charles@engines.example,Engines,engines.example,\n\
    Grace,Harkenwold,grace(at)engines,Engines,engines.example,not a number\n";
/// What no log line has: none of it is a word of the program.
const PERSONAL: [&str; 7] =
    ["@", "%40", "quillfeather", "wobblethorpe", "harkenwold", "612 345", "612345678"];
/// What is a part of a text, and of nothing that is shown.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Lines {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

struct Client(Router);

impl Client {
    async fn send(&self, method: &str, path: &str, kind: &str, body: &str) -> (StatusCode, String) {
        let request = Request::builder()
            .method(method.to_uppercase().as_str())
            .uri(path)
            .header("content-type", kind)
            .header("user-agent", EMAIL)
            .header("referer", format!("http://localhost/{EMAIL}"))
            .header("last-event-id", EMAIL)
            .body(Body::from(body.to_owned()))
            .expect("a request");
        let response = self.0.clone().oneshot(request).await.expect("an answer");
        let status = response.status();
        // Events have no end.
        let body = tokio::time::timeout(Duration::from_millis(500), response.into_body().collect());
        let body = match body.await {
            Ok(body) => body.expect("a body").to_bytes().to_vec(),
            Err(_) => Vec::new(),
        };
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    async fn json(&self, method: &str, path: &str, body: &Value) -> Value {
        let (status, text) = self.send(method, path, "application/json", &body.to_string()).await;
        assert!(status.is_success(), "{method} {path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Reads this until the field has the value.
    async fn wait(&self, path: &str, field: &str, value: &str) -> Value {
        let begun = Instant::now();
        loop {
            let json = self.json("get", path, &Value::Null).await;
            if json[field] == value {
                return json;
            }
            assert!(begun.elapsed() < PATIENCE, "{path}: {json}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Asks for everything, with personal data wherever a value goes.
async fn ask_everything(client: &Client, document: &Value) -> usize {
    let mut asked = 0;
    for (path, item) in document["paths"].as_object().expect("paths") {
        for method in METHODS.iter().filter(|method| item.get(**method).is_some()) {
            for value in ["ada.quillfeather%40engines.example", "1", "%2B34612345678"] {
                let mut filled = String::new();
                for (index, part) in path.split(['{', '}']).enumerate() {
                    filled.push_str(if index % 2 == 0 { part } else { value });
                }
                let names = ["q", "cursor", "email", "file_name", "country", "ids", "sort"];
                let query: Vec<_> = names.iter().map(|name| format!("{name}={value}")).collect();
                for query in [query.join("&"), format!("q={value}")] {
                    let whole = format!("{filled}?{query}");
                    let body = json!({ "email": EMAIL, "selection": EMAIL, "kind": "email", "value": EMAIL });
                    client.send(method, &whole, "application/json", &body.to_string()).await;
                    client.send(method, &whole, "application/json", EMAIL).await;
                    client.send(method, &whole, "text/csv", CSV).await;
                    asked += 3;
                }
            }
        }
    }
    asked
}

async fn outside(simulation: &Simulation, laboratory: &Laboratory) -> Outside {
    laboratory.host("mx.engines.example", Script::with_mailboxes([EMAIL])).expect("a host");
    laboratory.domain("engines.example").mx(10, "mx.engines.example");
    let policy = Policy::new(Identity::new("verifier.example", "").expect("an identity"));
    let resolver =
        ResolverOptions { name_servers: vec![laboratory.dns()], ..ResolverOptions::default() };
    let verifier = Verifier::builder(policy)
        .resolver(resolver)
        .port(laboratory.smtp_port())
        .egress(Egress::default().allow("127.0.0.0/8".parse().expect("a network")))
        .build()
        .expect("a verifier");
    let mut outside = Outside::default();
    outside.providers = simulation.providers(None);
    outside.mail = Some(Mail::new(verifier));
    outside
}

#[tokio::test(flavor = "multi_thread")]
async fn no_log_line_and_no_metric_names_anybody() {
    let lines = Lines::default();
    tracing_subscriber::fmt()
        .with_env_filter("debug,genesy_http=trace,genesy_providers=trace")
        .with_ansi(false)
        // Its digits may be any.
        .without_time()
        .with_writer(lines.clone())
        .init();
    let simulation = Simulation::start(Options { time_scale: 0.0, ..Options::default() });
    let (simulation, laboratory) = (simulation.await.expect("it starts"), Laboratory::start());
    let outside = outside(&simulation, laboratory.as_ref().expect("it starts")).await;
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let state =
        AppState::builder(store).outside(outside).build().expect("settings that go together");
    let client = Client(app(state.clone()));

    let (_, document) = client.send("get", "/openapi.json", "", "").await;
    let document: Value = serde_json::from_str(&document).expect("JSON");
    let (status, import) =
        client.send("post", "/v1/imports?file_name=leads.csv", "text/csv", CSV).await;
    assert_eq!(status, 201, "{import}");
    let import: Value = serde_json::from_str(&import).expect("JSON");
    let import = format!("/v1/imports/{}", import["id"]);
    client.json("get", &format!("{import}/preview"), &Value::Null).await;
    client.json("post", &format!("{import}/commit"), &json!({})).await;
    client.wait(&import, "state", "imported").await;
    for kind in ["phone-lookups", "email-verifications"] {
        let job = client
            .json("post", &format!("/v1/{kind}"), &json!({ "selection": { "filter": {} } }))
            .await;
        client.wait(&format!("/v1/jobs/{}", job["id"]), "state", "done").await;
    }
    let (_, leads) = client.send("get", "/v1/leads", "", "").await;
    assert!(leads.to_lowercase().contains("quillfeather"), "there is nothing to be told: {leads}");
    let asked = ask_everything(&client, &document).await;
    let (_, metrics) = client.send("get", "/metrics", "", "").await;
    state.stop().await;

    let text = lines.text();
    let requests = text.lines().filter(|line| line.contains("genesy_http::guard::record")).count();
    assert!(requests > asked, "{requests} of {asked} requests are in the log");
    for line in text.lines().chain(metrics.lines()) {
        let lower = line.to_lowercase();
        for word in PERSONAL {
            assert!(!lower.contains(word), "{word}: {line}");
        }
    }
}
