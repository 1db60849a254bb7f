//! Jobs: begun for many leads, joined, paused, cancelled, tried again.
#![expect(clippy::unwrap_used, reason = "a test may end so")]

mod run_rig;

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use genesy_providers::simulated::{Fault, Options, SimulatedProvider};
use run_rig::{PATIENCE, Rig, is_on_temporal};
use serde_json::{Value, json};

const LOOKUPS: &str = "/v1/phone-lookups";
const ORION: SimulatedProvider = SimulatedProvider::OrionConnect;

#[tokio::test]
async fn who_is_under_way_is_joined_and_who_has_an_answer_is_left_out() {
    let mut rig = Rig::new().await;
    rig.simulation.set_fault(ORION, Some(Fault::Silent));
    rig.start().await;
    let leads = rig.add_leads(0..3);
    let first = rig.begin(LOOKUPS, json!({"selection": {"leads": [leads[0]]}})).await;
    let second = rig.begin(LOOKUPS, json!({"selection": {"leads": [leads[0]]}})).await;
    assert_eq!(first, second, "the same search is under way");
    let third = rig.begin(LOOKUPS, json!({"selection": {"leads": leads}, "max_leads": 1})).await;
    assert_ne!(first, third);
    let (_, job) = rig.get(&format!("/v1/jobs/{third}")).await;
    assert_eq!((&job["leads"], &job["skipped"]["joined"]), (&json!(1), &json!(1)), "{job}");

    rig.simulation.set_fault(ORION, None);
    rig.post(&format!("/v1/jobs/{first}/cancel"), json!({})).await;
    rig.post(&format!("/v1/jobs/{third}/cancel"), json!({})).await;
    // Both: a search that is not over yet would be joined, and end as cancelled.
    rig.ended(first).await;
    rig.ended(third).await;
    let job = rig.begin(LOOKUPS, json!({"selection": {"leads": leads}})).await;
    rig.ended(job).await;
    let answered: i64 =
        rig.value("SELECT count(*) FROM leads WHERE phone_outcome IN ('found', 'no_data_found')");
    assert_eq!(answered, 3);
    let (status, problem) = rig.post(LOOKUPS, json!({"selection": {"leads": leads}})).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(problem["detail"].as_str().unwrap().contains("3 have an answer"), "{problem}");
    assert_eq!(problem["errors"][0]["at"], "/selection");
    let (_, jobs) = rig.get("/v1/jobs?limit=2").await;
    assert_eq!(jobs["items"].as_array().unwrap().len(), 2);
    let cursor = jobs["next_cursor"].as_str().unwrap();
    let (_, rest) = rig.get(&format!("/v1/jobs?cursor={cursor}")).await;
    assert_eq!(rest["items"].as_array().unwrap().len(), 1);
    rig.stop().await;
}

#[tokio::test]
async fn whoever_is_never_to_be_enriched_is_not() {
    let mut rig = Rig::new().await;
    rig.start().await;
    let leads = rig.add_leads(0..2);
    let (status, answer) = rig
        .post("/v1/suppressions", json!({"kind": "email", "value": "Ada.Number0@engines.example"}))
        .await;
    assert!(status.is_success(), "{answer}");
    let (status, problem) = rig.post(LOOKUPS, json!({"selection": {"leads": [leads[0]]}})).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(problem["detail"].as_str().unwrap().contains("never enriched"), "{problem}");
    let job = rig.begin(LOOKUPS, json!({"selection": {"leads": leads}})).await;
    assert_eq!(rig.ended(job).await["skipped"]["suppressed"], 1);
    rig.stop().await;
}

