//! What the server tells of itself: logs and metrics, without personal data.

mod logs;

pub use self::logs::{LogError, log_to_stderr};
