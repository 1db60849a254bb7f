//! Attempts that are made elsewhere: the run is the same as if its own driver had made them.

#![cfg(feature = "waterfall")]

mod waterfall_rig;

use std::sync::Arc;

use genesy_core::time::Timestamp;
use genesy_core::waterfall::{
    Action, AttemptEnd, AttemptMade, AttemptResult, Billing, Budget, Call, CallId, Cost,
    Delegation, Event, FoundPhone, Input, Outcome, PhoneLookup, Plan, Reply, RetryPolicy, Step,
    Waterfall,
};
use proptest::prelude::*;
use waterfall_rig::{EVERYTHING, START, phone, step};

type Run = Waterfall<PhoneLookup>;

/// What a provider does at an attempt: how long it takes in milliseconds, and what it says.
type Script = Vec<(u64, Reply<FoundPhone>)>;

/// What the script says of a call; a call that takes longer than its time has timed out.
fn answer(script: &Script, call: CallId, timeout_us: u64) -> (u64, Reply<FoundPhone>) {
    let place = usize::from(call.step) * 4 + usize::from(call.attempt);
    match &script[place % script.len()] {
        (took_ms, _) if took_ms * 1000 >= timeout_us => (timeout_us / 1000, Reply::TimedOut),
        (took_ms, reply) => (*took_ms, reply.clone()),
    }
}

/// The attempts of a step, as somebody makes them who retries on his own.
fn attempts(
    delegation: &Delegation,
    script: &Script,
    begin: Timestamp,
) -> Vec<AttemptMade<FoundPhone>> {
    // It is stored on the way.
    let json = serde_json::to_string(delegation).expect("JSON");
    let delegation: Delegation = serde_json::from_str(&json).expect("the same");
    let (mut made, mut at) = (Vec::new(), begin);
    for attempt in delegation.call.attempt.. {
        let call = CallId { attempt, ..delegation.call };
        let timeout_us = delegation.timeout_us(&made);
        let (took_ms, reply) = answer(script, call, timeout_us);
        let end = AttemptEnd::Reply(reply);
        made.push(AttemptMade { attempt, at, took_us: took_ms * 1000, end });
        match delegation.retry_delay_ms(&made) {
            Some(delay_ms) => at = at.plus_ms(took_ms + delay_ms),
            None => break,
        }
    }
    made
}

fn delegated(plan: &Arc<Plan<PhoneLookup>>, seed: u64, script: &Script) -> Run {
    let mut run = Waterfall::new(Arc::clone(plan), EVERYTHING, seed, START);
    while let Some(delegation) = run.delegate(run.now()) {
        let made = attempts(&delegation, script, run.now());
        run.follow(run.now(), made);
    }
    run
}

/// The same by a driver that makes each attempt as it is asked to.
fn driven(plan: &Arc<Plan<PhoneLookup>>, seed: u64, script: &Script) -> Run {
    let mut run = Waterfall::new(Arc::clone(plan), EVERYTHING, seed, START);
    let mut now = START;
    loop {
        match run.poll(now) {
            Action::Call(Call { id, deadline, .. }) => {
                let (took_ms, reply) = answer(script, id, deadline.micros_since(now));
                now = now.plus_ms(took_ms);
                run.handle(now, Input::Reply { call: id, reply });
            }
            Action::Wait { until } | Action::Sleep { until } => now = until,
            Action::Done(_) => return run,
        }
    }
}

fn events(run: &mut Run) -> Vec<Event> {
    std::iter::from_fn(|| run.poll_event()).collect()
}

fn any_plan() -> impl Strategy<Value = Plan<PhoneLookup>> {
    let any_step = || {
        let retry = (1..=4_u8, 0..3000_u32, 0..5000_u32, 0..=100_u8);
        (retry, 2..4000_u32, 0..50_u64, any::<bool>())
    };
    let steps = prop::collection::vec(any_step(), 1..4);
    let budget = (2..30_000_u32, prop::option::of(0..200_u64));
    (steps, budget).prop_map(|(steps, (total_ms, cost_micros))| {
        let names = ["a", "b", "c"];
        let steps =
            steps.into_iter().zip(names).map(|((retry, timeout_ms, micros, per_hit), name)| {
                let (attempts_max, first_delay_ms, delay_ms_max, jitter_percent) = retry;
                let billing = if per_hit { Billing::PerHit } else { Billing::PerCall };
                Step {
                    timeout_ms,
                    retry: RetryPolicy {
                        attempts_max,
                        first_delay_ms,
                        delay_ms_max,
                        jitter_percent,
                    },
                    cost: Cost { micros, billing },
                    ..step(name, 1, 0)
                }
            });
        let plan = Plan::new(steps.collect()).expect("a plan");
        plan.within(Budget { total_ms, cost_micros }).expect("a budget")
    })
}

