//! From a cell to its first number.

use std::borrow::Cow;

use super::{
    E164, ParsedPhone, PhoneErrorKind, RegionSource, Regions, Repair,
    reading::{self, Reading},
    repair, several,
};
use crate::pii::Pii;

/// Words that stand for a missing number, compared without case and without punctuation.
const PLACEHOLDERS: &[&str] = &[
    "na",
    "nan",
    "nil",
    "none",
    "null",
    "no",
    "nophone",
    "nonumber",
    "notavailable",
    "notapplicable",
    "notprovided",
    "missing",
    "empty",
    "unknown",
    "undefined",
    "private",
    "confidential",
    "tbd",
    "tba",
    "x",
    "xx",
    "xxx",
    "xxxx",
    "test",
    "phone",
    "mobile",
    "ninguno",
    "ninguna",
    "sintelefono",
    "nodisponible",
    "desconocido",
    "aucun",
    "inconnu",
    "keine",
    "kein",
    "unbekannt",
    "nessuno",
    "nd",
    "sconosciuto",
    "nenhum",
    "desconhecido",
    "brak",
];

/// Longer words are not compared with the placeholders.
const PLACEHOLDER_BYTES_MAX: usize = 16;

/// Exponents that a rounded phone number can have: 7 to 15 digits before the decimal point.
const ROUNDED_EXPONENTS: std::ops::RangeInclusive<usize> = 6..=14;

/// A number with how it was obtained.
pub(super) type Outcome = Result<(Reading, Option<Repair>), PhoneErrorKind>;

/// Reads the first number of `cell`.
pub(super) fn parse<'a>(
    cell: &'a str,
    regions: &Regions,
    repairs: bool,
) -> Result<ParsedPhone<'a>, PhoneErrorKind> {
    let text = spreadsheet_value(cell)?;
    let (region, source) = regions.reading();
    let own = |text: &str| reading::read(text, region).map(|reading| (reading, None));
    let whole = own(&text);
    let (mut outcome, mut rest) = several::first_number(&text, whole.clone(), &own);
    if repairs && !outcome.as_ref().is_ok_and(|(reading, _)| reading.valid()) {
        let repaired = |text: &str| repair::improve(own(text), text, region);
        let whole = repair::improve(whole, &text, region);
        (outcome, rest) = several::first_number(&text, whole, &repaired);
    }
    let (reading, repair) = outcome?;
    Ok(ParsedPhone {
        raw: Pii::new(cell),
        e164: Pii::<E164>::new(reading.e164),
        possible: reading.possible,
        valid: reading.valid(),
        line_type: reading.line_type,
        region_used: reading.region,
        region_source: match reading.international {
            true => RegionSource::InternationalPrefix,
            false => source,
        },
        extension: reading.extension.map(Pii::new),
        repair,
        rest: rest.and_then(|length| {
            // The rest is the end of the text, and a text with a rest ends as the cell does.
            let cell = cell.trim_end();
            cell.get(cell.len().checked_sub(length)?..).map(Pii::new)
        }),
    })
}

/// Undoes what spreadsheets do to numbers, and refuses what holds none.
fn spreadsheet_value(cell: &str) -> Result<Cow<'_, str>, PhoneErrorKind> {
    let text = cell.trim();
    let bytes = text.as_bytes();
    if text.is_empty() {
        return Err(PhoneErrorKind::Empty);
    }
    // Digits of other scripts are digits too, and their zeros as little a number as ours.
    let digits = match text.is_ascii() {
        true => Digits::of(bytes.iter().map(|&byte| char::from(byte))),
        false => Digits::of(text.chars()),
    };
    match digits {
        Digits::None => return Err(without_digits(text)),
        Digits::Zeros if !text.contains(char::is_alphabetic) => {
            return Err(PhoneErrorKind::Placeholder);
        }
        Digits::Zeros | Digits::Some => {}
    }
    let number = text.trim_start_matches('\'');
    if let Some(mantissa) = scientific(number)? {
        return Ok(Cow::Owned(mantissa));
    }
    Ok(Cow::Borrowed(without_decimal_zero(number)))
}

/// Which digits a text has.
enum Digits {
    None,
    Zeros,
    Some,
}

impl Digits {
    fn of(characters: impl Iterator<Item = char>) -> Self {
        let mut found = Self::None;
        for c in characters.filter(|c| c.is_numeric()) {
            // The zeros of the scripts in which phone numbers are written, see Unicode's Nd.
            match c {
                '0' | '\u{0660}' | '\u{06F0}' | '\u{0966}' | '\u{FF10}' => found = Self::Zeros,
                _ => return Self::Some,
            }
        }
        found
    }
}

/// Text without digits: a placeholder, or something that is no number.
fn without_digits(text: &str) -> PhoneErrorKind {
    let mut word = String::new();
    for c in text.chars().filter(|c| c.is_alphabetic()) {
        if word.len() > PLACEHOLDER_BYTES_MAX {
            return PhoneErrorKind::NotANumber;
        }
        word.extend(c.to_lowercase());
    }
    match word.is_empty() || PLACEHOLDERS.contains(&word.as_str()) {
        true => PhoneErrorKind::Placeholder,
        false => PhoneErrorKind::NotANumber,
    }
}

/// The digits of a number in scientific notation, if it still has them all.
fn scientific(text: &str) -> Result<Option<String>, PhoneErrorKind> {
    let Some(sign) = memchr::memchr2(b'E', b'e', text.as_bytes()) else { return Ok(None) };
    let (mantissa, exponent) = (&text[..sign], &text[sign + 1..]);
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    let (whole, decimals) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
    let only_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent = match exponent.len() {
        1 | 2 if only_digits(exponent) => exponent.parse::<usize>().unwrap_or(0),
        _ => return Ok(None),
    };
    if whole.len() != 1
        || !only_digits(whole)
        || !only_digits(decimals)
        || !ROUNDED_EXPONENTS.contains(&exponent)
    {
        return Ok(None);
    }
    match decimals.len() == exponent {
        true => Ok(Some(format!("{whole}{decimals}"))),
        false => Err(PhoneErrorKind::PrecisionLost),
    }
}

/// Drops the `.0` that a number column leaves behind a bare integer.
fn without_decimal_zero(text: &str) -> &str {
    let Some(integer) = text.strip_suffix(".0") else { return text };
    let digits = integer.strip_prefix('+').unwrap_or(integer);
    let bare = digits.len() >= several::NUMBER_DIGITS_MIN
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    if bare { integer } else { text }
}
