//! Opportunistic TLS (RFC 7435) for SMTP (STARTTLS, RFC 3207).

use std::fmt;
use std::io;
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::stream::Stream;

/// Hosts whose sessions are remembered, so that the next handshake with them is short.
const SESSIONS_MAX: usize = 1024;

/// Bytes that TLS holds at most of what the socket does not take. Commands are far shorter.
const BUFFER_BYTES_MAX: usize = 16 * 1024;

/// TLS for connections to mail hosts, 1.2 or newer.
///
/// The certificate of a host is not verified. Few mail hosts have one for the name that an MX record
/// holds, and none of what a host says about a mailbox would be believed more or less for it. What is
/// checked is that the host has the key of the certificate that it shows: anyone in between can read
/// along, as they could without TLS, but only by taking part.
#[derive(Clone)]
pub(crate) struct Tls {
    connector: TlsConnector,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}

impl Tls {
    /// TLS with the algorithms of `ring`.
    pub(crate) fn new() -> Result<Self, TlsError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = Arc::new(AnyCertificate::new(&provider));
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| TlsError::Setup)?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        config.resumption = Resumption::in_memory_sessions(SESSIONS_MAX);
        Ok(Self { connector: Arc::new(config).into() })
    }

    /// Makes the handshake with a host, right behind its reply to STARTTLS. The name goes to the host
    /// (SNI, RFC 6066, section 3), unless it is an address.
    ///
    /// What was read in the clear and not yet looked at must be thrown away by the caller: bytes behind
    /// that reply are not the host's (RFC 3207, section 4.2).
    ///
    /// A handshake cannot go on once its future is dropped: the connection is closed with it.
    pub(crate) async fn start(&self, stream: Stream, host: &str) -> Result<Stream, TlsError> {
        let Stream::Plain(tcp) = stream else { return Err(TlsError::AlreadyStarted) };
        let name = ServerName::try_from(host).map_err(|_| TlsError::ServerName)?.to_owned();
        self.handshake(tcp, name).await
    }

    async fn handshake(
        &self,
        tcp: TcpStream,
        name: ServerName<'static>,
    ) -> Result<Stream, TlsError> {
        let bounded = |session: &mut rustls::ClientConnection| {
            session.set_buffer_limit(Some(BUFFER_BYTES_MAX));
        };
        match self.connector.connect_with(name, tcp, bounded).await {
            Ok(stream) => Ok(Stream::Tls(Box::new(stream))),
            Err(error) => Err(TlsError::of(&error)),
        }
    }
}

/// Why TLS was not started. The connection is lost with it: whoever wants to go on in the clear needs
/// another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TlsError {
    /// The configuration is not one that the algorithms can serve.
    #[error("TLS cannot be set up")]
    Setup,
    /// The connection has TLS already.
    #[error("the connection has TLS already")]
    AlreadyStarted,
    /// The name of the host cannot be sent.
    #[error("the name of the host is none that TLS can hold")]
    ServerName,
    /// The host closed or reset the connection.
    #[error("the host closed the connection during the handshake")]
    Disconnected,
    /// What the host sent is not TLS.
    #[error("what the host sent is not TLS")]
    NotTls,
    /// The host refused with an alert.
    #[error("the host refused the handshake")]
    Alert,
    /// The host offers nothing that is known here, such as TLS 1.0 alone.
    #[error("the host and this side have no version or algorithm in common")]
    Incompatible,
    /// The host's certificate or signature is broken.
    #[error("the host's certificate or signature is broken")]
    Certificate,
    /// Something else.
    #[error("the handshake failed")]
    Other,
}

impl TlsError {
    fn of(error: &io::Error) -> Self {
        let source = error.get_ref().and_then(|source| source.downcast_ref::<rustls::Error>());
        let Some(source) = source else {
            return match error.kind() {
                io::ErrorKind::UnexpectedEof
                | io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe => Self::Disconnected,
                _ => Self::Other,
            };
        };
        match source {
            rustls::Error::InvalidMessage(_) => Self::NotTls,
            rustls::Error::AlertReceived(_) => Self::Alert,
            rustls::Error::PeerIncompatible(_) => Self::Incompatible,
            rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented => {
                Self::Certificate
            }
            _ => Self::Other,
        }
    }
}

/// Takes every certificate, and checks that signatures are made with its key.
#[derive(Debug)]
struct AnyCertificate {
    algorithms: WebPkiSupportedAlgorithms,
}

impl AnyCertificate {
    fn new(provider: &CryptoProvider) -> Self {
        Self { algorithms: provider.signature_verification_algorithms }
    }
}

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests;
