//! Telephone numbers that regulators set aside for fiction.

/// A country that has such numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Country {
    UnitedStates,
    UnitedKingdom,
    France,
    Australia,
    Sweden,
}

/// Area codes in which 555-0100 to 555-0199 are nobody's, as they are in all others.
const AREA_CODES: [u64; 10] = [202, 212, 303, 312, 404, 415, 503, 617, 702, 808];
/// The Australian ones: the digits behind 0491 57.
const AUSTRALIAN: [u64; 6] = [6, 110, 156, 157, 158, 159];

impl Country {
    pub(super) const ALL: [Self; 5] =
        [Self::UnitedStates, Self::UnitedKingdom, Self::France, Self::Australia, Self::Sweden];

    /// The country of a domain, if its end says so.
    pub(super) fn of_domain(domain: &str) -> Option<Self> {
        match domain.rsplit_once('.')?.1 {
            "uk" => Some(Self::UnitedKingdom),
            "fr" => Some(Self::France),
            "au" => Some(Self::Australia),
            "se" => Some(Self::Sweden),
            "us" => Some(Self::UnitedStates),
            _ => None,
        }
    }

    /// Alpha-2 of ISO 3166-1.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::UnitedStates => "US",
            Self::UnitedKingdom => "GB",
            Self::France => "FR",
            Self::Australia => "AU",
            Self::Sweden => "SE",
        }
    }

    /// Without its plus sign.
    pub(super) const fn calling_code(self) -> &'static str {
        match self {
            Self::UnitedStates => "1",
            Self::UnitedKingdom => "44",
            Self::France => "33",
            Self::Australia => "61",
            Self::Sweden => "46",
        }
    }

    /// How many numbers there are.
    pub(super) const fn numbers(self) -> u64 {
        match self {
            Self::UnitedStates => 100 * AREA_CODES.len() as u64,
            Self::UnitedKingdom => 1000,
            Self::France => 10_000,
            Self::Australia => AUSTRALIAN.len() as u64,
            Self::Sweden => 95,
        }
    }
}

/// A number for fiction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) country: Country,
    /// Without a leading zero, as a JSON number has it.
    pub(super) national: u64,
}

impl Number {
    /// The number of a country at `index`, which starts again behind the last one.
    pub(super) const fn new(country: Country, index: u64) -> Self {
        let index = index % country.numbers();
        let national = match country {
            Country::UnitedStates => {
                AREA_CODES[(index / 100) as usize] * 10_000_000 + 555_0100 + index % 100
            }
            Country::UnitedKingdom => 7_700_900_000 + index,
            Country::France => 639_980_000 + index,
            Country::Australia => 491_570_000 + AUSTRALIAN[index as usize],
            Country::Sweden => 701_740_605 + index,
        };
        Self { country, national }
    }

    /// All digits that are dialled within the country, and nothing else.
    pub(super) fn bare(self) -> String {
        let trunk_prefix = if self.country == Country::UnitedStates { "" } else { "0" };
        format!("{trunk_prefix}{}", self.national)
    }

    /// As people of the country write it.
    pub(super) fn formatted(self) -> String {
        let digits = self.bare();
        match self.country {
            Country::UnitedStates => {
                format!("({}) {}-{}", &digits[..3], &digits[3..6], &digits[6..])
            }
            Country::UnitedKingdom => format!("{} {}", &digits[..5], &digits[5..]),
            Country::France => format!(
                "{} {} {} {} {}",
                &digits[..2],
                &digits[2..4],
                &digits[4..6],
                &digits[6..8],
                &digits[8..]
            ),
            Country::Australia => format!("{} {} {}", &digits[..4], &digits[4..7], &digits[7..]),
            Country::Sweden => {
                format!("{}-{} {} {}", &digits[..3], &digits[3..6], &digits[6..8], &digits[8..])
            }
        }
    }

    /// With the calling code, in the form of E.164.
    pub(super) fn international(self) -> String {
        format!("+{}{}", self.country.calling_code(), self.national)
    }
}

#[cfg(test)]
mod tests {
    use genesy_core::waterfall::{FoundPhone, PhoneCountries, PhoneQuality};

    use super::{Country, Number};

    #[test]
    fn ranges_begin_and_end_where_the_regulators_say() {
        let ends = |country: Country| {
            [0, country.numbers() - 1].map(|index| Number::new(country, index).formatted())
        };
        assert_eq!(ends(Country::UnitedStates), ["(202) 555-0100", "(808) 555-0199"]);
        assert_eq!(ends(Country::UnitedKingdom), ["07700 900000", "07700 900999"]);
        assert_eq!(ends(Country::France), ["06 39 98 00 00", "06 39 98 99 99"]);
        assert_eq!(ends(Country::Australia), ["0491 570 006", "0491 570 159"]);
        assert_eq!(ends(Country::Sweden), ["070-174 06 05", "070-174 06 99"]);
    }

    #[test]
    fn all_forms_of_a_number_are_read_as_the_same() {
        for country in Country::ALL {
            for index in (0..country.numbers()).step_by(7) {
                let number = Number::new(country, index);
                let (bare, formatted) = (number.bare(), number.formatted());
                for raw in [&bare, &formatted, &number.national.to_string()] {
                    for of_provider in [country.code(), country.calling_code()] {
                        let countries = PhoneCountries {
                            of_provider: Some(of_provider),
                            ..PhoneCountries::default()
                        };
                        let found = FoundPhone::read(raw, &countries);
                        assert!(found.quality >= PhoneQuality::Possible, "{raw} {of_provider}");
                        let e164 = found.e164.expect("it is read");
                        assert_eq!(*e164.reveal(), number.international(), "{raw}");
                    }
                }
            }
        }
    }
}
