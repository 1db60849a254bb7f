//! Replies as servers word them are understood, and none is taken for "undeliverable" that is not.

#![cfg(feature = "verification")]

use std::collections::BTreeMap;

use genesy_core::verification::classify::{Command, Meaning, Refusal, classify, source};
use genesy_core::verification::reply::ReplyReader;

const REPLIES: &str = include_str!("data/replies.tsv");

const UNDELIVERABLE: [&str; 5] =
    ["undeliverable", "no_such_mailbox", "mailbox_disabled", "moved", "no_such_domain"];

/// Percent of the replies of each meaning that are understood at least. What is missed is printed.
const RECALL_PERCENT_MIN: usize = 97;

fn name(meaning: Meaning) -> &'static str {
    match meaning {
        Meaning::Accepted => "accepted",
        Meaning::NoSuchMailbox => "no_such_mailbox",
        Meaning::MailboxDisabled => "mailbox_disabled",
        Meaning::Moved => "moved",
        Meaning::NoSuchDomain => "no_such_domain",
        Meaning::MailboxFull => "mailbox_full",
        Meaning::Greylisted { .. } => "greylisted",
        Meaning::Refused(Refusal::Policy) => "refused_policy",
        Meaning::Refused(Refusal::Reputation) => "refused_reputation",
        Meaning::Refused(Refusal::Authentication) => "refused_authentication",
        Meaning::Refused(Refusal::NoPtr) => "refused_no_ptr",
        Meaning::Refused(Refusal::RateLimited) => "refused_rate_limited",
        Meaning::TooManyRecipients => "too_many_recipients",
        Meaning::Busy => "busy",
        Meaning::TlsRequired => "tls_required",
        Meaning::Smtputf8Unsupported => "smtputf8_unsupported",
        Meaning::NotUnderstood => "not_understood",
        Meaning::Unclear => "unclear",
    }
}

/// The meaning of a reply on the wire, and the rule.
fn meaning(command: Command, wire: &str) -> (Meaning, &'static str) {
    let wire = format!("{}\r\n", wire.replace("\\n", "\r\n"));
    let mut reader = ReplyReader::default();
    let mut bytes = wire.as_bytes();
    let reply = reader.read(&mut bytes).expect("it is whole").expect("it is well formed");
    let classified = classify(command, &reply, Some("ada@example.com"));
    assert!(source(classified.rule).is_some(), "{} has no source", classified.rule);
    (classified.meaning, classified.rule)
}

#[test]
fn replies_as_servers_word_them() {
    let mut recall: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut false_undeliverable = Vec::new();
    for line in REPLIES.lines().filter(|line| !line.starts_with('#')) {
        let mut fields = line.splitn(3, '\t');
        let (Some(label), Some(server), Some(wire)) = (fields.next(), fields.next(), fields.next())
        else {
            panic!("not three fields: {line}")
        };
        let (meaning, rule) = meaning(Command::Recipient, wire);
        let is_undeliverable = UNDELIVERABLE.contains(&label);
        let (understood, all) = recall.entry(label).or_default();
        *all += 1;
        let is_understood = match label {
            "undeliverable" | "other" => meaning.is_undeliverable() == is_undeliverable,
            label => name(meaning) == label,
        };
        if is_understood {
            *understood += 1;
        } else {
            wrong.push(format!("{label} is {} by {rule}: {server}: {wire}", name(meaning)));
        }
        if meaning.is_undeliverable() && !is_undeliverable {
            false_undeliverable.push(line);
        }
        // The same words never say so in another reply.
        for command in [Command::Greeting, Command::Hello, Command::StartTls, Command::Mail] {
            assert!(!self::meaning(command, wire).0.is_undeliverable(), "{line}");
        }
        if let Some(wire) = wire.strip_prefix('5') {
            let transient = format!("4{}", wire.replace("\\n5", "\\n4"));
            assert!(!self::meaning(Command::Recipient, &transient).0.is_undeliverable(), "{line}");
        }
    }
    wrong.iter().for_each(|line| println!("{line}"));
    for (label, (understood, all)) in &recall {
        println!("{understood:4} of {all:4} {label}");
        assert!(understood * 100 >= all * RECALL_PERCENT_MIN, "{label}: {understood} of {all}");
    }
    assert_eq!(false_undeliverable, Vec::<&str>::new());
}

#[test]
fn a_greylisting_server_says_when() {
    for (wire, retry_after_s) in [
        ("450 4.2.0 Greylisted, try again in 300 seconds", Some(300)),
        ("451 4.7.1 Greylisting in action, please come back in 00:05:00", Some(300)),
        ("450 4.2.0 Greylisted", None),
    ] {
        let (found, _) = meaning(Command::Recipient, wire);
        assert_eq!(found, Meaning::Greylisted { retry_after_s }, "{wire}");
    }
}

