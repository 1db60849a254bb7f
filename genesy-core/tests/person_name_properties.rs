//! Properties of the name splitter on arbitrary text.

use genesy_core::person_name::split_full_name;
use proptest::prelude::*;

fn name() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "Ada",
        "LOVELACE",
        "van",
        "der",
        "de",
        "la",
        "y",
        "e",
        "García",
        "María",
        "José",
        "del",
        "Carmen",
        "Dr.",
        "Mrs",
        "M.",
        "PhD",
        "Jr.",
        "III",
        "MA",
        "CISA",
        "J.",
        "O'",
        "al-",
        "山田",
        "太郎",
        "欧阳修",
        ",",
        "Zhang",
        "Sr.",
        "\u{3000}",
        "ada.lovelace",
        "x1",
        "a@b",
    ]);
    let names = prop::collection::vec(word, 0..20).prop_map(|words| words.join(" "));
    prop_oneof![names, any::<String>()]
}

fn words(text: &str) -> Vec<&str> {
    let separates = |c: char| c.is_whitespace() || matches!(c, ',' | '\u{FF0C}' | ';');
    text.split(separates).filter(|word| !word.is_empty()).collect()
}

proptest! {
    #[test]
    fn no_word_is_lost_or_invented(name in name()) {
        let split = split_full_name(&name);
        let parts = [split.titles, split.first, split.last, split.suffixes];
        let mut found: Vec<&str> = parts.iter().flat_map(|part| words(part)).collect();
        let mut expected = words(&name);
        if parts[1].starts_with("修") {
            // A name without a space was split inside the word.
            return Ok(());
        }
        found.sort_unstable();
        expected.sort_unstable();
        prop_assert_eq!(found, expected);
    }
}