#[tokio::test]
async fn whoever_is_suppressed_while_it_is_under_way_is_cancelled() {
    let mut rig = Rig::new().await;
    rig.simulation.set_fault(ORION, Some(Fault::Silent));
    rig.start().await;
    let leads = rig.add_leads(0..2);
    let job = rig.begin(LOOKUPS, json!({"selection": {"leads": leads}})).await;
    rig.until("both are asked", |rig| rig.simulation.requests(ORION) == 2).await;
    rig.simulation.set_fault(ORION, None);
    let one = json!({"kind": "email", "value": "ada.number0@engines.example"});
    let (status, answer) = rig.post("/v1/suppressions", one).await;
    assert!(status.is_success(), "{answer}");
    rig.until("one has ended", |rig| {
        rig.value::<i64>("SELECT count(*) FROM runs WHERE outcome = 'cancelled'") == 1
    })
    .await;
    let (_, search) = rig.get(&format!("{LOOKUPS}/{}", leads[0])).await;
    assert_eq!(search["outcome"], "cancelled");
    rig.post(&format!("/v1/jobs/{job}/cancel"), json!({})).await;
    rig.ended(job).await;
    rig.stop().await;
}

#[tokio::test]
async fn whoever_is_deleted_or_erased_while_it_is_under_way_is_let_go_at_once() {
    let mut rig = Rig::new().await;
    rig.simulation.set_fault(ORION, Some(Fault::Silent));
    rig.start().await;
    let leads = rig.add_leads(0..4);
    // By this they are found by their addresses, as those of a file.
    for (lead, email) in [(leads[1], "ada@one.example"), (leads[2], "ada@two.example")] {
        let (status, answer) =
            rig.patch(&format!("/v1/leads/{lead}"), json!({"email": email})).await;
        assert!(status.is_success(), "{answer}");
    }
    rig.begin(LOOKUPS, json!({"selection": {"leads": leads}})).await;
    rig.until("all are asked", |rig| rig.simulation.requests(ORION) == 4).await;
    let running = async |rig: &Rig| {
        let running = rig.text("/metrics").await;
        let running = running.lines().find_map(|line| line.strip_prefix("genesy_runs_running "));
        running.and_then(|text| text.parse().ok())
    };
    for (left, path, body) in [
        (3, "/v1/leads/delete", json!({"leads": [leads[0]]})),
        (2, "/v1/leads/erase", json!({"email": "ada@one.example"})),
        (
            1,
            "/v1/suppressions",
            json!({"kind": "email", "value": "ada@two.example", "forget": true}),
        ),
    ] {
        let (status, answer) = rig.post(path, body).await;
        assert!(status.is_success(), "{answer}");
        // A call that nobody ends goes on for 20 s. An activity learns late that it is to end.
        let soon = if is_on_temporal() { PATIENCE } else { Duration::from_secs(10) };
        let begun = Instant::now();
        while running(&rig).await != Some(left) {
            assert!(begun.elapsed() < soon, "{path} lets nobody go");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    rig.stop().await;
}

#[tokio::test]
async fn a_job_pauses_goes_on_and_is_done() {
    let mut rig = Rig::with(Options { time_scale: 0.005, ..Options::default() }).await;
    rig.settings.engine.phone_leads_max = 4;
    rig.start().await;
    let count: u32 = if is_on_temporal() { 40 } else { 200 };
    let leads = rig.add_leads(0..u64::from(count));
    let job = rig.begin(LOOKUPS, json!({"selection": {"leads": leads}})).await;
    rig.until("some are done", |rig| rig.simulation.requests(ORION) > 10).await;
    let (status, _) = rig.post(&format!("/v1/jobs/{job}/pause"), json!({})).await;
    assert_eq!(status, StatusCode::OK);
    rig.until("nothing is under way", |rig| {
        rig.value::<i64>("SELECT count(*) FROM runs WHERE state = 'running'") == 0
    })
    .await;
    let paused = rig.simulation.requests(ORION);
    assert!(paused < u64::from(count), "it paused in the middle");
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(rig.simulation.requests(ORION), paused, "nobody is asked");
    let (status, _) = rig.post(&format!("/v1/jobs/{job}/pause"), json!({})).await;
    assert_eq!(status, StatusCode::CONFLICT);
    rig.post(&format!("/v1/jobs/{job}/resume"), json!({})).await;
    let ended = rig.ended(job).await;
    assert_eq!(ended["state"], "done");
    let outcomes: Vec<i64> = ended["counts"]["by_outcome"]
        .as_object()
        .unwrap()
        .values()
        .filter_map(Value::as_i64)
        .collect();
    assert_eq!(outcomes.iter().sum::<i64>(), i64::from(count));
    rig.stop().await;
}

#[tokio::test]
async fn a_job_is_cancelled_and_those_without_an_answer_are_tried_again() {
    let mut rig = Rig::new().await;
    rig.simulation.set_fault(ORION, Some(Fault::Silent));
    rig.settings.engine.phone_leads_max = 5;
    rig.start().await;
    let leads = rig.add_leads(0..50);
    let job = rig.begin(LOOKUPS, json!({"selection": {"filter": {}}})).await;
    rig.until("five are asked", |rig| rig.simulation.requests(ORION) == 5).await;
    let (status, cancelled) = rig.post(&format!("/v1/jobs/{job}/cancel"), json!({})).await;
    assert_eq!((status, &cancelled["state"]), (StatusCode::OK, &json!("cancelled")));
    let ended = rig.ended(job).await;
    assert_eq!(ended["counts"]["by_outcome"], json!({"cancelled": 50}));
    assert_eq!(rig.simulation.requests(ORION), 5);
    rig.until_counted("genesy_runs_total{kind=\"phone\",outcome=\"cancelled\"} 50").await;

    rig.simulation.set_fault(ORION, None);
    let (status, retried) = rig.post(&format!("/v1/jobs/{job}/retry-failed"), json!({})).await;
    assert_eq!((status, &retried["leads"]), (StatusCode::ACCEPTED, &json!(50)));
    let again = retried["id"].as_i64().unwrap();
    let ended = rig.ended(again).await;
    assert_eq!(ended["counts"]["queued"], 0);
    let (_, first) = rig.get(&format!("/v1/jobs/{job}")).await;
    assert_eq!(first["counts"]["by_outcome"], json!({"cancelled": 50}), "what it came to is kept");
    assert_eq!(leads.len(), 50);
    rig.stop().await;
}

#[tokio::test]
async fn a_small_job_does_not_wait_for_a_large_one_and_its_leads_are_collected_by_the_way() {
    let mut rig = Rig::with(Options { time_scale: 0.005, ..Options::default() }).await;
    rig.settings.engine.phone_leads_max = 4;
    rig.start().await;
    rig.add_leads(0..3_500);
    let large = rig.begin(LOOKUPS, json!({"selection": {"filter": {}}})).await;
    // A lead that comes while leads are still collected would be among them.
    rig.until("all leads are collected", |rig| {
        rig.value::<i64>("SELECT count(*) FROM jobs WHERE filled_to IS NOT NULL") == 0
    })
    .await;
    let one = rig.add_leads(9_000..9_001);
    let small = rig.begin(LOOKUPS, json!({"selection": {"leads": one}})).await;
    rig.ended(small).await;
    let (_, job) = rig.get(&format!("/v1/jobs/{large}")).await;
    assert_eq!((&job["state"], &job["leads"]), (&json!("running"), &json!(3_500)), "{job}");
    rig.post(&format!("/v1/jobs/{large}/cancel"), json!({})).await;
    rig.ended(large).await;
    rig.stop().await;
}

#[tokio::test]
async fn a_job_whose_leads_are_deleted_ends() {
    let mut rig = Rig::new().await;
    rig.simulation.set_fault(ORION, Some(Fault::Silent));
    rig.settings.engine.phone_leads_max = 1;
    rig.start().await;
    let leads = rig.add_leads(0..2);
    let job = rig.begin(LOOKUPS, json!({"selection": {"leads": leads}})).await;
    rig.until("one is asked", |rig| rig.simulation.requests(ORION) == 1).await;
    let connection = rig.connection();
    connection.pragma_update(None, "foreign_keys", true).unwrap();
    connection.execute("DELETE FROM leads", []).unwrap();
    rig.simulation.set_fault(ORION, Some(Fault::Error));
    rig.post(&format!("{LOOKUPS}/{}/cancel", leads[0]), json!({})).await;
    let ended = rig.ended(job).await;
    assert_eq!(ended["state"], "done");
    assert_eq!(ended["counts"]["running"], 0);
    rig.stop().await;
}
