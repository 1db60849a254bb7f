//! The settings, each with its default.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use serde::Deserialize;

use super::Secret;

/// How the server is set up.
///
/// In the file each field is a key of the same name; a key that is not here is an error.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Settings {
    /// Where to listen. Beyond loopback a token is required.
    pub listen: SocketAddr,
    /// The folder of the store, instead of the usual one.
    pub data: Option<PathBuf>,
    /// What clients have to send as `Authorization: Bearer …`.
    pub token: Option<Secret>,
    /// Names that clients may know the server by, without a port, besides those of loopback. On a listener beyond
    /// loopback none at all means any.
    pub allowed_hosts: Vec<String>,
    /// What clients may take.
    pub limits: LimitSettings,
    /// How long things are kept.
    pub retention: RetentionSettings,
    /// What runs the lookups and verifications.
    pub engine: EngineSettings,
    /// Who is asked for phones.
    pub phone: PhoneSettings,
    /// Who asks mail servers.
    pub email: MailSettings,
    /// What is logged.
    pub log: LogSettings,
}

/// What is logged, to the standard error stream.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct LogSettings {
    /// Which events, as `info` or `info,genesy_http=debug`.
    pub filter: String,
    /// In which form.
    pub format: LogFormat,
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LogFormat {
    /// To be read.
    #[default]
    Text,
    /// An object of JSON.
    Json,
}

/// What clients may take.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct LimitSettings {
    /// Bytes of an uploaded file at most.
    pub upload_bytes_max: u64,
    /// Seconds without a byte of a body, after which it is given up.
    pub upload_idle_s: u64,
    /// Requests a second of one client, by its address, in the long run.
    pub requests_per_s: u32,
    /// Requests of one client that may come at once.
    pub requests_burst: u32,
    /// Connections at a time.
    pub connections_max: usize,
}

/// How long things are kept.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RetentionSettings {
    /// Days that events are kept.
    pub events_days: u32,
    /// Days that it is kept what runs that ended found out on their way. What the leads have of it stays, and
    /// so does the ledger.
    pub runs_days: u32,
    /// Hours that files are kept that nobody imports.
    pub uploads_hours: u32,
}

/// What runs the lookups and verifications.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct EngineSettings {
    /// Leads whose phone is looked for at a time.
    pub phone_leads_max: usize,
    /// Leads whose address is verified at a time.
    pub email_leads_max: usize,
    /// The Temporal cluster that does it; nothing if this process does it by itself. It needs a program that
    /// was built with the feature `temporal`.
    pub temporal: Option<TemporalSettings>,
}

/// A Temporal cluster.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct TemporalSettings {
    /// Where it is, as `http://127.0.0.1:7233`; `https` for TLS.
    pub address: String,
    /// The namespace.
    pub namespace: String,
    /// What the names of the task queues begin with: the same for all workers that share the load.
    pub queues: String,
    /// Tells a hosted cluster who this is.
    pub api_key: Option<Secret>,
    /// What is encrypted with that the cluster stores: a key a line, as the codec of genesy-temporal takes them,
    /// the one to encrypt with first. All who share the load need them. Without any, leads stand in the cluster's
    /// histories as they are.
    pub codec_keys: Option<Secret>,
    /// TLS, for an address that begins with `https`.
    pub tls: TemporalTlsSettings,
}

/// The files for TLS with a Temporal cluster.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct TemporalTlsSettings {
    /// The certificates that issue the cluster's; those that the operating system trusts if nothing is said.
    pub server_ca: Option<PathBuf>,
    /// The cluster's name in its certificate, where it is another one than in the address.
    pub domain: Option<String>,
    /// This server's certificate (mTLS).
    pub certificate: Option<PathBuf>,
    /// This server's private key.
    pub key: Option<PathBuf>,
}

/// Who is asked for phones.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct PhoneSettings {
    /// The ids of the providers in the order in which they are asked; none for the built-in ones in theirs.
    pub providers: Vec<String>,
    /// Files that define further providers.
    pub definitions: Vec<PathBuf>,
    /// Reads numbers without any country: its code of two letters.
    pub default_country: Option<String>,
}

/// Who asks mail servers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct MailSettings {
    /// The name of this machine, as mail servers are told it. Without it no address is verified.
    pub helo: Option<String>,
    /// The address that asks; empty for none.
    pub mail_from: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            data: None,
            token: None,
            allowed_hosts: Vec::new(),
            limits: LimitSettings::default(),
            retention: RetentionSettings::default(),
            engine: EngineSettings::default(),
            phone: PhoneSettings::default(),
            email: MailSettings::default(),
            log: LogSettings::default(),
        }
    }
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { filter: "info".to_owned(), format: LogFormat::default() }
    }
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self {
            upload_bytes_max: 2 * 1024 * 1024 * 1024,
            upload_idle_s: 30,
            requests_per_s: 500,
            requests_burst: 2000,
            connections_max: 2048,
        }
    }
}

impl Default for RetentionSettings {
    fn default() -> Self {
        Self { events_days: 30, runs_days: 90, uploads_hours: 24 }
    }
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self { phone_leads_max: 100, email_leads_max: 100, temporal: None }
    }
}

impl Default for TemporalSettings {
    fn default() -> Self {
        Self {
            address: "http://127.0.0.1:7233".to_owned(),
            namespace: "default".to_owned(),
            queues: "genesy".to_owned(),
            api_key: None,
            codec_keys: None,
            tls: TemporalTlsSettings::default(),
        }
    }
}
