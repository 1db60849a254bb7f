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
//! The program reads none of these files: [`table`] holds the same, folded and sorted, so that the first header costs no
//! more than the next. Tests hold the two together, and one of them prints the table anew.

mod table;

use super::Field;

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

/// One line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Synonym {
    /// The folded words run together.
    pub(super) key: &'static str,
    /// Which letters occur, one bit each (several letters share a bit).
    pub(super) letter_set: u64,
    /// The line as written.
    pub(super) text: &'static str,
    pub(super) role: Role,
    pub(super) weak: bool,
    pub(super) language: &'static str,
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

/// All lists, ready for search.
#[derive(Debug)]
pub(super) struct Tables {
    /// Sorted by key, without repetition.
    synonyms: &'static [Synonym],
    /// Sorted by word.
    words: &'static [(&'static str, WordKinds)],
}

/// The lists of all languages.
pub(super) const fn tables() -> &'static Tables {
    static TABLES: Tables = Tables { synonyms: &table::SYNONYMS, words: &table::WORDS };
    &TABLES
}

/// The first letter of the scripts without spaces between words, whose words are sorted last.
const UNSPACED_FIRST: &str = "\u{1100}";

impl Tables {
    /// The entry with exactly this key.
    pub(super) fn find(&self, key: &str) -> Option<&'static Synonym> {
        let found = self.synonyms.binary_search_by(|synonym| synonym.key.cmp(key));
        found.ok().map(|index| &self.synonyms[index])
    }

    /// The entries whose key begins with `letter`.
    pub(super) fn beginning_with(&self, letter: char) -> &'static [Synonym] {
        let first = |synonym: &Synonym| synonym.key.chars().next().unwrap_or_default();
        let start = self.synonyms.partition_point(|synonym| first(synonym) < letter);
        let end = self.synonyms.partition_point(|synonym| first(synonym) <= letter);
        &self.synonyms[start..end]
    }

    /// What a folded word means inside a longer header.
    pub(super) fn word(&self, word: &str) -> WordKinds {
        if word.starts_with(is_unspaced) {
            let is_before = |(part, _): &(&str, WordKinds)| *part < UNSPACED_FIRST;
            let first = self.words.partition_point(is_before);
            // Vetoes and entities stand anywhere in a header of words that run together.
            let parts =
                self.words[first..].iter().filter(|(part, _)| part.starts_with(is_unspaced));
            let inside = parts.filter(|(part, _)| word.contains(part));
            return WordKinds(inside.fold(0, |kinds, (_, kind)| kinds | kind.0));
        }
        let found = self.words.binary_search_by(|(known, _)| (*known).cmp(word));
        found.map_or(WordKinds::default(), |index| self.words[index].1)
    }
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
