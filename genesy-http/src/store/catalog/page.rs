//! Pages and counts.

use std::cmp::Ordering;

use rusqlite::Connection;

use super::facets::FacetFilter;
use super::words::{BLOCK_LEADS, Search};
use super::{Catalog, Entries, Key};
use crate::store::lead_filter::LeadFilter;
use crate::store::lead_pages::{PageRequest, Sort};

/// Leads of an order that are looked at one by one whether they match.
const ONE_BY_ONE_MAX: usize = if cfg!(test) { 20 } else { 20_000 };
/// Leads that are put in order and passed over at most.
const SKIPPED_MAX: usize = if cfg!(test) { 3 } else { 5000 };
/// Parts in which keys are counted.
const PARTS: u64 = if cfg!(test) { 4 } else { 4096 };

/// The ids of a page.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct PageIds {
    pub(crate) ids: Vec<i64>,
    /// Whether leads follow.
    pub(crate) has_more: bool,
}

/// Which leads match.
struct Matches {
    filter: FacetFilter,
    search: SearchFor,
}

/// Which words they have.
enum SearchFor {
    Any,
    /// There is no word in what is searched for.
    Nothing,
    Words(Search),
}

impl From<&LeadFilter> for Matches {
    fn from(filter: &LeadFilter) -> Self {
        let search = match &filter.q {
            None => SearchFor::Any,
            Some(text) => Search::new(text.reveal()).map_or(SearchFor::Nothing, SearchFor::Words),
        };
        Self { filter: FacetFilter::from(filter), search }
    }
}

impl Matches {
    /// Those of a block, in rising order.
    fn of_block(&self, entries: &Entries, search: &Search, block: usize) -> Vec<usize> {
        let mut slots = Vec::new();
        entries.words.find(search, block, &mut slots);
        slots.retain(|slot| self.filter.matches(&entries.facets[*slot]));
        slots
    }

    /// Visits all of them, in rising order.
    fn for_each(&self, entries: &Entries, mut visit: impl FnMut(usize)) {
        match &self.search {
            SearchFor::Any => {
                let facets = entries.facets.iter().enumerate();
                let matching = facets.filter(|(_, facets)| self.filter.matches(facets));
                matching.for_each(|(slot, _)| visit(slot));
            }
            SearchFor::Nothing => {}
            SearchFor::Words(search) => {
                for block in 0..entries.words.blocks() {
                    self.of_block(entries, search, block).into_iter().for_each(&mut visit);
                }
            }
        }
    }

    /// Whether one does.
    fn has(&self, entries: &Entries, slot: usize) -> bool {
        let is_like = || entries.facets.get(slot).is_some_and(|facets| self.filter.matches(facets));
        is_like()
            && match &self.search {
                SearchFor::Any => true,
                SearchFor::Nothing => false,
                SearchFor::Words(search) => entries.words.has(search, slot),
            }
    }

    /// A bit for each lead that matches.
    fn bits(&self, entries: &Entries) -> Vec<u64> {
        let mut bits = vec![0; entries.ids.len().div_ceil(64)];
        self.for_each(entries, |slot| bits[slot / 64] |= 1 << (slot % 64));
        bits
    }
}

impl Catalog {
    /// The ids of a page; nothing if the lead that the page begins behind is not known any more.
    pub(crate) fn page(
        &self,
        store: &Connection,
        request: &PageRequest,
    ) -> rusqlite::Result<Option<PageIds>> {
        let matches = Matches::from(&request.filter);
        let key = match request.sort {
            Sort::Id => return Ok(Some(by_id(&*self.entries()?, &matches, request))),
            Sort::Country | Sort::Updated => {
                return Ok(by_value(&*self.entries()?, &matches, request));
            }
            Sort::Name => Key::Name,
            Sort::Company => Key::Company,
            Sort::Email => Key::Email,
        };
        self.with_order(store, key, |entries, slots| by_order(entries, slots, &matches, request))
    }

    /// How many leads match.
    pub(crate) fn count(&self, filter: &LeadFilter) -> rusqlite::Result<usize> {
        let matches = Matches::from(filter);
        let entries = self.entries()?;
        let mut count = 0;
        matches.for_each(&entries, |_| count += 1);
        Ok(count)
    }

    /// The ids of leads that match behind one, in rising order: at most `limit`.
    pub(crate) fn ids(
        &self,
        filter: &LeadFilter,
        after: i64,
        limit: usize,
    ) -> rusqlite::Result<Vec<i64>> {
        let request = PageRequest { after: Some(after), limit, ..PageRequest::default() };
        Ok(by_id(&*self.entries()?, &Matches::from(filter), &request).ids)
    }

    /// Keeps the ids of leads that are there.
    pub(crate) fn retain_known(&self, ids: &mut Vec<i64>) -> rusqlite::Result<()> {
        let entries = self.entries()?;
        ids.retain(|id| entries.slot(*id).is_some_and(|slot| !entries.facets[slot].is_gone()));
        Ok(())
    }
}

fn by_id(entries: &Entries, matches: &Matches, request: &PageRequest) -> PageIds {
    let ids = &entries.ids;
    let (first, end) = match (request.after, request.is_descending) {
        (None, _) => (0, ids.len()),
        (Some(after), false) => (ids.partition_point(|id| *id <= after), ids.len()),
        (Some(after), true) => (0, ids.partition_point(|id| *id < after)),
    };
    let SearchFor::Words(search) = &matches.search else {
        let is_match = |slot: &usize| matches.has(entries, *slot);
        return if request.is_descending {
            take(entries, request, (first..end).rev().filter(is_match))
        } else {
            take(entries, request, (first..end).filter(is_match))
        };
    };
    let blocks = first / BLOCK_LEADS..end.div_ceil(BLOCK_LEADS);
    let of_block = |block| matches.of_block(entries, search, block).into_iter();
    let is_asked = |slot: &usize| (first..end).contains(slot);
    if request.is_descending {
        take(
            entries,
            request,
            blocks.rev().flat_map(|block| of_block(block).rev()).filter(is_asked),
        )
    } else {
        take(entries, request, blocks.flat_map(of_block).filter(is_asked))
    }
}

