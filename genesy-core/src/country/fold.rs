//! Folding: the keys under which a name is found whatever its case, accents and punctuation.
//!
//! Keys are 64-bit hashes of the folded characters, made while reading, so that a lookup needs no
//! buffer. The table of names holds hashes only; `examples/refresh_country_table` makes them with
//! these same functions.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A hash being made of the characters that a fold keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    pub(super) state: u64,
    /// How many characters were kept.
    pub length: u32,
}

impl Key {
    /// The key of nothing.
    pub const EMPTY: Self = Self { state: 0x9E37_79B9_7F4A_7C15, length: 0 };

    /// The key with one more character.
    #[must_use]
    pub const fn with(self, character: char) -> Self {
        let mixed =
            (self.state.rotate_left(5) ^ character as u64).wrapping_mul(0x517C_C1B7_2722_0A95);
        Self { state: mixed, length: self.length + 1 }
    }

    /// The hash, all 64 bits of it well mixed.
    #[must_use]
    pub const fn hash(self) -> u64 {
        // The finalizer of MurmurHash3.
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 33)).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
        mixed = (mixed ^ (mixed >> 33)).wrapping_mul(0xC4CE_B9FE_1A85_EC53);
        mixed ^ (mixed >> 33)
    }
}

/// Stands in a key for characters that were replaced by `?` or U+FFFD.
const GAP: char = '\u{FFFD}';

/// The key without case, accents, spaces and punctuation.
#[must_use]
pub fn loose_key(text: &str) -> Key {
    let mut key = Key::EMPTY;
    if text.is_ascii() {
        for &byte in text.as_bytes() {
            if byte.is_ascii_alphanumeric() {
                key = key.with(byte.to_ascii_lowercase() as char);
            }
        }
        return key;
    }
    for_each_folded(text, |character| {
        if character.is_alphanumeric() && !is_combining_mark(character) {
            key = key.with(character);
        }
    });
    key
}

/// The key without case, spaces and punctuation, but with accents and vowel signs.
#[must_use]
pub fn exact_key(text: &str) -> Key {
    if text.is_ascii() {
        return loose_key(text);
    }
    let mut key = Key::EMPTY;
    for character in text.nfkd().flat_map(char::to_lowercase) {
        let character = if character == 'ς' { 'σ' } else { character };
        if is_kept(character) {
            key = key.with(character);
        }
    }
    key
}

/// Whether the exact key holds this decomposed character.
pub(super) fn is_kept(character: char) -> bool {
    (character.is_alphanumeric() && !is_modifier(character)) || is_combining_mark(character)
}

/// The key of the ASCII letters alone, with each run of other characters as one gap.
///
/// Such runs are `?` and U+FFFD in a damaged cell, and letters that are not ASCII in a name.
#[must_use]
pub fn gapped_key(text: &str) -> Key {
    let mut gapped = Gapped::EMPTY;
    for character in text.chars() {
        gapped.add(character, character == '?' || is_damaged(character));
    }
    gapped.key
}

/// The key of the ASCII letters alone, with each run of characters outside ASCII as one gap: what
/// stays when a name is read in another encoding.
#[must_use]
pub fn skeleton_key(text: &str) -> Key {
    let mut gapped = Gapped::EMPTY;
    text.chars().for_each(|character| gapped.add(character, !character.is_ascii()));
    gapped.key
}

/// A key with gaps being made.
pub(super) struct Gapped {
    pub(super) key: Key,
    in_gap: bool,
}

impl Gapped {
    pub(super) const EMPTY: Self = Self { key: Key::EMPTY, in_gap: false };

    #[inline]
    pub(super) const fn add(&mut self, character: char, is_gap: bool) {
        if character.is_ascii_alphanumeric() {
            self.key = self.key.with(character.to_ascii_lowercase());
            self.in_gap = false;
        } else if is_gap && !self.in_gap {
            self.key = self.key.with(GAP);
            self.in_gap = true;
        }
    }
}

/// Whether a lossy conversion to ASCII would have lost this character of a name.
fn is_damaged(character: char) -> bool {
    !character.is_ascii()
        && character != '\u{A0}'
        && !('\u{2010}'..='\u{201F}').contains(&character)
}

/// Calls `keep` with each character in lower case, decomposed, with the letters that have no
/// decomposition in Unicode replaced by their plain form (`ø`, `ł`, `ß`, …).
fn for_each_folded(text: &str, mut keep: impl FnMut(char)) {
    for character in text.nfkd().flat_map(char::to_lowercase) {
        let (first, second) = plain_form(character);
        first.into_iter().chain(second).for_each(&mut keep);
    }
}

/// The one or two plain letters that a decomposed lower-case character stands for; none for a
/// modifier.
pub(super) const fn plain_form(character: char) -> (Option<char>, Option<char>) {
    let plain = match character {
        '\0'..='\x7F' => character,
        'ß' => return (Some('s'), Some('s')),
        'æ' => return (Some('a'), Some('e')),
        'œ' => return (Some('o'), Some('e')),
        'þ' => return (Some('t'), Some('h')),
        'ø' | 'ɔ' => 'o',
        'đ' | 'ð' | 'ɖ' | 'ɗ' => 'd',
        'ł' | 'ƚ' => 'l',
        'ħ' => 'h',
        'ŧ' => 't',
        'ı' | 'ɨ' => 'i',
        'ɓ' => 'b',
        'ƙ' => 'k',
        'ƴ' => 'y',
        'ɛ' => 'e',
        'ŋ' => 'n',
        'ʉ' => 'u',
        'ς' => 'σ',
        // The iota subscript is a letter of its own in capitals.
        '\u{345}' => 'ι',
        _ if is_modifier(character) => return (None, None),
        _ => character,
    };
    (Some(plain), None)
}

/// Apostrophes and similar marks that Unicode counts among the letters.
pub(super) const fn is_modifier(character: char) -> bool {
    matches!(character, '\u{2B0}'..='\u{2FF}' | '\u{A78B}' | '\u{A78C}' | '\u{0640}')
}

#[cfg(test)]
mod tests {
    use super::{exact_key, gapped_key, loose_key};

    #[test]
    fn case_accents_and_punctuation_do_not_count() {
        for (one, other) in [
            ("España", "ESPANA"),
            ("Côte d’Ivoire", "cote d'ivoire"),
            ("İngiltere", "ingıltere"),
            ("Ελλάς", "ΕΛΛΑΣ"),
            ("Weißrussland", "WEISSRUSSLAND"),
            ("საქართველო", "ᲡᲐᲥᲐᲠᲗᲕᲔᲚᲝ"),
            ("Ｓｐａｉｎ", "spain"),
            ("S\u{200B}pain.", "Spain"),
            ("Færøyene", "Faeroyene"),
        ] {
            assert_eq!(loose_key(one), loose_key(other), "{one} {other}");
        }
        assert_ne!(loose_key("Iran"), loose_key("Iraq"));
    }

    #[test]
    fn the_exact_key_sees_accents_but_not_their_composition() {
        assert_ne!(exact_key("España"), exact_key("Espana"));
        assert_eq!(exact_key("España"), exact_key("ESPAN\u{303}A"));
    }

    #[test]
    fn gaps() {
        for damaged in ["Espa?a", "Espa\u{FFFD}a", "ESPA??A"] {
            assert_eq!(gapped_key(damaged), gapped_key("España"));
        }
        assert_ne!(gapped_key("Espaa"), gapped_key("España"));
    }
}
