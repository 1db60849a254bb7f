//! What nobody is shown.

use std::convert::Infallible;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::ConfigError;

/// Bytes of a file that holds a secret at most.
const FILE_BYTES_MAX: u64 = 16 * 1024;

/// A secret, as a token or a key: it is not shown, and its memory is overwritten when it is dropped.
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
pub struct Secret(SecretString);

impl Secret {
    /// For what is to be sent or compared.
    pub(crate) fn reveal(&self) -> &str {
        self.0.expose_secret()
    }

    /// What a file of at most 16 KiB holds, without the line ends behind it.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or is longer.
    pub fn read(file: impl AsRef<Path>) -> Result<Self, ConfigError> {
        let file = file.as_ref();
        read(file).map_err(|source| ConfigError::Unreadable { file: file.to_owned(), source })
    }

    /// Whether it is the empty text.
    pub fn is_empty(&self) -> bool {
        self.reveal().is_empty()
    }
}

fn read(file: &Path) -> io::Result<Secret> {
    let mut text = String::new();
    File::open(file)?.take(FILE_BYTES_MAX + 1).read_to_string(&mut text)?;
    if text.len() as u64 > FILE_BYTES_MAX {
        let why = format!("it is no secret: it has more than {FILE_BYTES_MAX} bytes");
        return Err(io::Error::new(io::ErrorKind::InvalidData, why));
    }
    text.truncate(text.trim_end_matches(['\r', '\n']).len());
    Ok(text.into())
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
    use std::fs;

    use super::*;

    #[test]
    fn a_file_is_read_and_one_that_is_not_there_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("keys");
        let error = Secret::read(&file).expect_err("it is not there");
        assert!(matches!(&error, ConfigError::Unreadable { file: named, .. } if *named == file));
        fs::write(&file, "a:key\n").expect("a file");
        assert_eq!(Secret::read(&file).expect("it is there").reveal(), "a:key");
        fs::write(&file, "k".repeat(16 * 1024 + 1)).expect("a file");
        let error = Secret::read(&file).expect_err("it is too long");
        assert!(matches!(&error, ConfigError::Unreadable { source, .. }
            if source.kind() == io::ErrorKind::InvalidData));
    }
}
