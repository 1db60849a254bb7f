//! What it is to do: flags and variables, then the file, then defaults.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use genesy_core::waterfall::CountryCode;
use genesy_providers::mail::{Egress, SMTP_PORT};
use genesy_temporal::client::{ClientOptions, RPC_TIME_MAX_DEFAULT, Tls};
use genesy_temporal::queues::Queues;
use genesy_temporal::worker::{
    CACHED_WORKFLOWS_MAX_DEFAULT, CALLS_MAX_DEFAULT, GRACE_DEFAULT, VERIFICATIONS_MAX_DEFAULT,
    WORKFLOW_SLOTS_DEFAULT,
};

use crate::Failure;
use crate::arguments::Arguments;
use crate::file::{File, MailSection};
use crate::logs::Logs;
use crate::secrets;

/// The server, where nobody says otherwise.
const ADDRESS_DEFAULT: &str = "http://127.0.0.1:7233";
/// Slots, calls and cached workflows.
const COUNTS: RangeInclusive<usize> = 1..=100_000;
/// Seconds of waits.
const SECONDS: RangeInclusive<u64> = 0..=24 * 3600;

/// All of it, checked.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) client: ClientOptions,
    pub(crate) providers: ProvidersConfig,
    /// Nothing if no addresses are verified.
    pub(crate) mail: Option<MailConfig>,
    pub(crate) worker: WorkerConfig,
    pub(crate) health: Option<SocketAddr>,
    pub(crate) metrics: Option<SocketAddr>,
    pub(crate) logs: Logs,
}

#[derive(Debug)]
pub(crate) struct ProvidersConfig {
    /// The ids of those that are served; all if there is none.
    pub(crate) serve: Option<Vec<String>>,
    pub(crate) definitions: Vec<PathBuf>,
    pub(crate) default_country: Option<CountryCode>,
    /// They are simulated, so many times as slow as the real ones.
    pub(crate) simulated: Option<f64>,
}

#[derive(Debug)]
pub(crate) struct MailConfig {
    pub(crate) verifications_max: usize,
    /// The system's if there is none.
    pub(crate) name_servers: Vec<SocketAddr>,
    pub(crate) port: u16,
    pub(crate) egress: Egress,
}

#[derive(Debug)]
pub(crate) struct WorkerConfig {
    pub(crate) runs_workflows: bool,
    pub(crate) workflow_slots: usize,
    pub(crate) cached_workflows_max: usize,
    pub(crate) calls_max: usize,
    pub(crate) grace: Duration,
    /// Deployment and build.
    pub(crate) version: Option<(String, String)>,
}

