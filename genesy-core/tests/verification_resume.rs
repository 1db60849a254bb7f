//! A verification that is stored after each of its steps and goes on elsewhere is the same one, and what
//! is stored is small.

#![cfg(feature = "verification")]

mod verification_simulator;

use std::sync::Arc;

use genesy_core::verification::{Snapshot, Verification};
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
