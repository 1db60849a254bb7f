//! Imports as they are stored.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use serde::{Deserialize, Serialize};

use crate::clock::Time;
use crate::events::Event;

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ImportState {
    /// The file is coming.
    Uploading,
    /// The file is there, and can be looked at and imported.
    Ready,
    /// Its rows become leads.
    Importing,
    /// All rows were read.
    Imported,
    /// It could not be read to its end.
    Failed,
    /// Its leads are being removed.
    Undoing,
    /// Its leads are removed.
    Undone,
}

impl ImportState {
    const ALL: [Self; 7] = [
        Self::Uploading,
        Self::Ready,
        Self::Importing,
        Self::Imported,
        Self::Failed,
        Self::Undoing,
        Self::Undone,
    ];

    /// As it is stored and sent.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Uploading => "uploading",
            Self::Ready => "ready",
            Self::Importing => "importing",
            Self::Imported => "imported",
            Self::Failed => "failed",
            Self::Undoing => "undoing",
            Self::Undone => "undone",
        }
    }

    fn parse(text: &str) -> Self {
        Self::ALL.into_iter().find(|state| state.as_str() == text).unwrap_or(Self::Failed)
    }
}

/// A column of a file: its header, and the field that it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileColumn {
    pub(crate) header: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) field: Option<String>,
}

/// The fields that have their values from one column alone, each at the place of its column. The cells of other
/// columns are kept as they are, since the value of their field may be that of another cell: a name that is part
/// of a full one, a domain that is the address's.
pub(crate) fn sole_sources(columns: &[FileColumn]) -> Vec<Option<&str>> {
    let fields: Vec<Option<&str>> = columns.iter().map(|column| column.field.as_deref()).collect();
    let mut sources = BTreeMap::<&str, usize>::new();
    fields.iter().flatten().for_each(|field| *sources.entry(field).or_default() += 1);
    let is_sole = |field: &&str| match *field {
        "full_name" | "company_website" => false,
        "first_name" | "last_name" if sources.contains_key("full_name") => false,
        field => sources.get(field) == Some(&1),
    };
    fields.iter().map(|field| field.filter(is_sole)).collect()
}

/// An import.
#[derive(Debug, Clone)]
pub(crate) struct ImportRow {
    pub(crate) id: i64,
    pub(crate) file_name: String,
    pub(crate) state: ImportState,
    pub(crate) bytes: i64,
    /// As JSON.
    pub(crate) options: String,
    /// As JSON.
    pub(crate) columns: Option<String>,
    /// As JSON.
    pub(crate) summary: Option<String>,
    pub(crate) rows_read: i64,
    pub(crate) rows_estimate: Option<i64>,
    pub(crate) leads_new: i64,
    pub(crate) leads_known: i64,
    pub(crate) leads_suppressed: i64,
    pub(crate) error: Option<String>,
    pub(crate) created_at: Time,
    pub(crate) imported_at: Option<Time>,
}

const COLUMNS: &str = "id, file_name, state, bytes, options, columns, summary, rows_read, rows_estimate, \
    leads_new, leads_known, leads_suppressed, error, created_at, imported_at";

