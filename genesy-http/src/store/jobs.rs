//! Jobs: what somebody asked for, and how far it is.

use std::collections::BTreeMap;

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, ToSql, Transaction};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::int;
use crate::clock::Time;
use crate::events::Event;

/// What is done for leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// Their phone is searched.
    Phone,
    /// Their address is verified.
    Email,
}

impl Kind {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::Phone, Self::Email];

    /// As it is stored.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Email => "email",
        }
    }

    /// The condition that a lead has an answer, and is run again only by a refresh.
    pub(crate) const fn answered(self) -> &'static str {
        match self {
            Self::Phone => "coalesce(phone_outcome IN ('found', 'no_data_found'), 0)",
            Self::Email => {
                "coalesce(email_verdict IN ('deliverable', 'undeliverable', 'risky'), 0)"
            }
        }
    }
}

/// How far a job is. Of one that is paused or cancelled, runs may still be under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum JobState {
    /// Its runs are begun, one after another.
    Running,
    /// Nothing more of it is begun.
    Paused,
    /// All of its runs have ended.
    Done,
    /// Somebody ended it.
    Cancelled,
}

impl JobState {
    const ALL: [Self; 4] = [Self::Running, Self::Paused, Self::Done, Self::Cancelled];

    /// As it is stored and sent.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
        }
    }
}

impl ToSql for JobState {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.name().into())
    }
}

impl FromSql for JobState {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let name = value.as_str()?;
        let state = Self::ALL.into_iter().find(|state| state.name() == name);
        state.ok_or(FromSqlError::InvalidType)
    }
}

/// What was decided about a job.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct JobOptions {
    /// Leads that have an answer are run again.
    pub(crate) refresh: bool,
    /// Leads that are run at most.
    pub(crate) max_leads: Option<u64>,
}

/// A job as it is stored, with its counts.
#[derive(Debug, Clone)]
pub(crate) struct JobRow {
    pub(crate) id: i64,
    pub(crate) kind: Kind,
    pub(crate) state: JobState,
    pub(crate) options: JobOptions,
    pub(crate) leads: u64,
    pub(crate) joined: u64,
    pub(crate) answered: u64,
    pub(crate) suppressed: u64,
    pub(crate) lacking: u64,
    pub(crate) filled_to: Option<i64>,
    pub(crate) charged_micros: u64,
    pub(crate) maybe_charged_micros: u64,
    pub(crate) created_at: Time,
    pub(crate) ended_at: Option<Time>,
    /// Runs by their state, or by their outcome if they have ended.
    pub(crate) counts: BTreeMap<String, u64>,
}

const COLUMNS: &str = "id, kind, state, options, leads, joined, answered, suppressed, lacking, filled_to, \
    charged_micros, maybe_charged_micros, created_at, ended_at";

impl JobRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let count =
            |column: usize| Ok::<_, rusqlite::Error>(row.get::<_, i64>(column)?.unsigned_abs());
        let kind =
            if row.get_ref(1)?.as_str()? == Kind::Phone.name() { Kind::Phone } else { Kind::Email };
        Ok(Self {
            id: row.get(0)?,
            kind,
            state: row.get(2)?,
            options: super::stored(row.get_ref(3)?.as_str()?)?,
            leads: count(4)?,
            joined: count(5)?,
            answered: count(6)?,
            suppressed: count(7)?,
            lacking: count(8)?,
            filled_to: row.get(9)?,
            charged_micros: count(10)?,
            maybe_charged_micros: count(11)?,
            created_at: row.get(12)?,
            ended_at: row.get(13)?,
            counts: BTreeMap::new(),
        })
    }

    fn counted(mut self, connection: &Connection) -> rusqlite::Result<Self> {
        let mut select = connection.prepare_cached(
            "SELECT name, runs FROM job_counts WHERE job_id = ?1 AND runs > 0 ORDER BY name",
        )?;
        let mut rows = select.query([self.id])?;
        while let Some(row) = rows.next()? {
            self.counts.insert(row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs());
        }
        Ok(self)
    }

    /// A job, if it is there.
    pub(crate) fn find(connection: &Connection, id: i64) -> rusqlite::Result<Option<Self>> {
        let mut select =
            connection.prepare_cached(&format!("SELECT {COLUMNS} FROM jobs WHERE id = ?1"))?;
        let job = select.query_row([id], Self::read).optional()?;
        job.map(|job| job.counted(connection)).transpose()
    }

    /// The jobs before one, newest first.
    pub(crate) fn list(
        connection: &Connection,
        before: Option<i64>,
        limit: usize,
    ) -> rusqlite::Result<Vec<Self>> {
        let mut select = connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM jobs WHERE id < ?1 ORDER BY id DESC LIMIT ?2"
        ))?;
        let jobs = select.query_map((before.unwrap_or(i64::MAX), limit as i64), Self::read)?;
        let jobs: Vec<Self> = jobs.collect::<Result<_, _>>()?;
        jobs.into_iter().map(|job| job.counted(connection)).collect()
    }

    /// How many runs are in a state, or have an outcome.
    pub(crate) fn count(&self, name: &str) -> u64 {
        self.counts.get(name).copied().unwrap_or(0)
    }

    /// Runs that have not ended.
    pub(crate) fn open(&self) -> u64 {
        self.count("queued") + self.count("running")
    }
}

