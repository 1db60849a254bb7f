//! Any driver, any clock, any plan: what always holds, and that a run goes on from any of its steps.

#![cfg(feature = "waterfall")]

mod waterfall_driver;
mod waterfall_rig;

use std::sync::Arc;

use genesy_core::time::Timestamp;
use genesy_core::waterfall::{
    Action, Attempt, AttemptResult, Billing, Budget, Call, CallId, Cost, FoundPhone, Input,
    LeadFacts, LeadField, LeadFields, Outcome, PhoneLookup, Plan, Reply, RetryPolicy, Snapshot,
    Step, Waterfall, default_phone_plan,
};
use proptest::prelude::*;
use waterfall_rig::{EVERYTHING, START, phone, step};

/// Bytes of a snapshot of three providers at most, as JSON.
const SNAPSHOT_BYTES_MAX: usize = 1024;

type Run = Waterfall<PhoneLookup>;

fn any_step(name: &'static str) -> impl Strategy<Value = Step<PhoneLookup>> {
    let retry = (1..=4_u8, 0..3000_u32, 0..5000_u32, 0..=100_u8);
    (retry, 1..4000_u32, 0..50_u64, any::<bool>(), any::<bool>()).prop_map(
        move |(
            (attempts_max, first_delay_ms, delay_ms_max, jitter_percent),
            timeout_ms,
            micros,
            per_hit,
            wants_title,
        )| {
            let billing = if per_hit { Billing::PerHit } else { Billing::PerCall };
            let mut requires = LeadFields::of(&[LeadField::Email]);
            if wants_title {
                requires.insert(LeadField::JobTitle);
            }
            Step {
                requires,
                timeout_ms,
                retry: RetryPolicy { attempts_max, first_delay_ms, delay_ms_max, jitter_percent },
                cost: Cost { micros, billing },
                ..step(name, 1, 0)
            }
        },
    )
}

fn any_plan() -> impl Strategy<Value = Plan<PhoneLookup>> {
    let steps = (any_step("a"), any_step("b"), any_step("c"));
    (steps, 1..30_000_u32, prop::option::of(0..200_u64)).prop_map(
        |((a, b, c), total_ms, cost_micros)| {
            let plan = Plan::new(vec![a, b, c])
                .and_then(|plan| plan.within(Budget { total_ms, cost_micros }));
            plan.expect("a plan")
        },
    )
}

fn any_facts() -> impl Strategy<Value = LeadFacts> {
    (0..3_u8).prop_map(|fields| match fields {
        0 => EVERYTHING,
        1 => LeadFacts { fields: LeadFields::of(&[LeadField::Email]), ..EVERYTHING },
        _ => LeadFacts::default(),
    })
}

/// What the driver does next, and how far its clock moves before: it may step back.
#[derive(Debug, Clone)]
struct Turn {
    moves_ms: i64,
    input: Option<Input<FoundPhone>>,
    /// The call that a reply names is the running one.
    is_running: bool,
    goes_on_elsewhere: bool,
}

fn any_turn() -> impl Strategy<Value = Turn> {
    let after = prop::option::of(0..20_000_u64);
    let reply = prop_oneof![
        1 => any::<bool>().prop_map(|is_valid| Reply::Hit(phone(is_valid))),
        2 => Just(Reply::Miss),
        3 => after.clone().prop_map(|retry_after_ms| Reply::Failed { retry_after_ms }),
        1 => after.prop_map(|retry_after_ms| Reply::Throttled { retry_after_ms }),
        1 => Just(Reply::TimedOut),
        1 => Just(Reply::Unreadable),
        1 => Just(Reply::InputRejected),
        1 => Just(Reply::Misconfigured),
    ];
    let call = (0..4_u8, 0..5_u8).prop_map(|(step, attempt)| CallId { step, attempt });
    let input = prop_oneof![
        10 => Just(None),
        10 => (call, reply).prop_map(|(call, reply)| Some(Input::Reply { call, reply })),
        1 => (0..3_000_000_u64).prop_map(|us| Some(Input::Waited { us })),
        1 => Just(Some(Input::Interrupted)),
        1 => Just(Some(Input::Cancel)),
    ];
    let clock = prop_oneof![4 => 0..400_i64, 1 => 0..9000_i64, 1 => -500..0_i64];
    (clock, input, prop::bool::weighted(0.8), any::<bool>()).prop_map(
        |(moves_ms, input, is_running, goes_on_elsewhere)| Turn {
            moves_ms,
            input,
            is_running,
            goes_on_elsewhere,
        },
    )
}

/// Stores a run and takes it up again.
fn elsewhere(run: &Run) -> Run {
    let json = serde_json::to_string(run.snapshot()).expect("JSON");
    let snapshot: Snapshot<FoundPhone> = serde_json::from_str(&json).expect("the same");
    Waterfall::resume(Arc::clone(run.plan()), snapshot).expect("the same plan")
}

