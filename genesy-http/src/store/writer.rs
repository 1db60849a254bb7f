//! The one thread that writes.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use rusqlite::{Connection, Transaction};
use tokio::sync::{Notify, mpsc, oneshot};

use super::catalog::{Catalog, Touched};
use super::{GROUP_MAX, QUEUE_MAX, StoreError};

/// Does a write, and gives back what tells its caller that it is committed; nothing if it failed and was told.
type Write = Box<dyn FnOnce(&Transaction<'_>) -> Option<Told> + Send>;
type Told = Box<dyn FnOnce() + Send>;

/// The sending end. When it is dropped, the thread ends.
#[derive(Debug)]
pub(super) struct Writer {
    open: Mutex<Option<Open>>,
}

#[derive(Debug)]
struct Open {
    queue: mpsc::Sender<Write>,
    thread: JoinHandle<()>,
}

impl Writer {
    pub(super) fn start(
        mut connection: Connection,
        committed: Arc<Notify>,
        catalog: Arc<Catalog>,
    ) -> Result<Self, StoreError> {
        let touched = Touched::watch(&mut connection)?;
        let (queue, writes) = mpsc::channel(QUEUE_MAX);
        let thread = thread::spawn(move || {
            if let Err(error) = catalog.load(&connection) {
                tracing::error!(%error, "the leads could not be read");
                return;
            }
            run(connection, writes, &committed, &catalog, &touched);
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

    fn queue(&self) -> Option<mpsc::Sender<Write>> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.as_ref().map(|open| open.queue.clone())
    }

    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (tell, told) = oneshot::channel();
        let write: Write = Box::new(move |transaction| match within(transaction, work) {
            // Whoever asked may have gone: that is fine.
            Ok(value) => Some(Box::new(move || drop(tell.send(Ok(value))))),
            Err(error) => {
                drop(tell.send(Err(error)));
                None
            }
        });
        let queue = self.queue().ok_or(StoreError::Closed)?;
        queue.send(write).await.map_err(|_| StoreError::Closed)?;
        // If the commit fails, nobody tells.
        Ok(told.await.map_err(|_| StoreError::Closed)??)
    }
}

/// Does a write so that nothing of it is left if it fails.
fn within<T>(
    transaction: &Transaction<'_>,
    work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    transaction.execute_batch("SAVEPOINT one")?;
    let result = work(transaction);
    transaction.execute_batch(match result {
        Ok(_) => "RELEASE one",
        Err(_) => "ROLLBACK TO one; RELEASE one",
    })?;
    result
}

fn run(
    mut connection: Connection,
    mut writes: mpsc::Receiver<Write>,
    committed: &Notify,
    catalog: &Catalog,
    touched: &Touched,
) {
    let mut group = Vec::with_capacity(GROUP_MAX);
    while writes.blocking_recv_many(&mut group, GROUP_MAX) > 0 {
        match commit(&mut connection, group.drain(..), catalog, touched) {
            Ok(()) => committed.notify_one(),
            Err(error) => tracing::error!(%error, "the store could not be written"),
        }
    }
}

/// Commits a group, then tells those whose write is in it.
fn commit(
    connection: &mut Connection,
    group: impl Iterator<Item = Write>,
    catalog: &Catalog,
    touched: &Touched,
) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    let told: Vec<Told> = group.filter_map(|write| write(&transaction)).collect();
    transaction.commit()?;
    // Who is told finds the leads in lists as they are now.
    catalog.refresh(connection, touched.take())?;
    told.into_iter().for_each(|tell| tell());
    Ok(())
}
