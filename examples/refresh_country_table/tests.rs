//! The program on a package of two locales.

use std::collections::{BTreeMap, BTreeSet};

use genesy_core::country::table_format::MAGIC;

use crate::{build, cldr::Source};

fn source(names: &[(&str, &str)]) -> Source {
    let mut source = Source {
        version: "1".to_owned(),
        names: BTreeMap::new(),
        widespread: BTreeSet::new(),
        common: BTreeSet::new(),
        english: BTreeMap::from([("ES".to_owned(), "Spain".to_owned())]),
    };
    for (name, code) in names {
        source.names.entry((*name).to_owned()).or_default().insert((*code).to_owned());
        source.widespread.insert((*name).to_owned());
        source.common.insert((*name).to_owned());
    }
    source
}

#[test]
fn a_small_table() {
    let codes = build::parse_codes("# comment\nES ESP 724\nFR FRA 250\nXK XKX -\n").expect("codes");
    let source = source(&[("Spain", "ES"), ("España", "ES"), ("France", "FR"), ("Kosovo", "XK")]);
    let table =
        build::table(&codes, &source, "# comment\nES: Kingdom of Spain\n").expect("a table");
    assert!(table.bytes.starts_with(MAGIC));
    assert!(table.counts.contains("Names: 4 entries"), "{}", table.counts);
    assert!(table.counts.contains("Variants: 1 entries"), "{}", table.counts);
    assert!(table.counts.contains("Dropped: 1 entries"), "{}", table.counts);
}

#[test]
fn a_name_of_two_countries_stays_one_entry() {
    let codes = build::parse_codes("ES ESP 724\nFR FRA 250\n").expect("codes");
    let table =
        build::table(&codes, &source(&[("Land", "ES"), ("Land", "FR")]), "").expect("a table");
    assert!(table.counts.contains("Names: 1 entries"), "{}", table.counts);
}

#[test]
fn a_short_name_of_a_little_used_language_is_found_by_its_accents() {
    let codes = build::parse_codes("MT MLT 470\n").expect("codes");
    let mut source = source(&[("Mỹrta", "MT"), ("Malta", "MT")]);
    source.common.remove("Mỹrta");
    let table = build::table(&codes, &source, "").expect("a table");
    for count in ["Names: 1", "Spellings: 2", "Rare: 1", "Skeletons: 1", "Garbled: 1"] {
        assert!(table.counts.contains(count), "{count} in {}", table.counts);
    }
}

#[test]
fn rows_need_english_names() {
    let codes = build::parse_codes("ES ESP 724\n").expect("codes");
    let rows = build::rows(&codes, &source(&[]).english).expect("rows");
    assert!(rows.contains(r#"Row { alpha2: "ES", alpha3: "ESP", numeric: 724, name: "Spain" }"#));
    assert!(build::rows(&codes, &BTreeMap::new()).is_err());
    assert!(build::parse_codes("ES ESP").is_err());
}
