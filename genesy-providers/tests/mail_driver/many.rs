//! Many addresses: bounds, and the end.

use std::cell::Cell;
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use genesy_core::verification::Limits;
use genesy_providers::mail::ResolverOptions;
use genesy_providers::simulated::mail::{DnsTrouble, Laboratory, Script, Stage as At, Trick};

use super::rig::{DOMAIN, MX, WIDE, builder, one_host, policy};
use super::{PATIENCE, until};

fn address(number: usize) -> String {
    format!("lead{number}@{DOMAIN}")
}

/// No more addresses are taken than may be under way, whoever is slow.
#[tokio::test]
async fn addresses_are_taken_as_there_is_room() {
    const MAX: usize = 7;
    for (delay_ms, pause_ms) in [(5, 0), (0, 2)] {
        let script = Script::default().delay(Duration::from_millis(delay_ms));
        let (laboratory, _host) = one_host(script);
        let builder = builder(&laboratory, policy(WIDE)).concurrency_max(MAX);
        let verifier = builder.build().unwrap();
        let (taken, most) = (Cell::new(0), Cell::new(0));
        let given = Cell::new(0);
        let addresses = stream::iter((0..60).map(address)).inspect(|_| {
            taken.set(taken.get() + 1);
            most.set(most.get().max(taken.get() - given.get()));
        });
        let mut reports = std::pin::pin!(verifier.verify_all(addresses));
        while reports.next().await.is_some() {
            given.set(given.get() + 1);
            tokio::time::sleep(Duration::from_millis(pause_ms)).await;
        }
        assert_eq!((taken.get(), given.get()), (60, 60));
        assert_eq!(most.get(), MAX);
    }
}

#[tokio::test]
async fn settings_that_mean_no_limit_limit_nothing() {
    let (laboratory, _host) = one_host(Script::default());
    let resolver = ResolverOptions {
        name_servers: vec![laboratory.dns()],
        lifetime_min: Duration::MAX,
        positive_lifetime_max: Duration::MAX,
        negative_lifetime_max: Duration::MAX,
        ..ResolverOptions::default()
    };
    let verifier = builder(&laboratory, policy(WIDE))
        .resolver(resolver)
        .connections_per_host_max(usize::MAX)
        .connect_pause(Duration::MAX)
        .concurrency_max(usize::MAX)
        .domain_lifetime(Duration::MAX)
        .build()
        .unwrap();
    let addresses = [address(1), "ada@nobody.example".to_owned()];
    let reports = verifier.verify_all(stream::iter(addresses)).count();
    assert_eq!(tokio::time::timeout(PATIENCE, reports).await.expect("it hangs"), 2);
}

#[tokio::test]
async fn nothing_begins_before_it_is_asked_for() {
    let (laboratory, host) = one_host(Script::default());
    let verifier = builder(&laboratory, policy(WIDE)).build().unwrap();
    let reports = verifier.verify_all(stream::iter((0..10).map(address)));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(host.stats().connections_total, 0);
    drop(reports);
}

#[tokio::test]
async fn no_addresses_are_no_reports() {
    let (laboratory, _host) = one_host(Script::default());
    let verifier = builder(&laboratory, policy(WIDE)).build().unwrap();
    assert_eq!(verifier.verify_all(stream::empty()).count().await, 0);
}

#[tokio::test]
async fn texts_that_are_no_addresses_are_reported_too() {
    let (laboratory, _host) = one_host(Script::default());
    let verifier = builder(&laboratory, policy(WIDE)).build().unwrap();
    let texts =
        ["", "@", "ada", "ada@", "@engines.example", "a b@engines.example", "ada@engines.example"];
    let mut done: Vec<_> = verifier
        .verify_all(stream::iter(texts.map(str::to_owned)))
        .map(|done| (done.address.into_inner(), done.report.conclusion.reason()))
        .collect()
        .await;
    done.sort_by_key(|(text, _)| texts.iter().position(|given| given == text));
    for (at, (text, reason)) in done.into_iter().enumerate() {
        assert_eq!(text, texts[at]);
        assert_eq!(reason, if at < 6 { "syntax_invalid" } else { "catch_all" }, "{text}");
    }
}

