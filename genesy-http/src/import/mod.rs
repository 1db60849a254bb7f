//! Files become leads: upload, preview, import and undo.
//!
//! A file is read by a thread of its own, which hands chunks to the store's writer. Each chunk is stored
//! together with how far the import is, so that after a crash it goes on behind the last one, and no row
//! is lost or doubled.
//!
//! | limit | value |
//! |---|---|
//! | rows of one transaction | as many as are stored in 10 ms: 100 to 1,000 ([`read::CHUNK_ROWS_MAX`]), or 4 issues for each, or 1 MiB |
//! | chunks that wait for the store | 2 ([`CHUNKS_WAITING_MAX`]) |
//! | files that are imported or undone at a time | 1; others wait |
//! | events about one import | 4 a second ([`TELL_EVERY`]) |
//! | until it is tried again when the store does not work | 1 s ([`RETRY_FIRST`]), twice as long each time, up to 60 s ([`RETRY_MAX`]) |
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

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use genesy_core::csv::normalize::Options;
use rusqlite::Transaction;
use tokio::sync::{Semaphore, mpsc};

use self::load::Target;
use self::options::ImportOptions;
use self::read::{Chunk, Job, Pace, Stopped};
use crate::clock::Time;
use crate::events::Event;
use crate::state::AppState;
use crate::store::imports::{self, ImportRow, ImportState};
use crate::store::{Store, StoreError};

/// Chunks that wait for the store at most.
const CHUNKS_WAITING_MAX: usize = 2;
/// Events about one import at most.
pub(crate) const TELL_EVERY: Duration = Duration::from_millis(250);
/// How long until it is tried again when the store did not work for the first time.
const RETRY_FIRST: Duration = Duration::from_secs(1);
/// How long until it is tried again at most.
const RETRY_MAX: Duration = Duration::from_secs(60);
/// Leads that are removed by one transaction.
const UNDO_LEADS: usize = 250;

/// What the imports of a server share.
#[derive(Debug)]
pub(crate) struct Imports {
    /// Who has it imports or undoes.
    turn: Semaphore,
}

impl Default for Imports {
    fn default() -> Self {
        Self { turn: Semaphore::new(1) }
    }
}

/// Takes up what a server that ended left behind, and begins what goes on for ever.
pub(crate) fn start(state: &AppState) {
    let started_at = Time::now();
    tokio::spawn(sweep::sweep_regularly(state.clone()));
    let state = state.clone();
    tokio::spawn(async move {
        let mut pauses = Pauses::default();
        while let Err(error) = take_up(&state, started_at).await {
            tracing::error!(%error, "imports that were under way are not taken up yet");
            if !pauses.wait(&state).await {
                return;
            }
        }
    });
}

/// The waits between trials, each twice as long as the one before.
struct Pauses(Duration);

impl Default for Pauses {
    fn default() -> Self {
        Self(RETRY_FIRST)
    }
}

