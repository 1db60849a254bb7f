//! What a machine must know of a lead: which fields it has, never what they say.

use std::fmt;

use serde::de::{self, Deserializer};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

/// A field of a lead that a provider may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
#[non_exhaustive]
pub enum LeadField {
    /// First and last name in one.
    FullName,
    /// Given names.
    FirstName,
    /// Family names.
    LastName,
    /// The e-mail address.
    Email,
    /// The job title.
    JobTitle,
    /// The company's name.
    CompanyName,
    /// The company's website: its column's, or the domain of a company's e-mail address.
    CompanyWebsite,
    /// The country, as ISO 3166-1 alpha-2.
    Country,
    /// The address of the LinkedIn profile.
    LinkedinUrl,
}

impl LeadField {
    /// All fields, in their order.
    pub const ALL: &'static [Self] = &[
        Self::FullName,
        Self::FirstName,
        Self::LastName,
        Self::Email,
        Self::JobTitle,
        Self::CompanyName,
        Self::CompanyWebsite,
        Self::Country,
        Self::LinkedinUrl,
    ];

    /// The name that serde and definitions of providers write.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FullName => "full_name",
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::Email => "email",
            Self::JobTitle => "job_title",
            Self::CompanyName => "company_name",
            Self::CompanyWebsite => "company_website",
            Self::Country => "country",
            Self::LinkedinUrl => "linkedin_url",
        }
    }
}

impl fmt::Display for LeadField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of fields. Serde writes the list of their names.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeadFields(u16);

impl LeadFields {
    /// No field.
    pub const NONE: Self = Self(0);

    /// The fields of a list.
    pub const fn of(fields: &[LeadField]) -> Self {
        let mut bits = 0;
        let mut index = 0;
        while index < fields.len() {
            bits |= 1 << fields[index] as u8;
            index += 1;
        }
        Self(bits)
    }

    /// Adds a field.
    pub const fn insert(&mut self, field: LeadField) {
        self.0 |= 1 << field as u8;
    }

    /// Whether it has a field.
    pub const fn contains(self, field: LeadField) -> bool {
        self.0 >> field as u8 & 1 == 1
    }

    /// Whether it has none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those that `other` has not.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Those that `other` has too.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Its fields, in their order.
    pub fn iter(self) -> impl Iterator<Item = LeadField> {
        LeadField::ALL.iter().copied().filter(move |field| self.contains(*field))
    }
}

impl fmt::Debug for LeadFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl fmt::Display for LeadFields {
    /// Their names, with commas.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, field) in self.iter().enumerate() {
            write!(f, "{}{field}", if place == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

impl Serialize for LeadFields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for LeadFields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let list = Vec::<LeadField>::deserialize(deserializer)?;
        Ok(Self::of(&list))
    }
}

/// A country as ISO 3166-1 alpha-2 writes it: two capital letters. Which ones are assigned is not
/// known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CountryCode([u8; 2]);

impl CountryCode {
    /// The code that two ASCII letters of either case write; nothing for any other text.
    pub fn new(code: &str) -> Option<Self> {
        let code: [u8; 2] = code.as_bytes().try_into().ok()?;
        code.iter().all(u8::is_ascii_alphabetic).then(|| Self(code.map(|b| b.to_ascii_uppercase())))
    }

    /// Its two letters in ASCII.
    pub(super) const fn letters(self) -> [u8; 2] {
        self.0
    }

    /// Its two letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl Serialize for CountryCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for CountryCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::new(&code).ok_or_else(|| de::Error::custom("a country is two letters of ISO 3166-1"))
    }
}

/// What a [`Waterfall`](super::Waterfall) knows of its lead.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LeadFacts {
    /// The fields it has. Serde writes the bits of a number, in the order of [`LeadField::ALL`].
    #[serde(with = "bits")]
    pub fields: LeadFields,
    /// Its country.
    pub country: Option<CountryCode>,
    /// It has what is looked up already.
    pub is_known: bool,
    /// What was found out about its e-mail address.
    #[serde(default, skip_serializing_if = "EmailState::is_unverified")]
    pub email: EmailState,
}

/// What was found out about a lead's e-mail address.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum EmailState {
    /// Nobody verified it.
    #[default]
    Unverified,
    /// Mail arrives.
    Deliverable,
    /// Mail may arrive.
    Risky,
    /// It was verified, and nothing sure was found out.
    Unknown,
    /// Mail does not arrive.
    Undeliverable,
}

impl EmailState {
    const fn is_unverified(&self) -> bool {
        matches!(self, Self::Unverified)
    }
}

/// What a step asks of the e-mail address that its provider is given.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum EmailNeed {
    /// Nothing.
    #[default]
    Any,
    /// It must not be known to be undeliverable: who has an address that is none is not found by it.
    NotUndeliverable,
    /// It must be known to be deliverable.
    Deliverable,
}

impl EmailNeed {
    /// Whether an address in this state will do.
    pub(crate) const fn is_met_by(self, state: EmailState) -> bool {
        match self {
            Self::Any => true,
            Self::NotUndeliverable => !matches!(state, EmailState::Undeliverable),
            Self::Deliverable => matches!(state, EmailState::Deliverable),
        }
    }
}

#[cfg(feature = "verification")]
impl From<crate::verification::Verdict> for EmailState {
    fn from(verdict: crate::verification::Verdict) -> Self {
        use crate::verification::Verdict;
        match verdict {
            Verdict::Deliverable => Self::Deliverable,
            Verdict::Undeliverable => Self::Undeliverable,
            Verdict::Risky => Self::Risky,
            Verdict::Unknown => Self::Unknown,
        }
    }
}

/// A set of fields as a number: facts are stored with each step of a run.
mod bits {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::LeadFields;

    pub(super) fn serialize<S: Serializer>(of: &LeadFields, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u16(of.0)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<LeadFields, D::Error> {
        u16::deserialize(from).map(LeadFields)
    }
}

#[cfg(test)]
mod tests {
    use super::{CountryCode, LeadField, LeadFields};

    #[test]
    fn names_are_those_that_serde_writes() {
        for &field in LeadField::ALL {
            let json = serde_json::to_string(&field).unwrap();
            assert_eq!(json, format!("\"{}\"", field.name()));
        }
        let fields = LeadFields::of(&[LeadField::Email, LeadField::FullName]);
        let json = serde_json::to_string(&fields).unwrap();
        assert_eq!(json, r#"["full_name","email"]"#);
        assert_eq!(serde_json::from_str::<LeadFields>(&json).unwrap(), fields);
        assert!(serde_json::from_str::<LeadFields>(r#"["mail"]"#).is_err());
    }

    #[test]
    fn a_country_is_two_letters() {
        assert_eq!(CountryCode::new("es").unwrap().as_str(), "ES");
        assert!(["", "E", "ESP", "12", "é"].iter().all(|code| CountryCode::new(code).is_none()));
    }
}
