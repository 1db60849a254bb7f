//! Providers that answer as a test says.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use genesy_core::pii::Pii;
use genesy_core::waterfall::{
    FoundPhone, LeadField, LeadFields, LeadInputs, PhoneLookup, PhoneQuality, PhoneRule, Plan,
    ProviderId,
};
use genesy_providers::driver::{Lead, LeadId};
use genesy_providers::{Answer, Ask, CallError, Description, Provider};

pub(crate) type Result = std::result::Result<Answer<FoundPhone>, CallError>;
type Script = dyn Fn(&Ask, usize) -> (Duration, Result) + Send + Sync;

/// What is seen of the calls of a provider, from outside.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) calls: AtomicUsize,
    pub(crate) given_up: AtomicUsize,
    running: AtomicUsize,
    pub(crate) running_max: AtomicUsize,
    pub(crate) keys: Mutex<Vec<String>>,
}

impl Seen {
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

/// A provider that takes as long and answers as its script says.
pub(crate) struct Scripted {
    description: Description,
    seen: Arc<Seen>,
    script: Box<Script>,
}

impl std::fmt::Debug for Scripted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.description.id.as_str())
    }
}

impl Scripted {
    pub(crate) fn new(
        id: &str,
        script: impl Fn(&Ask, usize) -> (Duration, Result) + Send + Sync + 'static,
    ) -> (Self, Arc<Seen>) {
        let id = ProviderId::new(id).expect("a name");
        let description = Description::new(id, LeadFields::of(&[LeadField::Email]), 1000);
        let seen = Arc::<Seen>::default();
        (Self { description, seen: Arc::clone(&seen), script: Box::new(script) }, seen)
    }

    pub(crate) fn describe(mut self, change: impl FnOnce(&mut Description)) -> Self {
        change(&mut self.description);
        self
    }
}

/// Counts a call that is under way, and one that is dropped before its end.
struct UnderWay<'s> {
    seen: &'s Seen,
    is_done: bool,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.seen.running.fetch_sub(1, Ordering::SeqCst);
        self.seen.given_up.fetch_add(usize::from(!self.is_done), Ordering::SeqCst);
    }
}

#[async_trait]
impl Provider<PhoneLookup> for Scripted {
    fn description(&self) -> &Description {
        &self.description
    }

    async fn call(&self, ask: &Ask) -> Result {
        let nth = self.seen.calls.fetch_add(1, Ordering::SeqCst);
        let running = self.seen.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.seen.running_max.fetch_max(running, Ordering::SeqCst);
        self.seen.keys.lock().expect("no panic").push(ask.idempotency_key.clone());
        let mut under_way = UnderWay { seen: &self.seen, is_done: false };
        let (takes, result) = (self.script)(ask, nth);
        tokio::time::sleep(takes).await;
        under_way.is_done = true;
        result
    }
}

pub(crate) fn hit() -> Result {
    Ok(Answer::new(Some(FoundPhone {
        raw: Pii::new("+14155550132".to_owned()),
        e164: Some(Pii::new("+14155550132".to_owned())),
        quality: PhoneQuality::Valid,
        read_in: None,
    })))
}

pub(crate) fn miss() -> Result {
    Ok(Answer::new(None))
}

pub(crate) fn failed() -> Result {
    Err(CallError::Retryable { reason: "it failed".into(), retry_after: None })
}

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A plan that asks these providers in turn.
pub(crate) fn plan(ids: &[&str]) -> Plan<PhoneLookup> {
    let steps = ids.iter().map(|id| {
        let id = ProviderId::new(id).expect("a name");
        Description::new(id, LeadFields::of(&[LeadField::Email]), 1000).step(PhoneRule::Valid)
    });
    Plan::new(steps.collect()).expect("a plan")
}

pub(crate) fn lead(id: &str) -> Lead {
    let inputs = LeadInputs::default()
        .with(LeadField::Email, &format!("{id}@example.com"))
        .with(LeadField::FullName, "Ada Lovelace");
    Lead::for_phone(LeadId::new(id).expect("an identifier"), inputs)
}
