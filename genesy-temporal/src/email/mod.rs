//! `email_verification.v1`: the verification of one address.
//!
//! A worker of the mail queue drives genesy-core's machine, and each heartbeat holds the machine as it is: when
//! the worker is lost, the next one goes on from there. Where a server greylists, the workflow sleeps and
//! holds nothing but the machine.
//!
//! | limit | value |
//! |---|---|
//! | the verification | the machine's own: [`Limits::total_ms`], sleeping and queueing apart |
//! | waiting for workers, before it begins, between them and after each sleep | [`WORKER_TIME_MAX_DEFAULT`], or what the request says, on top of the machine's limits |
//! | until a worker is taken to be lost | [`HEARTBEAT_TIME_MAX`] |
//! | one attempt | the machine's limits, and [`ATTEMPT_GRACE`] on top of them |
//! | attempts | as many as there is time for |
//!
//! When that time is over and nobody went on, the workflow tells the machine the time, and the machine says how
//! it ended: [`EmailOutcome::WorkersLost`]. Where no worker took it at all: [`EmailOutcome::NoWorker`].
//!
//! All times are those of the server's clock, as it stands with each attempt: workers whose clocks differ go on
//! with each other's verifications, and a clock that skips time does no harm.
//!
//! [`Limits::total_ms`]: genesy_core::verification::Limits::total_ms

mod activity;
mod messages;
mod state;
mod workflow;

use std::time::Duration;

pub(crate) use self::activity::{Seen, Verifications};
pub(crate) use self::messages::EmailInput;
pub use self::messages::{EmailOutcome, EmailProgress, EmailResult, EmailStanding};
pub(crate) use self::state::standing_after;
pub(crate) use self::workflow::EmailVerification;

/// How long a verification waits for workers, where its request says nothing.
pub const WORKER_TIME_MAX_DEFAULT: Duration = Duration::from_secs(60);
/// How long nothing may be heard of a worker until it is taken to be lost.
pub const HEARTBEAT_TIME_MAX: Duration = Duration::from_secs(5);
/// How often a worker is heard of, if nothing happens.
pub const HEARTBEAT_EVERY: Duration = Duration::from_secs(1);
/// How much longer than its own limits an attempt may take until it is taken to hang.
pub const ATTEMPT_GRACE: Duration = Duration::from_secs(2);
