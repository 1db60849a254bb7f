//! Running a worker.

use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use futures::future::join_all;
use temporalio_sdk::{Runtime, WorkerOptions};
use tokio::sync::oneshot;

use super::WorkerError;
use super::metrics::Metrics;
use crate::client::Client;

/// Runs workflows and asks providers. See [`super::Builder`].
pub struct Worker {
    pub(super) client: Client,
    pub(super) parts: Vec<WorkerOptions>,
    pub(super) metrics: Option<SocketAddr>,
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let queues = self.parts.iter().map(|part| part.task_queue.as_str());
        f.debug_struct("Worker").field("queues", &queues.collect::<Vec<_>>()).finish()
    }
}

type Shutdown = Box<dyn Fn() + Send + Sync>;

/// A worker that runs. Dropping it shuts it down and does not wait for it.
#[must_use = "it is shut down when it is dropped"]
pub struct RunningWorker {
    shutdowns: Vec<Shutdown>,
    end: End,
    thread: Option<JoinHandle<()>>,
    metrics: Option<SocketAddr>,
}

/// How it ended, once it has.
enum End {
    Awaited(oneshot::Receiver<Result<(), WorkerError>>),
    Known(Result<(), WorkerError>),
}

impl std::fmt::Debug for RunningWorker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RunningWorker").finish_non_exhaustive()
    }
}

impl Worker {
    /// Starts to poll, in a thread and on a Tokio runtime of its own: the SDK's workers stay in their thread,
    /// and what they do does not hold up the runtime of whoever embeds them.
    ///
    /// # Errors
    ///
    /// When the SDK cannot begin.
    pub fn start(self) -> Result<RunningWorker, WorkerError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .thread_name("genesy-worker-calls")
            .enable_all()
            .build()
            .map_err(|error| could_not_begin(error.to_string()))?;
        let (ready, is_ready) = mpsc::sync_channel(1);
        let (end, ended) = oneshot::channel();
        let thread = thread::Builder::new().name("genesy-worker".to_owned()).spawn(move || {
            runtime.block_on(async move {
                match self.workers() {
                    Ok((core, workers, metrics)) => {
                        let shutdowns = workers
                            .iter()
                            .map(|worker| -> Shutdown { Box::new(worker.shutdown_handle()) });
                        let address = metrics.address();
                        if ready.send(Ok((shutdowns.collect(), address))).is_ok() {
                            let result = run(workers).await;
                            let _ = end.send(result);
                        }
                        drop(core);
                    }
                    Err(error) => {
                        let _ = ready.send(Err(error));
                    }
                }
            });
        });
        let thread = thread.map_err(|error| could_not_begin(error.to_string()))?;
        let (shutdowns, metrics): (Vec<Shutdown>, _) =
            is_ready.recv().map_err(|_| WorkerError::Panicked)??;
        Ok(RunningWorker { shutdowns, end: End::Awaited(ended), thread: Some(thread), metrics })
    }

    fn workers(self) -> Result<(Runtime, Vec<temporalio_sdk::Worker>, Metrics), WorkerError> {
        let metrics = Metrics::start(self.metrics)?;
        let core = Runtime::from_current_tokio(metrics.runtime_options()?)
            .map_err(|error| could_not_begin(error.to_string()))?;
        let made = self.parts.into_iter().map(|part| {
            let queue = part.task_queue.clone();
            temporalio_sdk::Worker::new(&core, self.client.inner.clone(), part)
                .map_err(|error| WorkerError::Ended { queue, why: error.to_string() })
        });
        let workers = made.collect::<Result<Vec<_>, _>>()?;
        Ok((core, workers, metrics))
    }
}

pub(super) fn could_not_begin(why: String) -> WorkerError {
    WorkerError::Start { why }
}

/// Runs all until all have ended. If one ends by itself, the others are shut down.
async fn run(mut workers: Vec<temporalio_sdk::Worker>) -> Result<(), WorkerError> {
    let shutdowns: Vec<Shutdown> =
        workers.iter().map(|worker| -> Shutdown { Box::new(worker.shutdown_handle()) }).collect();
    let runs = workers.iter_mut().map(|worker| {
        let shutdowns = &shutdowns;
        async move {
            let queue = worker.task_queue().to_owned();
            let result = worker.run().await;
            shutdowns.iter().for_each(|shutdown| shutdown());
            result.map_err(|error| WorkerError::Ended { queue, why: error.to_string() })
        }
    });
    join_all(runs).await.into_iter().collect()
}

impl RunningWorker {
    /// Takes nothing new, waits for what is under way, and ends. What is not done goes on with another
    /// worker.
    ///
    /// # Errors
    ///
    /// When it ended by itself before.
    pub async fn shutdown(mut self) -> Result<(), WorkerError> {
        self.stop();
        self.ended().await
    }

    /// Waits until it ends by itself, which it does only when something is wrong.
    ///
    /// # Errors
    ///
    /// When something is.
    pub async fn ended(&mut self) -> Result<(), WorkerError> {
        let result = match &mut self.end {
            End::Known(result) => return result.clone(),
            End::Awaited(ended) => ended.await.unwrap_or(Err(WorkerError::Panicked)),
        };
        self.end = End::Known(result.clone());
        if let Some(thread) = self.thread.take() {
            // It ends at once: the result was the last thing it did.
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
        result
    }

    /// Where its metrics are told, if they are.
    pub const fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics
    }

    fn stop(&self) {
        self.shutdowns.iter().for_each(|shutdown| shutdown());
    }
}

impl Drop for RunningWorker {
    fn drop(&mut self) {
        self.stop();
    }
}
