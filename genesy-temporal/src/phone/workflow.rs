//! The workflow: it does what the machine asks for, by activities and timers, and decides nothing.

use std::time::Duration;

use genesy_core::time::Timestamp;
use genesy_core::waterfall::{AttemptMade, Delegation, FoundPhone};
use temporalio_common::RetryPolicy;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_sdk::workflows::join;
use temporalio_sdk::{
    ActivityCloseTimeouts, ActivityExecutionError, ActivityOptions, TimeoutType, WorkflowContext,
    WorkflowContextView, WorkflowResult,
};

use super::activity::{Attempts, ProviderCalls, ProviderQuestion};
use super::messages::{PhoneInput, PhoneProgress, PhoneResult};
use super::state::{Next, State};
use super::{ATTEMPT_GRACE, QUEUE_TIME_MAX};
use crate::received::Received;
use crate::report::Reported;
use crate::run::{
    self, Begun, Refused, Run, check_input, details, end, endless, report_progress, start_time,
    told_when, with,
};

/// One lead's waterfall.
#[workflow]
pub(crate) struct PhoneWaterfall {
    state: Begun<State>,
}

#[workflow_methods]
impl PhoneWaterfall {
    #[init]
    pub(crate) fn new(ctx: &WorkflowContextView, input: Received<PhoneInput>) -> Self {
        let now = start_time(ctx);
        Self { state: Begun::new(input, |input| State::new(input, now)) }
    }

    #[run(name = "phone_waterfall.v1")]
    pub(crate) async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<PhoneResult> {
        check_input(ctx)?;
        loop {
            let now = run::now(ctx);
            match with(ctx, |state| state.next(now)) {
                Some(Next::Ask(delegation)) => {
                    show(ctx, now);
                    let progress = with(ctx, |state| state.reported()).flatten();
                    let (made, ()) = join!(ask(ctx, delegation), report_progress(ctx, progress));
                    let now = run::now(ctx);
                    with(ctx, |state| match made {
                        Some(made) => state.follow(now, made),
                        None => state.cancel(now),
                    });
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
    pub(crate) fn progress(&self, _ctx: &WorkflowContextView) -> Result<PhoneProgress, Refused> {
        self.state.told(State::progress)
    }

    /// The same, as soon as it has changed since a revision.
    #[update(name = "wait_progress")]
    pub(crate) async fn wait_progress(
        ctx: &mut WorkflowContext<Self>,
        after: u64,
    ) -> Result<PhoneProgress, Refused> {
        let has_changed = |state: &State| state.revision() > after || state.is_done();
        told_when(ctx, has_changed, State::progress).await
    }
}

impl Run for PhoneWaterfall {
    type State = State;

    fn state(&self) -> &Begun<State> {
        &self.state
    }

    fn state_mut(&mut self) -> &mut Begun<State> {
        &mut self.state
    }
}

/// Has a step's attempts made. Nothing if the run is cancelled meanwhile.
async fn ask(
    ctx: &WorkflowContext<PhoneWaterfall>,
    delegation: Delegation,
) -> Option<Vec<AttemptMade<FoundPhone>>> {
    let first = delegation.call.attempt;
    let question = with(ctx, |state| {
        let queue = state.input.queues.provider(&delegation.provider);
        let options = options(&delegation, queue);
        let inputs = state.input.inputs.clone();
        (ProviderQuestion { delegation: delegation.clone(), inputs }, options)
    });
    let (question, options) = question?;
    let attempts_max = delegation.retry.attempts_max;
    match ctx.execute_activity(ProviderCalls::ask, Received::Read(question), options).await {
        Ok(made) => Some(made),
        Err(ActivityExecutionError::Cancelled(_)) => None,
        // The last worker went away, or none came: what is known of the attempts is in the last heartbeat.
        Err(error) => {
            let timeout = error.as_timeout();
            let known = match timeout {
                Some(timeout) => timeout.last_heartbeat_details().ok().flatten(),
                None => details(&error),
            };
            let mut attempts: Attempts = known.unwrap_or_default();
            let now = run::now(ctx);
            if timeout.is_some_and(|of| of.timeout_type() == TimeoutType::StartToClose) {
                // It was the last attempt, and those before it that are not known were lost as well.
                attempts.lost_before(first, attempts_max + 1, now);
            } else if attempts.since.is_some() {
                let running = attempts.made.last().map_or(first, |last| last.attempt + 1);
                attempts.lost_before(first, (running + 1).min(attempts_max + 1), now);
            }
            // The step has had all the time for queues that there is: none is given to its next attempt.
            attempts.not_taken(&delegation, now);
            Some(attempts.made)
        }
    }
}

/// The plan's limits and waits as the server keeps them. It is told each wait by the failure before it; its
/// own policy is for attempts whose worker went away.
fn options(delegation: &Delegation, queue: String) -> ActivityOptions {
    let retry = delegation.retry;
    let attempts = u32::from(retry.attempts_max.saturating_sub(delegation.call.attempt)) + 1;
    let attempt = Duration::from_millis(delegation.timeout_ms.into()) + ATTEMPT_GRACE;
    let first_delay = Duration::from_millis(retry.first_delay_ms.max(1).into());
    let delay_max = Duration::from_millis(retry.delay_ms_max.into()).max(first_delay);
    let policy = RetryPolicy::builder()
        .initial_interval(first_delay)
        .backoff_coefficient(2.0)
        .maximum_interval(delay_max)
        .maximum_attempts(attempts);
    ActivityOptions::with_close_timeouts(ActivityCloseTimeouts::ScheduleAndStartToClose {
        schedule_to_close: (attempt + delay_max) * attempts + QUEUE_TIME_MAX,
        start_to_close: attempt,
    })
    .task_queue(queue)
    .retry_policy(policy.build())
    .build()
}

/// Shows how far it is to those who list workflows.
fn show(ctx: &WorkflowContext<PhoneWaterfall>, now: Timestamp) {
    let shown =
        with(ctx, |state| Some((state.newly_shown(now)?, state.input.is_searchable))).flatten();
    if let Some((shown, is_searchable)) = shown {
        shown.show(ctx, is_searchable);
    }
}

/// Shows and reports the end, and lets those who wait for progress have it.
async fn finish(ctx: &WorkflowContext<PhoneWaterfall>) -> WorkflowResult<PhoneResult> {
    show(ctx, run::now(ctx));
    let result = with(ctx, |state| (state.result(), state.input.reports));
    let Some((Some(result), reports)) = result else {
        return Err(endless());
    };
    end(ctx, reports, Reported::Phone(result.clone())).await?;
    Ok(result)
}
