//! The table of throughputs and ratios, as Markdown: `cargo bench --bench ratios`.
//!
//! All contenders run in one process, one after the other, for several rounds (A B C, A B C, ...), and a
//! ratio is taken within a round. So a machine that slows down for a while slows all of them, and the
//! median of the ratios hardly moves. Criterion, which measures one contender at a time, is for
//! comparing a function with its own past.
//!
//! - `GENESY_BENCH_ROUNDS`: rounds per shape.
//! - `GENESY_BENCH_MB`: size of each file in MB (10^6 bytes).

#![expect(clippy::print_stdout, reason = "the table is the product of this program")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

use genesy_benches::contenders::{self, BASELINE, Contender};
use genesy_benches::leads::{LeadsFile, Shape};

/// Rounds per shape where `GENESY_BENCH_ROUNDS` is not set.
const ROUNDS_DEFAULT: usize = 25;

/// Size of the files when this is run as a test, in bytes.
const BYTES_IN_TEST: usize = 100_000;

/// What one contender did with one shape.
struct Figure {
    megabytes_per_second: f64,
    times_baseline: f64,
    records: u64,
}

fn main() {
    // Cargo passes `--bench` when benching, and nothing when it runs all targets as tests. All other
    // arguments are meant for Criterion.
    let benching = std::env::args().any(|argument| argument == "--bench");
    let rounds = if benching { rounds() } else { 1 };
    let mut table: BTreeMap<(&str, &str), Figure> = BTreeMap::new();
    let mut written = BTreeMap::new();
    for shape in Shape::ALL {
        let file = if benching {
            LeadsFile::from_environment(shape)
        } else {
            LeadsFile::new(shape, BYTES_IN_TEST, 1)
        };
        for (contender, figure) in measure(&file, rounds) {
            table.insert((contender.name, shape.name()), figure);
        }
        written.insert(shape.name(), file.records);
    }
    print_table(&table, rounds);
    print_records(&table, &written);
}

fn rounds() -> usize {
    std::env::var("GENESY_BENCH_ROUNDS").map_or(ROUNDS_DEFAULT, |value| {
        let rounds = value.parse().expect("GENESY_BENCH_ROUNDS is a whole number");
        assert!(rounds > 0, "GENESY_BENCH_ROUNDS is at least 1");
        rounds
    })
}

/// Runs every contender once per round, in turn.
fn measure(file: &LeadsFile, rounds: usize) -> Vec<(&'static Contender, Figure)> {
    let contenders = contenders::checked(file);
    // seconds[contender][round]
    let mut seconds = vec![Vec::with_capacity(rounds); contenders.len()];
    let mut records = vec![0; contenders.len()];
    for _ in 0..rounds {
        for (index, contender) in contenders.iter().enumerate() {
            let started = Instant::now();
            records[index] = (contender.run)(black_box(file));
            seconds[index].push(started.elapsed().as_secs_f64());
        }
    }
    let baseline = contenders.iter().position(|contender| contender.name == BASELINE);
    let baseline = seconds[baseline.expect("the baseline reads every shape")].clone();
    let megabytes = file.bytes.len() as f64 / 1e6;
    contenders
        .into_iter()
        .zip(seconds)
        .zip(records)
        .map(|((contender, seconds), records)| {
            let ratios = baseline.iter().zip(&seconds).map(|(base, own)| base / own).collect();
            let figure = Figure {
                megabytes_per_second: megabytes / median(seconds),
                times_baseline: median(ratios),
                records,
            };
            (contender, figure)
        })
        .collect()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        f64::midpoint(values[middle - 1], values[middle])
    }
}

fn print_table(table: &BTreeMap<(&str, &str), Figure>, rounds: usize) {
    println!("\nMB/s (times {BASELINE}), medians of {rounds} interleaved rounds\n");
    print_rows(|contender, shape| {
        table.get(&(contender.name, shape.name())).map(|figure| {
            format!("{:.0} ({:.2})", figure.megabytes_per_second, figure.times_baseline)
        })
    });
}

/// Speed says little about a reader that loses records, so what each one found stands beside it.
fn print_records(table: &BTreeMap<(&str, &str), Figure>, written: &BTreeMap<&str, u64>) {
    println!("\nRecords found, of those written\n");
    print_rows(|contender, shape| {
        let figure = table.get(&(contender.name, shape.name()))?;
        let written = written[shape.name()];
        Some(if figure.records == written {
            "all".to_owned()
        } else {
            format!("{:.1} %", 100.0 * figure.records as f64 / written as f64)
        })
    });
}

/// A Markdown table with a row per contender and a column per shape.
fn print_rows(cell: impl Fn(&Contender, Shape) -> Option<String>) {
    let names = Shape::ALL.map(Shape::name);
    println!("| | {} |", names.join(" | "));
    println!("|---|{}", "---:|".repeat(names.len()));
    for contender in contenders::all() {
        let cells = Shape::ALL.map(|shape| cell(contender, shape).unwrap_or_default());
        println!("| {} | {} |", contender.name, cells.join(" | "));
    }
}
