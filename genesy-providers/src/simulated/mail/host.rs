//! A mail host: its handle, and what takes its connections.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;

use super::greylist::Greylist;
use super::script::Script;
use super::session::converse;
use super::sink::swallow;
use super::stats::{Counters, Stats, Transcript, Transcripts};
use super::trick::{Stage, Trick};
use super::wire::hold;
use super::{lock, tls};

/// The wait when the system has no connection to give, as when no file may be opened any more.
const ACCEPT_RETRY: Duration = Duration::from_millis(10);

/// A mail host of a [`Laboratory`](super::Laboratory). It runs as long as the laboratory does, whether
/// this handle is there or not.
#[derive(Clone)]
pub struct MailHost {
    ip: IpAddr,
    host: Arc<Host>,
}

/// What the connections of a host share.
pub(super) struct Host {
    pub(super) name: String,
    pub(super) counters: Counters,
    pub(super) transcripts: Transcripts,
    pub(super) greylist: Greylist,
    script: Mutex<Arc<Script>>,
    acceptor: OnceLock<TlsAcceptor>,
}

impl MailHost {
    pub(super) fn new(name: &str, ip: IpAddr, script: Script) -> Self {
        let host = Host {
            name: name.to_owned(),
            counters: Counters::default(),
            transcripts: Transcripts::default(),
            greylist: Greylist::default(),
            script: Mutex::new(Arc::new(script)),
            acceptor: OnceLock::new(),
        };
        Self { ip, host: Arc::new(host) }
    }

    /// Its name, as in its greeting.
    pub fn name(&self) -> &str {
        &self.host.name
    }

    /// Its address.
    pub fn ip(&self) -> IpAddr {
        self.ip
    }

    /// What it has counted.
    pub fn stats(&self) -> Stats {
        self.host.counters.stats()
    }

    /// What was said in the last 32 sessions, the oldest first. Hosts that say nothing from the beginning
    /// keep none, and sinks neither.
    pub fn transcripts(&self) -> Vec<Transcript> {
        self.host.transcripts.all()
    }

    /// Changes how it behaves, for connections from now on.
    pub fn set_script(&self, script: Script) {
        *lock(&self.host.script) = Arc::new(script);
    }

    /// Takes connections until it is aborted, and its connections with it.
    pub(super) async fn accept(self, listener: TcpListener) {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => self.take(stream, &mut connections),
                    Err(_) => sleep(ACCEPT_RETRY).await,
                },
                // What has ended is let go.
                Some(_) = connections.join_next() => {}
            }
        }
    }

    /// Each way to serve a connection is a task of its own, so that one that hangs is a small one.
    fn take(&self, stream: TcpStream, connections: &mut JoinSet<()>) {
        // Small replies must not wait for each other; without it they are only later.
        let _ = stream.set_nodelay(true);
        let connection = Connection::new(&self.host);
        let script = Arc::clone(&lock(&self.host.script));
        // How a connection ends is the client's to judge.
        if script.is_sink {
            connections.spawn(async move {
                let _ = swallow(stream, &connection, &script).await;
            });
        } else if script.trick_for(Stage::Greeting, 1) == Some(&Trick::Silence) {
            connections.spawn(async move {
                let _open = connection;
                hold(stream).await;
            });
        } else {
            connections.spawn(async move {
                let _ = converse(stream, connection, script).await;
            });
        }
    }
}

/// Names and counts alone: no addresses.
impl fmt::Debug for MailHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailHost")
            .field("name", &self.host.name)
            .field("ip", &self.ip)
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

impl Host {
    /// The host's side of TLS. The certificate is made when it is first needed.
    pub(super) fn acceptor(&self) -> io::Result<TlsAcceptor> {
        if let Some(acceptor) = self.acceptor.get() {
            return Ok(acceptor.clone());
        }
        let made = tls::acceptor(&self.name)?;
        Ok(self.acceptor.get_or_init(|| made).clone())
    }
}

/// A connection that is counted as open while this is there.
pub(super) struct Connection {
    pub(super) host: Arc<Host>,
    /// How many were open with it.
    pub(super) open: u64,
}

impl Connection {
    fn new(host: &Arc<Host>) -> Self {
        Self { open: host.counters.open(), host: Arc::clone(host) }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.host.counters.close();
    }
}
