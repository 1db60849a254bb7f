//! The client: starts runs, watches them, takes their results. It needs no worker in its own process.
//!
//! | call | limit |
//! |---|---|
//! | one that a server answers by itself | [`ClientOptions::rpc_time_max`], 10 s by default |
//! | one that a worker answers (progress) | the same; without a worker it ends as [`ClientError::NoWorker`] |
//! | a file of certificates, or of a private key | 1 MiB ([`PEM_BYTES_MAX`]) |
//! | waiting for progress or a result | the caller's: drop the future, or give a time |

mod batch;
mod batch_request;
mod connect;
mod email;
mod error;
mod list;
mod phone;
mod runs;
mod status;
mod tls;

use std::time::Duration;

pub use self::batch_request::BatchRequest;
pub use self::connect::{ClientOptions, RPC_TIME_MAX_DEFAULT};
pub use self::email::EmailRequest;
pub use self::error::ClientError;
pub use self::list::{ListedRun, RunKind, RunQuery};
pub use self::phone::PhoneRequest;
pub(crate) use self::phone::is_answer;
pub use self::runs::Started;
pub use self::status::{Pending, RunState, Status};
pub use self::tls::{ApiKey, ApiKeyError, PEM_BYTES_MAX, Pem, Tls, TlsError, TlsFiles};
use crate::queues::Queues;

/// A connection to a Temporal server, for one namespace. Clones share it.
#[derive(Debug, Clone)]
pub struct Client {
    pub(crate) inner: temporalio_client::Client,
    /// The same connection, for what the server tells by itself: it needs no key.
    looker: temporalio_client::Client,
    pub(crate) queues: Queues,
    address: String,
    rpc_time_max: Duration,
    is_searchable: bool,
}
