//! Refusals of whoever asks: they say nothing of the recipient.

use std::time::{Duration, Instant};

use genesy_core::verification::{Limits, Stage, Unknown, Verdict};
use genesy_providers::simulated::mail::{Script, Stage as At};

use super::rig::{
    ADA, WIDE, assert_deliverable, assert_ended, assert_unknown, judge, knows_ada, one_host,
    stage_time, verify,
};

const BLOCKED: &str = "550 5.7.1 Service unavailable; client [192.0.2.1] is not allowed to send";

#[tokio::test]
async fn blocked_at_the_greeting() {
    let report = judge(knows_ada().refuse(At::Greeting, BLOCKED.replacen("550", "554", 1))).await;
    assert_unknown(&report, "sender_refused_policy", Stage::Greeting);
}

#[tokio::test]
async fn blocked_at_ehlo() {
    let report = judge(knows_ada().refuse(At::Ehlo, BLOCKED).refuse(At::Helo, BLOCKED)).await;
    assert_unknown(&report, "sender_refused_policy", Stage::Hello);
}

#[tokio::test]
async fn blocked_at_mail() {
    let report = judge(knows_ada().refuse(At::MailFrom, BLOCKED)).await;
    assert_unknown(&report, "sender_refused_policy", Stage::Mail);
}

#[tokio::test]
async fn blocked_at_the_recipient() {
    let report = judge(knows_ada().refuse(At::RcptTo, BLOCKED)).await;
    assert_unknown(&report, "sender_refused_policy", Stage::Recipient);
    assert_eq!(report.evidence.reply.unwrap().enhanced.unwrap().to_string(), "5.7.1");
}

#[tokio::test]
async fn policy_codes_and_blocklists_are_never_about_the_recipient() {
    for (text, reason) in [
        ("550 5.7.1 Message rejected due to local policy", "sender_refused_policy"),
        ("554 5.7.1 Blocked; see https://www.spamhaus.org/query/", "sender_refused_reputation"),
        ("550 5.7.25 The IP address has no PTR record", "sender_refused_no_ptr"),
        ("550 5.7.23 SPF validation failed", "sender_refused_authentication"),
        ("450 4.7.28 Unusual rate of mail from your IP", "sender_refused_rate_limited"),
        ("530 5.7.0 Authentication required", "sender_refused_authentication"),
    ] {
        let report = judge(knows_ada().refuse(At::RcptTo, text)).await;
        assert_unknown(&report, reason, Stage::Recipient);
    }
}

#[tokio::test]
async fn a_refusal_of_the_sender_without_a_code_is_not_about_the_recipient() {
    let report = judge(knows_ada().refuse(At::MailFrom, "550 no")).await;
    assert_ended(&report, Verdict::Unknown, "sender_refused_policy", Some(Stage::Mail));
}

#[tokio::test]
async fn a_server_that_cannot_now_is_busy() {
    for at in [At::MailFrom, At::RcptTo] {
        let report = judge(knows_ada().refuse(at, "451 4.3.0 Temporary lookup failure")).await;
        let stage = if at == At::MailFrom { Stage::Mail } else { Stage::Recipient };
        assert_unknown(&report, "busy", stage);
    }
}

const GREYLISTED: &str = "450 4.2.0 <{}>: Recipient address rejected: Greylisted, \
    please try again in 1 seconds";

#[tokio::test]
async fn greylisted_then_accepted() {
    let script = knows_ada().greylisting_says(Duration::from_millis(500), GREYLISTED);
    let (laboratory, host) = one_host(script);
    let limits = Limits { greylist_ms_max: 1_500, ..WIDE };
    let report = verify(&laboratory, limits, ADA).await;
    assert_deliverable(&report);
    assert_eq!(host.stats().connections_total, 2);
    // Nothing is held open meanwhile.
    assert_eq!(host.stats().connections_max, 1);
    assert!(stage_time(&report, Stage::Greylist).unwrap() >= Duration::from_secs(1));
}

#[tokio::test]
async fn greylisted_beyond_the_budget() {
    // The text speaks of 300 seconds.
    let (laboratory, host) = one_host(knows_ada().greylisting(Duration::ZERO));
    let limits = Limits { greylist_ms_max: 299_000, ..WIDE };
    let begun = Instant::now();
    let report = verify(&laboratory, limits, ADA).await;
    assert_unknown(&report, "greylisted", Stage::Recipient);
    let genesy_core::verification::Conclusion::Unknown {
        reason: Unknown::Greylisted { retry_at },
        ..
    } = report.conclusion
    else {
        panic!("{report:?}")
    };
    let now_s = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let in_s = retry_at.as_micros() / 1_000_000 - now_s.as_secs();
    assert!((280..=301).contains(&in_s), "{in_s}");
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert_eq!(host.stats().connections_total, 1);
}

#[tokio::test]
async fn greylisted_for_longer_than_it_says() {
    let script = knows_ada().greylisting_says(Duration::from_secs(600), GREYLISTED);
    let (laboratory, host) = one_host(script);
    let limits = Limits { greylist_ms_max: 1_500, ..WIDE };
    assert_unknown(&verify(&laboratory, limits, ADA).await, "greylisted", Stage::Recipient);
    assert_eq!(host.stats().connections_total, 2);
}

#[tokio::test]
async fn a_host_that_knows_helo_alone_is_asked_with_it() {
    let (laboratory, host) = one_host(knows_ada().helo_only());
    assert_deliverable(&verify(&laboratory, WIDE, ADA).await);
    let transcript = host.transcripts().remove(0);
    assert!(transcript.commands().contains(&"HELO verifier.engines.example"));
}

#[tokio::test]
async fn a_host_without_pipelining_is_asked_one_by_one() {
    assert_deliverable(&judge(knows_ada().no_pipelining()).await);
}

#[tokio::test]
async fn no_room_for_the_probe_leaves_catch_all_unknown() {
    for script in [
        knows_ada().recipients_per_transaction_max(1),
        knows_ada().recipients_per_session_max(1),
        Script::default().recipients_per_session_max(1),
    ] {
        let report = judge(script).await;
        assert_deliverable(&report);
        assert_eq!(report.evidence.catch_all, genesy_core::verification::CatchAll::Unknown);
    }
}

#[tokio::test]
async fn no_room_for_the_recipient_is_busy() {
    let report = judge(knows_ada().recipients_per_transaction_max(0)).await;
    assert_unknown(&report, "busy", Stage::Recipient);
    let report = judge(knows_ada().recipients_per_session_max(0)).await;
    assert_unknown(&report, "busy", Stage::Recipient);
}

#[tokio::test]
async fn too_many_connections_is_not_about_the_recipient() {
    let report = judge(knows_ada().connections_max(0)).await;
    assert_unknown(&report, "sender_refused_rate_limited", Stage::Greeting);
}

#[tokio::test]
async fn the_pace_of_postfix_is_no_fault() {
    let report = judge(knows_ada().postfix_pace()).await;
    assert_deliverable(&report);
    let time = stage_time(&report, Stage::Recipient).unwrap();
    assert!(time >= Duration::from_millis(500), "{time:?}");
}
