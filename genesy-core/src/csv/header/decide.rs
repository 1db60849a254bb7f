//! Headers and cells together: claims, then one column for each field.

use super::by_name::{Named, Said, read as read_header};
use super::cells::Shape;
use super::content::{Content, ratio};
use super::{ColumnMapping, Field, Mapping, MappingReason, Target};
use crate::pii::Pii;

/// Sample rows that are looked at.
pub const SAMPLE_ROWS_MAX: usize = 100;
/// Sample cells that are looked at in all columns together: a file of thousands of columns gets fewer rows each.
pub const SAMPLE_CELLS_MAX: usize = 50_000;
/// Columns whose headers are compared letter by letter; headers of further columns must be known exactly.
pub const COLUMNS_FUZZY_MAX: usize = 256;

/// Share of the cells that must look like a field for it to be taken without a header's word.
const CONTENT_SHARE_MIN: f32 = 0.7;
/// The same for words, whose lists know only a part of them.
const WORDS_SHARE_MIN: f32 = 0.35;
/// Share of the cells of a lone `Name` that must be one word for them to be first names.
const SINGLE_WORDS_SHARE_MIN: f32 = 0.8;
/// What cells alone are worth, against a header's confidence.
const CONTENT_CONFIDENCE: f32 = 0.6;

/// What a column wants to be.
#[derive(Debug, Clone)]
struct Claim {
    named: Named,
    confidence: f32,
    reason: MappingReason,
}

/// One column while it is decided.
struct Column<'a> {
    header: &'a str,
    said: Said,
    content: Content<'a>,
    preset: Option<(Target, MappingReason)>,
    claim: Option<Claim>,
    /// Why it is extra, if it stays without a claim.
    refusal: MappingReason,
}

/// A target known beforehand, by index and header.
pub(super) type Preset<'p> = dyn Fn(usize, &str) -> Option<(Target, MappingReason)> + 'p;

/// Header of a column that has none.
pub(super) fn generated_header(index: usize) -> String {
    format!("column_{}", index + 1)
}

pub(super) fn map(
    headers: &[&str],
    rows: &[Vec<&str>],
    is_country: &dyn Fn(&str) -> bool,
    preset: &Preset<'_>,
) -> Mapping {
    let rows = &rows[..rows.len().min(SAMPLE_ROWS_MAX)];
    let width = rows.iter().map(Vec::len).max().unwrap_or(0).max(headers.len());
    let rows_looked_at = rows.len().min((SAMPLE_CELLS_MAX / width.max(1)).max(1));
    let sample = &rows[..rows_looked_at];
    let mut columns: Vec<Column<'_>> = (0..width)
        .map(|index| {
            let header = headers.get(index).copied().unwrap_or("");
            let preset = preset(index, header);
            let said = if preset.is_some() {
                Said::NotOurs
            } else {
                read_header(header, index < COLUMNS_FUZZY_MAX)
            };
            let cells = sample.iter().filter_map(|row| row.get(index).copied());
            let content = Content::read(cells);
            Column { header, said, content, preset, claim: None, refusal: MappingReason::NoMatch }
        })
        .collect();

    columns.iter_mut().for_each(claim_by_header);
    claim_by_content(&mut columns, rows_looked_at, !headers.is_empty(), is_country);
    resolve_names(&mut columns);
    let mapping = settle(&columns);
    Mapping {
        columns: mapping
            .into_iter()
            .zip(&columns)
            .enumerate()
            .map(|(index, ((target, reason, confidence), column))| ColumnMapping {
                index,
                header: match column.header.trim() {
                    "" => generated_header(index),
                    _ => column.header.to_owned(),
                },
                target,
                reason,
                confidence,
                sample: first_filled(rows, index),
            })
            .collect(),
    }
}

fn first_filled(rows: &[Vec<&str>], index: usize) -> Option<Pii<String>> {
    let mut cells = rows.iter().filter_map(|row| row.get(index).map(|cell| cell.trim()));
    cells.find(|cell| !cell.is_empty()).map(|cell| Pii::new(cell.to_owned()))
}

/// Takes what the header says unless the cells are something else.
fn claim_by_header(column: &mut Column<'_>) {
    let Said::Role { role, confidence, ref reason } = column.said else { return };
    let claim = Claim { named: role, confidence, reason: reason.clone() };
    let field = match role {
        Named::Field(field) => field,
        Named::Name => Field::FullName,
    };
    if column.content.contradicts(field) || is_other_kind(field, &column.content) {
        column.refusal = MappingReason::Contradicted { field };
        column.claim = strong_claim(&column.content);
    } else if role == Named::Name && column.content.words().company >= WORDS_SHARE_MIN {
        let share = column.content.words().company;
        column.claim = Some(content_claim(Field::CompanyName, share));
    } else {
        column.claim = Some(claim);
    }
}

