//! A row of decimal digits, stored inline.

use std::ops::Deref;

/// Room for a calling code, a national number and prefixes before them; libphonenumber takes more, which
/// no number needs.
const DIGITS_MAX: usize = 32;

/// Digits as their values, 0 to 9.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Digits {
    values: [u8; DIGITS_MAX],
    length: u8,
}

impl Digits {
    /// Adds a digit, unless the row is full.
    #[must_use]
    pub(super) fn push(&mut self, digit: u8) -> bool {
        let Some(place) = self.values.get_mut(usize::from(self.length)) else { return false };
        *place = digit;
        self.length += 1;
        true
    }

    /// The digits of a decimal number behind `zeros`, or `None` if there is no room for them.
    pub(super) fn from_number(zeros: usize, number: u64) -> Option<Self> {
        let mut digits = Self::default();
        let text = number.to_string();
        let all = std::iter::repeat_n(0, zeros).chain(text.bytes().map(|byte| byte - b'0'));
        digits.extend(all).then_some(digits)
    }

    /// Adds digits while there is room, and says whether there was.
    #[must_use]
    pub(super) fn extend(&mut self, digits: impl IntoIterator<Item = u8>) -> bool {
        digits.into_iter().all(|digit| self.push(digit))
    }

    /// The digits from `start` on.
    pub(super) fn from(&self, start: usize) -> Self {
        let mut rest = Self::default();
        let digits = self.get(start..).unwrap_or_default();
        rest.values[..digits.len()].copy_from_slice(digits);
        rest.length = digits.len() as u8;
        rest
    }
}

impl Deref for Digits {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.values[..usize::from(self.length)]
    }
}
