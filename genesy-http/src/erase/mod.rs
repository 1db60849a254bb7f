//! People are erased: whatever the server has stored that mentions the address.
//!
//! What is to go is looked for by a reader, which takes a while in a large store, and then removed by short
//! writes. At the end the write-ahead log is folded into the file, and freed pages are overwritten, so that
//! nothing of it is left on the disk.
//!
//! | limit | value |
//! |---|---|
//! | rows that are removed by one transaction | 250 ([`ROWS`]) |

mod files;
mod find;
mod person;

use std::sync::Arc;

use rusqlite::{Connection, Transaction, params};
use serde::Serialize;
use utoipa::ToSchema;

use self::find::Mentions;
pub(crate) use self::person::Person;
use crate::clock::Time;
use crate::events::Event;
use crate::problem::Problem;
use crate::state::AppState;
use crate::store::leads::{Extra, LeadRow};

/// Rows that are removed by one transaction.
const ROWS: usize = 250;

/// What was erased.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Erased {
    /// Leads, with their runs, ledgers and events.
    leads: usize,
    /// Rows of other tables that mentioned the address: issues, rejected rows, further addresses of others.
    mentions: usize,
    /// Uploads that were not imported yet, and had the address in them.
    uploads: usize,
}

/// Erases a person.
///
/// # Errors
///
/// If a file that mentions the address is being uploaded or imported.
pub(crate) async fn erase(state: &AppState, person: Person) -> Result<Erased, Problem> {
    let uploads = files::erase(state, &person).await?;
    let this = person.clone();
    let addresses = Arc::clone(state.store().addresses());
    let catalog = Arc::clone(state.store().catalog());
    let find = move |store: &Connection| {
        catalog.check()?;
        find::find(store, &this, &addresses)
    };
    let mentions = state.store().read(find).await?;
    let mut erased = Erased { uploads, ..Erased::default() };
    let Mentions { leads, others, places } = mentions;
    for ids in leads.chunks(ROWS) {
        let ids = ids.to_vec();
        erased.leads += state.store().write(move |write| erase_leads(write, &ids)).await?;
    }
    state.dispatcher().let_go_deleted().await?;
    for ids in others.chunks(ROWS) {
        let (ids, person) = (ids.to_vec(), person.clone());
        erased.mentions +=
            state.store().write(move |write| clean_leads(write, &ids, &person)).await?;
    }
    for (place, rows) in places {
        for rows in rows.chunks(ROWS) {
            let rows = rows.to_vec();
            let work = move |write: &Transaction<'_>| {
                let mut removed = 0;
                for sql in place.remove {
                    let mut statement = write.prepare_cached(sql)?;
                    for row in &rows {
                        removed += statement.execute(params_of(row))?;
                    }
                }
                Ok(removed)
            };
            erased.mentions += state.store().write(work).await?;
        }
    }
    state.store().fold().await?;
    Ok(erased)
}

fn params_of(row: &find::Key) -> impl rusqlite::Params + '_ {
    rusqlite::params_from_iter(row.iter())
}

fn erase_leads(write: &Transaction<'_>, ids: &[i64]) -> rusqlite::Result<usize> {
    let mut events = write.prepare_cached("DELETE FROM events WHERE lead_id = ?1")?;
    let mut leads = write.prepare_cached("DELETE FROM leads WHERE id = ?1")?;
    let mut erased = 0;
    for id in ids {
        erased += leads.execute([id])?;
        events.execute([id])?;
    }
    Event::Leads { lead: None }.record(write, Time::now())?;
    Ok(erased)
}

/// Takes the address out of what other leads have beside their fields.
fn clean_leads(write: &Transaction<'_>, ids: &[i64], person: &Person) -> rusqlite::Result<usize> {
    let mut update =
        write.prepare_cached("UPDATE leads SET extra = ?2, updated_at = ?3 WHERE id = ?1")?;
    let mut cleaned = 0;
    for id in ids {
        let Some(lead) = LeadRow::find(write, *id)? else { continue };
        let extra = cleaned_extra(lead.extra.clone(), person);
        if extra != lead.extra {
            cleaned += update.execute(params![id, extra.to_json(), Time::now()])?;
        }
    }
    Ok(cleaned)
}

fn cleaned_extra(mut extra: Extra, person: &Person) -> Extra {
    extra.emails.retain(|text| !person.is_in(text.reveal()));
    extra.phones.retain(|text| !person.is_in(text.reveal()));
    extra.columns.retain(|(_, text)| !person.is_in(text.reveal()));
    extra.cells.retain(|(_, text)| !person.is_in(text.reveal()));
    extra.named.retain(|(name, text)| !person.is_in(text.reveal()) && !person.is_in(name));
    extra
}
