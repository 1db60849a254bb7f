//! Time as the SDK has it, and as the machines take it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use genesy_core::time::Timestamp;

pub(crate) fn timestamp(at: SystemTime) -> Timestamp {
    let since_epoch = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(micros(since_epoch))
}

/// The time of this machine.
pub(crate) fn now() -> Timestamp {
    timestamp(SystemTime::now())
}

pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
