//! `STARTTLS` of the laboratory's mail hosts, seen by a plain client.

use genesy_providers::simulated::mail::{Laboratory, Script, Stage, Trick};
use rustls::pki_types::ServerName;
use tokio::io::BufReader;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::client::Client;
use crate::trusting;

const HOST: &str = "mx1.engines.example";

async fn handshake(client: Client) -> std::io::Result<Client<TlsStream<TcpStream>>> {
    let name = ServerName::try_from(HOST).unwrap();
    let stream = client.stream.into_inner();
    let stream = trusting::connector().connect(name, stream).await?;
    Ok(Client { stream: BufReader::new(stream) })
}

/// As far as the reply to `STARTTLS`.
async fn asked_for_tls(script: Script) -> (Laboratory, Client, String) {
    let laboratory = Laboratory::start().unwrap();
    let host = laboratory.host(HOST, script).unwrap();
    let mut client = Client::connect(&laboratory, &host).await;
    client.reply().await;
    client.say("EHLO client.example").await;
    let reply = client.say("STARTTLS").await;
    (laboratory, client, reply)
}

#[tokio::test]
async fn begins_again_in_tls() {
    let laboratory = Laboratory::start().unwrap();
    let host = laboratory.host(HOST, Script::default().requires_tls()).unwrap();
    let mut client = Client::connect(&laboratory, &host).await;
    client.reply().await;
    assert!(client.say("EHLO client.example").await.contains("STARTTLS"));
    assert!(client.say("MAIL FROM:<>").await.starts_with("530 5.7.0 "));
    assert_eq!(client.say("STARTTLS").await, "220 2.0.0 Ready to start TLS\r\n");
    let mut client = handshake(client).await.unwrap();
    assert!(client.say("MAIL FROM:<>").await.starts_with("503 "));
    assert!(!client.say("EHLO client.example").await.contains("STARTTLS"));
    assert!(client.say("MAIL FROM:<>").await.starts_with("250 "));
    assert!(client.recipient("ada@engines.example").await.starts_with("250 "));
    assert!(client.say("QUIT").await.starts_with("221 "));
    assert_eq!(client.rest().await.unwrap(), b"");
    assert_eq!(host.stats().tls_sessions, 1);
}

#[tokio::test]
async fn is_not_there_unless_offered() {
    let (_laboratory, mut client, reply) = asked_for_tls(Script::default()).await;
    assert!(reply.starts_with("502 "));
    assert!(client.say("MAIL FROM:<>").await.starts_with("250 "));
}

#[tokio::test]
async fn may_be_refused() {
    let text = "454 4.7.0 TLS not available";
    let script = Script::default().starttls().refuse(Stage::StartTls, text);
    let (_laboratory, mut client, reply) = asked_for_tls(script).await;
    assert_eq!(reply, format!("{text}\r\n"));
    assert!(client.say("MAIL FROM:<>").await.starts_with("250 "));
}

#[tokio::test]
async fn a_handshake_may_be_garbage() {
    let garbage = Trick::Reply(b"\x16\x03\x01\xFF\xFFgarbage".to_vec());
    let script = Script::default().starttls().trick(Stage::TlsHandshake, garbage);
    let (_laboratory, client, reply) = asked_for_tls(script).await;
    assert!(reply.starts_with("220 "));
    assert!(handshake(client).await.is_err());
}

#[tokio::test]
async fn a_handshake_may_hang() {
    let script = Script::default().starttls().trick(Stage::TlsHandshake, Trick::Silence);
    let (_laboratory, mut client, reply) = asked_for_tls(script).await;
    assert!(reply.starts_with("220 "));
    client.send(b"\x16\x03\x01").await;
    assert!(client.is_silent().await);
}

#[tokio::test]
async fn a_handshake_may_be_cut_off() {
    let script = Script::default().starttls().trick(Stage::TlsHandshake, Trick::Disconnect);
    let (_laboratory, client, reply) = asked_for_tls(script).await;
    assert!(reply.starts_with("220 "));
    assert!(handshake(client).await.is_err());
}

#[tokio::test]
async fn replies_may_be_injected_before_the_handshake() {
    let script = Script::default()
        .starttls()
        .trick(Stage::StartTls, Trick::Unsolicited(b"250 2.1.5 injected\r\n".to_vec()));
    let (_laboratory, mut client, _) = asked_for_tls(script).await;
    assert_eq!(client.reply().await, "250 2.1.5 injected\r\n");
    handshake(client).await.unwrap();
}
