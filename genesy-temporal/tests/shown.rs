//! What is known of runs without a worker, and what reaches the application's store.

mod rig;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt;
use genesy_temporal::client::{Client, ListedRun, PhoneRequest, RunKind, RunQuery, RunState};
use genesy_temporal::dev_server::DevServerOptions;
use genesy_temporal::replay::RunHistory;
use genesy_temporal::report::{Report, Reported, Reports, Sink};
use genesy_temporal::visibility::{OUTCOME, PROVIDER};
use genesy_temporal::worker::Worker;
use prost::Message;
use rig::scripted::{NUMBER, Scripted, hit, miss, plan_of, shared};
use rig::{everything, lead};
use temporalio_common::protos::temporal::api::common::v1::Payload;
use temporalio_common::protos::temporal::api::history::v1::History;
use temporalio_common::protos::temporal::api::history::v1::history_event::Attributes;

/// The runs of a query, when there are as many as a test expects: lists come late.
async fn listed(client: &Client, query: RunQuery, count: usize) -> Vec<ListedRun> {
    loop {
        let runs: Vec<_> = client.list(&query).collect().await;
        let runs: Vec<_> = runs.into_iter().map(|run| run.expect("a run")).collect();
        if runs.len() == count && runs.iter().all(|run| run.outcome.is_some()) {
            return runs;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn two_runs(client: &Client) {
    let [found, missed] =
        [("a", hit()), ("b", miss())].map(|(id, turn)| Arc::new(Scripted::new(id, turn)));
    let worker = rig::worker(client, shared(&[&found, &missed]));
    for (id, provider) in [("1", &found), ("2", &missed)] {
        let request = PhoneRequest::new(lead(id), everything(), plan_of(&[provider]));
        client.start_phone(request).await.expect("started");
        client.phone_result(&lead(id)).await.expect("a result");
    }
    worker.shutdown().await.expect("it ends");
}

#[test]
fn runs_are_listed_with_their_outcomes_when_no_worker_is_left() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let mut client = rig::client(&server).await;
        client.add_search_attributes().await.expect("they are added");
        two_runs(&client).await;
        let all = RunQuery::new(RunKind::Phone);
        let mut runs = listed(&client, all.clone().in_state(RunState::Completed), 2).await;
        runs.sort_by(|one, other| one.id.cmp(&other.id));
        let seen: Vec<_> =
            runs.iter().map(|run| (run.id.as_str(), run.outcome.as_deref())).collect();
        assert_eq!(seen, [("1", Some("found")), ("2", Some("no_data_found"))]);
        assert_eq!(runs[0].provider.as_deref(), Some("a"));
        assert!(runs.iter().all(|run| run.started < run.ended));
        let found = listed(&client, all.clone().with_outcome("found"), 1).await;
        assert_eq!(found[0].id, "1");
        let one = listed(&client, all.clone().at_most(1), 1).await;
        assert_eq!(one.len(), 1);
        let running: Vec<_> = client.list(&all.in_state(RunState::Running)).collect().await;
        assert!(running.is_empty());
        let batches: Vec<_> = client.list(&RunQuery::new(RunKind::Batch)).collect().await;
        assert!(batches.is_empty());
    });
}

/// What a run showed after its beginning: the provider and the outcome, as the history has them.
fn shown_later(history: &RunHistory) -> Vec<String> {
    let history = History::decode(history.to_bytes().as_slice()).expect("a history");
    let upserts = history.events.into_iter().filter_map(|event| match event.attributes {
        Some(Attributes::UpsertWorkflowSearchAttributesEventAttributes(upsert)) => Some(upsert),
        _ => None,
    });
    let text = |fields: &HashMap<String, Payload>, key: &str| {
        let value = fields.get(key).map(|value| String::from_utf8_lossy(&value.data).into_owned());
        value.unwrap_or_default()
    };
    upserts
        .filter_map(|upsert| upsert.search_attributes)
        .map(|of| {
            format!("{} {}", text(&of.indexed_fields, PROVIDER), text(&of.indexed_fields, OUTCOME))
        })
        .collect()
}

#[test]
fn a_run_that_ends_soon_is_shown_with_its_beginning_and_its_end_only() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let mut client = rig::client(&server).await;
        client.add_search_attributes().await.expect("they are added");
        let [a, b] =
            [("a", miss()), ("b", hit())].map(|(id, turn)| Arc::new(Scripted::new(id, turn)));
        let worker = rig::worker(&client, shared(&[&a, &b]));
        let request = PhoneRequest::new(lead("1"), everything(), plan_of(&[&a, &b]));
        client.start_phone(request).await.expect("started");
        client.phone_result(&lead("1")).await.expect("a result");
        worker.shutdown().await.expect("it ends");
        let history = client.phone_history(&lead("1")).await.expect("a history");
        assert_eq!(shown_later(&history), [r#""b" "found""#]);
        let runs = listed(&client, RunQuery::new(RunKind::Phone), 1).await;
        assert_eq!(runs[0].provider.as_deref(), Some("b"));
    });
}

#[test]
fn a_namespace_without_the_search_attributes_shows_the_same_by_the_memo() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let client = rig::client(&server).await;
        two_runs(&client).await;
        let status = client.phone_status(&lead("1")).await.expect("a status");
        assert_eq!(status.outcome.as_deref(), Some("found"));
        let runs = listed(&client, RunQuery::new(RunKind::Phone), 2).await;
        assert!(runs.iter().all(|run| run.provider.is_some()), "{runs:?}");
        let error = client.list(&RunQuery::new(RunKind::Phone).with_outcome("found")).next().await;
        assert!(error.is_some_and(|run| run.is_err()), "it cannot be searched for");
    });
}

