//! Countries as ISO 3166-1 alpha-2 codes, and the lookup that finds one in a cell.
//!
//! [`recognize`] turns a cell of a country column into a [`Country`] or a [`Doubt`]. It knows the
//! codes and flags, the names in all languages of Unicode's CLDR, English variants, names damaged
//! by a wrong encoding, and the noise around all of these. [`ColumnContext`] holds what only the
//! column as a whole can tell, and [`Memo`] makes repeated cells cheap.
//!
//! ```
//! use genesy_core::country::{ColumnContext, Doubt, recognize};
//!
//! let context = ColumnContext::default();
//! for cell in ["es", "ESP", "🇪🇸", "Spain", "ESPAÑA", "スペイン", "EspaÃ±a", "ES - Spain"] {
//!     assert_eq!(recognize(cell, &context).unwrap().country.alpha2(), "ES");
//! }
//! assert_eq!(recognize("12", &context), Err(Doubt::NumberInTextColumn));
//! assert_eq!(recognize("XXX", &context), Err(Doubt::Placeholder));
//! ```
//!
//! # Policy
//!
//! A wrong country is worse than none, so whatever is open gives a doubt with its reason.
//!
//! - `NA` is Namibia in a column of alpha-2 codes that says "no value" in another way, or that
//!   lists countries; elsewhere it is a placeholder. `N/A` always is one.
//! - *Georgia* is the country, as this is a column of countries. *Korea*, *Congo*, *Virgin
//!   Islands* and *America* alone are ambiguous, and so are names that two languages give to two
//!   countries, unless their accents decide.
//! - *Yugoslavia*, *USSR*, *Czechoslovakia*, *Serbia and Montenegro* and *Netherlands Antilles*
//!   have several successors and give none. A renamed or absorbed state is its successor (*Burma*,
//!   *Zaire*, *East Germany*).
//! - *Kosovo* is `XK`. Dependent territories have their own code where ISO gives one (`PR`, `GL`,
//!   `HK`); parts without one are their country (*England*, *Canary Islands*, *Azores*). Taiwan
//!   is `TW`, Palestine `PS`.
//! - `XXX`, `-`, `N/A`, *Unknown* and their like are placeholders. `XX`, `ZZ`, `EU`, and areas such
//!   as *Europe* or *EMEA*, are reserved.
//! - Digits such as `12` are refused unless the column is one of ISO numeric codes.
//! - Cities, states, nationalities and languages are not countries. An address is read by its end
//!   (`Madrid, Spain`).
//! - Codes count in capitals and in lower case, but a column of other codes (US states) gives none.
//!   Codes that are words (`in`, `are`, `rwa`), and those written as names of people are (`Li`,
//!   `Ng`, `Eri`), need a column of countries.
//! - Olympic and vehicle codes count in capitals where ISO has no such code (`GER`, `SUI`).
//! - A name counts as some language spells it, even if it is also a first name, a language or a
//!   people elsewhere (*Chad*, *Kuba*, *Nepali*): this is a column of countries.
//! - Without its accents it counts as well, unless it is a short one of a little-used language:
//!   `Mỹrta` is Malta and `Ålân` Åland, but *Myrta* and *Alan* are names of people. They count in a
//!   column that has such names with their accents.
//! - A word with accents that no language gives the name is another word: *Géorgien*, *Indonésien*
//!   and *Brasília* are nationalities and a city, not `Georgien`, `Indonesien` and `Brasilia`. In
//!   other scripts than Latin so is one with a mark at its end that the name does not have.
//! - A name that lost letters without a trace is found if it kept the last one, and the first one
//!   of five or nine in all (`Espaa`, `sterreich`), and only in widespread languages.
//! - Text that was misread upstream is the name that it was, whatever happened to its case since;
//!   where several readings name different countries, it is none.
//! - One country said twice is that country (`Spain (ES)`); two different ones are ambiguous.
//!
//! Names are from CLDR, Copyright © 1991 and later Unicode, Inc., under the Unicode License V3: see
//! `data/LICENSE-UNICODE` and `data/SOURCE.txt` beside this file.

mod codes;
mod context;
mod flag;
mod fold;
mod garble;
mod glyphs;
mod iso;
mod kinds;
mod letters;
mod lookup;
mod memo;
mod outcome;
mod parts;
mod rows;
mod suspect;
mod table;
mod words;

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use kinds::Kinds;
use letters::{Keys, keys};

