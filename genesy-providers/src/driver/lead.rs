//! A lead as a driver takes it.

use std::fmt;
use std::sync::Arc;

use genesy_core::waterfall::{EmailState, LeadFacts, LeadInputs};
use serde::de::{self, Deserializer};
use serde::{Deserialize, Serialize};

/// Bytes of a [`LeadId`] at most.
pub const LEAD_ID_BYTES_MAX: usize = 256;

/// What tells a lead from all others: a row number, a key of a database, a keyed hash. It stands in
/// events, journals and logs, so it must tell nothing of the person: no address, no number, no name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct LeadId(Arc<str>);

impl LeadId {
    /// An identifier of 1 to [`LEAD_ID_BYTES_MAX`] bytes.
    ///
    /// # Errors
    ///
    /// When it is none.
    pub fn new(id: &str) -> Result<Self, LeadIdError> {
        match id.len() {
            1..=LEAD_ID_BYTES_MAX => Ok(Self(id.into())),
            bytes => Err(LeadIdError { bytes }),
        }
    }

    /// The identifier of a row of a file.
    pub fn of_row(row: u64) -> Self {
        Self(row.to_string().into())
    }

    /// The identifier.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A number that is the same wherever the identifier is (FNV-1a): what a lead's jitter comes of.
    pub fn seed(&self) -> u64 {
        let hash = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        self.0.bytes().fold(0xcbf2_9ce4_8422_2325, hash)
    }
}

impl<'de> Deserialize<'de> for LeadId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::new(&id).map_err(de::Error::custom)
    }
}

impl fmt::Debug for LeadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &self.0)
    }
}

impl fmt::Display for LeadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that is no [`LeadId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the identifier of a lead has 1 to {LEAD_ID_BYTES_MAX} bytes, not {bytes}")]
#[non_exhaustive]
pub struct LeadIdError {
    /// How long it is, in bytes.
    pub bytes: usize,
}

/// A lead for which something is to be looked up.
#[derive(Debug, Clone)]
pub struct Lead {
    pub(crate) id: LeadId,
    pub(crate) inputs: LeadInputs,
    pub(crate) facts: LeadFacts,
    pub(crate) is_anew: bool,
}

impl Lead {
    /// A lead whose phone is to be found.
    pub fn for_phone(id: LeadId, inputs: LeadInputs) -> Self {
        let facts = inputs.phone_facts();
        Self { id, inputs, facts, is_anew: false }
    }

    /// What was found out about its e-mail address.
    #[must_use]
    pub const fn with_email(mut self, email: EmailState) -> Self {
        self.facts.email = email;
        self
    }

    /// Begins anew, whatever a journal says of an earlier run.
    #[must_use]
    pub const fn anew(mut self) -> Self {
        self.is_anew = true;
        self
    }

    /// What its jitter comes of: the same number wherever its identifier is the same.
    pub fn seed(&self) -> u64 {
        self.id.seed()
    }

    /// What tells it from all others.
    pub const fn id(&self) -> &LeadId {
        &self.id
    }
}

#[cfg(test)]
mod tests {
    use super::{LEAD_ID_BYTES_MAX, LeadId};

    #[test]
    fn an_identifier_has_an_end() {
        assert!(LeadId::new("").is_err());
        assert!(LeadId::new(&"x".repeat(LEAD_ID_BYTES_MAX)).is_ok());
        let error = LeadId::new(&"x".repeat(LEAD_ID_BYTES_MAX + 1)).unwrap_err();
        assert_eq!(error.to_string(), "the identifier of a lead has 1 to 256 bytes, not 257");
        assert_ne!(LeadId::of_row(1).seed(), LeadId::of_row(2).seed());
    }
}
