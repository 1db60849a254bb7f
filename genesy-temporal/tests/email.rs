//! The verification of an address, on a real server and mail hosts of this machine.

#[path = "rig/mail.rs"]
mod mail;
mod rig;

use std::time::{Duration, Instant};

use futures::StreamExt;
use genesy_core::verification::{Conclusion, Limits, Report, Stage, Undeliverable, Unknown};
use genesy_providers::simulated::mail::{RecordKind, Script, Stage as At, Trick};
use genesy_temporal::client::{Client, EmailRequest, RunState, Started};
use genesy_temporal::dev_server::DevServerOptions;
use genesy_temporal::email::{EmailOutcome, EmailResult, EmailStanding};
use genesy_temporal::report::{Reported, Reports};
use genesy_temporal::worker::Worker;
use mail::{ADA, BOB, MX, one_host, policy, start, start_process, until_stage, verifier};
use rig::lead;
use temporalio_client::{UntypedWorkflow, WorkflowFetchHistoryOptions};
use temporalio_common::protos::temporal::api::enums::v1::EventType;
use temporalio_common::protos::temporal::api::failure::v1::failure::FailureInfo;
use temporalio_common::protos::temporal::api::history::v1::HistoryEvent;
use temporalio_common::protos::temporal::api::history::v1::history_event::Attributes;

/// The test that is the worker of others.
const WORKER: &str = "worker_process";

/// A worker in a process of its own, so that it can be killed. This is no test, and is run by tests alone.
#[test]
#[ignore = "it is the worker of other tests"]
fn worker_process() {
    mail::be_a_worker();
}

fn knows_ada() -> Script {
    Script::with_mailboxes([ADA])
}

fn request(id: &str, address: &str, limits: Limits) -> EmailRequest {
    EmailRequest::new(lead(id), address, policy(limits))
}

/// What has no time for a server that hangs.
fn short(total_ms: u32) -> Limits {
    Limits { total_ms, queue_ms_max: 0, ..Limits::DEFAULT }
}

async fn begin(client: &Client, request: EmailRequest) {
    assert_eq!(client.start_email(request).await.expect("started"), Started::Running);
}

async fn result(client: &Client, id: &str) -> EmailResult {
    client.email_result(&lead(id)).await.expect("a result")
}

fn concluded(result: &EmailResult) -> &Report {
    match &result.outcome {
        EmailOutcome::Concluded(report) => report,
        other => panic!("{other:?}"),
    }
}

async fn history(raw: &temporalio_client::Client, id: &str) -> Vec<HistoryEvent> {
    let handle = raw.get_workflow_handle::<UntypedWorkflow>(id);
    let history = handle.fetch_history(WorkflowFetchHistoryOptions::default());
    history.into_events().await.expect("a history")
}

#[test]
fn a_mailbox_that_is_there_and_one_that_is_not() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let (laboratory, _host) = one_host(knows_ada());
        let mut client = rig::client(&server).await;
        client.add_search_attributes().await.expect("they are added");
        let sink = mail::kept();
        let worker =
            start(Worker::builder(&client).verifier(verifier(&laboratory)).sink(sink.clone()));
        begin(&client, request("1", ADA, Limits::DEFAULT).reporting(Reports::Results)).await;
        begin(&client, request("2", BOB, Limits::DEFAULT)).await;
        let (ada, bob) = (result(&client, "1").await, result(&client, "2").await);
        assert_eq!(concluded(&ada).conclusion, Conclusion::Deliverable);
        let gone = Undeliverable::NoSuchMailbox;
        assert_eq!(concluded(&bob).conclusion, Conclusion::Undeliverable(gone));
        // What lists show, and what the application was told.
        let status = client.email_status(&lead("2")).await.expect("a status");
        assert_eq!(status.state, RunState::Completed);
        assert_eq!(status.outcome.as_deref(), Some("undeliverable"));
        let reports = sink.all();
        assert!(matches!(&reports[..], [one] if one.what == Reported::Email(ada.clone())));
        let progress = client.email_progress(&lead("1")).await.expect("progress");
        assert_eq!(progress.standing, EmailStanding::Ended);
        assert_eq!(progress.outcome.as_deref(), Some("deliverable"));
        worker.shutdown().await.expect("it ends");
    });
}

