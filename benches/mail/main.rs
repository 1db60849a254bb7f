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

/// What is measured, and how much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Size {
    Bench,
    /// Run as a test: all paths, little work.
    Test,
}

impl Size {
    /// Rounds, and the number of checks of each.
    fn rounds(self, checks: u32) -> (usize, u32) {
        match self {
            Self::Bench => {
                let rounds = std::env::var("GENESY_BENCH_ROUNDS");
                (rounds.map_or(9, |rounds| rounds.parse().expect("a number")), checks)
            }
            Self::Test => (1, 100),
        }
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    // The bench starts itself for what needs a process of its own.
    match arguments.get(1).map(String::as_str) {
        Some("serve") => return server::serve(&arguments[2..]),
        Some("hang") => return hanging::child(&arguments[2..]),
        _ => {}
    }
    let is_bench = arguments.iter().any(|argument| argument == "--bench");
    let size = if is_bench { Size::Bench } else { Size::Test };
    let only = std::env::var("GENESY_BENCH_ONLY").ok();
    println!("| figure | measured | asked |\n|---|---|---|");
    let measure = |name: &str, measure: fn(Size)| {
        if only.as_deref().is_none_or(|only| only == name) {
            measure(size);
        }
    };
    measure("single", single::measure);
    measure("rate", rate::measure);
    measure("batched", batched::measure);
    measure("hanging", hanging::measure);
    ExitCode::SUCCESS
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
