//! The one thread that writes.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::{Connection, Transaction, ffi};
use tokio::sync::{Notify, mpsc, oneshot};

use super::catalog::{Catalog, Touched};
use super::log::Log;
use super::{GROUP_MAX, QUEUE_MAX, StoreError};

/// How long readers are waited for when the log is folded, while other writes wait.
const FOLD_WAIT: Duration = Duration::from_millis(50);
/// How long it is waited for a lock otherwise: some other program looks into the file.
const LOCK_WAIT: Duration = Duration::from_secs(5);
/// How long until all leads are read again, if they could not be.
const LOAD_PAUSE: Duration = Duration::from_secs(1);

/// What is asked of the thread.
enum Task {
    Write(Write),
    /// Folds the log into the file; tells whether nothing is left of it.
    Fold(oneshot::Sender<rusqlite::Result<bool>>),
}

/// Does a write in a transaction, or hears why there is none.
type Write = Box<dyn FnOnce(Result<&Transaction<'_>, ffi::Error>) -> Done + Send>;
/// Tells whoever asked what came of the write, once it is known whether it is committed.
type Tell = Box<dyn FnOnce(Result<(), ffi::Error>) + Send>;

/// A write that is done, but not committed.
struct Done {
    tell: Tell,
    /// Why it failed.
    failed: Option<ffi::Error>,
}

/// The sending end. When it is dropped, the thread ends.
#[derive(Debug)]
pub(super) struct Writer {
    open: Mutex<Option<Open>>,
}

#[derive(Debug)]
struct Open {
    queue: mpsc::Sender<Task>,
    thread: JoinHandle<()>,
}

impl Writer {
    pub(super) fn start(
        mut connection: Connection,
        committed: Arc<Notify>,
        catalog: Arc<Catalog>,
    ) -> Result<Self, StoreError> {
        let touched = Touched::watch(&mut connection).map_err(StoreError::of)?;
        let file = PathBuf::from(connection.path().unwrap_or_default());
        let log = Log::start(&mut connection, file).map_err(StoreError::of)?;
        let (queue, tasks) = mpsc::channel(QUEUE_MAX);
        let thread = thread::spawn(move || {
            while let Err(error) = catalog.load(&connection) {
                tracing::error!(%error, "the leads could not be read: it is tried again");
                if tasks.is_closed() {
                    return;
                }
                thread::sleep(LOAD_PAUSE);
            }
            Thread { connection, log, committed, catalog, touched, behind: Vec::new() }.run(tasks);
        });
        Ok(Self { open: Mutex::new(Some(Open { queue, thread })) })
    }

    /// Lets the writes that wait be done, and closes the connection. None is taken any more.
    pub(super) async fn close(&self) {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Open { queue, thread }) = open else { return };
        drop(queue);
        // If it panicked, its message was printed there.
        let _ = tokio::task::spawn_blocking(|| thread.join()).await;
    }

    /// How many writes wait for their turn.
    pub(super) fn waiting(&self) -> usize {
        self.queue().map_or(0, |queue| queue.max_capacity() - queue.capacity())
    }

    fn queue(&self) -> Option<mpsc::Sender<Task>> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.as_ref().map(|open| open.queue.clone())
    }

    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (tell, told) = oneshot::channel();
        let write: Write = Box::new(move |transaction| {
            let result =
                transaction.map_err(failure).and_then(|transaction| within(transaction, work));
            let failed = match &result {
                Err(StoreError::Sqlite(error)) => code(&error.0),
                Err(StoreError::Full) => Some(ffi::Error::new(ffi::SQLITE_FULL)),
                _ => None,
            };
            let tell: Tell = Box::new(move |committed| {
                let result = result.and_then(|value| committed.map_err(failure).map(|()| value));
                // Whoever asked may have gone: that is fine.
                drop(tell.send(result));
            });
            Done { tell, failed }
        });
        self.ask(Task::Write(write)).await?;
        told.await.map_err(|_| StoreError::Closed)?
    }

    /// Folds the write-ahead log into the file and empties it; false if somebody still reads of it.
    pub(super) async fn fold(&self) -> Result<bool, StoreError> {
        let (tell, told) = oneshot::channel();
        self.ask(Task::Fold(tell)).await?;
        told.await.map_err(|_| StoreError::Closed)?.map_err(StoreError::of)
    }

    async fn ask(&self, task: Task) -> Result<(), StoreError> {
        let queue = self.queue().ok_or(StoreError::Closed)?;
        queue.send(task).await.map_err(|_| StoreError::Closed)
    }
}

fn failure(error: ffi::Error) -> StoreError {
    StoreError::of(rusqlite::Error::SqliteFailure(error, None))
}

