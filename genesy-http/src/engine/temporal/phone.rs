//! Searches of phones.

use std::pin::pin;
use std::time::{Duration, UNIX_EPOCH};

use genesy_core::time::Timestamp;
use genesy_core::waterfall::{CallId, Event};
use genesy_temporal::client::{PhoneRequest, Status};
use genesy_temporal::phone::{PhoneProgress, PhoneResult};
use genesy_temporal::report::Reports;

use tokio::time::sleep;

use super::super::standing::Retry;
use super::super::{EngineError, NotKept, PhoneRun, PhoneStanding, Watcher};
use super::{Temporal, asked_since, is_begun_since, journal, now};

/// The activity that asks a provider.
const ASKING: &str = "ask_provider.v1";
/// How often it is looked at the attempts of a step that is under way.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Has a phone searched, and tells how far that is, to the end.
pub(super) async fn find(
    engine: &Temporal,
    run: PhoneRun,
    watcher: &dyn Watcher<PhoneStanding>,
) -> Result<(), EngineError> {
    let mut follow = engine.reported.follow(run.lead.clone());
    let stored = asked_since(run.journal.as_ref());
    let since = stored.unwrap_or_else(now);
    let kept = journal(since);
    let told = |mut standing: PhoneStanding| {
        standing.journal.clone_from(&kept);
        watcher.tell(standing)
    };
    if stored.is_none() {
        told(PhoneStanding::begun(since)).await?;
    }
    begin(engine, &run, stored).await?;
    let mut result = pin!(engine.ask(|| engine.client.phone_result(&run.lead)));
    let mut latest = None;
    let mut is_cancelled = false;
    loop {
        tokio::select! {
            result = &mut result => {
                let end = ended(result?);
                engine.learn(&end.attempts);
                // The end needs no journal.
                return Ok(watcher.tell(end).await?);
            }
            progress = follow.next() => latest = Some(progress),
            () = sleep(LOOK_EVERY), if latest.is_some() => {}
            () = run.cancel.cancelled(), if !is_cancelled => {
                is_cancelled = true;
                engine.cancel(|| engine.client.cancel_phone(&run.lead)).await?;
                continue;
            }
        }
        let Some(progress) = &latest else { continue };
        let mut standing = standing(progress);
        if let Ok(status) = engine.client.phone_status(&run.lead).await {
            look(&mut standing, &status);
        }
        match told(standing).await {
            Err(NotKept::Gone) => {
                engine.cancel(|| engine.client.cancel_phone(&run.lead)).await?;
                return Err(NotKept::Gone.into());
            }
            kept => kept?,
        }
    }
}

/// What the cluster knows of the attempts of a step that is under way: the workflow learns of them at its end.
fn look(standing: &mut PhoneStanding, status: &Status) {
    let Some(first) = standing.asking else { return };
    let Some(pending) = status.pending.iter().find(|of| of.activity == ASKING) else { return };
    let more = u8::try_from(pending.attempt.saturating_sub(1)).unwrap_or(u8::MAX);
    let call = CallId { attempt: first.attempt.saturating_add(more), ..first };
    let at = pending.next_attempt.and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    match at.and_then(|at| u64::try_from(at.as_micros()).ok()) {
        Some(at) => {
            standing.asking = None;
            standing.retry = Some(Retry { call, at: Timestamp::from_micros(at) });
        }
        None => standing.asking = Some(call),
    }
}

/// Begins the workflow, or joins the one that is under way. After a restart, one that was begun before it is
/// the one that was asked for, even if it has ended meanwhile.
async fn begin(
    engine: &Temporal,
    run: &PhoneRun,
    stored: Option<Timestamp>,
) -> Result<(), EngineError> {
    if let Some(since) = stored {
        match engine.ask(|| engine.client.phone_status(&run.lead)).await {
            Ok(status) if is_begun_since(&status, since) => return Ok(()),
            // There is none: it was not begun.
            Ok(_) | Err(EngineError::Failed(_)) => {}
            Err(error) => return Err(error),
        }
    }
    let inputs = match run.is_refresh {
        true => run.inputs.clone().having_phone(false),
        false => run.inputs.clone(),
    };
    let mut request = PhoneRequest::new(run.lead.clone(), inputs, engine.plan.clone())
        .with_email(run.email)
        .reporting(Reports::Progress);
    if run.is_refresh {
        request = request.refresh();
    }
    engine.ask(|| engine.client.start_phone(request.clone())).await?;
    Ok(())
}

/// How far a workflow is.
fn standing(progress: &PhoneProgress) -> PhoneStanding {
    let skips = progress.events.iter().filter_map(|of| match of.event {
        Event::Skipped(skip) => Some(skip),
        _ => None,
    });
    let mut standing = PhoneStanding::begun(now());
    standing.skips = skips.collect();
    standing.asking = progress.asking.as_ref().map(|asking| asking.call);
    standing.attempts.clone_from(&progress.ledger);
    standing
}

/// How a workflow ended.
fn ended(result: PhoneResult) -> PhoneStanding {
    let mut standing = PhoneStanding::begun(result.ended);
    standing.attempts = result.ledger;
    standing.skips = result.skips;
    standing.rejected = result.rejected;
    standing.outcome = Some(result.outcome);
    standing
}
