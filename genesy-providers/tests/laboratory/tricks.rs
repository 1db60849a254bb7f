//! The tricks of the laboratory's mail hosts, seen by a plain client.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use genesy_providers::simulated::mail::{Laboratory, MailHost, Script, Stage, Trick};

use super::client::{Client, until};

const HOST: &str = "mx1.engines.example";
const GREETING: &str = "220 mx1.engines.example ESMTP\r\n";
/// Clients that are there at a time.
const CLIENTS: u64 = 1000;

/// A client whose host plays a trick at the greeting.
async fn greeted_by(trick: Trick) -> (Laboratory, MailHost, Client) {
    let laboratory = Laboratory::start().unwrap();
    let host = laboratory.host(HOST, Script::default().trick(Stage::Greeting, trick)).unwrap();
    let client = Client::connect(&laboratory, &host).await;
    (laboratory, host, client)
}

#[tokio::test]
async fn silence() {
    let (_laboratory, host, mut client) = greeted_by(Trick::Silence).await;
    client.send(b"EHLO client.example\r\n").await;
    assert!(client.is_silent().await);
    assert_eq!(host.stats().connections_now, 1);
    drop(client);
    until(|| host.stats().connections_now == 0).await;
}

#[tokio::test]
async fn silence_in_the_middle() {
    let laboratory = Laboratory::start().unwrap();
    let script = Script::default().trick_at(Stage::RcptTo, 2, Trick::Silence);
    let host = laboratory.host(HOST, script).unwrap();
    let mut client = Client::with_sender(&laboratory, &host).await;
    assert!(client.recipient("ada@engines.example").await.starts_with("250 "));
    client.send(b"RCPT TO:<bob@engines.example>\r\nQUIT\r\n").await;
    assert!(client.is_silent().await);
}

