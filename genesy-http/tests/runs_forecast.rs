//! Forecasts and providers: what a run will give, and what was learned of those who are asked.
#![expect(clippy::unwrap_used, reason = "a test may end so")]

mod run_rig;

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use genesy_http::config::Settings;
use genesy_http::{AppState, Outside, app};
use run_rig::{PATIENCE, Rig, call, open};
use serde_json::{Value, json};

async fn forecast(rig: &Rig, body: Value) -> Value {
    let (status, forecast) = rig.post("/v1/forecasts", body).await;
    assert_eq!(status, StatusCode::OK, "{forecast}");
    forecast
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("a number: {value}"))
}

#[tokio::test]
async fn a_forecast_says_who_is_left_out_and_is_near_what_comes() {
    let mut rig = Rig::new().await;
    rig.start().await;
    rig.add_leads(0..300);
    let connection = rig.connection();
    connection.execute("UPDATE leads SET job_title = NULL WHERE id <= 50", []).unwrap();
    connection
        .execute("UPDATE leads SET phone = '+12025550199', phone_is_valid = 1 WHERE id > 290", [])
        .unwrap();
    connection
        .execute(
            "INSERT INTO leads (company_name, created_at, updated_at) VALUES ('Engines', 0, 0)",
            [],
        )
        .unwrap();
    let selection = json!({"filter": {}});
    let said = forecast(&rig, json!({"kind": "phone", "selection": selection})).await;
    assert_eq!((&said["leads"], &said["eligible"]), (&json!(301), &json!(290)));
    let skipped = said["skipped"].as_array().unwrap();
    let count = |reason: &str| {
        skipped.iter().find(|of| of["reason"] == reason).map(|of| of["count"].clone())
    };
    assert_eq!(count("they have a phone"), Some(json!(10)));
    assert_eq!(count("no provider can be asked for what they have"), Some(json!(1)));
    let nimbus = &said["providers"][2];
    assert_eq!(nimbus["eligible"], 240);
    let why: Vec<&str> = nimbus["skipped"]
        .as_array()
        .unwrap()
        .iter()
        .map(|of| of["why"].as_str().unwrap())
        .collect();
    assert_eq!(
        why,
        ["the lead has it", "the lead lacks email, job_title", "the lead lacks job_title"]
    );
    assert!(number(&said["job_time_s"]) > 0.0);
    assert_eq!(said["currency"], "USD");

    let job = rig.begin("/v1/phone-lookups", json!({"selection": selection})).await;
    let ended = rig.ended(job).await;
    let found = number(&ended["counts"]["by_outcome"]["found"]);
    let charged = number(&ended["charged_micros"]);
    // Simulated providers know the same people, which a forecast does not reckon with.
    assert!((0.5..2.0).contains(&(number(&said["found"]["expected"]) / found)), "{said} {found}");
    assert!(
        (0.5..2.0).contains(&(number(&said["cost_micros"]["expected"]) / charged)),
        "{charged}"
    );

    // What was learned makes the next one sharper.
    let again =
        forecast(&rig, json!({"kind": "phone", "selection": selection, "refresh": true})).await;
    assert_eq!(again["eligible"], 300, "a refresh asks for those that have a phone, too");
    assert!(number(&again["providers"][0]["learned_from"]) > 200.0);
    let width = |of: &Value| number(&of["hit_rate"]["high"]) - number(&of["hit_rate"]["low"]);
    assert!(width(&again["providers"][0]) < width(&said["providers"][0]) / 2.0);
    let left = forecast(&rig, json!({"kind": "phone", "selection": selection})).await;
    let answered =
        left["skipped"].as_array().unwrap().iter().find(|of| of["reason"] == "they have an answer");
    assert!(answered.is_some_and(|of| number(&of["count"]) > 250.0), "{left}");
    rig.stop().await;
}

/// The providers as they are shown once something is so, or at the end of patience.
async fn shown_until(rig: &Rig, is_so: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let (_, shown) = rig.get("/v1/providers").await;
        if is_so(&shown) || begun.elapsed() > PATIENCE {
            return shown;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Calls, hits, answers and what they cost, as a provider is shown.
fn figures(provider: &Value) -> [Option<i64>; 4] {
    ["calls", "hits", "n", "charged_micros"].map(|name| provider["statistics"][name].as_i64())
}

/// The same as the ledger has them.
fn of_ledger(rig: &Rig, provider: &Value) -> [Option<i64>; 4] {
    let id = provider["id"].as_str().unwrap();
    [
        "count(*)",
        "count(*) FILTER (WHERE result = 'hit')",
        "count(*) FILTER (WHERE result IN ('hit', 'rejected', 'miss'))",
        "coalesce(sum(cost_micros) FILTER (WHERE charge = 'charged'), 0)",
    ]
    .map(|what| Some(rig.value(&format!("SELECT {what} FROM attempts WHERE provider = '{id}'"))))
}

#[tokio::test]
async fn the_figures_of_providers_are_those_of_the_ledger_and_are_known_behind_a_restart() {
    let mut rig = Rig::new().await;
    rig.start().await;
    let (_, before) = rig.get("/v1/providers").await;
    let health: Vec<&str> =
        before.as_array().unwrap().iter().map(|of| of["health"].as_str().unwrap()).collect();
    assert_eq!(health, ["unused", "unused", "unused"]);
    rig.add_leads(0..50);
    let job = rig.begin("/v1/phone-lookups", json!({"selection": {"filter": {}}})).await;
    rig.ended(job).await;
    // A call is counted once it is stored, and the job may be seen to have ended before.
    let shown = shown_until(&rig, |shown| {
        shown.as_array().unwrap().iter().all(|of| figures(of) == of_ledger(&rig, of))
    })
    .await;
    for (index, provider) in shown.as_array().unwrap().iter().enumerate() {
        assert_eq!(provider["order"], index + 1);
        assert_eq!(figures(provider), of_ledger(&rig, provider), "{provider}");
    }
    assert_eq!(shown[0]["requires"], json!(["full_name", "company_website"]));
    rig.stop().await;
    rig.start().await;
    // The ledger is read in the background.
    let after = shown_until(&rig, |after| *after == shown).await;
    assert_eq!(after, shown);
    rig.stop().await;
}

#[tokio::test]
async fn a_provider_without_a_key_is_shown_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let outside = Outside::of(&Settings::default()).unwrap();
    let without = outside.unusable.len();
    assert!(without > 0, "no key is set here");
    let state = AppState::builder(open(folder.path()).await).outside(outside).build().unwrap();
    let (status, providers) = call(&app(state.clone()), "GET", "/v1/providers", None).await;
    assert_eq!(status, StatusCode::OK);
    let providers = providers.as_array().unwrap();
    assert_eq!(providers.len(), without, "each once");
    for provider in providers {
        assert_eq!(
            (&provider["order"], &provider["health"]),
            (&Value::Null, &json!("misconfigured"))
        );
        assert!(provider["trouble"].as_str().unwrap().contains("_KEY"), "{provider}");
    }
    state.stop().await;
    state.store().close().await;
}
