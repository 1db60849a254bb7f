//! What a provider is, and how it answers.

use std::borrow::Cow;
use std::fmt::Debug;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt;
use genesy_core::waterfall::{
    Cost, Countries, CountryCode, EmailNeed, LeadFields, LeadInputs, Lookup, ProviderId, Reply,
    RetryPolicy, Step,
};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, timeout_at};

/// Somebody who can be asked for what a lead lacks.
///
/// The built-in ones are definitions that one HTTP engine reads ([`crate::http::HttpProvider`]); what no
/// definition can express is written against this trait. It makes one call and no second one: retries are
/// the driver's. The future may be dropped at any time, and then nothing goes on behind it.
#[async_trait]
pub trait Provider<K: Lookup>: Debug + Send + Sync {
    /// Who it is, and what may be asked of it.
    fn description(&self) -> &Description;

    /// Asks once.
    ///
    /// # Errors
    ///
    /// When it did not say what it has; the kind of error says what to do.
    async fn call(&self, ask: &Ask) -> Result<Answer<K::Value>, CallError>;
}

/// Who a provider is, and what may be asked of it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Description {
    /// Its name in plans.
    pub id: ProviderId,
    /// Its name for people.
    pub name: String,
    /// The fields of a lead that it cannot do without.
    pub requires: LeadFields,
    /// The fields that it is given where the lead has them, those that it requires among them. It sees
    /// no others.
    pub uses: LeadFields,
    /// How long a call may take, in milliseconds.
    pub timeout_ms: u32,
    /// How often it may be asked.
    pub rate_limit: RateLimit,
    /// What a call costs.
    pub cost: Cost,
}

impl Description {
    /// Of a provider that requires these fields, uses no others, costs nothing and has no limits. The
    /// members can be set.
    pub fn new(id: ProviderId, requires: LeadFields, timeout_ms: u32) -> Self {
        Self {
            name: id.as_str().to_owned(),
            id,
            requires,
            uses: requires,
            timeout_ms,
            rate_limit: RateLimit::default(),
            cost: Cost::default(),
        }
    }

    /// The step of a plan that asks this provider, with the default retries.
    pub fn step<K: Lookup>(&self, rule: K::Rule) -> Step<K> {
        Step {
            provider: self.id.clone(),
            requires: self.requires,
            countries: Countries::Any,
            email: EmailNeed::NotUndeliverable,
            after_miss_of: None,
            timeout_ms: self.timeout_ms,
            retry: RetryPolicy::default(),
            cost: self.cost,
            rule,
        }
    }
}

/// How often a provider may be asked. By default there is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateLimit {
    /// Calls that may begin within any window of [`Self::per_ms`] at most; no limit if there is none.
    pub calls_max: Option<u32>,
    /// The window, in milliseconds: a second if it is zero.
    pub per_ms: u32,
    /// Calls under way at a time at most; no limit if there is none.
    pub concurrency_max: Option<u32>,
}

impl RateLimit {
    /// So many calls a second.
    pub const fn per_second(calls_max: u32) -> Self {
        Self { calls_max: Some(calls_max), per_ms: 1000, concurrency_max: None }
    }

    /// The window.
    pub const fn window(&self) -> Duration {
        let per_ms = if self.per_ms == 0 { 1000 } else { self.per_ms };
        Duration::from_millis(per_ms as u64)
    }
}

/// One question.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Ask {
    /// What the provider may see of the lead: the fields that it [uses](Description::uses).
    pub inputs: LeadInputs,
    /// The lead's country, to read what comes back. It is not to be sent.
    pub country: Option<CountryCode>,
    /// The same for all attempts of one run at one provider, and for nothing else: a provider that
    /// knows it need not charge twice. It tells nothing of the lead.
    pub idempotency_key: String,
    /// How long the call may take.
    pub timeout: Duration,
    /// When [`ask_once`] ends the call.
    ended_after: Option<Duration>,
}

impl Ask {
    /// A question about a lead, of which only what `description` allows is kept.
    pub fn new(
        description: &Description,
        inputs: &LeadInputs,
        idempotency_key: String,
        timeout: Duration,
    ) -> Self {
        let country = inputs.country();
        let inputs = inputs.only(description.uses);
        Self { inputs, country, idempotency_key, timeout, ended_after: None }
    }

    /// The time in which the call has to end by itself; nothing if [`ask_once`] or a driver ends it in that
    /// time, so that a provider need not set a timer of its own.
    pub fn own_timeout(&self) -> Option<Duration> {
        let is_ended = self.ended_after.is_some_and(|time| time <= self.timeout);
        (!is_ended).then_some(self.timeout)
    }
}

