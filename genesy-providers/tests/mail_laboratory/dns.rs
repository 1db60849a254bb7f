//! What the DNS says, or does not.

use std::time::{Duration, Instant};

use genesy_core::verification::{Limits, Report, Stage};
use genesy_providers::mail::ResolverOptions;
use genesy_providers::simulated::mail::{DnsTrouble, Laboratory, RecordKind};

use super::rig::{
    ADA, DOMAIN, MX, OVERRUN_MAX, WIDE, assert_deliverable, assert_undeliverable, assert_unknown,
    builder, knows_ada, one_host, policy, stage_time, verify,
};

/// Verifies with a resolver that is soon tired of waiting.
async fn impatient(laboratory: &Laboratory) -> Report {
    let resolver = ResolverOptions {
        name_servers: vec![laboratory.dns()],
        try_timeout: Duration::from_millis(150),
        tries: 1,
        ..ResolverOptions::default()
    };
    let builder = builder(laboratory, policy(WIDE)).resolver(resolver);
    builder.build().unwrap().verify(ADA).await
}

#[tokio::test]
async fn null_mx_is_undeliverable() {
    let laboratory = Laboratory::start().unwrap();
    laboratory.host(DOMAIN, knows_ada()).unwrap();
    laboratory.domain(DOMAIN).null_mx();
    assert_undeliverable(&verify(&laboratory, WIDE, ADA).await, "null_mx");
}

#[tokio::test]
async fn no_such_domain_is_undeliverable() {
    let laboratory = Laboratory::start().unwrap();
    assert_undeliverable(&verify(&laboratory, WIDE, ADA).await, "no_such_domain");
}

#[tokio::test]
async fn a_domain_without_mx_and_addresses_is_undeliverable() {
    let laboratory = Laboratory::start().unwrap();
    let _exists = laboratory.domain(DOMAIN);
    assert_undeliverable(&verify(&laboratory, WIDE, ADA).await, "no_mail_host");
}

#[tokio::test]
async fn an_mx_that_is_not_there_is_undeliverable() {
    let laboratory = Laboratory::start().unwrap();
    laboratory.domain(DOMAIN).mx(10, "gone.elsewhere.example");
    assert_undeliverable(&verify(&laboratory, WIDE, ADA).await, "no_mail_host");
}

#[tokio::test]
async fn an_mx_that_is_not_there_is_followed_by_the_next() {
    let (laboratory, _host) = one_host(knows_ada());
    laboratory.domain(DOMAIN).mx(5, "gone.elsewhere.example");
    assert_deliverable(&verify(&laboratory, WIDE, ADA).await);
}

#[tokio::test]
async fn servfail_is_unknown() {
    let (laboratory, host) = one_host(knows_ada());
    laboratory.domain(DOMAIN).trouble(DnsTrouble::ServFail);
    assert_unknown(&verify(&laboratory, WIDE, ADA).await, "dns_failure", Stage::Dns);
    assert_eq!(host.stats().connections_total, 0);
}

#[tokio::test]
async fn refused_is_unknown() {
    let (laboratory, _host) = one_host(knows_ada());
    laboratory.domain(DOMAIN).trouble(DnsTrouble::Refused);
    assert_unknown(&verify(&laboratory, WIDE, ADA).await, "dns_failure", Stage::Dns);
}

#[tokio::test]
async fn servfail_for_the_addresses_is_unknown_and_not_absence() {
    let (laboratory, _host) = one_host(knows_ada());
    laboratory.domain(MX).trouble(DnsTrouble::ServFail);
    assert_unknown(&verify(&laboratory, WIDE, ADA).await, "dns_failure", Stage::Dns);
}

#[tokio::test]
async fn servfail_for_ipv6_alone_does_not_matter() {
    let (laboratory, _host) = one_host(knows_ada());
    laboratory.domain(MX).trouble_with(RecordKind::Aaaa, DnsTrouble::ServFail);
    assert_deliverable(&verify(&laboratory, WIDE, ADA).await);
}

