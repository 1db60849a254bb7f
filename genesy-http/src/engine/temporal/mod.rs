//! The engine on Temporal: each run is a workflow of genesy-temporal, and goes on wherever a worker is left.
//!
//! This process has a worker of its own, with its providers and its verifier, which hosts the sink that
//! workflows report their progress to. More workers may share the load: `genesy-worker` on other machines, with
//! the same queues. How a run ended is asked for here, so that it is known whatever became of the reports.
//!
//! A workflow is called after the store, the lead and the job, so that a run has one and is followed again
//! after a restart. What is kept of a run in [`PhoneStanding::journal`] is when it was asked for: that it may
//! have been begun.
//!
//! Several servers on the same queues share their workers, and nothing else: each has a store, and runs, of its
//! own. A report comes to any of their sinks, and one that follows no such run leaves it: so whoever hears
//! nothing asks how far a run is.
//!
//! | limit | value |
//! |---|---|
//! | between two tries while the cluster is away | 2 s ([`RETRY_PAUSE`]) |
//! | reports of one run that wait to be told | 64 ([`REPORTS_MAX`]): what comes behind them tells as much |

mod email;
mod phone;
mod sink;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use genesy_core::pii::Pii;
use genesy_core::time::Timestamp;
use genesy_core::waterfall::{Attempt, AttemptResult, PhoneLookup, Plan, ProviderId};
use genesy_temporal::client::{
    ApiKey, ApiKeyError, Client, ClientError, ClientOptions, Started, Status, Tls, TlsError,
    TlsFiles,
};
use genesy_temporal::codec::{Codec, Keys, KeysError};
use genesy_temporal::queues::Queues;
use genesy_temporal::worker::{RunningWorker, Worker, WorkerError};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use self::sink::Reported;
use super::{
    EmailRun, EmailStanding, Engine, EngineError, PhoneRun, PhoneStanding, ProviderFacts, Watcher,
};
use crate::config::TemporalSettings;
use crate::outside::{Mail, Outside};

/// How long the cluster is left alone when it does not answer.
const RETRY_PAUSE: Duration = Duration::from_secs(2);
/// Reports of one run that wait to be told.
const REPORTS_MAX: usize = 64;

