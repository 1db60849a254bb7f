//! Runs: what is done for a lead, from when it is queued to its end.

use std::fmt;

use genesy_core::pii::Pii;
use genesy_core::waterfall::{LeadFacts, LeadField, LeadInputs};
use rusqlite::{Connection, OptionalExtension, Transaction};

use super::fill::LEADS_TOLD_MAX;
use super::jobs::{self, JobOptions, JobRow, Kind};
use super::leads;
use super::suppressions::Suppressions;
use crate::clock::Time;
use crate::events::{EmailEvent, Event, PhoneEvent};

/// Jobs that are looked at for what is next.
const JOBS_AT_ONCE_MAX: u32 = 64;
/// Runs that are ended in one transaction when their job is cancelled.
const CANCELLED_AT_ONCE_MAX: u32 = 1_000;

/// The last run of a lead.
#[derive(Debug, Clone)]
pub(crate) struct RunRow {
    pub(crate) job: i64,
    pub(crate) state: String,
    pub(crate) outcome: Option<String>,
    /// How far it is, as JSON.
    pub(crate) result: Option<Pii<String>>,
    pub(crate) charged_micros: u64,
    pub(crate) maybe_charged_micros: u64,
    pub(crate) started_at: Option<Time>,
    pub(crate) ended_at: Option<Time>,
}

impl RunRow {
    /// The last run of a lead, if there was one.
    pub(crate) fn find(
        connection: &Connection,
        kind: Kind,
        lead: i64,
    ) -> rusqlite::Result<Option<Self>> {
        let mut select = connection.prepare_cached(
            "SELECT job_id, state, outcome, result, charged_micros, maybe_charged_micros, started_at, \
             ended_at FROM runs WHERE lead_id = ?1 AND kind = ?2",
        )?;
        let run = select.query_row((lead, kind.name()), |row| {
            Ok(Self {
                job: row.get(0)?,
                state: row.get(1)?,
                outcome: row.get(2)?,
                result: row.get::<_, Option<String>>(3)?.map(Pii::new),
                charged_micros: row.get::<_, i64>(4)?.unsigned_abs(),
                maybe_charged_micros: row.get::<_, i64>(5)?.unsigned_abs(),
                started_at: row.get(6)?,
                ended_at: row.get(7)?,
            })
        });
        run.optional()
    }
}

/// A run that is to be begun.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Pick {
    pub(crate) lead: i64,
    pub(crate) job: i64,
    /// Its job was cancelled while it was under way: it has to be ended.
    pub(crate) is_cancelled: bool,
}

/// A run that was taken, with all that it takes.
pub(crate) struct Claimed {
    pub(crate) pick: Pick,
    pub(crate) inputs: LeadInputs,
    pub(crate) facts: LeadFacts,
    pub(crate) options: JobOptions,
    /// What the engine wanted to have back.
    pub(crate) journal: Option<Pii<Vec<u8>>>,
}

impl fmt::Debug for Claimed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claimed").field("pick", &self.pick).finish_non_exhaustive()
    }
}

/// What is next, no more than so many: jobs in their order, one run of each in turn, so that a small job does
/// not wait for a large one.
pub(crate) fn next(connection: &Connection, kind: Kind, limit: u32) -> rusqlite::Result<Vec<Pick>> {
    let mut select = connection.prepare_cached(
        "SELECT jobs.id, jobs.state = 'cancelled' FROM job_counts JOIN jobs ON jobs.id = job_counts.job_id \
         WHERE job_counts.name IN ('queued', 'running') AND job_counts.runs > 0 \
         AND job_counts.name = 'queued' AND jobs.kind = ?1 AND jobs.state IN ('running', 'cancelled') \
         ORDER BY jobs.id LIMIT ?2",
    )?;
    let jobs =
        select.query_map((kind.name(), JOBS_AT_ONCE_MAX), |row| Ok((row.get(0)?, row.get(1)?)))?;
    let jobs: Vec<(i64, bool)> = jobs.collect::<Result<_, _>>()?;
    let mut queues = Vec::with_capacity(jobs.len());
    for (job, is_cancelled) in jobs {
        let mut select = connection.prepare_cached(
            "SELECT lead_id FROM runs WHERE job_id = ?1 AND state = 'queued' \
             AND (NOT ?2 OR snapshot IS NOT NULL) ORDER BY lead_id LIMIT ?3",
        )?;
        let leads = select.query_map((job, is_cancelled, limit), |row| row.get(0))?;
        let picks = leads.map(|lead| Ok(Pick { lead: lead?, job, is_cancelled }));
        queues.push(picks.collect::<rusqlite::Result<Vec<_>>>()?.into_iter());
    }
    let mut picks = Vec::new();
    while picks.len() < limit as usize {
        let before = picks.len();
        picks.extend(queues.iter_mut().filter_map(Iterator::next));
        if picks.len() == before {
            break;
        }
    }
    picks.truncate(limit as usize);
    Ok(picks)
}

