//! How results and progress reach the application's own store.

use std::error::Error;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use temporalio_common::RetryPolicy;
use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use temporalio_sdk::{
    ActivityCloseTimeouts, ActivityOptions, ApplicationFailure, WorkflowCancellationToken,
};
use tokio::time::timeout;

use crate::batch::{BatchProgress, BatchResult, BatchUnfinished};
use crate::email::{EmailProgress, EmailResult};
use crate::phone::{PhoneProgress, PhoneResult};
use crate::received::Received;

/// How long the application may take to store one report.
pub const REPORT_TIME_MAX: Duration = Duration::from_secs(30);
/// How long it is tried to store one. A run whose end could not be stored until then ends all the same: its result
/// can be asked for.
pub const REPORT_TRIED_FOR_MAX: Duration = Duration::from_secs(24 * 3600);

/// How long it is tried to store progress. A step waits for that; what follows tells as much, so that nothing waits
/// for it longer.
pub const PROGRESS_TRIED_FOR_MAX: Duration = Duration::from_secs(10);

/// What is reported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reports {
    /// Nothing: whoever started a run asks for its result.
    #[default]
    Nothing,
    /// How each run ended.
    Results,
    /// That, and each step of it, as long as the store takes it within [`PROGRESS_TRIED_FOR_MAX`].
    Progress,
    /// The steps alone: whoever started a run asks for its result, and the end of none waits for a store.
    ProgressOnly,
}

impl Reports {
    /// Whether the end of a run is reported.
    pub(crate) const fn has_results(self) -> bool {
        matches!(self, Self::Results | Self::Progress)
    }

    /// Whether the steps are.
    pub(crate) const fn has_progress(self) -> bool {
        matches!(self, Self::Progress | Self::ProgressOnly)
    }
}

/// Something for the application's store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// The same for the same report, however often it comes.
    pub key: String,
    /// What is reported.
    pub what: Reported,
}

/// What is reported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reported {
    /// How far a lead's waterfall is.
    PhoneProgress(PhoneProgress),
    /// How far the verification of a lead's address is.
    EmailProgress(EmailProgress),
    /// How far a batch is.
    BatchProgress(BatchProgress),
    /// How a lead's waterfall ended.
    Phone(PhoneResult),
    /// How the verification of a lead's address ended.
    Email(EmailResult),
    /// Leads of a batch that did not end well.
    BatchUnfinished(BatchUnfinished),
    /// How a batch ended.
    Batch(BatchResult),
}

/// The application's store. Each report comes at least once, and may come again: store it under its key.
///
/// ```
/// use std::collections::HashMap;
/// use std::error::Error;
/// use std::sync::Mutex;
///
/// use genesy_temporal::report::{Report, Reported, Sink};
///
/// /// The outcomes by key, as a table would have them.
/// #[derive(Debug, Default)]
/// struct Outcomes(Mutex<HashMap<String, &'static str>>);
///
/// #[async_trait::async_trait]
/// impl Sink for Outcomes {
///     async fn record(&self, report: Report) -> Result<(), Box<dyn Error + Send + Sync>> {
///         let mut outcomes = self.0.lock().map_err(|_| "the table broke down")?;
///         if let Reported::Phone(result) = report.what {
///             // INSERT … ON CONFLICT (key) DO NOTHING
///             outcomes.entry(report.key).or_insert(result.outcome.name());
///         }
///         Ok(())
///     }
/// }
/// ```
#[async_trait]
pub trait Sink: Debug + Send + Sync {
    /// Stores a report.
    ///
    /// # Errors
    ///
    /// When it cannot: it is given again, for up to [`REPORT_TRIED_FOR_MAX`]. The text is stored by the
    /// server in the clear, so it must hold no personal data.
    async fn record(&self, report: Report) -> Result<(), Box<dyn Error + Send + Sync>>;
}

/// The activity that gives reports to the sink.
pub(crate) struct Reporting {
    pub(crate) sink: Arc<dyn Sink>,
}

#[activities]
impl Reporting {
    #[activity(name = "report.v1")]
    pub(crate) async fn report(
        self: Arc<Self>,
        ctx: ActivityContext,
        report: Received<Report>,
    ) -> Result<(), ActivityError> {
        let recording = timeout(REPORT_TIME_MAX, self.sink.record(report.read()?));
        // A sink that hangs must not hold its place here for ever.
        let stored = tokio::select! {
            recorded = recording => recorded.unwrap_or_else(|_| Err("it takes too long".into())),
            () = ctx.cancelled() => Err("the worker stops".into()),
        };
        stored.map_err(|error| ActivityError::application(ApplicationFailure::new(error)))
    }
}

/// How the activity is run: tried again, ever more slowly, until it is stored.
pub(crate) fn options(queue: &str) -> ActivityOptions {
    options_for(queue, REPORT_TRIED_FOR_MAX)
}

/// The same for progress.
pub(crate) fn progress_options(queue: &str) -> ActivityOptions {
    options_for(queue, PROGRESS_TRIED_FOR_MAX)
}

fn options_for(queue: &str, tried_for_max: Duration) -> ActivityOptions {
    let retry = RetryPolicy::builder()
        .initial_interval(Duration::from_millis(500))
        .maximum_interval(Duration::from_secs(60))
        .build();
    ActivityOptions::with_close_timeouts(ActivityCloseTimeouts::ScheduleAndStartToClose {
        schedule_to_close: tried_for_max,
        start_to_close: REPORT_TIME_MAX.min(tried_for_max),
    })
    .task_queue(queue.to_owned())
    .retry_policy(retry)
    // That a run was cancelled is reported, too.
    .cancellation_token(WorkflowCancellationToken::new())
    .build()
}
