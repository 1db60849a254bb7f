//! STARTTLS, and what hosts make of it.

use genesy_core::verification::{Limits, Stage};
use genesy_providers::simulated::mail::{Stage as At, Trick};

use super::rig::{
    ADA, WIDE, assert_deliverable, assert_unknown, builder, judge, knows_ada, one_host, policy,
    verify,
};

#[tokio::test]
async fn starttls_is_used_where_it_is_offered() {
    let (laboratory, host) = one_host(knows_ada().starttls());
    let report = verify(&laboratory, WIDE, ADA).await;
    assert_deliverable(&report);
    assert!(report.evidence.connections[0].is_tls);
    assert_eq!(host.stats().tls_sessions, 1);
    // The name is said again within TLS (RFC 3207 §4.2).
    let commands = host.transcripts().remove(0);
    let hellos = commands.commands().iter().filter(|line| line.starts_with("EHLO")).count();
    assert_eq!(hellos, 2);
}

#[tokio::test]
async fn starttls_is_left_alone_if_the_policy_says_so() {
    let (laboratory, host) = one_host(knows_ada().starttls());
    let mut plain = policy(WIDE);
    plain.start_tls = false;
    assert_deliverable(&builder(&laboratory, plain).build().unwrap().verify(ADA).await);
    assert_eq!(host.stats().tls_sessions, 0);
}

#[tokio::test]
async fn a_refused_starttls_goes_on_in_the_clear() {
    let refused = "454 4.7.0 TLS not available due to temporary reason";
    let report = judge(knows_ada().starttls().refuse(At::StartTls, refused)).await;
    assert_deliverable(&report);
    assert_eq!(report.evidence.connections.len(), 1);
    assert!(!report.evidence.connections[0].is_tls);
}

#[tokio::test]
async fn a_handshake_that_hangs_is_followed_by_a_connection_in_the_clear() {
    let script = knows_ada().starttls().trick(At::TlsHandshake, Trick::Silence);
    let (laboratory, _host) = one_host(script);
    let report = verify(&laboratory, Limits { start_tls_ms: 300, ..WIDE }, ADA).await;
    assert_deliverable(&report);
    assert_eq!(report.evidence.connections.len(), 2);
}

#[tokio::test]
async fn a_handshake_of_garbage_is_followed_by_a_connection_in_the_clear() {
    for trick in [
        Trick::Reply(b"this is no handshake\r\n".to_vec()),
        Trick::Disconnect,
        Trick::Reset,
        Trick::Flood,
    ] {
        let report = judge(knows_ada().starttls().trick(At::TlsHandshake, trick)).await;
        assert_deliverable(&report);
        assert_eq!(report.evidence.connections.len(), 2);
    }
}

#[tokio::test]
async fn tls_that_is_required_is_used() {
    assert_deliverable(&judge(knows_ada().requires_tls()).await);
}

#[tokio::test]
async fn tls_that_is_required_and_not_allowed_is_unknown() {
    let (laboratory, _host) = one_host(knows_ada().requires_tls());
    let mut plain = policy(WIDE);
    plain.start_tls = false;
    let report = builder(&laboratory, plain).build().unwrap().verify(ADA).await;
    assert_unknown(&report, "tls_required", Stage::Mail);
}

#[tokio::test]
async fn tls_that_is_required_and_broken_is_unknown() {
    let report = judge(knows_ada().requires_tls().trick(At::TlsHandshake, Trick::Disconnect)).await;
    assert_unknown(&report, "tls_required", Stage::Mail);
}

/// Bytes in the clear behind the reply to STARTTLS are not taken for what comes in TLS.
#[tokio::test]
async fn injected_replies_are_not_believed() {
    let injected = b"250-mx1.engines.example\r\n250 SMTPUTF8\r\n250 Ok\r\n250 Ok\r\n".to_vec();
    let script = knows_ada().starttls().trick(At::StartTls, Trick::Unsolicited(injected));
    let report = judge(script).await;
    assert_unknown(&report, "protocol_violation", Stage::StartTls);
}
