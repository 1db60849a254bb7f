//! What happens in a run, in words.

use std::fmt::{self, Display};

use super::lead::EmailState;
use super::ledger::{AttemptResult, SkipReason};
use super::lookup::Lookup;
use super::messages::{CallId, Event};
use super::plan::Plan;

impl Event {
    /// The event in words, for a person who watches: `asking orion_connect, attempt 1 of 3`.
    pub fn describe<K: Lookup>(&self, plan: &Plan<K>) -> impl Display {
        let step = |place: u8| plan.steps().get(usize::from(place));
        let provider = |place: u8| step(place).map_or("?", |step| step.provider.as_str());
        let of = |call: CallId| {
            let attempts_max = step(call.step).map_or(0, |step| step.retry.attempts_max);
            format!("attempt {} of {attempts_max}", call.attempt)
        };
        match self {
            Self::Skipped(skip) => {
                format!("{} is not asked: {}", provider(skip.step), skip.reason)
            }
            Self::Calling(call) => format!("asking {}, {}", provider(call.step), of(*call)),
            Self::Ended { call, result } => format!("{}: {result}", provider(call.step)),
            Self::RetryIn { call, delay_ms } => format!(
                "{} is asked again in {}.{} s, {}",
                provider(call.step),
                delay_ms / 1000,
                delay_ms % 1000 / 100,
                of(*call)
            ),
            Self::Finished => "finished".to_owned(),
        }
    }
}

impl Display for AttemptResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hit => "found",
            Self::Rejected => "found, and not good enough",
            Self::Miss => "has nothing",
            Self::Failed => "failed",
            Self::TimedOut => "gave no answer in time",
            Self::Throttled => "is asked too often",
            Self::InputRejected => "does not take the lead's data",
            Self::Misconfigured => "does not know the caller",
            Self::Interrupted => "interrupted",
            Self::Cancelled => "cancelled",
            Self::Unreadable => "gave an answer that cannot be read",
        })
    }
}

impl Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Known => "the lead has it",
            Self::MissingFields(fields) => {
                return write!(f, "the lead lacks {fields}");
            }
            Self::Country => "not for leads of this country",
            Self::EmailState(state) => match state {
                EmailState::Undeliverable => "the lead's e-mail address is undeliverable",
                EmailState::Risky => "the lead's e-mail address is risky",
                EmailState::Unknown => "the lead's e-mail address could not be verified",
                EmailState::Unverified => "the lead's e-mail address was not verified",
                EmailState::Deliverable => "the lead's e-mail address is deliverable",
            },
            Self::NoMissBefore => "the provider before it did not answer",
            Self::CostBudget => "the call could cost more than is left of the budget",
            Self::TimeBudget => "no time is left",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Event;
    use crate::waterfall::{
        AttemptResult, CallId, LeadField, LeadFields, Skip, SkipReason, default_phone_plan,
    };

    #[test]
    fn events_say_who_and_why() {
        let plan = default_phone_plan();
        let words = |event: Event| event.describe(&plan).to_string();
        let call = CallId { step: 1, attempt: 2 };
        let fields = LeadFields::of(&[LeadField::Email, LeadField::JobTitle]);
        let skip = Skip { step: 2, reason: SkipReason::MissingFields(fields) };
        assert_eq!(words(Event::Calling(call)), "asking astra_dialer, attempt 2 of 3");
        assert_eq!(
            words(Event::RetryIn { call, delay_ms: 1350 }),
            "astra_dialer is asked again in 1.3 s, attempt 2 of 3"
        );
        assert_eq!(
            words(Event::Ended { call, result: AttemptResult::Miss }),
            "astra_dialer: has nothing"
        );
        assert_eq!(
            words(Event::Skipped(skip)),
            "nimbus_lookup is not asked: the lead lacks email, job_title"
        );
    }
}
