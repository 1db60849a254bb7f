//! Making a worker.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use genesy_core::waterfall::{PhoneLookup, ProviderId};
use genesy_providers::mail::Verifier;
use genesy_providers::{Provider, RateLimit};
use temporalio_common::worker::{
    VersioningBehavior, WorkerDeploymentOptions, WorkerDeploymentVersion,
};
use temporalio_sdk::WorkerOptions;
use temporalio_sdk::runtime::worker_tuner::{FixedSizeSlotSupplier, TunerHolder};

use super::run::Worker;
use super::{
    CACHED_WORKFLOWS_MAX_DEFAULT, CALLS_MAX_DEFAULT, GRACE_DEFAULT, REPORTS_MAX,
    VERIFICATIONS_MAX_DEFAULT, WORKFLOW_SLOTS_DEFAULT,
};
use crate::batch::{EnrichBatch, LeadSource, Slices};
use crate::client::Client;
use crate::email::{EmailVerification, HEARTBEAT_EVERY, Verifications};
use crate::phone::{PhoneWaterfall, ProviderCalls, Seat};
use crate::report::{Reporting, Sink};

/// Makes a [`Worker`].
#[derive(Debug)]
#[must_use]
pub struct Builder {
    client: Client,
    providers: Vec<Arc<dyn Provider<PhoneLookup>>>,
    verifier: Option<Verifier>,
    verifications_max: usize,
    sink: Option<Arc<dyn Sink>>,
    sources: BTreeMap<String, Arc<dyn LeadSource>>,
    runs_workflows: bool,
    cached_workflows_max: usize,
    workflow_slots: usize,
    calls_max: usize,
    metrics: Option<SocketAddr>,
    grace: Duration,
    version: Option<(String, String)>,
}

impl Worker {
    /// Begins to make a worker for the client's server, namespace and queues. A client has one worker at a
    /// time: a second one in the same process connects for itself.
    pub fn builder(client: &Client) -> Builder {
        Builder {
            client: client.clone(),
            providers: Vec::new(),
            verifier: None,
            verifications_max: VERIFICATIONS_MAX_DEFAULT,
            sink: None,
            sources: BTreeMap::new(),
            runs_workflows: true,
            cached_workflows_max: CACHED_WORKFLOWS_MAX_DEFAULT,
            workflow_slots: WORKFLOW_SLOTS_DEFAULT,
            calls_max: CALLS_MAX_DEFAULT,
            metrics: None,
            grace: GRACE_DEFAULT,
            version: None,
        }
    }
}

impl Builder {
    /// Whom it asks for phones.
    pub fn providers(
        mut self,
        providers: impl IntoIterator<Item = Arc<dyn Provider<PhoneLookup>>>,
    ) -> Self {
        self.providers.extend(providers);
        self
    }

    /// By what it verifies addresses. Its policy does not count: each request has its own.
    pub fn verifier(self, verifier: Verifier) -> Self {
        Self { verifier: Some(verifier), ..self }
    }

    /// How many addresses are verified at a time; at least one.
    pub fn verifications_max(self, addresses: usize) -> Self {
        Self { verifications_max: addresses.max(1), ..self }
    }

    /// Where it stores what is reported. All workers that have a sink or a source need both of them.
    pub fn sink(self, sink: Arc<dyn Sink>) -> Self {
        Self { sink: Some(sink), ..self }
    }

    /// Where batches that name this source have their leads from. All workers that have a sink or a source need the
    /// same ones.
    pub fn source(mut self, name: impl Into<String>, source: Arc<dyn LeadSource>) -> Self {
        self.sources.insert(name.into(), source);
        self
    }

    /// Leaves workflows to other workers, and only asks.
    pub fn without_workflows(self) -> Self {
        Self { runs_workflows: false, ..self }
    }

    /// How many workflows are kept in memory.
    pub fn cached_workflows_max(self, workflows: usize) -> Self {
        Self { cached_workflows_max: workflows, ..self }
    }

    /// How many workflows take a step at a time.
    pub fn workflow_slots(self, slots: usize) -> Self {
        Self { workflow_slots: slots, ..self }
    }

    /// How many calls of one provider may be under way at a time, where its description says nothing.
    pub fn calls_max(self, calls: usize) -> Self {
        Self { calls_max: calls, ..self }
    }

    /// Tells its metrics at `http://{address}/metrics`, as Prometheus takes them: those of the SDK, in
    /// seconds, whose labels are the names of queues, workflows and activities. Port 0 is any free one.
    pub fn metrics(self, address: SocketAddr) -> Self {
        Self { metrics: Some(address), ..self }
    }

    /// How long calls that are under way may take when it is shut down. Those that take longer are let go of: another
    /// worker makes the next attempt, and the ledger says that one was interrupted.
    pub fn grace(self, grace: Duration) -> Self {
        Self { grace, ..self }
    }

    /// Opts in to worker versioning: a run stays with the build that began it (pinned) until it ends. New
    /// runs go to the build that is the deployment's current one in the server, as by `temporal worker
    /// deployment set-current-version`; there is none at first.
    pub fn version(self, deployment: impl Into<String>, build_id: impl Into<String>) -> Self {
        Self { version: Some((deployment.into(), build_id.into())), ..self }
    }

