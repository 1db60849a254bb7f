//! Mail hosts of a domain.

use hickory_resolver::proto::op::ResponseCode;

use super::server::{Reply, Server, cname, mx};
use super::*;

fn hosts(answer: MxAnswer) -> Vec<(u16, String)> {
    let Answer::Found(hosts) = answer else { panic!("{answer:?}") };
    hosts.iter().map(|host| (host.preference, host.host.to_string())).collect()
}

#[tokio::test]
async fn hosts_are_sorted_and_in_normal_form() {
    let server = Server::start(|question| {
        let domain = &question.name;
        Reply::Records(vec![
            mx(domain, 20, "a.example."),
            mx(domain, 10, "Z.Example."),
            mx(domain, 10, "b.example."),
            mx(domain, 10, "B.EXAMPLE."),
        ])
    })
    .await;
    assert_eq!(
        hosts(resolver(&server).mx("leads.example").await),
        [(10, "b.example".into()), (10, "z.example".into()), (20, "a.example".into())]
    );
}

#[tokio::test]
async fn a_null_mx_is_a_host_without_a_name() {
    let server = Server::start(|question| Reply::Records(vec![mx(&question.name, 0, ".")])).await;
    assert_eq!(hosts(resolver(&server).mx("leads.example").await), [(0, String::new())]);
}

#[tokio::test]
async fn hosts_are_bounded_and_the_preferred_ones_stay() {
    let server = Server::start(|question| {
        let hosts = (0..30).rev().map(|at| mx(&question.name, at, &format!("mx{at}.example.")));
        if question.by_tcp { Reply::Records(hosts.collect()) } else { Reply::Truncated }
    })
    .await;
    let hosts = hosts(resolver(&server).mx("leads.example").await);
    assert_eq!(hosts.len(), HOSTS_MAX);
    assert_eq!(hosts[0], (0, "mx0.example".into()));
    assert!(server.questions() >= 2, "by UDP, then by TCP");
}

#[tokio::test]
async fn absences_are_told_apart() {
    for (code, expected) in
        [(ResponseCode::NoError, Answer::NoRecords), (ResponseCode::NXDomain, Answer::NoSuchDomain)]
    {
        for bare in [false, true] {
            let server = Server::start(move |question| match question.record_type {
                RecordType::MX if bare => Reply::Bare(code),
                _ => Reply::Without(code),
            })
            .await;
            let answer = resolver(&server).mx("leads.example").await;
            assert_eq!(answer, expected, "{code}, bare: {bare}");
        }
    }
}

#[tokio::test]
async fn an_alias_is_followed() {
    let server = Server::start(|question| match question.name.as_str() {
        "leads.example." => Reply::Records(vec![cname("leads.example.", "other.example.")]),
        other => Reply::Records(vec![mx(other, 10, "mx.example.")]),
    })
    .await;
    assert_eq!(hosts(resolver(&server).mx("leads.example").await), [(10, "mx.example".into())]);
}

#[tokio::test]
async fn an_alias_in_the_same_answer_is_followed() {
    let server = Server::start(|_| {
        Reply::Records(vec![
            cname("leads.example.", "other.example."),
            mx("other.example.", 10, "mx.example."),
            mx("foreign.example.", 1, "mx.foreign.example."),
        ])
    })
    .await;
    assert_eq!(hosts(resolver(&server).mx("leads.example").await), [(10, "mx.example".into())]);
}

#[tokio::test]
async fn aliases_in_a_circle_are_a_failure() {
    for both_at_once in [false, true] {
        let server = Server::start(move |question| {
            let circle = [cname("a.example.", "b.example."), cname("b.example.", "a.example.")];
            let at = usize::from(question.name == "b.example.");
            Reply::Records(if both_at_once { circle.into() } else { vec![circle[at].clone()] })
        })
        .await;
        let answer = resolver(&server).mx("a.example").await;
        assert_eq!(answer, Answer::Failed(DnsFailure::Malformed), "at once: {both_at_once}");
    }
}
