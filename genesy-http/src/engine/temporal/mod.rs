//! The engine on Temporal: each run is a workflow of genesy-temporal, and goes on wherever a worker is left.
//!
//! This process has a worker of its own, with its providers and its verifier, which hosts the sink that
//! workflows report their progress to. More workers may share the load: `genesy-worker` on other machines, with
//! the same queues. How a run ended is asked for here, so that it is known whatever became of the reports.
//!
//! What is kept of a run in [`PhoneStanding::journal`] is when it was asked for: after a restart the workflow that
//! was begun since is followed, and none is begun again.
//!
//! | limit | value |
//! |---|---|
//! | between two tries while the cluster is away | 2 s ([`RETRY_PAUSE`]) |
//! | how far the clocks of this machine and the cluster are apart | 10 s ([`CLOCK_SKEW_MAX`]) |
//! | reports of one run that wait to be told | 64 ([`REPORTS_MAX`]): what comes behind them tells as much |

mod email;
mod phone;
mod sink;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use async_trait::async_trait;
use genesy_core::pii::Pii;
use genesy_core::time::Timestamp;
use genesy_core::waterfall::{Attempt, AttemptResult, PhoneLookup, Plan, ProviderId};
use genesy_temporal::client::{ApiKey, ApiKeyError, Client, ClientError, ClientOptions, Status};
use genesy_temporal::queues::Queues;
use genesy_temporal::worker::{RunningWorker, Worker, WorkerError};
use secrecy::ExposeSecret;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use self::sink::Reported;
use super::{
    EmailRun, EmailStanding, Engine, EngineError, PhoneRun, PhoneStanding, ProviderFacts, Watcher,
};
use crate::config::TemporalSettings;
use crate::outside::{Mail, Outside};

/// How long the cluster is left alone when it does not answer.
const RETRY_PAUSE: Duration = Duration::from_secs(2);
/// How far the clocks of this machine and the cluster may be apart.
const CLOCK_SKEW_MAX: Duration = Duration::from_secs(10);
/// Reports of one run that wait to be told.
const REPORTS_MAX: usize = 64;

/// The engine on Temporal.
pub struct Temporal {
    client: Client,
    plan: Plan<PhoneLookup>,
    providers: Vec<ProviderFacts>,
    mail: Option<Mail>,
    reported: Arc<Reported>,
    worker: Mutex<Option<RunningWorker>>,
    /// Where the worker runs: it has to be dropped there.
    runtime: Handle,
    /// Those who answered last that they do not know the caller.
    misconfigured: Mutex<BTreeSet<ProviderId>>,
    stopped: CancellationToken,
}

