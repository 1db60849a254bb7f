//! Reports in the JSON of check-if-email-exists: what its users expect of each verdict and reason.

use genesy_core::address::AddressRef;
use genesy_core::pii::Pii;
use genesy_core::time::Timestamp;
use genesy_core::verification::classify::Refusal;
use genesy_core::verification::compatible::CompatibleReport;
use genesy_core::verification::{
    CatchAll, Conclusion, ConnectFailure, ConnectionTried, DnsFailure, DomainKnowledge, Evidence,
    ReplyEvidence, Report, Risk, Stage, Undeliverable, Unknown,
};
use serde_json::{Value, json};

const ADDRESS: &str = "ada@engines.example";

/// A report of a verification that came as far as a mail host.
fn report(conclusion: Conclusion) -> Report {
    let connection = ConnectionTried {
        host: Some(1),
        address: "192.0.2.1".parse().expect("an address"),
        is_tls: true,
        failure: None,
    };
    let hosts = ["mx1.engines.example", "mx2.engines.example"].map(str::to_owned).to_vec();
    let mut evidence = Evidence::default();
    evidence.normal_form = Some(Pii::new(ADDRESS.to_owned()));
    evidence.hosts = hosts;
    evidence.connections = vec![connection];
    evidence.catch_all = CatchAll::No;
    evidence.stages_us = vec![(Stage::Dns, 1_900_000), (Stage::Recipient, 350_000)];
    Report { conclusion, evidence, domain: DomainKnowledge::default() }
}

/// The same of one that came to no mail host.
fn hostless(conclusion: Conclusion) -> Report {
    let mut report = report(conclusion);
    report.evidence = Evidence::default();
    report
}

fn unknown(stage: Stage, reason: Unknown) -> Conclusion {
    Conclusion::Unknown { stage, reason }
}

fn json(report: &Report) -> Value {
    serde_json::to_value(CompatibleReport::new(ADDRESS, report)).expect("JSON")
}

fn smtp(full: bool, catch_all: bool, deliverable: bool, disabled: bool) -> Value {
    json!({
        "can_connect_smtp": true,
        "has_full_inbox": full,
        "is_catch_all": catch_all,
        "is_deliverable": deliverable,
        "is_disabled": disabled,
    })
}

#[test]
fn the_whole_of_a_deliverable_address() {
    let report = report(Conclusion::Deliverable);
    let started = Timestamp::from_micros(1_772_323_200_000_000);
    let compatible = CompatibleReport::new(ADDRESS, &report).with_debug(&report, started);
    assert_eq!(
        serde_json::to_value(compatible).expect("JSON"),
        json!({
            "input": "ada@engines.example",
            "is_reachable": "safe",
            "misc": {
                "is_disposable": false,
                "is_role_account": false,
                "is_b2c": false,
                "gravatar_url": null,
                "haveibeenpwned": null,
            },
            "mx": {
                "accepts_mail": true,
                "records": ["mx1.engines.example.", "mx2.engines.example."],
            },
            "smtp": {
                "can_connect_smtp": true,
                "has_full_inbox": false,
                "is_catch_all": false,
                "is_deliverable": true,
                "is_disabled": false,
            },
            "syntax": {
                "address": "ada@engines.example",
                "domain": "engines.example",
                "is_valid_syntax": true,
                "username": "ada",
                "normalized_email": "ada@engines.example",
                "suggestion": null,
            },
            "debug": {
                "backend_name": "genesy",
                "start_time": "2026-03-01T00:00:00Z",
                "end_time": "2026-03-01T00:00:02.25Z",
                "duration": { "secs": 2, "nanos": 250_000_000 },
                "smtp": {
                    "verif_method": { "type": "Smtp", "host": "mx2.engines.example." },
                },
            },
        })
    );
}

