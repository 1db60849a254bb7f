//! Opening the file, and bringing it to the version of this program.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::Path;

use ring::rand::{SecureRandom, SystemRandom};
use rusqlite::Connection;

use super::StoreError;
use super::error::Within;
use super::hash::hex;

/// What each version adds. The number of a version is its place here, counted from 1.
const MIGRATIONS: [&str; 1] = [include_str!("schema.sql")];
/// Pages that the writer keeps in memory, in KiB.
const CACHE_KIB: i64 = 8 * 1024;

/// A store that is open.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) connection: Connection,
    pub(super) store_id: String,
    pub(super) hash_key: Vec<u8>,
    /// Locked for as long as the store is open.
    pub(super) lock: File,
}

/// Opens the store of a folder for writing.
pub(super) fn open(folder: &Path, file: &str, is_demo: bool) -> Result<Opened, Within> {
    let at = |source| StoreError::Folder { folder: folder.to_owned(), source };
    fs::create_dir_all(folder).map_err(at)?;
    let lock = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(folder.join("lock"))
        .map_err(at)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(StoreError::InUse { folder: folder.to_owned() }.into());
        }
        Err(TryLockError::Error(source)) => return Err(at(source).into()),
    }
    let mut connection = Connection::open(folder.join(file))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // What is deleted is overwritten: who is erased must not be left in free pages.
    connection.pragma_update(None, "secure_delete", true)?;
    // It is folded behind the writes.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    let is_new = migrate(&mut connection)?;
    let folder = || folder.to_owned();
    match (fact(&connection, "is_demo", || is_new && is_demo)?, is_demo) {
        (true, false) => return Err(StoreError::Simulated { folder: folder() }.into()),
        (false, true) => return Err(StoreError::Real { folder: folder() }.into()),
        _ => {}
    }
    let store_id = fact(&connection, "store_id", || hex(&random::<4>()))?;
    let hash_key = fact(&connection, "hash_key", || random::<32>().to_vec())?;
    Ok(Opened { connection, store_id, hash_key, lock })
}

/// Gives whether the store was made just now.
fn migrate(connection: &mut Connection) -> Result<bool, Within> {
    let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
    let version: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version > known {
        return Err(StoreError::Version { version, known }.into());
    }
    for (migration, version) in MIGRATIONS.iter().zip(1..).skip(version as usize) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "user_version", version as u32)?;
        transaction.commit()?;
    }
    Ok(version == 0)
}

/// A fact of the store, made up when it is first asked for.
fn fact<T: rusqlite::types::FromSql + rusqlite::ToSql>(
    connection: &Connection,
    key: &str,
    new: impl FnOnce() -> T,
) -> rusqlite::Result<T> {
    connection.execute("INSERT OR IGNORE INTO meta (key, value) VALUES (?1, ?2)", (key, new()))?;
    connection.query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0))
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(clippy::expect_used, reason = "a system without random bytes cannot run a server")]
    SystemRandom::new().fill(&mut bytes).expect("the system has random bytes");
    bytes
}
