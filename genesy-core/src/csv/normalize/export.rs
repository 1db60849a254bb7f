//! Clean CSV out: RFC 4180 in UTF-8, safe to open in a spreadsheet program.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::fmt;

use super::issue::{Issue, Severity};
use super::row::Row;
use super::understanding::Understanding;
use crate::csv::header::Mapping;
use crate::phone::Phone;

/// The columns that an export adds behind the original ones.
const CLEAN_COLUMNS: [&str; 15] = [
    "genesy_first_name",
    "genesy_last_name",
    "genesy_email",
    "genesy_job_title",
    "genesy_country",
    "genesy_company_name",
    "genesy_company_domain",
    "genesy_phone",
    "genesy_phone_extension",
    "genesy_phone_valid",
    "genesy_years_in_role",
    "genesy_linkedin_url",
    "genesy_row",
    "genesy_issues",
    BEHIND_COLUMN,
];
/// The columns that the CSV of rejected rows adds.
const REJECTED_COLUMNS: [&str; 3] = ["genesy_line", "genesy_problem", BEHIND_COLUMN];
/// The column of the cells that stood behind the last one of the table.
const BEHIND_COLUMN: &str = "genesy_cells_behind";
/// What stands between these cells.
const BEHIND_SEPARATOR: &str = " | ";

/// Writes records as CSV: comma, `"` where needed, CRLF as RFC 4180 has it.
///
/// ```
/// use genesy_core::csv::normalize::CsvWriter;
///
/// let mut csv = CsvWriter::new();
/// csv.record(["=1+1", "Lovelace, Ada"]);
/// assert_eq!(csv.take(), b"'=1+1,\"Lovelace, Ada\"\r\n");
/// ```
#[derive(Default)]
pub struct CsvWriter {
    bytes: Vec<u8>,
    keep_formulas: bool,
    /// The header of the table whose rejected rows are written.
    columns: Vec<String>,
}

impl fmt::Debug for CsvWriter {
    /// Shows how much was written, not what.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CsvWriter").field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

impl CsvWriter {
    /// A writer that escapes formulas; see [`escape_formula`].
    pub const fn new() -> Self {
        Self { bytes: Vec::new(), keep_formulas: false, columns: Vec::new() }
    }

    /// A writer that leaves cells as they are: for programs, not for spreadsheets.
    pub const fn verbatim() -> Self {
        Self { bytes: Vec::new(), keep_formulas: true, columns: Vec::new() }
    }

    /// Takes the bytes written so far.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    /// Bytes written and not taken yet.
    pub const fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether there is nothing to take.
    pub const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Writes one record.
    pub fn record<C: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = C>) {
        let mut count = 0;
        let start = self.bytes.len();
        for cell in cells {
            if count > 0 {
                self.bytes.push(b',');
            }
            count += 1;
            self.cell(cell.as_ref());
        }
        if count == 1 && self.bytes.len() == start {
            // A record of one empty cell would be a blank line.
            self.bytes.extend_from_slice(b"\"\"");
        }
        self.bytes.extend_from_slice(b"\r\n");
    }