/// Begins a job, whose leads are collected after that.
pub(crate) fn create(
    transaction: &Transaction<'_>,
    kind: Kind,
    source: &str,
    options: &str,
    at: Time,
) -> rusqlite::Result<i64> {
    let mut insert = transaction.prepare_cached(
        "INSERT INTO jobs (kind, state, selection, options, filled_to, created_at) \
         VALUES (?1, 'running', ?2, ?3, 0, ?4)",
    )?;
    insert.insert((kind.name(), source, options, at))
}

/// Forgets a job that turned out to have nothing to do.
pub(crate) fn forget(transaction: &Transaction<'_>, job: i64) -> rusqlite::Result<()> {
    transaction.execute("DELETE FROM jobs WHERE id = ?1", [job])?;
    Ok(())
}

/// Sets the state of a job, if it is in one of the states that it may come from. Says whether it was.
pub(crate) fn turn(
    transaction: &Transaction<'_>,
    job: i64,
    from: &[JobState],
    to: JobState,
    at: Time,
) -> rusqlite::Result<bool> {
    let state: Option<JobState> = transaction
        .query_row("SELECT state FROM jobs WHERE id = ?1", [job], |row| row.get(0))
        .optional()?;
    if !state.is_some_and(|state| from.contains(&state)) {
        return Ok(false);
    }
    transaction.execute("UPDATE jobs SET state = ?2 WHERE id = ?1", (job, to))?;
    Event::Job { job, state: to }.record(transaction, at)?;
    Ok(true)
}

/// Notes that no more leads are collected for a job.
pub(crate) fn fill_no_more(transaction: &Transaction<'_>, job: i64) -> rusqlite::Result<()> {
    transaction
        .execute("UPDATE jobs SET filled_to = NULL, selection = '{}' WHERE id = ?1", [job])?;
    Ok(())
}

/// The same, and ends the job if nothing of it is left to do.
pub(crate) fn close(transaction: &Transaction<'_>, job: i64, at: Time) -> rusqlite::Result<()> {
    fill_no_more(transaction, job)?;
    end_if_done(transaction, job, at).map(drop)
}

/// Ends a job if nothing of it is left to do. Says whether it did.
pub(crate) fn end_if_done(
    transaction: &Transaction<'_>,
    job: i64,
    at: Time,
) -> rusqlite::Result<bool> {
    let mut update = transaction.prepare_cached(
        "UPDATE jobs SET ended_at = ?2, state = CASE state WHEN 'cancelled' THEN state ELSE 'done' END \
         WHERE id = ?1 AND ended_at IS NULL AND filled_to IS NULL AND NOT EXISTS (SELECT 1 FROM job_counts \
         WHERE job_id = ?1 AND name IN ('queued', 'running') AND runs > 0) RETURNING state",
    )?;
    let state: Option<JobState> = update.query_row((job, at), |row| row.get(0)).optional()?;
    let Some(state) = state else { return Ok(false) };
    Event::Job { job, state }.record(transaction, at)?;
    Ok(true)
}

/// Adds to what a job has cost.
pub(crate) fn charge(
    transaction: &Transaction<'_>,
    job: i64,
    charged_micros: u64,
    maybe_charged_micros: u64,
) -> rusqlite::Result<()> {
    let mut update = transaction.prepare_cached(
        "UPDATE jobs SET charged_micros = charged_micros + ?2, \
         maybe_charged_micros = maybe_charged_micros + ?3 WHERE id = ?1",
    )?;
    update.execute((job, int(charged_micros), int(maybe_charged_micros)))?;
    Ok(())
}

/// The jobs whose leads are still collected, each with where they come from.
pub(crate) fn unfilled(connection: &Connection) -> rusqlite::Result<Vec<(i64, String)>> {
    let mut select = connection
        .prepare("SELECT id, selection FROM jobs WHERE filled_to IS NOT NULL ORDER BY id")?;
    select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// The jobs that have not ended, with their states.
pub(crate) fn open(connection: &Connection) -> rusqlite::Result<Vec<(i64, JobState)>> {
    let mut select =
        connection.prepare("SELECT id, state FROM jobs WHERE ended_at IS NULL ORDER BY id")?;
    select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// The jobs that have not ended and have nothing left to do, as when their leads were deleted.
pub(crate) fn stale(connection: &Connection) -> rusqlite::Result<Vec<i64>> {
    let mut select = connection.prepare_cached(
        "SELECT id FROM jobs WHERE ended_at IS NULL AND filled_to IS NULL AND NOT EXISTS (SELECT 1 \
         FROM job_counts WHERE job_id = jobs.id AND name IN ('queued', 'running') AND runs > 0)",
    )?;
    select.query_map([], |row| row.get(0))?.collect()
}
