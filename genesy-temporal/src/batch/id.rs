//! What tells a batch from all others.

use std::fmt;
use std::sync::Arc;

use serde::de::{self, Deserializer};
use serde::{Deserialize, Serialize};

/// Bytes of a [`BatchId`] at most.
pub const BATCH_ID_BYTES_MAX: usize = 200;

/// What tells a batch from all others. It stands in lists and logs, so it must tell nothing of a person.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct BatchId(Arc<str>);

impl BatchId {
    /// An identifier of 1 to [`BATCH_ID_BYTES_MAX`] bytes.
    ///
    /// # Errors
    ///
    /// When it is none.
    pub fn new(id: &str) -> Result<Self, BatchIdError> {
        match id.len() {
            1..=BATCH_ID_BYTES_MAX => Ok(Self(id.into())),
            bytes => Err(BatchIdError { bytes }),
        }
    }

    /// The identifier.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for BatchId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::new(&id).map_err(de::Error::custom)
    }
}

impl fmt::Debug for BatchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &self.0)
    }
}

impl fmt::Display for BatchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that is no [`BatchId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the identifier of a batch has 1 to {BATCH_ID_BYTES_MAX} bytes, not {bytes}")]
#[non_exhaustive]
pub struct BatchIdError {
    /// How long it is, in bytes.
    pub bytes: usize,
}
