//! What happened in a search since it was told last: the events of a standing against those of the one before.

use std::collections::BTreeSet;

use genesy_core::time::Timestamp;
use genesy_core::waterfall::{Attempt, CallId, PhoneLookup, Plan};

use super::view::{PhoneView, StepState, StepView, why};
use crate::engine::PhoneStanding;
use crate::events::PhoneEvent;
use crate::store::attempts::AttemptRow;

/// How much of a run was told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// The calls that ended, each with when it was made: a run that begins anew makes the same ones again.
    attempts: BTreeSet<(Timestamp, CallId)>,
    /// The steps that were not taken.
    skips: BTreeSet<u8>,
    /// The calls that began.
    called: BTreeSet<CallId>,
    retry: Option<CallId>,
    pub(super) is_ended: bool,
}

impl Told {
    /// This, and all of a standing.
    pub(super) fn and(mut self, standing: &PhoneStanding) -> Self {
        self.called.extend(standing.asking);
        self.called.extend(standing.attempts.iter().map(|attempt| made(attempt).1));
        Self {
            called: self.called,
            attempts: standing.attempts.iter().map(made).collect(),
            skips: standing.skips.iter().map(|skip| skip.step).collect(),
            retry: standing.retry.map(|retry| retry.call),
            is_ended: standing.outcome.is_some(),
        }
    }

    /// What was told of a run before a restart.
    pub(super) fn of_stored(
        plan: &Plan<PhoneLookup>,
        view: &PhoneView,
        attempts: &[AttemptRow],
    ) -> Self {
        let place = |step: &StepView| {
            let place = plan.steps().iter().position(|of| of.provider.as_str() == step.provider)?;
            u8::try_from(place).ok()
        };
        let at = |state: StepState| {
            let step = view.steps.iter().find(|step| step.state == state)?;
            Some(CallId { step: place(step)?, attempt: step.attempt })
        };
        let (asking, retry) = (at(StepState::Calling), at(StepState::Retry));
        let called = asking
            .into_iter()
            .flat_map(|last| (1..=last.attempt).map(move |attempt| CallId { attempt, ..last }));
        let skipped = view.steps.iter().filter(|step| step.state == StepState::Skipped);
        let made = |row: &AttemptRow| {
            (row.at.timestamp(), CallId { step: row.step, attempt: row.attempt })
        };
        Self {
            attempts: attempts.iter().map(made).collect(),
            skips: skipped.filter_map(place).collect(),
            called: called.collect(),
            retry,
            is_ended: false,
        }
    }
}

const fn made(attempt: &Attempt) -> (Timestamp, CallId) {
    (attempt.at, CallId { step: attempt.step, attempt: attempt.attempt })
}

/// What happened since, in order, and the calls that ended.
pub(super) fn since(
    told: &Told,
    plan: &Plan<PhoneLookup>,
    standing: &PhoneStanding,
) -> (Vec<PhoneEvent>, Vec<AttemptRow>) {
    let step_of = |place: u8| plan.steps().get(usize::from(place));
    let provider = |place: u8| step_of(place).map_or("", |step| step.provider.as_str()).to_owned();
    let attempts_max = |place: u8| step_of(place).map_or(0, |step| step.retry.attempts_max);
    let calling = |call: CallId| PhoneEvent::Calling {
        provider: provider(call.step),
        attempt: call.attempt,
        attempts_max: attempts_max(call.step),
    };
    // Each with its step, so that they can be put into their order.
    let mut events: Vec<(u8, PhoneEvent)> = Vec::new();
    let mut rows = Vec::new();
    for attempt in &standing.attempts {
        let (at, call) = made(attempt);
        if told.attempts.contains(&(at, call)) {
            continue;
        }
        if !told.called.contains(&call) {
            events.push((call.step, calling(call)));
        }
        let why = why(plan, standing, attempt);
        let charge = charge_name(attempt.charge).to_owned();
        let result = attempt.result.name().to_owned();
        let event = PhoneEvent::Ended {
            provider: provider(call.step),
            attempt: call.attempt,
            result: result.clone(),
            why: why.clone(),
            took_ms: attempt.took_us / 1000,
            charge: charge.clone(),
            cost_micros: attempt.cost_micros,
        };
        events.push((call.step, event));
        rows.push(AttemptRow {
            step: attempt.step,
            attempt: attempt.attempt,
            provider: provider(call.step),
            at: at.into(),
            took_us: attempt.took_us,
            result,
            why,
            charge,
            cost_micros: attempt.cost_micros,
        });
    }
    for skip in standing.skips.iter().filter(|skip| !told.skips.contains(&skip.step)) {
        let why = skip.reason.to_string();
        events.push((skip.step, PhoneEvent::Skipped { provider: provider(skip.step), why }));
    }
    events.sort_by_key(|(step, _)| *step);
    let mut events: Vec<PhoneEvent> = events.into_iter().map(|(_, event)| event).collect();
    if let Some(call) = standing.asking
        && !told.called.contains(&call)
    {
        events.push(calling(call));
    }
    if let Some(retry) = standing.retry
        && told.retry != Some(retry.call)
    {
        events.push(PhoneEvent::RetryIn {
            provider: provider(retry.call.step),
            attempt: retry.call.attempt,
            attempts_max: attempts_max(retry.call.step),
            delay_ms: retry.at.micros_since(standing.at) / 1000,
        });
    }
    if let Some(outcome) = &standing.outcome
        && !told.is_ended
    {
        let provider = match outcome {
            genesy_core::waterfall::Outcome::Found(found) => {
                Some(found.provider.as_str().to_owned())
            }
            _ => None,
        };
        events.push(PhoneEvent::Finished { outcome: outcome.name().to_owned(), provider });
    }
    (events, rows)
}

const fn charge_name(charge: genesy_core::waterfall::Charge) -> &'static str {
    use genesy_core::waterfall::Charge::{Charged, Free, MaybeCharged};
    match charge {
        Free => "free",
        Charged => "charged",
        MaybeCharged => "maybe_charged",
    }
}
