//! Numbers that are not written in plain digits, taken apart by the phone library.
//!
//! This is the only place that calls it. The differences between that port and libphonenumber's Java
//! and Python ones are levelled here: the length limit, the cuts around extensions, and one panic.

use std::sync::LazyLock;

use rlibphonenumber::{ParseError, PhoneNumber, PhoneNumberUtil};

use super::{PhoneErrorKind, Region, plans};

/// Longer texts are not phone numbers (libphonenumber's own limit, in characters).
pub(super) const NUMBER_CHARACTERS_MAX: usize = 250;

/// The phone library with the same plans. Files of plain numbers never load it.
pub(super) static PHONE_NUMBER_UTIL: LazyLock<PhoneNumberUtil> = LazyLock::new(|| {
    PhoneNumberUtil::new_for_metadata(plans::table()).expect("the regions of the table")
});

/// Takes a number apart as dialled from `region`.
pub(super) fn parse(text: &str, region: Option<Region>) -> Result<PhoneNumber, PhoneErrorKind> {
    if text.len() > NUMBER_CHARACTERS_MAX && text.chars().count() > NUMBER_CHARACTERS_MAX {
        return Err(PhoneErrorKind::TooLong);
    }
    if has_context_before_number(text) {
        return Err(PhoneErrorKind::NotANumber);
    }
    let number = PHONE_NUMBER_UTIL
        .parse_and_keep_raw_input(before_second_extension(text), region.and_then(in_library))
        .map_err(|error| error_kind(&error, region))?;
    if number.extension.as_ref().is_some_and(|extension| only_two_digits_before(text, extension)) {
        return Err(PhoneErrorKind::NotANumber);
    }
    Ok(number)
}

/// The same region as the phone library names it.
fn in_library(region: Region) -> Option<rlibphonenumber::Region> {
    rlibphonenumber::Region::from_code(region.as_str()).ok()
}

fn error_kind(error: &ParseError, region: Option<Region>) -> PhoneErrorKind {
    match error {
        ParseError::InvalidCountryCode if region.is_none() => PhoneErrorKind::NoRegion,
        ParseError::InvalidCountryCode => PhoneErrorKind::UnknownCallingCode,
        ParseError::NotANumber(_) => PhoneErrorKind::NotANumber,
        ParseError::TooShortAfterIdd | ParseError::TooShortNsn => PhoneErrorKind::TooShort,
        ParseError::TooLongNsn => PhoneErrorKind::TooLong,
    }
}
/// `;phone-context=` ahead of `tel:` is not RFC 3966, and the phone library would panic on it.
fn has_context_before_number(text: &str) -> bool {
    // Looking for one byte first is several times cheaper, and few cells hold it.
    text.contains(';')
        && text
            .find(";phone-context=")
            .is_some_and(|context| text.find("tel:").is_some_and(|scheme| scheme + 4 > context))
}

/// In libphonenumber a number of two digits has no extension; the phone library allows it one.
fn only_two_digits_before(text: &str, extension: &str) -> bool {
    let digits = |text: &str| text.chars().filter(|c| c.is_numeric()).count();
    digits(text) == digits(extension) + 2
}

/// `555-1234 x302/x2303` are two numbers: libphonenumber keeps what is before the *first* `/x`,
/// the phone library (as the C++ original) what is before the last.
fn before_second_extension(text: &str) -> &str {
    let starts_number = |c: char| c.is_numeric() || c == '+' || c == '\u{FF0B}';
    let Some(start) = text.find(starts_number) else { return text };
    let slashes = text[start..].match_indices(['/', '\\']);
    let mut second = slashes.map(|(at, _)| start + at).filter(|&at| {
        let behind = text[at + 1..].trim_start_matches(' ');
        behind.starts_with('x')
    });
    second.next().map_or(text, |at| &text[..at])
}
