//! Where the leads of a batch come from.

use std::error::Error;
use std::fmt::Debug;

use async_trait::async_trait;
use genesy_core::waterfall::{EmailState, LeadInputs};
use genesy_providers::driver::LeadId;

/// Why a page could not be read. Its text is stored, and shown to the operator: it must hold no personal
/// data.
pub type SourceError = Box<dyn Error + Send + Sync>;

/// A list of leads, read page by page.
///
/// A page is read again when a worker begins a slice within it, and by another worker if one goes away. So
/// the same cursor must give the same leads in the same order, as long as the batch runs: of a table, read
/// by a key that grows. Leads that are added at its end meanwhile are read as well.
///
/// [`VecSource`] and [`CsvSource`](super::CsvSource) are such lists. This one is a table that is read by its key:
///
/// ```
/// use std::collections::BTreeMap;
///
/// use genesy_core::waterfall::LeadInputs;
/// use genesy_providers::driver::LeadId;
/// use genesy_temporal::batch::{BatchLead, LeadSource, Page, SourceError};
///
/// #[derive(Debug)]
/// struct Table(BTreeMap<u64, LeadInputs>);
///
/// #[async_trait::async_trait]
/// impl LeadSource for Table {
///     async fn page(&self, cursor: Option<String>, leads_max: usize) -> Result<Page, SourceError> {
///         let from: u64 = cursor.map_or(Ok(0), |cursor| cursor.parse())?;
///         // SELECT … WHERE key >= $from ORDER BY key LIMIT $leads_max + 1
///         let mut rows = self.0.range(from..);
///         let lead = |(key, inputs): (&u64, &LeadInputs)| BatchLead::new(LeadId::of_row(*key), inputs.clone());
///         let leads = rows.by_ref().take(leads_max).map(lead).collect();
///         Ok(Page { leads, next: rows.next().map(|(key, _)| key.to_string()) })
///     }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let table = Table([3, 5, 9].map(|key| (key, LeadInputs::default())).into());
/// let first = table.page(None, 2).await?;
/// assert_eq!((first.leads.len(), first.next.as_deref()), (2, Some("9")));
/// let last = table.page(first.next, 2).await?;
/// assert_eq!((last.leads[0].id.as_str(), last.next), ("9", None));
/// # Ok::<(), SourceError>(())
/// # })?;
/// # Ok::<(), SourceError>(())
/// ```
#[async_trait]
pub trait LeadSource: Debug + Send + Sync {
    /// The page at a cursor, or the first one: at most so many leads.
    ///
    /// # Errors
    ///
    /// When it cannot be read. It is tried again, for some time.
    async fn page(&self, cursor: Option<String>, leads_max: usize) -> Result<Page, SourceError>;
}

/// Some leads in a row.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The leads. There may be none, though others follow.
    pub leads: Vec<BatchLead>,
    /// Where the next page is; nothing if this is the last one. A cursor is stored with the batch, so it
    /// must tell nothing of a person.
    pub next: Option<String>,
}

/// A lead of a batch.
#[derive(Debug, Clone)]
pub struct BatchLead {
    /// What tells it from all others, in all batches.
    pub id: LeadId,
    /// What it says.
    pub inputs: LeadInputs,
    /// What was found out about its e-mail address.
    pub email: EmailState,
}

impl BatchLead {
    /// A lead whose address nobody verified.
    pub fn new(id: LeadId, inputs: LeadInputs) -> Self {
        Self { id, inputs, email: EmailState::default() }
    }
}

/// Leads in memory. All workers of the batch's queue need the same.
#[derive(Debug, Clone, Default)]
pub struct VecSource {
    leads: Vec<BatchLead>,
}

impl VecSource {
    /// These leads.
    pub fn new(leads: impl IntoIterator<Item = BatchLead>) -> Self {
        Self { leads: leads.into_iter().collect() }
    }
}

#[async_trait]
impl LeadSource for VecSource {
    async fn page(&self, cursor: Option<String>, leads_max: usize) -> Result<Page, SourceError> {
        let begin = cursor.map_or(Ok(0), |cursor| cursor.parse::<usize>())?;
        let left = self.leads.get(begin..).ok_or("the cursor lies behind the last lead")?;
        let leads = left[..left.len().min(leads_max.max(1))].to_vec();
        let end = begin + leads.len();
        Ok(Page { leads, next: (end < self.leads.len()).then(|| end.to_string()) })
    }
}
