//! Stored verifications that are damaged, or of another version: an error that says so, or one that ends.

#![cfg(feature = "verification")]

#[path = "verification_simulator/random.rs"]
mod random;

use std::sync::Arc;

use genesy_core::time::Timestamp;
use genesy_core::verification::{
    Identity, Input, Output, Policy, ResumeError, SNAPSHOT_VERSION, Snapshot, Verification,
};
use random::Random;
use serde_json::Value;

/// Of version 1, in several phases: one per line.
const STORED: &str = include_str!("data/verification_snapshots_v1.jsonl");

/// Outputs and deadlines of a verification that nobody answers, at most.
const STEPS_MAX: u32 = 500;

/// Damaged snapshots that are tried.
const DAMAGES: u32 = 20_000;

fn policy() -> Arc<Policy> {
    Arc::new(Policy::new(Identity::new("verifier.example", "").expect("an identity")))
}

fn read(json: &str) -> Snapshot {
    serde_json::from_str(json).expect("a snapshot")
}

/// Nobody answers: it ends by its deadlines.
fn run_out(verification: &mut Verification) {
    for _ in 0..STEPS_MAX {
        match verification.poll_output() {
            Output::Done => return,
            Output::Wait { until } | Output::Sleep { until } => {
                verification.handle(until, Input::Time);
            }
            _ => {}
        }
    }
    panic!("it goes on and on");
}

#[test]
fn what_version_1_stored_goes_on() {
    for line in STORED.lines() {
        let snapshot = read(line);
        let again = serde_json::to_string(&snapshot).expect("JSON");
        assert_eq!(again, line, "it is still written so");
        let mut verification = Verification::resume(policy(), snapshot).expect("version 1");
        run_out(&mut verification);
        assert!(verification.report().is_some());
    }
}

#[test]
fn a_later_version_and_what_does_not_fit_are_named() {
    let line = STORED.lines().next().expect("one");
    let damaged = |change: &dyn Fn(&mut Value)| {
        let mut json: Value = serde_json::from_str(line).expect("JSON");
        change(&mut json);
        Verification::resume(policy(), read(&json.to_string())).expect_err("an error")
    };
    let later = SNAPSHOT_VERSION + 1;
    assert_eq!(damaged(&|json| json["v"] = later.into()), ResumeError::Version { version: later });
    assert_eq!(damaged(&|json| json["address"] = Value::Null), ResumeError::Damaged);
    let without_addresses = |json: &mut Value| {
        json["phase"] = "connecting".into();
        json["ips"] = Value::Array(Vec::new());
    };
    assert_eq!(damaged(&without_addresses), ResumeError::Damaged);
}

/// Puts something else in one place of the JSON, or takes it away.
fn damage(json: &mut Value, random: &mut Random) {
    let others = [
        Value::Null,
        Value::from(0),
        Value::from(u64::MAX),
        Value::from(255),
        Value::from(""),
        Value::from("done"),
        Value::from(true),
        Value::Array(Vec::new()),
    ];
    match json {
        Value::Object(fields) if !fields.is_empty() && random.chance(90) => {
            let place = random.below(fields.len() as u64) as usize;
            let key = fields.keys().nth(place).expect("a key").clone();
            if random.chance(20) {
                fields.remove(&key);
            } else if let Some(field) = fields.get_mut(&key) {
                damage(field, random);
            }
        }
        Value::Array(items) if !items.is_empty() && random.chance(80) => {
            let place = random.below(items.len() as u64) as usize;
            damage(&mut items[place], random);
        }
        other => *other = random.pick(&others).clone(),
    }
}

#[test]
fn fuzz_a_damaged_snapshot_is_an_error_or_ends() {
    let stored: Vec<Value> =
        STORED.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let mut random = Random::new(1);
    let mut read = 0_u32;
    for _ in 0..DAMAGES {
        let mut json = random.pick(&stored).clone();
        for _ in 0..=random.below(3) {
            damage(&mut json, &mut random);
        }
        let Ok(snapshot) = serde_json::from_value::<Snapshot>(json) else { continue };
        let Ok(mut verification) = Verification::resume(policy(), snapshot) else { continue };
        verification.handle(Timestamp::from_micros(0), Input::Interrupted);
        run_out(&mut verification);
        read += 1;
    }
    assert!(read > 1_000, "{read} were read in spite of it");
}
