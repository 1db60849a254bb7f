//! Searches of phones: each way to end, with its events, ledger and lead.
#![expect(clippy::unwrap_used, reason = "a test may end so")]

mod run_rig;

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use genesy_providers::simulated::{Fault, SimulatedProvider};
use run_rig::{PATIENCE, Rig, is_on_temporal};
use serde_json::{Value, json};

const LOOKUPS: &str = "/v1/phone-lookups";

/// Ends one lead's search, and gives the lead and how the search stands.
async fn search(rig: &Rig) -> (i64, Value) {
    let lead = rig.add_leads(1..2)[0];
    let job = rig.begin(LOOKUPS, json!({"selection": {"leads": [lead]}})).await;
    let ended = rig.ended(job).await;
    assert_eq!(ended["state"], "done");
    let (status, search) = rig.get(&format!("{LOOKUPS}/{lead}")).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(ended["counts"]["by_outcome"][search["outcome"].as_str().unwrap()], 1, "{ended}");
    assert_eq!(ended["charged_micros"], search["charged_micros"]);
    (lead, search)
}

#[tokio::test]
async fn a_phone_is_found_and_the_lead_gets_it() {
    let mut rig = Rig::new().await;
    rig.start().await;
    let leads = rig.add_leads(0..40);
    let job = rig.begin(LOOKUPS, json!({"selection": {"leads": leads}})).await;
    let ended = rig.ended(job).await;
    assert_eq!(ended["leads"], 40);
    let found = ended["counts"]["by_outcome"]["found"].as_i64().unwrap();
    assert!((15..=39).contains(&found), "{ended}");
    let by_lead: i64 = rig
        .value("SELECT count(*) FROM leads WHERE phone LIKE '+%' AND phone_is_valid IS NOT NULL");
    let provenance: i64 = rig.value(
        "SELECT count(*) FROM provenance WHERE field = 'phone' AND source LIKE 'provider:%'",
    );
    assert_eq!((by_lead, provenance), (found, found));
    let charged: i64 = rig.value("SELECT sum(cost_micros) FROM attempts WHERE charge = 'charged'");
    assert_eq!(ended["charged_micros"], charged);
    let calls: i64 = rig.value("SELECT count(*) FROM attempts");
    let requests: u64 =
        SimulatedProvider::ALL.iter().map(|who| rig.simulation.requests(*who)).sum();
    // On a busy cluster an attempt may be lost before it reaches anybody, and the ledger says so.
    let lost: i64 = rig.value("SELECT count(*) FROM attempts WHERE result = 'interrupted'");
    let (calls, lost) = (calls.unsigned_abs(), lost.unsigned_abs());
    assert!((calls - lost..=calls).contains(&requests), "each request is in the ledger once");

    let first: i64 = rig.value("SELECT min(id) FROM leads WHERE phone_outcome = 'found'");
    let (_, search) = rig.get(&format!("{LOOKUPS}/{first}")).await;
    let phone: String = rig.value(&format!("SELECT phone FROM leads WHERE id = {first}"));
    assert_eq!(search["phone"]["number"], phone);
    let steps = search["steps"].as_array().unwrap();
    let by = steps.iter().find(|step| step["state"] == "found").expect("a provider found it");
    assert_eq!(by["provider"], search["phone"]["provider"]);
    assert_eq!(by["attempts"].as_array().unwrap().last().unwrap()["result"], "hit");
    assert_eq!(rig.story(first).first().map(String::as_str), Some("queued"));
    assert!(rig.story(first).last().unwrap().starts_with("finished "));
    rig.stop().await;
}