#[test]
fn an_answer_stands_until_a_refresh_and_what_is_unknown_does_not() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let (laboratory, host) = one_host(knows_ada());
        let client = rig::client(&server).await;
        let worker = start(Worker::builder(&client).verifier(verifier(&laboratory)));
        let ada = || request("1", ADA, Limits::DEFAULT);
        begin(&client, ada()).await;
        result(&client, "1").await;
        assert_eq!(client.start_email(ada()).await.expect("asked"), Started::Answered);
        assert_eq!(host.stats().connections_total, 1);
        host.set_script(knows_ada().refuse(At::Greeting, "421 4.3.2 closing down"));
        begin(&client, ada().refresh()).await;
        assert_eq!(result(&client, "1").await.outcome.name(), "unknown");
        host.set_script(knows_ada());
        begin(&client, ada()).await;
        assert_eq!(result(&client, "1").await.outcome.name(), "deliverable");
        worker.shutdown().await.expect("it ends");
    });
}

#[test]
fn a_second_start_joins_the_run_that_is_under_way() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let (laboratory, host) = one_host(knows_ada().delay(Duration::from_millis(200)));
        let client = rig::client(&server).await;
        let worker = start(Worker::builder(&client).verifier(verifier(&laboratory)));
        for _ in 0..3 {
            begin(&client, request("1", ADA, Limits::DEFAULT)).await;
        }
        assert_eq!(result(&client, "1").await.outcome.name(), "deliverable");
        assert_eq!(host.stats().connections_total, 1);
        worker.shutdown().await.expect("it ends");
    });
}

#[test]
fn a_server_that_drips_ends_within_the_total_and_is_watched() {
    const TOTAL: Duration = Duration::from_secs(4);
    rig::with_server(DevServerOptions::default(), async |server| {
        let drip = Trick::Drip { interval: Duration::from_millis(700) };
        let (laboratory, _host) = one_host(knows_ada().trick(At::Greeting, drip));
        let client = rig::client(&server).await;
        let worker = start(Worker::builder(&client).verifier(verifier(&laboratory)));
        let began = Instant::now();
        begin(&client, request("1", ADA, short(4000))).await;
        let id = lead("1");
        let watching = || client.email_progress_stream(&id).collect::<Vec<_>>();
        let (seen, _) = tokio::join!(watching(), watching());
        let result = result(&client, "1").await;
        // The drip alone takes longer than that.
        assert!(began.elapsed() < TOTAL + Duration::from_secs(12), "{:?}", began.elapsed());
        let (stage, reason) = (Stage::Greeting, Unknown::DeadlineExceeded);
        assert_eq!(concluded(&result).conclusion, Conclusion::Unknown { stage, reason });
        // Revisions grow, the greeting was waited for, and the address is nowhere.
        let seen: Vec<_> = seen.into_iter().map(|it| it.expect("progress")).collect();
        assert!(seen.is_sorted_by(|one, next| one.revision < next.revision), "{seen:?}");
        let check = seen.iter().filter_map(|it| it.check.as_ref());
        let greeting = check.rev().find(|it| it.stage == Some(Stage::Greeting));
        let greeting = greeting.expect("it was told");
        let line = greeting.line(greeting.now, false).to_string();
        assert!(line.starts_with("waiting for the greeting of mx1.engines.example, "), "{line}");
        let stored = serde_json::to_string(&seen).expect("it is stored");
        assert!(!stored.contains("ada"), "{stored}");
        // Whoever watches, and however often, adds little to the run.
        let history = history(&rig::raw_client(&server).await, "email/1").await;
        let is_update = |event: &&HistoryEvent| {
            event.event_type() == EventType::WorkflowExecutionUpdateAccepted
        };
        assert!(history.iter().filter(is_update).count() <= 2, "{history:?}");
        worker.shutdown().await.expect("it ends");
    });
}

