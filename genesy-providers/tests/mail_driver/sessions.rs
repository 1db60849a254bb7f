//! Sessions that addresses of one domain share.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use genesy_core::verification::Limits;
use genesy_providers::simulated::mail::{MailHost, Mailbox, Script, Stage as At, Trick};

use super::rig::{DOMAIN, WIDE, builder, one_host, policy};

const COUNT: usize = 300;

fn known(number: usize) -> String {
    format!("known{number}@{DOMAIN}")
}

/// A host that knows the first half.
fn half() -> Script {
    Script::with_mailboxes((0..COUNT / 2).map(known))
}

/// Half of these are known, one by one.
fn mixed() -> Vec<String> {
    (0..COUNT / 2).flat_map(|number| [known(number), format!("un{}", known(number))]).collect()
}

/// Verifies all, checks that each is reported once, and gives the reason of each.
async fn reasons(
    script: Script,
    limits: Limits,
    addresses: &[String],
) -> (BTreeMap<String, &'static str>, MailHost) {
    let (laboratory, host) = one_host(script);
    let verifier = builder(&laboratory, policy(limits)).build().unwrap();
    let mut reasons = BTreeMap::new();
    let given = stream::iter(addresses.to_vec());
    let all = async {
        let mut reports = std::pin::pin!(verifier.verify_all(given));
        while let Some(done) = reports.next().await {
            let before = reasons.insert(done.address.into_inner(), done.report.conclusion.reason());
            assert_eq!(before, None, "it is reported twice");
        }
    };
    tokio::time::timeout(Duration::from_secs(60), all).await.expect("some are never reported");
    assert_eq!(reasons.len(), addresses.len());
    (reasons, host)
}

#[track_caller]
fn assert_right(reasons: &BTreeMap<String, &'static str>) {
    for (address, reason) in reasons {
        let right = if address.starts_with("known") { "accepted" } else { "no_such_mailbox" };
        assert_eq!(*reason, right, "{address}");
    }
}

#[tokio::test]
async fn few_connections_serve_many() {
    let (reasons, host) = reasons(half(), WIDE, &mixed()).await;
    assert_right(&reasons);
    let stats = host.stats();
    assert!(stats.connections_total <= 4, "{stats:?}");
    assert!(stats.recipients < COUNT as u64 + 20, "{stats:?}");
}

#[tokio::test]
async fn the_most_recipients_of_a_transaction_are_learnt() {
    let all: Vec<_> = (0..COUNT).map(known).collect();
    let script = Script::with_mailboxes(&all).recipients_per_transaction_max(10);
    let (reasons, host) = reasons(script, WIDE, &all).await;
    assert_right(&reasons);
    let stats = host.stats();
    assert!(stats.connections_total <= 4, "{stats:?}");
    // Each ten recipients take RSET and MAIL, and there is something to learn.
    assert!(stats.commands < (COUNT + COUNT / 5 + 250) as u64, "{stats:?}");
}

#[tokio::test]
async fn a_transaction_of_one_recipient_serves_all() {
    let (reasons, host) = reasons(half().recipients_per_transaction_max(1), WIDE, &mixed()).await;
    assert_right(&reasons);
    assert!(host.stats().connections_total <= 8, "{:?}", host.stats());
}

#[tokio::test]
async fn the_most_recipients_of_a_session_are_learnt() {
    let (reasons, host) = reasons(half().recipients_per_session_max(20), WIDE, &mixed()).await;
    assert_right(&reasons);
    // 15 are needed, and there is something to learn.
    let stats = host.stats();
    assert!(stats.connections_total <= 60, "{stats:?}");
}

#[tokio::test]
async fn a_host_that_dies_in_a_batch_loses_none() {
    for trick in [Trick::Disconnect, Trick::Reset, Trick::HalfReply, Trick::Flood] {
        let script = half().trick_at(At::RcptTo, 25, trick.clone());
        let (reasons, host) = reasons(script, WIDE, &mixed()).await;
        assert_right(&reasons);
        assert!(
            host.stats().connections_total <= COUNT as u64 / 2,
            "{trick:?}: {:?}",
            host.stats()
        );
    }
}

/// A host closes a session for what others did in it: none of those that are left is judged by that.
#[tokio::test]
async fn a_session_that_is_closed_for_what_others_did_loses_none() {
    let closing = b"421 4.7.0 mx1.engines.example Error: too many errors\r\n".to_vec();
    let script = half().trick_at(At::RcptTo, 25, Trick::Reply(closing));
    let (reasons, host) = reasons(script, WIDE, &mixed()).await;
    assert_right(&reasons);
    assert!(host.stats().connections_total <= COUNT as u64 / 5, "{:?}", host.stats());
}

#[tokio::test]
async fn a_host_that_falls_silent_in_a_batch_loses_none() {
    let script = half().trick_at(At::RcptTo, 25, Trick::Silence);
    let limits = Limits { recipient_ms: 400, ..WIDE };
    let (reasons, _host) = reasons(script, limits, &mixed()[..100]).await;
    assert_right(&reasons);
}

/// Many commands at once make the last of them wait for all: no batch is larger than the time allows.
#[tokio::test]
async fn a_slow_host_gets_small_batches() {
    let script = half().delay_at(At::RcptTo, Duration::from_millis(30));
    let limits = Limits { recipient_ms: 1_000, ..WIDE };
    let (reasons, host) = reasons(script, limits, &mixed()[..80]).await;
    assert_right(&reasons);
    assert!(host.stats().connections_total <= 4, "{:?}", host.stats());
}

