//! Verifications.

use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt;
use genesy_core::time::Timestamp;
use genesy_core::verification::{Progress, Stage};
use genesy_temporal::client::EmailRequest;
use genesy_temporal::email::{EmailOutcome, EmailProgress, EmailStanding as Standing};
use tokio::time::{Instant, sleep};

use super::super::mail::is_cancelled;
use super::super::{EmailEnd, EmailRun, EmailStanding, EngineError, NotKept, Watcher};
use super::{RETRY_PAUSE, Temporal, asked_since, journal, now};
use crate::outside::Mail;

/// Has an address verified, and tells how far that is, to the end.
pub(super) async fn verify(
    engine: &Temporal,
    mail: &Mail,
    run: EmailRun,
    watcher: &dyn Watcher<EmailStanding>,
) -> Result<(), EngineError> {
    let stored = asked_since(run.journal.as_ref());
    let since = stored.unwrap_or_else(now);
    let kept = journal(since);
    let mut last = None;
    let mut told = |progress: Option<EmailProgress>| {
        let mut standing = EmailStanding::of(progress);
        match (standing.progress.take().or_else(|| last.clone()), standing.asleep_until) {
            (seen, Some(until)) => standing.progress = Some(asleep(seen, since, until)),
            (seen, None) => {
                standing.progress.clone_from(&seen);
                last = seen;
            }
        }
        standing.journal.clone_from(&kept);
        watcher.tell(standing)
    };
    if stored.is_none() {
        told(None).await?;
    }
    begin(engine, mail, &run).await?;
    let mut result = pin!(engine.ask(|| engine.client.email_result(&run.lead)));
    let mut changes = pin!(engine.client.email_progress_stream(&run.lead));
    let mut pause = pin!(sleep(Duration::ZERO));
    let (mut is_pausing, mut is_cancelled) = (false, false);
    loop {
        tokio::select! {
            result = &mut result => return Ok(watcher.tell(ended(result?.outcome, &run)?).await?),
            change = changes.next(), if !is_pausing => match change {
                Some(Ok(progress)) => match told(Some(progress)).await {
                    Err(NotKept::Gone) => {
                        engine.cancel(|| engine.client.cancel_email(&run.lead)).await?;
                        return Err(NotKept::Gone.into());
                    }
                    kept => kept?,
                },
                // How it ends is asked for all the same.
                Some(Err(_)) | None => {
                    is_pausing = true;
                    pause.as_mut().reset(Instant::now() + RETRY_PAUSE);
                }
            },
            () = &mut pause, if is_pausing => {
                is_pausing = false;
                changes.set(engine.client.email_progress_stream(&run.lead));
            }
            () = run.cancel.cancelled(), if !is_cancelled => {
                is_cancelled = true;
                engine.cancel(|| engine.client.cancel_email(&run.lead)).await?;
            }
        }
    }
}

async fn begin(engine: &Temporal, mail: &Mail, run: &EmailRun) -> Result<(), EngineError> {
    let address = run.address.reveal();
    let policy = mail.verifier_for(address).policy().clone();
    let request = EmailRequest::new(run.lead.clone(), address.clone(), policy);
    let status = || engine.client.email_status(&run.lead);
    engine.begin(&run.cancel, status, || engine.client.start_email(request.clone())).await
}

impl EmailStanding {
    /// How far a workflow is.
    fn of(progress: Option<EmailProgress>) -> Self {
        let asleep_until = match progress.as_ref().map(|of| of.standing) {
            Some(Standing::Sleeping { until }) => Some(until),
            _ => None,
        };
        let progress = progress.and_then(|of| of.check);
        Self { at: now(), progress, asleep_until, journal: None, end: None }
    }
}

/// The progress of one that sleeps: no worker has it, and the workflow knows until when alone.
fn asleep(
    seen: Option<Progress<'static>>,
    since: Timestamp,
    until: Timestamp,
) -> Progress<'static> {
    let seen = seen.unwrap_or(Progress {
        stage: None,
        host: None,
        address: None,
        attempt: 0,
        attempts_max: 0,
        now: since,
        entered: since,
        deadline: None,
        started: since,
        total_deadline: until,
        conclusion: None,
    });
    let at = now();
    Progress { stage: Some(Stage::Greylist), now: at, entered: at, deadline: Some(until), ..seen }
}

/// How a workflow ended.
fn ended(outcome: EmailOutcome, run: &EmailRun) -> Result<EmailStanding, EngineError> {
    let report = match outcome {
        EmailOutcome::Concluded(report) | EmailOutcome::WorkersLost(report) => *report,
        EmailOutcome::NoWorker => {
            let why = "no worker took the verification in time: start one that verifies addresses";
            return Err(EngineError::Failed(why.to_owned()));
        }
    };
    let is_cancelled = run.cancel.is_cancelled() && is_cancelled(&report);
    let mut standing = EmailStanding::of(None);
    standing.end = Some(EmailEnd { report, is_cancelled });
    Ok(standing)
}
