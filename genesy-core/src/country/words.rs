//! The key of a name's words, whatever their order.

use unicode_normalization::char::is_combining_mark;

use super::fold::{Key, loose_key};
use super::letters::{Letter, for_each_letter, for_each_plain};

/// What is known of a word before it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// No name holds it.
    Unknown,
    /// Names hold it as it is.
    Plain,
    /// It may be one that stands for another.
    Replaced,
}

/// The key of the words of a text in any order, without articles and with abbreviations spelled
/// out: `Korea, Rep.` and `Republic of Korea` have the same. The length is the number of words.
#[must_use]
pub fn words_key(text: &str) -> Key {
    words_key_of(text, |_| Word::Replaced).unwrap_or(Key::EMPTY)
}

/// The hash of each word that [`words_key`] is made of, once more for what became of it.
#[must_use]
pub fn word_hashes(text: &str) -> Vec<u64> {
    let mut words = Vec::new();
    let _ = words_key_of(text, |word| {
        words.push(word);
        Word::Replaced
    });
    let replaced = replaced_word_hashes();
    words.retain(|word| !replaced.contains(word));
    words
}

/// The hashes of the words that the key of a text never holds, as it holds others for them.
#[must_use]
pub fn replaced_word_hashes() -> Vec<u64> {
    REPLACED.iter().map(|(written, _)| loose_key(written).hash()).collect()
}

/// As [`words_key`], or nothing as soon as `look_up` says of the hash of a word that it is unknown.
pub(super) fn words_key_of(text: &str, look_up: impl FnMut(u64) -> Word) -> Option<Key> {
    let mut words = Words {
        sum: 0,
        count: 0,
        word: Key::EMPTY,
        short: [0; SHORT_WORD_BYTES_MAX],
        initials: Key::EMPTY,
        first_initial: 0,
        look_up,
        is_strange: false,
    };
    if text.is_ascii() {
        for &byte in text.as_bytes() {
            words.push(byte.to_ascii_lowercase() as char);
            if words.is_strange {
                return None;
            }
        }
    } else {
        // Symbols outside the table stand in no English name.
        for_each_letter(text, |letter| {
            match letter {
                Letter::Kept(letter) => for_each_plain(letter, |plain| words.push_letter(plain)),
                Letter::Mark(_) => {}
                Letter::Space | Letter::Gap => words.end_word(),
            }
            !words.is_strange
        })?;
    }
    words.end_word();
    words.end_initials();
    (!words.is_strange).then_some(Key { state: words.sum, length: words.count })
}

/// Longest word that can be an abbreviation or an article, in bytes.
const SHORT_WORD_BYTES_MAX: usize = 12;

/// The sum of the hashes of words: a sum does not depend on their order.
struct Words<F> {
    sum: u64,
    count: u32,
    word: Key,
    short: [u8; SHORT_WORD_BYTES_MAX],
    /// Letters standing alone, such as the `U` and the `S` of `U.S.`, joined into one word.
    initials: Key,
    first_initial: u8,
    look_up: F,
    /// Some word is unknown.
    is_strange: bool,
}

impl<F: FnMut(u64) -> Word> Words<F> {
    fn push(&mut self, character: char) {
        if character.is_ascii_alphanumeric() {
            self.push_letter(character);
        } else if character != '\'' {
            self.end_word();
        }
    }

    fn push_letter(&mut self, letter: char) {
        if let Some(slot) = self.short.get_mut(self.word.length as usize) {
            *slot = u8::try_from(letter).unwrap_or(0);
        }
        self.word = self.word.with(letter);
    }

    fn end_word(&mut self) {
        let word = std::mem::replace(&mut self.word, Key::EMPTY);
        let length = word.length as usize;
        match length {
            0 => return,
            1 => {
                if self.initials.length == 0 {
                    self.first_initial = self.short[0];
                }
                self.initials = self.initials.with(self.short[0] as char);
                return;
            }
            _ => self.end_initials(),
        }
        let hash = word.hash();
        match (self.look_up)(hash) {
            Word::Unknown => self.is_strange = true,
            Word::Plain => self.add(hash),
            Word::Replaced => match self.short.get(..length).and_then(other_word) {
                Some("") => {}
                Some(other) => self.look_up_and_add(loose_key(other)),
                None => self.add(hash),
            },
        }
    }

    fn end_initials(&mut self) {
        let initials = std::mem::replace(&mut self.initials, Key::EMPTY);
        self.look_up_and_add(match (initials.length, self.first_initial) {
            (0, _) | (1, b'e' | b'y') => return,
            (1, b'n') => loose_key("north"),
            (1, b's') => loose_key("south"),
            _ => initials,
        });
    }

    fn look_up_and_add(&mut self, word: Key) {
        self.is_strange |= (self.look_up)(word.hash()) == Word::Unknown;
        self.add(word.hash());
    }

    const fn add(&mut self, hash: u64) {
        self.sum = self.sum.wrapping_add(hash);
        self.count += 1;
    }
}

/// What words of an English country name are replaced by, so that abbreviations meet long forms;
/// nothing for those that are left out.
const REPLACED: [(&str, &str); 41] = [
    ("the", ""),
    ("of", ""),
    ("and", ""),
    ("und", ""),
    ("et", ""),
    ("rep", "republic"),
    ("repub", "republic"),
    ("rebublic", "republic"),
    ("dem", "democratic"),
    ("democr", "democratic"),
    ("st", "saint"),
    ("ste", "saint"),
    ("sainte", "saint"),
    ("snt", "saint"),
    ("is", "islands"),
    ("isl", "islands"),
    ("isls", "islands"),
    ("island", "islands"),
    ("islds", "islands"),
    ("fed", "federation"),
    ("federal", "federation"),
    ("federated", "federation"),
    ("federative", "federation"),
    ("sts", "states"),
    ("state", "states"),
    ("terr", "territories"),
    ("territory", "territories"),
    ("terrs", "territories"),
    ("ppls", "peoples"),
    ("people", "peoples"),
    ("brit", "british"),
    ("br", "british"),
    ("utd", "united"),
    ("untied", "united"),
    ("usa", "us"),
    ("eq", "equatorial"),
    ("equat", "equatorial"),
    ("afr", "african"),
    ("virg", "virgin"),
    ("virgins", "virgin"),
    ("dominic", "dominican"),
];

/// The word that stands for `word` in the key, if another does.
fn other_word(word: &[u8]) -> Option<&'static str> {
    let (_, other) = REPLACED.iter().find(|(written, _)| written.as_bytes() == word)?;
    Some(other)
}

/// Marks that do not end a word: apostrophes, accents, zero-width characters.
pub(super) fn is_joiner(character: char) -> bool {
    is_combining_mark(character)
        || matches!(
            character,
            '\'' | '\u{2018}' | '\u{2019}' | '\u{200B}'..='\u{200F}' | '\u{FEFF}' | '`' | '´'
        )
}

#[cfg(test)]
mod tests {
    use super::words_key;

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
}
