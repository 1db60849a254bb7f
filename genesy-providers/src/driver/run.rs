//! One lead's run, from its start or from where a journal says it was.

use std::sync::Arc;
use std::time::Duration;

use genesy_core::waterfall::{Action, Call, Input, Lookup, Reply, Step, Waterfall};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use super::clock::micros;
use super::control::{Control, Wish};
use super::events::{DriverEvent, LeadEvent};
use super::{Lead, LeadId, RunError, Shared};
use crate::journal::JournalError;
use crate::limits::{Admission, Permit};
use crate::provider::{Answer, Ask, CallError, reply};

/// A run on its way.
pub(super) struct Run<'d, K: Lookup> {
    driver: &'d Shared<K>,
    lead: &'d Lead,
    control: &'d Control,
    waterfall: Waterfall<K>,
}

/// Begins a run, or takes up the one that is stored.
pub(super) async fn begin<K: Lookup>(
    driver: &Shared<K>,
    lead: &Lead,
) -> Result<Waterfall<K>, RunError> {
    let stored = match &driver.journal {
        Some(journal) if !lead.is_anew => journal.load(&lead.id).await.map_err(journal_error)?,
        _ => None,
    };
    let plan = Arc::clone(&driver.plan);
    let now = driver.clock.now();
    let Some(stored) = stored else {
        return Ok(Waterfall::new(plan, lead.facts, lead.id.seed(), now));
    };
    let snapshot = serde_json::from_slice(&stored).map_err(|error| RunError::Snapshot {
        // The text of the error may hold what was stored.
        line: error.line(),
        column: error.column(),
    })?;
    let mut waterfall = Waterfall::resume(plan, snapshot)?;
    waterfall.handle(now, Input::Interrupted);
    tell(driver, &lead.id, LeadEvent::Resumed);
    Ok(waterfall)
}

impl<'d, K: Lookup> Run<'d, K> {
    pub(super) const fn new(
        driver: &'d Shared<K>,
        lead: &'d Lead,
        control: &'d Control,
        waterfall: Waterfall<K>,
    ) -> Self {
        Self { driver, lead, control, waterfall }
    }

    /// Goes on to the end.
    pub(super) async fn finish(&mut self) -> Result<(), RunError> {
        while self.waterfall.outcome().is_none() {
            if self.control.is_wished(Wish::Suspend) {
                self.tell(LeadEvent::Suspended);
                return Err(RunError::ShutDown);
            }
            // After a shutdown, the check above ends the run.
            if self.turn().await? == Some(Wish::Cancel) {
                self.waterfall.handle(self.driver.clock.now(), Input::Cancel);
                self.tell_events();
                self.store().await?;
            }
        }
        Ok(())
    }

    /// Does what is next, unless somebody wishes otherwise.
    async fn turn(&mut self) -> Result<Option<Wish>, RunError> {
        let admission = match self.admission().await {
            Ok(admission) => admission,
            Err(wish) => return Ok(Some(wish)),
        };
        let action = self.waterfall.poll(self.driver.clock.now());
        self.tell_events();
        match action {
            Action::Call(call) => {
                self.store().await?;
                let reply = match self.call(&call, admission).await {
                    Ok(reply) => reply,
                    Err(wish) => return Ok(Some(wish)),
                };
                let now = self.driver.clock.now();
                self.waterfall.handle(now, Input::Reply { call: call.id, reply });
                self.tell_events();
                self.store().await?;
                Ok(None)
            }
            Action::Wait { until } | Action::Sleep { until } => {
                let until = self.driver.clock.instant(until);
                Ok(self.or_wish(sleep_until(until)).await.err())
            }
            Action::Done(_) => {
                self.store().await?;
                Ok(None)
            }
        }
    }

    /// The run, when it is done.
    pub(super) fn into_waterfall(self) -> Waterfall<K> {
        self.waterfall
    }

    /// Waits for a turn at the provider that is next, if one is.
    async fn admission(&mut self) -> Result<Option<Admission>, Wish> {
        let driver = self.driver;
        let Some(step) = self.waterfall.due(driver.clock.now()) else { return Ok(None) };
        let patience = Duration::from_millis(step.retry.delay_ms_max.into());
        let Some(seat) = driver.seat_of(step) else { return Ok(None) };
        if let Some(admission) = seat.gate.admit_now(patience) {
            return Ok(Some(admission));
        }
        let since = Instant::now();
        let turn = timeout(driver.queue_time_max, seat.gate.admit(patience));
        // It is seldom needed, and large.
        let admission = self.or_wish(Box::pin(turn)).await?;
        let input = Input::Waited { us: micros(since.elapsed()) };
        self.waterfall.handle(driver.clock.now(), input);
        // Whoever waited that long goes on with the next provider.
        Ok(Some(admission.unwrap_or(Admission::Paused(Duration::MAX))))
    }

