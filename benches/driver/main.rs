//! The figures of the driver, as a table: `cargo bench --bench driver`.
//!
//! The simulated providers run in a process of their own, so that neither their memory nor their
//! threads are the driver's. Contenders run in turn for several rounds (A B, A B, …), and a ratio is taken
//! within a round.
//!
//! - `GENESY_BENCH_ROUNDS`: rounds of the throughput (9 by default).
//! - `GENESY_BENCH_ONLY`: one of `throughput`, `hanging`, `realistic`, `rate`.

#![expect(clippy::print_stdout, reason = "the table is the product of this program")]

mod hanging;
mod rate;
mod realistic;
mod server;
mod throughput;

use std::process::ExitCode;

use genesy_core::waterfall::{LeadField, LeadInputs};
use genesy_providers::driver::{Lead, LeadId};

fn main() -> ExitCode {
    genesy_benches::harness::run(
        &[("serve", server::serve), ("hang", hanging::child)],
        &[
            ("throughput", throughput::measure),
            ("hanging", hanging::measure),
            ("realistic", realistic::measure),
            ("rate", rate::measure),
        ],
    )
}

/// Invented leads that all providers can be asked for.
fn leads(count: u32) -> impl Iterator<Item = Lead> + Send {
    (0..count).map(|row| Lead::for_phone(LeadId::of_row(row.into()), inputs(row)))
}

fn inputs(row: u32) -> LeadInputs {
    LeadInputs::default()
        .with(LeadField::FullName, &format!("Ada Number{row}"))
        .with(LeadField::Email, &format!("ada.number{row}@company{row}.example"))
        .with(LeadField::JobTitle, "CTO")
        .with(LeadField::CompanyWebsite, &format!("company{row}.example"))
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("threads")
}
