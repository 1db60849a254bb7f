//! The worker: runs workflows, and asks whom they want to be asked.
//!
//! A worker polls one task queue each for workflows, for the application's store, for the mail hosts and for each
//! provider that it has. Workers on other machines may have others of them.
//!
//! | limit | default | set by |
//! |---|---|---|
//! | calls of one provider under way in this worker: several have as many times that | the provider's own limit, else 100 ([`CALLS_MAX_DEFAULT`]) | its description, else [`Builder::calls_max`] |
//! | calls of one provider a second, of all workers together | the provider's own limit | its description |
//! | addresses that are verified at a time | 200 ([`VERIFICATIONS_MAX_DEFAULT`]) | [`Builder::verifications_max`] |
//! | reports and slices of batches at a time | 100 ([`REPORTS_MAX`]) | |
//! | workflows that are kept in memory | 1,000 ([`CACHED_WORKFLOWS_MAX_DEFAULT`]) | [`Builder::cached_workflows_max`] |
//! | workflows that take a step at a time | 100 ([`WORKFLOW_SLOTS_DEFAULT`]) | [`Builder::workflow_slots`] |
//! | calls that are under way when it is shut down | 30 s ([`GRACE_DEFAULT`]) | [`Builder::grace`] |

mod builder;
mod metrics;
mod run;

use std::time::Duration;

pub use self::builder::{Builder, WorkerError};
pub use self::run::{RunningWorker, Worker};

/// Calls of one provider under way at a time in one worker, where its description says nothing.
pub const CALLS_MAX_DEFAULT: usize = 100;
/// Addresses that one worker verifies at a time, where nobody says otherwise.
pub const VERIFICATIONS_MAX_DEFAULT: usize = 200;
/// Reports to the application's store, and slices of batches, at a time in one worker.
pub const REPORTS_MAX: usize = 100;
/// Workflows that are kept in memory, where nobody says otherwise.
pub const CACHED_WORKFLOWS_MAX_DEFAULT: usize = 1000;
/// Workflows that take a step at a time, where nobody says otherwise.
pub const WORKFLOW_SLOTS_DEFAULT: usize = 100;
/// How long calls that are under way may take when a worker is shut down, where nobody says otherwise.
pub const GRACE_DEFAULT: Duration = Duration::from_secs(30);