/// The engine on Temporal.
pub struct Temporal {
    client: Client,
    plan: Plan<PhoneLookup>,
    providers: Vec<ProviderFacts>,
    mail: Option<Mail>,
    reported: Arc<Reported>,
    /// Holds the worker of this process until it is stopped.
    worker: Mutex<Option<JoinHandle<()>>>,
    /// Why the worker ended, if it did by itself.
    broken: Arc<OnceLock<String>>,
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
    /// The keys of the codec are none.
    #[error("engine.temporal.codec_keys")]
    CodecKeys(#[from] KeysError),
    /// The files for TLS cannot be used.
    #[error("engine.temporal.tls")]
    Tls(#[from] TlsError),
    /// The worker of this process cannot be started.
    #[error("engine.temporal: the worker cannot be started")]
    Worker(#[from] WorkerError),
}

/// Why the cluster did not do what it was asked for.
enum Unanswered {
    /// The engine stopped before.
    Stopped,
    Client(ClientError),
}

impl From<Unanswered> for EngineError {
    fn from(why: Unanswered) -> Self {
        match why {
            Unanswered::Stopped => Self::Stopped,
            Unanswered::Client(error) => Self::Failed(error.to_string()),
        }
    }
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
            options.api_key = Some(ApiKey::new(key.reveal())?);
        }
        if let Some(keys) = &settings.codec_keys {
            options.codec = Some(Codec::new(keys.reveal().parse::<Keys>()?));
        }
        if options.codec.is_none() {
            tracing::warn!(
                "no GENESY_CODEC_KEYS: leads stand in the histories of the cluster as they are"
            );
        }
        let mut files = TlsFiles::default();
        files.server_ca.clone_from(&settings.tls.server_ca);
        files.domain.clone_from(&settings.tls.domain);
        files.certificate.clone_from(&settings.tls.certificate);
        files.key.clone_from(&settings.tls.key);
        options.tls = Tls::of_files(&files)?;
        let client = Client::connect(options).await?;
        let reported = Arc::new(Reported::default());
        let mut worker = Worker::builder(&client)
            .providers(outside.providers.iter().map(Arc::clone))
            .sink(Arc::clone(&reported) as _);
        if let Some(mail) = &outside.mail {
            worker = worker.verifier(mail.verifier().clone());
        }
        let worker = worker.build()?.start()?;
        let (stopped, broken) = (CancellationToken::new(), Arc::<OnceLock<String>>::default());
        let worker = tokio::spawn(hold(worker, stopped.clone(), Arc::clone(&broken)));
        Ok(Self {
            client,
            plan: outside.plan.clone(),
            providers: ProviderFacts::of(outside),
            mail: outside.mail.clone(),
            reported,
            worker: Mutex::new(Some(worker)),
            broken,
            misconfigured: Mutex::default(),
            stopped,
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
    async fn ask<T, F>(&self, mut call: impl FnMut() -> F) -> Result<T, Unanswered>
    where
        F: Future<Output = Result<T, ClientError>>,
    {
        loop {
            let answer = tokio::select! {
                answer = call() => answer,
                () = self.stopped.cancelled() => return Err(Unanswered::Stopped),
            };
            match answer {
                Ok(answer) => return Ok(answer),
                Err(error) if error.is_passing() => {
                    tracing::warn!(%error, "the cluster does not answer, and is asked again");
                }
                Err(error) => return Err(Unanswered::Client(error)),
            }
            tokio::select! {
                () = tokio::time::sleep(RETRY_PAUSE) => {}
                () = self.stopped.cancelled() => return Err(Unanswered::Stopped),
            }
        }
    }

    /// Begins a workflow, unless it was begun before: by a process that ended meanwhile, or by a try whose answer
    /// was lost. None is begun that is cancelled.
    async fn begin<S, B>(
        &self,
        cancel: &CancellationToken,
        status: impl Fn() -> S,
        start: impl Fn() -> B,
    ) -> Result<(), EngineError>
    where
        S: Future<Output = Result<Status, ClientError>>,
        B: Future<Output = Result<Started, ClientError>>,
    {
        let begun = self.ask(|| async {
            match status().await {
                Ok(_) => Ok(true),
                Err(ClientError::NotFound { .. }) if cancel.is_cancelled() => Ok(false),
                Err(ClientError::NotFound { .. }) => start().await.map(|_| true),
                Err(error) => Err(error),
            }
        });
        if begun.await? { Ok(()) } else { Err(EngineError::Cancelled) }
    }

    /// Cancels a run. One that is not there any more cannot be cancelled and need not be.
    async fn cancel<F>(&self, call: impl FnMut() -> F) -> Result<(), EngineError>
    where
        F: Future<Output = Result<(), ClientError>>,
    {
        match self.ask(call).await {
            Ok(()) | Err(Unanswered::Client(ClientError::NotFound { .. })) => Ok(()),
            Err(why) => Err(why.into()),
        }
    }

    /// What is wrong with the worker of this process, if anything is.
    fn works(&self) -> Result<(), String> {
        match self.broken.get() {
            Some(why) => Err(format!("{why}: start this server again")),
            None => Ok(()),
        }
    }
}

/// Holds the worker until the engine is stopped, and notes why it ended if it does so by itself.
async fn hold(
    mut worker: RunningWorker,
    stopped: CancellationToken,
    broken: Arc<OnceLock<String>>,
) {
    tokio::select! {
        ended = worker.ended() => {
            let why = ended.err().map_or_else(|| "the worker ended".to_owned(), |why| why.to_string());
            tracing::error!(why, "nothing can be begun: start this server again");
            // It is set once.
            let _ = broken.set(why);
        }
        () = stopped.cancelled() => {
            if let Err(error) = worker.shutdown().await {
                tracing::warn!(%error, "the worker did not end well");
            }
        }
    }
}

/// When a run was asked for, as its journal has it.
fn asked_since(journal: Option<&Pii<Vec<u8>>>) -> Option<Timestamp> {
    journal.and_then(|journal| serde_json::from_slice(journal.reveal()).ok())
}

/// What is kept of a run: when it was asked for.
fn journal(since: Timestamp) -> Option<Pii<Vec<u8>>> {
    serde_json::to_vec(&since).ok().map(Pii::new)
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
        self.works()
    }

    fn verifies(&self) -> Result<(), String> {
        super::can_verify(self.mail.is_some())?;
        self.works()
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
        if let Some(mut worker) = worker
            && tokio::time::timeout(grace, &mut worker).await.is_err()
        {
            tracing::warn!("the worker did not end in time");
            worker.abort();
        }
    }
}

impl Drop for Temporal {
    fn drop(&mut self) {
        if let Some(worker) = &*self.worker.lock().unwrap_or_else(PoisonError::into_inner) {
            worker.abort();
        }
    }
}

impl fmt::Debug for Temporal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Temporal").field("client", &self.client).finish_non_exhaustive()
    }
}
