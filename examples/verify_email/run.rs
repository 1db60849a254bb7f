//! The verification of all addresses: each of a few by itself, to be watched; many in the driver's way.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::stream::FuturesUnordered;
use futures_util::{StreamExt, stream};
use genesy_core::time::Timestamp;
use genesy_core::verification::Report;
use genesy_examples::Interrupt;
use genesy_providers::mail::{Verified, Verifier, VerifyError, Verifying};
use tokio::sync::watch;

use crate::Failure;
use crate::input::Target;
use crate::progress::Progress;

/// Addresses that are watched one by one, at most. More would not be seen; and those of one domain are
/// asked for in one session by [`Verifier::verify_all`].
const WATCHED_MAX: usize = 200;
/// How often progress is shown.
const SHOWN_EVERY: Duration = Duration::from_millis(100);

/// An address that was verified.
#[derive(Debug)]
pub(crate) struct Ended {
    /// When it began.
    pub(crate) started: Timestamp,
    /// How it ended.
    pub(crate) report: Report,
}

/// What came of all addresses.
#[derive(Debug)]
pub(crate) struct Done {
    /// In the order of the targets; nothing for those that were not begun when Ctrl-C came.
    pub(crate) ended: Vec<Option<Ended>>,
    /// Ctrl-C came.
    pub(crate) is_interrupted: bool,
}

/// Verifies all addresses, at most `concurrency` at a time.
///
/// # Errors
///
/// When the driver was stopped from outside.
pub(crate) async fn verify(
    verifier: &Verifier,
    targets: &[Target],
    concurrency: usize,
    progress: &mut Progress,
) -> Result<Done, Failure> {
    let mut done = Done { ended: targets.iter().map(|_| None).collect(), is_interrupted: false };
    let result = if targets.len() <= WATCHED_MAX {
        watched(verifier, targets, concurrency, progress, &mut done).await
    } else {
        unwatched(verifier, targets, progress, &mut done).await;
        Ok(())
    };
    progress.clear();
    result?;
    Ok(done)
}

/// Each by itself. At the first Ctrl-C what is under way ends with what is known; at the second at once.
async fn watched(
    verifier: &Verifier,
    targets: &[Target],
    concurrency: usize,
    progress: &mut Progress,
    done: &mut Done,
) -> Result<(), VerifyError> {
    let (stop, _) = watch::channel(false);
    let mut interrupt = Interrupt::listen();
    let mut ticks = tokio::time::interval(SHOWN_EVERY);
    let mut waiting = targets.iter().enumerate();
    let mut under_way = FuturesUnordered::new();
    loop {
        while !done.is_interrupted && under_way.len() < concurrency {
            let Some((place, target)) = waiting.next() else { break };
            let verifying = verifier.start(&target.address);
            progress.begin(place, &target.address, verifying.progress());
            let (started, stop) = (now(), stop.subscribe());
            under_way.push(async move { (place, started, to_the_end(verifying, stop).await) });
        }
        tokio::select! {
            ended = under_way.next() => {
                let Some((place, started, report)) = ended else { return Ok(()) };
                done.ended[place] = Some(Ended { started, report: report? });
                progress.end(place);
            }
            () = interrupt.next() => {
                if std::mem::replace(&mut done.is_interrupted, true) {
                    return Ok(());
                }
                stop.send_replace(true);
            }
            _ = ticks.tick() => progress.draw(now()),
        }
    }
}

/// The report, early if it is to stop.
async fn to_the_end(
    mut verifying: Verifying,
    mut stop: watch::Receiver<bool>,
) -> Result<Report, VerifyError> {
    tokio::select! {
        report = &mut verifying => return report,
        // It fails if nobody can stop it any more, who drops it instead.
        _ = stop.wait_for(|stop| *stop) => verifying.cancel(),
    }
    verifying.await
}

/// As many at a time as the driver was made for. Ctrl-C drops what is under way.
async fn unwatched(
    verifier: &Verifier,
    targets: &[Target],
    progress: &mut Progress,
    done: &mut Done,
) {
    let started = now();
    // The driver says of which address a report is, and the same may be asked for twice.
    let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, target) in targets.iter().enumerate() {
        places.entry(&target.address).or_default().push(place);
    }
    let addresses: Vec<_> = targets.iter().map(|target| target.address.clone()).collect();
    let mut reports = Box::pin(verifier.verify_all(stream::iter(addresses)));
    let mut interrupt = Interrupt::listen();
    let mut ticks = tokio::time::interval(SHOWN_EVERY);
    loop {
        tokio::select! {
            verified = reports.next() => {
                let Some(Verified { address, report, .. }) = verified else { return };
                let place = places.get_mut(address.reveal().as_str()).and_then(Vec::pop);
                if let Some(place) = place {
                    done.ended[place] = Some(Ended { started, report });
                    progress.end(place);
                }
            }
            () = interrupt.next() => {
                done.is_interrupted = true;
                return;
            }
            _ = ticks.tick() => progress.draw(now()),
        }
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
}
