//! How far a run is, as it is stored with it and shown.

use std::fmt;

use genesy_core::pii::Pii;
use genesy_core::time::Timestamp;
use genesy_core::verification::{Evidence, Progress};
use genesy_core::waterfall::{
    Attempt, AttemptResult, CallId, FoundPhone, Lookup, Outcome, PhoneLookup, PhoneQuality, Plan,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::engine::PhoneStanding;

/// How far the search of a phone is.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct PhoneView {
    pub(crate) steps: Vec<StepView>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) found: Option<FoundView>,
}

/// A phone that was found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FoundView {
    pub(crate) phone: Pii<String>,
    pub(crate) provider: String,
    pub(crate) quality: PhoneQuality,
    pub(crate) confidence_percent: u8,
    pub(crate) at: Timestamp,
}

/// How far one provider is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StepView {
    pub(crate) provider: String,
    pub(crate) state: StepState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) why: Option<String>,
    /// The attempt that was made last or is made next, counted from 1; 0 before the first.
    #[serde(default)]
    pub(crate) attempt: u8,
    pub(crate) attempts_max: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) next_attempt_at: Option<Timestamp>,
}

/// What one provider is at, or came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StepState {
    /// Its turn has not come.
    Waiting,
    /// It is not asked.
    Skipped,
    /// It is asked.
    Calling,
    /// It is asked again after a while.
    Retry,
    /// It has nothing.
    Miss,
    /// It could not be asked.
    Failed,
    /// It does not take the lead's data, or what it found is not good enough.
    Rejected,
    /// It had it.
    Found,
}

impl PhoneView {
    /// Of a run that was not begun.
    pub(crate) fn waiting(plan: &Plan<PhoneLookup>) -> Self {
        let steps = plan.steps().iter().map(|step| StepView {
            provider: step.provider.as_str().to_owned(),
            state: StepState::Waiting,
            why: None,
            attempt: 0,
            attempts_max: step.retry.attempts_max,
            next_attempt_at: None,
        });
        Self { steps: steps.collect(), found: None }
    }

    /// Of a run that is so far.
    pub(super) fn of(plan: &Plan<PhoneLookup>, standing: &PhoneStanding) -> Self {
        let mut view = Self::waiting(plan);
        for (index, step) in view.steps.iter_mut().enumerate() {
            let is_it = |place: u8| usize::from(place) == index;
            let skip = standing.skips.iter().find(|skip| is_it(skip.step));
            let asking = standing.asking.filter(|call| is_it(call.step));
            let retry = standing.retry.filter(|retry| is_it(retry.call.step));
            let last = standing.attempts.iter().rfind(|attempt| is_it(attempt.step));
            if let Some(last) = last {
                step.attempt = last.attempt;
                step.state = after(last.result);
                step.why = Some(why(plan, standing, last));
            }
            if let Some(call) = asking {
                (step.state, step.attempt) = (StepState::Calling, call.attempt);
            } else if let Some(retry) = retry {
                (step.state, step.attempt) = (StepState::Retry, retry.call.attempt);
                step.next_attempt_at = Some(retry.at);
            } else if let (Some(skip), None) = (skip, last) {
                (step.state, step.why) = (StepState::Skipped, Some(skip.reason.to_string()));
            } else if let (Some(outcome), None) = (&standing.outcome, last) {
                (step.state, step.why) =
                    (StepState::Skipped, Some(not_reached(outcome).to_owned()));
            }
        }
        if let Some(Outcome::Found(found)) = &standing.outcome {
            let phone = found.value.e164.as_ref().unwrap_or(&found.value.raw).clone();
            view.found = Some(FoundView {
                phone,
                provider: found.provider.as_str().to_owned(),
                quality: found.value.quality,
                confidence_percent: found.confidence_percent,
                at: found.at,
            });
        }
        view
    }
}

/// What came of an attempt, in words, without personal data.
pub(super) fn why(plan: &Plan<PhoneLookup>, standing: &PhoneStanding, of: &Attempt) -> String {
    let call = CallId { step: of.step, attempt: of.attempt };
    let step = plan.steps().get(usize::from(of.step));
    let rejected = standing.rejected.iter().find(|rejected| rejected.step == of.step);
    match (of.result, step, rejected) {
        (AttemptResult::Rejected, Some(step), Some(rejected)) => {
            <PhoneLookup as Lookup>::reason_against(&step.rule, &rejected.value)
        }
        (AttemptResult::Hit | AttemptResult::Miss, ..) => of.result.to_string(),
        _ => {
            let trouble = standing.troubles.iter().rfind(|(about, _)| *about == call);
            trouble.map_or_else(|| of.result.to_string(), |(_, reason)| reason.clone())
        }
    }
}

const fn after(result: AttemptResult) -> StepState {
    match result {
        AttemptResult::Hit => StepState::Found,
        AttemptResult::Miss => StepState::Miss,
        AttemptResult::Rejected | AttemptResult::InputRejected => StepState::Rejected,
        _ => StepState::Failed,
    }
}

const fn not_reached(outcome: &Outcome<FoundPhone>) -> &'static str {
    match outcome {
        Outcome::Found(_) => "one before it had it",
        Outcome::Cancelled => "the search was cancelled before its turn",
        _ => "its turn did not come",
    }
}

/// How far a verification is. The host tells the domain of the address, so it stands nowhere else.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct EmailView {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) progress: Option<Progress<'static>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) asleep_until: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) end: Option<EmailEndView>,
}

impl fmt::Debug for EmailView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmailView").finish_non_exhaustive()
    }
}

/// How a verification ended.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct EmailEndView {
    pub(crate) verdict: String,
    pub(crate) reason: String,
    pub(crate) words: String,
    /// When the server may say more, if it greylists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) again_at: Option<Timestamp>,
    pub(crate) evidence: Evidence,
}
