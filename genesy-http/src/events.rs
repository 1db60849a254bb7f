//! What happens, for those who watch: stored with the change that it tells of, so that nobody misses one.
//!
//! An event names leads by their ids and holds no personal data.

use rusqlite::Transaction;
use serde::Serialize;
use utoipa::ToSchema;

use crate::clock::Time;
use crate::store::jobs::JobState;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Event {
    /// A step in the search of a lead's phone.
    Phone {
        /// The lead.
        lead: i64,
        /// The job that it is part of.
        job: i64,
        /// What happened.
        #[serde(flatten)]
        what: PhoneEvent,
    },
    /// A step in the verification of a lead's address.
    Email {
        /// The lead.
        lead: i64,
        /// The job that it is part of.
        job: i64,
        /// What happened.
        #[serde(flatten)]
        what: EmailEvent,
    },
    /// A job began, or its state changed: read it again.
    Job {
        /// Which one.
        job: i64,
        /// Its state.
        state: JobState,
    },
    /// An import came further: read it again.
    Import {
        /// Which one.
        import: i64,
        /// Its state.
        state: String,
        /// Rows that were read so far.
        rows_read: u64,
    },
    /// Leads were added, changed or deleted by hand or by an import: read the list again.
    Leads {
        /// The lead, if it is one alone.
        #[serde(skip_serializing_if = "Option::is_none")]
        lead: Option<i64>,
    },
    /// A provider turned out to be misconfigured, or its health changed: read the providers again.
    Provider {
        /// Which one.
        provider: String,
        /// What is wrong and what to do; nothing if it is well.
        #[serde(skip_serializing_if = "Option::is_none")]
        trouble: Option<String>,
    },
}

/// A step in the search of a phone.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(crate) enum PhoneEvent {
    /// It waits for its turn.
    Queued,
    /// It goes on from where it was before a restart.
    Resumed,
    /// A provider is not asked.
    Skipped {
        /// Which one.
        provider: String,
        /// Why not, in words.
        why: String,
    },
    /// A provider is asked.
    Calling {
        /// Which one.
        provider: String,
        /// Which attempt, counted from 1.
        attempt: u8,
        /// How many there may be.
        attempts_max: u8,
    },
    /// An attempt ended.
    Ended {
        /// The provider.
        provider: String,
        /// Which attempt, counted from 1.
        attempt: u8,
        /// How: `hit`, `rejected`, `miss`, `failed`, `timed_out`, `throttled` and the like.
        result: String,
        /// The same in words.
        why: String,
        /// How long it took, in milliseconds.
        took_ms: u64,
        /// `charged`, `free` or `maybe_charged`.
        charge: String,
        /// What is paid if it is, in millionths of the plan's currency.
        cost_micros: u64,
    },
    /// Another attempt is made after a while.
    RetryIn {
        /// The provider.
        provider: String,
        /// The attempt that is made then, counted from 1.
        attempt: u8,
        /// How many there may be.
        attempts_max: u8,
        /// How long until then, in milliseconds.
        delay_ms: u64,
    },
    /// It ended.
    Finished {
        /// `found`, `no_data_found`, `inconclusive`, `not_eligible`, `cancelled` or `failed`.
        outcome: String,
        /// Who had it.
        #[serde(skip_serializing_if = "Option::is_none")]
        provider: Option<String>,
    },
}

/// A step in a verification.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(crate) enum EmailEvent {
    /// It waits for its turn.
    Queued,
    /// It is under way.
    Checking {
        /// The stage, as `greeting`.
        stage: String,
        /// The stage in words, without the host, whose name would tell the domain of the address.
        words: String,
        /// Which connection, counted from 1; 0 before the first.
        attempt: u8,
        /// How many there may be.
        attempts_max: u8,
        /// Milliseconds until the stage ends at the latest.
        stage_remaining_ms: u64,
        /// Milliseconds until all ends at the latest, if it neither sleeps nor queues.
        remaining_ms: u64,
    },
    /// It ended.
    Finished {
        /// `deliverable`, `undeliverable`, `risky` or `unknown`.
        verdict: String,
        /// The reason, as a name.
        reason: String,
        /// The reason in words.
        words: String,
    },
    /// It was cancelled.
    Cancelled,
}

impl Event {
    const fn places(&self) -> (Option<i64>, Option<i64>) {
        match self {
            Self::Phone { lead, job, .. } | Self::Email { lead, job, .. } => {
                (Some(*lead), Some(*job))
            }
            Self::Job { job, .. } => (None, Some(*job)),
            Self::Leads { lead } => (*lead, None),
            Self::Import { .. } | Self::Provider { .. } => (None, None),
        }
    }

    /// Stores the event, within the transaction of the change that it tells of. Gives its number.
    pub(crate) fn record(&self, transaction: &Transaction<'_>, at: Time) -> rusqlite::Result<i64> {
        let (lead, job) = self.places();
        let data = serde_json::to_string(self)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        let mut insert = transaction.prepare_cached(
            "INSERT INTO events (at, lead_id, job_id, data) VALUES (?1, ?2, ?3, ?4)",
        )?;
        insert.insert((at, lead, job, data))
    }
}
