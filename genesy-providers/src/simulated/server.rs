//! The server.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use super::fault::Fault;
use super::options::Options;
use super::service::serve;
use super::state::Shared;
use super::who::SimulatedProvider;

/// Where the paths of the providers begin.
pub(super) const BASE_PATH: &str = "/api/tmp";
/// The wait when the system has no connection to give, as when no file may be opened any more.
const ACCEPT_RETRY: Duration = Duration::from_millis(10);

/// The three providers, running on a port of this machine until it is stopped or dropped.
#[derive(Debug)]
#[must_use = "dropping it stops the providers"]
pub struct Simulation {
    pub(super) shared: Arc<Shared>,
    base_url: String,
    /// Owns the listener and all connections.
    accepting: JoinHandle<()>,
}

impl Simulation {
    /// Starts the providers on the Tokio runtime that this is called on.
    ///
    /// # Errors
    ///
    /// When there is no port to listen on.
    pub async fn start(options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let base_url = format!("http://{}{BASE_PATH}", listener.local_addr()?);
        let shared = Arc::new(Shared::new(options));
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { shared, base_url, accepting })
    }

    /// What the providers' paths are added to: `http://127.0.0.1:PORT/api/tmp`.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Sets what is wrong with a provider, from the next request on; nothing if there is no fault.
    pub fn set_fault(&self, who: SimulatedProvider, fault: Option<Fault>) {
        self.shared.of(who).set_fault(fault);
    }

    /// How many requests reached a provider, whatever it answered.
    pub fn requests(&self, who: SimulatedProvider) -> u64 {
        self.shared.of(who).requests()
    }

    /// When they came, in order. Empty unless [`Options::keep_arrivals`] is set.
    pub fn begun(&self, who: SimulatedProvider) -> Vec<Instant> {
        self.shared.of(who).begun()
    }

    /// How many of them were under way at a time, at most.
    pub fn running_max(&self, who: SimulatedProvider) -> u64 {
        self.shared.of(who).running_max()
    }

    /// Stops. Behind it nobody listens, and what was under way is cut off.
    pub async fn stop(mut self) {
        self.accepting.abort();
        // It ends by being cancelled, which is what was asked for.
        let _ = (&mut self.accepting).await;
    }
}

impl Drop for Simulation {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Takes connections until it is aborted, and its connections with it.
async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((connection, _)) => {
                    connections.spawn(converse(connection, Arc::clone(&shared)));
                }
                Err(_) => tokio::time::sleep(ACCEPT_RETRY).await,
            },
            // What has ended is let go.
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn converse(connection: TcpStream, shared: Arc<Shared>) {
    // Small answers must not wait for each other; without it they are only later.
    let _ = connection.set_nodelay(true);
    let service = service_fn(|request| serve(&shared, request));
    // How a connection ends is the client's to judge.
    let _ = http1::Builder::new()
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(connection), service)
        .await;
}
