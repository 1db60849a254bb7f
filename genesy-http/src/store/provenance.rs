//! Where values come from that are not those of the file, and changes that keep it.

use genesy_core::address::AddressRef;
use genesy_core::pii::Pii;
use rusqlite::{Connection, Transaction};

use super::addresses::Addresses;
use super::hash;
use super::leads::{Extra, LeadFields, LeadRow, Text, revealed};
use crate::clock::Time;

/// A value that replaced another.
#[derive(Debug, Clone)]
pub(crate) struct Replaced {
    pub(crate) field: String,
    /// `user`, `provider:` with its id, or `file:` with an import and a row.
    pub(crate) source: String,
    pub(crate) at: Time,
    pub(crate) value_before: Text,
}

/// What replaced values of a lead, the oldest first.
pub(crate) fn of_lead(connection: &Connection, lead: i64) -> rusqlite::Result<Vec<Replaced>> {
    let mut list = connection.prepare_cached(
        "SELECT field, source, at, value_before FROM provenance WHERE lead_id = ?1 ORDER BY at, field",
    )?;
    let rows = list.query_map([lead], |row| {
        Ok(Replaced {
            field: row.get(0)?,
            source: row.get(1)?,
            at: row.get(2)?,
            value_before: row.get::<_, Option<String>>(3)?.map(Pii::new),
        })
    })?;
    rows.collect()
}

/// Notes that a field of a lead has a new value.
pub(crate) fn record(
    transaction: &Transaction<'_>,
    lead: i64,
    field: &str,
    source: &str,
    value_before: Option<&str>,
    at: Time,
) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare_cached(
        "INSERT OR REPLACE INTO provenance (lead_id, field, at, source, value_before) \
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    insert.execute((lead, field, at, source, value_before))?;
    Ok(())
}

/// Gives a lead other values, and notes for each where it comes from. False if there is nothing to change.
pub(crate) fn change(
    transaction: &Transaction<'_>,
    lead: &LeadRow,
    after: &LeadFields,
    extra: &Extra,
    source: &str,
    addresses: &Addresses,
    at: Time,
) -> rusqlite::Result<bool> {
    let before = &lead.fields;
    let changed = texts(before).into_iter().zip(texts(after));
    let changed = changed.filter(|((_, before), (_, after))| before != after);
    let mut is_changed = *extra != lead.extra;
    for ((field, before), _) in changed {
        is_changed = true;
        record(transaction, lead.id, field, source, before.as_deref(), at)?;
    }
    if !is_changed && after.phone_is_valid == before.phone_is_valid {
        return Ok(false);
    }
    let key = revealed(&after.email).and_then(|email| AddressRef::parse(email).ok());
    let key = key.map(|address| hash::key(&addresses.hasher().address(&address)));
    if let Some(key) = key {
        addresses.note(key, lead.id);
    }
    let mut update = transaction.prepare_cached(
        "UPDATE leads SET first_name = ?2, last_name = ?3, email = ?4, job_title = ?5, country = ?6, \
         company_name = ?7, company_domain = ?8, linkedin_url = ?9, years_in_role = ?10, phone = ?11, \
         phone_extension = ?12, phone_is_valid = ?13, extra = ?14, email_key = ?15, updated_at = ?16 \
         WHERE id = ?1",
    )?;
    update.execute(rusqlite::params![
        lead.id,
        revealed(&after.first_name),
        revealed(&after.last_name),
        revealed(&after.email),
        revealed(&after.job_title),
        after.country,
        revealed(&after.company_name),
        revealed(&after.company_domain),
        revealed(&after.linkedin_url),
        after.years_in_role,
        revealed(&after.phone),
        revealed(&after.phone_extension),
        after.phone_is_valid,
        extra.to_json(),
        key,
        at,
    ])?;
    Ok(true)
}

/// The fields by name, as text.
pub(crate) fn texts(fields: &LeadFields) -> [(&'static str, Option<String>); 11] {
    let text = |text: &Text| revealed(text).map(str::to_owned);
    [
        ("first_name", text(&fields.first_name)),
        ("last_name", text(&fields.last_name)),
        ("email", text(&fields.email)),
        ("job_title", text(&fields.job_title)),
        ("country", fields.country.clone()),
        ("company_name", text(&fields.company_name)),
        ("company_domain", text(&fields.company_domain)),
        ("linkedin_url", text(&fields.linkedin_url)),
        ("years_in_role", fields.years_in_role.map(|years| years.to_string())),
        ("phone", text(&fields.phone)),
        ("phone_extension", text(&fields.phone_extension)),
    ]
}
