//! What was done and what came of it: attempts, skipped steps, outcomes.

use serde::{Deserialize, Serialize};

use super::lead::{EmailState, LeadFields};
use super::plan::{Billing, Cost, ProviderId};
use crate::time::Timestamp;

/// One call of a provider, as it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// The step of the plan, counted from 0.
    pub step: u8,
    /// Which attempt of the step, counted from 1; the last one if the caller made several.
    pub attempt: u8,
    /// When it was asked for.
    pub at: Timestamp,
    /// How long it took, in microseconds.
    pub took_us: u64,
    /// What came of it.
    pub result: AttemptResult,
    /// Whether it is paid for.
    pub charge: Charge,
    /// What is paid if it is, in millionths of the plan's currency.
    pub cost_micros: u64,
}

/// What came of an attempt. The numbers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
#[non_exhaustive]
pub enum AttemptResult {
    /// The provider found something that is good enough.
    Hit = 0,
    /// It found something that the step's rule does not accept.
    Rejected = 1,
    /// It answered that it has nothing.
    Miss = 2,
    /// It failed: another attempt may help.
    Failed = 3,
    /// It did not answer in time.
    TimedOut = 4,
    /// It was asked too often.
    Throttled = 5,
    /// It does not take this lead's data.
    InputRejected = 6,
    /// It does not know the caller, as with a wrong key.
    Misconfigured = 7,
    /// The driver went away while it was asked.
    Interrupted = 8,
    /// The run was cancelled while it was asked.
    Cancelled = 9,
    /// It answered what could not be read.
    Unreadable = 10,
}

impl AttemptResult {
    /// All of them, in order.
    pub const ALL: &'static [Self] = &[
        Self::Hit,
        Self::Rejected,
        Self::Miss,
        Self::Failed,
        Self::TimedOut,
        Self::Throttled,
        Self::InputRejected,
        Self::Misconfigured,
        Self::Interrupted,
        Self::Cancelled,
        Self::Unreadable,
    ];

    /// A short name: that which serde writes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Rejected => "rejected",
            Self::Miss => "miss",
            Self::Failed => "failed",
            Self::TimedOut => "timed_out",
            Self::Throttled => "throttled",
            Self::InputRejected => "input_rejected",
            Self::Misconfigured => "misconfigured",
            Self::Interrupted => "interrupted",
            Self::Cancelled => "cancelled",
            Self::Unreadable => "unreadable",
        }
    }

    /// Whether the provider said what it has.
    pub const fn is_answer(self) -> bool {
        matches!(self, Self::Hit | Self::Rejected | Self::Miss)
    }

    /// Whether another attempt may help.
    pub(super) const fn is_retried(self) -> bool {
        match self {
            Self::Failed
            | Self::TimedOut
            | Self::Throttled
            | Self::Interrupted
            | Self::Unreadable => true,
            Self::Hit
            | Self::Rejected
            | Self::Miss
            | Self::InputRejected
            | Self::Misconfigured
            | Self::Cancelled => false,
        }
    }

    /// Whether it is paid for under `cost`.
    pub const fn charge(self, cost: Cost) -> Charge {
        if cost.micros == 0 {
            return Charge::Free;
        }
        match (self, cost.billing) {
            (Self::Hit | Self::Rejected, _) | (Self::Miss, Billing::PerCall) => Charge::Charged,
            // The request may have been received and worked on.
            (Self::TimedOut | Self::Interrupted | Self::Cancelled | Self::Unreadable, _) => {
                Charge::MaybeCharged
            }
            (
                Self::Miss
                | Self::Failed
                | Self::Throttled
                | Self::InputRejected
                | Self::Misconfigured,
                _,
            ) => Charge::Free,
        }
    }
}

/// Whether an attempt is paid for. The numbers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Charge {
    /// It is not.
    Free = 0,
    /// It is.
    Charged = 1,
    /// Nobody knows: no answer came, or none that could be read.
    MaybeCharged = 2,
}

impl Charge {
    const ALL: [Self; 3] = [Self::Free, Self::Charged, Self::MaybeCharged];
}

