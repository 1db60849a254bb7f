//! What goes in and comes out.

use genesy_core::pii::Pii;
use genesy_core::time::Timestamp;
use genesy_core::verification::{Conclusion, Policy, Progress, Report, Verdict};
use genesy_providers::driver::LeadId;
use serde::{Deserialize, Serialize};

use crate::queues::Queues;
use crate::report::Reports;

/// All that a run has to know. It is stored with the run, so that a replay is exact whatever has changed
/// since.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct EmailInput {
    pub(crate) lead: LeadId,
    pub(crate) address: Pii<String>,
    pub(crate) policy: Policy,
    pub(crate) worker_ms_max: u64,
    pub(crate) queues: Queues,
    #[serde(default)]
    pub(crate) reports: Reports,
    /// The namespace has this crate's search attributes.
    #[serde(default)]
    pub(crate) is_searchable: bool,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EmailResult {
    /// The lead.
    pub lead: LeadId,
    /// What came of it.
    pub outcome: EmailOutcome,
    /// When it was begun.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
}

/// What came of a verification, and what ended it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmailOutcome {
    /// It ended by itself: with an answer, since its own time was over, or since it was cancelled.
    Concluded(Box<Report>),
    /// A worker had begun it and was lost, and none went on with it in time. So its time went by; if what was
    /// found out until then is no answer, the verdict is unknown, with the stage.
    WorkersLost(Box<Report>),
    /// No worker of the mail queue took it in time.
    NoWorker,
}

impl EmailOutcome {
    /// What was found out.
    pub fn report(&self) -> Option<&Report> {
        match self {
            Self::Concluded(report) | Self::WorkersLost(report) => Some(report),
            Self::NoWorker => None,
        }
    }

    /// Verdict and reason.
    pub fn conclusion(&self) -> Option<&Conclusion> {
        self.report().map(|report| &report.conclusion)
    }

    /// The name of the verdict, or `no_worker`.
    pub fn name(&self) -> &'static str {
        self.conclusion().map_or("no_worker", |conclusion| conclusion.verdict().name())
    }

    /// Whether nothing would be learned by asking again.
    pub fn is_answer(&self) -> bool {
        self.conclusion().is_some_and(|conclusion| match conclusion.verdict() {
            Verdict::Deliverable | Verdict::Undeliverable | Verdict::Risky => true,
            Verdict::Unknown => false,
        })
    }
}

/// How far a run is. It holds host names, which tell the domain of the address, and nothing else of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EmailProgress {
    /// It is larger each time that something has changed.
    pub revision: u64,
    /// The lead.
    pub lead: LeadId,
    /// The name of the outcome, if it has ended.
    #[serde(default)]
    pub outcome: Option<String>,
    /// What it does.
    pub standing: EmailStanding,
    /// How far the worker is that has it; nothing if none has, or none was heard of yet. It is what
    /// [`Client::email_progress`] adds: the workflow does not know it.
    ///
    /// [`Client::email_progress`]: crate::client::Client::email_progress
    #[serde(default)]
    pub check: Option<Progress<'static>>,
}

/// What a run does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmailStanding {
    /// It was given to the workers.
    Checking {
        /// When.
        since: Timestamp,
    },
    /// The server greylists, and is asked again.
    Sleeping {
        /// When.
        until: Timestamp,
    },
    /// Its workers were lost, and its time goes by.
    Lost {
        /// When it is over.
        until: Timestamp,
    },
    /// It has ended.
    Ended,
}