fn code(error: &rusqlite::Error) -> Option<ffi::Error> {
    error.sqlite_error().copied()
}

/// Does a write so that nothing of it is left if it fails.
fn within<T>(
    transaction: &Transaction<'_>,
    work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
) -> Result<T, StoreError> {
    transaction.execute_batch("SAVEPOINT one").map_err(StoreError::of)?;
    // What it has changed is taken back, and it has nothing else: it goes with it.
    let result = catch_unwind(AssertUnwindSafe(|| work(transaction)));
    if transaction.is_autocommit() {
        // All of the transaction is taken back already.
        return Err(result.map_or(StoreError::Panicked, |result| {
            result.err().map_or_else(|| failure(rolled_back()), StoreError::of)
        }));
    }
    let end = match result {
        Ok(Ok(_)) => "RELEASE one",
        _ => "ROLLBACK TO one; RELEASE one",
    };
    transaction.execute_batch(end).map_err(StoreError::of)?;
    result.map_err(|_| StoreError::Panicked)?.map_err(StoreError::of)
}

fn rolled_back() -> ffi::Error {
    ffi::Error::new(ffi::SQLITE_ABORT_ROLLBACK)
}

/// The end of the queue where tasks are done.
struct Thread {
    connection: Connection,
    log: Log,
    committed: Arc<Notify>,
    catalog: Arc<Catalog>,
    touched: Touched,
    /// Leads that the catalog could not read again so far.
    behind: Vec<i64>,
}

impl Thread {
    fn run(mut self, mut tasks: mpsc::Receiver<Task>) {
        let mut taken = Vec::with_capacity(GROUP_MAX);
        while tasks.blocking_recv_many(&mut taken, GROUP_MAX) > 0 {
            let mut group = Vec::with_capacity(taken.len());
            for task in taken.drain(..) {
                match task {
                    Task::Write(write) => group.push(write),
                    Task::Fold(tell) => {
                        self.write(std::mem::take(&mut group));
                        // Whoever asked may have gone: that is fine.
                        drop(tell.send(self.fold()));
                    }
                }
            }
            self.write(group);
        }
    }

    /// Does and commits a group. If SQLite takes a transaction back in its midst, as when the disk is full,
    /// those behind have one of their own.
    fn write(&mut self, group: Vec<Write>) {
        let mut group = group.into_iter();
        while group.len() > 0 {
            let (told, result) = commit(&mut self.connection, &mut group);
            if let Err(error) = &result {
                tracing::error!(%error, "the store could not be written");
            }
            // Who is told finds the leads in lists as they are now.
            self.refresh();
            told.into_iter().for_each(|tell| tell(result));
            self.committed.notify_one();
            self.log.committed(&self.connection);
        }
    }

    /// Brings the catalog up to date. What is committed is committed even if that fails: it is tried again
    /// with the next commit.
    fn refresh(&mut self) {
        self.behind.append(&mut self.touched.take());
        let (catalog, ids) = (&self.catalog, self.behind.clone());
        match catch_unwind(AssertUnwindSafe(|| catalog.refresh(&self.connection, ids))) {
            Ok(Ok(())) => self.behind.clear(),
            Ok(Err(error)) => {
                tracing::error!(%error, "lists of leads stay behind until the next write");
            }
            Err(_) => tracing::error!("lists of leads stay behind until the next write"),
        }
    }

    fn fold(&self) -> rusqlite::Result<bool> {
        self.connection.busy_timeout(FOLD_WAIT)?;
        let is_busy =
            self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0));
        self.connection.busy_timeout(LOCK_WAIT)?;
        is_busy.map(|is_busy: bool| !is_busy)
    }
}

/// Does and commits some writes: all of them, unless the transaction is taken back before. Gives whom to tell
/// of it, and what.
fn commit(
    connection: &mut Connection,
    group: &mut impl Iterator<Item = Write>,
) -> (Vec<Tell>, Result<(), ffi::Error>) {
    let transaction = match connection.transaction() {
        Ok(transaction) => transaction,
        Err(error) => {
            let error = code(&error).unwrap_or_else(rolled_back);
            return (group.map(|write| write(Err(error)).tell).collect(), Err(error));
        }
    };
    let mut told = Vec::new();
    for write in group {
        let done = write(Ok(&transaction));
        told.push(done.tell);
        if transaction.is_autocommit() {
            return (told, Err(done.failed.unwrap_or_else(rolled_back)));
        }
    }
    let result = transaction.commit();
    (told, result.map_err(|error| code(&error).unwrap_or_else(rolled_back)))
}
