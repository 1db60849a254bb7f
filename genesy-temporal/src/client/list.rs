//! Lists of runs, as the server knows them, without a worker.

use std::time::SystemTime;

use futures::{Stream, StreamExt};
use temporalio_client::{WorkflowExecution, WorkflowListOptions};

use super::{Client, ClientError, RunState};
use crate::visibility::{OUTCOME, Shown};

/// What is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RunKind {
    /// The waterfall of a lead.
    Phone,
    /// The verification of a lead's address.
    Email,
    /// A batch of leads.
    Batch,
}

impl RunKind {
    /// The name of its workflow, and what its ids begin with.
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Phone => ("phone_waterfall.v1", "phone/"),
            Self::Email => ("email_verification.v1", "email/"),
            Self::Batch => ("enrich_batch.v1", "batch/"),
        }
    }
}

/// Which runs are wanted.
#[derive(Debug, Clone)]
pub struct RunQuery {
    kind: RunKind,
    state: Option<RunState>,
    outcome: Option<String>,
    runs_max: Option<usize>,
}

impl RunQuery {
    /// All runs of a kind that the server still has.
    pub const fn new(kind: RunKind) -> Self {
        Self { kind, state: None, outcome: None, runs_max: None }
    }

    /// Only those that run, have a result, or have none.
    #[must_use]
    pub const fn in_state(mut self, state: RunState) -> Self {
        self.state = Some(state);
        self
    }

    /// Only those with an outcome of this name, as `inconclusive`. The namespace must have the
    /// [search attributes](Client::add_search_attributes).
    #[must_use]
    pub fn with_outcome(mut self, outcome: impl Into<String>) -> Self {
        self.outcome = Some(outcome.into());
        self
    }

    /// So many at most.
    #[must_use]
    pub const fn at_most(mut self, runs: usize) -> Self {
        self.runs_max = Some(runs);
        self
    }

    /// The query in the language of Temporal's lists.
    fn text(&self) -> String {
        // What another run goes on with is that one's to tell.
        let mut text = format!(
            "WorkflowType = '{}' AND ExecutionStatus != 'ContinuedAsNew'",
            self.kind.names().0
        );
        match self.state {
            None => {}
            Some(RunState::Running) => text.push_str(" AND ExecutionStatus = 'Running'"),
            Some(RunState::Completed) => text.push_str(" AND ExecutionStatus = 'Completed'"),
            Some(RunState::Failed) => text.push_str(
                " AND ExecutionStatus IN ('Failed', 'Canceled', 'Terminated', 'TimedOut')",
            ),
        }
        if let Some(outcome) = &self.outcome {
            // Names of outcomes are plain words: whatever would end the text is no part of one.
            let plain = outcome.replace(['\'', '\\'], "");
            text.push_str(&format!(" AND {OUTCOME} = '{plain}'"));
        }
        text
    }
}

/// A run in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListedRun {
    /// The lead's id, or the batch's.
    pub id: String,
    /// Whether it runs.
    pub state: RunState,
    /// The name of the outcome, if it has ended.
    pub outcome: Option<String>,
    /// The provider that is asked, or was asked last, as [lists show it](crate::visibility::PROVIDER).
    pub provider: Option<String>,
    /// When it was begun.
    pub started: Option<SystemTime>,
    /// When it ended.
    pub ended: Option<SystemTime>,
}

impl ListedRun {
    fn new(kind: RunKind, run: &WorkflowExecution) -> Self {
        let Shown { outcome, provider } = Shown::of(&run.search_attributes(), &run.memo());
        let id = run.id();
        Self {
            id: id.strip_prefix(kind.names().1).unwrap_or(id).to_owned(),
            state: RunState::of(run.status()),
            outcome,
            provider,
            started: run.start_time(),
            ended: run.close_time(),
        }
    }
}

impl Client {
    /// The runs that a query describes, the newest first. The server learns of changes with some delay, often of
    /// a second.
    pub fn list(&self, query: &RunQuery) -> impl Stream<Item = Result<ListedRun, ClientError>> {
        let options = WorkflowListOptions::builder()
            .maybe_limit(query.runs_max)
            .rpc_options(self.rpc_options())
            .build();
        let kind = query.kind;
        self.looker.list_workflows(query.text(), options).map(move |run| match run {
            Ok(run) => Ok(ListedRun::new(kind, &run)),
            Err(error) => Err(self.list_error(error)),
        })
    }
}
