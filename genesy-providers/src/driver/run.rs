//! One lead's run, from its start or from where a journal says it was.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use genesy_core::time::Timestamp;
use genesy_core::waterfall::{Action, Call, Input, Lookup, Outcome, Reply, Step, Waterfall};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::clock::micros;
use super::control::{Control, Wish};
use super::events::{DriverEvent, LeadEvent};
use super::{Lead, LeadId, RunError, Shared};
use crate::journal::JournalError;
use crate::limits::Admission;
use crate::provider::{Ask, CallError, ask_until, reply};

/// How often it is tried to store the end of a run: what was found may have been paid for.
const STORE_END_ATTEMPTS_MAX: usize = 3;
/// How long is waited in between.
const STORE_END_PAUSE: Duration = Duration::from_millis(500);
/// How long a journal may take for one step.
const JOURNAL_TIME_MAX: Duration = Duration::from_secs(30);

/// A run on its way.
pub(super) struct Run<'d, K: Lookup> {
    driver: &'d Shared<K>,
    lead: &'d Lead,
    control: &'d Control,
    waterfall: Waterfall<K>,
    /// How far the run's time is ahead of the driver's, in microseconds: it was stored by a clock that
    /// was, or the driver's was set back since.
    ahead_us: u64,
}

/// Begins a run, or takes up the one that is stored.
pub(super) async fn begin<K: Lookup>(
    driver: &Shared<K>,
    lead: &Lead,
    control: &Control,
) -> Result<Waterfall<K>, RunError> {
    let stored = match &driver.journal {
        Some(journal) if !lead.is_anew => in_time(control, journal.load(&lead.id)).await?,
        _ => None,
    };
    let plan = Arc::clone(&driver.plan);
    let now = driver.clock.now();
    let anew = |plan| Waterfall::new(plan, lead.facts, lead.id.seed(), now);
    let Some(stored) = stored else { return Ok(anew(plan)) };
    let snapshot = serde_json::from_slice(&stored).map_err(|error| RunError::Snapshot {
        // The text of the error may hold what was stored.
        line: error.line(),
        column: error.column(),
    })?;
    let mut waterfall = Waterfall::resume(Arc::clone(&plan), snapshot)?;
    if waterfall.outcome() == Some(&Outcome::Cancelled) {
        // Somebody wanted no more then, and wants it now.
        return Ok(anew(plan));
    }
    waterfall.handle(now, Input::Interrupted);
    tell(driver, &lead.id, LeadEvent::Resumed);
    Ok(waterfall)
}

impl<'d, K: Lookup> Run<'d, K> {
    pub(super) fn new(
        driver: &'d Shared<K>,
        lead: &'d Lead,
        control: &'d Control,
        waterfall: Waterfall<K>,
    ) -> Self {
        let ahead_us = waterfall.now().micros_since(driver.clock.now());
        Self { driver, lead, control, waterfall, ahead_us }
    }

    /// Goes on to the end.
    pub(super) async fn finish(&mut self) -> Result<(), RunError> {
        while self.waterfall.outcome().is_none() {
            if self.control.is_wished(Wish::Suspend) {
                self.tell(LeadEvent::Suspended);
                return Err(RunError::Stopped);
            }
            let wish = match self.control.is_wished(Wish::Cancel) {
                true => Some(Wish::Cancel),
                false => self.turn().await?,
            };
            // After a shutdown, the check above ends the run.
            if wish == Some(Wish::Cancel) {
                self.waterfall.handle(self.now(), Input::Cancel);
                self.store_end().await;
                self.tell_events();
            }
        }
        Ok(())
    }

    /// Does what is next, unless somebody wishes otherwise.
    async fn turn(&mut self) -> Result<Option<Wish>, RunError> {
        let (admission, now) = match self.admission().await {
            Ok(admitted) => admitted,
            Err(wish) => return Ok(Some(wish)),
        };
        // Whoever is let through and goes makes room: those behind must not begin then, if they are to go.
        if let Some(wish) = self.control.either(Wish::Cancel, Wish::Suspend) {
            return Ok(Some(wish));
        }
        let action = self.waterfall.poll(now);
        self.tell_events();
        let call = match action {
            Action::Call(call) => call,
            Action::Wait { until } | Action::Sleep { until } => {
                let until = self.instant(until);
                return Ok(self.or_wish(sleep_until(until)).await.err());
            }
            Action::Done(_) => {
                self.store_end().await;
                return Ok(None);
            }
        };
        self.store().await?;
        // Most of a run's size, and allocators have pieces of up to 1 KiB ready at hand.
        let reply = match Box::pin(self.call(&call, admission)).await {
            Ok(reply) => reply,
            Err(wish) => return Ok(Some(wish)),
        };
        self.waterfall.handle(self.now(), Input::Reply { call: call.id, reply });
        self.tell_rejected(&call);
        if self.waterfall.outcome().is_some() {
            self.store_end().await;
        } else {
            self.store().await?;
        }
        self.tell_events();
        Ok(None)
    }

