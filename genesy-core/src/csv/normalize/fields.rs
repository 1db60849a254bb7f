//! From cells to the typed fields of a lead.

use std::sync::Arc;

use fearless_simd::Simd;

use super::cells::{CellText, Cells};
use super::columns::Columns;
use super::issue::IssueCode;
use super::lead_ref::LeadRef;
use super::options::{FieldSet, Options, PhoneReading};
use super::placeholder::{is_placeholder, may_be_placeholder};
use super::row::Report;
use super::understanding::Understanding;
use super::values::{EmailPlace, Values};
use super::years::parse_years;
use crate::address::{self, AddressRef};
use crate::cell_memo::CellMemo;
use crate::country::{ColumnContext, Country, Doubt, How, Memo, Recognized};
use crate::csv::header::Field;
use crate::csv::read::Span;
use crate::person_name::split_full_name;
use crate::phone::{ParsedPhone, Phone, PhoneErrorKind, Region, Regions};
use crate::pii::Pii;
use crate::website::{WebsiteErrorKind, WebsiteRef, is_usual_profile, linkedin_profile};

/// Phone numbers and addresses that one lead can have beside the first.
const OTHERS_MAX: usize = 16;

/// Reads fields row by row; keeps what repeats.
#[derive(Debug)]
pub(super) struct FieldReader {
    columns: Arc<Columns>,
    context: ColumnContext,
    countries: Memo,
    websites: CellMemo<WebsiteCheck>,
    phones: PhoneReading,
    default_region: Option<Region>,
    values: Values,
}

