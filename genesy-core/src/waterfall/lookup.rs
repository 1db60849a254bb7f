//! What is looked up: the kinds of lookup, phones first.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::lead::CountryCode;
use crate::pii::Pii;

/// A kind of lookup: what is found, and which finds are good enough.
pub trait Lookup: Send + Sync + 'static {
    /// Its name in texts, in the singular: `phone`.
    const NAME: &'static str;

    /// What a provider finds.
    type Value: Payload;

    /// What a find has to be.
    type Rule: Payload;

    /// What stored runs call `rule`, in the number that names their plan: each rule has its own, for ever.
    fn rule_identity(rule: &Self::Rule) -> &'static str;

    /// Whether `value` is what `rule` asks for.
    fn accepts(rule: &Self::Rule, value: &Self::Value) -> bool;

    /// Why `value` is not what `rule` asks for, in words, without personal data.
    fn reason_against(rule: &Self::Rule, value: &Self::Value) -> String;

    /// How sure it is that the value reaches somebody, in percent.
    fn confidence_percent(value: &Self::Value) -> u8;
}

/// What is stored and sent from one thread to another. Whatever can be is one.
pub trait Payload:
    Clone + std::fmt::Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static
{
}

impl<T> Payload for T where
    T: Clone + std::fmt::Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static
{
}

/// Lookups of phone numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhoneLookup {}

/// A phone number that a provider gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundPhone {
    /// As the provider wrote it.
    pub raw: Pii<String>,
    /// In the form of E.164, if it could be read as a number.
    pub e164: Option<Pii<String>>,
    /// What is known of it.
    pub quality: PhoneQuality,
    /// The country whose numbering plan it was read by, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_in: Option<ReadIn>,
}

/// The country whose numbering plan a phone number was read by. Serde writes it as a list of both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(CountryCode, CountrySource)", into = "(CountryCode, CountrySource)")]
pub struct ReadIn {
    /// The country.
    pub country: CountryCode,
    /// Who named it.
    pub named_by: CountrySource,
}

impl From<(CountryCode, CountrySource)> for ReadIn {
    fn from((country, named_by): (CountryCode, CountrySource)) -> Self {
        Self { country, named_by }
    }
}

impl From<ReadIn> for (CountryCode, CountrySource) {
    fn from(read_in: ReadIn) -> Self {
        (read_in.country, read_in.named_by)
    }
}

/// Who named the country of a phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CountrySource {
    /// The number itself, by its calling code.
    Number,
    /// The provider, beside the number.
    Provider,
    /// The lead.
    Lead,
    /// The caller, for numbers and leads without one.
    Default,
}

/// What the numbering plans say of a phone number, best last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PhoneQuality {
    /// It could not be read as a number of any country.
    Unreadable,
    /// It was read, and has a length that its country has no numbers of.
    Impossible,
    /// It has a length of its country's numbers.
    Possible,
    /// It is of a range that is assigned.
    Valid,
    /// It is of a range of mobile numbers.
    Mobile,
}

/// What a phone number has to be to end the waterfall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PhoneRule {
    /// Anything.
    Any,
    /// A number of a length that its country has.
    #[default]
    Possible,
    /// A number of an assigned range.
    Valid,
    /// A number of a range of mobile numbers.
    MobileOnly,
}

impl Lookup for PhoneLookup {
    const NAME: &'static str = "phone";

    type Value = FoundPhone;
    type Rule = PhoneRule;

    fn rule_identity(rule: &PhoneRule) -> &'static str {
        match rule {
            PhoneRule::Any => "Any",
            PhoneRule::Possible => "Possible",
            PhoneRule::Valid => "Valid",
            PhoneRule::MobileOnly => "MobileOnly",
        }
    }

    fn accepts(rule: &PhoneRule, phone: &FoundPhone) -> bool {
        let least = match rule {
            PhoneRule::Any => PhoneQuality::Unreadable,
            PhoneRule::Possible => PhoneQuality::Possible,
            PhoneRule::Valid => PhoneQuality::Valid,
            PhoneRule::MobileOnly => PhoneQuality::Mobile,
        };
        phone.quality >= least
    }

    fn reason_against(rule: &PhoneRule, phone: &FoundPhone) -> String {
        let is = match phone.quality {
            PhoneQuality::Unreadable => "what it found cannot be read as a number",
            PhoneQuality::Impossible => {
                "its number has a length that its country has no numbers of"
            }
            PhoneQuality::Possible => "its number is possible, and of no range that is assigned",
            PhoneQuality::Valid => "its number is valid, and not known to be a mobile one",
            PhoneQuality::Mobile => "its number is a mobile one",
        };
        let asked_for = match rule {
            PhoneRule::Any => "any is taken",
            PhoneRule::Possible => "a possible one is asked for",
            PhoneRule::Valid => "a valid one is asked for",
            PhoneRule::MobileOnly => "a mobile one is asked for",
        };
        format!("{is}; {asked_for}")
    }

    fn confidence_percent(phone: &FoundPhone) -> u8 {
        match phone.quality {
            PhoneQuality::Unreadable => 5,
            PhoneQuality::Impossible => 10,
            PhoneQuality::Possible => 50,
            PhoneQuality::Valid => 80,
            PhoneQuality::Mobile => 90,
        }
    }
}
