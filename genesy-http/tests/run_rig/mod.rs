//! A server over a store in a temporary folder, with simulated providers.
#![allow(dead_code, reason = "each test binary takes what it needs")]
#![allow(clippy::print_stdout, reason = "a test that is not run on Temporal says so")]

use std::path::Path;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use genesy_core::waterfall::{Budget, PhoneLookup, Plan, default_phone_plan};
use genesy_http::config::Settings;
use genesy_http::store::Store;
use genesy_http::{AppState, Mail, Outside, app};
use genesy_providers::simulated::{Options, Simulation, example_costs};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;

/// How long a test waits for something.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A server under test.
pub(crate) struct Rig {
    pub(crate) folder: TempDir,
    pub(crate) simulation: Simulation,
    pub(crate) plan: Plan<PhoneLookup>,
    pub(crate) mail: Option<Mail>,
    pub(crate) settings: Settings,
    pub(crate) server: Option<Server>,
    /// The cluster that does the work, in the tests that run on one.
    #[cfg(feature = "temporal-dev-server")]
    cluster: Option<genesy_temporal::dev_server::DevServer>,
}

/// 32 times A.
#[cfg(feature = "temporal-dev-server")]
const CODEC_KEYS: &str = "a:QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=";

/// Whether the work is done on Temporal: the same tests are compiled once for that. If there is to be no cluster, it
/// is done without, and that is said.
pub(crate) fn is_on_temporal() -> bool {
    if env!("CARGO_CRATE_NAME") != "runs_on_temporal" {
        return false;
    }
    let is_skipped = std::env::var("GENESY_TEMPORAL_TESTS").is_ok_and(|value| value == "skip");
    if is_skipped {
        println!("not on Temporal, since GENESY_TEMPORAL_TESTS=skip");
    }
    !is_skipped
}

/// What runs between two starts.
pub(crate) struct Server {
    pub(crate) state: AppState,
    pub(crate) app: Router,
}

/// A plan that waits for next to nothing between attempts.
pub(crate) fn hasty_plan() -> Plan<PhoneLookup> {
    let mut steps = example_costs(&default_phone_plan()).steps().to_vec();
    for step in &mut steps {
        step.timeout_ms = 20_000;
        step.retry.first_delay_ms = 20;
        step.retry.delay_ms_max = 40;
    }
    let budget = Budget { total_ms: 300_000, ..Budget::default() };
    Plan::new(steps).unwrap().within(budget).unwrap()
}

impl Rig {
    pub(crate) async fn new() -> Self {
        Self::with(Options { time_scale: 0.0, ..Options::default() }).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let simulation = Simulation::start(options).await.unwrap();
        Self {
            folder: tempfile::tempdir().unwrap(),
            simulation,
            plan: hasty_plan(),
            mail: None,
            settings: Settings::default(),
            server: None,
            #[cfg(feature = "temporal-dev-server")]
            cluster: None,
        }
    }

    /// Opens the store and begins to work.
    pub(crate) async fn start(&mut self) {
        let store = open(self.folder.path()).await;
        let mut outside = Outside::default();
        outside.plan = self.plan.clone();
        outside.providers = self.simulation.providers(None);
        outside.mail = self.mail.clone();
        let builder = AppState::builder(store).settings(self.settings.clone());
        #[cfg(feature = "temporal-dev-server")]
        let builder = match is_on_temporal() {
            true => builder.temporal(self.on_temporal(&outside).await),
            false => builder,
        };
        let state = builder.outside(outside).build().unwrap();
        self.server = Some(Server { app: app(state.clone()), state });
    }

    /// What does the work on a cluster of this test's own, which lives as long as the rig.
    #[cfg(feature = "temporal-dev-server")]
    async fn on_temporal(&mut self, outside: &Outside) -> genesy_http::Temporal {
        use genesy_temporal::dev_server::{DevServer, DevServerOptions};
        if self.cluster.is_none() {
            self.cluster = Some(DevServer::start(DevServerOptions::default()).await.unwrap());
        }
        let mut settings = genesy_http::config::TemporalSettings::default();
        settings.address = self.cluster_address().to_owned();
        settings.codec_keys = Some(CODEC_KEYS.to_owned().into());
        genesy_http::Temporal::connect(&settings, outside).await.unwrap()
    }

    #[cfg(feature = "temporal-dev-server")]
    pub(crate) fn cluster_address(&self) -> &str {
        self.cluster.as_ref().unwrap().address()
    }

    /// Stops in good order.
    pub(crate) async fn stop(&mut self) {
        let server = self.server.take().unwrap();
        server.state.stop().await;
        server.state.store().close().await;
    }

    pub(crate) fn app(&self) -> Router {
        self.server.as_ref().unwrap().app.clone()
    }

    /// Adds leads named by their numbers, as an import would, and gives their ids.
    pub(crate) fn add_leads(&self, leads: std::ops::Range<u64>) -> Vec<i64> {
        let mut connection = self.connection();
        let transaction = connection.transaction().unwrap();
        let mut ids = Vec::new();
        for number in leads {
            transaction
                .execute(
                    "INSERT INTO leads (first_name, last_name, email, job_title, company_domain, created_at, \
                     updated_at) VALUES (?1, ?2, ?3, 'Engineer', 'engines.example', 0, 0)",
                    ("Ada", format!("Number{number}"), format!("ada.number{number}@engines.example")),
                )
                .unwrap();
            ids.push(transaction.last_insert_rowid());
        }
        transaction.commit().unwrap();
        self.notice(&ids);
        ids
    }

