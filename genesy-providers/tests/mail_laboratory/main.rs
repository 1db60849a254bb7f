//! What the verifier makes of every behaviour of the laboratory: verdict, reason, stage and evidence.
#![cfg(all(feature = "simulated", feature = "mail"))]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod connections;
mod dns;
mod mailboxes;
mod refusals;
mod repeated;
mod replies;
mod rig;
mod time;
mod tls;
