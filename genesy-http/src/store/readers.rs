//! Connections that read.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OpenFlags};
use tokio::sync::Semaphore;

use super::StoreError;

/// Pages that a reader keeps in memory, in KiB.
const CACHE_KIB: i64 = 8 * 1024;
/// Statements that a reader keeps prepared.
const STATEMENTS_MAX: usize = 64;

/// Some connections, opened as they are needed.
#[derive(Debug)]
pub(super) struct Readers {
    file: PathBuf,
    idle: Mutex<Vec<Connection>>,
    places: Semaphore,
}

impl Readers {
    pub(super) fn new(file: PathBuf, readers_max: usize) -> Self {
        Self { file, idle: Mutex::default(), places: Semaphore::new(readers_max) }
    }

    pub(super) async fn read<T: Send + 'static>(
        self: std::sync::Arc<Self>,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let _place = self.places.acquire().await.map_err(|_| StoreError::Closed)?;
        let this = std::sync::Arc::clone(&self);
        let done = tokio::task::spawn_blocking(move || {
            let connection = this.take()?;
            let result = work(&connection);
            this.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            result
        });
        Ok(done.await.map_err(|_| StoreError::Closed)??)
    }

    /// Closes the connections that nobody reads by. None is opened any more.
    pub(super) fn close(&self) {
        self.places.close();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn take(&self) -> rusqlite::Result<Connection> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| self.open(), Ok)
    }

    fn open(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.file, flags)?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        connection.pragma_update(None, "query_only", true)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        Ok(connection)
    }
}
