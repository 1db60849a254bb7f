//! `verify_email.v1`: a verification until it ends or sleeps.

use std::pin::pin;
use std::sync::Arc;

use genesy_core::pii::Pii;
use genesy_core::time::Timestamp;
use genesy_core::verification::{Input, Policy, Progress, Report, Snapshot, Verification};
use genesy_providers::mail::{Drove, Verifier};
use serde::{Deserialize, Serialize};
use temporalio_macros::activities;
use temporalio_sdk::ApplicationFailure;
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use super::HEARTBEAT_EVERY;
use crate::clock::{now, timestamp};
use crate::received::Received;

/// The name of the failure of a verification that cannot be gone on with.
const UNREADABLE_SNAPSHOT: &str = "unreadable_snapshot";

/// What is to be verified.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Question {
    pub(crate) policy: Policy,
    pub(crate) from: From,
}

/// Where it is begun.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum From {
    /// At the beginning.
    Address { address: Pii<String>, seed: u64 },
    /// Behind a sleep.
    Snapshot(Box<Snapshot>),
}

/// How far it came.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Checked {
    Done(Box<Report>),
    Sleeping(Box<Snapshot>),
}

/// What a heartbeat holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Beat {
    pub(crate) snapshot: Snapshot,
    #[serde(flatten)]
    pub(crate) seen: Seen,
}

/// The part of it for people.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Seen {
    pub(crate) progress: Progress<'static>,
    /// How often the progress changed, in all attempts.
    pub(crate) changes: u32,
}

impl Beat {
    fn of(verification: &Verification, changes: u32) -> Self {
        let progress = verification.progress().into_owned();
        let seen = Seen { progress, changes };
        Self { snapshot: verification.snapshot().clone(), seen }
    }
}

/// The activity of the mail queue.
pub(crate) struct Verifications {
    pub(crate) verifier: Verifier,
}

#[activities]
impl Verifications {
    /// Goes on with a verification. If it is cancelled, as when its worker shuts down, it only says how far it
    /// came: what that means is decided by whoever cancelled it.
    #[activity(name = "verify_email.v1")]
    pub(crate) async fn verify(
        self: Arc<Self>,
        ctx: ActivityContext,
        question: Received<Question>,
    ) -> Result<Checked, ActivityError> {
        let question = question.read()?;
        // The server's clock, which all workers know.
        let now = ctx.info().started_time.map_or_else(now, timestamp);
        // What cannot be read, as of a later version, is begun again.
        let last = ctx.heartbeat_details().deserialize::<Beat>().ok().flatten();
        let changes = last.as_ref().map_or(0, |last| last.seen.changes);
        let mut verification = self.begin(question, last, now)?;
        let (tell, mut told) = watch::channel(Beat::of(&verification, changes));
        let watch = move |verification: &Verification| {
            tell.send_modify(|beat| *beat = Beat::of(verification, beat.seen.changes + 1));
        };
        let drove = {
            let mut driving = pin!(self.verifier.drive(&mut verification, now, watch));
            let mut ticks = interval(HEARTBEAT_EVERY);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    biased;
                    drove = &mut driving => break drove,
                    () = ctx.cancelled() => {
                        let beat = told.borrow().clone();
                        return Err(ActivityError::cancelled_with_details(beat));
                    }
                    _ = ticks.tick() => {}
                    Ok(()) = told.changed() => {}
                }
                let beat = told.borrow_and_update().clone();
                ctx.record_heartbeat(beat).await?;
            }
        };
        Ok(match drove {
            Drove::Done(report) => Checked::Done(report),
            Drove::Sleeping(_) => Checked::Sleeping(Box::new(verification.into_snapshot())),
        })
    }
}

impl Verifications {
    fn begin(
        &self,
        question: Question,
        last: Option<Beat>,
        now: Timestamp,
    ) -> Result<Verification, ActivityError> {
        let Question { policy, from } = question;
        let policy = Arc::new(policy);
        if let Some(beat) = last
            && let Ok(mut verification) = Verification::resume(Arc::clone(&policy), beat.snapshot)
        {
            verification.handle(now, Input::Interrupted);
            return Ok(verification);
        }
        match from {
            From::Address { address, seed } => {
                let verification = Verification::new(address.reveal(), policy, seed, now);
                Ok(self.verifier.knowing(verification))
            }
            From::Snapshot(snapshot) => Verification::resume(policy, *snapshot).map_err(|error| {
                let failure = ApplicationFailure::builder(error)
                    .type_name(UNREADABLE_SNAPSHOT.to_owned())
                    .non_retryable(true)
                    .build();
                ActivityError::application(failure)
            }),
        }
    }
}
