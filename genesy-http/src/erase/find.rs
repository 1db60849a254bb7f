//! Where an address is mentioned in the store.

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Row};

use super::person::Person;
use crate::store::addresses::{Addresses, key_of};

/// What tells a row of a table.
pub(super) type Key = Vec<Value>;

/// What mentions an address.
#[derive(Debug, Default)]
pub(super) struct Mentions {
    /// Leads that have it.
    pub(super) leads: Vec<i64>,
    /// Leads that mention it beside their fields.
    pub(super) others: Vec<i64>,
    /// Rows of other tables.
    pub(super) places: Vec<(Place, Vec<Key>)>,
}

/// A table beside `leads` that may mention an address.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    Issues,
    RejectedRows,
    Provenance,
    LeadTexts(&'static str),
    RunResults,
    Jobs,
    ImportNames,
    ImportColumns,
    SuppressionReasons,
    Idempotency,
}

impl Place {
    const ALL: [Self; 14] = [
        Self::Issues,
        Self::RejectedRows,
        Self::Provenance,
        Self::LeadTexts("first_name"),
        Self::LeadTexts("last_name"),
        Self::LeadTexts("job_title"),
        Self::LeadTexts("company_name"),
        Self::LeadTexts("phone"),
        Self::RunResults,
        Self::Jobs,
        Self::ImportNames,
        Self::ImportColumns,
        Self::SuppressionReasons,
        Self::Idempotency,
    ];

    /// Gives the text of each row, and then what tells the row.
    fn select(self) -> &'static str {
        match self {
            Self::Issues => "SELECT raw, rowid FROM issues",
            Self::RejectedRows => "SELECT csv, import_id, row FROM rejected_rows",
            Self::Provenance => {
                "SELECT value_before, lead_id, field, at FROM provenance WHERE value_before IS NOT NULL"
            }
            Self::LeadTexts("first_name") => {
                "SELECT first_name, id FROM leads WHERE first_name LIKE '%@%'"
            }
            Self::LeadTexts("last_name") => {
                "SELECT last_name, id FROM leads WHERE last_name LIKE '%@%'"
            }
            Self::LeadTexts("job_title") => {
                "SELECT job_title, id FROM leads WHERE job_title LIKE '%@%'"
            }
            Self::LeadTexts("phone") => "SELECT phone, id FROM leads WHERE phone LIKE '%@%'",
            Self::LeadTexts(_) => {
                "SELECT company_name, id FROM leads WHERE company_name LIKE '%@%'"
            }
            Self::RunResults => {
                "SELECT coalesce(result, '') || ' ' || coalesce(CAST(snapshot AS TEXT), ''), lead_id, kind \
                 FROM runs WHERE state = 'ended'"
            }
            Self::Jobs => "SELECT selection, id FROM jobs",
            Self::ImportNames => "SELECT file_name, id FROM imports",
            Self::ImportColumns => "SELECT columns, id FROM imports WHERE columns IS NOT NULL",
            Self::SuppressionReasons => {
                "SELECT reason, id FROM suppressions WHERE reason IS NOT NULL"
            }
            Self::Idempotency => "SELECT body, key, route FROM idempotency WHERE body IS NOT NULL",
        }
    }

    /// Removes a row and what else is of it, or what mentions the address in it.
    pub(super) fn sql(self) -> &'static [&'static str] {
        match self {
            Self::Issues => &["DELETE FROM issues WHERE rowid = ?1"],
            Self::RejectedRows => &[
                "DELETE FROM rejected_rows WHERE import_id = ?1 AND row = ?2",
                "DELETE FROM issues WHERE import_id = ?1 AND row = ?2",
            ],
            Self::Provenance => &[
                "UPDATE provenance SET value_before = NULL WHERE lead_id = ?1 AND field = ?2 AND at = ?3",
            ],
            Self::LeadTexts("first_name") => &["UPDATE leads SET first_name = NULL WHERE id = ?1"],
            Self::LeadTexts("last_name") => &["UPDATE leads SET last_name = NULL WHERE id = ?1"],
            Self::LeadTexts("job_title") => &["UPDATE leads SET job_title = NULL WHERE id = ?1"],
            Self::LeadTexts("phone") => &["UPDATE leads SET phone = NULL WHERE id = ?1"],
            Self::LeadTexts(_) => &["UPDATE leads SET company_name = NULL WHERE id = ?1"],
            Self::RunResults => {
                &["UPDATE runs SET result = NULL, snapshot = NULL WHERE lead_id = ?1 AND kind = ?2"]
            }
            Self::Jobs => &["UPDATE jobs SET selection = '{\"leads\":[]}' WHERE id = ?1"],
            Self::ImportNames => &["UPDATE imports SET file_name = 'erased' WHERE id = ?1"],
            Self::ImportColumns => &["UPDATE imports SET columns = NULL WHERE id = ?1"],
            Self::SuppressionReasons => &["UPDATE suppressions SET reason = NULL WHERE id = ?1"],
            Self::Idempotency => &["DELETE FROM idempotency WHERE key = ?1 AND route = ?2"],
        }
    }
}

/// Looks through the store.
pub(super) fn find(
    store: &Connection,
    person: &Person,
    addresses: &Addresses,
) -> rusqlite::Result<Mentions> {
    let mut mentions = Mentions { leads: leads(store, person, addresses)?, ..Mentions::default() };
    let mut list = store.prepare("SELECT id, extra FROM leads WHERE instr(extra, '@') > 0")?;
    let mut rows = list.query([])?;
    while let Some(row) = rows.next()? {
        if mentions_it(row.get_ref(1)?, person) {
            mentions.others.push(row.get(0)?);
        }
    }
    mentions.leads.sort_unstable();
    mentions.others.retain(|id| mentions.leads.binary_search(id).is_err());
    for place in Place::ALL {
        let mut list = store.prepare(place.select())?;
        let columns = list.column_count();
        let mut rows = list.query([])?;
        let mut keys = Vec::new();
        while let Some(row) = rows.next()? {
            if mentions_it(row.get_ref(0)?, person) {
                keys.push(key(row, columns)?);
            }
        }
        if !keys.is_empty() {
            mentions.places.push((place, keys));
        }
    }
    Ok(mentions)
}

/// The leads whose address it is.
fn leads(store: &Connection, person: &Person, addresses: &Addresses) -> rusqlite::Result<Vec<i64>> {
    if person.is_domain() {
        let mut list = store.prepare("SELECT email, id FROM leads WHERE email IS NOT NULL")?;
        let mut rows = list.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            if mentions_it(row.get_ref(0)?, person) {
                found.push(row.get(1)?);
            }
        }
        return Ok(found);
    }
    let key = key_of(addresses.hasher(), person.normal());
    addresses.leads_of(store, key, || person.normal().to_owned())
}

fn mentions_it(value: ValueRef<'_>, person: &Person) -> bool {
    let (ValueRef::Text(bytes) | ValueRef::Blob(bytes)) = value else { return false };
    // Most texts have no address in them at all.
    bytes.contains(&b'@') && person.is_in(&String::from_utf8_lossy(bytes))
}

fn key(row: &Row<'_>, columns: usize) -> rusqlite::Result<Key> {
    (1..columns).map(|column| row.get(column)).collect()
}
