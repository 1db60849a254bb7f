//! The lists of `*.txt` as the table must hold them.

use std::collections::BTreeMap;

use super::table::{self, COUNTS_BYTES, LANGUAGES, ROLES, SYNONYM_BYTES, WEAK, WORD_BYTES};
use super::{Role, Synonym, WordKinds, beginning_with, find, letter_set, word};
use crate::csv::header::fold;

/// The list of each of [`LANGUAGES`].
const LISTS: [&str; LANGUAGES.len()] = [
    include_str!("en.txt"),
    include_str!("es.txt"),
    include_str!("fr.txt"),
    include_str!("de.txt"),
    include_str!("it.txt"),
    include_str!("pt.txt"),
    include_str!("nl.txt"),
    include_str!("pl.txt"),
    include_str!("sv.txt"),
    include_str!("da.txt"),
    include_str!("nb.txt"),
    include_str!("cs.txt"),
    include_str!("tr.txt"),
    include_str!("ru.txt"),
    include_str!("uk.txt"),
    include_str!("ja.txt"),
    include_str!("zh.txt"),
    include_str!("ko.txt"),
    include_str!("ar.txt"),
    include_str!("hu.txt"),
    include_str!("ro.txt"),
    include_str!("el.txt"),
    include_str!("fi.txt"),
];

/// What an entry of a synonym holds.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    key: String,
    letter_set: u64,
    text: String,
    role: Role,
    weak: bool,
    language: &'static str,
}

/// The lines of a list, each with its section.
fn lines(list: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut section = "";
    list.lines().map(str::trim).filter_map(move |line| {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
            return None;
        }
        (!line.is_empty() && !line.starts_with('#')).then_some((section, line))
    })
}

/// `None` when the section is unknown.
fn read_line(section: &str, text: &str, language: &'static str) -> Option<Line> {
    let plain = section.strip_suffix(" weak");
    let role = match plain.unwrap_or(section) {
        "name" => Role::Name,
        "content" => Role::Content,
        "other" => Role::Other,
        field => Role::Field(field.parse().ok()?),
    };
    let key = fold::key(text);
    let letter_set = letter_set(&key.chars().collect::<Vec<_>>());
    Some(Line { key, letter_set, text: text.to_owned(), role, weak: plain.is_some(), language })
}

/// The languages with their lists.
fn lists() -> impl Iterator<Item = (&'static str, &'static str)> {
    LANGUAGES.into_iter().zip(LISTS)
}

fn read() -> (Vec<Line>, Vec<(String, WordKinds)>) {
    let (mut synonyms, mut words) = (Vec::new(), BTreeMap::<String, WordKinds>::new());
    for (language, list) in lists() {
        for (section, text) in lines(list) {
            let kind = match section {
                "veto" => WordKinds::VETO,
                "entity" => WordKinds::ENTITY,
                "noise" => WordKinds::NOISE,
                _ => {
                    synonyms.extend(read_line(section, text, language));
                    continue;
                }
            };
            words.entry(fold::key(text)).or_default().0 |= kind;
        }
    }
    // The sort is stable: the first language stays first.
    synonyms.sort_by(|a: &Line, b| a.key.cmp(&b.key));
    synonyms.dedup_by(|a, b| a.key == b.key);
    (synonyms, words.into_iter().collect())
}

/// The bytes of `table.bin`.
fn encoded() -> Vec<u8> {
    let (synonyms, words) = read();
    let small = |number: usize| u8::try_from(number).expect("a short line");
    let (mut entries, mut strings) = (Vec::new(), Vec::new());
    let strings_start = COUNTS_BYTES + SYNONYM_BYTES * synonyms.len() + WORD_BYTES * words.len();
    let place = |strings: &[u8]| {
        u32::try_from(strings_start + strings.len()).expect("a small table").to_le_bytes()
    };
    for count in [synonyms.len(), words.len()] {
        entries.extend(u16::try_from(count).expect("few lines").to_le_bytes());
    }
    for Line { key, letter_set, text, role, weak, language } in synonyms {
        let text = if text == key { "" } else { &text };
        let role = ROLES.iter().position(|known| *known == role).expect("a role");
        let language = LANGUAGES.iter().position(|known| *known == language).expect("a language");
        entries.extend(letter_set.to_le_bytes());
        entries.extend(place(&strings));
        let role = small(role) | if weak { WEAK } else { 0 };
        entries.extend([small(key.len()), small(text.len()), role, small(language)]);
        strings.extend([key.as_bytes(), text.as_bytes()].concat());
    }
    for (word, kinds) in words {
        entries.extend(place(&strings));
        entries.extend([small(word.len()), kinds.0]);
        strings.extend(word.as_bytes());
    }
    [entries, strings].concat()
}

#[test]
fn the_table_is_that_of_the_lists() {
    let (synonyms, words) = read();
    let known = table::SYNONYMS.iter().map(|&entry| Synonym { entry });
    let known = known.map(|synonym| Line {
        key: synonym.key().to_owned(),
        letter_set: synonym.letter_set(),
        text: synonym.text().to_owned(),
        role: synonym.role(),
        weak: synonym.is_weak(),
        language: synonym.language(),
    });
    assert_eq!(known.collect::<Vec<_>>(), synonyms, "{HOW_TO_WRITE}");
    let known = table::WORDS.iter().map(|entry| table::word(*entry));
    let known = known.map(|(word, kinds)| (table::text(word).to_owned(), kinds));
    assert_eq!(known.collect::<Vec<_>>(), words, "{HOW_TO_WRITE}");
}

const HOW_TO_WRITE: &str = "run: cargo test -p genesy-core --lib write_the_table -- --ignored";

/// Writes `table.bin` anew: see [`HOW_TO_WRITE`].
#[test]
#[ignore = "writes a file"]
#[expect(clippy::disallowed_methods, reason = "it makes a file of the sources")]
fn write_the_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/csv/header/synonyms/table.bin");
    std::fs::write(path, encoded()).expect("the sources can be written");
}

#[test]
fn every_line_is_read() {
    for (language, list) in lists() {
        for (section, text) in lines(list) {
            let known = matches!(section, "veto" | "entity" | "noise")
                || read_line(section, text, language).is_some_and(|line| !line.key.is_empty());
            assert!(known, "{language}: {text} in [{section}]");
        }
    }
}

#[test]
fn one_header_means_one_thing_in_all_languages() {
    let mut roles = BTreeMap::new();
    let mut clashes = Vec::new();
    for (language, list) in lists() {
        for (section, text) in lines(list) {
            let Some(line) = read_line(section, text, language) else { continue };
            let (role, first) = roles.entry(line.key).or_insert((section, language));
            if *role != section {
                clashes.push(format!("{text}: {role} ({first}), {section} ({language})"));
            }
        }
    }
    assert!(clashes.is_empty(), "{}", clashes.join("\n"));
}

#[test]
fn entries_are_found_by_key() {
    assert_eq!(find("apellidos").map(Synonym::language), Some("es"));
    assert!(find("apellid").is_none());
    assert!(word("status").is_veto());
    assert!(!word("statu").is_veto());
}

#[test]
fn entries_are_found_by_their_first_letter() {
    for letter in ['a', 'z', 'я', '国', '\u{1100}', '!', '\u{10ffff}'] {
        let (synonyms, _) = read();
        let all = synonyms.iter().filter(|line| line.key.starts_with(letter));
        let found = beginning_with(letter).map(Synonym::key);
        assert!(found.eq(all.map(|line| line.key.as_str())), "{letter}");
    }
}