#[tokio::test]
async fn silence_ends_with_its_stage() {
    let (laboratory, _host) = one_host(knows_ada());
    laboratory.domain(DOMAIN).trouble(DnsTrouble::Silent);
    let begun = Instant::now();
    let report = verify(&laboratory, Limits { dns_ms: 60, ..WIDE }, ADA).await;
    assert_unknown(&report, "stage_timeout", Stage::Dns);
    assert!(begun.elapsed() < OVERRUN_MAX, "{:?}", begun.elapsed());
    assert!(stage_time(&report, Stage::Dns).unwrap() >= Duration::from_millis(60));
}

#[tokio::test]
async fn silence_ends_with_the_total() {
    let (laboratory, _host) = one_host(knows_ada());
    laboratory.domain(DOMAIN).trouble(DnsTrouble::Silent);
    let begun = Instant::now();
    let report = verify(&laboratory, Limits { total_ms: 60, ..WIDE }, ADA).await;
    assert_unknown(&report, "deadline_exceeded", Stage::Dns);
    assert!(begun.elapsed() < OVERRUN_MAX, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn silence_ends_when_the_resolver_gives_up() {
    let (laboratory, _host) = one_host(knows_ada());
    laboratory.domain(DOMAIN).trouble(DnsTrouble::Silent);
    assert_unknown(&impatient(&laboratory).await, "dns_failure", Stage::Dns);
}

#[tokio::test]
async fn late_answers_are_waited_for() {
    let (laboratory, _host) = one_host(knows_ada());
    laboratory.domain(DOMAIN).trouble(DnsTrouble::Late(Duration::from_millis(100)));
    assert_deliverable(&verify(&laboratory, WIDE, ADA).await);
}

#[tokio::test]
async fn an_alias_is_followed() {
    let laboratory = Laboratory::start().unwrap();
    laboratory.host(MX, knows_ada()).unwrap();
    laboratory.domain("real.example").mx(10, "alias.example");
    laboratory.domain("alias.example").cname(MX);
    laboratory.domain(DOMAIN).cname("real.example");
    assert_deliverable(&verify(&laboratory, WIDE, ADA).await);
}

#[tokio::test]
async fn a_circle_of_aliases_is_unknown() {
    let laboratory = Laboratory::start().unwrap();
    laboratory.domain(DOMAIN).cname("a.example");
    laboratory.domain("a.example").cname("b.example");
    laboratory.domain("b.example").cname("a.example");
    assert_unknown(&impatient(&laboratory).await, "dns_failure", Stage::Dns);
}

#[tokio::test]
async fn a_truncated_answer_is_asked_for_by_tcp() {
    let (laboratory, _host) = one_host(knows_ada());
    laboratory.domain(DOMAIN).trouble(DnsTrouble::Truncated);
    assert_deliverable(&verify(&laboratory, WIDE, ADA).await);
}

#[tokio::test]
async fn a_truncated_answer_without_tcp_is_unknown() {
    let (laboratory, _host) = one_host(knows_ada());
    laboratory.domain(DOMAIN).trouble(DnsTrouble::TruncatedThenSilent);
    assert_unknown(&impatient(&laboratory).await, "dns_failure", Stage::Dns);
}

#[tokio::test]
async fn garbage_is_unknown() {
    let (laboratory, _host) = one_host(knows_ada());
    laboratory.domain(DOMAIN).trouble(DnsTrouble::Garbage);
    assert_unknown(&impatient(&laboratory).await, "dns_failure", Stage::Dns);
}

#[tokio::test]
async fn forged_answers_are_unknown() {
    for forged in [DnsTrouble::WrongId, DnsTrouble::WrongQuestion] {
        let (laboratory, host) = one_host(knows_ada());
        laboratory.domain(DOMAIN).trouble(forged);
        assert_unknown(&impatient(&laboratory).await, "dns_failure", Stage::Dns);
        assert_eq!(host.stats().connections_total, 0);
    }
}