#[test]
fn commands_before_the_recipient() {
    for (command, wire, expected) in [
        (Command::Greeting, "554 5.7.1 blocked using zen.spamhaus.org", "refused_reputation"),
        (Command::Greeting, "554 No SMTP service here", "unclear"),
        (Command::Greeting, "421 Too many connections", "refused_rate_limited"),
        (Command::Greeting, "421 try again", "busy"),
        (Command::Hello, "500 unrecognized", "not_understood"),
        (Command::Hello, "502 5.5.2 Error: command not recognized", "not_understood"),
        (
            Command::Hello,
            "504 5.5.2 <x>: Helo command rejected: need fully-qualified hostname",
            "refused_policy",
        ),
        (Command::StartTls, "454 4.7.0 TLS not available due to local problem", "busy"),
        (Command::Mail, "530 5.7.0 Must issue a STARTTLS command first", "tls_required"),
        (
            Command::Mail,
            "550 5.1.8 <bob@example.org>: Sender address rejected: Domain not found",
            "refused_policy",
        ),
        (Command::Mail, "550 5.1.1 User unknown", "unclear"),
    ] {
        assert_eq!(name(meaning(command, wire).0), expected, "{wire}");
    }
}

#[test]
fn the_words_of_the_address_do_not_count() {
    for (recipient, text) in [
        ("user.unknown@example.com", "<user.unknown@example.com>: rejected"),
        ("unknown@example.com", "mailbox unknown: rejected"),
        ("ada@mailbox-not-found.com", "cannot reach the user at mailbox-not-found.com now"),
        ("no such user@example.com", "rejected"),
        // A word in brackets or quotes is a name.
        ("ada@example.com", "the mailbox <unknown> rejected"),
        ("ada@example.com", "user 'inactive' rejected"),
        // Another address, though the local part is the same.
        ("ada@example.com", "<ada@example.org> does not exist"),
    ] {
        let mut reader = ReplyReader::default();
        let wire = format!("550 {text}\r\n");
        let mut bytes = wire.as_bytes();
        let reply = reader.read(&mut bytes).expect("it is whole").expect("it is well formed");
        let found = classify(Command::Recipient, &reply, Some(recipient));
        assert!(!found.meaning.is_undeliverable(), "{text}: {found:?}");
    }
    // And a mailbox that is called as what stands against it is still found to be unknown.
    for (recipient, wire) in [
        ("spam@blocklist.example", "550 5.1.1 <spam@blocklist.example>: User unknown"),
        ("abuse@example.com", "550 User <abuse> unknown"),
        ("ada@example.com", "550 User <blocked> unknown"),
        ("ada@example.com", "550 \"ada\" does not exist"),
        // The server writes the domain by its other name.
        ("ada@example.com", "550 mailbox ada@example.org unknown"),
    ] {
        let mut reader = ReplyReader::default();
        let wire = format!("{wire}\r\n");
        let mut bytes = wire.as_bytes();
        let reply = reader.read(&mut bytes).expect("it is whole").expect("it is well formed");
        let found = classify(Command::Recipient, &reply, Some(recipient));
        assert_eq!(found.meaning, Meaning::NoSuchMailbox, "{wire}");
    }
    // The new address of a mailbox that moved is often one of the same domain.
    let mut reader = ReplyReader::default();
    let mut bytes =
        b"551 5.1.6 User not local; please try <countess@engines.example>\r\n".as_slice();
    let reply = reader.read(&mut bytes).expect("it is whole").expect("it is well formed");
    let found = classify(Command::Recipient, &reply, Some("ada@engines.example"));
    assert_eq!(found.meaning, Meaning::Moved);
}

#[test]
fn a_slip_in_a_long_word_is_mended() {
    for (wire, expected) in [
        ("550 Recepient unkown", "no_such_mailbox"),
        ("550 <ada@example.com>: invlaid maibox", "no_such_mailbox"),
        ("550 5.1.1 Recpient unknown", "no_such_mailbox"),
        // Not if the reply says something with its slips, or is about someone else without.
        ("550 5.7.1 Recepient unkown", "refused_policy"),
        ("550 Sender adress unkown", "refused_policy"),
        ("550 unkown host", "unclear"),
        ("550 recepient greylsited", "greylisted"),
        // Servers use the words of the RFC for their policy, too, and misspell them.
        ("550 Mailbox unavaiable", "unclear"),
    ] {
        assert_eq!(name(meaning(Command::Recipient, wire).0), expected, "{wire}");
    }
}
