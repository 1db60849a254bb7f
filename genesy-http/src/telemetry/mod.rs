//! What the server tells of itself: logs and metrics, without personal data.

mod logs;
mod metrics;

pub use self::logs::LogError;
pub(crate) use self::logs::{log_panics, log_to_stderr};
pub(crate) use self::metrics::{Counter, Gauge, Metrics, Text, Timer};
