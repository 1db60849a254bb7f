//! Making the table's entries out of names.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use genesy_core::country::table_format::{
    AMBIGUOUS, DISSOLVED, PLACEHOLDER, RESERVED, SECTIONS, Section, encode, exact_key, loose_key,
    replaced_word_hashes, word_hashes, words_key,
};
use unicode_normalization::UnicodeNormalization;

use crate::cldr::Source;
use crate::damage::{damaged, garbled, skeletons};

/// A line of `iso3166.txt`.
pub(crate) struct Code {
    alpha2: String,
    alpha3: String,
    /// Zero where ISO gives none.
    numeric: u16,
}

/// The table and how many entries each section has.
pub(crate) struct Table {
    pub(crate) bytes: Vec<u8>,
    pub(crate) counts: String,
}

/// Names and the codes each stands for.
pub(crate) type Names = BTreeMap<String, BTreeSet<String>>;
/// Values by hash, for one section.
pub(crate) type Entries = BTreeMap<u64, u8>;

/// CLDR's codes for parts of countries: where an address there belongs in ISO 3166-1.
const PARTS: [(&str, &str); 7] = [
    ("AC", "SH"),
    ("CP", "FR"),
    ("CQ", "GG"),
    ("DG", "IO"),
    ("EA", "ES"),
    ("IC", "ES"),
    ("TA", "SH"),
];

/// Reads `iso3166.txt`.
pub(crate) fn parse_codes(text: &str) -> Result<Vec<Code>, String> {
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    lines
        .map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let &[alpha2, alpha3, numeric] = fields.as_slice() else {
                return Err(format!("not three fields: {line}"));
            };
            let numeric = if numeric == "-" { 0 } else { numeric.parse().map_err(|_| line)? };
            Ok(Code { alpha2: alpha2.to_owned(), alpha3: alpha3.to_owned(), numeric })
        })
        .collect()
}

/// The source of `rows.rs`.
pub(crate) fn rows(codes: &[Code], english: &BTreeMap<String, String>) -> Result<String, String> {
    let mut text = String::from(
        "//! The list of countries. Written by `examples/refresh_country_table`: do not edit.\n\n\
         use super::iso::Row;\n\n#[rustfmt::skip]\n",
    );
    let _ = writeln!(text, "pub(super) static ROWS: [Row; {}] = [", codes.len());
    for Code { alpha2, alpha3, numeric } in codes {
        let name = english.get(alpha2).ok_or_else(|| format!("no English name of {alpha2}"))?;
        let _ = writeln!(
            text,
            "    Row {{ alpha2: {alpha2:?}, alpha3: {alpha3:?}, numeric: {numeric}, name: {name:?} }},"
        );
    }
    text.push_str("];\n");
    Ok(text)
}

/// The table of names.
pub(crate) fn table(codes: &[Code], source: &Source, variants: &str) -> Result<Table, String> {
    let cldr = &source.names;
    let value_of = |code: &str| value(codes, code);
    let variants = parse_variants(variants)?;
    let mut overrides = Entries::new();
    let mut words = Entries::new();
    let mut vocabulary: Entries =
        replaced_word_hashes().into_iter().map(|word| (word, 1)).collect();
    for (name, code) in &variants {
        let value = value_of(code);
        add(&mut words, words_key(name).hash(), value, name);
        vocabulary.extend(word_hashes(name).into_iter().map(|word| (word, 0)));
        if code.starts_with('!') {
            overrides.insert(loose_key(name).hash(), value);
        }
    }
    let (mut names, mut spellings, mut rare) = cldr_entries(source, &value_of);
    let mut joined = Entries::new();
    for (name, code) in &variants {
        let hash = loose_key(name).hash();
        if !code.starts_with('!') && !names.contains_key(&hash) {
            merge(&mut joined, hash, value_of(code));
        }
    }
    add_german_digraphs(cldr, &mut names, &value_of);
    for (&hash, &value) in &overrides {
        names.insert(hash, value);
        // An exact key of an unaccented name equals its loose one.
        spellings.insert(hash, value);
    }
    let (mut dropped, gapped) = damaged(source, &names, &value_of);
    dropped.retain(|hash, _| !joined.contains_key(hash));
    rare.retain(|hash, value| {
        *value < AMBIGUOUS && !names.contains_key(hash) && !joined.contains_key(hash)
    });
    let mut sections = [
        (Section::Names, names),
        (Section::Spellings, spellings),
        (Section::Variants, joined),
        (Section::Words, words),
        (Section::Dropped, dropped),
        (Section::Vocabulary, vocabulary),
        (Section::Skeletons, skeletons(cldr)),
        (Section::Gapped, gapped),
        (Section::Rare, rare),
        (Section::Garbled, garbled(cldr, &value_of)),
    ];
    sections.sort_by_key(|(section, _)| *section as usize);
    let mut counts = String::new();
    for (section, entries) in &sections {
        let _ = writeln!(counts, "{section:?}: {} entries", entries.len());
    }
    let sections: [Vec<(u64, u8)>; SECTIONS] =
        sections.map(|(_, entries)| entries.into_iter().collect());
    let bytes = encode(&sections).ok_or("a section has too many entries")?;
    Ok(Table { bytes, counts })
}

