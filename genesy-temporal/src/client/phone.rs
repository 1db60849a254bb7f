//! Phones.

use std::time::SystemTime;

use futures::Stream;
use genesy_core::waterfall::{EmailState, LeadInputs, PhoneLookup, Plan};
use genesy_providers::driver::LeadId;
use temporalio_client::errors::WorkflowStartError;
use temporalio_client::tonic::IntoRequest;
use temporalio_client::{
    RpcOptions, WorkflowCancelOptions, WorkflowDescribeOptions, WorkflowExecuteUpdateOptions,
    WorkflowFetchHistoryOptions, WorkflowGetResultOptions, WorkflowHandle,
    WorkflowIdConflictPolicy, WorkflowIdReusePolicy, WorkflowQueryOptions, WorkflowStartOptions,
};
use temporalio_common::protos::temporal::api::enums::v1::TaskQueueType;
use temporalio_common::protos::temporal::api::failure::v1::failure::FailureInfo;
use temporalio_common::protos::temporal::api::history::v1::History;
use temporalio_common::protos::temporal::api::taskqueue::v1::TaskQueue;
use temporalio_common::protos::temporal::api::workflow::v1::PendingActivityInfo;
use temporalio_common::protos::temporal::api::workflowservice::v1::DescribeTaskQueueRequest;

use super::{Client, ClientError, Pending, RunState, Status};
use crate::phone::{PhoneInput, PhoneProgress, PhoneResult, PhoneWaterfall};
use crate::received::Received;
use crate::replay::RunHistory;
use crate::report::Reports;
use crate::visibility;

type Handle = WorkflowHandle<temporalio_client::Client, PhoneWaterfall>;

/// A lead whose phone is to be found.
#[derive(Debug, Clone)]
pub struct PhoneRequest {
    lead: LeadId,
    inputs: LeadInputs,
    email: EmailState,
    plan: Plan<PhoneLookup>,
    reports: Reports,
    is_refresh: bool,
}

impl PhoneRequest {
    /// A lead, and the plan that is followed for it. The plan is stored with the run.
    pub fn new(lead: LeadId, inputs: LeadInputs, plan: Plan<PhoneLookup>) -> Self {
        let email = EmailState::default();
        Self { lead, inputs, email, plan, reports: Reports::default(), is_refresh: false }
    }

    /// What was found out about its e-mail address.
    #[must_use]
    pub const fn with_email(mut self, email: EmailState) -> Self {
        self.email = email;
        self
    }

    /// What of it is reported to the application's store.
    #[must_use]
    pub const fn reporting(mut self, reports: Reports) -> Self {
        self.reports = reports;
        self
    }

    /// Runs it again, however an earlier run ended.
    #[must_use]
    pub const fn refresh(mut self) -> Self {
        self.is_refresh = true;
        self
    }
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Started {
    /// A run was begun, or the one that is under way was joined.
    Running,
    /// An earlier run told what there is to know: its result is there.
    Answered,
}

impl Client {
    /// Begins a lead's run.
    ///
    /// | the lead's last run | what happens |
    /// |---|---|
    /// | none | a run begins |
    /// | is under way | it is joined, whatever the request's data are |
    /// | found, no data found, not eligible | nothing: [`Started::Answered`]; a run begins if the request is a [refresh](PhoneRequest::refresh) |
    /// | inconclusive, cancelled | a run begins |
    /// | failed, terminated | a run begins |
    ///
    /// # Errors
    ///
    /// When the server cannot be asked, or refuses.
    pub async fn start_phone(&self, request: PhoneRequest) -> Result<Started, ClientError> {
        let is_refresh = request.is_refresh;
        let lead = request.lead.clone();
        let input = PhoneInput {
            lead: request.lead,
            inputs: request.inputs,
            email: request.email,
            plan: request.plan.refreshing(is_refresh),
            queues: self.queues.clone(),
            reports: request.reports,
            is_searchable: self.is_searchable,
        };
        let reuse = match is_refresh {
            true => WorkflowIdReusePolicy::AllowDuplicate,
            false => WorkflowIdReusePolicy::AllowDuplicateFailedOnly,
        };
        match self.begin(input.clone(), reuse).await {
            Ok(()) => Ok(Started::Running),
            Err(WorkflowStartError::AlreadyStarted { .. }) => {
                if is_answer(&self.phone_result(&lead).await?) {
                    return Ok(Started::Answered);
                }
                let begun = self.begin(input, WorkflowIdReusePolicy::AllowDuplicate).await;
                begun.map(|()| Started::Running).map_err(|error| self.start_error(error))
            }
            Err(error) => Err(self.start_error(error)),
        }
    }

