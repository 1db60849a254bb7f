//! Keys, and how they are written.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, LessSafeKey, UnboundKey};

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;
/// Characters of a key's id at most.
pub const KEY_ID_CHARS_MAX: usize = 64;
/// Keys at most.
pub const KEYS_MAX: usize = 32;

/// The name of a key. The server stores it in the clear.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyId(String);

impl KeyId {
    /// An id of 1 to 64 of a-z, A-Z, 0-9, `-`, `_` and `.`.
    ///
    /// # Errors
    ///
    /// When it is none.
    pub fn new(id: &str) -> Result<Self, KeysError> {
        let is_id = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if id.is_empty() || id.len() > KEY_ID_CHARS_MAX || !id.bytes().all(is_id) {
            return Err(KeysError::Id);
        }
        Ok(Self(id.to_owned()))
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A key of AES-256. It is never shown.
#[derive(Clone)]
pub struct Key(LessSafeKey);

impl Key {
    /// A key of random bytes, as `openssl rand 32` makes them.
    ///
    /// # Panics
    ///
    /// Never: the algorithm takes each key of this length.
    pub fn new(bytes: [u8; KEY_BYTES]) -> Self {
        let key = UnboundKey::new(&AES_256_GCM, &bytes);
        Self(LessSafeKey::new(key.expect("a key of 32 bytes")))
    }

    /// The same in base64, as `openssl rand -base64 32` makes it.
    ///
    /// # Errors
    ///
    /// When it is not 32 bytes in base64.
    pub fn from_base64(text: &str) -> Result<Self, KeysError> {
        let bytes = STANDARD.decode(text).map_err(|_| KeysError::Key)?;
        bytes.try_into().map(Self::new).map_err(|_| KeysError::Key)
    }

    pub(super) const fn aead(&self) -> &LessSafeKey {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

/// The keys of a codec: one that encrypts, and old ones that only decrypt.
#[derive(Debug, Clone)]
pub struct Keys {
    active: (KeyId, Key),
    old: Vec<(KeyId, Key)>,
}

impl Keys {
    /// The key that encrypts.
    pub const fn new(active: KeyId, key: Key) -> Self {
        Self { active: (active, key), old: Vec::new() }
    }

    /// With one that only decrypts.
    ///
    /// # Errors
    ///
    /// When there is one of this id, or there are too many.
    pub fn with_old(mut self, id: KeyId, key: Key) -> Result<Self, KeysError> {
        if self.find(&id).is_some() {
            return Err(KeysError::Twice { id });
        }
        if self.old.len() + 1 >= KEYS_MAX {
            return Err(KeysError::TooMany);
        }
        self.old.push((id, key));
        Ok(self)
    }

    /// The ids, the active one first.
    pub fn ids(&self) -> impl Iterator<Item = &KeyId> {
        std::iter::once(&self.active).chain(&self.old).map(|(id, _)| id)
    }

    pub(super) const fn active(&self) -> (&KeyId, &Key) {
        (&self.active.0, &self.active.1)
    }

    pub(super) fn find(&self, id: &KeyId) -> Option<&Key> {
        let mut all = std::iter::once(&self.active).chain(&self.old);
        all.find(|(of, _)| of == id).map(|(_, key)| key)
    }
}

/// Lines of `id:base64`; the first is active. Commas end lines as well; empty lines, and those that begin
/// with `#`, do not count.
impl FromStr for Keys {
    type Err = KeysError;

    fn from_str(text: &str) -> Result<Self, KeysError> {
        let lines = text.lines().enumerate();
        let entries = lines.flat_map(|(index, line)| {
            let is_comment = line.trim_start().starts_with('#');
            let entries = line.split(',').filter(move |_| !is_comment);
            entries.map(move |entry| (index + 1, entry.trim()))
        });
        let mut keys: Option<Self> = None;
        for (line, entry) in entries.filter(|(_, entry)| !entry.is_empty()) {
            let at = |error: KeysError| KeysError::Line { line, why: Box::new(error) };
            let (id, key) = entry.split_once(':').ok_or_else(|| at(KeysError::Pair))?;
            let id = KeyId::new(id.trim()).map_err(at)?;
            let key = Key::from_base64(key.trim()).map_err(at)?;
            keys = Some(match keys {
                None => Self::new(id, key),
                Some(keys) => keys.with_old(id, key).map_err(at)?,
            });
        }
        keys.ok_or(KeysError::None)
    }
}

/// What is wrong with keys. It quotes none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeysError {
    /// There are none.
    #[error(
        "there is no key: write one as id:base64, with the 32 bytes of `openssl rand -base64 32`"
    )]
    None,
    /// A line is wrong.
    #[error("line {line}: {why}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        why: Box<Self>,
    },
    /// An entry has no id.
    #[error("this is no key: write id:base64")]
    Pair,
    /// An id is none.
    #[error("the id of a key is wrong: write 1 to 64 of a-z, A-Z, 0-9, -, _ and .")]
    Id,
    /// A key is none.
    #[error("the key is wrong: write 32 bytes in base64, as `openssl rand -base64 32` makes them")]
    Key,
    /// Two keys have the same id.
    #[error("there are two keys of the id {id}: leave one out, or rename it")]
    Twice {
        /// Their id.
        id: KeyId,
    },
    /// There are too many.
    #[error("there are more than {KEYS_MAX} keys: leave those out whose payloads are gone")]
    TooMany,
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=";
    const B: &str = "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI=";

    #[test]
    fn keys_are_read_and_the_first_is_active() {
        for text in [
            format!("new:{A}\nold:{B}"),
            format!("# rotated in May\n\n new : {A} \r\n old:{B}\n"),
            format!("new:{A},old:{B},"),
        ] {
            let keys: Keys = text.parse().expect("keys");
            assert_eq!(keys.ids().map(KeyId::as_str).collect::<Vec<_>>(), ["new", "old"]);
            assert_eq!(keys.active().0.as_str(), "new");
        }
    }

    #[test]
    fn keys_are_not_shown() {
        let keys: Keys = format!("new:{A}").parse().expect("keys");
        let shown = format!("{keys:?}");
        assert!(shown.contains("new") && shown.contains("Key(..)"), "{shown}");
        assert!(!shown.contains("65") && !shown.contains("QUFB"), "{shown}");
    }

    #[test]
    fn errors_say_where_and_what_is_expected_but_quote_no_key() {
        let short = "c2hvcnQgYW5kIHNlY3JldA==";
        for (text, message) in [
            (String::new(), "there is no key: write one as id:base64"),
            ("# none".to_owned(), "there is no key"),
            (short.to_owned(), "line 1: this is no key: write id:base64"),
            (format!("new:{A}\nold:{short}"), "line 2: the key is wrong: write 32 bytes in base64"),
            (format!("new:{A}\n\nold:hunter2!"), "line 3: the key is wrong"),
            (format!("the new one:{A}"), "line 1: the id of a key is wrong: write 1 to 64"),
            (format!("new:{A}\nnew:{B}"), "line 2: there are two keys of the id new"),
        ] {
            let error = text.parse::<Keys>().expect_err(&text).to_string();
            assert!(error.starts_with(message), "{error}");
            for secret in [short, A, B, "hunter2"] {
                assert!(!error.contains(secret), "{error}");
            }
        }
        let many: Vec<String> = (0..=KEYS_MAX).map(|index| format!("k{index}:{A}")).collect();
        assert!(many[..KEYS_MAX].join("\n").parse::<Keys>().is_ok());
        let error = many.join("\n").parse::<Keys>().expect_err("too many").to_string();
        assert!(error.starts_with("line 33: there are more than 32 keys"), "{error}");
    }
}
