//! From cells to the typed fields of a lead.

use std::borrow::Cow;

use super::cells::Cells;
use super::columns::Columns;
use super::issue::IssueCode;
use super::lead::{Kept, LeadRef, PhoneCell};
use super::options::{FieldSet, PhoneReading};
use super::row::Report;
use crate::address::{self, AddressRef};
use crate::country::{ColumnContext, Country, Doubt, How, Memo};
use crate::csv::header::Field;
use crate::person_name::split_full_name;
use crate::phone::{ParsedPhone, PhoneErrorKind, Region, Regions};
use crate::pii::Pii;
use crate::website::{WebsiteErrorKind, WebsiteRef, linkedin_profile};

/// Phone numbers and addresses that one lead can have beside the first.
const OTHERS_MAX: usize = 16;
/// Years in a role that are believed.
const YEARS_MAX: f32 = 80.0;

/// Reads fields row by row; keeps what repeats.
#[derive(Debug)]
pub(super) struct FieldReader {
    pub(super) columns: Columns,
    pub(super) context: ColumnContext,
    pub(super) countries: Memo,
    pub(super) phones: PhoneReading,
    pub(super) default_region: Option<Region>,
}

impl FieldReader {
    /// The lead of a row, and which fields it has.
    #[inline(always)]
    pub(super) fn read<'r>(
        &'r mut self,
        cells: Cells<'r>,
        report: &mut Report<'_, 'r>,
    ) -> (LeadRef<'r>, FieldSet) {
        let country = self.country(&cells, report);
        let columns = &self.columns;
        let (first_name, last_name, full_name) = names(&cells, columns, report);
        let mut lead = LeadRef {
            first_name,
            last_name,
            email: None,
            other_emails: Vec::new(),
            job_title: text(&cells, columns.job_title, report),
            country,
            company_name: text(&cells, columns.company_name, report),
            company_website: website(&cells, columns.company_website, report),
            years_in_role: years(&cells, columns.years_in_role, report),
            linkedin_url: linkedin(&cells, columns.linkedin_url, report),
            phones: Vec::new(),
            kept: Kept { full_name, phones: self.phones == PhoneReading::Skip },
            cells,
            columns,
        };
        for &column in &columns.emails {
            emails(&mut lead, column, report);
        }
        if self.phones != PhoneReading::Skip {
            let lead_region = country.and_then(|country| Region::new(country.alpha2()));
            let regions = Regions { lead: lead_region, default: self.default_region };
            for &column in &columns.phones {
                phones(&mut lead, column, self.phones, &regions, report);
            }
        }
        let mut present = FieldSet::default();
        present.add(Field::FirstName, lead.first_name.is_some());
        present.add(Field::LastName, lead.last_name.is_some());
        present.add(Field::FullName, lead.first_name.is_some() || lead.last_name.is_some());
        present.add(Field::Email, lead.email.is_some());
        present.add(Field::JobTitle, lead.job_title.is_some());
        present.add(Field::Country, lead.country.is_some());
        present.add(Field::CompanyName, lead.company_name.is_some());
        present.add(Field::CompanyWebsite, lead.company_website.is_some());
        present.add(Field::Phone, !lead.phones.is_empty());
        present.add(Field::YearsInRole, lead.years_in_role.is_some());
        present.add(Field::LinkedInUrl, lead.linkedin_url.is_some());
        (lead, present)
    }

    #[inline]
    fn country(&mut self, cells: &Cells<'_>, report: &mut Report<'_, '_>) -> Option<Country> {
        let column = self.columns.country;
        let cell = cells.trimmed(column);
        if cell.is_empty() {
            return None;
        }
        let code = match self.countries.recognize(cell, &self.context) {
            Ok(found) => {
                if matches!(found.how, How::Repaired | How::Restored | How::Part) {
                    report.cell(IssueCode::CountryInterpreted, column, cells.get(column));
                }
                return Some(found.country);
            }
            Err(Doubt::Empty) => return None,
            Err(Doubt::Placeholder) => IssueCode::CountryPlaceholder,
            Err(Doubt::Ambiguous) => IssueCode::CountryAmbiguous,
            Err(Doubt::Dissolved) => IssueCode::CountryDissolved,
            Err(Doubt::NumberInTextColumn) => IssueCode::CountryNumber,
            Err(Doubt::ReservedCode) => IssueCode::CountryReserved,
            Err(Doubt::CodeInOtherColumn) => IssueCode::CountryOtherCode,
            Err(Doubt::NotACountry) => IssueCode::CountryUnknown,
        };
        report.cell(code, column, cells.get(column));
        None
    }
}

