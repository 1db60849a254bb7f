//! What comes in from outside, and may be anything.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;
use temporalio_common::data_converters::{
    GenericPayloadConverter, PayloadConversionError, PayloadConverter, SerializationContext,
    TemporalDeserializable, TemporalSerializable,
};
use temporalio_common::protos::temporal::api::common::v1::Payload;
use temporalio_sdk::ApplicationFailure;

/// The name of the failure of an input that cannot be read.
pub(crate) const UNREADABLE: &str = "unreadable_input";

/// An input as it came. What cannot be read is kept as that: left to the SDK, it would fail its task again
/// and again, for ever.
#[derive(Clone)]
pub(crate) enum Received<T> {
    Read(T),
    Unreadable(Unreadable),
}

/// Why an input cannot be read. It quotes nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the input cannot be read ({what}): start it by this crate's client, of the same version, with the same codec"
)]
pub(crate) struct Unreadable {
    what: String,
}

impl<T> Received<T> {
    /// The input, or the failure of an activity or a workflow that was given it. Nobody need try again.
    #[expect(clippy::result_large_err, reason = "the SDK takes it as it is, and it is seldom made")]
    pub(crate) fn read(self) -> Result<T, ApplicationFailure> {
        match self {
            Self::Read(value) => Ok(value),
            Self::Unreadable(why) => Err(ApplicationFailure::builder(why)
                .type_name(UNREADABLE.to_owned())
                .non_retryable(true)
                .build()),
        }
    }
}

impl<T> From<T> for Received<T> {
    fn from(value: T) -> Self {
        Self::Read(value)
    }
}

impl<T> fmt::Debug for Received<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(_) => f.write_str("Read(..)"),
            Self::Unreadable(why) => why.fmt(f),
        }
    }
}

impl<T: Serialize + 'static> TemporalSerializable for Received<T> {
    fn to_payload(
        &self,
        ctx: &SerializationContext<'_>,
    ) -> Result<Payload, PayloadConversionError> {
        match self {
            Self::Read(value) => {
                let json = serde_json::to_value(value)
                    .map_err(|error| PayloadConversionError::EncodingError(error.into()))?;
                PayloadConverter::serde_json().to_payload(ctx, &json)
            }
            Self::Unreadable(_) => Err(PayloadConversionError::WrongEncoding),
        }
    }
}

impl<T: DeserializeOwned + 'static> TemporalDeserializable for Received<T> {
    fn from_payloads(
        _ctx: &SerializationContext<'_>,
        payloads: Vec<Payload>,
    ) -> Result<Self, PayloadConversionError> {
        let what = match payloads.as_slice() {
            [payload] => match serde_json::from_slice(&payload.data) {
                Ok(value) => return Ok(Self::Read(value)),
                // The text of the error may quote what was given.
                Err(error) => {
                    format!("{:?} error at column {}", error.classify(), error.column())
                }
            },
            others => format!("{} arguments instead of one", others.len()),
        };
        Ok(Self::Unreadable(Unreadable { what }))
    }
}