#[test]
fn greylisting_is_slept_through_over_a_skipped_hour() {
    const HOUR: Duration = Duration::from_secs(3600);
    let mut skipping = DevServerOptions::default();
    skipping.skips_time = true;
    rig::with_server(skipping, async |server| {
        let greylisting = "450 4.2.0 Greylisted, please try again later";
        let script = knows_ada().greylisting_says(Duration::from_millis(1), greylisting);
        let (laboratory, host) = one_host(script);
        let client = rig::client(&server).await;
        let worker = start(Worker::builder(&client).verifier(verifier(&laboratory)));
        let (greylist_ms, greylist_ms_max) = (3_600_000, 7_200_000);
        let limits = Limits { greylist_ms, greylist_ms_max, ..Limits::DEFAULT };
        let began = Instant::now();
        begin(&client, request("1", ADA, limits)).await;
        let result = result(&client, "1").await;
        assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
        let report = concluded(&result);
        assert_eq!(report.conclusion, Conclusion::Deliverable);
        assert_eq!(host.stats().connections_total, 2);
        let run = Duration::from_micros(result.ended.micros_since(result.started));
        assert!(run >= HOUR && run < HOUR + Duration::from_secs(60), "{run:?}");
        // All times are of one clock: the hour was slept, and nothing else took long.
        for (stage, us) in &report.evidence.stages_us {
            let time = Duration::from_micros(*us);
            match stage {
                Stage::Greylist => {
                    let around = HOUR - Duration::from_secs(5)..HOUR + Duration::from_secs(30);
                    assert!(around.contains(&time), "{time:?}");
                }
                stage => assert!(time < Duration::from_secs(5), "{stage:?} {time:?}"),
            }
        }
        worker.shutdown().await.expect("it ends");
    });
}

#[test]
fn a_worker_is_killed_and_another_one_goes_on_from_its_last_heartbeat() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let (laboratory, host) = one_host(knows_ada().trick(At::RcptTo, Trick::Silence));
        let client = rig::client(&server).await;
        let workflows = start(Worker::builder(&client));
        let first = start_process(WORKER, &server, &laboratory);
        begin(&client, request("1", ADA, Limits::DEFAULT)).await;
        until_stage(&client, &lead("1"), Stage::Recipient).await;
        first.kill();
        host.set_script(knows_ada());
        let second = start_process(WORKER, &server, &laboratory);
        let result = result(&client, "1").await;
        let report = concluded(&result);
        assert_eq!(report.conclusion, Conclusion::Deliverable);
        // It knew how far the first one was: the DNS was not asked again, and the session that was lost is
        // in the evidence.
        assert_eq!(laboratory.questions("engines.example", RecordKind::Mx), 1);
        let failures = report.evidence.connections.iter().map(|it| it.failure.map(|of| of.stage));
        assert_eq!(failures.collect::<Vec<_>>(), [Some(Stage::Recipient), None]);
        second.kill();
        workflows.shutdown().await.expect("it ends");
    });
}

#[test]
fn when_no_worker_follows_one_that_was_killed_the_machine_says_where_it_was() {
    const WORKER_TIME_MAX: Duration = Duration::from_secs(6);
    rig::with_server(DevServerOptions::default(), async |server| {
        let (laboratory, _host) = one_host(knows_ada().trick(At::RcptTo, Trick::Silence));
        let client = rig::client(&server).await;
        let workflows = start(Worker::builder(&client));
        let worker = start_process(WORKER, &server, &laboratory);
        let request = request("1", ADA, short(10_000)).worker_time_max(WORKER_TIME_MAX);
        let began = Instant::now();
        begin(&client, request).await;
        until_stage(&client, &lead("1"), Stage::Recipient).await;
        worker.kill();
        let result = result(&client, "1").await;
        let time_max = Duration::from_secs(10) + WORKER_TIME_MAX + Duration::from_secs(10);
        assert!(began.elapsed() < time_max, "{:?}", began.elapsed());
        let EmailOutcome::WorkersLost(report) = &result.outcome else { panic!("{result:?}") };
        let (stage, reason) = (Stage::Recipient, Unknown::DeadlineExceeded);
        assert_eq!(report.conclusion, Conclusion::Unknown { stage, reason });
        assert_eq!(report.evidence.hosts, [MX]);
        workflows.shutdown().await.expect("it ends");
    });
}

