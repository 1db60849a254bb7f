//! The lead that owns its text.

use std::fmt;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::address::EmailAddress;
use crate::country::Country;
use crate::phone::Phone;
use crate::website::Website;

/// Text of a lead: at most 24 bytes are kept without an allocation. `Debug` does not show it.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text(CompactString);

impl Text {
    /// The text itself. Never pass it to a log line or an error text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

/// The fields of a lead, each with its own text: to be changed, written and read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Lead {
    /// The row it stood in, counted from 1 without header and blank lines.
    pub row: u64,
    /// Given names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<Text>,
    /// Family names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<Text>,
    /// The e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<EmailAddress>,
    /// Further addresses, of the same cell or of other columns.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_emails: Vec<EmailAddress>,
    /// The job title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_title: Option<Text>,
    /// The country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
    /// The company's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_name: Option<Text>,
    /// The company's website.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_website: Option<Website>,
    /// The phone number, or the text of a cell that could not be read as one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// Further phone numbers, of the same cell or of other columns.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_phones: Vec<Phone>,
    /// Years in the role, parts of a year as a fraction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub years_in_role: Option<f32>,
    /// The address of the LinkedIn profile, as entered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub linkedin_url: Option<Text>,
    /// The filled cells of columns that are no field of a lead.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub extra: Vec<ExtraCell>,
}

impl Lead {
    /// Takes from `other` what this lead lacks, further addresses and numbers among it.
    pub(crate) fn merge_blanks(&mut self, other: Self) {
        fn fill<T>(mine: &mut Option<T>, other: Option<T>) {
            if mine.is_none() {
                *mine = other;
            }
        }
        fill(&mut self.first_name, other.first_name);
        fill(&mut self.last_name, other.last_name);
        let mut emails = other.other_emails;
        emails.splice(0..0, other.email);
        for email in emails {
            let is_known = |mine: &EmailAddress| mine.normal_form() == email.normal_form();
            if self.email.is_none() {
                self.email = Some(email);
            } else if !self.email.iter().chain(&self.other_emails).any(is_known) {
                self.other_emails.push(email);
            }
        }
        fill(&mut self.job_title, other.job_title);
        fill(&mut self.country, other.country);
        fill(&mut self.company_name, other.company_name);
        fill(&mut self.company_website, other.company_website);
        let mut phones = other.other_phones;
        phones.splice(0..0, other.phone);
        for phone in phones {
            let is_known = |mine: &Phone| match (&mine.e164, &phone.e164) {
                (Some(a), Some(b)) => a == b && mine.extension == phone.extension,
                _ => mine.raw == phone.raw,
            };
            let is_worse = self.phone.as_ref().is_some_and(|mine| !mine.possible) && phone.possible;
            if self.phone.is_none() {
                self.phone = Some(phone);
            } else if is_worse {
                let worse = self.phone.replace(phone);
                self.other_phones.splice(0..0, worse);
            } else if !self.phone.iter().chain(&self.other_phones).any(is_known) {
                self.other_phones.push(phone);
            }
        }
        fill(&mut self.years_in_role, other.years_in_role);
        fill(&mut self.linkedin_url, other.linkedin_url);
        for cell in other.extra {
            if !self.extra.iter().any(|mine| mine.column == cell.column) {
                self.extra.push(cell);
            }
        }
        self.extra.sort_by_key(|cell| cell.column);
    }
}

/// A cell of a column that is no field of a lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ExtraCell {
    /// The column, counted from 0.
    pub column: usize,
    /// The cell, without the white space around it.
    pub text: Text,
}
