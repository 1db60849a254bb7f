//! What is known of providers, and how sure it is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::waterfall::ledger::{Attempt, AttemptResult};

/// Standard deviations from the mean to either end of 90 % of a normal distribution.
const DEVIATIONS: f64 = 1.645;

/// What is known of a provider from its attempts. By default nothing is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ProviderStatistics {
    /// Finds that were good enough.
    pub hits: u64,
    /// Finds that were not.
    pub rejected: u64,
    /// Answers that there is nothing.
    pub misses: u64,
    /// Attempts that failed, timed out, were throttled or gave what could not be read. The other ways to end without an answer say
    /// something of the lead, the key or the driver, and count for nothing.
    pub failures: u64,
    /// How long answers took.
    pub answer_latency: Latency,
    /// How long failures took.
    pub failure_latency: Latency,
}

impl ProviderStatistics {
    /// Adds an attempt, which must be of this provider. If the caller retries, an attempt stands for all
    /// that it made: do not mix both kinds.
    pub fn learn(&mut self, attempt: &Attempt) {
        let (counter, latency) = match attempt.result {
            AttemptResult::Hit => (&mut self.hits, &mut self.answer_latency),
            AttemptResult::Rejected => (&mut self.rejected, &mut self.answer_latency),
            AttemptResult::Miss => (&mut self.misses, &mut self.answer_latency),
            AttemptResult::Failed
            | AttemptResult::TimedOut
            | AttemptResult::Throttled
            | AttemptResult::Unreadable => (&mut self.failures, &mut self.failure_latency),
            AttemptResult::InputRejected
            | AttemptResult::Misconfigured
            | AttemptResult::Interrupted
            | AttemptResult::Cancelled => return,
        };
        *counter = counter.saturating_add(1);
        latency.add(attempt.took_us);
    }

    /// Adds what others know of the provider.
    pub fn merge(&mut self, other: &Self) {
        self.hits = self.hits.saturating_add(other.hits);
        self.rejected = self.rejected.saturating_add(other.rejected);
        self.misses = self.misses.saturating_add(other.misses);
        self.failures = self.failures.saturating_add(other.failures);
        self.answer_latency.merge(&other.answer_latency);
        self.failure_latency.merge(&other.failure_latency);
    }

    /// Answers: hits, rejected finds and misses.
    pub const fn answers(&self) -> u64 {
        self.hits.saturating_add(self.rejected).saturating_add(self.misses)
    }

    /// The share of answers that are good finds, 0 to 1.
    pub fn hit_rate(&self) -> Estimate {
        Estimate::rate(self.hits, self.rejected.saturating_add(self.misses))
    }

    /// The share of attempts that fail, 0 to 1.
    pub fn failure_rate(&self) -> Estimate {
        Estimate::rate(self.failures, self.answers())
    }
}

/// How long calls took: counts in at most 256 buckets, four to each doubling of the time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Latency(BTreeMap<u8, u64>);

impl Latency {
    /// Adds a call of `us` microseconds. Less than 4 count as 4, more than 2^40 (12 days) as those.
    pub fn add(&mut self, us: u64) {
        let us = us.clamp(4, 1 << 40);
        let doublings = us.ilog2();
        let bucket = doublings as u8 * 4 + (us >> (doublings - 2) & 3) as u8;
        self.count(bucket, 1);
    }

    /// Adds the calls of another one.
    pub fn merge(&mut self, other: &Self) {
        other.0.iter().for_each(|(bucket, count)| self.count(*bucket, *count));
    }

    /// The time in microseconds that the share `q` (0 to 1) of the calls does not exceed: the middle of
    /// its bucket, so up to an eighth off. Nothing if there are no calls.
    pub fn quantile_us(&self, q: f64) -> Option<u64> {
        let calls = self.0.values().fold(0_u64, |sum, count| sum.saturating_add(*count));
        let rank = ((q * calls as f64).ceil() as u64).clamp(1, calls.max(1));
        let mut sum = 0_u64;
        let (bucket, _) = self.0.iter().find(|(_, count)| {
            sum = sum.saturating_add(**count);
            sum >= rank
        })?;
        let (doublings, quarter) = ((bucket / 4).clamp(2, 40), u64::from(bucket % 4));
        Some(((9 + 2 * quarter) << (doublings - 2)) >> 1)
    }

    fn count(&mut self, bucket: u8, calls: u64) {
        let count = self.0.entry(bucket).or_default();
        *count = count.saturating_add(calls);
    }
}

/// A number that is not known for sure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Estimate {
    /// What is expected.
    pub expected: f64,
    /// The lower end of its 90 % interval.
    pub low: f64,
    /// The upper end of it.
    pub high: f64,
}

impl Estimate {
    pub(super) fn of(expected: f64, variance: f64, most: f64) -> Self {
        let off = DEVIATIONS * variance.max(0.0).sqrt();
        let (low, high) = ((expected - off).max(0.0), (expected + off).min(most));
        Self { expected, low, high }
    }

    /// The posterior of a rate that was seen `yes` times, and `no` times not.
    fn rate(yes: u64, no: u64) -> Self {
        let (mean, deviation) = posterior(yes, no);
        Self::of(mean, deviation * deviation, 1.0)
    }
}

/// Mean and standard deviation of Beta(yes + 1, no + 1).
pub(super) fn posterior(yes: u64, no: u64) -> (f64, f64) {
    let (yes, no) = (yes as f64 + 1.0, no as f64 + 1.0);
    let (sum, mean) = (yes + no, yes / (yes + no));
    (mean, (mean * (1.0 - mean) / (sum + 1.0)).sqrt())
}
