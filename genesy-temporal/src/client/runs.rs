//! What runs of all kinds have in common.

use std::time::{Duration, SystemTime};

use futures::Stream;
use genesy_providers::driver::LeadId;
use temporalio_client::errors::{WorkflowInteractionError, WorkflowQueryError, WorkflowStartError};
use temporalio_client::tonic::IntoRequest;
use temporalio_client::{
    RpcOptions, WorkflowCancelOptions, WorkflowDescribeOptions, WorkflowExecutionDescription,
    WorkflowFetchHistoryOptions, WorkflowHandle, WorkflowIdConflictPolicy, WorkflowIdReusePolicy,
    WorkflowStartOptions,
};
use temporalio_common::HasWorkflowDefinition;
use temporalio_common::UntypedWorkflow;
use temporalio_common::protos::temporal::api::enums::v1::{PendingActivityState, TaskQueueType};
use temporalio_common::protos::temporal::api::failure::v1::failure::FailureInfo;
use temporalio_common::protos::temporal::api::history::v1::History;
use temporalio_common::protos::temporal::api::taskqueue::v1::TaskQueue;
use temporalio_common::protos::temporal::api::workflow::v1::PendingActivityInfo;
use temporalio_common::protos::temporal::api::workflowservice::v1::DescribeTaskQueueRequest;

use super::error::Sought;
use super::{Client, ClientError, Pending, RunState, Status};
use crate::batch::{BatchProgress, BatchState};
use crate::email::EmailProgress;
use crate::phone::PhoneProgress;
use crate::replay::RunHistory;
use crate::visibility::Shown;

type Handle<W> = WorkflowHandle<temporalio_client::Client, W>;

/// How often it is looked how far a worker is, where the workflow cannot tell.
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Progress that is waited for.
pub(super) trait Watched {
    /// It is larger each time that something has changed.
    fn revision(&self) -> u64;

    /// Nothing changes any more.
    fn has_ended(&self) -> bool;
}

impl Watched for PhoneProgress {
    fn revision(&self) -> u64 {
        self.revision
    }

    fn has_ended(&self) -> bool {
        self.outcome.is_some()
    }
}

impl Watched for EmailProgress {
    fn revision(&self) -> u64 {
        self.revision
    }

    fn has_ended(&self) -> bool {
        self.outcome.is_some()
    }
}

impl Watched for BatchProgress {
    fn revision(&self) -> u64 {
        self.revision
    }

    fn has_ended(&self) -> bool {
        self.state == BatchState::Done
    }
}

