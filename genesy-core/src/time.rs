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

    /// As RFC 3339 writes it, in UTC: `2026-03-01T12:00:00.25Z`, in whole seconds `2026-03-01T12:00:00Z`.
    pub const fn rfc_3339(self) -> Rfc3339 {
        Rfc3339(self)
    }
}

/// A [`Timestamp`] as RFC 3339 writes it.
#[derive(Debug, Clone, Copy)]
pub struct Rfc3339(Timestamp);

impl fmt::Display for Rfc3339 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, micros) = (self.0.0 / 1_000_000, self.0.0 % 1_000_000);
        let (days, of_day) = (seconds / 86_400, seconds % 86_400);
        // Hinnant, "chrono-compatible low-level date algorithms": years begin on 1 March.
        let shifted = days + 719_468;
        let (era, of_era) = (shifted / 146_097, shifted % 146_097);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = era * 400 + year_of_era + u64::from(month <= 2);
        let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        if micros > 0 {
            let fraction = format!("{micros:06}");
            write!(f, ".{}", fraction.trim_end_matches('0'))?;
        }
        f.write_str("Z")
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

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (micros, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399_000_000, "2000-02-28T23:59:59Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00Z"),
            (1_772_323_200_250_000, "2026-03-01T00:00:00.25Z"),
            (4_107_542_399_000_001, "2100-02-28T23:59:59.000001Z"),
            (4_107_542_400_000_000, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(Timestamp::from_micros(micros).rfc_3339().to_string(), text);
        }
    }
}
