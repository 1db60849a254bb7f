//! What changes something is done to its end even if the client goes, so that no handler stops between what it
//! stores and what that stands for, and the answer is kept for a client that comes again.
//!
//! An upload without a key is not: nobody can ask for it again, so it removes what has come.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::idempotency::{HEADER, QUESTION_PATHS, UPLOAD_PATH};
use super::is_safe;
use crate::problem::Problem;

/// Answers, and goes on if nobody waits for that any more.
pub(super) async fn answer(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_left = path == UPLOAD_PATH && !request.headers().contains_key(HEADER);
    if is_safe(request.method()) || QUESTION_PATHS.contains(&path) || is_left {
        return next.run(request).await;
    }
    // A panic within the task is caught by nothing else.
    tokio::spawn(next.run(request)).await.unwrap_or_else(|_| Problem::internal().into_response())
}
