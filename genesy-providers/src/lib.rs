//! The outside world of Genesy: data providers over HTTP, DNS, SMTP, and the drivers that run
//! genesy-core's machines on Tokio.
//!
//! **Status: a skeleton.** This page says what will live here; there is no code yet, and the crate has
//! neither features nor dependencies.
//!
//! # What will live here
//!
//! - **Providers.** `trait Provider`: asynchronous, object safe, one description (identifier, required lead
//!   fields, rate limit, cost, timeout) and one call. Three providers of phone numbers come built in: Orion
//!   Connect, Astra Dialer and Nimbus Lookup. They are *definitions*, which is to say data (address, where the
//!   key goes, how a lead becomes a request, where the number is in a response, which status means what) that
//!   one HTTP engine reads. A provider that no definition can express is written in Rust against the trait.
//! - **Errors that say what to do**, so that no caller parses text. *Retryable*: again, perhaps after a delay.
//!   *Rejected*: this provider will not take this lead, go on to the next. *Misconfigured*: a bad key, stop
//!   asking this provider and tell the operator.
//! - **DNS and SMTP** as the e-mail verification machine asks for them: resolve, connect, send, start TLS, close.
//! - **Embedded drivers.** A loop for each machine that does what its outputs ask and feeds back what
//!   happened, for services that want no workflow engine.
//! - **A conformance suite** that every implementation of `Provider` passes, the built-in ones included.
//!
//! # Features to come
//!
//! | feature | brings |
//! |---|---|
//! | `http` (default) | the HTTP engine and the built-in definitions |
//! | `mail` | DNS and SMTP |
//! | `simulated` | providers and mail servers that answer from a script, for demonstrations and tests |
//! | `conformance` | the suite, for authors of providers |
//!
//! # Rules
//!
//! - The only crate of the workspace that touches the network, but for the Temporal SDK and axum themselves.
//! - It decides nothing: which provider comes next, and whether a reply means "no mailbox", is answered by
//!   genesy-core, so that every driver gives the same answer for the same inputs.
//! - Every call has a timeout, every body a size limit. Keys are secrets, and neither they nor any personal
//!   data reach a log line or an error text.
//! - Retries happen in one layer: in the driver when embedded, in the activity under Temporal, never in the
//!   HTTP client.
//!
//! # Direction of dependencies
//!
//! ```text
//! genesy-core  <-  genesy-providers  <-  genesy-temporal, genesy-http
//! ```

#[cfg(feature = "conformance")]
pub mod conformance;
#[cfg(feature = "http")]
pub mod definition;
pub mod driver;
#[cfg(feature = "http")]
pub mod http;
pub mod journal;
mod limits;
mod provider;
#[cfg(feature = "simulated")]
pub mod simulated;

pub use self::provider::{Answer, Ask, CallError, Description, Provider, RateLimit, Reason};
