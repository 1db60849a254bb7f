//! The waterfall of a lead, on a real server.

mod rig;

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt;
use genesy_core::waterfall::{
    AttemptResult, LeadField, LeadInputs, Outcome, PhoneLookup, Plan, SkipReason,
};
use genesy_providers::{CallError, RateLimit};
use genesy_temporal::client::{Client, ClientError, PhoneRequest, RunState, Started};
use genesy_temporal::dev_server::{DevServer, DevServerOptions};
use genesy_temporal::phone::{PhoneResult, TOLD_AFTER};
use genesy_temporal::worker::Worker;
use rig::scripted::{AT_ONCE, FOR_EVER, NUMBER, Scripted, failure, hit, miss, plan_of, shared};
use rig::{everything, lead};

/// A server, a client and a worker with these providers; the result of one lead.
async fn run(server: &DevServer, providers: &[&Arc<Scripted>]) -> (Client, PhoneResult) {
    let client = rig::client(server).await;
    let worker = rig::worker(&client, shared(providers));
    let request = PhoneRequest::new(lead("17"), everything(), plan_of(providers));
    assert_eq!(client.start_phone(request).await.expect("started"), Started::Running);
    let result = client.phone_result(&lead("17")).await.expect("a result");
    worker.shutdown().await.expect("it ends");
    (client, result)
}

/// The same plan, for a provider that takes seconds.
fn patient(plan: &Plan<PhoneLookup>) -> Plan<PhoneLookup> {
    let mut steps = plan.steps().to_vec();
    steps.iter_mut().for_each(|step| step.timeout_ms = 30_000);
    Plan::new(steps).expect("a plan")
}

fn results(result: &PhoneResult) -> Vec<AttemptResult> {
    result.ledger.iter().map(|attempt| attempt.result).collect()
}

#[test]
fn providers_are_asked_in_order_and_the_first_hit_ends_it() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let [first, second, third] = [("a", miss()), ("b", hit()), ("c", hit())]
            .map(|(id, turn)| Arc::new(Scripted::new(id, turn)));
        let (_, result) = run(&server, &[&first, &second, &third]).await;
        let Outcome::Found(found) = &result.outcome else { panic!("{result:?}") };
        assert_eq!(found.provider.as_str(), "b");
        assert_eq!(found.value.e164.as_ref().map(|of| of.reveal().as_str()), Some(NUMBER));
        assert_eq!(results(&result), [AttemptResult::Miss, AttemptResult::Hit]);
        assert_eq!([first.asked(), second.asked(), third.asked()], [1, 1, 0]);
        assert!(first.calls()[0].0 < second.calls()[0].0);
    });
}

#[test]
fn a_provider_whose_inputs_the_lead_lacks_is_skipped() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let first = Arc::new(Scripted::new("a", hit()));
        let client = rig::client(&server).await;
        let worker = rig::worker(&client, shared(&[&first]));
        let inputs = LeadInputs::default().with(LeadField::FullName, "Ada Lovelace");
        let request = PhoneRequest::new(lead("1"), inputs, plan_of(&[&first]));
        client.start_phone(request).await.expect("started");
        let result = client.phone_result(&lead("1")).await.expect("a result");
        assert_eq!(result.outcome, Outcome::NotEligible);
        assert!(matches!(result.skips[0].reason, SkipReason::MissingFields(_)));
        assert_eq!(first.asked(), 0);
        worker.shutdown().await.expect("it ends");
    });
}

#[test]
fn a_failing_provider_is_asked_three_times_at_growing_intervals() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let [first, second] =
            [("a", failure()), ("b", miss())].map(|(id, turn)| Arc::new(Scripted::new(id, turn)));
        let (_, result) = run(&server, &[&first, &second]).await;
        assert_eq!(result.outcome, Outcome::Inconclusive, "one of them could not be asked");
        let failed = AttemptResult::Failed;
        assert_eq!(results(&result), [failed, failed, failed, AttemptResult::Miss]);
        let gaps = first.gaps();
        assert!(gaps[0] >= Duration::from_millis(250) && gaps[1] >= Duration::from_millis(500));
        assert!(gaps[0] < Duration::from_secs(3), "{gaps:?}");
        let keys: Vec<_> = first.calls().into_iter().map(|(_, ask)| ask.idempotency_key).collect();
        assert!(keys.iter().all(|key| *key == keys[0]), "the same for all attempts");
        assert_ne!(keys[0], second.calls()[0].1.idempotency_key);
    });
}

