//! A step whose attempts are made elsewhere, by somebody who retries on his own.

use serde::{Deserialize, Serialize};

use super::questions::delay_ms;
use super::{Phase, Waterfall};
use crate::time::Timestamp;
use crate::waterfall::ledger::{AttemptResult, Charge};
use crate::waterfall::lookup::Lookup;
use crate::waterfall::messages::{CallId, Input, Reply};
use crate::waterfall::plan::{Cost, ProviderId, RetryPolicy};

/// All there is to know to make the attempts of a step as its run would make them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegation {
    /// The first attempt.
    pub call: CallId,
    /// Who is asked.
    pub provider: ProviderId,
    /// The same for all attempts of a run at one provider, and for nothing else. It tells nothing of the
    /// lead.
    pub idempotency_key: String,
    /// How long one attempt may take, in milliseconds.
    pub timeout_ms: u32,
    /// How often it is tried.
    pub retry: RetryPolicy,
    seed: u64,
    cost: Cost,
    /// Time that is left of the run's total, in microseconds.
    time_left_us: u64,
    /// What is left to be spent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cost_left_micros: Option<u64>,
}

/// An attempt that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptMade<V> {
    /// Which one, counted from 1.
    pub attempt: u8,
    /// When it began.
    pub at: Timestamp,
    /// How long it took, in microseconds.
    pub took_us: u64,
    /// How it ended.
    pub end: AttemptEnd<V>,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptEnd<V> {
    /// With a reply, or with the call's timeout.
    Reply(Reply<V>),
    /// Whoever made it went away.
    Interrupted,
}

impl<V> AttemptEnd<V> {
    /// A short name: that of the [`AttemptResult`], if the step's rule accepts what was found.
    pub const fn name(&self) -> &'static str {
        self.result().0.name()
    }

    const fn result(&self) -> (AttemptResult, Option<u64>) {
        match self {
            Self::Reply(reply) => reply.result(),
            Self::Interrupted => (AttemptResult::Interrupted, None),
        }
    }
}

impl Delegation {
    /// How long the attempt behind those that were made may take, in microseconds; none at all if the
    /// run's time is over.
    pub fn timeout_us<V>(&self, made: &[AttemptMade<V>]) -> u64 {
        let wait_ms = made.last().and_then(|last| self.delay_ms(last)).unwrap_or_default();
        let used_us = self.used_us(made).saturating_add(wait_ms * 1000);
        let left_us = self.time_left_us.saturating_sub(used_us);
        left_us.min(u64::from(self.timeout_ms) * 1000)
    }

    /// How long to wait behind the last of the attempts that were made until another one, in
    /// milliseconds; nothing if there is to be none.
    pub fn retry_delay_ms<V>(&self, made: &[AttemptMade<V>]) -> Option<u64> {
        let delay_ms = self.delay_ms(made.last()?)?;
        let is_in_time = self.used_us(made) + delay_ms * 1000 < self.time_left_us;
        let spent = made.iter().map(|of| match of.end.result().0.charge(self.cost) {
            Charge::Free => 0,
            Charge::Charged | Charge::MaybeCharged => self.cost.micros,
        });
        let after = spent.sum::<u64>().saturating_add(self.cost.micros);
        let can_pay = self.cost_left_micros.is_none_or(|left| after <= left);
        (is_in_time && can_pay).then_some(delay_ms)
    }

    /// The wait behind an attempt, if neither time nor cost is looked at.
    fn delay_ms<V>(&self, made: &AttemptMade<V>) -> Option<u64> {
        let call = CallId { step: self.call.step, attempt: made.attempt };
        let (result, retry_after_ms) = made.end.result();
        delay_ms(self.retry, self.seed, call, result, retry_after_ms)
    }

