//! TLS of the plain driver.

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::trusting;

/// A connection.
pub(super) type Stream = Box<dyn Duplex>;

pub(super) trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Duplex for T {}

pub(super) async fn start(stream: Stream, host: &str) -> Option<Stream> {
    let name = ServerName::try_from(host.to_owned()).ok()?;
    let tls = trusting::connector().connect(name, stream).await.ok()?;
    Some(Box::new(tls))
}
