//! A verification that is stored after each of its steps and goes on elsewhere is the same one, and what
//! is stored is small.

#![cfg(feature = "verification")]

mod verification_simulator;

use std::sync::Arc;

use genesy_core::time::Timestamp;
use genesy_core::verification::{
    Conclusion, Identity, Input, MxAnswer, Output, Policy, Snapshot, Stage, Unknown, Verification,
};
use verification_simulator::{Policies, simulate};

/// Worlds whose verifications are stored at each step.
const SEEDS: u64 = 5_000;

/// Bytes of a snapshot as JSON at most, with usual names.
const SNAPSHOT_BYTES_MAX: usize = 1024;

/// Connections of a usual policy at most.
const USUAL_CONNECTIONS_MAX: u8 = 6;

/// Stores a verification, and takes it up again.
fn elsewhere(verification: &Verification) -> (Verification, usize) {
    let json = serde_json::to_string(verification.snapshot()).expect("JSON");
    let snapshot: Snapshot = serde_json::from_str(&json).expect("the same");
    assert_eq!(&snapshot, verification.snapshot(), "nothing is lost");
    let policy = Arc::clone(verification.policy());
    (Verification::resume(policy, snapshot).expect("the same"), json.len())
}

#[test]
fn stored_at_each_step_it_goes_on_the_same() {
    let policies = Policies::new();
    let mut largest = 0;
    for seed in 0..SEEDS {
        let straight = simulate(&policies, seed, true, |_| {});
        let stored = simulate(&policies, seed, true, |verification| {
            let (other, bytes) = elsewhere(verification);
            *verification = other;
            if verification.policy().limits.connections_max <= USUAL_CONNECTIONS_MAX {
                largest = largest.max(bytes);
            }
        });
        assert!(stored == straight, "the world {seed}");
    }
    println!("the largest snapshot of {SEEDS} worlds: {largest} bytes");
    assert!(largest <= SNAPSHOT_BYTES_MAX, "{largest} bytes");
}

#[test]
fn a_stage_that_was_interrupted_has_its_time_once_more_within_the_total() {
    let start = Timestamp::from_micros(1_764_288_000_000_000);
    let identity = Identity::new("verifier.engines.example", "").expect("an identity");
    let policy = Arc::new(Policy::new(identity));
    let stored = || {
        let mut stored = Verification::new("ada@engines.example", Arc::clone(&policy), 7, start);
        stored.poll_output();
        stored
    };
    let unknown = |reason| Some(Conclusion::Unknown { stage: Stage::Dns, reason });

    // Nobody waited for the DNS in these eight seconds, which are more than the stage has.
    let mut resumed = stored();
    let later = start.plus_ms(8_000);
    resumed.handle(later, Input::Interrupted);
    let Output::Resolve { ticket, .. } = resumed.poll_output() else { panic!("once more") };
    assert_eq!(resumed.poll_timeout(), Some(later.plus_ms(policy.limits.dns_ms.into())));
    resumed.handle(later, Input::Mx { ticket, answer: MxAnswer::NoRecords });
    assert_eq!(resumed.conclusion(), None);

    // Without that, its time is over; and with it, when all is.
    let mut waited = stored();
    waited.handle(later, Input::Time);
    assert_eq!(waited.conclusion().copied(), unknown(Unknown::StageTimeout));
    let mut late = stored();
    late.handle(start.plus_ms(policy.limits.total_ms.into()), Input::Interrupted);
    assert_eq!(late.conclusion().copied(), unknown(Unknown::DeadlineExceeded));
}
