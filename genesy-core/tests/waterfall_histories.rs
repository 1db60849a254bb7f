//! Every history of replies, up to a length that takes seconds: what always holds of a run.

#![cfg(feature = "waterfall")]

mod waterfall_rig;

use std::sync::Arc;

use genesy_core::time::Timestamp;
use genesy_core::waterfall::{
    Action, AttemptResult, Budget, CallId, Charge, Input, PhoneLookup, Plan, Reply, Spent, Step,
    Waterfall,
};
use waterfall_rig::{EVERYTHING, START, phone, step};

/// What a driver can do at each turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Move {
    Hit,
    RejectedHit,
    Miss,
    Failed,
    ThrottledForLong,
    InputRejected,
    Misconfigured,
    Unreadable,
    /// Nothing comes until the deadline has passed.
    Silence,
    /// A hit for a call that is not running: the one before, or none at all.
    SpuriousHit,
    Interrupted,
    Cancel,
}

const MOVES: [Move; 12] = [
    Move::Hit,
    Move::RejectedHit,
    Move::Miss,
    Move::Failed,
    Move::ThrottledForLong,
    Move::InputRejected,
    Move::Misconfigured,
    Move::Unreadable,
    Move::Silence,
    Move::SpuriousHit,
    Move::Interrupted,
    Move::Cancel,
];

type Run = Waterfall<PhoneLookup>;

fn plan(steps: Vec<Step<PhoneLookup>>) -> Plan<PhoneLookup> {
    Plan::new(steps).expect("a plan")
}

/// A run with its clock, and the calls that were asked for.
#[derive(Clone)]
struct Driven {
    run: Run,
    now: Timestamp,
    calls: Vec<CallId>,
}

impl Driven {
    /// Polls until a call is under way or the run has ended.
    fn settle(&mut self) {
        loop {
            match self.run.poll(self.now) {
                Action::Call(call) => {
                    assert!(call.deadline > self.now, "a call has time");
                    self.calls.push(call.id);
                }
                Action::Sleep { until } => {
                    assert!(until >= self.now);
                    self.now = until;
                }
                Action::Wait { .. } | Action::Done(_) => return,
            }
        }
    }

    fn play(&mut self, what: Move) {
        let call = *self.calls.last().expect("a call is running");
        let reply = match what {
            Move::Hit => Reply::Hit(phone(true)),
            Move::RejectedHit => Reply::Hit(phone(false)),
            Move::Miss => Reply::Miss,
            Move::Failed => Reply::Failed { retry_after_ms: None },
            Move::ThrottledForLong => Reply::Throttled { retry_after_ms: Some(u64::MAX) },
            Move::Unreadable => Reply::Unreadable,
            Move::InputRejected => Reply::InputRejected,
            Move::Misconfigured => Reply::Misconfigured,
            Move::Silence => {
                self.now = self.run.poll_timeout().expect("a call has a deadline");
                return;
            }
            Move::SpuriousHit => {
                let other = CallId { attempt: call.attempt - 1, ..call };
                let before = self.run.snapshot().clone();
                let reply = Reply::Hit(phone(true));
                self.run.handle(self.now, Input::Reply { call: other, reply });
                assert_eq!(*self.run.snapshot(), before, "nothing changes");
                // So that the history goes on.
                Reply::Miss
            }
            Move::Interrupted => return self.run.handle(self.now, Input::Interrupted),
            Move::Cancel => return self.run.handle(self.now, Input::Cancel),
        };
        self.now = self.now.plus_ms(1);
        self.run.handle(self.now, Input::Reply { call, reply });
    }
}

/// Plays every history from here on; counts them.
fn explore(driven: &mut Driven, history: &mut Vec<Move>, check: &impl Fn(&Driven, &[Move])) -> u64 {
    driven.settle();
    check(driven, history);
    if driven.run.outcome().is_some() {
        return 1;
    }
    let mut histories = 0;
    for what in MOVES {
        let mut next = driven.clone();
        next.play(what);
        history.push(what);
        histories += explore(&mut next, history, check);
        history.pop();
    }
    histories
}

