//! Mojibake: text that was decoded with the wrong encoding upstream, once or twice.
//!
//! The cell goes back to the bytes that it was read from, and these are decoded as they should
//! have been. A cell whose case was changed after the damage has several possible bytes for some
//! characters (`ã` may have been `Ã`); UTF-8's structure leaves few of the combinations standing.

use crate::codepage::{CP437, CP850};

/// A single-byte encoding that text gets read in by mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Page {
    /// windows-1252, and ISO 8859-1 where that has no character.
    Western,
    /// Mac OS Roman.
    MacRoman,
    Cp850,
    Cp437,
}

const PAGES: [Page; 4] = [Page::Western, Page::MacRoman, Page::Cp850, Page::Cp437];

/// Cells with more characters than this are not repaired.
const CHARACTERS_MAX: usize = 512;
/// Most ways to read a cell whose case was changed that are tried.
const READINGS_MAX: usize = 128;
/// Most characters looked at while looking for such ways.
const STEPS_MAX: usize = 20_000;

/// What the readings of `cell` that `find` knows agree on. UTF-8 is the stronger evidence, and so
/// is a reading without changes of case.
pub(super) fn repair<T: Copy + PartialEq>(
    cell: &str,
    mut find: impl FnMut(&str) -> Option<T>,
) -> Option<T> {
    if cell.is_ascii() || cell.len() > 3 * CHARACTERS_MAX {
        return None;
    }
    let pages = PAGES.map(|page| (page, choices(cell, page)));
    for case_changed in [false, true] {
        for utf8 in [true, false] {
            let mut findings = Findings { first: None, differ: false };
            for (page, choices) in &pages {
                let Some(choices) = choices else { continue };
                let mut search = Search {
                    choices,
                    page: *page,
                    case_changed,
                    readings: 0,
                    steps: 0,
                    bytes: Vec::new(),
                };
                if utf8 {
                    search.utf8(0, 0, &mut |text| {
                        findings.add(find(text));
                        findings.add(again(text, *page).and_then(|text| find(&text)));
                    });
                    continue;
                }
                for truth in PAGES.into_iter().filter(|truth| truth != page) {
                    search.readings = 0;
                    search.single_byte(0, truth, &mut |text| findings.add(find(text)));
                }
            }
            if findings.differ {
                return None;
            }
            if findings.first.is_some() {
                return findings.first;
            }
        }
    }
    None
}

/// What was found so far.
struct Findings<T> {
    first: Option<T>,
    differ: bool,
}

impl<T: Copy + PartialEq> Findings<T> {
    fn add(&mut self, found: Option<T>) {
        if found.is_some() {
            self.differ |= self.first.is_some() && self.first != found;
            self.first = self.first.or(found);
        }
    }
}

/// Most ways tried for a text in one single-byte encoding that was read in another.
const SINGLE_BYTE_READINGS_MAX: usize = 6;

/// The bytes that one character may have been read from: as it is, and with its case changed.
#[derive(Clone, Copy, Debug)]
struct Choice {
    bytes: [u8; 3],
    count: u8,
}

/// The choices for each character, or nothing if the page does not have one of them at all.
fn choices(cell: &str, page: Page) -> Option<Vec<Choice>> {
    let mut all = Vec::with_capacity(cell.len());
    for character in cell.chars() {
        let mut choice = Choice { bytes: [0; 3], count: 0 };
        let mut add = |byte: Option<u8>| {
            let Some(byte) = byte else { return };
            if !choice.bytes[..usize::from(choice.count)].contains(&byte) {
                choice.bytes[usize::from(choice.count)] = byte;
                choice.count += 1;
            }
        };
        add(page.encode(character));
        if !character.is_ascii() {
            add(single(character.to_lowercase()).and_then(|lower| page.encode(lower)));
            add(single(character.to_uppercase()).and_then(|upper| page.encode(upper)));
            // The micro sign's capital is the Greek letter, whose small form is another character.
            if matches!(character, 'Μ' | 'μ') {
                add(page.encode('µ'));
            }
        }
        if choice.count == 0 {
            return None;
        }
        all.push(choice);
    }
    Some(all)
}

fn single(mut characters: impl Iterator<Item = char>) -> Option<char> {
    let first = characters.next()?;
    characters.next().is_none().then_some(first)
}

/// Undoes a second reading in the same page.
fn again(text: &str, page: Page) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let bytes: Option<Vec<u8>> = text.chars().map(|character| page.encode(character)).collect();
    String::from_utf8(bytes?).ok()
}

/// A walk over the readings of a cell, depth first, the unchanged one first.
struct Search<'a> {
    choices: &'a [Choice],
    page: Page,
    case_changed: bool,
    readings: usize,
    steps: usize,
    bytes: Vec<u8>,
}

