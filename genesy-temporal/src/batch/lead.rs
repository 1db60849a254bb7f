//! The run of one lead: begun, joined, followed.

use genesy_core::time::Timestamp;
use genesy_core::waterfall::Spent;
use genesy_providers::driver::LeadId;
use temporalio_client::WorkflowIdReusePolicy;
use temporalio_client::errors::WorkflowStartError;
use temporalio_client::tonic::Code;
use tokio::time::sleep;

use super::FOLLOW_RETRY_DELAY;
use super::counts::{LeadEnd, UnfinishedReason};
use super::slice::{Mode, SliceInput};
use super::source::BatchLead;
use crate::client::{Client, ClientError, RunState, is_answer};
use crate::clock::{now, timestamp};
use crate::phone::PhoneInput;

/// A lead that is taken from the source.
#[derive(Debug)]
pub(super) enum Begun {
    /// Its run is under way, or has ended since the batch began.
    UnderWay,
    /// There is nothing to wait for.
    Ended(LeadEnd),
    /// It has no run of the batch, and is to get none.
    Not,
}

/// How a run ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) lead: LeadId,
    pub(super) end: LeadEnd,
    pub(super) spent: Spent,
}

/// Starts a lead's run, by the rules of [`Client::start_phone`], with one more: a run that ended since the
/// batch began is the batch's own, however it ended. So a lead that is taken again, since a worker went
/// away before it said that it had taken it, is not asked for twice.
pub(super) async fn begin(
    client: &Client,
    input: &SliceInput,
    lead: BatchLead,
) -> (LeadId, Result<Begun, ClientError>) {
    let BatchLead { id, inputs, email } = lead;
    if input.mode == Mode::Rejoin {
        let begun = rejoin(client, &id, input.began).await;
        return (id, begun);
    }
    let phone = PhoneInput {
        lead: id.clone(),
        inputs,
        email,
        plan: input.plan.clone().refreshing(input.is_refresh),
        queues: client.queues.clone(),
        reports: input.reports,
        is_searchable: input.is_searchable,
        shown_provider: None,
    }
    .showing_first(now());
    (id, begin_run(client, phone, input.is_refresh, input.began).await)
}

async fn begin_run(
    client: &Client,
    phone: PhoneInput,
    is_refresh: bool,
    since: Timestamp,
) -> Result<Begun, ClientError> {
    match client.begin(phone.clone(), WorkflowIdReusePolicy::RejectDuplicate).await {
        Err(WorkflowStartError::AlreadyStarted { .. }) => {}
        begun => return taken(client, begun),
    }
    let status = client.phone_status(&phone.lead).await?;
    match status.ended {
        // Somebody else began it just now.
        None => return Ok(Begun::UnderWay),
        Some(ended) if timestamp(ended) >= since => return Ok(Begun::UnderWay),
        Some(_) => {}
    }
    if !is_refresh && status.state == RunState::Completed {
        match client.phone_result(&phone.lead).await {
            Ok(result) if is_answer(&result) => return Ok(Begun::Ended(LeadEnd::of(&result))),
            Ok(_) => {}
            // It was paid for, perhaps: somebody has to look.
            Err(ClientError::Unreadable { .. } | ClientError::Codec(_)) => {
                return Ok(Begun::Ended(LeadEnd::Unfinished(UnfinishedReason::Failed)));
            }
            Err(error) => return Err(error),
        }
    }
    taken(client, client.begin(phone, WorkflowIdReusePolicy::AllowDuplicate).await)
}

/// Finds a run that began since the batch did, and starts none.
async fn rejoin(client: &Client, lead: &LeadId, since: Timestamp) -> Result<Begun, ClientError> {
    match client.phone_status(lead).await {
        Ok(status) if status.started.is_some_and(|at| timestamp(at) >= since) => {
            Ok(Begun::UnderWay)
        }
        Ok(_) | Err(ClientError::NotFound { .. }) => Ok(Begun::Not),
        Err(error) => Err(error),
    }
}

/// What the server says to a start. What it will never take is the end of this lead alone.
fn taken(client: &Client, begun: Result<(), WorkflowStartError>) -> Result<Begun, ClientError> {
    match begun {
        Ok(()) => Ok(Begun::UnderWay),
        Err(WorkflowStartError::Rpc(status)) if status.code() == Code::InvalidArgument => {
            Ok(Begun::Ended(LeadEnd::Unfinished(UnfinishedReason::Refused)))
        }
        Err(error) => Err(client.start_error(error)),
    }
}

/// Waits until a lead's run has ended, however long the server is away, and cancels it first if that is
/// wanted.
pub(super) async fn follow(client: &Client, lead: LeadId, mut is_to_cancel: bool) -> Ended {
    loop {
        if is_to_cancel {
            // One that has ended cannot be cancelled, and need not be.
            let cancelled = client.cancel_phone(&lead).await;
            is_to_cancel = !matches!(cancelled, Ok(()) | Err(ClientError::NotFound { .. }));
            if is_to_cancel {
                // To wait for its end would be to let it go on.
                sleep(FOLLOW_RETRY_DELAY).await;
                continue;
            }
        }
        let ended = |end, spent| Ended { lead: lead.clone(), end, spent };
        let unfinished = |reason| ended(LeadEnd::Unfinished(reason), Spent::default());
        match client.phone_result(&lead).await {
            Ok(result) => return ended(LeadEnd::of(&result), result.spent()),
            // It will never be read: another try does not help.
            Err(
                ClientError::Failed { .. } | ClientError::Unreadable { .. } | ClientError::Codec(_),
            ) => return unfinished(UnfinishedReason::Failed),
            Err(ClientError::Terminated) => return unfinished(UnfinishedReason::Terminated),
            Err(ClientError::NotFound { .. }) => return unfinished(UnfinishedReason::Lost),
            Err(error) => {
                tracing::debug!(%error, "a run cannot be followed: tried again");
                sleep(FOLLOW_RETRY_DELAY).await;
            }
        }
    }
}
