//! From the digits of a number to its calling code and national number, as libphonenumber parts them.
//!
//! The steps and their order are those of its `parse`: the international prefix, the calling code of
//! the reading region written without a sign, the national prefix.

use super::digits::Digits;
use super::numbering::{LengthVerdict, NATIONAL_DIGITS_MAX, Numbering};
use super::plans::PLANS;
use super::{PhoneErrorKind, Region};

/// Fewer digits are no number.
const NATIONAL_DIGITS_MIN: usize = 2;

/// A number in its parts.
pub(super) struct Number {
    pub(super) numbering: &'static Numbering,
    pub(super) national: Digits,
    /// The number carries a `+` or the international prefix of the reading region.
    pub(super) international: bool,
}

/// Parts digits behind a `+` or an international prefix.
pub(super) fn international(digits: &Digits) -> Result<Number, PhoneErrorKind> {
    if digits.len() <= NATIONAL_DIGITS_MIN {
        return Err(PhoneErrorKind::TooShort);
    }
    let (numbering, length) =
        PLANS.calling_code(digits).ok_or(PhoneErrorKind::UnknownCallingCode)?;
    number(numbering, 0, digits.from(length), true)
}

/// Parts digits as they are dialled in `region`.
pub(super) fn national(digits: &Digits, region: Region) -> Result<Number, PhoneErrorKind> {
    let (numbering, place) = PLANS.of_region(region).ok_or(PhoneErrorKind::NoRegion)?;
    let prefix = numbering.international_prefix(place).and_then(|prefix| prefix.find(digits));
    // No calling code begins with a zero, so a zero behind the prefix means that it is none.
    if let Some(prefix) = prefix.filter(|prefix| digits.get(prefix.end) != Some(&0)) {
        return international(&digits.from(prefix.end));
    }
    match without_calling_code(numbering, place, digits) {
        Some(rest) => number(numbering, 0, rest, false),
        None => number(numbering, place, *digits, false),
    }
}

/// The digits behind the region's own calling code, if they make a better number.
fn without_calling_code(numbering: &Numbering, place: usize, digits: &Digits) -> Option<Digits> {
    let code = Digits::from_number(0, u64::from(numbering.calling_code))?;
    if !digits.starts_with(&code) {
        return None;
    }
    let rest = without_national_prefix(numbering, place, digits.from(code.len()));
    let is_better = !numbering.is_general(place, digits) && numbering.is_general(place, &rest);
    let is_too_long =
        numbering.regions[place].length_verdict(digits.len()) == LengthVerdict::TooLong;
    (is_better || is_too_long).then_some(rest)
}

/// The number with what is left behind the national prefix.
fn number(
    numbering: &'static Numbering,
    place: usize,
    mut digits: Digits,
    international: bool,
) -> Result<Number, PhoneErrorKind> {
    if digits.len() < NATIONAL_DIGITS_MIN {
        return Err(PhoneErrorKind::TooShort);
    }
    let rest = without_national_prefix(numbering, place, digits);
    match numbering.regions[place].length_verdict(rest.len()) {
        LengthVerdict::Possible | LengthVerdict::TooLong => digits = rest,
        // The number could be a short one, so nothing is cut off it.
        LengthVerdict::LocalOnly | LengthVerdict::TooShort | LengthVerdict::Invalid => {}
    }
    match digits.len() {
        0..NATIONAL_DIGITS_MIN => Err(PhoneErrorKind::TooShort),
        NATIONAL_DIGITS_MIN..=NATIONAL_DIGITS_MAX => {
            Ok(Number { numbering, national: digits, international })
        }
        _ => Err(PhoneErrorKind::TooLong),
    }
}

/// Cuts the national prefix and the carrier's code off, unless the number fits its plan with them only.
fn without_national_prefix(numbering: &Numbering, place: usize, digits: Digits) -> Digits {
    let Some(prefix) = numbering.national_prefix(place) else { return digits };
    let Some(found) = prefix.find(&digits) else { return digits };
    let transform = numbering.regions[place].transform.as_str();
    let is_filled = |group: Option<(usize, usize)>| group.is_some_and(|(start, end)| start < end);
    let [first, second] = found.groups;
    let transforms = !transform.is_empty()
        && first.is_some()
        && (is_filled(second) || is_filled(first) && second.is_none());
    let rest = match transforms {
        true => transformed(&digits, found.end, transform, [first, second]).unwrap_or(digits),
        false => digits.from(found.end),
    };
    let fits_with_it_only =
        numbering.is_general(place, &digits) && !numbering.is_general(place, &rest);
    if fits_with_it_only { digits } else { rest }
}

/// The digits with their prefix, up to `end`, replaced: `$1` and `$2` stand for its groups.
fn transformed(
    digits: &Digits,
    end: usize,
    transform: &str,
    groups: [Option<(usize, usize)>; 2],
) -> Option<Digits> {
    let mut replaced = Digits::default();
    let mut symbols = transform.bytes();
    while let Some(symbol) = symbols.next() {
        let added = match symbol {
            b'$' => {
                let group = groups.get(usize::from(symbols.next()?.checked_sub(b'1')?))?;
                let (start, end) = group.unwrap_or_default();
                replaced.extend(digits[start..end].iter().copied())
            }
            digit => replaced.push(digit.checked_sub(b'0').filter(|digit| *digit < 10)?),
        };
        if !added {
            return None;
        }
    }
    replaced.extend(digits[end..].iter().copied()).then_some(replaced)
}
