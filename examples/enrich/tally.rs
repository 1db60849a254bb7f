//! What came of the leads that are done, counted.

use std::collections::BTreeMap;

use genesy_core::waterfall::{
    AttemptResult, Charge, Latency, Outcome, PhoneLookup, Plan, ProviderId, SkipReason, Spent,
};
use genesy_providers::driver::Finished;

/// How a lead ends, as a person reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ending {
    Found,
    AlreadyThere,
    NoDataFound,
    Inconclusive,
    NotEligible,
    Cancelled,
}

impl Ending {
    pub(crate) const ALL: [Self; 6] = [
        Self::Found,
        Self::AlreadyThere,
        Self::NoDataFound,
        Self::Inconclusive,
        Self::NotEligible,
        Self::Cancelled,
    ];

    pub(crate) fn of(finished: &Finished<PhoneLookup>) -> Self {
        match finished.outcome {
            Outcome::Found(_) => Self::Found,
            Outcome::NoDataFound => Self::NoDataFound,
            Outcome::NotEligible => {
                let skips = finished.run.skips();
                let is_known = skips.iter().any(|skip| skip.reason == SkipReason::Known);
                if is_known { Self::AlreadyThere } else { Self::NotEligible }
            }
            Outcome::Cancelled => Self::Cancelled,
            Outcome::Inconclusive => Self::Inconclusive,
        }
    }

    /// What stands in the column `phone_status`.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::AlreadyThere => "already_there",
            Self::NoDataFound => "No data found",
            Self::Inconclusive => "inconclusive",
            Self::NotEligible => "not_eligible",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What came of the leads that are done.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) leads: u64,
    /// By [`Ending`], in their order.
    pub(crate) endings: [u64; Ending::ALL.len()],
    /// One a step.
    pub(crate) providers: Vec<ProviderTally>,
    pub(crate) spent: Spent,
    /// How long leads took for which anybody was asked.
    pub(crate) lead_times: Latency,
}

/// What one provider was asked, and answered.
#[derive(Debug)]
pub(crate) struct ProviderTally {
    pub(crate) id: ProviderId,
    /// Leads that it was asked for.
    pub(crate) asked: u64,
    pub(crate) attempts: u64,
    results: BTreeMap<AttemptResult, u64>,
    /// Leads that it was not asked for, by reason.
    pub(crate) skipped: BTreeMap<String, u64>,
    pub(crate) spent: Spent,
}

impl Tally {
    pub(crate) fn new(plan: &Plan<PhoneLookup>) -> Self {
        let providers = plan.steps().iter().map(|step| ProviderTally {
            id: step.provider.clone(),
            asked: 0,
            attempts: 0,
            results: BTreeMap::new(),
            skipped: BTreeMap::new(),
            spent: Spent::default(),
        });
        Self { providers: providers.collect(), ..Self::default() }
    }

    pub(crate) fn add(&mut self, finished: &Finished<PhoneLookup>) {
        let ledger = finished.run.ledger();
        self.leads += 1;
        self.endings[Ending::of(finished) as usize] += 1;
        for attempt in ledger {
            let Some(provider) = self.providers.get_mut(usize::from(attempt.step)) else {
                continue;
            };
            provider.attempts += 1;
            *provider.results.entry(attempt.result).or_default() += 1;
            for spent in [&mut provider.spent, &mut self.spent] {
                match attempt.charge {
                    Charge::Free => {}
                    Charge::Charged => spent.charged_micros += attempt.cost_micros,
                    Charge::MaybeCharged => spent.maybe_charged_micros += attempt.cost_micros,
                }
            }
        }
        for (step, provider) in self.providers.iter_mut().enumerate() {
            let is_asked = ledger.iter().any(|attempt| usize::from(attempt.step) == step);
            provider.asked += u64::from(is_asked);
        }
        for skip in finished.run.skips() {
            let Some(provider) = self.providers.get_mut(usize::from(skip.step)) else { continue };
            *provider.skipped.entry(skip.reason.to_string()).or_default() += 1;
        }
        if let Some(last) = ledger.last() {
            let ended = last.at.plus_us(last.took_us);
            self.lead_times.add(ended.micros_since(finished.run.started()));
        }
    }

    pub(crate) const fn count(&self, ending: Ending) -> u64 {
        self.endings[ending as usize]
    }
}

impl ProviderTally {
    pub(crate) fn count(&self, result: AttemptResult) -> u64 {
        self.results.get(&result).copied().unwrap_or_default()
    }

    /// Attempts behind the first one of a lead.
    pub(crate) const fn retries(&self) -> u64 {
        self.attempts - self.asked
    }

    /// Attempts without an answer, but for those that took too long.
    pub(crate) fn failed(&self) -> u64 {
        let of = |(result, count): (&AttemptResult, &u64)| {
            let is_failed = !result.is_answer() && *result != AttemptResult::TimedOut;
            if is_failed { *count } else { 0 }
        };
        self.results.iter().map(of).sum()
    }

    pub(crate) fn skips(&self) -> u64 {
        self.skipped.values().sum()
    }
}
