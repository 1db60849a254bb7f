//! Name servers that do not do what they should.

use std::time::Instant;

use hickory_resolver::proto::op::ResponseCode;
use tokio::net::UdpSocket;

use super::server::{Reply, Server, mx};
use super::*;

#[tokio::test]
async fn failures_have_their_class() {
    for (code, failure) in [
        (ResponseCode::ServFail, DnsFailure::ServFail),
        (ResponseCode::Refused, DnsFailure::Refused),
        (ResponseCode::FormErr, DnsFailure::Malformed),
        (ResponseCode::NotImp, DnsFailure::Other),
    ] {
        let server = Server::start(move |_| Reply::Bare(code)).await;
        assert_eq!(resolver(&server).mx("leads.example").await, Answer::Failed(failure), "{code}");
        assert_eq!(server.questions(), 2, "tries for {code}");
    }
}

#[tokio::test]
async fn a_silent_server_ends_in_time() {
    let server = Server::start(|_| Reply::Silence).await;
    let began = Instant::now();
    let answer = Resolver::new(hasty_options(&server)).unwrap().mx("leads.example").await;
    assert_eq!(answer, Answer::Failed(DnsFailure::TimedOut));
    // Two tries of 200 ms.
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}

#[tokio::test]
async fn nobody_listening_ends_in_time() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut options = hasty_options(&Server::start(|_| Reply::Silence).await);
    options.name_servers = vec![socket.local_addr().unwrap()];
    drop(socket);
    let began = Instant::now();
    let answer = Resolver::new(options).unwrap().mx("leads.example").await;
    assert!(
        matches!(answer, Answer::Failed(DnsFailure::TimedOut | DnsFailure::Network)),
        "{answer:?}"
    );
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}

#[tokio::test]
async fn another_server_answers_for_a_silent_one() {
    let silent = Server::start(|_| Reply::Silence).await;
    let server =
        Server::start(|question| Reply::Records(vec![mx(&question.name, 1, "mx.example.")])).await;
    let mut options = hasty_options(&silent);
    options.name_servers.push(server.address);
    let answer = Resolver::new(options).unwrap().mx("leads.example").await;
    assert!(matches!(answer, Answer::Found(_)), "{answer:?}");
}

#[tokio::test]
async fn garbage_is_a_failure() {
    let server = Server::start(|_| Reply::Garbage).await;
    let answer = resolver(&server).mx("leads.example").await;
    assert_eq!(answer, Answer::Failed(DnsFailure::Malformed));
}

#[tokio::test]
async fn records_of_another_name_do_not_count() {
    let server =
        Server::start(|_| Reply::Records(vec![mx("foreign.example.", 1, "mx.example.")])).await;
    assert_eq!(resolver(&server).mx("leads.example").await, Answer::NoRecords);
}

#[tokio::test]
async fn an_answer_that_stays_truncated_is_a_failure() {
    let server = Server::start(|_| Reply::Truncated).await;
    let answer = resolver(&server).mx("leads.example").await;
    assert_eq!(answer, Answer::Failed(DnsFailure::Malformed));
}

#[tokio::test]
async fn a_text_that_is_no_name_is_not_asked_for() {
    let server = Server::start(|_| Reply::Silence).await;
    let label = "a".repeat(64);
    assert_eq!(resolver(&server).mx(&label).await, Answer::Failed(DnsFailure::Other));
    assert_eq!(server.questions(), 0);
}
