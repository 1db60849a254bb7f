//! Addresses of a host.

use std::sync::Arc;
use std::time::Instant;

use hickory_resolver::proto::op::ResponseCode;

use super::super::answer::Addresses;
use super::server::{Question, Reply, Server, a, aaaa};
use super::*;

const IPV4: &str = "192.0.2.1";
const IPV6: &str = "2001:db8::1";

/// What the server does when it is asked for one kind of address.
#[derive(Clone, Copy)]
enum Kind {
    There,
    Without(ResponseCode),
    Silent,
}

fn reply(question: &Question, kind: Kind) -> Reply {
    match (kind, question.record_type) {
        (Kind::There, RecordType::A) => Reply::Records(vec![a(&question.name, IPV4)]),
        (Kind::There, _) => Reply::Records(vec![aaaa(&question.name, IPV6)]),
        (Kind::Without(code), _) => Reply::Without(code),
        (Kind::Silent, _) => Reply::Silence,
    }
}

async fn asked(ipv4: Kind, ipv6: Kind) -> AddressAnswer {
    let server = Server::start(move |question| match question.record_type {
        RecordType::A => reply(&question, ipv4),
        RecordType::AAAA => reply(&question, ipv6),
        other => panic!("asked for {other}"),
    })
    .await;
    let options = match (ipv4, ipv6) {
        (Kind::Silent, Kind::Silent) => hasty_options(&server),
        _ => options(&server),
    };
    Resolver::new(options).unwrap().addresses("mx.example").await
}

fn found(ipv4: bool, ipv6: bool, failed: Option<DnsFailure>) -> AddressAnswer {
    let ipv4 = ipv4.then(|| IPV4.parse().unwrap()).into_iter().collect();
    let ipv6 = ipv6.then(|| IPV6.parse().unwrap()).into_iter().collect();
    Answer::Found(Arc::new(Addresses { ipv4, ipv6, failed }))
}

#[tokio::test]
async fn both_kinds_make_one_answer() {
    use Kind::{Silent, There, Without};
    use ResponseCode::{NXDomain, NoError, ServFail};
    for (ipv4, ipv6, expected) in [
        (There, There, found(true, true, None)),
        (There, Without(NoError), found(true, false, None)),
        (Without(NoError), There, found(false, true, None)),
        (There, Without(NXDomain), found(true, false, None)),
        (There, Without(ServFail), found(true, false, Some(DnsFailure::ServFail))),
        (Without(ServFail), There, found(false, true, Some(DnsFailure::ServFail))),
        (There, Silent, found(true, false, Some(DnsFailure::TimedOut))),
        (Without(NoError), Without(NoError), Answer::NoRecords),
        (Without(NXDomain), Without(NXDomain), Answer::NoSuchDomain),
        (Without(NoError), Without(NXDomain), Answer::NoRecords),
        (Without(NXDomain), Without(ServFail), Answer::Failed(DnsFailure::ServFail)),
        (Silent, Silent, Answer::Failed(DnsFailure::TimedOut)),
    ] {
        assert_eq!(asked(ipv4, ipv6).await, expected);
    }
}

#[tokio::test]
async fn the_slower_kind_is_not_waited_for_long() {
    let server = Server::start(|question| match question.record_type {
        RecordType::A => reply(&question, Kind::There),
        _ => Reply::Silence,
    })
    .await;
    let slow = ResolverOptions { try_timeout: Duration::from_secs(30), ..options(&server) };
    let began = Instant::now();
    let answer = Resolver::new(slow).unwrap().addresses("mx.example").await;
    assert_eq!(answer, found(true, false, Some(DnsFailure::TimedOut)));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn addresses_are_distinct_bounded_and_in_the_order_of_the_answer() {
    let server = Server::start(|question| match question.record_type {
        RecordType::A => Reply::Records(
            (0..25).rev().map(|at| a(&question.name, &format!("192.0.2.{}", at / 2))).collect(),
        ),
        _ => Reply::Without(ResponseCode::NoError),
    })
    .await;
    let answer = resolver(&server).addresses("mx.example").await;
    let Answer::Found(addresses) = answer else { panic!("{answer:?}") };
    assert_eq!(addresses.ipv4.len(), 13);
    assert_eq!(addresses.ipv4[0].octets()[3], 12);
    assert_eq!(addresses.ipv4[12].octets()[3], 0);
}

#[tokio::test]
async fn an_address_in_the_place_of_a_name_is_asked_for_as_a_name() {
    let server = Server::start(|_| Reply::Without(ResponseCode::NXDomain)).await;
    assert_eq!(resolver(&server).addresses("192.0.2.1").await, Answer::NoSuchDomain);
}
