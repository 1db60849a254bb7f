//! Pages and counts.

use rusqlite::Connection;

use super::found::Matches;
use super::values::Value;
use super::{Catalog, Entries, Key};
use crate::store::lead_filter::LeadFilter;
use crate::store::lead_pages::{PageRequest, Sort};

/// Leads of an order that are looked at one by one whether they match.
const ONE_BY_ONE_MAX: usize = if cfg!(test) { 20 } else { 20_000 };

/// The ids of a page.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct PageIds {
    pub(crate) ids: Vec<i64>,
    /// Whether leads follow.
    pub(crate) has_more: bool,
}

impl Catalog {
    /// The ids of a page; nothing if the lead that the page begins behind is not known any more.
    pub(crate) fn page(
        &self,
        store: &Connection,
        request: &PageRequest,
    ) -> rusqlite::Result<Option<PageIds>> {
        let key = match request.sort {
            Sort::Id => {
                let entries = self.entries()?;
                return Ok(Some(self.by_id(&entries, request)));
            }
            Sort::Country => return self.by_value(Value::Country, request),
            Sort::Updated => return self.by_value(Value::Updated, request),
            Sort::Name => Key::Name,
            Sort::Company => Key::Company,
            Sort::Email => Key::Email,
        };
        self.with_order(store, key, |entries, slots| self.by_order(entries, slots, request))
    }

    /// How many leads match.
    pub(crate) fn count(&self, filter: &LeadFilter) -> rusqlite::Result<usize> {
        let entries = self.entries()?;
        Ok(self.results.all(&entries, filter, &Matches::from(filter)).count())
    }

    /// The ids of leads that match behind one, in rising order: at most `limit`.
    pub(crate) fn ids(
        &self,
        filter: &LeadFilter,
        after: i64,
        limit: usize,
    ) -> rusqlite::Result<Vec<i64>> {
        let filter = filter.clone();
        let request = PageRequest { filter, after: Some(after), limit, ..PageRequest::default() };
        let entries = self.entries()?;
        Ok(self.by_id(&entries, &request).ids)
    }

    /// Keeps the ids of leads that are there.
    pub(crate) fn retain_known(&self, ids: &mut Vec<i64>) -> rusqlite::Result<()> {
        let entries = self.entries()?;
        ids.retain(|id| entries.slot(*id).is_some_and(|slot| !entries.facets[slot].is_gone()));
        Ok(())
    }

    fn by_id(&self, entries: &Entries, request: &PageRequest) -> PageIds {
        let ids = &entries.ids;
        let slots = match (request.after, request.is_descending) {
            (None, _) => 0..ids.len(),
            (Some(after), false) => ids.partition_point(|id| *id <= after)..ids.len(),
            (Some(after), true) => 0..ids.partition_point(|id| *id < after),
        };
        if request.is_descending {
            self.first_or_all(entries, request, slots.rev())
        } else {
            self.first_or_all(entries, request, slots)
        }
    }

    fn by_value(&self, value: Value, request: &PageRequest) -> rusqlite::Result<Option<PageIds>> {
        let entries = self.entries()?;
        let order = entries.values.order(value, &entries.facets);
        Ok(self.by_order(&entries, order.slots(), request))
    }

    fn by_order(&self, entries: &Entries, slots: &[u32], request: &PageRequest) -> Option<PageIds> {
        let place = match request.after {
            None => None,
            Some(after) => {
                let slot = u32::try_from(entries.slot(after)?).ok()?;
                Some(slots.iter().position(|other| *other == slot)?)
            }
        };
        let slots = match (place, request.is_descending) {
            (None, _) => slots,
            (Some(place), false) => &slots[place + 1..],
            (Some(place), true) => &slots[..place],
        };
        let slots = slots.iter().map(|slot| *slot as usize);
        Some(if request.is_descending {
            self.first_or_all(entries, request, slots.rev())
        } else {
            self.first_or_all(entries, request, slots)
        })
    }

    /// A page of an order. What many leads match is found among the first ones; else all are looked through
    /// in the order in which they are in memory, which is quicker than one by one.
    fn first_or_all(
        &self,
        entries: &Entries,
        request: &PageRequest,
        slots: impl Iterator<Item = usize> + Clone,
    ) -> PageIds {
        let matches = Matches::from(&request.filter);
        if request.offset < ONE_BY_ONE_MAX {
            let first = slots.clone().take(ONE_BY_ONE_MAX);
            let page = take(entries, request, first.filter(|slot| matches.has(entries, *slot)));
            if page.has_more {
                return page;
            }
        }
        let found = self.results.all(entries, &request.filter, &matches);
        take(entries, request, slots.filter(|slot| found.has(*slot)))
    }
}

/// A page of those that match, in their order.
fn take(entries: &Entries, request: &PageRequest, slots: impl Iterator<Item = usize>) -> PageIds {
    let page = slots.skip(request.offset).take(request.limit.saturating_add(1));
    let mut ids: Vec<i64> = page.map(|slot| entries.ids[slot]).collect();
    let has_more = ids.len() > request.limit;
    ids.truncate(request.limit);
    PageIds { ids, has_more }
}
