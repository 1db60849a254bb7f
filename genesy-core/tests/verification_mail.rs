//! What mail hosts do, and the verdict, reason, stage and evidence that come of it.

#![cfg(feature = "verification")]

mod verification_script;

use std::sync::Arc;

use genesy_core::verification::{
    CatchAll, Conclusion, ConnectFailure, DomainKnowledge, IpPreference, Limits, Output, Policy,
    Stage, Unknown, Verification,
};
use verification_script::{START, Script, Went, policy};

const REFUSED: &str = "550 5.1.1 User unknown";
const BLOCKED: &str = "550 5.7.1 Your address is blocked";
const GREYLISTED: &str = "450 4.2.0 Greylisted, try again in 300 seconds";
const TOO_MANY: &str = "452 4.5.3 Too many recipients";

/// Verdict, reason and stage in one line.
fn ending(went: &Went) -> String {
    let end = &went.report.conclusion;
    let stage = end.stage().map_or(String::new(), |stage| format!(" at {}", stage.name()));
    format!("{}: {}{stage}", end.verdict().name(), end.reason())
}

fn run(answers: &[(&'static str, &'static str)]) -> Went {
    Script::new(answers).run()
}

fn assert_ends(answers: &[(&'static str, &'static str)], expected: &str) -> Went {
    let went = run(answers);
    assert_eq!(ending(&went), expected, "{answers:?}: {:?}", went.asked);
    went
}

fn within(change: impl FnOnce(&mut Limits)) -> Policy {
    let mut limits = Limits::DEFAULT;
    change(&mut limits);
    policy().within(limits).expect("limits")
}

#[test]
fn the_commands_have_these_bytes() {
    let went = assert_ends(&[], "deliverable: accepted");
    let expected = [
        "mx engines.example",
        "addresses mx1.engines.example",
        "connect mx1.engines.example 192.0.2.1",
        "EHLO verifier.example",
        "MAIL FROM:<probe@verifier.example>",
        "RCPT TO:<ada@engines.example>",
    ];
    assert_eq!(went.asked[..6], expected);
    let probe = went.asked[6].strip_prefix("RCPT TO:<").expect("another recipient");
    let local_part = probe.strip_suffix("@engines.example>").expect("of the same domain");
    assert_eq!(local_part.len(), 16);
    assert_eq!(went.asked[7..], ["QUIT", "close"]);
    assert_eq!(went.report.evidence.catch_all, CatchAll::No);
    let reply = went.report.evidence.reply.expect("the one about the recipient");
    assert_eq!((reply.stage, reply.code), (Stage::Recipient, 250));
}

// What today's verifiers get wrong.

#[test]
fn a_server_without_a_banner_costs_no_more_than_its_stage() {
    let went = assert_ends(&[("greeting", "")], "unknown: stage_timeout at greeting");
    assert!(went.took_ms < 10_100, "{}", went.took_ms);
}

#[test]
fn a_drip_of_one_byte_per_second_does_not_beat_the_deadline() {
    for ask in ["greeting", "EHLO", "MAIL", "RCPT TO:<ada"] {
        let went = run(&[(ask, "drip 250 this reply is longer than ten seconds take")]);
        let stage = went.report.conclusion.stage().expect("unknown");
        assert!(ending(&went).starts_with("unknown: stage_timeout"), "{ask}: {stage:?}");
        assert!(went.took_ms < 11_200, "{ask}: {}", went.took_ms);
    }
}

#[test]
fn a_black_hole_costs_five_seconds() {
    let went = assert_ends(&[("connect", "")], "unknown: stage_timeout at connect");
    assert!(went.took_ms < 5_100, "{}", went.took_ms);
    assert_eq!(went.asked.last().map(String::as_str), Some("close"), "the attempt is given up");
}

#[test]
fn a_domain_without_mail_exchangers_is_its_own_host() {
    let went = assert_ends(&[("mx", "none")], "deliverable: accepted");
    assert_eq!(went.asked[1], "addresses engines.example");
}

