//! Which hosts and addresses are tried.

use genesy_core::verification::{Limits, Report, Stage};
use genesy_providers::simulated::mail::{Laboratory, Script, Stage as At, Trick};

use super::rig::{
    ADA, BOB, DOMAIN, MX, WIDE, assert_deliverable, assert_undeliverable, assert_unknown,
    knows_ada, one_host, verify,
};

const MX2: &str = "mx2.engines.example";

/// Why each connection failed, in order.
fn failures(report: &Report) -> Vec<Option<(Stage, &'static str)>> {
    let tried = report.evidence.connections.iter();
    tried.map(|tried| tried.failure.map(|it| (it.stage, it.reason.name()))).collect()
}

/// A laboratory whose second mail host works.
fn two_hosts(first: Script) -> Laboratory {
    let laboratory = Laboratory::start().unwrap();
    laboratory.host(MX, first).unwrap();
    laboratory.host(MX2, knows_ada()).unwrap();
    laboratory.domain(DOMAIN).mx(20, MX2).mx(10, MX);
    laboratory
}

#[tokio::test]
async fn without_mx_the_domain_is_its_own_host() {
    let laboratory = Laboratory::start().unwrap();
    laboratory.host(DOMAIN, knows_ada()).unwrap();
    let report = verify(&laboratory, WIDE, ADA).await;
    assert_deliverable(&report);
    assert_eq!(report.evidence.hosts, [DOMAIN]);
}

#[tokio::test]
async fn a_refused_connection_is_told() {
    let laboratory = Laboratory::start().unwrap();
    laboratory.refusing_host(MX).unwrap();
    laboratory.domain(DOMAIN).mx(10, MX);
    assert_unknown(&verify(&laboratory, WIDE, ADA).await, "connect_refused", Stage::Connect);
}

#[tokio::test]
async fn the_most_preferred_host_is_asked_alone_if_it_answers() {
    let laboratory = two_hosts(knows_ada());
    let report = verify(&laboratory, WIDE, ADA).await;
    assert_deliverable(&report);
    assert_eq!(report.evidence.hosts, [MX, MX2]);
    assert_eq!(report.evidence.connections.len(), 1);
}

#[tokio::test]
async fn a_host_that_refuses_connections_is_followed_by_the_next() {
    let laboratory = Laboratory::start().unwrap();
    laboratory.refusing_host(MX).unwrap();
    laboratory.host(MX2, knows_ada()).unwrap();
    laboratory.domain(DOMAIN).mx(10, MX).mx(20, MX2);
    let report = verify(&laboratory, WIDE, ADA).await;
    assert_deliverable(&report);
    assert_eq!(failures(&report), [Some((Stage::Connect, "connect_refused")), None]);
}

#[tokio::test]
async fn a_black_hole_is_followed_by_the_next() {
    let laboratory = Laboratory::start().unwrap();
    laboratory.black_hole(MX).unwrap();
    laboratory.host(MX2, knows_ada()).unwrap();
    laboratory.domain(DOMAIN).mx(10, MX).mx(20, MX2);
    let report = verify(&laboratory, Limits { connect_ms: 300, ..WIDE }, ADA).await;
    assert_deliverable(&report);
    assert_eq!(failures(&report), [Some((Stage::Connect, "stage_timeout")), None]);
}

#[tokio::test]
async fn a_host_that_is_busy_or_closes_is_followed_by_the_next() {
    for first in [
        knows_ada().trick(At::Greeting, Trick::Disconnect),
        knows_ada().trick(At::Ehlo, Trick::Reset),
        knows_ada().refuse(At::Greeting, "421 4.3.2 Service shutting down"),
        knows_ada().refuse(At::RcptTo, "451 4.3.0 Temporary lookup failure"),
        knows_ada().connections_max(0),
    ] {
        let report = verify(&two_hosts(first), WIDE, ADA).await;
        assert_deliverable(&report);
        assert_eq!(report.evidence.connections.len(), 2);
    }
}

#[tokio::test]
async fn a_silent_host_is_followed_by_the_next() {
    let laboratory = two_hosts(knows_ada().trick(At::Greeting, Trick::Silence));
    let report = verify(&laboratory, Limits { greeting_ms: 300, ..WIDE }, ADA).await;
    assert_deliverable(&report);
    assert_eq!(failures(&report), [Some((Stage::Greeting, "stage_timeout")), None]);
}

#[tokio::test]
async fn no_host_overrules_one_that_knows_the_recipient() {
    // The first says that the mailbox is not there: the second is not asked.
    let laboratory = two_hosts(Script::with_mailboxes(["grace@engines.example"]));
    assert_undeliverable(&verify(&laboratory, WIDE, ADA).await, "no_such_mailbox");
}

#[tokio::test]
async fn a_second_address_of_a_host_is_tried() {
    let laboratory = Laboratory::start().unwrap();
    laboratory.refusing_host(MX).unwrap();
    laboratory.host(MX, knows_ada()).unwrap();
    laboratory.domain(DOMAIN).mx(10, MX);
    let report = verify(&laboratory, WIDE, ADA).await;
    assert_deliverable(&report);
}

#[tokio::test]
async fn an_ipv6_host_is_reached() {
    let laboratory = Laboratory::start().unwrap();
    let host = laboratory.host_v6(MX, knows_ada()).unwrap();
    laboratory.domain(DOMAIN).mx(10, MX);
    let report = verify(&laboratory, WIDE, ADA).await;
    assert_deliverable(&report);
    assert_eq!(report.evidence.connections[0].address, host.ip());
    assert!(host.ip().is_ipv6());
}

#[tokio::test]
async fn the_number_of_connections_is_bounded() {
    let laboratory = Laboratory::start().unwrap();
    for number in 0..5 {
        let name = format!("mx{number}.engines.example");
        laboratory.host(&name, knows_ada().trick(At::Greeting, Trick::Disconnect)).unwrap();
        laboratory.domain(DOMAIN).mx(number, &name);
    }
    let report = verify(&laboratory, Limits { connections_max: 3, ..WIDE }, ADA).await;
    assert_unknown(&report, "disconnected", Stage::Greeting);
    assert_eq!(report.evidence.connections.len(), 3);
}

#[tokio::test]
async fn an_address_literal_is_its_own_host() {
    let laboratory = Laboratory::start().unwrap();
    let name = "literal.engines.example";
    let host = laboratory.host(name, Script::default()).unwrap();
    let report = verify(&laboratory, WIDE, &format!("ada@[{}]", host.ip())).await;
    assert_eq!(report.conclusion.reason(), "catch_all", "{report:#?}");
    assert_eq!(report.evidence.connections[0].host, None);
    assert_eq!(laboratory.questions_total(), 0);
}

#[tokio::test]
async fn the_failure_that_came_furthest_is_told() {
    let laboratory = Laboratory::start().unwrap();
    laboratory.host(MX, knows_ada().trick(At::RcptTo, Trick::Disconnect)).unwrap();
    laboratory.refusing_host(MX2).unwrap();
    laboratory.domain(DOMAIN).mx(10, MX).mx(20, MX2);
    assert_unknown(&verify(&laboratory, WIDE, ADA).await, "disconnected", Stage::Recipient);
}

#[tokio::test]
async fn each_session_is_quit() {
    let (laboratory, host) = one_host(knows_ada());
    for address in [ADA, BOB, "jürgen@engines.example"] {
        verify(&laboratory, WIDE, address).await;
    }
    let stats = host.stats();
    assert_eq!((stats.connections_total, stats.quits, stats.data), (3, 3, 0));
}
