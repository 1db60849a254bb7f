//! Which providers are asked, in which order, and under which conditions.

mod fingerprint;

use std::fmt;
use std::sync::Arc;

use serde::de::{self, Deserializer};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use super::lead::{CountryCode, EmailNeed, LeadFacts, LeadField, LeadFields};
use super::ledger::SkipReason;
use super::lookup::Lookup;

/// Steps of a plan at most.
pub const STEPS_MAX: usize = 32;
/// Attempts of a step at most.
pub const ATTEMPTS_MAX: u8 = 10;
/// Longest timeout of one attempt, in milliseconds.
pub const TIMEOUT_MS_MAX: u32 = 300_000;
/// Longest time of a whole run, in milliseconds: a day.
pub const TOTAL_MS_MAX: u32 = 86_400_000;

/// The name of a provider: 1 to 64 small letters, digits, `-` and `_`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderId(Arc<str>);

impl ProviderId {
    /// A name.
    ///
    /// # Errors
    ///
    /// When it is none.
    pub fn new(name: &str) -> Result<Self, PlanError> {
        let fits =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
        if (1..=64).contains(&name.len()) && name.bytes().all(fits) {
            Ok(Self(name.into()))
        } else {
            Err(PlanError::ProviderName { name: name.chars().take(64).collect() })
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Serialize for ProviderId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl fmt::Display for ProviderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ProviderId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::new(&name).map_err(de::Error::custom)
    }
}

/// The providers to ask, in order, and what a run may take.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(bound = "", try_from = "Unchecked<K>")]
pub struct Plan<K: Lookup> {
    steps: Vec<Step<K>>,
    budget: Budget,
    refresh: bool,
    #[serde(skip_serializing)]
    fingerprint: u64,
}

/// One provider of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(bound = "", deny_unknown_fields)]
pub struct Step<K: Lookup> {
    /// Who is asked.
    pub provider: ProviderId,
    /// The fields that the provider is given. A lead that lacks one is not asked for there.
    pub requires: LeadFields,
    /// The countries whose leads are asked for.
    #[serde(default)]
    pub countries: Countries,
    /// What the e-mail address has to be, if the provider is given it.
    #[serde(default)]
    pub email: EmailNeed,
    /// Asked only if this earlier provider answered that it has nothing.
    #[serde(default)]
    pub after_miss_of: Option<ProviderId>,
    /// How long one attempt may take, in milliseconds.
    pub timeout_ms: u32,
    /// What is done about failures.
    #[serde(default)]
    pub retry: RetryPolicy,
    /// What is paid.
    #[serde(default)]
    pub cost: Cost,
    /// What a find has to be.
    pub rule: K::Rule,
}

/// The countries of the leads that a provider is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Countries {
    /// All, and leads without one.
    #[default]
    Any,
    /// These.
    Only(Vec<CountryCode>),
    /// All but these, and leads without one.
    Except(Vec<CountryCode>),
}

impl Countries {
    /// Whether a lead of `country` is asked for.
    pub fn allow(&self, country: Option<CountryCode>) -> bool {
        match self {
            Self::Any => true,
            Self::Only(only) => country.is_some_and(|country| only.contains(&country)),
            Self::Except(except) => country.is_none_or(|country| !except.contains(&country)),
        }
    }
}

/// How often a provider is asked that fails, and how long is waited in between.
///
/// The wait before the second attempt is `first_delay_ms`, and each further one is twice the one
/// before, up to `delay_ms_max`. Of each, up to `jitter_percent` are taken off, so that many leads do
/// not come back at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetryPolicy {
    /// Attempts in all, the first one counted.
    pub attempts_max: u8,
    /// The first wait, in milliseconds.
    pub first_delay_ms: u32,
    /// The longest wait, in milliseconds. A provider that asks for a longer one is given up.
    pub delay_ms_max: u32,
    /// What jitter takes off a wait at most, in percent.
    pub jitter_percent: u8,
}

impl Default for RetryPolicy {
    /// Three attempts, half a second between the first two, 20 % jitter.
    fn default() -> Self {
        Self { attempts_max: 3, first_delay_ms: 500, delay_ms_max: 10_000, jitter_percent: 20 }
    }
}

