//! Batches of leads, on a real server.

#[path = "../rig/mod.rs"]
mod rig;

mod bench;
mod control;
mod counts;
mod figures;
mod limits;
mod sources;
mod trouble;
