//! E-mail addresses.

use std::pin::pin;
use std::time::Duration;

use futures::future::FusedFuture;
use futures::{FutureExt, Stream};
use genesy_core::pii::Pii;
use genesy_core::verification::Policy;
use genesy_providers::driver::LeadId;
use temporalio_client::{
    WorkflowExecuteUpdateOptions, WorkflowGetResultOptions, WorkflowHandle, WorkflowQueryOptions,
};

use super::runs::{LOOK_EVERY, changes};
use super::{Client, ClientError, Started, Status};
use crate::clock::millis;
use crate::email::{
    EmailInput, EmailProgress, EmailResult, EmailStanding, EmailVerification, Seen,
    WORKER_TIME_MAX_DEFAULT, standing_after,
};
use crate::received::Received;
use crate::replay::RunHistory;
use crate::report::Reports;

type Handle = WorkflowHandle<temporalio_client::Client, EmailVerification>;

/// An address that is to be verified.
#[derive(Debug, Clone)]
pub struct EmailRequest {
    lead: LeadId,
    address: Pii<String>,
    policy: Policy,
    worker_time_max: Duration,
    reports: Reports,
    is_refresh: bool,
}

impl EmailRequest {
    /// A lead, its address, and how that is verified. The policy is stored with the run.
    pub fn new(lead: LeadId, address: impl Into<String>, policy: Policy) -> Self {
        Self {
            lead,
            address: Pii::new(address.into()),
            policy,
            worker_time_max: WORKER_TIME_MAX_DEFAULT,
            reports: Reports::default(),
            is_refresh: false,
        }
    }

    /// How long it may wait for workers, on top of the limits of the policy.
    #[must_use]
    pub const fn worker_time_max(mut self, time: Duration) -> Self {
        self.worker_time_max = time;
        self
    }

    /// What of it is reported to the application's store.
    #[must_use]
    pub const fn reporting(mut self, reports: Reports) -> Self {
        self.reports = reports;
        self
    }

    /// Runs it again, however an earlier run ended: as when the lead has another address.
    #[must_use]
    pub const fn refresh(mut self) -> Self {
        self.is_refresh = true;
        self
    }
}

impl Client {
    /// Begins to verify a lead's address.
    ///
    /// | the lead's last run | what happens |
    /// |---|---|
    /// | none | a run begins |
    /// | is under way | it is joined, whatever the request's data are |
    /// | deliverable, undeliverable, risky | nothing: [`Started::Answered`]; a run begins if the request is a [refresh](EmailRequest::refresh) |
    /// | unknown, whatever the reason, cancelled, no worker | a run begins |
    /// | failed, terminated | a run begins |
    ///
    /// # Errors
    ///
    /// When the server cannot be asked, or refuses.
    pub async fn start_email(&self, request: EmailRequest) -> Result<Started, ClientError> {
        let lead = request.lead.clone();
        let input = EmailInput {
            lead: request.lead,
            address: request.address,
            policy: request.policy,
            worker_ms_max: millis(request.worker_time_max),
            queues: self.queues.clone(),
            reports: request.reports,
            is_searchable: self.is_searchable,
        };
        let id = workflow_id(&lead);
        let is_answered = async { Ok(self.email_result(&lead).await?.outcome.is_answer()) };
        let workflow = || EmailVerification::run;
        self.start(workflow, id, Received::Read(input), None, request.is_refresh, is_answered).await
    }

    /// The result of a lead's verification, as soon as it has ended.
    ///
    /// # Errors
    ///
    /// When there is no run, or it failed.
    pub async fn email_result(&self, lead: &LeadId) -> Result<EmailResult, ClientError> {
        let result = self.email(lead).get_result(WorkflowGetResultOptions::default()).await;
        result.map_err(|error| self.result_error(lead, error))
    }

    /// How far a lead's verification is, as workers tell: one of workflows is asked, and what the one that
    /// verifies said last is with the server. See [`Self::email_status`] for what is known without one.
    ///
    /// # Errors
    ///
    /// When there is no run, or no worker of workflows.
    pub async fn email_progress(&self, lead: &LeadId) -> Result<EmailProgress, ClientError> {
        let progress = self.email_standing(lead).await?;
        self.with_check(lead, progress).await
    }

