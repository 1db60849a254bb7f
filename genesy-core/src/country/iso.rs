//! The country itself: a position in the list of ISO 3166-1 codes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::rows::ROWS;

/// A country or territory of ISO 3166-1, or Kosovo.
///
/// It holds one of the 249 officially assigned alpha-2 codes or `XK`, and nothing else. `XK` is a
/// user-assigned code in wide use (European Commission, CLDR, banks): ISO gives Kosovo none.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country(u8);

/// One country of the list.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) alpha2: &'static str,
    pub(super) alpha3: &'static str,
    /// Zero where ISO gives none.
    pub(super) numeric: u16,
    pub(super) name: &'static str,
}

impl Country {
    /// The ISO 3166-1 alpha-2 code, in capitals.
    #[must_use]
    pub fn alpha2(self) -> &'static str {
        self.row().alpha2
    }

    /// The ISO 3166-1 alpha-3 code, in capitals. Kosovo's `XKX` is common use, not ISO.
    #[must_use]
    pub fn alpha3(self) -> &'static str {
        self.row().alpha3
    }

    /// The ISO 3166-1 numeric code, the same as the United Nations' M49. Kosovo has none.
    #[must_use]
    pub fn numeric(self) -> Option<u16> {
        Some(self.row().numeric).filter(|&numeric| numeric > 0)
    }

    /// The English name that CLDR gives.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// All countries, in the order of their alpha-2 codes.
    pub fn all() -> impl ExactSizeIterator<Item = Self> + Clone {
        (0..COUNT).map(Self)
    }

    /// The country with exactly this alpha-2 code, in capitals.
    #[must_use]
    pub fn from_alpha2(code: &str) -> Option<Self> {
        let &[first, second] = code.as_bytes() else { return None };
        Self::from_letters([first, second])
    }

    pub(super) const fn from_letters(letters: [u8; 2]) -> Option<Self> {
        let [first, second] = letters;
        if !first.is_ascii_uppercase() || !second.is_ascii_uppercase() {
            return None;
        }
        Self::from_slot(BY_ALPHA2[alpha2_slot(first, second)])
    }

    pub(super) fn from_alpha3_letters(letters: [u8; 3]) -> Option<Self> {
        let [first, second, third] = letters;
        let slots = BY_ALPHA3.get(alpha2_slot(first, second))?;
        let candidates = slots.iter().copied().take_while(|&slot| slot != NONE);
        candidates
            .filter_map(Self::from_slot)
            .find(|country| country.alpha3().as_bytes()[2] == third)
    }

    pub(super) fn from_numeric(numeric: u16) -> Option<Self> {
        Self::from_slot(*BY_NUMERIC.get(usize::from(numeric))?)
    }

    pub(super) const fn from_slot(slot: u8) -> Option<Self> {
        if slot < COUNT { Some(Self(slot)) } else { None }
    }

    fn row(self) -> &'static Row {
        &ROWS[usize::from(self.0)]
    }
}

/// Not an alpha-2 code of a country, in capitals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an ISO 3166-1 alpha-2 code in capitals")]
#[non_exhaustive]
pub struct NotAnAlpha2Code;

impl FromStr for Country {
    type Err = NotAnAlpha2Code;

    fn from_str(code: &str) -> Result<Self, NotAnAlpha2Code> {
        Self::from_alpha2(code).ok_or(NotAnAlpha2Code)
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.alpha2())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.alpha2())
    }
}

impl Serialize for Country {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.alpha2())
    }
}

impl<'de> Deserialize<'de> for Country {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Country;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an ISO 3166-1 alpha-2 code in capitals")
            }

            fn visit_str<E: de::Error>(self, code: &str) -> Result<Country, E> {
                code.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

const COUNT: u8 = ROWS.len() as u8;
const NONE: u8 = u8::MAX;
/// No two letters begin more than this many alpha-3 codes.
const ALPHA3_PER_PREFIX_MAX: usize = 8;

static BY_ALPHA2: [u8; 676] = by_alpha2();
static BY_ALPHA3: [[u8; ALPHA3_PER_PREFIX_MAX]; 676] = by_alpha3();
static BY_NUMERIC: [u8; 1000] = by_numeric();

/// Letters outside A to Z give a slot that no code has.
const fn alpha2_slot(first: u8, second: u8) -> usize {
    if !first.is_ascii_uppercase() || !second.is_ascii_uppercase() {
        return usize::MAX;
    }
    (first - b'A') as usize * 26 + (second - b'A') as usize
}

const fn by_alpha2() -> [u8; 676] {
    let mut slots = [NONE; 676];
    let mut index = 0;
    while index < ROWS.len() {
        let code = ROWS[index].alpha2.as_bytes();
        slots[alpha2_slot(code[0], code[1])] = index as u8;
        index += 1;
    }
    slots
}

const fn by_alpha3() -> [[u8; ALPHA3_PER_PREFIX_MAX]; 676] {
    let mut slots = [[NONE; ALPHA3_PER_PREFIX_MAX]; 676];
    let mut index = 0;
    while index < ROWS.len() {
        let code = ROWS[index].alpha3.as_bytes();
        let prefix = &mut slots[alpha2_slot(code[0], code[1])];
        let mut free = 0;
        while prefix[free] != NONE {
            free += 1;
        }
        prefix[free] = index as u8;
        index += 1;
    }
    slots
}

const fn by_numeric() -> [u8; 1000] {
    let mut slots = [NONE; 1000];
    let mut index = 0;
    while index < ROWS.len() {
        if ROWS[index].numeric > 0 {
            slots[ROWS[index].numeric as usize] = index as u8;
        }
        index += 1;
    }
    slots
}

#[cfg(test)]
mod tests {
    use super::Country;

    #[test]
    fn every_code_finds_its_country() {
        assert_eq!(Country::all().len(), 250);
        for country in Country::all() {
            assert_eq!(Country::from_alpha2(country.alpha2()), Some(country));
            let alpha3 = country.alpha3().as_bytes().try_into().expect("three letters");
            assert_eq!(Country::from_alpha3_letters(alpha3), Some(country));
            match country.numeric() {
                Some(numeric) => assert_eq!(Country::from_numeric(numeric), Some(country)),
                None => assert_eq!(country.alpha2(), "XK"),
            }
        }
    }

    #[test]
    fn nothing_else_is_a_country() {
        for code in ["", "E", "es", "UK", "EU", "XX", "ESP", "ñ", "É", "12"] {
            assert_eq!(Country::from_alpha2(code), None, "{code}");
            assert!(code.parse::<Country>().is_err());
        }
        assert_eq!(Country::from_numeric(0), None);
        assert_eq!(Country::from_numeric(1_000), None);
        assert_eq!(Country::from_alpha3_letters(*b"XXX"), None);
    }

    #[test]
    fn serde_takes_codes_only() {
        let spain = Country::from_alpha2("ES").expect("Spain");
        assert_eq!(serde_json::to_string(&spain).expect("a string"), "\"ES\"");
        assert_eq!(serde_json::from_str::<Country>("\"ES\"").expect("Spain"), spain);
        assert!(serde_json::from_str::<Country>("\"XX\"").is_err());
        assert!(serde_json::from_str::<Country>("7").is_err());
    }
}
