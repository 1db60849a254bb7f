//! The example's output, against its laboratory.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{env, fs};

use clap::Parser;
use genesy_core::verification::Report;
use genesy_core::verification::compatible::{CompatibleReport, Reachable};
use serde_json::Value;

use super::{Arguments, verify_email};

/// A folder of a test's own, which goes with it.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let folder = env::temp_dir().join(format!("genesy-verify-{}-{name}", std::process::id()));
        fs::create_dir(&folder).expect("it is ours");
        Self(folder)
    }

    /// Writes a file and gives its path.
    fn file(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.0.join(name);
        fs::write(&path, bytes).expect("it is ours");
        path.to_str().expect("UTF-8").to_owned()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What the program prints.
fn output(of: &[&str]) -> String {
    let mut out = Vec::new();
    let arguments = Arguments::parse_from(["verify_email"].iter().chain(of));
    let is_done = verify_email(&arguments, &mut out);
    let out = String::from_utf8(out).expect("the output is UTF-8");
    assert!(is_done.unwrap_or_else(|error| panic!("{error}\n{out}")), "{out}");
    out
}

/// What the program says when it fails.
fn error(of: &[&str]) -> String {
    let mut out = Vec::new();
    let arguments = Arguments::parse_from(["verify_email"].iter().chain(of));
    let error = verify_email(&arguments, &mut out).expect_err("it fails").to_string();
    assert!(!error.contains('\n'), "{error}");
    error
}

fn objects(lines: &str) -> Vec<Value> {
    lines.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect()
}

/// The output without its times, which are the last cell of each row.
fn timeless(output: &str) -> String {
    let timeless = |line: &str| match line.rsplit_once(" | ") {
        Some((row, time)) if time.trim_end_matches(" |").trim().ends_with(" s") => {
            format!("{row} | *.* s |\n")
        }
        _ => format!("{line}\n"),
    };
    output.lines().map(timeless).collect()
}

#[test]
fn each_server_of_the_laboratory_gets_the_verdict_it_should() {
    let report = timeless(&output(&[]));
    let expected = include_str!("expected.txt");
    assert_eq!(report, expected, "\n{report}\nis not examples/verify_email/expected.txt");
}

#[test]
fn json_has_the_whole_report_of_each_address_in_their_order() {
    let addresses = ["charles@engines.example", "ada@engines.example", "ada@nowhere.example"];
    let objects = objects(&output(&[&addresses[..], &["--json"]].concat()));
    assert_eq!(objects.len(), addresses.len());
    for (object, address) in objects.iter().zip(addresses) {
        assert_eq!(object["address"], address);
        let report: Report = serde_json::from_value(object["report"].clone()).expect("a report");
        assert_eq!(object["verdict"], report.conclusion.verdict().name());
        assert_eq!(object["reason"], report.conclusion.reason());
        assert!(object["took_us"].as_u64().is_some_and(|us| us > 0), "{object}");
    }
    assert_eq!(objects[0]["reason"], "no_such_mailbox");
    assert_eq!(objects[0]["report"]["evidence"]["reply"]["code"], 550);
    assert_eq!(objects[1]["verdict"], "deliverable");
    assert_eq!(objects[2]["reason"], "no_such_domain");
}

#[test]
fn json_is_what_users_of_another_verifier_know() {
    use Reachable::{Invalid, Risky, Safe, Unknown};
    let of: BTreeMap<&str, Reachable> = [
        ("ada@engines.example", Safe),
        ("charles@engines.example", Invalid),
        ("full@engines.example", Risky),
        ("info@engines.example", Risky),
        ("someone@mailinator.com", Risky),
        ("anyone@catch-all.example", Risky),
        ("ada@blocked.example", Unknown),
        ("ada@null-mx.example", Invalid),
    ]
    .into();
    let addresses: Vec<&str> = of.keys().copied().collect();
    let lines = output(&[&addresses[..], &["--json=compatible"]].concat());
    assert_eq!(lines.lines().count(), of.len());
    for line in lines.lines() {
        let report: CompatibleReport<'_> = serde_json::from_str(line).expect("its shape");
        assert_eq!(report.is_reachable, of[report.input.reveal().as_ref()], "{line}");
        assert!(report.debug.is_some());
    }
}

#[test]
fn redacted_output_names_nobody() {
    let report = output(&["--redacted", "ada@engines.example", "ada@greylisted.example"]);
    assert!(report.contains("| #2 ") && report.contains("deliverable"), "{report}");
    let result = &report[report.find("Result").expect("a result")..];
    assert!(!result.contains("ada") && !result.contains(".example"), "{result}");
}

#[test]
fn the_time_may_be_limited() {
    let silent = objects(&output(&["ada@silent.example", "--total-ms", "1500", "--json"]));
    assert_eq!(silent[0]["reason"], "deadline_exceeded");
    assert_eq!(silent[0]["stage"], "greeting");
    let never = ["ada@greylisted.example", "--greylist-ms-max", "0", "--json"];
    let greylisted = objects(&output(&never));
    assert_eq!(greylisted[0]["reason"], "greylisted");
    let table = output(&never[..3]);
    assert!(table.contains("| greylisted until 2"), "{table}");
}

#[test]
fn a_file_is_read_by_the_normalizer() {
    let scratch = Scratch::new("file");
    let file = "Nombre;Correo;Notas\nAda;Ada <ADA@engines.example>;x\nBob;nobody(at)engines;x\n\
        Eve;;x\nAda;ada@engines.example;again\nInf;info@engines.example;x\n";
    let path = scratch.file("leads.csv", file.as_bytes());
    let report = output(&[&path]);
    assert!(report.contains("column \"Correo\""), "{report}");
    assert!(report.contains("2 addresses, 2 without one, 1 that are there twice"), "{report}");
    assert!(report.contains("line 3: correct the e-mail address"), "{report}");
    assert!(report.contains("| line 2 "), "{report}");
    let mut bad = String::from("email\nada@engines.example\n");
    (0..12).for_each(|_| bad.push_str("ada at engines\n"));
    let report = output(&[&scratch.file("bad.csv", bad.as_bytes()), "--column", "email"]);
    assert!(report.contains("line 12: ") && !report.contains("line 13: "), "{report}");
    assert!(report.contains("            and 2 more\n"), "{report}");
    let other = "who,private,work\nAda,charles@engines.example,ada@engines.example\n";
    let path = scratch.file("columns.csv", other.as_bytes());
    let work = output(&[&path, "--column", "Work"]);
    assert!(work.contains("1 deliverable"), "{work}");
    let private = output(&[&path, "--column", "private"]);
    assert!(private.contains("1 undeliverable"), "{private}");
}

#[test]
fn many_addresses_of_a_domain_share_sessions() {
    let scratch = Scratch::new("many");
    let mut file = String::from("email\nada@engines.example\n");
    for number in 0..300 {
        file.push_str(&format!("charles{number}@engines.example\n"));
    }
    let path = scratch.file("many.csv", file.as_bytes());
    let report = output(&[&path]);
    let counts = "301 addresses: 1 deliverable, 0 risky, 300 undeliverable, 0 unknown";
    assert!(report.contains(counts), "{report}");
}

#[test]
fn what_cannot_be_read_is_refused_in_one_line() {
    let scratch = Scratch::new("rubbish");
    let png = [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], &[7; 500]].concat();
    for (name, bytes, expected) in [
        ("empty.csv", &b""[..], "the file is empty"),
        ("picture.png", &png, "not a CSV file but a PNG image"),
        ("header.csv", b"email,name\r\n", "there is no address in its 0 rows"),
        ("bad.csv", b"email,name\r\nada,Ada\r\nbob,Bob\r\n", "there is no address in its 2 rows"),
        ("none.csv", b"name,colour\r\nAda,red\r\nBob,blue\r\n", "one of \"name\", \"colour\""),
    ] {
        let message = error(&[&scratch.file(name, bytes)]);
        assert!(message.contains(name) && message.contains(expected), "{message}");
    }
    let file = scratch.file("leads.csv", b"email\nada@engines.example\n");
    let column = error(&[&file, "--column", "mail"]);
    assert!(column.contains("no such column") && column.contains("\"email\""), "{column}");
    assert!(error(&["nowhere.csv"]).contains("no such file"));
    assert!(error(&[scratch.0.to_str().expect("UTF-8")]).contains("no such file"));
    assert!(error(&["ada@engines.example", &file]).contains("one CSV file"));
    let mixed = error(&["ada@engines.example", "--column", "email"]);
    assert!(mixed.contains("for a CSV file"), "{mixed}");
}

