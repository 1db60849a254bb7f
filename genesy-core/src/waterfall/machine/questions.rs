//! What the transitions ask: nothing here changes anything.

use super::{Phase, Waterfall};
use crate::random::split_mix;
use crate::time::Timestamp;
use crate::waterfall::ledger::{AttemptResult, Outcome, SkipReason};
use crate::waterfall::lookup::Lookup;
use crate::waterfall::messages::CallId;
use crate::waterfall::plan::{ProviderId, RetryPolicy, Step};

/// How long to wait behind an attempt until another one, if its end and the policy allow one.
pub(super) fn delay_ms(
    retry: RetryPolicy,
    seed: u64,
    CallId { step, attempt }: CallId,
    result: AttemptResult,
    retry_after_ms: Option<u64>,
) -> Option<u64> {
    let asked_for = retry_after_ms.unwrap_or(0);
    if !result.is_retried()
        || attempt >= retry.attempts_max
        || asked_for > retry.delay_ms_max.into()
    {
        return None;
    }
    let random = split_mix(seed, u64::from(step) << 8 | u64::from(attempt));
    Some(asked_for.max(retry.jittered_ms(attempt, random).into()))
}

impl<K: Lookup> Waterfall<K> {
    /// The place of the step whose provider [`Self::poll`] asks at the latest time told, if it asks one.
    pub(super) fn step_due(&self) -> Option<usize> {
        let at_hand = usize::from(self.state.step);
        match self.state.phase {
            Phase::Choosing => {
                let mut steps = self.plan.steps().iter().enumerate().skip(at_hand);
                let due = steps.find(|(_, step)| self.reason_to_skip(step).is_none());
                due.map(|(index, _)| index)
            }
            Phase::Sleeping { until, .. } if until <= self.state.now => {
                (self.state.now < self.total_deadline()).then_some(at_hand)
            }
            Phase::Sleeping { .. } | Phase::Calling { .. } | Phase::Done(_) => None,
        }
    }

    pub(super) fn step_at_hand(&self) -> Option<&Step<K>> {
        self.plan.steps().get(usize::from(self.state.step))
    }

    pub(super) fn total_deadline(&self) -> Timestamp {
        let total_us = u64::from(self.plan.budget().total_ms) * 1000;
        self.state.started.plus_us(total_us.saturating_add(self.state.waited_us))
    }

    pub(super) fn reason_to_skip(&self, step: &Step<K>) -> Option<SkipReason> {
        let against = self.plan.reason_against(step, &self.state.facts);
        if against.is_some() {
            against
        } else if step.after_miss_of.as_ref().is_some_and(|provider| !self.has_missed(provider)) {
            Some(SkipReason::NoMissBefore)
        } else if self.total_deadline() <= self.state.now {
            Some(SkipReason::TimeBudget)
        } else if !self.can_pay(step) {
            Some(SkipReason::CostBudget)
        } else {
            None
        }
    }

    /// Whether another call of the step is within the budget, whatever it costs.
    pub(super) fn can_pay(&self, step: &Step<K>) -> bool {
        let after = self.spent().at_most().saturating_add(step.cost.micros);
        self.plan.budget().cost_micros.is_none_or(|budget| after <= budget)
    }

    /// Whether `provider` answered, and had nothing that is good enough.
    pub(super) fn has_missed(&self, provider: &ProviderId) -> bool {
        let step = self.plan.steps().iter().position(|step| step.provider == *provider);
        let last = self.state.ledger.iter().rfind(|of| Some(usize::from(of.step)) == step);
        last.is_some_and(|last| last.result.is_answer())
    }

    /// How long to wait until another attempt, if there is to be one.
    pub(super) fn delay_ms(
        &self,
        attempt: u8,
        result: AttemptResult,
        retry_after_ms: Option<u64>,
    ) -> Option<u64> {
        let step = self.step_at_hand()?;
        let call = CallId { step: self.state.step, attempt };
        let delay_ms = delay_ms(step.retry, self.state.seed, call, result, retry_after_ms)?;
        let is_in_time = self.state.now.plus_ms(delay_ms) < self.total_deadline();
        (is_in_time && self.can_pay(step)).then_some(delay_ms)
    }

    /// How a run ends in which nobody had it.
    pub(super) fn verdict(&self) -> Outcome<K::Value> {
        let ledger = &self.state.ledger;
        let last_of_step =
            |index: usize| ledger.get(index + 1).is_none_or(|next| next.step != ledger[index].step);
        let failed = (0..ledger.len()).any(|index| {
            let result = ledger[index].result;
            last_of_step(index) && (result.is_retried() || result == AttemptResult::Misconfigured)
        });
        if failed || self.state.skips.iter().any(|skip| skip.reason.is_budget()) {
            Outcome::Inconclusive
        } else if ledger.iter().any(|attempt| attempt.result.is_answer()) {
            Outcome::NoDataFound
        } else {
            Outcome::NotEligible
        }
    }
}