#[tokio::test]
async fn dropping_the_stream_ends_everything() {
    // The batch hangs in the middle, and others wait for their turn.
    let script = Script::default().trick_at(At::RcptTo, 9, Trick::Silence);
    let (laboratory, host) = one_host(script);
    let verifier = builder(&laboratory, policy(WIDE)).build().unwrap();
    {
        let mut reports = std::pin::pin!(verifier.verify_all(stream::iter((0..300).map(address))));
        for _ in 0..3 {
            reports.next().await.unwrap();
        }
        assert!(host.stats().connections_now >= 1);
    }
    until(|| host.stats().connections_now == 0).await;
    let before = host.stats();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(host.stats(), before);
}

#[tokio::test]
async fn dropping_the_stream_ends_those_that_sleep_and_ask() {
    let laboratory = Laboratory::start().unwrap();
    let greylists = Script::default().greylisting(Duration::from_secs(600));
    let host = laboratory.host(MX, greylists).unwrap();
    laboratory.domain(DOMAIN).mx(10, MX);
    laboratory.domain("silent.example").trouble(DnsTrouble::Silent);
    let limits = Limits { greylist_ms_max: 900_000, ..WIDE };
    let verifier = builder(&laboratory, policy(limits)).build().unwrap();
    let addresses = [address(1), "ada@silent.example".to_owned()];
    let mut reports = Box::pin(verifier.verify_all(stream::iter(addresses)));
    let first = tokio::time::timeout(Duration::from_millis(200), reports.next()).await;
    assert!(first.is_err(), "nothing can have ended");
    drop(reports);
    until(|| host.stats().connections_now == 0).await;
}

/// More may sleep than may be under way.
#[tokio::test]
async fn those_that_sleep_make_room_for_others() {
    let (laboratory, _host) = one_host(Script::default());
    let hour = Duration::from_secs(3600);
    laboratory.host("mx.later.example", Script::default().greylisting(hour)).unwrap();
    laboratory.domain("later.example").mx(10, "mx.later.example");
    let limits = Limits { greylist_ms_max: 900_000, greylist_ms: 600_000, ..WIDE };
    let verifier = builder(&laboratory, policy(limits)).concurrency_max(2).build().unwrap();
    let asleep = (0..10).map(|number| format!("lead{number}@later.example"));
    let addresses: Vec<_> = asleep.chain((0..5).map(address)).collect();
    let mut reports = std::pin::pin!(verifier.verify_all(stream::iter(addresses)));
    for _ in 0..5 {
        let next = tokio::time::timeout(PATIENCE, reports.next()).await;
        let done = next.expect("nobody sleeps for so long").unwrap();
        assert_eq!(done.report.conclusion.reason(), "catch_all", "{:?}", done.report);
    }
}

#[tokio::test]
async fn sessions_are_quit_in_the_end() {
    let (laboratory, host) = one_host(Script::default());
    let verifier = builder(&laboratory, policy(WIDE)).build().unwrap();
    verifier.verify_all(stream::iter((0..300).map(address))).count().await;
    until(|| host.stats().connections_now == 0).await;
    let stats = host.stats();
    assert_eq!(stats.quits, stats.connections_total);
}

#[tokio::test]
async fn many_domains_go_side_by_side() {
    let laboratory = Laboratory::start().unwrap();
    let delay = Duration::from_millis(100);
    for number in 0..30 {
        let host = format!("mx{number}.example");
        laboratory.host(&host, Script::default().delay(delay)).unwrap();
        laboratory.domain(&format!("d{number}.example")).mx(10, &host);
    }
    let verifier = builder(&laboratory, policy(WIDE)).build().unwrap();
    let addresses = (0..90).map(|number| format!("lead@d{}.example", number % 30));
    let begun = Instant::now();
    assert_eq!(verifier.verify_all(stream::iter(addresses)).count().await, 90);
    // One after another they would take 30 times 6 replies, 18 s at least.
    assert!(begun.elapsed() < Duration::from_secs(18), "{:?}", begun.elapsed());
}

/// A domain whose host hangs does not keep its addresses waiting one behind another.
#[tokio::test]
async fn addresses_of_a_dead_domain_end_side_by_side() {
    let (laboratory, _host) = one_host(Script::default().trick(At::Greeting, Trick::Silence));
    let limits = Limits { greeting_ms: 250, ..WIDE };
    let verifier = builder(&laboratory, policy(limits)).build().unwrap();
    let begun = Instant::now();
    assert_eq!(verifier.verify_all(stream::iter((0..24).map(address))).count().await, 24);
    // Four at a time take 1.5 s, one at a time 6 s.
    assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
}
