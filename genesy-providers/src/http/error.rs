//! What an error of the network means.

use std::error::Error;

use crate::provider::CallError;

/// The class of an error between the request and the last byte of the answer.
///
/// Before the request was sent, nothing can have been charged; behind that, it may have been.
pub(super) fn call_error(error: &reqwest::Error) -> CallError {
    let retryable =
        |reason: &'static str| CallError::Retryable { reason: reason.into(), retry_after: None };
    if error.is_connect() {
        return if error.is_timeout() {
            retryable("no connection was made in time")
        } else if mentions(error, "dns error") {
            retryable("the name of the host was not found: check the address and the DNS")
        } else if mentions(error, "certificate") {
            retryable(
                "the certificate of the host is not trusted: check the address and the system's certificates",
            )
        } else {
            retryable(
                "no connection was made: nobody listens there, or a proxy or firewall refuses it",
            )
        };
    }
    if error.is_timeout() {
        CallError::TimedOut { retry_after: None }
    } else if error.is_builder() {
        CallError::Rejected { reason: "the lead's data make no HTTP request".into() }
    } else {
        CallError::Unreadable { reason: "the connection ended before the answer did".into() }
    }
}

/// Whether a text stands in the error or one that it comes from. The texts are those of libraries, and
/// are looked at only to say more.
fn mentions(error: &reqwest::Error, text: &str) -> bool {
    let mut next: Option<&dyn Error> = Some(error);
    while let Some(error) = next {
        // The outermost text holds the address.
        if error.downcast_ref::<reqwest::Error>().is_none() && error.to_string().contains(text) {
            return true;
        }
        next = error.source();
    }
    false
}
