//! What can go wrong between a client and its server.

use std::error::Error;
use std::io;
use std::time::Duration;

use genesy_providers::driver::LeadId;
use temporalio_client::errors::{
    ClientConnectError, WorkflowGetResultError, WorkflowInteractionError, WorkflowQueryError,
    WorkflowStartError,
};
use temporalio_client::tonic::{Code, Status};
use temporalio_common::data_converters::PayloadConversionError;

use super::Client;
use crate::batch::BatchId;
use crate::codec::CodecError;

/// Why a client did not get what it asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The address of the server is none.
    #[error("{address:?} is no address of a server ({why}): write one as http://127.0.0.1:7233")]
    Address {
        /// What was given.
        address: String,
        /// What is wrong with it.
        why: String,
    },
    /// Nobody answers there.
    #[error(
        "no Temporal server answers at {address} ({why}): start one, as by `temporal server start-dev`, or correct the address"
    )]
    Unreachable {
        /// Where.
        address: String,
        /// What happened.
        why: String,
    },
    /// TLS fails.
    #[error(
        "TLS with the server at {address} fails ({why}): check its CA, its name and the client's certificate"
    )]
    Tls {
        /// Where.
        address: String,
        /// What happened.
        why: String,
    },
    /// The server does not let this client in.
    #[error(
        "the server does not let this client in ({why}): give it the API key or the certificate that the namespace wants"
    )]
    Unauthorized {
        /// What it says.
        why: String,
    },
    /// What the server stores cannot be decrypted.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// The server does not have the namespace.
    #[error("the server has no namespace {namespace:?}: create it, or correct the name")]
    Namespace {
        /// Its name.
        namespace: String,
    },
    /// No worker polls the queue of workflows.
    #[error("no worker polls the task queue {queue:?}: start one, or correct the queue's name")]
    NoWorker {
        /// The queue.
        queue: String,
    },
    /// The lead has no run.
    #[error("the lead {lead} has no run in this namespace: start one")]
    NotFound {
        /// Which lead.
        lead: LeadId,
    },
    /// There is no such batch.
    #[error("the batch {batch} is not in this namespace: start it")]
    NoBatch {
        /// Which batch.
        batch: BatchId,
    },
    /// The server did not answer in time.
    #[error("the server did not answer within {time:?}: try again")]
    TooLate {
        /// How long it was waited.
        time: Duration,
    },
    /// The run failed. That is a fault of this program or its set-up, and no outcome of a lead.
    #[error("the run failed: {why}")]
    Failed {
        /// What the server knows of it.
        why: String,
    },
    /// What is stored cannot be read.
    #[error("what the server stores of it cannot be read ({why}): use the version that wrote it")]
    Unreadable {
        /// What is wrong with it.
        why: String,
    },
    /// Somebody ended the run by force.
    #[error("the run was terminated: start it again")]
    Terminated,
    /// The server cannot do it at the moment.
    #[error("the server cannot do it now ({why}): try again")]
    Busy {
        /// What it says.
        why: String,
    },
    /// The server refused it.
    #[error("the server refused it: {why}")]
    Refused {
        /// What it says.
        why: String,
    },
}

impl ClientError {
    /// Whether the same may be done if it is tried again: nothing is wrong with what was asked for.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::TooLate { .. }
                | Self::NoWorker { .. }
                | Self::Busy { .. }
        )
    }
}

impl Client {
    pub(super) const fn too_late(&self) -> ClientError {
        ClientError::TooLate { time: self.rpc_time_max }
    }

    pub(super) fn status_error(&self, status: &Status) -> ClientError {
        match status.code() {
            Code::NotFound if is_of_namespace(status) => {
                ClientError::Namespace { namespace: self.namespace().to_owned() }
            }
            Code::DeadlineExceeded | Code::Cancelled => self.too_late(),
            Code::Unavailable => ClientError::Unreachable {
                address: self.address.clone(),
                why: status.message().to_owned(),
            },
            Code::Unauthenticated | Code::PermissionDenied => {
                ClientError::Unauthorized { why: status.message().to_owned() }
            }
            code => {
                let why = format!("{code:?}: {}", status.message());
                match code {
                    Code::ResourceExhausted | Code::Aborted | Code::Internal | Code::Unknown => {
                        ClientError::Busy { why }
                    }
                    _ => ClientError::Refused { why },
                }
            }
        }
    }

    pub(crate) fn start_error(&self, error: WorkflowStartError) -> ClientError {
        match error {
            WorkflowStartError::Rpc(status) => self.status_error(&status),
            WorkflowStartError::PayloadConversion(error) => conversion_error(error),
            other => ClientError::Refused { why: other.to_string() },
        }
    }

