//! The laboratory's SOCKS5 proxy, seen by a plain client.

use std::net::IpAddr;

use genesy_providers::simulated::mail::{
    Laboratory, MailHost, Script, Socks5, Socks5Script, Socks5Trick,
};
use tokio::io::BufReader;
use tokio::net::TcpStream;

use super::client::Client;

fn laboratory(script: Socks5Script) -> (Laboratory, MailHost, Socks5) {
    let laboratory = Laboratory::start().unwrap();
    let host = laboratory.host("mx1.engines.example", Script::default()).unwrap();
    let proxy = laboratory.socks5(script).unwrap();
    (laboratory, host, proxy)
}

async fn connect(proxy: &Socks5) -> Client {
    Client { stream: BufReader::new(TcpStream::connect(proxy.address()).await.unwrap()) }
}

/// What asks to be connected to an address.
fn request(ip: IpAddr, port: u16) -> Vec<u8> {
    let mut request = vec![5, 1, 0];
    match ip {
        IpAddr::V4(ip) => request.extend_from_slice(&[&[1], ip.octets().as_slice()].concat()),
        IpAddr::V6(ip) => request.extend_from_slice(&[&[4], ip.octets().as_slice()].concat()),
    }
    request.extend_from_slice(&port.to_be_bytes());
    request
}

/// The code of the reply to a request, after a start without a login.
async fn code(proxy: &Socks5, ip: IpAddr, port: u16) -> (Client, u8) {
    let mut client = connect(proxy).await;
    client.send(&[5, 1, 0]).await;
    assert_eq!(client.bytes(2).await, [5, 0]);
    client.send(&request(ip, port)).await;
    let reply = client.bytes(10).await;
    assert_eq!((reply[0], &reply[2..4]), (5, [0, 1].as_slice()));
    (client, reply[1])
}

#[tokio::test]
async fn connects_to_hosts() {
    let (laboratory, host, proxy) = laboratory(Socks5Script::default());
    let (mut client, code) = code(&proxy, host.ip(), laboratory.smtp_port()).await;
    assert_eq!(code, 0);
    assert!(client.reply().await.starts_with("220 "));
    assert!(client.say("QUIT").await.starts_with("221 "));
    assert_eq!(client.rest().await.unwrap(), b"");
    assert_eq!((proxy.connections_total(), proxy.tunnels_total()), (1, 1));
}

#[tokio::test]
async fn connects_to_names() {
    let (laboratory, _host, proxy) = laboratory(Socks5Script::default());
    let mut client = connect(&proxy).await;
    client.send(&[5, 1, 0]).await;
    client.bytes(2).await;
    let name = b"mx1.engines.example";
    let port = laboratory.smtp_port().to_be_bytes();
    client.send(&[[5, 1, 0, 3, 19].as_slice(), name, &port].concat()).await;
    assert_eq!(client.bytes(10).await[1], 0);
    assert!(client.reply().await.starts_with("220 "));
}

#[tokio::test]
async fn connects_nowhere_else() {
    let (laboratory, _host, proxy) = laboratory(Socks5Script::default());
    // An address of documentation. It must not be tried.
    assert_eq!(code(&proxy, "192.0.2.1".parse().unwrap(), 25).await.1, 2);
    let refusing = laboratory.refusing_host("mx2.engines.example").unwrap();
    assert_eq!(code(&proxy, refusing, laboratory.smtp_port()).await.1, 5);
    assert_eq!(proxy.tunnels_total(), 0);
}

#[tokio::test]
async fn asks_for_a_login() {
    let (laboratory, host, proxy) = laboratory(Socks5Script::default().login("ada", "secret"));
    let mut client = connect(&proxy).await;
    client.send(&[5, 1, 0]).await;
    assert_eq!(client.rest().await.unwrap(), [5, 0xFF]);
    for (password, status) in [("secreT", 1), ("secret", 0)] {
        let mut client = connect(&proxy).await;
        client.send(&[5, 2, 0, 2]).await;
        assert_eq!(client.bytes(2).await, [5, 2]);
        client.send(format!("\x01\x03ada\x06{password}").as_bytes()).await;
        assert_eq!(client.bytes(2).await, [1, status]);
        if status == 0 {
            client.send(&request(host.ip(), laboratory.smtp_port())).await;
            assert_eq!(client.bytes(10).await[1], 0);
        }
    }
}

#[tokio::test]
async fn plays_tricks() {
    let (laboratory, host, proxy) =
        laboratory(Socks5Script::default().trick(Socks5Trick::Refuse(4)));
    assert_eq!(code(&proxy, host.ip(), laboratory.smtp_port()).await.1, 4);

    let silent = laboratory.socks5(Socks5Script::default().trick(Socks5Trick::Silence)).unwrap();
    let mut client = connect(&silent).await;
    client.send(&[5, 1, 0]).await;
    assert!(client.is_silent().await);

    let garbage = laboratory.socks5(Socks5Script::default().trick(Socks5Trick::Garbage)).unwrap();
    assert!(connect(&garbage).await.bytes(4).await == b"HTTP");

    for trick in [Socks5Trick::HangOnConnect, Socks5Trick::Disconnect] {
        let proxy = laboratory.socks5(Socks5Script::default().trick(trick)).unwrap();
        let mut client = connect(&proxy).await;
        client.send(&[5, 1, 0]).await;
        assert_eq!(client.bytes(2).await, [5, 0]);
        client.send(&request(host.ip(), laboratory.smtp_port())).await;
        if trick == Socks5Trick::Disconnect {
            assert_eq!(client.rest().await.unwrap(), b"");
        } else {
            assert!(client.is_silent().await);
        }
    }
}
