//! Which kinds of bytes a text holds: one quick pass that spares most cells several slower ones.

/// A set of kinds of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Kinds(u8);

impl Kinds {
    /// Letters and digits of ASCII alone.
    pub(super) const EMPTY: Self = Self(0);
    /// Bytes of characters outside ASCII.
    pub(super) const NON_ASCII: Self = Self(1);
    /// ASCII signs and spaces.
    pub(super) const SIGN: Self = Self(2);
    /// A question mark, or the first byte of the replacement character.
    pub(super) const MARK: Self = Self(4);
    /// Hyphens and underscores, as in locales.
    pub(super) const HYPHEN: Self = Self(8);
    /// What a separator of parts may start with.
    pub(super) const SEPARATOR: Self = Self(16);
    /// What a flag, or a character that has a plainer form, may start with.
    pub(super) const FANCY: Self = Self(32);
    /// The first byte of the general punctuation.
    pub(super) const PUNCTUATION: Self = Self(64);

    /// The kinds of the bytes of `text`.
    #[inline]
    pub(super) fn of(text: &str) -> Self {
        Self(text.bytes().fold(0, |kinds, byte| kinds | KINDS[usize::from(byte)]))
    }

    /// Whether any of `others` is there.
    #[inline]
    pub(super) const fn has(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }

    /// Both together.
    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

static KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        kinds[byte] = kinds_of(byte as u8);
        byte += 1;
    }
    kinds
};

const fn kinds_of(byte: u8) -> u8 {
    let mut kinds = 0;
    if !byte.is_ascii() {
        kinds |= Kinds::NON_ASCII.0;
    } else if !byte.is_ascii_alphanumeric() {
        kinds |= Kinds::SIGN.0;
    }
    if matches!(byte, b'?' | 0xEF) {
        kinds |= Kinds::MARK.0;
    }
    if matches!(byte, b'-' | b'_') {
        kinds |= Kinds::HYPHEN.0;
    }
    if matches!(byte, b'-' | b'&' | 0xC2 | 0xE2 | 0xE3 | 0xEF)
        || (byte.is_ascii() && super::parts::is_separator(byte as char))
    {
        kinds |= Kinds::SEPARATOR.0;
    }
    if matches!(byte, 0..0x20 | 0x7F | 0xC2 | 0xCD | 0xD8 | 0xE1..=0xE3 | 0xEF..) {
        kinds |= Kinds::FANCY.0;
    }
    if byte == 0xE2 {
        kinds |= Kinds::PUNCTUATION.0;
    }
    kinds
}
