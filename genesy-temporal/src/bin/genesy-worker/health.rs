//! `GET /health`: whether it serves, for whoever starts and stops it.
//!
//! | state | answer |
//! |---|---|
//! | it polls its queues | 200 `ok` |
//! | it starts | 503 `starting` |
//! | it stops, and takes nothing new | 503 `stopping` |

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::Failure;

/// Connections at a time at most; others wait.
const CONNECTIONS_MAX: usize = 64;
/// How long a connection may last.
const CONNECTION_TIME_MAX: Duration = Duration::from_secs(10);
/// How long it is rested when a connection cannot be taken, as when there are too many open files.
const ACCEPT_REST: Duration = Duration::from_millis(100);

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum State {
    Starting = 0,
    Serving = 1,
    Stopping = 2,
}

/// The state, as the page tells it.
#[derive(Debug, Clone)]
pub(crate) struct Health {
    state: Arc<AtomicU8>,
}

impl Health {
    pub(crate) fn new() -> Self {
        Self { state: Arc::new(AtomicU8::new(State::Starting as u8)) }
    }

    pub(crate) fn set(&self, state: State) {
        self.state.store(state as u8, Ordering::Relaxed);
    }

    /// Serves the page until the program ends. Gives the address back.
    pub(crate) async fn serve(&self, address: SocketAddr) -> Result<SocketAddr, Failure> {
        let wrong =
            |error| Failure::Configuration(format!("health cannot be told at {address} ({error})"));
        let listener = TcpListener::bind(address).await.map_err(wrong)?;
        let address = listener.local_addr().map_err(wrong)?;
        tokio::spawn(accept(listener, self.clone()));
        Ok(address)
    }

    fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let (status, text) = match (request.method(), request.uri().path()) {
            (&Method::GET | &Method::HEAD, "/health") => match self.state.load(Ordering::Relaxed) {
                state if state == State::Serving as u8 => (StatusCode::OK, "ok\n"),
                state if state == State::Stopping as u8 => {
                    (StatusCode::SERVICE_UNAVAILABLE, "stopping\n")
                }
                _ => (StatusCode::SERVICE_UNAVAILABLE, "starting\n"),
            },
            _ => (StatusCode::NOT_FOUND, "there is /health\n"),
        };
        let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
        *response.status_mut() = status;
        let plain = HeaderValue::from_static("text/plain; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, plain);
        response
    }
}

async fn accept(listener: TcpListener, health: Health) {
    let turns = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    while let Ok(turn) = Arc::clone(&turns).acquire_owned().await {
        let Ok((connection, _)) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_REST).await;
            continue;
        };
        let health = health.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let response = health.answer(&request);
                std::future::ready(Ok::<_, Infallible>(response))
            });
            let serving = http1::Builder::new()
                .timer(TokioTimer::new())
                .keep_alive(false)
                .serve_connection(TokioIo::new(connection), service);
            // Whoever asked has gone, or took too long: there is nobody to tell.
            let _ = tokio::time::timeout(CONNECTION_TIME_MAX, serving).await;
            drop(turn);
        });
    }
}
