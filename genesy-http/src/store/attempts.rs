//! The ledger: one row a call of a provider.

use rusqlite::{Connection, Row, Transaction};

use super::int;
use crate::clock::Time;

/// A call of a provider that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AttemptRow {
    /// The step of the plan, counted from 0.
    pub(crate) step: u8,
    /// Which attempt of the step, counted from 1.
    pub(crate) attempt: u8,
    pub(crate) provider: String,
    pub(crate) at: Time,
    pub(crate) took_us: u64,
    /// The name of the result.
    pub(crate) result: String,
    /// What happened, in words.
    pub(crate) why: String,
    /// The name of the charge: `charged`, `free` or `maybe_charged`.
    pub(crate) charge: String,
    pub(crate) cost_micros: u64,
}

const COLUMNS: &str = "step, attempt, provider, at, took_us, result, why, charge, cost_micros";

impl AttemptRow {
    /// Reads a row of the columns above.
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            step: row.get(0)?,
            attempt: row.get(1)?,
            provider: row.get(2)?,
            at: row.get(3)?,
            took_us: row.get::<_, i64>(4)?.unsigned_abs(),
            result: row.get(5)?,
            why: row.get(6)?,
            charge: row.get(7)?,
            cost_micros: row.get::<_, i64>(8)?.unsigned_abs(),
        })
    }

    /// Stores it, and says whether it is new: a call is never counted twice.
    pub(crate) fn record(
        &self,
        transaction: &Transaction<'_>,
        lead: i64,
        job: i64,
    ) -> rusqlite::Result<bool> {
        let mut insert = transaction.prepare_cached(
            "INSERT INTO attempts (lead_id, job_id, step, attempt, provider, at, took_us, result, why, \
             charge, cost_micros) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) \
             ON CONFLICT (lead_id, at, step, attempt) DO NOTHING",
        )?;
        let stored = insert.execute(rusqlite::params![
            lead,
            job,
            self.step,
            self.attempt,
            self.provider,
            self.at,
            int(self.took_us),
            self.result,
            self.why,
            self.charge,
            int(self.cost_micros),
        ])?;
        Ok(stored > 0)
    }
}

/// The calls of a lead's run, in order.
pub(crate) fn of_run(
    connection: &Connection,
    lead: i64,
    job: i64,
) -> rusqlite::Result<Vec<AttemptRow>> {
    let mut rows = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM attempts WHERE lead_id = ?1 AND job_id = ?2 ORDER BY id"
    ))?;
    rows.query_map((lead, job), AttemptRow::read)?.collect()
}

/// The last row of the ledger; 0 if there is none.
pub(crate) fn last(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT coalesce(max(id), 0) FROM attempts", [], |row| row.get(0))
}

/// Gives the calls behind a row and up to another one, oldest first, no more than so many; gives the last row
/// that was given.
pub(crate) fn each(
    connection: &Connection,
    (after, up_to): (i64, i64),
    limit: u32,
    mut take: impl FnMut(AttemptRow),
) -> rusqlite::Result<Option<i64>> {
    let mut rows = connection.prepare_cached(&format!(
        "SELECT {COLUMNS}, id FROM attempts WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT ?3"
    ))?;
    let mut rows = rows.query((after, up_to, limit))?;
    let mut last = None;
    while let Some(row) = rows.next()? {
        take(AttemptRow::read(row)?);
        last = Some(row.get(9)?);
    }
    Ok(last)
}
