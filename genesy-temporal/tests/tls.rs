//! TLS and mTLS: the server is behind a proxy that ends TLS and wants a client's certificate.

mod rig;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use genesy_core::waterfall::Outcome;
use genesy_providers::simulated::{Options, Simulation};
use genesy_temporal::client::{
    ApiKey, Client, ClientError, ClientOptions, Pem, PhoneRequest, Tls, TlsError,
};
use genesy_temporal::dev_server::{DevServer, DevServerOptions};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// The name in the server's certificate.
const NAME: &str = "temporal.test";

fn pem(label: &str, der: &[u8]) -> Vec<u8> {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("ASCII")).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n")).into_bytes()
}

/// A CA, and what it issued.
struct Authority {
    der: Vec<u8>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let der = params.self_signed(&key).expect("a certificate").der().to_vec();
        Self { der, issuer: Issuer::new(params, key) }
    }

    /// A certificate and its key.
    fn issue(&self, name: &str) -> (Vec<u8>, Vec<u8>) {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        (certificate.der().to_vec(), key.serialize_der())
    }

    fn pem(&self) -> Vec<u8> {
        pem("CERTIFICATE", &self.der)
    }

    /// The same as a client takes it.
    fn issue_pem(&self, name: &str) -> (Vec<u8>, Vec<u8>) {
        let (certificate, key) = self.issue(name);
        (pem("CERTIFICATE", &certificate), pem("PRIVATE KEY", &key))
    }
}

/// Ends TLS in front of a server. It takes clients whose certificate is the authority's.
async fn proxy(server: &DevServer, authority: &Authority) -> SocketAddr {
    let mut roots = RootCertStore::empty();
    roots.add(authority.der.clone().into()).expect("a root");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let clients =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
    let (certificate, key) = authority.issue(NAME);
    let key = PrivateKeyDer::try_from(key).expect("a key");
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_client_cert_verifier(clients.build().expect("a verifier"))
        .with_single_cert(vec![certificate.into()], key)
        .expect("a certificate");
    config.alpn_protocols = vec![b"h2".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let at = listener.local_addr().expect("an address");
    let behind = server.address().trim_start_matches("http://").to_owned();
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            let (acceptor, behind) = (acceptor.clone(), behind.clone());
            tokio::spawn(async move {
                let mut outer = acceptor.accept(connection).await?;
                let mut inner = TcpStream::connect(behind).await?;
                tokio::io::copy_bidirectional(&mut outer, &mut inner).await
            });
        }
    });
    at
}

fn options(at: SocketAddr, tls: Tls) -> ClientOptions {
    let mut options = ClientOptions::new(format!("https://{at}"));
    options.tls = Some(tls);
    options.rpc_time_max = Duration::from_secs(5);
    options
}

#[test]
fn a_run_goes_through_mutual_tls() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let authority = Authority::new();
        let at = proxy(&server, &authority).await;
        let (certificate, key) = authority.issue_pem("client.test");
        let tls = Tls::new()
            .server_ca(authority.pem())
            .and_then(|tls| tls.domain(NAME).client_certificate(certificate, key))
            .expect("certificates");
        let mut options = options(at, tls);
        options.api_key = Some(ApiKey::new("a-key-that-this-server-ignores").expect("a key"));
        let client = Client::connect(options).await.expect("a connection");
        let simulation = Simulation::start(Options { time_scale: 0.0, ..Options::default() });
        let simulation = simulation.await.expect("providers");
        let worker = rig::worker(&client, simulation.providers(None));
        let lead = rig::lead("17");
        let request = PhoneRequest::new(lead.clone(), rig::everything(), rig::plan());
        client.start_phone(request).await.expect("started");
        let result = client.phone_result(&lead).await.expect("a result");
        assert!(!matches!(result.outcome, Outcome::NotEligible | Outcome::Cancelled));
        worker.shutdown().await.expect("it ends");
    });
}

#[test]
fn what_is_wrong_with_tls_is_said() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let authority = Authority::new();
        let at = proxy(&server, &authority).await;
        let (certificate, key) = authority.issue_pem("client.test");
        let ca = || Tls::new().server_ca(authority.pem()).expect("a CA");
        let with_client = |tls: Tls| {
            tls.client_certificate(certificate.clone(), key.clone()).expect("a certificate")
        };
        let stranger = Authority::new().issue_pem("client.test");
        for (what, tls) in [
            ("another name", with_client(ca())),
            ("an unknown CA", with_client(Tls::new().domain(NAME))),
            ("no certificate of the client", ca().domain(NAME)),
            (
                "a strange certificate of the client",
                ca().domain(NAME).client_certificate(stranger.0, stranger.1).expect("one"),
            ),
        ] {
            let error = Client::connect(options(at, tls)).await.expect_err(what);
            assert!(matches!(error, ClientError::Tls { .. }), "{what}: {error:?}");
        }
        let plain = ClientOptions::new(format!("http://{at}"));
        let error = Client::connect(plain).await.expect_err("it speaks TLS");
        assert!(matches!(error, ClientError::Unreachable { .. }), "{error:?}");
    });
}

#[tokio::test]
async fn what_is_not_sent_in_the_clear() {
    let mut options = ClientOptions::new("http://temporal.example:7233");
    options.api_key = Some(ApiKey::new("hunter2").expect("a key"));
    assert!(!format!("{options:?}").contains("hunter2"));
    let error = Client::connect(options.clone()).await.expect_err("a key in the clear");
    assert!(error.to_string().contains("an API key is only sent by TLS"), "{error}");
    options.api_key = None;
    options.tls = Some(Tls::new());
    let error = Client::connect(options).await.expect_err("no TLS");
    assert!(error.to_string().contains("without TLS"), "{error}");
}

#[test]
fn certificates_are_looked_at_when_they_are_given() {
    let authority = Authority::new();
    let (certificate, key) = authority.issue_pem("client.test");
    let error = Tls::new().server_ca(b"none".to_vec()).expect_err("no certificate");
    assert!(error.to_string().starts_with("the server's CA has no certificate"), "{error}");
    let error = Tls::new().server_ca(Path::new("missing.pem")).expect_err("no file");
    assert!(error.to_string().starts_with("the server's CA in missing.pem cannot be read"));
    let swapped = Tls::new().client_certificate(key.clone(), certificate.clone());
    assert!(matches!(swapped, Err(TlsError::NoCertificate { .. })));
    let error = Tls::new().client_certificate(certificate, b"none".to_vec()).expect_err("no key");
    assert!(error.to_string().starts_with("the client's private key has no private key"));
    let shown = format!("{:?}", Pem::Bytes(key));
    assert_eq!(shown, "Bytes(..)");
    for key in ["", "  ", "two words", "schlüssel"] {
        assert!(ApiKey::new(key).is_err(), "{key}");
    }
}