/// Why a step's provider was not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SkipReason {
    /// The lead has what is looked up, and the plan does not refresh.
    Known,
    /// The lead lacks these fields.
    MissingFields(LeadFields),
    /// The step is not for leads of this country.
    Country,
    /// The lead's e-mail address is not what the step asks for, but this.
    EmailState(EmailState),
    /// The provider whose miss is waited for did not miss.
    NoMissBefore,
    /// The call could cost more than is left of the budget.
    CostBudget,
    /// No time was left.
    TimeBudget,
}

impl SkipReason {
    /// Whether the provider might have been asked with a larger budget.
    pub(super) const fn is_budget(self) -> bool {
        match self {
            Self::CostBudget | Self::TimeBudget => true,
            Self::Known
            | Self::MissingFields(_)
            | Self::Country
            | Self::EmailState(_)
            | Self::NoMissBefore => false,
        }
    }
}

/// A step that was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Skip {
    /// The step of the plan, counted from 0.
    pub step: u8,
    /// Why not.
    pub reason: SkipReason,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome<V> {
    /// A provider had it.
    Found(Found<V>),
    /// Every provider that the lead is eligible for answered, and none had it.
    NoDataFound,
    /// None had it, but at least one could not be asked: it failed, timed out, was throttled or would
    /// have gone beyond the budget.
    Inconclusive,
    /// The lead is not one that any provider of the plan is asked for.
    NotEligible,
    /// The caller ended it.
    Cancelled,
}

impl<V> Outcome<V> {
    /// A short name: that which serde writes.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Found(_) => "found",
            Self::NoDataFound => "no_data_found",
            Self::Inconclusive => "inconclusive",
            Self::NotEligible => "not_eligible",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What was found, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Found<V> {
    /// What the provider gave.
    pub value: V,
    /// Who gave it.
    pub provider: ProviderId,
    /// The lead's fields that it was asked with.
    pub asked_with: LeadFields,
    /// When it answered.
    pub at: Timestamp,
    /// How sure it is that the value reaches somebody, in percent.
    pub confidence_percent: u8,
}

/// What a run cost, in millionths of the plan's currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    /// What was charged.
    pub charged_micros: u64,
    /// What may have been charged on top of it: calls without an answer.
    pub maybe_charged_micros: u64,
}

impl Spent {
    /// The sum of a ledger.
    pub fn of(ledger: &[Attempt]) -> Self {
        let sum = |charge: Charge| {
            let of_it = ledger.iter().filter(|attempt| attempt.charge == charge);
            of_it.fold(0_u64, |sum, attempt| sum.saturating_add(attempt.cost_micros))
        };
        Self {
            charged_micros: sum(Charge::Charged),
            maybe_charged_micros: sum(Charge::MaybeCharged),
        }
    }

    /// The most that it can have been.
    pub const fn at_most(self) -> u64 {
        self.charged_micros.saturating_add(self.maybe_charged_micros)
    }
}

/// How a snapshot writes its ledger, since it is stored with each step: each attempt as the list of its
/// members, with result and charge as numbers, and its time as what lies behind the one before.
pub(super) mod by_differences {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use super::{Attempt, AttemptResult, Charge};
    use crate::time::Timestamp;

    type AttemptList = (u8, u8, u64, u64, u8, u8, u64);

    pub(in super::super) fn serialize<S: Serializer>(
        of: &[Attempt],
        to: S,
    ) -> Result<S::Ok, S::Error> {
        let mut before = Timestamp::default();
        to.collect_seq(of.iter().map(|of| -> AttemptList {
            let behind_us = of.at.micros_since(std::mem::replace(&mut before, of.at));
            let (result, charge) = (of.result as u8, of.charge as u8);
            (of.step, of.attempt, behind_us, of.took_us, result, charge, of.cost_micros)
        }))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<Attempt>, D::Error> {
        let mut at = Timestamp::default();
        let lists = Vec::<AttemptList>::deserialize(from)?.into_iter();
        let attempts =
            lists.map(|(step, attempt, behind_us, took_us, result, charge, cost_micros)| {
                at = at.plus_us(behind_us);
                let result =
                    AttemptResult::ALL.iter().copied().find(|known| *known as u8 == result);
                let charge = Charge::ALL.into_iter().find(|known| *known as u8 == charge);
                match (result, charge) {
                    (Some(result), Some(charge)) => {
                        Ok(Attempt { step, attempt, at, took_us, result, charge, cost_micros })
                    }
                    _ => Err(D::Error::custom("an attempt that this version does not know")),
                }
            });
        attempts.collect()
    }
}
