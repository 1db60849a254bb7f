//! The dispatcher: begins jobs, keeps so many of their runs under way, and ends them.
//!
//! Everything that it does is stored before it is told, so that it goes on at the next start from wherever
//! the process was killed: runs that were under way are queued again, with their journals.
//!
//! | limit | value |
//! |---|---|
//! | runs under way at a time | by the settings, for each kind |
//! | runs that are taken from the store at a time | 256 ([`PICKED_MAX`]) |
//! | until runs that were not seen are looked for | 5 s ([`LOOK_EVERY`]) |
//! | before a run is begun again whose store did not work | 1 s ([`STORE_PAUSE`]) |
//! | until a start is answered, if its leads are not collected before | 500 ms ([`ANSWERED_AFTER`]); while none was met, 10 s ([`ANSWERED_AFTER_MAX`]) |

mod control;
mod email;
mod lane;
mod phone;
mod phone_events;
mod rate;
mod view;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::Transaction;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) use self::control::{Started, Unstarted};
pub(crate) use self::email::words;
use self::rate::Rates;
pub(crate) use self::view::{EmailView, PhoneView, StepState};
use super::statistics::{Health, Statistics};
use super::{Engine, SLEEPING_MAX};
use crate::clock::Time;
use crate::config::EngineSettings;
use crate::events::Event;
use crate::store::jobs::{JobState, Kind};
use crate::store::{Store, attempts, jobs, runs};
use crate::telemetry::{Counter, Metrics};

/// Runs that are taken from the store at a time.
const PICKED_MAX: u32 = 256;
/// How often it is looked for runs that nobody told of.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How long is waited before a run is begun again whose store did not work.
const STORE_PAUSE: Duration = Duration::from_secs(1);
/// How long a start waits for all its leads before it is answered.
const ANSWERED_AFTER: Duration = Duration::from_millis(500);
/// How long it waits for the first of them, since a job for nobody is answered as such.
const ANSWERED_AFTER_MAX: Duration = Duration::from_secs(10);

/// The dispatcher. Clones are the same.
#[derive(Debug, Clone)]
pub(crate) struct Dispatcher {
    desk: Arc<Desk>,
}

/// What all of it shares.
#[derive(Debug)]
struct Desk {
    store: Store,
    engine: Arc<dyn Engine>,
    statistics: Statistics,
    rates: Rates,
    settings: EngineSettings,
    metrics: Arc<Metrics>,
    lanes: [Lane; 2],
    stopping: CancellationToken,
    tasks: TaskTracker,
}

/// What is shared about one kind of runs.
#[derive(Debug)]
struct Lane {
    /// There may be something new to do.
    woken: Notify,
    /// The runs under way.
    running: Mutex<HashMap<i64, UnderWay>>,
    /// Room for those that sleep.
    beds: Arc<Semaphore>,
}

impl Default for Lane {
    fn default() -> Self {
        let beds = Arc::new(Semaphore::new(SLEEPING_MAX));
        Self { woken: Notify::default(), running: Mutex::default(), beds }
    }
}

/// A run under way.
#[derive(Debug)]
struct UnderWay {
    job: i64,
    cancel: CancellationToken,
}

impl Dispatcher {
    /// Begins to work on a Tokio runtime: first of all on what was under way when the last process ended.
    pub(crate) fn start(
        store: Store,
        engine: Arc<dyn Engine>,
        settings: EngineSettings,
        metrics: Arc<Metrics>,
        stopping: CancellationToken,
    ) -> Self {
        let desk = Desk {
            statistics: Statistics::new(engine.plan()),
            store,
            engine,
            rates: Rates::default(),
            settings,
            metrics,
            lanes: Default::default(),
            stopping,
            tasks: TaskTracker::new(),
        };
        let this = Self { desk: Arc::new(desk) };
        let begun = this.clone();
        this.desk.tasks.spawn(async move { begun.begin().await });
        this
    }

    /// How many runs are under way.
    pub(crate) fn under_way(&self) -> usize {
        let running =
            |lane: &Lane| lane.running.lock().unwrap_or_else(PoisonError::into_inner).len();
        self.desk.lanes.iter().map(running).sum()
    }

