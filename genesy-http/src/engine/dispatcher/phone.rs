//! Who is told how far the search of a phone is: stores it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use genesy_core::pii::Pii;
use genesy_core::waterfall::{Outcome, PhoneQuality};

use super::Desk;
use super::phone_events::{Told, since};
use super::view::PhoneView;
use crate::engine::{NotKept, PhoneStanding, Watcher};
use crate::events::Event;
use crate::store::attempts;
use crate::store::jobs::Kind;
use crate::store::journal::{End, FoundPhone, Kept, LeadEnd, Step};
use crate::store::runs::{Claimed, RunRow};
use crate::telemetry::{Counter, Timer};

/// Stores how far the search of a phone is.
#[derive(Debug)]
pub(super) struct PhoneRecorder {
    desk: Arc<Desk>,
    lead: i64,
    job: i64,
    is_refresh: bool,
    told: Mutex<Told>,
}

impl PhoneRecorder {
    /// Of a run that was taken. If it was under way before, what was told then is not told again.
    pub(super) async fn new(desk: Arc<Desk>, claimed: &Claimed) -> Result<Self, NotKept> {
        let (lead, job) = (claimed.pick.lead, claimed.pick.job);
        let told = match claimed.journal {
            None => Told::default(),
            Some(_) => {
                let known = desk.store.read(move |connection| {
                    let run = RunRow::find(connection, Kind::Phone, lead)?;
                    Ok((run.and_then(|run| run.result), attempts::of_run(connection, lead, job)?))
                });
                let (view, attempts) = known.await.map_err(|_| NotKept::Store)?;
                let view = view.and_then(|view| serde_json::from_str(view.reveal()).ok());
                Told::of_stored(desk.engine.plan(), &view.unwrap_or_default(), &attempts)
            }
        };
        let is_refresh = claimed.options.refresh;
        Ok(Self { desk, lead, job, is_refresh, told: Mutex::new(told) })
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self, standing: &PhoneStanding) -> Option<End> {
        let outcome = standing.outcome.as_ref()?;
        let found = match outcome {
            Outcome::Found(found) => Some(FoundPhone {
                phone: found.value.e164.as_ref().unwrap_or(&found.value.raw).clone(),
                is_valid: (found.value.e164.is_some())
                    .then_some(found.value.quality >= PhoneQuality::Valid),
                provider: found.provider.as_str().to_owned(),
                replaces: self.is_refresh,
            }),
            _ => None,
        };
        Some(End { outcome: outcome.name(), lead: LeadEnd::Phone(found) })
    }
}

#[async_trait]
impl Watcher<PhoneStanding> for PhoneRecorder {
    async fn tell(&self, standing: PhoneStanding) -> Result<(), NotKept> {
        let told = self.told().clone();
        if told.is_ended {
            return Ok(());
        }
        let plan = self.desk.engine.plan();
        let (events, attempts) = since(&told, plan, &standing);
        let (lead, job) = (self.lead, self.job);
        let events = events.into_iter().map(|what| Event::Phone { lead, job, what }).collect();
        let view = serde_json::to_string(&PhoneView::of(plan, &standing));
        let now_told = told.and(&standing);
        let outcome = standing.outcome.as_ref().map(|outcome| outcome.name());
        let step = Step {
            kind: Kind::Phone,
            lead,
            job,
            at: standing.at.into(),
            end: self.end(&standing),
            journal: standing.journal,
            result: Pii::new(view.map_err(|_| NotKept::Store)?),
            attempts: attempts.clone(),
            events,
        };
        let written = self.desk.store.write(move |transaction| step.record(transaction)).await;
        let is_stored = match written {
            Ok(Kept::Gone) => return Err(NotKept::Gone),
            Ok(kept) => kept == Kept::Stored,
            Err(error) => {
                tracing::error!(lead, job, %error, source = error.source_text(), "a step is not stored");
                return Err(NotKept::Store);
            }
        };
        *self.told() = now_told;
        let metrics = &self.desk.metrics;
        for row in &attempts {
            metrics.count(Counter::ProviderCalls, &[&row.provider, &row.result]);
            let took = Duration::from_micros(row.took_us);
            metrics.time(Timer::ProviderCalls, &[&row.provider], took);
        }
        // A run that had ended before was counted by whoever ended it.
        if let (true, Some(outcome)) = (is_stored, outcome) {
            metrics.count(Counter::Runs, &["phone", outcome]);
            self.desk.rates.add(job);
        }
        for (provider, health) in self.desk.statistics.learn(&attempts) {
            self.desk.tell_health(provider, health).await;
        }
        Ok(())
    }
}
