//! A run that somebody waits for.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use genesy_core::waterfall::{Lookup, Outcome, Waterfall};
use tokio::task::yield_now;

use super::control::{Control, Wish};
use super::events::LeadEvent;
use super::run::{Run, begin, tell};
use super::shared_run::SharedRun;
use super::{Lead, LeadId, RunError, RunResult, Shared};

/// A run under way: a future of its end. Dropping it leaves the run alone.
#[must_use = "the run goes on without it, and nobody learns how it ends"]
pub struct Running<K: Lookup> {
    run: Arc<SharedRun<K>>,
    is_joined: bool,
    is_stopped_on_drop: bool,
}

impl<K: Lookup> Running<K> {
    pub(super) fn start(driver: &Arc<Shared<K>>, lead: Lead) -> Self {
        let mut all = driver.running();
        if let Some(run) = all.by_lead.get(&lead.id).and_then(SharedRun::join) {
            tell(driver, &lead.id, LeadEvent::Joined);
            return Self { run, is_joined: true, is_stopped_on_drop: false };
        }
        let id = lead.id.clone();
        let shared = Arc::new(SharedRun::of(lead));
        let running =
            Self { run: Arc::clone(&shared), is_joined: false, is_stopped_on_drop: false };
        if all.is_stopping {
            shared.finish(Err(RunError::Stopped));
            return running;
        }
        tell(driver, &id, LeadEvent::Queued);
        let before = all.by_lead.insert(id, Arc::clone(&shared));
        all.ending.extend(before.clone());
        // Within the lock, so that a shutdown waits for the task; it is spawned outside, since a runtime
        // that ends drops it at once, and that takes the lock.
        let token = driver.tasks.token();
        drop(all);
        let task = Task { driver: Arc::clone(driver), run: shared, result: None };
        tokio::spawn(async move {
            if let Some(before) = before {
                // A journal has one run of a lead at a time.
                before.ended().await;
            }
            let result = run(&task.driver, &task.run.lead, &task.run.control).await;
            // Those that end at about the same time wake whoever waits for them once.
            yield_now().await;
            task.finish(result);
            drop(token);
        });
        running
    }

    /// Ends the run, for all who wait for it: its outcome is [`Outcome::Cancelled`], unless it is done
    /// before.
    pub fn cancel(&self) {
        self.run.control.wish(Wish::Cancel);
    }

    /// Whether the run was under way before this was asked for.
    pub const fn is_joined(&self) -> bool {
        self.is_joined
    }

    /// Stops the run when this is dropped, unless somebody else started it or waits for it. It ends with
    /// [`RunError::Stopped`], and can be started again.
    pub fn stopped_on_drop(mut self) -> Self {
        self.is_stopped_on_drop = !self.is_joined;
        self
    }
}

impl<K: Lookup> Drop for Running<K> {
    fn drop(&mut self) {
        if self.is_stopped_on_drop {
            self.run.leave();
        }
    }
}

impl<K: Lookup> Future for Running<K> {
    type Output = RunResult<K>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<RunResult<K>> {
        let end = self.run.poll(context);
        // What has ended need not be stopped.
        self.is_stopped_on_drop &= end.is_pending();
        end
    }
}

impl<K: Lookup> fmt::Debug for Running<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").field("is_joined", &self.is_joined).finish_non_exhaustive()
    }
}

async fn run<K: Lookup>(driver: &Shared<K>, lead: &Lead, control: &Control) -> RunResult<K> {
    let waterfall = begin(driver, lead, control).await?;
    let mut run = Run::new(driver, lead, control, waterfall);
    run.finish().await?;
    let run = run.into_waterfall();
    match run.outcome().cloned() {
        Some(outcome) => Ok(Arc::new(Finished { lead: lead.id.clone(), outcome, run })),
        None => Err(RunError::Stopped),
    }
}

/// A run's task, however that ends.
struct Task<K: Lookup> {
    driver: Arc<Shared<K>>,
    run: Arc<SharedRun<K>>,
    result: Option<RunResult<K>>,
}

impl<K: Lookup> Task<K> {
    fn finish(mut self, result: RunResult<K>) {
        self.result = Some(result);
    }
}

impl<K: Lookup> Drop for Task<K> {
    fn drop(&mut self) {
        // Whoever asks from now on begins a new run.
        self.driver.running().remove(&self.run);
        // There is no result if something panicked, or the runtime went away.
        self.run.finish(self.result.take().unwrap_or(Err(RunError::Panicked)));
    }
}

/// A run that is done: its outcome, and all that was done for it ([`Waterfall::ledger`] and the like).
#[derive(Debug)]
#[non_exhaustive]
pub struct Finished<K: Lookup> {
    /// The lead.
    pub lead: LeadId,
    /// How it ended.
    pub outcome: Outcome<K::Value>,
    /// What was done.
    pub run: Waterfall<K>,
}
