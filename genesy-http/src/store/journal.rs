//! Steps of runs, each stored as one with its events, its ledger, its costs and its lead.

use genesy_core::pii::Pii;
use rusqlite::{OptionalExtension, Transaction};

use super::attempts::AttemptRow;
use super::int;
use super::jobs::{self, Kind};
use super::{provenance, runs};
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
    /// Calls that ended since the last step. What they cost is added to what the run has cost.
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
    /// A verdict.
    Email {
        /// Its reason, as a name.
        reason: &'static str,
        /// What it means and what to do, as a sentence.
        words: &'static str,
    },
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
            "SELECT state = 'ended' FROM runs WHERE lead_id = ?1 AND kind = ?2 AND job_id = ?3",
        )?;
        let run = select.query_row((self.lead, self.kind.name(), self.job), |row| row.get(0));
        match run.optional()? {
            None => return Ok(Kept::Gone),
            Some(true) => return Ok(Kept::Ended),
            Some(false) => {}
        }
        let (charged, maybe_charged) = self.record_attempts(transaction)?;
        for event in &self.events {
            event.record(transaction, self.at)?;
        }
        if charged > 0 || maybe_charged > 0 {
            jobs::charge(transaction, self.job, charged, maybe_charged)?;
        }
        let mut update = transaction.prepare_cached(
            "UPDATE runs SET snapshot = ?4, result = ?5, charged_micros = charged_micros + ?6, \
             maybe_charged_micros = maybe_charged_micros + ?7, state = ?8, outcome = ?9, ended_at = ?10 WHERE lead_id = ?1 AND kind = ?2 AND job_id = ?3",
        )?;
        update.execute(rusqlite::params![
            self.lead,
            self.kind.name(),
            self.job,
            self.journal.as_ref().filter(|_| self.end.is_none()).map(|of| of.reveal().as_slice()),
            self.result.reveal(),
            int(charged),
            int(maybe_charged),
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

    /// Stores the calls, and gives what those cost and may have cost that were not stored before.
    fn record_attempts(&self, transaction: &Transaction<'_>) -> rusqlite::Result<(u64, u64)> {
        let (mut charged, mut maybe_charged) = (0_u64, 0_u64);
        for attempt in &self.attempts {
            if attempt.record(transaction, self.lead, self.job)? {
                match attempt.charge.as_str() {
                    "charged" => charged = charged.saturating_add(attempt.cost_micros),
                    "maybe_charged" => {
                        maybe_charged = maybe_charged.saturating_add(attempt.cost_micros);
                    }
                    _ => {}
                }
            }
        }
        Ok((charged, maybe_charged))
    }

    fn end_lead(&self, transaction: &Transaction<'_>, end: &End) -> rusqlite::Result<()> {
        match &end.lead {
            LeadEnd::Phone(found) => {
                runs::show_phone_end(transaction, self.lead, end.outcome, self.at)?;
                found.iter().try_for_each(|found| self.write_phone(transaction, found))
            }
            LeadEnd::Email { reason, words } => {
                let mut update = transaction.prepare_cached(
                    "UPDATE leads SET email_state = 'ended', email_verdict = ?2, email_reason = ?3, \
                     email_words = ?4, email_at = ?5, updated_at = ?5 WHERE id = ?1",
                )?;
                update.execute((self.lead, end.outcome, reason, words, self.at))?;
                Ok(())
            }
            LeadEnd::EmailCancelled => runs::show_no_verdict(transaction, self.lead),
        }
    }

    /// Gives the lead its phone, with where it comes from. A number of its own stays, unless it is to be
    /// replaced: it may have come while the search was under way.
    fn write_phone(
        &self,
        transaction: &Transaction<'_>,
        found: &FoundPhone,
    ) -> rusqlite::Result<()> {
        let before: (Option<String>, Option<String>, Option<bool>) = transaction
            .prepare_cached(
                "SELECT phone, phone_extension, phone_is_valid FROM leads WHERE id = ?1",
            )?
            .query_row([self.lead], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let (phone, extension, is_valid) = before;
        let mut update =
            transaction.prepare_cached("UPDATE leads SET phone_provider = ?2 WHERE id = ?1")?;
        update.execute((self.lead, &found.provider))?;
        if is_valid.is_some() && !found.replaces {
            return Ok(());
        }
        let source = format!("provider:{}", found.provider);
        let note = |field: &str, before: Option<&str>| {
            provenance::record(transaction, self.lead, field, &source, before, self.at)
        };
        note("phone", phone.as_deref())?;
        if extension.is_some() {
            note("phone_extension", extension.as_deref())?;
        }
        let mut update = transaction.prepare_cached(
            "UPDATE leads SET phone = ?2, phone_extension = NULL, phone_is_valid = ?3 WHERE id = ?1",
        )?;
        update.execute((self.lead, found.phone.reveal(), found.is_valid))?;
        Ok(())
    }
}
