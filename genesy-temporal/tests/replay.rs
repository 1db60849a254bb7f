//! Stored histories are replayed, so that a change of a workflow that runs under way could not bear is seen.

#[path = "rig/mail.rs"]
#[expect(dead_code, reason = "other tests need more of it")]
mod mail;
mod rig;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use genesy_core::verification::Limits;
use genesy_core::waterfall::{LeadField, LeadInputs, Plan};
use genesy_providers::CallError;
use genesy_providers::simulated::mail::Script;
use genesy_temporal::batch::{BatchId, BatchLead, VecSource};
use genesy_temporal::client::{BatchRequest, EmailRequest, PhoneRequest};
use genesy_temporal::dev_server::DevServerOptions;
use genesy_temporal::phone::SHOWN_AFTER;
use genesy_temporal::replay::{RunHistory, check};
use genesy_temporal::worker::Worker;
use prost::Message;
use rig::scripted::{AT_ONCE, NUMBER, Scripted, failure, hit, miss, plan_of, shared};
use rig::{everything, lead};
use temporalio_common::protos::temporal::api::history::v1::History;
use temporalio_common::protos::temporal::api::history::v1::history_event::Attributes;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/histories")
}

fn stored() -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder())
        .expect("the folder of histories")
        .map(|entry| entry.expect("a file").path())
        .collect();
    files.sort();
    let read = |path: PathBuf| {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        (name, fs::read(path).expect("a history"))
    };
    files.into_iter().map(read).collect()
}

fn replayed(histories: &[(String, Vec<u8>)]) -> Vec<(usize, String)> {
    let read = |(_, bytes): &(String, Vec<u8>)| RunHistory::from_bytes(bytes).expect("a history");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(check(histories.iter().map(read).collect())).expect("they are replayed")
}

#[test]
fn stored_runs_go_on_with_this_build() {
    let stored = stored();
    assert!(stored.len() >= 12, "{}: record them", stored.len());
    let failures = replayed(&stored);
    let named: Vec<_> = failures.iter().map(|(at, why)| (&stored[*at].0, why)).collect();
    assert!(named.is_empty(), "{named:#?}");
}

#[test]
fn a_workflow_that_asks_for_something_else_is_seen() {
    let stored = stored();
    let (name, bytes) = stored.iter().find(|(name, _)| name == "found.bin").expect("it is there");
    let mut history = History::decode(bytes.as_slice()).expect("a history");
    // As if the workflow that ran then had begun with another activity than the one of this build.
    let scheduled = history.events.iter_mut().find_map(|event| match &mut event.attributes {
        Some(Attributes::ActivityTaskScheduledEventAttributes(scheduled)) => Some(scheduled),
        _ => None,
    });
    let activity = scheduled.and_then(|of| of.activity_type.as_mut()).expect("an activity");
    activity.name = "ask_somebody_else.v1".to_owned();
    let failures = replayed(&[(name.clone(), history.encode_to_vec())]);
    assert_eq!(failures.len(), 1);
    assert!(failures[0].1.contains("nondeterministic"), "{}", failures[0].1);
}

/// Records the histories anew: `cargo test -p genesy-temporal --test replay -- --ignored`. Do so when a
/// workflow gets a new version, and keep the old ones as long as runs of them may be under way.
#[test]
#[ignore = "it writes the files that the other tests read"]
fn record() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let mut client = rig::client(&server).await;
        client.add_search_attributes().await.expect("they are added");
        let throttled = CallError::Throttled { retry_after: Some(Duration::from_secs(1)) };
        let slow = (Duration::from_secs(10), Ok(Some(NUMBER)));
        let a = Arc::new(Scripted::new("a", miss()));
        let b = Arc::new(Scripted::new("b", hit()));
        let c = Arc::new(Scripted::new("c", failure()));
        let d = Arc::new(Scripted::new("d", slow));
        let e = Arc::new(Scripted::new("e", hit()).first([(AT_ONCE, Err(throttled))]));
        let f = Arc::new(Scripted::new("f", (SHOWN_AFTER, Ok(None))));
        let worker = rig::worker(&client, shared(&[&a, &b, &c, &d, &e, &f]));
        let nothing = LeadInputs::default().with(LeadField::FullName, "Ada Lovelace");
        let patient = |providers: &[&Arc<Scripted>]| {
            let mut steps = plan_of(providers).steps().to_vec();
            steps[0].timeout_ms = 20_000;
            Plan::new(steps).expect("a plan")
        };
        let runs = [
            ("found", plan_of(&[&a, &b]), everything()),
            ("no_data_found", plan_of(&[&a]), everything()),
            ("inconclusive", plan_of(&[&c, &a]), everything()),
            ("timed_out", plan_of(&[&d, &b]), everything()),
            ("throttled", plan_of(&[&e]), everything()),
            ("not_eligible", plan_of(&[&a]), nothing),
            ("shown_midway", patient(&[&f, &b]), everything()),
            ("cancelled", patient(&[&d]), everything()),
        ];
        fs::create_dir_all(folder()).expect("a folder");
        for (name, plan, inputs) in runs {
            client.start_phone(PhoneRequest::new(lead(name), inputs, plan)).await.expect("started");
            if name == "cancelled" {
                rig::until(|| d.asked() == 4).await;
                client.cancel_phone(&lead(name)).await.expect("cancelled");
            }
            let result = client.phone_result(&lead(name)).await.expect("a result");
            let history = client.phone_history(&lead(name)).await.expect("a history");
            println!("{name}: {}, {} events", result.outcome.name(), history.events());
            fs::write(folder().join(format!("{name}.bin")), history.to_bytes())
                .expect("it is written");
        }
        drop(worker);
    });
}

/// The same of verifications and of a batch.
#[test]
#[ignore = "it writes the files that the other tests read"]
fn record_others() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let mut client = rig::client(&server).await;
        client.add_search_attributes().await.expect("they are added");
        let script = Script::with_mailboxes([mail::ADA]);
        let (laboratory, _host) = mail::one_host(script);
        let a = Arc::new(Scripted::new("a", hit()));
        let leads = (0..3).map(|row| BatchLead::new(lead(&format!("row-{row}")), everything()));
        let worker = Worker::builder(&client)
            .providers(shared(&[&a]))
            .verifier(mail::verifier(&laboratory))
            .source("leads", Arc::new(VecSource::new(leads)));
        let worker = worker.build().expect("a worker").start().expect("it starts");
        let write = |name: &str, history: RunHistory| {
            println!("{name}: {} events", history.events());
            fs::write(folder().join(format!("{name}.bin")), history.to_bytes()).expect("written");
        };
        for (name, address) in [
            ("email_deliverable", mail::ADA),
            ("email_undeliverable", mail::BOB),
            ("email_syntax", "ada"),
        ] {
            let policy = mail::policy(Limits::DEFAULT);
            let request = EmailRequest::new(lead(name), address, policy);
            client.start_email(request).await.expect("started");
            client.email_result(&lead(name)).await.expect("a result");
            write(name, client.email_history(&lead(name)).await.expect("a history"));
        }
        let batch = BatchId::new("1").expect("an id");
        let request = BatchRequest::new(batch.clone(), "leads", plan_of(&[&a]));
        client.start_batch(request).await.expect("started");
        client.batch_result(&batch).await.expect("a result");
        write("batch", client.batch_history(&batch).await.expect("a history"));
        worker.shutdown().await.expect("it ends");
    });
}
