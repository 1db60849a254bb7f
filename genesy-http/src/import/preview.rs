//! What a file is understood as, by its beginning.
//!
//! | limit | value |
//! |---|---|
//! | bytes of the beginning | 1 MiB ([`SAMPLE_BYTES`]) |
//! | rows that are shown | 20 ([`ROWS_SHOWN_MAX`]), or as many as have 20,000 cells ([`CELLS_SHOWN_MAX`]) |
//! | characters of a cell that are shown | 300 ([`CELL_CHARS_MAX`]) |
//! | issues that are shown | 200 ([`ISSUES_SHOWN_MAX`]) |
//! | samples of a column | 5 ([`SAMPLES_MAX`]) of the first 100 rows ([`SAMPLE_ROWS`]) |

mod answer;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use axum::http::StatusCode;
use genesy_core::csv::encoding::Evidence;
use genesy_core::csv::normalize::{FileError, Normalizer, Options, Outcome, Row, Understanding};
use genesy_core::pii::Pii;

pub(crate) use self::answer::Preview;
use self::answer::{PreviewColumn, PreviewDialect, PreviewEncoding, PreviewIssue, PreviewRow};
use super::lead;
use super::options::ImportOptions;
use super::read::{count, severity};
use super::summary::ImportSummary;
use crate::problem::Problem;

/// Bytes of the beginning that are looked at.
const SAMPLE_BYTES: usize = 1024 * 1024;
/// Rows that are shown at most.
const ROWS_SHOWN_MAX: usize = 20;
/// Cells that are shown at most, but for those of the first row.
const CELLS_SHOWN_MAX: usize = 20_000;
/// Characters of a cell that are shown at most.
const CELL_CHARS_MAX: usize = 300;
/// Issues that are shown at most.
const ISSUES_SHOWN_MAX: usize = 200;
/// Samples of a column at most.
const SAMPLES_MAX: usize = 5;
/// Rows that samples are taken from.
const SAMPLE_ROWS: u64 = 100;

/// Why there is no preview.
#[derive(Debug)]
pub(crate) enum PreviewError {
    /// The file is no CSV.
    File(FileError),
    /// The file cannot be read.
    Io(io::Error),
    /// Options do not fit the file.
    Options(Vec<super::options::Fault>),
}

impl PreviewError {
    /// As it is answered.
    pub(crate) fn problem(&self) -> Problem {
        match self {
            Self::File(error) => Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "unreadable-file",
                "The file cannot be read as leads",
                error.to_string(),
            ),
            Self::Io(error) => {
                tracing::error!(kind = %error.kind(), "an upload could not be read");
                Problem::internal()
            }
            Self::Options(faults) => options_problem(faults),
        }
    }
}

/// Says which options are not valid.
fn options_problem(faults: &[super::options::Fault]) -> Problem {
    let mut faults = faults.iter();
    let Some((at, why)) = faults.next() else { return Problem::internal() };
    faults.fold(Problem::invalid(at, why.clone()), |problem, (at, why)| problem.at(at, why.clone()))
}

/// How many rows a file may have, by its beginning.
///
/// # Errors
///
/// If it is no CSV.
pub(crate) fn estimate(path: &Path) -> Result<i64, PreviewError> {
    let sample = Sample::read(path).map_err(PreviewError::Io)?;
    let mut rows = 0_u64;
    sample.normalize(Options::default(), |_, _| rows += 1)?;
    if sample.is_whole || rows == 0 {
        return Ok(count(rows));
    }
    let share = sample.file_bytes as f64 / sample.bytes.len() as f64;
    Ok((rows as f64 * share).round() as i64)
}

/// What a file is understood as.
///
/// # Errors
///
/// If it is no CSV, or an option is not valid.
pub(crate) fn preview(path: &Path, chosen: &ImportOptions) -> Result<Preview, PreviewError> {
    let options = chosen.to_normalizer().map_err(PreviewError::Options)?;
    let sample = Sample::read(path).map_err(PreviewError::Io)?;
    let mut shown = Shown::default();
    let (normalizer, understanding) =
        sample.normalize(options, |understanding, row| shown.take(understanding, row))?;
    let behind = chosen.columns_behind(understanding.mapping.columns.len());
    if !behind.is_empty() {
        return Err(PreviewError::Options(behind));
    }
    let columns =
        understanding.mapping.columns.iter().enumerate().map(|(place, column)| PreviewColumn {
            index: column.index,
            header: clip(&column.header),
            target: column.target.field().map(|field| field.as_str().to_owned()),
            reason: column.reason.to_string(),
            confidence: column.confidence,
            samples: shown.samples.get_mut(place).map(std::mem::take).unwrap_or_default(),
        });
    let columns = columns.collect();
    Ok(Preview {
        encoding: encoding(&understanding),
        dialect: dialect(&understanding),
        columns,
        rows: shown.rows,
        issues: shown.issues,
        counts: ImportSummary::from(&normalizer.summary()),
        is_sample: !sample.is_whole,
        options: chosen.clone(),
    })
}

