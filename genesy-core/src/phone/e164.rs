//! The canonical form of a phone number, stored inline.

use std::fmt;

use serde::{Deserialize, Serialize};

/// `+`, a calling code of at most 3 digits and a national number of at most 17: longer than the 15
/// digits of ITU-T E.164, since German and Japanese plans hold such numbers.
const TEXT_BYTES_MAX: usize = 1 + 3 + 17;

/// A phone number in the format of ITU-T E.164: `+` and digits, without separators or extension.
///
/// Copied without allocating. The order is that of the text. `Debug` shows no digit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct E164 {
    /// ASCII text, filled up with NUL so that the derived order and equality hold.
    bytes: [u8; TEXT_BYTES_MAX],
    length: u8,
}

impl E164 {
    /// Takes a text that already has the form: `+`, then 3 to 20 ASCII digits, the first not zero.
    /// Whether the number exists is not asked.
    pub fn new(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('+')?.as_bytes();
        let well_formed = (3..TEXT_BYTES_MAX).contains(&digits.len())
            && digits[0] != b'0'
            && digits.iter().all(u8::is_ascii_digit);
        if !well_formed {
            return None;
        }
        let mut bytes = [0; TEXT_BYTES_MAX];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        Some(Self { bytes, length: text.len() as u8 })
    }

    /// Puts a calling code and the digits of a national number together.
    pub(super) fn from_digits(calling_code: u16, national: &[u8]) -> Option<Self> {
        let mut bytes = [0; TEXT_BYTES_MAX];
        bytes[0] = b'+';
        let start = push_decimal(&mut bytes, 1, u64::from(calling_code))?;
        let end = start + national.len();
        for (byte, digit) in bytes.get_mut(start..end)?.iter_mut().zip(national) {
            *byte = b'0' + digit;
        }
        Some(Self { bytes, length: end as u8 })
    }

    /// The text, such as `+34612345678`.
    pub fn as_str(&self) -> &str {
        // ASCII by construction, so the fallback is never taken.
        std::str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or("")
    }
}

/// Writes `value` in decimal at `start` and returns the position behind it, `None` if it is full.
fn push_decimal(bytes: &mut [u8], start: usize, value: u64) -> Option<usize> {
    let length = value.checked_ilog10().map_or(1, |power| power as usize + 1);
    let field = bytes.get_mut(start..start + length)?;
    let mut left = value;
    for digit in field.iter_mut().rev() {
        *digit = b'0' + (left % 10) as u8;
        left /= 10;
    }
    Some(start + length)
}

impl fmt::Debug for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("E164(<redacted>)")
    }
}

impl TryFrom<String> for E164 {
    type Error = MalformedE164;

    fn try_from(text: String) -> Result<Self, MalformedE164> {
        Self::new(&text).ok_or(MalformedE164)
    }
}

impl From<E164> for String {
    fn from(number: E164) -> Self {
        number.as_str().to_owned()
    }
}

/// A stored number that is not `+` and digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a phone number in the format of E.164")]
#[non_exhaustive]
pub struct MalformedE164;

#[cfg(test)]
mod tests {
    use super::E164;

    #[test]
    fn parts_become_text() {
        let text = |code, national: &[u8]| {
            E164::from_digits(code, national).map(|number| number.as_str().to_owned())
        };
        assert_eq!(text(34, &[6, 1, 2, 3, 4, 5, 6, 7, 8]).as_deref(), Some("+34612345678"));
        assert_eq!(text(39, &[0, 6, 1, 2, 3]).as_deref(), Some("+3906123"));
        assert_eq!(text(999, &[9; 17]).map(|text| text.len()), Some(21));
        assert_eq!(text(999, &[9; 18]), None);
    }

    #[test]
    fn text_is_taken_only_in_the_exact_form() {
        assert_eq!(E164::new("+34612345678").unwrap().as_str(), "+34612345678");
        for text in
            ["34612345678", "+", "+12", "+34 612", "+012345", "+34٦", "+123456789012345678901"]
        {
            assert_eq!(E164::new(text), None, "{text}");
        }
    }

    #[test]
    fn debug_shows_no_digit() {
        let shown = format!("{:?}", E164::new("+34600111222"));
        assert!(!shown.contains("600"), "{shown}");
    }
}
