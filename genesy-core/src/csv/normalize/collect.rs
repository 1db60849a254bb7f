//! Whole files at once.

use std::io::Read;

use serde::{Deserialize, Serialize};

use super::error::{FileError, ReadError};
use super::issue::Issue;
use super::lead::{Lead, Text};
use super::normalizer::Normalizer;
use super::options::{DuplicateAction, Options};
use super::row::{Outcome, Row};
use super::summary::Summary;
use super::understanding::Understanding;

/// Bytes read at a time.
const READ_BYTES: usize = 64 * 1024;

/// A whole file, normalized.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Normalized {
    /// How the file was read.
    pub understanding: Understanding,
    /// The leads, in the order of the file.
    pub leads: Vec<Lead>,
    /// All doubts, in the order of the file.
    pub issues: Vec<Issue>,
    /// The rows that lack what is required, or stand outside the table.
    pub rejected: Vec<RejectedRow>,
    /// What became of the rows.
    pub summary: Summary,
}

/// A row that was not imported, though it is no duplicate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RejectedRow {
    /// Counted from 1 without header and blank lines.
    pub row: u64,
    /// The line it begins on, counted from 1.
    pub line: u64,
    /// Its cells as they were read.
    pub cells: Vec<Text>,
}

/// Normalizes a file that is in memory.
///
/// # Errors
///
/// When the file is empty or no delimited text.
pub fn normalize(file: &[u8], options: &Options) -> Result<Normalized, FileError> {
    let mut normalizer = Normalizer::from_slice(file, options.clone())?;
    let mut leads: Vec<Lead> = Vec::new();
    let mut issues = Vec::new();
    let mut rejected = Vec::new();
    let merge = options.duplicates.action == DuplicateAction::MergeBlanks;
    while let Some(row) = normalizer.next_row() {
        issues.extend_from_slice(row.issues);
        match row.outcome {
            Outcome::Imported => leads.push(row.lead.to_lead(row.number)),
            Outcome::Rejected | Outcome::OutsideTable => rejected.push(RejectedRow {
                row: row.number,
                line: row.line,
                cells: row.cells().map(Text::from).collect(),
            }),
            Outcome::Duplicate { of_row } if merge => {
                if let Ok(at) = leads.binary_search_by_key(&of_row, |lead| lead.row) {
                    leads[at].merge_blanks(row.lead.to_lead(row.number));
                }
            }
            Outcome::Duplicate { .. } => {}
        }
    }
    let summary = normalizer.summary();
    let understanding = normalizer.into_understanding().ok_or(FileError::Empty)?;
    Ok(Normalized { understanding, leads, issues, rejected, summary })
}

/// Normalizes what `source` gives, row by row in constant memory; the normalizer that is given back
/// has the understanding and the summary.
///
/// # Errors
///
/// When `source` fails, or when its bytes are no leads file.
pub fn for_each_row(
    mut source: impl Read,
    options: Options,
    mut visit: impl FnMut(&Row<'_>),
) -> Result<Normalizer<'static>, ReadError> {
    let mut normalizer = Normalizer::push(options);
    let mut chunk = vec![0; READ_BYTES];
    let mut offset = 0;
    loop {
        let read = match source.read(&mut chunk) {
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(source) => return Err(ReadError::Io { offset, source }),
        };
        offset += read as u64;
        if read == 0 {
            normalizer.finish()?;
        } else {
            normalizer.feed(&chunk[..read])?;
        }
        while let Some(row) = normalizer.next_row() {
            visit(&row);
        }
        if read == 0 {
            return Ok(normalizer);
        }
    }
}
