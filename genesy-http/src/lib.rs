//! A minimal HTTP server for Genesy on axum: an interface in JSON, a store, and one live page.
//!
//! **Status: a skeleton.** This page says what will live here; there is no code yet, and the crate has
//! neither features nor dependencies.
//!
//! # What will live here
//!
//! - **Import**: send a leads file, see how it was understood (encoding, dialect, columns, rejected rows with
//!   their reasons), correct the mapping of columns, take over the leads.
//! - **Verification and waterfall**: start for one lead or many, follow the progress, stop. The request ends
//!   at once; the work goes on behind it, and finds that come later are kept.
//! - **A store** in SQLite, bundled: nothing to install. A restart continues where the work stopped.
//! - **A live page** with the leads, what is being done for each, and why something was not found.
//! - **Export** of the file with its own columns and ours, safe to open in a spreadsheet.
//!
//! By default the embedded drivers of genesy-providers do the work. With the feature `temporal` it runs on a
//! Temporal cluster, through genesy-temporal, and gives the same answers.
//!
//! # Rules
//!
//! - Handlers convert and delegate: no decision about leads is made here. The types of the interface are this
//!   crate's own, so that the core can change without breaking a client.
//! - Bodies, queues and batches have limits. Personal data reaches the lead's owner, never a log line.
//!
//! # Direction of dependencies
//!
//! ```text
//! genesy-core  <-  genesy-providers  <-  genesy-http
//!                  genesy-temporal   <-  genesy-http (feature "temporal")
//! ```
