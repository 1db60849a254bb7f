//! One check after another, each with a connection of its own: what a check costs the client.

use std::time::Instant;

use genesy_benches::harness::{Size, median};

use crate::checks::{Contender, bare, driven, whole_dialogue};
use crate::process::{cpu_time, runtime};
use crate::server::{Hosts, Server};

pub(crate) fn measure(size: Size) {
    let (rounds, checks) = size.rounds(2000);
    let server = Server::start(Hosts::Quick);
    let runtime = runtime();
    let verifier = runtime.block_on(async { whole_dialogue(&server) });
    let (mut bare_us, mut driven_us, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let mut wall_us = Vec::new();
    for round in 0..=rounds {
        let bare = runtime.block_on(cost_us(checks, bare(&server)));
        let began = Instant::now();
        let driven = runtime.block_on(cost_us(checks, driven(&verifier)));
        // The first one warms up.
        if round > 0 {
            wall_us.push(began.elapsed().as_micros() as f64 / f64::from(checks));
            bare_us.push(bare);
            driven_us.push(driven);
            ratios.push(driven / bare);
        }
    }
    println!(
        "| CPU time of the client for a check, one after another | {:.0} µs ({:.2} times the {:.0} µs of a \
         bare loop; {:.0} µs by the clock; medians of {rounds} rounds) | 200 µs |",
        median(&mut driven_us),
        median(&mut ratios),
        median(&mut bare_us),
        median(&mut wall_us),
    );
}

/// CPU time of one of so many checks, in microseconds. They run on a worker of the runtime, as they would
/// in a program.
async fn cost_us(checks: u32, check: impl Contender) -> f64 {
    let before = cpu_time();
    let all = async move {
        for number in 0..checks {
            assert!(check(number).await, "somebody is known there");
        }
    };
    tokio::spawn(all).await.expect("no panic");
    (cpu_time() - before).as_secs_f64() * 1e6 / f64::from(checks)
}
