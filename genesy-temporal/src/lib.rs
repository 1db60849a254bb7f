//! Genesy on Temporal: workflows, activities, a client and a worker, on the official Rust SDK
//! (`temporalio-sdk`).
//!
//! **Status: a skeleton.** This page says what will live here; there is no code yet, and the crate has no
//! dependencies, so that the rest of the workspace builds without the SDK's two hundred crates.
//!
//! # What will live here
//!
//! - **Two workflows**: the verification of an e-mail address, and the waterfall over providers for a lead.
//!   Each drives a machine of genesy-core; under replay the machine gives the same answers, since time and
//!   seeds are its arguments.
//! - **Activities** that call genesy-providers, with an explicit timeout and an explicit, finite retry policy
//!   each. One task queue per provider, so that the server enforces its rate limit across all workers.
//! - **A client**: start (a second start for the same lead joins the first), progress by query, result,
//!   cancel; batches of leads at a set rate.
//! - **A worker** that a service embeds or a program runs.
//!
//! # Rules
//!
//! - Workflow ids are made of opaque lead ids. No e-mail address or phone number stands in an id, a summary, a
//!   search attribute or a failure message: those are stored in the clear.
//! - A business failure is a result. A panic in workflow code would be retried for ever, so there is none.
//! - No type of the SDK appears in the public interface: the SDK still moves, and embedders should not have to.
//! - Queries have a deadline, since they hang where no worker is alive.
//!
//! # Direction of dependencies
//!
//! ```text
//! genesy-core  <-  genesy-providers  <-  genesy-temporal  <-  genesy-http (feature "temporal")
//! ```
//!
//! Nothing but this crate, and genesy-http when asked, pulls in the SDK.
