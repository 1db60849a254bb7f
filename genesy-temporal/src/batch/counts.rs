//! How the leads of a batch ended.

use genesy_core::waterfall::{Outcome, Spent};
use genesy_providers::driver::LeadId;
use serde::{Deserialize, Serialize};

use crate::phone::PhoneResult;

/// How many leads ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct BatchCounts {
    /// A provider had it.
    pub found: u64,
    /// Every provider was asked, and none had it.
    pub no_data_found: u64,
    /// No provider of the plan is asked for such a lead.
    pub not_eligible: u64,
    /// None had it, and at least one could not be asked.
    pub inconclusive: u64,
    /// The lead's run was cancelled.
    pub cancelled: u64,
    /// There is no outcome: see [`UnfinishedReason`].
    pub failed: u64,
    /// Those among them for which nothing was done, since an earlier run had answered.
    pub known: u64,
}

impl BatchCounts {
    /// All leads that have ended.
    pub const fn ended(&self) -> u64 {
        self.found
            + self.no_data_found
            + self.not_eligible
            + self.inconclusive
            + self.cancelled
            + self.failed
    }

    /// Those that did not end well.
    pub const fn unfinished(&self) -> u64 {
        self.inconclusive + self.cancelled + self.failed
    }

    /// The sum of both.
    #[must_use]
    pub const fn plus(&self, other: &Self) -> Self {
        Self {
            found: self.found + other.found,
            no_data_found: self.no_data_found + other.no_data_found,
            not_eligible: self.not_eligible + other.not_eligible,
            inconclusive: self.inconclusive + other.inconclusive,
            cancelled: self.cancelled + other.cancelled,
            failed: self.failed + other.failed,
            known: self.known + other.known,
        }
    }

    pub(super) const fn count(&mut self, end: LeadEnd) {
        *match end {
            LeadEnd::Found => &mut self.found,
            LeadEnd::NoDataFound => &mut self.no_data_found,
            LeadEnd::NotEligible => &mut self.not_eligible,
            LeadEnd::Unfinished(UnfinishedReason::Inconclusive) => &mut self.inconclusive,
            LeadEnd::Unfinished(UnfinishedReason::Cancelled) => &mut self.cancelled,
            LeadEnd::Unfinished(
                UnfinishedReason::Failed
                | UnfinishedReason::Terminated
                | UnfinishedReason::Refused
                | UnfinishedReason::Lost,
            ) => &mut self.failed,
        } += 1;
    }
}

/// Adds what was spent.
pub(super) const fn add(to: Spent, of: Spent) -> Spent {
    Spent {
        charged_micros: to.charged_micros.saturating_add(of.charged_micros),
        maybe_charged_micros: to.maybe_charged_micros.saturating_add(of.maybe_charged_micros),
    }
}

/// How a lead ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LeadEnd {
    Found,
    NoDataFound,
    NotEligible,
    Unfinished(UnfinishedReason),
}

impl LeadEnd {
    pub(super) const fn of(result: &PhoneResult) -> Self {
        match result.outcome {
            Outcome::Found(_) => Self::Found,
            Outcome::NoDataFound => Self::NoDataFound,
            Outcome::NotEligible => Self::NotEligible,
            Outcome::Inconclusive => Self::Unfinished(UnfinishedReason::Inconclusive),
            Outcome::Cancelled => Self::Unfinished(UnfinishedReason::Cancelled),
        }
    }
}

/// A lead that did not end well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Unfinished {
    /// Which one.
    pub lead: LeadId,
    /// Why.
    pub reason: UnfinishedReason,
}

/// Why a lead did not end well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum UnfinishedReason {
    /// Nobody had it, and at least one provider could not be asked.
    Inconclusive,
    /// Its run was cancelled.
    Cancelled,
    /// Its run failed, which is a fault of this program or its set-up, or its result cannot be read.
    Failed,
    /// Somebody ended its run by force.
    Terminated,
    /// The server did not take its run: its data are too large, or its id is none.
    Refused,
    /// Its run is not there any more, or the batch ended before it.
    Lost,
}
