//! What is not asked twice.

use std::time::Duration;

use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use genesy_core::verification::{CatchAll, Verdict};
use genesy_providers::simulated::mail::{RecordKind, Script};

use super::PATIENCE;
use super::rig::{ADA, DOMAIN, MX, WIDE, builder, knows_ada, one_host, policy};

fn address(number: u32) -> String {
    format!("lead{number}@{DOMAIN}")
}

#[tokio::test]
async fn the_probe_of_a_catch_all_domain_is_made_once() {
    let (laboratory, host) = one_host(Script::default());
    let verifier = builder(&laboratory, policy(WIDE)).build().unwrap();
    for number in 0..5 {
        let report = verifier.verify(&address(number)).await;
        assert_eq!(report.conclusion.reason(), "catch_all");
        assert_eq!(report.evidence.catch_all, CatchAll::Yes);
    }
    assert_eq!(host.stats().recipients, 6);
}

#[tokio::test]
async fn the_probe_of_a_domain_that_refuses_is_made_once() {
    let (laboratory, host) = one_host(knows_ada());
    let verifier = builder(&laboratory, policy(WIDE)).build().unwrap();
    for _ in 0..5 {
        assert_eq!(verifier.verify(ADA).await.conclusion.verdict(), Verdict::Deliverable);
    }
    for number in 0..5 {
        let report = verifier.verify(&address(number)).await;
        assert_eq!(report.conclusion.reason(), "no_such_mailbox");
    }
    assert_eq!(host.stats().recipients, 11);
}

#[tokio::test]
async fn many_addresses_make_the_probe_once_for_each_lane_at_most() {
    let (laboratory, host) = one_host(Script::default());
    let verifier = builder(&laboratory, policy(WIDE)).build().unwrap();
    let count = verifier.verify_all(stream::iter((0..200).map(address))).count().await;
    assert_eq!(count, 200);
    assert!(host.stats().recipients <= 204, "{:?}", host.stats());
}

/// What is known ends with its lifetime, however often it is made use of.
#[tokio::test]
async fn what_is_known_is_asked_again_in_the_end() {
    const LIFETIME: Duration = Duration::from_millis(250);
    let (laboratory, host) = one_host(Script::default());
    let verifier = builder(&laboratory, policy(WIDE)).domain_lifetime(LIFETIME).build().unwrap();
    let begun = tokio::time::Instant::now();
    let (mut asked, mut probes) = (0, 0);
    while probes < 2 {
        assert!(begun.elapsed() < PATIENCE, "{probes} probes for {asked} addresses");
        verifier.verify(&address(asked)).await;
        asked += 1;
        probes = host.stats().recipients - u64::from(asked);
        tokio::time::sleep(LIFETIME / 10).await;
    }
}

#[tokio::test]
async fn the_dns_is_asked_once() {
    let (laboratory, _host) = one_host(knows_ada());
    let verifier = builder(&laboratory, policy(WIDE)).build().unwrap();
    join_all((0..10).map(|_| verifier.verify(ADA))).await;
    verifier.verify(ADA).await;
    assert_eq!(laboratory.questions(DOMAIN, RecordKind::Mx), 1);
    assert_eq!(laboratory.questions(MX, RecordKind::A), 1);
    assert_eq!(laboratory.questions(MX, RecordKind::Aaaa), 1);
}