impl Pauses {
    /// Waits until it may be tried again: false if the server stops.
    async fn wait(&mut self, state: &AppState) -> bool {
        let pause = self.0;
        self.0 = RETRY_MAX.min(pause * 2);
        tokio::select! {
            () = state.stopping().cancelled() => false,
            () = tokio::time::sleep(pause) => !state.stopping().is_cancelled(),
        }
    }
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

/// The imports that an upload is there of, whatever state they are in.
pub(crate) fn uploads(store: &Store) -> io::Result<Vec<i64>> {
    let files = match fs::read_dir(store.folder().join("imports")) {
        Ok(files) => files,
        // It is made with the first one.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut ids = Vec::new();
    for file in files {
        let path = file?.path();
        let id: Option<i64> =
            path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok());
        ids.extend(id);
    }
    Ok(ids)
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

/// What goes on in the background.
#[derive(Debug, Clone, Copy)]
enum Work {
    Import,
    Undo,
}

/// Imports a file whose state is `importing`, in the background.
pub(crate) fn spawn_import(state: &AppState, id: i64) {
    spawn(state.clone(), id, Work::Import);
}

/// Removes the leads of an import whose state is `undoing`, in the background.
pub(crate) fn spawn_undo(state: &AppState, id: i64) {
    spawn(state.clone(), id, Work::Undo);
}

/// Why an import or an undo does not go on for now.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the uploaded file cannot be read")]
    Upload(#[from] io::Error),
}

/// Does it in its turn, and again after trouble, until it is done or the server stops. If it is begun twice,
/// the later one finds it done.
fn spawn(state: AppState, id: i64, work: Work) {
    tokio::spawn(async move {
        let mut pauses = Pauses::default();
        loop {
            let turn = state.imports().turn.acquire().await;
            let done = match work {
                Work::Import => import(&state, id).await,
                Work::Undo => undo(&state, id).await.map_err(Trouble::from),
            };
            drop(turn);
            let Err(trouble) = done else { return };
            if state.stopping().is_cancelled() {
                return;
            }
            let source = std::error::Error::source(&trouble).map(ToString::to_string);
            tracing::error!(%trouble, source, import = id, ?work, "it is tried again");
            let why = format!("{trouble}. It goes on by itself as soon as that is mended.");
            let show =
                state.store().write(move |transaction| imports::show(transaction, id, Some(&why)));
            if let Err(error) = show.await {
                tracing::warn!(%error, import = id, "its trouble cannot be shown");
            }
            if !pauses.wait(&state).await {
                return;
            }
        }
    });
}

async fn import(state: &AppState, id: i64) -> Result<(), Trouble> {
    let store = state.store();
    let import = store.read(move |store| ImportRow::find(store, id)).await?;
    let Some(import) = import.filter(|import| import.state == ImportState::Importing) else {
        return Ok(());
    };
    let end = match decided(&import) {
        Some((chosen, options)) => load_file(state, &import, &chosen, options).await?,
        None => Some(Err(UNDECIDED.to_owned())),
    };
    // Otherwise it goes on at the next start.
    if let Some(end) = end {
        let catalog = Arc::clone(store.catalog());
        store.read(move |store| catalog.prepare(store)).await?;
        let to = if end.is_ok() { ImportState::Imported } else { ImportState::Failed };
        finish(store, id, to, end.err()).await?;
        remove_upload(store, id);
    }
    Ok(())
}

/// What is wrong with an import whose options cannot be read.
const UNDECIDED: &str =
    "what was decided about the file cannot be read any more: upload the file again";

fn decided(import: &ImportRow) -> Option<(ImportOptions, Options)> {
    let chosen: ImportOptions = serde_json::from_str(&import.options).ok()?;
    let options = chosen.to_normalizer().ok()?;
    Some((chosen, options))
}

/// Stores the rows of a file that are not stored yet. Gives why the file cannot be read to its end if it
/// cannot; nothing at all if the server stops before.
async fn load_file(
    state: &AppState,
    import: &ImportRow,
    chosen: &ImportOptions,
    options: Options,
) -> Result<Option<Result<(), String>>, Trouble> {
    let store = state.store();
    let pace = Pace::default();
    let job = Job {
        import: import.id,
        options,
        merges_blanks: chosen.merges_blanks(),
        rows_done: import.rows_read,
        hasher: store.hasher().clone(),
        pace: pace.clone(),
    };
    let target = Target {
        import: import.id,
        keeps_all: chosen.keeps_all(),
        addresses: Arc::clone(store.addresses()),
        columns: import.file_columns(),
    };
    let path = upload_path(store, import.id);
    let (chunks, taken) = mpsc::channel(CHUNKS_WAITING_MAX);
    let reading = tokio::task::spawn_blocking(move || read::read(&path, &job, &chunks));
    if !load_all(state, target, &pace, taken).await? {
        return Ok(None);
    }
    match reading.await {
        Ok(Ok(())) => Ok(Some(Ok(()))),
        Ok(Err(Stopped::Unreadable(why))) => Ok(Some(Err(why))),
        Ok(Err(Stopped::Trouble(error))) => Err(error.into()),
        Ok(Err(Stopped::Unwanted)) => Ok(None),
        // It would at the next trial, too.
        Err(error) if error.is_panic() => Ok(Some(Err(BROKEN.to_owned()))),
        Err(_) => Ok(None),
    }
}

/// What is wrong with a file that its reader panics at.
const BROKEN: &str = "the server broke down at this file: it is a fault of the server, see its log";

/// Stores what is read; false if the server stops before all of it is stored.
async fn load_all(
    state: &AppState,
    mut target: Target,
    pace: &Pace,
    mut chunks: mpsc::Receiver<Chunk>,
) -> Result<bool, StoreError> {
    let mut told = Instant::now();
    while let Some(chunk) = chunks.recv().await {
        if state.stopping().is_cancelled() {
            return Ok(false);
        }
        if let Some(columns) = &chunk.columns {
            target.columns.clone_from(columns);
        }
        let is_told = told.elapsed() >= TELL_EVERY;
        if is_told {
            told = Instant::now();
        }
        let target = target.clone();
        let pace = pace.clone();
        let work = move |transaction: &Transaction<'_>| {
            let at = Time::now();
            let begun = Instant::now();
            load::load(transaction, &target, &chunk, at)?;
            pace.took(begun.elapsed());
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
    Ok(true)
}

async fn finish(
    store: &Store,
    id: i64,
    to: ImportState,
    error: Option<String>,
) -> Result<(), StoreError> {
    let work = move |transaction: &Transaction<'_>| {
        let at = Time::now();
        if imports::turn(transaction, id, &[ImportState::Importing], to, at)? {
            Event::Leads { lead: None }.record(transaction, at)?;
            transaction.execute(
                "UPDATE imports SET error = ?2, imported_at = ?3 WHERE id = ?1",
                (id, error, at),
            )?;
        }
        Ok(())
    };
    store.write(work).await
}

async fn undo(state: &AppState, id: i64) -> Result<(), StoreError> {
    let import = state.store().read(move |store| ImportRow::find(store, id)).await?;
    if import.is_none_or(|import| import.state != ImportState::Undoing) {
        return Ok(());
    }
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
        state.dispatcher().let_go_deleted().await?;
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
    imports::show(transaction, id, None)?;
    imports::turn(transaction, id, &[ImportState::Undoing], ImportState::Undone, at)?;
    Event::Leads { lead: None }.record(transaction, at)?;
    Ok(false)
}
