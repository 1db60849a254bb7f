//! What lists of leads are made from: some bytes a lead in memory, which every commit brings up to date.
//!
//! A database has an index for each question that was foreseen. Here any filter, any search, any count and
//! any place of a scroll bar is answered by looking at all leads, some milliseconds for a million of them.
//!
//! | limit | value |
//! |---|---|
//! | memory of a lead | 32 bytes, its words, and 4 bytes for each of five orders |
//! | changed leads that are put in their place one by one | 64 ([`order::MOVED_MAX`]) |

mod facets;
mod found;
mod order;
pub(crate) mod page;
mod read;
#[cfg(test)]
mod tests;
mod values;
mod words;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{
    Arc, Condvar, Mutex, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
};

use rusqlite::Connection;
use rusqlite::hooks::Action;

use self::facets::Facets;
use self::found::Results;
pub(crate) use self::order::Key;
use self::order::{Orders, index};
use self::read::Leads;
use self::values::Values;
use self::words::Words;
use super::addresses::Addresses;

/// Changed leads from which on they are read as one range.
const RANGE_MIN: usize = 32;
/// One in so many leads may be deleted before their places are given up.
const GONE_SHARE: usize = 4;

/// The leads of a store, for lists.
pub(crate) struct Catalog {
    entries: OnceLock<RwLock<Entries>>,
    /// Whether the leads could not be read so far.
    has_failed: Mutex<bool>,
    tried: Condvar,
    orders: Orders,
    results: Results,
    addresses: Arc<Addresses>,
}

/// All leads in the order of their ids.
#[derive(Default)]
struct Entries {
    ids: Vec<i64>,
    facets: Vec<Facets>,
    words: Words,
    gone: usize,
    values: Values,
    /// How often leads have changed.
    generation: u64,
    /// How often places were given up: orders from before know other places.
    compactions: u64,
    /// Leads whose place in the orders is to be looked at, for each order.
    moved: [BTreeSet<u32>; Key::ALL.len()],
}

impl fmt::Debug for Catalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Catalog").finish_non_exhaustive()
    }
}

/// The leads that a transaction has touched, as the database tells.
#[derive(Debug, Clone, Default)]
pub(super) struct Touched(Arc<Mutex<Vec<i64>>>);

impl Touched {
    /// Notes what a connection writes from now on.
    pub(super) fn watch(connection: &mut Connection) -> rusqlite::Result<Self> {
        let this = Self::default();
        let touched = this.clone();
        connection.update_hook(Some(move |_: Action, _: &str, table: &str, id: i64| {
            if table == "leads" {
                touched.0.lock().unwrap_or_else(PoisonError::into_inner).push(id);
            }
        }))?;
        Ok(this)
    }

