//! `phone_waterfall.v1`: the waterfall of one lead.
//!
//! | limit | value |
//! |---|---|
//! | one attempt | the step's timeout, and [`ATTEMPT_GRACE`] on top of it for a worker that went away |
//! | waits between attempts | the plan's, as the embedded driver makes them |
//! | all attempts of a step, and waiting for a worker | the step's worst case and [`QUEUE_TIME_MAX`] |
//! | the whole run | the plan's budget; waiting for workers does not count |
//! | the server is told of a call under way | after [`TOLD_AFTER`]: most calls end before that |
//! | lists show who is asked | first, from the beginning; then with each step that begins after [`SHOWN_AFTER`]; last, at the end |

mod activity;
mod messages;
mod state;
mod workflow;

use std::time::Duration;

pub(crate) use self::activity::{ProviderCalls, Seat};
pub(crate) use self::messages::PhoneInput;
pub use self::messages::{Asking, PhoneProgress, PhoneResult, TimedEvent};
pub(crate) use self::workflow::PhoneWaterfall;

/// How long it takes at most, behind an attempt's own timeout, until it is taken to be lost with its worker.
pub const ATTEMPT_GRACE: Duration = Duration::from_secs(2);
/// How long a call is under way when the server is told of it, by a heartbeat. That costs the server a write.
pub const TOLD_AFTER: Duration = Duration::from_millis(200);
/// How old a run is when lists begin to show each further provider: of a step that begins after that. Such a change
/// costs a sixth of what a run of two calls costs in all, and most runs end before anybody looks. It is part of the
/// workflow: another value is [another workflow](crate::replay).
pub const SHOWN_AFTER: Duration = Duration::from_secs(10);
/// How long a step waits for a worker, or its turn within the provider's rate limit.
pub const QUEUE_TIME_MAX: Duration = Duration::from_secs(600);
