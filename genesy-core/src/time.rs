//! Points in time, as arguments.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A point in time: microseconds since the Unix epoch, 1970-01-01T00:00:00Z, without leap seconds.
///
/// It can be stored, and compared on another machine. The caller's clock may step back: to the
/// machines that is the same as no time going by.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The point `micros` microseconds behind the epoch.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch.
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// The point `millis` milliseconds later; the last one there is if that is behind it.
    #[must_use]
    pub const fn plus_ms(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis.saturating_mul(1000)))
    }

    /// The point `micros` microseconds later; the last one there is if that is behind it.
    #[must_use]
    pub const fn plus_us(self, micros: u64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// Microseconds from `earlier` to here; zero if that is later.
    pub const fn micros_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for Timestamp {
    /// Seconds since the epoch, with six decimals.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn time_does_not_run_over_its_ends() {
        let last = Timestamp::from_micros(u64::MAX);
        assert_eq!(last.plus_ms(1), last);
        assert_eq!(Timestamp::default().micros_since(last), 0);
        assert_eq!(Timestamp::from_micros(5).plus_ms(2).to_string(), "0.002005");
    }
}
