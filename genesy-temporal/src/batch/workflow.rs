//! The workflow: slice after slice.

use std::time::Duration;

use futures::FutureExt;
use temporalio_common::RetryPolicy;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_sdk::workflows::{join, select};
use temporalio_sdk::{
    ActivityCancellationType, ActivityCloseTimeouts, ActivityExecutionError, ActivityOptions,
    ContinueAsNewOptions, SyncWorkflowContext, TimerOptions, WorkflowCancellationToken,
    WorkflowContext, WorkflowContextView, WorkflowResult,
};

use super::activity::Slices;
use super::messages::{BatchInput, BatchProgress, BatchResult};
use super::slice::{Mode, SliceInput, SliceState};
use super::state::{Next, State};
use super::{SLICE_GRACE, SLICE_LOST_AFTER, SLICE_TRIED_FOR_MAX};
use crate::received::Received;
use crate::report::Reported;
use crate::run::{
    self, Begun, Refused, Run, check_input, details, end, endless, report_progress, start_time,
    store, stores, told_when, uncancelled, why, with,
};
use crate::visibility::Shown;

/// One batch.
#[workflow]
pub(crate) struct EnrichBatch {
    state: Begun<State>,
}

#[workflow_methods]
impl EnrichBatch {
    #[init]
    pub(crate) fn new(ctx: &WorkflowContextView, input: Received<BatchInput>) -> Self {
        let now = start_time(ctx);
        Self { state: Begun::new(input, |input| State::new(input, ctx.run_id(), now)) }
    }

    #[run(name = "enrich_batch.v1")]
    pub(crate) async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<BatchResult> {
        check_input(ctx)?;
        loop {
            if ctx.cancellation_token().is_cancelled() {
                with(ctx, State::cancel);
            }
            let workflow_id = ctx.workflow_id().to_owned();
            match with(ctx, |state| state.next(&workflow_id)) {
                Some(Next::Slice(_)) if is_long(ctx) => return continue_as_new(ctx).await,
                Some(Next::Slice(input)) => {
                    let progress = with(ctx, |state| state.reported()).flatten();
                    join!(slice(ctx, *input), report_progress(ctx, progress));
                    rest(ctx).await;
                }
                Some(Next::Wait) => wish(ctx, Mode::Drain).await,
                Some(Next::Done) | None => break,
            }
        }
        finish(ctx).await
    }

    /// Starts no lead until it is resumed. Those under way go on.
    #[signal(name = "pause")]
    pub(crate) fn pause(&mut self, _ctx: &mut SyncWorkflowContext<Self>) {
        if let Some(state) = self.state.get_mut() {
            state.pause(true);
        }
    }

    /// Goes on.
    #[signal(name = "resume")]
    pub(crate) fn resume(&mut self, _ctx: &mut SyncWorkflowContext<Self>) {
        if let Some(state) = self.state.get_mut() {
            state.pause(false);
        }
    }

    /// How far it is, as of the last slice that has ended.
    #[query(name = "progress")]
    pub(crate) fn progress(&self, _ctx: &WorkflowContextView) -> Result<BatchProgress, Refused> {
        self.state.told(State::progress)
    }

    /// The same, as soon as it has changed since a revision, or another run goes on.
    #[update(name = "wait_progress")]
    pub(crate) async fn wait_progress(
        ctx: &mut WorkflowContext<Self>,
        after: u64,
    ) -> Result<BatchProgress, Refused> {
        let has_changed = |state: &State| {
            state.progress().revision > after || state.is_done() || state.is_continued
        };
        told_when(ctx, has_changed, State::progress).await
    }
}

impl Run for EnrichBatch {
    type State = State;

    fn state(&self) -> &Begun<State> {
        &self.state
    }

    fn state_mut(&mut self) -> &mut Begun<State> {
        &mut self.state
    }
}

type Context = WorkflowContext<EnrichBatch>;

/// Whether another run is to go on.
fn is_long(ctx: &Context) -> bool {
    let events_max = with(ctx, |state| state.input.limits.history_events_max);
    ctx.continue_as_new_suggested() || events_max.is_some_and(|max| ctx.history_length() >= max)
}