#[tokio::test]
async fn nobody_has_it() {
    let mut rig = Rig::new().await;
    rig.start().await;
    let leads = rig.add_leads(0..60);
    let job = rig.begin(LOOKUPS, json!({"selection": {"leads": leads}})).await;
    rig.ended(job).await;
    let none: i64 = rig.value("SELECT min(id) FROM leads WHERE phone_outcome = 'no_data_found'");
    let (_, search) = rig.get(&format!("{LOOKUPS}/{none}")).await;
    let states: Vec<&str> = search["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["miss", "miss", "miss"]);
    assert_eq!(search["phone"], Value::Null);
    rig.stop().await;
}

#[tokio::test]
async fn a_failure_is_tried_again_and_seen_to_be() {
    let mut rig = Rig::new().await;
    for who in SimulatedProvider::ALL {
        rig.simulation.set_fault(who, Some(Fault::Error));
    }
    rig.start().await;
    let (lead, search) = search(&rig).await;
    assert_eq!(search["outcome"], "inconclusive");
    assert_eq!(SimulatedProvider::ALL.map(|who| rig.simulation.requests(who)), [3, 3, 3]);
    let orion: Vec<String> =
        rig.story(lead).into_iter().filter(|event| event.ends_with("orion_connect")).collect();
    let once = ["calling", "ended", "retry_in"].map(|what| format!("{what} orion_connect"));
    if is_on_temporal() {
        // The cluster tells of the ends of a step's attempts when the step has ended.
        let ended = orion.iter().filter(|event| **event == once[1]).count();
        assert_eq!((&orion[0], ended), (&once[0], 3), "{orion:?}");
    } else {
        assert_eq!(orion, [&once[..], &once[..], &once[..2]].concat());
    }
    let step = &search["steps"][0];
    assert_eq!((&step["state"], &step["attempt"]), (&json!("failed"), &json!(3)));
    // The cluster keeps no text of a provider: the log of the worker has it.
    let why = if is_on_temporal() { "failed" } else { "500" };
    assert!(step["why"].as_str().unwrap().contains(why), "{step}");
    let health: Vec<Value> = rig.get("/v1/providers").await.1.as_array().unwrap().clone();
    assert_eq!(health[0]["statistics"]["failures"], 3);
    rig.stop().await;
}

#[tokio::test]
async fn a_provider_that_does_not_know_the_caller_is_told_of_and_asked_no_more() {
    let mut rig = Rig::new().await;
    rig.simulation.set_fault(SimulatedProvider::OrionConnect, Some(Fault::Unauthorized));
    rig.start().await;
    let leads = rig.add_leads(0..10);
    let job = rig.begin(LOOKUPS, json!({"selection": {"leads": leads[..1]}})).await;
    rig.ended(job).await;
    let job = rig.begin(LOOKUPS, json!({"selection": {"leads": leads[1..]}})).await;
    rig.ended(job).await;
    assert_eq!(rig.simulation.requests(SimulatedProvider::OrionConnect), 1);
    let (_, providers) = rig.get("/v1/providers").await;
    assert_eq!(providers[0]["health"], "misconfigured");
    assert!(providers[0]["trouble"].as_str().is_some_and(|trouble| !trouble.is_empty()));
    let told =
        rig.events().into_iter().find(|event| event["type"] == "provider").expect("it is told");
    assert_eq!(told["provider"], "orion_connect");
    rig.stop().await;
}

#[tokio::test]
async fn a_lead_that_lacks_what_all_need_asks_nobody() {
    let mut rig = Rig::new().await;
    rig.start().await;
    rig.connection()
        .execute(
            "INSERT INTO leads (id, first_name, created_at, updated_at) VALUES (7, 'Ada', 0, 0)",
            [],
        )
        .unwrap();
    rig.notice(&[7]);
    let job = rig.begin(LOOKUPS, json!({"selection": {"leads": [7]}})).await;
    assert_eq!(rig.ended(job).await["counts"]["by_outcome"]["not_eligible"], 1);
    let (_, search) = rig.get(&format!("{LOOKUPS}/7")).await;
    assert_eq!(search["steps"][0]["state"], "skipped");
    assert!(search["steps"][0]["why"].as_str().unwrap().contains("full_name"));
    assert_eq!(rig.story(7).len(), 5, "queued, three skipped, finished: {:?}", rig.story(7));
    assert_eq!(rig.simulation.requests(SimulatedProvider::OrionConnect), 0);
    rig.stop().await;
}

#[tokio::test]
async fn a_search_is_cancelled_while_it_is_asked_and_while_it_waits() {
    let mut rig = Rig::new().await;
    rig.simulation.set_fault(SimulatedProvider::OrionConnect, Some(Fault::Silent));
    rig.settings.engine.phone_leads_max = 1;
    rig.start().await;
    let leads = rig.add_leads(0..2);
    let job = rig.begin(LOOKUPS, json!({"selection": {"leads": leads}})).await;
    rig.until("it is asked", |rig| rig.simulation.requests(SimulatedProvider::OrionConnect) == 1)
        .await;
    // That it is asked is known a little later than the provider knows it.
    let begun = Instant::now();
    while rig.get(&format!("{LOOKUPS}/{}", leads[0])).await.1["steps"][0]["state"] != "calling" {
        assert!(begun.elapsed() < PATIENCE, "it is not seen to be asked");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    for lead in &leads {
        let (status, _) = rig.post(&format!("{LOOKUPS}/{lead}/cancel"), json!({})).await;
        assert_eq!(status, StatusCode::ACCEPTED);
    }
    let ended = rig.ended(job).await;
    assert_eq!(ended["counts"]["by_outcome"], json!({"cancelled": 2}));
    assert_eq!(ended["maybe_charged_micros"], 300_000, "the call may have been charged");
    let (status, problem) = rig.post(&format!("{LOOKUPS}/{}/cancel", leads[0]), json!({})).await;
    assert_eq!((status, &problem["type"]), (StatusCode::CONFLICT, &json!("/problems/conflict")));
    let (status, _) = rig.get(&format!("{LOOKUPS}/999")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    rig.stop().await;
}

#[tokio::test]
async fn a_refresh_that_is_cancelled_leaves_the_answer_there_was() {
    let mut rig = Rig::new().await;
    rig.start().await;
    let leads = rig.add_leads(0..1);
    let job = rig.begin(LOOKUPS, json!({"selection": {"leads": leads}})).await;
    rig.ended(job).await;
    let known = "SELECT phone_outcome || ' ' || phone_at || ' ' || coalesce(phone, '') FROM leads";
    let before: String = rig.value(known);
    rig.simulation.set_fault(SimulatedProvider::OrionConnect, Some(Fault::Silent));
    let asked = rig.simulation.requests(SimulatedProvider::OrionConnect);
    let job = rig.begin(LOOKUPS, json!({"selection": {"leads": leads}, "refresh": true})).await;
    rig.until("it is asked", |rig| {
        rig.simulation.requests(SimulatedProvider::OrionConnect) > asked
    })
    .await;
    rig.post(&format!("{LOOKUPS}/{}/cancel", leads[0]), json!({})).await;
    assert_eq!(rig.ended(job).await["counts"]["by_outcome"], json!({"cancelled": 1}));
    assert_eq!(rig.value::<String>(known), before);
    assert_eq!(rig.value::<String>("SELECT phone_state FROM leads"), "ended");
    rig.stop().await;
}

#[tokio::test]
async fn a_leads_own_phone_stays_unless_it_is_refreshed() {
    let mut rig = Rig::new().await;
    rig.start().await;
    let leads = rig.add_leads(0..40);
    rig.connection()
        .execute(
            "UPDATE leads SET phone = '+12025550199', phone_extension = '7', phone_is_valid = 1",
            [],
        )
        .unwrap();
    let job = rig.begin(LOOKUPS, json!({"selection": {"leads": leads}})).await;
    assert_eq!(rig.ended(job).await["counts"]["by_outcome"], json!({"not_eligible": 40}));
    let (_, search) = rig.get(&format!("{LOOKUPS}/{}", leads[0])).await;
    assert_eq!(search["steps"][0]["why"], "the lead has it");
    let own = "SELECT count(*) FROM leads WHERE phone = '+12025550199'";
    assert_eq!(rig.value::<i64>(own), 40);

    let job = rig.begin(LOOKUPS, json!({"selection": {"leads": leads}, "refresh": true})).await;
    let found = rig.ended(job).await["counts"]["by_outcome"]["found"].as_i64().unwrap();
    assert!(found > 10);
    assert_eq!(rig.value::<i64>(own), 40 - found);
    let kept = "SELECT count(*) FROM provenance WHERE value_before = '+12025550199'";
    assert_eq!(rig.value::<i64>(kept), found);
    let kept =
        "SELECT count(*) FROM provenance WHERE field = 'phone_extension' AND value_before = '7'";
    assert_eq!(rig.value::<i64>(kept), found, "the extension goes with its number");
    rig.stop().await;
}
