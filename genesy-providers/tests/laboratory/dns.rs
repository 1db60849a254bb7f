//! The laboratory's DNS server, seen by a plain client.

use std::time::{Duration, Instant};

use genesy_providers::simulated::mail::{DnsTrouble, Laboratory, RecordKind, Script};
use hickory_proto::op::{Message, Query, ResponseCode};
use hickory_proto::rr::{Name, RecordType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

const ID: u16 = 4711;
/// How long an answer may take that comes.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long it is looked that none comes.
const SILENCE: Duration = Duration::from_millis(200);
const NAME: &str = "engines.example.";

fn question(name: &str, kind: RecordType) -> Vec<u8> {
    let mut message = Message::query();
    message.metadata.id = ID;
    message.add_query(Query::query(Name::from_ascii(name).unwrap(), kind));
    message.to_vec().unwrap()
}

/// The bytes of an answer over UDP, if one comes in time.
async fn raw(
    laboratory: &Laboratory,
    name: &str,
    kind: RecordType,
    time_max: Duration,
) -> Option<Vec<u8>> {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.send_to(&question(name, kind), laboratory.dns()).await.unwrap();
    let mut bytes = vec![0; 4096];
    let count = timeout(time_max, socket.recv(&mut bytes)).await.ok()?.unwrap();
    bytes.truncate(count);
    Some(bytes)
}

async fn ask(laboratory: &Laboratory, name: &str, kind: RecordType) -> Message {
    Message::from_vec(&raw(laboratory, name, kind, PATIENCE).await.unwrap()).unwrap()
}

async fn is_silent(laboratory: &Laboratory, name: &str, kind: RecordType) -> bool {
    raw(laboratory, name, kind, SILENCE).await.is_none()
}

async fn ask_tcp(
    laboratory: &Laboratory,
    name: &str,
    kind: RecordType,
    time_max: Duration,
) -> Option<Message> {
    let question = question(name, kind);
    let mut stream = TcpStream::connect(laboratory.dns()).await.unwrap();
    stream.write_u16(question.len().try_into().unwrap()).await.unwrap();
    stream.write_all(&question).await.unwrap();
    let length = timeout(time_max, stream.read_u16()).await.ok()?.unwrap();
    let mut bytes = vec![0; length.into()];
    stream.read_exact(&mut bytes).await.unwrap();
    Some(Message::from_vec(&bytes).unwrap())
}

/// The records of an answer as text: kind and data.
fn answers(message: &Message) -> Vec<String> {
    let text = |record: &hickory_proto::rr::Record| {
        format!("{} {} {}", record.ttl, record.record_type(), record.data)
    };
    message.answers.iter().map(text).collect()
}

#[tokio::test]
async fn answers_what_there_is() {
    let laboratory = Laboratory::start().unwrap();
    let host = laboratory.host("mx1.engines.example", Script::default()).unwrap();
    laboratory
        .domain("engines.example")
        .mx(10, "mx1.engines.example")
        .mx(20, "mx2.engines.example")
        .address("::1".parse::<std::net::IpAddr>().unwrap())
        .ttl_seconds(60);
    let mx = ask(&laboratory, NAME, RecordType::MX).await;
    assert_eq!(mx.metadata.id, ID);
    assert_eq!(answers(&mx), ["60 MX 10 mx1.engines.example.", "60 MX 20 mx2.engines.example."]);
    let a = ask(&laboratory, "MX1.engines.example.", RecordType::A).await;
    assert_eq!(answers(&a), [format!("300 A {}", host.ip())]);
    assert_eq!(a.queries[0].name.to_ascii(), "MX1.engines.example.");
    assert_eq!(answers(&ask(&laboratory, NAME, RecordType::AAAA).await), ["60 AAAA ::1"]);
    assert_eq!(laboratory.questions("engines.example", RecordKind::Mx), 1);
    assert_eq!(laboratory.questions("engines.example", RecordKind::A), 0);
    assert_eq!(laboratory.questions("mx1.engines.example", RecordKind::A), 1);
    assert_eq!(laboratory.questions_total(), 3);
}

#[tokio::test]
async fn knows_no_name_and_no_data_apart() {
    let laboratory = Laboratory::start().unwrap();
    laboratory.domain("www.engines.example").address([127, 0, 0, 9]);
    laboratory.domain("gone.example").address([127, 0, 0, 9]).absent();
    for (name, code) in [
        ("nowhere.example.", ResponseCode::NXDomain),
        ("gone.example.", ResponseCode::NXDomain),
        // Above a name that exists.
        ("engines.example.", ResponseCode::NoError),
        ("www.engines.example.", ResponseCode::NoError),
    ] {
        let answer = ask(&laboratory, name, RecordType::MX).await;
        assert_eq!((answer.metadata.response_code, answer.answers.len()), (code, 0), "{name}");
        assert_eq!(answer.authorities[0].record_type(), RecordType::SOA);
    }
    laboratory.domain("gone.example").clear().null_mx();
    let null = ask(&laboratory, "gone.example.", RecordType::MX).await;
    assert_eq!(answers(&null), ["300 MX 0 ."]);
}

#[tokio::test]
async fn follows_aliases() {
    let laboratory = Laboratory::start().unwrap();
    let host = laboratory.host("mx1.engines.example", Script::default()).unwrap();
    laboratory.domain("mail.engines.example").cname("mx1.engines.example");
    laboratory.domain("engines.example").mx(10, "mail.engines.example");
    let alias = ask(&laboratory, "mail.engines.example.", RecordType::A).await;
    let expected = ["300 CNAME mx1.engines.example.", &format!("300 A {}", host.ip())];
    assert_eq!(answers(&alias), expected);

    laboratory.domain("a.example").cname("b.example");
    laboratory.domain("b.example").cname("a.example");
    let circle = ask(&laboratory, "a.example.", RecordType::A).await;
    assert!(circle.answers.len() > 2);
    assert!(circle.answers.iter().all(|record| record.record_type() == RecordType::CNAME));

    laboratory.domain("dangling.example").cname("nowhere.example");
    let dangling = ask(&laboratory, "dangling.example.", RecordType::MX).await;
    assert_eq!(dangling.metadata.response_code, ResponseCode::NXDomain);
}

#[tokio::test]
async fn has_troubles() {
    let laboratory = Laboratory::start().unwrap();
    let domain = || laboratory.domain(NAME).clear().mx(10, "mx1.engines.example");
    for (trouble, code) in [
        (DnsTrouble::ServFail, ResponseCode::ServFail),
        (DnsTrouble::Refused, ResponseCode::Refused),
    ] {
        domain().trouble(trouble);
        let answer = ask(&laboratory, NAME, RecordType::MX).await;
        assert_eq!((answer.metadata.response_code, answer.answers.len()), (code, 0));
    }
    domain().trouble(DnsTrouble::Silent);
    assert!(is_silent(&laboratory, NAME, RecordType::MX).await);
    domain().trouble(DnsTrouble::Garbage);
    let garbage = raw(&laboratory, NAME, RecordType::MX, PATIENCE).await.unwrap();
    assert!(Message::from_vec(&garbage).is_err());
    domain().trouble(DnsTrouble::WrongId);
    assert_eq!(ask(&laboratory, NAME, RecordType::MX).await.metadata.id, !ID);
    domain().trouble(DnsTrouble::WrongQuestion);
    let other = ask(&laboratory, NAME, RecordType::MX).await;
    assert_eq!(other.queries[0].name.to_ascii(), "other.example.");
    domain().trouble(DnsTrouble::Late(Duration::from_millis(100)));
    let begun = Instant::now();
    assert_eq!(ask(&laboratory, NAME, RecordType::MX).await.answers.len(), 1);
    assert!(begun.elapsed() >= Duration::from_millis(100));
    domain().trouble_with(RecordKind::A, DnsTrouble::Silent);
    assert_eq!(ask(&laboratory, NAME, RecordType::MX).await.answers.len(), 1);
    assert!(is_silent(&laboratory, NAME, RecordType::A).await);
    domain().trouble(DnsTrouble::Silent).no_trouble();
    assert_eq!(ask(&laboratory, NAME, RecordType::MX).await.answers.len(), 1);
}

#[tokio::test]
async fn cuts_answers_over_udp() {
    let laboratory = Laboratory::start().unwrap();
    laboratory.domain(NAME).mx(10, "mx1.engines.example").trouble(DnsTrouble::Truncated);
    let cut = ask(&laboratory, NAME, RecordType::MX).await;
    assert!(cut.metadata.truncation && cut.answers.is_empty());
    let whole = ask_tcp(&laboratory, NAME, RecordType::MX, PATIENCE).await.unwrap();
    assert!(!whole.metadata.truncation && whole.answers.len() == 1);

    laboratory.domain(NAME).no_trouble().trouble(DnsTrouble::TruncatedThenSilent);
    assert!(ask(&laboratory, NAME, RecordType::MX).await.metadata.truncation);
    assert!(ask_tcp(&laboratory, NAME, RecordType::MX, SILENCE).await.is_none());

    // And of itself what is too long for those who do not say how much they take.
    for number in 0..60 {
        laboratory.domain("many.example").mx(number, &format!("mx{number}.engines.example"));
    }
    assert!(ask(&laboratory, "many.example.", RecordType::MX).await.metadata.truncation);
    let all = ask_tcp(&laboratory, "many.example.", RecordType::MX, PATIENCE).await.unwrap();
    assert_eq!(all.answers.len(), 60);
}

#[tokio::test]
async fn takes_any_bytes() {
    let laboratory = Laboratory::start().unwrap();
    laboratory.domain(NAME).mx(10, "mx1.engines.example");
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let usual = question(NAME, RecordType::MX);
    for length in 0..usual.len() {
        socket.send_to(&usual[..length], laboratory.dns()).await.unwrap();
        socket.send_to(&vec![0xC0; length], laboratory.dns()).await.unwrap();
    }
    assert_eq!(ask(&laboratory, NAME, RecordType::MX).await.answers.len(), 1);
}
