//! From the start to the end.

use std::time::Duration;

use genesy_core::verification::{Identity, Policy};
use genesy_providers::mail::{ResolverOptions, Verifier};
use genesy_temporal::client::{Client, ClientError};
use genesy_temporal::codec::Codec;
use genesy_temporal::worker::{RunningWorker, Worker, WorkerError};
use tokio::select;

use crate::Failure;
use crate::config::{Config, MailConfig};
use crate::health::{Health, State};
use crate::providers::{self, Served};
use crate::signals::Signals;

/// How long the worker itself may take at the end, on top of what is under way.
const END_TIME_MAX: Duration = Duration::from_secs(5);

/// Serves until it is told to stop.
pub(crate) async fn run(config: Config) -> Result<(), Failure> {
    let mut signals = Signals::listen().map_err(|error| Failure::Ended(error.to_string()))?;
    let health = Health::new();
    let health_at = match config.health {
        Some(address) => Some(health.serve(address).await?),
        None => None,
    };
    let client = select! {
        client = Client::connect(config.client.clone()) => client.map_err(server_failure)?,
        () = signals.next() => return Ok(()),
    };
    let served = providers::served(&config.providers).await?;
    let mut worker = start(&config, &client, &served)?;
    health.set(State::Serving);
    let of = served.providers.iter().map(|of| of.description().id.as_str());
    tracing::info!(
        address = config.client.address,
        namespace = client.namespace(),
        queue = config.client.queues.workflows(),
        providers = of.collect::<Vec<_>>().join(","),
        verifies = config.mail.is_some(),
        is_simulated = config.providers.simulated.is_some(),
        is_encrypted = config.client.codec.as_ref().is_some_and(Codec::encrypts),
        health = health_at.map(tracing::field::display),
        metrics = worker.metrics_address().map(tracing::field::display),
        "serving"
    );
    select! {
        ended = worker.ended() => {
            health.set(State::Stopping);
            let why = ended.err().map_or_else(|| "the worker ended".to_owned(), |error| error.to_string());
            return Err(Failure::Ended(why));
        }
        () = signals.next() => {}
    }
    health.set(State::Stopping);
    let grace = config.worker.grace;
    tracing::info!(grace_s = grace.as_secs(), "stopping: nothing new is taken");
    select! {
        ended = tokio::time::timeout(grace + END_TIME_MAX, worker.shutdown()) => match ended {
            Ok(Ok(())) => {
                tracing::info!("stopped");
                Ok(())
            }
            Ok(Err(error)) => Err(Failure::Ended(error.to_string())),
            Err(_) => Err(Failure::Ended(format!(
                "something was still under way after {grace:?}: it is given to another worker"
            ))),
        },
        () = signals.next() => Err(Failure::Twice),
    }
}

fn start(config: &Config, client: &Client, served: &Served) -> Result<RunningWorker, Failure> {
    let of = &config.worker;
    let mut builder = Worker::builder(client)
        .providers(served.providers.iter().cloned())
        .workflow_slots(of.workflow_slots)
        .cached_workflows_max(of.cached_workflows_max)
        .calls_max(of.calls_max)
        .grace(of.grace);
    if let Some(mail) = &config.mail {
        builder = builder.verifier(verifier(mail)?).verifications_max(mail.verifications_max);
    }
    if !of.runs_workflows {
        builder = builder.without_workflows();
    }
    if let Some((deployment, build_id)) = &of.version {
        builder = builder.version(deployment, build_id);
    }
    if let Some(address) = config.metrics {
        builder = builder.metrics(address);
    }
    builder.build().and_then(Worker::start).map_err(worker_failure)
}

fn verifier(config: &MailConfig) -> Result<Verifier, Failure> {
    let wrong = |error: &dyn std::error::Error| Failure::Configuration(format!("mail: {error}"));
    // Who asks is said by each request: of this, nobody is told.
    let nobody = Identity::new("genesy-worker.invalid", "").map_err(|error| wrong(&error))?;
    let name_servers = config.name_servers.clone();
    Verifier::builder(Policy::new(nobody))
        .resolver(ResolverOptions { name_servers, ..ResolverOptions::default() })
        .port(config.port)
        .egress(config.egress.clone())
        .build()
        .map_err(|error| wrong(&error))
}

fn server_failure(error: ClientError) -> Failure {
    match error {
        ClientError::Address { .. } => Failure::Configuration(error.to_string()),
        other => Failure::Server(other.to_string()),
    }
}

fn worker_failure(error: WorkerError) -> Failure {
    match error {
        WorkerError::Ended { .. } => Failure::Ended(error.to_string()),
        other => Failure::Configuration(other.to_string()),
    }
}
