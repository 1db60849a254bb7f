//! What is known of the providers: learned from the ledger, and assumed where that says little.
//!
//! | what | value |
//! |---|---|
//! | answers that an assumption counts as | 20 ([`ASSUMED_ANSWERS`]) |
//! | calls by which a provider's health is judged | the last 20 ([`RECENT_MAX`]), at least 5 ([`RECENT_MIN`]) |
//! | failures among them from which on it is failing | half |

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use genesy_core::waterfall::{
    Attempt, AttemptResult, Charge, PhoneLookup, Plan, ProviderStatistics, Step,
};
use tokio_util::sync::CancellationToken;

use crate::store::attempts::{self, AttemptRow};
use crate::store::{Store, StoreError};

/// Answers that an assumption counts as: some hundred real ones outweigh it.
const ASSUMED_ANSWERS: u64 = 20;
/// Calls by which health is judged.
const RECENT_MAX: usize = 20;
/// Calls below which nothing is said of it.
const RECENT_MIN: usize = 5;
/// Rows of the ledger that are read at a time.
const ROWS_AT_ONCE: u32 = 10_000;

/// Rates that are assumed of providers that nobody measured, in percent: its name, hits, failures.
const ASSUMED: [(&str, u64, u64); 3] =
    [("orion_connect", 55, 5), ("astra_dialer", 30, 1), ("nimbus_lookup", 40, 25)];
/// What is assumed of all others.
const ASSUMED_ELSE: (u64, u64) = (40, 5);

/// What was learned of one provider.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    /// For forecasts.
    pub(crate) statistics: ProviderStatistics,
    pub(crate) calls: u64,
    pub(crate) charged_micros: u64,
    pub(crate) maybe_charged_micros: u64,
    /// Whether each of the last calls failed, oldest first.
    recent: VecDeque<bool>,
    is_misconfigured: bool,
}

/// The health of a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Health {
    Unused,
    Ok,
    Failing,
    Misconfigured,
}

impl Health {
    /// As it is shown.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Unused => "unused",
            Self::Ok => "ok",
            Self::Failing => "failing",
            Self::Misconfigured => "misconfigured",
        }
    }
}

/// What is known of all providers.
#[derive(Debug)]
pub(crate) struct Statistics {
    known: Mutex<BTreeMap<String, Known>>,
}

impl Known {
    fn learn(&mut self, row: &AttemptRow) {
        let Some(attempt) = attempt(row) else { return };
        self.calls += 1;
        self.statistics.learn(&attempt);
        match attempt.charge {
            Charge::Charged => self.charged_micros += row.cost_micros,
            Charge::MaybeCharged => self.maybe_charged_micros += row.cost_micros,
            Charge::Free => {}
        }
        match attempt.result {
            AttemptResult::Interrupted | AttemptResult::Cancelled => return,
            AttemptResult::Misconfigured => self.is_misconfigured = true,
            // A restart may have mended that.
            _ => self.is_misconfigured = false,
        }
        let is_failure =
            !attempt.result.is_answer() && attempt.result != AttemptResult::InputRejected;
        self.recent.push_back(is_failure);
        while self.recent.len() > RECENT_MAX {
            self.recent.pop_front();
        }
    }

    fn add(&mut self, earlier: Self) {
        self.statistics.merge(&earlier.statistics);
        self.calls += earlier.calls;
        self.charged_micros += earlier.charged_micros;
        self.maybe_charged_micros += earlier.maybe_charged_micros;
        for is_failure in earlier.recent.into_iter().rev() {
            if self.recent.len() < RECENT_MAX {
                self.recent.push_front(is_failure);
            }
        }
    }

    /// How it is.
    pub(crate) fn health(&self) -> Health {
        let failures = self.recent.iter().filter(|is_failure| **is_failure).count();
        if self.is_misconfigured {
            Health::Misconfigured
        } else if self.recent.len() >= RECENT_MIN && failures * 2 >= self.recent.len() {
            Health::Failing
        } else if self.calls == 0 {
            Health::Unused
        } else {
            Health::Ok
        }
    }

    /// How many of the last calls failed, and how many they are.
    pub(crate) fn recent(&self) -> (usize, usize) {
        (self.recent.iter().filter(|is_failure| **is_failure).count(), self.recent.len())
    }
}

impl Statistics {
    /// Nothing is known of the providers of a plan.
    pub(super) fn new(plan: &Plan<PhoneLookup>) -> Self {
        let unknown =
            |step: &Step<PhoneLookup>| (step.provider.as_str().to_owned(), Known::default());
        Self { known: Mutex::new(plan.steps().iter().map(unknown).collect()) }
    }

    /// Learns from the ledger, up to a row of it, unless the server stops before.
    pub(super) async fn load(&self, store: &Store, up_to: i64, stopping: &CancellationToken) {
        let loaded = stopping.run_until_cancelled(self.try_load(store, up_to)).await;
        if let Some(Err(error)) = loaded {
            tracing::error!(%error, source = error.source_text(), "the ledger cannot be learned from");
        }
    }