    /// The leads that were touched since.
    pub(super) fn take(&self) -> Vec<i64> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Catalog {
    pub(super) fn new(addresses: Arc<Addresses>) -> Self {
        Self {
            entries: OnceLock::new(),
            has_failed: Mutex::default(),
            tried: Condvar::new(),
            orders: Orders::default(),
            results: Results::default(),
            addresses,
        }
    }

    /// Reads all leads; who asks meanwhile waits, unless it has failed before.
    pub(super) fn load(&self, connection: &Connection) -> rusqlite::Result<()> {
        let leads = Leads::all(connection, |entries, lead, words| {
            entries.ids.push(lead.id);
            entries.facets.push(lead.facets);
            entries.words.push(words);
            if let Some(key) = lead.address {
                self.addresses.note(key, lead.id);
            }
        });
        let mut has_failed = self.has_failed.lock().unwrap_or_else(PoisonError::into_inner);
        *has_failed = leads.is_err();
        let result = leads.map(|entries| drop(self.entries.set(RwLock::new(entries))));
        self.tried.notify_all();
        result
    }

    /// Reads again the leads that a commit has touched.
    pub(super) fn refresh(
        &self,
        connection: &Connection,
        mut ids: Vec<i64>,
    ) -> rusqlite::Result<()> {
        ids.sort_unstable();
        ids.dedup();
        let (Some(&first), Some(&last)) = (ids.first(), ids.last()) else { return Ok(()) };
        let is_range = ids.len() >= RANGE_MIN && (last - first) as usize <= 2 * ids.len();
        let leads = if is_range {
            Leads::range(connection, first, last)?
        } else {
            Leads::some(connection, &ids)?
        };
        let mut entries = self.write()?;
        entries.generation += 1;
        let mut found = leads.iter().peekable();
        for id in ids {
            while found.next_if(|(lead, _)| lead.id < id).is_some() {}
            match found.next_if(|(lead, _)| lead.id == id) {
                Some((lead, words)) => entries.put(id, lead.facets, words),
                None => entries.remove(id),
            }
        }
        let is_compacted = entries.compact();
        if is_compacted {
            self.addresses.retain(|id| entries.slot(id).is_some());
        }
        let is_moved = entries.moved.iter().any(|moved| moved.len() > order::MOVED_MAX);
        drop(entries);
        if is_moved || is_compacted {
            self.orders.wake();
        }
        Ok(())
    }

    /// Whether lists can be made: it waits until the leads are read.
    pub(crate) fn check(&self) -> rusqlite::Result<()> {
        self.entries().map(drop)
    }

    fn entries(&self) -> rusqlite::Result<RwLockReadGuard<'_, Entries>> {
        Ok(self.lock()?.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write(&self) -> rusqlite::Result<RwLockWriteGuard<'_, Entries>> {
        Ok(self.lock()?.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// It waits until the leads are read, and fails when they could not be: the log says why.
    fn lock(&self) -> rusqlite::Result<&RwLock<Entries>> {
        if let Some(entries) = self.entries.get() {
            return Ok(entries);
        }
        let mut has_failed = self.has_failed.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match self.entries.get() {
                Some(entries) => return Ok(entries),
                None if *has_failed => return Err(rusqlite::Error::InvalidQuery),
                None => {
                    has_failed =
                        self.tried.wait(has_failed).unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }
}

impl Entries {
    /// Where a lead is, whether deleted or not.
    fn slot(&self, id: i64) -> Option<usize> {
        if self.ids.last().is_none_or(|last| *last < id) {
            return None;
        }
        self.ids.binary_search(&id).ok()
    }

    fn put(&mut self, id: i64, facets: Facets, words: &[u8]) {
        let Some(slot) = self.slot(id) else {
            // Ids rise: the database gives none a second time.
            debug_assert!(self.ids.last().is_none_or(|last| *last < id), "ids rise");
            self.ids.push(id);
            self.facets.push(facets);
            self.words.push(words);
            self.values.changed(self.ids.len() - 1, None, &facets);
            self.set_moved(self.ids.len() - 1);
            return;
        };
        let before = std::mem::replace(&mut self.facets[slot], facets);
        self.words.set(slot, words);
        self.values.changed(slot, Some(&before), &facets);
        if before.keys != facets.keys {
            self.set_moved(slot);
        }
    }

    fn remove(&mut self, id: i64) {
        let Some(slot) = self.slot(id) else { return };
        if !self.facets[slot].is_gone() {
            self.gone += 1;
            self.facets[slot].set_gone();
            self.words.set(slot, b"");
        }
    }

    fn set_moved(&mut self, slot: usize) {
        for moved in &mut self.moved {
            // That there are many is all that has to be known then.
            if moved.len() <= order::MOVED_MAX {
                moved.insert(index(slot));
            }
        }
    }

    /// Gives up the places of deleted leads when there are many of them; whether it did.
    fn compact(&mut self) -> bool {
        if self.gone == 0 || self.gone < self.ids.len() / GONE_SHARE {
            return false;
        }
        let (facets, mut slot) = (&self.facets, 0..);
        self.ids.retain(|_| slot.next().is_some_and(|slot| !facets[slot].is_gone()));
        self.words.retain(|slot| !facets[slot].is_gone());
        self.facets.retain(|facets| !facets.is_gone());
        self.gone = 0;
        self.values = Values::default();
        self.compactions += 1;
        self.moved.iter_mut().for_each(BTreeSet::clear);
        true
    }
}
