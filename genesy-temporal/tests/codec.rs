//! Encryption: what the server stores, and what is read of it.

mod raw;
mod rig;

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures::StreamExt;
use genesy_core::waterfall::{
    AttemptResult, FoundPhone, LeadField, LeadFields, LeadInputs, Outcome, PhoneCountries,
    PhoneLookup, PhoneRule, Plan, ProviderId, RetryPolicy,
};
use genesy_providers::driver::LeadId;
use genesy_providers::{Answer, Ask, CallError, Description, Provider};
use genesy_temporal::batch::{BatchEnd, BatchId, BatchLead, VecSource};
use genesy_temporal::client::{
    BatchRequest, Client, ClientError, ClientOptions, PhoneRequest, RunKind, RunQuery, RunState,
};
use genesy_temporal::codec::{Codec, CodecError, Keys};
use genesy_temporal::dev_server::{DevServer, DevServerOptions};
use genesy_temporal::report::{Report, Reports, Sink};
use genesy_temporal::worker::{RunningWorker, Worker};
use tokio::sync::Notify;

/// 32 times A and 32 times B.
const KEY_A: &str = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=";
const KEY_B: &str = "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI=";

/// What is personal, as it may show, and the keys.
const SECRETS: [&str; 9] = [
    "Zoë",
    "Müller",
    "münchen",
    "Geschäftsführerin",
    "34612345678",
    "612 34 56 78",
    "612345678",
    KEY_A,
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
];

/// Fails once, and then does what it is told.
#[derive(Debug)]
struct Scripted {
    description: Description,
    calls: AtomicU32,
    then: Then,
}

#[derive(Debug)]
enum Then {
    /// Answers with a phone as soon as it is let.
    Answers { asked: Notify, may: Notify },
    /// Keeps its thread for longer than an attempt may take, as a worker that hangs.
    Hangs(Duration),
}

impl Scripted {
    fn new(then: Then) -> Arc<Self> {
        let id = ProviderId::new("scripted").expect("a name");
        let requires = LeadFields::of(&[LeadField::FullName, LeadField::Email]);
        let description = Description::new(id, requires, 300);
        Arc::new(Self { description, calls: AtomicU32::new(0), then })
    }

    fn plan(&self) -> Plan<PhoneLookup> {
        let mut step = self.description.step::<PhoneLookup>(PhoneRule::default());
        step.timeout_ms = if matches!(self.then, Then::Hangs(_)) { 100 } else { 30_000 };
        step.retry = RetryPolicy { attempts_max: 2, first_delay_ms: 20, ..RetryPolicy::default() };
        Plan::new(vec![step]).expect("a plan")
    }
}

#[async_trait]
impl Provider<PhoneLookup> for Scripted {
    fn description(&self) -> &Description {
        &self.description
    }

    async fn call(&self, _: &Ask) -> Result<Answer<FoundPhone>, CallError> {
        if self.calls.fetch_add(1, Ordering::SeqCst) == 0 {
            return Err(CallError::Retryable { reason: "status 500".into(), retry_after: None });
        }
        match &self.then {
            Then::Answers { asked, may } => {
                asked.notify_one();
                may.notified().await;
                may.notify_one();
            }
            Then::Hangs(time) => std::thread::sleep(*time),
        }
        let phone = FoundPhone::read("+34 612 34 56 78", &PhoneCountries::default());
        Ok(Answer::new(Some(phone)))
    }
}

/// Cannot store the first report, and says more of it than it should.
#[derive(Debug, Default)]
struct Careless {
    calls: AtomicU32,
}

#[async_trait]
impl Sink for Careless {
    async fn record(&self, _: Report) -> Result<(), Box<dyn Error + Send + Sync>> {
        match self.calls.fetch_add(1, Ordering::SeqCst) {
            0 => Err("no room for Zoë Müller, +34612345678".into()),
            _ => Ok(()),
        }
    }
}

fn inputs() -> LeadInputs {
    LeadInputs::default()
        .with(LeadField::FullName, "Zoë Müller")
        .with(LeadField::Email, "zoë@münchen.example")
        .with(LeadField::JobTitle, "Geschäftsführerin")
}

async fn client(server: &DevServer, keys: &str) -> Client {
    let mut options = ClientOptions::new(server.address());
    options.rpc_time_max = Duration::from_secs(5);
    if !keys.is_empty() {
        options.codec = Some(Codec::new(keys.parse::<Keys>().expect("keys")));
    }
    Client::connect(options).await.expect("a client")
}

fn worker(client: &Client, provider: &Arc<Scripted>) -> RunningWorker {
    let builder = Worker::builder(client)
        .providers([Arc::clone(provider) as Arc<dyn Provider<PhoneLookup>>])
        .sink(Arc::new(Careless::default()))
        .grace(Duration::from_secs(1));
    builder.build().expect("a worker").start().expect("it starts")
}

fn request(lead: &LeadId, provider: &Scripted) -> PhoneRequest {
    PhoneRequest::new(lead.clone(), inputs(), provider.plan()).reporting(Reports::Results)
}