#[test]
fn a_worker_that_shuts_down_hands_its_verification_on() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let (laboratory, host) = one_host(knows_ada().trick(At::RcptTo, Trick::Silence));
        let client = rig::client(&server).await;
        let workflows = start(Worker::builder(&client));
        let mail_worker = async |grace| {
            let client = rig::client(&server).await;
            let worker = Worker::builder(&client).without_workflows().grace(grace);
            start(worker.verifier(verifier(&laboratory)))
        };
        let first = mail_worker(Duration::from_millis(100)).await;
        begin(&client, request("1", ADA, Limits::DEFAULT)).await;
        until_stage(&client, &lead("1"), Stage::Recipient).await;
        host.set_script(knows_ada());
        first.shutdown().await.expect("it ends");
        let second = mail_worker(Duration::from_millis(100)).await;
        let result = result(&client, "1").await;
        assert_eq!(concluded(&result).conclusion, Conclusion::Deliverable);
        // It did not have to be missed.
        for event in history(&rig::raw_client(&server).await, "email/1").await {
            assert_ne!(event.event_type(), EventType::ActivityTaskTimedOut);
            let Some(Attributes::ActivityTaskStartedEventAttributes(of)) = event.attributes else {
                continue;
            };
            let before = of.last_failure.and_then(|failure| failure.failure_info);
            assert!(!matches!(before, Some(FailureInfo::TimeoutFailureInfo(_))), "{before:?}");
        }
        assert_eq!(laboratory.questions("engines.example", RecordKind::Mx), 1);
        second.shutdown().await.expect("it ends");
        workflows.shutdown().await.expect("it ends");
    });
}

#[test]
fn without_a_worker_of_the_mail_queue_that_is_said() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let mut client = rig::client(&server).await;
        client.add_search_attributes().await.expect("they are added");
        let workflows = start(Worker::builder(&client));
        let waits = |id| request(id, ADA, Limits::DEFAULT).worker_time_max(Duration::from_secs(1));
        let began = Instant::now();
        begin(&client, waits("1")).await;
        assert_eq!(result(&client, "1").await.outcome, EmailOutcome::NoWorker);
        // Without this limit it would be a minute.
        assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
        let status = client.email_status(&lead("1")).await.expect("a status");
        assert_eq!(status.outcome.as_deref(), Some("no_worker"));
        // That is no answer.
        begin(&client, waits("1")).await;
        // What is no address needs none.
        begin(&client, request("2", "no address", Limits::DEFAULT)).await;
        assert_eq!(result(&client, "2").await.outcome.name(), "undeliverable");
        workflows.shutdown().await.expect("it ends");
    });
}

#[test]
fn cancelled_in_the_middle_it_ends_with_what_was_found_out() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let (laboratory, host) = one_host(knows_ada().trick(At::Greeting, Trick::Silence));
        let client = rig::client(&server).await;
        let sink = mail::kept();
        let worker =
            start(Worker::builder(&client).verifier(verifier(&laboratory)).sink(sink.clone()));
        begin(&client, request("1", ADA, Limits::DEFAULT).reporting(Reports::Results)).await;
        until_stage(&client, &lead("1"), Stage::Greeting).await;
        let cancelled = Instant::now();
        client.cancel_email(&lead("1")).await.expect("it is cancelled");
        let result = result(&client, "1").await;
        // The greeting would be waited for longer than that.
        assert!(cancelled.elapsed() < Duration::from_secs(8), "{:?}", cancelled.elapsed());
        let report = concluded(&result);
        let (stage, reason) = (Stage::Greeting, Unknown::Cancelled);
        assert_eq!(report.conclusion, Conclusion::Unknown { stage, reason });
        assert_eq!(report.evidence.hosts, [MX]);
        assert_eq!(report.evidence.connections.len(), 1);
        assert_eq!(sink.all().len(), 1, "that is reported, too");
        while host.stats().connections_now > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        worker.shutdown().await.expect("it ends");
    });
}

#[test]
fn cancelled_while_it_sleeps_or_waits_for_a_worker() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let (laboratory, _host) = one_host(knows_ada().greylisting(Duration::from_secs(600)));
        let client = rig::client(&server).await;
        let workflows = start(Worker::builder(&client));
        begin(&client, request("1", ADA, Limits::DEFAULT)).await;
        client.wait_email_progress(&lead("1"), 0).await.expect("progress");
        client.cancel_email(&lead("1")).await.expect("it is cancelled");
        let (stage, reason) = (Stage::Dns, Unknown::Cancelled);
        let expected = Conclusion::Unknown { stage, reason };
        assert_eq!(concluded(&result(&client, "1").await).conclusion, expected);

        let mail_client = rig::client(&server).await;
        let worker = Worker::builder(&mail_client).without_workflows();
        let worker = start(worker.verifier(verifier(&laboratory)));
        begin(&client, request("2", ADA, Limits::DEFAULT)).await;
        mail::until_it_sleeps(&client, &lead("2")).await;
        client.cancel_email(&lead("2")).await.expect("it is cancelled");
        let result = result(&client, "2").await;
        let report = concluded(&result);
        let (stage, reason) = (Stage::Greylist, Unknown::Cancelled);
        assert_eq!(report.conclusion, Conclusion::Unknown { stage, reason });
        assert_eq!(report.evidence.reply.as_ref().map(|reply| reply.code), Some(450));
        worker.shutdown().await.expect("it ends");
        workflows.shutdown().await.expect("it ends");
    });
}

