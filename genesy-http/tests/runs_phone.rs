//! Searches of phones: each way to end, with its events, ledger and lead.

mod run_rig;

use axum::http::StatusCode;
use genesy_providers::simulated::{Fault, SimulatedProvider};
use run_rig::Rig;
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
    assert_eq!(u64::try_from(calls).unwrap(), requests, "each request is in the ledger once");

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
