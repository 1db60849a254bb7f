//! What the benches of the drivers share: a table of figures, and processes beside their own.

#![expect(clippy::print_stdout, reason = "the table is the product of these programs")]

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, ExitCode, Stdio};

/// What is measured, and how much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// As much as the figures need.
    Bench,
    /// Run as a test: all paths, little work.
    Test,
}

impl Size {
    /// Rounds, and what is done in each.
    pub fn rounds(self, of_bench: u32) -> (usize, u32) {
        match self {
            Self::Bench => {
                let rounds = std::env::var("GENESY_BENCH_ROUNDS");
                (rounds.map_or(9, |rounds| rounds.parse().expect("a number")), of_bench)
            }
            Self::Test => (1, 100),
        }
    }
}

/// Something that a bench does in a process of its own, by its name and with the arguments behind that.
pub type InProcess = (&'static str, fn(&[String]) -> ExitCode);

/// A figure, or some, by name.
pub type Measure = (&'static str, fn(Size));

/// The main function of a bench: does what the arguments ask for in a process of its own, or measures all;
/// with `GENESY_BENCH_ONLY` the one of that name.
pub fn run(in_process: &[InProcess], measures: &[Measure]) -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let asked = arguments.get(1).map(String::as_str);
    if let Some((_, child)) = in_process.iter().find(|(name, _)| asked == Some(name)) {
        return child(&arguments[2..]);
    }
    let is_bench = arguments.iter().any(|argument| argument == "--bench");
    let size = if is_bench { Size::Bench } else { Size::Test };
    let only = std::env::var("GENESY_BENCH_ONLY").ok();
    println!("| figure | measured | asked |\n|---|---|---|");
    for (name, measure) in measures {
        if only.as_deref().is_none_or(|only| only == *name) {
            measure(size);
        }
    }
    ExitCode::SUCCESS
}

/// The middle one of the values, which are put into order.
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// What the process has in memory, in bytes, as the kernel counts it.
pub fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok());
    kibibytes.unwrap_or(0_u64) * 1024
}

/// A process of this program that serves, and ends with this.
#[derive(Debug)]
pub struct ServerProcess(Child);

impl ServerProcess {
    /// Starts it, and gives the line that it prints once it is ready.
    pub fn start(arguments: &[&str]) -> (Self, String) {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let out: Option<ChildStdout> = child.stdout.take();
        let mut line = String::new();
        BufReader::new(out.expect("it is piped")).read_line(&mut line).expect("a line");
        (Self(child), line.trim().to_owned())
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// In such a process: says that it is ready, and waits for the one that started it to go.
pub fn stay(ready: &str) {
    println!("{ready}");
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

/// Runs a process of this program to its end, and gives the numbers that it prints.
pub fn figures_of(arguments: &[String]) -> Vec<u64> {
    let program = std::env::current_exe().expect("this program");
    let output = Command::new(program).args(arguments).output().expect("a process");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(output.status.success(), "{arguments:?}: {text}");
    text.split_whitespace().map(|figure| figure.parse().expect("a number")).collect()
}
