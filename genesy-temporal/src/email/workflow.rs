//! The workflow: it has the machine driven by an activity, sleeps where the machine does, and decides nothing.

use std::time::Duration;

use temporalio_common::RetryPolicy;
use temporalio_common::error::{IncomingError, TimeoutType};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_sdk::workflows::join;
use temporalio_sdk::{
    ActivityCancellationType, ActivityCloseTimeouts, ActivityExecutionError, ActivityOptions,
    ApplicationFailure, WorkflowContext, WorkflowContextView, WorkflowResult,
};

use super::activity::{Question, Verifications};
use super::messages::{EmailInput, EmailProgress, EmailResult};
use super::state::{Came, Next, State};
use super::{ATTEMPT_GRACE, HEARTBEAT_TIME_MAX};
use crate::received::Received;
use crate::report::Reported;
use crate::run::{
    self, Begun, Refused, Run, check_input, end, endless, report_progress, start_time, told_when,
    with,
};
use crate::visibility::Shown;

/// The first wait for another worker, where the last one said that it cannot go on.
const RETRY_DELAY: Duration = Duration::from_millis(200);
/// The longest one.
const RETRY_DELAY_MAX: Duration = Duration::from_secs(2);

/// One address.
#[workflow]
pub(crate) struct EmailVerification {
    state: Begun<State>,
}

#[workflow_methods]
impl EmailVerification {
    #[init]
    pub(crate) fn new(ctx: &WorkflowContextView, input: Received<EmailInput>) -> Self {
        let now = start_time(ctx);
        Self { state: Begun::new(input, |input| State::new(input, now)) }
    }

    #[run(name = "email_verification.v1")]
    pub(crate) async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<EmailResult> {
        check_input(ctx)?;
        loop {
            let now = run::now(ctx);
            match with(ctx, |state| state.next(now)) {
                Some(Next::Check(question)) => {
                    let progress = with(ctx, |state| state.reported()).flatten();
                    let (came, ()) = join!(check(ctx, question), report_progress(ctx, progress));
                    let came = came?;
                    let now = run::now(ctx);
                    with(ctx, |state| state.follow(now, came));
                }
                Some(Next::Sleep(time)) => {
                    // It ends at once where the run is cancelled.
                    ctx.timer(time).await;
                    if ctx.cancellation_token().is_cancelled() {
                        let now = run::now(ctx);
                        with(ctx, |state| state.cancel(now));
                    }
                }
                Some(Next::Done) | None => break,
            }
        }
        finish(ctx).await
    }

    /// How far it is.
    #[query(name = "progress")]
    pub(crate) fn progress(&self, _ctx: &WorkflowContextView) -> Result<EmailProgress, Refused> {
        self.state.told(State::progress)
    }

    /// The same, as soon as it has changed since a revision.
    #[update(name = "wait_progress")]
    pub(crate) async fn wait_progress(
        ctx: &mut WorkflowContext<Self>,
        after: u64,
    ) -> Result<EmailProgress, Refused> {
        let has_changed = |state: &State| state.revision() > after || state.is_done();
        told_when(ctx, has_changed, State::progress).await
    }
}

impl Run for EmailVerification {
    type State = State;

    fn state(&self) -> &Begun<State> {
        &self.state
    }

    fn state_mut(&mut self) -> &mut Begun<State> {
        &mut self.state
    }
}

/// Has workers go on with it. It fails where they say that nobody can.
async fn check(
    ctx: &WorkflowContext<EmailVerification>,
    question: Question,
) -> Result<Came, ApplicationFailure> {
    let Some(options) = with(ctx, |state| options(&state.input)) else {
        return Ok(Came::Cancelled(None));
    };
    let question = Received::Read(question);
    let came = match ctx.execute_activity(Verifications::verify, question, options).await {
        Ok(checked) => Came::Checked(checked),
        Err(ActivityExecutionError::Cancelled(error)) => {
            Came::Cancelled(error.details().ok().flatten())
        }
        Err(error) => match (error.as_timeout(), error.reason()) {
            (Some(timeout), _) => Came::Lost {
                last: timeout.last_heartbeat_details().ok().flatten(),
                was_taken: timeout.timeout_type() != TimeoutType::ScheduleToStart,
            },
            (None, Some(IncomingError::Application(failure))) if failure.is_non_retryable() => {
                let name = failure.type_name().unwrap_or("failed").to_owned();
                return Err(ApplicationFailure::builder(failure.to_string())
                    .type_name(name)
                    .non_retryable(true)
                    .build());
            }
            // The last attempt failed when there was no time for another.
            (None, _) => Came::Lost { last: None, was_taken: true },
        },
    };
    Ok(match came {
        // Its worker went away while it was told to stop.
        Came::Lost { last, .. } if ctx.cancellation_token().is_cancelled() => Came::Cancelled(last),
        came => came,
    })
}

/// The machine's limits as the server keeps them, with the time for workers to come on top.
fn options(input: &EmailInput) -> ActivityOptions {
    let limits = &input.policy.limits;
    let own = Duration::from_millis(u64::from(limits.total_ms) + u64::from(limits.queue_ms_max));
    let worker_time_max = Duration::from_millis(input.worker_ms_max);
    let policy = RetryPolicy::builder()
        .initial_interval(RETRY_DELAY)
        .backoff_coefficient(2.0)
        .maximum_interval(RETRY_DELAY_MAX);
    ActivityOptions::with_close_timeouts(ActivityCloseTimeouts::ScheduleAndStartToClose {
        schedule_to_close: own + worker_time_max,
        start_to_close: own + ATTEMPT_GRACE,
    })
    .schedule_to_start_timeout(worker_time_max)
    .heartbeat_timeout(HEARTBEAT_TIME_MAX)
    // What was found out until then is worth waiting for.
    .cancellation_type(ActivityCancellationType::WaitCancellationCompleted)
    .task_queue(input.queues.mail())
    .retry_policy(policy.build())
    .build()
}

/// Shows and reports the end, and lets those who wait for progress have it.
async fn finish(ctx: &WorkflowContext<EmailVerification>) -> WorkflowResult<EmailResult> {
    let ended = with(ctx, |state| (state.result(), state.input.reports, state.input.is_searchable));
    let Some((Some(result), reports, is_searchable)) = ended else {
        return Err(endless());
    };
    let outcome = Some(result.outcome.name().to_owned());
    Shown { outcome, provider: None }.show(ctx, is_searchable);
    end(ctx, reports, Reported::Email(result.clone())).await?;
    Ok(result)
}