#[test]
fn a_provider_that_hangs_is_given_up() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let first = Arc::new(Scripted::new("a", hit()).first([(FOR_EVER, Ok(None))]));
        let (_, result) = run(&server, &[&first]).await;
        assert_eq!(results(&result), [AttemptResult::TimedOut, AttemptResult::Hit]);
        let took_us = result.ledger[0].took_us;
        assert!((500_000..10_000_000).contains(&took_us), "{took_us}");
    });
}

#[test]
fn an_input_that_a_provider_rejects_is_not_sent_again() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let rejected = (AT_ONCE, Err(CallError::Rejected { reason: "400".into() }));
        let [first, second] =
            [("a", rejected), ("b", miss())].map(|(id, turn)| Arc::new(Scripted::new(id, turn)));
        let (_, result) = run(&server, &[&first, &second]).await;
        assert_eq!(first.asked(), 1);
        assert_eq!(results(&result), [AttemptResult::InputRejected, AttemptResult::Miss]);
        assert_eq!(result.outcome, Outcome::NoDataFound);
    });
}

#[test]
fn a_misconfigured_provider_is_asked_once_by_a_worker() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let unknown = (AT_ONCE, Err(CallError::Misconfigured { reason: "401".into() }));
        let first = Arc::new(Scripted::new("a", unknown));
        let client = rig::client(&server).await;
        let worker = rig::worker(&client, shared(&[&first]));
        for id in ["1", "2"] {
            let request = PhoneRequest::new(lead(id), everything(), plan_of(&[&first]));
            client.start_phone(request).await.expect("started");
            let result = client.phone_result(&lead(id)).await.expect("a result");
            assert_eq!(results(&result), [AttemptResult::Misconfigured]);
            assert_eq!(result.outcome, Outcome::Inconclusive);
        }
        assert_eq!(first.asked(), 1);
        worker.shutdown().await.expect("it ends");
    });
}

#[test]
fn a_provider_that_throttles_is_left_alone_as_long_as_it_asks() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let wait = Duration::from_secs(2);
        let throttled = CallError::Throttled { retry_after: Some(wait) };
        let first = Arc::new(Scripted::new("a", hit()).first([(AT_ONCE, Err(throttled))]));
        let (_, result) = run(&server, &[&first]).await;
        assert_eq!(results(&result), [AttemptResult::Throttled, AttemptResult::Hit]);
        assert!(first.gaps()[0] >= wait, "{:?}", first.gaps());
    });
}

#[test]
fn nobody_has_it_is_no_data_found() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let [first, second] = ["a", "b"].map(|id| Arc::new(Scripted::new(id, miss())));
        let (_, result) = run(&server, &[&first, &second]).await;
        assert_eq!(result.outcome, Outcome::NoDataFound);
    });
}

#[test]
fn a_second_start_joins_and_a_third_is_answered_until_a_refresh_is_asked_for() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let slow = (Duration::from_secs(2), Ok(Some(NUMBER)));
        let first = Arc::new(Scripted::new("a", slow));
        let client = rig::client(&server).await;
        let worker = rig::worker(&client, shared(&[&first]));
        let plan = patient(&plan_of(&[&first]));
        let request = PhoneRequest::new(lead("1"), everything(), plan);
        for _ in 0..2 {
            let started = client.start_phone(request.clone()).await.expect("started");
            assert_eq!(started, Started::Running);
        }
        let result = client.phone_result(&lead("1")).await.expect("a result");
        assert!(matches!(result.outcome, Outcome::Found(_)));
        let again = client.start_phone(request.clone()).await.expect("answered");
        assert_eq!(again, Started::Answered);
        assert_eq!(first.asked(), 1, "joined, and not asked again");
        let refreshed = client.start_phone(request.refresh()).await.expect("started");
        assert_eq!(refreshed, Started::Running);
        client.phone_result(&lead("1")).await.expect("a result");
        assert_eq!(first.asked(), 2);
        worker.shutdown().await.expect("it ends");
    });
}

