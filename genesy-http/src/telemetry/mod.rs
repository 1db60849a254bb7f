//! What the server tells of itself: logs and metrics, without personal data.

mod logs;
mod metrics;

pub(crate) use self::logs::log_panics;
pub use self::logs::{LogError, log_to_stderr};
pub(crate) use self::metrics::{Counter, Gauge, Metrics, Text, Timer};
