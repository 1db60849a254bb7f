//! The file of settings.
//!
//! ```toml
//! address = "https://example.a2dd6.tmprl.cloud:7233"
//! namespace = "example.a2dd6"
//! queues = "genesy"
//! identity = "worker-1"
//! rpc_time_s = 10
//! encrypt = true
//!
//! [tls]
//! server_ca = "ca.pem"
//! domain = "temporal.internal"
//! certificate = "client.pem"
//! key = "client.key"
//!
//! [providers]
//! serve = ["nimbus_lookup", "acme_phones"]
//! definitions = ["acme_phones.toml"]
//! default_country = "ES"
//! simulated = false
//! time_scale = 1.0
//!
//! [mail]
//! serve = true
//! verifications = 200
//! name_servers = ["192.0.2.53:53"]
//! port = 25
//! allow = ["10.0.0.0/8"]
//!
//! [worker]
//! workflows = true
//! workflow_slots = 100
//! cached_workflows = 1000
//! calls = 100
//! grace_s = 30
//! deployment = "genesy"
//! build_id = "2026-11-28"
//!
//! [observe]
//! health = "127.0.0.1:8080"
//! metrics = "127.0.0.1:9464"
//! log = "info"
//! log_format = "json"
//! ```
//!
//! All of it may be left out. Paths are those seen from the folder that the program is started in.

use std::io::Read as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use genesy_temporal::client::TlsFiles;
use serde::Deserialize;

use crate::Failure;
use crate::logs::{Format, Level};

/// Bytes of the file at most.
const FILE_BYTES_MAX: usize = 64 * 1024;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct File {
    pub(crate) address: Option<String>,
    pub(crate) namespace: Option<String>,
    pub(crate) queues: Option<String>,
    pub(crate) identity: Option<String>,
    pub(crate) rpc_time_s: Option<u64>,
    pub(crate) encrypt: Option<bool>,
    pub(crate) tls: TlsFiles,
    pub(crate) providers: ProvidersSection,
    pub(crate) mail: MailSection,
    pub(crate) worker: WorkerSection,
    pub(crate) observe: ObserveSection,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ProvidersSection {
    pub(crate) serve: Option<Vec<String>>,
    pub(crate) definitions: Option<Vec<PathBuf>>,
    pub(crate) default_country: Option<String>,
    pub(crate) simulated: Option<bool>,
    pub(crate) time_scale: Option<f64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MailSection {
    pub(crate) serve: Option<bool>,
    pub(crate) verifications: Option<usize>,
    pub(crate) name_servers: Option<Vec<SocketAddr>>,
    pub(crate) port: Option<u16>,
    pub(crate) allow: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct WorkerSection {
    pub(crate) workflows: Option<bool>,
    pub(crate) workflow_slots: Option<usize>,
    pub(crate) cached_workflows: Option<usize>,
    pub(crate) calls: Option<usize>,
    pub(crate) grace_s: Option<u64>,
    pub(crate) deployment: Option<String>,
    pub(crate) build_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ObserveSection {
    pub(crate) health: Option<SocketAddr>,
    pub(crate) metrics: Option<SocketAddr>,
    pub(crate) log: Option<Level>,
    pub(crate) log_format: Option<Format>,
}

impl File {
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let name = path.display().to_string();
        let text = read(path).map_err(|why| {
            Failure::Configuration(format!("{name} cannot be read ({why}): see --config"))
        })?;
        Self::parse(&text, &name).map_err(Failure::Configuration)
    }

    /// The settings in a text. Errors name file, line and key, and quote no values.
    fn parse(text: &str, name: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start).min(text.len());
            let before = &text.as_bytes()[..at];
            let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
            let key = text.lines().nth(line - 1).and_then(key);
            let key = key.map(|key| format!("{key}: ")).unwrap_or_default();
            format!("{name}:{line}: {key}{}", without_values(error.message()))
        })
    }
}

fn read(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(FILE_BYTES_MAX as u64 + 1).read_to_string(&mut text))
        .map_err(|error| error.to_string())?;
    match text.len() > FILE_BYTES_MAX {
        true => Err(format!("it has more than {FILE_BYTES_MAX} bytes")),
        false => Ok(text),
    }
}

/// The key of a line, or its section.
fn key(line: &str) -> Option<&str> {
    let key = line.split_once('=').map_or(line, |(key, _)| key).trim();
    let is_key = |char: char| char.is_ascii_alphanumeric() || "_-.[]\"".contains(char);
    (!key.is_empty() && key.chars().all(is_key)).then_some(key)
}

/// What a message says, without the text that it quotes: that may be a secret in the wrong place.
fn without_values(message: &str) -> String {
    match message.split_once("invalid type: ") {
        Some((_, rest)) if rest.contains(", expected ") => {
            let (found, expected) = rest.rsplit_once(", expected ").unwrap_or((rest, ""));
            let kind = found.split(['"', '`']).next().unwrap_or_default().trim();
            format!("this is of the wrong type ({kind}); write {expected}")
        }
        _ => message.lines().next().unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_read() {
        let documented = include_str!("file.rs");
        let example = documented.split("//! ```toml\n").nth(1).expect("an example");
        let example = example.split("//! ```").next().expect("its end");
        let lines: Vec<&str> =
            example.lines().map(|line| line.trim_start_matches("//!").trim_start()).collect();
        let file = File::parse(&lines.join("\n"), "example.toml").expect("it is read");
        assert_eq!(file.queues.as_deref(), Some("genesy"));
        assert_eq!(file.providers.serve.map(|serve| serve.len()), Some(2));
        assert_eq!(file.mail.verifications, Some(200));
        assert_eq!(file.worker.build_id.as_deref(), Some("2026-11-28"));
        assert_eq!(file.observe.log_format, Some(Format::Json));
    }

    #[test]
    fn errors_name_file_line_and_key() {
        for (text, expected) in [
            (
                "\nadress = \"x\"",
                "w.toml:2: adress: unknown field `adress`, expected one of `address`",
            ),
            ("api_key = \"hunter2\"", "w.toml:1: api_key: unknown field `api_key`"),
            ("[worker]\nslots = 1", "w.toml:2: slots: unknown field `slots`"),
            ("[wroker]\n", "w.toml:1: [wroker]: unknown field `wroker`"),
            (
                "[worker]\ngrace_s = \"hunter2\"",
                "w.toml:2: grace_s: this is of the wrong type (string); write u64",
            ),
            ("[observe]\nhealth = \"hunter2\"", "w.toml:2: health: invalid socket address"),
            ("namespace = hunter2", "w.toml:1: namespace: "),
        ] {
            let error = File::parse(text, "w.toml").expect_err(text);
            assert!(error.starts_with(expected), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