#[test]
fn the_second_host_is_tried_after_a_dead_first_one() {
    for dead in ["refused", "", "gone"] {
        let went = assert_ends(
            &[("mx", "20 b.example, 10 a.example"), ("connect a", dead)],
            "deliverable: accepted",
        );
        let tried = went.report.evidence.connections;
        assert_eq!(went.report.evidence.hosts, ["a.example", "b.example"]);
        assert_eq!((tried[0].host, tried[1].host), (Some(0), Some(1)));
        assert!(tried[0].failure.is_some() && tried[1].failure.is_none());
    }
}

#[test]
fn a_client_that_is_blocked_is_not_an_address_that_is_invalid() {
    for ask in ["MAIL", "RCPT TO:<ada"] {
        let went = run(&[(ask, BLOCKED)]);
        let end = ending(&went);
        assert!(end.starts_with("unknown: sender_refused"), "{ask}: {end}");
        assert_eq!(went.asked[went.asked.len() - 2], "QUIT");
    }
    assert_ends(&[("RCPT TO:<ada", "554 no")], "unknown: unclear at recipient");
    assert_ends(&[("MAIL", "550 no")], "unknown: sender_refused_policy at mail");
}

#[test]
fn slow_replies_leave_partial_facts() {
    let slow = policy().within(Limits { total_ms: 10_000, ..Limits::DEFAULT }).expect("limits");
    let answers = [
        ("greeting", "in 3000 220 mx"),
        ("EHLO", "in 3000 250 mx"),
        ("MAIL", "in 3000 250 OK"),
        ("RCPT", "in 3000 250 OK"),
    ];
    let went = Script::new(&answers).policy(slow).run();
    assert_eq!(ending(&went), "unknown: deadline_exceeded at recipient");
    let us = |stage| went.report.evidence.stages_us.iter().find(|it| it.0 == stage).map(|it| it.1);
    assert_eq!(us(Stage::Greeting), Some(3_000_000));
    assert_eq!(us(Stage::Hello), Some(3_000_000));
    assert_eq!(went.report.evidence.connections.len(), 1);
}

#[test]
fn a_dead_resolver_costs_its_stage() {
    let went = assert_ends(&[("mx", "")], "unknown: stage_timeout at dns");
    assert_eq!(went.took_ms, 5_000);
    let went = assert_ends(&[("addresses", "")], "unknown: stage_timeout at dns");
    assert!(went.took_ms < 5_100, "{}", went.took_ms);
    let went = Script::new(&[("mx", "")]).policy(within(|limits| limits.total_ms = 900)).run();
    assert_eq!((ending(&went).as_str(), went.took_ms), ("unknown: deadline_exceeded at dns", 900));
}

#[test]
fn a_server_that_greylists_is_asked_again_when_it_wants() {
    let went = assert_ends(
        &[("RCPT TO:<ada", GREYLISTED), ("RCPT TO:<ada", "250 OK")],
        "deliverable: accepted",
    );
    let at = went.asked.iter().position(|it| it == "sleep 300 s").expect("a sleep");
    assert_eq!(went.asked[at - 2..at], ["QUIT", "close"], "nothing is held while it sleeps");
    assert!(went.asked[at + 1].starts_with("connect mx1.engines.example"));
    assert_eq!(went.report.evidence.connections.len(), 2);
}

#[test]
fn greylisting_beyond_the_budget_ends_with_the_time_to_try_again() {
    let script = Script::new(&[("RCPT TO:<ada", GREYLISTED)]);
    let went = script.policy(within(|limits| limits.greylist_ms_max = 299_000)).run();
    assert_eq!(ending(&went), "unknown: greylisted at recipient");
    let Conclusion::Unknown { reason: Unknown::Greylisted { retry_at }, .. } =
        went.report.conclusion
    else {
        panic!("greylisted")
    };
    let asked_ms = retry_at.micros_since(START) / 1000;
    assert!((300_000..301_000).contains(&asked_ms), "{asked_ms}");
    // Three sleeps of 300 s fit into the usual 900 s.
    let went = assert_ends(&[("RCPT TO:<ada", GREYLISTED)], "unknown: greylisted at recipient");
    assert_eq!(went.asked.iter().filter(|it| it.starts_with("sleep")).count(), 3);
}

