//! Batches.

use std::time::Duration;

use futures::Stream;
use genesy_core::waterfall::{PhoneLookup, Plan};
use temporalio_client::errors::{
    WorkflowGetResultError, WorkflowInteractionError, WorkflowQueryError, WorkflowStartError,
};
use temporalio_client::tonic::Status as RpcStatus;
use temporalio_client::{
    WorkflowCancelOptions, WorkflowDescribeOptions, WorkflowExecuteUpdateOptions,
    WorkflowExecutionDescription, WorkflowGetResultOptions, WorkflowHandle,
    WorkflowIdConflictPolicy, WorkflowIdReusePolicy, WorkflowQueryOptions, WorkflowSignalOptions,
    WorkflowStartOptions,
};
use tokio::time::{sleep, timeout};

use super::runs::pending;
use super::{Client, ClientError, RunState, Started, Status};
use crate::batch::{
    BatchEnd, BatchId, BatchInput, BatchLimits, BatchProgress, BatchResult, BatchState,
    CONCURRENCY_MAX, CONCURRENCY_MAX_DEFAULT, EnrichBatch, HISTORY_EVENTS_MAX_DEFAULT,
    READ_TRIES_MAX_DEFAULT, SLICE_TIME_DEFAULT, STARTS_PER_SECOND_DEFAULT, SliceState, SoFar,
};
use crate::received::Received;
use crate::report::Reports;
use crate::visibility;

type Handle = WorkflowHandle<temporalio_client::Client, EnrichBatch>;

/// The activity whose heartbeats tell how far a slice is.
const SLICE: &str = "run_leads.v1";
/// How often it is looked how far a slice is.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Events that the shortest history of a run has room for.
const HISTORY_EVENTS_MIN: u32 = 20;
/// The shortest slice.
const SLICE_TIME_MIN: Duration = Duration::from_millis(100);
/// The longest slice.
const SLICE_TIME_MAX: Duration = Duration::from_secs(3600);

/// A batch of leads whose phones are to be found.
#[derive(Debug, Clone)]
pub struct BatchRequest {
    batch: BatchId,
    source: String,
    plan: Plan<PhoneLookup>,
    limits: BatchLimits,
    reports: Reports,
    is_refresh: bool,
    cancels_runs: bool,
    is_again: bool,
}

impl BatchRequest {
    /// The leads of a source, by the name that workers have it under, and the plan that is followed for
    /// each.
    pub fn new(batch: BatchId, source: impl Into<String>, plan: Plan<PhoneLookup>) -> Self {
        let limits = BatchLimits {
            concurrency_max: CONCURRENCY_MAX_DEFAULT,
            starts_per_second: STARTS_PER_SECOND_DEFAULT,
            slice_ms: 0,
            history_events_max: HISTORY_EVENTS_MAX_DEFAULT,
            read_tries_max: READ_TRIES_MAX_DEFAULT,
        };
        let request = Self {
            batch,
            source: source.into(),
            plan,
            limits,
            reports: Reports::default(),
            is_refresh: false,
            cancels_runs: false,
            is_again: false,
        };
        request.slice_time(SLICE_TIME_DEFAULT)
    }

    /// How many leads are under way at a time: 1 to [`CONCURRENCY_MAX`].
    #[must_use]
    pub fn concurrency_max(mut self, leads: u32) -> Self {
        self.limits.concurrency_max = leads.clamp(1, CONCURRENCY_MAX);
        self
    }

    /// How many leads are started a second; at least one.
    #[must_use]
    pub fn starts_per_second(mut self, leads: u32) -> Self {
        self.limits.starts_per_second = leads.max(1);
        self
    }

    /// How long a slice takes: 0.1 s to an hour.
    #[must_use]
    pub fn slice_time(mut self, time: Duration) -> Self {
        let time = time.clamp(SLICE_TIME_MIN, SLICE_TIME_MAX);
        self.limits.slice_ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self
    }

    /// How many events the history of one run of the workflow has, about, before another run goes on; at
    /// least 20.
    #[must_use]
    pub fn history_events_max(mut self, events: u32) -> Self {
        self.limits.history_events_max = events.max(HISTORY_EVENTS_MIN);
        self
    }

    /// How often the source may fail, one time after the other, until the batch ends; at least once.
    #[must_use]
    pub fn read_tries_max(mut self, tries: u8) -> Self {
        self.limits.read_tries_max = tries.max(1);
        self
    }

    /// What is reported to the application's store: of each lead as of one alone, and of the batch its
    /// result, and all leads that did not end well.
    #[must_use]
    pub const fn reporting(mut self, reports: Reports) -> Self {
        self.reports = reports;
        self
    }

    /// Asks for each lead again, however an earlier run of it ended.
    #[must_use]
    pub const fn refresh(mut self) -> Self {
        self.is_refresh = true;
        self
    }

    /// When the batch is cancelled, the runs under way are cancelled as well, those that somebody else
    /// began and the batch joined among them. Without this they are waited for.
    #[must_use]
    pub const fn cancelling_runs(mut self) -> Self {
        self.cancels_runs = true;
        self
    }

