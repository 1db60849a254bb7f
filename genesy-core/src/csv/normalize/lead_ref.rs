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
use crate::csv::read::Span;
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
        self.name(self.values.first_name)
    }

    /// Family names.
    pub fn last_name(&self) -> Option<&'r str> {
        self.name(self.values.last_name)
    }

    /// The e-mail address.
    #[inline]
    pub fn email(&self) -> Option<AddressRef<'r>> {
        Some(self.address(self.values.email?))
    }

    /// Further addresses, of the same cell or of other columns.
    pub fn other_emails(&self) -> impl ExactSizeIterator<Item = AddressRef<'r>> {
        self.values.other_emails.iter().map(|&place| self.address(place))
    }

    /// The job title.
    pub fn job_title(&self) -> Option<&'r str> {
        self.text(self.values.job_title)
    }

    /// The country.
    pub const fn country(&self) -> Option<Country> {
        self.values.country
    }

    /// The company's name.
    pub fn company_name(&self) -> Option<&'r str> {
        self.text(self.values.company_name)
    }

    /// The company's website.
    pub fn company_website(&self) -> Option<WebsiteRef<'r>> {
        WebsiteRef::parse(self.text(self.values.company_website)?).ok()
    }

    /// The first phone number, if its cell could be read as one.
    pub fn phone(&self) -> Option<&'r Phone> {
        self.phones().first().filter(|phone| phone.e164.is_some())
    }

    /// The phone numbers, in order. A cell that could not be read as one is kept among them,
    /// without an E.164 form.
    pub fn phones(&self) -> &'r [Phone] {
        &self.values.phones
    }

    /// Years in the role, parts of a year as a fraction.
    pub const fn years_in_role(&self) -> Option<f32> {
        self.values.years_in_role
    }

    /// The address of the LinkedIn profile, as entered.
    pub fn linkedin_url(&self) -> Option<&'r str> {
        self.text(self.values.linkedin_url)
    }

    /// The cells that no field holds: those of further columns, those behind the last column, a
    /// full name that is more than first and last name, and phones that are not read. Each with its
    /// column, counted from 0.
    pub fn extra(&self) -> impl Iterator<Item = (usize, &'r str)> {
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

    #[inline]
    fn text(&self, span: Span) -> Option<&'r str> {
        Some(self.cells.text(span)).filter(|text| !text.is_empty())
    }

    #[inline]
    fn name(&self, span: Span) -> Option<&'r str> {
        match &self.values.split_name {
            None => self.text(span),
            Some(split) => split.get(span.start()..span.end()).filter(|name| !name.is_empty()),
        }
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
