//! What others want of a run that is under way.

use std::future::poll_fn;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::Poll;

use futures_util::task::AtomicWaker;

/// Something that is wanted of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Wish {
    /// It ends, and its outcome is that it was cancelled.
    Cancel = 1,
    /// It ends where nothing is under way, and goes on another time.
    Suspend = 2,
    /// It ends at once, and goes on another time: more than to suspend, whose bit it has as well.
    GiveUp = 4 | 2,
}

/// The wishes of others, for the one run that waits for them. Each run has its own, so that runs do not
/// meet at a lock.
#[derive(Debug, Default)]
pub(super) struct Control {
    wishes: AtomicU8,
    run: AtomicWaker,
}

impl Control {
    pub(super) fn wish(&self, wish: Wish) {
        self.wishes.fetch_or(wish as u8, Ordering::Release);
        self.run.wake();
    }

    pub(super) fn is_wished(&self, wish: Wish) -> bool {
        self.wishes.load(Ordering::Acquire) & wish as u8 == wish as u8
    }

    /// The one of two that is wished; the first of them counts more.
    pub(super) fn either(&self, first: Wish, second: Wish) -> Option<Wish> {
        [first, second].into_iter().find(|wish| self.is_wished(*wish))
    }

    /// Waits for one of two wishes; the first of them counts more.
    pub(super) fn wished(&self, first: Wish, second: Wish) -> impl Future<Output = Wish> {
        poll_fn(move |context| {
            // Before the look, so that no wish comes unseen.
            self.run.register(context.waker());
            self.either(first, second).map_or(Poll::Pending, Poll::Ready)
        })
    }
}
