//! What one watcher is sent.

use std::convert::Infallible;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream::unfold;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::{FRAME_BYTES_MAX, FRAME_EVENTS_MAX, Frame, Live, REPLAYED_MAX, frame};
use crate::store::{StoreError, events};

/// Everything from behind an event on; from now on, if there is none.
///
/// # Errors
///
/// When the store does not work.
pub(crate) async fn frames(
    live: &Live,
    after: Option<i64>,
) -> Result<impl Stream<Item = Result<Bytes, Infallible>> + use<>, StoreError> {
    let hub = &live.hub;
    // First of all, so that nothing is between what is read and what is heard.
    let receiver = hub.frames.subscribe();
    let (newest, oldest) = hub
        .store
        .read(|connection| Ok((events::newest(connection)?, events::oldest(connection)?)))
        .await?;
    let oldest = oldest.unwrap_or(newest + 1);
    let lacks = |after: i64| {
        !(0..=newest).contains(&after) || after + 1 < oldest || newest - after > REPLAYED_MAX
    };
    let is_reset = after.is_some_and(lacks);
    let at = after.filter(|_| !is_reset).unwrap_or(newest);
    // A first number, so that whoever is cut off before the first event misses none.
    let reset = if is_reset {
        format!("event: reset\ndata: {{\"seq\":{newest}}}\n")
    } else {
        String::new()
    };
    let hello = Bytes::from(format!("retry: 1000\nid: {at}\n{reset}\n"));
    let watcher = Watcher { live: live.clone(), receiver, at, up_to: newest, hello: Some(hello) };
    Ok(unfold(watcher, |mut watcher| async move {
        let bytes = watcher.next().await?;
        Some((Ok(bytes), watcher))
    }))
}

/// Somebody who watches.
struct Watcher {
    live: Live,
    receiver: Receiver<Frame>,
    /// The last event that was sent.
    at: i64,
    /// The last one that has to be read from the store.
    up_to: i64,
    hello: Option<Bytes>,
}

impl Watcher {
    /// What is sent next; nothing at the end.
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(hello) = self.hello.take() {
            return Some(hello);
        }
        loop {
            if self.at < self.up_to
                && let Some(bytes) = self.read().await?
            {
                return Some(bytes);
            }
            let stopping = &self.live.hub.stopping;
            let received = tokio::select! {
                received = self.receiver.recv() => received,
                () = stopping.cancelled() => return None,
            };
            match received {
                // What it was sent already.
                Ok(frame) if frame.last < self.at => {}
                Ok(frame) if frame.after == self.at => {
                    self.at = frame.last;
                    return Some(frame.bytes);
                }
                // There is a gap, or it was sent a part of that.
                Ok(frame) => self.up_to = frame.last,
                Err(RecvError::Lagged(_)) => {
                    self.up_to = self.live.hub.sent.load(Ordering::Acquire);
                }
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// Reads some of what is missing. Whoever cannot keep up at all comes back with its number.
    async fn read(&mut self) -> Option<Option<Bytes>> {
        let (at, up_to) = (self.at, self.up_to);
        if up_to - at > REPLAYED_MAX {
            return None;
        }
        let batch = self.live.hub.store.read(move |connection| {
            events::behind(connection, at, up_to, FRAME_EVENTS_MAX, FRAME_BYTES_MAX)
        });
        // If the store does not work, it comes back as well.
        let batch = batch.await.ok()?;
        match batch.last {
            Some(last) => {
                self.at = last;
                Some(Some(frame(&batch.json, last)))
            }
            // They were erased meanwhile.
            None => {
                self.at = up_to;
                Some(None)
            }
        }
    }
}
