//! Checks under way at hosts that never say anything: what they take of memory, and how far they run over
//! their deadline.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use genesy_benches::harness::{Size, figures_of, resident_bytes};
use genesy_core::verification::{Conclusion, Limits, Stage, Unknown};
use tokio::time::timeout;

use crate::process::{files_max, runtime};
use crate::server::{DOMAINS, Hosts, Place, Server, address};

/// Checks at a time, if so many files may be open.
const CHECKS: u32 = 20_000;
/// Files that the process has open besides.
const FILES_ELSE: u32 = 100;
/// How long a check may take, in milliseconds: more than it takes to make all connections.
const TOTAL_MS: u32 = 15_000;
/// How long the DNS may take at first.
const WARM_UP: Duration = Duration::from_millis(500);

pub(crate) fn measure(size: Size) {
    let (checks, total_ms) = match size {
        Size::Bench => (CHECKS.min(files_max() - FILES_ELSE), TOTAL_MS),
        Size::Test => (20, 500),
    };
    let server = Server::start(Hosts::Silent);
    let asked = ["hang".to_owned(), checks.to_string(), total_ms.to_string()];
    let figures = figures_of(&[&asked[..], &server.place.words()].concat());
    let [resident_bytes, over_us, over_us_max] = figures[..] else { panic!("three figures") };
    println!(
        "| memory of a check at a host that hangs, {checks} at a time | {:.2} KiB | 4 KiB |",
        resident_bytes as f64 / f64::from(checks) / 1024.0,
    );
    println!(
        "| the same checks' time over their deadline, 99th percentile | {:.1} ms (longest {:.1} ms) | 50 ms |",
        over_us as f64 / 1000.0,
        over_us_max as f64 / 1000.0,
    );
}

/// The client in its own process: prints what its memory grew by in bytes, and in microseconds how far
/// checks ran over their deadline: 99th percentile and longest.
pub(crate) fn child(arguments: &[String]) -> ExitCode {
    let [checks, total_ms, place @ ..] = arguments else { return ExitCode::FAILURE };
    let checks: u32 = checks.parse().expect("a number");
    let total_ms: u32 = total_ms.parse().expect("a number");
    runtime().block_on(hang(&Place::read(place), checks, total_ms));
    ExitCode::SUCCESS
}

async fn hang(place: &Place, checks: u32, total_ms: u32) {
    let limits = Limits {
        total_ms,
        connect_ms: total_ms,
        greeting_ms: total_ms,
        connections_max: 1,
        ..Limits::DEFAULT
    };
    let verifier = place.verifier(limits).connections_per_host_max(checks as usize);
    let verifier = verifier.build().expect("a verifier");
    let total = Duration::from_millis(total_ms.into());
    // What the DNS said is there already.
    let warm_up = async |domain| timeout(WARM_UP, verifier.verify(&address(domain, 0))).await;
    join_all((0..DOMAINS).map(warm_up)).await;
    let before = resident_bytes();
    let start = |number: u32| {
        let verifier = verifier.clone();
        tokio::spawn(async move {
            let began = Instant::now();
            let report = verifier.verify(&address(number % DOMAINS, number / DOMAINS)).await;
            let took = began.elapsed();
            let expected =
                Conclusion::Unknown { stage: Stage::Greeting, reason: Unknown::DeadlineExceeded };
            assert_eq!(report.conclusion, expected);
            took
        })
    };
    let all: Vec<_> = (0..checks).map(start).collect();
    tokio::time::sleep(total * 9 / 10).await;
    let grown_by = resident_bytes().saturating_sub(before);
    let mut over_us = Vec::new();
    for check in all {
        let took = check.await.expect("it ends as it should");
        over_us.push(took.saturating_sub(total).as_micros());
    }
    over_us.sort_unstable();
    println!("{grown_by} {} {}", over_us[over_us.len() * 99 / 100], over_us[over_us.len() - 1]);
}
