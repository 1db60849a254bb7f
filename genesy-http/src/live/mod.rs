//! Events as they happen, for those who watch: each change is read once, and sent to all as the same bytes.
//!
//! A commit wakes one task, which reads the new events from the store at most once in a tick, makes one frame of
//! them, and shares it. Whoever comes back, or does not keep up, reads what is missing from the store.
//!
//! | limit | value |
//! |---|---|
//! | from one frame to the next | 60 ms ([`TICK`]) |
//! | events of a frame | 1,000 ([`FRAME_EVENTS_MAX`]), and about 32 KiB ([`FRAME_BYTES_MAX`]) |
//! | frames that are kept for those who are slow | 16 ([`FRAMES_MAX`]) |
//! | events that are sent again | 20,000 ([`REPLAYED_MAX`]): who lacks more begins anew |
//! | without an event until a comment is sent | 15 s ([`HEARTBEAT`]) |
//! | events that are kept | 1,000,000 ([`KEPT_MAX`]), and as many days as the settings say |

mod stream;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::broadcast;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

pub(crate) use self::stream::frames;
use crate::clock::Time;
use crate::store::{Store, StoreError, events};

/// From one frame to the next.
const TICK: Duration = Duration::from_millis(60);
/// Events of a frame at most.
const FRAME_EVENTS_MAX: u32 = 1_000;
/// Bytes of a frame, about.
const FRAME_BYTES_MAX: usize = 32 * 1024;
/// Frames that are kept for those who are slow.
const FRAMES_MAX: usize = 16;
/// Events that are sent again at most.
const REPLAYED_MAX: i64 = 20_000;
/// How long nothing is sent at most.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Events that are kept at most.
const KEPT_MAX: i64 = 1_000_000;
/// How often old events are deleted.
const SWEPT_EVERY: Duration = Duration::from_secs(3600);
/// Between two deletions, so that others can write.
const SWEEP_PAUSE: Duration = Duration::from_millis(50);
/// How long is waited when the store does not work.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// Who tells those who watch. Clones are the same.
#[derive(Debug, Clone)]
pub(crate) struct Live {
    hub: Arc<Hub>,
}

#[derive(Debug)]
struct Hub {
    store: Store,
    frames: broadcast::Sender<Frame>,
    /// Up to where frames were sent.
    sent: AtomicI64,
    stopping: CancellationToken,
}

/// The events from behind one up to another one. Without any, it is a comment.
#[derive(Debug, Clone)]
struct Frame {
    after: i64,
    last: i64,
    bytes: Bytes,
}

impl Live {
    /// Begins to tell, on a Tokio runtime, until it is to stop. Events are kept for so many days.
    pub(crate) fn start(store: Store, days: u32, stopping: CancellationToken) -> Self {
        let frames = broadcast::Sender::new(FRAMES_MAX);
        let sent = AtomicI64::new(0);
        let hub = Arc::new(Hub { store, frames, sent, stopping });
        let (telling, sweeping) = (Arc::clone(&hub), Arc::clone(&hub));
        tokio::spawn(async move {
            tokio::select! {
                () = telling.tell() => {}
                () = telling.stopping.cancelled() => {}
            }
        });
        tokio::spawn(async move {
            tokio::select! {
                () = sweeping.sweep(days) => {}
                () = sweeping.stopping.cancelled() => {}
            }
        });
        Self { hub }
    }

    /// How many are watching.
    pub(crate) fn watchers(&self) -> usize {
        self.hub.frames.receiver_count()
    }
}

impl Hub {
    /// Tells what happens.
    async fn tell(&self) {
        let mut told = Instant::now();
        if let Ok(newest) = self.store.read(events::newest).await {
            self.sent.fetch_max(newest, Ordering::AcqRel);
        }
        loop {
            let woken = timeout(HEARTBEAT, self.store.committed().notified()).await;
            if self.frames.receiver_count() > 0 {
                match self.tell_new().await {
                    Ok(true) => told = Instant::now(),
                    Ok(false) => {}
                    Err(error) => {
                        tracing::error!(%error, source = error.source_text(), "no events can be read");
                        sleep(STORE_PAUSE).await;
                        // What this woke up for is still to be read.
                        self.store.committed().notify_one();
                    }
                }
                if woken.is_err() || told.elapsed() >= HEARTBEAT {
                    let at = self.sent.load(Ordering::Acquire);
                    let bytes = Bytes::from_static(b": still here\n\n");
                    // Nobody watches any more: that is fine.
                    let _ = self.frames.send(Frame { after: at, last: at, bytes });
                    told = Instant::now();
                }
            }
            sleep(TICK).await;
        }
    }

    /// Sends what is new. Says whether anything was.
    async fn tell_new(&self) -> Result<bool, StoreError> {
        let mut is_any = false;
        loop {
            let after = self.sent.load(Ordering::Acquire);
            let batch = self.store.read(move |connection| {
                // Whoever watches since a moment ago reads what was before that by itself.
                let newest = events::newest(connection)?;
                let from = if newest - after > REPLAYED_MAX { newest } else { after };
                Ok((
                    from,
                    events::behind(connection, from, newest, FRAME_EVENTS_MAX, FRAME_BYTES_MAX)?,
                ))
            });
            let (from, batch) = batch.await?;
            let Some(last) = batch.last else {
                self.sent.store(from, Ordering::Release);
                return Ok(is_any);
            };
            let frame = Frame { after: from, last, bytes: frame(&batch.json, last) };
            self.sent.store(last, Ordering::Release);
            let _ = self.frames.send(frame);
            is_any = true;
        }
    }

    /// Deletes old events, at the start and then now and then.
    async fn sweep(&self, days: u32) {
        let age = Duration::from_secs(u64::from(days) * 24 * 3600);
        loop {
            let now = Time::now().timestamp().as_micros();
            let age_us = u64::try_from(age.as_micros()).unwrap_or(u64::MAX);
            let older_than = genesy_core::time::Timestamp::from_micros(now.saturating_sub(age_us));
            loop {
                let some = self.store.write(move |transaction| {
                    events::sweep(transaction, older_than.into(), KEPT_MAX)
                });
                match some.await {
                    Ok(true) => sleep(SWEEP_PAUSE).await,
                    Ok(false) => break,
                    Err(error) => {
                        tracing::error!(%error, source = error.source_text(), "events are not swept");
                        break;
                    }
                }
            }
            sleep(SWEPT_EVERY).await;
        }
    }
}

/// A frame of events as it is sent: the inside of a JSON array.
fn frame(json: &str, last: i64) -> Bytes {
    format!("id: {last}\nevent: events\ndata: [{json}]\n\n").into()
}
