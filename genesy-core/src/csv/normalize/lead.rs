//! The lead: borrowed from the reader, or owned.

use std::borrow::Cow;
use std::fmt;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::cells::Cells;
use super::columns::Columns;
use crate::address::{AddressRef, EmailAddress};
use crate::country::Country;
use crate::phone::{ParsedPhone, Phone};
use crate::website::{Website, WebsiteRef, company_domain_from_address};

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

/// A phone cell: a number, or text that could not be read as one and is kept.
#[derive(Debug, Clone)]
pub(super) enum PhoneCell<'r> {
    Read(ParsedPhone<'r>),
    Unread(&'r str),
}

impl PhoneCell<'_> {
    fn to_phone(&self) -> Phone {
        match self {
            Self::Read(phone) => phone.clone().into(),
            Self::Unread(cell) => Phone::unread(cell),
        }
    }
}

/// Which columns of fields are kept beside the fields.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Kept {
    pub(super) full_name: bool,
    pub(super) phones: bool,
}

/// A lead as one row gives it, borrowed from the reader.
#[derive(Clone)]
#[non_exhaustive]
pub struct LeadRef<'r> {
    /// Given names.
    pub first_name: Option<Cow<'r, str>>,
    /// Family names.
    pub last_name: Option<Cow<'r, str>>,
    /// The e-mail address.
    pub email: Option<AddressRef<'r>>,
    /// Further addresses, of the same cell or of other columns.
    pub other_emails: Vec<AddressRef<'r>>,
    /// The job title.
    pub job_title: Option<&'r str>,
    /// The country.
    pub country: Option<Country>,
    /// The company's name.
    pub company_name: Option<&'r str>,
    /// The company's website.
    pub company_website: Option<WebsiteRef<'r>>,
    /// Years in the role, parts of a year as a fraction.
    pub years_in_role: Option<f32>,
    /// The address of the LinkedIn profile, as entered.
    pub linkedin_url: Option<&'r str>,
    pub(super) phones: Vec<PhoneCell<'r>>,
    /// Columns of fields whose text is not wholly in the lead: the full name where a part of it is
    /// no name, phones where they are not read.
    pub(super) kept: Kept,
    pub(super) cells: Cells<'r>,
    pub(super) columns: &'r Columns,
}

impl<'r> LeadRef<'r> {
    /// The first phone number, if its cell could be read as one.
    pub fn phone(&self) -> Option<&ParsedPhone<'r>> {
        match self.phones.first()? {
            PhoneCell::Read(phone) => Some(phone),
            PhoneCell::Unread(_) => None,
        }
    }

    /// The cells that no field holds: those of further columns, those behind the last column, a
    /// full name that is more than first and last name, and phones that are not read. Each with its
    /// column, counted from 0.
    pub fn extra(&self) -> impl Iterator<Item = (usize, &'r str)> + '_ {
        let behind = self.columns.count()..self.cells.len();
        let full_name = self.kept.full_name.then_some(self.columns.full_name);
        let phones = if self.kept.phones { self.columns.phones.as_slice() } else { &[] };
        let kept = full_name.into_iter().chain(phones.iter().copied());
        let columns = self.columns.extra().iter().copied().chain(kept).chain(behind);
        columns
            .map(|column| (column, self.cells.trimmed(column)))
            .filter(|(_, text)| !text.is_empty())
    }

    /// The domain the company can be found under: its website's, or that of the e-mail address if
    /// it is not a free-mail provider's.
    pub fn company_domain(&self) -> Option<Cow<'_, str>> {
        match &self.company_website {
            Some(website) => website.company_domain().map(Cow::Borrowed),
            None => company_domain_from_address(self.email.as_ref()?),
        }
    }

    /// The lead with its own text.
    pub fn to_lead(&self, row: u64) -> Lead {
        let text = |text: Option<&str>| text.map(Text::from);
        Lead {
            row,
            first_name: text(self.first_name.as_deref()),
            last_name: text(self.last_name.as_deref()),
            email: self.email.map(|address| address.to_email_address()),
            other_emails: self.other_emails.iter().map(AddressRef::to_email_address).collect(),
            job_title: text(self.job_title),
            country: self.country,
            company_name: text(self.company_name),
            company_website: self.company_website.clone().map(Website::from),
            phone: self.phones.first().map(PhoneCell::to_phone),
            other_phones: self.phones.iter().skip(1).map(PhoneCell::to_phone).collect(),
            years_in_role: self.years_in_role,
            linkedin_url: text(self.linkedin_url),
            extra: self
                .extra()
                .map(|(column, text)| ExtraCell { column, text: text.into() })
                .collect(),
        }
    }
}

impl fmt::Debug for LeadRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeadRef").field("country", &self.country).finish_non_exhaustive()
    }
}

/// A lead that owns its text.
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
    pub fn merge_blanks(&mut self, other: Self) {
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
            if self.phone.is_none() {
                self.phone = Some(phone);
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
pub struct ExtraCell {
    /// The column, counted from 0.
    pub column: usize,
    /// The cell, without the white space around it.
    pub text: Text,
}
