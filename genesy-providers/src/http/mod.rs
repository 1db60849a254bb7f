//! The HTTP engine: it asks a provider as its [`Definition`](crate::definition::Definition) says.
//!
//! | limit | default | set by |
//! |---|---|---|
//! | making a connection | 5 s ([`CONNECT_TIME_MAX_DEFAULT`]) | [`HttpOptions::connect_time_max`] |
//! | a call, to the last byte | what is asked for | the plan, by [`Ask::timeout`](crate::Ask::timeout) |
//! | a body | 256 KiB ([`BODY_BYTES_MAX_DEFAULT`]) | [`HttpOptions::body_bytes_max`] |
//! | redirects | 3 ([`REDIRECTS_MAX`]) | only 307 and 308, and only to the same scheme, host and port |
//! | attempts | 1 | nothing: who tries again is the driver |
//!
//! What comes back is an answer or an error by its class: see [`CallError`](crate::CallError). Reasons
//! name statuses, places and types, and never quote what was sent or answered.

mod client;
mod error;
mod headers;
mod key;
mod provider;
mod response;

pub use self::client::{
    BODY_BYTES_MAX_DEFAULT, CONNECT_TIME_MAX_DEFAULT, HttpClient, HttpClientError, HttpOptions,
    Proxy, REDIRECTS_MAX,
};
pub use self::key::{Key, KeyError};
pub use self::provider::HttpProvider;
