//! One row: the lead in it, what became of it, and the doubts about it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::cells::lossy;
use super::issue::{Action, Issue, IssueCode};
use super::lead_ref::LeadRef;
use super::owned_lead::OwnedLead;
use super::source::Source;
use crate::csv::read::{IrregularityKind, RecordReader};
use crate::pii::Pii;

/// Bytes of a record that an issue about its quotes and limits quotes at most: one record can have
/// as many of them as it has cells.
const RAW_BYTES_MAX: usize = 1024;

/// One row of the file, borrowed from the normalizer.
#[non_exhaustive]
pub struct Row<'r> {
    /// Counted from 1 without header and blank lines.
    pub number: u64,
    /// The line it begins on, counted from 1.
    pub line: u64,
    /// What became of it.
    pub outcome: Outcome,
    /// The lead as it was read, for every outcome.
    pub lead: LeadRef<'r>,
    /// The doubts about it.
    pub issues: &'r [Issue],
    pub(super) reader: &'r RecordReader<'r>,
    pub(super) source: &'r Source<'r>,
}

impl<'r> Row<'r> {
    /// The cells as they were read, in the order of the file and untrimmed.
    pub fn cells(&self) -> impl ExactSizeIterator<Item = &'r str> + use<'r> {
        let cells = self.lead.cells;
        (0..cells.len()).map(move |column| cells.get(column))
    }

    /// The lead with a copy of the row.
    pub fn to_owned_lead(&self) -> OwnedLead {
        OwnedLead::new(&self.lead, self.number)
    }

    /// Where it begins in the file, in bytes from 0.
    ///
    /// Of a file that is not UTF-8 it is counted when asked for, over some 4 KiB of text at most: see
    /// [`Issue::byte_offset`] for how exact that is.
    pub fn byte_offset(&self) -> u64 {
        self.source.file_offset(self.reader, self.reader.record().offset())
    }

    /// The row as it was split, its line end left out: the bytes of the file where that is UTF-8, else
    /// those of its text.
    pub fn raw(&self) -> &'r [u8] {
        self.reader.record().raw()
    }
}

impl fmt::Debug for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Row")
            .field("number", &self.number)
            .field("line", &self.line)
            .field("outcome", &self.outcome)
            .field("issues", &self.issues.len())
            .finish_non_exhaustive()
    }
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is a lead.
    Imported,
    /// It is the lead of an earlier row.
    Duplicate {
        /// That row.
        of_row: u64,
    },
    /// It lacks what is required.
    Rejected,
    /// It is of another table of the file, or of the notes behind the table.
    OutsideTable,
}

/// Collects the issues of the row that the reader is at.
pub(super) struct Report<'i, 'r> {
    pub(super) issues: &'i mut Vec<Issue>,
    pub(super) reader: &'i RecordReader<'r>,
    pub(super) row: u64,
    pub(super) source: &'i Source<'r>,
}

impl Report<'_, '_> {
    /// Something about a cell.
    #[cold]
    pub(super) fn cell(&mut self, code: IssueCode, column: usize, raw: &str) {
        let at = self.reader.record().start_in_raw(column).unwrap_or(0);
        self.push(code, Some(column), at, raw.to_owned());
    }

    /// Something about the row as a whole.
    #[cold]
    pub(super) fn row(&mut self, code: IssueCode) {
        let raw = lossy(self.reader.record().raw()).into_owned();
        self.push(code, None, 0, raw);
    }

    /// The row repeats an earlier one.
    #[cold]
    pub(super) fn duplicate(&mut self, code: IssueCode, of_row: u64, action: Action) {
        self.row(code);
        if let Some(issue) = self.issues.last_mut() {
            issue.same_as_row = Some(of_row);
            issue.action = action;
        }
    }

    /// What the reader found irregular.
    pub(super) fn irregularities(&mut self) {
        let reader = self.reader;
        let record = reader.record();
        for one in record.irregularities() {
            let code = match one.kind {
                IrregularityKind::QuoteInsideCell => IssueCode::QuoteInsideCell,
                IrregularityKind::TextBehindQuote => IssueCode::TextBehindQuote,
                IrregularityKind::UnclosedQuote => IssueCode::UnclosedQuote,
                IrregularityKind::NulByte => IssueCode::NulByte,
                IrregularityKind::CellTooLong => IssueCode::CellTooLong,
                IrregularityKind::RecordTooLong => IssueCode::RecordTooLong,
                IrregularityKind::TooManyColumns => IssueCode::TooManyColumns,
            };
            let raw = &record.raw()[..record.raw().len().min(RAW_BYTES_MAX)];
            let raw = lossy(raw).into_owned();
            self.push(code, Some(one.column), one.offset, raw);
        }
    }

    fn push(&mut self, code: IssueCode, column: Option<usize>, at: usize, raw: String) {
        let record = self.reader.record();
        let offset = record.offset() + at.min(record.raw().len()) as u64;
        self.issues.push(Issue {
            code,
            severity: code.severity(),
            row: self.row,
            line: record.line(),
            column,
            byte_offset: self.source.file_offset(self.reader, offset),
            raw: Pii::new(raw),
            action: code.action(),
            same_as_row: None,
        });
    }
}
