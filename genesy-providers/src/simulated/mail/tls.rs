//! The certificate of a host.

use std::io;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use tokio_rustls::TlsAcceptor;

/// What takes TLS handshakes with a certificate for `host` that nobody but its own key has signed, as
/// most mail hosts have it.
///
/// # Errors
///
/// When `host` is no name for a certificate.
pub(super) fn acceptor(host: &str) -> io::Result<TlsAcceptor> {
    let own = rcgen::generate_simple_self_signed([host.to_owned()]).map_err(io::Error::other)?;
    let key = PrivateKeyDer::from(own.signing_key);
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| {
            builder.with_no_client_auth().with_single_cert(vec![own.cert.der().clone()], key)
        })
        .map_err(io::Error::other)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