#[test]
fn nobody_is_judged_by_servers_that_do_not_know_them() {
    let message = error(&["ada@engines.example", "ada@engines.com"]);
    assert!(message.contains("1 of 2 addresses") && message.contains("--live"), "{message}");
    assert!(!message.contains("engines"), "{message}");
}

/// The address has no domain to ask the DNS for, and its host may not be connected to: nothing is sent.
#[test]
fn live_says_what_is_sent_and_spares_the_own_network() {
    let live = ["ada@[127.0.0.1]", "--live", "--helo", "a.example", "--from", "b@a.example"];
    let report = output(&live);
    assert!(report.starts_with("--live: 1 address leaves this machine.\n"), "{report}");
    assert!(report.contains("a.example <b@a.example> asks. No mail is sent."), "{report}");
    assert!(report.contains("| egress_blocked "), "{report}");
}

#[test]
fn options_that_make_no_sense_are_refused() {
    for options in [
        &["ada@engines.example", "--live"][..],
        &["--live", "--helo", "a.example", "--from", ""],
        &["ada@engines.example", "--helo", "a.example"],
        &["--column", "email"],
        &["--json", "--redacted"],
        &["--json=xml"],
        &["--concurrency", "0"],
        &["--total-ms", "soon"],
    ] {
        let refused = Arguments::try_parse_from(["verify_email"].iter().chain(options));
        assert_eq!(refused.expect_err("a bad option").exit_code(), 2, "{options:?}");
    }
    assert!(error(&["--total-ms", "0"]).contains("total_ms is out of range"));
    // Nothing is sent: it is refused before that.
    let helo = error(&["ada@engines.example", "--live", "--helo", "two names", "--from", ""]);
    assert!(helo.contains("the HELO name is not a domain"), "{helo}");
}