#[test]
fn each_answer_of_a_mail_host_is_the_one_that_users_know() {
    use Undeliverable::{MailboxDisabled, Moved, NoSuchDomain, NoSuchMailbox};
    for (conclusion, word, expected) in [
        (Conclusion::Deliverable, "safe", smtp(false, false, true, false)),
        (Conclusion::Undeliverable(NoSuchMailbox), "invalid", smtp(false, false, false, false)),
        (Conclusion::Undeliverable(MailboxDisabled), "invalid", smtp(false, false, false, true)),
        (Conclusion::Undeliverable(Moved), "invalid", smtp(false, false, false, false)),
        (Conclusion::Undeliverable(NoSuchDomain), "invalid", smtp(false, false, false, false)),
        (Conclusion::Risky(Risk::MailboxFull), "risky", smtp(true, false, false, false)),
        (Conclusion::Risky(Risk::Disposable), "risky", smtp(false, false, true, false)),
        (Conclusion::Risky(Risk::Role), "risky", smtp(false, false, true, false)),
    ] {
        let json = json(&report(conclusion));
        assert_eq!(json["is_reachable"], word, "{conclusion:?}");
        assert_eq!(json["smtp"], expected, "{conclusion:?}");
        assert_eq!(json["mx"]["accepts_mail"], true);
        assert!(json.get("debug").is_none(), "only if it is asked for");
    }
    let mut catch_all = report(Conclusion::Risky(Risk::CatchAll));
    catch_all.evidence.catch_all = CatchAll::Yes;
    let catch_all = json(&catch_all);
    assert_eq!(catch_all["is_reachable"], "risky");
    assert_eq!(catch_all["smtp"], smtp(false, true, true, false));
}

#[test]
fn where_nobody_was_asked_all_is_false() {
    use Undeliverable::{NoMailHost, NoSuchDomain, NullMx, SyntaxInvalid};
    let error = AddressRef::parse("ada").expect_err("no address");
    let details = CompatibleReport::new("ada", &hostless(Conclusion::Deliverable));
    let none = json!({
        "can_connect_smtp": false,
        "has_full_inbox": false,
        "is_catch_all": false,
        "is_deliverable": false,
        "is_disabled": false,
    });
    assert!(!details.syntax.is_valid_syntax);
    for reason in [SyntaxInvalid(error), NoSuchDomain, NullMx, NoMailHost] {
        let json = json(&hostless(Conclusion::Undeliverable(reason)));
        assert_eq!(json["is_reachable"], "invalid", "{reason:?}");
        assert_eq!(json["mx"], json!({ "accepts_mail": false, "records": [] }), "{reason:?}");
        assert_eq!(json["smtp"], none, "{reason:?}");
    }
    // Hosts without addresses take no mail either.
    let mut report = report(Conclusion::Undeliverable(NoMailHost));
    report.evidence.connections.clear();
    assert_eq!(json(&report)["mx"], json!({ "accepts_mail": false, "records": [] }));

    let dns = unknown(Stage::Dns, Unknown::DnsFailure(DnsFailure::ServerFailure));
    let json = json(&hostless(dns));
    assert_eq!(json["is_reachable"], "unknown");
    let message = json!({ "type": "ResolveError", "message": "dns_failure (dns)" });
    assert_eq!(json["mx"], json!({ "error": message }));
    assert_eq!(json["smtp"], none);
}

#[test]
fn what_is_unknown_has_an_error_of_a_known_type() {
    let retry_at = Timestamp::from_micros(0);
    for (stage, reason, kind) in [
        (Stage::Greeting, Unknown::DeadlineExceeded, "Timeout"),
        (Stage::Greeting, Unknown::StageTimeout, "Timeout"),
        (Stage::Queue, Unknown::QueueTimeout, "Timeout"),
        (Stage::Connect, Unknown::ConnectFailed(ConnectFailure::Refused), "IOError"),
        (Stage::Connect, Unknown::ConnectFailed(ConnectFailure::TimedOut), "Timeout"),
        (Stage::Connect, Unknown::ConnectFailed(ConnectFailure::Proxy), "Socks5"),
        (Stage::Connect, Unknown::EgressBlocked, "IOError"),
        (Stage::Mail, Unknown::Disconnected, "IOError"),
        (Stage::Dns, Unknown::DnsFailure(DnsFailure::TimedOut), "IOError"),
        (Stage::Hello, Unknown::ReplyTooLong, "AsyncSmtpError"),
        (Stage::Greeting, Unknown::ProtocolViolation, "AsyncSmtpError"),
        (Stage::Recipient, Unknown::Greylisted { retry_at }, "AsyncSmtpError"),
        (Stage::Recipient, Unknown::SenderRefused(Refusal::Policy), "AsyncSmtpError"),
        (Stage::CatchAll, Unknown::RefusesAnyone, "AsyncSmtpError"),
        (Stage::Greeting, Unknown::Busy, "AsyncSmtpError"),
        (Stage::Mail, Unknown::TlsRequired, "AsyncSmtpError"),
        (Stage::Mail, Unknown::Smtputf8Unsupported, "AsyncSmtpError"),
        (Stage::Recipient, Unknown::Unclear, "AsyncSmtpError"),
        (Stage::Recipient, Unknown::Cancelled, "AnyhowError"),
    ] {
        let json = json(&report(unknown(stage, reason)));
        assert_eq!(json["is_reachable"], "unknown", "{reason:?}");
        assert_eq!(json["mx"]["accepts_mail"], true, "{reason:?}");
        let message = format!("{} ({})", reason.name(), stage.name());
        let expected = json!({ "error": { "type": kind, "message": message } });
        assert_eq!(json["smtp"], expected, "{reason:?}");
    }
}