    async fn begin(&self) {
        let desk = &self.desk;
        let take_up = |transaction: &Transaction<'_>| {
            runs::recover(transaction, Time::now())?;
            let last = attempts::last(transaction)?;
            Ok((last, jobs::unfilled(transaction)?, jobs::open(transaction)?))
        };
        let taken_up = desk.insist("runs cannot be taken up", take_up).await;
        let Some((last, unfilled, open)) = taken_up else { return };
        let learning = Arc::clone(desk);
        let load = async move {
            learning.statistics.load(&learning.store, last, &learning.stopping).await;
        };
        desk.tasks.spawn(load);
        self.go_on(unfilled, &open);
        for kind in Kind::ALL {
            let desk = Arc::clone(desk);
            self.desk.tasks.spawn(lane::run(desk, kind));
        }
    }

    /// Goes on with jobs whose leads were still collected, and with the ends of those that were cancelled.
    fn go_on(&self, unfilled: Vec<(i64, String)>, open: &[(i64, JobState)]) {
        for (job, source) in unfilled {
            match serde_json::from_str(&source) {
                Ok(source) => drop(self.spawn_filling(job, source)),
                // What is wrong with it may quote it.
                Err(_) => {
                    tracing::error!(job, "a job gets no more leads: its selection cannot be read");
                    self.spawn_closing(job);
                }
            }
        }
        for (job, state) in open {
            if *state == JobState::Cancelled {
                self.spawn_cancelling(*job);
            }
        }
    }

    /// How a provider is, and what is wrong with it.
    pub(crate) fn health(&self, provider: &str) -> (Health, Option<String>) {
        let is_refused =
            self.desk.engine.misconfigured().iter().any(|(id, _)| id.as_str() == provider);
        let learned = self.desk.statistics.of(provider).health();
        let health = if is_refused { Health::Misconfigured } else { learned };
        (health, self.desk.trouble(provider, health))
    }

    /// Who does the work.
    pub(crate) fn engine(&self) -> &dyn Engine {
        &*self.desk.engine
    }

    /// What was learned of the providers.
    pub(crate) fn statistics(&self) -> &Statistics {
        &self.desk.statistics
    }

    /// How many leads are under way at a time.
    pub(crate) fn settings(&self) -> &EngineSettings {
        &self.desk.settings
    }

    /// Runs of a job that end a second, as of late.
    pub(crate) fn rate_per_s(&self, job: i64) -> Option<f64> {
        self.desk.rates.of(job)
    }

    /// Begins nothing any more, waits so long for the calls under way, and ends. What is not done goes on at the
    /// next start. The token that it was started with has to be cancelled before.
    pub(crate) async fn stop(&self, grace: Duration) {
        self.desk.engine.stop(grace).await;
        self.desk.tasks.close();
        self.desk.tasks.wait().await;
    }
}

impl Desk {
    fn lane(&self, kind: Kind) -> &Lane {
        &self.lanes[kind as usize]
    }

    fn at_a_time(&self, kind: Kind) -> usize {
        match kind {
            Kind::Phone => self.settings.phone_leads_max.max(1),
            Kind::Email => self.settings.email_leads_max.max(1),
        }
    }

    /// Counts a run that ended without a result.
    fn ended(&self, kind: Kind, job: i64, outcome: &str) {
        self.metrics.count(Counter::Runs, &[kind.name(), outcome]);
        self.rates.add(job);
    }

    /// What is wrong with a provider, and what to do, if anything is.
    fn trouble(&self, provider: &str, health: Health) -> Option<String> {
        match health {
            Health::Unused | Health::Ok => None,
            Health::Failing => {
                let (failed, calls) = self.statistics.of(provider).recent();
                Some(format!("{failed} of the last {calls} calls failed: look at its status page"))
            }
            Health::Misconfigured => {
                let all = self.engine.misconfigured();
                let said = all.into_iter().find(|(id, _)| id.as_str() == provider);
                Some(said.map_or_else(
                    || "it does not know the caller: check its key".to_owned(),
                    |(_, reason)| reason,
                ))
            }
        }
    }

    /// Tells that the health of a provider has changed.
    async fn tell_health(&self, provider: String, health: Health) {
        let event = Event::Provider { trouble: self.trouble(&provider, health), provider };
        let told = self.store.write(move |transaction| event.record(transaction, Time::now()));
        if let Err(error) = told.await {
            tracing::error!(%error, "the health of a provider is not told");
        }
    }

    /// Writes as often as it takes until the store works. Nothing if the server stops before.
    async fn insist<T: Send + 'static>(
        &self,
        what: &str,
        work: impl Fn(&Transaction<'_>) -> rusqlite::Result<T> + Clone + Send + 'static,
    ) -> Option<T> {
        loop {
            match self.store.write(work.clone()).await {
                Ok(value) => return Some(value),
                Err(error) => tracing::error!(%error, source = error.source_text(), "{what}"),
            }
            if self.pause(STORE_PAUSE).await {
                return None;
            }
        }
    }

    /// Waits, unless it is to end: then this is true.
    async fn pause(&self, time: Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(time) => false,
            () = self.stopping.cancelled() => true,
        }
    }
}

impl Lane {
    fn running(&self) -> MutexGuard<'_, HashMap<i64, UnderWay>> {
        // Nothing that is locked here is left half done by a panic.
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
