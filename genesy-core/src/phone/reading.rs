//! One number read by the rules and the metadata of Google's libphonenumber.
//!
//! This is the only place that calls the phone library. What it returns for a text and a region is
//! what libphonenumber's Java and Python ports return, so the differences of the underlying port
//! are levelled here: the length limit, the cuts around extensions, and one panic.

use rlibphonenumber::{
    CountryCodeSource, ParseError, PhoneNumber, PhoneNumberType, Region as PlanRegion,
};

use super::plans::PHONE_NUMBER_UTIL;
use super::{E164, LineType, PhoneErrorKind, Region};

/// Longer texts are not phone numbers (libphonenumber's own limit, in characters).
pub(super) const NUMBER_CHARACTERS_MAX: usize = 250;

/// What libphonenumber makes of one number.
pub(super) struct Reading {
    pub(super) e164: E164,
    pub(super) extension: Option<String>,
    pub(super) possible: bool,
    pub(super) line_type: LineType,
    /// The region of the number itself if it was dialled internationally, else the reading region.
    pub(super) region: Option<Region>,
    /// The number carries a `+` or the international prefix of the reading region.
    pub(super) international: bool,
}

impl Reading {
    /// A number is valid exactly when its type is known.
    pub(super) fn valid(&self) -> bool {
        self.line_type != LineType::Unknown
    }
}

/// Reads one number as dialled from `region`.
pub(super) fn read(text: &str, region: Option<Region>) -> Result<Reading, PhoneErrorKind> {
    if text.len() > NUMBER_CHARACTERS_MAX && text.chars().count() > NUMBER_CHARACTERS_MAX {
        return Err(PhoneErrorKind::TooLong);
    }
    if has_context_before_number(text) {
        return Err(PhoneErrorKind::NotANumber);
    }
    let number = PHONE_NUMBER_UTIL
        .parse_and_keep_raw_input(before_second_extension(text), region.and_then(Region::plan))
        .map_err(|error| error_kind(&error, region))?;
    if number.extension.as_ref().is_some_and(|extension| only_two_digits_before(text, extension)) {
        return Err(PhoneErrorKind::NotANumber);
    }
    describe(number, region)
}

fn describe(number: PhoneNumber, region: Option<Region>) -> Result<Reading, PhoneErrorKind> {
    let line_type = line_type(PHONE_NUMBER_UTIL.get_number_type(&number));
    let international = matches!(
        number.country_code_source(),
        CountryCodeSource::FromNumberWithPlusSign | CountryCodeSource::FromNumberWithIdd
    );
    let region = match international {
        true => region_of(&number, line_type != LineType::Unknown),
        false => region,
    };
    Ok(Reading {
        e164: e164(&number).ok_or(PhoneErrorKind::TooLong)?,
        possible: PHONE_NUMBER_UTIL.is_possible_number(&number),
        line_type,
        region,
        international,
        extension: number.extension.filter(|extension| !extension.is_empty()),
    })
}

fn e164(number: &PhoneNumber) -> Option<E164> {
    let zeros = match number.italian_leading_zero() {
        true => usize::try_from(number.number_of_leading_zeros()).unwrap_or(0),
        false => 0,
    };
    E164::from_parts(u16::try_from(number.country_code).ok()?, zeros, number.national_number)
}

/// The region that a number dialled internationally belongs to. Where several share a calling code
/// (+1, +7, +44) only a valid number tells, and the main region stands for the others.
fn region_of(number: &PhoneNumber, valid: bool) -> Option<Region> {
    let mut sharing =
        PHONE_NUMBER_UTIL.get_regions_for_country_calling_code(number.country_code)?;
    let shared = sharing.len() > 1;
    let main = sharing.next();
    let region: Option<PlanRegion> = match valid && shared {
        true => PHONE_NUMBER_UTIL.get_region_for_number(number),
        false => main,
    };
    region.and_then(Region::from_plan)
}

fn line_type(of: PhoneNumberType) -> LineType {
    match of {
        PhoneNumberType::Mobile => LineType::Mobile,
        PhoneNumberType::FixedLine => LineType::FixedLine,
        PhoneNumberType::FixedLineOrMobile => LineType::FixedLineOrMobile,
        PhoneNumberType::TollFree => LineType::TollFree,
        PhoneNumberType::PremiumRate => LineType::PremiumRate,
        PhoneNumberType::SharedCost => LineType::SharedCost,
        PhoneNumberType::VoIP => LineType::Voip,
        PhoneNumberType::PersonalNumber => LineType::PersonalNumber,
        PhoneNumberType::Pager => LineType::Pager,
        PhoneNumberType::UAN => LineType::Uan,
        PhoneNumberType::VoiceMail => LineType::Voicemail,
        PhoneNumberType::Unknown => LineType::Unknown,
    }
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
