//! The loop that takes connections, and the end of it.
//!
//! | limit | value |
//! |---|---|
//! | the head of a request | 10 s until it is there ([`HEAD_TIME_MAX`]), 64 KiB ([`HEAD_BYTES_MAX`]), 100 headers (hyper's) |
//! | a client that reads nothing of an answer | 60 s ([`WRITE_TIME_MAX`](crate::stream::WRITE_TIME_MAX)) |
//! | connections at a time | `limits.connections_max`: those behind them wait to be taken |
//! | connections of one client | seven of eight of those ([`places_of_client`]): others are closed |
//! | requests under way when the server stops | 10 s ([`STOP_TIME_MAX`]); what they change is waited for as long again |

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::guard::{Client, network};
use crate::state::AppState;
use crate::stream::Stream;
use crate::telemetry::Gauge;

/// How long the head of a request may take, and how long a connection may wait for the next one.
pub(crate) const HEAD_TIME_MAX: Duration = Duration::from_secs(10);
/// Bytes of the head of a request at most.
pub(crate) const HEAD_BYTES_MAX: usize = 64 * 1024;
/// How long requests may go on when the server stops.
pub(crate) const STOP_TIME_MAX: Duration = Duration::from_secs(10);
/// The wait when the system has no connection to give, as when no file may be opened any more.
const ACCEPT_RETRY: Duration = Duration::from_millis(50);

/// Serves the application until `stop` ends, and what goes on in the background with it. Then requests
/// that are under way are waited for, also those whose clients went, and the store is closed.
pub async fn serve(listener: TcpListener, state: AppState, stop: impl Future<Output = ()>) {
    let app = crate::app(state.clone());
    let connections = Connections::default();
    tokio::select! {
        () = accept(listener, &app, &state, &connections) => {}
        () = stop => {}
    }
    tracing::info!("stopping: requests under way are waited for");
    // Nobody is asked any more while they are waited for.
    tokio::join!(state.stop(), connections.end());
    // What the last of them began.
    state.stop().await;
    state.store().close().await;
}

/// The connections that are open.
#[derive(Default)]
struct Connections {
    tasks: TaskTracker,
    /// Ends them, whatever they are at.
    cut: CancellationToken,
}

impl Connections {
    /// Waits for what they are at, if it does not take too long. No further one may come.
    async fn end(&self) {
        self.tasks.close();
        if tokio::time::timeout(STOP_TIME_MAX, self.tasks.wait()).await.is_err() {
            tracing::warn!(connections = self.tasks.len(), "requests are cut off");
            self.cut.cancel();
            self.tasks.wait().await;
        }
    }
}

async fn accept(listener: TcpListener, app: &Router, state: &AppState, connections: &Connections) {
    let mut is_failing = false;
    let most = state.settings().limits.connections_max;
    let places = Arc::new(Semaphore::new(most));
    let clients = Arc::new(Clients::default());
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, address)) => {
                is_failing = false;
                if let Some(guest) = clients.take(address.ip(), places_of_client(most)) {
                    let place = (place, guest);
                    let talk = converse(stream, address, app.clone(), state.clone(), place);
                    let cut = connections.cut.clone();
                    connections.tasks.spawn(cut.run_until_cancelled_owned(talk));
                }
            }
            Err(error) => {
                if !is_of_one_connection(&error) {
                    if !std::mem::replace(&mut is_failing, true) {
                        tracing::warn!(%error, "connections cannot be taken for now");
                    }
                    tokio::time::sleep(ACCEPT_RETRY).await;
                }
            }
        }
    }
}

/// Connections that one client may have, so that there are places for others: behind a proxy all are one.
const fn places_of_client(connections_max: usize) -> usize {
    connections_max - connections_max / 8
}

/// How many connections each client has.
#[derive(Debug, Default)]
struct Clients(Mutex<BTreeMap<IpAddr, usize>>);

impl Clients {
    /// A place for a connection of a client, unless it has too many.
    fn take(self: &Arc<Self>, client: IpAddr, most: usize) -> Option<Guest> {
        let client = network(client);
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = clients.entry(client).or_default();
        if *taken >= most {
            return None;
        }
        *taken += 1;
        Some(Guest { clients: Arc::clone(self), client })
    }
}

/// Gives the place back when it is dropped.
struct Guest {
    clients: Arc<Clients>,
    client: IpAddr,
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut clients = self.clients.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(taken) = clients.get_mut(&self.client) {
            *taken -= 1;
            if *taken == 0 {
                clients.remove(&self.client);
            }
        }
    }
}

/// Whether the client went before it was taken, so that the next one may be fine.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn converse(
    stream: TcpStream,
    address: SocketAddr,
    app: Router,
    state: AppState,
    _place: (OwnedSemaphorePermit, Guest),
) {
    let _counted = Counted::new(&state);
    talk(stream, address, app, &state).await;
}

/// A connection that is open, until this is dropped.
struct Counted<'a>(&'a AppState);

impl<'a> Counted<'a> {
    fn new(state: &'a AppState) -> Self {
        state.metrics().add(Gauge::Connections, 1);
        Self(state)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.metrics().add(Gauge::Connections, -1);
    }
}

async fn talk(stream: TcpStream, address: SocketAddr, app: Router, state: &AppState) {
    // Small answers must not wait for each other; without it they are only later.
    let _ = stream.set_nodelay(true);
    let client = Client(address.ip());
    let app = app.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(client);
        request.map(Body::new)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME_MAX)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(Stream::new(stream)), TowerToHyperService::new(app));
    let mut connection = std::pin::pin!(connection);
    // How a connection ends is the client's to judge.
    tokio::select! {
        _ = &mut connection => return,
        () = state.stopping().cancelled() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_connection_that_is_cut_off_is_not_counted_any_more() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = crate::store::Store::open(folder.path()).expect("a store");
        let state = AppState::builder(store).build().expect("settings that go together");
        let open = |count: u8| {
            let text = state.metrics().text();
            text.lines().any(|line| line == format!("genesy_http_connections {count}"))
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (_client, taken) = tokio::join!(TcpStream::connect(address), listener.accept());
        let (stream, address) = taken.expect("a connection");
        let place = Arc::new(Semaphore::new(1)).acquire_owned().await.expect("open");
        let guest = Arc::new(Clients::default()).take(address.ip(), 1).expect("a place");
        let (app, of) = (crate::app(state.clone()), state.clone());
        let task = tokio::spawn(converse(stream, address, app, of, (place, guest)));
        while !open(1) {
            tokio::task::yield_now().await;
        }
        task.abort();
        assert!(task.await.is_err_and(|error| error.is_cancelled()) && open(0));
    }

    #[test]
    fn one_client_leaves_places_for_others() {
        let clients = Arc::new(Clients::default());
        let [one, other]: [IpAddr; 2] = [[10, 0, 0, 1].into(), [10, 0, 0, 2].into()];
        let most = places_of_client(16);
        let guests: Vec<_> = (0..most).filter_map(|_| clients.take(one, most)).collect();
        assert_eq!(guests.len(), 14);
        assert!(clients.take(one, most).is_none() && clients.take(other, most).is_some());
        drop(guests);
        assert!(clients.take(one, most).is_some());
        assert!(clients.0.lock().expect("no panic").is_empty(), "nobody is remembered");
    }
}
