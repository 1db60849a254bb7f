//! The mail laboratory: each thing that its servers can do really happens, seen by plain clients.
#![cfg(all(feature = "simulated", feature = "mail"))]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod client;
mod dns;
mod hosts;
mod socks5;
mod tls;
mod tricks;
#[path = "../trusting/mod.rs"]
mod trusting;
