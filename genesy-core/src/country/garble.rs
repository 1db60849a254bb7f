//! Mojibake: text that was decoded with the wrong encoding upstream, once or twice.
//!
//! The cell goes back to the bytes that it was read from, and these are decoded as they should
//! have been. A cell whose case was changed after the damage has several possible bytes for some
//! characters (`ã` may have been `Ã`); UTF-8's structure leaves few of the combinations standing.

use super::glyphs::{NO_BREAK_SPACE, single};
use super::suspect::joined;
use crate::misread::{PAGES, Page};

/// Cells with more characters than this are not repaired.
const CHARACTERS_MAX: usize = 512;
/// Most ways to read a cell whose case was changed that are tried.
const READINGS_MAX: usize = 128;
/// Most characters looked at while looking for such ways.
const STEPS_MAX: usize = 20_000;

/// What is known of a cell before its readings are tried one by one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Evidence<T> {
    /// It may be UTF-8 that was read in one of the pages.
    pub(super) utf8: bool,
    /// It may be one page that was read in another.
    pub(super) single_byte: bool,
    /// What it is if it is UTF-8 whose case was changed after it was misread.
    pub(super) case_changed: Option<T>,
}

/// How one reading of a cell came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    /// The cell was taken for UTF-8 rather than for a single-byte encoding.
    pub(super) utf8: bool,
    /// The case was changed after the damage.
    pub(super) case_changed: bool,
}

/// What the readings of `cell` that `find` knows agree on. UTF-8 is the stronger evidence, and so
/// is a reading without changes of case.
pub(super) fn repair<T: Copy + PartialEq>(
    cell: &str,
    evidence: &Evidence<T>,
    mut find: impl FnMut(&str, Reading) -> Option<T>,
) -> Option<T> {
    let impossible = !evidence.utf8 && !evidence.single_byte;
    if impossible || cell.is_ascii() || cell.len() > 3 * CHARACTERS_MAX {
        return None;
    }
    let pages = PAGES.map(|page| (page, choices(cell, page)));
    for case_changed in [false, true] {
        for utf8 in [true, false] {
            let reading = Reading { utf8, case_changed };
            if utf8 && case_changed && evidence.case_changed.is_some() {
                return evidence.case_changed;
            }
            if !(if utf8 { evidence.utf8 } else { evidence.single_byte }) {
                continue;
            }
            let mut findings = Findings { first: None, differ: false };
            for (page, choices) in &pages {
                if let Some(choices) = choices {
                    read_page(*page, choices, reading, &mut findings, &mut find);
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

/// Tries what `choices` may have been before they were read in `page`.
fn read_page<T: Copy + PartialEq>(
    page: Page,
    choices: &[Choice],
    reading: Reading,
    findings: &mut Findings<T>,
    find: &mut impl FnMut(&str, Reading) -> Option<T>,
) {
    let case_changed = reading.case_changed;
    let mut search =
        Search { choices, page, case_changed, readings: 0, steps: 0, bytes: Vec::new() };
    if reading.utf8 {
        return search.utf8(0, 0, &mut |text| {
            findings.add(find(text, reading));
            findings.add(again(text, page).and_then(|text| find(&text, reading)));
        });
    }
    for truth in PAGES.into_iter().filter(|truth| *truth != page) {
        search.readings = 0;
        search.steps = 0;
        search.single_byte(0, truth, &mut |text| findings.add(find(text, reading)));
    }
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
const SINGLE_BYTE_READINGS_MAX: usize = 32;

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
    /// `ß`, `ı` and the ligatures, whose capitals are ASCII. With how many characters of the cell it takes.
    fn swallowed(&self, at: usize, missing: u8) -> Option<(u8, usize)> {
        let here = self.choices[at].bytes[0];
        if here == b' ' && self.page == Page::Western && missing > 0 {
            return Some((NO_BREAK_SPACE, 1));
        }
        if !self.case_changed {
            return None;
        }
        if here == b'I' {
            return Some((self.page.encode('ı')?, 1));
        }
        let next = char::from(self.choices.get(at + 1)?.bytes[0]);
        Some((self.page.encode(joined(char::from(here), next)?)?, 2))
    }

    /// Readings as the single-byte encoding `truth`.
    fn single_byte(&mut self, at: usize, truth: Page, visit: &mut impl FnMut(&str)) {
        self.steps += 1;
        if self.readings >= SINGLE_BYTE_READINGS_MAX || self.steps > STEPS_MAX {
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
        if let Some((byte, skip)) = self.swallowed(at, 0) {
            self.bytes.push(byte);
            self.single_byte(at + skip, truth, visit);
            self.bytes.pop();
        }
    }
}

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

#[cfg(test)]
mod tests {
    use super::{Evidence, repair};

    fn reads(cell: &str, name: &str) -> bool {
        let evidence = Evidence { utf8: true, single_byte: true, case_changed: None };
        repair(cell, &evidence, |text, _| (text.to_lowercase() == name).then_some(())).is_some()
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
        // Each letter may be two bytes, and no way to read them ends well.
        let nastier = "ã".repeat(200) + "¼in";
        assert!(!reads(&nastier, "çin"));
    }
}