#[cfg(target_os = "linux")]
mod interrupted {
    use std::io;
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    use super::super::exit_code;
    use super::{Arguments, Parser, env, fs};

    /// The arguments of the program in a process of its own, one a line.
    const ARGUMENTS_VARIABLE: &str = "GENESY_TEST_VERIFY_ARGUMENTS";
    /// How long it may take until it listens for Ctrl-C.
    const PATIENCE: Duration = Duration::from_secs(60);
    /// Addresses, each of which takes two seconds.
    const SILENT: usize = 60;

    #[test]
    #[ignore = "another test starts it in a process of its own"]
    fn the_program() {
        let Ok(arguments) = env::var(ARGUMENTS_VARIABLE) else { return };
        let arguments =
            Arguments::parse_from(["verify_email"].into_iter().chain(arguments.lines()));
        std::process::exit(exit_code(&arguments, &mut io::stdout()).into());
    }

    /// Whether a process handles SIGINT, which is signal 2, itself: by its mask of caught signals.
    fn listens(process: u32) -> bool {
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        mask.is_some_and(|mask| mask & 0b10 != 0)
    }

    #[test]
    fn ctrl_c_shows_what_was_found_out_until_then() {
        let mut arguments = vec!["ada@silent.example"; SILENT];
        arguments.extend(["--concurrency", "1"]);
        let mut program = Command::new(env::current_exe().expect("a test is a program"))
            .args(["--exact", "tests::interrupted::the_program", "--ignored", "--nocapture"])
            .env(ARGUMENTS_VARIABLE, arguments.join("\n"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let begun = Instant::now();
        while !listens(program.id()) {
            assert!(begun.elapsed() < PATIENCE, "it never listens");
            assert!(program.try_wait().expect("a child").is_none(), "it ended");
            std::thread::sleep(Duration::from_millis(5));
        }
        let interrupt = format!("kill -INT {}", program.id());
        let status = Command::new("sh").args(["-c", &interrupt]).status();
        assert!(status.expect("a shell").success());
        let output = program.wait_with_output().expect("a child");
        let out = String::from_utf8_lossy(&output.stdout);
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(130), "{out}{message}");
        assert!(message.contains("Interrupted. Not verified: "), "{message}");
        assert!(out.contains("Result") && out.contains("cancelled"), "{out}");
    }
}
