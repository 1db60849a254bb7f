//! Restarts in mid-run, in good order and not: nothing is lost, and nobody is asked again for an answer given.
#![expect(clippy::unwrap_used, reason = "a test may end so")]

mod run_rig;

use std::time::{Duration, Instant};

use genesy_core::waterfall::{Billing, Plan};
use genesy_http::{AppState, app};
use genesy_providers::simulated::{Fault, Options, SimulatedProvider};
use run_rig::{PATIENCE, Rig, Server, open};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

const LOOKUPS: &str = "/v1/phone-lookups";
const ORION: SimulatedProvider = SimulatedProvider::OrionConnect;

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// As if the process was killed: all tasks are dropped where they are.
fn kill(rig: &mut Rig, server: Runtime) {
    rig.server = None;
    server.shutdown_timeout(Duration::from_secs(5));
}

/// A job, when a server that is started anew has brought it to its end.
fn ended_behind_a_restart(rig: &mut Rig, job: i64) -> Value {
    runtime().block_on(async {
        rig.start().await;
        let ended = rig.ended(job).await;
        rig.stop().await;
        ended
    })
}

#[test]
fn a_run_goes_on_behind_a_stop_and_behind_a_crash() {
    // The providers outlive the server's processes, which are runtimes here.
    let outside = runtime();
    let options = Options { time_scale: 0.01, ..Options::default() };
    let mut rig = outside.block_on(Rig::with(options));
    rig.settings.engine.phone_leads_max = 20;
    let begun = runtime();
    let job = begun.block_on(async {
        rig.start().await;
        rig.add_leads(0..300);
        rig.begin(LOOKUPS, json!({"selection": {"filter": {}}})).await
    });
    let some = |rig: &Rig, requests: u64| {
        let enough =
            || SimulatedProvider::ALL.iter().map(|who| rig.simulation.requests(*who)).sum::<u64>();
        let begun = Instant::now();
        while enough() < requests {
            assert!(begun.elapsed() < PATIENCE, "nobody is asked any more");
            std::thread::sleep(Duration::from_millis(2));
        }
    };
    some(&rig, 60);
    begun.block_on(rig.stop());
    begun.shutdown_background();

    for crash in 1..4 {
        let server = runtime();
        server.block_on(rig.start());
        some(&rig, 60 + crash * 100);
        kill(&mut rig, server);
    }

    let ended = ended_behind_a_restart(&mut rig, job);
    let outcomes: i64 =
        ended["counts"]["by_outcome"].as_object().unwrap().values().filter_map(Value::as_i64).sum();
    assert_eq!(outcomes, 300, "{ended}");
    let leads: i64 = rig.value("SELECT count(*) FROM leads WHERE phone_state = 'ended'");
    assert_eq!(leads, 300);
    rig.assert_counted_once();
    // What was cut off may or may not have reached a provider, and is in the ledger in any case.
    let calls: i64 = rig.value("SELECT count(*) FROM attempts");
    let cut_off: i64 = rig.value("SELECT count(*) FROM attempts WHERE result = 'interrupted'");
    let requests: u64 =
        SimulatedProvider::ALL.iter().map(|who| rig.simulation.requests(*who)).sum();
    let requests = i64::try_from(requests).unwrap();
    assert!(
        (calls - cut_off..=calls).contains(&requests),
        "{calls} calls, {cut_off} cut off, {requests} requests"
    );
    assert!(cut_off > 0, "the crashes came while somebody was asked");
}

#[test]
fn a_job_that_a_stop_cut_off_before_its_first_lead_goes_on_behind_it() {
    let outside = runtime();
    let mut rig = outside.block_on(Rig::new());
    let server = runtime();
    let job = server.block_on(async {
        rig.start().await;
        // More than are looked at in one piece, and the first of them have an answer.
        let leads = rig.add_leads(0..1_200);
        let answered = "UPDATE leads SET phone_outcome = 'found' WHERE id <= ?1";
        rig.connection().execute(answered, [leads[1_099]]).unwrap();
        rig.server.as_ref().unwrap().state.stop().await;
        let job = rig.begin(LOOKUPS, json!({"selection": {"filter": {}}})).await;
        rig.stop().await;
        job
    });
    server.shutdown_background();
    let ended = ended_behind_a_restart(&mut rig, job);
    assert_eq!((&ended["state"], &ended["leads"]), (&json!("done"), &json!(100)), "{ended}");
}

