//! Genesy on Temporal: for more leads than one machine bears, and runs that outlive it.
//!
//! The same machines and providers as in the embedded drivers, bound to the official Rust SDK
//! (`temporalio-sdk`). A lead's waterfall is a workflow; a step's attempts are an activity on its provider's
//! task queue, which the server retries with the plan's own waits; a run goes on wherever a worker is left. So
//! is the verification of an address, and a batch of any number of leads.
//!
//! ```no_run
//! use genesy_core::waterfall::{LeadField, LeadInputs, default_phone_plan};
//! use genesy_providers::driver::LeadId;
//! use genesy_providers::simulated::{Options, Simulation};
//! use genesy_temporal::client::{Client, ClientOptions, PhoneRequest};
//! use genesy_temporal::worker::Worker;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::connect(ClientOptions::new("http://127.0.0.1:7233")).await?;
//! // A worker, here or on other machines. The real providers: `genesy_providers::definition::built_in()`.
//! let simulation = Simulation::start(Options::default()).await?;
//! let worker = Worker::builder(&client).providers(simulation.providers(None)).build()?.start()?;
//!
//! let lead = LeadId::new("17")?;
//! let inputs = LeadInputs::default()
//!     .with(LeadField::FullName, "Ada Lovelace")
//!     .with(LeadField::CompanyWebsite, "engines.example");
//! client.start_phone(PhoneRequest::new(lead.clone(), inputs, default_phone_plan())).await?;
//! let result = client.phone_result(&lead).await?;
//! println!("{}", result.outcome.name());
//! worker.shutdown().await?;
//! # Ok(())
//! # }
//! ```
//!
//! # Map
//!
//! | module | what it does |
//! |---|---|
//! | [`client`] | starts runs, watches and lists them, takes their results, cancels them |
//! | [`worker`] | runs workflows, and asks whom they want to be asked |
//! | [`phone`] | `phone_waterfall.v1`: the waterfall of one lead |
//! | [`email`] | `email_verification.v1`: the verification of one address |
//! | [`batch`] | `enrich_batch.v1`: the waterfalls of any number of leads, a slice at a time |
//! | [`codec`] | encrypts what the server stores (AES-256-GCM, keys by id) |
//! | [`report`] | how results and progress reach the application's own store |
//! | [`queues`] | the names of task queues |
//! | [`visibility`] | what lists of workflows show without a worker |
//! | [`replay`] | whether runs under way go on with another build; how a workflow is changed |
//! | `genesy-worker` | a worker as a program: a file and the environment, health, metrics (feature `worker`) |
//! | `dev_server` | a Temporal server on this machine, for tests and trying things out (feature `dev-server`) |
//!
//! # What is where
//!
//! - **Decisions** are genesy-core's: which provider comes next, whether and when it is tried again, what is
//!   spent. A run [delegates](genesy_core::waterfall::Waterfall::delegate) a step with all that is to be known
//!   for its attempts, and [follows](genesy_core::waterfall::Waterfall::follow) what came of them, so that
//!   ledger, events and outcome are those of the embedded driver: a test compares the two. A verification's
//!   machine is driven by genesy-providers within an activity, and handed on as its snapshot.
//! - **Retries** happen in one layer: the server's, of the activity. Each failure tells it the wait. What ends
//!   a step, as an input that is rejected, is a result.
//! - **Attempts** are kept in heartbeats, so that the next worker knows of those before it, and of one that was
//!   lost with its worker: that one counts as interrupted, and may have been charged.
//! - **Limits of calls** are the server's, for all workers together: one task queue a provider. It gives out
//!   a burst at first (16 calls within the first second were seen at 10 a second), and keeps the rate behind it.
//!
//! # Rules
//!
//! - A workflow's id is made of the lead's id alone. No e-mail address, phone number or name stands in an id, a
//!   search attribute, a failure message or a log line: those are stored in the clear.
//! - A business failure is a result. An input that cannot be read fails its run, once; a panic in workflow code
//!   would be tried again for ever, so there is none.
//! - No type of the SDK appears in the public interface: the SDK still moves, and embedders should not have to.
//! - Every call of the server has a deadline, and errors say whether the server, a worker or the run is missing.

// Which feature an item needs is shown by docs.rs, which builds with a nightly compiler.
#![cfg_attr(docsrs, feature(doc_cfg))]

/// The part of the SDK that quotes histories in its log lines, payloads and all: a program that logs turns it off.
pub const QUOTES_PAYLOADS: &str = "temporalio_sdk_core::worker::workflow";

pub mod batch;
pub mod client;
mod clock;
pub mod codec;
#[cfg(feature = "dev-server")]
pub mod dev_server;
pub mod email;
pub mod phone;
pub mod queues;
mod received;
pub mod replay;
pub mod report;
mod run;
pub mod visibility;
pub mod worker;