    /// Takes leads into the server's lists that were written beside it.
    pub(crate) fn notice(&self, leads: &[i64]) {
        if let Some(server) = &self.server {
            server.state.store().notice(leads).unwrap();
        }
    }

    /// A connection to the database beside the server's.
    pub(crate) fn connection(&self) -> rusqlite::Connection {
        let connection =
            rusqlite::Connection::open(self.folder.path().join("genesy.sqlite3")).unwrap();
        connection.busy_timeout(PATIENCE).unwrap();
        connection
    }

    /// One value of the database.
    pub(crate) fn value<T: rusqlite::types::FromSql>(&self, sql: &str) -> T {
        self.connection().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        call(&self.app(), "GET", path, None).await
    }

    /// What a path answers, as text.
    pub(crate) async fn text(&self, path: &str) -> String {
        let request = Request::builder().uri(path).header("host", "localhost").body(Body::empty());
        let response = self.app().oneshot(request.unwrap()).await.unwrap();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    /// Waits until the metrics have this line: a run is counted once its end is stored, and may be seen before.
    pub(crate) async fn until_counted(&self, line: &str) {
        let begun = Instant::now();
        loop {
            let metrics = self.text("/metrics").await;
            if metrics.lines().any(|of| of == line) {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{line} is not in {metrics}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        call(&self.app(), "POST", path, Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> (StatusCode, Value) {
        call(&self.app(), "PATCH", path, Some(body)).await
    }

    /// Begins a job and gives its id.
    pub(crate) async fn begin(&self, path: &str, body: Value) -> i64 {
        let (status, job) = self.post(path, body).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{job}");
        job["id"].as_i64().unwrap()
    }

    /// Waits until a job has ended.
    pub(crate) async fn ended(&self, job: i64) -> Value {
        let begun = Instant::now();
        loop {
            let (_, found) = self.get(&format!("/v1/jobs/{job}")).await;
            if !found["ended_at"].is_null() {
                return found;
            }
            assert!(begun.elapsed() < PATIENCE, "it does not end: {found}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Each answered call is in the ledger once, and each request too, but for those that were cut off.
    pub(crate) fn assert_counted_once(&self) {
        let doubles: i64 = self.value(
            "SELECT count(*) FROM (SELECT 1 FROM attempts WHERE result IN ('hit', 'miss', 'rejected') \
             GROUP BY lead_id, provider HAVING count(*) > 1)",
        );
        assert_eq!(doubles, 0, "nobody is asked again for an answer given");
        let called: i64 = self.value(
            "SELECT count(*) FROM (SELECT 1 FROM events WHERE json_extract(data, '$.what') IN ('calling', 'ended') \
             GROUP BY lead_id, json_extract(data, '$.what'), json_extract(data, '$.provider'), \
             json_extract(data, '$.attempt') HAVING count(*) > 1)",
        );
        let finished: i64 = self.value(
            "SELECT count(*) FROM (SELECT 1 FROM events WHERE json_extract(data, '$.what') = 'finished' \
             GROUP BY lead_id HAVING count(*) > 1)",
        );
        assert_eq!((called, finished), (0, 0), "each step is told once");
        let ledger: i64 = self
            .value("SELECT coalesce(sum(cost_micros), 0) FROM attempts WHERE charge = 'charged'");
        let runs: i64 = self.value("SELECT sum(charged_micros) FROM runs");
        let jobs: i64 = self.value("SELECT sum(charged_micros) FROM jobs");
        assert_eq!((runs, jobs), (ledger, ledger), "costs are counted once");
        let integrity: String = self.value("PRAGMA integrity_check");
        assert_eq!(integrity, "ok");
    }

    /// Waits until something is so.
    pub(crate) async fn until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !is_so(self) {
            assert!(begun.elapsed() < PATIENCE, "waited for long: {what}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// All events that are stored, in order.
    pub(crate) fn events(&self) -> Vec<Value> {
        let connection = self.connection();
        let mut select = connection.prepare("SELECT data FROM events ORDER BY seq").unwrap();
        let events = select.query_map([], |row| row.get::<_, String>(0)).unwrap();
        events.map(|event| serde_json::from_str(&event.unwrap()).unwrap()).collect()
    }

    /// What happened to a lead, by the names of the events.
    pub(crate) fn story(&self, lead: i64) -> Vec<String> {
        let of_lead = |event: &Value| event["lead"] == json!(lead);
        let name = |event: Value| {
            let what = event["what"].as_str().unwrap_or_default();
            match event["provider"].as_str() {
                Some(provider) => format!("{what} {provider}"),
                None => what.to_owned(),
            }
        };
        self.events().into_iter().filter(of_lead).map(name).collect()
    }
}

/// Opens a store as soon as the one before has let go of it.
pub(crate) async fn open(folder: &Path) -> Store {
    let begun = Instant::now();
    loop {
        match Store::open(folder) {
            Ok(store) => return store,
            Err(error) => assert!(begun.elapsed() < PATIENCE, "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Asks a router.
pub(crate) async fn call(
    app: &Router,
    method: &str,
    path: &str,
    body: Option<Value>,
) -> (StatusCode, Value) {
    let request = Request::builder().method(method).uri(path).header("host", "localhost");
    let request = match body {
        Some(body) => {
            request.header("content-type", "application/json").body(Body::from(body.to_string()))
        }
        None => request.body(Body::empty()),
    };
    let response = app.clone().oneshot(request.unwrap()).await.unwrap();
    let status = response.status();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}
