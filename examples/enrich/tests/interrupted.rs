//! A run that is killed, or interrupted by Ctrl-C, goes on where it was.

use std::fs;
use std::process::{Child, Command, Output};
use std::time::{Duration, Instant};

use genesy_providers::simulated::{Options, SimulatedProvider, Simulation, behaviour};
use serde_json::json;

use super::{Scratch, column, error, output, program, rows, simulation};

const LEADS: usize = 48;
const CONCURRENCY: u64 = 4;
/// Requests to the first provider at which the run is ended.
const ENDED_AT: u64 = 20;
/// How long the run may take until then.
const PATIENCE: Duration = Duration::from_secs(60);
const SEED: u64 = 1;

/// A child that does not outlive its test, whatever fails.
struct Running(Option<Child>);

impl Running {
    fn start(mut command: Command) -> Self {
        Self(Some(command.spawn().expect("it starts")))
    }

    fn child(&mut self) -> &mut Child {
        self.0.as_mut().expect("it was not waited for")
    }

    fn wait(mut self) -> Output {
        self.0.take().expect("it was not waited for").wait_with_output().expect("a child")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Leads whose calls never fail: what is found does not depend on how often anybody was asked.
fn leads() -> String {
    let mut file = String::from("first name,last name,email,job title,website,country\n");
    let names = (0..).map(|n| format!("Number{n}")).filter(|name| {
        let email = format!("ada.{name}@example.coffee");
        let bodies = [
            json!({"fullName": format!("Ada {name}"), "companyWebsite": "example.coffee"}),
            json!({"email": email}),
            json!({"email": email, "jobTitle": "CTO"}),
        ];
        SimulatedProvider::ALL
            .into_iter()
            .zip(bodies)
            .all(|(who, body)| (1..=4).all(|nth| behaviour(SEED, who, &body, nth).status == 200))
    });
    for name in names.take(LEADS) {
        file.push_str(&format!("Ada,{name},ada.{name}@example.coffee,CTO,example.coffee,US\n"));
    }
    file
}

fn requests(simulation: &Simulation) -> u64 {
    SimulatedProvider::ALL.into_iter().map(|who| simulation.requests(who)).sum()
}

/// Ends a run by `end` when it is half done, and goes on. What the ended one gave, how many requests
/// were made in all, and how many an undisturbed run makes.
fn ended_and_resumed(name: &str, end: impl Fn(&mut Child)) -> (Output, u64, u64) {
    let scratch = Scratch::new(name);
    let (file, out) = (scratch.text("leads.csv"), scratch.text("out.csv"));
    fs::write(&file, leads()).expect("it is ours");
    let undisturbed = scratch.text("undisturbed.csv");
    output(&[&file, "--time-scale", "0", "--no-verify", "--out", &undisturbed]);
    let undisturbed = rows(&scratch.path("undisturbed.csv"));

    let options = Options { seed: SEED, time_scale: 0.02, ..Options::default() };
    let (_runtime, simulation) = simulation(options);
    let concurrency = CONCURRENCY.to_string();
    let arguments = [
        &file,
        "--live",
        "--base-url",
        simulation.base_url(),
        "--concurrency",
        &concurrency,
        "--out",
        &out,
    ];
    let mut running = Running::start(program(&arguments));
    let begun = Instant::now();
    while simulation.requests(SimulatedProvider::OrionConnect) < ENDED_AT {
        assert!(begun.elapsed() < PATIENCE, "it asks nobody");
        assert!(running.child().try_wait().expect("a child").is_none(), "it ended");
        std::thread::sleep(Duration::from_millis(5));
    }
    end(running.child());
    let ended = running.wait();
    assert!(!scratch.path("out.csv").exists() && scratch.path("out.csv.journal").exists());

    // It goes on only if it is told to, and only with the same file.
    assert!(error(&[&file, "--out", &out]).contains("go on with it by --resume"));
    let other = scratch.text("other.csv");
    fs::write(&other, leads().replace("CTO", "CEO")).expect("it is ours");
    let other = error(&[&other, "--out", &out, "--resume"]);
    assert!(other.contains("the journal of another leads file"), "{other}");

    let resumed = program(&[&arguments[..], &["--resume"]].concat()).output().expect("it runs");
    assert!(resumed.status.success(), "{}", String::from_utf8_lossy(&resumed.stderr));
    let table = rows(&scratch.path("out.csv"));
    let attempts = column(&table, "phone_attempts");
    let seen = |row: &Vec<String>| row[..attempts].to_vec();
    assert_eq!(table.len(), 1 + LEADS);
    assert_eq!(
        table.iter().map(seen).collect::<Vec<_>>(),
        undisturbed.iter().map(seen).collect::<Vec<_>>()
    );
    assert!(!scratch.path("out.csv.journal").exists() && !scratch.path("out.csv.partial").exists());
    let asked = undisturbed[1..].iter().map(|row| row[attempts].parse::<u64>().expect("a number"));
    (ended, requests(&simulation), asked.sum())
}

#[test]
fn a_killed_run_asks_nothing_again_that_was_answered() {
    let (killed, requests, asked) = ended_and_resumed("killed", |child| {
        child.kill().expect("it runs");
    });
    assert!(!killed.status.success());
    // Only the calls that were under way were made for nothing.
    assert!((asked..=asked + CONCURRENCY).contains(&requests), "{requests} for {asked}");
}

#[test]
fn ctrl_c_loses_nothing_and_says_how_to_go_on() {
    let (stopped, requests, asked) = ended_and_resumed("stopped", |child| {
        let interrupt = format!("kill -INT {}", child.id());
        let status = Command::new("sh").args(["-c", &interrupt]).status();
        assert!(status.expect("a shell").success());
    });
    let (out, message) =
        (String::from_utf8_lossy(&stopped.stdout), String::from_utf8_lossy(&stopped.stderr));
    assert_eq!(stopped.status.code(), Some(130), "{out}{message}");
    assert!(message.contains("Stopping: up to 10 s") && out.contains("with --resume goes on"));
    assert_eq!(requests, asked, "calls that were under way came to their end");
}