/// A cell of plain text.
#[inline(always)]
fn text<'r>(cells: &Cells<'r>, column: usize, report: &mut Report<'_, '_>) -> Option<&'r str> {
    let cell = cells.trimmed(column);
    if cell.is_empty() {
        return None;
    }
    if is_placeholder(cell) {
        report.cell(IssueCode::PlaceholderEmptied, column, cells.get(column));
        return None;
    }
    Some(cell)
}

/// Words and signs that stand for a missing value, in lower case. None is a name: `NA`, `None`
/// and `Nil` are, so they count as text here.
const PLACEHOLDERS: [&str; 17] = [
    "-",
    "--",
    "---",
    "?",
    ".",
    "/",
    "—",
    "–",
    "n/a",
    "n.a.",
    "null",
    "(null)",
    "undefined",
    "(blank)",
    "#n/a",
    "#ref!",
    "#value!",
];
/// Bytes of the longest placeholder.
const PLACEHOLDER_BYTES_MAX: usize = 9;

#[inline(always)]
fn is_placeholder(cell: &str) -> bool {
    cell.len() <= PLACEHOLDER_BYTES_MAX
        && cell
            .as_bytes()
            .first()
            .is_some_and(|byte| !byte.is_ascii_alphanumeric() || matches!(byte | 0x20, b'n' | b'u'))
        && PLACEHOLDERS.iter().any(|word| word.eq_ignore_ascii_case(cell))
}

/// First and last name, and whether the full name says more than these two.
type Names<'r> = (Option<Cow<'r, str>>, Option<Cow<'r, str>>, bool);

/// First and last name: from their own columns, or split from the full name.
#[inline]
fn names<'r>(cells: &Cells<'r>, columns: &Columns, report: &mut Report<'_, '_>) -> Names<'r> {
    let first = text(cells, columns.first_name, report);
    let last = text(cells, columns.last_name, report);
    if first.is_some() || last.is_some() {
        let has_full = !cells.trimmed(columns.full_name).is_empty();
        return (first.map(Cow::Borrowed), last.map(Cow::Borrowed), has_full);
    }
    let Some(full) = text(cells, columns.full_name, report) else { return (None, None, false) };
    let split = split_full_name(full);
    if split.doubt.is_some() {
        report.cell(IssueCode::NameSplitDoubt, columns.full_name, cells.get(columns.full_name));
    }
    let some = |name: Cow<'r, str>| Some(name).filter(|name| !name.is_empty());
    // A comma goes, and so do titles and degrees: the cell is kept if that is more than white space.
    let is_more = !split.titles.is_empty() || !split.suffixes.is_empty() || full.contains(',');
    (some(split.first), some(split.last), is_more)
}

/// The addresses of an e-mail cell.
#[inline]
fn emails<'r>(lead: &mut LeadRef<'r>, column: usize, report: &mut Report<'_, '_>) {
    let cells = lead.cells;
    let cell = cells.trimmed(column);
    if cell.is_empty() {
        return;
    }
    let Ok(found) = address::from_cell(cell) else {
        let code = match is_placeholder(cell) {
            true => IssueCode::PlaceholderEmptied,
            false => IssueCode::EmailInvalid,
        };
        report.cell(code, column, cells.get(column));
        return;
    };
    add_email(lead, found.address);
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
        add_email(lead, address);
    }
}

#[inline(always)]
fn add_email<'r>(lead: &mut LeadRef<'r>, address: AddressRef<'r>) {
    if lead.email.is_none() {
        lead.email = Some(address);
    } else if lead.other_emails.len() < OTHERS_MAX {
        lead.other_emails.push(address);
    }
}

/// The numbers of a phone cell.
fn phones<'r>(
    lead: &mut LeadRef<'r>,
    column: usize,
    reading: PhoneReading,
    regions: &Regions,
    report: &mut Report<'_, '_>,
) {
    let raw = lead.cells.get(column);
    let mut rest = lead.cells.trimmed(column);
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
                (Some(PhoneCell::Read(phone)), code, next)
            }
            Err(error) => match error.kind {
                PhoneErrorKind::Empty => (None, None, ""),
                PhoneErrorKind::Placeholder => (None, Some(IssueCode::PlaceholderEmptied), ""),
                PhoneErrorKind::PrecisionLost => (None, Some(IssueCode::PhonePrecisionLost), ""),
                PhoneErrorKind::NoRegion => {
                    (Some(PhoneCell::Unread(rest)), Some(IssueCode::PhoneNoRegion), "")
                }
                _ => (Some(PhoneCell::Unread(rest)), Some(IssueCode::PhoneUnreadable), ""),
            },
        };
        if let Some(code) = code {
            report.cell(code, column, raw);
        }
        lead.phones.extend(phone);
        rest = next;
        is_first = false;
    }
}