fn explore_all(plan: Plan<PhoneLookup>) -> u64 {
    let total = START.plus_ms(plan.budget().total_ms.into());
    let budget = plan.budget().cost_micros;
    let run = Waterfall::new(Arc::new(plan), EVERYTHING, 5, START);
    let mut driven = Driven { run, now: START, calls: Vec::new() };
    explore(&mut driven, &mut Vec::new(), &|driven, history| {
        let Driven { run, now, calls } = driven;
        let (plan, ledger) = (run.plan(), run.ledger());
        assert!(*now <= total, "{history:?}: beyond the total");
        let mut sorted = calls.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted, *calls, "{history:?}: no call twice, and in the plan's order");
        for call in calls {
            let attempts_max = plan.steps()[usize::from(call.step)].retry.attempts_max;
            assert!((1..=attempts_max).contains(&call.attempt), "{history:?}");
        }
        let hit = ledger.iter().position(|attempt| attempt.result == AttemptResult::Hit);
        assert!(hit.is_none_or(|hit| hit + 1 == ledger.len()), "{history:?}: asked after a hit");
        if let Some(budget) = budget {
            assert!(run.spent().at_most() <= budget, "{history:?}: too dear");
        }
        let sum = |charge| {
            ledger.iter().filter(|of| of.charge == charge).map(|of| of.cost_micros).sum::<u64>()
        };
        let spent = Spent {
            charged_micros: sum(Charge::Charged),
            maybe_charged_micros: sum(Charge::MaybeCharged),
        };
        assert_eq!(run.spent(), spent);
        assert!(ledger.iter().filter(|of| of.charge == Charge::Free).all(|of| of.cost_micros == 0));
        if let Some(outcome) = run.outcome() {
            assert_eq!(outcome.name(), expected(history, run), "{history:?}");
            assert_eq!(ledger.len(), calls.len(), "{history:?}: each call is in the ledger");
        }
    })
}

/// How a history ends, told from its moves alone.
fn expected(history: &[Move], run: &Run) -> &'static str {
    if history.last() == Some(&Move::Cancel) {
        return "cancelled";
    }
    if history.last() == Some(&Move::Hit) {
        return "found";
    }
    let mut last = [None; 8];
    for (attempt, what) in run.ledger().iter().zip(history) {
        last[usize::from(attempt.step)] = Some(*what);
    }
    let last = last.iter().flatten();
    let failed = |what: &&Move| {
        use Move::{Failed, Interrupted, Misconfigured, Silence, ThrottledForLong, Unreadable};
        matches!(
            what,
            Failed | Interrupted | Misconfigured | Silence | ThrottledForLong | Unreadable
        )
    };
    let answered = |what: &Move| matches!(what, Move::Miss | Move::RejectedHit | Move::SpuriousHit);
    let beyond = run.skips().iter().any(|skip| format!("{:?}", skip.reason).contains("Budget"));
    if beyond || last.clone().any(|what| failed(&what)) {
        "inconclusive"
    } else if run.ledger().iter().zip(history).any(|(_, what)| answered(what)) {
        "no_data_found"
    } else {
        "not_eligible"
    }
}

#[test]
fn two_providers_with_two_attempts_each() {
    let histories = explore_all(plan(vec![step("a", 2, 3), step("b", 2, 5)]));
    assert!(histories > 1_000, "{histories}");
}

#[test]
fn three_providers_with_one_attempt_each_and_little_money() {
    let plan = plan(vec![step("a", 1, 3), step("b", 1, 4), step("c", 1, 5)]);
    let plan = plan.within(Budget { cost_micros: Some(8), ..Budget::default() }).expect("a budget");
    let histories = explore_all(plan);
    assert!(histories > 300, "{histories}");
}

#[test]
fn three_providers_with_little_time() {
    let plan = plan(vec![step("a", 2, 0), step("b", 2, 0), step("c", 1, 0)]);
    let plan = plan.within(Budget { total_ms: 2_500, cost_micros: None }).expect("a budget");
    assert!(explore_all(plan) > 2_000);
}

#[test]
#[ignore = "1.4 million histories: a second where optimised, else many"]
fn three_providers_with_three_attempts_each() {
    explore_all(plan(vec![step("a", 3, 3), step("b", 3, 4), step("c", 3, 5)]));
}