    async fn try_load(&self, store: &Store, up_to: i64) -> Result<(), StoreError> {
        let (mut after, mut learned) = (0, BTreeMap::<String, Known>::new());
        loop {
            let some = store.read(move |connection| {
                let mut learned = BTreeMap::<String, Known>::new();
                let last =
                    attempts::each(connection, (after, up_to), ROWS_AT_ONCE, |row| match learned
                        .get_mut(&row.provider)
                    {
                        Some(known) => known.learn(&row),
                        None => learned.entry(row.provider.clone()).or_default().learn(&row),
                    })?;
                Ok((learned, last))
            });
            let (some, last) = some.await?;
            for (provider, mut known) in some {
                let earlier = learned.remove(&provider).unwrap_or_default();
                known.add(earlier);
                learned.insert(provider, known);
            }
            match last {
                Some(last) => after = last,
                None => break,
            }
        }
        let mut all = self.lock();
        for (provider, known) in learned {
            all.entry(provider).or_default().add(known);
        }
        Ok(())
    }

    /// Learns from calls that ended. Gives the providers whose health has changed by it.
    pub(super) fn learn(&self, rows: &[AttemptRow]) -> Vec<(String, Health)> {
        let mut changed = Vec::new();
        let mut all = self.lock();
        for row in rows {
            let known = all.entry(row.provider.clone()).or_default();
            let before = known.health();
            known.learn(row);
            if known.health() != before {
                changed.push((row.provider.clone(), known.health()));
            }
        }
        changed
    }

    /// What was learned of a provider.
    pub(crate) fn of(&self, provider: &str) -> Known {
        self.lock().get(provider).cloned().unwrap_or_default()
    }

    /// What a forecast reckons with: what was learned, and what is assumed.
    pub(crate) fn to_forecast(&self, step: &Step<PhoneLookup>) -> ProviderStatistics {
        let mut statistics = assumed(step);
        statistics.merge(&self.of(step.provider.as_str()).statistics);
        statistics
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is assumed of a provider: that it takes half of the time that its step gives it.
fn assumed(step: &Step<PhoneLookup>) -> ProviderStatistics {
    let known = ASSUMED.iter().find(|(provider, ..)| *provider == step.provider.as_str());
    let (hits, failures) = known.map_or(ASSUMED_ELSE, |(_, hits, failures)| (*hits, *failures));
    let mut of = ProviderStatistics::default();
    of.hits = ASSUMED_ANSWERS * hits / 100;
    of.misses = ASSUMED_ANSWERS - of.hits;
    of.failures = ASSUMED_ANSWERS * failures / (100 - failures);
    for _ in 0..ASSUMED_ANSWERS {
        of.answer_latency.add(u64::from(step.timeout_ms) * 500);
    }
    of.failure_latency = of.answer_latency.clone();
    of
}

/// The row as genesy-core has it.
fn attempt(row: &AttemptRow) -> Option<Attempt> {
    let result = AttemptResult::ALL.iter().copied().find(|result| result.name() == row.result)?;
    let charge = match row.charge.as_str() {
        "charged" => Charge::Charged,
        "maybe_charged" => Charge::MaybeCharged,
        _ => Charge::Free,
    };
    Some(Attempt {
        step: row.step,
        attempt: row.attempt,
        at: row.at.timestamp(),
        took_us: row.took_us,
        result,
        charge,
        cost_micros: row.cost_micros,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::AppState;

    #[tokio::test]
    async fn a_stop_does_not_wait_for_the_ledger_to_be_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = AppState::builder(Store::open(folder.path()).expect("a store")).build();
        let state = state.expect("settings that go together");
        let made = state.store().write(|store| {
            store.execute_batch(
                "INSERT INTO jobs (id, kind, state, selection, options, created_at, ended_at) \
                 VALUES (1, 'phone', 'done', '{}', '{}', 0, 0); \
                 INSERT INTO leads (id, created_at, updated_at) VALUES (1, 0, 0); \
                 INSERT INTO attempts (lead_id, job_id, step, attempt, provider, at, took_us, result, why, charge, cost_micros) \
                 VALUES (1, 1, 0, 1, 'one', 0, 1, 'hit', '', 'free', 0)",
            )?;
            attempts::last(store)
        });
        let last = made.await.expect("a call");
        for (is_stopping, calls) in [(true, 0), (false, 1)] {
            let statistics = Statistics::new(state.dispatcher().engine().plan());
            let stopping = CancellationToken::new();
            if is_stopping {
                stopping.cancel();
            }
            statistics.load(state.store(), last, &stopping).await;
            assert_eq!(statistics.of("one").calls, calls);
        }
        state.stop().await;
    }
}
