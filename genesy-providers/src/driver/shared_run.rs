//! A run as all who have to do with it see it: its lead, what is wished of it, how it ends.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use genesy_core::waterfall::Lookup;

use super::control::{Control, Wish};
use super::{Lead, RunResult};

/// What the task of a run shares with those who wait for it.
#[derive(Debug)]
pub(super) struct SharedRun<K: Lookup> {
    pub(super) lead: Lead,
    pub(super) control: Control,
    end: Mutex<End<K>>,
}

#[derive(Debug)]
enum End<K: Lookup> {
    Waiting(Vec<Waker>),
    Come(RunResult<K>),
}

impl<K: Lookup> SharedRun<K> {
    pub(super) fn of(lead: Lead) -> Self {
        let end = Mutex::new(End::Waiting(Vec::new()));
        Self { lead, control: Control::default(), end }
    }

    /// The run for one more who waits for it, unless it is to end before it is done.
    pub(super) fn join(self: &Arc<Self>) -> Option<Arc<Self>> {
        let _end = self.lock();
        self.control.either(Wish::GiveUp, Wish::Cancel).is_none().then(|| Arc::clone(self))
    }

    /// Gives it up for the one who started it, unless somebody else waits for it.
    pub(super) fn leave(self: &Arc<Self>) {
        // Nobody joins between the look and the wish.
        let _end = self.lock();
        // The map, the task and this one.
        if Arc::strong_count(self) <= 3 {
            self.control.wish(Wish::GiveUp);
        }
    }

    /// Says how it ended. Only the first time counts.
    pub(super) fn finish(&self, result: RunResult<K>) {
        let mut end = self.lock();
        let End::Waiting(wakers) = &mut *end else { return };
        let wakers = std::mem::take(wakers);
        *end = End::Come(result);
        drop(end);
        wakers.into_iter().for_each(Waker::wake);
    }

    /// How it ended, or nothing yet.
    pub(super) fn poll(&self, context: &Context<'_>) -> Poll<RunResult<K>> {
        match &mut *self.lock() {
            End::Come(result) => Poll::Ready(result.clone()),
            End::Waiting(wakers) => {
                if !wakers.iter().any(|waker| waker.will_wake(context.waker())) {
                    wakers.push(context.waker().clone());
                }
                Poll::Pending
            }
        }
    }

    /// Waits for its end.
    pub(super) async fn ended(&self) {
        poll_fn(|context| self.poll(context).map(drop)).await;
    }

    fn lock(&self) -> MutexGuard<'_, End<K>> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
