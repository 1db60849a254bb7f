//! What happens in a driver, for somebody who watches.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use genesy_core::time::Timestamp;
use genesy_core::waterfall::{CallId, Event, ProviderId};
use tokio::sync::broadcast;

use super::lead::LeadId;

/// Something that happens in a driver.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum DriverEvent {
    /// Something happens to a lead.
    Lead {
        /// Which one.
        lead: LeadId,
        /// When.
        at: Timestamp,
        /// What.
        what: LeadEvent,
    },
    /// A provider does not know the caller, or is not where it should be. It is asked no more by this
    /// driver, and this is said once.
    Misconfigured {
        /// Which one.
        provider: ProviderId,
        /// What is wrong, and what to do.
        reason: String,
    },
}

/// Something that happens to a lead.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum LeadEvent {
    /// It was taken, and waits for its turn.
    Queued,
    /// It is under way already, and this request waits for the same end.
    Joined,
    /// It goes on from where a journal says it was.
    Resumed,
    /// Why a call told nothing. What becomes of it is the next event.
    Trouble {
        /// The call.
        call: CallId,
        /// What happened, without personal data.
        reason: String,
    },
    /// A step of its waterfall: [`Event::describe`] says it in words.
    Waterfall(Event),
    /// The driver shuts down before it is done.
    Suspended,
}

/// The events of a driver from some point on.
///
/// Somebody who does not keep up misses the oldest ones and is told how many; the driver waits for
/// nobody.
#[derive(Debug)]
pub struct Events {
    receiver: broadcast::Receiver<DriverEvent>,
    watchers: Arc<AtomicUsize>,
}

impl Drop for Events {
    fn drop(&mut self) {
        self.watchers.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What is next in a stream of events.
#[derive(Debug, Clone)]
pub enum Watched {
    /// An event.
    Event(DriverEvent),
    /// So many events were missed.
    Missed(u64),
}

impl Events {
    /// The next event; nothing when the driver is gone.
    pub async fn next(&mut self) -> Option<Watched> {
        match self.receiver.recv().await {
            Ok(event) => Some(Watched::Event(event)),
            Err(broadcast::error::RecvError::Lagged(missed)) => Some(Watched::Missed(missed)),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}

/// The sending end.
#[derive(Debug)]
pub(super) struct EventSender {
    sender: broadcast::Sender<DriverEvent>,
    /// The channel's own count is behind a lock, where all runs would meet.
    watchers: Arc<AtomicUsize>,
}

impl EventSender {
    pub(super) fn new(kept_max: usize) -> Self {
        Self { sender: broadcast::Sender::new(kept_max), watchers: Arc::default() }
    }

    pub(super) fn subscribe(&self) -> Events {
        self.watchers.fetch_add(1, Ordering::Relaxed);
        Events { receiver: self.sender.subscribe(), watchers: Arc::clone(&self.watchers) }
    }

    /// Whether anybody watches.
    pub(super) fn is_watched(&self) -> bool {
        self.watchers.load(Ordering::Relaxed) > 0
    }

    pub(super) fn send(&self, event: DriverEvent) {
        // Nobody watches: that is fine.
        let _ = self.sender.send(event);
    }
}