/// The names of CLDR by their loose and by their exact keys, and those that count in a column of
/// such names alone unless they are spelled exactly.
fn cldr_entries(source: &Source, value_of: &impl Fn(&str) -> u8) -> (Entries, Entries, Entries) {
    let (mut names, mut spellings, mut rare) = (Entries::new(), Entries::new(), Entries::new());
    for (name, codes) in &source.names {
        let (loose, exact) = (loose_key(name).hash(), exact_key(name).hash());
        let counts = loose == exact || !is_rare(name, source);
        for code in codes {
            let value = value_of(code);
            merge(if counts { &mut names } else { &mut rare }, loose, value);
            merge(&mut spellings, exact, value);
        }
    }
    (names, spellings, rare)
}

fn value(codes: &[Code], code: &str) -> u8 {
    match code {
        "!ambiguous" => return AMBIGUOUS,
        "!dissolved" => return DISSOLVED,
        "!reserved" => return RESERVED,
        "!placeholder" => return PLACEHOLDER,
        _ => {}
    }
    let code = PARTS.iter().find(|(part, _)| *part == code).map_or(code, |(_, whole)| whole);
    let position = codes.iter().position(|row| row.alpha2 == code);
    position.and_then(|position| u8::try_from(position).ok()).unwrap_or(RESERVED)
}

fn parse_variants(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut variants = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        let (code, names) = line.split_once(':').ok_or_else(|| format!("no colon: {line}"))?;
        for name in names.split('|').map(str::trim).filter(|name| !name.is_empty()) {
            variants.push((name.to_owned(), code.to_owned()));
        }
    }
    Ok(variants)
}

/// Adds an entry; two countries under one key make it ambiguous.
pub(crate) fn merge(entries: &mut Entries, hash: u64, value: u8) {
    let known = entries.entry(hash).or_insert(value);
    if *known == RESERVED {
        *known = value;
    } else if *known != value && value != RESERVED {
        *known = AMBIGUOUS;
    }
}

/// As [`merge`], for the hand-kept list, where a clash is a mistake to be told.
#[expect(clippy::print_stderr, reason = "a program's output")]
fn add(entries: &mut Entries, hash: u64, value: u8, name: &str) {
    if entries.get(&hash).is_some_and(|&known| known != value) {
        eprintln!("variants.txt: {name} stands under two codes");
    }
    merge(entries, hash, value);
}

/// Shorter names in one word, of languages that few leads are written in, are words and names of
/// people elsewhere without their accents (`Mỹrta` is Malta): they count as they are spelled only.
const RARE_LETTERS_MAX: u32 = 6;

fn is_rare(name: &str, source: &Source) -> bool {
    let is_latin =
        |c: char| c.is_ascii() || ('\u{80}'..'\u{370}').contains(&c) || is_latin_extra(c);
    !source.common.contains(name)
        && loose_key(name).length <= RARE_LETTERS_MAX
        && !name.contains([' ', '-'])
        && name.chars().all(is_latin)
}

/// Latin letters with two marks, and the marks themselves.
fn is_latin_extra(character: char) -> bool {
    matches!(character, '\u{1E00}'..='\u{1EFF}' | '\u{2010}'..='\u{201F}')
}

/// German names without umlauts are written with an `e`: `Oesterreich`, `Aegypten`.
fn add_german_digraphs(cldr: &Names, names: &mut Entries, value_of: &impl Fn(&str) -> u8) {
    for (name, codes) in cldr {
        if !name.contains(['ä', 'ö', 'ü', 'Ä', 'Ö', 'Ü', 'å', 'Å']) {
            continue;
        }
        let mut plain = String::new();
        for character in name.nfc() {
            match character {
                'ä' | 'Ä' => plain.push_str("ae"),
                'ö' | 'Ö' => plain.push_str("oe"),
                'ü' | 'Ü' => plain.push_str("ue"),
                'å' | 'Å' => plain.push_str("aa"),
                _ => plain.push(character),
            }
        }
        let values: BTreeSet<u8> = codes.iter().map(|code| value_of(code)).collect();
        let value = if values.len() == 1 { values.first().copied() } else { None };
        names.entry(loose_key(&plain).hash()).or_insert(value.unwrap_or(AMBIGUOUS));
    }
}
