//! Enhanced status codes (RFC 3463).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Digits of a subject or a detail at most (RFC 3463 §2).
const NUMBER_DIGITS_MAX: usize = 3;

/// An enhanced status code: `class.subject.detail` (RFC 3463 §2). It is stored as that text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct EnhancedCode {
    /// 2 success, 4 persistent transient failure, 5 permanent failure.
    pub class: u8,
    /// What it is about: 1 addressing, 2 mailbox, 3 mail system, 4 network, 5 protocol, 6 content, 7
    /// security or policy.
    pub subject: u16,
    /// What precisely.
    pub detail: u16,
}

/// The text is no enhanced status code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an enhanced status code")]
#[non_exhaustive]
pub struct EnhancedCodeError;

impl EnhancedCode {
    /// The code with these parts.
    #[must_use]
    pub const fn new(class: u8, subject: u16, detail: u16) -> Self {
        Self { class, subject, detail }
    }

    /// Takes a code from the front of `line`, and the blanks behind it.
    ///
    /// Cisco's appliances write `#5.1.0`, and some servers put a colon or a comma behind the code.
    #[inline]
    pub(super) fn take(line: &mut &[u8]) -> Option<Self> {
        let mut rest = *line;
        while let [b' ', after @ ..] = rest {
            rest = after;
        }
        let (code, after) = split(rest.strip_prefix(b"#").unwrap_or(rest))?;
        let after = match after {
            [b':' | b',' | b';', after @ ..] => after,
            after => after,
        };
        if after.first().is_some_and(|octet| !matches!(octet, b' ' | b'\t')) {
            return None;
        }
        *line = after;
        Some(code)
    }
}

/// The code at the front of `text`, and what is behind it.
#[inline]
fn split(text: &[u8]) -> Option<(EnhancedCode, &[u8])> {
    let [class @ (b'2' | b'4' | b'5'), b'.', rest @ ..] = text else { return None };
    let (subject, rest) = number(rest)?;
    let (detail, rest) = number(rest.strip_prefix(b".")?)?;
    Some((EnhancedCode { class: class - b'0', subject, detail }, rest))
}

#[inline]
fn number(text: &[u8]) -> Option<(u16, &[u8])> {
    let (mut value, mut rest) = (0, text);
    while let [digit @ b'0'..=b'9', after @ ..] = rest {
        if text.len() - rest.len() == NUMBER_DIGITS_MAX {
            return None;
        }
        value = value * 10 + u16::from(digit - b'0');
        rest = after;
    }
    (rest.len() < text.len()).then_some((value, rest))
}

impl fmt::Display for EnhancedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

impl fmt::Debug for EnhancedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for EnhancedCode {
    type Err = EnhancedCodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match split(text.as_bytes()) {
            Some((code, [])) => Ok(code),
            _ => Err(EnhancedCodeError),
        }
    }
}

impl From<EnhancedCode> for String {
    fn from(code: EnhancedCode) -> Self {
        code.to_string()
    }
}

impl TryFrom<String> for EnhancedCode {
    type Error = EnhancedCodeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::EnhancedCode;

    #[test]
    fn is_taken_from_the_front_of_a_line() {
        for (line, code, rest) in [
            ("5.1.1 unknown", Some((5, 1, 1)), " unknown"),
            ("  5.1.1", Some((5, 1, 1)), ""),
            ("#5.1.0 Address rejected.", Some((5, 1, 0)), " Address rejected."),
            ("4.7.500: busy", Some((4, 7, 500)), " busy"),
            ("5.1.1234 no", None, "5.1.1234 no"),
            ("5.1.1.2 an address", None, "5.1.1.2 an address"),
            ("3.1.1 no", None, "3.1.1 no"),
            ("5.1 no", None, "5.1 no"),
            ("5.1. no", None, "5.1. no"),
            ("5.1.1x", None, "5.1.1x"),
            ("", None, ""),
        ] {
            let mut bytes = line.as_bytes();
            let expected =
                code.map(|(class, subject, detail)| EnhancedCode::new(class, subject, detail));
            assert_eq!(EnhancedCode::take(&mut bytes), expected, "{line}");
            assert_eq!(bytes, rest.as_bytes(), "{line}");
        }
    }

    #[test]
    fn is_stored_as_text() {
        let code = EnhancedCode::new(5, 1, 10);
        let json = serde_json::to_string(&code).expect("JSON");
        assert_eq!(json, "\"5.1.10\"");
        assert_eq!(serde_json::from_str::<EnhancedCode>(&json).expect("a code"), code);
        assert!(serde_json::from_str::<EnhancedCode>("\"5.1.10 \"").is_err());
    }
}
