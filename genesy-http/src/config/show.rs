//! The settings as they are printed.

use std::fmt;

use super::{LogFormat, Settings};

/// One setting a line, as the file would have it. Of a secret only whether it is set is shown.
impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            listen,
            data,
            token,
            allowed_hosts,
            limits,
            retention,
            engine,
            phone,
            email,
            log,
        } = self;
        writeln!(f, "listen = \"{listen}\"")?;
        if let Some(data) = data {
            writeln!(f, "data = {:?}", data.display().to_string())?;
        }
        match token {
            Some(_) => writeln!(f, "token = \"(set, not shown)\"")?,
            None => writeln!(f, "# token: not set")?,
        }
        writeln!(f, "allowed_hosts = {allowed_hosts:?}")?;
        writeln!(f, "limits.upload_bytes_max = {}", limits.upload_bytes_max)?;
        writeln!(f, "limits.upload_idle_s = {}", limits.upload_idle_s)?;
        writeln!(f, "limits.requests_per_s = {}", limits.requests_per_s)?;
        writeln!(f, "limits.requests_burst = {}", limits.requests_burst)?;
        writeln!(f, "limits.connections_max = {}", limits.connections_max)?;
        writeln!(f, "retention.events_days = {}", retention.events_days)?;
        writeln!(f, "retention.runs_days = {}", retention.runs_days)?;
        writeln!(f, "retention.uploads_hours = {}", retention.uploads_hours)?;
        writeln!(f, "engine.phone_leads_max = {}", engine.phone_leads_max)?;
        writeln!(f, "engine.email_leads_max = {}", engine.email_leads_max)?;
        if let Some(temporal) = &engine.temporal {
            writeln!(f, "engine.temporal.address = {:?}", temporal.address)?;
            writeln!(f, "engine.temporal.namespace = {:?}", temporal.namespace)?;
            writeln!(f, "engine.temporal.queues = {:?}", temporal.queues)?;
            for (key, value) in
                [("api_key", &temporal.api_key), ("codec_keys", &temporal.codec_keys)]
            {
                match value {
                    Some(_) => writeln!(f, "engine.temporal.{key} = \"(set, not shown)\"")?,
                    None => writeln!(f, "# engine.temporal.{key}: not set")?,
                }
            }
            let tls = &temporal.tls;
            for (key, path) in [
                ("server_ca", &tls.server_ca),
                ("certificate", &tls.certificate),
                ("key", &tls.key),
            ] {
                if let Some(path) = path {
                    writeln!(f, "engine.temporal.tls.{key} = {path:?}")?;
                }
            }
            if let Some(domain) = &tls.domain {
                writeln!(f, "engine.temporal.tls.domain = {domain:?}")?;
            }
        }
        writeln!(f, "phone.providers = {:?}", phone.providers)?;
        writeln!(f, "phone.definitions = {:?}", phone.definitions)?;
        if let Some(country) = &phone.default_country {
            writeln!(f, "phone.default_country = {country:?}")?;
        }
        if let Some(helo) = &email.helo {
            writeln!(f, "email.helo = {helo:?}")?;
        }
        writeln!(f, "email.mail_from = {:?}", email.mail_from)?;
        writeln!(f, "log.filter = {:?}", log.filter)?;
        let format = match log.format {
            LogFormat::Text => "text",
            LogFormat::Json => "json",
        };
        writeln!(f, "log.format = \"{format}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::super::{EngineSettings, TemporalSettings, TemporalTlsSettings};
    use super::*;

    #[test]
    fn what_is_shown_can_be_read_again_and_shows_no_secret() {
        let tls = TemporalTlsSettings { key: Some("key.pem".into()), ..Default::default() };
        let temporal = TemporalSettings {
            codec_keys: Some("a:abcdef".to_owned().into()),
            tls,
            ..TemporalSettings::default()
        };
        let settings = Settings {
            token: Some("0123456789abcdef".to_owned().into()),
            data: Some("some \"folder\"".into()),
            engine: EngineSettings { temporal: Some(temporal), ..EngineSettings::default() },
            ..Settings::default()
        };
        let shown = settings.to_string();
        assert!(!shown.contains("0123456789abcdef") && !format!("{settings:?}").contains("abcdef"));
        let again: Settings = toml::from_str(&shown).expect("it is TOML");
        assert_eq!(again.to_string(), shown);
    }
}
