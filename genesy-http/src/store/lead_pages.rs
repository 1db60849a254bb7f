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

#[cfg(test)]
mod tests {
    use genesy_core::pii::Pii;

    use super::{PageRequest, Sort, page};
    use crate::clock::Time;
    use crate::store::Store;
    use crate::store::lead_filter::{LeadFilter, Verdict};
    use crate::store::leads::{self, NewLead};

    #[tokio::test]
    async fn pages_follow_each_other_in_every_order() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).expect("a store");
        let names = ["Lovelace", "Hopper", "", "Hopper", "Turing"];
        let insert = move |write: &rusqlite::Transaction<'_>| {
            for name in names {
                let mut lead = NewLead::default();
                lead.fields.last_name = (!name.is_empty()).then(|| Pii::new(name.to_owned()));
                leads::insert(write, &lead, Time::now())?;
            }
            Ok(())
        };
        store.write(insert).await.expect("leads");
        for (is_descending, wanted) in [(false, [3, 2, 4, 1, 5]), (true, [5, 1, 4, 2, 3])] {
            let request =
                PageRequest { sort: Sort::Name, is_descending, limit: 2, ..PageRequest::default() };
            let (mut request, mut seen) = (request, Vec::new());
            loop {
                let (this, catalog) = (request.clone(), std::sync::Arc::clone(store.catalog()));
                let page = store.read(move |store| page(store, &catalog, &this)).await;
                let page = page.expect("the store").expect("a page");
                seen.extend(page.leads.iter().map(|lead| lead.id));
                request.after = seen.last().copied();
                if !page.has_more {
                    break;
                }
            }
            assert_eq!(seen, wanted);
        }
        let filter = LeadFilter { verdict: Some(Verdict::None), ..LeadFilter::default() };
        let catalog = std::sync::Arc::clone(store.catalog());
        let count = store.read(move |store| catalog.count(store, &filter)).await;
        assert_eq!(count.expect("a count"), 5);
    }
}
