//! What the server itself knows of a run, without a worker.

use std::time::SystemTime;

use temporalio_client::WorkflowExecutionStatus;

/// How far a run is, as the server knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// Whether it runs.
    pub state: RunState,
    /// The name of the outcome, if it has ended.
    pub outcome: Option<String>,
    /// When it was begun.
    pub started: Option<SystemTime>,
    /// When it ended.
    pub ended: Option<SystemTime>,
    /// What is under way.
    pub pending: Vec<Pending>,
}

/// Whether a run runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RunState {
    /// It does.
    Running,
    /// It ended with a result.
    Completed,
    /// It failed, was terminated or ran out of time: there is no result.
    Failed,
}

impl RunState {
    pub(super) const fn of(status: WorkflowExecutionStatus) -> Self {
        match status {
            WorkflowExecutionStatus::Completed => Self::Completed,
            WorkflowExecutionStatus::Failed
            | WorkflowExecutionStatus::Canceled
            | WorkflowExecutionStatus::Terminated
            | WorkflowExecutionStatus::TimedOut => Self::Failed,
            _ => Self::Running,
        }
    }
}

/// Something that is under way, or waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pending {
    /// What it is, as `ask_provider.v1`.
    pub activity: String,
    /// Whether a worker has it. If none has and no next attempt is stated, its queue has no worker or all are busy.
    pub is_taken: bool,
    /// Which attempt, counted from 1.
    pub attempt: u32,
    /// How the attempt before it ended, as `throttled`.
    pub last_end: Option<String>,
    /// When the next attempt is made, if none is under way.
    pub next_attempt: Option<SystemTime>,
}