/// The company's website.
#[inline]
fn website<'r>(
    cells: &Cells<'r>,
    column: usize,
    report: &mut Report<'_, '_>,
) -> Option<WebsiteRef<'r>> {
    let cell = cells.trimmed(column);
    if cell.is_empty() {
        return None;
    }
    let code = match WebsiteRef::parse(cell) {
        Ok(website) if !website.is_free_mail() => return Some(website),
        Ok(_) => IssueCode::WebsiteFreeMail,
        Err(error) if error.kind == WebsiteErrorKind::Empty => return None,
        Err(_) if is_placeholder(cell) => IssueCode::PlaceholderEmptied,
        Err(_) => IssueCode::WebsiteInvalid,
    };
    report.cell(code, column, cells.get(column));
    None
}

/// The address of a LinkedIn profile.
#[inline]
fn linkedin<'r>(cells: &Cells<'r>, column: usize, report: &mut Report<'_, '_>) -> Option<&'r str> {
    let cell = text(cells, column, report)?;
    if linkedin_profile(cell).is_some() {
        return Some(cell);
    }
    report.cell(IssueCode::LinkedinInvalid, column, cells.get(column));
    None
}

/// Years in the role: `3`, `2.5`, `2,5`, `3 years`, `18 months`, `10+`.
#[inline]
fn years(cells: &Cells<'_>, column: usize, report: &mut Report<'_, '_>) -> Option<f32> {
    let cell = text(cells, column, report)?;
    let years = parse_years(cell);
    if years.is_none() {
        report.cell(IssueCode::YearsInvalid, column, cells.get(column));
    }
    years
}

fn parse_years(cell: &str) -> Option<f32> {
    match cell.as_bytes() {
        [ones @ b'0'..=b'9'] => return Some(f32::from(ones - b'0')),
        [tens @ b'0'..=b'7', ones @ b'0'..=b'9'] => {
            return Some(f32::from((tens - b'0') * 10 + (ones - b'0')));
        }
        _ => {}
    }
    let number_end =
        cell.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',').unwrap_or(cell.len());
    let (number, unit) = cell.split_at(number_end);
    let number: f32 = if number.contains(',') {
        number.replace(',', ".").parse().ok()?
    } else {
        number.parse().ok()?
    };
    let unit = unit.trim_start_matches('+').trim().trim_end_matches('.');
    let starts = |prefixes: &[&str]| {
        prefixes.iter().any(|prefix| {
            unit.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
        })
    };
    let years = if unit.is_empty() || starts(&YEAR_UNITS) {
        number
    } else if starts(&MONTH_UNITS) {
        number / 12.0
    } else {
        return None;
    };
    (0.0..=YEARS_MAX).contains(&years).then_some(years)
}

/// How words for years begin, in the languages of the header synonyms.
const YEAR_UNITS: [&str; 14] =
    ["y", "año", "ano", "an", "jahr", "j.", "jaar", "jr", "lat", "rok", "rok", "år", "yıl", "év"];
/// How words for months begin.
const MONTH_UNITS: [&str; 8] = ["mo", "mes", "mês", "mês", "mån", "mie", "maand", "ay"];

#[cfg(test)]
mod tests {
    use super::{is_placeholder, parse_years};

    #[test]
    fn years_with_and_without_units() {
        for (cell, years) in [
            ("3", Some(3.0)),
            ("2.5", Some(2.5)),
            ("2,5 años", Some(2.5)),
            ("10+", Some(10.0)),
            ("18 months", Some(1.5)),
            ("6 Monate", Some(0.5)),
            ("4 Jahre", Some(4.0)),
            ("2019", None),
            ("three", None),
            ("-1", None),
            ("5 apples", None),
        ] {
            assert_eq!(parse_years(cell), years, "{cell}");
        }
    }

    #[test]
    fn names_are_no_placeholders() {
        assert!(is_placeholder("N/A") && is_placeholder("-") && is_placeholder("#REF!"));
        assert!(!is_placeholder("Na") && !is_placeholder("Null Island") && !is_placeholder("Ng"));
    }
}
