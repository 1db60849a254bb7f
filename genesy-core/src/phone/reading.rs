//! One number read by the rules and the metadata of Google's libphonenumber.
//!
//! What this returns for a text and a region is what libphonenumber's Java and Python ports return.
//! Numbers in plain digits are read here, by the plans themselves; all other texts are taken apart by
//! the phone library first.

use rlibphonenumber::{CountryCodeSource, PhoneNumber};

use super::dialling::{self, Number};
use super::digits::Digits;
use super::library::{self, NUMBER_CHARACTERS_MAX};
use super::numbering::LengthVerdict;
use super::plain::{self, Plain, Scanned};
use super::plans::PLANS;
use super::{E164, LineType, PhoneErrorKind, Region};

/// What libphonenumber makes of one number.
#[derive(Clone)]
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
    match read_plain(text, region) {
        Some(outcome) => outcome,
        None => read_any(text, region),
    }
}

/// Reads a number in plain digits, `None` for other texts.
fn read_plain(text: &str, region: Option<Region>) -> Option<Result<Reading, PhoneErrorKind>> {
    if text.len() > NUMBER_CHARACTERS_MAX {
        return None;
    }
    let Plain { plus, digits, extension } = match plain::scan(text) {
        Scanned::Plain(plain) => plain,
        Scanned::NotANumber => return Some(Err(PhoneErrorKind::NotANumber)),
        Scanned::Other => return None,
    };
    let number = match (plus, region) {
        (true, _) => dialling::international(&digits),
        (false, Some(region)) => dialling::national(&digits, region),
        (false, None) => Err(PhoneErrorKind::NoRegion),
    };
    match number {
        Ok(number) => Some(describe(&number, extension.map(str::to_owned), region)),
        // Without its sign the number may be one of the reading region yet.
        Err(PhoneErrorKind::UnknownCallingCode) if plus => None,
        Err(error) => Some(Err(error)),
    }
}

/// Reads any number, with the phone library.
fn read_any(text: &str, region: Option<Region>) -> Result<Reading, PhoneErrorKind> {
    let number = library::parse(text, region)?;
    let parts = parts(&number).ok_or(PhoneErrorKind::TooLong)?;
    describe(&parts, number.extension.filter(|extension| !extension.is_empty()), region)
}

/// The parts of what the phone library has read. The zeros belong to the national number but not to
/// its value.
fn parts(number: &PhoneNumber) -> Option<Number> {
    let zeros = match number.italian_leading_zero() {
        true => usize::try_from(number.number_of_leading_zeros()).unwrap_or(0),
        false => 0,
    };
    Some(Number {
        numbering: PLANS.numbering(usize::try_from(number.country_code).ok()?)?,
        national: Digits::from_number(zeros, number.national_number)?,
        international: matches!(
            number.country_code_source(),
            CountryCodeSource::FromNumberWithPlusSign | CountryCodeSource::FromNumberWithIdd
        ),
    })
}

fn describe(
    number: &Number,
    extension: Option<String>,
    region: Option<Region>,
) -> Result<Reading, PhoneErrorKind> {
    let Number { numbering, national, international } = number;
    let verdict = numbering.verdict(national);
    let main = numbering.regions.first();
    let length = main.map_or(LengthVerdict::Invalid, |main| main.length_verdict(national.len()));
    // Where several regions share a calling code (+1, +7, +44) only a valid number tells its own,
    // and the main region stands for the others.
    let own = match verdict.line_type {
        LineType::Unknown => main,
        _ => verdict.region.and_then(|region| numbering.regions.get(usize::from(region))),
    };
    Ok(Reading {
        e164: E164::from_digits(numbering.calling_code, national).ok_or(PhoneErrorKind::TooLong)?,
        possible: matches!(length, LengthVerdict::Possible | LengthVerdict::LocalOnly),
        line_type: verdict.line_type,
        region: if *international { own.and_then(|plan| plan.region) } else { region },
        international: *international,
        extension,
    })
}
