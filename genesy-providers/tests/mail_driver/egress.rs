//! Where nothing is connected to.

use std::time::{Duration, Instant};

use genesy_core::verification::{Limits, Stage};
use genesy_providers::mail::{Egress, PortState};
use genesy_providers::simulated::mail::{Laboratory, Script};

use super::rig::{ADA, WIDE, assert_unknown, builder, knows_ada, one_host, policy};

#[tokio::test]
async fn loopback_is_not_connected_to_unless_it_is_allowed() {
    let (laboratory, host) = one_host(knows_ada());
    let builder = builder(&laboratory, policy(WIDE)).egress(Egress::default());
    let report = builder.build().unwrap().verify(ADA).await;
    assert_unknown(&report, "egress_blocked", Stage::Connect);
    assert_eq!(report.evidence.connections[0].address, host.ip());
    assert_eq!(host.stats().connections_total, 0);
}

#[tokio::test]
async fn private_addresses_of_a_domain_are_not_connected_to() {
    let (laboratory, _host) = one_host(knows_ada());
    for (number, ip) in ["10.0.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "fd00::1"]
        .into_iter()
        .enumerate()
    {
        let domain = format!("d{number}.example");
        laboratory.domain(&domain).address(ip.parse::<std::net::IpAddr>().unwrap());
        let verifier = builder(&laboratory, policy(WIDE)).build().unwrap();
        let report = verifier.verify(&format!("ada@{domain}")).await;
        assert_unknown(&report, "egress_blocked", Stage::Connect);
    }
}

#[tokio::test]
async fn address_literals_are_judged_too() {
    let (laboratory, host) = one_host(Script::default());
    let builder = builder(&laboratory, policy(WIDE)).egress(Egress::default());
    let verifier = builder.build().unwrap();
    for literal in [
        host.ip().to_string(),
        "127.0.0.1".to_owned(),
        "10.0.0.1".to_owned(),
        "IPv6:::1".to_owned(),
        format!("IPv6:::ffff:{}", host.ip()),
    ] {
        let report = verifier.verify(&format!("ada@[{literal}]")).await;
        assert_unknown(&report, "egress_blocked", Stage::Connect);
    }
    assert_eq!(host.stats().connections_total, 0);
}

#[tokio::test]
async fn a_closed_port_is_noticed_once_and_costs_no_more_time() {
    let laboratory = Laboratory::start().unwrap();
    for number in 0..8 {
        let name = format!("d{number}.example");
        laboratory.black_hole(&name).unwrap();
    }
    let host = laboratory.host("good.example", Script::default()).unwrap();
    let limits = Limits { connect_ms: 60, ..WIDE };
    let verifier = builder(&laboratory, policy(limits)).build().unwrap();
    let watch = verifier.watch_port();
    for number in 0..8 {
        assert_eq!(verifier.port_state(), PortState::Unknown);
        let report = verifier.verify(&format!("ada@d{number}.example")).await;
        assert_unknown(&report, "stage_timeout", Stage::Connect);
    }
    assert_eq!(verifier.port_state(), PortState::Closed { hosts_tried: 8 });
    assert!(watch.has_changed().unwrap());
    let begun = Instant::now();
    for domain in ["d1.example", "good.example"] {
        let report = verifier.verify(&format!("ada@{domain}")).await;
        assert_unknown(&report, "egress_blocked", Stage::Connect);
    }
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert_eq!(host.stats().connections_total, 0);
}

/// A network may reject what it does not let through, in the name of each host.
#[tokio::test]
async fn a_port_that_all_hosts_refuse_is_closed() {
    const HOSTS: usize = 24;
    let laboratory = Laboratory::start().unwrap();
    let refusing = |number| _ = laboratory.refusing_host(&format!("d{number}.example")).unwrap();
    (0..HOSTS).for_each(refusing);
    let verifier = builder(&laboratory, policy(WIDE)).build().unwrap();
    for number in 0..HOSTS {
        assert_eq!(verifier.port_state(), PortState::Unknown);
        let report = verifier.verify(&format!("ada@d{number}.example")).await;
        assert_unknown(&report, "connect_refused", Stage::Connect);
    }
    assert_eq!(verifier.port_state(), PortState::Closed { hosts_tried: HOSTS });
    let report = verifier.verify("ada@d0.example").await;
    assert_unknown(&report, "egress_blocked", Stage::Connect);
}

#[tokio::test]
async fn one_host_that_answers_shows_that_the_port_is_open() {
    let (laboratory, _host) = one_host(knows_ada());
    let verifier = builder(&laboratory, policy(WIDE)).build().unwrap();
    verifier.verify(ADA).await;
    assert_eq!(verifier.port_state(), PortState::Open);
}
