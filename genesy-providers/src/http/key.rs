//! Keys of providers: secrets that are never shown.

use std::path::Path;
use std::{env, fs, io};

use genesy_core::waterfall::ProviderId;
use secrecy::{ExposeSecret, SecretString};

use crate::definition::{AuthPlace, Definition};

/// Bytes of a key at most.
const KEY_BYTES_MAX: usize = 16 * 1024;

/// The key of a provider. It is not shown by `Debug`, and wiped from memory when it is dropped.
#[derive(Debug, Clone)]
pub struct Key(SecretString);

impl Key {
    /// A key, without the white space around it, which files and shells add.
    pub fn new(key: &str) -> Self {
        Self(SecretString::from(key.trim()))
    }

    /// The key of a definition: what the environment variable holds that it names, or the file whose
    /// path stands in the one with `_FILE` behind the name, as container platforms have it. Nothing
    /// if the provider wants no key.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn from_env(definition: &Definition) -> Result<Option<Self>, KeyError> {
        Self::from_variables(definition, |name| env::var(name).ok())
    }

    /// The same with the variables that `variable` knows.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn from_variables(
        definition: &Definition,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, KeyError> {
        if definition.auth.place == AuthPlace::None {
            return Ok(None);
        }
        let key_env = definition.auth.key_env.as_str();
        let provider = || definition.description.id.clone();
        let file_env = format!("{key_env}_FILE");
        let key = match (variable(key_env), variable(&file_env)) {
            (Some(key), _) => key,
            (None, Some(path)) => read(Path::new(&path)).map_err(|source| KeyError::File {
                provider: provider(),
                file_env,
                source,
            })?,
            (None, None) => {
                return Err(KeyError::Missing {
                    provider: provider(),
                    key_env: key_env.to_owned(),
                });
            }
        };
        let key = Self::new(&key);
        if key.reveal().is_empty() {
            return Err(KeyError::Empty { provider: provider(), key_env: key_env.to_owned() });
        }
        Ok(Some(key))
    }

    pub(super) fn reveal(&self) -> &str {
        self.0.expose_secret()
    }
}

fn read(path: &Path) -> io::Result<String> {
    let bytes = fs::metadata(path)?.len();
    if bytes > KEY_BYTES_MAX as u64 {
        return Err(io::Error::other(format!("{bytes} bytes are no key")));
    }
    fs::read_to_string(path)
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// No variable holds it.
    #[error(
        "the key of {provider} is missing: set {key_env} to it, or {key_env}_FILE to the path of a file \
         that holds it"
    )]
    Missing {
        /// Whose.
        provider: ProviderId,
        /// The variable.
        key_env: String,
    },
    /// It is empty.
    #[error("the key of {provider} is empty: see {key_env}")]
    Empty {
        /// Whose.
        provider: ProviderId,
        /// The variable.
        key_env: String,
    },
    /// The file that holds it cannot be read. Its path is not told: it may be the key, set there by mistake.
    #[error(
        "the key of {provider} cannot be read from the file that {file_env} names: set that to the path of a \
         file that holds the key"
    )]
    File {
        /// Whose.
        provider: ProviderId,
        /// The variable.
        file_env: String,
        /// Why not.
        source: io::Error,
    },
    /// A key is asked for, and the definition has no place for it, or the other way round.
    #[error("{provider}: a key must be given exactly if the definition has a place for it")]
    Unplaced {
        /// Whose.
        provider: ProviderId,
    },
    /// It has characters that no header can hold.
    #[error("the key of {provider} has characters that HTTP cannot carry: check it for stray ones")]
    Characters {
        /// Whose.
        provider: ProviderId,
    },
}
