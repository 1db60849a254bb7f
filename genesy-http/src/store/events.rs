//! Events as they are read and swept. They are written by [`crate::events::Event::record`].

use rusqlite::{Connection, OptionalExtension, Transaction};

use crate::clock::Time;

/// Events that are deleted in one transaction.
pub(crate) const SWEPT_AT_ONCE_MAX: u32 = 5_000;

/// Some events, as they are sent: the inside of a JSON array.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Batch {
    /// The objects with commas between them.
    pub(crate) json: String,
    /// The number of the last one; nothing if there are none.
    pub(crate) last: Option<i64>,
}

/// The events behind a number up to another one, no more than so many, and no more text than about so much.
pub(crate) fn behind(
    connection: &Connection,
    after: i64,
    up_to: i64,
    events_max: u32,
    bytes_max: usize,
) -> rusqlite::Result<Batch> {
    let mut select = connection.prepare_cached(
        "SELECT seq, at, data FROM events WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3",
    )?;
    let mut rows = select.query((after, up_to, events_max))?;
    let mut batch = Batch::default();
    while let Some(row) = rows.next()? {
        let (seq, at): (i64, Time) = (row.get(0)?, row.get(1)?);
        let data = row.get_ref(2)?.as_str()?;
        // Each is an object, so what is behind its brace follows the two members.
        let members = data.strip_prefix('{').unwrap_or_default();
        let comma = if batch.json.is_empty() { "" } else { "," };
        let at = at.timestamp().rfc_3339();
        batch.json.push_str(&format!("{comma}{{\"seq\":{seq},\"at\":\"{at}\",{members}"));
        batch.last = Some(seq);
        if batch.json.len() >= bytes_max {
            break;
        }
    }
    Ok(batch)
}

/// The number of the newest event there ever was; 0 if there was none.
pub(crate) fn newest(connection: &Connection) -> rusqlite::Result<i64> {
    let mut select =
        connection.prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = 'events'")?;
    Ok(select.query_row([], |row| row.get(0)).optional()?.unwrap_or(0))
}

/// The number of the oldest event that is kept, if any is.
pub(crate) fn oldest(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    let mut select = connection.prepare_cached("SELECT min(seq) FROM events")?;
    select.query_row([], |row| row.get(0))
}

/// Deletes some of the events that are older than a time, or not among the newest so many. Says whether there
/// may be more.
pub(crate) fn sweep(
    transaction: &Transaction<'_>,
    older_than: Time,
    kept_max: i64,
) -> rusqlite::Result<bool> {
    let newest = newest(transaction)?;
    // Events are in the order of time, but for a clock that was set back.
    let mut delete = transaction.prepare_cached(
        "DELETE FROM events WHERE seq IN (SELECT seq FROM events ORDER BY seq LIMIT ?1) \
         AND (seq <= ?2 OR at < ?3)",
    )?;
    let deleted = delete.execute((SWEPT_AT_ONCE_MAX, newest - kept_max, older_than))?;
    Ok(deleted == SWEPT_AT_ONCE_MAX as usize)
}
