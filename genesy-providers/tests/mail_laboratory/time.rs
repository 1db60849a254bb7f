//! Limits hold, whatever hangs, and progress says where it stands.

use std::time::{Duration, Instant};

use genesy_core::verification::{Limits, Report, Stage};
use genesy_providers::mail::Verifier;
use genesy_providers::simulated::mail::{Laboratory, Script, Stage as At, Trick};

use super::rig::{
    ADA, DOMAIN, MX, OVERRUN_MAX, WIDE, assert_deliverable, assert_unknown, builder, knows_ada,
    one_host, policy, stage_time, verify,
};

const LIMIT_MS: u32 = 60;
const LIMIT: Duration = Duration::from_millis(LIMIT_MS as u64);
/// What a limit is overrun by at most in the best of some tries, on a machine that others use too.
const OVERRUN: Duration = Duration::from_millis(50);
const TRIES: usize = 8;

/// Verifies and watches: the report, and the stages that were seen.
async fn watched(verifier: &Verifier) -> (Report, Vec<Stage>) {
    let verifying = verifier.start(ADA);
    let mut progress = verifying.progress();
    let watching = tokio::spawn(async move {
        let mut seen = Vec::new();
        loop {
            let stage = progress.borrow_and_update().as_ref().and_then(|progress| progress.stage);
            seen.extend(stage);
            if progress.changed().await.is_err() {
                return seen;
            }
        }
    });
    let report = verifying.await.unwrap();
    (report, watching.await.unwrap())
}

/// A limit ends the stage, on time, and progress showed it.
async fn stage_ends(laboratory: &Laboratory, limits: Limits, stage: Stage) {
    let verifier = builder(laboratory, policy(limits)).build().unwrap();
    let mut overrun = Duration::MAX;
    for _ in 0..TRIES {
        let begun = Instant::now();
        let (report, seen) = watched(&verifier).await;
        assert!(begun.elapsed() < LIMIT + OVERRUN_MAX, "{:?}", begun.elapsed());
        assert_unknown(&report, "stage_timeout", stage);
        assert!(seen.contains(&stage), "{seen:?}");
        let time = stage_time(&report, stage).unwrap();
        assert!(time >= LIMIT, "{time:?}");
        overrun = overrun.min(time - LIMIT);
        if overrun < OVERRUN {
            return;
        }
    }
    panic!("{stage:?} is overrun by {overrun:?} at least");
}

#[tokio::test]
async fn a_silent_greeting_ends() {
    let (laboratory, _host) = one_host(knows_ada().trick(At::Greeting, Trick::Silence));
    stage_ends(&laboratory, Limits { greeting_ms: LIMIT_MS, ..WIDE }, Stage::Greeting).await;
}

#[tokio::test]
async fn a_silent_hello_ends() {
    let (laboratory, _host) = one_host(knows_ada().trick(At::Ehlo, Trick::Silence));
    stage_ends(&laboratory, Limits { hello_ms: LIMIT_MS, ..WIDE }, Stage::Hello).await;
}

#[tokio::test]
async fn a_silent_starttls_ends() {
    let (laboratory, _host) = one_host(knows_ada().starttls().trick(At::StartTls, Trick::Silence));
    stage_ends(&laboratory, Limits { start_tls_ms: LIMIT_MS, ..WIDE }, Stage::StartTls).await;
}

#[tokio::test]
async fn a_silent_mail_ends() {
    let (laboratory, _host) = one_host(knows_ada().trick(At::MailFrom, Trick::Silence));
    stage_ends(&laboratory, Limits { mail_ms: LIMIT_MS, ..WIDE }, Stage::Mail).await;
}

#[tokio::test]
async fn a_silent_recipient_ends() {
    let (laboratory, _host) = one_host(knows_ada().trick(At::RcptTo, Trick::Silence));
    stage_ends(&laboratory, Limits { recipient_ms: LIMIT_MS, ..WIDE }, Stage::Recipient).await;
}

#[tokio::test]
async fn a_drip_is_no_progress() {
    let drip = Trick::Drip { interval: Duration::from_millis(20) };
    for (at, stage, limits) in [
        (At::Greeting, Stage::Greeting, Limits { greeting_ms: LIMIT_MS, ..WIDE }),
        (At::RcptTo, Stage::Recipient, Limits { recipient_ms: LIMIT_MS, ..WIDE }),
    ] {
        let (laboratory, _host) = one_host(knows_ada().trick(at, drip.clone()));
        stage_ends(&laboratory, limits, stage).await;
    }
}

#[tokio::test]
async fn a_black_hole_ends() {
    let laboratory = Laboratory::start().unwrap();
    laboratory.black_hole(MX).unwrap();
    laboratory.domain(DOMAIN).mx(10, MX);
    stage_ends(&laboratory, Limits { connect_ms: LIMIT_MS, ..WIDE }, Stage::Connect).await;
}

#[tokio::test]
async fn a_silent_probe_ends_and_costs_the_probe_alone() {
    let (laboratory, _host) = one_host(knows_ada().trick_at(At::RcptTo, 2, Trick::Silence));
    let limits = Limits { catch_all_ms: LIMIT_MS, ..WIDE };
    let begun = Instant::now();
    assert_deliverable(&verify(&laboratory, limits, ADA).await);
    assert!(begun.elapsed() < LIMIT + OVERRUN_MAX);
}

/// Every reply is in time, and all of them are not: the total ends it, with what is known.
#[tokio::test]
async fn slow_replies_end_with_the_total_and_partial_facts() {
    let (laboratory, host) = one_host(knows_ada().delay(Duration::from_millis(150)));
    let limits = Limits { total_ms: 375, ..WIDE };
    let verifier = builder(&laboratory, policy(limits)).build().unwrap();
    let begun = Instant::now();
    let (report, seen) = watched(&verifier).await;
    let time = begun.elapsed();
    assert!(time >= Duration::from_millis(375) && time < Duration::from_millis(375) + OVERRUN_MAX);
    let stage = report.conclusion.stage().unwrap();
    assert_unknown(&report, "deadline_exceeded", stage);
    assert!(stage > Stage::Connect && stage < Stage::CatchAll, "{stage:?}");
    assert!(seen.contains(&stage), "{seen:?}");
    assert_eq!(report.evidence.hosts, [host.name()]);
    assert_eq!(report.evidence.connections.len(), 1);
    assert!(stage_time(&report, Stage::Greeting).unwrap() >= Duration::from_millis(150));
}

/// The time that is asked for the probe is not there, but what the recipient is was said already.
#[tokio::test]
async fn the_total_does_not_take_back_what_is_known() {
    let (laboratory, _host) = one_host(knows_ada().trick_at(At::RcptTo, 2, Trick::Silence));
    assert_deliverable(&verify(&laboratory, Limits { total_ms: 1_000, ..WIDE }, ADA).await);
}

#[tokio::test]
async fn slow_replies_within_the_limits_are_waited_for() {
    let (laboratory, _host) = one_host(knows_ada().delay(Duration::from_millis(100)));
    assert_deliverable(&verify(&laboratory, WIDE, ADA).await);
}

#[tokio::test]
async fn a_flood_does_not_outlast_the_total() {
    let (laboratory, _host) = one_host(Script::default().trick(At::Ehlo, Trick::EndlessLines));
    let begun = Instant::now();
    let report = verify(&laboratory, Limits { total_ms: 500, ..WIDE }, ADA).await;
    assert_eq!(report.conclusion.stage(), Some(Stage::Hello));
    assert!(begun.elapsed() < OVERRUN_MAX);
}
