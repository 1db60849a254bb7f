//! What nobody is shown.

use std::convert::Infallible;
use std::fmt;
use std::fs;
use std::path::Path;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::ConfigError;

/// A secret, as a token or a key: it is not shown, and its memory is overwritten when it is dropped.
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
pub struct Secret(SecretString);

impl Secret {
    /// For what is to be sent or compared.
    pub(crate) fn reveal(&self) -> &str {
        self.0.expose_secret()
    }

    /// What a file holds.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub fn read(file: impl AsRef<Path>) -> Result<Self, ConfigError> {
        let file = file.as_ref();
        fs::read_to_string(file)
            .map(Self::from)
            .map_err(|source| ConfigError::Unreadable { file: file.to_owned(), source })
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl FromStr for Secret {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.into()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(not shown)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_and_one_that_is_not_there_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("keys");
        let error = Secret::read(&file).expect_err("it is not there");
        assert!(matches!(&error, ConfigError::Unreadable { file: named, .. } if *named == file));
        fs::write(&file, "a:key").expect("a file");
        assert_eq!(Secret::read(&file).expect("it is there").reveal(), "a:key");
    }
}