#[test]
fn a_lead_whose_run_told_nothing_is_run_again() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let first = Arc::new(Scripted::new("a", hit()).first([failure(), failure(), failure()]));
        let client = rig::client(&server).await;
        let worker = rig::worker(&client, shared(&[&first]));
        let request = PhoneRequest::new(lead("1"), everything(), plan_of(&[&first]));
        client.start_phone(request.clone()).await.expect("started");
        let result = client.phone_result(&lead("1")).await.expect("a result");
        assert_eq!(result.outcome, Outcome::Inconclusive);
        assert_eq!(client.start_phone(request).await.expect("started"), Started::Running);
        let result = client.phone_result(&lead("1")).await.expect("a result");
        assert!(matches!(result.outcome, Outcome::Found(_)));
        worker.shutdown().await.expect("it ends");
    });
}

#[test]
fn a_run_is_cancelled_in_the_middle_of_a_call() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let slow = (Duration::from_secs(20), Ok(Some(NUMBER)));
        let first = Arc::new(Scripted::new("a", slow));
        let client = rig::client(&server).await;
        let worker = rig::worker(&client, shared(&[&first]));
        let mut steps = plan_of(&[&first]).steps().to_vec();
        steps[0].timeout_ms = 30_000;
        let plan = Plan::new(steps).expect("a plan");
        client
            .start_phone(PhoneRequest::new(lead("1"), everything(), plan))
            .await
            .expect("started");
        rig::until(|| first.asked() == 1).await;
        let progress = client.phone_progress(&lead("1")).await.expect("progress");
        assert_eq!(progress.asking.expect("it is asked").provider.as_str(), "a");
        client.cancel_phone(&lead("1")).await.expect("cancelled");
        let result = client.phone_result(&lead("1")).await.expect("a result");
        assert_eq!(result.outcome, Outcome::Cancelled);
        assert_eq!(results(&result), [AttemptResult::Cancelled], "it may have been paid for");
        drop(worker);
    });
}

#[test]
fn progress_is_told_at_each_step_to_the_end() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let slow = (Duration::from_secs(2), Ok(None));
        let first = Arc::new(Scripted::new("a", slow));
        let second = Arc::new(Scripted::new("b", hit()));
        let mut client = rig::client(&server).await;
        client.add_search_attributes().await.expect("they are added");
        let worker = rig::worker(&client, shared(&[&first, &second]));
        let plan = patient(&plan_of(&[&first, &second]));
        let request = PhoneRequest::new(lead("1"), everything(), plan);
        client.start_phone(request).await.expect("started");
        let id = lead("1");
        let seen: Vec<_> = client.phone_progress_stream(&id).collect().await;
        let seen: Vec<_> = seen.into_iter().map(|of| of.expect("progress")).collect();
        let asked = |of: &str| {
            let mut asking = seen.iter().filter_map(|progress| progress.asking.as_ref());
            asking.any(|asking| asking.provider.as_str() == of)
        };
        assert!(asked("a"), "{seen:?}");
        let last = seen.last().expect("the last one");
        assert_eq!(last.outcome.as_deref(), Some("found"));
        assert_eq!((last.steps_done, last.steps), (1, 2));
        let status = client.phone_status(&id).await.expect("a status");
        assert_eq!(status.state, RunState::Completed);
        assert_eq!(status.outcome.as_deref(), Some("found"), "without a worker");
        worker.shutdown().await.expect("it ends");
        let error = client.phone_progress(&id).await.expect_err("nobody tells");
        assert!(
            matches!(error, ClientError::NoWorker { .. } | ClientError::TooLate { .. }),
            "{error}"
        );
    });
}

#[test]
fn attempts_within_a_step_are_seen_while_they_are_made() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let first = Arc::new(Scripted::new("a", failure()));
        let client = rig::client(&server).await;
        let worker = rig::worker(&client, shared(&[&first]));
        let mut steps = plan_of(&[&first]).steps().to_vec();
        steps[0].retry.first_delay_ms = 3000;
        let plan = Plan::new(steps).expect("a plan");
        client
            .start_phone(PhoneRequest::new(lead("1"), everything(), plan))
            .await
            .expect("started");
        rig::until(|| first.asked() == 1).await;
        let pending = loop {
            let status = client.phone_status(&lead("1")).await.expect("a status");
            match status.pending.first() {
                Some(pending) if pending.attempt == 2 => break pending.clone(),
                _ => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        };
        assert_eq!(pending.activity, "ask_provider.v1");
        assert_eq!(pending.last_end.as_deref(), Some("failed"));
        assert!(!pending.is_taken, "it is waited for");
        assert!(pending.next_attempt.is_some());
        client.cancel_phone(&lead("1")).await.expect("cancelled");
        drop(worker);
    });
}

