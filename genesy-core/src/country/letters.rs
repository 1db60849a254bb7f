//! Folding a cell in one pass, by a table of what each character folds to.
//!
//! Unicode's decomposition takes tens of nanoseconds for a character; a cell is folded in less than
//! a hundred. The table is made once, of the functions in [`super::fold`], so the keys are theirs.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{canonical_combining_class, is_combining_mark};

use super::fold::{Key, exact_key, is_kept, loose_key, plain_form};
use super::kinds::Kinds;
use super::words::is_joiner;

/// Most spaces before which a name may end.
pub(super) const PREFIXES_MAX: usize = 5;

/// The keys of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Keys {
    /// As [`exact_key`].
    pub(super) exact: Key,
    /// As [`loose_key`].
    pub(super) loose: Key,
    /// Some letter carries a mark.
    pub(super) is_marked: bool,
    /// The last one does.
    pub(super) ends_marked: bool,
    /// The loose key of the first word.
    pub(super) first_word: Key,
    /// Hashes of the loose keys of what stands before the first spaces.
    prefixes: [u64; PREFIXES_MAX],
    spaces: usize,
    /// The kinds of the text's bytes.
    pub(super) kinds: Kinds,
}

impl Keys {
    const EMPTY: Self = Self {
        exact: Key::EMPTY,
        loose: Key::EMPTY,
        is_marked: false,
        ends_marked: false,
        first_word: Key::EMPTY,
        prefixes: [0; PREFIXES_MAX],
        spaces: 0,
        kinds: Kinds::EMPTY,
    };

    /// The hashes of the loose keys of what stands before each space, if there are not too many.
    pub(super) fn prefixes(&self) -> &[u64] {
        self.prefixes.get(..self.spaces).unwrap_or_default()
    }

    #[inline]
    fn add(&mut self, letter: Letter) -> bool {
        match letter {
            Letter::Kept(character) => {
                self.exact = self.exact.with(character);
                self.ends_marked = false;
                for_each_plain(character, |plain| self.loose = self.loose.with(plain));
            }
            Letter::Mark(mark) => {
                self.exact = self.exact.with(mark);
                self.is_marked = true;
                self.ends_marked = true;
            }
            Letter::Space => {
                self.end_word();
                if let Some(prefix) = self.prefixes.get_mut(self.spaces) {
                    *prefix = self.loose.hash();
                }
                self.spaces += 1;
            }
            Letter::Gap => self.end_word(),
        }
        true
    }

    #[inline]
    const fn end_word(&mut self) {
        if self.first_word.length == 0 {
            self.first_word = self.loose;
        }
    }
}

/// The keys of `text`.
pub(super) fn keys(text: &str) -> Keys {
    let mut keys = Keys { kinds: Kinds::of(text), ..Keys::EMPTY };
    if !keys.kinds.has(Kinds::NON_ASCII) {
        for &byte in text.as_bytes() {
            if byte.is_ascii_alphanumeric() {
                keys.loose = keys.loose.with(byte.to_ascii_lowercase() as char);
            } else if byte != b'\'' {
                keys.add(if byte == b' ' { Letter::Space } else { Letter::Gap });
            }
        }
        keys.exact = keys.loose;
    } else if for_each_letter(text, |letter| keys.add(letter)).is_none() {
        return keys_of_any(text);
    }
    keys.end_word();
    keys
}

/// As [`keys`], without the table.
fn keys_of_any(text: &str) -> Keys {
    let mut keys = Keys { exact: exact_key(text), loose: loose_key(text), ..Keys::EMPTY };
    keys.kinds = Kinds::of(text);
    keys.is_marked = text.nfkd().any(is_combining_mark);
    let last = text.nfkd().filter(|&character| is_kept(character)).last();
    keys.ends_marked = last.is_some_and(is_combining_mark);
    keys.first_word = loose_key(text.split(ends_word).find(|word| !word.is_empty()).unwrap_or(""));
    keys.spaces = text.matches(' ').count();
    for ((at, _), prefix) in text.match_indices(' ').zip(&mut keys.prefixes) {
        *prefix = loose_key(&text[..at]).hash();
    }
    keys
}

