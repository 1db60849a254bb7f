//! Searches of phones.

use genesy_core::waterfall::Event;
use genesy_temporal::client::PhoneRequest;
use genesy_temporal::phone::{PhoneProgress, PhoneResult};
use genesy_temporal::report::Reports;

use super::super::{EngineError, NotKept, PhoneRun, PhoneStanding, Watcher};
use super::{Temporal, asked_since, is_begun_since, journal, now};

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
    let mut result = std::pin::pin!(engine.ask(|| engine.client.phone_result(&run.lead)));
    let mut is_cancelled = false;
    loop {
        tokio::select! {
            result = &mut result => {
                // The end needs no journal.
                return Ok(watcher.tell(ended(result?)).await?);
            }
            progress = follow.next() => match told(standing(progress)).await {
                Err(NotKept::Gone) => {
                    engine.cancel(|| engine.client.cancel_phone(&run.lead)).await?;
                    return Err(NotKept::Gone.into());
                }
                kept => kept?,
            },
            () = run.cancel.cancelled(), if !is_cancelled => {
                is_cancelled = true;
                engine.cancel(|| engine.client.cancel_phone(&run.lead)).await?;
            }
        }
    }
}

/// Begins the workflow, or joins the one that is under way. After a restart, one that was begun before it is
/// the one that was asked for, even if it has ended meanwhile.
async fn begin(
    engine: &Temporal,
    run: &PhoneRun,
    stored: Option<genesy_core::time::Timestamp>,
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
fn standing(progress: PhoneProgress) -> PhoneStanding {
    let skips = progress.events.iter().filter_map(|of| match of.event {
        Event::Skipped(skip) => Some(skip),
        _ => None,
    });
    let mut standing = PhoneStanding::begun(now());
    standing.skips = skips.collect();
    standing.asking = progress.asking.map(|asking| asking.call);
    standing.attempts = progress.ledger;
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
