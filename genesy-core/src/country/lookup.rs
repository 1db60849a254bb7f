//! Cells that are a name as a whole.

use super::fold::{Key, exact_key, gapped_key, loose_key, words_key};
use super::table::{self, AMBIGUOUS, DISSOLVED, PLACEHOLDER, Section};
use super::{Country, Doubt, How, Recognized};

/// The longest name has fewer letters than this.
const LETTERS_MAX: u32 = 120;
/// Names of one or two Latin letters do not exist: those cells are codes.
const LETTERS_MIN: u32 = 2;

/// The country whose name `text` is, or the doubt that the table holds for it.
pub(super) fn name(text: &str) -> Option<Result<Recognized, Doubt>> {
    let key = loose_key(text);
    if key.length < LETTERS_MIN || key.length > LETTERS_MAX {
        return None;
    }
    if let Some(value) = table::find(Section::Names, key.hash()) {
        if value == AMBIGUOUS {
            let exact = table::find(Section::Spellings, exact_key(text).hash());
            return Some(outcome(exact.unwrap_or(AMBIGUOUS), How::Name));
        }
        return Some(outcome(value, How::Name));
    }
    if let Some(value) = table::find(Section::Variants, key.hash()) {
        return Some(outcome(value, How::Variant));
    }
    if text.bytes().any(|byte| !byte.is_ascii_alphanumeric()) {
        let words = words_key(text);
        if words.length > 0 {
            let value = table::find(Section::Words, words.hash())?;
            return Some(outcome(value, How::Variant));
        }
    }
    None
}

/// Whether what stands before some space of `text` may be a name or a code: a quick test before
/// all ways to split it are tried.
pub(super) fn starts_with_name(text: &str) -> bool {
    if !text.is_ascii() {
        return true;
    }
    let mut key = Key::EMPTY;
    for &byte in text.as_bytes() {
        if byte.is_ascii_alphanumeric() {
            key = key.with(byte.to_ascii_lowercase() as char);
        } else if byte == b' ' {
            let known = |section| table::find(section, key.hash()).is_some();
            if key.length <= 3 || known(Section::Names) || known(Section::Variants) {
                return true;
            }
        }
    }
    false
}

/// The country whose name `text` was before its accented letters were lost.
pub(super) fn damaged_name(text: &str) -> Option<Result<Recognized, Doubt>> {
    let marked = text.contains(['?', '\u{FFFD}']);
    let (section, key) = if marked {
        (Section::Gapped, gapped_key(text))
    } else if text.is_ascii() {
        (Section::Dropped, loose_key(text))
    } else {
        return None;
    };
    if key.length < LETTERS_MIN || key.length > LETTERS_MAX {
        return None;
    }
    table::find(section, key.hash()).map(|value| outcome(value, How::Restored))
}

/// The country whose name `text` is as some language spells it, accents included.
pub(super) fn exact_name(text: &str) -> Option<Country> {
    spelling(text).and_then(Country::from_slot)
}

/// Whether `text` is a name of one or more countries as some language spells it.
pub(super) fn is_exact_name(text: &str) -> bool {
    spelling(text).is_some_and(|value| value <= AMBIGUOUS)
}

fn spelling(text: &str) -> Option<u8> {
    let key = exact_key(text);
    if !(LETTERS_MIN..=LETTERS_MAX).contains(&key.length) {
        return None;
    }
    table::find(Section::Spellings, key.hash())
}

fn outcome(value: u8, how: How) -> Result<Recognized, Doubt> {
    match Country::from_slot(value) {
        Some(country) => Ok(Recognized::new(country, how)),
        None => Err(match value {
            AMBIGUOUS => Doubt::Ambiguous,
            DISSOLVED => Doubt::Dissolved,
            PLACEHOLDER => Doubt::Placeholder,
            _ => Doubt::ReservedCode,
        }),
    }
}
