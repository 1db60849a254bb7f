//! The table at the head of the machine is what the machine does: walks at random see each of its
//! transitions, and no other.

#![cfg(feature = "verification")]

#[path = "verification_simulator/random.rs"]
mod random;
mod verification_table_rows;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use genesy_core::time::Timestamp;
use genesy_core::verification::reply::{Keyword, Keywords};
use genesy_core::verification::{
    AddressAnswer, ConnectFailure, DnsFailure, DomainKnowledge, Identity, Input, Limits,
    MailExchanger, MxAnswer, OpenSession, Output, Policy, Session, Ticket, Transaction,
    Verification,
};
use random::Random;
use verification_table_rows::{REPLIES, allowed, rows};

/// Walks that are made, and steps of each of them at most.
const WALKS: u64 = 6_000;
const STEPS_MAX: u32 = 40;

type Seen = BTreeMap<(String, &'static str), BTreeSet<String>>;

/// The name of the phase in the table.
fn phase(verification: &Verification) -> String {
    let json = serde_json::to_value(verification.snapshot()).expect("JSON");
    let phase = &json["phase"];
    let exchange = &phase["talking"]["exchange"];
    if let Some(is_mx) = phase["resolving"]["mx"].as_bool() {
        return if is_mx { "mx" } else { "addresses" }.to_owned();
    }
    let name = [phase, exchange].into_iter().find_map(|value| value.as_str().map(str::to_owned));
    let key = |value: &serde_json::Value| {
        value.as_object().and_then(|object| object.keys().next().cloned())
    };
    name.or_else(|| key(exchange)).or_else(|| key(phase)).expect("a phase")
}

fn limits(random: &mut Random) -> Limits {
    Limits {
        connections_max: random.below(6) as u8 + 1,
        total_ms: random.pick(&[2_000, 20_000, 600_000]),
        greylist_ms_max: random.pick(&[0, 900_000]),
        ..Limits::DEFAULT
    }
}

/// What can happen, with the ticket at hand.
const EVENTS: [&str; 21] = [
    "exchangers",
    "null MX",
    "no such domain",
    "addresses",
    "no such host",
    "none",
    "failure",
    "queued",
    "turn came",
    "connected",
    "session before MAIL",
    "session with MAIL",
    "session that is full",
    "connect failed",
    "disconnected",
    "TLS started",
    "TLS failed",
    "timeout",
    "total timeout",
    "cancel",
    "interrupted",
];

/// What leads deeper into a verification: most of what happens.
const ONWARD: [&str; 9] = [
    "exchangers",
    "addresses",
    "connected",
    "session with MAIL",
    "accepted",
    "accepted with STARTTLS",
    "TLS started",
    "no such mailbox",
    "too many recipients",
];

/// Lets something happen; false if it cannot be told from something else now.
fn happen(verification: &mut Verification, ticket: Ticket, event: &str, is_mx: bool) -> bool {
    let now = verification.now();
    let session = |transaction| {
        let keywords = Keywords::of(&[Keyword::EightBitMime]);
        let session = Session::Open(OpenSession { keywords, is_tls: false, transaction });
        Input::Connected { ticket, session }
    };
    let mx = |answer| Input::Mx { ticket, answer };
    let addresses = |answer| Input::Addresses { ticket, answer };
    let input = match event {
        "exchangers" => {
            let record = |host: &str| MailExchanger { preference: 1, host: host.to_owned() };
            mx(MxAnswer::Found(vec![record("a.example"), record("b.example")]))
        }
        "null MX" => {
            mx(MxAnswer::Found(vec![MailExchanger { preference: 0, host: String::new() }]))
        }
        "no such domain" => mx(MxAnswer::NoSuchDomain),
        "addresses" => {
            let ips = ["192.0.2.1", "192.0.2.2"].map(|ip| ip.parse().expect("an IP"));
            addresses(AddressAnswer::Found(ips.into()))
        }
        "no such host" => addresses(AddressAnswer::NoSuchDomain),
        "none" if is_mx => mx(MxAnswer::NoRecords),
        "none" => addresses(AddressAnswer::NoRecords),
        "failure" if is_mx => mx(MxAnswer::Failed(DnsFailure::Other)),
        "failure" => addresses(AddressAnswer::Failed(DnsFailure::Other)),
        "queued" => Input::Queued { ticket },
        "turn came" => Input::TurnCame { ticket },
        "connected" => Input::Connected { ticket, session: Session::New },
        "session before MAIL" => session(Transaction::None),
        "session with MAIL" => session(Transaction::Open),
        "session that is full" => session(Transaction::Full),
        "connect failed" => Input::ConnectFailed { ticket, failure: ConnectFailure::Refused },
        "disconnected" => Input::Disconnected { ticket },
        "TLS started" => Input::TlsStarted { ticket },
        "TLS failed" => Input::TlsFailed { ticket },
        "cancel" => Input::Cancel,
        "interrupted" => Input::Interrupted,
        "timeout" | "total timeout" => return expire(verification, event),
        _ => {
            let text = REPLIES.iter().find(|reply| reply.0 == event).expect("a reply").1;
            let mut bytes = text.as_bytes();
            verification.handle(now, Input::Received { ticket, bytes: &mut bytes });
            return true;
        }
    };
    verification.handle(now, input);
    true
}

fn expire(verification: &mut Verification, event: &str) -> bool {
    let total = verification.progress().total_deadline;
    let Some(deadline) = verification.poll_timeout() else { return false };
    let is_paused = matches!(phase(verification).as_str(), "queued" | "sleeping" | "quit");
    // At which of the two it ends has to be clear.
    let is_total = deadline == total;
    let is_named =
        if is_paused { event == "timeout" } else { is_total == (event == "total timeout") };
    if !is_named {
        return false;
    }
    verification.handle(deadline, Input::Time);
    true
}

/// Whether a reply means the same in that phase as where the table names it.
fn makes_sense(event: &str, phase: &str) -> bool {
    match event {
        "accepted with STARTTLS" => phase == "ehlo",
        "no such mailbox" | "full" | "too many recipients" => {
            matches!(phase, "recipient" | "catch_all" | "postmaster" | "quit")
        }
        _ => true,
    }
}

/// Asks what is to be done until nothing is; gives the ticket at hand.
fn settle(verification: &mut Verification, mut at_hand: Ticket) -> Ticket {
    loop {
        match verification.poll_output() {
            Output::Resolve { ticket, .. } | Output::Connect { ticket, .. } => at_hand = ticket,
            Output::Wait { .. } | Output::Sleep { .. } | Output::Done => return at_hand,
            Output::Send { .. }
            | Output::StartTls { .. }
            | Output::Close { .. }
            | Output::Release { .. } => {}
        }
    }
}

/// All but the time.
fn still(verification: &Verification) -> serde_json::Value {
    let mut json = serde_json::to_value(verification.snapshot()).expect("JSON");
    json["now"] = 0.into();
    json
}

fn walk(random: &mut Random, domain: DomainKnowledge, seen: &mut Seen) -> DomainKnowledge {
    let identity = Identity::new("verifier.example", "").expect("an identity");
    let policy = Policy::new(identity).within(limits(random)).expect("limits");
    let start = Timestamp::from_micros(1_764_288_000_000_000);
    let mut verification =
        Verification::new("ada@engines.example", Arc::new(policy), random.next(), start);
    if random.chance(50) {
        verification = verification.knowing(domain);
    }
    if random.chance(30) {
        verification = verification.sharing();
    }
    let rows = rows();
    let mut ticket = Ticket::default();
    for _ in 0..STEPS_MAX {
        ticket = settle(&mut verification, ticket);
        let before = phase(&verification);
        // An end is an end; a few inputs show it.
        if before == "done" && random.chance(60) {
            break;
        }
        let listed: Vec<&'static str> = EVENTS
            .into_iter()
            .chain(REPLIES.iter().map(|reply| reply.0))
            .filter(|event| allowed(rows, &before, event).is_some())
            .collect();
        let onward: Vec<&'static str> =
            listed.iter().copied().filter(|event| ONWARD.contains(event)).collect();
        let event: &'static str = match random.below(20) {
            0 => random.pick(&EVENTS),
            1 => random.pick(&REPLIES).0,
            2..=15 if !onward.is_empty() => random.pick(&onward),
            _ if listed.is_empty() => random.pick(&EVENTS),
            _ => random.pick(&listed),
        };
        if !makes_sense(event, &before) {
            continue;
        }
        let still_before = still(&verification);
        if !happen(&mut verification, ticket, event, before == "mx") {
            continue;
        }
        match allowed(rows, &before, event) {
            Some(allowed) => {
                let after = phase(&verification);
                assert!(allowed.contains(&after), "{before}, {event}: {after} is not in the table");
                seen.entry((before, event)).or_default().insert(after);
            }
            None => assert_eq!(still(&verification), still_before, "{before}, {event} is no-op"),
        }
    }
    verification.report().map_or_else(DomainKnowledge::default, |report| report.domain)
}

#[test]
fn the_machine_does_what_the_table_says_and_nothing_else() {
    let mut random = Random::new(1);
    let mut seen = Seen::new();
    let mut domain = DomainKnowledge::default();
    for _ in 0..WALKS {
        domain = walk(&mut random, domain, &mut seen);
    }
    let mut missing = Vec::new();
    for row in rows() {
        let of_row = seen.iter().filter(|((phase, event), _)| row.names(phase, event));
        let observed: BTreeSet<&String> = of_row.flat_map(|(_, next)| next).collect();
        let unseen = row.next.iter().filter(|next| !observed.contains(next));
        missing.extend(unseen.map(|next| format!("{}: {next}", row.line)));
    }
    assert!(missing.is_empty(), "in the table, and never seen: {missing:#?}");
    assert!(seen.len() > 150, "{} transitions", seen.len());
}