    /// How far a lead's verification is, as soon as it has changed since a revision, or has ended. Dropping
    /// the future ends the wait.
    ///
    /// # Errors
    ///
    /// When there is no run, or no worker of workflows.
    pub async fn wait_email_progress(
        &self,
        lead: &LeadId,
        after: u64,
    ) -> Result<EmailProgress, ClientError> {
        let mut standing = self.email_standing(lead).await?;
        let handle = self.email(lead);
        // All who wait for the same change of the workflow share one update: a run takes few of them.
        let options = WorkflowExecuteUpdateOptions::builder()
            .update_id(format!("progress/{}", standing_after(after)))
            .build();
        let update = handle.execute_update(EmailVerification::wait_progress, after, options);
        let mut update = pin!(update.fuse());
        loop {
            let progress = self.with_check(lead, standing.clone()).await?;
            if progress.revision > after || progress.outcome.is_some() {
                return Ok(progress);
            }
            // The workflow tells what it does. What a worker does is looked for.
            match tokio::time::timeout(LOOK_EVERY, &mut update).await {
                Ok(Ok(changed)) => standing = changed,
                // It ended meanwhile, or nobody answers.
                Ok(Err(_)) | Err(_) if update.is_terminated() => {
                    standing = self.email_standing(lead).await?;
                }
                Ok(Err(_)) | Err(_) => {}
            }
        }
    }

    /// Each change of a lead's progress, to its end.
    pub fn email_progress_stream<'a>(
        &'a self,
        lead: &'a LeadId,
    ) -> impl Stream<Item = Result<EmailProgress, ClientError>> + 'a {
        changes(move |after| self.wait_email_progress(lead, after))
    }

    /// What the server knows of a lead's verification, without a worker.
    ///
    /// # Errors
    ///
    /// When there is no run.
    pub async fn email_status(&self, lead: &LeadId) -> Result<Status, ClientError> {
        self.status_of(lead, workflow_id(lead)).await
    }

    /// All that happened in a lead's last verification, as the server stores it.
    ///
    /// # Errors
    ///
    /// When there is no run.
    pub async fn email_history(&self, lead: &LeadId) -> Result<RunHistory, ClientError> {
        let history = self.history_of(&self.email(lead)).await;
        history.map_err(|error| self.interaction_error(lead, error))
    }

    /// Cancels a lead's verification: it ends with its verdict, and what was found out until then.
    ///
    /// # Errors
    ///
    /// When there is no run.
    pub async fn cancel_email(&self, lead: &LeadId) -> Result<(), ClientError> {
        self.cancel_run(lead, &self.email(lead)).await
    }

    /// How far the workflow is.
    async fn email_standing(&self, lead: &LeadId) -> Result<EmailProgress, ClientError> {
        let options = WorkflowQueryOptions::builder().rpc_options(self.rpc_options()).build();
        let handle = self.email(lead);
        self.of_a_worker(lead, handle.query(EmailVerification::progress, (), options)).await
    }

    /// The same, and how far the worker is.
    async fn with_check(
        &self,
        lead: &LeadId,
        mut progress: EmailProgress,
    ) -> Result<EmailProgress, ClientError> {
        if matches!(progress.standing, EmailStanding::Checking { .. })
            && let Some(seen) = self.seen(lead).await?
        {
            progress.revision += u64::from(seen.changes);
            progress.check = Some(seen.progress);
        }
        Ok(progress)
    }

    /// What was heard last of the worker that has it.
    async fn seen(&self, lead: &LeadId) -> Result<Option<Seen>, ClientError> {
        let described = self.describe(workflow_id(lead)).await;
        let described = described.map_err(|error| self.interaction_error(lead, error))?;
        let mut beats = described.raw().pending_activities.iter().filter_map(|pending| {
            let payload = pending.heartbeat_details.as_ref()?.payloads.first()?;
            serde_json::from_slice(&payload.data).ok()
        });
        Ok(beats.next_back())
    }

    fn email(&self, lead: &LeadId) -> Handle {
        self.inner.get_workflow_handle(workflow_id(lead))
    }
}

/// The id of a lead's verification: that of the lead, which tells nothing of a person.
fn workflow_id(lead: &LeadId) -> String {
    format!("email/{lead}")
}
