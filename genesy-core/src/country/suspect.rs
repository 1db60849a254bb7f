//! Telling quickly whether a cell may be mojibake, and finding what became of a name by it when the
//! case was changed afterwards.
//!
//! A name's UTF-8 bytes, each read as a character, and those characters in capitals: a page maps
//! several bytes to the same capital, so the bytes are gone, but not their *classes*: all bytes that
//! some page takes for the same letter, whatever its case. The key of a name's classes is the same
//! for all pages and cases.

use std::str::Chars;

use super::fold::{Gapped, Key};
use super::glyphs::{GLYPHS, NO_BREAK_SPACE, Role, role};
use crate::misread::Page;

/// The key of the classes of a name's bytes.
pub fn garbled_key(name: &str) -> Key {
    name.bytes().fold(Key::EMPTY, with_byte)
}

/// What the walk over a cell found out.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Suspicion {
    /// Whether the cell may be UTF-8 that was read in the page.
    pub(super) is_utf8: bool,
    /// What `find` said to the first key that it knows.
    pub(super) found: Option<u8>,
}

/// Reads `cell` as UTF-8 that was taken for `page`, in any case; `find` looks keys up.
pub(super) fn read(cell: &str, page: Page, find: &dyn Fn(Key) -> Option<u8>) -> Suspicion {
    let mut walk =
        Walk { page, find, steps: 0, suspicion: Suspicion { is_utf8: false, found: None } };
    walk.on(cell.chars(), START, Key::EMPTY);
    walk.suspicion
}

/// What one look at a cell tells.
#[derive(Clone, Copy, Debug)]
pub(super) struct Glance {
    /// It may be UTF-8 that was read in some page, in any case.
    pub(super) may_be_utf8: bool,
    /// As [`skeleton_key`](super::fold::skeleton_key) makes it.
    pub(super) skeleton: Key,
}

/// Looks at `cell` once. Nothing where a character outside ASCII is in none of the pages.
pub(super) fn glance(cell: &str) -> Option<Glance> {
    let glyphs = &*GLYPHS;
    let mut skeleton = Gapped::EMPTY;
    // A byte for each page.
    let mut open = BETWEEN;
    let mut last_two = (' ', ' ');
    for character in cell.chars() {
        skeleton.add(character, !character.is_ascii());
        if character.is_ascii() {
            // What [`Walk::swallowed`] may make of it; an `S` may also be the first of two.
            if open != BETWEEN {
                open = match character {
                    ' ' => (open & BETWEEN) | after_in_all(open, ALL),
                    'S' => open | after_in_all(open, ALL),
                    _ => open & BETWEEN,
                };
            }
        } else {
            let roles = u32::from_le_bytes(glyphs.of(character)?.roles);
            let after_swallowed = matches!(last_two, ('S', 'S') | (_, 'I') | ('F', 'L'));
            let begun = if after_swallowed { (open & ALL) * u32::from(LEADING) } else { 0 };
            open = after_in_all(open | begun, roles);
        }
        last_two = (last_two.1, character);
    }
    // The last byte may be a no-break space that was trimmed.
    let may_be_utf8 = open & (BETWEEN | u32::from(ONE_MISSING)) != 0;
    Some(Glance { may_be_utf8, skeleton: skeleton.key })
}

/// One in each byte.
const ALL: u32 = 0x0101_0101;
/// Between characters in all pages.
const BETWEEN: u32 = ALL * START as u32;
/// The first byte of two, three or four.
const LEADING: Role = 0b1110;

/// As [`after`], for the four pages at once.
const fn after_in_all(open: u32, roles: u32) -> u32 {
    let continued = (open >> 1) & 0x0707_0707 & ((roles & ALL) * 0xFF);
    let begun = ((open & ALL) * LEADING as u32) & roles;
    continued | begun
}

/// Whether `cell` is written as words are, letters alone and the first one of each a capital.
pub(super) fn is_capitalized(cell: &str) -> bool {
    let mut last = ' ';
    let mut found = false;
    let fits = cell.chars().all(|character| {
        let starts = !last.is_alphabetic();
        last = character;
        found |= starts && character.is_uppercase();
        match (character.is_ascii(), starts) {
            (false, _) if !character.is_alphabetic() => false,
            (_, true) => !character.is_lowercase(),
            (_, false) => !character.is_uppercase(),
        }
    });
    fits && found
}

/// Sets of how many continuation bytes may be missing: bit `n` stands for `n` of them.
type Open = u8;

/// Between characters.
const START: Open = 1;
/// One byte is missing.
const ONE_MISSING: Open = 2;
/// Most characters looked at in all the ways to read a cell.
const STEPS_MAX: u32 = 1_000;

