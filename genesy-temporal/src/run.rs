//! What the runs of all workflows have in common.

use std::error::Error;
use std::iter;
use std::time::SystemTime;

use genesy_core::time::Timestamp;
use temporalio_common::data_converters::TemporalDeserializable;
use temporalio_common::error::IncomingError;
use temporalio_sdk::{
    ActivityExecutionError, ApplicationFailure, WaitConditionOptions, WorkflowCancellationToken,
    WorkflowContext, WorkflowContextView, WorkflowTermination,
};

use crate::clock::timestamp;
use crate::queues::Queues;
use crate::received::Received;
use crate::report::{self, Report, Reported, Reporting, Reports};

/// Why somebody who asks a run is told nothing.
pub(crate) type Refused = Box<dyn Error + Send + Sync>;

/// The state of a run, or the failure of one whose input cannot be read, until that is taken.
pub(crate) struct Begun<S>(Result<S, Option<ApplicationFailure>>);

impl<S> Begun<S> {
    pub(crate) fn new<I>(input: Received<I>, begin: impl FnOnce(I) -> S) -> Self {
        Self(input.read().map(begin).map_err(Some))
    }

    pub(crate) fn get(&self) -> Option<&S> {
        self.0.as_ref().ok()
    }

    pub(crate) fn get_mut(&mut self) -> Option<&mut S> {
        self.0.as_mut().ok()
    }

    fn take_failure(&mut self) -> Option<ApplicationFailure> {
        self.0.as_mut().err().and_then(Option::take)
    }

    /// What somebody who asks is told of the state.
    pub(crate) fn told<P>(&self, tell: impl FnOnce(&S) -> P) -> Result<P, Refused> {
        self.get().map(tell).ok_or_else(|| "the run's input could not be read".into())
    }
}

/// A workflow of this crate.
pub(crate) trait Run: 'static {
    type State;

    fn state(&self) -> &Begun<Self::State>;

    fn state_mut(&mut self) -> &mut Begun<Self::State>;
}

/// When a run was begun.
pub(crate) fn start_time(ctx: &WorkflowContextView) -> Timestamp {
    timestamp(ctx.start_time().unwrap_or(SystemTime::UNIX_EPOCH))
}

/// The time of the task at hand: the same when it is replayed.
pub(crate) fn now<W>(ctx: &WorkflowContext<W>) -> Timestamp {
    timestamp(ctx.workflow_time().unwrap_or(SystemTime::UNIX_EPOCH))
}

/// Fails a run whose input cannot be read.
pub(crate) fn check_input<W: Run>(ctx: &WorkflowContext<W>) -> Result<(), WorkflowTermination> {
    match ctx.state_mut(|run| run.state_mut().take_failure()) {
        Some(failure) => Err(failure.into()),
        None => Ok(()),
    }
}

/// What a run that has begun does with its state.
pub(crate) fn with<W: Run, R>(
    ctx: &WorkflowContext<W>,
    what: impl FnOnce(&mut W::State) -> R,
) -> Option<R> {
    ctx.state_mut(|run| run.state_mut().get_mut().map(what))
}

/// A wait that goes on when the run is cancelled.
pub(crate) fn uncancelled() -> WaitConditionOptions {
    WaitConditionOptions::builder().cancellation_token(WorkflowCancellationToken::new()).build()
}

/// What somebody is told as soon as the state has changed.
pub(crate) async fn told_when<W: Run, P>(
    ctx: &WorkflowContext<W>,
    has_changed: impl Fn(&W::State) -> bool,
    tell: impl FnOnce(&W::State) -> P,
) -> Result<P, Refused> {
    let is_due = |run: &W| run.state().get().is_none_or(&has_changed);
    ctx.wait_condition_with_options(is_due, uncancelled()).await?;
    ctx.state(|run| run.state().told(tell))
}

/// Reports how far a run is, if that is wanted. Whether it is stored makes no difference to the run.
pub(crate) async fn report_progress<W: Run>(
    ctx: &WorkflowContext<W>,
    progress: Option<(u64, Reported)>,
) {
    let Some((revision, what)) = progress else { return };
    let key = format!("{}/{}/{revision}", ctx.workflow_id(), ctx.run_id());
    let report = Received::Read(Report { key, what });
    // The next report, or the result, tells what this one could not.
    let options = report::progress_options(&stores(ctx));
    let _ = ctx.execute_activity(Reporting::report, report, options).await;
}

/// The queue of those who reach the application's store.
pub(crate) fn stores<W>(ctx: &WorkflowContext<W>) -> String {
    Queues::new(ctx.task_queue()).store()
}

/// Has a report stored, for as long as that is tried.
pub(crate) async fn store<W: Run>(ctx: &WorkflowContext<W>, report: Report) {
    let (options, key) = (report::options(&stores(ctx)), report.key.clone());
    let stored = ctx.execute_activity(Reporting::report, Received::Read(report), options).await;
    // What was found must not be lost with it, nor paid for again: whoever asks is given it.
    if let Err(error) = stored
        && !ctx.is_replaying()
    {
        tracing::error!(report = %key, why = %why(&error), "what a run found could not be stored");
    }
}

/// Why an activity failed, and why it failed before that: the server's own words alone say little.
pub(crate) fn why(error: &ActivityExecutionError) -> String {
    let causes = iter::successors(error.reason(), |cause| (*cause).cause());
    let causes: Vec<_> = causes.map(|cause| cause.failure().message.as_str()).collect();
    if causes.is_empty() { error.to_string() } else { causes.join(": ") }
}

/// What a failed activity has told with its failure.
pub(crate) fn details<T: TemporalDeserializable + 'static>(
    error: &ActivityExecutionError,
) -> Option<T> {
    match error.reason() {
        Some(IncomingError::Application(failure)) => failure.details().ok().flatten(),
        _ => None,
    }
}

/// Reports how a run ended, if that is wanted, and lets those who wait for progress have it.
pub(crate) async fn end<W: Run>(
    ctx: &WorkflowContext<W>,
    reports: Reports,
    what: Reported,
) -> Result<(), WorkflowTermination> {
    if reports.has_results() {
        store(ctx, Report { key: format!("{}/{}", ctx.workflow_id(), ctx.run_id()), what }).await;
    }
    ctx.wait_condition_with_options(|_| ctx.all_handlers_finished(), uncancelled()).await?;
    Ok(())
}

/// A run that has come to its end without one: a fault of this crate.
pub(crate) fn endless() -> WorkflowTermination {
    ApplicationFailure::non_retryable("the run ended without an outcome").into()
}
