//! Calls per second of the driver, beside those of a bare loop with the same client, server and
//! concurrency.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use genesy_benches::harness::{Size, median};
use genesy_core::waterfall::{
    LeadField, PhoneLookup, PhoneRule, Plan, RetryPolicy, Step, default_phone_plan,
};
use genesy_providers::Provider;
use genesy_providers::driver::Driver;
use reqwest::Client;
use serde_json::{Value, json};

use crate::server::Server;
use crate::{inputs, leads, runtime};

/// What the calls of both may take.
const TIMEOUT: Duration = Duration::from_secs(3);
/// Calls under way at a time.
const CONCURRENCY: usize = 64;

pub(crate) fn measure(size: Size) {
    let (rounds, calls) = size.rounds(20_000);
    let server = Server::start(0.0, false);
    let client = bare_client();
    let runtime = runtime();
    // As the bare loop has its client, kept from round to round.
    let providers = server.providers();
    let url = format!("{}/astraDialer", server.base_url);
    let mut ratios = Vec::new();
    let mut per_second = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let bare = runtime.block_on(bare(&client, &url, calls));
        let driven = runtime.block_on(driven(&providers, calls));
        // The first one warms up.
        if round > 0 || rounds == 1 {
            ratios.push(driven / bare);
            per_second.0.push(bare);
            per_second.1.push(driven);
        }
    }
    println!(
        "| calls a second, driver by a bare reqwest loop | {:.2} ({:.0} by {:.0}; medians of {} rounds, \
         concurrency {CONCURRENCY}) | 0.9 |",
        median(&mut ratios),
        median(&mut per_second.1),
        median(&mut per_second.0),
        ratios.len(),
    );
}

/// A client like that of the engine.
pub(crate) fn bare_client() -> Client {
    // It is refused if there is one already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().user_agent("genesy/0.1.0").build().expect("a client")
}

/// Sends the requests that the driver sends, with a timeout, and reads the answers as JSON: no more.
async fn bare(client: &Client, url: &str, calls: u32) -> f64 {
    let started = Instant::now();
    let all = stream::iter(0..calls).map(|row| {
        let email = inputs(row).get(LeadField::Email).unwrap_or_default().to_owned();
        let request = client
            .post(url)
            .timeout(TIMEOUT)
            .header("apiKey", "1234jhgf")
            .header("content-type", "application/json")
            .header("idempotency-key", format!("\"{row:032x}\""))
            .body(json!({ "email": email }).to_string());
        // As many tasks as the driver has: a loop in one task would use one core.
        tokio::spawn(async move {
            let response = request.send().await.expect("an answer");
            let body = response.bytes().await.expect("a body");
            let json: Value = serde_json::from_slice(&body).expect("JSON");
            json.get("phoneNmbr").is_some_and(Value::is_string)
        })
    });
    let mut all = all.buffer_unordered(CONCURRENCY);
    let mut found = 0;
    while let Some(is_found) = all.next().await {
        found += u32::from(is_found.expect("no panic"));
    }
    assert!(found > 0, "some are found");
    f64::from(calls) / started.elapsed().as_secs_f64()
}

async fn driven(providers: &[Arc<dyn Provider<PhoneLookup>>], calls: u32) -> f64 {
    let mut step: Step<PhoneLookup> = default_phone_plan().steps()[1].clone();
    step.rule = PhoneRule::Any;
    step.retry = RetryPolicy { attempts_max: 1, ..RetryPolicy::default() };
    let plan = Plan::new(vec![step]).expect("a plan");
    let driver = Driver::builder(plan).providers(providers.iter().cloned());
    let driver = driver.concurrency_max(CONCURRENCY).build().expect("a driver");
    let started = Instant::now();
    let mut results = Box::pin(driver.run_all(stream::iter(leads(calls))));
    let mut asked = 0;
    while let Some((_, result)) = results.next().await {
        asked += result.expect("a run").run.ledger().len();
    }
    assert_eq!(asked, calls as usize, "each was asked once");
    f64::from(calls) / started.elapsed().as_secs_f64()
}
