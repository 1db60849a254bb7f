//! The outside world of Genesy: providers of data over HTTP, mail servers, and the drivers that run
//! genesy-core's machines on Tokio.
//!
//! ```
//! use genesy_core::waterfall::{LeadField, LeadInputs, Outcome, default_phone_plan};
//! use genesy_providers::driver::{Driver, Lead, LeadId};
//! # #[cfg(feature = "simulated")]
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use genesy_providers::simulated::{Options, Simulation};
//!
//! // The three providers as a server on this machine. The real ones: `definition::built_in()`, each made
//! // a provider by `http::HttpProvider::from_env`.
//! let simulation = Simulation::start(Options { time_scale: 0.0, ..Options::default() }).await?;
//! let driver = Driver::builder(default_phone_plan()).providers(simulation.providers(None)).build()?;
//!
//! let inputs = LeadInputs::default()
//!     .with(LeadField::FullName, "Ada Lovelace")
//!     .with(LeadField::CompanyWebsite, "engines.example")
//!     .with(LeadField::Email, "ada.lovelace@engines.example");
//! let finished = driver.run(Lead::for_phone(LeadId::new("17")?, inputs)).await?;
//! match &finished.outcome {
//!     Outcome::Found(found) => assert!(found.value.e164.is_some()),
//!     other => assert!(["no_data_found", "inconclusive"].contains(&other.name())),
//! }
//! # Ok(())
//! # }
//! # #[cfg(feature = "simulated")]
//! # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
//! ```
//!
//! # Map
//!
//! | module | what it does | feature |
//! |---|---|---|
//! | [`Provider`] | who can be asked, one question, and errors that say what to do | always |
//! | [`driver`] | runs waterfalls: one lead or many, events, cancelling, shutdown | always |
//! | [`journal`] | where runs are stored, so that a killed process goes on | always |
//! | [`definition`] | providers as data: a TOML file each, three of them built in | `http` |
//! | [`http`] | the engine that asks providers as their definitions say; the only code here that sends lead data | `http` |
//! | [`mail`] | verifies e-mail addresses by DNS and SMTP; the only code here that connects to mail servers | `mail` |
//! | [`simulated`] | the three built-in providers as a server on loopback, with faults to switch on; with `mail` also mail hosts and a DNS server | `simulated` |
//! | [`conformance`] | the suite that every provider passes; with `mail` and `simulated` also that of drivers of verifications | `conformance` |
//!
//! # Adding a provider
//!
//! One file: see `examples/custom_provider/acme_phones.toml`, and `provider.schema.json` for editors. It is
//! read by [`definition::Definition::read`]. What no definition can express is written in Rust against
//! [`Provider`]. Either way, the conformance suite says whether it keeps what a provider promises.
//!
//! # Rules
//!
//! - It decides nothing: which provider comes next, whether another attempt is made and what a find is
//!   worth is answered by genesy-core, so that every driver gives the same answer for the same inputs.
//! - Every call has a timeout, every body a size limit, every wait for a turn an end.
//! - Retries happen in one layer, the plan's: neither engine nor HTTP client makes a second call.
//! - Keys are secrets, and neither they nor personal data reach a log line, an event or an error text.
//!
//! # What is logged
//!
//! By `tracing`: an error when a provider turns out to be misconfigured, once; a warning if the system
//! trusts no certificates; at level debug, why a call told nothing. Leads are named by their
//! [`driver::LeadId`] alone.

// Which feature an item needs is shown by docs.rs, which builds with a nightly compiler.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "conformance")]
pub mod conformance;
#[cfg(feature = "http")]
pub mod definition;
pub mod driver;
#[cfg(feature = "http")]
pub mod http;
pub mod journal;
mod limits;
#[cfg(feature = "mail")]
pub mod mail;
mod provider;
#[cfg(feature = "simulated")]
pub mod simulated;

pub use self::provider::{
    Answer, Ask, CallError, Description, Provider, RateLimit, Reason, ask_once, reply,
};
