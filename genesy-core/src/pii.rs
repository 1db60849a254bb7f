//! A wrapper that keeps personal data out of logs and error texts.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Personal data: prints as `<redacted>` in `Debug`, and is read through [`Pii::reveal`] alone.
///
/// Serialization is transparent: what is stored or sent to the lead's owner is the value itself.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pii<T>(T);

impl<T> Pii<T> {
    /// Wraps `value`.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Never pass it to a log line or an error text.
    pub const fn reveal(&self) -> &T {
        &self.0
    }

    /// The value itself, by move.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> From<T> for Pii<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> fmt::Debug for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

#[cfg(test)]
mod tests {
    use super::Pii;

    #[test]
    fn debug_shows_nothing() {
        let address = Pii::new("ada@example.com");
        assert_eq!(format!("{address:?}"), "<redacted>");
        assert_eq!(*address.reveal(), "ada@example.com");
    }
}
