//! The single-byte encodings that text gets read in by mistake.

use crate::codepage::{CP437, CP850};

/// A single-byte encoding that text gets read in by mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Page {
    /// windows-1252, and ISO 8859-1 where that has no character.
    Western,
    /// Mac OS Roman.
    MacRoman,
    Cp850,
    Cp437,
}

pub(super) const PAGES: [Page; 4] = [Page::Western, Page::MacRoman, Page::Cp850, Page::Cp437];

impl Page {
    /// The character that `byte` is read as.
    pub(super) fn decode(self, byte: u8) -> char {
        match self {
            Self::Western if (0x80..0xA0).contains(&byte) => WINDOWS_1252[usize::from(byte - 0x80)],
            Self::MacRoman if byte >= 0x80 => MAC_ROMAN[usize::from(byte - 0x80)],
            Self::Cp850 => CP850.decode(byte),
            Self::Cp437 => CP437.decode(byte),
            Self::Western | Self::MacRoman => char::from(byte),
        }
    }

    /// The byte of `character`, if the page has it.
    pub(super) fn encode(self, character: char) -> Option<u8> {
        let position = |table: &[char]| {
            let index = table.iter().position(|&other| other == character)?;
            u8::try_from(index + 0x80).ok()
        };
        if character.is_ascii() {
            return u8::try_from(character).ok();
        }
        match self {
            Self::Western => u8::try_from(character).ok().or_else(|| position(&WINDOWS_1252)),
            Self::MacRoman => position(&MAC_ROMAN),
            Self::Cp850 => CP850.encode(character),
            Self::Cp437 => CP437.encode(character),
        }
    }
}

/// windows-1252 from 0x80 to 0x9F, with the controls of ISO 8859-1 in its five holes.
/// Source: the WHATWG Encoding Standard's index.
#[rustfmt::skip]
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž', '\u{8F}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}', 'ž', 'Ÿ',
];

/// Mac OS Roman from 0x80. Source: the Unicode Consortium's `VENDORS/APPLE/ROMAN.TXT`.
#[rustfmt::skip]
const MAC_ROMAN: [char; 128] = [
    'Ä', 'Å', 'Ç', 'É', 'Ñ', 'Ö', 'Ü', 'á', 'à', 'â', 'ä', 'ã', 'å', 'ç', 'é', 'è',
    'ê', 'ë', 'í', 'ì', 'î', 'ï', 'ñ', 'ó', 'ò', 'ô', 'ö', 'õ', 'ú', 'ù', 'û', 'ü',
    '†', '°', '¢', '£', '§', '•', '¶', 'ß', '®', '©', '™', '´', '¨', '≠', 'Æ', 'Ø',
    '∞', '±', '≤', '≥', '¥', 'µ', '∂', '∑', '∏', 'π', '∫', 'ª', 'º', 'Ω', 'æ', 'ø',
    '¿', '¡', '¬', '√', 'ƒ', '≈', '∆', '«', '»', '…', '\u{A0}', 'À', 'Ã', 'Õ', 'Œ', 'œ',
    '–', '—', '“', '”', '‘', '’', '÷', '◊', 'ÿ', 'Ÿ', '⁄', '€', '‹', '›', 'ﬁ', 'ﬂ',
    '‡', '·', '‚', '„', '‰', 'Â', 'Ê', 'Á', 'Ë', 'È', 'Í', 'Î', 'Ï', 'Ì', 'Ó', 'Ô',
    '\u{F8FF}', 'Ò', 'Ú', 'Û', 'Ù', 'ı', 'ˆ', '˜', '¯', '˘', '˙', '˚', '¸', '˝', '˛', 'ˇ',
];

#[cfg(test)]
mod tests {
    use super::PAGES;

    #[test]
    fn every_byte_comes_back() {
        for page in PAGES {
            for byte in 0..=u8::MAX {
                assert_eq!(page.encode(page.decode(byte)), Some(byte), "{page:?} {byte:#x}");
            }
        }
    }
}