fn answers() -> Arc<Scripted> {
    let provider = Scripted::new(Then::Answers { asked: Notify::new(), may: Notify::new() });
    release(&provider);
    provider
}

fn release(provider: &Scripted) {
    if let Then::Answers { may, .. } = &provider.then {
        may.notify_one();
    }
}

fn results(result: &genesy_temporal::phone::PhoneResult) -> Vec<AttemptResult> {
    result.ledger.iter().map(|attempt| attempt.result).collect()
}

fn assert_hidden(bytes: &[u8], what: &str) {
    for secret in SECRETS {
        assert!(!raw::holds(bytes, secret), "{secret} shows in the {what}");
    }
}

#[test]
fn the_server_sees_nothing_of_a_person() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let mut client = client(&server, &format!("a:{KEY_A}")).await;
        client.add_search_attributes().await.expect("they are added");
        let provider = Scripted::new(Then::Answers { asked: Notify::new(), may: Notify::new() });
        let worker = worker(&client, &provider);
        let lead = rig::lead("17");
        client.start_phone(request(&lead, &provider)).await.expect("started");
        if let Then::Answers { asked, .. } = &provider.then {
            asked.notified().await;
        }
        // The heartbeat of the second attempt has the first one in it.
        let began = Instant::now();
        let pending = loop {
            let pending = raw::describe(&server, "phone/17").await;
            let is_there = pending.pending_activities.iter().any(|of| {
                of.heartbeat_details.as_ref().is_some_and(|details| !details.payloads.is_empty())
            });
            if is_there {
                break pending;
            }
            assert!(began.elapsed() < Duration::from_secs(10), "no heartbeat: {pending:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        assert_hidden(&raw::bytes(&pending), "description of what is under way");
        let status = client.phone_status(&lead).await.expect("a status");
        assert_eq!(status.pending[0].attempt, 2);
        release(&provider);
        let result = client.phone_result(&lead).await.expect("a result");
        assert!(matches!(result.outcome, Outcome::Found(_)), "{result:?}");
        // The first attempt is known by the heartbeat that the second one read.
        assert_eq!(results(&result), [AttemptResult::Failed, AttemptResult::Hit]);
        let history = raw::history(&server, "phone/17").await;
        assert!(raw::holds(&history, "binary/encrypted"));
        assert!(!raw::holds(&history, "json/plain\x12\x01{"), "a plain object");
        assert_hidden(&history, "history");
        assert_hidden(&raw::bytes(&raw::describe(&server, "phone/17").await), "description");
        let progress = client.phone_progress(&lead).await.expect("progress");
        assert_eq!(progress.outcome.as_deref(), Some("found"));
        worker.shutdown().await.expect("it ends");
    });
}

#[test]
fn without_a_codec_all_of_it_is_found_by_this_search() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let client = client(&server, "").await;
        let provider = answers();
        let worker = worker(&client, &provider);
        let lead = rig::lead("17");
        client.start_phone(request(&lead, &provider)).await.expect("started");
        client.phone_result(&lead).await.expect("a result");
        let history = raw::history(&server, "phone/17").await;
        for secret in &SECRETS[..6] {
            assert!(raw::holds(&history, secret), "{secret} is there to be found");
        }
        // And a client with a codec reads what is plain.
        let later = self::client(&server, &format!("a:{KEY_A}")).await;
        assert!(later.phone_result(&lead).await.is_ok());
        worker.shutdown().await.expect("it ends");
    });
}

#[test]
fn a_lost_attempt_is_known_by_its_last_heartbeat() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let client = client(&server, &format!("a:{KEY_A}")).await;
        let provider = Scripted::new(Then::Hangs(Duration::from_secs(3)));
        let worker = worker(&client, &provider);
        let lead = rig::lead("17");
        client.start_phone(request(&lead, &provider)).await.expect("started");
        let result = client.phone_result(&lead).await.expect("a result");
        assert_eq!(result.outcome.name(), "inconclusive");
        assert_eq!(results(&result), [AttemptResult::Failed, AttemptResult::Interrupted]);
        assert_hidden(&raw::history(&server, "phone/17").await, "history");
        // It took long enough to be noted in the memo: that cannot be read without the key, the rest can.
        let none = self::client(&server, "").await;
        for (client, outcome) in [(&client, Some("inconclusive")), (&none, None)] {
            let status = client.phone_status(&lead).await.expect("a status");
            assert_eq!((status.state, status.outcome.as_deref()), (RunState::Completed, outcome));
        }
        let listed: Vec<_> = none.list(&RunQuery::new(RunKind::Phone)).collect().await;
        assert!(listed.iter().all(Result::is_ok), "{listed:?}");
        worker.shutdown().await.expect("it ends");
    });
}

