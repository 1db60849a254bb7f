//! From cells to the typed fields of a lead.

use std::sync::Arc;

use super::batch::BatchRow;
use super::cells::Cells;
use super::columns::{Columns, NONE};
use super::issue::IssueCode;
use super::lead_ref::LeadRef;
use super::memos::Memos;
use super::options::{FieldSet, Options, PhoneReading};
use super::placeholder::is_placeholder;
use super::row::Report;
use super::understanding::Understanding;
use super::values::{EmailPlace, SplitName, Values};
use crate::address::{self, AddressRef};
use crate::country::{ColumnContext, Country, Doubt, How, Recognized};
use crate::csv::header::Field;
use crate::csv::years::parse_years;
use crate::person_name::split_full_name;
use crate::phone::{ParsedPhone, Phone, PhoneErrorKind, Region, Regions};
use crate::pii::Pii;
use crate::website::{WebsiteRef, linkedin_profile};

/// Phone numbers and addresses that one lead can have beside the first.
const OTHERS_MAX: usize = 16;

/// Reads fields row by row.
#[derive(Debug)]
pub(super) struct FieldReader {
    pub(super) columns: Arc<Columns>,
    pub(super) context: ColumnContext,
    phones: PhoneReading,
    default_region: Option<Region>,
    values: Values,
}

impl FieldReader {
    pub(super) fn new(understanding: &Understanding, options: &Options) -> Self {
        Self {
            columns: Arc::new(Columns::new(&understanding.mapping)),
            context: understanding.country_column,
            phones: options.phones,
            default_region: options.default_country.and_then(|c| Region::new(c.alpha2())),
            values: Values {
                keeps_phones: options.phones == PhoneReading::Skip,
                ..Values::default()
            },
        }
    }

    pub(super) fn columns(&self) -> &Columns {
        &self.columns
    }

    /// The lead that was read last, from these cells.
    #[inline(always)]
    pub(super) const fn lead<'r>(&'r self, cells: Cells<'r>) -> LeadRef<'r> {
        LeadRef { cells, columns: &self.columns, values: &self.values }
    }

    /// Takes the values of a row that its batch told.
    #[inline(always)]
    pub(super) fn take(&mut self, row: &BatchRow) {
        let values = &mut self.values;
        values.emptied = FieldSet::default();
        values.other_emails.clear();
        values.email = row.email;
        values.country = row.country;
        values.years_in_role = row.years_in_role;
    }

    /// Reads the fields of a row that are in doubt.
    pub(super) fn read(
        &mut self,
        doubts: FieldSet,
        cells: &Cells<'_>,
        memos: &mut Memos,
        report: &mut Report<'_, '_>,
    ) {
        let (columns, values) = (&self.columns, &mut self.values);
        if doubts.has(Field::Email) {
            values.email = None;
            for &column in &columns.emails {
                emails(cells, column, values, report);
            }
        }
        for (field, column) in [
            (Field::FirstName, columns.first_name),
            (Field::LastName, columns.last_name),
            (Field::JobTitle, columns.job_title),
            (Field::CompanyName, columns.company_name),
        ] {
            if doubts.has(field) && text(cells, column, report).is_none() {
                values.emptied.add(field);
            }
        }
        if doubts.has(Field::LinkedInUrl) && !is_profile(cells, columns.linkedin_url, report) {
            values.emptied.add(Field::LinkedInUrl);
        }
        if doubts.has(Field::YearsInRole) {
            values.years_in_role = years(cells, columns.years_in_role, report);
        }
        if doubts.has(Field::Country) {
            values.country = None;
            let country = cells.text(cells.trimmed(columns.country));
            if !country.is_empty() {
                let found = memos.countries.recognize(country, &self.context);
                values.country = checked_country(found, cells, columns.country, report);
            }
        }
        if doubts.has(Field::CompanyWebsite) {
            let column = columns.company_website;
            let website = cells.text(cells.trimmed(column));
            if let Err(code) = memos.websites.get_alone(website, check_website) {
                values.emptied.add(Field::CompanyWebsite);
                report.cell(code, column, cells.get(column));
            }
        }
    }

    /// Whether there are columns that neither [`Self::take`] nor [`Self::read`] looks at.
    #[inline(always)]
    pub(super) fn has_rest(&self) -> bool {
        let has_phones = !self.columns.phones.is_empty() && self.phones != PhoneReading::Skip;
        has_phones || self.columns.full_name != NONE
    }

