//! An SMTP client that does what it is told, for tests of the laboratory.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use genesy_providers::simulated::mail::{Laboratory, MailHost};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// What no step of a test takes.
const STEP: Duration = Duration::from_secs(5);

pub(crate) struct Client<S = TcpStream> {
    pub(crate) stream: BufReader<S>,
}

impl Client {
    /// Connects, and reads nothing.
    pub(crate) async fn connect(laboratory: &Laboratory, host: &MailHost) -> Self {
        let place = SocketAddr::new(host.ip(), laboratory.smtp_port());
        let stream = in_time(TcpStream::connect(place)).await.expect("a connection");
        Self { stream: BufReader::new(stream) }
    }

    /// Connects, and goes as far as `MAIL`.
    pub(crate) async fn with_sender(laboratory: &Laboratory, host: &MailHost) -> Self {
        let mut client = Self::connect(laboratory, host).await;
        assert!(client.reply().await.starts_with("220 "));
        assert!(client.say("EHLO client.example").await.starts_with("250-"));
        assert_eq!(client.say("MAIL FROM:<probe@client.example>").await, "250 2.1.0 Ok\r\n");
        client
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.expect("the host is there");
        self.stream.flush().await.expect("the host is there");
    }

    /// All lines of a reply, with their ends.
    pub(crate) async fn reply(&mut self) -> String {
        let mut reply = String::new();
        loop {
            let begin = reply.len();
            let read = in_time(self.stream.read_line(&mut reply)).await.expect("a line");
            assert!(read > 0, "the host closed after {reply:?}");
            if reply.as_bytes().get(begin + 3) != Some(&b'-') {
                return reply;
            }
        }
    }

    pub(crate) async fn say(&mut self, command: &str) -> String {
        self.send(format!("{command}\r\n").as_bytes()).await;
        self.reply().await
    }

    pub(crate) async fn recipient(&mut self, address: &str) -> String {
        self.say(&format!("RCPT TO:<{address}>")).await
    }

    /// Everything until the host closes.
    pub(crate) async fn rest(&mut self) -> io::Result<Vec<u8>> {
        let mut rest = Vec::new();
        in_time(self.stream.read_to_end(&mut rest)).await.map(|_| rest)
    }

    /// So many bytes, at least.
    pub(crate) async fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        in_time(self.stream.read_exact(&mut bytes)).await.expect("so many bytes");
        bytes
    }

    /// Whether nothing comes for some time.
    pub(crate) async fn is_silent(&mut self) -> bool {
        timeout(Duration::from_millis(80), self.stream.fill_buf()).await.is_err()
    }
}

/// Waits until something is so that a server does a little later than the client.
pub(crate) async fn until(mut is_so: impl FnMut() -> bool) {
    let wait = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    in_time(wait).await;
}

async fn in_time<T>(step: impl Future<Output = T>) -> T {
    timeout(STEP, step).await.expect("it does not hang")
}
