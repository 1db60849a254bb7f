//! Doubts of imports, and the rows that were rejected.

use genesy_core::pii::Pii;
use rusqlite::{Connection, Transaction};
use serde::Serialize;
use utoipa::ToSchema;

/// A doubt that is to be stored.
#[derive(Debug)]
pub(crate) struct NewIssue {
    pub(crate) row: i64,
    pub(crate) line: i64,
    pub(crate) column: Option<i64>,
    pub(crate) code: &'static str,
    pub(crate) severity: &'static str,
    pub(crate) action: String,
    pub(crate) raw: Pii<String>,
}

/// A doubt of an import.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ImportIssue {
    /// The row, counted from 1 without header and blank lines.
    pub(crate) row: i64,
    /// The line in the file, counted from 1.
    pub(crate) line: i64,
    /// The column, counted from 0; null for the row as a whole.
    pub(crate) column: Option<i64>,
    /// What it is, as a name.
    pub(crate) code: String,
    /// `info`, `warning` or `error`.
    pub(crate) severity: String,
    /// What was done.
    pub(crate) action: String,
    /// What stood there.
    #[schema(value_type = String)]
    pub(crate) raw: Pii<String>,
    /// The lead that the row became, or repeats.
    pub(crate) lead: Option<i64>,
    /// What the owner of the file can do.
    pub(crate) advice: &'static str,
}

/// Stores a doubt.
pub(crate) fn insert(
    transaction: &Transaction<'_>,
    import: i64,
    issue: &NewIssue,
    lead: Option<i64>,
) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare_cached(
        "INSERT INTO issues (import_id, row, line, column_index, code, severity, action, raw, lead_id) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    insert.execute(rusqlite::params![
        import,
        issue.row,
        issue.line,
        issue.column,
        issue.code,
        issue.severity,
        issue.action,
        issue.raw.reveal(),
        lead,
    ])?;
    Ok(())
}

const COLUMNS: &str = "rowid, row, line, column_index, code, severity, action, raw, lead_id";

/// The doubts of an import behind a row id, each with its row id.
pub(crate) fn page(
    connection: &Connection,
    import: i64,
    code: Option<&str>,
    after: (i64, i64),
    limit: usize,
) -> rusqlite::Result<Vec<((i64, i64), ImportIssue)>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM issues WHERE import_id = ?1 AND (row, rowid) > (?2, ?3) \
         AND (?4 IS NULL OR code = ?4) ORDER BY row, rowid LIMIT ?5"
    );
    let mut list = connection.prepare_cached(&sql)?;
    let rows = list.query_map((import, after.0, after.1, code, limit as i64), |row| {
        Ok(((row.get(1)?, row.get(0)?), read(row)?))
    })?;
    rows.collect()
}

/// The doubts about a lead.
pub(crate) fn of_lead(connection: &Connection, lead: i64) -> rusqlite::Result<Vec<ImportIssue>> {
    let sql = format!("SELECT {COLUMNS} FROM issues WHERE lead_id = ?1 ORDER BY rowid");
    let mut list = connection.prepare_cached(&sql)?;
    list.query_map([lead], read)?.collect()
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<ImportIssue> {
    let code: String = row.get(4)?;
    Ok(ImportIssue {
        row: row.get(1)?,
        line: row.get(2)?,
        column: row.get(3)?,
        advice: advice(&code),
        code,
        severity: row.get(5)?,
        action: row.get(6)?,
        raw: Pii::new(row.get(7)?),
        lead: row.get(8)?,
    })
}

/// What the owner of a file can do about a doubt, by its name.
pub(crate) fn advice(code: &str) -> &'static str {
    use genesy_core::csv::normalize::IssueCode;
    IssueCode::ALL.iter().find(|known| known.as_str() == code).map_or("", |code| code.advice())
}

/// Stores a rejected row as CSV; row 0 is the header.
pub(crate) fn insert_rejected(
    transaction: &Transaction<'_>,
    import: i64,
    row: i64,
    csv: &[u8],
) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare_cached(
        "INSERT OR REPLACE INTO rejected_rows (import_id, row, csv) VALUES (?1, ?2, ?3)",
    )?;
    insert.execute((import, row, csv))?;
    Ok(())
}

/// Rejected rows behind a row as one piece of CSV, and the last row in it; nothing if there are none.
pub(crate) fn rejected(
    connection: &Connection,
    import: i64,
    after: i64,
    limit: usize,
) -> rusqlite::Result<Option<(i64, Vec<u8>)>> {
    let mut list = connection.prepare_cached(
        "SELECT row, csv FROM rejected_rows WHERE import_id = ?1 AND row > ?2 ORDER BY row LIMIT ?3",
    )?;
    let mut rows = list.query((import, after, limit as i64))?;
    let (mut last, mut csv) = (None, Vec::new());
    while let Some(row) = rows.next()? {
        last = Some(row.get(0)?);
        csv.extend_from_slice(row.get_ref(1)?.as_blob()?);
    }
    Ok(last.map(|last| (last, csv)))
}