pub use context::ColumnContext;
pub use iso::{Country, NotAnAlpha2Code};
pub use memo::Memo;
pub use outcome::{Doubt, How, Recognized};

/// What `examples/refresh_country_table` shares with the lookup. Not a stable interface.
#[doc(hidden)]
pub mod table_format {
    pub use super::fold::{exact_key, gapped_key, loose_key, skeleton_key};
    pub use super::suspect::garbled_key;
    pub use super::table::{
        AMBIGUOUS, DISSOLVED, MAGIC, PLACEHOLDER, RESERVED, SECTIONS, Section, encode,
    };
    pub use super::words::{replaced_word_hashes, word_hashes, words_key};
}

/// Longer cells than this name no country, in bytes.
const CELL_BYTES_MAX: usize = 1_024;

/// The country that `cell` names, in a column that is like `context`.
///
/// # Errors
///
/// A [`Doubt`] says why the cell gives no country.
pub fn recognize(cell: &str, context: &ColumnContext) -> Result<Recognized, Doubt> {
    if cell.len() > CELL_BYTES_MAX {
        return Err(Doubt::NotACountry);
    }
    let kinds = Kinds::of(cell);
    let is_gapped = kinds.has(Kinds::MARK) && cell.contains(['?', char::REPLACEMENT_CHARACTER]);
    if is_gapped {
        // `Ner?` is a damaged name rather than the code that the mark leaves.
        if let Some(Ok(found)) = lookup::gapped_name(cell) {
            return Ok(found);
        }
    }
    if kinds.has(Kinds::NON_ASCII) {
        return read_unicode(cell, context);
    }
    let text = trim(cell);
    if text.is_empty() {
        return Err(nothing(cell));
    }
    if let Some(outcome) = codes::read(text, context) {
        return outcome;
    }
    let keys = keys(text);
    let outcome = read_name(text, &keys, None, context);
    if outcome != Err(Doubt::NotACountry) || is_gapped {
        return outcome;
    }
    // A last try: it may have lost letters.
    lookup::shortened_name(&keys).unwrap_or(outcome)
}

/// Whether `cell` is a code or name of a country in some language, whatever its accents: a quick
/// test for telling a column of countries.
#[must_use]
pub fn is_known(cell: &str) -> bool {
    let text = trim(cell);
    if text.len() > CELL_BYTES_MAX {
        return false;
    }
    // The column will tell whether codes in title case are codes; those that are words are not.
    let lower = (text.len() <= 3 && codes::is_title_case(text.as_bytes()))
        .then(|| text.to_ascii_lowercase());
    match codes::read(lower.as_deref().unwrap_or(text), &ColumnContext::default()) {
        Some(outcome) => outcome.is_ok(),
        None => matches!(lookup::name(text), Some(Ok(_) | Err(Doubt::Ambiguous))),
    }
}

/// Whether `cell` is a name of a country exactly as some language spells it, accents included,
/// but for case and punctuation: a quick test for telling the encoding of a file.
#[must_use]
pub fn is_exact_name(cell: &str) -> bool {
    let text = trim(cell);
    text.len() <= CELL_BYTES_MAX && lookup::is_exact_name(text)
}

/// Reads trimmed text: a code, a name as a whole, or parts.
fn read_in(text: &str, context: &ColumnContext) -> Result<Recognized, Doubt> {
    codes::read(text, context).unwrap_or_else(|| {
        let keys = keys(text);
        read_name(text, &keys, lookup::accented_spelling(&keys), context)
    })
}

/// Reads trimmed text that is no code, with its keys and what the table says of its accents.
fn read_name(
    text: &str,
    keys: &Keys,
    spelling: Option<u8>,
    context: &ColumnContext,
) -> Result<Recognized, Doubt> {
    lookup::name_of(text, keys, spelling)
        .or_else(|| context.rare_names.then(|| lookup::rare_name(keys).map(Ok)).flatten())
        .or_else(|| parts::read(text, keys, context))
        .unwrap_or(Err(Doubt::NotACountry))
}

