//! What columns are called, in many languages: the lists in `synonyms/*.txt` and how they are searched.
//!
//! One text file a language, one header a line, under the section that says what it is:
//!
//! - `[first_name]` and the other fields' names: a column of that field. `weak` after the name: give way to a
//!   column with a plainer header (`Country code` beside `Country`).
//! - `[name]`: the whole name, the first name or the last one, which the columns beside it decide.
//! - `[content]`: a header that fits several fields (`URL`, `Profile`): the cells decide.
//! - `[other]`: a usual column of lead files that is none of ours.
//! - `[veto]`: words that make any longer header something else (`Email status`).
//! - `[entity]`: words about the company or about another field; a longer header with one is not decided by its cells.
//! - `[noise]`: words that say nothing about which field it is (`Contact`, `Work`, `your`).
//!
//! Lines are compared folded (see `fold`), so accents, case and punctuation are a matter of taste.
//!
//! The program reads none of these files, but a [`table`] made of them. Tests hold the two together, and one of them
//! writes the table anew.

mod table;

use super::Field;
pub(super) use table::Synonym;

/// What a header is known to stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A field of the lead.
    Field(Field),
    /// A person's name, whole or a part: the other columns decide.
    Name,
    /// One of several fields: the cells decide.
    Content,
    /// A usual column that is no field of ours.
    Other,
}

/// Words with a meaning of their own inside longer headers, by bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct WordKinds(u8);

impl WordKinds {
    const VETO: u8 = 1;
    const ENTITY: u8 = 2;
    const NOISE: u8 = 4;

    pub(super) const fn is_veto(self) -> bool {
        self.0 & Self::VETO != 0
    }
    pub(super) const fn is_entity(self) -> bool {
        self.0 & Self::ENTITY != 0
    }
    pub(super) const fn is_noise(self) -> bool {
        self.0 & Self::NOISE != 0
    }
}

/// The first letter of the scripts without spaces between words, whose words are sorted last.
const UNSPACED_FIRST: &str = "\u{1100}";

/// The entry with exactly this key.
pub(super) fn find(key: &str) -> Option<Synonym> {
    let by_key = |entry: &_| Synonym { entry: *entry }.key_bytes().cmp(key.as_bytes());
    let found = table::SYNONYMS.binary_search_by(by_key);
    found.ok().map(|index| Synonym { entry: table::SYNONYMS[index] })
}

/// The entries whose key begins with `letter`.
pub(super) fn beginning_with(letter: char) -> impl Iterator<Item = Synonym> {
    let mut buffer = [0; 4];
    let first = letter.encode_utf8(&mut buffer).as_bytes();
    let key = |entry: &_| Synonym { entry: *entry }.key_bytes();
    let start = table::SYNONYMS.partition_point(|entry| key(entry) < first);
    let rest = &table::SYNONYMS[start..];
    let end = rest.partition_point(|entry| key(entry).starts_with(first));
    rest[..end].iter().map(|&entry| Synonym { entry })
}

/// What a folded word means inside a longer header.
pub(super) fn word(word: &str) -> WordKinds {
    if word.starts_with(is_unspaced) {
        let is_before = |entry: &_| table::word(*entry).0 < UNSPACED_FIRST.as_bytes();
        let first = table::WORDS.partition_point(is_before);
        // Vetoes and entities stand anywhere in a header of words that run together.
        let parts = table::WORDS[first..].iter().map(|entry| table::word(*entry));
        let parts = parts.map(|(part, kinds)| (table::text(part), kinds));
        let inside = parts.filter(|(part, _)| part.starts_with(is_unspaced) && word.contains(part));
        return WordKinds(inside.fold(0, |all, (_, kinds)| all | kinds.0));
    }
    let by_word = |entry: &_| table::word(*entry).0.cmp(word.as_bytes());
    let found = table::WORDS.binary_search_by(by_word);
    found.map_or(WordKinds::default(), |index| table::word(table::WORDS[index]).1)
}

/// The bits of the letters that occur.
pub(super) fn letter_set(letters: &[char]) -> u64 {
    letters.iter().fold(0, |set, &letter| set | 1 << (u32::from(letter) % 64))
}

/// Whether words of this letter's script (Han, Kana, Hangul) are run together.
pub(super) fn is_unspaced(letter: char) -> bool {
    // Folding takes Hangul syllables apart, into U+1100 and following.
    matches!(letter, '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7ff}')
}

#[cfg(test)]
mod tests;
