//! The tests of runs, on Temporal: the same behaviours whoever does the work.
#![expect(clippy::unwrap_used, reason = "a test may end so")]
#![expect(clippy::duplicate_mod, reason = "each file has its rig, as where it is compiled alone")]

#[path = "runs_email.rs"]
mod email;
#[path = "runs_jobs.rs"]
mod jobs;
#[path = "runs_phone.rs"]
mod phone;
mod run_rig;

use futures_util::TryStreamExt;
use genesy_core::waterfall::Plan;
use genesy_providers::driver::LeadId;
use genesy_providers::simulated::{Options, SimulatedProvider};
use genesy_temporal::client::{Client, ClientOptions, ListedRun, RunKind, RunQuery};
use run_rig::Rig;
use serde_json::{Value, json};

/// The cluster goes on while the server is away, and what it answered meanwhile is taken when it is back.
#[tokio::test]
async fn a_restarted_server_follows_what_the_cluster_did() {
    const LEADS: u64 = 40;
    let mut rig = Rig::with(Options { time_scale: 0.01, ..Options::default() }).await;
    rig.settings.engine.phone_leads_max = 20;
    // A call that is cut off is known by its timeout alone.
    let mut steps = rig.plan.steps().to_vec();
    steps.iter_mut().for_each(|step| step.timeout_ms = 3_000);
    rig.plan = Plan::new(steps).unwrap();
    rig.start().await;
    rig.add_leads(0..LEADS);
    let job =
        rig.begin("/v1/phone-lookups", json!({"selection": {"filter": {}}, "refresh": true})).await;
    let all = |rig: &Rig| -> u64 {
        SimulatedProvider::ALL.iter().map(|who| rig.simulation.requests(*who)).sum()
    };
    rig.until("some are asked", |rig| all(rig) > 10).await;
    rig.stop().await;
    rig.start().await;
    let ended = rig.ended(job).await;
    let outcomes = ended["counts"]["by_outcome"].as_object().unwrap();
    assert_eq!(outcomes.values().filter_map(Value::as_u64).sum::<u64>(), LEADS, "{ended}");
    rig.assert_counted_once();
    // A refresh that was begun before the restart is not begun again behind it. What was cut off may or may not
    // have reached a provider.
    let calls: u64 = rig.value::<i64>("SELECT count(*) FROM attempts").unsigned_abs();
    let cut_off = "SELECT count(*) FROM attempts WHERE result = 'interrupted'";
    let cut_off: u64 = rig.value::<i64>(cut_off).unsigned_abs();
    let requests = all(&rig);
    assert!((calls - cut_off..=calls).contains(&requests), "{calls}, {cut_off}: {requests}");
    rig.stop().await;
}

#[tokio::test]
async fn what_the_cluster_stores_is_encrypted() {
    let mut rig = Rig::with(Options { time_scale: 0.0, ..Options::default() }).await;
    rig.start().await;
    rig.add_leads(0..3);
    let job = rig.begin("/v1/phone-lookups", json!({"selection": {"filter": {}}})).await;
    rig.ended(job).await;
    rig.stop().await;
    // Somebody who looks into the cluster, without the keys.
    let client = Client::connect(ClientOptions::new(rig.cluster_address())).await.unwrap();
    let runs: Vec<ListedRun> =
        client.list(&RunQuery::new(RunKind::Phone)).try_collect().await.unwrap();
    assert_eq!(runs.len(), 3);
    for run in runs {
        let history = client.phone_history(&LeadId::new(&run.id).unwrap()).await.unwrap();
        let bytes = history.to_bytes();
        let has = |what: &str| bytes.windows(what.len()).any(|of| of == what.as_bytes());
        assert!(has("binary/encrypted") && has(&run.id), "{run:?}");
        for clear in ["ada.number", "Number", "engines", "Engineer", "\"raw\""] {
            assert!(!has(clear), "{run:?} shows {clear}");
        }
    }
}