impl FieldReader {
    pub(super) fn new(understanding: &Understanding, options: &Options) -> Self {
        Self {
            columns: Arc::new(Columns::new(&understanding.mapping)),
            context: understanding.country_column,
            countries: Memo::new(),
            websites: CellMemo::new(Ok(())),
            phones: options.phones,
            default_region: options.default_country.and_then(|c| Region::new(c.alpha2())),
            values: Values::default(),
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

    /// Reads the fields of a row; says which ones there are.
    #[inline(always)]
    pub(super) fn read<S: Simd>(
        &mut self,
        simd: S,
        cells: &CellText<'_>,
        report: &mut Report<'_, '_>,
    ) -> FieldSet {
        let columns = &self.columns;
        let values = &mut self.values;
        // What was seen before may be far away in memory, so it is asked for first and read last.
        let country = cells.trimmed(columns.country);
        let website = cells.trimmed(columns.company_website);
        let country_probe = self.countries.probe(cells.ahead(country), country.len());
        let website_probe = self.websites.probe(cells.ahead(website), website.len());

        // The set is made of what is at hand: to read the values again so soon would be slow.
        let mut present = FieldSet::default();
        values.email = None;
        values.other_emails.clear();
        for &column in &columns.emails {
            let is_there = emails(simd, cells, column, values, report);
            present.add(Field::Email, is_there);
        }
        let linkedin_url = linkedin(simd, cells, columns.linkedin_url, report);
        values.linkedin_url = linkedin_url;
        present.add(Field::LinkedInUrl, !linkedin_url.is_empty());
        let years = years(cells, columns.years_in_role, report);
        values.years_in_role = years;
        present.add(Field::YearsInRole, years.is_some());
        names(cells, columns, values, &mut present, report);
        let job_title = text(cells, columns.job_title, report);
        values.job_title = job_title;
        present.add(Field::JobTitle, !job_title.is_empty());
        let company_name = text(cells, columns.company_name, report);
        values.company_name = company_name;
        present.add(Field::CompanyName, !company_name.is_empty());

        let start = cells.start(simd, country);
        let found =
            self.countries.recognize_at(country_probe, cells.text(country), &start, &self.context);
        let country = checked_country(found, cells, columns.country, report);
        values.country = country;
        present.add(Field::Country, country.is_some());
        let start = cells.start(simd, website);
        let website = if website.is_empty() {
            website
        } else {
            let text = cells.text(website);
            let found = self.websites.get(website_probe, text, &start, check_website);
            checked_website(found, website, cells, columns.company_website, report)
        };
        values.company_website = website;
        present.add(Field::CompanyWebsite, !website.is_empty());

        present.add(Field::Phone, self.read_phones(cells, report));
        present
    }

    /// Reads the phones, by the lead's country; whether there is one.
    #[inline(always)]
    fn read_phones(&mut self, cells: &Cells<'_>, report: &mut Report<'_, '_>) -> bool {
        let values = &mut self.values;
        values.phones.clear();
        values.keeps_phones = self.phones == PhoneReading::Skip;
        if values.keeps_phones {
            return false;
        }
        let lead_region = values.country.and_then(|country| Region::new(country.alpha2()));
        let regions = Regions { lead: lead_region, default: self.default_region };
        for &column in &self.columns.phones {
            phones(cells, column, self.phones, &regions, values, report);
        }
        !values.phones.is_empty()
    }
}

#[inline(always)]
fn checked_country(
    found: Result<Recognized, Doubt>,
    cells: &Cells<'_>,
    column: usize,
    report: &mut Report<'_, '_>,
) -> Option<Country> {
    match found {
        Ok(found) if !matches!(found.how, How::Repaired | How::Restored | How::Part) => {
            Some(found.country)
        }
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

/// A cell of plain text.
#[inline(always)]
fn text(cells: &Cells<'_>, column: usize, report: &mut Report<'_, '_>) -> Span {
    let cell = cells.trimmed(column);
    if may_be_placeholder(cells.bytes(cell)) && is_placeholder(cells.bytes(cell)) {
        report.cell(IssueCode::PlaceholderEmptied, column, cells.get(column));
        return Span::default();
    }
    cell
}

/// First and last name: from their own columns, or split from the full name.
#[inline(always)]
fn names(
    cells: &Cells<'_>,
    columns: &Columns,
    values: &mut Values,
    present: &mut FieldSet,
    report: &mut Report<'_, '_>,
) {
    let first_name = text(cells, columns.first_name, report);
    let last_name = text(cells, columns.last_name, report);
    let mut has_name = [!first_name.is_empty(), !last_name.is_empty()];
    values.first_name = first_name;
    values.last_name = last_name;
    values.split_name = None;
    values.keeps_full_name = false;
    if !cells.trimmed(columns.full_name).is_empty() {
        if has_name == [false, false] {
            split_name(cells, columns.full_name, values, report);
            has_name = [!values.first_name.is_empty(), !values.last_name.is_empty()];
        } else {
            values.keeps_full_name = true;
        }
    }
    present.add(Field::FirstName, has_name[0]);
    present.add(Field::LastName, has_name[1]);
    present.add(Field::FullName, has_name[0] | has_name[1]);
}

fn split_name(cells: &Cells<'_>, column: usize, values: &mut Values, report: &mut Report<'_, '_>) {
    let full = cells.text(text(cells, column, report));
    if full.is_empty() {
        return;
    }
    let split = split_full_name(full);
    if split.doubt.is_some() {
        report.cell(IssueCode::NameSplitDoubt, column, cells.get(column));
    }
    // A comma goes, and so do titles and degrees: the cell is kept if that is more than white space.
    values.keeps_full_name =
        !split.titles.is_empty() || !split.suffixes.is_empty() || full.contains(',');
    values.first_name = Span::new(0, split.first.len());
    values.last_name = Span::new(split.first.len(), split.first.len() + split.last.len());
    values.split_name = Some([split.first, split.last].concat());
}

/// The addresses of an e-mail cell; whether there is one.
#[inline(always)]
fn emails<S: Simd>(
    simd: S,
    cells: &CellText<'_>,
    column: usize,
    values: &mut Values,
    report: &mut Report<'_, '_>,
) -> bool {
    let span = cells.trimmed(column);
    if span.is_empty() {
        return false;
    }
    match address::usual_shape(cells.text(span), &cells.start(simd, span)) {
        Some(shape) if values.email.is_none() => {
            values.email = Some(EmailPlace { span, shape });
            true
        }
        _ => {
            unusual_emails(cells, column, values, report);
            values.email.is_some()
        }
    }
}

/// The addresses of a cell that is more than one plain address.
#[cold]
fn unusual_emails(
    cells: &Cells<'_>,
    column: usize,
    values: &mut Values,
    report: &mut Report<'_, '_>,
) {
    let cell = cells.text(cells.trimmed(column));
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
                let code = if phone.rest.is_some() && is_first {
                    Some(IssueCode::PhoneSeveral)
                } else if !phone.valid {
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

/// Whether a cell is a company's website, or what is wrong if there is more than marks in it.
type WebsiteCheck = Result<(), Option<IssueCode>>;

#[inline(always)]
fn checked_website(
    found: WebsiteCheck,
    website: Span,
    cells: &Cells<'_>,
    column: usize,
    report: &mut Report<'_, '_>,
) -> Span {
    match found {
        Ok(()) => return website,
        Err(None) => {}
        Err(Some(code)) => report.cell(code, column, cells.get(column)),
    }
    Span::default()
}

fn check_website(cell: &str) -> WebsiteCheck {
    match WebsiteRef::parse(cell) {
        Ok(website) if !website.is_free_mail() => Ok(()),
        Ok(_) => Err(Some(IssueCode::WebsiteFreeMail)),
        Err(error) if error.kind == WebsiteErrorKind::Empty => Err(None),
        Err(_) if is_placeholder(cell.as_bytes()) => Err(Some(IssueCode::PlaceholderEmptied)),
        Err(_) => Err(Some(IssueCode::WebsiteInvalid)),
    }
}

/// The address of a LinkedIn profile.
#[inline(always)]
fn linkedin<S: Simd>(
    simd: S,
    cells: &CellText<'_>,
    column: usize,
    report: &mut Report<'_, '_>,
) -> Span {
    let span = text(cells, column, report);
    if span.is_empty()
        || is_usual_profile(cells.bytes(span), &cells.start(simd, span))
        || linkedin_profile(cells.text(span)).is_some()
    {
        return span;
    }
    report.cell(IssueCode::LinkedinInvalid, column, cells.get(column));
    Span::default()
}

/// Years in the role: `3`, `2.5`, `2,5`, `3 years`, `18 months`, `10+`.
#[inline(always)]
fn years(cells: &Cells<'_>, column: usize, report: &mut Report<'_, '_>) -> Option<f32> {
    let span = text(cells, column, report);
    if span.is_empty() {
        return None;
    }
    let years = parse_years(cells.text(span));
    if years.is_none() {
        report.cell(IssueCode::YearsInvalid, column, cells.get(column));
    }
    years
}
