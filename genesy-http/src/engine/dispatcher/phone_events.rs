//! What happened in a search since it was told last: the events of a standing against those of the one before.

use genesy_core::waterfall::{CallId, PhoneLookup, Plan};

use super::view::why;
use crate::engine::PhoneStanding;
use crate::events::PhoneEvent;
use crate::store::attempts::AttemptRow;

/// How much of a run was told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) attempts: usize,
    pub(super) skips: usize,
    pub(super) asking: Option<CallId>,
    pub(super) retry: Option<CallId>,
    pub(super) is_ended: bool,
}

impl Told {
    /// All of a standing.
    pub(super) fn of(standing: &PhoneStanding) -> Self {
        Self {
            attempts: standing.attempts.len(),
            skips: standing.skips.len(),
            asking: standing.asking,
            retry: standing.retry.map(|retry| retry.call),
            is_ended: standing.outcome.is_some(),
        }
    }
}

/// What happened since, in order, and the calls that ended.
pub(super) fn since(
    told: Told,
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
    for attempt in standing.attempts.iter().skip(told.attempts) {
        let call = CallId { step: attempt.step, attempt: attempt.attempt };
        if told.asking != Some(call) {
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
            at: attempt.at.into(),
            took_us: attempt.took_us,
            result,
            why,
            charge,
            cost_micros: attempt.cost_micros,
        });
    }
    for skip in standing.skips.iter().skip(told.skips) {
        let why = skip.reason.to_string();
        events.push((skip.step, PhoneEvent::Skipped { provider: provider(skip.step), why }));
    }
    events.sort_by_key(|(step, _)| *step);
    let mut events: Vec<PhoneEvent> = events.into_iter().map(|(_, event)| event).collect();
    if let Some(call) = standing.asking
        && told.asking != Some(call)
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
