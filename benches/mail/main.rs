//! The figures of the mail verifier, as a table: `cargo bench --bench mail`.
//!
//! The mail hosts run in a process of their own, so that the CPU time and the memory that are told are the
//! client's alone. Contenders run in turn for several rounds (A B, A B, …), and a ratio is taken within a
//! round. CPU time is user and system time: that of loopback's both sides among it, as far as the kernel
//! does the host's part at once.
//!
//! - `GENESY_BENCH_ROUNDS`: rounds (9 by default).
//! - `GENESY_BENCH_ONLY`: one of `single`, `rate`, `batched`, `hanging`.

#![expect(clippy::print_stdout, reason = "the table is the product of this program")]

mod bare;
mod batched;
mod checks;
mod hanging;
mod process;
mod rate;
mod server;
mod single;

use std::process::ExitCode;

fn main() -> ExitCode {
    genesy_benches::harness::run(
        &[("serve", server::serve), ("hang", hanging::child)],
        &[
            ("single", single::measure),
            ("rate", rate::measure),
            ("batched", batched::measure),
            ("hanging", hanging::measure),
        ],
    )
}
