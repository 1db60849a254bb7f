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
    state: u64,
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
        if (character.is_alphanumeric() && !is_modifier(character)) || is_combining_mark(character)
        {
            key = key.with(character);
        }
    }
    key
}

/// The key of the ASCII letters alone, with each run of other characters as one gap.
///
/// Such runs are `?` and U+FFFD in a damaged cell, and letters that are not ASCII in a name.
#[must_use]
pub fn gapped_key(text: &str) -> Key {
    let mut key = Key::EMPTY;
    let mut in_gap = false;
    for character in text.chars() {
        if character == '?' || is_damaged(character) {
            if !in_gap {
                key = key.with(GAP);
            }
            in_gap = true;
        } else if character.is_ascii_alphanumeric() {
            key = key.with(character.to_ascii_lowercase());
            in_gap = false;
        }
    }
    key
}

/// Whether a lossy conversion to ASCII would have lost this character of a name.
fn is_damaged(character: char) -> bool {
    !character.is_ascii()
        && character != '\u{A0}'
        && !('\u{2010}'..='\u{201F}').contains(&character)
}

/// The key of the words of a text in any order, without articles and with abbreviations spelled
/// out: `Korea, Rep.` and `Republic of Korea` have the same. The length is the number of words.
#[must_use]
pub fn words_key(text: &str) -> Key {
    let mut words = Words::default();
    if text.is_ascii() {
        for &byte in text.as_bytes() {
            words.push(byte.to_ascii_lowercase() as char);
        }
    } else {
        for_each_folded(text, |character| words.push(character));
    }
    words.end_word();
    words.end_initials();
    Key { state: words.sum, length: words.count }
}

/// Longest word that can be an abbreviation or an article, in bytes.
const SHORT_WORD_BYTES_MAX: usize = 12;

/// The sum of the hashes of words: a sum does not depend on their order.
#[derive(Default)]
struct Words {
    sum: u64,
    count: u32,
    word: Option<Key>,
    short: [u8; SHORT_WORD_BYTES_MAX],
    /// Letters standing alone, such as the `U` and the `S` of `U.S.`, joined into one word.
    initials: Option<Key>,
    first_initial: u8,
}

impl Words {
    fn push(&mut self, character: char) {
        if character.is_alphanumeric() && !is_combining_mark(character) {
            let word = self.word.unwrap_or(Key::EMPTY);
            if let Some(slot) = self.short.get_mut(word.length as usize) {
                *slot = u8::try_from(character).unwrap_or(0);
            }
            self.word = Some(word.with(character));
        } else if character == ' '
            || (character.is_ascii() && character != '\'')
            || !is_joiner(character)
        {
            self.end_word();
        }
    }

    fn end_word(&mut self) {
        let Some(word) = self.word.take() else { return };
        let length = word.length as usize;
        if length == 1 {
            if self.initials.is_none() {
                self.first_initial = self.short[0];
            }
            let initials = self.initials.unwrap_or(Key::EMPTY);
            self.initials = Some(initials.with(self.short[0] as char));
            return;
        }
        self.end_initials();
        let word = match self.short.get(..length).map(canonical_word) {
            Some(Canonical::Skip) => return,
            Some(Canonical::Other(word)) => loose_key(word),
            Some(Canonical::Same) | None => word,
        };
        self.add(word);
    }

    fn end_initials(&mut self) {
        let Some(initials) = self.initials.take() else { return };
        let word = match (initials.length, self.first_initial) {
            (1, b'n') => loose_key("north"),
            (1, b's') => loose_key("south"),
            (1, b'e' | b'y') => return,
            _ => initials,
        };
        self.add(word);
    }

    fn add(&mut self, word: Key) {
        self.sum = self.sum.wrapping_add(word.hash());
        self.count += 1;
    }
}

