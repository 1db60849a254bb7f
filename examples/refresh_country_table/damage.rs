//! Entries for what damage leaves of names: misread, replaced and dropped letters.

use genesy_core::country::table_format::{
    AMBIGUOUS, gapped_key, garbled_key, loose_key, skeleton_key,
};
use unicode_normalization::UnicodeNormalization;

use crate::build::{Entries, Names, merge};
use crate::cldr::Source;

/// Fewest ASCII letters that a name with gaps must keep to be found by them.
const GAPPED_LETTERS_MIN: u32 = 3;
/// Fewest letters of a name that lost letters without a trace.
const DROPPED_LETTERS_MIN: u32 = 5;
/// As that, of a name that lost its first letter.
const HEADLESS_LETTERS_MIN: u32 = 9;

/// Entries for names whose letters outside ASCII were dropped, or replaced by `?`.
pub(crate) fn damaged(
    source: &Source,
    names: &Entries,
    value_of: &impl Fn(&str) -> u8,
) -> (Entries, Entries) {
    let mut dropped = Entries::new();
    let mut gapped = Entries::new();
    for (name, codes) in &source.names {
        let widespread = source.widespread.contains(name);
        let name: String = name.nfc().collect();
        let ascii: String = name.chars().filter(char::is_ascii).collect();
        let letters = loose_key(&ascii).length;
        let lost =
            name.chars().filter(|character| !character.is_ascii() && character.is_alphabetic());
        let lost = u32::try_from(lost.count()).unwrap_or(u32::MAX);
        if lost == 0 || lost > letters {
            continue;
        }
        for code in codes {
            if letters >= GAPPED_LETTERS_MIN {
                merge(&mut gapped, gapped_key(&name).hash(), value_of(code));
            }
            // Without its last letter, a name is often another word, such as a nationality.
            let ends_whole = name.ends_with(|last: char| last.is_ascii());
            // Without its first one, it has to be long: `talya` is a name, `sterreich` is none.
            let starts_whole = name.starts_with(|first: char| first.is_ascii());
            let letters_min = if starts_whole { DROPPED_LETTERS_MIN } else { HEADLESS_LETTERS_MIN };
            if widespread && ends_whole && letters >= letters_min {
                merge(&mut dropped, loose_key(&ascii).hash(), value_of(code));
            }
        }
    }
    add_capitals_of_sharp_s(&source.names, &mut dropped, value_of);
    dropped.retain(|hash, value| *value < AMBIGUOUS && !names.contains_key(hash));
    gapped.retain(|_, value| *value <= AMBIGUOUS);
    (dropped, gapped)
}

/// Names whose only letter outside ASCII is the `á` of windows-1252: the code pages of DOS have `ß`
/// there, which capitals make two letters (`PANAMSS`).
fn add_capitals_of_sharp_s(cldr: &Names, dropped: &mut Entries, value_of: &impl Fn(&str) -> u8) {
    for (name, codes) in cldr {
        let name: String = name.nfc().collect();
        let capitals = name.replace('á', "ss");
        let key = loose_key(&capitals);
        if name.is_ascii() || !capitals.is_ascii() || key.length < DROPPED_LETTERS_MIN {
            continue;
        }
        for code in codes {
            merge(dropped, key.hash(), value_of(code));
        }
    }
}

/// What misreading leaves of the names in Latin letters.
pub(crate) fn skeletons(cldr: &Names) -> Entries {
    let mut skeletons = Entries::new();
    for name in cldr.keys().filter(|name| !name.is_ascii()) {
        let name: String = name.nfc().collect();
        if name.bytes().any(|byte| byte.is_ascii_alphabetic()) {
            skeletons.insert(skeleton_key(&name).hash(), 0);
            // windows-1252 has `á` where the code pages of DOS have `ß`, which capitals make two.
            skeletons.insert(skeleton_key(&name.replace('á', "ss")).hash(), 0);
        }
    }
    skeletons
}

/// Keys for names whose UTF-8 was misread and changed its case.
pub(crate) fn garbled(cldr: &Names, value_of: &impl Fn(&str) -> u8) -> Entries {
    let mut garbled = Entries::new();
    for (name, codes) in cldr.iter().filter(|(name, _)| !name.is_ascii()) {
        for code in codes {
            merge(&mut garbled, garbled_key(name).hash(), value_of(code));
        }
    }
    garbled.retain(|_, value| *value < AMBIGUOUS);
    garbled
}
