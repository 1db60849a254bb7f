//! The words of new leads are made known to the search, behind the imports.
//!
//! | limit | value |
//! |---|---|
//! | leads of one transaction | 500 ([`LEADS`]) |

use std::time::Duration;

use rusqlite::Transaction;

use crate::state::AppState;

/// Leads whose words are stored by one transaction.
const LEADS: i64 = 500;
/// How long the store is left to others between two transactions.
const PAUSE: Duration = Duration::from_millis(2);
/// How long until it is tried again when the store did not work.
const RETRY: Duration = Duration::from_secs(5);

/// Follows the leads for as long as the server runs.
pub(super) async fn follow(state: AppState) {
    let stopping = state.stopping().clone();
    loop {
        tokio::select! {
            () = stopping.cancelled() => return,
            () = catch_up(&state) => {}
        }
        tokio::select! {
            () = stopping.cancelled() => return,
            () = state.imports().has_new_words.notified() => {}
        }
    }
}

async fn catch_up(state: &AppState) {
    loop {
        // An import goes first: the search can wait.
        drop(state.imports().turn.acquire().await);
        match state.store().write(add_some).await {
            Ok(true) => tokio::time::sleep(PAUSE).await,
            Ok(false) => return,
            Err(error) => {
                tracing::error!(%error, "new leads could not be made known to the search");
                tokio::time::sleep(RETRY).await;
            }
        }
    }
}

/// Adds the words of the next leads. Whether there were any.
pub(crate) fn add_some(transaction: &Transaction<'_>) -> rusqlite::Result<bool> {
    let mut range = transaction.prepare_cached(
        "SELECT coalesce(max(id), 0) FROM (SELECT id FROM leads WHERE id > \
         (SELECT value FROM meta WHERE key = 'words_up_to') ORDER BY id LIMIT ?1)",
    )?;
    let last: i64 = range.query_row([LEADS], |row| row.get(0))?;
    if last == 0 {
        return Ok(false);
    }
    transaction
        .prepare_cached(
            "INSERT INTO lead_words (rowid, first_name, last_name, company_name, email) \
             SELECT id, first_name, last_name, company_name, email FROM leads WHERE id <= ?1 \
             AND id > (SELECT value FROM meta WHERE key = 'words_up_to') ORDER BY id",
        )?
        .execute([last])?;
    transaction
        .prepare_cached("UPDATE meta SET value = ?1 WHERE key = 'words_up_to'")?
        .execute([last])?;
    Ok(true)
}