/// Whether `character` ends a word.
fn ends_word(character: char) -> bool {
    let ends = character.is_ascii() && !character.is_ascii_alphanumeric() && character != '\'';
    ends || (!character.is_ascii() && entry(character).flags & ENDS_A_WORD != 0)
}

/// The plain letters of a letter, as the loose key holds them.
#[inline]
pub(super) fn for_each_plain(letter: char, mut visit: impl FnMut(char)) {
    if letter.is_ascii() {
        return visit(letter);
    }
    let (first, second) = plain_form(letter);
    first.into_iter().chain(second).for_each(visit);
}

/// What [`for_each_letter`] finds.
#[derive(Clone, Copy)]
pub(super) enum Letter {
    /// A letter or digit, in lower case and without its marks.
    Kept(char),
    /// A combining mark, which only the exact key holds.
    Mark(char),
    /// An ASCII space.
    Space,
    /// Something else that ends a word.
    Gap,
}

/// Walks the letters and digits of `text`, until `visit` says `false`. Nothing where some character needs more than the table.
#[inline]
pub(super) fn for_each_letter(text: &str, mut visit: impl FnMut(Letter) -> bool) -> Option<()> {
    let table = TABLE.as_slice();
    let mut after_mark = false;
    for character in text.chars() {
        let goes_on = if character.is_ascii() {
            after_mark = false;
            match character {
                'A'..='Z' | 'a'..='z' | '0'..='9' => {
                    visit(Letter::Kept(character.to_ascii_lowercase()))
                }
                ' ' => visit(Letter::Space),
                '\'' => true,
                _ => visit(Letter::Gap),
            }
        } else if let Some(&entry) = table.get(character as usize - TABLE_START) {
            // Marks in another order than Unicode's would have to be sorted.
            if entry.flags & SLOW != 0 || (after_mark && entry.flags & STARTS_WITH_MARK != 0) {
                return None;
            }
            after_mark = entry.flags & ENDS_WITH_MARK != 0;
            entry.visit(&mut visit)
        } else {
            after_mark = false;
            beyond_table(character, &mut visit)?
        };
        if !goes_on {
            break;
        }
    }
    Some(())
}

/// The characters above the table that fold to themselves or, as Hangul, by arithmetic.
#[inline]
fn beyond_table(character: char, visit: &mut impl FnMut(Letter) -> bool) -> Option<bool> {
    match character {
        // CJK ideographs without those that are others' compatibility forms.
        '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' => Some(visit(Letter::Kept(character))),
        '\u{AC00}'..='\u{D7A3}' => {
            // Source: the Unicode Standard, section 3.12, Hangul syllable decomposition.
            let index = u32::from(character) - 0xAC00;
            let (leading, vowel, trailing) = (index / 588, index % 588 / 28, index % 28);
            let goes_on = visit(Letter::Kept(char::from_u32(0x1100 + leading)?))
                && visit(Letter::Kept(char::from_u32(0x1161 + vowel)?));
            if trailing == 0 {
                return Some(goes_on);
            }
            Some(goes_on && visit(Letter::Kept(char::from_u32(0x11A7 + trailing)?)))
        }
        _ => None,
    }
}

/// The first character of the table: those before it are ASCII.
const TABLE_START: usize = 0x80;
/// The end of the table: the symbols and alphabets before the CJK ideographs.
const TABLE_END: usize = 0x3400;

/// What a character folds to: up to three characters of the exact key.
#[derive(Clone, Copy)]
struct Entry {
    units: [u16; 3],
    /// Bit `n` says that unit `n` is a mark.
    flags: u16,
}

