//! The driver that runs waterfalls on Tokio, within the process that embeds it.
//!
//! It does what a run asks for and tells it what came of it; it decides nothing. Runs are tasks of their
//! own: whoever waits for one may go away, and a second request for the same lead joins the first.
//!
//! | limit | default | set by |
//! |---|---|---|
//! | one call | the step's timeout | the plan |
//! | one run | the plan's budget of time | the plan |
//! | wait for a turn at a provider, by its limits or as it asks to be left alone | 10 minutes ([`QUEUE_TIME_MAX_DEFAULT`]) | [`Builder::queue_time_max`] |
//! | leads under way in [`Driver::run_all`] | 100 ([`CONCURRENCY_MAX_DEFAULT`]) | [`Builder::concurrency_max`] |
//! | one step of a journal | 30 s, three times for the end of a run | nobody |
//! | events kept for slow watchers | 4,096 ([`EVENTS_KEPT_MAX_DEFAULT`]), 262,144 at most | [`Builder::events_kept_max`] |

mod clock;
mod control;
mod events;
mod lead;
mod run;
mod running;
mod shared_run;

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::{Stream, StreamExt};
use genesy_core::waterfall::{LeadFields, Lookup, Plan, ProviderId, ResumeError};
use tokio_util::task::TaskTracker;

pub(crate) use self::clock::Clock;
use self::control::Wish;
use self::events::EventSender;
pub use self::events::{DriverEvent, Events, LeadEvent, Watched};
pub use self::lead::{LEAD_ID_BYTES_MAX, Lead, LeadId, LeadIdError};
pub use self::running::{Finished, Running};
use self::shared_run::SharedRun;
use crate::journal::Journal;
use crate::limits::Gate;
use crate::provider::{Answer, CallError, Provider};

/// How long a lead waits for its turn at a provider at most, where nobody says otherwise.
pub const QUEUE_TIME_MAX_DEFAULT: Duration = Duration::from_secs(600);
/// Leads under way at a time in [`Driver::run_all`], where nobody says otherwise.
pub const CONCURRENCY_MAX_DEFAULT: usize = 100;
/// Events that are kept for watchers that are slow, where nobody says otherwise.
pub const EVENTS_KEPT_MAX_DEFAULT: usize = 4096;
/// Events that are kept for watchers at most: their places take memory from the beginning on.
const EVENTS_KEPT_MAX: usize = 262_144;

/// Runs the waterfalls of a plan. Clones are the same driver.
#[derive(Debug)]
pub struct Driver<K: Lookup> {
    shared: Arc<Shared<K>>,
}

impl<K: Lookup> Clone for Driver<K> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

/// What all runs of a driver have in common.
#[derive(Debug)]
struct Shared<K: Lookup> {
    plan: Arc<Plan<K>>,
    /// The provider of each step.
    seats: Vec<Seat<K>>,
    journal: Option<Arc<dyn Journal>>,
    clock: Clock,
    queue_time_max: Duration,
    concurrency_max: usize,
    events: EventSender,
    /// The providers that are asked no more, and why.
    misconfigured: Mutex<Vec<(ProviderId, String)>>,
    tasks: TaskTracker,
    running: Mutex<UnderWay<K>>,
}

/// The runs under way.
#[derive(Debug)]
struct UnderWay<K: Lookup> {
    by_lead: HashMap<LeadId, Arc<SharedRun<K>>>,
    /// Those that were to end when their leads were asked for again. The runs that have their leads by now
    /// wait for them.
    ending: Vec<Arc<SharedRun<K>>>,
    /// Nothing new begins.
    is_stopping: bool,
}

impl<K: Lookup> UnderWay<K> {
    fn wish(&self, wish: Wish) {
        self.by_lead.values().chain(&self.ending).for_each(|run| run.control.wish(wish));
    }

    fn remove(&mut self, run: &Arc<SharedRun<K>>) {
        match self.ending.iter().position(|ending| Arc::ptr_eq(ending, run)) {
            Some(place) => drop(self.ending.swap_remove(place)),
            None => drop(self.by_lead.remove(&run.lead.id)),
        }
    }
}

/// A provider and the gate to it.
#[derive(Debug)]
struct Seat<K: Lookup> {
    provider: Arc<dyn Provider<K>>,
    gate: Gate,
}

