//! Files become leads: upload, preview, import and undo.
//!
//! A file is read by a thread of its own, which hands chunks to the store's writer. Each chunk is stored
//! together with how far the import is, so that after a crash it goes on behind the last one, and no row
//! is lost or doubled.
//!
//! | limit | value |
//! |---|---|
//! | rows of one transaction | 1,000 ([`read::CHUNK_ROWS`]), or 4,000 issues, or 1 MiB of rejected rows |
//! | chunks that wait for the store | 2 ([`CHUNKS_WAITING_MAX`]) |
//! | files that are imported or undone at a time | 1; others wait |
//! | events about one import | 4 a second ([`TELL_EVERY`]) |
//! | leads that are removed by one transaction | 250 ([`UNDO_LEADS`]) |

mod lead;
mod lead_merge;
mod load;
pub(crate) mod options;
pub(crate) mod preview;
pub(crate) mod read;
pub(crate) mod summary;
mod sweep;
pub(crate) mod upload;
mod words;

use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rusqlite::Transaction;
use tokio::sync::{Notify, Semaphore, mpsc};

use self::load::Target;
use self::options::ImportOptions;
use self::read::{Chunk, Job, Stopped};
use crate::clock::Time;
use crate::events::Event;
use crate::state::AppState;
use crate::store::imports::{self, ImportRow, ImportState};
use crate::store::{Store, StoreError};

/// Chunks that wait for the store at most.
const CHUNKS_WAITING_MAX: usize = 2;
/// Events about one import at most.
pub(crate) const TELL_EVERY: Duration = Duration::from_millis(250);
/// Leads that are removed by one transaction.
const UNDO_LEADS: usize = 250;

/// What the imports of a server share.
#[derive(Debug)]
pub(crate) struct Imports {
    /// Who has it imports or undoes.
    turn: Semaphore,
    /// Told when there are leads that the search does not know yet.
    has_new_words: Notify,
}

impl Default for Imports {
    fn default() -> Self {
        Self { turn: Semaphore::new(1), has_new_words: Notify::new() }
    }
}

/// Takes up what a server that ended left behind, and begins what goes on for ever.
pub(crate) fn start(state: &AppState) {
    let started_at = Time::now();
    tokio::spawn(words::follow(state.clone()));
    tokio::spawn(sweep::sweep_daily(state.clone()));
    let state = state.clone();
    tokio::spawn(async move {
        if let Err(error) = take_up(&state, started_at).await {
            tracing::error!(%error, "imports that were under way could not be taken up");
        }
    });
}

async fn take_up(state: &AppState, started_at: Time) -> Result<(), StoreError> {
    sweep::remove_half_uploads(state.store(), started_at).await?;
    for (from, is_undo) in [(ImportState::Importing, false), (ImportState::Undoing, true)] {
        let imports = state.store().read(move |store| ImportRow::in_state(store, from)).await?;
        for import in imports {
            if is_undo {
                spawn_undo(state, import.id);
            } else {
                spawn_import(state, import.id);
            }
        }
    }
    Ok(())
}

/// Where the upload of an import is.
pub(crate) fn upload_path(store: &Store, import: i64) -> PathBuf {
    store.folder().join("imports").join(format!("{import}.upload"))
}

/// Removes the upload of an import, if it is there.
pub(crate) fn remove_upload(store: &Store, import: i64) {
    match fs::remove_file(upload_path(store, import)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(%error, import, "an upload could not be removed");
        }
        _ => {}
    }
}

/// Imports a file whose state is `importing`, in the background.
pub(crate) fn spawn_import(state: &AppState, id: i64) {
    let state = state.clone();
    tokio::spawn(async move {
        let _turn = state.imports().turn.acquire().await;
        if let Err(error) = import(&state, id).await {
            tracing::error!(%error, import = id, "an import stopped; it goes on at the next start");
        }
        state.imports().has_new_words.notify_one();
    });
}

/// Removes the leads of an import whose state is `undoing`, in the background.
pub(crate) fn spawn_undo(state: &AppState, id: i64) {
    let state = state.clone();
    tokio::spawn(async move {
        let _turn = state.imports().turn.acquire().await;
        if let Err(error) = undo(&state, id).await {
            tracing::error!(%error, import = id, "an undo stopped; it goes on at the next start");
        }
    });
}

