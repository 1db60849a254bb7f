//! Undoing a wrong decoding that happened before the file was written: `EspaÃ±a` for `España`.
//!
//! UTF-8 read as a single-byte encoding turns each character into two to four: the first shows a
//! lead byte, the others continuation bytes. Correct text hardly ever looks like that, so the
//! repair is certain when *every* non-ASCII run of a text goes back to valid UTF-8 and gives
//! letters that fit. Whatever is not certain is left alone.

use serde::{Deserialize, Serialize};

use super::Encoding;
use crate::misread::{PAGES, Page, bytes_of};

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

impl From<Page> for Encoding {
    fn from(page: Page) -> Self {
        match page {
            Page::Western => Self::Windows1252,
            Page::MacRoman => Self::Macintosh,
            Page::Cp850 => Self::Cp850,
            Page::Cp437 => Self::Cp437,
        }
    }
}

/// Texts longer than this, in bytes, are not cells of names and places, and are left alone.
const TEXT_BYTES_MAX: usize = 4 * 1024;

/// The text that `text` was before UTF-8 was read as a single-byte encoding, if that is certain.
#[inline]
pub fn repair(text: &str) -> Option<Repair> {
    if text.is_ascii() { None } else { repair_non_ascii(text) }
}

fn repair_non_ascii(text: &str) -> Option<Repair> {
    if text.len() > TEXT_BYTES_MAX || !may_be_garbled(text) {
        return None;
    }
    let mut repairs = PAGES.into_iter().filter_map(|page| repair_one(text, page));
    let first = repairs.next()?;
    // windows-1252 is by far the likeliest; among the others two different answers are none.
    let is_certain =
        first.via.read_as == Encoding::Windows1252 || repairs.all(|other| other.text == first.text);
    is_certain.then_some(first)
}

fn repair_one(text: &str, page: Page) -> Option<Repair> {
    // What is garbled twice is implausible halfway: judge the deepest text first.
    let once = undo(text, page)?;
    let twice = undo(&once, page).map(|text| (text, 2));
    let plausible = |(repaired, _): &(String, u8)| is_plausible(text, repaired);
    let (repaired, times) =
        twice.filter(plausible).or_else(|| Some((once, 1)).filter(plausible))?;
    Some(Repair { text: repaired, via: Garbling { read_as: page.into(), times } })
}

/// Whether, in one of the encodings, a character that shows a lead byte of UTF-8 stands before one
/// that shows a continuation byte, and no character is foreign to all of them. Allocates nothing.
pub(crate) fn may_be_garbled(text: &str) -> bool {
    let mut before = [0; PAGES.len()];
    let mut found = false;
    for character in text.chars() {
        if character.is_ascii() {
            before = [0; PAGES.len()];
            continue;
        }
        let Some(bytes) = bytes_of(character) else { return false };
        let is_pair =
            |(lead, next): (&u8, &u8)| matches!(lead, 0xC2..=0xF4) && matches!(next, 0x80..=0xBF);
        found |= before.iter().zip(&bytes).any(is_pair);
        before = bytes;
    }
    found
}

/// Whether the characters beyond ASCII that stand side by side at the byte `at` go one step back, as
/// all of a garbled text do.
pub(crate) fn may_be_garbled_at(text: &str, at: usize) -> bool {
    let Some((before, behind)) = text.as_bytes().split_at_checked(at) else { return false };
    let start = before.iter().rposition(u8::is_ascii).map_or(0, |last| last + 1);
    let length = behind.iter().position(u8::is_ascii).unwrap_or(behind.len());
    let run = text.get(start..at + length).unwrap_or_default();
    PAGES.iter().any(|&page| undo(run, page).is_some())
}

/// One step back: every run of non-ASCII characters must be the bytes of valid UTF-8.
fn undo(text: &str, page: Page) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        bytes.push(page.encode(character)?);
    }
    let repaired = String::from_utf8(bytes).ok()?;
    (repaired.len() < text.len()).then_some(repaired)
}

/// Whether `repaired` is text, and `garbled` is none.
fn is_plausible(garbled: &str, repaired: &str) -> bool {
    let mut holds_letters = false;
    let mut characters = repaired.chars().peekable();
    let (mut before_last, mut last) = (' ', ' ');
    while let Some(character) = characters.next() {
        if !character.is_ascii() {
            let next = characters.peek().copied().unwrap_or(' ');
            if !fits(character, before_last, last, next) {
                return false;
            }
            holds_letters |= character.is_alphabetic() || is_typographic(character);
        }
        (before_last, last) = (last, character);
    }
    holds_letters && (is_no_text(garbled) || scripts_are_one(repaired))
}

/// Letters, and the signs that word processors put into names.
fn fits(character: char, before_last: char, last: char, next: char) -> bool {
    match character {
        '\u{80}'..='\u{9F}' | char::REPLACEMENT_CHARACTER => false,
        // Ordinals follow a digit or an abbreviation, never start a word.
        'ª' | 'º' => !next.is_alphabetic() && last != ' ',
        _ if character.is_alphabetic() => {
            let upper_inside =
                character.is_uppercase() && last.is_lowercase() && !next.is_uppercase();
            let lower_after_upper = character.is_lowercase()
                && before_last.is_uppercase()
                && last.is_uppercase()
                && !next.is_lowercase();
            let mixes = last.is_alphabetic() && alphabet(last) != alphabet(character);
            !upper_inside && !lower_after_upper && !mixes
        }
        _ if is_mark(character) || is_pictograph(character) => true,
        // Inside a word stand apostrophes, hyphens and the like only.
        _ if last.is_alphabetic() && next.is_alphabetic() => is_joining(character),
        _ => is_typographic(character),
    }
}