#[tokio::test]
async fn drip() {
    let interval = Duration::from_millis(5);
    let (_laboratory, _host, mut client) = greeted_by(Trick::Drip { interval }).await;
    let begun = Instant::now();
    assert_eq!(client.bytes(1).await, b"2");
    assert_eq!(client.reply().await, GREETING[1..]);
    assert!(begun.elapsed() >= interval * 28, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn split() {
    let trick = Trick::Split { pieces: 3, pause: Duration::from_millis(20) };
    let (_laboratory, _host, mut client) = greeted_by(trick).await;
    let begun = Instant::now();
    assert_eq!(client.reply().await, GREETING);
    assert!(begun.elapsed() >= Duration::from_millis(40));
    assert!(client.say("EHLO client.example").await.starts_with("250-"));
}

#[tokio::test]
async fn flood() {
    let (_laboratory, host, mut client) = greeted_by(Trick::Flood).await;
    let bytes = client.bytes(1 << 20).await;
    assert!(bytes.starts_with(b"220 ") && !bytes.contains(&b'\n'));
    drop(client);
    until(|| host.stats().connections_now == 0).await;
}

#[tokio::test]
async fn endless_lines() {
    let (_laboratory, _host, mut client) = greeted_by(Trick::EndlessLines).await;
    let bytes = String::from_utf8(client.bytes(1 << 20).await).unwrap();
    let lines: Vec<_> = bytes.split("\r\n").collect();
    assert!(lines.len() > 1000);
    assert!(lines[..lines.len() - 1].iter().all(|line| line.starts_with("220-")));
}

#[tokio::test]
async fn lies() {
    let (_laboratory, _host, mut client) =
        greeted_by(Trick::Reply(b"\x00999 \xFF\n".to_vec())).await;
    assert_eq!(client.bytes(7).await, b"\x00999 \xFF\n");
    assert!(client.say("EHLO client.example").await.starts_with("250-"));
}

#[tokio::test]
async fn unsolicited_replies() {
    let extra = b"250 2.1.5 Ok\r\n250 2.1.5 Ok\r\n".to_vec();
    let (_laboratory, _host, mut client) = greeted_by(Trick::Unsolicited(extra)).await;
    assert_eq!(client.reply().await, GREETING);
    assert_eq!(client.reply().await, "250 2.1.5 Ok\r\n");
    assert_eq!(client.reply().await, "250 2.1.5 Ok\r\n");
    assert!(client.is_silent().await);
}

#[tokio::test]
async fn disconnect_is_orderly() {
    let (_laboratory, _host, mut client) = greeted_by(Trick::Disconnect).await;
    assert_eq!(client.rest().await.unwrap(), b"");

    // Even with bytes that the host has not read.
    let laboratory = Laboratory::start().unwrap();
    let script = Script::default().trick(Stage::RcptTo, Trick::Disconnect);
    let host = laboratory.host(HOST, script).unwrap();
    let mut client = Client::with_sender(&laboratory, &host).await;
    client.send(&b"RCPT TO:<ada@engines.example>\r\n".repeat(500)).await;
    assert_eq!(client.rest().await.unwrap(), b"");
}

#[tokio::test]
async fn reset() {
    let (_laboratory, _host, mut client) = greeted_by(Trick::Reset).await;
    assert_eq!(client.rest().await.unwrap_err().kind(), ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn half_a_reply() {
    let (_laboratory, _host, mut client) = greeted_by(Trick::HalfReply).await;
    assert_eq!(client.rest().await.unwrap(), &GREETING.as_bytes()[..GREETING.len() / 2]);
}

#[tokio::test]
async fn bare_line_feeds() {
    let laboratory = Laboratory::start().unwrap();
    let script = Script::default().trick(Stage::Ehlo, Trick::BareLf);
    let host = laboratory.host(HOST, script).unwrap();
    let mut client = Client::connect(&laboratory, &host).await;
    client.reply().await;
    let reply = client.say("EHLO client.example").await;
    assert_eq!(reply.lines().count(), 4);
    assert!(!reply.contains('\r'));
}

#[tokio::test]
async fn a_line_that_is_too_long() {
    let (_laboratory, _host, mut client) = greeted_by(Trick::OverlongLine { bytes: 100_000 }).await;
    assert_eq!(client.reply().await.len(), 100_006);
}

#[tokio::test]
async fn a_text_that_is_none() {
    let (_laboratory, _host, mut client) = greeted_by(Trick::NonAscii).await;
    client.send(b"QUIT\r\n").await;
    let bytes = client.rest().await.unwrap();
    assert!(bytes.starts_with(b"220 ") && str::from_utf8(&bytes).is_err());
    assert!(bytes.ends_with(b"\r\n221 2.0.0 Bye\r\n"));
}

#[tokio::test]
async fn replies_are_swapped_if_there_are_two() {
    let laboratory = Laboratory::start().unwrap();
    let script = Script::with_mailboxes(["ada@engines.example"]).trick(Stage::RcptTo, Trick::Swap);
    let host = laboratory.host(HOST, script).unwrap();
    let mut client = Client::with_sender(&laboratory, &host).await;
    client.send(b"RCPT TO:<ada@engines.example>\r\nRCPT TO:<bob@engines.example>\r\n").await;
    assert!(client.reply().await.starts_with("550 "));
    assert!(client.reply().await.starts_with("250 "));
    assert!(client.recipient("ada@engines.example").await.starts_with("250 "));
}

/// Lets the test hold both ends of all connections, or says that the system does not.
#[cfg(unix)]
fn allow_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let maximum = getrlimit(Resource::Nofile).maximum;
    let least = 2 * CLIENTS + 200;
    let is_enough = maximum.is_none_or(|maximum| maximum >= least);
    assert!(is_enough, "it needs {least} files, {maximum:?} are allowed: raise `ulimit -Hn`");
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).expect("they are allowed");
}

#[cfg(not(unix))]
fn allow_files() {}

#[tokio::test]
async fn a_thousand_clients_of_hosts_that_say_nothing() {
    allow_files();
    let laboratory = Laboratory::start_on_thread().unwrap();
    let script = Script::default().trick(Stage::Greeting, Trick::Silence);
    let host = laboratory.host(HOST, script).unwrap();
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        clients.push(Client::connect(&laboratory, &host).await);
    }
    until(|| host.stats().connections_now == CLIENTS).await;
    drop(clients);
    until(|| host.stats().connections_now == 0).await;
    assert_eq!(host.stats().connections_max, CLIENTS);
}
