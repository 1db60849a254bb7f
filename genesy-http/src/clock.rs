//! The time, as it is stored and shown.

use std::time::{SystemTime, UNIX_EPOCH};

use genesy_core::time::Timestamp;
use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlResult, ToSqlOutput, ValueRef};
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

/// A point in time: microseconds since the epoch in the store, RFC 3339 in answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-03-01T12:00:00.25Z")]
pub(crate) struct Time(Timestamp);

impl Time {
    /// Now, by the clock of the machine.
    pub(crate) fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(Timestamp::from_micros(u64::try_from(since.as_micros()).unwrap_or(u64::MAX)))
    }

    /// As the machines take it.
    pub(crate) const fn timestamp(self) -> Timestamp {
        self.0
    }
}

impl From<Timestamp> for Time {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.rfc_3339())
    }
}

impl ToSql for Time {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(i64::try_from(self.0.as_micros()).unwrap_or(i64::MAX).into())
    }
}

impl FromSql for Time {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let micros = u64::try_from(value.as_i64()?).unwrap_or(0);
        Ok(Self(Timestamp::from_micros(micros)))
    }
}
