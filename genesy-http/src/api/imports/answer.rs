//! Imports as they are sent.

use serde::Serialize;
use utoipa::ToSchema;

use crate::clock::Time;
use crate::import::summary::ImportSummary;
use crate::store::imports::ImportRow;

/// An import.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Import {
    id: i64,
    file_name: String,
    /// `uploading`, `ready`, `importing`, `imported`, `failed`, `undoing` or `undone`.
    state: &'static str,
    bytes: i64,
    /// Rows that are in the store.
    rows_read: i64,
    /// How many rows it may have, by its beginning.
    rows_total_estimate: Option<i64>,
    /// Leads that were added.
    leads_new: i64,
    /// Leads whose address was in the store already: they got what they lacked.
    leads_known: i64,
    /// Leads that were not added, as they are suppressed.
    leads_suppressed: i64,
    /// Why it failed, or why it does not go on for now.
    error: Option<String>,
    created_at: Time,
    imported_at: Option<Time>,
    /// What became of the rows so far.
    summary: Option<ImportSummary>,
}

impl From<ImportRow> for Import {
    fn from(import: ImportRow) -> Self {
        Self {
            id: import.id,
            file_name: import.file_name,
            state: import.state.as_str(),
            bytes: import.bytes,
            rows_read: import.rows_read,
            rows_total_estimate: import.rows_estimate,
            leads_new: import.leads_new,
            leads_known: import.leads_known,
            leads_suppressed: import.leads_suppressed,
            error: import.error,
            created_at: import.created_at,
            imported_at: import.imported_at,
            summary: import.summary.as_deref().and_then(|json| serde_json::from_str(json).ok()),
        }
    }
}
