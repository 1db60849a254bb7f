//! Checks under way at hosts that never say anything: what they take of memory, and how far they run over
//! their deadline.

use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures_util::future::join_all;
use genesy_benches::harness::{Size, figures_of, resident_bytes};
use genesy_core::verification::{Conclusion, Limits, Stage, Unknown};
use tokio::time::timeout;

use crate::process::{files_max, runtime};
use crate::server::{DOMAINS, Hosts, Place, Server, address};

/// Checks at a time, if so many files may be open.
const CHECKS: u32 = 20_000;
/// Pairs of a client and a server, each a process with a limit of open files of its own.
const PAIRS: u32 = 2;
/// Files that a process has open besides.
const FILES_ELSE: u32 = 100;
/// How long a check may take, in milliseconds: more than it takes to make all connections.
const TOTAL_MS: u32 = 15_000;
/// How long the DNS may take at first.
const WARM_UP: Duration = Duration::from_millis(500);

pub(crate) fn measure(size: Size) {
    let (checks, total_ms) = match size {
        Size::Bench => ((CHECKS / PAIRS).min(files_max() - FILES_ELSE), TOTAL_MS),
        Size::Test => (20, 500),
    };
    let pair = move || {
        let server = Server::start(Hosts::Silent);
        let asked = ["hang".to_owned(), checks.to_string(), total_ms.to_string()];
        figures_of(&[&asked[..], &server.place.words()].concat())
    };
    let pairs: Vec<_> = (0..PAIRS).map(|_| thread::spawn(pair)).collect();
    let mut all = Vec::new();
    let (mut resident_bytes, mut last_measured, mut first_ended) = (0, 0, u64::MAX);
    for pair in pairs {
        let figures = pair.join().expect("figures");
        let [grown_by, measured, ended, over_us @ ..] = &figures[..] else { panic!("figures") };
        resident_bytes += grown_by;
        last_measured = last_measured.max(*measured);
        first_ended = first_ended.min(*ended);
        all.extend_from_slice(over_us);
    }
    assert!(last_measured < first_ended, "all are under way at once");
    all.sort_unstable();
    println!(
        "| memory of a check at a host that hangs, {} at a time in {PAIRS} processes | {:.2} KiB | 4 KiB |",
        all.len(),
        resident_bytes as f64 / all.len() as f64 / 1024.0,
    );
    println!(
        "| the same checks' time over their deadline, 99th percentile | {:.1} ms (longest {:.1} ms) | 50 ms |",
        all[all.len() * 99 / 100] as f64 / 1000.0,
        all[all.len() - 1] as f64 / 1000.0,
    );
}

/// The client in its own process. It prints what its memory grew by in bytes; when that was measured and when
/// the first check ended, in milliseconds since the epoch; and of each check how far it ran over its deadline,
/// in microseconds.
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
            let (took, ended) = (began.elapsed(), since_epoch_ms());
            let expected =
                Conclusion::Unknown { stage: Stage::Greeting, reason: Unknown::DeadlineExceeded };
            assert_eq!(report.conclusion, expected);
            (took, ended)
        })
    };
    let all: Vec<_> = (0..checks).map(start).collect();
    // All are connected by then, and none has ended.
    tokio::time::sleep(total * 2 / 3).await;
    let grown_by = resident_bytes().saturating_sub(before);
    let measured = since_epoch_ms();
    let mut over_us = Vec::new();
    let mut first_ended = u128::MAX;
    for check in all {
        let (took, ended) = check.await.expect("it ends as it should");
        over_us.push(took.saturating_sub(total).as_micros().to_string());
        first_ended = first_ended.min(ended);
    }
    println!("{grown_by} {measured} {first_ended} {}", over_us.join(" "));
}

fn since_epoch_ms() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis()
}
