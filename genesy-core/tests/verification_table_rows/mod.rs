//! Reads the table of transitions at the head of the machine.

use std::collections::BTreeSet;
use std::sync::OnceLock;

const MACHINE: &str = include_str!("../../src/verification/machine.rs");

/// The phases by their names.
const PHASES: [&str; 17] = [
    "mx",
    "addresses",
    "connecting",
    "queued",
    "greeting",
    "ehlo",
    "helo",
    "start_tls",
    "handshake",
    "reset",
    "mail",
    "recipient",
    "catch_all",
    "postmaster",
    "quit",
    "sleeping",
    "done",
];

/// What the words in italics stand for.
const STAND_FOR: [(&str, &[&str]); 4] = [
    ("*connect*", &["connecting", "done"]),
    ("*next host*", &["addresses", "done"]),
    ("*next address*", &["connecting", "addresses", "done"]),
    ("*part*", &["quit", "done"]),
];

/// Replies by what they mean, and what is none.
pub(crate) const REPLIES: [(&str, &str); 12] = [
    ("accepted", "250 OK\r\n"),
    ("accepted with STARTTLS", "250-mx\r\n250 STARTTLS\r\n"),
    ("not understood", "502 5.5.1 Command not implemented\r\n"),
    ("unclear", "554 no\r\n"),
    ("greylisted", "450 4.2.0 Greylisted, try again in 300 seconds\r\n"),
    ("refused", "550 5.7.1 Your address is blocked\r\n"),
    ("busy", "451 4.3.0 try again later\r\n"),
    ("no such mailbox", "550 5.1.1 User unknown\r\n"),
    ("too many recipients", "452 4.5.3 Too many recipients\r\n"),
    ("full", "552 5.2.2 Mailbox full\r\n"),
    ("too long", TOO_LONG),
    ("malformed", "hello\r\n"),
];

/// Those that are no replies.
const NO_REPLIES: [&str; 2] = ["too long", "malformed"];

/// A line of more than 4096 octets.
const TOO_LONG: &str = {
    const OCTETS: [u8; 5000] = [b'2'; 5000];
    match std::str::from_utf8(&OCTETS) {
        Ok(text) => text,
        Err(_) => panic!("ASCII"),
    }
};

pub(crate) struct Row {
    pub(crate) line: &'static str,
    phases: Vec<&'static str>,
    events: Vec<&'static str>,
    pub(crate) next: BTreeSet<String>,
}

impl Row {
    /// Whether it is about this event in this phase.
    pub(crate) fn names(&self, phase: &str, event: &str) -> bool {
        let is_named = |it: &&str| {
            *it == event || is_reply(event) && matches!(*it, "any reply" | "any other reply")
        };
        self.phases.contains(&phase) && self.events.iter().any(is_named)
    }
}

fn is_reply(event: &str) -> bool {
    REPLIES.iter().any(|reply| reply.0 == event) && !NO_REPLIES.contains(&event)
}

pub(crate) fn rows() -> &'static [Row] {
    static ROWS: OnceLock<Vec<Row>> = OnceLock::new();
    ROWS.get_or_init(|| {
        let lines = MACHINE.lines().filter_map(|line| line.strip_prefix("//! | "));
        lines.skip(1).filter(|line| !line.starts_with("---")).map(row).collect()
    })
}

fn row(line: &'static str) -> Row {
    let cells: Vec<&str> = line.trim_end_matches(" |").split(" | ").collect();
    let [phases, events, next] = cells[..] else { panic!("three cells: {line}") };
    let phases = match phases.strip_prefix("any but ") {
        Some(but) => {
            PHASES.into_iter().filter(|name| !but.split(", ").any(|it| it == *name)).collect()
        }
        None => phases.split(", ").collect(),
    };
    let is_word = |letter: char| !letter.is_ascii_alphabetic() && letter != '_';
    let mut names: BTreeSet<String> = BTreeSet::new();
    let mut plain = next.to_owned();
    for (words, stand_for) in STAND_FOR {
        if plain.contains(words) {
            names.extend(stand_for.iter().map(|name| (*name).to_owned()));
            plain = plain.replace(words, "");
        }
    }
    // What stands behind `if` and the like is a condition.
    let sides = plain.split([';', ',']).map(|side| side.trim().split(' ').next().unwrap_or(""));
    let sides = sides.map(|word| word.trim_matches(is_word));
    names.extend(sides.filter(|word| PHASES.contains(word)).map(str::to_owned));
    assert!(!names.is_empty(), "a next phase: {line}");
    Row { line, phases, events: events.split(", ").collect(), next: names }
}

/// Where an event leads from a phase; nothing if it leads nowhere.
pub(crate) fn allowed(rows: &[Row], phase: &str, event: &str) -> Option<BTreeSet<String>> {
    let of_phase = || rows.iter().filter(|row| row.phases.contains(&phase));
    let named = of_phase().filter(|row| row.events.contains(&event));
    let all: Vec<&Row> = named.collect();
    let all = if all.is_empty() && is_reply(event) {
        let any =
            |row: &&Row| row.events.iter().any(|it| matches!(*it, "any reply" | "any other reply"));
        of_phase().filter(any).collect()
    } else {
        all
    };
    let next: BTreeSet<String> = all.iter().flat_map(|row| row.next.clone()).collect();
    (!all.is_empty()).then_some(next)
}
