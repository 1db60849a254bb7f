//! A run that somebody waits for.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_util::FutureExt;
use futures_util::future::Shared as SharedFuture;
use genesy_core::waterfall::{Lookup, Outcome, Waterfall};
use tokio::sync::oneshot;

use super::control::{Control, Wish};
use super::events::LeadEvent;
use super::run::{Run, begin, tell};
use super::{Lead, LeadId, RunError, RunResult, Shared};

/// A run under way: a future of its end. Dropping it leaves the run alone.
#[must_use = "the run goes on without it, and nobody learns how it ends"]
pub struct Running<K: Lookup> {
    end: SharedFuture<oneshot::Receiver<RunResult<K>>>,
    control: Arc<Control>,
    is_joined: bool,
    is_cancelled_on_drop: bool,
}

impl<K: Lookup> Running<K> {
    pub(super) fn start(driver: &Arc<Shared<K>>, lead: Lead) -> Self {
        let (sender, receiver) = oneshot::channel();
        let control = Arc::<Control>::default();
        let end = receiver.shared();
        let running = Self {
            end,
            control: Arc::clone(&control),
            is_joined: false,
            is_cancelled_on_drop: false,
        };
        let mut all = driver.running();
        if all.is_stopping {
            let _ = sender.send(Err(RunError::ShutDown));
            return running;
        }
        if let Some(other) = all.by_lead.get(&lead.id) {
            tell(driver, &lead.id, LeadEvent::Joined);
            let mut joined = other.again();
            joined.is_joined = true;
            return joined;
        }
        all.by_lead.insert(lead.id.clone(), running.again());
        drop(all);
        tell(driver, &lead.id, LeadEvent::Queued);
        let entry = Entry { driver: Arc::clone(driver), lead: lead.id.clone() };
        driver.tasks.spawn(async move {
            let result = run(&entry.driver, &lead, &control).await;
            // Whoever asks from now on begins a new run.
            drop(entry);
            let _ = sender.send(result);
        });
        running
    }

    /// Ends the run, for all who wait for it: its outcome is [`Outcome::Cancelled`], unless it is done
    /// before.
    pub fn cancel(&self) {
        self.control.wish(Wish::Cancel);
    }

    /// Whether the run was under way before this was asked for.
    pub const fn is_joined(&self) -> bool {
        self.is_joined
    }

    /// Cancels the run when this is dropped, unless somebody else started it.
    pub fn cancelled_on_drop(mut self) -> Self {
        self.is_cancelled_on_drop = !self.is_joined;
        self
    }

    pub(super) fn wish(&self, wish: Wish) {
        self.control.wish(wish);
    }

    fn again(&self) -> Self {
        Self {
            end: self.end.clone(),
            control: Arc::clone(&self.control),
            is_joined: self.is_joined,
            is_cancelled_on_drop: false,
        }
    }
}

impl<K: Lookup> Drop for Running<K> {
    fn drop(&mut self) {
        if self.is_cancelled_on_drop {
            self.cancel();
        }
    }
}

impl<K: Lookup> Future for Running<K> {
    type Output = RunResult<K>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<RunResult<K>> {
        // The sender is gone without a word only if its task broke down.
        let end = ready!(self.end.poll_unpin(context));
        Poll::Ready(end.unwrap_or(Err(RunError::Panicked)))
    }
}

impl<K: Lookup> fmt::Debug for Running<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").field("is_joined", &self.is_joined).finish_non_exhaustive()
    }
}

async fn run<K: Lookup>(driver: &Shared<K>, lead: &Lead, control: &Control) -> RunResult<K> {
    let waterfall = begin(driver, lead).await?;
    let mut run = Run::new(driver, lead, control, waterfall);
    run.finish().await?;
    let run = run.into_waterfall();
    match run.outcome().cloned() {
        Some(outcome) => Ok(Arc::new(Finished { lead: lead.id.clone(), outcome, run })),
        None => Err(RunError::ShutDown),
    }
}

/// The place of a run among those under way; it goes with the task, however that ends.
struct Entry<K: Lookup> {
    driver: Arc<Shared<K>>,
    lead: LeadId,
}

impl<K: Lookup> Drop for Entry<K> {
    fn drop(&mut self) {
        self.driver.running().by_lead.remove(&self.lead);
    }
}

/// A run that is done: its outcome, and all that was done for it ([`Waterfall::ledger`] and the like).
#[derive(Debug)]
pub struct Finished<K: Lookup> {
    /// The lead.
    pub lead: LeadId,
    /// How it ended.
    pub outcome: Outcome<K::Value>,
    /// What was done.
    pub run: Waterfall<K>,
}
