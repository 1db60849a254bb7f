//! The tests of runs, on Temporal: the same behaviours whoever does the work.
#![expect(clippy::unwrap_used, reason = "a test may end so")]

#[path = "runs_email.rs"]
mod email;
#[path = "runs_jobs.rs"]
mod jobs;
#[path = "runs_phone.rs"]
mod phone;
#[path = "runs_restart.rs"]
mod restart;
