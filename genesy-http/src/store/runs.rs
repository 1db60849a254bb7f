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
}

/// A run that was taken, with all that it takes.
pub(crate) struct Claimed {
    pub(crate) pick: Pick,
    pub(crate) inputs: LeadInputs,
    pub(crate) facts: LeadFacts,
    pub(crate) options: JobOptions,
    /// Somebody wants it ended: what was begun of it has to be.
    pub(crate) is_cancelled: bool,
    /// What the engine wanted to have back.
    pub(crate) journal: Option<Pii<Vec<u8>>>,
}

impl fmt::Debug for Claimed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claimed").field("pick", &self.pick).finish_non_exhaustive()
    }
}

/// What is next, no more than so many: what has to be ended, then jobs in their order, one run of each in turn,
/// so that a small job does not wait for a large one.
pub(crate) fn next(connection: &Connection, kind: Kind, limit: u32) -> rusqlite::Result<Vec<Pick>> {
    let mut select = connection.prepare_cached(
        "SELECT lead_id, job_id FROM runs WHERE kind = ?1 AND is_cancelled AND state = 'queued' LIMIT ?2",
    )?;
    let to_end = select
        .query_map((kind.name(), limit), |row| Ok(Pick { lead: row.get(0)?, job: row.get(1)? }))?;
    let mut picks: Vec<Pick> = to_end.collect::<Result<_, _>>()?;
    let mut select = connection.prepare_cached(
        "SELECT jobs.id FROM job_counts JOIN jobs ON jobs.id = job_counts.job_id \
         WHERE job_counts.name IN ('queued', 'running') AND job_counts.runs > 0 \
         AND job_counts.name = 'queued' AND jobs.kind = ?1 AND jobs.state = 'running' \
         ORDER BY jobs.id LIMIT ?2",
    )?;
    let jobs = select.query_map((kind.name(), JOBS_AT_ONCE_MAX), |row| row.get(0))?;
    let jobs: Vec<i64> = jobs.collect::<Result<_, _>>()?;
    let mut queues = Vec::with_capacity(jobs.len());
    for job in jobs {
        let mut select = connection.prepare_cached(
            "SELECT lead_id FROM runs WHERE job_id = ?1 AND state = 'queued' AND NOT is_cancelled \
             ORDER BY lead_id LIMIT ?2",
        )?;
        let leads = select.query_map((job, limit), |row| row.get(0))?;
        let picks = leads.map(|lead| Ok(Pick { lead: lead?, job }));
        queues.push(picks.collect::<rusqlite::Result<Vec<_>>>()?.into_iter());
    }
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

/// What became of a run that was to be taken.
#[derive(Debug)]
pub(crate) enum Claim {
    /// It is taken.
    Taken(Box<Claimed>),
    /// It was cancelled before anything of it was begun.
    Cancelled,
    /// It does not wait any more.
    Gone,
}

/// Takes a run that is queued, unless it or its job is not any more. One that was not begun and must not be
/// enriched, or lacks what it takes by now, is ended.
pub(crate) fn claim(
    transaction: &Transaction<'_>,
    kind: Kind,
    pick: Pick,
    suppressions: &Suppressions<'_>,
    at: Time,
) -> rusqlite::Result<Claim> {
    let mut update = transaction.prepare_cached(
        "UPDATE runs SET state = 'running', started_at = coalesce(started_at, ?4) \
         WHERE lead_id = ?1 AND kind = ?2 AND job_id = ?3 AND state = 'queued' \
         AND (is_cancelled OR (SELECT state FROM jobs WHERE id = ?3) = 'running') \
         RETURNING snapshot, is_cancelled",
    )?;
    let taken = update.query_row((pick.lead, kind.name(), pick.job, at), |row| {
        Ok((row.get::<_, Option<Vec<u8>>>(0)?.map(Pii::new), row.get(1)?))
    });
    let Some((journal, is_cancelled)) = taken.optional()? else { return Ok(Claim::Gone) };
    let Some((inputs, facts)) = leads::lead_inputs(transaction, pick.lead)? else {
        return Ok(Claim::Gone);
    };
    let (email, domain) = (inputs.get(LeadField::Email), inputs.get(LeadField::CompanyWebsite));
    let is_cancelled = is_cancelled
        || (kind == Kind::Email && email.is_none())
        || suppressions.covers(email, domain)?;
    if is_cancelled && journal.is_none() {
        finish(transaction, kind, pick, "cancelled", at)?;
        return Ok(Claim::Cancelled);
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
    let claimed = Claimed { pick, inputs, facts, options, is_cancelled, journal };
    Ok(Claim::Taken(Box::new(claimed)))
}

/// Gives a run back that could not be brought to its end.
pub(crate) fn give_back(
    transaction: &Transaction<'_>,
    kind: Kind,
    Pick { lead, job }: Pick,
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

/// Ends a run without a result: `cancelled`, or `failed`. Says whether it was queued or under way.
pub(crate) fn finish(
    transaction: &Transaction<'_>,
    kind: Kind,
    pick: Pick,
    outcome: &str,
    at: Time,
) -> rusqlite::Result<bool> {
    if !end(transaction, kind, pick, outcome, at)? {
        return Ok(false);
    }
    ended(kind, pick, outcome).record(transaction, at)?;
    jobs::end_if_done(transaction, pick.job, at)?;
    Ok(true)
}

fn end(
    transaction: &Transaction<'_>,
    kind: Kind,
    Pick { lead, job }: Pick,
    outcome: &str,
    at: Time,
) -> rusqlite::Result<bool> {
    let mut update = transaction.prepare_cached(
        "UPDATE runs SET state = 'ended', outcome = ?4, snapshot = NULL, ended_at = ?5 \
         WHERE lead_id = ?1 AND kind = ?2 AND job_id = ?3 AND state <> 'ended'",
    )?;
    if update.execute((lead, kind.name(), job, outcome, at))? == 0 {
        return Ok(false);
    }
    match kind {
        Kind::Phone => show_phone_end(transaction, lead, outcome, at)?,
        Kind::Email => show_no_verdict(transaction, lead)?,
    }
    Ok(true)
}

/// What tells that a run ended so.
fn ended(kind: Kind, Pick { lead, job }: Pick, outcome: &str) -> Event {
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

/// What became of a run that somebody wants ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cancelled {
    /// There is none that is queued or under way.
    Nothing,
    /// It waited for its turn, and has ended.
    Ended {
        /// Its job.
        job: i64,
    },
    /// Something of it was begun, and has to be ended.
    Wanted,
}

/// Ends the run of a lead that waits for its turn; of one that was begun, notes that it is to be ended.
pub(crate) fn cancel(
    transaction: &Transaction<'_>,
    kind: Kind,
    lead: i64,
    at: Time,
) -> rusqlite::Result<Cancelled> {
    let mut update = transaction.prepare_cached(
        "UPDATE runs SET is_cancelled = 1 WHERE lead_id = ?1 AND kind = ?2 AND state <> 'ended' \
         RETURNING job_id, state = 'running' OR snapshot IS NOT NULL",
    )?;
    let run = update.query_row((lead, kind.name()), |row| Ok((row.get(0)?, row.get(1)?)));
    match run.optional()? {
        None => Ok(Cancelled::Nothing),
        Some((_, true)) => Ok(Cancelled::Wanted),
        Some((job, false)) => {
            finish(transaction, kind, Pick { lead, job }, "cancelled", at)?;
            Ok(Cancelled::Ended { job })
        }
    }
}

/// Forgets what was found out about the address of a lead, and ends what is under way: it has another one.
pub(crate) fn forget_verification(
    transaction: &Transaction<'_>,
    lead: i64,
    at: Time,
) -> rusqlite::Result<()> {
    if let Some(RunRow { job, .. }) = RunRow::find(transaction, Kind::Email, lead)? {
        finish(transaction, Kind::Email, Pick { lead, job }, "cancelled", at)?;
    }
    transaction
        .execute("DELETE FROM runs WHERE lead_id = ?1 AND kind = ?2", (lead, Kind::Email.name()))?;
    transaction.execute(
        "UPDATE leads SET email_state = NULL, email_verdict = NULL, email_reason = NULL, \
         email_words = NULL, email_at = NULL WHERE id = ?1",
        [lead],
    )?;
    Ok(())
}

/// What became of some runs of a cancelled job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CancelledSome {
    pub(crate) kind: Kind,
    /// Those that have ended.
    pub(crate) ended: u64,
    /// There may be more.
    pub(crate) is_more: bool,
}

/// Ends some runs of a cancelled job that wait for their turn, and notes of those that were begun that they are to
/// be ended. Nothing if there is no such job.
pub(crate) fn cancel_some(
    transaction: &Transaction<'_>,
    job: i64,
    at: Time,
) -> rusqlite::Result<Option<CancelledSome>> {
    let Some(JobRow { kind, leads, .. }) = JobRow::find(transaction, job)? else {
        return Ok(None);
    };
    transaction.execute(
        "UPDATE runs SET is_cancelled = 1 WHERE job_id = ?1 AND state = 'running' AND NOT is_cancelled",
        [job],
    )?;
    let mut select = transaction.prepare_cached(
        "SELECT lead_id, snapshot IS NOT NULL FROM runs \
         WHERE job_id = ?1 AND state = 'queued' AND NOT is_cancelled ORDER BY lead_id LIMIT ?2",
    )?;
    let queued =
        select.query_map((job, CANCELLED_AT_ONCE_MAX), |row| Ok((row.get(0)?, row.get(1)?)))?;
    let queued: Vec<(i64, bool)> = queued.collect::<Result<_, _>>()?;
    for &(lead, is_begun) in &queued {
        if is_begun {
            cancel(transaction, kind, lead, at)?;
        } else {
            let pick = Pick { lead, job };
            end(transaction, kind, pick, "cancelled", at)?;
            if leads <= LEADS_TOLD_MAX {
                ended(kind, pick, "cancelled").record(transaction, at)?;
            }
        }
    }
    if !queued.is_empty() && leads > LEADS_TOLD_MAX {
        Event::Leads { lead: None }.record(transaction, at)?;
    }
    jobs::end_if_done(transaction, job, at)?;
    Ok(Some(CancelledSome {
        kind,
        ended: queued.iter().filter(|(_, is_begun)| !is_begun).count() as u64,
        is_more: queued.len() == CANCELLED_AT_ONCE_MAX as usize,
    }))
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

/// Shows at a lead how the search of its phone ended. One that came to nothing leaves the answer of an earlier one.
pub(super) fn show_phone_end(
    transaction: &Transaction<'_>,
    lead: i64,
    outcome: &str,
    at: Time,
) -> rusqlite::Result<()> {
    let mut update = transaction.prepare_cached(if matches!(outcome, "cancelled" | "failed") {
        "UPDATE leads SET phone_state = 'ended', phone_outcome = ?2, phone_at = ?3, updated_at = ?3 \
         WHERE id = ?1 AND coalesce(phone_outcome, '') NOT IN ('found', 'no_data_found')"
    } else {
        "UPDATE leads SET phone_state = 'ended', phone_outcome = ?2, phone_at = ?3, updated_at = ?3 \
         WHERE id = ?1"
    })?;
    if update.execute((lead, outcome, at))? == 0 {
        show_state(transaction, Kind::Phone, lead, "ended")?;
    }
    Ok(())
}

/// Shows at a lead that a verification ended without a verdict. What was known of the address stays.
pub(super) fn show_no_verdict(transaction: &Transaction<'_>, lead: i64) -> rusqlite::Result<()> {
    let mut update = transaction.prepare_cached(
        "UPDATE leads SET email_state = CASE WHEN email_verdict IS NULL THEN NULL ELSE 'ended' END \
         WHERE id = ?1",
    )?;
    update.execute([lead])?;
    Ok(())
}