/// Takes a run that is queued, unless it or its job is not any more. One that must not be enriched is ended.
pub(crate) fn claim(
    transaction: &Transaction<'_>,
    kind: Kind,
    pick: Pick,
    suppressions: &Suppressions<'_>,
    at: Time,
) -> rusqlite::Result<Option<Claimed>> {
    let mut update = transaction.prepare_cached(
        "UPDATE runs SET state = 'running', started_at = coalesce(started_at, ?4) \
         WHERE lead_id = ?1 AND kind = ?2 AND job_id = ?3 AND state = 'queued' \
         AND (SELECT state FROM jobs WHERE id = ?3) = ?5 RETURNING snapshot",
    )?;
    let state = if pick.is_cancelled { "cancelled" } else { "running" };
    let taken = update.query_row((pick.lead, kind.name(), pick.job, at, state), |row| {
        Ok(row.get::<_, Option<Vec<u8>>>(0)?.map(Pii::new))
    });
    let Some(journal) = taken.optional()? else { return Ok(None) };
    let Some((inputs, facts)) = leads::lead_inputs(transaction, pick.lead)? else {
        return Ok(None);
    };
    let (email, domain) = (inputs.get(LeadField::Email), inputs.get(LeadField::CompanyWebsite));
    if suppressions.covers(email, domain)? {
        // Somebody put it on the list while it was waiting.
        end(transaction, kind, (pick.lead, pick.job), "running", "cancelled", at)?;
        ended(kind, pick.lead, pick.job, "cancelled").record(transaction, at)?;
        jobs::end_if_done(transaction, pick.job, at)?;
        return Ok(None);
    }
    let options: String = transaction
        .prepare_cached("SELECT options FROM jobs WHERE id = ?1")?
        .query_row([pick.job], |row| row.get(0))?;
    let options = super::stored(&options)?;
    show_state(transaction, kind, pick.lead, "running")?;
    if journal.is_some() && kind == Kind::Phone {
        let what = PhoneEvent::Resumed;
        Event::Phone { lead: pick.lead, job: pick.job, what }.record(transaction, at)?;
    }
    Ok(Some(Claimed { pick, inputs, facts, options, journal }))
}

/// Gives a run back that could not be brought to its end.
pub(crate) fn give_back(
    transaction: &Transaction<'_>,
    kind: Kind,
    lead: i64,
    job: i64,
) -> rusqlite::Result<()> {
    let changed = transaction.execute(
        "UPDATE runs SET state = 'queued' WHERE lead_id = ?1 AND kind = ?2 AND job_id = ?3 \
         AND state = 'running'",
        (lead, kind.name(), job),
    )?;
    if changed > 0 {
        show_state(transaction, kind, lead, "queued")?;
    }
    Ok(())
}

/// Ends a run without a result: `cancelled`, or `failed`. Says whether it was under way.
pub(crate) fn end(
    transaction: &Transaction<'_>,
    kind: Kind,
    pick: (i64, i64),
    from: &str,
    outcome: &str,
    at: Time,
) -> rusqlite::Result<bool> {
    let (lead, job) = pick;
    let mut update = transaction.prepare_cached(
        "UPDATE runs SET state = 'ended', outcome = ?5, snapshot = NULL, ended_at = ?6 \
         WHERE lead_id = ?1 AND kind = ?2 AND job_id = ?3 AND state = ?4",
    )?;
    if update.execute((lead, kind.name(), job, from, outcome, at))? == 0 {
        return Ok(false);
    }
    show_end(transaction, kind, lead, outcome, at)?;
    Ok(true)
}

/// What tells that a run ended so.
pub(crate) fn ended(kind: Kind, lead: i64, job: i64, outcome: &str) -> Event {
    match (kind, outcome) {
        (Kind::Phone, outcome) => {
            let what = PhoneEvent::Finished { outcome: outcome.to_owned(), provider: None };
            Event::Phone { lead, job, what }
        }
        (Kind::Email, "cancelled") => Event::Email { lead, job, what: EmailEvent::Cancelled },
        (Kind::Email, _) => {
            let what = EmailEvent::Finished {
                verdict: "unknown".to_owned(),
                reason: "failed".to_owned(),
                words: "verify again: it broke down".to_owned(),
            };
            Event::Email { lead, job, what }
        }
    }
}

