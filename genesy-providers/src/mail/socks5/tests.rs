//! The client against a proxy that plays a script.

use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::*;
use crate::mail::dial::connect;
use crate::mail::stream::Stream;

const TARGET: &str = "192.0.2.1:25";

/// What a proxy expects, and what it answers to that.
type Step = (&'static [u8], &'static [u8]);

const GREETING: Step = (&[5, 1, 0], &[5, 0]);
const CONNECT_IPV4: &[u8] = &[5, 1, 0, 1, 192, 0, 2, 1, 0, 25];
const CONNECTED: &[u8] = &[5, 0, 0, 1, 10, 0, 0, 1, 0, 80];

/// A proxy that plays the steps to one client, and then closes the connection.
async fn proxy(steps: Vec<Step>) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let playing = tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.unwrap();
        for (expected, answer) in steps {
            let mut said = vec![0; expected.len()];
            client.read_exact(&mut said).await.unwrap();
            assert_eq!(said, expected);
            client.write_all(answer).await.unwrap();
        }
    });
    (address, playing)
}

async fn connected(proxy: &Socks5, target: &str) -> Result<Stream, DialError> {
    let connecting = connect(target.parse().unwrap(), Some(proxy), None);
    timeout(Duration::from_secs(5), connecting).await.expect("the handshake hangs")
}

/// What comes of a proxy that answers so to the request.
async fn outcome(reply: &'static [u8]) -> Result<Stream, DialError> {
    let (address, playing) = proxy(vec![GREETING, (CONNECT_IPV4, reply)]).await;
    let outcome = connected(&Socks5::new(address), TARGET).await;
    playing.await.unwrap();
    outcome
}

#[tokio::test]
async fn the_first_byte_behind_the_reply_is_the_hosts() {
    for reply in [
        b"\x05\0\0\x01\x0a\0\0\x01\0\x50220 ready\r\n".as_slice(),
        b"\x05\0\0\x03\x05proxy\0\x50220 ready\r\n",
        b"\x05\0\0\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\0\x50220 ready\r\n",
    ] {
        let mut stream = outcome(reply).await.unwrap();
        let mut banner = Vec::new();
        while stream.read(&mut banner).await.unwrap() > 0 {}
        assert_eq!(banner, b"220 ready\r\n");
    }
}

#[tokio::test]
async fn an_ipv6_host_is_asked_for_by_its_address() {
    let request = b"\x05\x01\0\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x02\x4b";
    let (address, playing) = proxy(vec![GREETING, (request, CONNECTED)]).await;
    connected(&Socks5::new(address), "[2001:db8::1]:587").await.unwrap();
    playing.await.unwrap();
}

#[tokio::test]
async fn replies_have_their_class() {
    assert_eq!(reply_class(0), Ok(()));
    for (code, expected) in [
        (1, DialError::Proxy(ProxyError::Failed)),
        (2, DialError::Proxy(ProxyError::NotAllowed)),
        (3, DialError::Unreachable),
        (4, DialError::Unreachable),
        (5, DialError::Refused),
        (6, DialError::TimedOut),
        (7, DialError::Proxy(ProxyError::CommandNotSupported)),
        (8, DialError::Proxy(ProxyError::AddressTypeNotSupported)),
        (9, DialError::Proxy(ProxyError::Failed)),
    ] {
        assert_eq!(reply_class(code), Err(expected), "{code}");
    }
    let refused = outcome(&[5, 5, 0, 1, 0, 0, 0, 0, 0, 0]).await;
    assert_eq!(refused.unwrap_err(), DialError::Refused);
}

#[tokio::test]
async fn a_proxy_that_speaks_otherwise_or_leaves_is_told_apart() {
    for (reply, expected) in [
        (b"HTTP/1.1 400 ".as_slice(), ProxyError::Protocol),
        (&[5, 0, 0, 9, 0, 0], ProxyError::Protocol),
        (&[5, 0, 0, 1, 10], ProxyError::Disconnected),
        (&[], ProxyError::Disconnected),
    ] {
        assert_eq!(outcome(reply).await.unwrap_err(), DialError::Proxy(expected), "{reply:?}");
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = Socks5::new(listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(
        connected(&nobody, TARGET).await.unwrap_err(),
        DialError::Proxy(ProxyError::Unreachable)
    );
}

fn with_password(address: SocketAddr) -> Socks5 {
    Socks5::new(address).with_credentials("ada", "engine").unwrap()
}

#[tokio::test]
async fn credentials_are_shown_when_they_are_asked_for() {
    const OFFER: &[u8] = &[5, 2, 0, 2];
    const SHOWN: &[u8] = b"\x01\x03ada\x06engine";
    for (steps, expected) in [
        (vec![(OFFER, [5, 0].as_slice()), (CONNECT_IPV4, CONNECTED)], None),
        (vec![(OFFER, &[5, 2]), (SHOWN, &[1, 0]), (CONNECT_IPV4, CONNECTED)], None),
        (vec![(OFFER, &[5, 2]), (SHOWN, &[1, 1])], Some(ProxyError::CredentialsRefused)),
        (vec![(OFFER, &[5, 2]), (SHOWN, &[5, 0])], Some(ProxyError::Protocol)),
        (vec![(OFFER, &[5, 0xff])], Some(ProxyError::NoAcceptableMethod)),
        (vec![(OFFER, &[5, 1])], Some(ProxyError::Protocol)),
        (vec![(OFFER, &[4, 0])], Some(ProxyError::Protocol)),
    ] {
        let (address, playing) = proxy(steps).await;
        let outcome = connected(&with_password(address), TARGET).await;
        assert_eq!(outcome.err(), expected.map(DialError::Proxy));
        playing.await.unwrap();
    }
}

#[tokio::test]
async fn credentials_that_nobody_has_are_not_made_up() {
    let (address, playing) = proxy(vec![(&[5, 1, 0], &[5, 2])]).await;
    let outcome = connected(&Socks5::new(address), TARGET).await;
    assert_eq!(outcome.unwrap_err(), DialError::Proxy(ProxyError::Protocol));
    playing.await.unwrap();
}

#[test]
fn credentials_have_a_length_and_are_not_shown() {
    let address: SocketAddr = "127.0.0.1:1080".parse().unwrap();
    for (user_name, password) in [("", "x"), ("x", ""), (&*"x".repeat(256), "x")] {
        let outcome = Socks5::new(address).with_credentials(user_name, password);
        assert_eq!(outcome.err(), Some(CredentialsError));
    }
    let shown = format!("{:?}", with_password(address));
    assert!(!shown.contains("ada") && !shown.contains("engine"), "{shown}");
}
