//! A connection to a mail host, in the clear or with TLS.

use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::FutureExt;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// Bytes that one read takes at most. They are on the stack of the thread that reads: a connection on
/// which nothing comes holds no buffer. A reply line has at most 512 octets (RFC 5321, section 4.5.3.1.5).
const READ_BYTES_MAX: usize = 4096;

/// A connection, in the clear or with TLS.
///
/// All futures of it may be dropped at any time, as a timer does. After that, the same call goes on where
/// the dropped one was.
#[derive(Debug)]
pub(crate) enum Stream {
    /// In the clear.
    Plain(TcpStream),
    /// With TLS. Boxed, since most connections never come to it.
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    /// Waits for bytes and appends them, [`READ_BYTES_MAX`] at most. Tells how many there were: 0 when
    /// the host closed the connection.
    pub(crate) async fn read(&mut self, into: &mut Vec<u8>) -> io::Result<usize> {
        poll_fn(|cx| match self {
            Self::Plain(tcp) => poll_read(tcp, cx, into),
            Self::Tls(tls) => poll_read(tls.as_mut(), cx, into),
        })
        .await
    }

    /// Writes bytes until none is left, and takes each away from `rest` once it is written.
    pub(crate) async fn write(&mut self, rest: &mut &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(tcp) => write(tcp, rest).await,
            Self::Tls(tls) => {
                write(tls.as_mut(), rest).await?;
                // A record may have been taken by TLS and not yet by the socket.
                tls.flush().await
            }
        }
    }

    /// Closes the connection without waiting for the host. With TLS it is told the end
    /// (RFC 8446, section 6.1) if the socket takes that at once.
    pub(crate) fn close(self) {
        if let Self::Tls(mut tls) = self {
            // Whether it was told makes no difference to one who leaves.
            let _ = tls.shutdown().now_or_never();
        }
    }
}

fn poll_read(
    stream: &mut (impl AsyncRead + Unpin),
    cx: &mut Context<'_>,
    into: &mut Vec<u8>,
) -> Poll<io::Result<usize>> {
    let mut scratch = [MaybeUninit::<u8>::uninit(); READ_BYTES_MAX];
    let mut scratch = ReadBuf::uninit(&mut scratch);
    ready!(Pin::new(stream).poll_read(cx, &mut scratch))?;
    into.extend_from_slice(scratch.filled());
    Poll::Ready(Ok(scratch.filled().len()))
}

async fn write(stream: &mut (impl AsyncWrite + Unpin), rest: &mut &[u8]) -> io::Result<()> {
    while !rest.is_empty() {
        let written_bytes = stream.write(rest).await?;
        if written_bytes == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        *rest = &rest[written_bytes..];
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::net::TcpListener;
    use tokio::time::timeout;

    use super::*;

    /// What a connection may hold above the socket while nothing comes.
    const IDLE_BYTES_MAX: usize = 300;

    async fn connected() -> (Stream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        (Stream::Plain(client), listener.accept().await.unwrap().0)
    }

    #[tokio::test]
    async fn reads_what_is_there_and_the_end() {
        let (mut client, mut host) = connected().await;
        let mut reply = Vec::new();
        host.write_all(b"220 ").await.unwrap();
        assert_eq!(client.read(&mut reply).await.unwrap(), 4);
        host.write_all(b"ready\r\n").await.unwrap();
        assert_eq!(client.read(&mut reply).await.unwrap(), 7);
        assert_eq!(reply, b"220 ready\r\n");
        drop(host);
        assert_eq!(client.read(&mut reply).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn a_flood_is_taken_in_bounded_pieces() {
        let (mut client, mut host) = connected().await;
        let sent = vec![b'x'; 3 * READ_BYTES_MAX];
        host.write_all(&sent).await.unwrap();
        drop(host);
        let mut taken = Vec::new();
        loop {
            let read_bytes = client.read(&mut taken).await.unwrap();
            assert!(read_bytes <= READ_BYTES_MAX);
            if read_bytes == 0 {
                break;
            }
        }
        assert_eq!(taken, sent);
    }

    #[tokio::test]
    async fn a_read_that_is_given_up_loses_nothing() {
        let (mut client, mut host) = connected().await;
        let mut reply = Vec::new();
        assert!(timeout(Duration::from_millis(5), client.read(&mut reply)).await.is_err());
        host.write_all(b"250 ok\r\n").await.unwrap();
        client.read(&mut reply).await.unwrap();
        assert_eq!(reply, b"250 ok\r\n");
    }

    #[tokio::test]
    async fn a_write_that_is_given_up_goes_on_where_it_was() {
        let (mut client, host) = connected().await;
        let sent: Vec<u8> = (0..8_000_000_u32).map(|at| (at % 251) as u8).collect();
        let mut rest = &sent[..];
        // Nobody reads: the socket fills up.
        assert!(timeout(Duration::from_millis(20), client.write(&mut rest)).await.is_err());
        assert!(!rest.is_empty() && rest.len() < sent.len());

        let mut host = Stream::Plain(host);
        let mut taken = Vec::new();
        let reading = async {
            while taken.len() < sent.len() {
                host.read(&mut taken).await.unwrap();
            }
        };
        let (written, ()) = tokio::join!(client.write(&mut rest), reading);
        written.unwrap();
        assert!(taken == sent, "the bytes differ");
    }

    #[tokio::test]
    async fn an_idle_connection_holds_next_to_nothing() {
        let (mut client, _host) = connected().await;
        let stream_bytes = size_of_val(&client);
        let mut reply = Vec::new();
        let waiting_bytes = size_of_val(&client.read(&mut reply));
        assert!(stream_bytes + waiting_bytes <= IDLE_BYTES_MAX, "{stream_bytes} + {waiting_bytes}");
    }
}