    /// Begins it again, though all its leads were read and have ended.
    #[must_use]
    pub const fn again(mut self) -> Self {
        self.is_again = true;
        self
    }
}

impl Client {
    /// Begins a batch.
    ///
    /// | the last batch of this id | what happens |
    /// |---|---|
    /// | none | it begins |
    /// | is under way | it is joined, whatever the request says |
    /// | was done | nothing: [`Started::Answered`]; it begins if the request says [again](BatchRequest::again) |
    /// | was cancelled, could not read its source, failed, was terminated | it begins: leads with an answer are not asked for again |
    ///
    /// # Errors
    ///
    /// When the server cannot be asked, or refuses.
    pub async fn start_batch(&self, request: BatchRequest) -> Result<Started, ClientError> {
        let batch = request.batch.clone();
        let is_again = request.is_again;
        let input = BatchInput {
            batch: request.batch,
            source: request.source,
            plan: request.plan,
            limits: request.limits,
            is_refresh: request.is_refresh,
            cancels_runs: request.cancels_runs,
            reports: request.reports,
            is_searchable: self.is_searchable,
            so_far: SoFar::default(),
        };
        let reuse = match is_again {
            true => WorkflowIdReusePolicy::AllowDuplicate,
            false => WorkflowIdReusePolicy::AllowDuplicateFailedOnly,
        };
        match self.begin_batch(input.clone(), reuse).await {
            Ok(()) => Ok(Started::Running),
            Err(WorkflowStartError::AlreadyStarted { .. }) => {
                if self.batch_result(&batch).await?.end == BatchEnd::Done {
                    return Ok(Started::Answered);
                }
                let begun = self.begin_batch(input, WorkflowIdReusePolicy::AllowDuplicate).await;
                begun.map(|()| Started::Running).map_err(|error| self.start_error(error))
            }
            Err(error) => Err(self.start_error(error)),
        }
    }

    async fn begin_batch(
        &self,
        input: BatchInput,
        reuse: WorkflowIdReusePolicy,
    ) -> Result<(), WorkflowStartError> {
        let id = workflow_id(&input.batch);
        let options = WorkflowStartOptions::new(self.queues.workflows(), id)
            .id_reuse_policy(reuse)
            .id_conflict_policy(WorkflowIdConflictPolicy::UseExisting)
            .rpc_options(self.rpc_options())
            .build();
        self.inner.start_workflow(EnrichBatch::run, Received::Read(input), options).await?;
        Ok(())
    }

    /// The result of a batch, as soon as it has ended.
    ///
    /// # Errors
    ///
    /// When there is no such batch, or its workflow failed.
    pub async fn batch_result(&self, batch: &BatchId) -> Result<BatchResult, ClientError> {
        let result = self.batch(batch).get_result(WorkflowGetResultOptions::default()).await;
        result.map_err(|error| match error {
            WorkflowGetResultError::NotFound(status) => self.no_batch(batch, &status),
            WorkflowGetResultError::Rpc(status) => self.status_error(&status),
            WorkflowGetResultError::Terminated { .. } => ClientError::Terminated,
            WorkflowGetResultError::Failed(failure) => {
                ClientError::Failed { why: failure.failure().message.clone() }
            }
            other => ClientError::Failed { why: other.to_string() },
        })
    }

    /// How far a batch is, as a worker tells, with what the slice under way has told by its heartbeats.
    ///
    /// # Errors
    ///
    /// When there is no such batch, or no worker.
    pub async fn batch_progress(&self, batch: &BatchId) -> Result<BatchProgress, ClientError> {
        let told = self.told_progress(batch).await?;
        if told.state == BatchState::Done {
            return Ok(told);
        }
        // What is told of a slice that began meanwhile does not fit, and is there the next time.
        match self.slice_under_way(&self.describe_batch(batch).await?).await {
            Some(slice) if slice.slice == told.slices => Ok(told.with(&slice)),
            _ => Ok(told),
        }
    }

    async fn told_progress(&self, batch: &BatchId) -> Result<BatchProgress, ClientError> {
        let options = WorkflowQueryOptions::builder().rpc_options(self.rpc_options()).build();
        let handle = self.batch(batch);
        let query = handle.query(EnrichBatch::progress, (), options);
        match timeout(self.rpc_time_max, query).await {
            Ok(Ok(progress)) => Ok(progress),
            Ok(Err(error)) => {
                let error = match error {
                    WorkflowQueryError::NotFound(status) => self.no_batch(batch, &status),
                    WorkflowQueryError::Rpc(status) => self.status_error(&status),
                    other => ClientError::Refused { why: other.to_string() },
                };
                self.or_no_worker(error).await
            }
            Err(_) => self.or_no_worker(self.too_late()).await,
        }
    }

    /// What the last heartbeat of the slice under way holds. The SDK has decoded it with the codec.
    async fn slice_under_way(&self, of: &WorkflowExecutionDescription) -> Option<SliceState> {
        let is_slice = |name: &str| name == SLICE;
        let activities = &of.raw().pending_activities;
        let slice = activities
            .iter()
            .find(|of| of.activity_type.as_ref().is_some_and(|of| is_slice(&of.name)))?;
        let payload = slice.heartbeat_details.as_ref()?.payloads.first()?;
        serde_json::from_slice(&payload.data).ok()
    }