#[test]
fn a_key_is_rotated_and_old_results_are_read() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let first = client(&server, &format!("a:{KEY_A}")).await;
        let provider = answers();
        let worker = worker(&first, &provider);
        let old = rig::lead("old");
        first.start_phone(request(&old, &provider)).await.expect("started");
        let expected = first.phone_result(&old).await.expect("a result");
        worker.shutdown().await.expect("it ends");

        let rotated = client(&server, &format!("b:{KEY_B}\na:{KEY_A}")).await;
        assert_eq!(rotated.phone_result(&old).await, Ok(expected));
        let worker = self::worker(&rotated, &provider);
        let new = rig::lead("new");
        rotated.start_phone(request(&new, &provider)).await.expect("started");
        rotated.phone_result(&new).await.expect("a result");
        let id = |id: &str| format!("encryption-key-id\x12\x01{id}");
        let history = raw::history(&server, "phone/new").await;
        assert!(raw::holds(&history, &id("b")) && !raw::holds(&history, &id("a")));
        // The worker with both keys answers for a run of the old one.
        assert!(rotated.phone_progress(&old).await.is_ok());

        let unknown = |id: &str| ClientError::Codec(CodecError::UnknownKey { id: id.to_owned() });
        let none = client(&server, "").await;
        for (client, lead, id) in [(&first, &new, "b"), (&none, &new, "b"), (&none, &old, "a")] {
            let error = client.phone_result(lead).await.expect_err("no key");
            assert_eq!(error, unknown(id));
            assert!(error.to_string().contains("add it"), "{error}");
            // That it has ended is seen without any key.
            assert_eq!(client.phone_status(lead).await.map(|of| of.state), Ok(RunState::Completed));
        }
        worker.shutdown().await.expect("it ends");
    });
}

#[test]
fn why_a_batch_cannot_be_read_is_said() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let client = client(&server, &format!("a:{KEY_A}")).await;
        let source = VecSource::new(vec![BatchLead::new(rig::lead("1"), LeadInputs::default())]);
        let worker = Worker::builder(&client).source("leads", Arc::new(source)).build();
        let worker = worker.expect("a worker").start().expect("it starts");
        let batch = BatchId::new("1").expect("an id");
        let request = BatchRequest::new(batch.clone(), "leads", rig::plan());
        client.start_batch(request).await.expect("started");
        client.batch_result(&batch).await.expect("a result");

        let without = self::client(&server, "").await;
        let unknown = ClientError::Codec(CodecError::UnknownKey { id: "a".to_owned() });
        assert_eq!(without.batch_result(&batch).await, Err(unknown.clone()));
        assert_eq!(without.batch_progress(&batch).await, Err(unknown));
        let other = BatchId::new("2").expect("an id");
        let nowhere = ClientError::NoBatch { batch: other.clone() };
        assert_eq!(client.batch_result(&other).await, Err(nowhere.clone()));
        assert_eq!(client.cancel_batch(&other).await, Err(nowhere));
        worker.shutdown().await.expect("it ends");
    });
}

#[test]
fn a_batch_names_the_lead_whose_earlier_result_cannot_be_read() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let first = client(&server, &format!("a:{KEY_A}")).await;
        let provider = answers();
        let worker = worker(&first, &provider);
        let [old, new] = ["old", "new"].map(rig::lead);
        first.start_phone(request(&old, &provider)).await.expect("started");
        first.phone_result(&old).await.expect("a result");
        worker.shutdown().await.expect("it ends");

        // The old key was left out.
        let second = client(&server, &format!("b:{KEY_B}")).await;
        let leads = [&old, &new].map(|lead| BatchLead::new(lead.clone(), inputs()));
        let worker = Worker::builder(&second)
            .providers([Arc::clone(&provider) as Arc<dyn Provider<PhoneLookup>>])
            .source("leads", Arc::new(VecSource::new(leads)));
        let worker = worker.build().expect("a worker").start().expect("it starts");
        let batch = BatchId::new("1").expect("an id");
        second
            .start_batch(BatchRequest::new(batch.clone(), "leads", provider.plan()))
            .await
            .expect("started");
        let result = second.batch_result(&batch).await.expect("a result");
        assert_eq!((result.end, result.counts.found, result.counts.failed), (BatchEnd::Done, 1, 1));
        assert_eq!((&result.unfinished[0].lead, result.unfinished.len()), (&old, 1));
        worker.shutdown().await.expect("it ends");
    });
}

#[test]
fn a_worker_without_the_key_loses_nothing() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let client = client(&server, &format!("a:{KEY_A}")).await;
        let without = self::client(&server, "").await;
        let provider = answers();
        let worker = worker(&without, &provider);
        let lead = rig::lead("17");
        client.start_phone(request(&lead, &provider)).await.expect("started");
        let message = "encrypted with the key \"a\", which is not among the codec's keys";
        let began = Instant::now();
        while !raw::holds(&raw::history(&server, "phone/17").await, message) {
            assert!(began.elapsed() < Duration::from_secs(10), "the reason is not in the history");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        worker.shutdown().await.expect("it ends");
        let worker = self::worker(&client, &provider);
        let result = client.phone_result(&lead).await.expect("a result");
        assert!(matches!(result.outcome, Outcome::Found(_)), "{result:?}");
        worker.shutdown().await.expect("it ends");
    });
}