impl RetryPolicy {
    /// The wait behind `attempt`, counted from 1, without jitter, in milliseconds.
    pub const fn delay_ms(&self, attempt: u8) -> u32 {
        let doublings = if attempt > 32 { 31 } else { attempt.saturating_sub(1) as u32 };
        let delay = (self.first_delay_ms as u64) << doublings;
        if delay < self.delay_ms_max as u64 { delay as u32 } else { self.delay_ms_max }
    }

    /// The same with the jitter that `random` stands for.
    pub(super) const fn jittered_ms(&self, attempt: u8, random: u64) -> u32 {
        let delay = self.delay_ms(attempt) as u64;
        // The upper half of the number is a fraction of 2^32.
        let taken_off = ((delay * self.jitter_percent as u64 / 100) * (random >> 32)) >> 32;
        (delay - taken_off) as u32
    }
}

/// What one call costs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// In millionths of the currency that all steps of a plan share.
    pub micros: u64,
    /// What is paid for.
    #[serde(default)]
    pub billing: Billing,
}

/// What a provider is paid for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Billing {
    /// Each call that was answered.
    #[default]
    PerCall,
    /// Each call that found something.
    PerHit,
}

/// What a run may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Budget {
    /// Time from the start on, in milliseconds.
    pub total_ms: u32,
    /// Cost, in millionths of the currency. What may have been charged counts.
    pub cost_micros: Option<u64>,
}

impl Default for Budget {
    /// Two minutes, at any cost.
    fn default() -> Self {
        Self { total_ms: 120_000, cost_micros: None }
    }
}

impl<K: Lookup> Plan<K> {
    /// A plan of these steps, within the default budget.
    ///
    /// # Errors
    ///
    /// When there are none, or one cannot be followed.
    pub fn new(steps: Vec<Step<K>>) -> Result<Self, PlanError> {
        let plan = Self {
            budget: Budget::default(),
            refresh: false,
            fingerprint: fingerprint::of(&steps),
            steps,
        };
        plan.check().map(|()| plan)
    }

    /// Sets what a run may take.
    ///
    /// # Errors
    ///
    /// When no time at all is left, or more than [`TOTAL_MS_MAX`].
    pub fn within(mut self, budget: Budget) -> Result<Self, PlanError> {
        self.budget = budget;
        self.check().map(|()| self)
    }

    /// Asks even for leads that have what is looked up.
    #[must_use]
    pub fn refreshing(mut self, refresh: bool) -> Self {
        self.refresh = refresh;
        self
    }

    /// The steps, in order.
    pub fn steps(&self) -> &[Step<K>] {
        &self.steps
    }

    /// What a run may take.
    pub const fn budget(&self) -> Budget {
        self.budget
    }

    /// Whether leads that have what is looked up are asked for.
    pub const fn refreshes(&self) -> bool {
        self.refresh
    }

    /// A number that differs, as a rule, between plans that ask other providers, or under other conditions,
    /// or for something else. Timeouts, retries, costs and budgets do not count.
    pub const fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// The longest that a run takes, in milliseconds, as long as no provider asks for a longer wait and no limit
    /// of calls is waited for: all attempts time out and no wait is shortened, or the budget ends it.
    pub fn worst_case_ms(&self) -> u64 {
        let steps = self.steps.iter().map(Step::worst_case_ms).sum::<u64>();
        steps.min(self.budget.total_ms.into())
    }

    /// Why the lead's own facts speak against asking for it at `step`, if they do.
    pub(super) fn reason_against(&self, step: &Step<K>, facts: &LeadFacts) -> Option<SkipReason> {
        let missing = step.requires.without(facts.fields);
        if facts.is_known && !self.refresh {
            Some(SkipReason::Known)
        } else if !missing.is_empty() {
            Some(SkipReason::MissingFields(missing))
        } else if !step.countries.allow(facts.country) {
            Some(SkipReason::Country)
        } else if step.requires.contains(LeadField::Email) && !step.email.is_met_by(facts.email) {
            Some(SkipReason::EmailState(facts.email))
        } else {
            None
        }
    }

