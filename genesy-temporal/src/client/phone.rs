//! Phones.

use futures::Stream;
use genesy_core::waterfall::{EmailState, LeadInputs, PhoneLookup, Plan};
use genesy_providers::driver::LeadId;
use temporalio_client::errors::WorkflowStartError;
use temporalio_client::{
    WorkflowExecuteUpdateOptions, WorkflowGetResultOptions, WorkflowHandle, WorkflowIdReusePolicy,
    WorkflowQueryOptions,
};

use tokio::time::sleep;

use super::runs::{LOOK_EVERY, changes};
use super::{Client, ClientError, Started, Status};
use crate::clock::now;
use crate::phone::{PhoneInput, PhoneProgress, PhoneResult, PhoneWaterfall};
use crate::received::Received;
use crate::replay::RunHistory;
use crate::report::Reports;

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
            shown_provider: None,
        }
        .showing_first(now());
        let id = workflow_id(&lead);
        let shown = input.shown();
        let is_answered = async { Ok(is_answer(&self.phone_result(&lead).await?)) };
        let workflow = || PhoneWaterfall::run;
        self.start(workflow, id, Received::Read(input), shown, is_refresh, is_answered).await
    }

    /// Asks the server to begin a run, or to join the one that is under way.
    pub(crate) async fn begin(
        &self,
        input: PhoneInput,
        reuse: WorkflowIdReusePolicy,
    ) -> Result<(), WorkflowStartError> {
        let options = self.start_options(workflow_id(&input.lead), input.shown(), reuse);
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
        self.of_a_worker(lead, handle.query(PhoneWaterfall::progress, (), options)).await
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
        loop {
            let now = self.phone_progress(lead).await?;
            if now.revision > after || now.outcome.is_some() {
                return Ok(now);
            }
            // All who wait for the same change share one update: a run takes few of them.
            let options = WorkflowExecuteUpdateOptions::builder()
                .update_id(format!("progress/{after}"))
                .build();
            if let Ok(progress) =
                handle.execute_update(PhoneWaterfall::wait_progress, after, options).await
            {
                return Ok(progress);
            }
            // It ended meanwhile, or nobody answers.
            sleep(LOOK_EVERY).await;
        }
    }

    /// Each change of a lead's progress, to its end.
    pub fn phone_progress_stream<'a>(
        &'a self,
        lead: &'a LeadId,
    ) -> impl Stream<Item = Result<PhoneProgress, ClientError>> + 'a {
        changes(move |after| self.wait_phone_progress(lead, after))
    }

    /// What the server knows of a lead's run, without a worker: with the attempts that are under way.
    ///
    /// # Errors
    ///
    /// When there is no run.
    pub async fn phone_status(&self, lead: &LeadId) -> Result<Status, ClientError> {
        self.status_of(lead, workflow_id(lead)).await
    }

    /// All that happened in a lead's last run, as the server stores it.
    ///
    /// # Errors
    ///
    /// When there is no run.
    pub async fn phone_history(&self, lead: &LeadId) -> Result<RunHistory, ClientError> {
        let history = self.history_of(&self.phone(lead)).await;
        history.map_err(|error| self.interaction_error(lead, error))
    }

    /// Cancels a lead's run: it ends with its outcome, and what was found out until then.
    ///
    /// # Errors
    ///
    /// When there is no run.
    pub async fn cancel_phone(&self, lead: &LeadId) -> Result<(), ClientError> {
        self.cancel_run(lead, &self.phone(lead)).await
    }

    fn phone(&self, lead: &LeadId) -> Handle {
        self.inner.get_workflow_handle(workflow_id(lead))
    }
}

/// The id of a lead's run: that of the lead, which tells nothing of a person.
fn workflow_id(lead: &LeadId) -> String {
    format!("phone/{lead}")
}

/// Whether nothing would be learned by asking again.
pub(crate) fn is_answer(result: &PhoneResult) -> bool {
    use genesy_core::waterfall::Outcome;
    matches!(result.outcome, Outcome::Found(_) | Outcome::NoDataFound | Outcome::NotEligible)
}
