//! A verification that somebody watches, and may cancel.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use genesy_core::verification::{Progress, Report, Verification};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::verifier::VerifyError;

/// A verification in the background. Awaiting it gives its report; dropping it cancels it.
#[derive(Debug)]
#[must_use = "dropping it cancels the verification"]
pub struct Verifying {
    task: JoinHandle<Result<Report, VerifyError>>,
    watcher: Arc<Watcher>,
}

/// Tells those who watch.
pub(super) struct Watcher {
    progress: watch::Sender<Option<Progress<'static>>>,
    cancel: CancellationToken,
    hook: Option<Box<Hook>>,
}

/// What is called with the verification at each change.
type Hook = dyn Fn(&Verification) + Send + Sync;

impl Verifying {
    pub(super) const fn new(
        task: JoinHandle<Result<Report, VerifyError>>,
        watcher: Arc<Watcher>,
    ) -> Self {
        Self { task, watcher }
    }

    /// How far it is, and will be: nothing before it begins.
    pub fn progress(&self) -> watch::Receiver<Option<Progress<'static>>> {
        self.watcher.progress.subscribe()
    }

    /// Ends it with what is known.
    pub fn cancel(&self) {
        self.watcher.cancel.cancel();
    }
}

impl Future for Verifying {
    type Output = Result<Report, VerifyError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.task).poll(cx).map(|joined| joined.unwrap_or(Err(VerifyError::Stopped)))
    }
}

impl Drop for Verifying {
    fn drop(&mut self) {
        self.watcher.cancel.cancel();
    }
}

impl Watcher {
    pub(super) fn new() -> Self {
        Self { progress: watch::Sender::new(None), cancel: CancellationToken::new(), hook: None }
    }

    pub(super) fn calling(hook: impl Fn(&Verification) + Send + Sync + 'static) -> Self {
        Self { hook: Some(Box::new(hook)), ..Self::new() }
    }

    /// Tells how far the verification is, if that changed.
    pub(super) fn tell(&self, verification: &Verification) {
        let progress = verification.progress();
        let key = |progress: &Progress<'_>| {
            (progress.stage, progress.attempt, progress.entered, progress.conclusion)
        };
        let is_new = self.progress.send_if_modified(|told| {
            let is_new = told.as_ref().is_none_or(|told| key(told) != key(&progress));
            if is_new {
                *told = Some(progress.into_owned());
            }
            is_new
        });
        if is_new && let Some(hook) = &self.hook {
            hook(verification);
        }
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    pub(super) async fn cancelled(&self) {
        self.cancel.cancelled().await;
    }
}

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The host tells the domain of the address.
        f.debug_struct("Watcher")
            .field("is_cancelled", &self.is_cancelled())
            .finish_non_exhaustive()
    }
}