#[test]
fn replies_about_the_mailbox() {
    for (reply, expected) in [
        (REFUSED, "undeliverable: no_such_mailbox"),
        ("550 5.2.1 The mailbox is disabled", "undeliverable: mailbox_disabled"),
        ("551 5.1.6 User has moved", "undeliverable: moved"),
        ("550 5.1.2 No such domain here", "undeliverable: no_such_domain"),
        ("552 5.2.2 Mailbox full", "risky: mailbox_full"),
        ("452 4.2.2 Mailbox full", "risky: mailbox_full"),
    ] {
        let probe = ("RCPT TO:", "550 5.1.1 nobody of that name");
        let ada = ("RCPT TO:<ada", reply);
        let went = Script::new(&[ada, probe]).run();
        assert_eq!(ending(&went), expected, "{reply}");
        let kept = went.report.evidence.reply.expect("a reply");
        assert_eq!((kept.stage, kept.code.to_string().as_str()), (Stage::Recipient, &reply[..3]));
    }
}

#[test]
fn a_domain_that_takes_anyone_is_risky() {
    let went = assert_ends(&[("RCPT", "250 OK")], "risky: catch_all");
    assert_eq!(went.report.domain.catch_all, CatchAll::Yes);
    let went =
        assert_ends(&[("RCPT TO:<ada", "250 OK"), ("RCPT", "451 later")], "deliverable: accepted");
    assert_eq!(went.report.evidence.catch_all, CatchAll::Unknown);
    for lost in ["", "gone", "nonsense"] {
        let went =
            assert_ends(&[("RCPT TO:<ada", "250 OK"), ("RCPT", lost)], "deliverable: accepted");
        assert_eq!(went.report.evidence.catch_all, CatchAll::Unknown, "{lost}");
    }
}

// The DNS.

#[test]
fn what_the_dns_denies_and_what_it_does_not_say() {
    assert_ends(&[("mx", "null")], "undeliverable: null_mx");
    assert_ends(&[("mx", "no such domain")], "undeliverable: no_such_domain");
    assert_ends(&[("mx", "failure")], "unknown: dns_failure at dns");
    assert_ends(&[("addresses", "none")], "undeliverable: no_mail_host");
    assert_ends(&[("mx", "none"), ("addresses", "none")], "undeliverable: no_mail_host");
    assert_ends(&[("addresses", "no such domain")], "undeliverable: no_mail_host");
    assert_ends(&[("addresses", "failure")], "unknown: dns_failure at dns");
    let two = ("mx", "10 a.example, 20 b.example");
    assert_ends(
        &[two, ("addresses a", "none"), ("addresses b", "failure")],
        "unknown: dns_failure at dns",
    );
    assert_ends(&[two, ("addresses a", "failure")], "deliverable: accepted");
    let six =
        ("mx", "1 a.example, 2 b.example, 3 c.example, 4 d.example, 5 e.example, 6 f.example");
    assert_ends(&[six, ("addresses", "none")], "unknown: hosts_left at dns");
    assert_ends(&[six, ("addresses a", "none"), ("addresses b", "none")], "deliverable: accepted");
}

#[test]
fn both_families_are_used_as_the_policy_says() {
    let went = assert_ends(&[("addresses", "2001:db8::1")], "deliverable: accepted");
    assert_eq!(went.asked[2], "connect mx1.engines.example 2001:db8::1");
    let went = assert_ends(
        &[("addresses", "192.0.2.1 2001:db8::1"), ("connect mx1.engines.example 192", "")],
        "deliverable: accepted",
    );
    assert!(went.asked.iter().any(|it| it == "connect mx1.engines.example 2001:db8::1"));
    let only_v4 = Policy { ip: IpPreference::V4Only, ..policy() };
    let went = Script::new(&[("addresses", "2001:db8::1")]).policy(only_v4).run();
    assert_eq!(ending(&went), "unknown: connect_unreachable at connect", "it has an address");
}

