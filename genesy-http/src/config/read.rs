//! Reading the file, and what does not go together.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::{fs, io};

use axum::http::uri::Authority;

use super::Settings;

/// Bytes of a token at least, since it can be tried from afar.
const TOKEN_BYTES_MIN: usize = 16;

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A file of settings, or of a secret, cannot be read.
    #[error("{}: it cannot be read", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The file says what there is not.
    #[error("{}, line {line}: {what}", file.display())]
    Wrong {
        /// The file.
        file: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
    /// Everybody could reach the server.
    #[error(
        "{listen} can be reached from other machines, so a token is required: set GENESY_TOKEN, or listen \
         on 127.0.0.1"
    )]
    TokenMissing {
        /// Where it was to listen.
        listen: SocketAddr,
    },
    /// The token can be guessed, or sent by no header.
    #[error(
        "the token has to be of at least {TOKEN_BYTES_MIN} visible characters of ASCII: try `openssl rand -hex 32`"
    )]
    TokenWeak,
    /// No request can ask for a host that is written so.
    #[error(
        "allowed_hosts: `{name}` is no name of a host: give the name alone, as leads.example, without a port"
    )]
    Host {
        /// What stands there.
        name: String,
    },
    /// The program cannot do that.
    #[error(
        "engine.temporal: this program was built without Temporal: build it with `--features temporal`, or \
         leave the setting out"
    )]
    NoTemporal,
    /// A number is out of range.
    #[error("{key} is {value}, and has to be from {least} to {most}")]
    Range {
        /// Its key.
        key: &'static str,
        /// What it is.
        value: u64,
        /// The least that it can be.
        least: u64,
        /// The most that it can be.
        most: u64,
    },
}

impl Settings {
    /// The settings that a file of TOML has; the defaults for those that it does not.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or has a key or value that there is not.
    pub fn read(file: impl AsRef<Path>) -> Result<Self, ConfigError> {
        let file = file.as_ref();
        let text = fs::read_to_string(file)
            .map_err(|source| ConfigError::Unreadable { file: file.to_owned(), source })?;
        Self::parse(&text, file)
    }

    fn parse(text: &str, file: &Path) -> Result<Self, ConfigError> {
        toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start).min(text.len());
            // The library's own text shows the line, and that may hold a secret.
            let line = text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
            let what = without_text(error.message());
            ConfigError::Wrong { file: file.to_owned(), line, what }
        })
    }

    /// Whether the settings go together.
    ///
    /// # Errors
    ///
    /// When they do not.
    pub fn check(&self) -> Result<(), ConfigError> {
        match &self.token {
            Some(token) => {
                let token = token.reveal();
                let is_visible = token.bytes().all(|byte| byte.is_ascii_graphic());
                if token.len() < TOKEN_BYTES_MIN || !is_visible {
                    return Err(ConfigError::TokenWeak);
                }
            }
            None if !self.listen.ip().is_loopback() => {
                return Err(ConfigError::TokenMissing { listen: self.listen });
            }
            None => {}
        }
        let is_host = |name: &&String| {
            name.parse::<Authority>().is_ok_and(|parsed| parsed.host() == name.as_str())
        };
        if let Some(name) = self.allowed_hosts.iter().find(|name| !is_host(name)) {
            return Err(ConfigError::Host { name: name.clone() });
        }
        if self.engine.temporal.is_some() && cfg!(not(feature = "temporal")) {
            return Err(ConfigError::NoTemporal);
        }
        self.check_ranges()
    }

    /// Numbers beyond these overflow what is counted with them, or make no sense.
    fn check_ranges(&self) -> Result<(), ConfigError> {
        let (limits, kept, engine) = (&self.limits, &self.retention, &self.engine);
        let size = |number: usize| number.try_into().unwrap_or(u64::MAX);
        for (key, value, least, most) in [
            ("limits.upload_bytes_max", limits.upload_bytes_max, 1, 1 << 50),
            ("limits.upload_idle_s", limits.upload_idle_s, 1, 86_400),
            ("limits.requests_per_s", limits.requests_per_s.into(), 1, 1_000_000),
            ("limits.requests_burst", limits.requests_burst.into(), 1, 1_000_000),
            ("limits.connections_max", size(limits.connections_max), 1, 1_000_000),
            ("retention.events_days", kept.events_days.into(), 1, 36_500),
            ("retention.runs_days", kept.runs_days.into(), 1, 36_500),
            ("retention.uploads_hours", kept.uploads_hours.into(), 1, 876_000),
            ("engine.phone_leads_max", size(engine.phone_leads_max), 1, 100_000),
            ("engine.email_leads_max", size(engine.email_leads_max), 1, 100_000),
        ] {
            if !(least..=most).contains(&value) {
                return Err(ConfigError::Range { key, value, least, most });
            }
        }
        Ok(())
    }
}

