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

/// A server may turn to refusing everyone, as against those who ask for many, in the words for those who are
/// not there.
#[tokio::test]
async fn a_domain_that_turns_to_refusing_everyone_is_found_out() {
    let (laboratory, host) = one_host(knows_ada());
    let verifier = builder(&laboratory, policy(WIDE)).build().unwrap();
    assert_eq!(verifier.verify(ADA).await.conclusion.verdict(), Verdict::Deliverable);
    host.set_script(Script::with_mailboxes([""; 0]).no_postmaster());
    for number in 0..20 {
        let report = verifier.verify(&address(number)).await;
        assert_eq!(report.conclusion.reason(), "no_such_mailbox", "{number}");
    }
    for number in 20..25 {
        let report = verifier.verify(&address(number)).await;
        assert_eq!(report.conclusion.reason(), "refuses_anyone", "{number}");
    }
    // A control behind the first one, and two behind the twentieth that was refused.
    assert_eq!(host.stats().recipients, 26 + 3);
}

/// A list may hold many who are not there: it costs a few controls now and then.
#[tokio::test]
async fn a_domain_with_few_mailboxes_is_seldom_asked_anew() {
    const COUNT: u32 = 400;
    let (laboratory, host) = one_host(knows_ada());
    let verifier = builder(&laboratory, policy(WIDE)).build().unwrap();
    verifier.verify(ADA).await;
    let mut reports = std::pin::pin!(verifier.verify_all(stream::iter((0..COUNT).map(address))));
    while let Some(done) = reports.next().await {
        assert_eq!(done.report.conclusion.reason(), "no_such_mailbox");
    }
    let recipients = host.stats().recipients;
    assert!(recipients < u64::from(COUNT) * 3 / 2, "{recipients}");
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
