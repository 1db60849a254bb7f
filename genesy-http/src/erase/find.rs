//! Where an address is mentioned in the store.

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Row};
use serde::Deserialize;

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
    pub(super) places: Vec<(&'static Place, Vec<Key>)>,
}

/// Where an address may be mentioned, beside the fields and the other columns of a lead that has it.
#[derive(Debug)]
pub(super) struct Place {
    /// Gives the text of each row, and then what tells the row.
    select: &'static str,
    /// Removes a row and what else is of it, or what mentions the address in it.
    pub(super) remove: &'static [&'static str],
}

/// A field of leads that anything may be written into.
macro_rules! lead_text {
    ($column:literal) => {
        Place {
            select: concat!("SELECT ", $column, ", id FROM leads WHERE ", $column, " LIKE '%@%'"),
            remove: &[concat!("UPDATE leads SET ", $column, " = NULL WHERE id = ?1")],
        }
    };
}

const PLACES: &[Place] = &[
    Place {
        select: "SELECT raw, rowid FROM issues",
        remove: &["DELETE FROM issues WHERE rowid = ?1"],
    },
    Place {
        select: "SELECT csv, import_id, row FROM rejected_rows",
        remove: &[
            "DELETE FROM rejected_rows WHERE import_id = ?1 AND row = ?2",
            "DELETE FROM issues WHERE import_id = ?1 AND row = ?2",
        ],
    },
    Place {
        select: "SELECT value_before, lead_id, field, at FROM provenance WHERE value_before IS NOT NULL",
        remove: &[
            "UPDATE provenance SET value_before = NULL WHERE lead_id = ?1 AND field = ?2 AND at = ?3",
        ],
    },
    lead_text!("first_name"),
    lead_text!("last_name"),
    lead_text!("job_title"),
    lead_text!("company_name"),
    lead_text!("phone"),
    Place {
        select: "SELECT coalesce(result, '') || ' ' || coalesce(CAST(snapshot AS TEXT), ''), lead_id, kind \
                 FROM runs WHERE state = 'ended'",
        remove: &[
            "UPDATE runs SET result = NULL, snapshot = NULL WHERE lead_id = ?1 AND kind = ?2",
        ],
    },
    Place {
        select: "SELECT selection, id FROM jobs",
        remove: &["UPDATE jobs SET selection = '{\"leads\":[]}' WHERE id = ?1"],
    },
    Place {
        select: "SELECT file_name, id FROM imports",
        remove: &["UPDATE imports SET file_name = 'erased' WHERE id = ?1"],
    },
    Place {
        select: "SELECT columns, id FROM imports WHERE columns IS NOT NULL",
        remove: &["UPDATE imports SET columns = NULL WHERE id = ?1"],
    },
    Place {
        select: "SELECT reason, id FROM suppressions WHERE reason IS NOT NULL",
        remove: &["UPDATE suppressions SET reason = NULL WHERE id = ?1"],
    },
    Place {
        select: "SELECT body, key, route FROM idempotency WHERE body IS NOT NULL",
        remove: REMOVE_ANSWER,
    },
];

const REMOVE_ANSWER: &[&str] = &["DELETE FROM idempotency WHERE key = ?1 AND route = ?2"];

/// Answers about the run of one lead: they may tell of the person without the address, as by the name of a mail host.
static OF_RUNS: Place = Place {
    select: "SELECT body, key, route FROM idempotency WHERE route LIKE '/v1/%/cancel' AND body IS NOT NULL",
    remove: REMOVE_ANSWER,
};

/// What tells whose run such an answer is about. That of a whole job has no lead.
#[derive(Deserialize)]
struct OfRun {
    lead: i64,
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
    for place in PLACES {
        let keys = place.keys(store, |text| mentions_it(text, person))?;
        mentions.places.push((place, keys));
    }
    let keys = OF_RUNS.keys(store, |body| is_of(body, &mentions.leads))?;
    mentions.places.push((&OF_RUNS, keys));
    Ok(mentions)
}

impl Place {
    /// What tells the rows whose text is to go.
    fn keys(
        &self,
        store: &Connection,
        is_to_go: impl Fn(ValueRef<'_>) -> bool,
    ) -> rusqlite::Result<Vec<Key>> {
        let mut list = store.prepare(self.select)?;
        let columns = list.column_count();
        let mut rows = list.query([])?;
        let mut keys = Vec::new();
        while let Some(row) = rows.next()? {
            if is_to_go(row.get_ref(0)?) {
                keys.push(key(row, columns)?);
            }
        }
        Ok(keys)
    }
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

/// Whether an answer is about the run of one of these leads, which are in rising order.
fn is_of(body: ValueRef<'_>, leads: &[i64]) -> bool {
    let (ValueRef::Text(bytes) | ValueRef::Blob(bytes)) = body else { return false };
    let of = serde_json::from_slice::<OfRun>(bytes);
    of.is_ok_and(|of| leads.binary_search(&of.lead).is_ok())
}

fn key(row: &Row<'_>, columns: usize) -> rusqlite::Result<Key> {
    (1..columns).map(|column| row.get(column)).collect()
}
