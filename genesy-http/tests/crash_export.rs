//! A server that is killed in the midst of an export: whoever takes the file away learns that it is not whole,
//! what came of it is right, and what was changed before is kept.

mod program;

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::Read as _;
use std::time::{Duration, Instant};

use serde_json::json;

use self::program::{Program, integrity, kills};

/// How often it is killed; set `GENESY_HTTP_KILLS` for more.
const KILLS: u64 = 4;
/// Enough for a file that no socket holds at once.
const LEADS: usize = 20_000;
const PATIENCE: Duration = Duration::from_secs(60);
const EXPORT: &str = "/v1/leads/export.csv";
/// What ends an answer that comes in pieces (RFC 9112, 7.1).
const LAST_PIECE: &str = "\r\n0\r\n\r\n";

#[test]
fn a_killed_export_is_not_taken_for_a_whole_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut program = Program::start(folder.path());
    let mut file = String::from("Email,Name,Job title\n");
    for lead in 0..LEADS {
        writeln!(file, "lead{lead}@example.com,Lead {lead},Engineer").expect("text");
    }
    assert_eq!(program.send("POST", "/v1/imports?file_name=x.csv", &file).0, 201);
    assert_eq!(program.send("POST", "/v1/imports/1/commit", "").0, 202);
    let begun = Instant::now();
    while program.get("/v1/imports/1")["state"] != "imported" {
        assert!(begun.elapsed() < PATIENCE, "{}", program.get("/v1/imports/1"));
        std::thread::sleep(Duration::from_millis(20));
    }
    let bytes = program.send("GET", EXPORT, "").1.len() as u64;

    let kills = kills(KILLS);
    let mut in_midst = 0;
    for kill in 0..kills {
        let title = format!("Kept {kill}");
        change_title(&program, kill + 1, &title);
        // Read up to another place each time, by the golden ratio.
        let up_to = bytes * (kill * 618 % 1000) / 1000;
        let mut answer = Vec::new();
        let mut stream = program.ask("GET", EXPORT, "text/csv", "");
        (&mut stream).take(up_to).read_to_end(&mut answer).expect("a part");
        drop(program);
        // What was on its way still comes; a connection that is reset is as good an end.
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8(answer).expect("text");
        program = Program::start(folder.path());

        assert_eq!(program.get(&format!("/v1/leads/{}", kill + 1))["job_title"], json!(title));
        let whole = program.send("GET", EXPORT, "").1;
        assert!(whole.ends_with(LAST_PIECE));
        let whole = lines(&whole);
        assert_eq!(whole.len(), LEADS + 1, "each lead and a header");
        if answer.ends_with(LAST_PIECE) {
            continue;
        }
        in_midst += 1;
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        let whole: HashSet<String> = whole.into_iter().collect();
        let mut part = lines(body);
        // The last one is cut off.
        part.pop();
        assert!(part.iter().all(|line| whole.contains(line)), "a line that is not of the whole");
    }
    println!("{in_midst} of {kills} kills came in the midst");
    assert!(in_midst > 0);
    drop(program);
    assert_eq!(integrity(folder.path()), "ok");
}

fn change_title(program: &Program, lead: u64, title: &str) {
    let change = json!({ "job_title": title }).to_string();
    let mut answer = String::new();
    let path = format!("/v1/leads/{lead}");
    let mut stream = program.ask("PATCH", &path, "application/merge-patch+json", &change);
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

/// The lines of a body that comes in pieces, each with its length before it.
fn lines(mut body: &str) -> Vec<String> {
    let mut text = String::new();
    while let Some((length, rest)) = body.split_once("\r\n") {
        let Ok(length) = usize::from_str_radix(length, 16) else { break };
        let Some(piece) = rest.get(..length) else {
            text.push_str(rest);
            break;
        };
        text.push_str(piece);
        body = rest[length..].strip_prefix("\r\n").unwrap_or_default();
    }
    text.lines().map(str::to_owned).collect()
}