    /// Makes one call, if it was admitted.
    async fn call(
        &mut self,
        call: &Call,
        admission: Option<Admission>,
    ) -> Result<Reply<K::Value>, Wish> {
        let driver = self.driver;
        let seat = driver.seats.get(usize::from(call.id.step));
        let (Some(seat), Some(admission)) = (seat, admission) else {
            // The driver has a seat for each step, and asks for admission before each call.
            return Ok(Reply::Failed { retry_after_ms: None });
        };
        let result = match admission {
            Admission::Granted(permit) => {
                let key = idempotency_key(&self.waterfall, call);
                let time = driver.clock.instant(call.deadline) - Instant::now();
                let ask = Ask::new(seat.provider.description(), &self.lead.inputs, key, time);
                let answer = ask_once(seat.provider.call(&ask), driver, call, permit);
                let result = tokio::select! {
                    biased;
                    result = answer => result,
                    wish = self.control.wished(Wish::Cancel, Wish::GiveUp) => return Err(wish),
                };
                seat.learn(&result, driver);
                result
            }
            Admission::Paused(pause) => Err(CallError::Throttled { retry_after: Some(pause) }),
            Admission::Closed => {
                Err(CallError::Misconfigured { reason: "it is asked no more".into() })
            }
        };
        if let Err(error) = &result {
            tracing::debug!(lead = %self.lead.id, provider = %call.provider, %error, "no answer");
            if driver.events.is_watched() {
                self.tell(LeadEvent::Trouble { call: call.id, reason: error.to_string() });
            }
        }
        Ok(reply(result))
    }

    /// Waits, unless somebody wishes otherwise.
    async fn or_wish<T>(&self, wait: impl Future<Output = T>) -> Result<T, Wish> {
        tokio::select! {
            biased;
            value = wait => Ok(value),
            wish = self.control.wished(Wish::Cancel, Wish::Suspend) => Err(wish),
        }
    }

    async fn store(&self) -> Result<(), RunError> {
        let Some(journal) = &self.driver.journal else { return Ok(()) };
        let snapshot = serde_json::to_vec(self.waterfall.snapshot())
            .map_err(|error| journal_error(error.into()))?;
        journal.store(&self.lead.id, &snapshot).await.map_err(journal_error)
    }

    fn tell_events(&mut self) {
        while let Some(event) = self.waterfall.poll_event() {
            self.tell(LeadEvent::Waterfall(event));
        }
    }

    fn tell(&mut self, what: LeadEvent) {
        tell(self.driver, &self.lead.id, what);
    }
}

fn journal_error(error: JournalError) -> RunError {
    RunError::Journal(error.into())
}

/// Tells whoever watches what happens to a lead.
pub(super) fn tell<K: Lookup>(driver: &Shared<K>, lead: &LeadId, what: LeadEvent) {
    if driver.events.is_watched() {
        let at = driver.clock.now();
        driver.events.send(DriverEvent::Lead { lead: lead.clone(), at, what });
    }
}

/// Waits for the answer no longer than the call may take. The provider is one call freer after it.
async fn ask_once<V, K: Lookup>(
    answer: impl Future<Output = Result<Answer<V>, CallError>>,
    driver: &Shared<K>,
    call: &Call,
    _permit: Permit,
) -> Result<Answer<V>, CallError> {
    let deadline = driver.clock.instant(call.deadline);
    timeout_at(deadline, answer).await.unwrap_or(Err(CallError::TimedOut))
}

/// The same for all attempts of a run at one provider, and after a restart.
fn idempotency_key<K: Lookup>(waterfall: &Waterfall<K>, call: &Call) -> String {
    let started = waterfall.started().as_micros();
    let step = u64::from(call.id.step);
    format!("{:016x}{:016x}", waterfall.seed(), started.wrapping_mul(32).wrapping_add(step))
}

impl<K: Lookup> Shared<K> {
    fn seat_of(&self, step: &Step<K>) -> Option<&super::Seat<K>> {
        self.seats.iter().find(|seat| seat.provider.description().id == step.provider)
    }
}