    /// The run, when it is done.
    pub(super) fn into_waterfall(self) -> Waterfall<K> {
        self.waterfall
    }

    /// Waits for a turn at the provider that is next, if one is, and says when it came.
    async fn admission(&mut self) -> Result<(Option<Admission>, Timestamp), Wish> {
        let driver = self.driver;
        let since = Instant::now();
        let now = self.timestamp(since);
        let Some(step) = self.waterfall.due(now) else { return Ok((None, now)) };
        let Some(seat) = driver.seat_of(step) else { return Ok((None, now)) };
        if let Some(admission) = seat.gate.admit_now(driver.queue_time_max, since) {
            return Ok((Some(admission), now));
        }
        let turn = timeout(driver.queue_time_max, seat.gate.admit(driver.queue_time_max));
        // It is seldom needed, and large.
        let admission = self.or_wish(Box::pin(turn)).await;
        let input = Input::Waited { us: micros(since.elapsed()) };
        let now = self.now();
        self.waterfall.handle(now, input);
        // Whoever waited that long goes on with the next provider.
        let admission = admission?.unwrap_or(Admission::Paused(Duration::MAX));
        Ok((Some(admission), now))
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
            Admission::Granted(mut permit) => {
                let key = self.waterfall.idempotency_key(call.id.step);
                let deadline = self.instant(call.deadline);
                let time = deadline - Instant::now();
                let ask = Ask::new(seat.provider.description(), &self.lead.inputs, key, time);
                seat.gate.begin(&mut permit);
                let result = tokio::select! {
                    biased;
                    wish = self.control.wished(Wish::Cancel, Wish::GiveUp) => return Err(wish),
                    result = ask_until(&*seat.provider, ask, deadline) => result,
                };
                drop(permit);
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

    /// Stores the run. What cannot be stored in time is an error, and nothing that follows is done.
    async fn store(&self) -> Result<(), RunError> {
        let Some(journal) = &self.driver.journal else { return Ok(()) };
        let snapshot = serde_json::to_vec(self.waterfall.snapshot())
            .map_err(|error| journal_error(error.into()))?;
        in_time(self.control, journal.store(&self.lead.id, &snapshot)).await
    }

    /// Stores a run that is done. Its end is not lost if that fails, but another process would ask anew.
    async fn store_end(&self) {
        for _ in 1..STORE_END_ATTEMPTS_MAX {
            if self.store().await.is_ok() {
                return;
            }
            sleep(STORE_END_PAUSE).await;
        }
        if let Err(error) = self.store().await {
            let reason = error.source().map(ToString::to_string).unwrap_or_default();
            tracing::error!(lead = %self.lead.id, %error, reason, "the end of a run is not stored");
        }
    }

    /// Says why a find is not good enough.
    fn tell_rejected(&self, call: &Call) {
        let step = self.driver.plan.steps().get(usize::from(call.id.step));
        if let (Some(step), Some(rejected)) = (step, self.waterfall.rejected().last())
            && rejected.step == call.id.step
            && self.driver.events.is_watched()
        {
            let reason = K::reason_against(&step.rule, &rejected.value);
            self.tell(LeadEvent::Trouble { call: call.id, reason });
        }
    }

    /// The run's time.
    fn now(&self) -> Timestamp {
        self.timestamp(Instant::now())
    }

    /// The run's time at a point as timers take it.
    fn timestamp(&self, at: Instant) -> Timestamp {
        self.driver.clock.timestamp(at).plus_us(self.ahead_us)
    }

    /// A point of the run's time as timers take it.
    fn instant(&self, at: Timestamp) -> Instant {
        let behind_us = at.as_micros().saturating_sub(self.ahead_us);
        self.driver.clock.instant(Timestamp::from_micros(behind_us))
    }

    fn tell_events(&mut self) {
        while let Some(event) = self.waterfall.poll_event() {
            self.tell(LeadEvent::Waterfall(event));
        }
    }

    fn tell(&self, what: LeadEvent) {
        tell(self.driver, &self.lead.id, what);
    }
}

/// What a journal does, no longer than it may take or anybody waits for it.
async fn in_time<T>(
    control: &Control,
    step: impl Future<Output = Result<T, JournalError>>,
) -> Result<T, RunError> {
    tokio::select! {
        biased;
        done = Box::pin(timeout(JOURNAL_TIME_MAX, step)) => match done {
            Ok(done) => done.map_err(journal_error),
            Err(_) => Err(journal_error(format!("it took longer than {JOURNAL_TIME_MAX:?}").into())),
        },
        _ = control.wished(Wish::GiveUp, Wish::GiveUp) => Err(RunError::Stopped),
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

impl<K: Lookup> Shared<K> {
    fn seat_of(&self, step: &Step<K>) -> Option<&super::Seat<K>> {
        self.seats.iter().find(|seat| seat.provider.description().id == step.provider)
    }
}
