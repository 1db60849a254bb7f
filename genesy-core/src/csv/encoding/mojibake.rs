//! Undoing a wrong decoding that happened before the file was written: `EspaÃ±a` for `España`.
//!
//! UTF-8 read as a single-byte encoding turns each character into two to four: the first shows a
//! lead byte, the others continuation bytes. Correct text hardly ever looks like that, so the
//! repair is certain when *every* non-ASCII run of a text goes back to valid UTF-8 and gives
//! letters that fit. Whatever is not certain is left alone.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::Encoding;
use super::cell::decode_byte;

/// A repaired text, and what had happened to it.
///
/// It holds a lead's data: `Debug` does not show the text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Repair {
    /// The text as it was meant.
    pub text: String,
    /// What garbled it.
    pub via: Garbling,
}

/// A wrong decoding: UTF-8 read as `read_as`, `times` times over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Garbling {
    /// The single-byte encoding that the text was taken for.
    pub read_as: Encoding,
    /// How often: 1 or 2.
    pub times: u8,
}

/// The encodings that UTF-8 is taken for, the commonest first. windows-1252 stands for ISO-8859-1
/// too: C1 control characters are accepted for the bytes they share.
const READ_AS: [Encoding; 4] =
    [Encoding::Windows1252, Encoding::Macintosh, Encoding::Cp850, Encoding::Cp437];

/// Texts longer than this, in bytes, are not cells of names and places, and are left alone.
const TEXT_BYTES_MAX: usize = 4 * 1024;

/// The text that `text` was before UTF-8 was read as a single-byte encoding, if that is certain.
pub fn repair(text: &str) -> Option<Repair> {
    if text.is_ascii() || text.len() > TEXT_BYTES_MAX || !may_be_garbled(text) {
        return None;
    }
    READ_AS.iter().find_map(|&read_as| {
        // What is garbled twice is implausible halfway: judge the deepest text first.
        let once = undo(text, read_as)?;
        let twice = undo(&once, read_as).map(|text| (text, 2));
        let plausible = |(repaired, _): &(String, u8)| is_plausible(text, repaired);
        let (repaired, times) =
            twice.filter(plausible).or_else(|| Some((once, 1)).filter(plausible))?;
        Some(Repair { text: repaired, via: Garbling { read_as, times } })
    })
}

/// Whether two non-ASCII characters stand together, the first of which shows a lead byte of UTF-8
/// in one of the encodings. Allocates nothing.
fn may_be_garbled(text: &str) -> bool {
    let tables = tables();
    let mut after_lead = false;
    for character in text.chars() {
        if character.is_ascii() {
            after_lead = false;
            continue;
        }
        if after_lead {
            return true;
        }
        after_lead = tables.iter().any(|table| table.byte(character).is_some_and(is_lead));
    }
    false
}

const fn is_lead(byte: u8) -> bool {
    matches!(byte, 0xC2..=0xF4)
}

/// One step back: every run of non-ASCII characters must be the bytes of valid UTF-8.
fn undo(text: &str, read_as: Encoding) -> Option<String> {
    let table = tables().iter().find(|table| table.encoding == read_as)?;
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        bytes.push(table.byte(character)?);
    }
    let repaired = String::from_utf8(bytes).ok()?;
    (repaired.len() < text.len()).then_some(repaired)
}

/// Whether `repaired` reads better than `garbled`.
fn is_plausible(garbled: &str, repaired: &str) -> bool {
    let mut certain = false;
    let mut characters = repaired.chars().peekable();
    let mut before = ' ';
    while let Some(character) = characters.next() {
        if !character.is_ascii() {
            let after = characters.peek().copied().unwrap_or(' ');
            if !fits(character, before, after) {
                return false;
            }
            certain |= character.is_alphabetic() || is_typographic(character);
        }
        before = character;
    }
    certain && (has_symbol_among_letters(garbled) || scripts_are_one(repaired))
}

/// Letters, and the signs that word processors put into names.
fn fits(character: char, before: char, after: char) -> bool {
    match character {
        '\u{80}'..='\u{9F}' | char::REPLACEMENT_CHARACTER => false,
        // Ordinals follow a digit or an abbreviation, never start a word.
        'ª' | 'º' => !after.is_alphabetic() && before != ' ',
        _ if character.is_alphabetic() => {
            // An upper-case letter does not follow a lower-case one.
            !(character.is_uppercase() && before.is_lowercase() && !after.is_uppercase())
        }
        _ => is_typographic(character) || is_mark(character) || is_pictograph(character),
    }
}

const fn is_typographic(character: char) -> bool {
    matches!(
        character,
        '\u{A0}' | '\u{AD}' | '\u{2010}'..='\u{2027}' | '«' | '»' | '¿' | '¡' | '°' | '·' | '´'
            | '€' | '£' | '§' | '©' | '®' | '™' | '№' | '\u{200B}'..='\u{200F}' | '\u{202F}'
            | '\u{FEFF}' | '\u{3000}'..='\u{3011}'
    )
}

