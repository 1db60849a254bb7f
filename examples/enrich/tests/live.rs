//! `--live`, at a simulation outside of the program.

use std::fs;

use genesy_providers::simulated::{Options, SimulatedProvider, Simulation};

use super::{Scratch, column, error, output, program, rows, simulation};

fn requests(simulation: &Simulation) -> u64 {
    SimulatedProvider::ALL.into_iter().map(|who| simulation.requests(who)).sum()
}

fn fast() -> Options {
    Options { time_scale: 0.0, ..Options::default() }
}

#[test]
fn the_providers_are_asked_at_the_address_that_is_given() {
    let scratch = Scratch::new("live");
    let (_runtime, simulation) = simulation(fast());
    let (live, simulated) = (scratch.text("live.csv"), scratch.text("simulated.csv"));
    let url = simulation.base_url();
    let done = program(&["--live", "--base-url", url, "--out", &live]).output().expect("it runs");
    let text = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{text}{}", String::from_utf8_lossy(&done.stderr));

    let host = url.strip_prefix("http://").and_then(|rest| rest.split('/').next()).expect("a host");
    assert!(text.contains("--live: lead data leaves this machine."));
    assert!(text.contains(&format!(
        "full_name, company_website of up to 99 leads go to orion_connect ({host})"
    )));
    assert!(text.contains("Cost      not known"), "{text}");

    // The same leads, seed and definitions: the same answers as without --live.
    output(&["--time-scale", "0", "--no-verify", "--out", &simulated]);
    let (live, simulated) = (rows(&scratch.path("live.csv")), rows(&scratch.path("simulated.csv")));
    let attempts = column(&live, "phone_attempts");
    let seen = |row: &Vec<String>| row[..=attempts].to_vec();
    assert_eq!(
        live.iter().map(seen).collect::<Vec<_>>(),
        simulated.iter().map(seen).collect::<Vec<_>>()
    );
    let asked = live[1..].iter().map(|row| row[attempts].parse::<u64>().expect("a number"));
    assert_eq!(asked.sum::<u64>(), requests(&simulation));
}

#[test]
fn all_keys_that_are_missing_are_named_before_anything_is_sent() {
    let scratch = Scratch::new("keys");
    let (_runtime, simulation) = simulation(fast());
    let out = scratch.text("out.csv");
    let mut program = program(&["--live", "--base-url", simulation.base_url(), "--out", &out]);
    let program = program.env_remove("ORION_CONNECT_KEY").env_remove("NIMBUS_LOOKUP_KEY");
    let done = program.output().expect("it runs");
    assert_eq!(done.status.code(), Some(1));
    let message = String::from_utf8_lossy(&done.stderr);
    assert!(message.contains("ORION_CONNECT_KEY") && message.contains("NIMBUS_LOOKUP_KEY"));
    assert!(!message.contains("ASTRA_DIALER_KEY") && message.lines().count() == 1, "{message}");
    assert_eq!(requests(&simulation), 0);
    assert_eq!(scratch.names(), [""; 0]);
}

#[test]
fn a_provider_that_does_not_know_the_key_is_named_loudly_and_once() {
    let (_runtime, simulation) = simulation(fast());
    let mut program = program(&["--live", "--base-url", simulation.base_url()]);
    let done = program.env("ASTRA_DIALER_KEY", "wrong").output().expect("it runs");
    assert!(done.status.success());
    let (out, message) =
        (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert_eq!(message.matches("!!! astra_dialer IS ASKED NO MORE").count(), 1, "{message}");
    assert!(out.contains("!!! astra_dialer is misconfigured"), "{out}");
    assert!(!out.contains("wrong") && !message.contains("wrong"), "keys are not shown");
}

#[test]
fn more_providers_come_as_files() {
    let scratch = Scratch::new("provider");
    let definition = "id = \"acme\"\ntimeout_ms = 1000\n[request]\nmethod = \"GET\"\n\
        base_url = \"https://phones.example.com\"\npath = \"{email}\"\n[auth]\nplace = \"none\"\n\
        [response]\nphone = [\"/phone\"]\n";
    fs::write(scratch.path("acme.toml"), definition).expect("it is ours");
    let file = scratch.text("acme.toml");
    let report = output(&["--live", "--dry-run", "--provider", &file]);
    assert!(report.contains("| acme          | nothing known |"), "{report}");
    assert!(report.contains("leads go to acme (phones.example.com)"), "{report}");
    assert!(report.contains("leads go to nimbus_lookup (api.genesy.ai)"), "{report}");

    let twice = error(&["--live", "--dry-run", "--provider", &file, "--provider", &file]);
    assert!(twice.contains("acme"), "{twice}");
    fs::write(scratch.path("acme.toml"), "id = 5").expect("it is ours");
    assert!(error(&["--live", "--dry-run", "--provider", &file]).contains("acme.toml:1: id"));
    for url in ["localhost", "ftp://localhost/", "http://"] {
        assert!(
            error(&["--live", "--dry-run", "--base-url", url]).contains("--base-url: "),
            "{url}"
        );
    }
}
