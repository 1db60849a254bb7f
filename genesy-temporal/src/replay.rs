//! Whether stored runs go on with this build: replays their histories.
//!
//! A run that is under way when a worker is replaced is replayed by the new one, and its workflow must ask for
//! the same things in the same order. Before a build is rolled out, fetch histories of runs that are under
//! way ([`Client::phone_history`], [`Client::email_history`], [`Client::batch_history`]) and [`check`] them.
//!
//! # Changing a workflow
//!
//! - What a machine decides may change freely between plans, since a plan is stored with its run. What a
//!   machine decides for the *same* plan and inputs is part of the workflow: a change of it is one of the
//!   workflow.
//! - A small change goes behind `ctx.patched("name")`: runs that began before it go the old way.
//! - Anything else is a new name, as `phone_waterfall.v2`, beside the old one until no run of that is left.
//! - Workers with [versions](crate::worker::Builder::version) keep a run with the build that began it, so that
//!   the old build runs until it has no run left.
//!
//! [`Client::phone_history`]: crate::client::Client::phone_history
//! [`Client::email_history`]: crate::client::Client::email_history
//! [`Client::batch_history`]: crate::client::Client::batch_history

use temporalio_client::WorkflowHistory;
use temporalio_common::protos::temporal::api::history::v1::History;
use temporalio_common::protos::temporal::api::history::v1::history_event::Attributes;
use temporalio_sdk::workflow_replayer::{WorkflowReplayer, WorkflowReplayerOptions};

use crate::batch::EnrichBatch;
use crate::email::EmailVerification;
use crate::phone::PhoneWaterfall;

/// Replays histories, and says which of them this build does not go on with, and why, by their place.
///
/// # Errors
///
/// When a history cannot be read, or none was given.
pub async fn check(histories: Vec<RunHistory>) -> Result<Vec<(usize, String)>, ReplayError> {
    let broken = |error: &dyn std::fmt::Display| ReplayError { why: error.to_string() };
    let options = WorkflowReplayerOptions::new()
        .register_workflow::<PhoneWaterfall>()
        .and_then(|options| options.register_workflow::<EmailVerification>())
        .and_then(|options| options.register_workflow::<EnrichBatch>())
        .map_err(|error| broken(&error))?
        .build();
    let replayer = WorkflowReplayer::new(options).map_err(|error| broken(&error))?;
    let histories = histories.into_iter().map(|history| WorkflowHistory::from(history.0));
    let results = replayer.replay_workflows(histories).await.map_err(|error| broken(&error))?;
    let failures = results.into_iter().enumerate();
    Ok(failures.filter_map(|(at, of)| of.replay_failure.map(|why| (at, why.to_string()))).collect())
}

/// What happened in a run, as the server stores it: it holds personal data, unless there is a codec.
#[derive(Clone)]
pub struct RunHistory(pub(crate) History);

impl RunHistory {
    /// Reads what [`Self::to_bytes`] wrote: Temporal's `History` message.
    ///
    /// # Errors
    ///
    /// When it is something else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ReplayError> {
        prost::Message::decode(bytes)
            .map(Self)
            .map_err(|error: prost::DecodeError| ReplayError { why: error.to_string() })
    }

    /// To be stored.
    pub fn to_bytes(&self) -> Vec<u8> {
        prost::Message::encode_to_vec(&self.0)
    }

    /// Bytes of the run's input.
    pub fn input_bytes(&self) -> usize {
        let started = self.0.events.first().and_then(|event| event.attributes.as_ref());
        let Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) = started else {
            return 0;
        };
        let payloads = started.input.iter().flat_map(|input| &input.payloads);
        payloads.map(|payload| payload.data.len()).sum()
    }

    /// How many events there are.
    pub fn events(&self) -> usize {
        self.0.events.len()
    }
}

impl std::fmt::Debug for RunHistory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RunHistory").field("events", &self.events()).finish_non_exhaustive()
    }
}

/// Why histories cannot be replayed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the histories cannot be replayed: {why}")]
pub struct ReplayError {
    why: String,
}
