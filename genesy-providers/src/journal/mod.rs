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