impl ImportRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            file_name: row.get(1)?,
            state: ImportState::parse(row.get_ref(2)?.as_str()?),
            bytes: row.get(3)?,
            options: row.get(4)?,
            columns: row.get(5)?,
            summary: row.get(6)?,
            rows_read: row.get(7)?,
            rows_estimate: row.get(8)?,
            leads_new: row.get(9)?,
            leads_known: row.get(10)?,
            leads_suppressed: row.get(11)?,
            error: row.get(12)?,
            created_at: row.get(13)?,
            imported_at: row.get(14)?,
        })
    }

    /// The import of an id, if it is there.
    pub(crate) fn find(connection: &Connection, id: i64) -> rusqlite::Result<Option<Self>> {
        let sql = format!("SELECT {COLUMNS} FROM imports WHERE id = ?1");
        connection.prepare_cached(&sql)?.query_row([id], Self::read).optional()
    }

    /// Imports before an id, the newest first.
    pub(crate) fn page(
        connection: &Connection,
        before: i64,
        limit: usize,
    ) -> rusqlite::Result<Vec<Self>> {
        let sql = format!("SELECT {COLUMNS} FROM imports WHERE id < ?1 ORDER BY id DESC LIMIT ?2");
        connection.prepare_cached(&sql)?.query_map((before, limit as i64), Self::read)?.collect()
    }

    /// The imports in a state.
    pub(crate) fn in_state(
        connection: &Connection,
        state: ImportState,
    ) -> rusqlite::Result<Vec<Self>> {
        let sql = format!("SELECT {COLUMNS} FROM imports WHERE state = ?1 ORDER BY id");
        connection.prepare_cached(&sql)?.query_map([state.as_str()], Self::read)?.collect()
    }

    /// Its columns.
    pub(crate) fn file_columns(&self) -> Vec<FileColumn> {
        let columns = self.columns.as_deref().map(serde_json::from_str);
        columns.and_then(Result::ok).unwrap_or_default()
    }

    /// Tells those who watch how far it is.
    pub(crate) fn record(&self, transaction: &Transaction<'_>, at: Time) -> rusqlite::Result<()> {
        tell(transaction, self.id, self.state, self.rows_read, at)
    }
}

/// Begins an import, whose file is yet to come.
pub(crate) fn begin(
    transaction: &Transaction<'_>,
    file_name: &str,
    at: Time,
) -> rusqlite::Result<i64> {
    transaction.execute(
        "INSERT INTO imports (file_name, state, created_at) VALUES (?1, 'uploading', ?2)",
        (file_name, at),
    )?;
    let id = transaction.last_insert_rowid();
    tell(transaction, id, ImportState::Uploading, 0, at)?;
    Ok(id)
}

/// Changes the state if it is one of `from`: false if it is not.
pub(crate) fn turn(
    transaction: &Transaction<'_>,
    id: i64,
    from: &[ImportState],
    to: ImportState,
    at: Time,
) -> rusqlite::Result<bool> {
    let Some(import) = ImportRow::find(transaction, id)? else { return Ok(false) };
    if !from.contains(&import.state) {
        return Ok(false);
    }
    transaction.execute("UPDATE imports SET state = ?2 WHERE id = ?1", (id, to.as_str()))?;
    ImportRow { state: to, ..import }.record(transaction, at)?;
    Ok(true)
}

/// Shows what the trouble with an import is, or that there is none any more.
pub(crate) fn show(
    transaction: &Transaction<'_>,
    id: i64,
    error: Option<&str>,
) -> rusqlite::Result<()> {
    transaction.execute("UPDATE imports SET error = ?2 WHERE id = ?1", (id, error))?;
    ImportRow::find(transaction, id)?
        .map_or(Ok(()), |import| import.record(transaction, Time::now()))
}

/// Removes an import of which nothing was imported.
pub(crate) fn remove(transaction: &Transaction<'_>, id: i64) -> rusqlite::Result<()> {
    transaction.execute("DELETE FROM issues WHERE import_id = ?1", [id])?;
    transaction.execute("DELETE FROM rejected_rows WHERE import_id = ?1", [id])?;
    transaction.execute("DELETE FROM imports WHERE id = ?1", [id])?;
    Ok(())
}

/// Removes an import that is ready; false if it is not.
pub(crate) fn remove_ready(transaction: &Transaction<'_>, id: i64) -> rusqlite::Result<bool> {
    let import = ImportRow::find(transaction, id)?;
    let is_ready = import.is_some_and(|import| import.state == ImportState::Ready);
    if is_ready {
        remove(transaction, id)?;
    }
    Ok(is_ready)
}

/// Tells those who watch how far an import is.
pub(crate) fn tell(
    transaction: &Transaction<'_>,
    import: i64,
    state: ImportState,
    rows_read: i64,
    at: Time,
) -> rusqlite::Result<()> {
    let rows_read = u64::try_from(rows_read).unwrap_or(0);
    Event::Import { import, state: state.as_str().to_owned(), rows_read }
        .record(transaction, at)?;
    Ok(())
}