#[test]
fn leads_of_any_script_arrive_as_they_are() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let first = Arc::new(Scripted::new("a", hit()));
        let client = rig::client(&server).await;
        let worker = rig::worker(&client, shared(&[&first]));
        let inputs = everything().with(LeadField::Email, "用户@例子.example");
        let request = PhoneRequest::new(lead("строка 1"), inputs, plan_of(&[&first]));
        client.start_phone(request).await.expect("started");
        let result = client.phone_result(&lead("строка 1")).await.expect("a result");
        assert!(matches!(result.outcome, Outcome::Found(_)));
        let (_, ask) = &first.calls()[0];
        assert_eq!(ask.inputs.get(LeadField::Email), Some("用户@例子.example"));
        worker.shutdown().await.expect("it ends");
    });
}

#[test]
fn all_workers_together_stay_within_the_limit_of_a_provider() {
    const LEADS: usize = 30;
    rig::with_server(DevServerOptions::default(), async |server| {
        let limited = Scripted::new("a", hit()).limited(RateLimit::per_second(10));
        let first = Arc::new(limited);
        let client = rig::client(&server).await;
        let other = rig::client(&server).await;
        let workers = [&client, &other].map(|client| rig::worker(client, shared(&[&first])));
        for row in 0..LEADS {
            let id = lead(&row.to_string());
            let request = PhoneRequest::new(id, everything(), plan_of(&[&first]));
            client.start_phone(request).await.expect("started");
        }
        for row in 0..LEADS {
            client.phone_result(&lead(&row.to_string())).await.expect("a result");
        }
        let mut times: Vec<_> = first.calls().into_iter().map(|(at, _)| at).collect();
        times.sort();
        assert_eq!(times.len(), LEADS);
        let second = Duration::from_secs(1);
        let most = (0..LEADS)
            .map(|from| times[from..].iter().take_while(|at| **at - times[from] < second).count());
        let most = most.max().expect("some");
        let whole = times[LEADS - 1] - times[0];
        println!("{LEADS} calls in {whole:?}, at most {most} within a second");
        // The server lets a second's worth go at once. A machine that stands still makes calls bunch.
        assert!(most <= 26, "{most} of {LEADS}");
        assert!(whole >= Duration::from_millis(1000), "{whole:?}");
        for worker in workers {
            worker.shutdown().await.expect("it ends");
        }
    });
}

