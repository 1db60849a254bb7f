//! One run of a plan for one lead.
//!
//! # Transitions
//!
//! | phase | what happens | next phase |
//! |---|---|---|
//! | choosing | the step is not for this lead, or beyond the budget | choosing, next step |
//! | choosing | no step is left | done |
//! | choosing | else: [`Action::Call`] | calling |
//! | calling | hit that the rule accepts | done |
//! | calling | miss, rejected hit, rejected input, misconfigured | choosing, next step |
//! | calling | failed, throttled, unreadable, interrupted, or the call's deadline passes | sleeping, if an attempt is left that time and provider allow; else choosing, next step |
//! | sleeping | its time comes: [`Action::Call`] | calling |
//! | any but done | the total deadline passes | choosing, which skips what is left |
//! | any but done | cancelled | done |
//! | any but done | interrupted: nobody drove it since it was last told the time | as above, and the total deadline is that much later |
//! | choosing, sleeping | had to wait for its turn | the same, and the total deadline is that much later |
//!
//! Everything else, as a reply to a call that is not the running one, changes nothing.

mod delegation;
mod questions;

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use self::delegation::{AttemptEnd, AttemptMade, Delegation};
use super::lead::LeadFacts;
use super::ledger::{self, Attempt, AttemptResult, Charge, Found, Outcome, Skip, Spent};
use super::lookup::Lookup;
use super::messages::{Action, Call, CallId, Event, Input, Progress, Reply};
use super::plan::{Plan, Step};
use crate::time::Timestamp;

/// The version of [`Snapshot`] that this crate writes.
pub const SNAPSHOT_VERSION: u16 = 1;
/// The attempts that a run has room for from its start.
const ATTEMPTS_USUAL: usize = 3;

/// One run of a plan for one lead. See the [module](super) for how to drive it.
#[derive(Debug, Clone)]
pub struct Waterfall<K: Lookup> {
    plan: Arc<Plan<K>>,
    state: Snapshot<K::Value>,
    events: VecDeque<Event>,
}

/// All that a run has to keep: it goes on from here after a restart, on any machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot<V> {
    version: u16,
    /// [`Plan::fingerprint`] of the plan, which it must be resumed with.
    plan: u64,
    facts: LeadFacts,
    seed: u64,
    started: Timestamp,
    /// The latest time that anybody told.
    now: Timestamp,
    /// How long it had to wait for its turn, in microseconds.
    #[serde(default, skip_serializing_if = "is_zero")]
    waited_us: u64,
    step: u8,
    phase: Phase<V>,
    #[serde(with = "ledger::by_differences")]
    ledger: Vec<Attempt>,
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    skips: Vec<Skip>,
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    rejected: Vec<Rejected<V>>,
}

const fn is_zero(us: &u64) -> bool {
    *us == 0
}

/// A find that the rule of its step does not accept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Rejected<V> {
    /// The step of the plan, counted from 0.
    pub step: u8,
    /// What the provider gave.
    pub value: V,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Phase<V> {
    Choosing,
    Calling { attempt: u8, since: Timestamp, deadline: Timestamp },
    Sleeping { attempt: u8, until: Timestamp },
    Done(Outcome<V>),
}

impl<K: Lookup> Waterfall<K> {
    /// A run of `plan` for a lead, which starts `now`. Of the `seed` comes the jitter.
    pub fn new(plan: Arc<Plan<K>>, facts: LeadFacts, seed: u64, now: Timestamp) -> Self {
        let state = Snapshot {
            version: SNAPSHOT_VERSION,
            plan: plan.fingerprint(),
            facts,
            seed,
            started: now,
            now,
            waited_us: 0,
            step: 0,
            phase: Phase::Choosing,
            ledger: Vec::with_capacity(ATTEMPTS_USUAL),
            skips: Vec::new(),
            rejected: Vec::new(),
        };
        Self { plan, state, events: VecDeque::new() }
    }

    /// Goes on with a run that was stored. Say [`Input::Interrupted`] then, unless the reply to a call
    /// that was running is still to come.
    ///
    /// # Errors
    ///
    /// When the snapshot is of another version, or of a plan that asks others, or for something else.
    pub fn resume(plan: Arc<Plan<K>>, snapshot: Snapshot<K::Value>) -> Result<Self, ResumeError> {
        if snapshot.version != SNAPSHOT_VERSION {
            return Err(ResumeError::Version { version: snapshot.version });
        }
        if snapshot.plan != plan.fingerprint() || usize::from(snapshot.step) > plan.steps().len() {
            return Err(ResumeError::OtherPlan);
        }
        Ok(Self { plan, state: snapshot, events: VecDeque::new() })
    }

    /// What is to be kept to [resume](Self::resume).
    pub const fn snapshot(&self) -> &Snapshot<K::Value> {
        &self.state
    }

    /// What the driver is to do now.
    pub fn poll(&mut self, now: Timestamp) -> Action<K::Value> {
        loop {
            if let Some(call) = self.turn(now, None) {
                return Action::Call(call);
            }
            match &self.state.phase {
                Phase::Choosing => {}
                Phase::Calling { deadline, .. } => return Action::Wait { until: *deadline },
                Phase::Sleeping { until, .. } => return Action::Sleep { until: *until },
                Phase::Done(outcome) => return Action::Done(outcome.clone()),
            }
        }
    }

