//! The store: one SQLite file, one writer, readers apart.
//!
//! All writes go to one thread, which takes what has come meanwhile into one transaction and answers when
//! that is committed. Readers have connections of their own and see the last commit. The file is in WAL
//! mode with `synchronous = NORMAL`: a killed process loses nothing that was answered.
//!
//! | limit | value |
//! |---|---|
//! | writes of one transaction | 512 (`GROUP_MAX`) |
//! | writes that wait for their turn | 1,024 (`QUEUE_MAX`): those behind them wait to be taken |
//! | readers at a time | 4 (`READERS_MAX`) |
//! | until the log is folded, while somebody still reads of it | 30 s (`FOLD_TIME_MAX`) |

pub(crate) mod addresses;
pub(crate) mod attempts;
pub(crate) mod catalog;
mod error;
pub(crate) mod events;
pub(crate) mod facts;
pub(crate) mod fill;
pub(crate) mod hash;
pub(crate) mod imports;
pub(crate) mod issues;
pub(crate) mod jobs;
pub(crate) mod journal;
pub(crate) mod lead_filter;
pub(crate) mod lead_pages;
pub(crate) mod leads;
mod log;
mod migrate;
pub(crate) mod provenance;
mod readers;
pub(crate) mod runs;
pub(crate) mod suppressions;
#[cfg(test)]
mod tests;
mod writer;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::types::Type;
use rusqlite::{Connection, Transaction};
use serde::de::DeserializeOwned;
use tokio::sync::Notify;

use self::addresses::Addresses;
use self::catalog::Catalog;
pub use self::error::{SqliteError, StoreError};
use self::hash::Hasher;
use self::migrate::Opened;
use self::readers::Readers;
use self::writer::Writer;

/// Writes that are committed together at most.
const GROUP_MAX: usize = 512;
/// Writes that wait for their turn at most.
const QUEUE_MAX: usize = 1024;
/// Readers at a time at most.
const READERS_MAX: usize = 4;

/// How long it is tried to fold the log for good, while readers still read of it.
const FOLD_TIME_MAX: Duration = Duration::from_secs(30);
/// How long the store is left to others between two trials.
const FOLD_PAUSE: Duration = Duration::from_millis(100);

/// The name of the database in the data folder.
const FILE_NAME: &str = "genesy.sqlite3";

/// A count as SQLite has it.
pub(crate) fn int(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// What is stored as JSON. If it cannot be read that is an error, since a default would be acted upon.
pub(crate) fn stored<T: DeserializeOwned>(json: &str) -> rusqlite::Result<T> {
    serde_json::from_str(json).map_err(|_| {
        // What serde says would quote it.
        let why = "what is stored cannot be read".into();
        rusqlite::Error::FromSqlConversionFailure(0, Type::Text, why)
    })
}

/// A store. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    folder: PathBuf,
    writer: Writer,
    readers: Arc<Readers>,
    /// What tells this store from others: in ids that leave it.
    store_id: String,
    committed: Arc<Notify>,
    catalog: Arc<Catalog>,
    addresses: Arc<Addresses>,
    _lock: File,
}

impl Store {
    /// Opens the store of a folder, or begins one there.
    ///
    /// # Errors
    ///
    /// When the folder cannot be written, another process has the store open, or it is of a later version or
    /// of a demo.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::open_as(folder.as_ref(), false)
    }

    /// The same for a demo: what was simulated is not mixed with what is real.
    pub(crate) fn open_as(folder: &Path, is_demo: bool) -> Result<Self, StoreError> {
        let Opened { connection, store_id, hash_key, lock } =
            migrate::open(folder, FILE_NAME, is_demo)?;
        let committed = Arc::new(Notify::new());
        let addresses = Arc::new(Addresses::new(Hasher::new(&hash_key)));
        let catalog = Arc::new(Catalog::new(Arc::clone(&addresses)));
        catalog.start_sorting(folder.join(FILE_NAME));
        let shared = Shared {
            folder: folder.to_owned(),
            writer: Writer::start(connection, Arc::clone(&committed), Arc::clone(&catalog))?,
            catalog,
            readers: Arc::new(Readers::new(folder.join(FILE_NAME), READERS_MAX)),
            store_id,
            committed,
            addresses,
            _lock: lock,
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// The folder that it is in.
    pub(crate) fn folder(&self) -> &Path {
        &self.shared.folder
    }

    /// What tells it from other stores: 8 hexadecimal digits.
    pub(crate) fn id(&self) -> &str {
        &self.shared.store_id
    }

    /// Writes, and gives what came of it once it is committed. If `work` fails nothing of it is kept.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.shared.writer.write(work).await
    }

    /// Reads what is committed.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        Arc::clone(&self.shared.readers).read(work).await
    }

    /// Takes into lists what tests wrote beside the server.
    #[doc(hidden)]
    pub fn notice(&self, leads: &[i64]) -> Result<(), StoreError> {
        let file = Connection::open(self.folder().join(FILE_NAME)).map_err(StoreError::of)?;
        self.catalog().refresh(&file, leads.to_vec()).map_err(StoreError::of)
    }

    /// What lists of leads are made from.
    pub(crate) fn catalog(&self) -> &Arc<Catalog> {
        &self.shared.catalog
    }

    /// Lets what was begun be done, and closes the file. What is asked later fails.
    pub async fn close(&self) {
        self.shared.readers.close().await;
        self.shared.catalog.stop_sorting().await;
        self.shared.writer.close().await;
    }

    /// Folds the write-ahead log into the file and empties it, so that nothing that was deleted is left there.
    pub(crate) async fn fold(&self) -> Result<(), StoreError> {
        let begun = Instant::now();
        while !self.shared.writer.fold().await? {
            if begun.elapsed() >= FOLD_TIME_MAX {
                return Err(StoreError::Busy);
            }
            tokio::time::sleep(FOLD_PAUSE).await;
        }
        Ok(())
    }

    /// How many writes wait for their turn.
    pub(crate) fn writes_waiting(&self) -> usize {
        self.shared.writer.waiting()
    }

    /// Wakes one waiter behind each commit.
    pub(crate) fn committed(&self) -> &Arc<Notify> {
        &self.shared.committed
    }

    /// What makes the hashes that stand for addresses which must not be stored.
    pub(crate) fn hasher(&self) -> &Hasher {
        self.shared.addresses.hasher()
    }

    /// Which lead has an address.
    pub(crate) fn addresses(&self) -> &Arc<Addresses> {
        &self.shared.addresses
    }
}
