//! What a run and its driver say to each other.

use serde::{Deserialize, Serialize};

use super::ledger::{AttemptResult, Outcome, Skip};
use super::plan::ProviderId;
use crate::time::Timestamp;

/// What the driver is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action<V> {
    /// Ask a provider. It is said once; the reply comes by [`Input::Reply`].
    Call(Call),
    /// Wait for the reply to the running call, until then at most.
    Wait {
        /// The call's deadline.
        until: Timestamp,
    },
    /// Come back then. Nothing is under way, so all but the snapshot may be dropped.
    Sleep {
        /// When the next attempt is due.
        until: Timestamp,
    },
    /// The run has ended.
    Done(Outcome<V>),
}

/// A call to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// What the reply must name.
    pub id: CallId,
    /// Who is to be asked.
    pub provider: ProviderId,
    /// When it is given up.
    pub deadline: Timestamp,
}

/// One call of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CallId {
    /// The step of the plan, counted from 0.
    pub step: u8,
    /// Which attempt of the step, counted from 1.
    pub attempt: u8,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Input<V> {
    /// A call ended.
    Reply {
        /// Which one.
        call: CallId,
        /// How.
        reply: Reply<V>,
    },
    /// The run was ready for a call, and had to wait this long for its turn, in microseconds, as for a
    /// limit of calls per second. That does not count into its total time.
    Waited {
        /// How long.
        us: u64,
    },
    /// The driver started again: a call that was running then will not be answered any more. The time
    /// since the run was last told the time does not count into its total.
    Interrupted,
    /// The caller wants no more.
    Cancel,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply<V> {
    /// The provider found this.
    Hit(V),
    /// It has nothing.
    Miss,
    /// It failed, and may not another time.
    Failed {
        /// How long it asks to be left alone, in milliseconds.
        retry_after_ms: Option<u64>,
    },
    /// It was asked too often.
    Throttled {
        /// How long it asks to be left alone, in milliseconds.
        retry_after_ms: Option<u64>,
    },
    /// It gave no answer in its time.
    TimedOut,
    /// What it answered could not be read: cut off, too long, or not of its form.
    Unreadable,
    /// It does not take this lead's data.
    InputRejected,
    /// It does not know the caller, as with a wrong key.
    Misconfigured,
}

impl<V> Reply<V> {
    /// What came of the attempt, if its rule accepts what was found, and how long the provider asks to
    /// be left alone, in milliseconds.
    pub(super) const fn result(&self) -> (AttemptResult, Option<u64>) {
        match self {
            Self::Hit(_) => (AttemptResult::Hit, None),
            Self::Miss => (AttemptResult::Miss, None),
            Self::Failed { retry_after_ms } => (AttemptResult::Failed, *retry_after_ms),
            Self::Throttled { retry_after_ms } => (AttemptResult::Throttled, *retry_after_ms),
            Self::TimedOut => (AttemptResult::TimedOut, None),
            Self::Unreadable => (AttemptResult::Unreadable, None),
            Self::InputRejected => (AttemptResult::InputRejected, None),
            Self::Misconfigured => (AttemptResult::Misconfigured, None),
        }
    }
}

/// Something that a person who watches wants to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// A step is not taken.
    Skipped(Skip),
    /// A provider is asked.
    Calling(CallId),
    /// An attempt ended; a rejected one is a find that the step's rule does not accept.
    Ended {
        /// Which one.
        call: CallId,
        /// How.
        result: AttemptResult,
    },
    /// Another attempt is made after a while.
    RetryIn {
        /// The one that is made then.
        call: CallId,
        /// How long until then, in milliseconds.
        delay_ms: u64,
    },
    /// The run ended.
    Finished,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Progress {
    /// Steps behind it.
    pub steps_done: u8,
    /// Steps in all.
    pub steps: u8,
    /// The call that is running or waited for.
    pub call: Option<CallId>,
}