    pub(super) fn list_error(&self, error: temporalio_client::errors::ClientError) -> ClientError {
        match error {
            temporalio_client::errors::ClientError::Rpc(status) => self.status_error(&status),
            other => ClientError::Refused { why: other.to_string() },
        }
    }

    pub(super) fn interaction_error<'a>(
        &self,
        of: impl Into<Sought<'a>>,
        error: WorkflowInteractionError,
    ) -> ClientError {
        match error {
            WorkflowInteractionError::NotFound(status) => self.not_found(of.into(), &status),
            WorkflowInteractionError::Rpc(status) => self.status_error(&status),
            WorkflowInteractionError::PayloadConversion(error) => conversion_error(error),
            other => ClientError::Refused { why: other.to_string() },
        }
    }

    pub(super) fn query_error<'a>(
        &self,
        of: impl Into<Sought<'a>>,
        error: WorkflowQueryError,
    ) -> ClientError {
        match error {
            WorkflowQueryError::NotFound(status) => self.not_found(of.into(), &status),
            WorkflowQueryError::Rpc(status) => self.status_error(&status),
            WorkflowQueryError::PayloadConversion(error) => conversion_error(error),
            other => ClientError::Refused { why: other.to_string() },
        }
    }

    pub(super) fn result_error<'a>(
        &self,
        of: impl Into<Sought<'a>>,
        error: WorkflowGetResultError,
    ) -> ClientError {
        match error {
            WorkflowGetResultError::NotFound(status) => self.not_found(of.into(), &status),
            WorkflowGetResultError::Rpc(status) => self.status_error(&status),
            WorkflowGetResultError::PayloadConversion(error) => conversion_error(error),
            WorkflowGetResultError::Terminated { .. } => ClientError::Terminated,
            WorkflowGetResultError::Failed(failure) => {
                ClientError::Failed { why: failure.failure().message.clone() }
            }
            other => ClientError::Failed { why: other.to_string() },
        }
    }

    fn not_found(&self, of: Sought<'_>, status: &Status) -> ClientError {
        match (self.status_error(status), of) {
            (ClientError::Refused { .. }, Sought::Lead(lead)) => {
                ClientError::NotFound { lead: lead.clone() }
            }
            (ClientError::Refused { .. }, Sought::Batch(batch)) => {
                ClientError::NoBatch { batch: batch.clone() }
            }
            (other, _) => other,
        }
    }
}

/// Whether the namespace is what was not found. The message says so as well, but it may hold an id, which is any text.
fn is_of_namespace(status: &Status) -> bool {
    let name = b"temporal.api.errordetails.v1.NamespaceNotFoundFailure";
    status.details().windows(name.len()).any(|window| window == name)
}

/// Whose run is asked for.
pub(super) enum Sought<'a> {
    Lead(&'a LeadId),
    Batch(&'a BatchId),
}

impl<'a> From<&'a LeadId> for Sought<'a> {
    fn from(lead: &'a LeadId) -> Self {
        Self::Lead(lead)
    }
}

impl<'a> From<&'a BatchId> for Sought<'a> {
    fn from(batch: &'a BatchId) -> Self {
        Self::Batch(batch)
    }
}

/// What could not be read or written, or not be decrypted.
fn conversion_error(error: PayloadConversionError) -> ClientError {
    let why = match error {
        PayloadConversionError::EncodingError(error) => match error.downcast::<CodecError>() {
            Ok(error) => return ClientError::Codec(*error),
            Err(error) => error.to_string(),
        },
        other => other.to_string(),
    };
    ClientError::Unreadable { why }
}

/// An error and those behind it. A library's own words for them are left out where they add nothing.
pub(super) fn causes(error: &(dyn Error + 'static)) -> String {
    let mut texts: Vec<String> = Vec::new();
    for error in chain(error) {
        let text = match error.downcast_ref::<Status>() {
            Some(status) => status.message().to_owned(),
            None => error.to_string(),
        };
        let is_new = !texts.iter().any(|before| before.contains(&text));
        if is_new && !text.contains("transport") && !text.contains("Server connection error") {
            texts.push(text);
        }
    }
    match texts.is_empty() {
        true => "no connection".to_owned(),
        false => texts.join(": "),
    }
}

/// Whether TLS is what failed.
pub(super) fn is_tls(error: &ClientConnectError) -> bool {
    let error: &(dyn Error + 'static) = match error {
        ClientConnectError::SystemInfoCallError(status) => status,
        other => other,
    };
    chain(error).any(|error| {
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        error.is::<rustls::Error>() || inner.is_some_and(|inner| inner.is::<rustls::Error>())
    })
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}