fn any_reply() -> impl Strategy<Value = Reply<FoundPhone>> {
    let after = prop::option::of(0..6000_u64);
    prop_oneof![
        1 => any::<bool>().prop_map(|is_valid| Reply::Hit(phone(is_valid))),
        2 => Just(Reply::Miss),
        4 => after.clone().prop_map(|retry_after_ms| Reply::Failed { retry_after_ms }),
        2 => after.prop_map(|retry_after_ms| Reply::Throttled { retry_after_ms }),
        1 => Just(Reply::Unreadable),
        1 => Just(Reply::InputRejected),
        1 => Just(Reply::Misconfigured),
    ]
}

proptest! {
    #[test]
    fn who_makes_the_attempts_makes_no_difference(
        plan in any_plan(),
        seed: u64,
        script in prop::collection::vec((0..5000_u64, any_reply()), 1..13),
    ) {
        let plan = Arc::new(plan);
        let mut driven = driven(&plan, seed, &script);
        let mut delegated = delegated(&plan, seed, &script);
        prop_assert_eq!(delegated.outcome(), driven.outcome());
        prop_assert_eq!(delegated.ledger(), driven.ledger());
        prop_assert_eq!(delegated.skips(), driven.skips());
        prop_assert_eq!(delegated.rejected(), driven.rejected());
        prop_assert_eq!(events(&mut delegated), events(&mut driven));
    }
}

fn two_steps(total_ms: u32) -> Arc<Plan<PhoneLookup>> {
    let plan = Plan::new(vec![step("a", 3, 10), step("b", 3, 10)]).expect("a plan");
    Arc::new(plan.within(Budget { total_ms, cost_micros: None }).expect("a budget"))
}

#[test]
fn nobody_who_makes_an_attempt_is_a_provider_that_could_not_be_asked() {
    let mut run = Waterfall::new(two_steps(60_000), EVERYTHING, 1, START);
    let first = run.delegate(START).expect("a step");
    assert_eq!((first.call.step, first.call.attempt), (0, 1));
    let later = START.plus_ms(600_000);
    run.follow(later, Vec::new());
    assert_eq!(run.ledger().len(), 1);
    assert_eq!(run.ledger()[0].result, AttemptResult::Throttled);
    let second = run.delegate(later).expect("waiting for a turn does not count");
    assert_eq!(second.call.step, 1, "no second attempt");
    let end = AttemptEnd::Reply(Reply::Miss);
    run.follow(later, vec![AttemptMade { attempt: 1, at: later, took_us: 5, end }]);
    assert_eq!(run.delegate(later), None);
    assert_eq!(run.outcome(), Some(&Outcome::Inconclusive));
}

#[test]
fn an_attempt_that_was_interrupted_is_one_and_its_time_does_not_count() {
    let mut run = Waterfall::new(two_steps(5000), EVERYTHING, 1, START);
    let delegation = run.delegate(START).expect("a step");
    let lost = AttemptMade {
        attempt: 1,
        at: START,
        took_us: 60_000_000,
        end: AttemptEnd::<FoundPhone>::Interrupted,
    };
    let made = [lost.clone()];
    assert_eq!(delegation.timeout_us(&made), 1_000_000);
    let delay_ms = delegation.retry_delay_ms(&made).expect("another attempt");
    let at = START.plus_us(60_000_000).plus_ms(delay_ms);
    let found = AttemptEnd::Reply(Reply::Hit(phone(true)));
    let made = vec![lost, AttemptMade { attempt: 2, at, took_us: 1000, end: found }];
    run.follow(at, made);
    let results: Vec<_> = run.ledger().iter().map(|of| of.result).collect();
    assert_eq!(results, [AttemptResult::Interrupted, AttemptResult::Hit]);
}

#[test]
fn attempts_that_are_left_are_made_when_it_is_time() {
    let mut run = Waterfall::new(two_steps(60_000), EVERYTHING, 1, START);
    run.delegate(START).expect("a step");
    let end = AttemptEnd::Reply(Reply::Failed { retry_after_ms: None });
    run.follow(START, vec![AttemptMade { attempt: 1, at: START, took_us: 0, end }]);
    assert_eq!(run.delegate(START), None, "its time has not come");
    let Action::Sleep { until } = run.poll(START) else { panic!("a second attempt is due") };
    let rest = run.delegate(until).expect("the rest of the step");
    assert_eq!(rest.call, CallId { step: 0, attempt: 2 });
}

#[test]
fn a_reply_to_an_attempt_that_is_not_due_changes_nothing() {
    let mut run = Waterfall::new(two_steps(60_000), EVERYTHING, 1, START);
    run.delegate(START).expect("a step");
    let end = AttemptEnd::Reply(Reply::Hit(phone(true)));
    run.follow(START, vec![AttemptMade { attempt: 2, at: START, took_us: 0, end }]);
    assert_eq!(run.outcome(), None);
    assert_eq!(run.ledger(), []);
}
