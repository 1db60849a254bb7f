//! What columns are called, in many languages: the tables in `synonyms/*.txt` and how they are read.
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

use std::sync::LazyLock;

use super::{Field, fold};

/// BCP 47 tag and table of every language; of equal entries the first language is named as the reason.
const LANGUAGES: [(&str, &str); 23] = [
    ("en", include_str!("synonyms/en.txt")),
    ("es", include_str!("synonyms/es.txt")),
    ("fr", include_str!("synonyms/fr.txt")),
    ("de", include_str!("synonyms/de.txt")),
    ("it", include_str!("synonyms/it.txt")),
    ("pt", include_str!("synonyms/pt.txt")),
    ("nl", include_str!("synonyms/nl.txt")),
    ("pl", include_str!("synonyms/pl.txt")),
    ("sv", include_str!("synonyms/sv.txt")),
    ("da", include_str!("synonyms/da.txt")),
    ("nb", include_str!("synonyms/nb.txt")),
    ("cs", include_str!("synonyms/cs.txt")),
    ("tr", include_str!("synonyms/tr.txt")),
    ("ru", include_str!("synonyms/ru.txt")),
    ("uk", include_str!("synonyms/uk.txt")),
    ("ja", include_str!("synonyms/ja.txt")),
    ("zh", include_str!("synonyms/zh.txt")),
    ("ko", include_str!("synonyms/ko.txt")),
    ("ar", include_str!("synonyms/ar.txt")),
    ("hu", include_str!("synonyms/hu.txt")),
    ("ro", include_str!("synonyms/ro.txt")),
    ("el", include_str!("synonyms/el.txt")),
    ("fi", include_str!("synonyms/fi.txt")),
];

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

/// One line of a table.
#[derive(Debug)]
pub(super) struct Synonym {
    /// The folded words run together.
    pub(super) key: String,
    /// The same, as letters, for the edit distance.
    pub(super) letters: Vec<char>,
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

/// All tables, ready for search.
#[derive(Debug)]
pub(super) struct Tables {
    /// Sorted by key, without repetition.
    synonyms: Vec<Synonym>,
    /// Sorted by word.
    words: Vec<(String, WordKinds)>,
    /// Vetoes and entities of scripts without spaces between words: looked for inside a header.
    unspaced: Vec<(String, WordKinds)>,
}

/// The tables, read once a process.
pub(super) fn tables() -> &'static Tables {
    static TABLES: LazyLock<Tables> = LazyLock::new(Tables::read);
    &TABLES
}

impl Tables {
    /// The entry with exactly this key.
    pub(super) fn find(&self, key: &str) -> Option<&Synonym> {
        let found = self.synonyms.binary_search_by(|synonym| synonym.key.as_str().cmp(key));
        found.ok().map(|index| &self.synonyms[index])
    }

    /// The entries whose key begins with `letter`.
    pub(super) fn beginning_with(&self, letter: char) -> &[Synonym] {
        let first = |synonym: &Synonym| synonym.letters.first().copied().unwrap_or_default();
        let start = self.synonyms.partition_point(|synonym| first(synonym) < letter);
        let end = self.synonyms.partition_point(|synonym| first(synonym) <= letter);
        &self.synonyms[start..end]
    }

    /// What a folded word means inside a longer header.
    pub(super) fn word(&self, word: &str) -> WordKinds {
        if word.chars().next().is_some_and(is_unspaced) {
            let inside = self.unspaced.iter().filter(|(part, _)| word.contains(part.as_str()));
            return WordKinds(inside.fold(0, |kinds, (_, kind)| kinds | kind.0));
        }
        let found = self.words.binary_search_by(|(known, _)| known.as_str().cmp(word));
        found.map_or(WordKinds::default(), |index| self.words[index].1)
    }

    fn read() -> Self {
        let (mut synonyms, mut words) = (Vec::new(), Vec::new());
        for (language, table) in LANGUAGES {
            for (section, text) in lines(table) {
                let kind = match section {
                    "veto" => WordKinds::VETO,
                    "entity" => WordKinds::ENTITY,
                    "noise" => WordKinds::NOISE,
                    _ => {
                        synonyms.extend(read_synonym(section, text, language));
                        continue;
                    }
                };
                words.push((fold::key(text), kind));
            }
        }
        // The sort is stable: the first language stays first.
        synonyms.sort_by(|a, b| a.key.cmp(&b.key));
        synonyms.dedup_by(|later, first| later.key == first.key);
        words.sort();
        let mut merged: Vec<(String, WordKinds)> = Vec::new();
        for (word, kind) in words {
            match merged.last_mut() {
                Some((last, kinds)) if *last == word => kinds.0 |= kind,
                _ => merged.push((word, WordKinds(kind))),
            }
        }
        let unspaced = |(word, _): &&(String, WordKinds)| word.starts_with(is_unspaced);
        let unspaced = merged.iter().filter(unspaced).cloned().collect();
        Self { synonyms, words: merged, unspaced }
    }
}

/// The bits of the letters that occur.
pub(super) fn letter_set(letters: &[char]) -> u64 {
    letters.iter().fold(0, |set, &letter| set | 1 << (u32::from(letter) % 64))
}

/// The lines of a table, each with its section.
fn lines(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut section = "";
    table.lines().map(str::trim).filter_map(move |line| {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
            return None;
        }
        (!line.is_empty() && !line.starts_with('#')).then_some((section, line))
    })
}

/// `None` when the section is unknown, which a test rules out.
fn read_synonym(section: &str, text: &'static str, language: &'static str) -> Option<Synonym> {
    let plain = section.strip_suffix(" weak");
    let role = match plain.unwrap_or(section) {
        "name" => Role::Name,
        "content" => Role::Content,
        "other" => Role::Other,
        field => Role::Field(field.parse().ok()?),
    };
    let key = fold::key(text);
    let letters: Vec<char> = key.chars().collect();
    let letter_set = letter_set(&letters);
    Some(Synonym { key, letters, letter_set, text, role, weak: plain.is_some(), language })
}

/// Whether words of this letter's script (Han, Kana, Hangul) are run together.
fn is_unspaced(letter: char) -> bool {
    // Folding takes Hangul syllables apart, into U+1100 and following.
    matches!(letter, '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7ff}')
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{LANGUAGES, lines, read_synonym, tables};

    #[test]
    fn every_line_is_read() {
        for (language, table) in LANGUAGES {
            for (section, text) in lines(table) {
                let known = matches!(section, "veto" | "entity" | "noise")
                    || read_synonym(section, text, language).is_some_and(|s| !s.key.is_empty());
                assert!(known, "{language}: {text} in [{section}]");
            }
        }
    }

    #[test]
    fn one_header_means_one_thing_in_all_languages() {
        let mut roles = BTreeMap::new();
        let mut clashes = Vec::new();
        for (language, table) in LANGUAGES {
            for (section, text) in lines(table) {
                let Some(synonym) = read_synonym(section, text, language) else { continue };
                let (role, first) = roles.entry(synonym.key).or_insert((section, language));
                if *role != section {
                    clashes.push(format!("{text}: {role} ({first}), {section} ({language})"));
                }
            }
        }
        assert!(clashes.is_empty(), "{}", clashes.join("\n"));
    }

    #[test]
    fn entries_are_found_by_key() {
        assert_eq!(tables().find("apellidos").map(|synonym| synonym.language), Some("es"));
        assert!(tables().find("apellid").is_none());
        assert!(tables().word("status").is_veto());
    }
}