    /// The step whose provider [`Self::poll`] will ask `now`, if it will. A driver that keeps limits of
    /// calls waits for its turn here, before the call's own time begins to run.
    pub fn due(&mut self, now: Timestamp) -> Option<&Step<K>> {
        self.state.now = self.state.now.max(now);
        if matches!(self.state.phase, Phase::Calling { deadline, .. } if deadline <= self.state.now)
        {
            self.turn(now, None);
        }
        self.plan.steps().get(self.step_due()?)
    }

    /// Takes what happened. [`Self::poll`] says what follows from it.
    pub fn handle(&mut self, now: Timestamp, input: Input<K::Value>) {
        self.turn(now, Some(input));
    }

    /// When to [poll](Self::poll) again if nothing happens until then; nothing if the run has ended.
    pub const fn poll_timeout(&self) -> Option<Timestamp> {
        match &self.state.phase {
            Phase::Choosing => Some(self.state.now),
            Phase::Calling { deadline, .. } => Some(*deadline),
            Phase::Sleeping { until, .. } => Some(*until),
            Phase::Done(_) => None,
        }
    }

    /// The next event that nobody took yet. They are not kept in snapshots.
    pub fn poll_event(&mut self) -> Option<Event> {
        let event = self.events.pop_front();
        if event.is_none() && self.outcome().is_some() {
            // There will be no more, and runs that are done may be kept for long.
            self.events = VecDeque::new();
        }
        event
    }

    /// The seed that it was begun with.
    pub const fn seed(&self) -> u64 {
        self.state.seed
    }

    /// When it was begun.
    pub const fn started(&self) -> Timestamp {
        self.state.started
    }

    /// The latest time that it was told.
    pub const fn now(&self) -> Timestamp {
        self.state.now
    }

    /// The plan that it follows.
    pub const fn plan(&self) -> &Arc<Plan<K>> {
        &self.plan
    }

    /// How it ended, if it has.
    pub const fn outcome(&self) -> Option<&Outcome<K::Value>> {
        match &self.state.phase {
            Phase::Done(outcome) => Some(outcome),
            Phase::Choosing | Phase::Calling { .. } | Phase::Sleeping { .. } => None,
        }
    }

    /// The attempts that have ended, in order.
    pub fn ledger(&self) -> &[Attempt] {
        &self.state.ledger
    }

    /// The steps that were not taken, in order.
    pub fn skips(&self) -> &[Skip] {
        &self.state.skips
    }

    /// What was found and is not good enough, in order.
    pub fn rejected(&self) -> &[Rejected<K::Value>] {
        &self.state.rejected
    }

    /// What it has cost.
    pub fn spent(&self) -> Spent {
        Spent::of(&self.state.ledger)
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        let step = self.state.step;
        let call = match self.state.phase {
            Phase::Calling { attempt, .. } | Phase::Sleeping { attempt, .. } => {
                Some(CallId { step, attempt })
            }
            Phase::Choosing | Phase::Done(_) => None,
        };
        Progress { steps_done: step, steps: self.plan.steps().len() as u8, call }
    }
}

/// The transitions.
impl<K: Lookup> Waterfall<K> {
    /// The one door: all that changes the state goes through here. Gives the call that is to be made.
    fn turn(&mut self, now: Timestamp, input: Option<Input<K::Value>>) -> Option<Call> {
        let now = self.state.now.max(now);
        if matches!(input, Some(Input::Interrupted)) {
            // While nobody drove it, its time stood still.
            let gap_us = now.micros_since(self.state.now);
            self.state.waited_us = self.state.waited_us.saturating_add(gap_us);
        }
        self.state.now = now;
        match (&self.state.phase, input) {
            (Phase::Done(_), _) => None,
            (Phase::Choosing, None) => self.choose(),
            (Phase::Sleeping { attempt, until }, None) if *until <= now => {
                let attempt = *attempt;
                self.call(attempt)
            }
            (Phase::Calling { attempt, deadline, .. }, None) if *deadline <= now => {
                let attempt = *attempt;
                self.end_attempt(attempt, Reply::TimedOut)
            }
            (Phase::Calling { attempt, .. }, Some(Input::Reply { call, reply }))
                if call == (CallId { step: self.state.step, attempt: *attempt }) =>
            {
                self.end_attempt(call.attempt, reply)
            }
            (Phase::Calling { attempt, since, .. }, Some(Input::Interrupted)) => {
                let (attempt, since) = (*attempt, *since);
                self.enter(attempt, since, AttemptResult::Interrupted);
                self.retry_or_go_on(attempt, AttemptResult::Interrupted, None)
            }
            (Phase::Calling { attempt, since, .. }, Some(Input::Cancel)) => {
                let (attempt, since) = (*attempt, *since);
                self.enter(attempt, since, AttemptResult::Cancelled);
                self.finish(Outcome::Cancelled)
            }
            (Phase::Choosing | Phase::Sleeping { .. }, Some(Input::Cancel)) => {
                self.finish(Outcome::Cancelled)
            }
            (Phase::Choosing | Phase::Sleeping { .. }, Some(Input::Waited { us })) => {
                self.state.waited_us = self.state.waited_us.saturating_add(us);
                None
            }
            // Nothing is due yet, or what came is of no running call.
            (Phase::Sleeping { .. } | Phase::Calling { .. }, None)
            | (Phase::Calling { .. }, Some(Input::Reply { .. } | Input::Waited { .. }))
            | (
                Phase::Choosing | Phase::Sleeping { .. },
                Some(Input::Reply { .. } | Input::Interrupted),
            ) => None,
        }
    }

