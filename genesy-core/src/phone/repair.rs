//! Readings that libphonenumber does not know, for numbers that it does not find valid.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{
    PhoneErrorKind, Region,
    cell::Outcome,
    reading::{self, Reading},
};

/// How a reading departs from libphonenumber's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Repair {
    /// Spaces and invisible marks that libphonenumber does not take were replaced: narrow spaces,
    /// the direction marks of numbers copied from a phone's contacts, middle dots.
    SignsReplaced,
    /// The `(0)` of `+34 (0) 612…`, dialled within the country only, was left out.
    TrunkZeroDropped,
    /// `00` or `011` was read as `+`, though the region dials abroad in another way or is unknown.
    PrefixReadAsPlus,
    /// Words behind the number (`… (office)`) were left out: libphonenumber dials their letters.
    NoteDropped,
}

/// Repairs the number of `text`, read as `own`, if that is not valid.
pub(super) fn improve(own: Outcome, text: &str, region: Option<Region>) -> Outcome {
    if own.as_ref().is_ok_and(|(reading, _)| reading.valid()) {
        return own;
    }
    let unread = own.is_err();
    let candidates = [
        (Repair::SignsReplaced, with_plain_signs(text).filter(|_| unread)),
        (Repair::TrunkZeroDropped, without_trunk_zero(text)),
        (Repair::PrefixReadAsPlus, with_plus(text)),
        (Repair::NoteDropped, without_note(text).map(Cow::Borrowed)),
    ];
    for (repair, candidate) in candidates {
        let Some(candidate) = candidate else { continue };
        let Ok(reading) = reading::read(&candidate, region) else { continue };
        if reading.valid() || enough(repair, text, own.as_ref().err(), &reading) {
            return Ok((reading, Some(repair)));
        }
    }
    own
}

/// Where libphonenumber has no reading to lose, a possible number does: for replaced signs, and for
/// `00`, the prefix that ITU-T E.164 recommends. `011` also begins numbers in Johannesburg,
/// Buenos Aires and Sheffield, so it needs a valid one.
fn enough(repair: Repair, text: &str, error: Option<&PhoneErrorKind>, reading: &Reading) -> bool {
    match repair {
        Repair::SignsReplaced => true,
        Repair::PrefixReadAsPlus => {
            error == Some(&PhoneErrorKind::NoRegion)
                && reading.possible
                && number_start(text).starts_with("00")
        }
        Repair::TrunkZeroDropped | Repair::NoteDropped => false,
    }
}

fn with_plain_signs(text: &str) -> Option<Cow<'_, str>> {
    if text.is_ascii() {
        return None;
    }
    let plain = |c: char| match c {
        '\u{200C}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => None,
        '\u{FEFF}' | '\u{00AD}' | '\u{FE0F}' => None,
        '\u{00B7}' | '\u{2022}' | '\u{2027}' | '\u{2219}' => Some('.'),
        c if c.is_whitespace() => Some(' '),
        c => Some(c),
    };
    Some(Cow::Owned(text.chars().filter_map(plain).collect()))
}

fn without_trunk_zero(text: &str) -> Option<Cow<'_, str>> {
    let at = text.find("(0)")?;
    Some(Cow::Owned(format!("{}{}", &text[..at], &text[at + "(0)".len()..])))
}

/// `00…` and `011…` with `+` in place of the prefix. North Americans also write `001…` for `+1…`.
fn with_plus(text: &str) -> Option<Cow<'_, str>> {
    let number = number_start(text);
    let rest = number.strip_prefix("011").or_else(|| number.strip_prefix("00"))?;
    Some(Cow::Owned(format!("+{}", rest.trim_start_matches(['-', ' ', '.']))))
}

fn number_start(text: &str) -> &str {
    text.trim_start_matches(|c: char| !c.is_numeric() && c != '+')
}

/// The text before a trailing note in letters, without the bracket or dash that opens the note.
fn without_note(text: &str) -> Option<&str> {
    let last_digit = text.rfind(|c: char| c.is_numeric())?;
    let end = last_digit + text[last_digit..].chars().next().map_or(0, char::len_utf8);
    text[end..].contains(char::is_alphabetic).then_some(&text[..end])
}
