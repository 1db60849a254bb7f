//! The preview as it is sent.

use genesy_core::pii::Pii;
use serde::Serialize;
use utoipa::ToSchema;

use crate::import::options::ImportOptions;
use crate::import::summary::ImportSummary;
use crate::lead_values::LeadValues;

/// What a file is understood as, by its beginning.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Preview {
    pub(super) encoding: PreviewEncoding,
    pub(super) dialect: PreviewDialect,
    /// All columns, in the order of the file.
    pub(super) columns: Vec<PreviewColumn>,
    /// The first rows.
    pub(super) rows: Vec<PreviewRow>,
    /// The first issues.
    pub(super) issues: Vec<PreviewIssue>,
    /// What became of the rows that were looked at.
    pub(super) counts: ImportSummary,
    /// Whether there are more rows than were looked at.
    pub(super) is_sample: bool,
    /// What was decided by hand.
    pub(super) options: ImportOptions,
}

/// The encoding.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PreviewEncoding {
    pub(super) name: String,
    /// From 0 (a guess) to 1 (certain).
    pub(super) confidence: f32,
    /// Whether it was decided by hand.
    pub(super) is_chosen: bool,
    /// Others that read the file as the same text.
    pub(super) others: Vec<String>,
}

/// How cells and rows are written.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PreviewDialect {
    pub(super) delimiter: String,
    /// Null if quote marks are text like other text.
    pub(super) quote: Option<String>,
    pub(super) escape: Option<String>,
    /// Whether the first row of the table names the columns.
    pub(super) has_header: bool,
    pub(super) header_rows: u8,
    /// Lines before the table.
    pub(super) lines_before: usize,
    /// Columns of the table.
    pub(super) width: usize,
    /// From 0 (a guess) to 1 (certain).
    pub(super) confidence: f32,
}

/// A column.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PreviewColumn {
    /// Counted from 0.
    pub(super) index: usize,
    pub(super) header: String,
    /// The field that it holds; null if it is kept as it is.
    pub(super) target: Option<String>,
    /// Why, in words.
    pub(super) reason: String,
    /// From 0 (a guess) to 1 (certain).
    pub(super) confidence: f32,
    /// Some of its cells.
    #[schema(value_type = Vec<String>)]
    pub(super) samples: Vec<Pii<String>>,
}

/// A row.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PreviewRow {
    /// Counted from 1 without header and blank lines.
    pub(super) row: u64,
    /// The line in the file, counted from 1.
    pub(super) line: u64,
    /// `imported`, `duplicate`, `rejected` or `outside_table`.
    pub(super) outcome: String,
    /// The row that it repeats.
    pub(super) of_row: Option<u64>,
    #[schema(value_type = Vec<String>)]
    pub(super) cells: Vec<Pii<String>>,
    pub(super) lead: LeadValues,
}

/// A doubt.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PreviewIssue {
    pub(super) row: u64,
    pub(super) line: u64,
    /// Counted from 0; null for the row as a whole.
    pub(super) column: Option<usize>,
    pub(super) code: String,
    /// `info`, `warning` or `error`.
    pub(super) severity: String,
    /// What is done.
    pub(super) action: String,
    /// What stands there.
    #[schema(value_type = String)]
    pub(super) raw: Pii<String>,
    /// What the owner of the file can do.
    pub(super) advice: String,
}
