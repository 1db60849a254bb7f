//! Which leads a filter finds. The answers to the last questions are kept until a lead changes.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::Entries;
use super::facets::FacetFilter;
use super::words::{BLOCK_LEADS, Search};
use crate::store::lead_filter::LeadFilter;

/// Answers that are kept: each takes a bit a lead.
const KEPT_MAX: usize = 8;
/// Leads from which on two threads look through them.
const PARTED_MIN: usize = if cfg!(test) { 100 } else { 100_000 };
/// Leads of a word of bits.
const WORD_LEADS: usize = 64;
/// Leads after which they can be parted: neither a block nor a word is.
const PART_LEADS: usize = if BLOCK_LEADS > WORD_LEADS { BLOCK_LEADS } else { WORD_LEADS };

/// A bit for each lead that matches.
pub(super) struct Found(Vec<u64>);

impl Found {
    pub(super) fn has(&self, slot: usize) -> bool {
        self.0[slot / WORD_LEADS] >> (slot % WORD_LEADS) & 1 == 1
    }

    pub(super) fn count(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }
}

/// What was found for the last filters.
#[derive(Default)]
pub(super) struct Results(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    generation: u64,
    /// The one that was asked for last comes last.
    found: Vec<(LeadFilter, Arc<Found>)>,
}

impl Results {
    /// All leads that match a filter.
    pub(super) fn all(
        &self,
        entries: &Entries,
        filter: &LeadFilter,
        matches: &Matches,
    ) -> Arc<Found> {
        let known = self.change(entries, |kept| {
            let place = kept.iter().position(|(other, _)| other == filter)?;
            kept[place..].rotate_left(1);
            kept.last().map(|(_, found)| Arc::clone(found))
        });
        known.unwrap_or_else(|| {
            let found = Arc::new(matches.all(entries));
            self.change(entries, |kept| {
                if kept.len() == KEPT_MAX {
                    kept.remove(0);
                }
                kept.push((filter.clone(), Arc::clone(&found)));
            });
            found
        })
    }

    fn change<T>(
        &self,
        entries: &Entries,
        change: impl FnOnce(&mut Vec<(LeadFilter, Arc<Found>)>) -> T,
    ) -> T {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.generation != entries.generation {
            *kept = Kept { generation: entries.generation, found: Vec::new() };
        }
        change(&mut kept.found)
    }
}

/// Which leads match.
pub(super) struct Matches {
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
    /// Whether a lead does.
    pub(super) fn has(&self, entries: &Entries, slot: usize) -> bool {
        let is_like = || entries.facets.get(slot).is_some_and(|facets| self.filter.matches(facets));
        is_like()
            && match &self.search {
                SearchFor::Any => true,
                SearchFor::Nothing => false,
                SearchFor::Words(search) => entries.words.has(search, slot),
            }
    }

    fn all(&self, entries: &Entries) -> Found {
        let count = entries.ids.len();
        let mut bits = vec![0; count.div_ceil(WORD_LEADS)];
        if count < PARTED_MIN {
            self.mark(entries, 0..count, &mut bits);
        } else {
            let middle = count / 2 / PART_LEADS * PART_LEADS;
            let (low, high) = bits.split_at_mut(middle / WORD_LEADS);
            thread::scope(|scope| {
                scope.spawn(|| self.mark(entries, 0..middle, low));
                self.mark(entries, middle..count, high);
            });
        }
        Found(bits)
    }

    /// Sets the bits of those of a part, whose first lead has the first bit.
    fn mark(&self, entries: &Entries, part: Range<usize>, bits: &mut [u64]) {
        let first = part.start;
        let mut mark = |slot: usize| {
            if self.filter.matches(&entries.facets[slot]) {
                bits[(slot - first) / WORD_LEADS] |= 1 << (slot % WORD_LEADS);
            }
        };
        match &self.search {
            SearchFor::Any => part.for_each(mark),
            SearchFor::Nothing => {}
            SearchFor::Words(search) => {
                for block in first / BLOCK_LEADS..part.end.div_ceil(BLOCK_LEADS) {
                    entries.words.find(search, block, &mut mark);
                }
            }
        }
    }
}
