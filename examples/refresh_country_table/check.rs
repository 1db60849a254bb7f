//! Looks up every name of the source in several spellings and prints what came out.

use std::fmt::Write;

use genesy_core::country::{ColumnContext, Country, recognize};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::cldr::Source;

/// A way to write a name, such as in capitals.
type Spelling = (&'static str, fn(&str) -> String);

const SPELLINGS: [Spelling; 5] = [
    ("as it is", str::to_owned),
    ("lower case", str::to_lowercase),
    ("capitals", str::to_uppercase),
    ("without accents", |name| name.nfd().filter(|&c| !is_combining_mark(c)).collect()),
    ("quoted", |name| format!(" \"{name}.\"\u{200B}")),
];

/// One line per spelling: how many names gave their country, another one, or none.
pub(crate) fn report(source: &Source) -> String {
    let context = ColumnContext::default();
    let mut text = String::new();
    for (title, spell) in SPELLINGS {
        let (mut right, mut wrong, mut none) = (0_u32, 0_u32, 0_u32);
        for (name, codes) in &source.names {
            let expected: Vec<_> =
                codes.iter().filter_map(|code| Country::from_alpha2(code)).collect();
            let &[expected] = expected.as_slice() else { continue };
            match recognize(&spell(name), &context) {
                Ok(recognized) if recognized.country == expected => right += 1,
                Ok(_) => wrong += 1,
                Err(_) => none += 1,
            }
        }
        let _ = writeln!(text, "{title}: {right} right, {wrong} wrong, {none} without a country");
    }
    text
}
