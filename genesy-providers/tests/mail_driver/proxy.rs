//! By way of a SOCKS5 proxy.

use genesy_core::verification::{Limits, Report, Stage};
use genesy_providers::mail::{Egress, Socks5};
use genesy_providers::simulated::mail::{Laboratory, Socks5Script, Socks5Trick};

use super::rig::{
    ADA, DOMAIN, MX, WIDE, assert_deliverable, assert_unknown, builder, knows_ada, one_host, policy,
};

async fn by_proxy(script: Socks5Script, limits: Limits) -> Report {
    let (laboratory, _host) = one_host(knows_ada());
    let proxy = laboratory.socks5(script).unwrap();
    let builder = builder(&laboratory, policy(limits)).proxy(Socks5::new(proxy.address()));
    builder.build().unwrap().verify(ADA).await
}

#[tokio::test]
async fn a_proxy_is_used_for_every_connection() {
    let (laboratory, host) = one_host(knows_ada());
    let proxy = laboratory.socks5(Socks5Script::default()).unwrap();
    let builder = builder(&laboratory, policy(WIDE)).proxy(Socks5::new(proxy.address()));
    assert_deliverable(&builder.build().unwrap().verify(ADA).await);
    assert_eq!(proxy.tunnels_total(), host.stats().connections_total);
    assert_eq!(proxy.tunnels_total(), 1);
}

#[tokio::test]
async fn a_login_is_shown_to_the_proxy() {
    let (laboratory, _host) = one_host(knows_ada());
    let proxy = laboratory.socks5(Socks5Script::default().login("genesy", "open sesame")).unwrap();
    for (password, works) in [("open sesame", true), ("shut", false)] {
        let socks5 = Socks5::new(proxy.address());
        let socks5 = socks5.with_credentials("genesy", password).unwrap();
        let builder = builder(&laboratory, policy(WIDE)).proxy(socks5);
        let report = builder.build().unwrap().verify(ADA).await;
        if works {
            assert_deliverable(&report);
        } else {
            assert_unknown(&report, "proxy_failed", Stage::Connect);
        }
    }
}

#[tokio::test]
async fn a_proxy_that_fails_says_nothing_of_the_host() {
    for trick in [Socks5Trick::Garbage, Socks5Trick::Disconnect, Socks5Trick::Refuse(2)] {
        let report = by_proxy(Socks5Script::default().trick(trick), WIDE).await;
        assert_unknown(&report, "proxy_failed", Stage::Connect);
    }
}

#[tokio::test]
async fn a_host_that_refuses_the_proxy_refuses() {
    let report = by_proxy(Socks5Script::default().trick(Socks5Trick::Refuse(5)), WIDE).await;
    assert_unknown(&report, "connect_refused", Stage::Connect);
}

#[tokio::test]
async fn a_proxy_that_hangs_ends_with_the_stage() {
    for trick in [Socks5Trick::Silence, Socks5Trick::HangOnConnect] {
        let limits = Limits { connect_ms: 60, ..WIDE };
        let report = by_proxy(Socks5Script::default().trick(trick), limits).await;
        assert_unknown(&report, "stage_timeout", Stage::Connect);
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_told() {
    let laboratory = Laboratory::start().unwrap();
    let host = laboratory.host(MX, knows_ada()).unwrap();
    laboratory.domain(DOMAIN).mx(10, MX);
    let nobody = laboratory.refusing_host("proxy.example").unwrap();
    let builder = builder(&laboratory, policy(WIDE))
        .proxy(Socks5::new((nobody, laboratory.smtp_port()).into()));
    let report = builder.build().unwrap().verify(ADA).await;
    assert_unknown(&report, "proxy_failed", Stage::Connect);
    // Nobody goes around the proxy.
    assert_eq!(host.stats().connections_total, 0);
}

#[tokio::test]
async fn the_proxy_is_not_asked_for_what_is_blocked() {
    let (laboratory, _host) = one_host(knows_ada());
    let proxy = laboratory.socks5(Socks5Script::default()).unwrap();
    let builder = builder(&laboratory, policy(WIDE)).egress(Egress::default());
    let verifier = builder.proxy(Socks5::new(proxy.address())).build().unwrap();
    assert_unknown(&verifier.verify(ADA).await, "egress_blocked", Stage::Connect);
    assert_eq!(proxy.connections_total(), 0);
}
