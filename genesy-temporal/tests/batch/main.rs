//! Batches of leads, on a real server.

#[path = "../rig/mod.rs"]
#[expect(dead_code, reason = "other tests use the rest of it")]
mod rig;

mod bench;
mod control;
mod counts;
mod figures;
mod limits;
mod sources;
mod trouble;
