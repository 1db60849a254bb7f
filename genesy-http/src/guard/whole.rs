//! What changes something is done to its end even if the client goes, so that no handler stops between what it
//! stores and what that stands for, and the answer is kept for a client that comes again. A stop of the server
//! waits for it.
//!
//! An upload without a key is not: nobody can ask for it again, so it removes what has come.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::idempotency::{HEADER, QUESTION_PATHS, UPLOAD_PATH};
use super::is_safe;
use crate::problem::Problem;
use crate::state::AppState;

/// Answers, and goes on if nobody waits for that any more.
pub(super) async fn answer(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    let is_left = path == UPLOAD_PATH && !request.headers().contains_key(HEADER);
    if is_safe(request.method()) || QUESTION_PATHS.contains(&path) || is_left {
        return next.run(request).await;
    }
    // A panic within the task is caught by nothing else.
    let answered = state.changes().spawn(next.run(request)).await;
    answered.unwrap_or_else(|_| Problem::internal().into_response())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use axum::Router;
    use axum::body::Body;
    use axum::routing::post;
    use tokio::sync::Semaphore;
    use tokio::time::timeout;
    use tower::ServiceExt;

    use super::*;
    use crate::guard::guarded;
    use crate::store::Store;

    /// Long enough for what waits for nothing.
    const SHORT: Duration = Duration::from_millis(300);

    #[tokio::test]
    async fn a_stop_waits_for_what_goes_on_though_its_client_went() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = AppState::builder(Store::open(folder.path()).expect("a store")).build();
        let state = state.expect("settings that go together");
        let [begun, go_on, done] = [(); 3].map(|()| Arc::new(Semaphore::new(0)));
        let slow = {
            let (begun, go_on, done) = (Arc::clone(&begun), Arc::clone(&go_on), Arc::clone(&done));
            post(async move || {
                begun.add_permits(1);
                go_on.acquire().await.expect("open").forget();
                done.add_permits(1);
            })
        };
        let app = guarded(Router::new().route("/slow", slow), &state).with_state(state.clone());
        let request = Request::post("/slow").body(Body::empty()).expect("a request");
        tokio::select! {
            _ = app.oneshot(request) => panic!("it was answered"),
            _ = begun.acquire() => {}
        }
        let mut stop = std::pin::pin!(state.stop());
        assert!(timeout(SHORT, &mut stop).await.is_err(), "the stop waits for nothing");
        go_on.add_permits(1);
        stop.await;
        assert_eq!(done.available_permits(), 1);
    }
}
