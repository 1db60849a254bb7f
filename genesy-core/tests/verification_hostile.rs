//! A million hostile worlds: whatever happens, a verification ends in time, holds nothing when it has, and
//! is sure of nothing that it was not told.
//!
//! `GENESY_SIMULATED_SEEDS=100000000` simulates as many, and `GENESY_SIMULATED_SEED=7` the world 7 alone.

#![cfg(feature = "verification")]

mod verification_simulator;

use std::fmt::Write;
use std::panic::catch_unwind;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use verification_simulator::{Policies, simulate};

/// Worlds of a plain test run.
const SEEDS: u64 = 1_000_000;

/// Worlds that a thread takes at a time.
const SEEDS_AT_ONCE: u64 = 1_000;

/// In one world of so many, a person watches.
const WATCHED_ONE_IN: u64 = 16;

#[expect(clippy::disallowed_methods, reason = "the number of worlds is for whoever runs the tests")]
fn number_from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

/// Simulates one world, watched or not.
fn run(policies: &Policies, seed: u64) {
    if !seed.is_multiple_of(WATCHED_ONE_IN) {
        simulate(policies, seed, false, |_| {});
        return;
    }
    let mut line = String::new();
    simulate(policies, seed, false, |verification| {
        let progress = verification.progress();
        line.clear();
        write!(line, "{}", progress.line(verification.now(), true)).expect("text");
        assert!(!line.is_empty() && !line.contains("example"), "it tells no host: {line}");
        write!(line, "{}", progress.line(verification.now(), false)).expect("text");
    });
}

#[test]
fn whatever_happens_it_ends_in_time_and_holds_nothing() {
    if let Some(seed) = number_from_environment("GENESY_SIMULATED_SEED") {
        return run(&Policies::new(), seed);
    }
    let seeds = number_from_environment("GENESY_SIMULATED_SEEDS").unwrap_or(SEEDS);
    let next = AtomicU64::new(0);
    let work = || {
        let policies = Policies::new();
        loop {
            let first = next.fetch_add(SEEDS_AT_ONCE, Ordering::Relaxed);
            if first >= seeds {
                return;
            }
            for seed in first..seeds.min(first + SEEDS_AT_ONCE) {
                if catch_unwind(|| run(&policies, seed)).is_err() {
                    next.store(seeds, Ordering::Relaxed);
                    panic!("the world {seed} broke it: GENESY_SIMULATED_SEED={seed} runs it alone");
                }
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
}
