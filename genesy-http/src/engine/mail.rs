//! Verifications of the embedded engine: genesy-providers' verifier, watched, cancelled, and stored while it
//! sleeps.
//!
//! | limit | value |
//! |---|---|
//! | before progress is told first, so that a quick one tells its end alone | 100 ms ([`FIRST_TOLD_AFTER`]) |
//! | between two times that progress is told | 200 ms ([`TOLD_EVERY`]) |

use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use genesy_core::time::Timestamp;
use genesy_core::verification::{Conclusion, Input, Progress, Report, Unknown, Verification};
use genesy_providers::mail::{Drove, Verifier};
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{EmailEnd, EmailRun, EmailStanding, EngineError, NotKept, Watcher};
use crate::clock::Time;
use crate::outside;

/// How long a verification is under way before its progress is told.
const FIRST_TOLD_AFTER: Duration = Duration::from_millis(100);
/// How long its progress is not told again.
const TOLD_EVERY: Duration = Duration::from_millis(200);

/// Verifies addresses.
#[derive(Debug)]
pub(super) struct Mail {
    verifiers: outside::Mail,
    stopped: CancellationToken,
}

/// Why a verification is not driven on.
enum Halt {
    Cancelled,
    Stopped,
    NotKept(NotKept),
}

type Watching = Arc<dyn Watcher<EmailStanding>>;

impl Mail {
    pub(super) fn new(verifiers: outside::Mail) -> Self {
        Self { verifiers, stopped: CancellationToken::new() }
    }

    /// Nothing is driven on from now on.
    pub(super) fn stop(&self) {
        self.stopped.cancel();
    }

    pub(super) async fn verify(&self, run: EmailRun, watcher: Watching) -> Result<(), EngineError> {
        let verifier = self.verifiers.verifier_for(run.address.reveal());
        let mut verification = begin(verifier, &run);
        let mut is_told = false;
        loop {
            // Once it knows that it is cancelled, it has little left to do.
            let cancel = (!is_told).then_some(&run.cancel);
            match self.drive(verifier, &mut verification, cancel, &watcher).await {
                Ok(Drove::Done(report)) => {
                    let is_cancelled = run.cancel.is_cancelled() && is_cancelled(&report);
                    let end = EmailEnd { report: *report, is_cancelled };
                    return Ok(watcher.tell(standing(None, Some(end))).await?);
                }
                Ok(Drove::Sleeping(until)) => {
                    self.sleep(&mut verification, &run, until, &watcher).await?;
                }
                Err(Halt::Cancelled) => {
                    verification.handle(now(), Input::Cancel);
                    is_told = true;
                }
                Err(Halt::Stopped) => return Err(EngineError::Stopped),
                Err(Halt::NotKept(not_kept)) => return Err(not_kept.into()),
            }
        }
    }

    /// Drives it until it ends or sleeps, and tells how far it is.
    async fn drive(
        &self,
        verifier: &Verifier,
        verification: &mut Verification,
        cancel: Option<&CancellationToken>,
        watcher: &Watching,
    ) -> Result<Drove, Halt> {
        let (told, progress) = watch::channel(None);
        let hook = move |verification: &Verification| {
            told.send_replace(Some(verification.progress().into_owned()));
        };
        let cancelled = async {
            match cancel {
                Some(cancel) => cancel.cancelled().await,
                None => pending().await,
            }
        };
        let driven = pin!(verifier.drive(verification, now(), hook));
        tokio::select! {
            drove = driven => Ok(drove),
            not_kept = tell_progress(progress, watcher) => Err(Halt::NotKept(not_kept)),
            () = cancelled => Err(Halt::Cancelled),
            () = self.stopped.cancelled() => Err(Halt::Stopped),
        }
    }

    /// Sleeps until a server wants to be asked again. It is stored, so that a restart loses nothing.
    async fn sleep(
        &self,
        verification: &mut Verification,
        run: &EmailRun,
        until: Timestamp,
        watcher: &Watching,
    ) -> Result<(), EngineError> {
        let mut asleep = standing(Some(verification.progress().into_owned()), None);
        asleep.asleep_until = Some(until);
        asleep.journal = serde_json::to_vec(verification.snapshot()).ok().map(Into::into);
        watcher.tell(asleep).await?;
        tokio::select! {
            () = sleep(Duration::from_micros(until.micros_since(now()))) => {
                // Others may be in its place: it waits until there is one.
                watcher.tell(standing(Some(verification.progress().into_owned()), None)).await?;
                verification.handle(now(), Input::Time);
            }
            () = run.cancel.cancelled() => verification.handle(now(), Input::Cancel),
            () = self.stopped.cancelled() => return Err(EngineError::Stopped),
        }
        Ok(())
    }
}

/// Begins a verification, or goes on with the one that is stored.
fn begin(verifier: &Verifier, run: &EmailRun) -> Verification {
    let policy = Arc::new(verifier.policy().clone());
    let stored = run.journal.as_ref().and_then(|of| serde_json::from_slice(of.reveal()).ok());
    let resumed = stored.and_then(|of| Verification::resume(Arc::clone(&policy), of).ok());
    match resumed {
        Some(mut verification) => {
            verification.handle(now(), Input::Interrupted);
            verification
        }
        // What cannot be read is of another version: asking again costs a server little.
        None => {
            let address = run.address.reveal();
            let new = Verification::new(address, policy, run.lead.seed(), now());
            verifier.knowing(new)
        }
    }
}

/// Tells how far a verification is, now and then. It ends if that cannot be kept.
async fn tell_progress(
    mut progress: watch::Receiver<Option<Progress<'static>>>,
    watcher: &Watching,
) -> NotKept {
    sleep(FIRST_TOLD_AFTER).await;
    loop {
        let latest = progress.borrow_and_update().clone();
        if let Some(latest) = latest
            && let Err(not_kept) = watcher.tell(standing(Some(latest), None)).await
        {
            return not_kept;
        }
        sleep(TOLD_EVERY).await;
        if progress.changed().await.is_err() {
            // It ends, and tells that itself.
            pending::<()>().await;
        }
    }
}

fn standing(progress: Option<Progress<'static>>, end: Option<EmailEnd>) -> EmailStanding {
    EmailStanding { at: now(), progress, asleep_until: None, journal: None, end }
}

pub(super) const fn is_cancelled(report: &Report) -> bool {
    matches!(report.conclusion, Conclusion::Unknown { reason: Unknown::Cancelled, .. })
}

fn now() -> Timestamp {
    Time::now().timestamp()
}
