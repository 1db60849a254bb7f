//! The two IBM code pages that no maintained Rust crate carries: 437 and 850.
//!
//! Source of the tables: the Unicode Consortium's mapping files `VENDORS/MICSFT/PC/CP437.TXT` and
//! `CP850.TXT`. Bytes below 0x80 are ASCII.

/// A single-byte encoding whose lower half is ASCII: the characters of bytes 0x80 to 0xFF.
#[derive(Debug)]
pub(crate) struct CodePage {
    high: [char; 128],
}

impl CodePage {
    /// The character that `byte` stands for.
    pub(crate) const fn decode(&self, byte: u8) -> char {
        if byte < 0x80 { byte as char } else { self.high[(byte - 0x80) as usize] }
    }

    /// The byte that stands for `character`, if the page has it.
    pub(crate) fn encode(&self, character: char) -> Option<u8> {
        if character.is_ascii() {
            return u8::try_from(character).ok();
        }
        let index = self.high.iter().position(|&high| high == character)?;
        u8::try_from(index + 0x80).ok()
    }
}

/// IBM code page 437: the original PC, and DOS in the United States.
pub(crate) static CP437: CodePage = CodePage { high: CP437_HIGH };

/// IBM code page 850: DOS in western Europe.
pub(crate) static CP850: CodePage = CodePage { high: CP850_HIGH };

#[rustfmt::skip]
const CP437_HIGH: [char; 128] = [
    'Ç', 'ü', 'é', 'â', 'ä', 'à', 'å', 'ç', 'ê', 'ë', 'è', 'ï', 'î', 'ì', 'Ä', 'Å',
    'É', 'æ', 'Æ', 'ô', 'ö', 'ò', 'û', 'ù', 'ÿ', 'Ö', 'Ü', '¢', '£', '¥', '₧', 'ƒ',
    'á', 'í', 'ó', 'ú', 'ñ', 'Ñ', 'ª', 'º', '¿', '⌐', '¬', '½', '¼', '¡', '«', '»',
    '░', '▒', '▓', '│', '┤', '╡', '╢', '╖', '╕', '╣', '║', '╗', '╝', '╜', '╛', '┐',
    '└', '┴', '┬', '├', '─', '┼', '╞', '╟', '╚', '╔', '╩', '╦', '╠', '═', '╬', '╧',
    '╨', '╤', '╥', '╙', '╘', '╒', '╓', '╫', '╪', '┘', '┌', '█', '▄', '▌', '▐', '▀',
    'α', 'ß', 'Γ', 'π', 'Σ', 'σ', 'µ', 'τ', 'Φ', 'Θ', 'Ω', 'δ', '∞', 'φ', 'ε', '∩',
    '≡', '±', '≥', '≤', '⌠', '⌡', '÷', '≈', '°', '∙', '·', '√', 'ⁿ', '²', '■', '\u{00a0}',
];

#[rustfmt::skip]
const CP850_HIGH: [char; 128] = [
    'Ç', 'ü', 'é', 'â', 'ä', 'à', 'å', 'ç', 'ê', 'ë', 'è', 'ï', 'î', 'ì', 'Ä', 'Å',
    'É', 'æ', 'Æ', 'ô', 'ö', 'ò', 'û', 'ù', 'ÿ', 'Ö', 'Ü', 'ø', '£', 'Ø', '×', 'ƒ',
    'á', 'í', 'ó', 'ú', 'ñ', 'Ñ', 'ª', 'º', '¿', '®', '¬', '½', '¼', '¡', '«', '»',
    '░', '▒', '▓', '│', '┤', 'Á', 'Â', 'À', '©', '╣', '║', '╗', '╝', '¢', '¥', '┐',
    '└', '┴', '┬', '├', '─', '┼', 'ã', 'Ã', '╚', '╔', '╩', '╦', '╠', '═', '╬', '¤',
    'ð', 'Ð', 'Ê', 'Ë', 'È', 'ı', 'Í', 'Î', 'Ï', '┘', '┌', '█', '▄', '¦', 'Ì', '▀',
    'Ó', 'ß', 'Ô', 'Ò', 'õ', 'Õ', 'µ', 'þ', 'Þ', 'Ú', 'Û', 'Ù', 'ý', 'Ý', '¯', '´',
    '\u{00ad}', '±', '‗', '¾', '¶', '§', '÷', '¸', '°', '¨', '·', '¹', '³', '²', '■', '\u{00a0}',
];

#[cfg(test)]
mod tests {
    use super::{CP437, CP850};

    #[test]
    fn every_byte_comes_back() {
        for page in [&CP437, &CP850] {
            for byte in 0..=u8::MAX {
                assert_eq!(page.encode(page.decode(byte)), Some(byte));
            }
        }
    }

    #[test]
    fn known_letters() {
        assert_eq!(CP850.decode(0xA4), 'ñ');
        assert_eq!(CP437.decode(0xE1), 'ß');
        assert_eq!(CP850.decode(0xD5), 'ı');
        assert_eq!(CP850.encode('€'), None);
    }
}
