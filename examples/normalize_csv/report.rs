//! The report that a person reads.

use std::fmt::Write;

use comfy_table::Table;
use genesy_core::csv::dialect::{Delimiter, Dialect, RunnerUp};
use genesy_core::csv::encoding::Encoding;
use genesy_core::csv::header::Target;
use genesy_core::csv::normalize::{Issue, OtherTable, Summary, Understanding};
use genesy_examples::{shortened, table};

/// Issues that are shown one by one.
const ISSUES_SHOWN_MAX: usize = 40;
/// Encodings with the same text that are named.
const EQUIVALENTS_SHOWN_MAX: usize = 3;

/// How the file was understood: encoding, dialect, columns, first rows.
pub(crate) fn preview(name: &str, understanding: &Understanding) -> String {
    let mut text = String::new();
    let encoding = &understanding.encoding;
    let dialect = &understanding.dialect;
    let percent = |share: f32| format!("{:.0} %", share * 100.0);
    let _ = writeln!(text, "File      {name}");
    let _ = write!(text, "Encoding  {} ({} sure", encoding.encoding, percent(encoding.confidence));
    if let Some((other, share)) = encoding.runner_up {
        let _ = write!(text, "; else {other}, {}", percent(share));
    }
    let _ = writeln!(text, "){}", equivalents(&encoding.equivalents));
    let Dialect { delimiter, quote, escape, line_end, .. } = dialect.dialect;
    let _ = write!(
        text,
        "Dialect   {}  line end {line_end:?} ({} sure",
        marks(delimiter, quote, escape),
        percent(dialect.confidence),
    );
    if let Some(RunnerUp { delimiter, quote, escape, score, .. }) = dialect.runner_up {
        let other = marks(delimiter, quote, escape);
        let _ = write!(text, "; {} as good: {other}", percent(score));
    }
    let _ = writeln!(text, ")");
    let _ = writeln!(
        text,
        "Layout    {} lines before the table, {} header rows, {} columns, {} other tables",
        dialect.preamble.lines,
        dialect.header_rows,
        dialect.width,
        dialect.other_tables.len(),
    );
    let _ = writeln!(text, "\nColumns\n{}", columns(understanding));
    let _ = writeln!(text, "\nFirst rows\n{}", first_rows(understanding));
    text
}

/// The bytes that mean something in a dialect.
fn marks(delimiter: Delimiter, quote: Option<u8>, escape: Option<u8>) -> String {
    let mark =
        |byte: Option<u8>| byte.map_or("none".to_owned(), |byte| char::from(byte).to_string());
    let delimiter = delimiter.to_string().replace('\t', "tab");
    format!("delimiter {delimiter}  quote {}  escape {}", mark(quote), mark(escape))
}

/// The encodings that would give the same text, by name if they are few.
fn equivalents(encodings: &[Encoding]) -> String {
    let names: Vec<&str> = encodings.iter().map(|encoding| encoding.name()).collect();
    match names.len() {
        0 => String::new(),
        1..=EQUIVALENTS_SHOWN_MAX => format!(", the same text in {}", names.join(", ")),
        count => format!(", the same text in {count} other encodings"),
    }
}

/// What became of the rows, and the issues.
pub(crate) fn outcome(
    understanding: &Understanding,
    summary: &Summary,
    issues: &[Issue],
) -> String {
    let mut text = String::new();
    let mut counts = table(&["Rows", "Count"]);
    for (what, count) in [
        ("imported", summary.imported),
        ("imported with cells emptied", summary.imported_with_cells_emptied),
        ("rejected", summary.rejected),
        ("duplicates", summary.duplicates),
        ("outside the table", summary.outside_table),
        ("blank", summary.blank),
    ] {
        counts.add_row([what.to_owned(), count.to_string()]);
    }
    let _ = writeln!(text, "Summary\n{counts}");
    for table in &summary.other_tables {
        let OtherTable { first_line, rows, width, .. } = table;
        let _ = writeln!(
            text,
            "Another table begins at line {first_line}: {rows} rows, {width} columns"
        );
    }
    if summary.issues.is_empty() {
        let _ = writeln!(text, "\nNo issues.");
        return text;
    }
    let total: u64 = summary.issues.values().sum();
    let mut list = table(&["Line", "Column", "Issue", "What stood there", "Done", "What to do"]);
    for issue in issues.iter().take(ISSUES_SHOWN_MAX) {
        let column = issue.column.map_or("", |column| header(understanding, column));
        let done = match issue.same_as_row {
            Some(row) => format!("{}: as row {row}", issue.action),
            None => issue.action.to_string(),
        };
        list.add_row([
            issue.line.to_string(),
            column.to_owned(),
            issue.code.to_string(),
            shortened(issue.raw.reveal()),
            done,
            issue.code.advice().to_owned(),
        ]);
    }
    let _ = writeln!(text, "\nIssues: {total}\n{list}");
    if total > ISSUES_SHOWN_MAX as u64 {
        let _ = writeln!(text, "The first {ISSUES_SHOWN_MAX} are shown. All by kind:");
        for (code, count) in &summary.issues {
            let _ = writeln!(text, "  {count:>9}  {code}");
        }
    }
    text
}

fn columns(understanding: &Understanding) -> Table {
    let mut table = table(&["#", "Header", "Is", "Why", "Sample"]);
    for column in &understanding.mapping.columns {
        let is = match column.target {
            Target::Field(field) => field.as_str(),
            Target::Extra => "(kept)",
        };
        let sample = column.sample.as_ref().map_or(String::new(), |cell| shortened(cell.reveal()));
        table.add_row([
            (column.index + 1).to_string(),
            shortened(&column.header),
            is.to_owned(),
            column.reason.to_string(),
            sample,
        ]);
    }
    table
}

fn first_rows(understanding: &Understanding) -> Table {
    let headers: Vec<String> =
        understanding.mapping.columns.iter().map(|column| shortened(&column.header)).collect();
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    let mut table = table(&headers);
    for row in understanding.preview.iter().take(3) {
        table.add_row(row.iter().map(|cell| shortened(cell.reveal())));
    }
    table
}

fn header(understanding: &Understanding, column: usize) -> &str {
    understanding.mapping.columns.get(column).map_or("", |column| column.header.as_str())
}