    fn cell(&mut self, cell: &str) {
        let cell = if self.keep_formulas { Cow::Borrowed(cell) } else { escape_formula(cell) };
        if !cell.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\r' | b'\n')) {
            self.bytes.extend_from_slice(cell.as_bytes());
            return;
        }
        self.bytes.push(b'"');
        for (index, part) in cell.split('"').enumerate() {
            if index > 0 {
                self.bytes.extend_from_slice(b"\"\"");
            }
            self.bytes.extend_from_slice(part.as_bytes());
        }
        self.bytes.push(b'"');
    }

    /// Writes the header of the clean export: the original columns, then Genesy's.
    pub fn clean_header(&mut self, understanding: &Understanding) {
        self.record(original_header(&understanding.mapping).chain(CLEAN_COLUMNS));
    }

    /// Writes a row of the clean export: its original cells, then the lead as it was understood.
    pub fn clean_row(&mut self, row: &Row<'_>) {
        let lead = &row.lead;
        let width = lead.columns.count();
        let company_domain = lead.company_domain();
        let years = lead.years_in_role().map(|years| years.to_string());
        let issues: Vec<&str> = row.issues.iter().map(|issue| issue.code.as_str()).collect();
        let phone = lead.phone();
        let number = row.number.to_string();
        let issues = issues.join(" ");
        let behind = behind(row, width);
        let clean: [&str; CLEAN_COLUMNS.len()] = [
            lead.first_name().unwrap_or_default(),
            lead.last_name().unwrap_or_default(),
            lead.email().as_ref().map_or("", |email| email.as_str()),
            lead.job_title().unwrap_or_default(),
            lead.country().map_or("", |country| country.alpha2()),
            lead.company_name().unwrap_or_default(),
            company_domain.as_deref().unwrap_or_default(),
            phone.and_then(|phone| phone.e164.as_ref()).map_or("", |e164| e164.reveal().as_str()),
            phone.map_or("", extension),
            phone.map_or("", |phone| if phone.valid { "true" } else { "false" }),
            years.as_deref().unwrap_or_default(),
            lead.linkedin_url().unwrap_or_default(),
            &number,
            &issues,
            &behind,
        ];
        self.record(padded(row, width).chain(clean));
    }

    /// Writes the header of the CSV of rejected rows: the original columns, then the problem.
    pub fn rejected_header(&mut self, understanding: &Understanding) {
        self.columns = original_header(&understanding.mapping).map(str::to_owned).collect();
        self.record(original_header(&understanding.mapping).chain(REJECTED_COLUMNS));
    }

    /// Writes a rejected row, to be mended and imported again: its original cells, its line in the
    /// file, and what to do about it: what made it rejected first, then cell by cell.
    pub fn rejected_row(&mut self, row: &Row<'_>) {
        let (line, advice) = (row.line.to_string(), self.advice(row.issues));
        let width = row.lead.columns.count();
        let behind = behind(row, width);
        self.record(padded(row, width).chain([line.as_str(), advice.as_str(), behind.as_str()]));
    }

    fn advice(&self, issues: &[Issue]) -> String {
        // What needs nothing done is left out: the cells stand beside it as they were.
        let mut worst: Vec<&Issue> =
            issues.iter().filter(|issue| issue.severity != Severity::Info).collect();
        worst.sort_by_key(|issue| Reverse(issue.severity));
        let advice = worst.into_iter().map(|issue| {
            let column = issue.column.and_then(|column| self.columns.get(column));
            match column.filter(|name| !name.is_empty()) {
                Some(name) => format!("{name}: {}", issue.code.advice()),
                None => issue.code.advice().to_owned(),
            }
        });
        advice.collect::<Vec<_>>().join("; ")
    }
}

fn extension(phone: &Phone) -> &str {
    phone.extension.as_ref().map_or("", |extension| extension.reveal())
}

fn original_header(mapping: &Mapping) -> impl Iterator<Item = &str> {
    mapping.columns.iter().map(|column| column.header.as_str())
}

/// The cells behind the table's last column.
fn behind(row: &Row<'_>, width: usize) -> String {
    row.cells().skip(width).collect::<Vec<_>>().join(BEHIND_SEPARATOR)
}

/// The row's cells, as many as the table has columns.
fn padded<'r>(row: &Row<'r>, width: usize) -> impl Iterator<Item = &'r str> {
    row.cells().chain(std::iter::repeat("")).take(width)
}

/// `cell` so that a spreadsheet program does not take it for a formula: with an apostrophe in front
/// if it begins with `=`, `@`, tab or carriage return, or with `+` or `-` and is not a plain number.
///
/// Phone numbers such as `+34 600 000 000` and numbers such as `-2.5` stay as they are: they hold
/// nothing that could be run, and other programs read them.
///
/// Source: OWASP, "CSV Injection".
pub fn escape_formula(cell: &str) -> Cow<'_, str> {
    let is_formula = match cell.as_bytes() {
        [b'=' | b'@' | b'\t' | b'\r', ..] => true,
        [b'+' | b'-', rest @ ..] => !rest
            .iter()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b' ' | b'.' | b'(' | b')' | b'-')),
        _ => false,
    };
    if is_formula { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

#[cfg(test)]
mod tests {
    use super::escape_formula;

    #[test]
    fn formulas_are_escaped_and_numbers_are_not() {
        for formula in ["=1+1", "+1+1", "-2+cmd|' /C calc'!A0", "@SUM(A1)", "\tx", "\rx", "+A1"] {
            assert_eq!(escape_formula(formula), format!("'{formula}"));
        }
        for plain in ["+34 600-000-000", "-2.5", "a=b", ""] {
            assert_eq!(escape_formula(plain), plain);
        }
    }
}
