//! `ask_provider.v1`: one attempt of a step. The server makes the next one when it is told to.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use genesy_core::time::Timestamp;
use genesy_core::waterfall::{
    AttemptEnd, AttemptMade, Delegation, FoundPhone, LeadInputs, PhoneLookup, Reply,
};
use genesy_providers::{Ask, CallError, Provider, ask_once, reply};
use serde::{Deserialize, Serialize};
use temporalio_macros::activities;
use temporalio_sdk::ApplicationFailure;
use temporalio_sdk::activities::{ActivityContext, ActivityError};

use super::TOLD_AFTER;
use crate::clock::{micros, now, timestamp};
use crate::received::Received;

/// What is asked of a provider.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ProviderQuestion {
    pub(crate) delegation: Delegation,
    pub(crate) inputs: LeadInputs,
}

/// The attempts so far. It is what the activity's heartbeats hold, so that the next attempt, on any worker,
/// knows of those before it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Attempts {
    pub(crate) made: Vec<AttemptMade<FoundPhone>>,
    /// When the attempt began that is under way.
    #[serde(default)]
    pub(crate) since: Option<Timestamp>,
}

impl Attempts {
    /// Puts those into the list that were begun before `attempt` and never ended: their worker went away.
    pub(crate) fn lost_before(&mut self, first: u8, attempt: u8, at: Timestamp) {
        let known = self.made.last().map_or(first, |last| last.attempt + 1);
        for lost in known..attempt {
            let began = self.since.take().unwrap_or(at);
            let took_us = at.micros_since(began);
            self.made.push(AttemptMade {
                attempt: lost,
                at: began,
                took_us,
                end: AttemptEnd::Interrupted,
            });
        }
        self.since = None;
    }

    /// Nobody took the next attempt, if there was to be one, for as long as it may be waited for.
    pub(crate) fn not_taken(&mut self, delegation: &Delegation, at: Timestamp) {
        let Some(last) = self.made.last().map(|last| last.attempt) else { return };
        if delegation.retry_delay_ms(&self.made).is_some() {
            let end = AttemptEnd::Reply(Reply::Throttled { retry_after_ms: Some(u64::MAX) });
            self.made.push(AttemptMade { attempt: last + 1, at, took_us: 0, end });
        }
    }
}

/// A provider, and whether it is still asked.
#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) provider: Arc<dyn Provider<PhoneLookup>>,
    is_misconfigured: AtomicBool,
}

impl Seat {
    pub(crate) fn new(provider: Arc<dyn Provider<PhoneLookup>>) -> Self {
        Self { provider, is_misconfigured: AtomicBool::new(false) }
    }

    /// Asks once, unless the provider does not know this worker: it is asked no more then, and the operator
    /// is told once.
    async fn ask(&self, ask: Ask) -> AttemptEnd<FoundPhone> {
        let result = if self.is_misconfigured.load(Ordering::Relaxed) {
            Err(CallError::Misconfigured { reason: "it is asked no more".into() })
        } else {
            ask_once(&*self.provider, ask).await
        };
        let provider = &self.provider.description().id;
        match &result {
            Err(CallError::Misconfigured { reason }) => {
                if !self.is_misconfigured.swap(true, Ordering::Relaxed) {
                    tracing::error!(%provider, %reason, "a provider is misconfigured and asked no more");
                }
            }
            Err(error) => tracing::debug!(%provider, %error, "no answer"),
            Ok(_) => {}
        }
        AttemptEnd::Reply(reply(result))
    }
}

/// The activity of one provider's task queue.
pub(crate) struct ProviderCalls {
    pub(crate) seat: Arc<Seat>,
}

#[activities]
impl ProviderCalls {
    /// Makes one attempt. What ends the step, a failure as well, is a result; only what is to be tried again
    /// is a failure, with the wait until then.
    #[activity(name = "ask_provider.v1")]
    pub(crate) async fn ask(
        self: Arc<Self>,
        ctx: ActivityContext,
        question: Received<ProviderQuestion>,
    ) -> Result<Vec<AttemptMade<FoundPhone>>, ActivityError> {
        let ProviderQuestion { delegation, inputs } = question.read()?;
        // What another version wrote and cannot be read here is lost: attempts that are not known were interrupted.
        let known = ctx.heartbeat_details().deserialize::<Attempts>().ok().flatten();
        let mut attempts = known.unwrap_or_default();
        let first = delegation.call.attempt;
        let attempt = first.saturating_add(u8::try_from(ctx.info().attempt - 1).unwrap_or(u8::MAX));
        let scheduled = ctx.info().current_attempt_scheduled_time.map_or_else(now, timestamp);
        attempts.lost_before(first, attempt, scheduled);
        if !attempts.made.is_empty() && delegation.retry_delay_ms(&attempts.made).is_none() {
            // The attempts that were lost were the last ones that may be made.
            return Ok(attempts.made);
        }
        let timeout = Duration::from_micros(delegation.timeout_us(&attempts.made));
        let at = now();
        attempts.since = Some(at);
        let description = self.seat.provider.description();
        let key = delegation.idempotency_key.clone();
        let began = Instant::now();
        let ask = Ask::new(description, &inputs, key, timeout);
        let mut asking = pin!(self.seat.ask(ask));
        let end = match tokio::time::timeout(TOLD_AFTER, &mut asking).await {
            Ok(end) => end,
            Err(_) => {
                ctx.record_heartbeat(attempts.clone()).await?;
                tokio::select! {
                    end = &mut asking => end,
                    // The worker shuts down, or the run is cancelled and has gone on.
                    () = ctx.cancelled() => AttemptEnd::Interrupted,
                }
            }
        };
        let took_us = micros(began.elapsed());
        attempts.since = None;
        attempts.made.push(AttemptMade { attempt, at, took_us, end });
        let Some(delay_ms) = delegation.retry_delay_ms(&attempts.made) else {
            return Ok(attempts.made);
        };
        let name = attempts.made.last().map_or("failed", |last| last.end.name());
        ctx.record_heartbeat(attempts.clone()).await?;
        let failure = ApplicationFailure::builder(format!("{name}: tried again in {delay_ms} ms"))
            .type_name(name.to_owned())
            // Zero would leave the wait to the server.
            .next_retry_delay(Duration::from_millis(delay_ms.max(1)))
            // Where there is no time for another attempt, this failure is what the run is told.
            .details(attempts)
            .build();
        Err(ActivityError::application(failure))
    }
}
