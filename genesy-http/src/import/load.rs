//! Storing a chunk: leads that are new, leads that are there already, doubts, and how far it came.

use std::sync::Arc;

use genesy_core::address::AddressRef;
use rusqlite::{OptionalExtension, Transaction};

use super::lead_merge::fill_blanks;
use super::read::{Chunk, ChunkLead, ChunkRejected, RowIs};
use crate::clock::Time;
use crate::store::addresses::Addresses;
use crate::store::hash;
use crate::store::imports::FileColumn;
use crate::store::issues;
use crate::store::leads::{self, LeadRow, revealed};
use crate::store::provenance;
use crate::store::suppressions::Suppressions;

/// What an import must know to store a chunk.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) import: i64,
    /// Every row becomes a lead, also where an earlier one of the same file has its address.
    pub(crate) keeps_all: bool,
    pub(crate) addresses: Arc<Addresses>,
    pub(crate) columns: Vec<FileColumn>,
}

#[derive(Debug, Default)]
struct Counts {
    new: i64,
    known: i64,
    suppressed: i64,
}

/// Stores a chunk with how far the import is: a restart goes on behind it.
pub(crate) fn load(
    transaction: &Transaction<'_>,
    target: &Target,
    chunk: &Chunk,
    at: Time,
) -> rusqlite::Result<()> {
    let mut counts = Counts::default();
    let suppressions = Suppressions::new(transaction, target.addresses.hasher())?;
    for row in &chunk.leads {
        // Of who is suppressed nothing is stored, and nothing of a row that repeats a lead that is gone.
        let lead = load_row(transaction, target, &suppressions, row, &mut counts, at)?;
        if lead.is_some() {
            for issue in &row.issues {
                issues::insert(transaction, target.import, issue, lead)?;
            }
        }
    }
    for row in &chunk.rejected {
        if is_suppressed(&suppressions, row)? {
            continue;
        }
        for issue in &row.issues {
            issues::insert(transaction, target.import, issue, None)?;
        }
        issues::insert_rejected(transaction, target.import, row.row, &row.csv)?;
    }
    let columns = chunk.columns.as_ref().and_then(|columns| serde_json::to_string(columns).ok());
    let mut update = transaction.prepare_cached(
        "UPDATE imports SET rows_read = ?2, summary = ?3, columns = coalesce(?4, columns), \
         leads_new = leads_new + ?5, leads_known = leads_known + ?6, \
         leads_suppressed = leads_suppressed + ?7, error = NULL WHERE id = ?1",
    )?;
    let summary = serde_json::to_string(&chunk.summary).ok();
    update.execute(rusqlite::params![
        target.import,
        chunk.rows_read,
        summary,
        columns,
        counts.new,
        counts.known,
        counts.suppressed,
    ])?;
    Ok(())
}

fn is_suppressed(suppressions: &Suppressions<'_>, row: &ChunkRejected) -> rusqlite::Result<bool> {
    for address in &row.addresses {
        if suppressions.covers(Some(address.reveal()), None)? {
            return Ok(true);
        }
    }
    suppressions.covers(None, revealed(&row.company_domain))
}

/// The lead that the row became, or is about; nothing if it is not stored.
fn load_row(
    transaction: &Transaction<'_>,
    target: &Target,
    suppressions: &Suppressions<'_>,
    row: &ChunkLead,
    counts: &mut Counts,
    at: Time,
) -> rusqlite::Result<Option<i64>> {
    let fields = &row.lead.fields;
    let (email, domain) = (revealed(&fields.email), revealed(&fields.company_domain));
    if suppressions.covers_hashed(row.address.as_ref(), email, domain)? {
        counts.suppressed += i64::from(row.is == RowIs::Lead);
        return Ok(None);
    }
    let known = match row.is {
        RowIs::Repeats(of_row) | RowIs::Fills(of_row) => {
            of_this_import(transaction, target.import, of_row)?
        }
        RowIs::Lead => None,
    };
    let known = match known {
        Some(known) => Some(known),
        None => known_lead(transaction, target, row)?,
    };
    match (known, row.is) {
        (Some(known), RowIs::Repeats(_)) => Ok(Some(known.id)),
        (Some(known), is) => {
            counts.known += i64::from(is == RowIs::Lead);
            let (fields, extra) = fill_blanks(&known, &row.lead, &target.columns);
            let (import, number) = row.lead.from.unwrap_or_default();
            let source = format!("file:{import}:{number}");
            provenance::change(
                transaction,
                &known,
                &fields,
                &extra,
                &source,
                &target.addresses,
                at,
            )?;
            Ok(Some(known.id))
        }
        (None, RowIs::Lead) => {
            counts.new += 1;
            let id = leads::insert(transaction, &row.lead, at)?;
            if let Some(key) = row.lead.email_key {
                target.addresses.note(key, id);
            }
            Ok(Some(id))
        }
        // The lead that it repeats is gone.
        (None, _) => Ok(None),
    }
}

fn of_this_import(
    transaction: &Transaction<'_>,
    import: i64,
    row: i64,
) -> rusqlite::Result<Option<LeadRow>> {
    let mut find =
        transaction.prepare_cached("SELECT id FROM leads WHERE import_id = ?1 AND row = ?2")?;
    let id = find.query_row((import, row), |row| row.get(0)).optional()?;
    id.map_or(Ok(None), |id| LeadRow::find(transaction, id))
}

/// The lead that has the same address, if one was there before.
fn known_lead(
    transaction: &Transaction<'_>,
    target: &Target,
    row: &ChunkLead,
) -> rusqlite::Result<Option<LeadRow>> {
    let Some(hash) = &row.address else { return Ok(None) };
    let normal = || {
        let address = AddressRef::parse(revealed(&row.lead.fields.email).unwrap_or_default());
        address.map(|address| address.normal_form()).unwrap_or_default()
    };
    for id in target.addresses.leads_of(transaction, hash::key(hash), normal)? {
        let lead = LeadRow::find(transaction, id)?;
        let is_known = |lead: &LeadRow| !target.keeps_all || lead.import_id != Some(target.import);
        if let Some(lead) = lead.filter(is_known) {
            return Ok(Some(lead));
        }
    }
    Ok(None)
}