proptest! {
    #[test]
    fn fuzz_any_driver_comes_to_an_end_within_the_limits(
        plan in any_plan(),
        facts in any_facts(),
        seed: u64,
        turns in prop::collection::vec(any_turn(), 0..60),
    ) {
        let plan = Arc::new(plan);
        let mut deadline = START.plus_ms(plan.budget().total_ms.into());
        let mut run = Waterfall::new(Arc::clone(&plan), facts, seed, START);
        let mut stored = run.clone();
        let (mut clock, mut latest) = (START, START);
        let mut calls: Vec<CallId> = Vec::new();
        let quiet = Turn { moves_ms: 0, input: None, is_running: false, goes_on_elsewhere: false };
        let turns = turns.into_iter().chain(std::iter::repeat_n(quiet, 80));
        for turn in turns {
            let before = run.outcome().cloned();
            let moved = clock.as_micros().saturating_add_signed(turn.moves_ms * 1000);
            clock = Timestamp::from_micros(moved);
            if turn.goes_on_elsewhere {
                stored = elsewhere(&stored);
            }
            let input = match turn.input {
                Some(Input::Reply { reply, call }) => {
                    let running = run.progress().call.filter(|_| turn.is_running);
                    Some(Input::Reply { call: running.unwrap_or(call), reply })
                }
                other => other,
            };
            if let Some(input) = input {
                match input {
                    Input::Waited { us } => deadline = deadline.plus_us(us),
                    Input::Interrupted => deadline = deadline.plus_us(clock.micros_since(latest)),
                    Input::Reply { .. } | Input::Cancel => {}
                }
                latest = latest.max(clock);
                run.handle(clock, input.clone());
                stored.handle(clock, input);
            }
            let due = run.due(clock).map(|step| step.provider.clone());
            prop_assert_eq!(stored.due(clock).map(|step| step.provider.clone()), due.clone());
            let action = run.poll(clock);
            let asked = match &action {
                Action::Call(call) => Some(call.provider.clone()),
                Action::Wait { .. } | Action::Sleep { .. } | Action::Done(_) => None,
            };
            prop_assert_eq!(due, asked, "who is due is asked, and nobody else");
            prop_assert_eq!(stored.poll(clock), action.clone(), "stored at any step, it goes on the same");
            prop_assert_eq!(stored.snapshot(), run.snapshot());
            latest = latest.max(clock);
            match action {
                Action::Call(call) => {
                    prop_assert!(calls.last().is_none_or(|last| *last < call.id), "in order, and once");
                    prop_assert!(call.deadline > latest && call.deadline <= deadline);
                    let step = &plan.steps()[usize::from(call.id.step)];
                    prop_assert!(call.id.attempt <= step.retry.attempts_max);
                    prop_assert!(step.requires.without(facts.fields).is_empty(), "nothing is invented");
                    calls.push(call.id);
                }
                Action::Wait { until } | Action::Sleep { until } => {
                    prop_assert_eq!(run.poll_timeout(), Some(until));
                    prop_assert!(until <= deadline);
                    // Nobody answers: come back when it is time.
                    if turn.moves_ms == 0 {
                        clock = clock.max(until);
                    }
                }
                Action::Done(outcome) => {
                    prop_assert!(before.is_none_or(|before| before == outcome), "an end is an end");
                    prop_assert_eq!(run.poll_timeout(), None);
                    prop_assert_eq!(run.ledger().len(), calls.len());
                    let last_is_hit = matches!(outcome, Outcome::Found(_));
                    let is_hit = |of: &Attempt| of.result == AttemptResult::Hit;
                    prop_assert_eq!(last_is_hit, run.ledger().iter().any(is_hit));
                }
            }
            let spent = run.spent();
            let budget = plan.budget().cost_micros.unwrap_or(u64::MAX);
            prop_assert!(spent.at_most() <= budget);
        }
        prop_assert!(run.outcome().is_some(), "80 times without an answer end every run");
    }
}

/// Runs the default plan at a price to its end; gives the run and the bytes of its largest snapshot.
fn largest_snapshot(mut answer: impl FnMut(CallId) -> Reply<FoundPhone>) -> (Run, usize) {
    let mut steps = default_phone_plan().steps().to_vec();
    steps.iter_mut().for_each(|step| step.cost.micros = 1_250_000);
    let plan = Arc::new(Plan::new(steps).expect("a plan"));
    let mut largest = 0;
    let answer = |call: &Call| (2999, answer(call.id));
    let (run, _) = waterfall_driver::drive(&plan, EVERYTHING, u64::MAX, answer, |run| {
        largest = largest.max(serde_json::to_vec(run.snapshot()).expect("JSON").len());
    });
    (run, largest)
}

#[test]
fn a_stored_run_is_small_and_in_no_clear_text_where_it_is_shown() {
    let (run, largest) = largest_snapshot(|call| match (call.step, call.attempt) {
        (2, 3) => Reply::Hit(phone(true)),
        (_, 3) => Reply::Hit(phone(false)),
        _ => Reply::TimedOut,
    });
    assert_eq!((run.ledger().len(), run.rejected().len()), (9, 2), "as much as there can be");
    assert!(largest <= SNAPSHOT_BYTES_MAX, "{largest} bytes");
    let (_, rejected) = largest_snapshot(|call| match call.attempt {
        3 => Reply::Hit(phone(false)),
        _ => Reply::TimedOut,
    });
    assert!(rejected <= SNAPSHOT_BYTES_MAX, "{rejected} bytes");
    let shown = format!("{run:?}");
    assert!(!shown.contains("4155550132") && !shown.contains("415 555"), "{shown}");
}