#[test]
fn what_cannot_go_on_behind_a_restart_ends() {
    let outside = runtime();
    let mut rig = outside.block_on(Rig::new());
    rig.simulation.set_fault(ORION, Some(Fault::Silent));
    let server = runtime();
    let job = server.block_on(async {
        rig.start().await;
        let leads = rig.add_leads(0..1);
        let job = rig.begin(LOOKUPS, json!({"selection": {"leads": leads}})).await;
        rig.until("it is asked", |rig| rig.simulation.requests(ORION) == 1).await;
        job
    });
    kill(&mut rig, server);
    let connection = rig.connection();
    connection
        .execute(
            "INSERT INTO jobs (kind, state, selection, options, filled_to, created_at) \
             VALUES ('phone', 'running', 'nonsense', '{}', 0, 0)",
            [],
        )
        .unwrap();
    let unreadable = connection.last_insert_rowid();
    runtime().block_on(async {
        // Nobody is there whom it could go on to ask.
        let state = AppState::builder(open(rig.folder.path()).await).build().unwrap();
        rig.server = Some(Server { app: app(state.clone()), state });
        assert_eq!(rig.ended(unreadable).await["state"], "done");
        let ended = rig.ended(job).await;
        assert_eq!(ended["counts"]["by_outcome"], json!({"failed": 1}), "{ended}");
        rig.until_counted("genesy_runs_total{kind=\"phone\",outcome=\"failed\"} 1").await;
        rig.stop().await;
    });
}

#[test]
fn what_was_cancelled_before_a_crash_is_cancelled_behind_it() {
    let outside = runtime();
    let mut rig = outside.block_on(Rig::new());
    rig.simulation.set_fault(ORION, Some(Fault::Silent));
    rig.settings.engine.phone_leads_max = 3;
    let server = runtime();
    let job = server.block_on(async {
        rig.start().await;
        rig.add_leads(0..5);
        let job = rig.begin(LOOKUPS, json!({"selection": {"filter": {}}})).await;
        rig.until("three are asked", |rig| rig.simulation.requests(ORION) == 3).await;
        job
    });
    kill(&mut rig, server);
    // Right behind the commit.
    rig.connection().execute("UPDATE jobs SET state = 'cancelled'", []).unwrap();

    let ended = ended_behind_a_restart(&mut rig, job);
    assert_eq!(ended["state"], "cancelled");
    assert_eq!(ended["counts"]["by_outcome"], json!({"cancelled": 5}));
    assert_eq!(rig.simulation.requests(ORION), 3, "nobody else is asked");
    assert_eq!(
        ended["maybe_charged_micros"], 900_000,
        "the calls that were cut off may be charged"
    );
    rig.assert_counted_once();
}

