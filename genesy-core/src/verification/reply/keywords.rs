//! The service extensions of an EHLO reply (RFC 5321 §4.1.1.1).

use std::fmt;

use serde::{Deserialize, Serialize};

/// A service extension that the verifier looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Keyword {
    /// TLS may be started (RFC 3207).
    StartTls = 1,
    /// Commands may be sent before the replies to earlier ones came (RFC 2920).
    Pipelining = 1 << 1,
    /// Addresses beyond ASCII may be used (RFC 6531).
    SmtpUtf8 = 1 << 2,
    /// Bodies of eight bits may be sent (RFC 6152).
    EightBitMime = 1 << 3,
    /// Replies hold enhanced status codes (RFC 2034).
    EnhancedStatusCodes = 1 << 4,
}

impl Keyword {
    const ALL: [(Self, &'static str); 5] = [
        (Self::StartTls, "STARTTLS"),
        (Self::Pipelining, "PIPELINING"),
        (Self::SmtpUtf8, "SMTPUTF8"),
        (Self::EightBitMime, "8BITMIME"),
        (Self::EnhancedStatusCodes, "ENHANCEDSTATUSCODES"),
    ];
}

/// A set of [`Keyword`]s.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Keywords(u8);

impl Keywords {
    /// The set of these.
    #[must_use]
    pub fn of(keywords: &[Keyword]) -> Self {
        Self(keywords.iter().fold(0, |set, keyword| set | *keyword as u8))
    }

    /// Whether `keyword` is one of them.
    #[must_use]
    pub const fn contains(self, keyword: Keyword) -> bool {
        self.0 & keyword as u8 != 0
    }

    /// Adds the keyword that `line` starts with, if it is one that is looked for.
    pub(super) fn insert_first_word(&mut self, line: &[u8]) {
        let line = line.trim_ascii_start();
        // Some old servers write `AUTH=LOGIN`; none of those that are looked for has a parameter.
        let ends = |octet: &u8| octet.is_ascii_whitespace() || *octet == b'=';
        let word = &line[..line.iter().position(ends).unwrap_or(line.len())];
        for (keyword, name) in Keyword::ALL {
            if word.eq_ignore_ascii_case(name.as_bytes()) {
                self.0 |= keyword as u8;
            }
        }
    }
}

impl fmt::Debug for Keywords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = Keyword::ALL.iter().filter(|(keyword, _)| self.contains(*keyword));
        f.debug_set().entries(held.map(|(_, name)| name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{Keyword, Keywords};

    #[test]
    fn are_the_first_words_in_any_case() {
        let mut keywords = Keywords::default();
        for line in ["StartTLS", " PIPELINING ", "SIZE 100", "x 8BITMIME", "SMTPUTF8X"] {
            keywords.insert_first_word(line.as_bytes());
        }
        assert_eq!(keywords, Keywords::of(&[Keyword::StartTls, Keyword::Pipelining]));
        assert_eq!(format!("{keywords:?}"), r#"{"STARTTLS", "PIPELINING"}"#);
    }
}
