//! Where runs are stored, so that a killed process goes on where it was.
//!
//! A driver stores a run before each call and after each reply. After a restart, what was answered is not
//! asked again; a call that was under way counts as interrupted, and may have been charged.

mod file;

use std::error::Error;
use std::fmt::Debug;

use async_trait::async_trait;

pub use self::file::{FileJournal, FileJournalError};
use crate::driver::LeadId;

/// A store of runs. What it stores holds what was found, so it is personal data.
///
/// [`FileJournal`] is one. This one is a table, here in memory; in a database, `store` is an upsert that is
/// committed:
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::Mutex;
///
/// use genesy_providers::driver::LeadId;
/// use genesy_providers::journal::{Journal, JournalError};
///
/// #[derive(Debug, Default)]
/// struct Table(Mutex<HashMap<LeadId, Vec<u8>>>);
///
/// #[async_trait::async_trait]
/// impl Journal for Table {
///     async fn load(&self, lead: &LeadId) -> Result<Option<Vec<u8>>, JournalError> {
///         let rows = self.0.lock().map_err(|_| "the table broke down")?;
///         Ok(rows.get(lead).cloned())
///     }
///
///     async fn store(&self, lead: &LeadId, snapshot: &[u8]) -> Result<(), JournalError> {
///         let mut rows = self.0.lock().map_err(|_| "the table broke down")?;
///         rows.insert(lead.clone(), snapshot.to_vec());
///         Ok(())
///     }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let (table, lead) = (Table::default(), LeadId::of_row(17));
/// table.store(&lead, b"1").await?;
/// table.store(&lead, b"2").await?;
/// assert_eq!(table.load(&lead).await?.as_deref(), Some(&b"2"[..]));
/// # Ok::<(), JournalError>(())
/// # })?;
/// # Ok::<(), JournalError>(())
/// ```
#[async_trait]
pub trait Journal: Debug + Send + Sync {
    /// The latest that was stored of a lead.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    async fn load(&self, lead: &LeadId) -> Result<Option<Vec<u8>>, JournalError>;

    /// Stores a run in place of what was stored of the lead before. It must outlive the process when
    /// this returns.
    ///
    /// # Errors
    ///
    /// When it cannot be stored. The run ends then, before anything that is not stored is done.
    async fn store(&self, lead: &LeadId, snapshot: &[u8]) -> Result<(), JournalError>;
}

/// Why a journal does not work.
pub type JournalError = Box<dyn Error + Send + Sync>;