    /// Makes the worker. It does nothing until it is [started](Worker::start).
    ///
    /// # Errors
    ///
    /// When it has nothing to do, or a provider twice.
    pub fn build(self) -> Result<Worker, WorkerError> {
        let mut parts = Vec::new();
        if self.runs_workflows {
            parts.push(self.workflows()?);
        }
        if self.sink.is_some() || !self.sources.is_empty() {
            parts.push(self.stores());
        }
        if let Some(verifier) = &self.verifier {
            parts.push(self.verifications(verifier.clone()));
        }
        for (index, provider) in self.providers.iter().enumerate() {
            let id = &provider.description().id;
            if self.providers[..index].iter().any(|other| other.description().id == *id) {
                return Err(WorkerError::Twice { provider: id.clone() });
            }
            parts.push(self.calls(provider));
        }
        if parts.is_empty() {
            return Err(WorkerError::Idle);
        }
        Ok(Worker { client: self.client, parts, metrics: self.metrics })
    }

    /// The queue of workflows.
    fn workflows(&self) -> Result<WorkerOptions, WorkerError> {
        let options = WorkerOptions::new(self.client.queues.workflows())
            .deployment_options(self.deployment())
            .graceful_shutdown_period(self.grace)
            .max_cached_workflows(self.cached_workflows_max)
            .tuner(slots(self.workflow_slots, 1))
            .register_workflow::<PhoneWaterfall>()
            .and_then(|options| options.register_workflow::<EmailVerification>())
            .and_then(|options| options.register_workflow::<EnrichBatch>())
            .map_err(|error| WorkerError::Registration { why: error.to_string() })?;
        Ok(options.build())
    }

    /// The queue of the application's store.
    fn stores(&self) -> WorkerOptions {
        let options = WorkerOptions::new(self.client.queues.store())
            .deployment_options(self.deployment())
            .graceful_shutdown_period(self.grace)
            .tuner(slots(1, REPORTS_MAX))
            // Slices of batches are told to stop by the answer to a heartbeat.
            .max_heartbeat_throttle_interval(crate::batch::HEARTBEAT_EVERY)
            .register_activities(Slices {
                client: self.client.clone(),
                sources: self.sources.clone(),
                sink: self.sink.clone(),
            });
        match &self.sink {
            Some(sink) => options.register_activities(Reporting { sink: Arc::clone(sink) }).build(),
            None => options.build(),
        }
    }

    /// The queue of a provider.
    fn calls(&self, provider: &Arc<dyn Provider<PhoneLookup>>) -> WorkerOptions {
        let description = provider.description();
        let limit = description.rate_limit;
        let calls_max = limit.concurrency_max.map_or(self.calls_max, |max| max as usize);
        let seat = Arc::new(Seat::new(Arc::clone(provider)));
        WorkerOptions::new(self.client.queues.provider(&description.id))
            .deployment_options(self.deployment())
            .graceful_shutdown_period(self.grace)
            // Nothing but calls comes on the queue of a provider.
            .tuner(slots(1, calls_max))
            .maybe_max_task_queue_activities_per_second(per_second(&limit))
            .register_activities(ProviderCalls { seat })
            .build()
    }

    /// The queue of the mail hosts.
    fn verifications(&self, verifier: Verifier) -> WorkerOptions {
        WorkerOptions::new(self.client.queues.mail())
            .deployment_options(self.deployment())
            .graceful_shutdown_period(self.grace)
            .tuner(slots(1, self.verifications_max))
            .max_heartbeat_throttle_interval(HEARTBEAT_EVERY)
            .register_activities(Verifications { verifier })
            .build()
    }

    fn deployment(&self) -> WorkerDeploymentOptions {
        let (name, build) = match &self.version {
            Some((name, build)) => (name.as_str(), build.as_str()),
            None => ("", env!("CARGO_PKG_VERSION")),
        };
        let version =
            WorkerDeploymentVersion::builder().deployment_name(name).build_id(build).build();
        let pinned = self.version.is_some().then_some(VersioningBehavior::Pinned);
        WorkerDeploymentOptions::new(version)
            .use_worker_versioning(self.version.is_some())
            .maybe_default_versioning_behavior(pinned)
            .build()
    }
}

/// So many workflow tasks and activities at a time.
fn slots(workflows: usize, activities: usize) -> TunerHolder {
    TunerHolder::builder()
        .workflow_task_slot_supplier(FixedSizeSlotSupplier::new(workflows.max(1)))
        .activity_task_slot_supplier(FixedSizeSlotSupplier::new(activities.max(1)))
        .local_activity_task_slot_supplier(FixedSizeSlotSupplier::new(1))
        .nexus_task_slot_supplier(FixedSizeSlotSupplier::new(1))
        .build()
}

/// A provider's limit as the server keeps it.
fn per_second(limit: &RateLimit) -> Option<f64> {
    limit.calls_max.map(|calls| f64::from(calls) / limit.window().as_secs_f64())
}

/// Why a worker cannot be made, or ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WorkerError {
    /// It has nothing to do.
    #[error("the worker has nothing to do: give it workflows, a verifier or a provider")]
    Idle,
    /// Two providers have the same name.
    #[error("there are two providers called {provider}: leave one out, or rename it")]
    Twice {
        /// Their name.
        provider: ProviderId,
    },
    /// The SDK does not take a workflow.
    #[error("the SDK does not take the workflows: {why}")]
    Registration {
        /// What it says.
        why: String,
    },
    /// Metrics cannot be told.
    #[error("metrics cannot be told at {address} ({why}): choose another address")]
    Metrics {
        /// Where.
        address: SocketAddr,
        /// What happened.
        why: String,
    },
    /// It could not begin.
    #[error("the worker could not begin: {why}")]
    Start {
        /// What happened.
        why: String,
    },
    /// Its thread panicked.
    #[error("the worker's thread panicked: its message is on the standard error output")]
    Panicked,
    /// It ended by itself.
    #[error("the worker of the task queue {queue:?} ended: {why}")]
    Ended {
        /// Of which queue.
        queue: String,
        /// What happened.
        why: String,
    },
}
