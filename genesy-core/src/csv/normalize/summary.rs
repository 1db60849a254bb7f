//! The file as a whole, by consequence.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::issue::{Action, Issue, IssueCode};
use super::row::Outcome;

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
}

impl Summary {
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
