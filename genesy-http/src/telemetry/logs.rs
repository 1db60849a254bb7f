//! Log lines.

use std::io;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;

use crate::config::{LogFormat, LogSettings};

/// Why nothing is logged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// The filter is none.
    #[error("log.filter is no filter: try `info`")]
    Filter(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Something else logs already.
    #[error("something else logs already")]
    Taken(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// From now on a panic is logged by its place alone: its message may quote a value.
pub(crate) fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panicked");
    }));
}

/// Logs to the standard error stream from now on.
///
/// # Errors
///
/// When the filter is none, or something else logs already.
pub(crate) fn log_to_stderr(settings: &LogSettings) -> Result<(), LogError> {
    let filter = filter(settings).map_err(|error| LogError::Filter(error.into()))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let lines = lines.with_ansi(io::IsTerminal::is_terminal(&io::stderr()));
    match settings.format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().try_init(),
    }
    .map_err(LogError::Taken)
}

fn filter(settings: &LogSettings) -> Result<EnvFilter, ParseError> {
    let filter = EnvFilter::builder().parse(&settings.filter)?;
    #[cfg(feature = "temporal")]
    let filter = filter.add_directive(format!("{}=off", genesy_temporal::QUOTES_PAYLOADS).parse()?);
    Ok(filter)
}

#[cfg(all(test, feature = "temporal"))]
mod tests {
    use super::*;

    #[test]
    fn histories_are_not_quoted_whatever_is_asked_for() {
        for asked in ["debug", "debug,temporalio_sdk_core::worker::workflow=trace"] {
            let settings = LogSettings { filter: asked.to_owned(), ..LogSettings::default() };
            let filter = filter(&settings).expect("a filter").to_string();
            assert!(filter.contains("temporalio_sdk_core::worker::workflow=off"), "{filter}");
            assert!(!filter.contains("workflow=trace"), "{filter}");
        }
    }
}
