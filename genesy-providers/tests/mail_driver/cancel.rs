//! Cancelling and dropping.

use std::time::Duration;

use genesy_core::verification::{Limits, Report, Stage, Verdict};
use genesy_providers::mail::Verifier;
use genesy_providers::simulated::mail::{DnsTrouble, Laboratory, Script, Stage as At, Trick};

use super::rig::{
    ADA, BOB, DOMAIN, MX, WIDE, assert_deliverable, assert_unknown, builder, knows_ada, one_host,
    policy,
};
use super::until;

/// Cancels when the stage is reached.
async fn cancelled_at(verifier: &Verifier, stage: Stage) -> Report {
    let verifying = verifier.start(ADA);
    let progress = verifying.progress();
    until(|| progress.borrow().as_ref().is_some_and(|at| at.stage == Some(stage))).await;
    verifying.cancel();
    let ended = tokio::time::timeout(Duration::from_secs(5), verifying).await;
    ended.expect("it goes on").unwrap()
}

async fn cancelled_while_talking(script: Script, stage: Stage) -> Report {
    let (laboratory, host) = one_host(script);
    let verifier = builder(&laboratory, policy(WIDE)).build().unwrap();
    let report = cancelled_at(&verifier, stage).await;
    until(|| host.stats().connections_now == 0).await;
    // What was found out until then is kept.
    assert_eq!(report.evidence.hosts, [MX]);
    assert_eq!(report.evidence.connections.len(), 1);
    report
}

#[tokio::test]
async fn at_each_stage_of_a_session() {
    let script = knows_ada().starttls();
    for (at, stage) in [
        (At::Greeting, Stage::Greeting),
        (At::Ehlo, Stage::Hello),
        (At::StartTls, Stage::StartTls),
        (At::TlsHandshake, Stage::StartTls),
        (At::MailFrom, Stage::Mail),
        (At::RcptTo, Stage::Recipient),
    ] {
        let script = script.clone().trick(at, Trick::Silence);
        let report = cancelled_while_talking(script, stage).await;
        assert_unknown(&report, "cancelled", stage);
    }
}

#[tokio::test]
async fn at_the_probe_and_at_quit_with_what_is_known() {
    for (at, nth, stage) in [(At::RcptTo, 2, Stage::CatchAll), (At::Quit, 1, Stage::Quit)] {
        let script = knows_ada().trick_at(at, nth, Trick::Silence);
        assert_deliverable(&cancelled_while_talking(script, stage).await);
    }
}

#[tokio::test]
async fn while_the_dns_is_asked() {
    let (laboratory, _host) = one_host(knows_ada());
    laboratory.domain(DOMAIN).trouble(DnsTrouble::Silent);
    let verifier = builder(&laboratory, policy(WIDE)).build().unwrap();
    assert_unknown(&cancelled_at(&verifier, Stage::Dns).await, "cancelled", Stage::Dns);
}

#[tokio::test]
async fn while_it_connects() {
    let laboratory = Laboratory::start().unwrap();
    laboratory.black_hole(MX).unwrap();
    laboratory.domain(DOMAIN).mx(10, MX);
    let verifier = builder(&laboratory, policy(WIDE)).build().unwrap();
    assert_unknown(&cancelled_at(&verifier, Stage::Connect).await, "cancelled", Stage::Connect);
}

#[tokio::test]
async fn while_it_waits_for_its_turn() {
    let (laboratory, host) = one_host(knows_ada().trick(At::Greeting, Trick::Silence));
    let builder = builder(&laboratory, policy(WIDE)).connections_per_host_max(1);
    let verifier = builder.build().unwrap();
    let _first = verifier.start(BOB);
    until(|| host.stats().connections_now == 1).await;
    assert_unknown(&cancelled_at(&verifier, Stage::Queue).await, "cancelled", Stage::Queue);
}

#[tokio::test]
async fn while_it_sleeps() {
    let (laboratory, host) = one_host(knows_ada().greylisting(Duration::from_secs(600)));
    let limits = Limits { greylist_ms_max: 900_000, ..WIDE };
    let verifier = builder(&laboratory, policy(limits)).build().unwrap();
    let report = cancelled_at(&verifier, Stage::Greylist).await;
    assert_eq!(report.conclusion.verdict(), Verdict::Unknown);
    assert_eq!(report.evidence.reply.unwrap().code, 450);
    assert_eq!(host.stats().connections_now, 0);
}

#[tokio::test]
async fn cancelling_twice_or_at_the_end_does_nothing() {
    let (laboratory, _host) = one_host(knows_ada());
    let verifier = builder(&laboratory, policy(WIDE)).build().unwrap();
    let mut verifying = verifier.start(ADA);
    let report = (&mut verifying).await.unwrap();
    verifying.cancel();
    verifying.cancel();
    assert_deliverable(&report);
}

#[tokio::test]
async fn dropping_the_future_closes_the_connection() {
    let (laboratory, host) = one_host(knows_ada().trick(At::RcptTo, Trick::Silence));
    let verifier = builder(&laboratory, policy(WIDE)).build().unwrap();
    let mut verification = Box::pin(verifier.verify(ADA));
    let polled = tokio::time::timeout(Duration::from_millis(5), &mut verification);
    assert!(polled.await.is_err());
    while host.stats().recipients == 0 {
        assert!(tokio::time::timeout(Duration::from_millis(5), &mut verification).await.is_err());
    }
    assert_eq!(host.stats().connections_now, 1);
    drop(verification);
    until(|| host.stats().connections_now == 0).await;
}

#[tokio::test]
async fn dropping_the_handle_closes_the_connection() {
    let (laboratory, host) = one_host(knows_ada().trick(At::RcptTo, Trick::Silence));
    let verifier = builder(&laboratory, policy(WIDE)).build().unwrap();
    let verifying = verifier.start(ADA);
    until(|| host.stats().recipients == 1).await;
    drop(verifying);
    until(|| host.stats().connections_now == 0).await;
}
