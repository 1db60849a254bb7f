//! Pages and counts.

use std::cmp::Reverse;

use rusqlite::Connection;

use super::facets::FacetFilter;
use super::{Catalog, Entries, Key};
use crate::store::lead_filter::LeadFilter;
use crate::store::lead_pages::{PageRequest, Sort};
use crate::store::lead_search;

/// The ids of a page.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct PageIds {
    pub(crate) ids: Vec<i64>,
    /// Whether leads follow.
    pub(crate) has_more: bool,
}

/// Which leads match.
struct Matches<'f> {
    filter: FacetFilter,
    /// A bit a lead: the words are in it.
    words: Option<&'f [u64]>,
}

impl Matches<'_> {
    #[inline]
    fn has(&self, entries: &Entries, slot: usize) -> bool {
        entries.facets.get(slot).is_some_and(|facets| self.filter.matches(facets))
            && self.words.is_none_or(|words| {
                words.get(slot / 64).is_some_and(|bits| bits >> (slot % 64) & 1 == 1)
            })
    }
}

impl Catalog {
    /// The ids of a page; nothing if the lead that the page begins behind is not known any more.
    pub(crate) fn page(
        &self,
        store: &Connection,
        request: &PageRequest,
    ) -> rusqlite::Result<Option<PageIds>> {
        let found = found(store, &request.filter)?;
        let filter = FacetFilter::from(&request.filter);
        let key = match request.sort {
            Sort::Name => Key::Name,
            Sort::Company => Key::Company,
            Sort::Email => Key::Email,
            Sort::Id => {
                let entries = self.entries();
                let words = bits(&entries, found.as_deref());
                let matches = Matches { filter, words: words.as_deref() };
                return Ok(Some(by_id(&entries, &matches, request)));
            }
            Sort::Country | Sort::Updated => {
                let entries = self.entries();
                let words = bits(&entries, found.as_deref());
                let matches = Matches { filter, words: words.as_deref() };
                return Ok(by_value(&entries, &matches, request));
            }
        };
        self.with_order(store, key, |entries, slots| {
            let words = bits(entries, found.as_deref());
            let matches = Matches { filter, words: words.as_deref() };
            by_order(entries, slots, &matches, request)
        })
    }

    /// How many leads match.
    pub(crate) fn count(&self, store: &Connection, filter: &LeadFilter) -> rusqlite::Result<usize> {
        let found = found(store, filter)?;
        let filter = FacetFilter::from(filter);
        let entries = self.entries();
        let slots = match &found {
            None => {
                return Ok(entries.facets.iter().filter(|facets| filter.matches(facets)).count());
            }
            Some(ids) => ids.iter().filter_map(|id| entries.slot(*id)),
        };
        Ok(slots.filter(|slot| filter.matches(&entries.facets[*slot])).count())
    }
}

/// The leads that the words of a filter are in, in rising order.
fn found(store: &Connection, filter: &LeadFilter) -> rusqlite::Result<Option<Vec<i64>>> {
    filter.q.as_ref().map(|words| lead_search::find(store, words.reveal())).transpose()
}

fn bits(entries: &Entries, found: Option<&[i64]>) -> Option<Vec<u64>> {
    let found = found?;
    let mut bits = vec![0; entries.ids.len().div_ceil(64)];
    for slot in found.iter().filter_map(|id| entries.slot(*id)) {
        bits[slot / 64] |= 1 << (slot % 64);
    }
    Some(bits)
}

fn by_id(entries: &Entries, matches: &Matches<'_>, request: &PageRequest) -> PageIds {
    let ids = &entries.ids;
    let (first, last) = match (request.after, request.is_descending) {
        (None, _) => (0, ids.len()),
        (Some(after), false) => (ids.partition_point(|id| *id <= after), ids.len()),
        (Some(after), true) => (0, ids.partition_point(|id| *id < after)),
    };
    if request.is_descending {
        take(entries, matches, request, (first..last).rev())
    } else {
        take(entries, matches, request, first..last)
    }
}

fn by_order(
    entries: &Entries,
    slots: &[u32],
    matches: &Matches<'_>,
    request: &PageRequest,
) -> Option<PageIds> {
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
        take(entries, matches, request, slots.rev())
    } else {
        take(entries, matches, request, slots)
    })
}

fn take(
    entries: &Entries,
    matches: &Matches<'_>,
    request: &PageRequest,
    slots: impl Iterator<Item = usize>,
) -> PageIds {
    let matching = slots.filter(|slot| matches.has(entries, *slot)).skip(request.offset);
    let mut ids: Vec<i64> =
        matching.take(request.limit + 1).map(|slot| entries.ids[slot]).collect();
    let has_more = ids.len() > request.limit;
    ids.truncate(request.limit);
    PageIds { ids, has_more }
}

/// Sorted by what the catalog has itself: only the page and what is before it is put in order.
fn by_value(entries: &Entries, matches: &Matches<'_>, request: &PageRequest) -> Option<PageIds> {
    let value = |slot: usize| match request.sort {
        Sort::Updated => entries.facets[slot].updated,
        _ => u64::from(entries.facets[slot].country),
    };
    let after = match request.after {
        Some(after) => Some((value(entries.slot(after)?), entries.slot(after)?)),
        None => None,
    };
    let is_behind = |place: &(u64, usize)| match after {
        None => true,
        Some(after) if request.is_descending => *place < after,
        Some(after) => *place > after,
    };
    let slots = (0..entries.ids.len()).filter(|slot| matches.has(entries, *slot));
    let mut places: Vec<(u64, usize)> =
        slots.map(|slot| (value(slot), slot)).filter(is_behind).collect();
    let end = request.offset + request.limit + 1;
    if request.is_descending {
        first_sorted(&mut places, request.offset, end, Reverse);
    } else {
        first_sorted(&mut places, request.offset, end, |place| place);
    }
    let page = places.get(request.offset..end.min(places.len())).unwrap_or_default();
    let mut ids: Vec<i64> = page.iter().map(|(_, slot)| entries.ids[*slot]).collect();
    let has_more = ids.len() > request.limit;
    ids.truncate(request.limit);
    Some(PageIds { ids, has_more })
}

/// Puts the places from `start` to `end` in order, and no others.
fn first_sorted<K: Ord>(
    places: &mut [(u64, usize)],
    start: usize,
    end: usize,
    key: impl Fn((u64, usize)) -> K,
) {
    let mut rest = places;
    if start >= rest.len() {
        return;
    }
    let mut count = end - start;
    if start > 0 {
        rest.select_nth_unstable_by_key(start, |place| key(*place));
        rest = &mut rest[start..];
    }
    if count < rest.len() {
        rest.select_nth_unstable_by_key(count, |place| key(*place));
    } else {
        count = rest.len();
    }
    rest[..count].sort_unstable_by_key(|place| key(*place));
}