#[test]
fn an_input_that_cannot_be_read_fails_its_run_and_is_not_tried_for_ever() {
    use temporalio_client::{UntypedWorkflow, WorkflowGetResultOptions, WorkflowStartOptions};
    use temporalio_common::data_converters::RawValue;
    use temporalio_common::protos::temporal::api::common::v1::Payload;

    rig::with_server(DevServerOptions::default(), async |server| {
        let client = rig::client(&server).await;
        let worker = rig::worker(&client, shared(&[&Arc::new(Scripted::new("a", hit()))]));
        let raw = rig::raw_client(&server).await;
        let json = |text: &str| Payload {
            metadata: [("encoding".to_owned(), b"json/plain".to_vec())].into(),
            data: text.as_bytes().to_vec(),
            ..Payload::default()
        };
        let inputs = [
            vec![json(r#"{"lead":"1","inputs":"secret@example.com"}"#)],
            vec![json("secret")],
            vec![Payload { data: vec![0xFF, 0x00], ..Payload::default() }],
            Vec::new(),
        ];
        for (place, payloads) in inputs.into_iter().enumerate() {
            let options = WorkflowStartOptions::new("genesy", format!("poison/{place}")).build();
            let workflow = UntypedWorkflow::new("phone_waterfall.v1");
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
fn the_history_of_a_lead_is_small() {
    const EVENTS_MAX: usize = 30;
    const INPUT_BYTES_MAX: usize = 4096;

    rig::with_server(DevServerOptions::default(), async |server| {
        let [first, second] = [("orion_connect", miss()), ("astra_dialer", hit())]
            .map(|(id, turn)| Arc::new(Scripted::new(id, turn)));
        let mut client = rig::client(&server).await;
        client.add_search_attributes().await.expect("they are added");
        let worker = rig::worker(&client, shared(&[&first, &second]));
        let plan = genesy_core::waterfall::default_phone_plan();
        client
            .start_phone(PhoneRequest::new(lead("1"), everything(), plan))
            .await
            .expect("started");
        let result = client.phone_result(&lead("1")).await.expect("a result");
        assert!(matches!(result.outcome, Outcome::Found(_)));
        let history = client.phone_history(&lead("1")).await.expect("a history");
        let input = history.input_bytes();
        println!(
            "{} events, {} bytes, input {input} bytes",
            history.events(),
            history.to_bytes().len()
        );
        assert!(history.events() <= EVENTS_MAX, "{}", history.events());
        assert!(input <= INPUT_BYTES_MAX, "{input}");
        worker.shutdown().await.expect("it ends");
    });
}

#[test]
fn errors_of_a_client_say_what_to_do() {
    rig::with_server(DevServerOptions::default(), async |server| {
        use genesy_temporal::client::ClientOptions;
        let mut options = ClientOptions::new(server.address());
        options.namespace = "elsewhere".to_owned();
        let error = Client::connect(options).await.expect_err("no such namespace");
        assert_eq!(error, ClientError::Namespace { namespace: "elsewhere".to_owned() });

        let error = Client::connect(ClientOptions::new("here")).await.expect_err("no address");
        assert!(matches!(error, ClientError::Address { .. }), "{error}");
        let nobody = "http://127.0.0.1:1";
        let error = Client::connect(ClientOptions::new(nobody)).await.expect_err("nobody there");
        assert!(matches!(error, ClientError::Unreachable { .. }), "{error}");

        let mut options = ClientOptions::new(server.address());
        options.rpc_time_max = Duration::from_secs(2);
        let client = Client::connect(options).await.expect("a client");
        let error = client.phone_status(&lead("1")).await.expect_err("no such run");
        assert_eq!(error, ClientError::NotFound { lead: lead("1") });
        // The server's words hold the id.
        let error = client.phone_status(&lead("namespace-1")).await.expect_err("no such run");
        assert_eq!(error, ClientError::NotFound { lead: lead("namespace-1") });
        let first = Arc::new(Scripted::new("a", hit()));
        let request = PhoneRequest::new(lead("1"), everything(), plan_of(&[&first]));
        client.start_phone(request).await.expect("started");
        let error = client.phone_progress(&lead("1")).await.expect_err("nobody tells");
        assert_eq!(error, ClientError::NoWorker { queue: "genesy".to_owned() });
        assert_eq!(
            client.phone_status(&lead("1")).await.expect("a status").state,
            RunState::Running
        );
    });
}

#[test]
fn a_worker_that_shuts_down_lets_go_of_calls_behind_its_grace() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let slow = (Duration::from_secs(25), Ok(Some(NUMBER)));
        let provider = Arc::new(Scripted::new("a", hit()).first([slow]));
        let client = rig::client(&server).await;
        let worker = Worker::builder(&client)
            .providers(shared(&[&provider]))
            .grace(Duration::from_millis(200));
        let worker = worker.build().expect("a worker").start().expect("it starts");
        let plan = patient(&plan_of(&[&provider]));
        let request = PhoneRequest::new(lead("1"), everything(), plan);
        client.start_phone(request).await.expect("started");
        rig::until(|| provider.asked() == 1).await;
        tokio::time::sleep(TOLD_AFTER * 2).await;
        let began = Instant::now();
        worker.shutdown().await.expect("it ends");
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
        let other = rig::client(&server).await;
        let other = rig::worker(&other, shared(&[&provider]));
        let result = client.phone_result(&lead("1")).await.expect("a result");
        assert_eq!(results(&result), [AttemptResult::Interrupted, AttemptResult::Hit]);
        other.shutdown().await.expect("it ends");
    });
}
