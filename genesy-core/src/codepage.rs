//! What a byte is in a single-byte encoding: by encoding_rs, which has those of the WHATWG Encoding
//! Standard, or by the tables of the two IBM code pages that no maintained Rust crate carries, 437
//! and 850.
//!
//! Source of the tables: the Unicode Consortium's mapping files `VENDORS/MICSFT/PC/CP437.TXT` and
//! `CP850.TXT`. Bytes below 0x80 are ASCII.

/// Where the decoder of an encoding comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Codec {
    /// encoding_rs has it.
    Whatwg(&'static encoding_rs::Encoding),
    /// Our own table.
    CodePage(&'static CodePage),
}

impl Codec {
    /// The character that `byte` stands for, in an encoding with a byte for each character.
    pub(crate) fn decode_byte(self, byte: u8) -> Option<char> {
        match self {
            Self::CodePage(page) => Some(page.decode(byte)),
            Self::Whatwg(codec) => {
                let input = [byte];
                let text = codec.decode_without_bom_handling_and_without_replacement(&input)?;
                text.chars().next()
            }
        }
    }
}

/// A single-byte encoding whose lower half is ASCII: the characters of bytes 0x80 to 0xFF.
#[derive(Debug)]
pub(crate) struct CodePage {
    high: [char; 128],
}

impl CodePage {
    const fn decode(&self, byte: u8) -> char {
        if byte < 0x80 { byte as char } else { self.high[(byte - 0x80) as usize] }
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
    use super::{CP437, CP850, Codec};

    #[test]
    fn known_letters() {
        assert_eq!(Codec::CodePage(&CP850).decode_byte(0xA4), Some('ñ'));
        assert_eq!(Codec::CodePage(&CP850).decode_byte(0xD5), Some('ı'));
        assert_eq!(Codec::CodePage(&CP437).decode_byte(0xE1), Some('ß'));
        assert_eq!(Codec::CodePage(&CP437).decode_byte(b'a'), Some('a'));
        assert_eq!(Codec::Whatwg(encoding_rs::MACINTOSH).decode_byte(0x96), Some('ñ'));
        assert_eq!(Codec::Whatwg(encoding_rs::WINDOWS_1253).decode_byte(0xD2), None);
    }
}