/// Ends a run that waits for its turn. Gives its job if there was one.
pub(crate) fn cancel_queued(
    transaction: &Transaction<'_>,
    kind: Kind,
    lead: i64,
    at: Time,
) -> rusqlite::Result<Option<i64>> {
    let Some(run) = RunRow::find(transaction, kind, lead)? else { return Ok(None) };
    if !end(transaction, kind, (lead, run.job), "queued", "cancelled", at)? {
        return Ok(None);
    }
    ended(kind, lead, run.job, "cancelled").record(transaction, at)?;
    jobs::end_if_done(transaction, run.job, at)?;
    Ok(Some(run.job))
}

/// Ends some runs of a cancelled job that wait for their turn. Says whether there may be more.
pub(crate) fn cancel_some(
    transaction: &Transaction<'_>,
    job: i64,
    at: Time,
) -> rusqlite::Result<bool> {
    let Some(JobRow { kind, leads, .. }) = JobRow::find(transaction, job)? else {
        return Ok(false);
    };
    let mut select = transaction.prepare_cached(
        "SELECT lead_id FROM runs WHERE job_id = ?1 AND state = 'queued' AND snapshot IS NULL \
         ORDER BY lead_id LIMIT ?2",
    )?;
    let queued = select.query_map((job, CANCELLED_AT_ONCE_MAX), |row| row.get(0))?;
    let queued: Vec<i64> = queued.collect::<Result<_, _>>()?;
    for &lead in &queued {
        end(transaction, kind, (lead, job), "queued", "cancelled", at)?;
        if leads <= LEADS_TOLD_MAX {
            ended(kind, lead, job, "cancelled").record(transaction, at)?;
        }
    }
    if !queued.is_empty() && leads > LEADS_TOLD_MAX {
        Event::Leads { lead: None }.record(transaction, at)?;
    }
    jobs::end_if_done(transaction, job, at)?;
    Ok(queued.len() == CANCELLED_AT_ONCE_MAX as usize)
}

/// Queues what was under way when the process ended, and ends jobs that have nothing left to do.
pub(crate) fn recover(transaction: &Transaction<'_>, at: Time) -> rusqlite::Result<()> {
    for (job, _) in jobs::open(transaction)? {
        let Some(JobRow { kind, .. }) = JobRow::find(transaction, job)? else { continue };
        let mut update = transaction.prepare_cached(
            "UPDATE runs SET state = 'queued' WHERE job_id = ?1 AND state = 'running' RETURNING lead_id",
        )?;
        let leads: Vec<i64> =
            update.query_map([job], |row| row.get(0))?.collect::<Result<_, _>>()?;
        for lead in leads {
            show_state(transaction, kind, lead, "queued")?;
        }
        jobs::end_if_done(transaction, job, at)?;
    }
    Ok(())
}

/// Shows the state of a run at its lead.
pub(super) fn show_state(
    transaction: &Transaction<'_>,
    kind: Kind,
    lead: i64,
    state: &str,
) -> rusqlite::Result<()> {
    let mut update = transaction.prepare_cached(match kind {
        Kind::Phone => "UPDATE leads SET phone_state = ?2 WHERE id = ?1",
        Kind::Email => "UPDATE leads SET email_state = ?2 WHERE id = ?1",
    })?;
    update.execute((lead, state))?;
    Ok(())
}

/// Shows at a lead that its run ended without a result. What was known of an address stays.
fn show_end(
    transaction: &Transaction<'_>,
    kind: Kind,
    lead: i64,
    outcome: &str,
    at: Time,
) -> rusqlite::Result<()> {
    match kind {
        Kind::Phone => {
            let mut update = transaction.prepare_cached(
                "UPDATE leads SET phone_state = 'ended', phone_outcome = ?2, phone_at = ?3, updated_at = ?3 \
                 WHERE id = ?1",
            )?;
            update.execute((lead, outcome, at))?;
        }
        Kind::Email => {
            let mut update = transaction.prepare_cached(
                "UPDATE leads SET email_state = CASE WHEN email_verdict IS NULL THEN NULL ELSE 'ended' END \
                 WHERE id = ?1",
            )?;
            update.execute([lead])?;
        }
    }
    Ok(())
}
