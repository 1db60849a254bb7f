//! What is asked for with a batch.

use std::time::Duration;

use genesy_core::waterfall::{PhoneLookup, Plan};

use crate::batch::{
    BatchId, BatchInput, BatchLimits, CONCURRENCY_MAX, CONCURRENCY_MAX_DEFAULT,
    HISTORY_EVENTS_MAX_DEFAULT, READ_TRIES_MAX_DEFAULT, SLICE_TIME_DEFAULT,
    STARTS_PER_SECOND_DEFAULT, SoFar,
};
use crate::report::Reports;

/// Events that the shortest history of a run has room for.
const HISTORY_EVENTS_MIN: u32 = 20;
/// The shortest slice.
const SLICE_TIME_MIN: Duration = Duration::from_millis(100);
/// The longest slice.
const SLICE_TIME_MAX: Duration = Duration::from_secs(3600);

/// A batch of leads whose phones are to be found.
#[derive(Debug, Clone)]
pub struct BatchRequest {
    batch: BatchId,
    source: String,
    plan: Plan<PhoneLookup>,
    limits: BatchLimits,
    reports: Reports,
    is_refresh: bool,
    cancels_runs: bool,
    pub(super) is_again: bool,
}

impl BatchRequest {
    /// The leads of a source, by the name that workers have it under, and the plan that is followed for
    /// each.
    pub fn new(batch: BatchId, source: impl Into<String>, plan: Plan<PhoneLookup>) -> Self {
        let limits = BatchLimits {
            concurrency_max: CONCURRENCY_MAX_DEFAULT,
            starts_per_second: STARTS_PER_SECOND_DEFAULT,
            slice_ms: 0,
            history_events_max: HISTORY_EVENTS_MAX_DEFAULT,
            read_tries_max: READ_TRIES_MAX_DEFAULT,
        };
        let request = Self {
            batch,
            source: source.into(),
            plan,
            limits,
            reports: Reports::default(),
            is_refresh: false,
            cancels_runs: false,
            is_again: false,
        };
        request.slice_time(SLICE_TIME_DEFAULT)
    }

    /// How many leads are under way at a time: 1 to [`CONCURRENCY_MAX`].
    #[must_use]
    pub fn concurrency_max(mut self, leads: u32) -> Self {
        self.limits.concurrency_max = leads.clamp(1, CONCURRENCY_MAX);
        self
    }

    /// How many leads are started a second; at least one.
    #[must_use]
    pub fn starts_per_second(mut self, leads: u32) -> Self {
        self.limits.starts_per_second = leads.max(1);
        self
    }

    /// How long a slice takes: 0.1 s to an hour, and the time of two starts at the least.
    #[must_use]
    pub fn slice_time(mut self, time: Duration) -> Self {
        let time = time.clamp(SLICE_TIME_MIN, SLICE_TIME_MAX);
        self.limits.slice_ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self
    }

    /// How many events the history of one run of the workflow has, about, before another run goes on; at
    /// least 20.
    #[must_use]
    pub fn history_events_max(mut self, events: u32) -> Self {
        self.limits.history_events_max = events.max(HISTORY_EVENTS_MIN);
        self
    }

    /// How often the source may fail, one time after the other, until the batch ends; at least once.
    #[must_use]
    pub fn read_tries_max(mut self, tries: u8) -> Self {
        self.limits.read_tries_max = tries.max(1);
        self
    }

    /// What is reported to the application's store: of each lead as of one alone, and of the batch its
    /// result, and all leads that did not end well.
    #[must_use]
    pub const fn reporting(mut self, reports: Reports) -> Self {
        self.reports = reports;
        self
    }

    /// Asks for each lead again, however an earlier run of it ended.
    #[must_use]
    pub const fn refresh(mut self) -> Self {
        self.is_refresh = true;
        self
    }

    /// When the batch is cancelled, the runs under way are cancelled as well, those that somebody else
    /// began and the batch joined among them. Without this they are waited for.
    #[must_use]
    pub const fn cancelling_runs(mut self) -> Self {
        self.cancels_runs = true;
        self
    }

    /// Begins it again, though all its leads were read and have ended.
    #[must_use]
    pub const fn again(mut self) -> Self {
        self.is_again = true;
        self
    }

    pub(crate) fn input(self, is_searchable: bool) -> BatchInput {
        BatchInput {
            batch: self.batch,
            source: self.source,
            plan: self.plan,
            limits: self.limits,
            is_refresh: self.is_refresh,
            cancels_runs: self.cancels_runs,
            reports: self.reports,
            is_searchable,
            so_far: SoFar::default(),
        }
    }
}
