//! The engine within this process: genesy-providers' drivers on Tokio.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt;
use genesy_core::pii::Pii;
use genesy_core::waterfall::{CallId, PhoneLookup, Plan, ProviderId, Waterfall};
use genesy_providers::driver::{
    Driver, DriverEvent, Events, Lead, LeadEvent, LeadId, RunError, RunResult, Watched,
};
use genesy_providers::journal::{Journal, JournalError};

use super::mail::Mail;
use super::{
    EmailRun, EmailStanding, Engine, EngineError, NotKept, PhoneRun, PhoneStanding, ProviderFacts,
    Watcher,
};
use crate::outside::Outside;

/// The engine within this process.
#[derive(Debug)]
pub(crate) struct Embedded {
    plan: Plan<PhoneLookup>,
    providers: Vec<ProviderFacts>,
    /// Nothing, and why, if nobody can be asked.
    driver: Result<Driver<PhoneLookup>, String>,
    under_way: Arc<UnderWay>,
    mail: Option<Mail>,
}

impl Embedded {
    /// An engine that asks these, on the Tokio runtime that this is called on.
    pub(crate) fn new(outside: &Outside) -> Self {
        let plan = outside.plan.clone();
        let providers = ProviderFacts::of(outside);
        let under_way = Arc::new(UnderWay {
            plan: Arc::new(plan.clone()),
            seats: Mutex::default(),
            events: Mutex::default(),
        });
        let driver = Driver::builder(plan.clone())
            .providers(outside.providers.iter().map(Arc::clone))
            .journal(Bridge(Arc::clone(&under_way)))
            .build()
            .map_err(|error| error.to_string());
        *lock(&under_way.events) = driver.as_ref().ok().map(Driver::events);
        let mail = outside.mail.clone().map(Mail::new);
        Self { plan, providers, driver, under_way, mail }
    }

    async fn follow(
        &self,
        driver: &Driver<PhoneLookup>,
        lead: Lead,
        run: &PhoneRun,
    ) -> RunResult<PhoneLookup> {
        let mut running = driver.start(lead);
        tokio::select! {
            biased;
            () = run.cancel.cancelled() => running.cancel(),
            result = &mut running => return result,
        }
        running.await
    }
}

#[async_trait]
impl Engine for Embedded {
    fn name(&self) -> &'static str {
        "embedded"
    }

    fn plan(&self) -> &Plan<PhoneLookup> {
        &self.plan
    }

    fn providers(&self) -> &[ProviderFacts] {
        &self.providers
    }

    fn searches(&self) -> Result<(), String> {
        self.driver.as_ref().map(|_| ()).map_err(Clone::clone)
    }

    fn verifies(&self) -> Result<(), String> {
        super::can_verify(self.mail.is_some())
    }

    fn misconfigured(&self) -> Vec<(ProviderId, String)> {
        self.driver.as_ref().map(Driver::misconfigured).unwrap_or_default()
    }

    async fn find_phone(
        &self,
        mut run: PhoneRun,
        watcher: Arc<dyn Watcher<PhoneStanding>>,
    ) -> Result<(), EngineError> {
        let driver = self.driver.as_ref().map_err(|why| EngineError::Failed(why.clone()))?;
        let inputs = run.inputs.clone();
        // Whoever wants it anew searches as if the lead had none: so one driver serves both, and its limits.
        let inputs = if run.is_refresh { inputs.having_phone(false) } else { inputs };
        let lead = Lead::for_phone(run.lead.clone(), inputs).with_email(run.email);
        let journal = run.journal.take();
        let seat = Seat { watcher: Arc::clone(&watcher), journal, troubles: Vec::new() };
        let _guard = self.under_way.enter(run.lead.clone(), seat);
        let result = match self.follow(driver, lead.clone(), &run).await {
            // It was begun with another plan: what it had paid for stays in the ledger.
            Err(RunError::Snapshot { .. } | RunError::Resume(_)) => {
                self.follow(driver, lead.anew(), &run).await
            }
            result => result,
        };
        match result {
            Ok(finished) => {
                let mut end = PhoneStanding::of(finished.run.clone());
                end.troubles = self.under_way.troubles(&run.lead);
                // It is known already, unless the store did not work at that moment.
                Ok(watcher.tell(end).await?)
            }
            Err(RunError::Journal(error)) => match error.downcast_ref::<NotKept>() {
                Some(not_kept) => Err((*not_kept).into()),
                None => Err(NotKept::Store.into()),
            },
            Err(RunError::Stopped) => Err(EngineError::Stopped),
            Err(error) => Err(EngineError::Failed(error.to_string())),
        }
    }

    async fn verify(
        &self,
        run: EmailRun,
        watcher: Arc<dyn Watcher<EmailStanding>>,
    ) -> Result<(), EngineError> {
        match &self.mail {
            Some(mail) => mail.verify(run, watcher).await,
            None => Err(EngineError::Failed(self.verifies().err().unwrap_or_default())),
        }
    }

    async fn stop(&self, grace: Duration) {
        if let Some(mail) = &self.mail {
            mail.stop();
        }
        if let Ok(driver) = &self.driver {
            driver.shutdown(grace).await;
        }
    }
}