async fn import(state: &AppState, id: i64) -> Result<(), StoreError> {
    let store = state.store();
    let Some(import) = store.read(move |store| ImportRow::find(store, id)).await? else {
        return Ok(());
    };
    let chosen: ImportOptions = serde_json::from_str(&import.options).unwrap_or_default();
    let job = Job {
        import: id,
        options: chosen.to_normalizer().unwrap_or_default(),
        merges_blanks: chosen.merges_blanks(),
        rows_done: import.rows_read,
        hasher: store.hasher().clone(),
    };
    let target = Target {
        import: id,
        keeps_all: chosen.keeps_all(),
        hasher: store.hasher().clone(),
        columns: import.file_columns(),
    };
    let path = upload_path(store, id);
    let (chunks, taken) = mpsc::channel(CHUNKS_WAITING_MAX);
    let reading = tokio::task::spawn_blocking(move || read::read(&path, &job, &chunks));
    load_all(state, target, taken).await?;
    match reading.await.map_err(|_| StoreError::Closed)? {
        Ok(()) => finish(store, id, ImportState::Imported, None).await?,
        Err(Stopped::Unreadable(why)) => finish(store, id, ImportState::Failed, Some(why)).await?,
        Err(Stopped::Unwanted) => return Ok(()),
    }
    remove_upload(store, id);
    Ok(())
}

async fn load_all(
    state: &AppState,
    mut target: Target,
    mut chunks: mpsc::Receiver<Chunk>,
) -> Result<(), StoreError> {
    let mut told = Instant::now();
    while let Some(chunk) = chunks.recv().await {
        if state.stopping().is_cancelled() {
            return Ok(());
        }
        if let Some(columns) = &chunk.columns {
            target.columns.clone_from(columns);
        }
        let is_told = told.elapsed() >= TELL_EVERY;
        if is_told {
            told = Instant::now();
        }
        let target = target.clone();
        let work = move |transaction: &Transaction<'_>| {
            let at = Time::now();
            load::load(transaction, &target, &chunk, at)?;
            if is_told {
                imports::tell(
                    transaction,
                    target.import,
                    ImportState::Importing,
                    chunk.rows_read,
                    at,
                )?;
                Event::Leads { lead: None }.record(transaction, at)?;
            }
            Ok(())
        };
        state.store().write(work).await?;
    }
    Ok(())
}

async fn finish(
    store: &Store,
    id: i64,
    to: ImportState,
    error: Option<String>,
) -> Result<(), StoreError> {
    let work = move |transaction: &Transaction<'_>| {
        let at = Time::now();
        imports::turn(transaction, id, &[ImportState::Importing], to, at)?;
        Event::Leads { lead: None }.record(transaction, at)?;
        transaction.execute(
            "UPDATE imports SET error = ?2, imported_at = ?3 WHERE id = ?1",
            (id, error, at),
        )
    };
    store.write(work).await.map(drop)
}

async fn undo(state: &AppState, id: i64) -> Result<(), StoreError> {
    let mut told = Instant::now();
    loop {
        if state.stopping().is_cancelled() {
            return Ok(());
        }
        let is_told = told.elapsed() >= TELL_EVERY;
        if is_told {
            told = Instant::now();
        }
        let left =
            state.store().write(move |transaction| undo_some(transaction, id, is_told)).await?;
        if !left {
            return Ok(());
        }
    }
}

/// Removes some leads; when none is left, what else there is of the import. Whether anything is left.
fn undo_some(transaction: &Transaction<'_>, id: i64, is_told: bool) -> rusqlite::Result<bool> {
    let at = Time::now();
    let removed = transaction
        .prepare_cached(
            "DELETE FROM leads WHERE id IN (SELECT id FROM leads WHERE import_id = ?1 LIMIT ?2)",
        )?
        .execute((id, UNDO_LEADS as i64))?;
    if removed > 0 {
        if is_told {
            Event::Leads { lead: None }.record(transaction, at)?;
        }
        return Ok(true);
    }
    for table in ["issues", "rejected_rows"] {
        let sql = format!(
            "DELETE FROM {table} WHERE import_id = ?1 AND row IN \
             (SELECT row FROM {table} WHERE import_id = ?1 ORDER BY row LIMIT ?2)"
        );
        if transaction.prepare_cached(&sql)?.execute((id, UNDO_LEADS as i64))? > 0 {
            return Ok(true);
        }
    }
    imports::turn(transaction, id, &[ImportState::Undoing], ImportState::Undone, at)?;
    Event::Leads { lead: None }.record(transaction, at)?;
    Ok(false)
}
