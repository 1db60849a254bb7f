//! The command line, and the variables that stand for it.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{ArgAction, Parser};

use crate::logs::{Format, Level};

const AFTER_HELP: &str = "\
Secrets come from variables alone, or from files that variables with _FILE behind their names name:
  GENESY_API_KEY      the API key of a hosted server
  GENESY_CODEC_KEYS   keys that encrypt what the server stores: lines of id:base64, the first is active
  and the keys of providers, as their definitions name them

Exit codes: 0 stopped as told, 1 ended by itself or after the grace, 2 wrong configuration, 3 no server,
130 told twice to stop.";

/// Serves the task queues of Genesy in a Temporal namespace: workflows, and calls of providers.
#[derive(Debug, Default, Parser)]
#[command(name = "genesy-worker", version, after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// A file of settings; flags and variables count before it.
    #[arg(long, env = "GENESY_CONFIG", value_name = "TOML")]
    pub(crate) config: Option<PathBuf>,

    /// The server [default: http://127.0.0.1:7233]; https for TLS.
    #[arg(long, env = "GENESY_ADDRESS", value_name = "URL")]
    pub(crate) address: Option<String>,
    /// The namespace [default: default].
    #[arg(long, env = "GENESY_NAMESPACE")]
    pub(crate) namespace: Option<String>,
    /// What the names of the task queues begin with [default: genesy].
    #[arg(long, env = "GENESY_QUEUES", value_name = "PREFIX")]
    pub(crate) queues: Option<String>,
    /// What the server shows of this worker [default: the process and the machine].
    #[arg(long, env = "GENESY_IDENTITY")]
    pub(crate) identity: Option<String>,
    /// Seconds that the server may take for an answer [default: 10].
    #[arg(long, env = "GENESY_RPC_TIME_S", value_name = "SECONDS")]
    pub(crate) rpc_time_s: Option<u64>,

    /// Encrypt what the server stores, if there are keys; `false` decrypts only, until all workers and
    /// clients have the keys [default: true].
    #[arg(long, env = "GENESY_ENCRYPT", value_name = "BOOL")]
    pub(crate) encrypt: Option<bool>,

    /// Who issued the server's certificate [default: whom this system trusts].
    #[arg(long, env = "GENESY_TLS_SERVER_CA", value_name = "PEM")]
    pub(crate) tls_server_ca: Option<PathBuf>,
    /// The server's name in its certificate, if it is another one than in the address.
    #[arg(long, env = "GENESY_TLS_DOMAIN", value_name = "NAME")]
    pub(crate) tls_domain: Option<String>,
    /// This client's certificate, for mTLS.
    #[arg(long, env = "GENESY_TLS_CERTIFICATE", value_name = "PEM")]
    pub(crate) tls_certificate: Option<PathBuf>,
    /// The private key of this client's certificate.
    #[arg(long, env = "GENESY_TLS_KEY", value_name = "PEM")]
    pub(crate) tls_key: Option<PathBuf>,

    /// The providers that are served [default: the built-in ones and those of --definitions].
    #[arg(long, env = "GENESY_PROVIDERS", value_name = "IDS", value_delimiter = ',')]
    pub(crate) providers: Option<Vec<String>>,
    /// Files that define further providers.
    #[arg(long, env = "GENESY_DEFINITIONS", value_name = "TOMLS", value_delimiter = ',')]
    pub(crate) definitions: Option<Vec<PathBuf>>,
    /// The country of numbers where neither provider nor lead names one, as an alpha-2 code.
    #[arg(long, env = "GENESY_DEFAULT_COUNTRY", value_name = "CODE")]
    pub(crate) default_country: Option<String>,
    /// Ask simulated providers within this program: nothing leaves the machine.
    #[arg(long, env = "GENESY_SIMULATED", num_args = 0..=1, default_missing_value = "true", action = ArgAction::Set)]
    pub(crate) simulated: Option<bool>,
    /// How many times as slow as the real ones the simulated providers are [default: 1].
    #[arg(long, env = "GENESY_TIME_SCALE", value_name = "FACTOR")]
    pub(crate) time_scale: Option<f64>,

    /// Verify addresses: that needs port 25 to the outside.
    #[arg(long, env = "GENESY_MAIL", num_args = 0..=1, default_missing_value = "true", action = ArgAction::Set)]
    pub(crate) mail: Option<bool>,
    /// Addresses that are verified at a time [default: 200].
    #[arg(long, env = "GENESY_VERIFICATIONS", value_name = "ADDRESSES")]
    pub(crate) verifications: Option<usize>,
    /// The servers that are asked for the DNS [default: the system's].
    #[arg(long, env = "GENESY_NAME_SERVERS", value_name = "ADDRESSES", value_delimiter = ',')]
    pub(crate) name_servers: Option<Vec<SocketAddr>>,
    /// The port of mail hosts [default: 25].
    #[arg(long, env = "GENESY_MAIL_PORT", value_name = "PORT")]
    pub(crate) mail_port: Option<u16>,
    /// Networks that are no part of the public internet, whose mail hosts may be connected to all the same.
    #[arg(long, env = "GENESY_MAIL_ALLOW", value_name = "NETWORKS", value_delimiter = ',')]
    pub(crate) mail_allow: Option<Vec<String>>,

    /// Run workflows; `false` leaves them to other workers [default: true].
    #[arg(long, env = "GENESY_WORKFLOWS", value_name = "BOOL")]
    pub(crate) workflows: Option<bool>,
    /// Workflows that take a step at a time [default: 100].
    #[arg(long, env = "GENESY_WORKFLOW_SLOTS", value_name = "WORKFLOWS")]
    pub(crate) workflow_slots: Option<usize>,
    /// Workflows that are kept in memory [default: 1000].
    #[arg(long, env = "GENESY_CACHED_WORKFLOWS", value_name = "WORKFLOWS")]
    pub(crate) cached_workflows: Option<usize>,
    /// Calls of one provider under way at a time, where its definition says nothing [default: 100].
    #[arg(long, env = "GENESY_CALLS", value_name = "CALLS")]
    pub(crate) calls: Option<usize>,
    /// Seconds that what is under way may take when it is told to stop [default: 30].
    #[arg(long, env = "GENESY_GRACE_S", value_name = "SECONDS")]
    pub(crate) grace_s: Option<u64>,
    /// The deployment of worker versioning; runs are pinned to the build that began them.
    #[arg(long, env = "GENESY_DEPLOYMENT", value_name = "NAME")]
    pub(crate) deployment: Option<String>,
    /// The build of worker versioning [default: this program's version].
    #[arg(long, env = "GENESY_BUILD_ID", value_name = "ID")]
    pub(crate) build_id: Option<String>,

    /// Tell at http://ADDRESS/health whether it serves.
    #[arg(long, env = "GENESY_HEALTH", value_name = "ADDRESS")]
    pub(crate) health: Option<SocketAddr>,
    /// Tell metrics at http://ADDRESS/metrics, as Prometheus takes them.
    #[arg(long, env = "GENESY_METRICS", value_name = "ADDRESS")]
    pub(crate) metrics: Option<SocketAddr>,
    /// What is logged [default: info].
    #[arg(long, env = "GENESY_LOG", value_enum)]
    pub(crate) log: Option<Level>,
    /// How it is logged [default: text].
    #[arg(long, env = "GENESY_LOG_FORMAT", value_enum)]
    pub(crate) log_format: Option<Format>,
}
