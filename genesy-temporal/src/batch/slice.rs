//! What a slice is given, and what it gives back.

use std::time::Duration;

use genesy_core::time::Timestamp;
use genesy_core::waterfall::{PhoneLookup, Plan, Spent};
use genesy_providers::driver::LeadId;
use serde::{Deserialize, Serialize};

use super::counts::{BatchCounts, LeadEnd, Unfinished, add};
use super::id::BatchId;
use super::lead::Ended;
use super::messages::{BatchLimits, SourceFailure};
use super::{REJOIN_PAST_MAX, SLICE_STARTS_MIN};
use crate::report::{Report, Reports};

/// A slice to be run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SliceInput {
    pub(super) batch: BatchId,
    pub(super) source: String,
    pub(super) plan: Plan<PhoneLookup>,
    pub(super) limits: BatchLimits,
    pub(super) is_refresh: bool,
    /// Runs that are followed are cancelled first.
    #[serde(default)]
    pub(super) cancels_runs: bool,
    pub(super) reports: Reports,
    pub(super) is_searchable: bool,
    /// When the batch began: a run that ended since is taken as it ended.
    pub(super) began: Timestamp,
    /// Which slice, counted from 0.
    pub(super) slice: u64,
    pub(super) mode: Mode,
    pub(super) place: Place,
    pub(super) under_way: Vec<LeadId>,
    /// What the sink is told first.
    pub(super) report: Option<Report>,
    /// Reads of the source that have failed until now, one after the other.
    #[serde(default)]
    pub(super) failed_reads: u8,
}

impl SliceInput {
    /// How long it takes: at the least so long that it may start some leads.
    pub(super) fn time(&self) -> Duration {
        let starts =
            Duration::from_secs(1) * SLICE_STARTS_MIN / self.limits.starts_per_second.max(1);
        Duration::from_millis(self.limits.slice_ms).max(starts)
    }
}

/// What a slice does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Mode {
    /// Starts leads, and waits for their ends.
    Run,
    /// Waits alone.
    Drain,
    /// Cancels the runs under way, and waits for their ends.
    Cancel,
    /// Starts no lead, and finds those again that a slice which was lost had started.
    Rejoin,
}

impl Mode {
    /// Whether the source is read.
    pub(super) const fn reads(self) -> bool {
        matches!(self, Self::Run | Self::Rejoin)
    }
}

/// A place in a source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Place {
    /// The cursor of the page.
    pub(super) cursor: Option<String>,
    /// How many leads of it were started.
    pub(super) taken: u32,
    /// Nothing is left.
    pub(super) is_at_end: bool,
    /// Leads before it, in a row, that a lost slice had not started, as far as that is looked for.
    pub(super) not_begun: usize,
    /// What a lost slice had started is found again.
    pub(super) is_rejoined: bool,
}

/// How far a slice is: what its heartbeats hold, and what it gives back. Counts are those of the slice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SliceState {
    pub(crate) slice: u64,
    pub(super) place: Place,
    pub(crate) under_way: Vec<LeadId>,
    pub(crate) counts: BatchCounts,
    pub(crate) spent: Spent,
    pub(super) unfinished: Vec<Unfinished>,
    /// The sink was told what it was to be told.
    pub(super) is_reported: bool,
    /// Reads that failed, one after the other.
    pub(super) failed_reads: u8,
    pub(super) source_failure: Option<SourceFailure>,
    /// How long the source is left alone, in milliseconds.
    pub(super) rest_ms: u64,
}

impl SliceState {
    pub(super) fn new(input: &SliceInput) -> Self {
        Self {
            slice: input.slice,
            place: input.place.clone(),
            under_way: input.under_way.clone(),
            failed_reads: input.failed_reads,
            ..Self::default()
        }
    }

    /// The next lead of the page is under way.
    pub(super) fn began(&mut self, lead: LeadId) {
        self.place.taken += 1;
        self.place.not_begun = 0;
        self.under_way.push(lead);
    }

    /// The next lead of the page was not started by a slice that was lost.
    pub(super) fn not_begun(&mut self) {
        self.place.taken += 1;
        self.place.not_begun += 1;
        self.place.is_rejoined = self.place.not_begun >= REJOIN_PAST_MAX;
    }

    /// The next lead of the page needs no run, or can have none.
    pub(super) fn passed(&mut self, lead: LeadId, end: LeadEnd) {
        self.place.taken += 1;
        if !matches!(end, LeadEnd::Unfinished(_)) {
            self.counts.known += 1;
        }
        self.count(lead, end);
    }

    /// A lead that was under way has ended.
    pub(super) fn ended(&mut self, ended: Ended) {
        // A lead that the source has twice is there twice, and each is taken away once.
        let Some(index) = self.under_way.iter().position(|lead| *lead == ended.lead) else {
            return;
        };
        self.under_way.remove(index);
        self.spent = add(self.spent, ended.spent);
        self.count(ended.lead, ended.end);
    }

    fn count(&mut self, lead: LeadId, end: LeadEnd) {
        self.counts.count(end);
        if let LeadEnd::Unfinished(reason) = end {
            self.unfinished.push(Unfinished { lead, reason });
        }
    }

    /// The page is done.
    pub(super) fn turn_page(&mut self, next: Option<String>, mode: Mode) {
        match next {
            // Who looks for runs alone has not started all that there are.
            None if mode == Mode::Rejoin => self.place.is_rejoined = true,
            None => self.place = Place { is_at_end: true, ..Place::default() },
            next => {
                let Place { not_begun, is_rejoined, .. } = self.place;
                self.place =
                    Place { cursor: next, taken: 0, is_at_end: false, not_begun, is_rejoined };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use genesy_core::waterfall::Spent;
    use genesy_providers::driver::LeadId;

    use super::super::counts::{LeadEnd, UnfinishedReason};
    use super::super::lead::Ended;
    use super::SliceState;

    #[test]
    fn a_lead_is_counted_once_when_it_leaves_the_list() {
        let lead = |row| LeadId::of_row(row);
        let ended = |row| Ended {
            lead: lead(row),
            end: LeadEnd::Unfinished(UnfinishedReason::Inconclusive),
            spent: Spent { charged_micros: 5, maybe_charged_micros: 1 },
        };
        let mut state = SliceState::default();
        for row in [1, 2, 2] {
            state.began(lead(row));
        }
        state.passed(lead(3), LeadEnd::Found);
        for row in [2, 1, 1, 9] {
            state.ended(ended(row));
        }
        assert_eq!(state.place.taken, 4);
        assert_eq!(state.under_way, [lead(2)], "one of two that are the same");
        assert_eq!((state.counts.inconclusive, state.counts.found, state.counts.known), (2, 1, 1));
        assert_eq!(state.spent, Spent { charged_micros: 10, maybe_charged_micros: 2 });
        assert_eq!(state.unfinished.len(), 2);
    }
}
