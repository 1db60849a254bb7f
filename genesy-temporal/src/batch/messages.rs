//! What goes in and comes out.

use genesy_core::time::Timestamp;
use genesy_core::waterfall::{PhoneLookup, Plan, Spent};
use genesy_providers::driver::LeadId;
use serde::{Deserialize, Serialize};

use super::counts::{BatchCounts, Unfinished};
use super::id::BatchId;
use super::slice::Place;
use crate::report::Reports;

/// All that a batch has to know, and how far it is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct BatchInput {
    pub(crate) batch: BatchId,
    /// The name of the source, as workers have it.
    pub(crate) source: String,
    pub(crate) plan: Plan<PhoneLookup>,
    pub(crate) limits: BatchLimits,
    #[serde(default)]
    pub(crate) is_refresh: bool,
    /// Whether the runs under way are cancelled with the batch.
    #[serde(default)]
    pub(crate) cancels_runs: bool,
    #[serde(default)]
    pub(crate) reports: Reports,
    /// The namespace has this crate's search attributes.
    #[serde(default)]
    pub(crate) is_searchable: bool,
    /// What the workflow's runs before have done.
    #[serde(default)]
    pub(crate) so_far: SoFar,
}

/// The limits of a batch.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct BatchLimits {
    pub(crate) concurrency_max: u32,
    pub(crate) starts_per_second: u32,
    pub(crate) slice_ms: u64,
    pub(crate) history_events_max: u32,
    pub(crate) read_tries_max: u8,
}

/// How far a batch is. A run of the workflow leaves it to the next one.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SoFar {
    /// When the first run began.
    pub(crate) began: Option<Timestamp>,
    /// The first run's id.
    pub(crate) first_run_id: String,
    pub(crate) place: Place,
    pub(crate) under_way: Vec<LeadId>,
    pub(crate) counts: BatchCounts,
    pub(crate) spent: Spent,
    pub(crate) named: Vec<Unfinished>,
    /// Those that no sink has been told of.
    pub(crate) unreported: Vec<Unfinished>,
    /// Lists that the sink has been told.
    pub(crate) reported_pages: u64,
    /// Slices that have ended.
    pub(crate) slices: u64,
    /// Times that it was paused, resumed or cancelled.
    pub(crate) wishes: u64,
    pub(crate) is_paused: bool,
    pub(crate) is_cancelled: bool,
    /// A slice was lost with all that it knew: so many leads may have been taken by then, all in all.
    pub(crate) lost_until: Option<u64>,
    /// Reads that failed, one after the other.
    pub(crate) failed_reads: u8,
    /// How long the source is left alone, in milliseconds.
    pub(crate) rest_ms: u64,
    pub(crate) source_failure: Option<SourceFailure>,
    /// Why no slice can be run any more.
    pub(crate) broken: Option<String>,
}

impl SoFar {
    /// Leads that were taken from the source.
    pub(super) fn taken(&self) -> u64 {
        self.counts.ended() + self.under_way.len() as u64
    }
}

/// How a batch ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BatchResult {
    /// The batch.
    pub batch: BatchId,
    /// Whether all leads were read.
    pub end: BatchEnd,
    /// How many leads ended how.
    pub counts: BatchCounts,
    /// What their runs have cost.
    pub spent: Spent,
    /// Leads that did not end well, in the order in which they ended: the first
    /// [`NAMED_MAX`](super::NAMED_MAX). The application's store is told of all.
    pub unfinished: Vec<Unfinished>,
    /// How many of them are not named.
    pub not_named: u64,
    /// When it began.
    pub began: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
}

/// Why a batch ended. Whichever it is, each lead that was started is counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BatchEnd {
    /// All leads were read, and have ended.
    Done,
    /// It was cancelled.
    Cancelled,
    /// The source could not be read.
    SourceFailed(SourceFailure),
    /// Its slices could not be run, for as long as it was tried.
    Broken {
        /// What the server knows of it.
        why: String,
    },
}

impl BatchEnd {
    /// A short name: that which serde writes.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::SourceFailed(_) => "source_failed",
            Self::Broken { .. } => "broken",
        }
    }
}

/// Where a source could not be read, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFailure {
    /// The cursor of the page; nothing if it was the first one.
    pub cursor: Option<String>,
    /// What the source said.
    pub why: String,
}

/// How far a batch is. It holds no personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BatchProgress {
    /// It is larger each time that something has changed.
    pub revision: u64,
    /// The batch.
    pub batch: BatchId,
    /// What it does.
    pub state: BatchState,
    /// Leads that were started.
    pub started: u64,
    /// Leads that have ended.
    pub ended: u64,
    /// Leads under way.
    pub under_way: u64,
    /// How many ended how.
    pub counts: BatchCounts,
    /// What their runs have cost.
    pub spent: Spent,
    /// When it began.
    pub began: Timestamp,
    /// Slices that have ended.
    pub slices: u64,
}

/// What a batch does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BatchState {
    /// It starts leads, or waits for the last ones.
    Running,
    /// It starts no lead. Those under way go on.
    Paused,
    /// It starts no lead any more, and waits for those under way.
    Cancelling,
    /// It has ended.
    Done,
}

/// Some leads of a batch that did not end well, for the application's store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BatchUnfinished {
    /// The batch.
    pub batch: BatchId,
    /// Which list of it, counted from 0.
    pub page: u64,
    /// The leads.
    pub leads: Vec<Unfinished>,
}