    async fn begin(
        &self,
        input: PhoneInput,
        reuse: WorkflowIdReusePolicy,
    ) -> Result<(), WorkflowStartError> {
        let id = workflow_id(&input.lead);
        let options = WorkflowStartOptions::new(self.queues.workflows(), id)
            .id_reuse_policy(reuse)
            .id_conflict_policy(WorkflowIdConflictPolicy::UseExisting)
            .rpc_options(self.rpc_options())
            .build();
        self.inner.start_workflow(PhoneWaterfall::run, Received::Read(input), options).await?;
        Ok(())
    }

    /// The result of a lead's run, as soon as it has ended.
    ///
    /// # Errors
    ///
    /// When there is no run, or it failed.
    pub async fn phone_result(&self, lead: &LeadId) -> Result<PhoneResult, ClientError> {
        let result = self.phone(lead).get_result(WorkflowGetResultOptions::default()).await;
        result.map_err(|error| self.result_error(lead, error))
    }

    /// How far a lead's run is, as a worker tells. See [`Self::phone_status`] for what is known without one.
    ///
    /// # Errors
    ///
    /// When there is no run, or no worker.
    pub async fn phone_progress(&self, lead: &LeadId) -> Result<PhoneProgress, ClientError> {
        let options = WorkflowQueryOptions::builder().rpc_options(self.rpc_options()).build();
        let handle = self.phone(lead);
        let query = handle.query(PhoneWaterfall::progress, (), options);
        match tokio::time::timeout(self.rpc_time_max, query).await {
            Ok(Ok(progress)) => Ok(progress),
            Ok(Err(error)) => self.or_no_worker(self.query_error(lead, error)).await,
            Err(_) => self.or_no_worker(self.too_late()).await,
        }
    }

    /// How far a lead's run is, as soon as it has changed since a revision, or has ended. Dropping the
    /// future ends the wait.
    ///
    /// # Errors
    ///
    /// When there is no run, or no worker.
    pub async fn wait_phone_progress(
        &self,
        lead: &LeadId,
        after: u64,
    ) -> Result<PhoneProgress, ClientError> {
        let handle = self.phone(lead);
        let now = self.phone_progress(lead).await?;
        if now.revision > after || now.outcome.is_some() {
            return Ok(now);
        }
        let options = WorkflowExecuteUpdateOptions::default();
        match handle.execute_update(PhoneWaterfall::wait_progress, after, options).await {
            Ok(progress) => Ok(progress),
            // It ended meanwhile.
            Err(_) => self.phone_progress(lead).await,
        }
    }