/// Reads a cell that is not ASCII. Signs and accented letters may be the remains of a wrong
/// decoding, so that is looked into before a name is accepted without its accents.
fn read_unicode(cell: &str, context: &ColumnContext) -> Result<Recognized, Doubt> {
    let text = trim(cell);
    let keys = keys(text);
    let spelling = lookup::accented_spelling(&keys);
    if let Some(country) = spelling.and_then(Country::from_slot) {
        return Ok(Recognized::new(country, How::Name));
    }
    let repaired = repair(cell.trim_matches(|c: char| c.is_ascii_whitespace()), context);
    if let Some(country) = repaired {
        return Ok(Recognized::new(country, How::Repaired));
    }
    if text.is_empty() {
        return Err(nothing(cell));
    }
    if !keys.kinds.has(Kinds::FANCY) || !may_need_plain_form(text) {
        return codes::read(text, context)
            .unwrap_or_else(|| read_name(text, &keys, spelling, context));
    }
    if flag::has_flag(text) {
        return read_flags(text, context);
    }
    let plain = plain(text);
    let text = trim(&plain);
    read_in(text, context)
}

/// The country whose name or flag was misread as `cell`.
fn repair(cell: &str, context: &ColumnContext) -> Option<Country> {
    let evidence = lookup::evidence(cell)?;
    // Capitals go over the damage all at once: `Éthiopien` is a word, not the remains of one.
    let is_capitalized = suspect::is_capitalized(cell);
    garble::repair(cell, &evidence, |text, reading| {
        if is_capitalized && reading.case_changed && !reading.utf8 {
            return None;
        }
        lookup::exact_name(text).or_else(|| {
            let flags = flag::has_flag(text).then(|| read_flags(text, context));
            flags?.ok().map(|found| found.country)
        })
    })
}

/// The doubt about a cell without a letter or digit.
fn nothing(cell: &str) -> Doubt {
    let blank = |character: char| character.is_whitespace() || is_invisible(character);
    if cell.chars().all(blank) { Doubt::Empty } else { Doubt::Placeholder }
}

/// Flags, and what stands beside them, which must not name another country.
fn read_flags(text: &str, context: &ColumnContext) -> Result<Recognized, Doubt> {
    let (flags, rest) = flag::take_flags(text);
    let rest = trim(&rest);
    let mut countries = flags.iter().map(|&code| flag::country(code));
    let Some(first) = countries.next() else { return Err(Doubt::NotACountry) };
    let country = first.ok_or(Doubt::ReservedCode)?;
    if countries.any(|other| other != Some(country)) {
        return Err(Doubt::Ambiguous);
    }
    if rest.is_empty() {
        return Ok(Recognized::new(country, How::Flag));
    }
    match recognize(rest, context) {
        Ok(other) if other.country != country => Err(Doubt::Ambiguous),
        _ => Ok(Recognized::new(country, How::Part)),
    }
}

/// Whether `text` may hold a flag, or a character that [`plain`] changes: judged by the first bytes
/// of characters, as nearly all cells hold none of these.
fn may_need_plain_form(text: &str) -> bool {
    let mut last = 0;
    text.bytes().any(|byte| {
        let pair = (last, byte);
        last = byte;
        // The pairs start the characters about U+180E and U+3000.
        matches!(byte, 0..0x20 | 0x7F | 0xC2 | 0xCD | 0xD8 | 0xE2 | 0xEF..)
            || matches!(pair, (0xE1, 0xA0) | (0xE3, 0x80))
    })
}

/// The text with compatibility forms made plain (full-width letters) and invisible characters
/// left out.
fn plain(text: &str) -> Cow<'_, str> {
    let needed = |character: char| {
        is_invisible(character)
            || matches!(character, '\u{A0}' | '\u{2000}'..='\u{206F}' | '\u{3000}' | '\u{FF00}'..='\u{FFEF}' | '\u{1D400}'..='\u{1D7FF}' | '\u{24B6}'..='\u{24E9}')
    };
    if !text.chars().any(needed) {
        return Cow::Borrowed(text);
    }
    let plain = text.nfkc().filter(|&character| !is_invisible(character));
    Cow::Owned(
        plain.map(|character| if character.is_whitespace() { ' ' } else { character }).collect(),
    )
}

/// The text without white space, quotes, brackets and other signs at its ends.
fn trim(text: &str) -> &str {
    text.trim_matches(is_noise)
}

fn is_noise(character: char) -> bool {
    if character.is_ascii() {
        return !character.is_ascii_alphanumeric();
    }
    character.is_whitespace()
        || is_invisible(character)
        || matches!(
            character,
            '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205E}' | '«' | '»' | '´' | '¨' | '·' | '¿' | '¡'
                | '。' | '、' | '，' | '（' | '）' | '「' | '」' | '【' | '】' | '．' | '＂' | '＇'
        )
}

fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\0'..='\x08' | '\x0E'..='\x1F' | '\x7F' | '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180E}'
            | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
    )
}