/// The character needs Unicode's algorithm.
const SLOW: u16 = 8;
/// Its decomposition starts with a mark that may have to be sorted.
const STARTS_WITH_MARK: u16 = 16;
/// Its decomposition ends with such a mark.
const ENDS_WITH_MARK: u16 = 32;
/// It is no letter, digit or mark, and does not stand inside a word either.
const ENDS_A_WORD: u16 = 64;

impl Entry {
    /// Adds the unit at `index`.
    fn add(&mut self, unit: char, index: usize) {
        let unit16 = u16::try_from(u32::from(unit)).ok();
        match self.units.get_mut(index).zip(unit16) {
            // The iota subscript is a mark that the loose key holds.
            Some((slot, unit16)) if unit != '\u{345}' => *slot = unit16,
            _ => self.flags |= SLOW,
        }
        if is_combining_mark(unit) {
            self.flags |= 1 << index.min(2);
        }
    }

    #[inline]
    fn visit(self, visit: &mut impl FnMut(Letter) -> bool) -> bool {
        if self.flags & ENDS_A_WORD != 0 {
            return visit(Letter::Gap);
        }
        let units = self.units.iter().take_while(|unit| **unit != 0).enumerate();
        for (index, &unit) in units {
            // Units are characters: the replacement stands for none.
            let unit = char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER);
            let is_mark = self.flags & (1 << index) != 0;
            if !visit(if is_mark { Letter::Mark(unit) } else { Letter::Kept(unit) }) {
                return false;
            }
        }
        true
    }
}

static TABLE: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let entry = |code| char::from_u32(code).map_or(Entry { units: [0; 3], flags: SLOW }, entry);
    (TABLE_START as u32..TABLE_END as u32).map(entry).collect()
});

fn entry(character: char) -> Entry {
    let mut entry = Entry { units: [0; 3], flags: 0 };
    let mut count = 0;
    for (index, part) in std::iter::once(character).nfkd().enumerate() {
        let moves = canonical_combining_class(part) > 0;
        if moves && index == 0 {
            entry.flags |= STARTS_WITH_MARK;
        }
        entry.flags = (entry.flags & !ENDS_WITH_MARK) | if moves { ENDS_WITH_MARK } else { 0 };
        for unit in part.to_lowercase() {
            let unit = if unit == 'ς' { 'σ' } else { unit };
            if is_kept(unit) {
                entry.add(unit, count);
                count += 1;
            }
        }
    }
    if count == 0 && !is_joiner(character) {
        entry.flags |= ENDS_A_WORD;
    }
    entry
}

#[cfg(test)]
mod tests {
    use super::{TABLE, TABLE_END, keys, keys_of_any};

    fn assert_same(text: &str) {
        assert_eq!(keys(text), keys_of_any(text), "{text:?} {}", text.escape_unicode());
    }

    #[test]
    fn every_character_folds_as_without_the_table() {
        // Planes 4 to 13 have no characters, and 15 and 16 private ones, which are all alike.
        let planes = ('\0'..='\u{3FFFF}').chain('\u{E0000}'..='\u{E0FFF}').chain([char::MAX]);
        for character in planes {
            assert_same(character.encode_utf8(&mut [0; 4]));
        }
        assert!(size_of_val(TABLE.as_slice()) < 128 * 1024, "{TABLE_END}");
    }

    #[test]
    fn words_fold_as_without_the_table() {
        for text in [
            "Việt Nam",
            "VIE\u{323}\u{302}T NAM",
            "vie\u{302}\u{323}t",
            "Ελλάς",
            "ᾳ ΑΙ",
            "한국 대한민국",
            "한\u{11AB}",
            "日本国 ﾆﾎﾝ",
            "Ｓｐａｉｎ",
            "Côte d’Ivoire",
            "İngiltere",
            "भारत",
            "ประเทศไทย",
            "👍é",
        ] {
            assert_same(text);
        }
    }
}