fn by_order(
    entries: &Entries,
    slots: &[u32],
    matches: &Matches,
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
        first_or_all(entries, matches, request, slots.rev())
    } else {
        first_or_all(entries, matches, request, slots)
    })
}

/// A page of an order. What many leads match is found among the first ones; else all are looked through in
/// the order in which they are in memory, which is quicker than one by one.
fn first_or_all(
    entries: &Entries,
    matches: &Matches,
    request: &PageRequest,
    slots: impl Iterator<Item = usize> + Clone,
) -> PageIds {
    if request.offset < ONE_BY_ONE_MAX {
        let first = slots.clone().take(ONE_BY_ONE_MAX);
        let page = take(entries, request, first.filter(|slot| matches.has(entries, *slot)));
        if page.has_more {
            return page;
        }
    }
    let bits = matches.bits(entries);
    let is_match = |slot: &usize| bits[slot / 64] >> (slot % 64) & 1 == 1;
    take(entries, request, slots.filter(is_match))
}

/// A page of those that match, in their order.
fn take(entries: &Entries, request: &PageRequest, slots: impl Iterator<Item = usize>) -> PageIds {
    let page = slots.skip(request.offset).take(request.limit.saturating_add(1));
    let mut ids: Vec<i64> = page.map(|slot| entries.ids[slot]).collect();
    let has_more = ids.len() > request.limit;
    ids.truncate(request.limit);
    PageIds { ids, has_more }
}

/// Sorted by what the catalog has itself: where the page begins is found out by counting, and only what is
/// around it is put in order.
fn by_value(entries: &Entries, matches: &Matches, request: &PageRequest) -> Option<PageIds> {
    // What is greater comes first in a list that descends.
    let key = |slot: usize| {
        let facets = &entries.facets[slot];
        let value = match request.sort {
            Sort::Updated => facets.updated,
            _ => u64::from(facets.country),
        };
        if request.is_descending { !value } else { value }
    };
    let after = match request.after {
        Some(after) => entries.slot(after).map(|slot| Some((key(slot), slot)))?,
        None => None,
    };
    let bits = matches.bits(entries);
    let is_asked = |slot: &usize| {
        bits[slot / 64] >> (slot % 64) & 1 == 1
            && after.is_none_or(|(value, last)| match key(*slot).cmp(&value) {
                Ordering::Equal if request.is_descending => *slot < last,
                Ordering::Equal => *slot > last,
                order => order == Ordering::Greater,
            })
    };
    let slots = 0..entries.ids.len();
    Some(if request.is_descending {
        sorted(entries, request, slots.rev().filter(is_asked), key)
    } else {
        sorted(entries, request, slots.filter(is_asked), key)
    })
}

/// A page of slots by their keys; those with the same one stay in their order.
fn sorted(
    entries: &Entries,
    request: &PageRequest,
    slots: impl Iterator<Item = usize> + Clone,
    key: impl Fn(usize) -> u64,
) -> PageIds {
    let (first, mut skipped) = begin(slots.clone(), request.offset, &key);
    let mut page: Vec<(u64, usize, usize)> = Vec::new();
    let (mut last, end) = (None, skipped.min(SKIPPED_MAX) + request.limit + 1);
    // If more are passed over, all of them have the first key.
    let mut passed_over = skipped.saturating_sub(SKIPPED_MAX);
    skipped -= passed_over;
    for (place, slot) in slots.enumerate() {
        let key = key(slot);
        // One with the same key that comes later is behind the others.
        if key < first || last.is_some_and(|last| key >= last) {
            continue;
        }
        if key == first && passed_over > 0 {
            passed_over -= 1;
            continue;
        }
        page.push((key, place, slot));
        // So each is moved some times at most.
        if page.len() >= 2 * end {
            page.select_nth_unstable(end - 1);
            page.truncate(end);
            last = page.last().map(|(key, ..)| *key);
        }
    }
    page.sort_unstable();
    let page = page.into_iter().map(|(.., slot)| slot);
    take(entries, &PageRequest { offset: skipped, ..request.clone() }, page)
}

/// The least key that a page with an offset can begin with, and how many from there on are passed over: few,
/// or all of them have that key.
fn begin(
    slots: impl Iterator<Item = usize> + Clone,
    offset: usize,
    key: impl Fn(usize) -> u64,
) -> (u64, usize) {
    if offset <= SKIPPED_MAX {
        return (0, offset);
    }
    let keys = || slots.clone().map(&key);
    let (mut first, mut last, count) = keys()
        .fold((u64::MAX, 0, 0), |(least, most, count), key| {
            (key.min(least), key.max(most), count + 1)
        });
    let mut offset = offset;
    if offset >= count {
        // There is nothing there.
        return (u64::MAX, offset);
    }
    while offset > SKIPPED_MAX && first < last {
        let width = (last - first) / PARTS + 1;
        let mut counts = [0_usize; PARTS as usize];
        for key in keys().filter(|key| (first..=last).contains(key)) {
            counts[((key - first) / width) as usize] += 1;
        }
        let mut part = 0;
        while offset >= counts[part] {
            offset -= counts[part];
            part += 1;
        }
        first += part as u64 * width;
        last = last.min(first.saturating_add(width - 1));
    }
    (first, offset)
}