    /// Takes the step at hand, or says why not.
    fn choose(&mut self) -> Option<Call> {
        let Some(step) = self.plan.steps().get(usize::from(self.state.step)) else {
            return self.finish(self.verdict());
        };
        match self.reason_to_skip(step) {
            None => self.call(1),
            Some(reason) => {
                let skip = Skip { step: self.state.step, reason };
                self.state.skips.push(skip);
                self.events.push_back(Event::Skipped(skip));
                self.state.step += 1;
                None
            }
        }
    }

    fn call(&mut self, attempt: u8) -> Option<Call> {
        let plan = Arc::clone(&self.plan);
        let step = plan.steps().get(usize::from(self.state.step))?;
        let (now, total_deadline) = (self.state.now, self.total_deadline());
        if total_deadline <= now {
            // A driver that came back late: what is left is skipped.
            return self.go_on();
        }
        let deadline = now.plus_ms(step.timeout_ms.into()).min(total_deadline);
        let id = CallId { step: self.state.step, attempt };
        self.state.phase = Phase::Calling { attempt, since: now, deadline };
        self.events.push_back(Event::Calling(id));
        Some(Call { id, provider: step.provider.clone(), deadline })
    }

    fn end_attempt(&mut self, attempt: u8, reply: Reply<K::Value>) -> Option<Call> {
        let Phase::Calling { since, .. } = self.state.phase else { return None };
        let plan = Arc::clone(&self.plan);
        let step = plan.steps().get(usize::from(self.state.step))?;
        let (result, retry_after_ms) = match &reply {
            Reply::Hit(value) if !K::accepts(&step.rule, value) => (AttemptResult::Rejected, None),
            reply => reply.result(),
        };
        self.enter(attempt, since, result);
        match (reply, result) {
            (Reply::Hit(value), AttemptResult::Hit) => {
                let found = Found {
                    confidence_percent: K::confidence_percent(&value),
                    value,
                    provider: step.provider.clone(),
                    asked_with: step.requires,
                    at: self.state.now,
                };
                self.finish(Outcome::Found(found))
            }
            (Reply::Hit(value), _) => {
                self.state.rejected.push(Rejected { step: self.state.step, value });
                self.go_on()
            }
            _ => self.retry_or_go_on(attempt, result, retry_after_ms),
        }
    }

    /// Puts an attempt that ended into the ledger.
    fn enter(&mut self, attempt: u8, since: Timestamp, result: AttemptResult) {
        let cost = self.step_at_hand().map(|step| step.cost).unwrap_or_default();
        let charge = result.charge(cost);
        self.state.ledger.push(Attempt {
            step: self.state.step,
            attempt,
            at: since,
            took_us: self.state.now.micros_since(since),
            result,
            charge,
            cost_micros: if charge == Charge::Free { 0 } else { cost.micros },
        });
        let call = CallId { step: self.state.step, attempt };
        self.events.push_back(Event::Ended { call, result });
    }

    fn retry_or_go_on(
        &mut self,
        attempt: u8,
        result: AttemptResult,
        retry_after_ms: Option<u64>,
    ) -> Option<Call> {
        match self.delay_ms(attempt, result, retry_after_ms) {
            None => self.go_on(),
            Some(delay_ms) => {
                let attempt = attempt + 1;
                let until = self.state.now.plus_ms(delay_ms);
                self.state.phase = Phase::Sleeping { attempt, until };
                let call = CallId { step: self.state.step, attempt };
                self.events.push_back(Event::RetryIn { call, delay_ms });
                None
            }
        }
    }

    fn go_on(&mut self) -> Option<Call> {
        self.state.step += 1;
        self.state.phase = Phase::Choosing;
        None
    }

    fn finish(&mut self, outcome: Outcome<K::Value>) -> Option<Call> {
        self.state.phase = Phase::Done(outcome);
        self.events.push_back(Event::Finished);
        None
    }
}

/// Why a run cannot go on from a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResumeError {
    /// It was written by another version.
    #[error(
        "the snapshot is of version {version}, and this is version {SNAPSHOT_VERSION}: finish the run \
         with the version that began it, or start it anew"
    )]
    Version {
        /// The snapshot's.
        version: u16,
    },
    /// It is of a plan with other providers, conditions or rules. Timeouts, retries, costs and budgets may
    /// change.
    #[error(
        "the snapshot is of a plan with other providers, conditions or rules: resume it with that one, or \
         start it anew"
    )]
    OtherPlan,
}
