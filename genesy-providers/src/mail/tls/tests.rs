//! Handshakes with a host on loopback.

use rustls::pki_types::PrivateKeyDer;
use rustls::server::ResolvesServerCert;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::version::{TLS12, TLS13};
use rustls::{HandshakeKind, ServerConfig, SupportedProtocolVersion};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;

/// Whose key a host has.
#[derive(Clone, Copy)]
enum Key {
    OfCertificate,
    Other,
}

/// A host with a certificate for `mx.example` that it signed itself.
fn acceptor(version: &'static SupportedProtocolVersion, key: Key) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let own = rcgen::generate_simple_self_signed(["mx.example".to_owned()]).unwrap();
    let key = match key {
        Key::OfCertificate => own.signing_key,
        Key::Other => rcgen::KeyPair::generate().unwrap(),
    };
    let key = provider.key_provider.load_private_key(PrivateKeyDer::from(key)).unwrap();
    let certificate = own.cert.der().clone();
    let host: Arc<dyn ResolvesServerCert> =
        Arc::new(SingleCertAndKey::from(CertifiedKey::new(vec![certificate], key)));
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(host);
    Arc::new(config).into()
}

/// Both ends of a connection.
async fn connected() -> (Stream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    (Stream::Plain(client), listener.accept().await.unwrap().0)
}

/// A handshake with a host that then greets, echoes one line and closes.
async fn session(tls: &Tls, acceptor: &TlsAcceptor, name: &str) -> Result<Stream, TlsError> {
    let (client, host) = connected().await;
    let acceptor = acceptor.clone();
    tokio::spawn(async move {
        let Ok(mut host) = acceptor.accept(host).await else { return };
        let mut line = [0; 6];
        host.write_all(b"hello\r\n").await.unwrap();
        host.read_exact(&mut line).await.unwrap();
        host.write_all(&line).await.unwrap();
        host.shutdown().await.unwrap();
    });
    tls.start(client, name).await
}

async fn talk(stream: &mut Stream) {
    let mut said = Vec::new();
    let mut rest = b"NOOP\r\n".as_slice();
    stream.write(&mut rest).await.unwrap();
    assert!(rest.is_empty());
    while stream.read(&mut said).await.unwrap() > 0 {}
    assert_eq!(said, b"hello\r\nNOOP\r\n");
}

#[tokio::test]
async fn a_certificate_of_nobody_known_is_taken_for_any_name() {
    let tls = Tls::new().unwrap();
    for version in [&TLS12, &TLS13] {
        let acceptor = acceptor(version, Key::OfCertificate);
        for name in ["mx.example", "other_host.example", "192.0.2.1", "2001:db8::1"] {
            let mut stream = session(&tls, &acceptor, name).await.unwrap();
            talk(&mut stream).await;
            stream.close();
        }
    }
}

#[tokio::test]
async fn the_next_handshake_with_a_host_is_short() {
    let tls = Tls::new().unwrap();
    for version in [&TLS12, &TLS13] {
        let acceptor = acceptor(version, Key::OfCertificate);
        let mut kinds = Vec::new();
        for _ in 0..2 {
            let mut stream = session(&tls, &acceptor, "mx.example").await.unwrap();
            talk(&mut stream).await;
            let Stream::Tls(stream) = stream else { panic!("it is in the clear") };
            kinds.push(stream.get_ref().1.handshake_kind());
        }
        assert_eq!(kinds, [Some(HandshakeKind::Full), Some(HandshakeKind::Resumed)]);
    }
}

#[tokio::test]
async fn a_host_without_the_key_of_its_certificate_is_refused() {
    for version in [&TLS12, &TLS13] {
        let acceptor = acceptor(version, Key::Other);
        let outcome = session(&Tls::new().unwrap(), &acceptor, "mx.example").await;
        assert_eq!(outcome.unwrap_err(), TlsError::Certificate);
    }
}

#[tokio::test]
async fn what_is_not_tls_is_told_apart() {
    for (said, expected) in [
        (b"454 TLS not available\r\n".as_slice(), TlsError::NotTls),
        // An alert: handshake failure (RFC 8446, section 6).
        (b"\x15\x03\x03\x00\x02\x02\x28", TlsError::Alert),
        (b"", TlsError::Disconnected),
    ] {
        let (client, mut host) = connected().await;
        let playing = tokio::spawn(async move {
            let mut hello = [0; 4096];
            assert!(host.read(&mut hello).await.unwrap() > 0);
            host.write_all(said).await.unwrap();
        });
        let outcome = Tls::new().unwrap().start(client, "mx.example").await;
        assert_eq!(outcome.unwrap_err(), expected);
        playing.await.unwrap();
    }
}

#[tokio::test]
async fn what_cannot_be_started_is_not() {
    let tls = Tls::new().unwrap();
    let (client, _host) = connected().await;
    assert_eq!(tls.start(client, "not a name").await.unwrap_err(), TlsError::ServerName);
    let stream = session(&tls, &acceptor(&TLS13, Key::OfCertificate), "mx.example").await.unwrap();
    assert_eq!(tls.start(stream, "mx.example").await.unwrap_err(), TlsError::AlreadyStarted);
}
