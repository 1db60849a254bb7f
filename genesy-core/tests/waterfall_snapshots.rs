//! Runs that were stored by earlier builds are resumed: neither their form nor the number that names their
//! plan has changed.

#![cfg(feature = "waterfall")]

mod waterfall_rig;

use std::sync::Arc;

use genesy_core::waterfall::{
    Action, Countries, CountryCode, EmailNeed, EmailState, Input, LeadFacts, LeadField, LeadFields,
    PhoneLookup, PhoneRule, Plan, ProviderId, Reply, Snapshot, Waterfall,
};
use waterfall_rig::{EVERYTHING, START, phone, step};

type Run = Waterfall<PhoneLookup>;

/// What version 1 stored: a run that has not begun, one that waits for a reply, one that sleeps, and one
/// that is over.
const STORED: &str = include_str!("data/waterfall_snapshots_v1.jsonl");

/// A plan with all that tells one plan from another.
fn plan() -> Arc<Plan<PhoneLookup>> {
    let countries =
        |codes: &[&str]| codes.iter().filter_map(|code| CountryCode::new(code)).collect();
    let mut first = step("first-1", 2, 0);
    first.requires = EVERYTHING.fields;
    first.rule = PhoneRule::MobileOnly;
    let mut second = step("second_2", 2, 0);
    second.requires = LeadFields::of(&[LeadField::FullName, LeadField::Email]);
    second.countries = Countries::Except(countries(&["US"]));
    second.email = EmailNeed::NotUndeliverable;
    second.rule = PhoneRule::Possible;
    let mut third = step("third", 2, 0);
    third.countries = Countries::Only(countries(&["ES", "FR"]));
    third.email = EmailNeed::Deliverable;
    third.after_miss_of = Some(ProviderId::new("second_2").expect("a name"));
    third.rule = PhoneRule::Any;
    Arc::new(Plan::new(vec![first, second, third, step("fourth", 1, 0)]).expect("a plan"))
}

/// The runs whose snapshots are stored.
fn runs() -> Vec<Run> {
    let facts =
        LeadFacts { country: CountryCode::new("ES"), email: EmailState::Deliverable, ..EVERYTHING };
    let mut run = Run::new(plan(), facts, 7, START);
    let mut runs = vec![run.clone()];
    let mut now = START;
    for reply in [Reply::Hit(phone(false)), Reply::Failed { retry_after_ms: None }] {
        let Action::Call(call) = run.poll(now) else { panic!("it is asked") };
        runs.push(run.clone());
        now = now.plus_ms(200);
        run.handle(now, Input::Reply { call: call.id, reply });
    }
    assert!(matches!(run.poll(now), Action::Sleep { .. }), "it is asked once more");
    runs.push(run.clone());
    now = now.plus_ms(500);
    for reply in [Reply::Miss, Reply::Hit(phone(true))] {
        let Action::Call(call) = run.poll(now) else { panic!("it is asked") };
        now = now.plus_ms(200);
        run.handle(now, Input::Reply { call: call.id, reply });
    }
    assert!(matches!(run.poll(now), Action::Done(_)));
    runs.push(run);
    runs
}

#[test]
fn what_was_stored_is_resumed() {
    let runs = runs();
    let lines: Vec<_> = STORED.lines().collect();
    assert_eq!(lines.len(), runs.len());
    for (line, run) in lines.into_iter().zip(runs) {
        let snapshot: Snapshot<_> = serde_json::from_str(line).expect("a snapshot");
        let resumed = Run::resume(plan(), snapshot).expect("a run of this plan");
        assert_eq!(resumed.snapshot(), run.snapshot());
        assert_eq!(serde_json::to_string(resumed.snapshot()).expect("JSON"), line);
    }
}