/// Runs a slice, and stops it when something else is wanted.
async fn slice(ctx: &Context, input: SliceInput) {
    let (mode, began) = (input.mode, run::now(ctx));
    let has_report = input.report.is_some();
    let token = WorkflowCancellationToken::new();
    let options = options(stores(ctx), input.time(), token.clone());
    let running = ctx.execute_activity(Slices::run, Received::Read(input), options);
    let mut running = Box::pin(running);
    let mut wished = Box::pin(wish(ctx, mode).fuse());
    let made = select! {
        made = running => made,
        () = wished => {
            token.cancel();
            running.await
        }
    };
    drop(wished);
    let made = match made {
        Ok(made) => Ok(Some(made)),
        // It had not begun, or was waiting to be tried again.
        Err(ActivityExecutionError::Cancelled(_)) => Ok(None),
        // Its worker went away or had trouble, and nobody tries again: it is cancelled, or was tried for long.
        Err(error) => {
            // What a sink may have been told must be told to it in the same words.
            let known = known(&error).filter(|known| known.is_reported || !has_report);
            if token.is_cancelled() { Ok(known) } else { Err((known, why(&error))) }
        }
    };
    let took = Duration::from_micros(run::now(ctx).micros_since(began));
    with(ctx, |state| match made {
        Ok(Some(made)) => state.add(made),
        Ok(None) => state.lost(mode, took),
        Err((known, why)) => {
            if let Some(known) = known {
                state.add(known);
            }
            state.broken(why);
        }
    });
}

/// How far a slice was that failed.
fn known(error: &ActivityExecutionError) -> Option<SliceState> {
    let of_timeout = error.as_timeout().map(|of| of.last_heartbeat_details().ok().flatten());
    of_timeout.unwrap_or_else(|| details(error))
}

/// Leaves a source alone for a while behind a read that failed, unless something else is to be done.
async fn rest(ctx: &Context) {
    let rest = with(ctx, |state| Some((state.take_rest()?, state.mode()))).flatten();
    let Some((time, mode)) = rest else { return };
    let mut wished = Box::pin(wish(ctx, mode).fuse());
    // That the batch is cancelled makes no source better.
    let options = TimerOptions::builder(time).cancellation_token(WorkflowCancellationToken::new());
    let mut timer = Box::pin(ctx.timer(options.build()).fuse());
    select! {
        _ = timer => {}
        () = wished => {}
    }
}

/// Waits until something else is to be done than in `mode`, or the batch is cancelled.
async fn wish(ctx: &Context, mode: Mode) {
    let is_other = |of: &EnrichBatch| of.state.get().is_none_or(|of| of.mode() != mode);
    if with(ctx, |state| state.is_cancelled()).unwrap_or(true) {
        // It ends by an error when its token is cancelled, and nobody has that.
        let _ = ctx.wait_condition_with_options(is_other, uncancelled()).await;
    } else if ctx.wait_condition(is_other).await.is_err() {
        with(ctx, State::cancel);
    }
}

/// A slice is tried again as long as it may be.
fn options(queue: String, time: Duration, token: WorkflowCancellationToken) -> ActivityOptions {
    let retry = RetryPolicy::builder()
        .initial_interval(Duration::from_secs(1))
        .maximum_interval(Duration::from_secs(60))
        .build();
    ActivityOptions::with_close_timeouts(ActivityCloseTimeouts::ScheduleAndStartToClose {
        schedule_to_close: SLICE_TRIED_FOR_MAX.saturating_add(time),
        start_to_close: SLICE_GRACE.saturating_add(time),
    })
    .task_queue(queue)
    .heartbeat_timeout(SLICE_LOST_AFTER)
    .cancellation_type(ActivityCancellationType::WaitCancellationCompleted)
    .cancellation_token(token)
    .retry_policy(retry)
    .build()
}

/// Leaves all that is known to another run.
async fn continue_as_new(ctx: &Context) -> WorkflowResult<BatchResult> {
    with(ctx, |state| state.is_continued = true);
    ctx.wait_condition_with_options(|_| ctx.all_handlers_finished(), uncancelled()).await?;
    if ctx.cancellation_token().is_cancelled() {
        with(ctx, State::cancel);
    }
    let Some(input) = with(ctx, |state| state.input.clone()) else {
        return Err(endless());
    };
    match ctx.continue_as_new(Received::Read(input), ContinueAsNewOptions::default())? {}
}

/// Shows and reports the end, and lets those who wait for progress have it.
async fn finish(ctx: &Context) -> WorkflowResult<BatchResult> {
    let now = run::now(ctx);
    let result =
        with(ctx, |state| (state.finish(now), state.input.reports, state.input.is_searchable));
    let Some((result, reports, is_searchable)) = result else {
        return Err(endless());
    };
    let outcome = Some(result.end.name().to_owned());
    Shown { outcome, provider: None }.show(ctx, is_searchable);
    // What the slices could not tell any more.
    let workflow_id = ctx.workflow_id().to_owned();
    if let Some(report) = with(ctx, |state| state.unreported(&workflow_id)).flatten() {
        store(ctx, report).await;
    }
    end(ctx, reports, Reported::Batch(result.clone())).await?;
    Ok(result)
}