#[test]
fn addresses_of_every_kind() {
    let went = Script::new(&[]).address("ada@[192.0.2.7]").run();
    assert_eq!(went.asked[0], "connect - 192.0.2.7", "no DNS is asked for a literal");
    assert_eq!(went.asked[3], "RCPT TO:<ada@[192.0.2.7]>");
    let went = Script::new(&[]).address("ada@b\u{fc}cher.example").run();
    assert_eq!(went.asked[0], "mx xn--bcher-kva.example");
    assert!(went.asked.contains(&"RCPT TO:<ada@xn--bcher-kva.example>".to_owned()));
    let went = Script::new(&[]).address("\u{e4}da@engines.example").run();
    assert_eq!(ending(&went), "unknown: smtputf8_unsupported at mail");
    assert!(!went.asked.iter().any(|it| it.starts_with("MAIL")), "it is not even tried");
    let offer = [("EHLO", "250-mx\n250 SMTPUTF8"), ("RCPT TO:<\u{e4}da@", "250 OK")];
    let went = Script::new(&offer).address("\u{e4}da@engines.example").run();
    assert_eq!(ending(&went), "deliverable: accepted");
    assert!(went.asked.contains(&"MAIL FROM:<probe@verifier.example> SMTPUTF8".to_owned()));
}

#[test]
fn no_command_can_be_put_into_an_address() {
    for text in [
        "ada@engines.example\r\nRSET",
        "ada\r\nRSET@engines.example",
        "\"ada\r\nRSET\"@engines.example",
        "ada>@engines.example",
        "ada@engines.example>",
        "ada\u{0}@engines.example",
        "ada@[192.0.2.7\r\n]",
    ] {
        let mut verification = Verification::new(text, Arc::new(policy()), 1, START);
        assert!(matches!(verification.poll_output(), Output::Done), "{text:?}");
        let report = verification.report().expect("it has ended");
        assert_eq!(report.conclusion.reason(), "syntax_invalid");
        assert_eq!(report.evidence.normal_form, None);
    }
}

// The dialogue.

#[test]
fn a_server_that_knows_no_ehlo_is_asked_with_helo() {
    let went = assert_ends(&[("EHLO", "502 5.5.2 what?")], "deliverable: accepted");
    assert_eq!(went.asked[4], "HELO verifier.example");
}

#[test]
fn tls_is_used_where_it_works() {
    let offer = ("EHLO", "250-mx\n250 STARTTLS");
    let went = assert_ends(&[offer], "deliverable: accepted");
    assert_eq!(went.asked[4..7], ["STARTTLS", "tls", "EHLO verifier.example"]);
    assert!(went.report.evidence.connections[0].is_tls);
    let went = assert_ends(&[offer, ("STARTTLS", "454 4.7.0 no")], "deliverable: accepted");
    assert_eq!(went.asked[5], "MAIL FROM:<probe@verifier.example>", "the session goes on");
    assert!(!went.report.evidence.connections[0].is_tls);
    for failing in ["failed", "gone", ""] {
        let went = assert_ends(&[offer, ("tls", failing)], "deliverable: accepted");
        let connects = went.asked.iter().filter(|it| it.starts_with("connect")).count();
        assert_eq!(connects, 2, "the same host, in the clear");
        assert_eq!(went.asked.iter().filter(|it| *it == "STARTTLS").count(), 1);
    }
    let without = Policy { start_tls: false, ..policy() };
    let went = Script::new(&[offer]).policy(without).run();
    assert!(!went.asked.contains(&"STARTTLS".to_owned()));
}

#[test]
fn what_was_said_before_tls_is_forgotten() {
    let answers = [("EHLO", "250-mx\n250-STARTTLS\n250 PIPELINING"), ("EHLO", "250 mx")];
    let went = assert_ends(&answers, "deliverable: accepted");
    assert_eq!(
        went.asked[7..9],
        ["MAIL FROM:<probe@verifier.example>", "RCPT TO:<ada@engines.example>"]
    );
    // What came behind the reply to STARTTLS, in the clear, is not taken for a reply of the server.
    let went = run(&[answers[0], ("STARTTLS", "220 go\n250 PIPELINING")]);
    assert!(ending(&went).starts_with("unknown: protocol_violation"), "{}", ending(&went));
}