impl Config {
    pub(crate) fn of(arguments: Arguments) -> Result<Self, Failure> {
        let file = match &arguments.config {
            Some(path) => File::read(path)?,
            None => File::default(),
        };
        let observe = file.observe;
        let logs = Logs {
            level: arguments.log.or(observe.log).unwrap_or_default(),
            format: arguments.log_format.or(observe.log_format).unwrap_or_default(),
        };
        let section = file.providers;
        let country = arguments.default_country.or(section.default_country);
        let is_simulated = arguments.simulated.or(section.simulated).unwrap_or(false);
        let time_scale = arguments.time_scale.or(section.time_scale).unwrap_or(1.0);
        let providers = ProvidersConfig {
            serve: arguments.providers.or(section.serve),
            definitions: arguments.definitions.or(section.definitions).unwrap_or_default(),
            default_country: country.as_deref().map(self::country).transpose()?,
            simulated: is_simulated.then_some(time_scale),
        };
        let mail = mail(MailSection {
            serve: arguments.mail.or(file.mail.serve),
            verifications: arguments.verifications.or(file.mail.verifications),
            name_servers: arguments.name_servers.or(file.mail.name_servers),
            port: arguments.mail_port.or(file.mail.port),
            allow: arguments.mail_allow.or(file.mail.allow),
        })?;
        let section = file.worker;
        let count =
            |name, of: Option<usize>, default| checked(name, of.unwrap_or(default), &COUNTS);
        let deployment = arguments.deployment.or(section.deployment);
        let build_id = arguments.build_id.or(section.build_id);
        let grace_s = arguments.grace_s.or(section.grace_s).unwrap_or(GRACE_DEFAULT.as_secs());
        let worker = WorkerConfig {
            runs_workflows: arguments.workflows.or(section.workflows).unwrap_or(true),
            workflow_slots: count(
                "worker.workflow_slots",
                arguments.workflow_slots.or(section.workflow_slots),
                WORKFLOW_SLOTS_DEFAULT,
            )?,
            cached_workflows_max: count(
                "worker.cached_workflows",
                arguments.cached_workflows.or(section.cached_workflows),
                CACHED_WORKFLOWS_MAX_DEFAULT,
            )?,
            calls_max: count("worker.calls", arguments.calls.or(section.calls), CALLS_MAX_DEFAULT)?,
            grace: Duration::from_secs(checked("worker.grace_s", grace_s, &SECONDS)?),
            version: version(deployment, build_id)?,
        };
        let mut client = ClientOptions::new(
            arguments.address.or(file.address).unwrap_or_else(|| ADDRESS_DEFAULT.to_owned()),
        );
        if let Some(namespace) = arguments.namespace.or(file.namespace) {
            client.namespace = namespace;
        }
        if let Some(prefix) = arguments.queues.or(file.queues) {
            client.queues = Queues::new(prefix);
        }
        let rpc_time_s = arguments.rpc_time_s.or(file.rpc_time_s);
        let rpc_time_s = rpc_time_s.unwrap_or(RPC_TIME_MAX_DEFAULT.as_secs());
        client.rpc_time_max = Duration::from_secs(checked("rpc_time_s", rpc_time_s, &(1..=600))?);
        client.identity = arguments.identity.or(file.identity);
        let mut tls = file.tls;
        tls.server_ca = arguments.tls_server_ca.or(tls.server_ca);
        tls.domain = arguments.tls_domain.or(tls.domain);
        tls.certificate = arguments.tls_certificate.or(tls.certificate);
        tls.key = arguments.tls_key.or(tls.key);
        client.tls = Tls::of_files(&tls).map_err(|error| wrong(error.to_string()))?;
        client.api_key = secrets::api_key()?;
        let encrypts = arguments.encrypt.or(file.encrypt).unwrap_or(true);
        client.codec =
            secrets::codec()?.map(|codec| if encrypts { codec } else { codec.decrypting_only() });
        Ok(Self {
            client,
            providers,
            mail,
            worker,
            health: arguments.health.or(observe.health),
            metrics: arguments.metrics.or(observe.metrics),
            logs,
        })
    }
}

fn wrong(why: String) -> Failure {
    Failure::Configuration(why)
}

fn checked<N: PartialOrd + std::fmt::Display>(
    name: &str,
    value: N,
    range: &RangeInclusive<N>,
) -> Result<N, Failure> {
    if range.contains(&value) {
        return Ok(value);
    }
    Err(wrong(format!("{name} is {value}: write {} to {}", range.start(), range.end())))
}

fn country(code: &str) -> Result<CountryCode, Failure> {
    CountryCode::new(code).ok_or_else(|| {
        wrong(
            "providers.default_country: write a code of ISO 3166-1 alpha-2, such as ES".to_owned(),
        )
    })
}

fn version(
    deployment: Option<String>,
    build_id: Option<String>,
) -> Result<Option<(String, String)>, Failure> {
    match (deployment, build_id) {
        (Some(deployment), build_id) => {
            let build_id = build_id.unwrap_or_else(|| env!("CARGO_PKG_VERSION").to_owned());
            Ok(Some((deployment, build_id)))
        }
        (None, Some(_)) => Err(wrong(
            "worker.build_id is for worker versioning: give worker.deployment with it".to_owned(),
        )),
        (None, None) => Ok(None),
    }
}

/// Nothing if no addresses are verified.
fn mail(section: MailSection) -> Result<Option<MailConfig>, Failure> {
    if !section.serve.unwrap_or(false) {
        return Ok(None);
    }
    let verifications = section.verifications.unwrap_or(VERIFICATIONS_MAX_DEFAULT);
    let mut egress = Egress::default();
    for network in section.allow.iter().flatten() {
        let network = network.parse().map_err(|error| wrong(format!("mail.allow: {error}")))?;
        egress = egress.allow(network);
    }
    Ok(Some(MailConfig {
        verifications_max: checked("mail.verifications", verifications, &COUNTS)?,
        name_servers: section.name_servers.unwrap_or_default(),
        port: section.port.unwrap_or(SMTP_PORT),
        egress,
    }))
}
