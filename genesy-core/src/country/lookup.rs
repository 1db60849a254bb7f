//! Cells that are a name as a whole.

use super::fold::{Key, gapped_key};
use super::garble::Evidence;
use super::kinds::Kinds;
use super::letters::{Keys, keys};
use super::suspect;
use super::table::{self, AMBIGUOUS, DISSOLVED, PLACEHOLDER, Section};
use super::words::{Word, words_key_of};
use super::{Country, Doubt, How, Recognized};
use crate::misread::PAGES;

/// The longest name has fewer letters than this.
const LETTERS_MAX: u32 = 120;
/// Names of one or two Latin letters do not exist: those cells are codes.
const LETTERS_MIN: u32 = 2;
/// Longer cells are no misread name, in bytes.
const GARBLED_BYTES_MAX: usize = 1_024;
/// Codes with the signs around them have no more bytes than this: `U.S.A.`, `(ES)`.
const CODE_BYTES_MAX: usize = 6;

/// The country whose name `text` is, or the doubt that the table holds for it.
pub(super) fn name(text: &str) -> Option<Result<Recognized, Doubt>> {
    let keys = keys(text);
    name_of(text, &keys, accented_spelling(&keys))
}

/// As [`name`], for the keys of `text` and what [`accented_spelling`] says of them.
pub(super) fn name_of(
    text: &str,
    keys: &Keys,
    spelling: Option<u8>,
) -> Option<Result<Recognized, Doubt>> {
    let key = keys.loose;
    if key.length < LETTERS_MIN || key.length > LETTERS_MAX {
        return None;
    }
    if let Some(country) = spelling.and_then(Country::from_slot) {
        return Some(Ok(Recognized::new(country, How::Name)));
    }
    if let Some(value) = table::find(Section::Names, key.hash()) {
        if spelling.is_none() && is_other_word(text, keys) {
            return None;
        }
        if value == AMBIGUOUS {
            let exact = table::find(Section::Spellings, keys.exact.hash());
            return Some(outcome(exact.unwrap_or(AMBIGUOUS), How::Name));
        }
        return Some(outcome(value, How::Name));
    }
    if let Some(value) = table::find(Section::Variants, key.hash()) {
        return Some(outcome(value, How::Variant));
    }
    let first_word = keys.first_word;
    let is_known = first_word.length <= 1 || word(first_word.hash()) != Word::Unknown;
    // A letter alone may be the first of some initials.
    if is_known && keys.kinds.has(PARTING) {
        let words = words_key_of(text, word).filter(|words| words.length > 0)?;
        let value = table::find(Section::Words, words.hash())?;
        return Some(outcome(value, How::Variant));
    }
    None
}

/// The country whose short name in a little-used language a text is without accents.
pub(super) fn rare_name(keys: &Keys) -> Option<Recognized> {
    let value = table::find(Section::Rare, keys.loose.hash())?;
    Country::from_slot(value).map(|country| Recognized::new(country, How::Name))
}

/// Whether `text` is such a name with its accents.
pub(super) fn is_rare_name(text: &str) -> bool {
    let keys = keys(text);
    let spelled = accented_spelling(&keys).and_then(Country::from_slot);
    spelled.is_some() && rare_name(&keys).map(|found| found.country) == spelled
}

/// What names hold the word of this hash as.
fn word(hash: u64) -> Word {
    match table::find(Section::Vocabulary, hash) {
        None => Word::Unknown,
        Some(0) => Word::Plain,
        Some(_) => Word::Replaced,
    }
}

/// Whether `text` is another word than the name that it would be without its marks.
///
/// Names lose accents when they are typed. One word that has accents of its own is another word, as
/// `Géorgien` is a nationality, and `Georgien` a country. In other scripts than Latin a mark at the
/// end makes the same difference (`জাপান`, `জাপানি`).
fn is_other_word(text: &str, keys: &Keys) -> bool {
    if !keys.is_marked {
        return false;
    }
    let is_latin = |character| matches!(character, '\0'..='\x7F' | '\u{C0}'..='\u{36F}' | '\u{1E00}'..='\u{1EFF}');
    if text.chars().all(is_latin) {
        return !keys.kinds.has(PARTING);
    }
    keys.ends_marked
}

/// Signs that may part a text into words.
const PARTING: Kinds = Kinds::SIGN.or(Kinds::PUNCTUATION);

/// Whether what stands before some space of `text` may be a name or a code: a quick test before
/// all ways to split it are tried.
pub(super) fn starts_with_name(text: &str, keys: &Keys) -> bool {
    let first = text.split(' ').next().unwrap_or_default();
    let may_be_code =
        first.len() <= CODE_BYTES_MAX && !first.bytes().any(|b| b.is_ascii_lowercase());
    may_be_code
        || keys.prefixes().iter().any(|&hash| {
            table::holds(Section::Names, hash) || table::holds(Section::Variants, hash)
        })
}

/// The country whose name `text` was before marks replaced its accented letters.
pub(super) fn gapped_name(text: &str) -> Option<Result<Recognized, Doubt>> {
    restored(Section::Gapped, gapped_key(text))
}

/// The country whose name an ASCII text was before its accented letters were dropped.
pub(super) fn shortened_name(keys: &Keys) -> Option<Result<Recognized, Doubt>> {
    restored(Section::Dropped, keys.loose)
}

fn restored(section: Section, key: Key) -> Option<Result<Recognized, Doubt>> {
    if key.length < LETTERS_MIN || key.length > LETTERS_MAX {
        return None;
    }
    table::find(section, key.hash()).map(|value| outcome(value, How::Restored))
}

/// What speaks for `cell` being a misread name or flag, if anything does.
pub(super) fn evidence(cell: &str) -> Option<Evidence<Country>> {
    if cell.len() > GARBLED_BYTES_MAX {
        return None;
    }
    let glance = suspect::glance(cell)?;
    // ASCII letters stay when one single-byte encoding is read in another.
    let single_byte = table::holds(Section::Skeletons, glance.skeleton.hash());
    if !glance.may_be_utf8 {
        return single_byte.then_some(Evidence { utf8: false, single_byte, case_changed: None });
    }
    let find = |key: Key| table::find(Section::Garbled, key.hash()).filter(|&it| it < AMBIGUOUS);
    let readings = PAGES.map(|page| suspect::read(cell, page, &find));
    let utf8 = readings.iter().any(|reading| reading.is_utf8);
    let mut found = readings.iter().filter_map(|reading| reading.found);
    let first = found.next();
    let case_changed = first.filter(|first| found.all(|other| other == *first));
    let case_changed = case_changed.and_then(Country::from_slot);
    (utf8 || single_byte).then_some(Evidence { utf8, single_byte, case_changed })
}

/// The country whose name `text` is as some language spells it, accents included.
pub(super) fn exact_name(text: &str) -> Option<Country> {
    spelling(&keys(text)).and_then(Country::from_slot)
}

/// What the table says of the accents of a text, if it has any or other letters of its own.
pub(super) fn accented_spelling(keys: &Keys) -> Option<u8> {
    if keys.exact == keys.loose { None } else { spelling(keys) }
}

/// Whether `text` is a name of one or more countries as some language spells it.
pub(super) fn is_exact_name(text: &str) -> bool {
    spelling(&keys(text)).is_some_and(|value| value <= AMBIGUOUS)
}

fn spelling(keys: &Keys) -> Option<u8> {
    let key = keys.exact;
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