    fn check(&self) -> Result<(), PlanError> {
        if !(1..=STEPS_MAX).contains(&self.steps.len()) {
            return Err(PlanError::Steps { steps: self.steps.len() });
        }
        if !(1..=TOTAL_MS_MAX).contains(&self.budget.total_ms) {
            return Err(PlanError::TotalTime { total_ms: self.budget.total_ms });
        }
        for (index, step) in self.steps.iter().enumerate() {
            let before = &self.steps[..index];
            let is_before = |name: &ProviderId| before.iter().any(|step| step.provider == *name);
            let provider = || step.provider.clone();
            if is_before(&step.provider) {
                return Err(PlanError::Twice { provider: provider() });
            }
            if let Some(other) = step.after_miss_of.clone().filter(|other| !is_before(other)) {
                return Err(PlanError::AfterMissOf { provider: provider(), other });
            }
            if !(1..=TIMEOUT_MS_MAX).contains(&step.timeout_ms) {
                return Err(PlanError::Timeout {
                    provider: provider(),
                    timeout_ms: step.timeout_ms,
                });
            }
            let RetryPolicy { attempts_max, jitter_percent, .. } = step.retry;
            if !(1..=ATTEMPTS_MAX).contains(&attempts_max) {
                return Err(PlanError::Attempts { provider: provider(), attempts_max });
            }
            if jitter_percent > 100 {
                return Err(PlanError::Jitter { provider: provider(), jitter_percent });
            }
        }
        Ok(())
    }
}

impl<K: Lookup> Step<K> {
    /// The longest that the step takes, in milliseconds. Waits that its provider asks for may be longer than the
    /// policy's, up to its [`delay_ms_max`](RetryPolicy::delay_ms_max) each.
    pub fn worst_case_ms(&self) -> u64 {
        let attempts = self.retry.attempts_max;
        let delays =
            (1..attempts).map(|attempt| u64::from(self.retry.delay_ms(attempt))).sum::<u64>();
        u64::from(attempts) * u64::from(self.timeout_ms) + delays
    }
}

/// A plan as it is written, before anybody looked at it.
#[derive(Deserialize)]
#[serde(bound = "", deny_unknown_fields)]
struct Unchecked<K: Lookup> {
    steps: Vec<Step<K>>,
    #[serde(default)]
    budget: Budget,
    #[serde(default)]
    refresh: bool,
}

impl<K: Lookup> TryFrom<Unchecked<K>> for Plan<K> {
    type Error = PlanError;

    fn try_from(plan: Unchecked<K>) -> Result<Self, PlanError> {
        let Unchecked { steps, budget, refresh } = plan;
        let fingerprint = fingerprint::of(&steps);
        let plan = Self { steps, budget, refresh, fingerprint };
        plan.check().map(|()| plan)
    }
}

/// Why a plan cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// There are no steps, or too many.
    #[error(
        "a plan has 1 to {STEPS_MAX} steps, this one has {steps}: add a provider or leave some out"
    )]
    Steps {
        /// How many there are.
        steps: usize,
    },
    /// A name that no provider can have.
    #[error("{name:?} is no name of a provider: use 1 to 64 of a-z, 0-9, - and _")]
    ProviderName {
        /// Its first characters.
        name: String,
    },
    /// A provider stands in the plan twice.
    #[error(
        "{provider} is in the plan twice: leave one out, its retry policy says how often it is asked"
    )]
    Twice {
        /// The provider.
        provider: ProviderId,
    },
    /// A step waits for the miss of a provider that is not asked before it.
    #[error(
        "{provider} is asked after a miss of {other}, which is not asked before it: put {other} first"
    )]
    AfterMissOf {
        /// The provider of the step.
        provider: ProviderId,
        /// The one that it waits for.
        other: ProviderId,
    },
    /// The run has no time, or too much.
    #[error("a run takes 1 to {TOTAL_MS_MAX} ms, not {total_ms}")]
    TotalTime {
        /// What was asked for.
        total_ms: u32,
    },
    /// A timeout of nothing, or too long.
    #[error("{provider}: a timeout is 1 to {TIMEOUT_MS_MAX} ms, not {timeout_ms}")]
    Timeout {
        /// The provider.
        provider: ProviderId,
        /// What was asked for.
        timeout_ms: u32,
    },
    /// No attempt, or too many.
    #[error("{provider}: 1 to {ATTEMPTS_MAX} attempts, not {attempts_max}")]
    Attempts {
        /// The provider.
        provider: ProviderId,
        /// What was asked for.
        attempts_max: u8,
    },
    /// More jitter than there is to wait.
    #[error("{provider}: jitter takes off 0 to 100 percent, not {jitter_percent}")]
    Jitter {
        /// The provider.
        provider: ProviderId,
        /// What was asked for.
        jitter_percent: u8,
    },
}