/// Why the engine cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TemporalError {
    /// The cluster cannot be reached, or does not let this server in.
    #[error("engine.temporal: the cluster cannot be used")]
    Client(#[from] ClientError),
    /// The key is none.
    #[error("engine.temporal.api_key: this is no key")]
    ApiKey(#[from] ApiKeyError),
    /// The worker of this process cannot be started.
    #[error("engine.temporal: the worker cannot be started")]
    Worker(#[from] WorkerError),
}

impl Temporal {
    /// Connects to the cluster, and starts the worker of this process.
    ///
    /// # Errors
    ///
    /// When the cluster cannot be reached, or the providers do not fit its worker.
    pub async fn connect(
        settings: &TemporalSettings,
        outside: &Outside,
    ) -> Result<Self, TemporalError> {
        let mut options = ClientOptions::new(settings.address.clone());
        options.namespace.clone_from(&settings.namespace);
        options.queues = Queues::new(settings.queues.clone());
        if let Some(key) = &settings.api_key {
            options.api_key = Some(ApiKey::new(key.expose_secret())?);
        }
        let client = Client::connect(options).await?;
        let reported = Arc::new(Reported::default());
        let mut worker = Worker::builder(&client)
            .providers(outside.providers.iter().map(Arc::clone))
            .sink(Arc::clone(&reported) as _);
        if let Some(mail) = &outside.mail {
            worker = worker.verifier(mail.verifier().clone());
        }
        let worker = worker.build()?.start()?;
        Ok(Self {
            client,
            plan: outside.plan.clone(),
            providers: ProviderFacts::of(outside),
            mail: outside.mail.clone(),
            reported,
            worker: Mutex::new(Some(worker)),
            runtime: Handle::current(),
            misconfigured: Mutex::default(),
            stopped: CancellationToken::new(),
        })
    }

    /// Notes who does not know the caller: the keys are those of the workers, wherever they are.
    fn learn(&self, attempts: &[Attempt]) {
        let mut known = self.misconfigured.lock().unwrap_or_else(PoisonError::into_inner);
        for attempt in attempts {
            let Some(step) = self.plan.steps().get(usize::from(attempt.step)) else { continue };
            match attempt.result {
                AttemptResult::Misconfigured => known.insert(step.provider.clone()),
                _ => known.remove(&step.provider),
            };
        }
    }

    /// Asks the cluster until it answers.
    async fn ask<T, F>(&self, mut call: impl FnMut() -> F) -> Result<T, EngineError>
    where
        F: Future<Output = Result<T, ClientError>>,
    {
        loop {
            let answer = tokio::select! {
                answer = call() => answer,
                () = self.stopped.cancelled() => return Err(EngineError::Stopped),
            };
            match answer {
                Ok(answer) => return Ok(answer),
                Err(error) if is_passing(&error) => {
                    tracing::warn!(%error, "the cluster does not answer, and is asked again");
                }
                Err(error) => return Err(EngineError::Failed(error.to_string())),
            }
            tokio::select! {
                () = tokio::time::sleep(RETRY_PAUSE) => {}
                () = self.stopped.cancelled() => return Err(EngineError::Stopped),
            }
        }
    }

    /// Cancels a run. One that has ended meanwhile, or was not begun, cannot be cancelled and need not be.
    async fn cancel<F>(&self, call: impl FnMut() -> F) -> Result<(), EngineError>
    where
        F: Future<Output = Result<(), ClientError>>,
    {
        match self.ask(call).await {
            Err(EngineError::Failed(_)) => Ok(()),
            cancelled => cancelled,
        }
    }
}

/// Whether another try may help.
const fn is_passing(error: &ClientError) -> bool {
    matches!(
        error,
        ClientError::Unreachable { .. }
            | ClientError::TooLate { .. }
            | ClientError::NoWorker { .. }
    )
}

/// When a run was asked for, as its journal has it.
fn asked_since(journal: Option<&Pii<Vec<u8>>>) -> Option<Timestamp> {
    journal.and_then(|journal| serde_json::from_slice(journal.reveal()).ok())
}

/// What is kept of a run: when it was asked for.
fn journal(since: Timestamp) -> Option<Pii<Vec<u8>>> {
    serde_json::to_vec(&since).ok().map(Pii::new)
}

/// Whether a run was begun since it was asked for, by the cluster's clock.
fn is_begun_since(status: &Status, since: Timestamp) -> bool {
    let started = status.started.and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let since = Duration::from_micros(since.as_micros());
    started.is_some_and(|started| started + CLOCK_SKEW_MAX >= since)
}

fn now() -> Timestamp {
    crate::clock::Time::now().timestamp()
}

#[async_trait]
impl Engine for Temporal {
    fn name(&self) -> &'static str {
        "temporal"
    }

    fn plan(&self) -> &Plan<PhoneLookup> {
        &self.plan
    }

    fn providers(&self) -> &[ProviderFacts] {
        &self.providers
    }

    fn searches(&self) -> Result<(), String> {
        // Those of the plan that this process lacks may be on other machines.
        Ok(())
    }

    fn verifies(&self) -> Result<(), String> {
        super::can_verify(self.mail.is_some())
    }

    fn misconfigured(&self) -> Vec<(ProviderId, String)> {
        let trouble = "it does not know the caller: correct the key of its workers, which log why";
        let known = self.misconfigured.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().map(|provider| (provider.clone(), trouble.to_owned())).collect()
    }

    async fn find_phone(
        &self,
        run: PhoneRun,
        watcher: Arc<dyn Watcher<PhoneStanding>>,
    ) -> Result<(), EngineError> {
        phone::find(self, run, &*watcher).await
    }

    async fn verify(
        &self,
        run: EmailRun,
        watcher: Arc<dyn Watcher<EmailStanding>>,
    ) -> Result<(), EngineError> {
        match &self.mail {
            Some(mail) => email::verify(self, mail, run, &*watcher).await,
            None => Err(EngineError::Failed(self.verifies().err().unwrap_or_default())),
        }
    }

    async fn stop(&self, grace: Duration) {
        self.stopped.cancel();
        let worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(worker) = worker {
            let ended = tokio::time::timeout(grace, worker.shutdown()).await;
            if let Ok(Err(error)) = ended {
                tracing::warn!(%error, "the worker did not end well");
            }
        }
    }
}

impl Drop for Temporal {
    fn drop(&mut self) {
        let _entered = self.runtime.enter();
        self.worker.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl fmt::Debug for Temporal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Temporal").field("client", &self.client).finish_non_exhaustive()
    }
}