    /// What attempts and the waits between them took of the run's time. What came on top of a wait does
    /// not count, nor do attempts that were interrupted.
    fn used_us<V>(&self, made: &[AttemptMade<V>]) -> u64 {
        let took = made.iter().map(|of| match of.end {
            AttemptEnd::Reply(_) => of.took_us,
            AttemptEnd::Interrupted => 0,
        });
        let before_last = made.split_last().map_or(&[][..], |(_, before)| before);
        let waits = before_last.iter().filter_map(|of| self.delay_ms(of)).map(|ms| ms * 1000);
        took.chain(waits).fold(0, u64::saturating_add)
    }
}

impl<K: Lookup> Waterfall<K> {
    /// The step whose attempts are to be made `now`, if one is: skips what is not for the lead on the way.
    /// [`Self::follow`] takes what came of them.
    pub fn delegate(&mut self, now: Timestamp) -> Option<Delegation> {
        self.state.now = self.state.now.max(now);
        loop {
            let attempt = match self.state.phase {
                Phase::Choosing => 1,
                Phase::Sleeping { attempt, until } if until <= self.state.now => attempt,
                Phase::Calling { deadline, .. } if deadline <= self.state.now => {
                    self.turn(now, None);
                    continue;
                }
                Phase::Sleeping { .. } | Phase::Calling { .. } | Phase::Done(_) => return None,
            };
            if self.step_due() == Some(self.state.step.into()) {
                return self.delegation(attempt);
            }
            self.turn(now, None);
        }
    }

    fn delegation(&self, attempt: u8) -> Option<Delegation> {
        let step = self.step_at_hand()?;
        let spent = self.spent().at_most();
        Some(Delegation {
            call: CallId { step: self.state.step, attempt },
            provider: step.provider.clone(),
            idempotency_key: self.idempotency_key(self.state.step),
            timeout_ms: step.timeout_ms,
            retry: step.retry,
            seed: self.state.seed,
            cost: step.cost,
            time_left_us: self.total_deadline().micros_since(self.state.now),
            cost_left_micros: self.plan.budget().cost_micros.map(|of| of.saturating_sub(spent)),
        })
    }

    /// Takes the attempts that were made of what [`Self::delegate`] gave, in order. If there is none,
    /// nobody made one in time, and the run goes on with the next step.
    pub fn follow(&mut self, now: Timestamp, made: Vec<AttemptMade<K::Value>>) {
        if made.is_empty() {
            let reply = Reply::Throttled { retry_after_ms: Some(u64::MAX) };
            let end = AttemptEnd::Reply(reply);
            self.follow_one(AttemptMade { attempt: self.attempt_due(), at: now, took_us: 0, end });
        }
        made.into_iter().for_each(|made| self.follow_one(made));
    }

    fn follow_one(&mut self, made: AttemptMade<K::Value>) {
        let due = match self.state.phase {
            Phase::Choosing => self.state.now,
            Phase::Sleeping { until, .. } => until,
            Phase::Calling { .. } | Phase::Done(_) => return,
        };
        // Clocks of those who make attempts may differ.
        let at = made.at.max(due);
        self.handle(at, Input::Waited { us: at.micros_since(due) });
        let Some(call) = self.turn(at, None) else { return };
        if call.id.attempt != made.attempt {
            return;
        }
        let ended = at.plus_us(made.took_us);
        match made.end {
            AttemptEnd::Reply(reply) => self.handle(ended, Input::Reply { call: call.id, reply }),
            AttemptEnd::Interrupted => self.handle(ended, Input::Interrupted),
        }
    }

    const fn attempt_due(&self) -> u8 {
        match self.state.phase {
            Phase::Sleeping { attempt, .. } | Phase::Calling { attempt, .. } => attempt,
            Phase::Choosing | Phase::Done(_) => 1,
        }
    }

    /// The same for all attempts of a run at the provider of `step`, and after a restart. It tells nothing
    /// of the lead.
    pub fn idempotency_key(&self, step: u8) -> String {
        let started = self.state.started.as_micros();
        let of_step = started.wrapping_mul(32).wrapping_add(step.into());
        format!("{:032x}", u128::from(self.state.seed) << 64 | u128::from(of_step))
    }
}
