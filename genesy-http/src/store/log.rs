//! Folding the write-ahead log into the file behind the writes, on a connection of its own: so no write waits
//! for the disk.
//!
//! | limit | value |
//! |---|---|
//! | rows that change until the log is folded | 4,000 ([`CHANGES`]) |
//! | pages of the log from which on it is folded behind each commit, since rows may be large | 4,096, which are 16 MiB ([`PAGES`]) |
//! | pages of the log until the writer waits for it | 16,384, which are 64 MiB ([`PAGES_MAX`]) |

use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use rusqlite::hooks::Wal;

/// Rows that change until the log is folded.
const CHANGES: u64 = 4_000;
/// Pages of the log from which on it is folded however few rows have changed.
const PAGES: i64 = 4 * 1024;
/// Pages of the log from which on the writer folds what is left, so that it begins anew.
const PAGES_MAX: i64 = 16 * 1024;

/// Who folds. It ends when it is dropped.
#[derive(Debug)]
pub(super) struct Log {
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    /// Two who fold at once are in each other's way: the second does nothing.
    folding: Arc<Mutex<()>>,
    /// Pages that the log had behind the last commit.
    pages: Arc<AtomicI64>,
    /// From how many on the writer folds.
    pages_max: i64,
    /// Changes up to the last time that it was folded.
    changes: u64,
}

impl Log {
    /// Begins to follow the commits of a connection to that file.
    pub(super) fn start(writer: &mut Connection, file: PathBuf) -> rusqlite::Result<Self> {
        let pages = Arc::<AtomicI64>::default();
        let counted = Arc::clone(&pages);
        writer.wal_hook(Some(move |_: &mut Wal, pages: i32| {
            counted.store(pages.into(), Ordering::Relaxed);
            Ok(())
        }))?;
        let (wake, woken) = sync_channel(1);
        let folding = Arc::<Mutex<()>>::default();
        let one = Arc::clone(&folding);
        let thread = thread::spawn(move || {
            if let Err(error) = follow(file, &woken, &one) {
                tracing::error!(%error, "the log is folded by the writer from now on");
            }
        });
        let (wake, thread) = (Some(wake), Some(thread));
        Ok(Self { wake, thread, folding, pages, pages_max: PAGES_MAX, changes: 0 })
    }

    /// Called behind each commit with the connection that writes.
    pub(super) fn committed(&mut self, writer: &Connection) {
        let (changes, pages) = (writer.total_changes(), self.pages.load(Ordering::Relaxed));
        if pages < PAGES_MAX {
            self.pages_max = PAGES_MAX;
        }
        if changes - self.changes < CHANGES && pages < PAGES {
            return;
        }
        self.changes = changes;
        let is_over = self.thread.as_ref().is_none_or(JoinHandle::is_finished);
        if is_over || pages >= self.pages_max {
            // The other one has folded most of it: little is left to do, and nothing comes on top meanwhile.
            let _one = self.folding.lock().unwrap_or_else(PoisonError::into_inner);
            if let Err(error) = fold(writer) {
                tracing::error!(%error, "the log could not be folded");
            }
            // It begins anew with the next commit, unless somebody still reads of it: then it grows.
            self.pages_max = pages + PAGES;
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

fn follow(file: PathBuf, woken: &Receiver<()>, folding: &Mutex<()>) -> rusqlite::Result<()> {
    let connection = Connection::open(file)?;
    while woken.recv().is_ok() {
        let _one = folding.lock().unwrap_or_else(PoisonError::into_inner);
        fold(&connection)?;
    }
    Ok(())
}

/// Folds what can be folded without waiting for others.
fn fold(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
}
