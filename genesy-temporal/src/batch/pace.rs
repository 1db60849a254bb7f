//! So many starts a second.

use std::time::Duration;

use tokio::time::Instant;

/// What may be caught up with when the timer was late. Timers go by milliseconds.
const LATE_MAX: Duration = Duration::from_millis(10);

/// When the next start is due. The first one is not before its time: the slice before may have started
/// one just now.
#[derive(Debug)]
pub(super) struct Pace {
    interval: Duration,
    due: Instant,
}

impl Pace {
    pub(super) fn new(starts_per_second: u32, now: Instant) -> Self {
        let interval = Duration::from_secs(1) / starts_per_second.max(1);
        Self { interval, due: now + interval }
    }

    pub(super) const fn due(&self) -> Instant {
        self.due
    }

    /// One was started.
    pub(super) fn started(&mut self, now: Instant) {
        let earliest = now.checked_sub(LATE_MAX).unwrap_or(now);
        self.due = self.due.max(earliest) + self.interval;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::Pace;

    #[test]
    fn no_second_has_more_starts_than_it_may() {
        let began = Instant::now();
        let mut pace = Pace::new(100, began);
        let mut starts = Vec::new();
        for round in 0..1000 {
            // The timer is late, by more and less, and once nothing may be started for long.
            let late = Duration::from_millis(if round == 500 { 5000 } else { round % 9 });
            let now = pace.due() + late;
            starts.push(now - began);
            pace.started(now);
        }
        assert!(starts[0] >= Duration::from_millis(10));
        for (first, at) in starts.iter().enumerate() {
            let within =
                starts[first..].iter().take_while(|of| **of < *at + Duration::from_secs(1));
            assert!(within.count() <= 102, "from {at:?} on");
        }
        let without_the_gap = starts[999] - Duration::from_secs(5);
        assert!(without_the_gap < Duration::from_millis(10_100), "{without_the_gap:?}");
    }
}
