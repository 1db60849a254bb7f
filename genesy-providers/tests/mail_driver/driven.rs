//! A verification that its owner keeps, and has driven.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use genesy_core::time::Timestamp;
use genesy_core::verification::{Input, Limits, Snapshot, Stage, Verification};
use genesy_providers::mail::Drove;
use genesy_providers::simulated::mail::{RecordKind, Stage as At, Trick};

use super::rig::{
    ADA, DOMAIN, WIDE, assert_deliverable, assert_undeliverable, builder, knows_ada, one_host,
    policy,
};
use super::until;

/// The time by the clock of the verifications' owner, which is that of no verifier.
const NOW: Timestamp = Timestamp::from_micros(1_000_000_000);
const HOUR_MS: u32 = 3_600_000;

fn begin(address: &str, limits: Limits) -> Verification {
    Verification::new(address, Arc::new(policy(limits)), 7, NOW)
}

fn stored(verification: &Verification) -> Snapshot {
    let json = serde_json::to_string(verification.snapshot()).unwrap();
    serde_json::from_str(&json).unwrap()
}

#[tokio::test]
async fn it_sleeps_by_its_owners_clock_and_goes_on_with_another_verifier() {
    let greylisting = "450 4.2.0 Greylisted, please try again later";
    let script = knows_ada().greylisting_says(Duration::from_millis(1), greylisting);
    let (laboratory, _host) = one_host(script);
    let limits = Limits { greylist_ms: HOUR_MS, greylist_ms_max: 2 * HOUR_MS, ..WIDE };
    let mut verification = begin(ADA, limits);
    let first = builder(&laboratory, policy(WIDE)).build().unwrap();
    let Drove::Sleeping(until) = first.drive(&mut verification, NOW, |_| {}).await else {
        panic!("it sleeps")
    };
    let slept_us = until.micros_since(NOW);
    assert!((3_600_000_000..3_605_000_000).contains(&slept_us), "{slept_us}");

    let policy_at_hand = Arc::new(policy(limits));
    let mut resumed = Verification::resume(policy_at_hand, stored(&verification)).unwrap();
    let second = builder(&laboratory, policy(WIDE)).build().unwrap();
    // Too early is no harm.
    assert_eq!(second.drive(&mut resumed, NOW, |_| {}).await, Drove::Sleeping(until));
    // The server has a clock of its own, and wants a millisecond to go by.
    tokio::time::sleep(Duration::from_millis(5)).await;
    let Drove::Done(report) = second.drive(&mut resumed, until, |_| {}).await else {
        panic!("it ends")
    };
    assert_deliverable(&report);
    assert_eq!(laboratory.questions(DOMAIN, RecordKind::Mx), 1);
    for (stage, us) in report.evidence.stages_us {
        let is_greylist = stage == Stage::Greylist;
        assert!(if is_greylist { us > 3_595_000_000 } else { us < 5_000_000 }, "{stage:?} {us}");
    }
}

#[tokio::test]
async fn it_is_dropped_and_goes_on_from_what_was_seen_last() {
    let (laboratory, host) = one_host(knows_ada().trick(At::RcptTo, Trick::Silence));
    let verifier = builder(&laboratory, policy(WIDE)).build().unwrap();
    let mut verification = begin(ADA, WIDE);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let watch = {
        let seen = Arc::clone(&seen);
        move |verification: &Verification| {
            let stage = verification.progress().stage;
            seen.lock().unwrap().push((stage, stored(verification)));
        }
    };
    let recipients = || host.stats().recipients > 0;
    tokio::select! {
        drove = verifier.drive(&mut verification, NOW, watch) => panic!("{drove:?}"),
        () = until(recipients) => {}
    }
    until(|| host.stats().connections_now == 0).await;
    let (stage, last) = seen.lock().unwrap().pop().unwrap();
    assert_eq!(stage, Some(Stage::Recipient));

    host.set_script(knows_ada());
    let later = NOW.plus_ms(1000);
    let mut resumed = Verification::resume(Arc::new(policy(WIDE)), last).unwrap();
    resumed.handle(later, Input::Interrupted);
    let Drove::Done(report) = verifier.drive(&mut resumed, later, |_| {}).await else {
        panic!("it ends")
    };
    assert_deliverable(&report);
    assert_eq!(report.evidence.connections.len(), 2);
}

#[tokio::test]
async fn what_is_known_of_the_domain_is_given_to_one_that_is_begun_elsewhere() {
    let (laboratory, host) = one_host(knows_ada());
    let verifier = builder(&laboratory, policy(WIDE)).build().unwrap();
    for (address, recipients) in [(ADA, 2), ("eve@engines.example", 3)] {
        let mut verification = verifier.knowing(begin(address, WIDE));
        let Drove::Done(report) = verifier.drive(&mut verification, NOW, |_| {}).await else {
            panic!("it ends")
        };
        match address {
            ADA => assert_deliverable(&report),
            _ => assert_undeliverable(&report, "no_such_mailbox"),
        }
        assert_eq!(host.stats().recipients, recipients, "the domain was asked for once");
    }
}
