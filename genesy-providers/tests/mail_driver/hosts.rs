//! What one host has to bear.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use genesy_core::verification::{Limits, Stage};
use genesy_providers::simulated::mail::{Stage as At, Trick};

use super::rig::{
    ADA, DOMAIN, WIDE, assert_deliverable, assert_unknown, builder, knows_ada, one_host, policy,
};
use super::until;

/// Some time in which more would happen if it did.
const A_WHILE: Duration = Duration::from_millis(150);

#[tokio::test]
async fn a_host_has_no_more_connections_than_it_may() {
    let (laboratory, host) = one_host(knows_ada().trick(At::Greeting, Trick::Silence));
    let builder = builder(&laboratory, policy(WIDE)).connections_per_host_max(3);
    let verifier = builder.build().unwrap();
    let mut all: Vec<_> = (0..12).map(|_| verifier.start(ADA)).collect();
    until(|| host.stats().connections_now == 3).await;
    tokio::time::sleep(A_WHILE).await;
    assert_eq!(host.stats().connections_total, 3);
    // Each that ends makes room for one.
    drop(all.remove(0));
    until(|| host.stats().connections_total == 4).await;
    tokio::time::sleep(A_WHILE).await;
    assert_eq!(host.stats().connections_total, 4);
}

#[tokio::test]
async fn all_get_their_turn() {
    let (laboratory, host) = one_host(knows_ada().delay(Duration::from_millis(2)));
    let builder = builder(&laboratory, policy(WIDE)).connections_per_host_max(2);
    let verifier = builder.build().unwrap();
    for report in join_all((0..20).map(|_| verifier.verify(ADA))).await {
        assert_deliverable(&report);
    }
    until(|| host.stats().connections_now == 0).await;
}

#[tokio::test]
async fn between_connections_there_is_a_pause() {
    const PAUSE: Duration = Duration::from_millis(60);
    let (laboratory, host) = one_host(knows_ada());
    let builder = builder(&laboratory, policy(WIDE)).connections_per_host_max(9);
    let verifier = builder.connect_pause(PAUSE).build().unwrap();
    let begun = Instant::now();
    for report in join_all((0..5).map(|_| verifier.verify(ADA))).await {
        assert_deliverable(&report);
    }
    assert_eq!(host.stats().connections_total, 5);
    assert!(begun.elapsed() >= 4 * PAUSE, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn other_hosts_do_not_wait() {
    let (laboratory, _host) = one_host(knows_ada().trick(At::Greeting, Trick::Silence));
    let other = Script::with_mailboxes(["ada@other.example"]);
    laboratory.host("mx.other.example", other).unwrap();
    laboratory.domain("other.example").mx(10, "mx.other.example");
    let builder = builder(&laboratory, policy(WIDE)).connections_per_host_max(1);
    let verifier = builder.connect_pause(Duration::from_secs(60)).build().unwrap();
    let _first = verifier.start(ADA);
    assert_deliverable(&verifier.verify("ada@other.example").await);
}

#[tokio::test]
async fn the_wait_for_a_turn_has_an_end() {
    let (laboratory, host) = one_host(knows_ada().trick(At::Greeting, Trick::Silence));
    let limits = Limits { queue_ms_max: 80, ..WIDE };
    let builder = builder(&laboratory, policy(limits)).connections_per_host_max(1);
    let verifier = builder.build().unwrap();
    let _first = verifier.start(ADA);
    until(|| host.stats().connections_now == 1).await;
    let report = verifier.verify(&format!("bob@{DOMAIN}")).await;
    assert_unknown(&report, "queue_timeout", Stage::Queue);
}

#[tokio::test]
async fn the_client_is_who_the_policy_says() {
    use genesy_core::verification::{Identity, Policy};
    for (helo, from) in [("probe.elsewhere.example", "who@elsewhere.example"), ("[192.0.2.1]", "")]
    {
        let (laboratory, host) = one_host(knows_ada());
        let policy = Policy::new(Identity::new(helo, from).unwrap()).within(WIDE).unwrap();
        assert_deliverable(&builder(&laboratory, policy).build().unwrap().verify(ADA).await);
        let transcript = host.transcripts().remove(0);
        let commands = transcript.commands();
        assert_eq!(commands[0], format!("EHLO {helo}"));
        assert_eq!(commands[1], format!("MAIL FROM:<{from}>"));
        assert_eq!(commands[2], format!("RCPT TO:<{ADA}>"));
        assert_eq!(commands.last(), Some(&"QUIT"));
    }
}

use genesy_providers::simulated::mail::Script;
