//! Leads under way at providers that never answer: what they take of memory, and how far they run over
//! their deadline.

use std::process::ExitCode;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use genesy_benches::harness::{Size, figures_of, resident_bytes};
use genesy_core::waterfall::{
    AttemptResult, LeadField, PhoneLookup, Plan, RetryPolicy, Step, default_phone_plan,
};
use genesy_providers::driver::Driver;

use crate::server::{Server, providers};
use crate::throughput::bare_client;
use crate::{inputs, leads, runtime};

/// How long a call may take, in milliseconds: more than it takes to make all connections.
const TIMEOUT_MS: u32 = 15_000;

pub(crate) fn measure(size: Size) {
    let (leads, timeout_ms) = match size {
        Size::Bench => (10_000, TIMEOUT_MS),
        Size::Test => (20, 500),
    };
    let server = Server::start(0.0, true);
    let run = |who: &str| {
        figures_of(
            &["hang", who, &server.base_url, &leads.to_string(), &timeout_ms.to_string()]
                .map(str::to_owned),
        )
    };
    let bare = run("bare")[0];
    let driven = run("driver");
    let per_lead = driven[0].saturating_sub(bare) as f64 / f64::from(leads) / 1024.0;
    println!(
        "| memory of a lead at a provider that hangs, above the HTTP client's own, {leads} leads | \
         {per_lead:.1} KiB ({} less {} MiB) | 8 KiB |",
        driven[0] >> 20,
        bare >> 20,
    );
    println!(
        "| the same leads' time over their deadline, 99th percentile | {:.1} ms (longest {:.1} ms) | 50 ms |",
        driven[1] as f64 / 1000.0,
        driven[2] as f64 / 1000.0,
    );
}

/// One contender in its own process: prints its memory in bytes, and of the driver the overshoot in
/// microseconds: 99th percentile and longest.
pub(crate) fn child(arguments: &[String]) -> ExitCode {
    let [who, base_url, leads, timeout_ms] = arguments else { return ExitCode::FAILURE };
    let leads: u32 = leads.parse().expect("a number");
    let timeout_ms: u32 = timeout_ms.parse().expect("a number");
    runtime().block_on(async {
        if who == "bare" {
            bare(base_url, leads, timeout_ms).await;
        } else {
            driver(base_url, leads, timeout_ms).await;
        }
    });
    ExitCode::SUCCESS
}

async fn bare(base_url: &str, leads: u32, timeout_ms: u32) {
    let client = bare_client();
    let url = format!("{base_url}/astraDialer");
    let timeout = Duration::from_millis(timeout_ms.into());
    for row in 0..leads {
        let email = inputs(row).get(LeadField::Email).unwrap_or_default().to_owned();
        let request = client
            .post(&url)
            .timeout(timeout)
            .header("apiKey", "1234jhgf")
            .header("content-type", "application/json")
            .body(format!("{{\"email\":\"{email}\"}}"));
        tokio::spawn(async move { request.send().await.map(|_| ()) });
    }
    tokio::time::sleep(timeout * 9 / 10).await;
    println!("{}", resident_bytes());
}

async fn driver(base_url: &str, count: u32, timeout_ms: u32) {
    let mut step: Step<PhoneLookup> = default_phone_plan().steps()[1].clone();
    step.timeout_ms = timeout_ms;
    step.retry = RetryPolicy { attempts_max: 1, ..RetryPolicy::default() };
    let plan = Plan::new(vec![step]).expect("a plan");
    let driver = Driver::builder(plan).providers(providers(base_url));
    let driver = driver.concurrency_max(count as usize).build().expect("a driver");
    let watch = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(timeout_ms.into()) * 9 / 10).await;
        resident_bytes()
    });
    let mut results = Box::pin(driver.run_all(stream::iter(leads(count))));
    let mut over_us = Vec::new();
    while let Some((_, result)) = results.next().await {
        let finished = result.expect("a run");
        let [attempt] = finished.run.ledger() else { panic!("one attempt") };
        assert_eq!(attempt.result, AttemptResult::TimedOut);
        over_us.push(attempt.took_us.saturating_sub(u64::from(timeout_ms) * 1000));
    }
    over_us.sort_unstable();
    let memory = watch.await.expect("no panic");
    println!("{memory} {} {}", over_us[over_us.len() * 99 / 100], over_us[over_us.len() - 1]);
}