/// The beginning of a file.
struct Sample {
    bytes: Vec<u8>,
    file_bytes: u64,
    is_whole: bool,
}

impl Sample {
    fn read(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let file_bytes = file.metadata()?.len();
        let mut bytes = Vec::new();
        file.take(SAMPLE_BYTES as u64).read_to_end(&mut bytes)?;
        Ok(Self { is_whole: bytes.len() as u64 >= file_bytes, bytes, file_bytes })
    }

    /// Gives its rows to `visit`; the last one only if it is known to be whole.
    fn normalize(
        &self,
        options: Options,
        mut visit: impl FnMut(&Understanding, &Row<'_>),
    ) -> Result<(Normalizer<'static>, Understanding), PreviewError> {
        let mut normalizer = Normalizer::push(options);
        normalizer.feed(&self.bytes).map_err(PreviewError::File)?;
        if self.is_whole {
            normalizer.finish().map_err(PreviewError::File)?;
        }
        let understanding = normalizer.understanding().cloned();
        let understanding = understanding.ok_or(PreviewError::File(FileError::Empty))?;
        while let Some(row) = normalizer.next_row() {
            visit(&understanding, &row);
        }
        Ok((normalizer, understanding))
    }
}

/// What is shown of the rows.
#[derive(Default)]
struct Shown {
    rows: Vec<PreviewRow>,
    cells: usize,
    issues: Vec<PreviewIssue>,
    samples: Vec<Vec<Pii<String>>>,
}

impl Shown {
    fn take(&mut self, understanding: &Understanding, row: &Row<'_>) {
        if row.number <= SAMPLE_ROWS && !matches!(row.outcome, Outcome::OutsideTable) {
            self.sample(understanding.mapping.columns.len(), row);
        }
        let width = row.cells().len();
        if self.rows.is_empty()
            || (self.rows.len() < ROWS_SHOWN_MAX && self.cells + width <= CELLS_SHOWN_MAX)
        {
            self.cells += width;
            self.rows.push(PreviewRow {
                row: row.number,
                line: row.line,
                outcome: outcome(row.outcome).to_owned(),
                of_row: match row.outcome {
                    Outcome::Duplicate { of_row } => Some(of_row),
                    _ => None,
                },
                cells: row.cells().map(|cell| Pii::new(clip(cell))).collect(),
                lead: lead::fields(&row.lead).into(),
            });
        }
        let left = ISSUES_SHOWN_MAX - self.issues.len();
        self.issues.extend(row.issues.iter().take(left).map(|issue| PreviewIssue {
            row: issue.row,
            line: issue.line,
            column: issue.column,
            code: issue.code.as_str().to_owned(),
            severity: severity(issue.code).to_owned(),
            action: issue.action.to_string(),
            raw: Pii::new(clip(issue.raw.reveal())),
            advice: issue.code.advice().to_owned(),
        }));
    }

    fn sample(&mut self, width: usize, row: &Row<'_>) {
        self.samples.resize_with(width, Vec::new);
        for (samples, cell) in self.samples.iter_mut().zip(row.cells()) {
            let cell = cell.trim();
            if samples.len() < SAMPLES_MAX && !cell.is_empty() {
                let cell = Pii::new(clip(cell));
                if !samples.contains(&cell) {
                    samples.push(cell);
                }
            }
        }
    }
}

fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Imported => "imported",
        Outcome::Duplicate { .. } => "duplicate",
        Outcome::Rejected => "rejected",
        Outcome::OutsideTable => "outside_table",
    }
}

fn encoding(understanding: &Understanding) -> PreviewEncoding {
    let found = &understanding.encoding;
    PreviewEncoding {
        name: found.encoding.name().to_owned(),
        confidence: found.confidence,
        is_chosen: found.evidence.contains(&Evidence::Forced),
        others: found.equivalents.iter().map(|encoding| encoding.name().to_owned()).collect(),
    }
}

fn dialect(understanding: &Understanding) -> PreviewDialect {
    let sniffed = &understanding.dialect;
    PreviewDialect {
        delimiter: sniffed.dialect.delimiter.to_string(),
        quote: sniffed.dialect.quote.map(|quote| char::from(quote).to_string()),
        escape: sniffed.dialect.escape.map(|escape| char::from(escape).to_string()),
        has_header: sniffed.header_rows > 0,
        header_rows: sniffed.header_rows,
        lines_before: sniffed.preamble.lines,
        width: sniffed.width,
        confidence: sniffed.confidence,
    }
}

/// The beginning of a text that may be long.
fn clip(text: &str) -> String {
    match text.char_indices().nth(CELL_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