#[test]
fn an_input_that_cannot_be_read_fails_its_run_and_is_not_tried_for_ever() {
    use temporalio_client::{WorkflowGetResultOptions, WorkflowStartOptions};
    use temporalio_common::data_converters::RawValue;
    use temporalio_common::protos::temporal::api::common::v1::Payload;

    rig::with_server(DevServerOptions::default(), async |server| {
        let client = rig::client(&server).await;
        let worker = start(Worker::builder(&client));
        let raw = rig::raw_client(&server).await;
        let json = |text: &str| Payload {
            metadata: [("encoding".to_owned(), b"json/plain".to_vec())].into(),
            data: text.as_bytes().to_vec(),
            ..Payload::default()
        };
        let inputs = [vec![json(r#"{"lead":"1","address":7,"policy":"secret"}"#)], Vec::new()];
        for (place, payloads) in inputs.into_iter().enumerate() {
            let options = WorkflowStartOptions::new("genesy", format!("poison/{place}")).build();
            let workflow = UntypedWorkflow::new("email_verification.v1");
            let handle = raw.start_workflow(workflow, RawValue::new(payloads), options).await;
            let handle = handle.expect("started");
            let failed = handle.get_result(WorkflowGetResultOptions::default()).await;
            let text = format!("{:?}", failed.expect_err("it fails"));
            assert!(text.contains("the input cannot be read"), "{text}");
            assert!(!text.contains("secret"), "{text}");
        }
        worker.shutdown().await.expect("it ends");
    });
}

#[test]
fn the_history_of_a_verification_is_small() {
    use temporalio_common::protos::temporal::api::history::v1::history_event::Attributes;

    const EVENTS_MAX: usize = 15;
    const INPUT_BYTES_MAX: usize = 2048;
    const HEARTBEAT_BYTES_MAX: usize = 2048;

    rig::with_server(DevServerOptions::default(), async |server| {
        let script = knows_ada().trick_at(At::RcptTo, 2, Trick::Silence);
        let (laboratory, _host) = one_host(script);
        let mut client = rig::client(&server).await;
        client.add_search_attributes().await.expect("they are added");
        let worker = start(Worker::builder(&client).verifier(verifier(&laboratory)));
        begin(&client, request("1", ADA, Limits::DEFAULT)).await;
        // Looking from outside adds nothing to it.
        let raw = rig::raw_client(&server).await;
        let handle = raw.get_workflow_handle::<UntypedWorkflow>("email/1");
        let mut heartbeat_bytes = 0;
        while heartbeat_bytes == 0
            || client.email_status(&lead("1")).await.expect("a status").ended.is_none()
        {
            let described = handle.describe(Default::default()).await.expect("a description");
            let pending = described.raw().pending_activities.first();
            let beat = pending.and_then(|it| it.heartbeat_details.as_ref());
            heartbeat_bytes = beat.map_or(heartbeat_bytes, |it| it.payloads[0].data.len());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(result(&client, "1").await.outcome.name(), "deliverable");
        let history = history(&raw, "email/1").await;
        let payloads = history.iter().filter_map(|event| match &event.attributes {
            Some(Attributes::WorkflowExecutionStartedEventAttributes(of)) => of.input.as_ref(),
            Some(Attributes::ActivityTaskScheduledEventAttributes(of)) => of.input.as_ref(),
            Some(Attributes::WorkflowExecutionCompletedEventAttributes(of)) => of.result.as_ref(),
            _ => None,
        });
        let bytes: Vec<_> = payloads.map(|of| of.payloads[0].data.len()).collect();
        let [input, question, result] = bytes[..] else { panic!("{bytes:?}") };
        let events = history.len();
        println!(
            "{events} events; bytes: input {input}, activity {question}, result {result}, heartbeat {heartbeat_bytes}"
        );
        assert!(events <= EVENTS_MAX, "{events}");
        assert!(input <= INPUT_BYTES_MAX, "{input}");
        assert!(heartbeat_bytes <= HEARTBEAT_BYTES_MAX, "{heartbeat_bytes}");
        worker.shutdown().await.expect("it ends");
    });
}
