//! Steps of runs, each stored as one with its events, its ledger, its costs and its lead.

use genesy_core::pii::Pii;
use rusqlite::{OptionalExtension, Transaction};

use super::attempts::AttemptRow;
use super::int;
use super::jobs::{self, Kind};
use crate::clock::Time;
use crate::events::Event;

/// A step of a run.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) kind: Kind,
    pub(crate) lead: i64,
    pub(crate) job: i64,
    pub(crate) at: Time,
    /// What the engine wants to have back.
    pub(crate) journal: Option<Pii<Vec<u8>>>,
    /// How far it is, as JSON.
    pub(crate) result: Pii<String>,
    /// What the run has cost so far.
    pub(crate) charged_micros: u64,
    pub(crate) maybe_charged_micros: u64,
    /// Calls that ended since the last step.
    pub(crate) attempts: Vec<AttemptRow>,
    /// What happened since the last step.
    pub(crate) events: Vec<Event>,
    pub(crate) end: Option<End>,
}

/// How a run ended, for its lead.
#[derive(Debug)]
pub(crate) struct End {
    /// The name of the outcome or of the verdict.
    pub(crate) outcome: &'static str,
    pub(crate) lead: LeadEnd,
}

/// What the lead gets.
#[derive(Debug)]
pub(crate) enum LeadEnd {
    /// The outcome of a search, and what it found.
    Phone(Option<FoundPhone>),
    /// A verdict: its reason.
    Email(&'static str),
    /// It was verified to no end.
    EmailCancelled,
}

/// A phone that was found.
#[derive(Debug)]
pub(crate) struct FoundPhone {
    pub(crate) phone: Pii<String>,
    /// Nothing if it could not be read as a number.
    pub(crate) is_valid: Option<bool>,
    pub(crate) provider: String,
    /// It takes the place of a number that the lead has.
    pub(crate) replaces: bool,
}

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// It is stored.
    Stored,
    /// The run had ended before.
    Ended,
    /// The run is not there any more.
    Gone,
}

impl Step {
    /// Stores the step. All of it is there behind the commit, or nothing.
    pub(crate) fn record(&self, transaction: &Transaction<'_>) -> rusqlite::Result<Kept> {
        let mut select = transaction.prepare_cached(
            "SELECT state = 'ended', charged_micros, maybe_charged_micros FROM runs \
             WHERE lead_id = ?1 AND kind = ?2 AND job_id = ?3",
        )?;
        let run = select.query_row((self.lead, self.kind.name(), self.job), |row| {
            Ok((row.get::<_, bool>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
        });
        let (charged, maybe_charged) = match run.optional()? {
            None => return Ok(Kept::Gone),
            Some((true, ..)) => return Ok(Kept::Ended),
            Some((false, charged, maybe_charged)) => {
                (charged.unsigned_abs(), maybe_charged.unsigned_abs())
            }
        };
        for attempt in &self.attempts {
            attempt.record(transaction, self.lead, self.job)?;
        }
        for event in &self.events {
            event.record(transaction, self.at)?;
        }
        let more = self.charged_micros.saturating_sub(charged);
        let maybe_more = self.maybe_charged_micros.saturating_sub(maybe_charged);
        if more > 0 || maybe_more > 0 {
            jobs::charge(transaction, self.job, more, maybe_more)?;
        }
        let mut update = transaction.prepare_cached(
            "UPDATE runs SET snapshot = ?4, result = ?5, charged_micros = ?6, maybe_charged_micros = ?7, \
             state = ?8, outcome = ?9, ended_at = ?10 WHERE lead_id = ?1 AND kind = ?2 AND job_id = ?3",
        )?;
        update.execute(rusqlite::params![
            self.lead,
            self.kind.name(),
            self.job,
            self.journal.as_ref().filter(|_| self.end.is_none()).map(|of| of.reveal().as_slice()),
            self.result.reveal(),
            int(self.charged_micros.max(charged)),
            int(self.maybe_charged_micros.max(maybe_charged)),
            if self.end.is_some() { "ended" } else { "running" },
            self.end.as_ref().map(|end| end.outcome),
            self.end.as_ref().map(|_| self.at),
        ])?;
        if let Some(end) = &self.end {
            self.end_lead(transaction, end)?;
            jobs::end_if_done(transaction, self.job, self.at)?;
        }
        Ok(Kept::Stored)
    }

    fn end_lead(&self, transaction: &Transaction<'_>, end: &End) -> rusqlite::Result<()> {
        match &end.lead {
            LeadEnd::Phone(found) => {
                let provider = found.as_ref().map(|found| &found.provider);
                let mut update = transaction.prepare_cached(
                    "UPDATE leads SET phone_state = 'ended', phone_outcome = ?2, phone_at = ?3, \
                     phone_provider = coalesce(?4, phone_provider), updated_at = ?3 WHERE id = ?1",
                )?;
                update.execute((self.lead, end.outcome, self.at, provider))?;
                found.iter().try_for_each(|found| self.write_phone(transaction, found))
            }
            LeadEnd::Email(reason) => {
                let mut update = transaction.prepare_cached(
                    "UPDATE leads SET email_state = 'ended', email_verdict = ?2, email_reason = ?3, \
                     email_at = ?4, updated_at = ?4 WHERE id = ?1",
                )?;
                update.execute((self.lead, end.outcome, reason, self.at))?;
                Ok(())
            }
            LeadEnd::EmailCancelled => {
                let mut update = transaction.prepare_cached(
                    "UPDATE leads SET email_state = CASE WHEN email_verdict IS NULL THEN NULL \
                     ELSE 'ended' END WHERE id = ?1",
                )?;
                update.execute([self.lead])?;
                Ok(())
            }
        }
    }

    /// Gives the lead its phone, with where it comes from. A number of its own stays, unless it is to be
    /// replaced: it may have come while the search was under way.
    fn write_phone(
        &self,
        transaction: &Transaction<'_>,
        found: &FoundPhone,
    ) -> rusqlite::Result<()> {
        let before: (Option<String>, Option<bool>) = transaction
            .prepare_cached("SELECT phone, phone_is_valid FROM leads WHERE id = ?1")?
            .query_row([self.lead], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if before.1.is_some() && !found.replaces {
            return Ok(());
        }
        let mut insert = transaction.prepare_cached(
            "INSERT OR REPLACE INTO provenance (lead_id, field, at, source, value_before) \
             VALUES (?1, 'phone', ?2, 'provider:' || ?3, ?4)",
        )?;
        insert.execute((self.lead, self.at, &found.provider, before.0))?;
        let mut update = transaction.prepare_cached(
            "UPDATE leads SET phone = ?2, phone_extension = NULL, phone_is_valid = ?3 WHERE id = ?1",
        )?;
        update.execute((self.lead, found.phone.reveal(), found.is_valid))?;
        Ok(())
    }
}