impl Search<'_> {
    /// Readings as UTF-8; `missing` is how many continuation bytes the last lead byte still needs.
    fn utf8(&mut self, at: usize, missing: u8, visit: &mut impl FnMut(&str)) {
        self.steps += 1;
        if self.steps > STEPS_MAX || self.readings >= READINGS_MAX {
            return;
        }
        let Some(choice) = self.choices.get(at) else {
            return self.end_of_utf8(missing, visit);
        };
        let count = if self.case_changed { choice.count } else { 1 };
        for &byte in &choice.bytes[..usize::from(count)] {
            if let Some(missing) = after(byte, missing) {
                self.bytes.push(byte);
                self.utf8(at + 1, missing, visit);
                self.bytes.pop();
            }
        }
        let Some((byte, skip)) = self.swallowed(at, missing) else { return };
        if let Some(missing) = after(byte, missing) {
            self.bytes.push(byte);
            self.utf8(at + skip, missing, visit);
            self.bytes.pop();
        }
    }

    fn end_of_utf8(&mut self, missing: u8, visit: &mut impl FnMut(&str)) {
        let trimmed = self.page == Page::Western && missing == 1;
        if missing > 0 && !trimmed {
            return;
        }
        self.readings += 1;
        let mut bytes = self.bytes.clone();
        if trimmed {
            bytes.push(NO_BREAK_SPACE);
        }
        if let Some(text) = std::str::from_utf8(&bytes).ok().filter(|text| !text.is_ascii()) {
            visit(text);
        }
    }

    /// A byte whose character was changed by a later step: a no-break space made a plain one, or
    /// `ß` and `ı`, whose capitals are ASCII. With how many characters of the cell it takes.
    fn swallowed(&self, at: usize, missing: u8) -> Option<(u8, usize)> {
        let here = self.choices[at].bytes[0];
        if here == b' ' && self.page == Page::Western && missing > 0 {
            return Some((NO_BREAK_SPACE, 1));
        }
        if !self.case_changed {
            return None;
        }
        if here == b'S' && self.choices.get(at + 1)?.bytes[0] == b'S' {
            return Some((self.page.encode('ß')?, 2));
        }
        if here == b'I' { Some((self.page.encode('ı')?, 1)) } else { None }
    }

    /// Readings as the single-byte encoding `truth`.
    fn single_byte(&mut self, at: usize, truth: Page, visit: &mut impl FnMut(&str)) {
        if self.readings >= SINGLE_BYTE_READINGS_MAX {
            return;
        }
        let Some(choice) = self.choices.get(at) else {
            self.readings += 1;
            let text: String = self.bytes.iter().map(|&byte| truth.decode(byte)).collect();
            return visit(&text);
        };
        let count = if self.case_changed { choice.count } else { 1 };
        for &byte in &choice.bytes[..usize::from(count)] {
            // A name is letters: a byte that would be a sign or a control is another encoding's.
            let character = truth.decode(byte);
            let in_names = matches!(character, '‘' | '’' | '–' | '—' | '·' | '´' | '\u{A0}');
            if byte >= 0x80 && !character.is_alphabetic() && !in_names {
                continue;
            }
            self.bytes.push(byte);
            self.single_byte(at + 1, truth, visit);
            self.bytes.pop();
        }
    }
}

const NO_BREAK_SPACE: u8 = 0xA0;

/// How many continuation bytes are missing after `byte`, or nothing if it cannot stand there.
const fn after(byte: u8, missing: u8) -> Option<u8> {
    match (byte, missing) {
        (0x80..=0xBF, 1..) => Some(missing - 1),
        (0x00..=0x7F, 0) => Some(0),
        (0xC2..=0xDF, 0) => Some(1),
        (0xE0..=0xEF, 0) => Some(2),
        (0xF0..=0xF4, 0) => Some(3),
        _ => None,
    }
}

impl Page {
    fn decode(self, byte: u8) -> char {
        match self {
            Self::Western if (0x80..0xA0).contains(&byte) => WINDOWS_1252[usize::from(byte - 0x80)],
            Self::MacRoman if byte >= 0x80 => MAC_ROMAN[usize::from(byte - 0x80)],
            Self::Cp850 => CP850.decode(byte),
            Self::Cp437 => CP437.decode(byte),
            Self::Western | Self::MacRoman => char::from(byte),
        }
    }

    fn encode(self, character: char) -> Option<u8> {
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
    use super::{PAGES, repair};

    fn reads(cell: &str, name: &str) -> bool {
        repair(cell, |text| (text.to_lowercase() == name).then_some(())).is_some()
    }

    #[test]
    fn every_byte_comes_back() {
        for page in PAGES {
            for byte in 0..=u8::MAX {
                assert_eq!(page.encode(page.decode(byte)), Some(byte), "{page:?} {byte:#x}");
            }
        }
    }

    #[test]
    fn utf8_read_as_something_else() {
        for cell in ["EspaÃ±a", "EspaÃƒÂ±a", "Espa√±a", "Espa├▒a", "ESPAÃ±A", "espaã±a"]
        {
            assert!(reads(cell, "españa"), "{cell}");
        }
    }

    #[test]
    fn one_single_byte_encoding_read_as_another() {
        for cell in ["Espa–a", "Espa¤a", "Espa\u{96}a"] {
            assert!(reads(cell, "españa"), "{cell}");
        }
    }

    #[test]
    fn a_lost_no_break_space_is_found_again() {
        assert!(reads("PanamÃ\u{A0}", "panamà"));
        assert!(reads("PanamÃ", "panamà"));
    }

    #[test]
    fn the_search_is_bounded() {
        let nasty = "ã".repeat(500);
        assert!(!reads(&nasty, "españa"));
    }
}
