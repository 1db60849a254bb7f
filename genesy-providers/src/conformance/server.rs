//! A server on the loopback that does what its script says, down to the byte, and keeps what it got.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};

use super::Canned;
use super::request::{Received, views};

/// Bytes that an endless answer has after all, so that no test fills a disk or runs for ever.
const ENDLESS_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Bytes of one piece of an endless answer.
const PIECE_BYTES: usize = 16 * 1024;
/// The send buffer of the server: what lies there was not taken by anybody.
const SEND_BUFFER_BYTES: u32 = 64 * 1024;
/// Time between two bytes of an answer that drips.
const DRIP: Duration = Duration::from_millis(20);
/// Connections that may wait to be accepted.
const BACKLOG: u32 = 128;

/// What the server does with a request.
#[derive(Debug, Clone)]
pub(super) enum Script {
    /// It answers, and keeps the connection if the request does not say otherwise.
    Answer(Canned),
    /// It answers with the first if a word of the list is in the request, with the second if none is.
    Choose(Vec<String>, Canned, Canned),
    /// It sends these bytes, and closes the connection.
    Bytes(Vec<u8>),
    /// It answers with this status, and with the request as reason phrase, header and body.
    Echo(u16),
    /// It says nothing until the connection is closed.
    Hang,
    /// It sends a head and nothing behind it.
    HangAfterHead,
    /// It sends a head, and then a byte every [`DRIP`].
    Drip,
    /// It sends a body in chunks that does not end.
    Endless,
}

impl Script {
    /// The answer to a request, if there is a whole one.
    fn answer(&self, received: &Received) -> Option<&Canned> {
        match self {
            Self::Answer(canned) => Some(canned),
            Self::Choose(words, with, without) => {
                let text = views(&received.text()).to_lowercase();
                Some(if words.iter().any(|word| text.contains(word)) { with } else { without })
            }
            _ => None,
        }
    }
}

/// A server that runs until it is dropped.
#[derive(Debug)]
pub(super) struct Server {
    address: SocketAddr,
    state: Arc<State>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct State {
    scripts: Vec<Script>,
    connections: AtomicUsize,
    received: Mutex<Vec<Received>>,
    body_bytes_sent: AtomicUsize,
    got_request: Notify,
    saw_close: Notify,
}

impl Server {
    /// A server that does with its nth request what the nth script says, and with all later ones what
    /// the last says.
    pub(super) fn start(scripts: Vec<Script>) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
        socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        let listener = socket.listen(BACKLOG)?;
        let address = listener.local_addr()?;
        let state = Arc::new(State { scripts, ..State::default() });
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                shared.connections.fetch_add(1, Ordering::SeqCst);
                let state = Arc::clone(&shared);
                connections.spawn(async move {
                    // What the other side does to the connection is what is tested: no error is ours.
                    let _ = state.serve(stream).await;
                });
            }
        });
        Ok(Self { address, state, task })
    }

    /// The address of a port where nobody listens.
    pub(super) fn nowhere() -> io::Result<String> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        Ok(format!("http://{}", socket.local_addr()?))
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    pub(super) fn received(&self) -> Vec<Received> {
        self.state.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Bytes of bodies that were sent, what lies in buffers among them.
    pub(super) fn body_bytes_sent(&self) -> usize {
        self.state.body_bytes_sent.load(Ordering::SeqCst)
    }

    /// Waits for a request.
    pub(super) async fn got_request(&self) {
        self.state.got_request.notified().await;
    }

    /// Waits until somebody closes a connection that hangs.
    pub(super) async fn saw_close(&self) {
        self.state.saw_close.notified().await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl State {
    async fn serve(&self, mut stream: TcpStream) -> io::Result<()> {
        while let Some(received) = Received::read(&mut stream).await? {
            let nth = {
                let mut all = self.received.lock().unwrap_or_else(PoisonError::into_inner);
                all.push(received.clone());
                all.len() - 1
            };
            self.got_request.notify_one();
            let Some(script) = self.scripts.get(nth).or(self.scripts.last()) else { return Ok(()) };
            if let Some(canned) = script.answer(&received) {
                stream.write_all(&canned.bytes()).await?;
                if received.wants_close() {
                    return stream.shutdown().await;
                }
                continue;
            }
            match script {
                Script::Answer(_) | Script::Choose(..) => {}
                Script::Bytes(bytes) => {
                    self.send(&mut stream, bytes).await?;
                    return stream.shutdown().await;
                }
                Script::Echo(status) => {
                    stream.write_all(&echo(*status, &received)).await?;
                    return stream.shutdown().await;
                }
                Script::Hang => return self.hang(stream).await,
                Script::HangAfterHead => {
                    stream.write_all(&head("content-length: 100")).await?;
                    return self.hang(stream).await;
                }
                Script::Drip => return drip(stream).await,
                Script::Endless => return self.endless(stream).await,
            }
        }
        Ok(())
    }

    async fn send(&self, stream: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
        for piece in bytes.chunks(PIECE_BYTES) {
            stream.write_all(piece).await?;
            self.body_bytes_sent.fetch_add(piece.len(), Ordering::SeqCst);
        }
        Ok(())
    }

    async fn hang(&self, mut stream: TcpStream) -> io::Result<()> {
        let mut buffer = [0; 64];
        while stream.read(&mut buffer).await.is_ok_and(|length| length > 0) {}
        self.saw_close.notify_one();
        Ok(())
    }

    async fn endless(&self, mut stream: TcpStream) -> io::Result<()> {
        stream.write_all(&head("transfer-encoding: chunked")).await?;
        let mut chunk = format!("{PIECE_BYTES:x}\r\n").into_bytes();
        chunk.resize(chunk.len() + PIECE_BYTES, b' ');
        chunk.extend_from_slice(b"\r\n");
        while self.body_bytes_sent.load(Ordering::SeqCst) < ENDLESS_BYTES_MAX {
            self.send(&mut stream, &chunk).await?;
        }
        Ok(())
    }
}

async fn drip(mut stream: TcpStream) -> io::Result<()> {
    stream.write_all(&head("content-length: 100000")).await?;
    loop {
        stream.write_all(b" ").await?;
        tokio::time::sleep(DRIP).await;
    }
}

/// The head of an answer that seems to go well.
fn head(header: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{header}\r\n\r\n").into_bytes()
}

/// An answer that says in all places what it was asked.
fn echo(status: u16, received: &Received) -> Vec<u8> {
    let body = received.text();
    let line: String =
        body.chars().map(|c| if c.is_ascii_graphic() { c } else { ' ' }).take(4000).collect();
    let length = body.len();
    format!(
        "HTTP/1.1 {status} {line}\r\nx-echo: {line}\r\nwww-authenticate: Bearer error=\"{line}\"\r\n\
         retry-after: {line}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
    .into_bytes()
}