struct Walk<'a> {
    page: Page,
    find: &'a dyn Fn(Key) -> Option<u8>,
    steps: u32,
    suspicion: Suspicion,
}

impl Walk<'_> {
    fn on(&mut self, mut rest: Chars<'_>, mut open: Open, mut key: Key) {
        while let Some(character) = rest.next() {
            self.steps += 1;
            if self.steps > STEPS_MAX || self.suspicion.found.is_some() {
                return;
            }
            if character.is_ascii() {
                self.swallowed(character, &rest, open, key);
                if open & START == 0 {
                    return;
                }
                open = START;
                key = key.with(character.to_ascii_lowercase());
                continue;
            }
            let Some(glyph) = GLYPHS.of(character) else { return };
            let (class, role) =
                (glyph.classes[self.page as usize], glyph.roles[self.page as usize]);
            open = after(open, role);
            if open == 0 {
                return;
            }
            key = key.with(char::from(class));
        }
        if open & START != 0 {
            self.end(key);
        }
        if open & ONE_MISSING != 0 && self.page == Page::Western {
            self.end(with_byte(key, NO_BREAK_SPACE));
        }
    }

    fn end(&mut self, key: Key) {
        self.suspicion.is_utf8 = true;
        self.suspicion.found = self.suspicion.found.or((self.find)(key));
    }

    /// Goes on as if `character` came of a byte whose character a later step made ASCII: a no-break
    /// space made a plain one, or `ß`, `ı` and the ligatures, whose capitals are ASCII.
    fn swallowed(&mut self, character: char, rest: &Chars<'_>, open: Open, key: Key) {
        let mut rest = rest.clone();
        let byte = match character {
            ' ' if self.page == Page::Western => Some(NO_BREAK_SPACE),
            'I' => self.page.encode('ı'),
            'S' | 'F' => rest
                .next()
                .and_then(|next| joined(character, next))
                .and_then(|c| self.page.encode(c)),
            _ => None,
        };
        let Some(byte) = byte else { return };
        let open = after(open, role(byte));
        if open != 0 {
            self.on(rest, open, with_byte(key, byte));
        }
    }
}

/// The character whose capitals are `first` and `second`.
pub(super) const fn joined(first: char, second: char) -> Option<char> {
    match (first, second) {
        ('S', 'S') => Some('ß'),
        ('F', 'I') => Some('ﬁ'),
        ('F', 'L') => Some('ﬂ'),
        _ => None,
    }
}

/// The state after one more byte.
const fn after(open: Open, role: Role) -> Open {
    let continued = if role & 1 != 0 { open >> 1 } else { 0 };
    let begun = if open & START != 0 { role & !1 } else { 0 };
    continued | begun
}

fn with_byte(key: Key, byte: u8) -> Key {
    match byte {
        0..0x80 => key.with(char::from(byte.to_ascii_lowercase())),
        _ => key.with(char::from(GLYPHS.classes[usize::from(byte)])),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fold::skeleton_key;
    use super::{garbled_key, glance, is_capitalized, read};
    use crate::misread::PAGES;

    #[test]
    fn garbled_names_are_found_in_all_pages_and_cases() {
        for name in ["España", "Côte d’Ivoire", "Việt Nam", "Испания", "საქართველო", "भारत", "日本"]
        {
            for page in PAGES {
                let cell: String = name.bytes().map(|byte| page.decode(byte)).collect();
                for cell in [cell.to_uppercase(), cell.to_lowercase(), cell] {
                    let find = |key| (key == garbled_key(name)).then_some(7);
                    let suspicion = read(&cell, page, &find);
                    assert!(suspicion.is_utf8, "{name} {page:?} {cell}");
                    assert_eq!(suspicion.found, Some(7), "{name} {page:?} {cell}");
                    assert!(glance(&cell).unwrap().may_be_utf8, "{name} {page:?} {cell}");
                }
            }
        }
    }

    #[test]
    fn words_are_no_suspects() {
        for word in ["Málaga", "São Paulo", "ZÜRICH", "José García", "Åse", "MÜNCHEN STRASSE"]
        {
            let glance = glance(word).unwrap();
            assert!(!glance.may_be_utf8, "{word}");
            assert_eq!(glance.skeleton, skeleton_key(word));
        }
        assert!(glance("Łódź").is_none() && glance("日本").is_none());
    }

    #[test]
    fn capitals() {
        assert!(is_capitalized("Éthiopien") && is_capitalized("São Paulo"));
        for text in ["éthiopien", "ÉTHIOPIEN", "MÈxico", "Espa–a"] {
            assert!(!is_capitalized(text), "{text}");
        }
    }
}