#[test]
fn commands_go_together_where_the_server_offers_it() {
    let went = assert_ends(&[("EHLO", "250-mx\n250 PIPELINING")], "deliverable: accepted");
    assert_eq!(
        went.asked[4..6],
        ["MAIL FROM:<probe@verifier.example>", "RCPT TO:<ada@engines.example>"]
    );
    // A stage whose reply came with the one before took no time, and was reached.
    let stages: Vec<_> = went.report.evidence.stages_us.iter().map(|(stage, _)| *stage).collect();
    assert!(stages.contains(&Stage::Recipient) && !stages.contains(&Stage::Greylist), "{stages:?}");
}

#[test]
fn what_breaks_off_is_named_with_its_stage() {
    assert_ends(&[("greeting", "gone")], "unknown: disconnected at greeting");
    assert_ends(&[("EHLO", "gone")], "unknown: disconnected at hello");
    assert_ends(&[("MAIL", "gone")], "unknown: disconnected at mail");
    assert_ends(&[("RCPT TO:<ada", "gone")], "unknown: disconnected at recipient");
    assert_ends(&[("greeting", "SSH-2.0")], "unknown: protocol_violation at greeting");
    assert_ends(&[("connect", "refused")], "unknown: connect_refused at connect");
    assert_ends(&[("connect", "blocked")], "unknown: egress_blocked at connect");
    let went = assert_ends(&[("QUIT", "gone")], "deliverable: accepted");
    assert_eq!(went.asked.last().map(String::as_str), Some("QUIT"), "nothing is left to close");
    assert!(run(&[("connect", "refused")]).asked.iter().all(|it| it != "close"));
}

#[test]
fn words_that_anyone_gets_are_no_verdict() {
    let alike = ("RCPT", "550 5.1.1 User unknown");
    let postmaster = |answer| [("RCPT TO:<postmaster", answer), alike];
    let went = assert_ends(&postmaster("250 OK"), "undeliverable: no_such_mailbox");
    assert_eq!(went.report.domain.distinguishes, Some(true));
    let went = assert_ends(&[alike], "unknown: refuses_anyone at catch_all");
    assert_eq!(went.report.domain.distinguishes, Some(false));
    let went = assert_ends(&postmaster("451 4.3.0 later"), "undeliverable: no_such_mailbox");
    assert_eq!(went.report.domain.distinguishes, None);
    // Other words for the one that cannot be: then they are about the recipient.
    let went = assert_ends(
        &[("RCPT TO:<ada", REFUSED), ("RCPT", "550 5.1.1 No mailbox by that name")],
        "undeliverable: no_such_mailbox",
    );
    assert!(!went.asked.iter().any(|it| it.contains("postmaster")));
}

#[test]
fn what_is_known_of_the_domain_is_not_asked_again() {
    let known =
        DomainKnowledge { catch_all: CatchAll::No, refusal: Some(1), distinguishes: Some(true) };
    let went = Script::new(&[]).knowing(known).run();
    assert_eq!(ending(&went), "deliverable: accepted");
    assert_eq!(went.asked.iter().filter(|it| it.starts_with("RCPT")).count(), 1);
    let any = DomainKnowledge { catch_all: CatchAll::Yes, ..known };
    assert_eq!(ending(&Script::new(&[]).knowing(any).run()), "risky: catch_all");
    let unprobed = Policy { probe_catch_all: false, ..policy() };
    let went = Script::new(&[]).policy(unprobed).run();
    assert_eq!(went.asked.iter().filter(|it| it.starts_with("RCPT")).count(), 1);
    assert_eq!(went.report.evidence.catch_all, CatchAll::Unknown);
}

#[test]
fn role_and_disposable_change_the_verdict_only_if_asked_to() {
    let info = || Script::new(&[]).address("info@engines.example");
    let went = info().run();
    assert_eq!(ending(&went), "deliverable: accepted");
    assert!(went.report.evidence.is_role);
    let went = info().policy(Policy { role_is_risky: true, ..policy() }).run();
    assert_eq!(ending(&went), "risky: role");
    let went = Script::new(&[]).address("ada@mailinator.com").run();
    assert_eq!(ending(&went), "deliverable: accepted");
    assert!(went.report.evidence.is_disposable);
    let strict = Policy { disposable_is_risky: true, ..policy() };
    let went = Script::new(&[]).address("ada@mailinator.com").policy(strict).run();
    assert_eq!(ending(&went), "risky: disposable");
}

// Shared sessions.

