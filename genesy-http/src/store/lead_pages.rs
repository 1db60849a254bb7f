//! Lists of leads, a page at a time.

use rusqlite::Connection;

use super::catalog::Catalog;
use super::lead_filter::LeadFilter;
use super::leads::LeadRow;

/// What a list is sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Sort {
    /// The order in which they came.
    #[default]
    Id,
    /// Last name, first name.
    Name,
    /// The company's name.
    Company,
    /// The country's code.
    Country,
    /// The e-mail address.
    Email,
    /// When they were changed.
    Updated,
}

/// Which page of which list.
#[derive(Debug, Clone, Default)]
pub(crate) struct PageRequest {
    pub(crate) filter: LeadFilter,
    pub(crate) sort: Sort,
    pub(crate) is_descending: bool,
    /// The last lead of the page before.
    pub(crate) after: Option<i64>,
    /// Leads that are passed over.
    pub(crate) offset: usize,
    pub(crate) limit: usize,
}

/// A page of a list.
#[derive(Debug, Clone, Default)]
pub(crate) struct Page {
    pub(crate) leads: Vec<LeadRow>,
    /// The last lead of it, even if it was deleted meanwhile.
    pub(crate) last: Option<i64>,
    /// Whether leads follow.
    pub(crate) has_more: bool,
}

/// Reads a page; nothing if the lead that it begins behind is not known any more.
pub(crate) fn page(
    connection: &Connection,
    catalog: &Catalog,
    request: &PageRequest,
) -> rusqlite::Result<Option<Page>> {
    let Some(page) = catalog.page(connection, request)? else { return Ok(None) };
    let leads = LeadRow::all(connection, &page.ids)?;
    Ok(Some(Page { leads, last: page.ids.last().copied(), has_more: page.has_more }))
}