#[test]
fn a_lead_that_was_cancelled_before_a_crash_is_cancelled_behind_it() {
    let outside = runtime();
    let mut rig = outside.block_on(Rig::new());
    rig.simulation.set_fault(ORION, Some(Fault::Silent));
    let server = runtime();
    let (job, leads) = server.block_on(async {
        rig.start().await;
        let leads = rig.add_leads(0..2);
        let job = rig.begin(LOOKUPS, json!({"selection": {"filter": {}}})).await;
        rig.until("both are asked", |rig| rig.simulation.requests(ORION) == 2).await;
        (job, leads)
    });
    kill(&mut rig, server);
    // Right behind the commit.
    let cancelled = "UPDATE runs SET is_cancelled = 1 WHERE lead_id = ?1";
    assert_eq!(rig.connection().execute(cancelled, [leads[0]]).unwrap(), 1);
    rig.simulation.set_fault(ORION, None);

    let server = runtime();
    let (ended, search) = server.block_on(async {
        rig.start().await;
        let ended = rig.ended(job).await;
        let (_, search) = rig.get(&format!("{LOOKUPS}/{}", leads[0])).await;
        rig.stop().await;
        (ended, search)
    });
    assert_eq!(search["outcome"], "cancelled", "{search}");
    assert_eq!(ended["counts"]["by_outcome"]["cancelled"], 1, "the other one went on: {ended}");
    assert_eq!(search["maybe_charged_micros"], 300_000, "the call that was cut off");
    rig.assert_counted_once();
}

#[test]
fn a_run_that_begins_anew_since_the_plan_has_changed_keeps_what_it_paid() {
    let outside = runtime();
    let mut rig = outside.block_on(Rig::new());
    rig.simulation.set_fault(ORION, Some(Fault::Error));
    let plan = rig.plan.clone();
    let mut slow = plan.steps().to_vec();
    slow.iter_mut().for_each(|step| {
        (step.retry.first_delay_ms, step.retry.delay_ms_max) = (60_000, 60_000);
        step.cost.billing = Billing::PerCall;
    });
    // Another order makes another plan.
    slow.swap(1, 2);
    rig.plan = Plan::new(slow).unwrap();
    let server = runtime();
    let job = server.block_on(async {
        rig.start().await;
        rig.add_leads(0..1);
        let job = rig.begin(LOOKUPS, json!({"selection": {"filter": {}}})).await;
        rig.until("another attempt is waited for", |rig| {
            rig.events().iter().any(|event| event["what"] == "retry_in")
        })
        .await;
        rig.stop().await;
        job
    });
    server.shutdown_background();
    rig.plan = plan;
    rig.simulation.set_fault(ORION, None);

    let ended = ended_behind_a_restart(&mut rig, job);
    let requests: u64 =
        SimulatedProvider::ALL.iter().map(|who| rig.simulation.requests(*who)).sum();
    let calls: i64 = rig.value("SELECT count(*) FROM attempts");
    assert_eq!(u64::try_from(calls).unwrap(), requests, "each call is in the ledger");
    let told = rig.events().iter().filter(|event| event["what"] == "ended").count();
    assert_eq!(u64::try_from(told).unwrap(), requests, "and each was told");
    let of = |charge: &str| -> i64 {
        rig.value(&format!(
            "SELECT coalesce(sum(cost_micros), 0) FROM attempts WHERE charge = '{charge}'"
        ))
    };
    assert_eq!(ended["charged_micros"], of("charged"), "{ended}");
    assert_eq!(ended["maybe_charged_micros"], of("maybe_charged"), "{ended}");
    assert!(of("maybe_charged") + of("charged") > 0);
    let first = "SELECT count(*) FROM attempts WHERE step = 0 AND attempt = 1";
    assert_eq!(rig.value::<i64>(first), 2, "it began anew");
}

#[test]
fn leads_are_collected_on_behind_a_crash() {
    let outside = runtime();
    let mut rig = outside.block_on(Rig::new());
    let server = runtime();
    server.block_on(async {
        rig.start().await;
        rig.add_leads(0..1_500);
        rig.stop().await;
    });
    server.shutdown_background();
    // As if the process had been killed behind the first lead.
    rig.connection()
        .execute(
            "INSERT INTO jobs (id, kind, state, selection, options, filled_to, created_at) \
             VALUES (1, 'phone', 'running', '{\"filter\": {}}', '{}', 1, 0)",
            [],
        )
        .unwrap();
    let ended = ended_behind_a_restart(&mut rig, 1);
    assert_eq!(ended["leads"], 1_499);
    let queued: i64 = rig.value("SELECT count(*) FROM runs");
    assert_eq!(queued, 1_499);
}