enum Canonical {
    Skip,
    Same,
    Other(&'static str),
}

/// What a word of an English country name is replaced by, so that abbreviations meet long forms.
fn canonical_word(word: &[u8]) -> Canonical {
    Canonical::Other(match word {
        b"the" | b"of" | b"and" | b"und" | b"et" => return Canonical::Skip,
        b"rep" | b"repub" | b"rebublic" => "republic",
        b"dem" | b"democr" => "democratic",
        b"st" | b"ste" | b"sainte" | b"snt" => "saint",
        b"is" | b"isl" | b"isls" | b"island" | b"islds" => "islands",
        b"fed" | b"federal" | b"federated" | b"federative" => "federation",
        b"sts" | b"state" => "states",
        b"terr" | b"territory" | b"terrs" => "territories",
        b"ppls" | b"people" | b"peoples" => "peoples",
        b"brit" | b"br" => "british",
        b"utd" | b"untied" => "united",
        b"usa" => "us",
        b"eq" | b"equat" => "equatorial",
        b"afr" => "african",
        b"virg" | b"virgins" => "virgin",
        b"dominic" => "dominican",
        b"bolivarian" => "bolivarian",
        _ => return Canonical::Same,
    })
}

/// Calls `keep` with each character in lower case, decomposed, with the letters that have no
/// decomposition in Unicode replaced by their plain form (`ø`, `ł`, `ß`, …).
fn for_each_folded(text: &str, mut keep: impl FnMut(char)) {
    for character in text.nfkd().flat_map(char::to_lowercase) {
        match character {
            'a'..='z' | ' ' => keep(character),
            'ß' => {
                keep('s');
                keep('s');
            }
            'æ' => {
                keep('a');
                keep('e');
            }
            'œ' => {
                keep('o');
                keep('e');
            }
            'þ' => {
                keep('t');
                keep('h');
            }
            'ø' | 'ɔ' => keep('o'),
            'đ' | 'ð' | 'ɖ' | 'ɗ' => keep('d'),
            'ł' | 'ƚ' => keep('l'),
            'ħ' => keep('h'),
            'ŧ' => keep('t'),
            'ı' | 'ɨ' => keep('i'),
            'ɓ' => keep('b'),
            'ƙ' => keep('k'),
            'ƴ' => keep('y'),
            'ɛ' => keep('e'),
            'ŋ' => keep('n'),
            'ʉ' => keep('u'),
            'ς' => keep('σ'),
            // The iota subscript is a letter of its own in capitals.
            '\u{345}' => keep('ι'),
            _ if is_modifier(character) => {}
            _ => keep(character),
        }
    }
}

/// Apostrophes and similar marks that Unicode counts among the letters.
fn is_modifier(character: char) -> bool {
    matches!(character, '\u{2B0}'..='\u{2FF}' | '\u{A78B}' | '\u{A78C}' | '\u{0640}')
}

/// Marks that do not end a word: apostrophes, accents, zero-width characters.
fn is_joiner(character: char) -> bool {
    is_combining_mark(character)
        || matches!(
            character,
            '\'' | '\u{2018}' | '\u{2019}' | '\u{200B}'..='\u{200F}' | '\u{FEFF}' | '`' | '´'
        )
}

#[cfg(test)]
mod tests {
    use super::{exact_key, gapped_key, loose_key, words_key};

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
    fn words_in_any_order() {
        for (one, other) in [
            ("Korea, Rep.", "Republic of Korea"),
            ("Iran (Islamic Republic of)", "Islamic Rep. of Iran"),
            ("Antigua & Barbuda", "Antigua and Barbuda"),
            ("N. Korea", "north korea"),
            ("Virgin Islands, U.S.", "US Virgin Is."),
            ("Lao People’s Democratic Republic", "lao peoples dem. rep."),
        ] {
            assert_eq!(words_key(one), words_key(other), "{one} {other}");
        }
        assert_ne!(words_key("South Sudan"), words_key("Sudan"));
    }

    #[test]
    fn gaps() {
        for damaged in ["Espa?a", "Espa\u{FFFD}a", "ESPA??A"] {
            assert_eq!(gapped_key(damaged), gapped_key("España"));
        }
        assert_ne!(gapped_key("Espaa"), gapped_key("España"));
    }
}
