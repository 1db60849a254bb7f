//! The time of a driver.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use genesy_core::time::Timestamp;
use tokio::time::Instant;

/// Time since the epoch that never steps: the wall clock is asked once, and a monotonic one after that.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    started: Timestamp,
    since: Instant,
}

impl Clock {
    pub(crate) fn new() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { started: Timestamp::from_micros(micros(since_epoch)), since: Instant::now() }
    }

    /// A clock that is set to `now`.
    #[cfg(feature = "mail")]
    pub(crate) fn at(now: Timestamp) -> Self {
        Self { started: now, since: Instant::now() }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.timestamp(Instant::now())
    }

    pub(crate) fn timestamp(&self, at: Instant) -> Timestamp {
        self.started.plus_us(micros(at - self.since))
    }

    /// The point in time as timers take it.
    pub(crate) fn instant(&self, at: Timestamp) -> Instant {
        self.since + Duration::from_micros(at.micros_since(self.started))
    }
}

pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
