//! The file as a whole, by consequence.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::issue::{Action, Issue, IssueCode};
use super::row::Outcome;
use super::tables::Other;

/// What became of a file's rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Summary {
    /// Rows that are not blank: the sum of the next five counts.
    pub rows: u64,
    /// Leads imported with every filled cell understood.
    pub imported: u64,
    /// Leads imported with at least one cell emptied.
    pub imported_with_cells_emptied: u64,
    /// Rows not imported, since they lack what is required.
    pub rejected: u64,
    /// Rows not imported, since an earlier row is the same lead.
    pub duplicates: u64,
    /// Rows of other tables, and of the notes behind the table.
    pub outside_table: u64,
    /// Lines and rows with nothing but white space.
    pub blank: u64,
    /// Issues by code.
    pub issues: BTreeMap<IssueCode, u64>,
    /// Other tables that were met among the rows, wherever in the file, by their headers: the first
    /// [`Self::OTHER_TABLES_MAX`] of them. What the sample shows before any row is read, tables
    /// without a known header too, is in
    /// [`Sniffed::other_tables`](crate::csv::dialect::Sniffed::other_tables).
    pub other_tables: Vec<OtherTable>,
}

/// A table in the midst of the main one, or behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OtherTable {
    /// Its first row, as [`Row::number`](super::Row::number) counts.
    pub first_row: u64,
    /// The line where it begins, counted from 1.
    pub first_line: u64,
    /// Where it begins in the file, in bytes from 0.
    pub byte_offset: u64,
    /// Its rows, header rows included. A table that follows it with no row of the main one between
    /// them is counted here too.
    pub rows: u64,
    /// Columns of its header.
    pub width: usize,
}

impl Summary {
    /// Other tables that are listed.
    pub const OTHER_TABLES_MAX: usize = 64;

    /// Leads imported, with or without emptied cells.
    pub const fn leads(&self) -> u64 {
        self.imported + self.imported_with_cells_emptied
    }

    #[inline(always)]
    pub(super) fn add(&mut self, outcome: &Outcome, issues: &[Issue]) {
        self.rows += 1;
        if issues.is_empty() && matches!(outcome, Outcome::Imported) {
            self.imported += 1;
        } else {
            self.add_doubtful(outcome, issues);
        }
    }

    /// Notes that a row is of another table.
    #[cold]
    pub(super) fn add_to_table(&mut self, other: Other, row: u64, line: u64, byte_offset: u64) {
        let Other { width, rows, .. } = other;
        if rows == 1 && self.other_tables.len() < Self::OTHER_TABLES_MAX {
            let first = OtherTable { first_row: row, first_line: line, byte_offset, rows, width };
            self.other_tables.push(first);
        } else if let Some(last) = self.other_tables.last_mut()
            && last.first_row + rows == row + 1
        {
            last.rows = rows;
        }
    }

    fn add_doubtful(&mut self, outcome: &Outcome, issues: &[Issue]) {
        for issue in issues {
            *self.issues.entry(issue.code).or_default() += 1;
        }
        match outcome {
            Outcome::Rejected => self.rejected += 1,
            Outcome::OutsideTable => self.outside_table += 1,
            Outcome::Duplicate { .. } => self.duplicates += 1,
            Outcome::Imported => {
                let emptied = issues.iter().any(|issue| {
                    issue.action == Action::Emptied && issue.code != IssueCode::PlaceholderEmptied
                });
                if emptied {
                    self.imported_with_cells_emptied += 1;
                } else {
                    self.imported += 1;
                }
            }
        }
    }
}
