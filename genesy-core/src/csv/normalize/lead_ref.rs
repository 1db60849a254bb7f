//! The lead of one row, borrowed from the reader.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::cells::Cells;
use super::columns::Columns;
use super::lead::{ExtraCell, Lead, Text};
use super::values::{EmailPlace, Values};
use crate::address::AddressRef;
use crate::country::Country;
use crate::csv::header::Field;
use crate::phone::Phone;
use crate::website::{Website, WebsiteRef, company_domain_from_address};

/// A lead as one row gives it: a view of the row's text, which [`Self::to_lead`] copies.
///
/// Its cells were checked when the row was read; what a method gives back is what passed.
#[derive(Clone, Copy)]
pub struct LeadRef<'r> {
    pub(super) cells: Cells<'r>,
    pub(super) columns: &'r Arc<Columns>,
    pub(super) values: &'r Values,
}

impl<'r> LeadRef<'r> {
    /// Given names.
    pub fn first_name(&self) -> Option<&'r str> {
        match &self.values.split_name {
            Some(split) => split.names.get(..split.first_end).filter(|name| !name.is_empty()),
            None => self.text(Field::FirstName, self.columns.first_name),
        }
    }

    /// Family names.
    pub fn last_name(&self) -> Option<&'r str> {
        match &self.values.split_name {
            Some(split) => split.names.get(split.first_end..).filter(|name| !name.is_empty()),
            None => self.text(Field::LastName, self.columns.last_name),
        }
    }

    /// The e-mail address.
    #[inline]
    pub fn email(&self) -> Option<AddressRef<'r>> {
        Some(self.address(self.values.email?))
    }

    /// Further addresses, of the same cell or of other columns.
    pub fn other_emails(&self) -> impl ExactSizeIterator<Item = AddressRef<'r>> + use<'r> {
        let lead = *self;
        lead.values.other_emails.iter().map(move |&place| lead.address(place))
    }

    /// The job title.
    pub fn job_title(&self) -> Option<&'r str> {
        self.text(Field::JobTitle, self.columns.job_title)
    }

    /// The country.
    pub const fn country(&self) -> Option<Country> {
        self.values.country
    }

    /// The company's name.
    pub fn company_name(&self) -> Option<&'r str> {
        self.text(Field::CompanyName, self.columns.company_name)
    }

    /// The company's website.
    pub fn company_website(&self) -> Option<WebsiteRef<'r>> {
        WebsiteRef::parse(self.website()?).ok()
    }

    /// The first phone number, if its cell could be read as one.
    pub fn phone(&self) -> Option<&'r Phone> {
        self.phones().first().filter(|phone| phone.e164.is_some())
    }

    /// The phone numbers: the first one that can be dialled, then the others in order. A cell that could not be
    /// read as one is kept among them, without an E.164 form.
    pub fn phones(&self) -> &'r [Phone] {
        &self.values.phones
    }

    /// Years in the role, parts of a year as a fraction.
    pub const fn years_in_role(&self) -> Option<f32> {
        self.values.years_in_role
    }

    /// The address of the LinkedIn profile, as entered.
    pub fn linkedin_url(&self) -> Option<&'r str> {
        self.text(Field::LinkedInUrl, self.columns.linkedin_url)
    }

    /// The cells that no field holds: those of further columns, those behind the last column, a
    /// full name that is more than first and last name, and phones that are not read. Each with its
    /// column, counted from 0.
    pub fn extra(&self) -> impl Iterator<Item = (usize, &'r str)> + use<'r> {
        let Self { cells, columns, values } = *self;
        let behind = columns.count()..cells.len();
        let full_name = values.keeps_full_name.then_some(columns.full_name);
        let phones = if values.keeps_phones { columns.phones.as_slice() } else { &[] };
        let kept = full_name.into_iter().chain(phones.iter().copied());
        let columns = columns.extra().iter().copied().chain(kept).chain(behind);
        columns
            .map(move |column| (column, cells.text(cells.trimmed(column))))
            .filter(|(_, text)| !text.is_empty())
    }

    /// The domain the company can be found under: its website's, or that of the e-mail address if
    /// it is not a free-mail provider's.
    pub fn company_domain(&self) -> Option<Cow<'r, str>> {
        match self.company_website() {
            Some(website) => website.into_company_domain(),
            None => company_domain_from_address(&self.email()?),
        }
    }

    /// The lead with its own text.
    pub fn to_lead(&self, row: u64) -> Lead {
        let text = |text: Option<&str>| text.map(Text::from);
        Lead {
            row,
            first_name: text(self.first_name()),
            last_name: text(self.last_name()),
            email: self.email().map(|address| address.to_email_address()),
            other_emails: self.other_emails().map(|address| address.to_email_address()).collect(),
            job_title: text(self.job_title()),
            country: self.country(),
            company_name: text(self.company_name()),
            company_website: self.company_website().map(Website::from),
            phone: self.phones().first().cloned(),
            other_phones: self.phones().get(1..).unwrap_or_default().to_vec(),
            years_in_role: self.years_in_role(),
            linkedin_url: text(self.linkedin_url()),
            extra: self
                .extra()
                .map(|(column, text)| ExtraCell { column, text: text.into() })
                .collect(),
        }
    }

    /// Whether there is a value of `field`; of the full name, if there is one of the first or last.
    #[inline]
    pub(super) fn has(&self, field: Field) -> bool {
        match field {
            Field::FirstName => self.first_name().is_some(),
            Field::LastName => self.last_name().is_some(),
            Field::FullName => self.first_name().is_some() || self.last_name().is_some(),
            Field::Email => self.values.email.is_some(),
            Field::JobTitle => self.job_title().is_some(),
            Field::Country => self.values.country.is_some(),
            Field::CompanyName => self.company_name().is_some(),
            Field::CompanyWebsite => self.website().is_some(),
            Field::Phone => !self.values.phones.is_empty(),
            Field::YearsInRole => self.values.years_in_role.is_some(),
            Field::LinkedInUrl => self.linkedin_url().is_some(),
        }
    }

    fn website(&self) -> Option<&'r str> {
        self.text(Field::CompanyWebsite, self.columns.company_website)
    }

    /// The text of a field's column, unless it is no value.
    #[inline]
    fn text(&self, field: Field, column: usize) -> Option<&'r str> {
        if self.values.emptied.has(field) {
            return None;
        }
        Some(self.cells.text(self.cells.trimmed(column))).filter(|text| !text.is_empty())
    }

    #[inline]
    fn address(&self, place: EmailPlace) -> AddressRef<'r> {
        AddressRef::with_shape(self.cells.text(place.span), place.shape)
    }
}

impl fmt::Debug for LeadRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeadRef").field("country", &self.country()).finish_non_exhaustive()
    }
}
