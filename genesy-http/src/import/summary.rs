//! What became of the rows of a file, by consequence.

use genesy_core::csv::normalize::Summary;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::read::severity;

/// What became of the rows of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct ImportSummary {
    /// Rows that are not blank: the sum of the next five counts.
    rows: u64,
    /// Leads with every filled cell understood.
    imported: u64,
    /// Leads with a cell that was emptied.
    imported_with_cells_emptied: u64,
    /// Rows whose lead is in an earlier row.
    duplicates: u64,
    /// Rows that lack what is required.
    rejected: u64,
    /// Rows of other tables, and of notes behind the table.
    outside_table: u64,
    /// Rows with nothing in them.
    blank: u64,
    /// The doubts by kind.
    issues: Vec<IssueCount>,
}

/// How often there was a doubt of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct IssueCount {
    /// What it is, as a name.
    code: String,
    /// `info`, `warning` or `error`.
    severity: String,
    count: u64,
    /// What the owner of the file can do.
    advice: String,
}

impl From<&Summary> for ImportSummary {
    fn from(summary: &Summary) -> Self {
        let issues = summary.issues.iter().map(|(code, count)| IssueCount {
            code: code.as_str().to_owned(),
            severity: severity(*code).to_owned(),
            count: *count,
            advice: code.advice().to_owned(),
        });
        Self {
            rows: summary.rows,
            imported: summary.imported,
            imported_with_cells_emptied: summary.imported_with_cells_emptied,
            duplicates: summary.duplicates,
            rejected: summary.rejected,
            outside_table: summary.outside_table,
            blank: summary.blank,
            issues: issues.collect(),
        }
    }
}