/// A store that fails at first, as some do.
#[derive(Debug, Default)]
struct Store {
    reports: Mutex<Vec<Report>>,
    failures: Mutex<u32>,
}

#[async_trait]
impl Sink for Store {
    async fn record(&self, report: Report) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let mut failures = self.failures.lock().expect("no test panicked with it");
        if *failures < 2 {
            *failures += 1;
            return Err("not yet".into());
        }
        self.reports.lock().expect("no test panicked with it").push(report);
        Ok(())
    }
}

#[test]
fn progress_and_the_result_reach_the_store_under_keys_of_their_own() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let client = rig::client(&server).await;
        let slow = (Duration::from_secs(3), Ok(None));
        let first = Arc::new(Scripted::new("a", slow));
        let second = Arc::new(Scripted::new("b", (Duration::ZERO, Ok(Some(NUMBER)))));
        let store = Arc::new(Store::default());
        let worker = Worker::builder(&client)
            .providers(shared(&[&first, &second]))
            .sink(Arc::clone(&store) as Arc<dyn Sink>);
        let worker = worker.build().expect("a worker").start().expect("it starts");
        let mut steps = plan_of(&[&first, &second]).steps().to_vec();
        steps[0].timeout_ms = 10_000;
        let plan = genesy_core::waterfall::Plan::new(steps).expect("a plan");
        let request = PhoneRequest::new(lead("1"), everything(), plan).reporting(Reports::Progress);
        client.start_phone(request).await.expect("started");
        let result = client.phone_result(&lead("1")).await.expect("a result");
        worker.shutdown().await.expect("it ends");
        let reports = store.reports.lock().expect("no test panicked with it").clone();
        let asked: Vec<_> = reports
            .iter()
            .filter_map(|report| match &report.what {
                Reported::PhoneProgress(progress) => progress.asking.as_ref(),
                _ => None,
            })
            .map(|asking| asking.provider.as_str())
            .collect();
        assert_eq!(asked, ["a", "b"], "{reports:?}");
        let last = reports.last().expect("the result");
        assert_eq!(last.what, Reported::Phone(result));
        let mut keys: Vec<_> = reports.iter().map(|report| &report.key).collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), reports.len());
        assert_eq!(second.asked(), 1);
    });
}

/// A store that takes nothing.
#[derive(Debug, Default)]
struct Full(AtomicU32);

#[async_trait]
impl Sink for Full {
    async fn record(&self, _: Report) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Err("it is full".into())
    }
}

#[test]
fn an_end_that_no_store_takes_is_not_lost() {
    let mut skipping = DevServerOptions::default();
    skipping.skips_time = true;
    // A day of it is more than a thousand tries.
    rig::with_server_for(Duration::from_secs(600), skipping, async |server| {
        let client = rig::client(&server).await;
        let provider = Arc::new(Scripted::new("a", hit()));
        let store = Arc::new(Full::default());
        let worker = Worker::builder(&client)
            .providers(shared(&[&provider]))
            .sink(Arc::clone(&store) as Arc<dyn Sink>);
        let worker = worker.build().expect("a worker").start().expect("it starts");
        let request = PhoneRequest::new(lead("1"), everything(), plan_of(&[&provider]));
        client.start_phone(request.reporting(Reports::Results)).await.expect("started");
        let result = client.phone_result(&lead("1")).await.expect("a result");
        assert_eq!((result.outcome.name(), provider.asked()), ("found", 1));
        let asked = store.0.load(Ordering::Relaxed);
        assert!(asked > 1000, "it is tried for a day: {asked}");
        worker.shutdown().await.expect("it ends");
    });
}

#[test]
fn reports_reach_the_worker_that_has_the_store() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let client = rig::client(&server).await;
        let provider = Arc::new(Scripted::new("a", hit()));
        let worker = rig::worker(&client, shared(&[&provider]));
        let store = Arc::new(Store { failures: Mutex::new(2), ..Store::default() });
        let of_store = rig::client(&server).await;
        let of_store = Worker::builder(&of_store)
            .without_workflows()
            .sink(Arc::clone(&store) as Arc<dyn Sink>);
        let of_store = of_store.build().expect("a worker").start().expect("it starts");
        for id in 0..20 {
            let id = lead(&id.to_string());
            let request = PhoneRequest::new(id.clone(), everything(), plan_of(&[&provider]));
            client.start_phone(request.reporting(Reports::Results)).await.expect("started");
        }
        for id in 0..20 {
            client.phone_result(&lead(&id.to_string())).await.expect("a result");
        }
        assert_eq!(store.reports.lock().expect("no test panicked with it").len(), 20);
        of_store.shutdown().await.expect("it ends");
        worker.shutdown().await.expect("it ends");
    });
}

/// A store that never answers.
#[derive(Debug, Default)]
struct Hanging(AtomicU32);

#[async_trait]
impl Sink for Hanging {
    async fn record(
        &self,
        _report: Report,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        std::future::pending().await
    }
}

#[test]
fn a_worker_whose_store_hangs_ends_when_it_is_to() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let client = rig::client(&server).await;
        let provider = Arc::new(Scripted::new("a", hit()));
        let store = Arc::new(Hanging::default());
        let worker = Worker::builder(&client)
            .providers(shared(&[&provider]))
            .sink(Arc::clone(&store) as _)
            .grace(Duration::from_millis(200));
        let worker = worker.build().expect("a worker").start().expect("it starts");
        let request = PhoneRequest::new(lead("1"), everything(), plan_of(&[&provider]));
        client.start_phone(request.reporting(Reports::Results)).await.expect("started");
        rig::until(|| store.0.load(Ordering::SeqCst) > 0).await;
        worker.shutdown().await.expect("it ends");
    });
}
