//! Bodies that come too slowly end.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::state::AppState;

/// Bytes a second that a body has to come at, on average, at least.
pub(super) const BYTES_PER_S_MIN: u64 = 256;
/// How long a body may take whatever its rate.
const GRACE: Duration = Duration::from_secs(60);

/// The body came too slowly.
#[derive(Debug, thiserror::Error)]
#[error("the body came too slowly")]
pub(crate) struct Stalled;

/// Gives the body of each request an end.
pub(super) async fn watch(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let idle = Duration::from_secs(state.settings().limits.upload_idle_s);
    next.run(request.map(|body| Body::new(Watched::new(body, idle)))).await
}

/// A body that fails when nothing of it comes for a while, or too little on average.
struct Watched {
    body: Body,
    idle: Duration,
    begun: Instant,
    bytes: u64,
    /// Set while a frame is waited for.
    alarm: Option<Pin<Box<Sleep>>>,
    is_over: bool,
}

impl Watched {
    fn new(body: Body, idle: Duration) -> Self {
        Self { body, idle, begun: Instant::now(), bytes: 0, alarm: None, is_over: false }
    }

    fn is_slow(&self) -> bool {
        let since = self.begun.elapsed();
        since > GRACE && self.bytes < since.as_secs() * BYTES_PER_S_MIN
    }

    fn give_up<T>(&mut self) -> Poll<Option<Result<T, axum::Error>>> {
        self.is_over = true;
        Poll::Ready(Some(Err(axum::Error::new(Stalled))))
    }
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            self.alarm = None;
            if let Some(Ok(frame)) = &frame {
                self.bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
                if self.is_slow() {
                    return self.give_up();
                }
            }
            return Poll::Ready(frame);
        }
        let idle = self.idle;
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + idle)));
        match alarm.as_mut().poll(context) {
            Poll::Ready(()) => self.give_up(),
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.is_over || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
