//! A limit of calls per second, as the provider sees it.

use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use genesy_benches::harness::Size;
use genesy_core::waterfall::{PhoneLookup, Plan, Step, default_phone_plan};
use genesy_providers::driver::Driver;
use genesy_providers::http::{HttpClient, HttpOptions, HttpProvider, Key, Proxy};
use genesy_providers::simulated::{Options, SimulatedProvider, Simulation};
use genesy_providers::{RateLimit, definition};

use crate::{leads, runtime};

const CALLS_PER_SECOND: u32 = 50;

pub(crate) fn measure(size: Size) {
    let time = Duration::from_secs(if size == Size::Bench { 30 } else { 2 });
    let arrivals = runtime().block_on(arrivals(time));
    let first = arrivals[0];
    let within = arrivals.iter().filter(|at| **at - first < time).count();
    let allowed = f64::from(CALLS_PER_SECOND) * time.as_secs_f64();
    println!(
        "| most calls in any second of {} s at {CALLS_PER_SECOND} a second, as they arrive | {} | {CALLS_PER_SECOND} |",
        time.as_secs(),
        most_in_a_second(&arrivals),
    );
    println!(
        "| share of the limit that is used | {:.1} % | 98 % |",
        within as f64 / allowed * 100.0
    );
}

async fn arrivals(time: Duration) -> Vec<Instant> {
    let options = Options { time_scale: 0.05, keep_arrivals: true, ..Options::default() };
    let simulation = Simulation::start(options).await.expect("a port");
    let mut step: Step<PhoneLookup> = default_phone_plan().steps()[1].clone();
    step.retry.attempts_max = 1;
    let mut astra = definition::built_in().into_iter().nth(1).expect("the second one");
    astra.description.rate_limit = RateLimit::per_second(CALLS_PER_SECOND);
    let mut options = HttpOptions::default();
    options.base_url = Some(simulation.base_url().parse().expect("an address"));
    options.proxy = Proxy::Direct;
    let client = HttpClient::new(options).expect("a client");
    let astra = HttpProvider::new(astra, &client, Some(Key::new("1234jhgf"))).expect("a key");
    let plan = Plan::new(vec![step]).expect("a plan");
    let driver = Driver::builder(plan).provider(astra).concurrency_max(200);
    let driver = driver.build().expect("a driver");
    let results = driver.run_all(stream::iter(leads(u32::MAX)));
    let _ = tokio::time::timeout(time + Duration::from_millis(200), results.count()).await;
    simulation.begun(SimulatedProvider::AstraDialer)
}

/// The most that came within a second, wherever it begins.
fn most_in_a_second(arrivals: &[Instant]) -> usize {
    let mut first = 0;
    let mut most = 0;
    for (last, at) in arrivals.iter().enumerate() {
        while *at - arrivals[first] >= Duration::from_secs(1) {
            first += 1;
        }
        most = most.max(last - first + 1);
    }
    most
}