    /// Reads them: a full name and phones.
    pub(super) fn read_rest(&mut self, cells: &Cells<'_>, report: &mut Report<'_, '_>) {
        if self.columns.full_name != NONE {
            full_name(cells, &self.columns, &mut self.values, report);
        }
        if !self.columns.phones.is_empty() && self.phones != PhoneReading::Skip {
            self.read_phones(cells, report);
        }
    }

    /// Reads the phones, by the lead's country.
    fn read_phones(&mut self, cells: &Cells<'_>, report: &mut Report<'_, '_>) {
        let values = &mut self.values;
        values.phones.clear();
        let lead_region = values.country.and_then(|country| Region::new(country.alpha2()));
        let regions = Regions { lead: lead_region, default: self.default_region };
        for &column in &self.columns.phones {
            phones(cells, column, self.phones, &regions, values, report);
        }
        // What can be dialled comes first: "ask reception" must not hide the mobile's column.
        let phones = &mut values.phones;
        let best = phones.iter().position(|phone| phone.possible);
        let best = best.or_else(|| phones.iter().position(|phone| phone.e164.is_some()));
        if let Some(best) = best {
            phones[..=best].rotate_right(1);
        }
    }
}

fn checked_country(
    found: Result<Recognized, Doubt>,
    cells: &Cells<'_>,
    column: usize,
    report: &mut Report<'_, '_>,
) -> Option<Country> {
    match found {
        Ok(found) if !is_interpreted(found.how) => Some(found.country),
        Ok(found) => {
            report.cell(IssueCode::CountryInterpreted, column, cells.get(column));
            Some(found.country)
        }
        Err(doubt) => {
            if let Some(code) = country_issue(doubt) {
                report.cell(code, column, cells.get(column));
            }
            None
        }
    }
}

/// Whether the writer of the cell may be surprised.
pub(super) const fn is_interpreted(how: How) -> bool {
    matches!(how, How::Repaired | How::Restored | How::Part)
}

const fn country_issue(doubt: Doubt) -> Option<IssueCode> {
    Some(match doubt {
        Doubt::Empty => return None,
        Doubt::Placeholder => IssueCode::CountryPlaceholder,
        Doubt::Ambiguous => IssueCode::CountryAmbiguous,
        Doubt::Dissolved => IssueCode::CountryDissolved,
        Doubt::NumberInTextColumn => IssueCode::CountryNumber,
        Doubt::ReservedCode => IssueCode::CountryReserved,
        Doubt::CodeInOtherColumn => IssueCode::CountryOtherCode,
        Doubt::NotACountry => IssueCode::CountryUnknown,
    })
}

/// A cell of text; nothing if it stands for a missing value.
fn text<'r>(cells: &Cells<'r>, column: usize, report: &mut Report<'_, '_>) -> Option<&'r str> {
    let cell = cells.text(cells.trimmed(column));
    if is_placeholder(cell.as_bytes()) {
        report.cell(IssueCode::PlaceholderEmptied, column, cells.get(column));
        return None;
    }
    Some(cell)
}

/// The full name: split, where first and last name have no columns, or no values there.
#[inline(never)]
fn full_name(
    cells: &Cells<'_>,
    columns: &Columns,
    values: &mut Values,
    report: &mut Report<'_, '_>,
) {
    values.split_name = None;
    values.keeps_full_name = false;
    if cells.trimmed(columns.full_name).is_empty() {
        return;
    }
    let is_there = |field, column| !values.emptied.has(field) && !cells.trimmed(column).is_empty();
    if is_there(Field::FirstName, columns.first_name)
        || is_there(Field::LastName, columns.last_name)
    {
        values.keeps_full_name = true;
        return;
    }
    let Some(full) = text(cells, columns.full_name, report) else { return };
    let split = split_full_name(full);
    if split.doubt.is_some() {
        report.cell(IssueCode::NameSplitDoubt, columns.full_name, cells.get(columns.full_name));
    }
    // A comma goes, and so do titles and degrees: the cell is kept if that is more than white space.
    values.keeps_full_name =
        !split.titles.is_empty() || !split.suffixes.is_empty() || full.contains(',');
    let first_end = split.first.len();
    let names = [split.first, split.last].concat();
    values.split_name = Some(SplitName { names, first_end });
}