    /// Each change of a lead's progress, to its end.
    pub fn phone_progress_stream<'a>(
        &'a self,
        lead: &'a LeadId,
    ) -> impl Stream<Item = Result<PhoneProgress, ClientError>> + 'a {
        futures::stream::try_unfold(Some(0), move |after| async move {
            let Some(after) = after else { return Ok(None) };
            let progress = self.wait_phone_progress(lead, after).await?;
            let next = progress.outcome.is_none().then_some(progress.revision);
            Ok(Some((progress, next)))
        })
    }

    /// What the server knows of a lead's run, without a worker: with the attempts that are under way.
    ///
    /// # Errors
    ///
    /// When there is no run.
    pub async fn phone_status(&self, lead: &LeadId) -> Result<Status, ClientError> {
        let options = WorkflowDescribeOptions::builder().rpc_options(self.rpc_options()).build();
        let described = self.phone(lead).describe(options).await;
        let described = described.map_err(|error| self.interaction_error(lead, error))?;
        Ok(Status {
            state: RunState::of(described.status()),
            outcome: described.search_attributes().get(&visibility::OUTCOME_KEY),
            started: described.start_time(),
            ended: described.close_time(),
            pending: described.raw().pending_activities.iter().map(pending).collect(),
        })
    }

    /// All that happened in a lead's last run, as the server stores it.
    ///
    /// # Errors
    ///
    /// When there is no run.
    pub async fn phone_history(&self, lead: &LeadId) -> Result<RunHistory, ClientError> {
        let options =
            WorkflowFetchHistoryOptions::builder().rpc_options(self.rpc_options()).build();
        let events = self.phone(lead).fetch_history(options).into_events().await;
        let events = events.map_err(|error| self.interaction_error(lead, error))?;
        Ok(RunHistory(History { events }))
    }

    /// Cancels a lead's run: it ends with its outcome, and what was found out until then.
    ///
    /// # Errors
    ///
    /// When there is no run.
    pub async fn cancel_phone(&self, lead: &LeadId) -> Result<(), ClientError> {
        let options = WorkflowCancelOptions::builder().rpc_options(self.rpc_options()).build();
        let cancelled = self.phone(lead).cancel(options).await;
        cancelled.map_err(|error| self.interaction_error(lead, error))
    }

    fn phone(&self, lead: &LeadId) -> Handle {
        self.inner.get_workflow_handle(workflow_id(lead))
    }

    fn rpc_options(&self) -> RpcOptions {
        RpcOptions::builder().timeout(self.rpc_time_max).build()
    }

    /// Says that there is no worker, if that is why something came too late.
    async fn or_no_worker<T>(&self, error: ClientError) -> Result<T, ClientError> {
        let queue = self.queues.workflows().to_owned();
        if matches!(error, ClientError::TooLate { .. }) && !self.has_worker(&queue).await? {
            return Err(ClientError::NoWorker { queue });
        }
        Err(error)
    }

    /// Whether somebody polled a queue of workflows lately.
    async fn has_worker(&self, queue: &str) -> Result<bool, ClientError> {
        let request = DescribeTaskQueueRequest {
            namespace: self.namespace().to_owned(),
            task_queue: Some(TaskQueue { name: queue.to_owned(), ..TaskQueue::default() }),
            task_queue_type: TaskQueueType::Workflow as i32,
            ..DescribeTaskQueueRequest::default()
        };
        let mut service = self.inner.connection().workflow_service();
        let described = self.rpc(service.describe_task_queue(request.into_request())).await?;
        Ok(!described.pollers.is_empty())
    }
}

/// The id of a lead's run: that of the lead, which tells nothing of a person.
fn workflow_id(lead: &LeadId) -> String {
    format!("phone/{lead}")
}

/// Whether nothing would be learned by asking again.
fn is_answer(result: &PhoneResult) -> bool {
    use genesy_core::waterfall::Outcome;
    matches!(result.outcome, Outcome::Found(_) | Outcome::NoDataFound | Outcome::NotEligible)
}

fn pending(of: &PendingActivityInfo) -> Pending {
    let failure = of.last_failure.as_ref();
    let last_end = failure.map(|failure| match &failure.failure_info {
        Some(FailureInfo::ApplicationFailureInfo(info)) => info.r#type.clone(),
        Some(FailureInfo::TimeoutFailureInfo(_)) => "interrupted".to_owned(),
        _ => "failed".to_owned(),
    });
    let next_attempt = of.next_attempt_schedule_time;
    Pending {
        activity: of.activity_type.as_ref().map(|of| of.name.clone()).unwrap_or_default(),
        attempt: u32::try_from(of.attempt).unwrap_or(1),
        last_end,
        next_attempt: next_attempt.and_then(|at| SystemTime::try_from(at).ok()),
    }
}