#[test]
fn a_session_is_taken_as_it_is_and_given_back() {
    for (session, first) in [
        ("shared", "MAIL FROM:<probe@verifier.example>"),
        ("shared open", "RCPT TO:<ada@engines.example>"),
        ("shared full", "RSET"),
    ] {
        let went = Script::new(&[("connect", session)]).sharing().run();
        assert_eq!(ending(&went), "deliverable: accepted", "{session}");
        assert_eq!(went.asked[3], first);
        assert_eq!(went.asked.last().map(String::as_str), Some("release Open"));
        assert!(went.report.evidence.connections[0].is_tls);
    }
}

#[test]
fn a_session_is_given_back_as_it_is() {
    let address = "\u{e4}da@engines.example";
    for (session, expected) in [("shared", "release None"), ("shared full", "release Full")] {
        let went = Script::new(&[("connect", session)]).address(address).sharing().run();
        assert_eq!(ending(&went), "unknown: smtputf8_unsupported at mail");
        assert_eq!(went.asked.last().map(String::as_str), Some(expected));
    }
}

#[test]
fn a_transaction_with_too_many_recipients_is_begun_anew_once() {
    let full = ("RCPT TO:<ada", TOO_MANY);
    let fits = ("RCPT TO:<ada", "250 OK");
    let went = Script::new(&[("connect", "shared open"), full, fits]).sharing().run();
    assert_eq!(ending(&went), "deliverable: accepted");
    assert_eq!(went.asked[3..5], ["RCPT TO:<ada@engines.example>", "RSET"]);
    let sessions = [("connect", "shared open"), ("connect", "new")];
    let went = Script::new(&[sessions[0], sessions[1], full, full, fits]).sharing().run();
    assert_eq!(ending(&went), "deliverable: accepted");
    let connects = went.asked.iter().filter(|it| it.starts_with("connect")).count();
    assert_eq!(connects, 2, "a connection of its own: {:?}", went.asked);
}

#[test]
fn a_shared_session_that_died_is_followed_by_one_of_its_own() {
    for died in ["gone", "421 4.4.2 timeout", "nonsense", ""] {
        let answers =
            [("connect", "shared"), ("connect", "new"), ("MAIL", died), ("MAIL", "250 OK")];
        let went = Script::new(&answers).sharing().run();
        assert_eq!(ending(&went), "deliverable: accepted", "{died}");
        assert_eq!(went.report.evidence.connections.len(), 2);
    }
}

#[test]
fn a_cancel_keeps_what_is_known() {
    for (ask, stage) in [
        ("mx", Stage::Dns),
        ("addresses", Stage::Dns),
        ("connect", Stage::Connect),
        ("greeting", Stage::Greeting),
        ("EHLO", Stage::Hello),
        ("MAIL", Stage::Mail),
        ("RCPT TO:<ada", Stage::Recipient),
    ] {
        let went = run(&[(ask, "cancel")]);
        let end = went.report.conclusion;
        assert_eq!(end, Conclusion::Unknown { stage, reason: Unknown::Cancelled }, "{ask}");
        let hosts = went.report.evidence.hosts.len();
        assert_eq!(hosts, usize::from(ask != "mx"), "{ask}");
    }
    for ask in ["RCPT TO:", "QUIT"] {
        let went = run(&[("RCPT TO:<ada", "250 OK"), (ask, "cancel")]);
        assert_eq!(ending(&went), "deliverable: accepted", "the answer was there: {ask}");
        assert_eq!(went.asked.last().map(String::as_str), Some("close"));
    }
}

#[test]
fn what_connections_came_to_is_told_of_each() {
    let offer = ("EHLO", "250-mx\n250 STARTTLS");
    let went = run(&[offer, ("tls", "failed")]);
    let tried = went.report.evidence.connections;
    let failure = tried[0].failure.expect("it led to no answer");
    assert_eq!(failure.stage, Stage::StartTls);
    assert_eq!(tried[1].failure, None);
    let went = run(&[("connect", "refused")]);
    let failure = went.report.evidence.connections[0].failure.expect("it led to no answer");
    assert_eq!(failure.reason, Unknown::ConnectFailed(ConnectFailure::Refused));
}
