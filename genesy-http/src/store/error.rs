//! Why the store does not work.

use std::io;
use std::path::PathBuf;

/// Why the store does not work. It quotes no value of a row.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The folder cannot be made or written.
    #[error("{}: the data folder cannot be written: give another one by --data", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Another process has it open.
    #[error("{}: another process has this data folder open: stop it, or give another one by --data", folder.display())]
    InUse {
        /// The folder.
        folder: PathBuf,
    },
    /// It holds what simulated providers and mail servers said.
    #[error("{}: this data folder was made by --demo: start with --demo, or give another one by --data", folder.display())]
    Simulated {
        /// The folder.
        folder: PathBuf,
    },
    /// Its runs are for real providers and mail servers.
    #[error(
        "{}: this data folder was not made by --demo, which would put made-up answers into it: leave --demo \
         out, or give another one by --data", folder.display()
    )]
    Real {
        /// The folder.
        folder: PathBuf,
    },
    /// It is of a later version.
    #[error(
        "the store is of version {version}, and this program knows up to {known}: use a later program"
    )]
    Version {
        /// Its version.
        version: u32,
        /// The latest that is known.
        known: u32,
    },
    /// SQLite says no.
    #[error("the store does not work")]
    Sqlite(#[source] SqliteError),
    /// There is no room for what is written.
    #[error("the disk of the data folder is full: make room on it")]
    Full,
    /// Somebody reads for so long that what is deleted cannot be taken off the disk yet.
    #[error("the log of the store is still being read: try again")]
    Busy,
    /// A part of the server panicked.
    #[error("the server broke down at this")]
    Panicked,
    /// The writer has ended, as at a shutdown.
    #[error("the store is closed")]
    Closed,
}

impl StoreError {
    /// What SQLite says, for the log: it names tables and columns, and no values.
    pub(crate) fn source_text(&self) -> Option<String> {
        match self {
            Self::Sqlite(error) => Some(error.to_string()),
            _ => None,
        }
    }

    /// What SQLite says, as an error of the store.
    pub(crate) fn of(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::Full,
            _ => Self::Sqlite(SqliteError(error)),
        }
    }
}

/// Takes what SQLite says by `?` as well. It is the store's own, so that no type of rusqlite is in what others see.
#[derive(Debug)]
pub(super) struct Within(StoreError);

impl From<rusqlite::Error> for Within {
    fn from(error: rusqlite::Error) -> Self {
        Self(StoreError::of(error))
    }
}

impl From<StoreError> for Within {
    fn from(error: StoreError) -> Self {
        Self(error)
    }
}

impl From<Within> for StoreError {
    fn from(Within(error): Within) -> Self {
        error
    }
}

/// What SQLite says. Its text names tables and columns, and no values.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct SqliteError(pub(super) rusqlite::Error);