/// `Title` with `Mr` and `Dr.`; a company's LinkedIn page as the person's.
fn is_other_kind(field: Field, content: &Content<'_>) -> bool {
    match field {
        Field::JobTitle => content.words().honorific >= CONTENT_SHARE_MIN,
        Field::Email => content.filled() >= 3 && content.share(&[Shape::Flag]) >= 0.5,
        _ => false,
    }
}

/// A field that cells show beyond doubt.
fn strong_claim(content: &Content<'_>) -> Option<Claim> {
    [Field::Email, Field::LinkedInUrl, Field::Phone, Field::CompanyWebsite]
        .into_iter()
        .map(|field| (field, content.strong_share(field)))
        .find(|&(_, share)| share >= CONTENT_SHARE_MIN)
        .map(|(field, share)| content_claim(field, share))
}

fn content_claim(field: Field, share: f32) -> Claim {
    Claim {
        named: Named::Field(field),
        confidence: CONTENT_CONFIDENCE * share,
        reason: MappingReason::Content { share },
    }
}

/// Lets the cells decide where no header does, and only fields that no header names.
fn claim_by_content(
    columns: &mut [Column<'_>],
    rows: usize,
    has_headers: bool,
    is_country: &dyn Fn(&str) -> bool,
) {
    let by_header: Vec<Field> = columns.iter().filter_map(claimed_field).collect();
    let foreign = by_header.is_empty() && !columns.iter().any(is_named);
    for column in columns.iter_mut() {
        // Cells past the last header are mostly the rest of a broken row.
        let is_spill = has_headers
            && column.header.trim().is_empty()
            && ratio(column.content.filled(), rows) < 0.5;
        if column.claim.is_some()
            || column.preset.is_some()
            || column.content.filled() == 0
            || is_spill
        {
            continue;
        }
        let freely = match column.said {
            Said::Opaque | Said::Ask => true,
            Said::Unknown => foreign,
            Said::NotOurs | Said::Role { .. } => continue,
        };
        let mut claim =
            strong_claim(&column.content).or_else(|| country_claim(&column.content, is_country));
        if freely && claim.is_none() {
            claim = words_claim(&column.content);
        }
        let taken = |claim: &Claim| matches!(claim.named, Named::Field(field) if by_header.contains(&field));
        column.claim = claim.filter(|claim| !taken(claim));
    }
    claim_neighbours(columns);
    claim_years(columns);
}

fn claimed_field(column: &Column<'_>) -> Option<Field> {
    if let Some((target, _)) = &column.preset {
        return target.field();
    }
    match column.claim.as_ref()?.named {
        Named::Field(field) => Some(field),
        Named::Name => None,
    }
}

fn is_named(column: &Column<'_>) -> bool {
    column.claim.as_ref().is_some_and(|claim| claim.named == Named::Name)
}

fn country_claim(content: &Content<'_>, is_country: &dyn Fn(&str) -> bool) -> Option<Claim> {
    let share =
        if content.share(&[Shape::Text]) < 0.5 { 0.0 } else { content.country_share(is_country) };
    (share >= 0.8).then(|| content_claim(Field::Country, share))
}

/// Job titles, companies and names, by their words.
fn words_claim(content: &Content<'_>) -> Option<Claim> {
    let words = content.words();
    let fits = |share: f32| share >= WORDS_SHARE_MIN;
    Some(if fits(words.job_title) {
        content_claim(Field::JobTitle, words.job_title)
    } else if fits(words.company) {
        content_claim(Field::CompanyName, words.company)
    } else if fits(words.first_name) && words.several_names >= 0.6 {
        content_claim(Field::FullName, words.several_names)
    } else if fits(words.first_name) && words.one_name >= 0.6 {
        content_claim(Field::FirstName, words.one_name)
    } else {
        return None;
    })
}

/// In a file without headers, the single words beside the first names are the last names.
fn claim_neighbours(columns: &mut [Column<'_>]) {
    let is = |column: &Column<'_>, field| claimed_field(column) == Some(field);
    if columns.iter().any(|column| is(column, Field::LastName)) {
        return;
    }
    let Some(first) = columns
        .iter()
        .position(|column| is(column, Field::FirstName) && matches!(column.said, Said::Opaque))
    else {
        return;
    };
    for index in [first + 1, first.wrapping_sub(1)] {
        let Some(column) = columns.get_mut(index) else { continue };
        let is_free = matches!(column.said, Said::Opaque) && column.preset.is_none();
        let share = column.content.words().one_name;
        let fits = column.claim.is_none() || claimed_field(column) == Some(Field::FirstName);
        if is_free && fits && share >= CONTENT_SHARE_MIN {
            column.claim = Some(content_claim(Field::LastName, share));
            return;
        }
    }
}

/// In a file without headers, the one column of small numbers is the years, if the rest is about leads.
fn claim_years(columns: &mut [Column<'_>]) {
    let content_claims = columns.iter().filter(|column| column.claim.is_some()).count();
    let is_candidate = |column: &Column<'_>| {
        matches!(column.said, Said::Opaque)
            && column.claim.is_none()
            && column.preset.is_none()
            && column.content.share(&[Shape::Years]) >= 0.9
            && !column.content.is_running_number()
    };
    let mut candidates = (0..columns.len()).filter(|&index| is_candidate(&columns[index]));
    if let (Some(index), None) = (candidates.next(), candidates.next())
        && content_claims >= 3
        && !columns.iter().any(|column| claimed_field(column) == Some(Field::YearsInRole))
    {
        let share = columns[index].content.share(&[Shape::Years]);
        columns[index].claim = Some(content_claim(Field::YearsInRole, share));
    }
}

/// `Name` is the last name beside a first name, the first name beside a last name or in single words, else the
/// whole name.
fn resolve_names(columns: &mut [Column<'_>]) {
    let has = |columns: &[Column<'_>], field| {
        columns.iter().any(|column| claimed_field(column) == Some(field))
    };
    let first = has(columns, Field::FirstName);
    let last = has(columns, Field::LastName);
    for column in columns.iter_mut() {
        let Some(claim) = &mut column.claim else { continue };
        if claim.named != Named::Name {
            continue;
        }
        let several = column.content.several_words_share() >= 0.8;
        let field = match (first, last) {
            (false, true) if !several => Field::FirstName,
            (true, false) if !several && column.content.filled() > 0 => Field::LastName,
            // `Nom` beside `Prénom` without any row to see.
            (true, false)
                if column.content.filled() == 0 && is_romance_or_german(&claim.reason) =>
            {
                Field::LastName
            }
            // Nobody's whole name is one word: such cells leave the last name out.
            (false, false) if column.content.single_words_share() >= SINGLE_WORDS_SHARE_MIN => {
                Field::FirstName
            }
            _ => Field::FullName,
        };
        claim.named = Named::Field(field);
    }
}

/// Languages in which a lone `Name` beside a first name is the family name.
fn is_romance_or_german(reason: &MappingReason) -> bool {
    matches!(reason, MappingReason::Synonym { language } if ["fr", "de", "ro", "nl"].contains(&language.as_str()))
}

/// One column for each single-valued field: chosen by hand or saved, then filled, then sure, then first.
fn settle(columns: &[Column<'_>]) -> Vec<(Target, MappingReason, f32)> {
    let rank = |index: usize| {
        let column = &columns[index];
        let confidence = match &column.preset {
            Some((_, MappingReason::Override)) => 3.0,
            Some(_) => 2.0,
            None => column.claim.as_ref().map_or(0.0, |claim| claim.confidence),
        };
        (column.preset.is_some() || column.content.filled() > 0, confidence)
    };
    let mut best: [Option<usize>; Field::ALL.len()] = [None; Field::ALL.len()];
    for (index, column) in columns.iter().enumerate() {
        let Some(field) = claimed_field(column) else { continue };
        let slot = &mut best[field as usize];
        if slot.is_none_or(|holder| rank(index) > rank(holder)) {
            *slot = Some(index);
        }
    }
    let answer = |(index, column): (usize, &Column<'_>)| {
        let Some(field) = claimed_field(column) else {
            let preset = column.preset.as_ref().map(|(_, reason)| (reason.clone(), 1.0));
            let (reason, confidence) = preset.unwrap_or_else(|| (column.refusal.clone(), 0.0));
            return (Target::Extra, reason, confidence);
        };
        match best[field as usize] {
            Some(by) if by != index && !field.is_multi_valued() => {
                (Target::Extra, MappingReason::AlreadyMapped { by }, 0.0)
            }
            _ => match (&column.preset, &column.claim) {
                (Some((target, reason)), _) => (*target, reason.clone(), 1.0),
                (None, Some(claim)) => {
                    (Target::Field(field), claim.reason.clone(), claim.confidence)
                }
                (None, None) => (Target::Extra, column.refusal.clone(), 0.0),
            },
        }
    };
    columns.iter().enumerate().map(answer).collect()
}