/// What a provider has.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer<V> {
    /// What it found, or nothing.
    pub value: Option<V>,
    /// How long it wants to be left alone, if its quota is used up.
    pub pause: Option<Duration>,
}

impl<V> Answer<V> {
    /// It found something, or nothing.
    pub const fn new(value: Option<V>) -> Self {
        Self { value, pause: None }
    }

    /// It wants to be left alone for so long, as its quota is used up.
    #[must_use]
    pub fn with_pause(mut self, pause: Duration) -> Self {
        self.pause = Some(pause);
        self
    }
}

/// Why a call told nothing. The variant says what to do, the reason is for the operator: neither holds
/// personal data or a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// It failed, and may not another time.
    #[error("{reason}")]
    Retryable {
        /// What happened.
        reason: Reason,
        /// How long the provider wants to be left alone.
        retry_after: Option<Duration>,
    },
    /// It is asked too often: ask later.
    #[error("it is asked too often")]
    Throttled {
        /// How long it wants to be left alone.
        retry_after: Option<Duration>,
    },
    /// It gave no answer in its time. The call may be paid for all the same.
    #[error("it gave no answer in its time")]
    TimedOut {
        /// How long the provider wants to be left alone, if a server in between said so.
        retry_after: Option<Duration>,
    },
    /// It answered what cannot be read. The call may be paid for all the same.
    #[error("{reason}")]
    Unreadable {
        /// What was wrong with it.
        reason: Reason,
    },
    /// It does not take this lead's data: go on with the next provider.
    #[error("{reason}")]
    Rejected {
        /// What it said.
        reason: Reason,
    },
    /// It does not know the caller, or is not where it should be: ask it no more, and tell the operator.
    #[error("{reason}")]
    Misconfigured {
        /// What is wrong, and what to do.
        reason: Reason,
    },
}

/// A text for the operator, without personal data.
pub type Reason = Cow<'static, str>;

/// Asks once, and waits no longer than the question may take. A provider that panics has failed.
///
/// # Errors
///
/// Those of [`Provider::call`].
pub async fn ask_once<K: Lookup>(
    provider: &dyn Provider<K>,
    ask: Ask,
) -> Result<Answer<K::Value>, CallError> {
    let deadline = Instant::now() + ask.timeout;
    ask_until(provider, ask, deadline).await
}

/// The same until a point in time: that of the timeout, seen from now.
pub(crate) async fn ask_until<K: Lookup>(
    provider: &dyn Provider<K>,
    mut ask: Ask,
    deadline: Instant,
) -> Result<Answer<K::Value>, CallError> {
    ask.ended_after = Some(ask.timeout);
    let answer = AssertUnwindSafe(provider.call(&ask)).catch_unwind();
    match timeout_at(deadline, answer).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(CallError::Unreadable { reason: "its code panicked".into() }),
        Err(_) => Err(CallError::TimedOut { retry_after: None }),
    }
}

/// What a run is told of a call.
pub fn reply<V>(result: Result<Answer<V>, CallError>) -> Reply<V> {
    let ms = |wait: Duration| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
    match result {
        Ok(Answer { value: Some(value), .. }) => Reply::Hit(value),
        Ok(Answer { value: None, .. }) => Reply::Miss,
        Err(CallError::Retryable { retry_after, .. }) => {
            Reply::Failed { retry_after_ms: retry_after.map(ms) }
        }
        Err(CallError::Throttled { retry_after }) => {
            Reply::Throttled { retry_after_ms: retry_after.map(ms) }
        }
        Err(CallError::TimedOut { .. }) => Reply::TimedOut,
        Err(CallError::Unreadable { .. }) => Reply::Unreadable,
        Err(CallError::Rejected { .. }) => Reply::InputRejected,
        Err(CallError::Misconfigured { .. }) => Reply::Misconfigured,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use genesy_core::waterfall::{LeadFields, LeadInputs, ProviderId};

    use super::{Ask, Description};

    #[test]
    fn a_call_that_nobody_else_ends_in_its_time_ends_by_itself() {
        let id = ProviderId::new("a").expect("a name");
        let description = Description::new(id, LeadFields::NONE, 1000);
        let second = Duration::from_secs(1);
        let ask = Ask::new(&description, &LeadInputs::default(), String::new(), second);
        assert_eq!(ask.own_timeout(), Some(second));
        let mut ask = Ask { ended_after: Some(second), ..ask };
        assert_eq!(ask.own_timeout(), None);
        // A provider that asks another one with less time.
        ask.timeout = second / 2;
        assert_eq!(ask.own_timeout(), Some(second / 2));
    }
}