/// The message without a text that it quotes as a value, which may be a secret in the wrong place.
fn without_text(message: &str) -> String {
    let Some((before, rest)) = message.split_once("string \"") else { return message.to_owned() };
    match rest.rsplit_once('"') {
        Some((_, after)) => format!("{before}text{after}"),
        None => format!("{before}text"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Settings::parse(text, Path::new("a.toml")).expect_err("a wrong file").to_string()
    }

    #[test]
    fn what_is_wrong_is_named_by_its_line() {
        let wrong = error("listen = \"127.0.0.1:1\"\n[limits]\n\nupload_bytes = 5\n");
        assert!(wrong.starts_with("a.toml, line 4: unknown field `upload_bytes`"), "{wrong}");
        assert!(error("\nlisten = \"nowhere\"\n").starts_with("a.toml, line 2: "));
        assert!(error("[limits\n").starts_with("a.toml, line 1: "));
        let secret = error("[limits]\nconnections_max = \"hunter2\"\n");
        assert!(secret.starts_with("a.toml, line 2: ") && !secret.contains("hunter2"), "{secret}");
        assert!(!error("\ntoken = [\"hunter2\"]\n").contains("hunter2"));
    }

    #[test]
    fn settings_that_do_not_go_together_are_refused() {
        let checked = |text: &str| {
            Settings::parse(text, Path::new("a.toml")).expect("it can be read").check()
        };
        assert!(checked("").is_ok() && checked("listen = '[::1]:80'").is_ok());
        let open = checked("listen = '0.0.0.0:80'").expect_err("open").to_string();
        assert!(open.contains("GENESY_TOKEN"), "{open}");
        assert!(checked("listen = '0.0.0.0:80'\ntoken = '0123456789abcdef'").is_ok());
        assert!(matches!(checked("token = 'short'"), Err(ConfigError::TokenWeak)));
        assert!(matches!(
            checked("token = 'with spaces in it, long'"),
            Err(ConfigError::TokenWeak)
        ));
        assert!(checked("allowed_hosts = ['Leads.example', '10.0.0.7', '[::1]']").is_ok());
        for name in ["leads.example:443", "https://leads.example", "me@leads.example", "::1", ""] {
            let wrong = checked(&format!("allowed_hosts = ['leads.example', '{name}']"));
            let wrong = wrong.expect_err("no host").to_string();
            assert!(wrong.contains(&format!("`{name}`")) && wrong.contains("port"), "{wrong}");
        }
        for (text, said) in [
            (
                "[limits]\nrequests_per_s = 0",
                "limits.requests_per_s is 0, and has to be from 1 to 1000000",
            ),
            (
                "[limits]\nupload_idle_s = 9000000000000000000",
                "limits.upload_idle_s is 9000000000000000000,",
            ),
            ("[limits]\nconnections_max = 9000000000000000000", "to 1000000"),
            ("[retention]\nevents_days = 4000000000", "to 36500"),
        ] {
            let wrong = checked(text).expect_err("out of range").to_string();
            assert!(wrong.contains(said), "{wrong}");
        }
    }
}