impl<K: Lookup> Seat<K> {
    /// Lets the gate know how a call ended.
    fn learn(&self, result: &Result<Answer<K::Value>, CallError>, driver: &Shared<K>) {
        match result {
            Ok(answer) => {
                self.gate.answered();
                answer.pause.into_iter().for_each(|pause| self.gate.pause(pause));
            }
            Err(CallError::Throttled { retry_after }) => self.gate.throttled(*retry_after),
            Err(CallError::Retryable { retry_after, .. } | CallError::TimedOut { retry_after }) => {
                retry_after.iter().for_each(|pause| self.gate.pause(*pause));
            }
            Err(CallError::Misconfigured { reason }) if self.gate.close() => {
                let provider = self.provider.description().id.clone();
                tracing::error!(%provider, %reason, "a provider is misconfigured and asked no more");
                let reason = reason.clone().into_owned();
                driver.misconfigured().push((provider.clone(), reason.clone()));
                driver.events.send(DriverEvent::Misconfigured { provider, reason });
            }
            Err(_) => {}
        }
    }
}

impl<K: Lookup> Driver<K> {
    /// Begins to make a driver for a plan.
    pub fn builder(plan: Plan<K>) -> Builder<K> {
        Builder {
            plan,
            providers: Vec::new(),
            journal: None,
            queue_time_max: QUEUE_TIME_MAX_DEFAULT,
            concurrency_max: CONCURRENCY_MAX_DEFAULT,
            events_kept_max: EVENTS_KEPT_MAX_DEFAULT,
        }
    }

    /// The plan that it follows.
    pub fn plan(&self) -> &Arc<Plan<K>> {
        &self.shared.plan
    }

    /// Starts a run in the background, or joins the one that is under way for the same lead, whatever its
    /// data were. One that was cancelled or stopped is not joined: the new one begins when it has ended.
    /// Must be called within a Tokio runtime.
    pub fn start(&self, lead: Lead) -> Running<K> {
        Running::start(&self.shared, lead)
    }

    /// Runs one lead to its end.
    ///
    /// # Errors
    ///
    /// When the driver shuts down before that, or its journal does not work.
    pub async fn run(&self, lead: Lead) -> Result<Arc<Finished<K>>, RunError> {
        self.start(lead).await
    }

    /// Runs all leads of a stream, so many at a time, and gives each when it is done. Leads are taken
    /// from the stream as there is room; while there is none, futures within the stream stand still, so
    /// those with deadlines are to be tasks. If the result is dropped, the runs under way that nobody else
    /// waits for are stopped; they can be started again.
    pub fn run_all<S>(&self, leads: S) -> impl Stream<Item = (LeadId, RunResult<K>)> + use<K, S>
    where
        S: Stream<Item = Lead>,
    {
        let driver = self.clone();
        let run = move |lead: Lead| {
            let id = lead.id.clone();
            let running = driver.start(lead).stopped_on_drop();
            async move { (id, running.await) }
        };
        leads.map(run).buffer_unordered(self.shared.concurrency_max)
    }

    /// Everything that happens from now on.
    pub fn events(&self) -> Events {
        self.shared.events.subscribe()
    }

    /// The providers that turned out to be misconfigured and are asked no more, and why: what
    /// [`DriverEvent::Misconfigured`] told, for those who did not watch then.
    pub fn misconfigured(&self) -> Vec<(ProviderId, String)> {
        self.shared.misconfigured().clone()
    }

    /// Starts nothing any more, waits up to `grace` for the calls that are under way, and ends. Runs that
    /// are not done end with [`RunError::Stopped`]; a journal has them, and another driver goes on.
    pub async fn shutdown(&self, grace: Duration) {
        let tasks = &self.shared.tasks;
        {
            let mut running = self.shared.running();
            running.is_stopping = true;
            running.wish(Wish::Suspend);
        }
        tasks.close();
        if tokio::time::timeout(grace, tasks.wait()).await.is_err() {
            self.shared.running().wish(Wish::GiveUp);
            tasks.wait().await;
        }
    }
}

impl<K: Lookup> Shared<K> {
    fn misconfigured(&self) -> MutexGuard<'_, Vec<(ProviderId, String)>> {
        self.misconfigured.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn running(&self) -> MutexGuard<'_, UnderWay<K>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a run went.
pub type RunResult<K> = Result<Arc<Finished<K>>, RunError>;

/// Makes a [`Driver`].
#[derive(Debug)]
pub struct Builder<K: Lookup> {
    plan: Plan<K>,
    providers: Vec<Arc<dyn Provider<K>>>,
    journal: Option<Arc<dyn Journal>>,
    queue_time_max: Duration,
    concurrency_max: usize,
    events_kept_max: usize,
}

impl<K: Lookup> Builder<K> {
    /// Adds a provider. One that the plan does not name is not asked.
    #[must_use]
    pub fn provider(self, provider: impl Provider<K> + 'static) -> Self {
        self.providers([Arc::new(provider) as Arc<dyn Provider<K>>])
    }

