//! Batches.

use futures::Stream;
use temporalio_client::{
    WorkflowExecuteUpdateOptions, WorkflowExecutionDescription, WorkflowGetResultOptions,
    WorkflowHandle, WorkflowQueryOptions, WorkflowSignalOptions,
};
use tokio::time::sleep;

use super::runs::{LOOK_EVERY, changes, status};
use super::{BatchRequest, Client, ClientError, Started, Status};
use crate::batch::{
    BatchEnd, BatchId, BatchProgress, BatchResult, BatchState, EnrichBatch, SliceState,
};
use crate::received::Received;
use crate::replay::RunHistory;

type Handle = WorkflowHandle<temporalio_client::Client, EnrichBatch>;

/// The activity whose heartbeats tell how far a slice is.
const SLICE: &str = "run_leads.v1";

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
        let is_again = request.is_again;
        let input = request.input(self.is_searchable);
        let batch = input.batch.clone();
        let id = workflow_id(&batch);
        let is_answered = async { Ok(self.batch_result(&batch).await?.end == BatchEnd::Done) };
        let workflow = || EnrichBatch::run;
        self.start(workflow, id, Received::Read(input), None, is_again, is_answered).await
    }

    /// The result of a batch, as soon as it has ended.
    ///
    /// # Errors
    ///
    /// When there is no such batch, or its workflow failed.
    pub async fn batch_result(&self, batch: &BatchId) -> Result<BatchResult, ClientError> {
        let result = self.batch(batch).get_result(WorkflowGetResultOptions::default()).await;
        result.map_err(|error| self.result_error(batch, error))
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
        self.of_a_worker(batch, handle.query(EnrichBatch::progress, (), options)).await
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
        changes(move |after| self.wait_batch_progress(batch, after))
    }

    /// All that happened in a batch's last run, as the server stores it: it may be one of several.
    ///
    /// # Errors
    ///
    /// When there is no such batch.
    pub async fn batch_history(&self, batch: &BatchId) -> Result<RunHistory, ClientError> {
        let history = self.history_of(&self.batch(batch)).await;
        history.map_err(|error| self.interaction_error(batch, error))
    }

    /// What the server knows of a batch, without a worker.
    ///
    /// # Errors
    ///
    /// When there is no such batch.
    pub async fn batch_status(&self, batch: &BatchId) -> Result<Status, ClientError> {
        let described = self.describe_batch(batch).await?;
        Ok(status(&described))
    }

    async fn describe_batch(
        &self,
        batch: &BatchId,
    ) -> Result<WorkflowExecutionDescription, ClientError> {
        let described = self.describe(workflow_id(batch)).await;
        described.map_err(|error| self.interaction_error(batch, error))
    }

    /// Has a batch start no lead until it is [resumed](Self::resume_batch). Those under way go on.
    ///
    /// # Errors
    ///
    /// When it is not under way.
    pub async fn pause_batch(&self, batch: &BatchId) -> Result<(), ClientError> {
        let options = WorkflowSignalOptions::builder().rpc_options(self.rpc_options()).build();
        let sent = self.batch(batch).signal(EnrichBatch::pause, (), options).await;
        sent.map_err(|error| self.interaction_error(batch, error))
    }

    /// Has a paused batch go on.
    ///
    /// # Errors
    ///
    /// When it is not under way.
    pub async fn resume_batch(&self, batch: &BatchId) -> Result<(), ClientError> {
        let options = WorkflowSignalOptions::builder().rpc_options(self.rpc_options()).build();
        let sent = self.batch(batch).signal(EnrichBatch::resume, (), options).await;
        sent.map_err(|error| self.interaction_error(batch, error))
    }

    /// Cancels a batch: it starts no lead any more, cancels those under way or
    /// [lets them end](BatchRequest::cancelling_runs), and ends with what was done.
    ///
    /// # Errors
    ///
    /// When it is not under way.
    pub async fn cancel_batch(&self, batch: &BatchId) -> Result<(), ClientError> {
        self.cancel_run(batch, &self.batch(batch)).await
    }

    fn batch(&self, batch: &BatchId) -> Handle {
        self.inner.get_workflow_handle(workflow_id(batch))
    }
}

/// The id of a batch's run: that of the batch, which tells nothing of a person.
fn workflow_id(batch: &BatchId) -> String {
    format!("batch/{batch}")
}
