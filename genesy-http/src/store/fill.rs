//! Collecting the leads of a job, some at a time, so that nobody else waits for it.

use rusqlite::{Connection, OptionalExtension, Transaction};
use serde::{Deserialize, Serialize};

use super::catalog::Catalog;
use super::hash::Hasher;
use super::int;
use super::jobs::{self, JobOptions, JobState, Kind};
use super::lead_filter::Selection;
use super::suppressions::Suppressions;
use crate::clock::Time;
use crate::events::{EmailEvent, Event, PhoneEvent};

/// Leads that are looked at in one transaction.
pub(crate) const LEADS_AT_ONCE_MAX: u32 = 1_000;
/// Leads of a job up to which each has an event of its own when it is queued or cancelled.
pub(crate) const LEADS_TOLD_MAX: u64 = 1_000;

/// Outcomes that are no answer, so that it may help to try again.
const RETRIED: &str = "('inconclusive', 'failed', 'cancelled', 'unknown')";

/// Where the leads of a job come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Source {
    /// Those of an earlier job that have no answer.
    RetryOf {
        /// The earlier job.
        retry_of: i64,
    },
    /// What somebody selected.
    Selection(Selection),
}

impl Source {
    /// The ids behind one, in rising order.
    pub(crate) fn ids(
        &self,
        connection: &Connection,
        catalog: &Catalog,
        after: i64,
    ) -> rusqlite::Result<Vec<i64>> {
        match self {
            Self::Selection(selection) => selection.ids(catalog, after, LEADS_AT_ONCE_MAX as usize),
            Self::RetryOf { retry_of } => {
                let mut select = connection.prepare_cached(&format!(
                    "SELECT lead_id FROM runs WHERE job_id = ?1 AND state = 'ended' AND lead_id > ?2 \
                     AND outcome IN {RETRIED} ORDER BY lead_id LIMIT ?3"
                ))?;
                let ids =
                    select.query_map((retry_of, after, LEADS_AT_ONCE_MAX), |row| row.get(0))?;
                ids.collect()
            }
        }
    }
}

/// Some leads for a job.
#[derive(Debug)]
pub(crate) struct Chunk {
    pub(crate) job: i64,
    pub(crate) kind: Kind,
    /// In rising order.
    pub(crate) ids: Vec<i64>,
    /// There are no others.
    pub(crate) is_last: bool,
}

/// What came of some leads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Filled {
    /// Runs that were begun.
    pub(crate) queued: u64,
    /// A job that one of them is under way for.
    pub(crate) joined: Option<i64>,
    /// Nothing is to be added any more.
    pub(crate) is_over: bool,
}

/// How a lead stands to a job.
struct Candidate {
    email: Option<String>,
    company_domain: Option<String>,
    /// The job that it is under way for.
    under_way: Option<i64>,
    is_answered: bool,
}

impl Candidate {
    fn find(
        transaction: &Transaction<'_>,
        kind: Kind,
        lead: i64,
    ) -> rusqlite::Result<Option<Self>> {
        let answered = kind.answered();
        let mut select = transaction.prepare_cached(&format!(
            "SELECT email, company_domain, CASE WHEN runs.state IN ('queued', 'running') THEN runs.job_id END, \
             {answered} FROM leads \
             LEFT JOIN runs ON runs.lead_id = leads.id AND runs.kind = ?2 WHERE leads.id = ?1"
        ))?;
        let candidate = select.query_row((lead, kind.name()), |row| {
            Ok(Self {
                email: row.get(0)?,
                company_domain: row.get(1)?,
                under_way: row.get(2)?,
                is_answered: row.get(3)?,
            })
        });
        candidate.optional()
    }
}

/// Takes some leads into a job.
pub(crate) fn fill(
    transaction: &Transaction<'_>,
    hasher: &Hasher,
    chunk: &Chunk,
    at: Time,
) -> rusqlite::Result<Filled> {
    let Some(job) = jobs::JobRow::find(transaction, chunk.job)? else {
        return Ok(Filled { is_over: true, ..Filled::default() });
    };
    // What was looked at already is not looked at again, as after a restart.
    let (Some(filled_to), JobState::Running | JobState::Paused) = (job.filled_to, job.state) else {
        return Ok(Filled { is_over: true, ..Filled::default() });
    };
    let JobOptions { refresh, max_leads } = job.options;
    let max_leads = max_leads.unwrap_or(u64::MAX);
    let suppressions = Suppressions::new(transaction, hasher)?;
    let (mut filled, mut joined, mut answered, mut suppressed, mut lacking) =
        (Filled::default(), 0_u64, 0_u64, 0_u64, 0_u64);
    for &lead in chunk.ids.iter().filter(|lead| **lead > filled_to) {
        if job.leads + filled.queued >= max_leads {
            filled.is_over = true;
            break;
        }
        let Some(candidate) = Candidate::find(transaction, chunk.kind, lead)? else { continue };
        let (email, domain) = (candidate.email.as_deref(), candidate.company_domain.as_deref());
        if let Some(other) = candidate.under_way {
            filled.joined = Some(other);
            joined += 1;
        } else if suppressions.covers(email, domain)? {
            suppressed += 1;
        } else if chunk.kind == Kind::Email && email.is_none() {
            lacking += 1;
        } else if candidate.is_answered && !refresh {
            answered += 1;
        } else {
            queue(transaction, chunk, lead)?;
            if job.leads + filled.queued < LEADS_TOLD_MAX {
                queued(chunk.kind, lead, chunk.job).record(transaction, at)?;
            }
            filled.queued += 1;
        }
    }
    filled.is_over |= chunk.is_last;
    let filled_to = chunk.ids.last().copied().unwrap_or(filled_to);
    let mut update = transaction.prepare_cached(
        "UPDATE jobs SET leads = leads + ?2, joined = joined + ?3, answered = answered + ?4, \
         suppressed = suppressed + ?5, lacking = lacking + ?6, filled_to = ?7, \
         selection = CASE WHEN ?7 IS NULL THEN '{}' ELSE selection END WHERE id = ?1",
    )?;
    let filled_to = (!filled.is_over).then_some(filled_to);
    update.execute((
        chunk.job,
        int(filled.queued),
        int(joined),
        int(answered),
        int(suppressed),
        int(lacking),
        filled_to,
    ))?;
    if filled.queued > 0 {
        Event::Job { job: chunk.job, state: job.state }.record(transaction, at)?;
    }
    if filled.is_over && job.leads + filled.queued > 0 {
        jobs::end_if_done(transaction, chunk.job, at)?;
    }
    Ok(filled)
}

fn queue(transaction: &Transaction<'_>, chunk: &Chunk, lead: i64) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare_cached(
        "INSERT INTO runs (lead_id, kind, job_id, state) VALUES (?1, ?2, ?3, 'queued') \
         ON CONFLICT (lead_id, kind) DO UPDATE SET job_id = excluded.job_id, state = 'queued', \
         is_cancelled = 0, outcome = NULL, snapshot = NULL, result = NULL, charged_micros = 0, maybe_charged_micros = 0, \
         started_at = NULL, ended_at = NULL",
    )?;
    insert.execute((lead, chunk.kind.name(), chunk.job))?;
    super::runs::show_state(transaction, chunk.kind, lead, "queued")
}

fn queued(kind: Kind, lead: i64, job: i64) -> Event {
    match kind {
        Kind::Phone => Event::Phone { lead, job, what: PhoneEvent::Queued },
        Kind::Email => Event::Email { lead, job, what: EmailEvent::Queued },
    }
}
