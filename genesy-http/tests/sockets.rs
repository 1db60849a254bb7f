//! Clients over real sockets, most of them hostile.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use genesy_http::config::Settings;
use genesy_http::store::Store;
use genesy_http::{AppState, serve};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// How long anything may take that has an end.
const PATIENCE: Duration = Duration::from_secs(25);
/// Connections that do nothing.
const CONNECTIONS: usize = 1000;

struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
    folder: TempDir,
}

impl Server {
    async fn start(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).expect("a store");
        let mut settings = Settings::default();
        change(&mut settings);
        let state =
            AppState::builder(store).settings(settings).build().expect("settings that go together");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(serve(listener, state, async {
            // Sent or dropped, it is the end.
            let _ = stopped.await;
        }));
        Self { address, stop, serving, folder }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("a connection")
    }

    /// Sends this, and gives all that comes until the server closes.
    async fn talk(&self, text: &str) -> String {
        let mut stream = self.connect().await;
        // The server may close before it has read all.
        let _ = stream.write_all(text.as_bytes()).await;
        rest(&mut stream).await
    }
}

async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset is an end, too: what came before it counts.
    let _ = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("the server closes");
    String::from_utf8_lossy(&bytes).into_owned()
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_that_do_not_end_are_given_up() {
    let server = Server::start(|_| {}).await;
    let begun = Instant::now();
    let (mut silent, mut half) = (server.connect().await, server.connect().await);
    half.write_all(b"GET / HTTP/1.1\r\nHost: local").await.expect("it is sent");
    let mut slow = server.connect().await;
    let dripping = async {
        // One byte after the other, so that the connection is never idle.
        for byte in b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ".iter().chain([b'x'; 200].iter()) {
            if slow.write_all(&[*byte]).await.is_err() {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        false
    };
    let (first, second, was_cut_off) =
        tokio::join!(rest(&mut silent), rest(&mut half), timeout(PATIENCE, dripping));
    assert!(!first.contains("200 OK") && !second.contains("200 OK"));
    assert!(was_cut_off.unwrap_or(false), "a dripping head goes on");
    assert!(begun.elapsed() < PATIENCE);
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_do_not_come_are_given_up() {
    let server = Server::start(|settings| settings.limits.upload_idle_s = 1).await;
    let mut stream = server.connect().await;
    // A key makes the guards read the body, whatever the handler does.
    let head = "POST /v1/jobs/1/pause HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: one\r\n\
        Content-Length: 100\r\nConnection: close\r\n\r\n{\"first_name\":";
    stream.write_all(head.as_bytes()).await.expect("it is sent");
    let begun = Instant::now();
    let answer = rest(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("/problems/stalled") && begun.elapsed() < Duration::from_secs(8));
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_that_are_too_large_are_refused() {
    let server = Server::start(|_| {}).await;
    let long = "x".repeat(128 * 1024);
    let line = server.talk(&format!("GET /{long} HTTP/1.1\r\nHost: localhost\r\n\r\n")).await;
    assert!(line.starts_with("HTTP/1.1 4"), "{}", &line[..line.len().min(80)]);
    let header =
        server.talk(&format!("GET / HTTP/1.1\r\nHost: localhost\r\nX: {long}\r\n\r\n")).await;
    assert!(header.starts_with("HTTP/1.1 431 "), "{}", &header[..header.len().min(80)]);
    let many = "X: y\r\n".repeat(1000);
    let many = server.talk(&format!("GET / HTTP/1.1\r\nHost: localhost\r\n{many}\r\n")).await;
    assert!(many.starts_with("HTTP/1.1 431 "), "{}", &many[..many.len().min(80)]);
    for rubbish in
        ["\0\0\0\0\r\n\r\n", "GET\r\n\r\n", "\x16\x03\x01\x02\x00", "PRI * HTTP/2.0\r\n\r\n"]
    {
        let answer = server.talk(&format!("{rubbish}\r\n\r\n")).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    // A second request hidden in the body of the first one.
    let two = "POST /v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\
        Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let answer = server.talk(two).await;
    assert!(!answer.contains("genesy_http_requests_total"), "{answer}");
    assert!(server.talk(&get("/readyz")).await.starts_with("HTTP/1.1 200 "));
}

/// Lets the test hold both ends of all connections, or says that the system does not.
#[cfg(unix)]
fn allow_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let maximum = getrlimit(Resource::Nofile).maximum;
    let least = 2 * CONNECTIONS as u64 + 200;
    let is_enough = maximum.is_none_or(|maximum| maximum >= least);
    assert!(is_enough, "it needs {least} files, {maximum:?} are allowed: raise `ulimit -Hn`");
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).expect("they are allowed");
}

#[cfg(not(unix))]
fn allow_files() {}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_open_connections_leave_place_for_others() {
    allow_files();
    let server = Server::start(|_| {}).await;
    let mut held = Vec::with_capacity(CONNECTIONS);
    for number in 0..CONNECTIONS {
        let mut stream = server.connect().await;
        if number % 2 == 0 {
            stream.write_all(b"GET /v1/leads HTTP/1.1\r\nHo").await.expect("it is sent");
        }
        held.push(stream);
    }
    // First, since they are given up after a while.
    let metrics = server.talk(&get("/metrics")).await;
    let open = metrics.lines().find_map(|line| line.strip_prefix("genesy_http_connections "));
    let open: usize = open.expect("the gauge").parse().expect("a number");
    assert!(open > CONNECTIONS, "{open}");
    for _ in 0..20 {
        let begun = Instant::now();
        assert!(server.talk(&get("/readyz")).await.starts_with("HTTP/1.1 200 "));
        // Sooner than any of those gives up.
        assert!(begun.elapsed() < Duration::from_secs(9), "{:?}", begun.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_beyond_the_limit_wait() {
    let server = Server::start(|settings| settings.limits.connections_max = 2).await;
    let (first, second) = (server.connect().await, server.connect().await);
    let mut third = server.connect().await;
    third.write_all(get("/healthz").as_bytes()).await.expect("it is sent");
    let mut byte = [0];
    let early = timeout(Duration::from_millis(200), third.read(&mut byte)).await;
    assert!(early.is_err(), "it was answered before its turn");
    drop(first);
    assert!(rest(&mut third).await.starts_with("HTTP/1.1 200 "));
    drop(second);
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_too_large_or_cut_off_are_refused() {
    let server = Server::start(|_| {}).await;
    let head = "POST /v1/jobs/1/pause HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: one\r\n\
        Connection: close\r\n";
    let body = " ".repeat(2 * 1024 * 1024);
    let sized = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
    let chunked =
        format!("{head}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    for request in [sized, chunked] {
        let answer = server.talk(&request).await;
        // The server does not read what it does not want, and a reset may come before the answer is read.
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413 "), "{answer}");
    }
    // What is told to be too large is refused before any of it comes.
    let mut huge = server.connect().await;
    let told = "POST /v1/imports HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n\
        Connection: close\r\nContent-Length: 9000000000\r\n\r\n";
    huge.write_all(told.as_bytes()).await.expect("sent");
    let answer = rest(&mut huge).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    let mut half = server.connect().await;
    half.write_all(format!("{head}Content-Length: 100\r\n\r\nhalf").as_bytes())
        .await
        .expect("sent");
    half.shutdown().await.expect("it is shut down");
    let answer = rest(&mut half).await;
    assert!(answer.is_empty() || answer.contains("/problems/cut-off"), "{answer}");
    assert!(server.talk(&get("/readyz")).await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_watch_do_not_hold_up_its_end() {
    let server = Server::start(|_| {}).await;
    let mut watching = Vec::new();
    for _ in 0..20 {
        let mut stream = server.connect().await;
        stream.write_all(get("/v1/events").as_bytes()).await.expect("it is sent");
        let mut head = [0; 12];
        stream.read_exact(&mut head).await.expect("an answer");
        assert_eq!(&head, b"HTTP/1.1 200");
        watching.push(stream);
    }
    let begun = Instant::now();
    server.stop.send(()).expect("it runs");
    timeout(PATIENCE, server.serving).await.expect("it stops").expect("it does not panic");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    for mut stream in watching {
        rest(&mut stream).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_stops_when_it_is_told_to_and_closes_its_store() {
    let server = Server::start(|_| {}).await;
    let mut idle = server.connect().await;
    idle.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n").await.expect("it is sent");
    let mut some = [0; 12];
    idle.read_exact(&mut some).await.expect("an answer");
    let begun = Instant::now();
    server.stop.send(()).expect("it runs");
    timeout(PATIENCE, server.serving).await.expect("it stops").expect("it does not panic");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert!(TcpStream::connect(server.address).await.is_err(), "it still listens");
    let folder = server.folder.path();
    assert!(!folder.join("genesy.sqlite3-wal").exists(), "the log was not written back");
    Store::open(folder).expect("nobody has it open");
}