/// Each change of progress, to its end. `wait` waits for what comes behind a revision.
pub(super) fn changes<P: Watched, W: Future<Output = Result<P, ClientError>>>(
    wait: impl Fn(u64) -> W,
) -> impl Stream<Item = Result<P, ClientError>> {
    futures::stream::try_unfold((wait, Some(0)), async |(wait, after)| {
        let Some(after) = after else { return Ok(None) };
        let progress = wait(after).await?;
        let next = (!progress.has_ended()).then_some(progress.revision());
        Ok(Some((progress, (wait, next))))
    })
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
    pub(super) fn rpc_options(&self) -> RpcOptions {
        RpcOptions::builder().timeout(self.rpc_time_max).build()
    }

    /// How a run is begun: one that is under way is joined. A worker of this process, if there is one and it
    /// has room, is given the first task with the answer to the start: it need not be polled for.
    pub(super) fn start_options(
        &self,
        id: String,
        shown: Option<Shown>,
        reuse: WorkflowIdReusePolicy,
    ) -> WorkflowStartOptions {
        WorkflowStartOptions::new(self.queues.workflows(), id)
            .id_reuse_policy(reuse)
            .id_conflict_policy(WorkflowIdConflictPolicy::UseExisting)
            .enable_eager_workflow_start(true)
            .maybe_search_attributes(shown.map(Shown::attributes))
            .rpc_options(self.rpc_options())
            .build()
    }

    /// Begins a run, or joins the one that is under way. One that has ended with a result is begun again only
    /// if that is wanted anyway, or it is no answer.
    pub(super) async fn start<W>(
        &self,
        workflow: impl Fn() -> W,
        id: String,
        input: W::Input,
        shown: Option<Shown>,
        is_again: bool,
        is_answered: impl Future<Output = Result<bool, ClientError>>,
    ) -> Result<Started, ClientError>
    where
        W: HasWorkflowDefinition,
        W::Input: Clone + Send,
    {
        let begin = |reuse| {
            let options = self.start_options(id.clone(), shown.clone(), reuse);
            self.inner.start_workflow(workflow(), input.clone(), options)
        };
        let first = match is_again {
            true => WorkflowIdReusePolicy::AllowDuplicate,
            false => WorkflowIdReusePolicy::AllowDuplicateFailedOnly,
        };
        match begin(first).await {
            Err(WorkflowStartError::AlreadyStarted { .. }) if is_answered.await? => {
                Ok(Started::Answered)
            }
            Err(WorkflowStartError::AlreadyStarted { .. }) => {
                let begun = begin(WorkflowIdReusePolicy::AllowDuplicate).await;
                begun.map(|_| Started::Running).map_err(|error| self.start_error(error))
            }
            begun => begun.map(|_| Started::Running).map_err(|error| self.start_error(error)),
        }
    }

    pub(super) async fn cancel_run<'a, W: HasWorkflowDefinition>(
        &self,
        of: impl Into<Sought<'a>>,
        run: &Handle<W>,
    ) -> Result<(), ClientError> {
        let options = WorkflowCancelOptions::builder().rpc_options(self.rpc_options()).build();
        run.cancel(options).await.map_err(|error| self.interaction_error(of, error))
    }

    /// What the server knows of a run, whatever of it can be decrypted.
    pub(super) async fn describe(
        &self,
        id: String,
    ) -> Result<WorkflowExecutionDescription, WorkflowInteractionError> {
        let options = WorkflowDescribeOptions::builder().rpc_options(self.rpc_options()).build();
        self.looker.get_workflow_handle::<UntypedWorkflow>(id).describe(options).await
    }

    pub(super) async fn status_of(&self, lead: &LeadId, id: String) -> Result<Status, ClientError> {
        let described = self.describe(id).await;
        described.map(|of| status(&of)).map_err(|error| self.interaction_error(lead, error))
    }

    /// All that happened in a run, as the server stores it.
    pub(super) async fn history_of<W: HasWorkflowDefinition>(
        &self,
        run: &Handle<W>,
    ) -> Result<RunHistory, WorkflowInteractionError> {
        let options =
            WorkflowFetchHistoryOptions::builder().rpc_options(self.rpc_options()).build();
        let events = run.fetch_history(options).into_events().await?;
        Ok(RunHistory(History { events }))
    }

    /// What a worker answers. If it does not in time, and there is none, that is said.
    pub(super) async fn of_a_worker<'a, T>(
        &self,
        of: impl Into<Sought<'a>>,
        query: impl Future<Output = Result<T, WorkflowQueryError>>,
    ) -> Result<T, ClientError> {
        match tokio::time::timeout(self.rpc_time_max, query).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => self.or_no_worker(self.query_error(of, error)).await,
            Err(_) => self.or_no_worker(self.too_late()).await,
        }
    }

    /// Says that there is no worker, if that is why something came too late.
    pub(super) async fn or_no_worker<T>(&self, error: ClientError) -> Result<T, ClientError> {
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

/// What a description tells.
pub(super) fn status(described: &WorkflowExecutionDescription) -> Status {
    Status {
        state: RunState::of(described.status()),
        outcome: Shown::of(&described.search_attributes(), &described.memo()).outcome,
        started: described.start_time(),
        ended: described.close_time(),
        pending: described.raw().pending_activities.iter().map(pending).collect(),
    }
}

fn pending(of: &PendingActivityInfo) -> Pending {
    let failure = of.last_failure.as_ref();
    let last_end = failure.map(|failure| match &failure.failure_info {
        Some(FailureInfo::ApplicationFailureInfo(info)) => info.r#type.clone(),
        Some(FailureInfo::TimeoutFailureInfo(_)) => "interrupted".to_owned(),
        _ => "failed".to_owned(),
    });
    let next_attempt = of.next_attempt_schedule_time;
    let is_taken =
        matches!(of.state(), PendingActivityState::Started | PendingActivityState::CancelRequested);
    Pending {
        is_taken,
        activity: of.activity_type.as_ref().map(|of| of.name.clone()).unwrap_or_default(),
        attempt: u32::try_from(of.attempt).unwrap_or(1),
        last_end,
        next_attempt: next_attempt.and_then(|at| SystemTime::try_from(at).ok()),
    }
}
