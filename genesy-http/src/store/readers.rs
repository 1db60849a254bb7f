//! Connections that read.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::StoreError;

/// Pages that a reader keeps in memory, in KiB.
const CACHE_KIB: i64 = 2 * 1024;
/// Statements that a reader keeps prepared.
const STATEMENTS_MAX: usize = 64;
/// How long those who read are waited for at the end.
const CLOSE_TIME_MAX: Duration = Duration::from_secs(5);

/// Some connections, opened as they are needed.
#[derive(Debug)]
pub(super) struct Readers {
    file: PathBuf,
    idle: Mutex<Vec<Connection>>,
    readers_max: usize,
    places: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(file: PathBuf, readers_max: usize) -> Self {
        Self {
            file,
            idle: Mutex::default(),
            readers_max,
            places: Arc::new(Semaphore::new(readers_max)),
        }
    }

    pub(super) async fn read<T: Send + 'static>(
        self: Arc<Self>,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.map_err(|_| StoreError::Closed)?;
        let done = tokio::task::spawn_blocking(move || {
            // It reads to its end even if whoever asked goes.
            let _place = place;
            let connection = self.take()?;
            let result = work(&connection);
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            result
        });
        match done.await {
            Ok(result) => result.map_err(StoreError::of),
            Err(error) if error.is_panic() => Err(StoreError::Panicked),
            Err(_) => Err(StoreError::Closed),
        }
    }

    /// Closes the connections when those who read have done so, or have had the time to. None is opened any more.
    pub(super) async fn close(&self) {
        let all = u32::try_from(self.readers_max).unwrap_or(u32::MAX);
        // It fails if they are closed already.
        let _ = timeout(CLOSE_TIME_MAX, self.places.acquire_many(all)).await;
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