    /// Adds providers.
    #[must_use]
    pub fn providers(mut self, providers: impl IntoIterator<Item = Arc<dyn Provider<K>>>) -> Self {
        self.providers.extend(providers);
        self
    }

    /// Stores each step of each run there.
    #[must_use]
    pub fn journal(mut self, journal: impl Journal + 'static) -> Self {
        self.journal = Some(Arc::new(journal));
        self
    }

    /// How long a lead waits for its turn at a provider at most. One that waits longer is throttled
    /// there.
    #[must_use]
    pub const fn queue_time_max(mut self, time: Duration) -> Self {
        self.queue_time_max = time;
        self
    }

    /// How many leads [`Driver::run_all`] has under way at a time; at least one.
    #[must_use]
    pub const fn concurrency_max(mut self, leads: usize) -> Self {
        self.concurrency_max = if leads == 0 { 1 } else { leads };
        self
    }

    /// How many events are kept for watchers that are slow: at least one, and 262,144 at most.
    #[must_use]
    pub const fn events_kept_max(mut self, events: usize) -> Self {
        self.events_kept_max = match events {
            0 => 1,
            1..=EVENTS_KEPT_MAX => events,
            _ => EVENTS_KEPT_MAX,
        };
        self
    }

    /// Makes the driver.
    ///
    /// # Errors
    ///
    /// When the plan names a provider that is not there, or one is there twice.
    pub fn build(self) -> Result<Driver<K>, DriverError> {
        let mut seats = Vec::new();
        for step in self.plan.steps() {
            let mut of_step =
                self.providers.iter().filter(|of| of.description().id == step.provider);
            let Some(provider) = of_step.next() else {
                return Err(DriverError::Missing { provider: step.provider.clone() });
            };
            if of_step.next().is_some() {
                return Err(DriverError::Twice { provider: step.provider.clone() });
            }
            let lacks = provider.description().requires.without(step.requires);
            if !lacks.is_empty() {
                return Err(DriverError::Requires { provider: step.provider.clone(), lacks });
            }
            let gate = Gate::new(&provider.description().rate_limit);
            seats.push(Seat { provider: Arc::clone(provider), gate });
        }
        let shared = Shared {
            plan: Arc::new(self.plan),
            seats,
            journal: self.journal,
            clock: Clock::new(),
            queue_time_max: self.queue_time_max,
            concurrency_max: self.concurrency_max,
            events: EventSender::new(self.events_kept_max),
            misconfigured: Mutex::default(),
            tasks: TaskTracker::new(),
            running: Mutex::new(UnderWay {
                by_lead: HashMap::new(),
                ending: Vec::new(),
                is_stopping: false,
            }),
        };
        Ok(Driver { shared: Arc::new(shared) })
    }
}

/// Why a driver cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DriverError {
    /// The plan names a provider that is not there.
    #[error(
        "the plan asks {provider}, which the driver does not have: add it, or take it out of the plan"
    )]
    Missing {
        /// Which one.
        provider: ProviderId,
    },
    /// Two providers have the same name.
    #[error("there are two providers called {provider}: leave one out, or rename it")]
    Twice {
        /// Which one.
        provider: ProviderId,
    },
    /// The plan's step asks for less than its provider does.
    #[error("{provider} needs {lacks}, which its step of the plan does not require: add it there")]
    Requires {
        /// Which one.
        provider: ProviderId,
        /// What the step lacks.
        lacks: LeadFields,
    },
}

/// Why a run did not come to its end. It can be started again, and a journal has what was done.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The driver shut down, or nobody waited for the run any more.
    #[error("the run was stopped before it was done: start it again")]
    Stopped,
    /// The journal does not work. What it does not have was not done.
    #[error("the journal does not work")]
    Journal(#[source] Arc<dyn Error + Send + Sync>),
    /// What is stored of the lead cannot be read.
    #[error(
        "what the journal has of the lead cannot be read, at line {line}, column {column}: begin it anew"
    )]
    Snapshot {
        /// The line, counted from 1.
        line: usize,
        /// The column, counted from 1.
        column: usize,
    },
    /// What is stored of the lead is of another plan or version.
    #[error(transparent)]
    Resume(#[from] ResumeError),
    /// The task of the run ended by a panic of the journal, or with its runtime.
    #[error("the run broke down: the journal panicked, or the runtime went away")]
    Panicked,
}