/// The runs under way, for the journal of the driver.
#[derive(Debug)]
struct UnderWay {
    plan: Arc<Plan<PhoneLookup>>,
    seats: Mutex<HashMap<LeadId, Seat>>,
    /// What the driver tells: why calls told nothing. It is read whenever a step is stored, so it is never
    /// long.
    events: Mutex<Option<Events>>,
}

#[derive(Debug)]
struct Seat {
    watcher: Arc<dyn Watcher<PhoneStanding>>,
    journal: Option<Pii<Vec<u8>>>,
    troubles: Vec<(CallId, String)>,
}

/// Takes a run out again, however it ends.
struct Guard<'u>(&'u UnderWay, LeadId);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        lock(&self.0.seats).remove(&self.1);
    }
}

impl UnderWay {
    fn enter(&self, lead: LeadId, seat: Seat) -> Guard<'_> {
        lock(&self.seats).insert(lead.clone(), seat);
        Guard(self, lead)
    }

    /// Why calls of a lead told nothing, as far as is known.
    fn troubles(&self, lead: &LeadId) -> Vec<(CallId, String)> {
        let mut events = lock(&self.events);
        let mut seats = lock(&self.seats);
        while let Some(Some(Some(watched))) = events.as_mut().map(|of| of.next().now_or_never()) {
            let Watched::Event(DriverEvent::Lead { lead, what, .. }) = watched else { continue };
            let LeadEvent::Trouble { call, reason } = what else { continue };
            if let Some(seat) = seats.get_mut(&lead) {
                seat.troubles.push((call, reason));
            }
        }
        seats.get(lead).map(|seat| seat.troubles.clone()).unwrap_or_default()
    }
}

/// The driver's journal: gives the watcher of a run what is to be stored of it.
#[derive(Debug)]
struct Bridge(Arc<UnderWay>);

#[async_trait]
impl Journal for Bridge {
    async fn load(&self, lead: &LeadId) -> Result<Option<Vec<u8>>, JournalError> {
        let journal = lock(&self.0.seats).get_mut(lead).and_then(|seat| seat.journal.take());
        Ok(journal.map(Pii::into_inner))
    }

    async fn store(&self, lead: &LeadId, snapshot: &[u8]) -> Result<(), JournalError> {
        let watcher = lock(&self.0.seats).get(lead).map(|seat| Arc::clone(&seat.watcher));
        let Some(watcher) = watcher else { return Err(NotKept::Gone.into()) };
        let run = Waterfall::resume(Arc::clone(&self.0.plan), serde_json::from_slice(snapshot)?)?;
        let mut standing = PhoneStanding::of(run);
        standing.troubles = self.0.troubles(lead);
        standing.journal = Some(snapshot.to_vec().into());
        let is_ended = standing.outcome.is_some();
        match watcher.tell(standing).await {
            // The end of a deleted lead's run is not to be kept, and nothing is done behind it.
            Err(NotKept::Gone) if is_ended => Ok(()),
            told => Ok(told?),
        }
    }
}

/// Nothing that is locked here is left half done by a panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use genesy_core::time::Timestamp;
    use genesy_core::waterfall::{Input, LeadFacts, default_phone_plan};

    use super::*;

    /// Its lead was deleted.
    #[derive(Debug)]
    struct Deleted;

    #[async_trait]
    impl Watcher<PhoneStanding> for Deleted {
        async fn tell(&self, _standing: PhoneStanding) -> Result<(), NotKept> {
            Err(NotKept::Gone)
        }
    }

    #[tokio::test]
    async fn a_run_whose_lead_is_deleted_does_nothing_more_and_may_end() {
        let plan = Arc::new(default_phone_plan());
        let under_way = Arc::new(UnderWay {
            plan: Arc::clone(&plan),
            seats: Mutex::default(),
            events: Mutex::default(),
        });
        let id = LeadId::new("1").expect("an id");
        let seat = Seat { watcher: Arc::new(Deleted), journal: None, troubles: Vec::new() };
        let _guard = under_way.enter(id.clone(), seat);
        let bridge = Bridge(Arc::clone(&under_way));
        let mut run = Waterfall::new(plan, LeadFacts::default(), 1, Timestamp::from_micros(1));
        let snapshot = serde_json::to_vec(run.snapshot()).expect("JSON");
        assert!(bridge.store(&id, &snapshot).await.is_err(), "the next call is not made");
        run.handle(Timestamp::from_micros(2), Input::Cancel);
        let snapshot = serde_json::to_vec(run.snapshot()).expect("JSON");
        assert!(bridge.store(&id, &snapshot).await.is_ok(), "there is nothing to keep of it");
    }
}