/// The addresses of an e-mail cell.
fn emails(cells: &Cells<'_>, column: usize, values: &mut Values, report: &mut Report<'_, '_>) {
    let cell = cells.text(cells.trimmed(column));
    if cell.is_empty() {
        return;
    }
    let Ok(found) = address::from_cell(cell) else {
        let code = match is_placeholder(cell.as_bytes()) {
            true => IssueCode::PlaceholderEmptied,
            false => IssueCode::EmailInvalid,
        };
        report.cell(code, column, cells.get(column));
        return;
    };
    add_email(cells, found.address, values);
    if !found.cleaning.is_empty() {
        report.cell(IssueCode::EmailCleaned, column, cells.get(column));
    }
    if found.suggested_domain().is_some() {
        report.cell(IssueCode::EmailSuspicious, column, cells.get(column));
    }
    if found.others.is_empty() {
        return;
    }
    report.cell(IssueCode::EmailSeveral, column, cells.get(column));
    for address in found.others.flatten() {
        add_email(cells, address, values);
    }
}

fn add_email(cells: &Cells<'_>, address: AddressRef<'_>, values: &mut Values) {
    let place = EmailPlace { span: cells.span_of(address.as_str()), shape: address.shape() };
    if values.email.is_none() {
        values.email = Some(place);
    } else if values.other_emails.len() < OTHERS_MAX {
        values.other_emails.push(place);
    }
}

/// The numbers of a phone cell.
fn phones(
    cells: &Cells<'_>,
    column: usize,
    reading: PhoneReading,
    regions: &Regions,
    values: &mut Values,
    report: &mut Report<'_, '_>,
) {
    let raw = cells.get(column);
    let mut rest = cells.text(cells.trimmed(column));
    let mut is_first = true;
    for _ in 0..=OTHERS_MAX {
        if rest.is_empty() {
            return;
        }
        let parsed = match reading {
            PhoneReading::Strict => ParsedPhone::parse(rest, regions),
            PhoneReading::Repaired | PhoneReading::Skip => {
                ParsedPhone::parse_with_repairs(rest, regions)
            }
        };
        let (phone, code, next) = match parsed {
            Ok(phone) => {
                if phone.rest.is_some() && is_first {
                    report.cell(IssueCode::PhoneSeveral, column, raw);
                }
                let code = if !phone.valid {
                    Some(IssueCode::PhoneInvalid)
                } else {
                    phone.repair.map(|_| IssueCode::PhoneRepaired)
                };
                let next = phone.rest.map_or("", Pii::into_inner);
                (Some(phone.into()), code, next)
            }
            Err(error) => match error.kind {
                PhoneErrorKind::Empty => (None, None, ""),
                PhoneErrorKind::Placeholder => (None, Some(IssueCode::PlaceholderEmptied), ""),
                PhoneErrorKind::PrecisionLost => (None, Some(IssueCode::PhonePrecisionLost), ""),
                PhoneErrorKind::NoRegion => {
                    (Some(Phone::unread(rest)), Some(IssueCode::PhoneNoRegion), "")
                }
                _ => (Some(Phone::unread(rest)), Some(IssueCode::PhoneUnreadable), ""),
            },
        };
        if let Some(code) = code {
            report.cell(code, column, raw);
        }
        values.phones.extend(phone);
        rest = next;
        is_first = false;
    }
}

/// Whether a cell is a company's website, or what is wrong.
pub(super) type WebsiteCheck = Result<(), IssueCode>;

pub(super) fn check_website(cell: &str) -> WebsiteCheck {
    if cell.is_empty() {
        return Ok(());
    }
    match WebsiteRef::parse(cell) {
        Ok(website) if website.is_free_mail() => Err(IssueCode::WebsiteFreeMail),
        Ok(website) if website.is_page_elsewhere() => Err(IssueCode::WebsiteElsewhere),
        Ok(_) => Ok(()),
        Err(_) if is_placeholder(cell.as_bytes()) => Err(IssueCode::PlaceholderEmptied),
        Err(_) => Err(IssueCode::WebsiteInvalid),
    }
}

/// Whether the cell is the address of a LinkedIn profile, or empty.
fn is_profile(cells: &Cells<'_>, column: usize, report: &mut Report<'_, '_>) -> bool {
    let Some(cell) = text(cells, column, report) else { return false };
    let is_profile = cell.is_empty() || linkedin_profile(cell).is_some();
    if !is_profile {
        report.cell(IssueCode::LinkedinInvalid, column, cells.get(column));
    }
    is_profile
}

/// Years in the role.
fn years(cells: &Cells<'_>, column: usize, report: &mut Report<'_, '_>) -> Option<f32> {
    let cell = text(cells, column, report).filter(|cell| !cell.is_empty())?;
    let years = parse_years(cell);
    if years.is_none() {
        report.cell(IssueCode::YearsInvalid, column, cells.get(column));
    }
    years
}
