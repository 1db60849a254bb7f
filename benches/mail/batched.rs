//! Many addresses of few domains, over sessions that they share.

use std::time::Instant;

use futures_util::{StreamExt, stream};
use genesy_benches::harness::{Size, median};
use genesy_core::verification::{Limits, Verdict};

use crate::process::{cpu_time, runtime};
use crate::server::{DOMAINS, Hosts, PEOPLE, PEOPLE_OF_FIRST, Server, address};

/// Addresses under way at a time.
const CONCURRENCY: usize = 4096;

pub(crate) fn measure(size: Size) {
    let (rounds, _) = size.rounds(0);
    let server = Server::start(Hosts::Quick);
    let of_one = |number| address(0, number);
    of_domains(size, rounds, &server, "one domain", PEOPLE_OF_FIRST, of_one);
    let of_all = |number| address(number % DOMAINS, number / DOMAINS);
    of_domains(size, rounds, &server, "64 domains", DOMAINS * PEOPLE, of_all);
}

fn of_domains(
    size: Size,
    rounds: usize,
    server: &Server,
    of: &str,
    count: u32,
    address: impl Fn(u32) -> String,
) {
    let count = if size == Size::Bench { count } else { 10 * DOMAINS };
    let runtime = runtime();
    let (mut rates, mut costs_us) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let addresses: Vec<String> = (0..count).map(&address).collect();
        let (rate, cost_us) = runtime.block_on(pace(server, addresses));
        // The first one warms up.
        if round > 0 {
            rates.push(rate);
            costs_us.push(cost_us);
        }
    }
    println!(
        "| addresses a second over shared sessions, {count} of {of} | {:.0} | 20000 |\n\
         | CPU time of the client for one of them | {:.1} µs | 15 µs |",
        median(&mut rates),
        median(&mut costs_us),
    );
}

/// Addresses a second, and the CPU time of one in microseconds. The verifier is a new one, which knows
/// nothing of the domains.
async fn pace(server: &Server, addresses: Vec<String>) -> (f64, f64) {
    let count = addresses.len();
    let verifier = server.place.verifier(Limits::DEFAULT).concurrency_max(CONCURRENCY);
    let verifier = verifier.build().expect("a verifier");
    let (began, before) = (Instant::now(), cpu_time());
    let mut results = Box::pin(verifier.verify_all(stream::iter(addresses)));
    let (mut deliverable, mut undeliverable) = (0, 0);
    while let Some(verified) = results.next().await {
        let verdict = verified.report.conclusion.verdict();
        deliverable += usize::from(verdict == Verdict::Deliverable);
        undeliverable += usize::from(verdict == Verdict::Undeliverable);
    }
    let cpu_us = (cpu_time() - before).as_secs_f64() * 1e6 / count as f64;
    assert_eq!(deliverable, undeliverable, "every other one is known");
    assert_eq!(deliverable + undeliverable, count);
    (count as f64 / began.elapsed().as_secs_f64(), cpu_us)
}