#[test]
fn a_refusal_has_the_words_of_the_server() {
    let refused = |refusal, code, text: &str| {
        let mut report = report(unknown(Stage::Recipient, Unknown::SenderRefused(refusal)));
        report.evidence.reply = Some(ReplyEvidence {
            stage: Stage::Recipient,
            code,
            enhanced: None,
            text: Pii::new(text.to_owned()),
            rule: "a rule".into(),
        });
        json(&report)["smtp"].clone()
    };
    assert_eq!(
        refused(Refusal::Reputation, 554, "your address is on a list"),
        json!({
            "error": {
                "type": "AsyncSmtpError",
                "message": "permanent: your address is on a list",
            },
            "description": "IpBlacklisted",
        })
    );
    let no_name = refused(Refusal::NoPtr, 450, "cannot find your reverse hostname");
    assert_eq!(no_name["error"]["message"], "transient: cannot find your reverse hostname");
    assert_eq!(no_name["description"], "NeedsRDNS");
    let policy = refused(Refusal::Policy, 550, "not from there");
    assert!(policy.get("description").is_none());
}

#[test]
fn role_and_disposable_addresses_are_risky_if_they_are_there() {
    for (is_role, is_disposable) in [(true, false), (false, true), (true, true)] {
        let mark = |conclusion| {
            let mut report = report(conclusion);
            report.evidence.is_role = is_role;
            report.evidence.is_disposable = is_disposable;
            json(&report)
        };
        let taken = mark(Conclusion::Deliverable);
        assert_eq!(taken["is_reachable"], "risky");
        assert_eq!(taken["misc"]["is_role_account"], is_role);
        assert_eq!(taken["misc"]["is_disposable"], is_disposable);
        let refused = mark(Conclusion::Undeliverable(Undeliverable::NoSuchMailbox));
        assert_eq!(refused["is_reachable"], "invalid");
    }
}

#[test]
fn a_mistyped_domain_has_a_suggestion() {
    let report = hostless(Conclusion::Undeliverable(Undeliverable::NoSuchDomain));
    let compatible = CompatibleReport::new("Ada@gmial.com", &report);
    let syntax = serde_json::to_value(&compatible).expect("JSON")["syntax"].clone();
    assert_eq!(syntax["suggestion"], "Ada@gmail.com");
    assert_eq!(syntax["normalized_email"], "ada@gmial.com");
    assert_eq!(syntax["address"], "Ada@gmial.com");
}

#[test]
fn what_was_written_is_read_again_and_never_shown() {
    let started = Timestamp::from_micros(0);
    for report in [
        report(Conclusion::Deliverable),
        hostless(Conclusion::Undeliverable(Undeliverable::NullMx)),
        report(unknown(Stage::Recipient, Unknown::SenderRefused(Refusal::NoPtr))),
        hostless(unknown(Stage::Dns, Unknown::DnsFailure(DnsFailure::Refused))),
    ] {
        let compatible = CompatibleReport::new(ADDRESS, &report).with_debug(&report, started);
        let text = serde_json::to_string(&compatible).expect("JSON");
        let read: CompatibleReport<'_> = serde_json::from_str(&text).expect("the same shape");
        assert_eq!(read, compatible);
        let shown = format!("{compatible:?}");
        assert!(!shown.contains("ada") && !shown.contains('@'), "{shown}");
    }
}
