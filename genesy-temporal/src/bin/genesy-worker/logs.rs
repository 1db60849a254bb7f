//! Logs, to standard error. Leads are named by their ids alone: no name, address or phone is logged.

use std::io::IsTerminal as _;

use clap::ValueEnum;
use genesy_temporal::QUOTES_PAYLOADS;
use serde::Deserialize;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

/// The least important that is logged of this program.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Level {
    Off,
    Error,
    Warn,
    #[default]
    Info,
    Debug,
}

impl Level {
    const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
        }
    }
}

/// How a line looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// An object of JSON each.
    Json,
}

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Logs {
    pub(crate) level: Level,
    pub(crate) format: Format,
}

/// This program's crates, whose lines are known to hold nothing personal.
const OWN: [&str; 4] = ["genesy_core", "genesy_providers", "genesy_temporal", "genesy_worker"];

pub(crate) fn start(logs: &Logs) {
    let level = logs.level.name();
    // Of all others only errors, and none of the SDK's that quote histories.
    let others = if logs.level == Level::Off { "off" } else { "error" };
    let own = OWN.iter().map(|name| format!(",{name}={level}"));
    let own: String = own.collect();
    let filter = EnvFilter::new(format!("{others},{QUOTES_PAYLOADS}=off{own}"));
    let lines = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match logs.format {
        Format::Text => lines.with_ansi(std::io::stderr().is_terminal()).init(),
        Format::Json => lines.json().flatten_event(true).with_current_span(false).init(),
    }
}
