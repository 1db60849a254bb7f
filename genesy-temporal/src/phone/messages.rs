//! What goes in and comes out.

use std::sync::Arc;

use genesy_core::time::Timestamp;
use genesy_core::waterfall::{
    Attempt, CallId, EmailState, Event, FoundPhone, LeadFacts, LeadInputs, Outcome, PhoneLookup,
    Plan, ProviderId, Rejected, Skip, Spent, Waterfall,
};
use genesy_providers::driver::LeadId;
use serde::{Deserialize, Serialize};

use crate::queues::Queues;
use crate::report::Reports;
use crate::visibility::Shown;

/// All that a run has to know. It is stored with the run, so that a replay is exact whatever has changed
/// since.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PhoneInput {
    pub(crate) lead: LeadId,
    pub(crate) inputs: LeadInputs,
    #[serde(default)]
    pub(crate) email: EmailState,
    pub(crate) plan: Plan<PhoneLookup>,
    pub(crate) queues: Queues,
    #[serde(default)]
    pub(crate) reports: Reports,
    /// The namespace has this crate's search attributes.
    #[serde(default)]
    pub(crate) is_searchable: bool,
    /// The provider that was shown when it was begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) shown_provider: Option<String>,
}

impl PhoneInput {
    /// Says in the input who is asked first, if the namespace can show it: whoever begins the run shows it with
    /// the beginning, which saves the server a write.
    pub(crate) fn showing_first(mut self, now: Timestamp) -> Self {
        if self.is_searchable {
            let plan = Arc::new(self.plan.clone());
            let mut run = Waterfall::<PhoneLookup>::new(plan, self.facts(), self.lead.seed(), now);
            let first = run.delegate(now).map(|first| first.provider.as_str().to_owned());
            self.shown_provider = first;
        }
        self
    }

    /// What is shown of it when it is begun.
    pub(crate) fn shown(&self) -> Option<Shown> {
        let provider = self.shown_provider.clone()?;
        Some(Shown { outcome: None, provider: Some(provider) })
    }

    pub(crate) fn facts(&self) -> LeadFacts {
        LeadFacts { email: self.email, ..self.inputs.phone_facts() }
    }
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PhoneResult {
    /// The lead.
    pub lead: LeadId,
    /// What came of it.
    pub outcome: Outcome<FoundPhone>,
    /// All attempts, in order.
    pub ledger: Vec<Attempt>,
    /// The steps that were not taken, in order.
    #[serde(default)]
    pub skips: Vec<Skip>,
    /// What was found and is not good enough, in order.
    #[serde(default)]
    pub rejected: Vec<Rejected<FoundPhone>>,
    /// When it was begun.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
}

impl PhoneResult {
    /// What it has cost.
    pub fn spent(&self) -> Spent {
        Spent::of(&self.ledger)
    }
}

/// How far a run is. It holds no personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PhoneProgress {
    /// It is larger each time that something has changed.
    pub revision: u64,
    /// The lead.
    pub lead: LeadId,
    /// The name of the outcome, if it has ended.
    #[serde(default)]
    pub outcome: Option<String>,
    /// Steps behind it.
    pub steps_done: u8,
    /// Steps in all.
    pub steps: u8,
    /// Who is asked, and since when.
    #[serde(default)]
    pub asking: Option<Asking>,
    /// Everything that happened, in order.
    pub events: Vec<TimedEvent>,
    /// The attempts of the steps behind it, in order.
    #[serde(default)]
    pub ledger: Vec<Attempt>,
}

/// A provider that is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Asking {
    /// Its name.
    pub provider: ProviderId,
    /// The first attempt that is made. Of those that follow, [`Client::phone_progress`] tells.
    ///
    /// [`Client::phone_progress`]: crate::client::Client::phone_progress
    pub call: CallId,
    /// When the step was begun.
    pub since: Timestamp,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TimedEvent {
    /// When the run learned of it.
    pub at: Timestamp,
    /// What.
    pub event: Event,
}
