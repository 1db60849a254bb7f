//! The lists of `*.txt` as the table must hold them.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Role, Synonym, WordKinds, letter_set, tables};
use crate::csv::header::fold;

/// BCP 47 tag and table of every language; of equal entries the first language is named as the reason.
const LANGUAGES: [(&str, &str); 23] = [
    ("en", include_str!("en.txt")),
    ("es", include_str!("es.txt")),
    ("fr", include_str!("fr.txt")),
    ("de", include_str!("de.txt")),
    ("it", include_str!("it.txt")),
    ("pt", include_str!("pt.txt")),
    ("nl", include_str!("nl.txt")),
    ("pl", include_str!("pl.txt")),
    ("sv", include_str!("sv.txt")),
    ("da", include_str!("da.txt")),
    ("nb", include_str!("nb.txt")),
    ("cs", include_str!("cs.txt")),
    ("tr", include_str!("tr.txt")),
    ("ru", include_str!("ru.txt")),
    ("uk", include_str!("uk.txt")),
    ("ja", include_str!("ja.txt")),
    ("zh", include_str!("zh.txt")),
    ("ko", include_str!("ko.txt")),
    ("ar", include_str!("ar.txt")),
    ("hu", include_str!("hu.txt")),
    ("ro", include_str!("ro.txt")),
    ("el", include_str!("el.txt")),
    ("fi", include_str!("fi.txt")),
];

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
fn read_synonym(section: &str, text: &'static str, language: &'static str) -> Option<Synonym> {
    let plain = section.strip_suffix(" weak");
    let role = match plain.unwrap_or(section) {
        "name" => Role::Name,
        "content" => Role::Content,
        "other" => Role::Other,
        field => Role::Field(field.parse().ok()?),
    };
    let key: &'static str = fold::key(text).leak();
    let letter_set = letter_set(&key.chars().collect::<Vec<_>>());
    Some(Synonym { key, letter_set, text, role, weak: plain.is_some(), language })
}

fn read() -> (Vec<Synonym>, Vec<(String, WordKinds)>) {
    let (mut synonyms, mut words) = (Vec::new(), BTreeMap::<String, WordKinds>::new());
    for (language, list) in LANGUAGES {
        for (section, text) in lines(list) {
            let kind = match section {
                "veto" => WordKinds::VETO,
                "entity" => WordKinds::ENTITY,
                "noise" => WordKinds::NOISE,
                _ => {
                    synonyms.extend(read_synonym(section, text, language));
                    continue;
                }
            };
            words.entry(fold::key(text)).or_default().0 |= kind;
        }
    }
    // The sort is stable: the first language stays first.
    synonyms.sort_by_key(|synonym| synonym.key);
    synonyms.dedup_by_key(|synonym| synonym.key);
    (synonyms, words.into_iter().collect())
}

/// The text of `table.rs`.
fn rendered() -> String {
    let (synonyms, words) = read();
    let mut out = String::from(
        "//! The lists of `*.txt`, folded and sorted. Printed by the test `print_the_table`: do not edit.\n\n\
         use super::{Role, Synonym, WordKinds};\n\
         use crate::csv::header::Field;\n\n\
         const fn entry(\n    key: &'static str,\n    letter_set: u64,\n    text: &'static str,\n    \
         role: Role,\n    weak: bool,\n    language: &'static str,\n) -> Synonym {\n    \
         Synonym { key, letter_set, text, role, weak, language }\n}\n\n\
         /// Sorted by key.\n#[rustfmt::skip]\n",
    );
    let _ = writeln!(out, "pub(super) static SYNONYMS: [Synonym; {}] = [", synonyms.len());
    for s in &synonyms {
        let role = match s.role {
            Role::Field(field) => format!("Role::Field(Field::{field:?})"),
            role => format!("Role::{role:?}"),
        };
        let _ = writeln!(
            out,
            "    entry({:?}, {:#x}, {:?}, {role}, {}, {:?}),",
            s.key, s.letter_set, s.text, s.weak, s.language
        );
    }
    let _ = writeln!(out, "];\n\n/// Sorted by word.\n#[rustfmt::skip]");
    let _ = writeln!(out, "pub(super) static WORDS: [(&str, WordKinds); {}] = [", words.len());
    for (word, kinds) in &words {
        let _ = writeln!(out, "    ({word:?}, WordKinds({})),", kinds.0);
    }
    out.push_str("];\n");
    out
}

#[test]
fn the_table_is_that_of_the_lists() {
    let (synonyms, words) = read();
    assert_eq!(tables().synonyms, synonyms);
    let known = tables().words.iter().map(|&(word, kinds)| (word.to_owned(), kinds));
    assert!(known.eq(words));
}

/// `cargo test -p genesy-core --lib print_the_table -- --ignored --nocapture` prints `synonyms/table.rs` anew.
#[test]
#[ignore = "prints a file"]
fn print_the_table() {
    println!("{}", rendered());
}

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