    /// How far a batch is, as soon as it has changed since a revision, or has ended. Dropping the future
    /// ends the wait.
    ///
    /// While leads are under way it is looked twice a second, since the workflow itself learns of a slice
    /// only when that ends.
    ///
    /// # Errors
    ///
    /// When there is no such batch, or no worker.
    pub async fn wait_batch_progress(
        &self,
        batch: &BatchId,
        after: u64,
    ) -> Result<BatchProgress, ClientError> {
        loop {
            let now = self.batch_progress(batch).await?;
            if now.revision > after || now.state == BatchState::Done {
                return Ok(now);
            }
            if now.state == BatchState::Paused && now.under_way == 0 {
                // Nothing moves until the workflow does. It may end, or go on as another run.
                let options = WorkflowExecuteUpdateOptions::default();
                let handle = self.batch(batch);
                let _ = handle.execute_update(EnrichBatch::wait_progress, after, options).await;
            }
            sleep(LOOK_EVERY).await;
        }
    }

    /// Each change of a batch's progress, to its end.
    pub fn batch_progress_stream<'a>(
        &'a self,
        batch: &'a BatchId,
    ) -> impl Stream<Item = Result<BatchProgress, ClientError>> + 'a {
        futures::stream::try_unfold(Some(0), move |after| async move {
            let Some(after) = after else { return Ok(None) };
            let progress = self.wait_batch_progress(batch, after).await?;
            let next = (progress.state != BatchState::Done).then_some(progress.revision);
            Ok(Some((progress, next)))
        })
    }

    /// What the server knows of a batch, without a worker.
    ///
    /// # Errors
    ///
    /// When there is no such batch.
    pub async fn batch_status(&self, batch: &BatchId) -> Result<Status, ClientError> {
        let described = self.describe_batch(batch).await?;
        Ok(Status {
            state: RunState::of(described.status()),
            outcome: described.search_attributes().get(&visibility::OUTCOME_KEY),
            started: described.start_time(),
            ended: described.close_time(),
            pending: described.raw().pending_activities.iter().map(pending).collect(),
        })
    }

    async fn describe_batch(
        &self,
        batch: &BatchId,
    ) -> Result<WorkflowExecutionDescription, ClientError> {
        let options = WorkflowDescribeOptions::builder().rpc_options(self.rpc_options()).build();
        let described = self.batch(batch).describe(options).await;
        described.map_err(|error| self.batch_error(batch, error))
    }

    /// Has a batch start no lead until it is [resumed](Self::resume_batch). Those under way go on.
    ///
    /// # Errors
    ///
    /// When it is not under way.
    pub async fn pause_batch(&self, batch: &BatchId) -> Result<(), ClientError> {
        let options = WorkflowSignalOptions::builder().rpc_options(self.rpc_options()).build();
        let sent = self.batch(batch).signal(EnrichBatch::pause, (), options).await;
        sent.map_err(|error| self.batch_error(batch, error))
    }

    /// Has a paused batch go on.
    ///
    /// # Errors
    ///
    /// When it is not under way.
    pub async fn resume_batch(&self, batch: &BatchId) -> Result<(), ClientError> {
        let options = WorkflowSignalOptions::builder().rpc_options(self.rpc_options()).build();
        let sent = self.batch(batch).signal(EnrichBatch::resume, (), options).await;
        sent.map_err(|error| self.batch_error(batch, error))
    }

    /// Cancels a batch: it starts no lead any more, cancels those under way or
    /// [lets them end](BatchRequest::cancelling_runs), and ends with what was done.
    ///
    /// # Errors
    ///
    /// When it is not under way.
    pub async fn cancel_batch(&self, batch: &BatchId) -> Result<(), ClientError> {
        let options = WorkflowCancelOptions::builder().rpc_options(self.rpc_options()).build();
        let cancelled = self.batch(batch).cancel(options).await;
        cancelled.map_err(|error| self.batch_error(batch, error))
    }

    fn batch(&self, batch: &BatchId) -> Handle {
        self.inner.get_workflow_handle(workflow_id(batch))
    }

    fn batch_error(&self, batch: &BatchId, error: WorkflowInteractionError) -> ClientError {
        match error {
            WorkflowInteractionError::NotFound(status) => self.no_batch(batch, &status),
            WorkflowInteractionError::Rpc(status) => self.status_error(&status),
            other => ClientError::Refused { why: other.to_string() },
        }
    }

    fn no_batch(&self, batch: &BatchId, status: &RpcStatus) -> ClientError {
        match self.status_error(status) {
            ClientError::Refused { .. } => ClientError::NoBatch { batch: batch.clone() },
            other => other,
        }
    }
}

/// The id of a batch's run: that of the batch, which tells nothing of a person.
fn workflow_id(batch: &BatchId) -> String {
    format!("batch/{batch}")
}
