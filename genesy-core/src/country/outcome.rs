//! What reading a cell gives: a country with how it was recognized, or the reason for none.

use serde::{Deserialize, Serialize};

use super::Country;

/// A country, and how the cell said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Recognized {
    /// The country.
    pub country: Country,
    /// How the cell said it.
    pub how: How,
}

impl Recognized {
    pub(super) const fn new(country: Country, how: How) -> Self {
        Self { country, how }
    }
}

/// How a cell named its country.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum How {
    /// An ISO 3166-1 alpha-2 code: in capitals or lower case, in a column of countries in any case.
    Alpha2,
    /// An ISO 3166-1 alpha-3 code.
    Alpha3,
    /// An ISO 3166-1 numeric code, in a column of such codes.
    Numeric,
    /// Another code: `UK`, `EL`, a withdrawn one, an Olympic one that clashes with nothing.
    OtherCode,
    /// A flag emoji.
    Flag,
    /// A name in some language, from CLDR.
    Name,
    /// A former, official, abbreviated or misspelled English name.
    Variant,
    /// A name or flag that was decoded with the wrong encoding, once or twice, and got repaired.
    Repaired,
    /// A name whose accented letters were lost, and that can be no other country's.
    Restored,
    /// One or more parts of the cell, which name no other country: `ES - Spain`, `es_ES`.
    Part,
}

impl How {
    /// A stable code for logs, counts and files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Alpha2 => "alpha2",
            Self::Alpha3 => "alpha3",
            Self::Numeric => "numeric",
            Self::OtherCode => "other_code",
            Self::Flag => "flag",
            Self::Name => "name",
            Self::Variant => "variant",
            Self::Repaired => "repaired",
            Self::Restored => "restored",
            Self::Part => "part",
        }
    }
}

/// Why a cell gives no country.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Doubt {
    /// Nothing but white space.
    Empty,
    /// A word or sign for "no value": `N/A`, `-`, `Unknown`, `XXX`.
    Placeholder,
    /// Several countries fit, or the cell names more than one.
    Ambiguous,
    /// A state that no longer exists and has several successors, such as Yugoslavia.
    Dissolved,
    /// A number, in a column that is not one of ISO numeric codes.
    NumberInTextColumn,
    /// A code that ISO 3166-1 reserves or leaves to users (`EU`, `XX`, `ZZ`), or such an area.
    ReservedCode,
    /// A two-letter code in a column whose codes are not those of countries, such as US states.
    CodeInOtherColumn,
    /// Not the name or code of a country: a city, a nationality, a state, a person, anything.
    NotACountry,
}

impl Doubt {
    /// A stable code for logs, counts and files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Placeholder => "placeholder",
            Self::Ambiguous => "ambiguous",
            Self::Dissolved => "dissolved",
            Self::NumberInTextColumn => "number_in_text_column",
            Self::ReservedCode => "reserved_code",
            Self::CodeInOtherColumn => "code_in_other_column",
            Self::NotACountry => "not_a_country",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Doubt, How};

    #[test]
    fn codes_are_those_of_serde() {
        for how in [How::Alpha2, How::OtherCode, How::Repaired, How::Restored, How::Part] {
            let json = serde_json::to_string(&how).expect("a string");
            assert_eq!(json, format!("\"{}\"", how.as_str()));
        }
        for doubt in
            [Doubt::Empty, Doubt::NumberInTextColumn, Doubt::CodeInOtherColumn, Doubt::NotACountry]
        {
            let json = serde_json::to_string(&doubt).expect("a string");
            assert_eq!(json, format!("\"{}\"", doubt.as_str()));
        }
    }
}
