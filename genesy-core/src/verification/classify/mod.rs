//! What a reply means.

mod meaning;

pub use self::meaning::{Classified, Command, Meaning, Refusal};
use super::reply::Reply;

/// What `reply`, the answer to `command`, means for `recipient`.
#[must_use]
pub fn classify(command: Command, reply: &Reply<'_>, recipient: Option<&str>) -> Classified {
    let _ = (command, recipient);
    let (meaning, rule) = match reply.code {
        200..=299 => (Meaning::Accepted, "code-2xx"),
        400..=499 => (Meaning::Busy, "code-4xx"),
        _ => (Meaning::Unclear, "code-5xx"),
    };
    Classified { meaning, rule }
}
