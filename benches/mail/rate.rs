//! Many checks at a time, each with a connection of its own.

use std::sync::Arc;
use std::time::Instant;

use futures_util::{StreamExt, stream};

use genesy_benches::harness::{Size, median};

use crate::checks::{Contender, bare, driven, whole_dialogue};
use crate::process::{cpu_time, runtime};
use crate::server::{Hosts, Server};

/// Checks under way at a time.
const CONCURRENCY: usize = 64;

pub(crate) fn measure(size: Size) {
    let (rounds, checks) = size.rounds(10_000);
    let server = Server::start(Hosts::Quick);
    let runtime = runtime();
    let verifier = runtime.block_on(async { whole_dialogue(&server) });
    let (mut bare_rate, mut driven_rate) = (Vec::new(), Vec::new());
    let (mut bare_us, mut driven_us) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let bare = runtime.block_on(pace(checks, bare(&server)));
        let driven = runtime.block_on(pace(checks, driven(&verifier)));
        // The first one warms up.
        if round > 0 {
            bare_rate.push(bare.0);
            bare_us.push(bare.1);
            driven_rate.push(driven.0);
            driven_us.push(driven.1);
        }
    }
    println!(
        "| checks a second with a connection each, {CONCURRENCY} at a time | {:.0} at {:.0} µs of CPU time \
         (a bare loop: {:.0} at {:.0} µs; medians of {rounds} rounds) | 2500 |",
        median(&mut driven_rate),
        median(&mut driven_us),
        median(&mut bare_rate),
        median(&mut bare_us),
    );
}

/// Checks a second, and the CPU time of one in microseconds.
async fn pace(checks: u32, check: impl Contender) -> (f64, f64) {
    let (began, before) = (Instant::now(), cpu_time());
    let check = Arc::new(check);
    let all = stream::iter(0..checks).map(|number| tokio::spawn(check(number)));
    let mut all = all.buffer_unordered(CONCURRENCY);
    while let Some(is_taken) = all.next().await {
        assert!(is_taken.expect("no panic"), "somebody is known there");
    }
    let checks = f64::from(checks);
    let cpu_us = (cpu_time() - before).as_secs_f64() * 1e6 / checks;
    (checks / began.elapsed().as_secs_f64(), cpu_us)
}
