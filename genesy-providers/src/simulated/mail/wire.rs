//! A connection, in clear text or in TLS.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// How long a host reads on after it has closed its side, so that unread bytes do not make a reset of it.
const LINGER: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(super) enum Wire {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Wire {
    pub(super) async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(buffer).await,
            Self::Tls(stream) => stream.read(buffer).await,
        }
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.write_all(bytes).await,
            Self::Tls(stream) => {
                stream.write_all(bytes).await?;
                stream.flush().await
            }
        }
    }

    /// Closes in an orderly way.
    pub(super) async fn close(mut self) {
        let closed = match &mut self {
            Self::Plain(stream) => stream.shutdown().await,
            Self::Tls(stream) => stream.shutdown().await,
        };
        if closed.is_ok() {
            // Either it ends, or it has taken long enough.
            let _ = tokio::time::timeout(LINGER, hold(self.into_stream())).await;
        }
    }

    pub(super) fn reset(self) {
        // Where it fails, the connection is closed instead, and a test sees that.
        let _ = self.into_stream().set_zero_linger();
    }

    pub(super) async fn into_tls(self, acceptor: &TlsAcceptor) -> io::Result<Self> {
        Ok(Self::Tls(Box::new(acceptor.accept(self.into_stream()).await?)))
    }

    /// The connection below.
    pub(super) fn into_stream(self) -> TcpStream {
        match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => stream.into_inner().0,
        }
    }
}

/// Reads and forgets until the client has closed. It takes no memory but the connection's while it waits.
pub(super) async fn hold(stream: TcpStream) {
    loop {
        if stream.readable().await.is_err() {
            return;
        }
        let mut scratch = [0; 512];
        match stream.try_read(&mut scratch) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}
