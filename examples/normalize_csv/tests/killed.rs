//! A run that is killed leaves nothing under the names of its files but what was there before.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use clap::Parser;

use super::{output, rows, scratch};
use crate::{Arguments, run};

/// Rows of the file: their output is written in several pieces.
const ROWS: usize = 20_000;
/// How long the run to be killed may take to write its first piece.
const PATIENCE: Duration = Duration::from_secs(60);
/// The folder of the run to be killed.
const FOLDER_VARIABLE: &str = "GENESY_TEST_KILLED_FOLDER";
/// The name of the test that is that run.
const KILLED_RUN: &str = "tests::killed::the_run_to_be_killed";

/// A child that does not outlive its test, whatever fails.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn arguments(folder: &Path, file: &str) -> Vec<String> {
    let path = |name: &str| folder.join(name).to_str().expect("UTF-8").to_owned();
    let (clean, rejected) = (path("clean.csv"), path("rejected.csv"));
    [file, "--out", &clean, "--rejected", &rejected].map(str::to_owned).into()
}

/// Every hundredth row has no address and is rejected.
fn leads() -> String {
    let mut file = String::from("name,email,country\n");
    for row in 0..ROWS {
        let email = if row % 100 == 99 { String::new() } else { format!("a{row}@example.com") };
        file.push_str(&format!("Ada Lovelace {row},{email},Spain\n"));
    }
    file
}

fn partial(path: &Path) -> PathBuf {
    PathBuf::from(format!("{}.partial", path.display()))
}

/// The program in a process of its own: this test's, since cargo builds no example beside its tests.
/// It reads standard input, which does not end before it is killed.
#[test]
#[ignore = "another test starts it and kills it"]
fn the_run_to_be_killed() {
    let Some(folder) = std::env::var_os(FOLDER_VARIABLE) else { return };
    let arguments = arguments(Path::new(&folder), "/dev/stdin");
    let program = ["normalize_csv".to_owned()];
    let arguments = Arguments::parse_from(program.into_iter().chain(arguments));
    run(&arguments, &mut io::sink()).expect("it is killed before it can fail");
}

fn start(folder: &Path) -> Killed {
    let mut command = Command::new(std::env::current_exe().expect("a test is a program"));
    command.args(["--exact", KILLED_RUN, "--ignored"]).env(FOLDER_VARIABLE, folder);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    Killed(command.spawn().expect("it starts"))
}

#[test]
fn a_killed_run_leaves_no_half_of_a_file() {
    let folder = scratch("killed");
    fs::create_dir(&folder).expect("it is ours");
    let (clean, rejected) = (folder.join("clean.csv"), folder.join("rejected.csv"));
    fs::write(&clean, "an older file").expect("it is ours");
    let file = leads();

    // Its input goes on, so it cannot end by itself.
    let mut running = start(&folder);
    let mut input = running.0.stdin.take().expect("a pipe");
    input.write_all(&file.as_bytes()[..file.len() / 4 * 3]).expect("it reads");
    let begun = Instant::now();
    while !fs::metadata(partial(&clean)).is_ok_and(|partial| partial.len() > 0) {
        assert!(begun.elapsed() < PATIENCE, "it wrote nothing");
        assert!(running.0.try_wait().expect("a child").is_none(), "it ended");
        std::thread::sleep(Duration::from_millis(5));
    }
    running.0.kill().expect("it runs");
    assert!(!running.0.wait().expect("a child").success());
    drop(input);

    let older = fs::read_to_string(&clean).expect("it is there");
    assert!(older == "an older file", "{} bytes were written over it", older.len());
    assert!(!rejected.exists());
    assert!(partial(&clean).exists() && partial(&rejected).exists());

    // What it left does no harm to the next run, even where that writes less.
    fs::write(partial(&rejected), "x".repeat(file.len())).expect("it is ours");
    let input = folder.join("leads.csv");
    fs::write(&input, &file).expect("it is ours");
    let arguments = arguments(&folder, input.to_str().expect("UTF-8"));
    output(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let written = |path| rows(&fs::read_to_string(path).expect("it was written"));
    assert_eq!(written(&clean).len(), 1 + ROWS - ROWS / 100);
    assert_eq!(written(&rejected).len(), 1 + ROWS / 100);
    assert!(!partial(&clean).exists() && !partial(&rejected).exists());
    fs::remove_dir_all(&folder).expect("it is ours");
}
