//! What is kept no longer: half uploads, files that nobody imports, what old runs found out.
//!
//! | limit | value |
//! |---|---|
//! | how often it is looked for | every 6 hours ([`EVERY`]) |
//! | rows that are removed by one transaction | 1,000 ([`ROWS`]) |

use std::time::Duration;

use genesy_core::time::Timestamp;
use rusqlite::{Connection, Transaction};

use crate::clock::Time;
use crate::import::{remove_upload, uploads};
use crate::state::AppState;
use crate::store::imports::{self, ImportRow, ImportState};
use crate::store::{Store, StoreError};

/// How often it is looked for what is too old.
const EVERY: Duration = Duration::from_secs(6 * 3600);
/// Rows that are removed by one transaction.
const ROWS: i64 = 1000;
const HOUR: Duration = Duration::from_secs(3600);

/// Sweeps at once and then time and again, for as long as the server runs.
pub(super) async fn sweep_regularly(state: AppState) {
    loop {
        if let Err(error) = sweep(&state, Time::now()).await {
            tracing::error!(%error, "what is too old could not be removed");
        }
        tokio::select! {
            () = state.stopping().cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Removes what is too old at a time.
pub(crate) async fn sweep(state: &AppState, now: Time) -> Result<(), StoreError> {
    let keep = state.settings().retention.clone();
    let uploads_before = before(now, HOUR * keep.uploads_hours);
    let unused = state.store().read(move |store| {
        let ready = ImportRow::in_state(store, ImportState::Ready)?;
        Ok(ready.into_iter().filter(move |import| import.created_at < uploads_before))
    });
    for import in unused.await? {
        let id = import.id;
        let work = move |transaction: &Transaction<'_>| imports::remove_ready(transaction, id);
        if state.store().write(work).await? {
            remove_upload(state.store(), id);
        }
    }
    let runs_before = before(now, HOUR * 24 * keep.runs_days);
    while !state.stopping().is_cancelled() {
        // All runs are looked through: no write waits for that.
        let old = state.store().read(move |store| old_runs(store, runs_before)).await?;
        if old.is_empty() {
            break;
        }
        let sql = "UPDATE runs SET result = NULL WHERE lead_id = ?1 AND kind = ?2 AND state = 'ended' \
            AND ended_at < ?3";
        let forget = move |transaction: &Transaction<'_>| {
            let mut update = transaction.prepare_cached(sql)?;
            old.iter()
                .try_for_each(|(lead, kind)| update.execute((lead, kind, runs_before)).map(drop))
        };
        state.store().write(forget).await?;
    }
    Ok(())
}

/// Some runs that ended before, and still have a result.
fn old_runs(store: &Connection, before: Time) -> rusqlite::Result<Vec<(i64, String)>> {
    let sql = "SELECT lead_id, kind FROM runs WHERE state = 'ended' AND ended_at < ?1 AND result IS NOT NULL \
        LIMIT ?2";
    let mut select = store.prepare_cached(sql)?;
    let rows = select.query_map((before, ROWS), |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

fn before(now: Time, age: Duration) -> Time {
    let age = u64::try_from(age.as_micros()).unwrap_or(u64::MAX);
    Timestamp::from_micros(now.timestamp().as_micros().saturating_sub(age)).into()
}

/// Removes uploads that a server which ended left half done, and files that no import knows.
pub(super) async fn remove_half_uploads(store: &Store, started_at: Time) -> Result<(), StoreError> {
    let half = store
        .write(move |transaction| {
            let half = ImportRow::in_state(transaction, ImportState::Uploading)?;
            let half = half.into_iter().filter(|import| import.created_at < started_at);
            let ids: Vec<i64> = half.map(|import| import.id).collect();
            ids.iter().try_for_each(|id| imports::remove(transaction, *id))?;
            Ok(ids)
        })
        .await?;
    half.into_iter().for_each(|id| remove_upload(store, id));
    let uploads = uploads(store).unwrap_or_else(|error| {
        tracing::error!(%error, "the folder of uploads cannot be listed: files that nobody needs stay");
        Vec::new()
    });
    for id in uploads {
        let import = store.read(move |store| ImportRow::find(store, id)).await?;
        let is_needed = import.is_some_and(|import| {
            use ImportState::{Importing, Ready, Uploading};
            matches!(import.state, Importing | Ready | Uploading)
        });
        if !is_needed {
            remove_upload(store, id);
        }
    }
    Ok(())
}
