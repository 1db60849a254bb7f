//! Folding the write-ahead log into the file behind the writes, on a connection of its own: so no write waits
//! for the disk.
//!
//! | limit | value |
//! |---|---|
//! | rows that change until the log is folded | 4,000 ([`CHANGES`]) |
//! | pages of the log until the writer waits for it | 16,384, which are 64 MiB ([`PAGES_MAX`]) |

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;

/// Rows that change until the log is folded.
const CHANGES: u64 = 4_000;
/// Pages of the log from which on the writer folds what is left, so that it begins anew.
const PAGES_MAX: i64 = 16 * 1024;

/// Who folds. It ends when it is dropped.
#[derive(Debug)]
pub(super) struct Log {
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    is_long: Arc<AtomicBool>,
    /// Changes up to the last time that it was told to.
    changes: u64,
}

impl Log {
    pub(super) fn start(file: PathBuf) -> Self {
        let (wake, woken) = sync_channel(1);
        let is_long = Arc::<AtomicBool>::default();
        let told = Arc::clone(&is_long);
        let thread = thread::spawn(move || {
            if let Err(error) = follow(file, &woken, &told) {
                tracing::error!(%error, "the log is folded by the writer from now on");
                told.store(true, Ordering::Relaxed);
            }
        });
        Self { wake: Some(wake), thread: Some(thread), is_long, changes: 0 }
    }

    /// Called behind each commit with the connection that writes.
    pub(super) fn committed(&mut self, writer: &Connection) {
        let changes = writer.total_changes();
        if changes - self.changes < CHANGES {
            return;
        }
        self.changes = changes;
        let is_over = self.thread.as_ref().is_none_or(JoinHandle::is_finished);
        if self.is_long.swap(is_over, Ordering::Relaxed) {
            // The other one has folded most of it: little is left to do.
            if let Err(error) = fold(writer) {
                tracing::error!(%error, "the log could not be folded");
            }
        }
        // If it is at it, it is told already.
        let _ = self.wake.as_ref().map(|wake| wake.try_send(()));
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.wake = None;
        // If it panicked, its message was printed there.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn follow(file: PathBuf, woken: &Receiver<()>, is_long: &AtomicBool) -> rusqlite::Result<()> {
    let connection = Connection::open(file)?;
    while woken.recv().is_ok() {
        if fold(&connection)? >= PAGES_MAX {
            is_long.store(true, Ordering::Relaxed);
        }
    }
    Ok(())
}

/// Folds what can be folded without waiting for others; gives the pages that the log has.
fn fold(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(1))
}
