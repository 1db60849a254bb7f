//! wip
pub mod client;
mod clock;
#[cfg(feature = "dev-server")]
pub mod dev_server;
pub mod phone;
pub mod queues;
mod received;
pub mod replay;
pub mod report;
pub mod visibility;
pub mod worker;