#[tokio::test]
async fn split_and_slow_bytes_are_put_together() {
    let script =
        half().trick(At::RcptTo, Trick::Split { pieces: 3, pause: Duration::from_millis(1) });
    assert_right(&reasons(script, WIDE, &mixed()[..60]).await.0);
}

/// Who has whose reply cannot be known; that nobody is lost, and that others are not touched, can.
#[tokio::test]
async fn swapped_replies_touch_two() {
    let script = half().trick_at(At::RcptTo, 30, Trick::Swap);
    let (reasons, host) = reasons(script, WIDE, &mixed()).await;
    let right = |(address, reason): &(&String, &&str)| {
        **reason == if address.starts_with("known") { "accepted" } else { "no_such_mailbox" }
    };
    let wrong = reasons.iter().filter(|each| !right(each)).count() as u64;
    assert!(wrong <= 2 * host.stats().connections_total, "{wrong} of {:?}", host.stats());
}

#[tokio::test]
async fn unsolicited_replies_lose_none() {
    let more = Trick::Unsolicited(b"250 2.1.5 Ok\r\n".to_vec());
    let (reasons, _host) = reasons(half().trick_at(At::RcptTo, 40, more), WIDE, &mixed()).await;
    assert_eq!(reasons.len(), COUNT);
}

/// Each command waits for its reply where the host does not offer more (RFC 2920).
#[tokio::test]
async fn a_host_without_pipelining_is_asked_one_by_one() {
    let script = half().no_pipelining().recipients_per_transaction_max(5);
    let (reasons, host) = reasons(script, WIDE, &mixed()[..60]).await;
    assert_right(&reasons);
    for transcript in host.transcripts() {
        let sides = transcript.lines.iter().map(|line| line.side).collect::<Vec<_>>();
        let in_a_row = sides.windows(2).any(|two| {
            two.iter().all(|side| *side == genesy_providers::simulated::mail::Side::Client)
        });
        assert!(!in_a_row, "two commands came without a reply between them");
    }
}

#[tokio::test]
async fn greylisted_ones_keep_no_others_waiting() {
    let grey = format!("grey@{DOMAIN}");
    let later = "450 4.2.0 <{}>: Greylisted, please try again in 2 seconds";
    let script = half().mailbox(&grey, Mailbox::Says(later.to_owned()));
    let (laboratory, _host) = one_host(script);
    let limits = Limits { greylist_ms_max: 2_500, ..WIDE };
    let verifier = builder(&laboratory, policy(limits)).build().unwrap();
    let mut addresses = mixed();
    addresses.truncate(100);
    addresses.insert(3, grey.clone());
    let done: Vec<_> = verifier.verify_all(stream::iter(addresses)).collect().await;
    assert_eq!(done.len(), 101);
    assert_eq!(*done[100].address.reveal(), grey);
    assert_eq!(done[100].report.conclusion.reason(), "greylisted");
}

#[tokio::test]
async fn one_that_fails_for_now_takes_no_others_with_it() {
    let busy = format!("busy@{DOMAIN}");
    let script = half().mailbox(&busy, Mailbox::Says("451 4.3.0 lookup failure".to_owned()));
    let mut addresses = mixed();
    addresses.insert(40, busy.clone());
    let (mut reasons, host) = reasons(script, WIDE, &addresses).await;
    assert_eq!(reasons.remove(&busy), Some("busy"));
    assert_right(&reasons);
    println!("{:?}", host.stats());
}

#[tokio::test]
async fn addresses_beyond_ascii_share_sessions_with_others() {
    for offered in [true, false] {
        let known = (0..40).map(known).chain(["jürgen@engines.example".to_owned()]);
        let script = Script::with_mailboxes(known).recipients_per_transaction_max(4);
        let script = if offered { script.smtputf8() } else { script };
        let mut addresses = mixed();
        addresses.truncate(80);
        for place in [0, 5, 17, 30, 60, 79] {
            addresses.insert(place, format!("jürgen{place}@engines.example"));
        }
        let (mut reasons, _host) = reasons(script, WIDE, &addresses).await;
        let beyond: Vec<_> =
            reasons.keys().filter(|address| !address.is_ascii()).cloned().collect();
        assert_eq!(beyond.len(), 6);
        for address in beyond {
            let right = if offered { "no_such_mailbox" } else { "smtputf8_unsupported" };
            assert_eq!(reasons.remove(&address), Some(right), "{address}");
        }
        assert_right(&reasons);
    }
}

#[tokio::test]
async fn hosts_of_the_same_preference_serve_all() {
    let (laboratory, first) = one_host(half());
    let second = laboratory.host("mx2.engines.example", half()).unwrap();
    laboratory.domain(DOMAIN).mx(10, "mx2.engines.example");
    let verifier = builder(&laboratory, policy(WIDE)).build().unwrap();
    let mut wrong = 0;
    let mut reports = std::pin::pin!(verifier.verify_all(stream::iter(mixed())));
    let mut count = 0;
    while let Some(done) = reports.next().await {
        let is_known = done.address.reveal().starts_with("known");
        let right = if is_known { "accepted" } else { "no_such_mailbox" };
        wrong += usize::from(done.report.conclusion.reason() != right);
        count += 1;
    }
    assert_eq!((count, wrong), (COUNT, 0));
    println!("{:?} {:?}", first.stats(), second.stats());
}