const fn is_mark(character: char) -> bool {
    matches!(
        character,
        '\u{300}'..='\u{36F}' | '\u{591}'..='\u{5C7}' | '\u{64B}'..='\u{65F}'
            | '\u{900}'..='\u{DFF}' | '\u{E31}'..='\u{E4E}' | '\u{FE0F}' | '\u{1000}'..='\u{109F}'
            | '\u{1780}'..='\u{17D3}'
    )
}

const fn is_pictograph(character: char) -> bool {
    matches!(character, '\u{2600}'..='\u{27BF}' | '\u{1F1E6}'..='\u{1FAFF}')
}

/// Whether a symbol, control character or case break shows that the text as it is cannot be right.
fn has_symbol_among_letters(text: &str) -> bool {
    let mut before = ' ';
    for character in text.chars() {
        if !character.is_ascii() && !before.is_ascii() && !character.is_alphabetic() {
            return true;
        }
        if character.is_uppercase() && before.is_lowercase() && !character.is_ascii() {
            return true;
        }
        before = character;
    }
    false
}

/// Whether the repaired letters are of one script other than Latin: no correct Latin text decodes
/// to a word of Cyrillic by chance.
fn scripts_are_one(repaired: &str) -> bool {
    let mut blocks = repaired.chars().filter(|c| c.is_alphabetic()).map(|c| u32::from(c) >> 8);
    let Some(first) = blocks.next() else { return false };
    first >= 3 && blocks.all(|block| block == first || (first >= 0x30 && block >= 0x30))
}

/// The bytes of one encoding's characters, sorted by character.
#[derive(Debug)]
struct Table {
    encoding: Encoding,
    high: Vec<(char, u8)>,
}

static TABLES: OnceLock<Vec<Table>> = OnceLock::new();

fn tables() -> &'static [Table] {
    TABLES.get_or_init(|| READ_AS.iter().map(|&encoding| Table::new(encoding)).collect())
}

impl Table {
    fn new(encoding: Encoding) -> Self {
        let mut high: Vec<_> = (0x80..=u8::MAX)
            .filter_map(|byte| Some((decode_byte(encoding, byte)?, byte)))
            .collect();
        if encoding == Encoding::Windows1252 {
            // Read as ISO-8859-1 proper, these bytes became the control characters themselves.
            high.extend((0x80..=0x9F).map(|byte| (char::from(byte), byte)));
        }
        high.sort_unstable();
        high.dedup_by_key(|&mut (character, _)| character);
        Self { encoding, high }
    }

    fn byte(&self, character: char) -> Option<u8> {
        if character.is_ascii() {
            return u8::try_from(character).ok();
        }
        let found = self.high.binary_search_by_key(&character, |&(high, _)| high).ok()?;
        Some(self.high[found].1)
    }
}

impl std::fmt::Debug for Repair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Repair").field("via", &self.via).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{Encoding, READ_AS, repair};
    use crate::csv::encoding::CellDecoder;

    fn garble(text: &str, read_as: Encoding) -> String {
        let mut out = String::new();
        CellDecoder::new(read_as).decode_cell(text.as_bytes(), &mut out);
        out
    }

    #[test]
    fn garbled_names_come_back() {
        for (garbled, text) in [
            ("EspaÃ±a", "España"),
            ("MÃ©xico", "México"),
            ("JosÃ©", "José"),
            ("Dâ€™Angelo", "D’Angelo"),
            ("CÃ´te dâ€™Ivoire", "Côte d’Ivoire"),
            ("JosÃƒÂ©", "José"),
            ("Ð\u{98}Ð²Ð°Ð½", "Иван"),
            ("EspaÃ\u{b1}a", "España"),
            ("Espa√±a", "España"),
            ("Espa├▒a", "España"),
            ("Åukasz", "Åukasz"),
        ] {
            let repaired = repair(garbled).map(|repair| repair.text);
            assert_eq!(repaired.as_deref().unwrap_or(garbled), text);
        }
    }

    #[test]
    fn how_it_was_garbled_is_told() {
        for read_as in READ_AS {
            let once = garble("Müller-Núñez", read_as);
            let found = repair(&once).unwrap();
            assert_eq!((found.text.as_str(), found.via.times), ("Müller-Núñez", 1), "{read_as}");
            let twice = repair(&garble(&once, read_as)).unwrap();
            assert_eq!((twice.text.as_str(), twice.via.times), ("Müller-Núñez", 2), "{read_as}");
        }
    }

    #[test]
    fn correct_text_is_left_alone() {
        for text in [
            "SÃO PAULO",
            "Ångström",
            "À© France",
            "Việt Nam",
            "JOÃO",
            "AÇÃO",
            "São Tomé",
            "Œuvre",
            "España",
            "Ørsted",
            "naïve",
            "Иван",
            "Ελλάδα",
            "日本",
            "€ 100",
            "“x”",
            "ÍSLAND",
            "ÃÕ",
            "",
            "Smith",
            "ÖÄÜ",
            "Þórður",
            "Çağrı",
            "COLÔMBIA",
            "Ñandú",
            "EspaÃ±a Ñ",
        ] {
            assert_eq!(repair(text).map(|repair| repair.text), None, "{text}");
        }
    }
}
