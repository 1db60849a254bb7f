//! What can be said where the server is started.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use genesy_http::config::{ConfigError, Secret, Settings};

/// The flags of `serve`. What they do not say the environment does, then the file, then the defaults. A text that is
/// empty says nothing.
#[derive(Debug, Args)]
pub(crate) struct Flags {
    /// Simulate the providers and mail servers: nothing leaves this machine
    #[arg(long)]
    pub(crate) demo: bool,
    /// Where to listen [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR:PORT", env = "GENESY_LISTEN")]
    listen: Option<SocketAddr>,
    /// The folder of the store [default: genesy-data; with --demo a temporary one, removed at the end]
    #[arg(long, value_name = "DIR", env = "GENESY_DATA")]
    data: Option<PathBuf>,
    /// A file of settings
    #[arg(long, value_name = "FILE", env = "GENESY_CONFIG")]
    config: Option<PathBuf>,
    /// What clients have to send as `Authorization: Bearer …`; better in GENESY_TOKEN, where nobody sees it
    #[arg(long, env = "GENESY_TOKEN", hide_env_values = true)]
    token: Option<Secret>,
    /// A name that clients may know the server by; several with commas between
    #[arg(long, value_name = "NAME", env = "GENESY_ALLOWED_HOSTS", value_delimiter = ',')]
    allowed_host: Vec<String>,
    /// The Temporal cluster that does the work, as http://127.0.0.1:7233 [default: this process does it]
    #[arg(long, value_name = "URL", env = "GENESY_TEMPORAL_ADDRESS")]
    temporal: Option<String>,
    /// Tells a hosted Temporal cluster who this is
    #[arg(long, env = "GENESY_TEMPORAL_API_KEY", hide_env_values = true)]
    temporal_api_key: Option<Secret>,
    /// Encrypts what a Temporal cluster stores: a key a line, as `id:base64 of 32 bytes`
    #[arg(long, env = "GENESY_CODEC_KEYS", hide_env_values = true)]
    codec_keys: Option<Secret>,
    /// The file that holds those keys, where they are not given themselves
    #[arg(long, value_name = "FILE", env = "GENESY_CODEC_KEYS_FILE")]
    codec_keys_file: Option<PathBuf>,
    /// What is logged, as `info` or `genesy_http=debug`
    #[arg(long, value_name = "FILTER", env = "GENESY_LOG")]
    log: Option<String>,
}

impl Flags {
    /// The settings, with what the file says.
    pub(crate) fn settings(&self) -> Result<Settings, ConfigError> {
        let mut settings = match &self.config {
            Some(file) => Settings::read(file)?,
            None => Settings::default(),
        };
        settings.listen = self.listen.unwrap_or(settings.listen);
        if let Some(data) = &self.data {
            settings.data = Some(data.clone());
        }
        if let Some(token) = said(&self.token) {
            settings.token = Some(token);
        }
        let hosts = self.allowed_host.iter().map(|host| host.trim().to_owned());
        let mut hosts: Vec<String> = hosts.collect();
        hosts.retain(|host| !host.is_empty());
        if !hosts.is_empty() {
            settings.allowed_hosts = hosts;
        }
        if let Some(address) = self.temporal.as_ref().filter(|address| !address.is_empty()) {
            settings.engine.temporal.get_or_insert_default().address.clone_from(address);
        }
        if let Some(temporal) = &mut settings.engine.temporal {
            temporal.api_key = said(&self.temporal_api_key).or(temporal.api_key.take());
            let codec_keys = self.codec_keys()?;
            temporal.codec_keys = codec_keys.or(temporal.codec_keys.take());
        }
        if let Some(log) = self.log.as_ref().filter(|log| !log.is_empty()) {
            settings.log.filter.clone_from(log);
        }
        Ok(settings)
    }

    fn codec_keys(&self) -> Result<Option<Secret>, ConfigError> {
        match (said(&self.codec_keys), &self.codec_keys_file) {
            (None, Some(file)) => Secret::read(file).map(Some),
            (keys, _) => Ok(keys),
        }
    }
}

fn said(secret: &Option<Secret>) -> Option<Secret> {
    secret.clone().filter(|secret| !secret.is_empty())
}
