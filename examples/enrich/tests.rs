//! The example's output, compared with what the README shows, and the files it writes.

mod files;
#[cfg(unix)]
mod interrupted;
mod live;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, io};

use clap::Parser;
use genesy_providers::simulated::{Options, Simulation};
use tokio::runtime::Runtime;

use super::{Arguments, enrich, exit_code};

/// The arguments of the program in a process of its own, one a line.
const ARGUMENTS_VARIABLE: &str = "GENESY_TEST_ENRICH_ARGUMENTS";

/// A folder of a test's own, which goes with it.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let folder = env::temp_dir().join(format!("genesy-enrich-{}-{name}", std::process::id()));
        fs::create_dir(&folder).expect("it is ours");
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().expect("UTF-8").to_owned()
    }

    /// The files in it.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).expect("it is ours");
        let name = |entry: fs::DirEntry| entry.file_name().to_str().expect("UTF-8").to_owned();
        let mut names: Vec<_> = entries.map(|entry| name(entry.expect("an entry"))).collect();
        names.sort();
        names
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Few leads at a time: tests run side by side, and a process may have only so many connections.
fn arguments(of: &[&str]) -> Arguments {
    Arguments::parse_from(["enrich", "--concurrency", "10"].iter().chain(of))
}

/// What the program prints.
fn output(of: &[&str]) -> String {
    let mut out = Vec::new();
    let is_done = enrich(&arguments(of), &mut out);
    let out = String::from_utf8(out).expect("the output is UTF-8");
    assert!(is_done.unwrap_or_else(|error| panic!("{error}\n{out}")), "{out}");
    out
}

/// What the program says when it fails.
fn error(of: &[&str]) -> String {
    let mut out = Vec::new();
    let error = enrich(&arguments(of), &mut out).expect_err("it fails");
    error.to_string()
}

/// The program in a process of its own: this test's, since cargo builds no example beside its tests. It
/// has the published test keys.
fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env::current_exe().expect("a test is a program"));
    command.args(["--exact", "tests::the_program", "--ignored", "--nocapture"]);
    command.env(ARGUMENTS_VARIABLE, arguments.join("\n")).env("NO_PROXY", "127.0.0.1");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.envs(keys());
    command
}

/// What `keys.example.env` sets.
fn keys() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = include_str!("keys.example.env").lines();
    lines.filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='))
}

#[test]
#[ignore = "other tests start it in a process of its own"]
fn the_program() {
    let Ok(arguments) = env::var(ARGUMENTS_VARIABLE) else { return };
    let arguments = Arguments::parse_from(["enrich"].into_iter().chain(arguments.lines()));
    std::process::exit(exit_code(&arguments, &mut io::stdout()).into());
}

/// The providers outside of the program, for as long as the runtime is there.
fn simulation(options: Options) -> (Runtime, Simulation) {
    let runtime = Runtime::new().expect("threads");
    let simulation = runtime.block_on(Simulation::start(options)).expect("a port");
    (runtime, simulation)
}

/// The records of a CSV file, header first.
fn rows(path: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(path).expect("a file");
    let cells = |row: csv::StringRecord| row.iter().map(str::to_owned).collect();
    let rows = reader.records();
    rows.map(|row| cells(row.expect("RFC 4180, every row as wide as the first"))).collect()
}

/// The place of a column.
fn column(rows: &[Vec<String>], name: &str) -> usize {
    rows[0].iter().position(|cell| cell == name).unwrap_or_else(|| panic!("no column {name}"))
}

/// The lines that do not tell of time.
fn timeless(output: &str) -> String {
    let is_timeless = |line: &&str| !line.starts_with("Time ") && !line.starts_with("Simulated ");
    output.lines().filter(is_timeless).map(|line| format!("{line}\n")).collect()
}

#[test]
fn the_report_is_the_one_that_the_readme_shows() {
    let report = timeless(&output(&["--time-scale", "0"]));
    let expected = include_str!("expected.txt");
    assert_eq!(report, expected, "\n{report}\nis not examples/enrich/expected.txt");
    let readme = include_str!("../../README.md");
    let from = expected.find("\nResult\n").expect("a result");
    assert!(readme.contains(expected[from..].trim()), "README.md shows another result");
    let forecast = expected.find("Forecast").expect("a forecast");
    let behind = expected.find("\nThe first ").expect("the leads");
    assert!(readme.contains(expected[forecast..behind].trim()), "README.md shows another forecast");
}

#[test]
fn another_seed_gives_other_answers() {
    let of = |seed| timeless(&output(&["--time-scale", "0", "--seed", seed]));
    assert_eq!(of("5"), of("5"));
    assert_ne!(of("5"), of("6"));
}

#[test]
fn all_that_is_asked_for_shows_in_the_result() {
    let of = |option: &[&str]| output(&[&["--time-scale", "0"], option].concat());
    assert!(of(&["--refresh"]).contains("| already_there | 0 "));
    let mobile = of(&["--rule", "mobile-only"]);
    let rows = mobile.lines().filter(|line| line.contains("| found "));
    assert!(rows.filter(|line| line.contains('+')).all(|line| line.contains("| mobile ")));
    assert_ne!(timeless(&mobile), timeless(&of(&["--rule", "any"])));
}

#[test]
fn a_dry_run_sends_nothing_and_writes_nothing() {
    let scratch = Scratch::new("dry");
    let out = scratch.text("out.csv");
    let report = output(&["--dry-run", "--out", &out]);
    assert!(report.contains("Forecast, before anything is sent") && !report.contains("Result"));
    assert!(report.ends_with("nothing was sent.\n"));
    assert_eq!(scratch.names(), [""; 0]);
}

#[test]
fn what_is_learned_makes_the_next_forecast() {
    let scratch = Scratch::new("statistics");
    let statistics = scratch.text("known.json");
    let of = |option: &[&str]| output(&[&["--statistics", &statistics], option].concat());
    assert!(of(&["--time-scale", "0"]).contains("| orion_connect | assumed "));
    let forecast = of(&["--dry-run"]);
    assert!(forecast.contains("| orion_connect | 9") && forecast.contains(" answers seen "));
    fs::write(scratch.path("known.json"), "no JSON").expect("it is ours");
    assert!(error(&["--statistics", &statistics]).contains("no statistics of this program"));
}
