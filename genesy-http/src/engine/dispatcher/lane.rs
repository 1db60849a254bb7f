//! One kind of runs: as many under way as may be, as long as there are any.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use genesy_core::waterfall::LeadField;
use genesy_providers::driver::LeadId;
use rusqlite::Transaction;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::email::EmailRecorder;
use super::phone::PhoneRecorder;
use super::{Desk, LOOK_EVERY, PICKED_MAX, STORE_PAUSE, UnderWay};
use crate::clock::Time;
use crate::engine::{EmailRun, EngineError, NotKept, PhoneRun};
use crate::store::StoreError;
use crate::store::jobs::{self, Kind};
use crate::store::runs::{self, Claim, Claimed, Pick};
use crate::store::suppressions::Suppressions;

/// Works until the server stops.
pub(super) async fn run(desk: Arc<Desk>, kind: Kind) {
    let places = Arc::new(Semaphore::new(desk.at_a_time(kind)));
    let mut picked: Vec<Pick> = Vec::new();
    loop {
        let place = tokio::select! {
            biased;
            () = desk.stopping.cancelled() => return,
            place = Arc::clone(&places).acquire_owned() => place,
        };
        let Ok(place) = place else { return };
        let mut all = vec![place];
        while all.len() < PICKED_MAX as usize
            && let Ok(place) = Arc::clone(&places).try_acquire_owned()
        {
            all.push(place);
        }
        match begin_some(&desk, kind, &mut picked, all, &places).await {
            Ok(true) => {}
            Ok(false) => {
                end_stale(&desk).await;
                let woken = desk.lane(kind).woken.notified();
                tokio::select! {
                    _ = timeout(LOOK_EVERY, woken) => {}
                    () = desk.stopping.cancelled() => return,
                }
            }
            Err(error) => {
                tracing::error!(%error, source = error.source_text(), "no run can be begun");
                if desk.pause(STORE_PAUSE).await {
                    return;
                }
            }
        }
    }
}

/// Ends jobs whose last leads were deleted.
async fn end_stale(desk: &Desk) {
    if let Ok(stale) = desk.store.read(jobs::stale).await
        && !stale.is_empty()
    {
        let ended = desk.store.write(move |transaction| {
            let at = Time::now();
            stale.iter().try_for_each(|job| jobs::end_if_done(transaction, *job, at).map(|_| ()))
        });
        if let Err(error) = ended.await {
            tracing::error!(%error, "a job without leads is not ended");
        }
    }
}

/// Begins as many runs as there are places, if there are any. Says whether there were some.
async fn begin_some(
    desk: &Arc<Desk>,
    kind: Kind,
    picked: &mut Vec<Pick>,
    places: Vec<OwnedSemaphorePermit>,
    all: &Arc<Semaphore>,
) -> Result<bool, StoreError> {
    if picked.is_empty() {
        *picked = desk.store.read(move |store| runs::next(store, kind, PICKED_MAX)).await?;
        // They are taken from the end.
        picked.reverse();
    }
    if picked.is_empty() {
        return Ok(false);
    }
    let taken = picked.split_off(picked.len().saturating_sub(places.len()));
    // Known before they are taken, so that whoever cancels one finds it either queued or here.
    let tokens: Vec<_> = taken.iter().map(|pick| enter(desk, kind, *pick)).collect();
    let picks = taken.clone();
    let hasher = desk.store.hasher().clone();
    let claimed = desk.store.write(move |transaction| {
        let (at, suppressions) = (Time::now(), Suppressions::new(transaction, &hasher)?);
        let claim = |pick| runs::claim(transaction, kind, pick, &suppressions, at);
        picks.into_iter().map(claim).collect()
    });
    let claimed: Vec<Claim> = match claimed.await {
        Ok(claimed) => claimed,
        Err(error) => {
            taken.iter().for_each(|pick| leave(desk, kind, *pick));
            return Err(error);
        }
    };
    let each = taken.into_iter().zip(tokens).zip(claimed).zip(places);
    for (((pick, token), claimed), place) in each {
        match claimed {
            Claim::Gone => leave(desk, kind, pick),
            Claim::Cancelled => {
                leave(desk, kind, pick);
                desk.ended(kind, pick.job, "cancelled");
            }
            Claim::Taken(claimed) => {
                if claimed.is_cancelled {
                    token.cancel();
                }
                let (desk, all) = (Arc::clone(desk), Arc::clone(all));
                let tasks = desk.tasks.clone();
                tasks.spawn(async move {
                    follow(&desk, kind, *claimed, token, place, all).await;
                });
            }
        }
    }
    // New jobs have their turn soon.
    if desk.lane(kind).woken.notified().now_or_never().is_some() {
        picked.clear();
    }
    Ok(true)
}

