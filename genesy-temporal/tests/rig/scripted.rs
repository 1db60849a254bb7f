//! Providers that do what a test says, and remember what they were asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use genesy_core::pii::Pii;
use genesy_core::waterfall::{
    Budget, FoundPhone, LeadField, LeadFields, PhoneLookup, PhoneQuality, PhoneRule, Plan,
    ProviderId, RetryPolicy,
};
use genesy_providers::{Answer, Ask, CallError, Description, Provider, RateLimit};

/// What a provider does at one call: how long it takes, and what it answers.
pub(crate) type Turn = (Duration, Result<Option<&'static str>, CallError>);

#[derive(Debug)]
pub(crate) struct Scripted {
    description: Description,
    turns: Mutex<VecDeque<Turn>>,
    /// What is done when the turns are used up.
    then: Turn,
    calls: Mutex<Vec<(Instant, Ask)>>,
}

impl Scripted {
    /// A provider that always does the same.
    pub(crate) fn new(id: &str, then: Turn) -> Self {
        let id = ProviderId::new(id).expect("a name");
        let requires = LeadFields::of(&[LeadField::Email]);
        Self {
            description: Description::new(id, requires, 2000),
            turns: Mutex::default(),
            then,
            calls: Mutex::default(),
        }
    }

    pub(crate) fn first(self, turns: impl IntoIterator<Item = Turn>) -> Self {
        self.turns.lock().expect("no test panicked with it").extend(turns);
        self
    }

    pub(crate) fn limited(mut self, limit: RateLimit) -> Self {
        self.description.rate_limit = limit;
        self
    }

    pub(crate) fn calls(&self) -> Vec<(Instant, Ask)> {
        self.calls.lock().expect("no test panicked with it").clone()
    }

    pub(crate) fn asked(&self) -> usize {
        self.calls().len()
    }

    /// How long it was between the calls.
    pub(crate) fn gaps(&self) -> Vec<Duration> {
        self.calls().windows(2).map(|pair| pair[1].0 - pair[0].0).collect()
    }
}

#[async_trait]
impl Provider<PhoneLookup> for Scripted {
    fn description(&self) -> &Description {
        &self.description
    }

    async fn call(&self, ask: &Ask) -> Result<Answer<FoundPhone>, CallError> {
        let turn = {
            let mut turns = self.turns.lock().expect("no test panicked with it");
            self.calls
                .lock()
                .expect("no test panicked with it")
                .push((Instant::now(), ask.clone()));
            turns.pop_front().unwrap_or_else(|| self.then.clone())
        };
        tokio::time::sleep(turn.0).await;
        turn.1.map(|value| Answer::new(value.map(phone)))
    }
}

fn phone(e164: &str) -> FoundPhone {
    FoundPhone {
        raw: Pii::new(e164.to_owned()),
        e164: Some(Pii::new(e164.to_owned())),
        quality: PhoneQuality::Valid,
        read_in: None,
    }
}

pub(crate) const AT_ONCE: Duration = Duration::ZERO;
pub(crate) const FOR_EVER: Duration = Duration::from_secs(3600);
pub(crate) const NUMBER: &str = "+14155550132";

pub(crate) fn hit() -> Turn {
    (AT_ONCE, Ok(Some(NUMBER)))
}

pub(crate) fn miss() -> Turn {
    (AT_ONCE, Ok(None))
}

pub(crate) fn failure() -> Turn {
    (AT_ONCE, Err(CallError::Retryable { reason: "500".into(), retry_after: None }))
}

/// Shares providers with a worker.
pub(crate) fn shared(providers: &[&Arc<Scripted>]) -> Vec<Arc<dyn Provider<PhoneLookup>>> {
    providers.iter().map(|of| Arc::clone(*of) as Arc<dyn Provider<PhoneLookup>>).collect()
}

/// A plan that asks these providers in turn, with the default three attempts and waits of a quarter of a second
/// and half a second.
pub(crate) fn plan_of(providers: &[&Arc<Scripted>]) -> Plan<PhoneLookup> {
    let steps = providers.iter().map(|of| {
        let mut step = of.description.step(PhoneRule::Valid);
        step.timeout_ms = 500;
        step.retry =
            RetryPolicy { first_delay_ms: 250, jitter_percent: 0, ..RetryPolicy::default() };
        step
    });
    Plan::new(steps.collect()).and_then(|plan| plan.within(Budget::default())).expect("a plan")
}
