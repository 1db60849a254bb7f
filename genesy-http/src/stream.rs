//! Connections whose clients do not read what they asked for end.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

/// How long a client may read nothing while there is something to be sent.
pub(crate) const WRITE_TIME_MAX: Duration = Duration::from_secs(60);

/// A connection of which nothing can be read or written once its client has stopped reading.
#[derive(Debug)]
pub(crate) struct Stream {
    inner: TcpStream,
    write_time_max: Duration,
    /// Set while the client is waited for.
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Stream {
    pub(crate) fn new(inner: TcpStream) -> Self {
        Self { inner, write_time_max: WRITE_TIME_MAX, alarm: None }
    }

    /// Passes on what came of a write, and gives up when that was nothing for too long.
    fn watched<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.alarm = None;
            return written;
        }
        let until = self.write_time_max;
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + until)));
        alarm.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(context, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(context, bytes);
        self.watched(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write_vectored(context, slices);
        self.watched(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;
    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn who_does_not_read_is_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let client = TcpStream::connect(listener.local_addr().expect("an address")).await;
        let (inner, _) = listener.accept().await.expect("a connection");
        let mut stream = Stream { write_time_max: Duration::from_millis(50), ..Stream::new(inner) };
        let block = vec![0; 1024 * 1024];
        let writing = async {
            loop {
                if let Err(error) = stream.write_all(&block).await {
                    return error.kind();
                }
            }
        };
        let ended = timeout(Duration::from_secs(20), writing).await.expect("it ends");
        assert_eq!(ended, io::ErrorKind::TimedOut);
        drop(client);
    }
}