fn enter(desk: &Desk, kind: Kind, pick: Pick) -> CancellationToken {
    let cancel = CancellationToken::new();
    let under_way = UnderWay { job: pick.job, cancel: cancel.clone() };
    desk.lane(kind).running().insert(pick.lead, under_way);
    cancel
}

fn leave(desk: &Desk, kind: Kind, pick: Pick) {
    let mut running = desk.lane(kind).running();
    // By now it may have a run for another job.
    if running.get(&pick.lead).is_some_and(|of| of.job == pick.job) {
        running.remove(&pick.lead);
    }
}

/// Brings a run to its end.
async fn follow(
    desk: &Arc<Desk>,
    kind: Kind,
    claimed: Claimed,
    cancel: CancellationToken,
    place: OwnedSemaphorePermit,
    places: Arc<Semaphore>,
) {
    let pick = claimed.pick;
    let work = async {
        // A lead is run for a job once, so no other run is called so.
        let lead = LeadId::new(&format!("{}.{}.{}", desk.store.id(), pick.lead, pick.job))
            .map_err(|error| EngineError::Failed(error.to_string()))?;
        match kind {
            Kind::Phone => phone(desk, lead, claimed, cancel, place).await,
            Kind::Email => email(desk, lead, claimed, cancel, place, places).await,
        }
    };
    let result = AssertUnwindSafe(work).catch_unwind().await;
    // Before it is given back, since it may be taken again at once.
    leave(desk, kind, pick);
    let error = match result {
        Ok(Ok(())) => return,
        Ok(Err(error)) => error,
        Err(_) => EngineError::Failed("the code of the engine panicked".to_owned()),
    };
    match error {
        // It goes on at the next start.
        EngineError::Stopped => {}
        // Its lead was deleted. It may have been the last one of the job.
        EngineError::NotKept(NotKept::Gone) => end_stale(desk).await,
        EngineError::NotKept(NotKept::Store) => give_back(desk, kind, pick).await,
        EngineError::Cancelled => finish(desk, kind, pick, "cancelled").await,
        EngineError::Failed(reason) => {
            tracing::error!(lead = pick.lead, job = pick.job, reason, "a run broke down");
            finish(desk, kind, pick, "failed").await;
        }
    }
}

async fn phone(
    desk: &Arc<Desk>,
    lead: LeadId,
    claimed: Claimed,
    cancel: CancellationToken,
    _place: OwnedSemaphorePermit,
) -> Result<(), EngineError> {
    let recorder = PhoneRecorder::new(Arc::clone(desk), &claimed).await?;
    let run = PhoneRun {
        lead,
        inputs: claimed.inputs,
        email: claimed.facts.email,
        is_refresh: claimed.options.refresh,
        journal: claimed.journal,
        cancel,
    };
    desk.engine.find_phone(run, Arc::new(recorder)).await
}

async fn email(
    desk: &Arc<Desk>,
    lead: LeadId,
    claimed: Claimed,
    cancel: CancellationToken,
    place: OwnedSemaphorePermit,
    places: Arc<Semaphore>,
) -> Result<(), EngineError> {
    let address = claimed.inputs.get(LeadField::Email).unwrap_or_default().to_owned();
    let recorder = EmailRecorder::new(Arc::clone(desk), claimed.pick, place, places);
    let run = EmailRun { lead, address: address.into(), journal: claimed.journal, cancel };
    desk.engine.verify(run, Arc::new(recorder)).await
}

/// Gives a run back whose store did not work, to be begun again.
async fn give_back(desk: &Desk, kind: Kind, pick: Pick) {
    tracing::error!(
        lead = pick.lead,
        job = pick.job,
        "a run is begun again, since it could not be stored"
    );
    let give = move |transaction: &Transaction<'_>| runs::give_back(transaction, kind, pick);
    let is_stopping = desk.pause(STORE_PAUSE).await;
    if !is_stopping && desk.insist("a run is not given back yet", give).await.is_some() {
        desk.lane(kind).woken.notify_one();
    }
}

/// Ends a run that came to no end of its own.
async fn finish(desk: &Desk, kind: Kind, pick: Pick, outcome: &'static str) {
    let finish = move |transaction: &Transaction<'_>| {
        runs::finish(transaction, kind, pick, outcome, Time::now())
    };
    let what = format!("the run of lead {} in job {} is not ended yet", pick.lead, pick.job);
    if desk.insist(&what, finish).await == Some(true) {
        desk.ended(kind, pick.job, outcome);
    }
}
