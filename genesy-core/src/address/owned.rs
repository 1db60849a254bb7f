//! The owned address.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::parse::{self, Shape};
use super::{AddressError, AddressRef};

/// A valid address that owns its text; a string in serialized form, checked when read.
///
/// It has no `Display`, and `Debug` shows nothing: an address is personal data.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress {
    text: String,
    shape: Shape,
}

impl EmailAddress {
    /// Parses `text` as one mailbox and nothing else.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, with its byte offset.
    pub fn parse(text: impl Into<String>) -> Result<Self, AddressError> {
        let text = text.into();
        let shape = parse::parse(&text)?;
        Ok(Self { text, shape })
    }

    /// The address as it was written. Never pass it to a log line or an error text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The address with its parts, borrowed.
    #[must_use]
    pub fn as_address(&self) -> AddressRef<'_> {
        AddressRef { text: &self.text, shape: self.shape }
    }

    /// The key to compare addresses by; see [`AddressRef::normal_form`].
    #[must_use]
    pub fn normal_form(&self) -> String {
        self.as_address().normal_form()
    }
}

impl From<AddressRef<'_>> for EmailAddress {
    fn from(address: AddressRef<'_>) -> Self {
        Self { text: address.text.to_owned(), shape: address.shape }
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.text
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = AddressError;

    fn try_from(text: String) -> Result<Self, AddressError> {
        Self::parse(text)
    }
}

impl FromStr for EmailAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        Self::parse(text)
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(<redacted>)")
    }
}
