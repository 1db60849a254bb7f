//! Answers that are remembered, and questions that are joined.

use futures_util::future::join_all;
use hickory_resolver::proto::op::ResponseCode;

use super::server::{Reply, Server, a, mx};
use super::*;

async fn mail_server() -> Server {
    Server::start(|question| match question.record_type {
        RecordType::MX => Reply::Records(vec![mx(&question.name, 10, "mx.example.")]),
        RecordType::A => Reply::Records(vec![a(&question.name, "192.0.2.1")]),
        _ => Reply::Without(ResponseCode::NoError),
    })
    .await
}

#[tokio::test]
async fn an_answer_is_asked_for_once() {
    let server = mail_server().await;
    let resolver = resolver(&server);
    let mx = resolver.mx("leads.example").await;
    let addresses = resolver.addresses("mx.example").await;
    assert_eq!(server.questions(), 3, "MX, A and AAAA");
    assert_eq!(resolver.mx("leads.example").await, mx);
    assert_eq!(resolver.addresses("mx.example").await, addresses);
    assert_eq!(server.questions(), 3);
    resolver.mx("other.example").await;
    assert_eq!(server.questions(), 4);
}

#[tokio::test]
async fn absences_and_failures_are_remembered() {
    for (code, questions) in
        [(ResponseCode::NoError, 1), (ResponseCode::NXDomain, 1), (ResponseCode::ServFail, 2)]
    {
        let server = Server::start(move |_| Reply::Without(code)).await;
        let resolver = resolver(&server);
        let first = resolver.mx("leads.example").await;
        assert_eq!(resolver.mx("leads.example").await, first);
        assert_eq!(server.questions(), questions, "{code}");
    }
}

/// Whether an answer is still remembered after 40 ms, under such options.
async fn remembered(reply: ResponseCode, options: impl FnOnce(&mut ResolverOptions)) -> bool {
    let server = Server::start(move |question| match reply {
        ResponseCode::NoError => Reply::Records(vec![mx(&question.name, 10, "mx.example.")]),
        code => Reply::Without(code),
    })
    .await;
    let mut chosen = ResolverOptions { tries: 1, ..super::options(&server) };
    options(&mut chosen);
    let resolver = Resolver::new(chosen).unwrap();
    resolver.mx("leads.example").await;
    tokio::time::sleep(Duration::from_millis(40)).await;
    resolver.mx("leads.example").await;
    server.questions() == 1
}

#[tokio::test]
async fn lifetimes_have_bounds() {
    let short = Duration::from_millis(20);
    for code in [ResponseCode::NoError, ResponseCode::NXDomain, ResponseCode::ServFail] {
        assert!(remembered(code, |_| {}).await, "{code}");
    }
    assert!(!remembered(ResponseCode::NoError, |o| o.positive_lifetime_max = short).await);
    assert!(!remembered(ResponseCode::NXDomain, |o| o.negative_lifetime_max = short).await);
    assert!(!remembered(ResponseCode::ServFail, |o| o.failure_lifetime = short).await);
    assert!(!remembered(ResponseCode::NoError, |o| o.cache_entries_max = 0).await);
}

#[tokio::test]
async fn a_question_that_is_being_asked_is_not_asked_again() {
    let server = mail_server().await;
    let resolver = resolver(&server);
    let answers = join_all((0..50).map(|_| resolver.mx("leads.example"))).await;
    assert!(answers.iter().all(|answer| matches!(answer, Answer::Found(_))));
    assert_eq!(server.questions(), 1);
}

/// Run with `--release -- --ignored --nocapture`.
#[tokio::test]
#[ignore = "a measurement"]
async fn what_a_remembered_look_up_costs() {
    const ROUNDS: u32 = 1_000_000;
    let server = mail_server().await;
    let resolver = resolver(&server);
    resolver.mx("leads.example").await;
    resolver.addresses("mx.example").await;
    let began = Instant::now();
    for _ in 0..ROUNDS {
        std::hint::black_box(resolver.mx("leads.example").await);
        std::hint::black_box(resolver.addresses("mx.example").await);
    }
    println!("MX and addresses, remembered: {:?} for both", began.elapsed() / ROUNDS);
    println!("future of mx: {} B", size_of_val(&resolver.mx("leads.example")));
    println!("future of addresses: {} B", size_of_val(&resolver.addresses("mx.example")));
    let began = Instant::now();
    for round in 0..2_000 {
        std::hint::black_box(resolver.mx(&format!("{round}.example")).await);
    }
    println!("MX over loopback, with the server's part: {:?}", began.elapsed() / 2_000);
}