const fn is_joining(character: char) -> bool {
    matches!(
        character,
        '\u{A0}' | '\u{AD}' | '·' | '´' | '\u{200B}'..='\u{2015}' | '‘' | '’' | '\u{2027}'
            | '\u{202F}' | '\u{3000}'..='\u{3011}' | '\u{30FB}' | '\u{FF01}'..='\u{FF60}'
    )
}

/// The three alphabets that no word mixes; everything else is of a fourth kind.
const fn alphabet(letter: char) -> u8 {
    match letter {
        '\0'..='\u{2AF}' | '\u{1E00}'..='\u{1EFF}' => 0,
        '\u{370}'..='\u{3FF}' | '\u{1F00}'..='\u{1FFF}' => 1,
        '\u{400}'..='\u{52F}' => 2,
        _ => 3,
    }
}

const fn is_typographic(character: char) -> bool {
    matches!(
        character,
        '\u{A0}' | '\u{AD}' | '\u{2010}'..='\u{2027}' | '«' | '»' | '¿' | '¡' | '°' | '·' | '´'
            | '€' | '£' | '§' | '©' | '®' | '™' | '№' | '\u{200B}'..='\u{200F}' | '\u{202F}'
            | '\u{FEFF}' | '\u{3000}'..='\u{3011}' | '\u{30FB}' | '\u{FF01}'..='\u{FF60}'
    )
}

/// Combining marks, and the punctuation of scripts with their own.
const fn is_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{1CFF}' | '\u{2D00}'..='\u{2DFF}' | '\u{A4D0}'..='\u{ABFF}' | '\u{FE0F}')
}

const fn is_pictograph(character: char) -> bool {
    matches!(character, '\u{2600}'..='\u{27BF}' | '\u{10000}'..='\u{1FAFF}')
}

/// Whether `text` as it is cannot be right: a symbol that no name holds, a symbol, control character
/// or case break right after a non-ASCII letter, or a pair of letters that no language has.
fn is_no_text(text: &str) -> bool {
    let mut last = ' ';
    for character in text.chars() {
        if !character.is_ascii() {
            let is_sign = !character.is_alphabetic();
            let is_odd = is_sign && !is_typographic(character) && !is_mark(character);
            let breaks_case = character.is_uppercase() && last.is_lowercase();
            let is_pair = match last {
                // windows-1252: the second byte of a letter below U+0180.
                'Â'..='Å' => matches!(
                    character,
                    'ƒ' | 'Š' | 'Œ' | 'Ž' | 'š' | 'œ' | 'ž' | 'Ÿ' | 'ˆ' | 'ª' | 'º' | 'µ'
                ),
                // MacRoman: Ewe has words with ƒ, but not before these.
                'ƒ' => "ÄÅÇÑÖÜâäåçêëîïñôöûü".contains(character),
                _ => false,
            };
            if is_odd || breaks_case || is_pair || (is_sign && !last.is_ascii()) {
                return true;
            }
        }
        last = character;
    }
    false
}

/// Letters of another script that cannot come together by chance.
const LETTERS_MIN: usize = 3;

/// Whether the repaired letters are several, all of one script other than Latin: no correct Latin
/// text decodes to a word of Cyrillic by chance.
fn scripts_are_one(repaired: &str) -> bool {
    let letters = repaired.chars().filter(|character| character.is_alphabetic());
    let mut blocks = letters.clone().map(|letter| u32::from(letter) >> 8);
    let Some(first) = blocks.next() else { return false };
    letters.count() >= LETTERS_MIN
        && first >= 3
        && blocks.all(|block| block == first || (first >= 0x30 && block >= 0x30))
}

impl std::fmt::Debug for Repair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Repair").field("via", &self.via).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Encoding, PAGES, may_be_garbled_at, repair};
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
        for read_as in PAGES.map(Encoding::from) {
            let once = garble("Müller-Núñez", read_as);
            let found = repair(&once).unwrap();
            assert_eq!((found.text.as_str(), found.via.times), ("Müller-Núñez", 1), "{read_as}");
            let twice = repair(&garble(&once, read_as)).unwrap();
            assert_eq!((twice.text.as_str(), twice.via.times), ("Müller-Núñez", 2), "{read_as}");
        }
    }

    proptest! {
        #[test]
        fn every_place_in_a_garbled_text_shows_it(
            text in "[ a-zA-Zéñüąčżøíõ日Жλ’]{1,12}",
            page in prop::sample::select(&PAGES[..]),
            garbled_twice: bool,
        ) {
            let mut garbled = garble(&text, page.into());
            if garbled_twice {
                garbled = garble(&garbled, page.into());
            }
            let is_garbled = repair(&garbled).is_some();
            let file = format!("é,{garbled}\nñ");
            let first = "é,".len();
            for (at, character) in garbled.char_indices() {
                let shows = may_be_garbled_at(&file, first + at);
                prop_assert!(!is_garbled || character.is_ascii() || shows, "{garbled} at {at}");
            }
        }
    }

    #[test]
    fn pairs_of_letters_that_stand_for_themselves_show_nothing() {
        for text in ["Ελλάδα", "Kratochvílová ášek", "Żółć", "Nuñíz"] {
            for (at, character) in text.char_indices().filter(|(_, letter)| !letter.is_ascii()) {
                assert!(!may_be_garbled_at(text, at), "{character} of {text}");
            }
        }
        assert!(!may_be_garbled_at("abc", 9), "behind its end");
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
