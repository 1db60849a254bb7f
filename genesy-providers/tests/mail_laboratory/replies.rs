//! Replies that are broken, lie, or never come, at each stage.

use std::time::Duration;

use genesy_core::verification::{CatchAll, Limits, Stage};
use genesy_providers::simulated::mail::{Stage as At, Trick};

use super::rig::{
    ADA, WIDE, assert_deliverable, assert_undeliverable, assert_unknown, judge, knows_ada,
    one_host, verify,
};

/// The stages where the verdict is still open.
const OPEN: [(At, Stage); 4] = [
    (At::Greeting, Stage::Greeting),
    (At::Ehlo, Stage::Hello),
    (At::MailFrom, Stage::Mail),
    (At::RcptTo, Stage::Recipient),
];

/// A trick at each stage where the verdict is open ends there for this reason.
async fn ends_at_each_stage(trick: Trick, reason: &str) {
    for (at, stage) in OPEN {
        assert_unknown(&judge(knows_ada().trick(at, trick.clone())).await, reason, stage);
    }
}

/// A trick at the probe costs the probe alone.
async fn costs_only_the_probe(trick: Trick) {
    let report = judge(knows_ada().trick_at(At::RcptTo, 2, trick)).await;
    assert_deliverable(&report);
    assert_eq!(report.evidence.catch_all, CatchAll::Unknown);
}

/// A trick at any stage changes nothing.
async fn changes_nothing(trick: Trick) {
    for at in [At::Greeting, At::Ehlo, At::MailFrom, At::RcptTo, At::Quit] {
        assert_deliverable(&judge(knows_ada().trick(at, trick.clone())).await);
    }
}

#[tokio::test]
async fn disconnect_at_each_stage() {
    ends_at_each_stage(Trick::Disconnect, "disconnected").await;
    costs_only_the_probe(Trick::Disconnect).await;
}

#[tokio::test]
async fn reset_at_each_stage() {
    ends_at_each_stage(Trick::Reset, "disconnected").await;
    costs_only_the_probe(Trick::Reset).await;
}

#[tokio::test]
async fn half_a_reply_at_each_stage() {
    ends_at_each_stage(Trick::HalfReply, "disconnected").await;
    costs_only_the_probe(Trick::HalfReply).await;
}

#[tokio::test]
async fn a_flood_at_each_stage() {
    ends_at_each_stage(Trick::Flood, "reply_too_long").await;
    costs_only_the_probe(Trick::Flood).await;
}

#[tokio::test]
async fn endless_lines_at_each_stage() {
    ends_at_each_stage(Trick::EndlessLines, "reply_too_long").await;
    costs_only_the_probe(Trick::EndlessLines).await;
}

#[tokio::test]
async fn what_is_not_smtp_at_each_stage() {
    let other = Trick::Reply(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec());
    ends_at_each_stage(other.clone(), "protocol_violation").await;
    costs_only_the_probe(other).await;
}

#[tokio::test]
async fn binary_rubbish_at_each_stage() {
    let rubbish = Trick::Reply(b"\x00\x01\xFF\xFE\r\n".to_vec());
    ends_at_each_stage(rubbish, "protocol_violation").await;
}

#[tokio::test]
async fn unsolicited_bytes_at_each_stage() {
    let more = Trick::Unsolicited(b"250 2.1.5 Ok\r\n".to_vec());
    for (at, stage) in [(At::Greeting, Stage::Greeting), (At::Ehlo, Stage::Hello)] {
        let report = judge(knows_ada().trick(at, more.clone())).await;
        assert_eq!(report.conclusion.reason(), "protocol_violation", "{report:#?}");
        // It shows when the next command has not been answered, or right away.
        assert!(report.conclusion.stage() >= Some(stage), "{report:#?}");
    }
}

#[tokio::test]
async fn a_reply_too_many_makes_nobody_deliverable() {
    let more = Trick::Unsolicited(b"250 2.1.5 Ok\r\n".to_vec());
    let (laboratory, _host) = one_host(knows_ada().trick(At::MailFrom, more));
    let report = verify(&laboratory, WIDE, "nobody@engines.example").await;
    assert_eq!(report.conclusion.reason(), "protocol_violation", "{report:#?}");
}

#[tokio::test]
async fn a_close_at_quit_changes_nothing() {
    for trick in [Trick::Disconnect, Trick::Reset, Trick::HalfReply, Trick::Flood] {
        assert_deliverable(&judge(knows_ada().trick(At::Quit, trick)).await);
    }
}

#[tokio::test]
async fn silence_at_quit_costs_no_more_than_its_limit() {
    let (laboratory, _host) = one_host(knows_ada().trick(At::Quit, Trick::Silence));
    let begun = std::time::Instant::now();
    assert_deliverable(&verify(&laboratory, Limits { quit_ms: 50, ..WIDE }, ADA).await);
    assert!(begun.elapsed() < super::rig::OVERRUN_MAX, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn split_replies_change_nothing() {
    changes_nothing(Trick::Split { pieces: 4, pause: Duration::from_millis(5) }).await;
}

#[tokio::test]
async fn slow_bytes_change_nothing() {
    changes_nothing(Trick::Drip { interval: Duration::from_millis(1) }).await;
}

#[tokio::test]
async fn bare_line_feeds_change_nothing() {
    changes_nothing(Trick::BareLf).await;
}

#[tokio::test]
async fn letters_beyond_ascii_change_nothing() {
    changes_nothing(Trick::NonAscii).await;
}

#[tokio::test]
async fn long_lines_change_nothing_up_to_a_bound() {
    changes_nothing(Trick::OverlongLine { bytes: 2_000 }).await;
    ends_at_each_stage(Trick::OverlongLine { bytes: 100_000 }, "reply_too_long").await;
}

#[tokio::test]
async fn a_refusal_beyond_ascii_is_understood_and_kept_as_text() {
    let script = knows_ada().unknown("550 5.1.1 <{}>: Benutzer gelöscht \u{1F4EC}");
    let (laboratory, _host) = one_host(script);
    let report = verify(&laboratory, WIDE, super::rig::BOB).await;
    assert_undeliverable(&report, "no_such_mailbox");
    let text = report.evidence.reply.unwrap().text;
    assert!(text.reveal().len() <= genesy_core::verification::reply::TEXT_BYTES_MAX);
    assert!(!text.reveal().contains(|letter: char| letter.is_control()));
}

#[tokio::test]
async fn a_lying_code_is_taken_at_its_word_but_not_for_an_address() {
    // Accepts, then is silent about why it would not have.
    let lies = Trick::Reply(b"250 5.1.1 User unknown\r\n".to_vec());
    let report = judge(knows_ada().trick_at(At::RcptTo, 1, lies)).await;
    assert_eq!(report.evidence.reply.as_ref().unwrap().code, 250);
    // A code that RCPT cannot have.
    let lies = Trick::Reply(b"220 hello again\r\n".to_vec());
    let report = judge(knows_ada().trick_at(At::RcptTo, 1, lies)).await;
    assert_ne!(report.conclusion.reason(), "no_such_mailbox", "{report:#?}");
}

#[tokio::test]
async fn swapped_replies_never_condemn_a_recipient() {
    // MAIL and RCPT go out together; the reply to MAIL comes behind the one to RCPT.
    let script = knows_ada().trick_at(At::MailFrom, 1, Trick::Swap);
    let (laboratory, _host) = one_host(script.clone());
    let report = verify(&laboratory, WIDE, super::rig::BOB).await;
    assert_ne!(report.conclusion.reason(), "accepted", "{report:#?}");
    assert_deliverable(&judge(script).await);
}
