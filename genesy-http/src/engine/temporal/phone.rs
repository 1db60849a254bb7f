//! Searches of phones.

use std::pin::pin;
use std::time::{Duration, UNIX_EPOCH};

use genesy_core::time::Timestamp;
use genesy_core::waterfall::{CallId, Event};
use genesy_providers::driver::LeadId;
use genesy_temporal::client::{PhoneRequest, Status};
use genesy_temporal::phone::{PhoneProgress, PhoneResult};
use genesy_temporal::report::Reports;
use tokio::time::sleep;

use super::super::standing::Retry;
use super::super::{EngineError, NotKept, PhoneRun, PhoneStanding, Watcher};
use super::{Temporal, asked_since, journal, now};

/// The activity that asks a provider.
const ASKING: &str = "ask_provider.v1";
/// How long nothing is heard of a run until it is looked how far it is.
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
    begin(engine, &run).await?;
    let mut result = pin!(engine.ask(|| engine.client.phone_result(&run.lead)));
    let mut last = None;
    let mut is_cancelled = false;
    loop {
        let standing = tokio::select! {
            result = &mut result => {
                let end = ended(result?);
                engine.learn(&end.attempts);
                // The end needs no journal.
                return Ok(watcher.tell(end).await?);
            }
            progress = follow.next() => Some(standing(&progress)),
            standing = look(engine, &run.lead) => standing,
            () = run.cancel.cancelled(), if !is_cancelled => {
                is_cancelled = true;
                engine.cancel(|| engine.client.cancel_phone(&run.lead)).await?;
                continue;
            }
        };
        let Some(standing) = standing else { continue };
        let seen = (standing.attempts.len(), standing.skips.len(), standing.asking, standing.retry);
        if last == Some(seen) {
            continue;
        }
        match told(standing).await {
            Err(NotKept::Gone) => {
                engine.cancel(|| engine.client.cancel_phone(&run.lead)).await?;
                return Err(NotKept::Gone.into());
            }
            kept => kept?,
        }
        last = Some(seen);
    }
}

/// Looks how far a run is that nothing is heard of for a while; nothing if nobody can say.
async fn look(engine: &Temporal, lead: &LeadId) -> Option<PhoneStanding> {
    sleep(LOOK_EVERY).await;
    let mut standing = standing(&engine.client.phone_progress(lead).await.ok()?);
    attempts_under_way(&mut standing, &engine.client.phone_status(lead).await.ok()?);
    Some(standing)
}

/// What the cluster knows of the attempts of a step that is under way: the workflow learns of them at its end.
fn attempts_under_way(standing: &mut PhoneStanding, status: &Status) {
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

async fn begin(engine: &Temporal, run: &PhoneRun) -> Result<(), EngineError> {
    let inputs = match run.is_refresh {
        true => run.inputs.clone().having_phone(false),
        false => run.inputs.clone(),
    };
    let request = PhoneRequest::new(run.lead.clone(), inputs, engine.plan.clone())
        .with_email(run.email)
        .reporting(Reports::ProgressOnly);
    let status = || engine.client.phone_status(&run.lead);
    engine.begin(&run.cancel, status, || engine.client.start_phone(request.clone())).await
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
