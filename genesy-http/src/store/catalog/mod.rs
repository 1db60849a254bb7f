//! What lists of leads are made from: a few bytes a lead in memory, which every commit brings up to date.
//!
//! A database has an index for each question that was foreseen. Here any filter, any count and any place of a
//! scroll bar is answered by looking at all leads, some milliseconds for a million of them.
//!
//! | limit | value |
//! |---|---|
//! | memory of a lead | 32 bytes, and 4 for each of three orders that were asked for |
//! | changed leads that are put in their place one by one | 500 ([`order::MOVED_MAX`]) |

mod facets;
mod order;
pub(crate) mod page;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, OnceLock, PoisonError, RwLock, RwLockReadGuard};

use rusqlite::Connection;
use rusqlite::hooks::Action;

use self::facets::{COLUMNS, Facets};
pub(crate) use self::order::Key;
use self::order::Order;

/// Changed leads from which on they are read as one range.
const RANGE_MIN: usize = 32;
/// One in so many leads may be deleted before their places are given up.
const GONE_SHARE: usize = 4;

/// The leads of a store, for lists.
#[derive(Default)]
pub(crate) struct Catalog {
    entries: OnceLock<RwLock<Entries>>,
    orders: [Mutex<Option<Order>>; Key::ALL.len()],
}

/// All leads in the order of their ids.
#[derive(Default)]
struct Entries {
    ids: Vec<i64>,
    facets: Vec<Facets>,
    gone: usize,
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
pub(super) struct Touched(std::sync::Arc<Mutex<Vec<i64>>>);

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
    /// Reads all leads; who asks meanwhile waits.
    pub(super) fn load(&self, connection: &Connection) -> rusqlite::Result<()> {
        let mut entries = Entries::default();
        let mut list = connection.prepare(&format!("SELECT {COLUMNS} FROM leads ORDER BY id"))?;
        let mut rows = list.query([])?;
        while let Some(row) = rows.next()? {
            let (id, facets) = Facets::read(row)?;
            entries.ids.push(id);
            entries.facets.push(facets);
        }
        drop(self.entries.set(RwLock::new(entries)));
        Ok(())
    }

    /// Reads again the leads that a commit has touched.
    pub(super) fn refresh(
        &self,
        connection: &Connection,
        mut ids: Vec<i64>,
    ) -> rusqlite::Result<()> {
        let Some(entries) = self.entries.get() else { return Ok(()) };
        ids.sort_unstable();
        ids.dedup();
        let (Some(&first), Some(&last)) = (ids.first(), ids.last()) else { return Ok(()) };
        let mut found: Vec<(i64, Facets)> = Vec::with_capacity(ids.len());
        let is_range = ids.len() >= RANGE_MIN && (last - first) as usize <= 2 * ids.len();
        if is_range {
            let sql = format!("SELECT {COLUMNS} FROM leads WHERE id BETWEEN ?1 AND ?2 ORDER BY id");
            let mut list = connection.prepare_cached(&sql)?;
            let rows = list.query_map((first, last), Facets::read)?;
            for row in rows {
                found.push(row?);
            }
        } else {
            let sql = format!("SELECT {COLUMNS} FROM leads WHERE id = ?1");
            let mut one = connection.prepare_cached(&sql)?;
            for id in &ids {
                let mut rows = one.query([id])?;
                if let Some(row) = rows.next()? {
                    found.push(Facets::read(row)?);
                }
            }
        }
        let mut entries = entries.write().unwrap_or_else(PoisonError::into_inner);
        let mut found = found.into_iter().peekable();
        for id in ids {
            while found.next_if(|(other, _)| *other < id).is_some() {}
            let facets = found.next_if(|(other, _)| *other == id).map(|(_, facets)| facets);
            let keys = match (entries.keys_of(id), facets) {
                (Some(known), Some(_)) if known != 0 => order::keys_hash(connection, id)?,
                _ => 0,
            };
            entries.put(id, facets, keys);
        }
        entries.compact();
        Ok(())
    }

    fn entries(&self) -> RwLockReadGuard<'_, Entries> {
        self.entries.wait().read().unwrap_or_else(PoisonError::into_inner)
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

    fn keys_of(&self, id: i64) -> Option<u32> {
        self.slot(id).map(|slot| self.facets[slot].keys)
    }

    fn put(&mut self, id: i64, facets: Option<Facets>, keys: u32) {
        match (self.slot(id), facets) {
            (Some(slot), Some(facets)) => {
                let known = self.facets[slot].keys;
                self.facets[slot] = Facets { keys, ..facets };
                // What is not known may have changed.
                if known != keys || known == 0 {
                    self.set_moved(slot);
                }
            }
            (Some(slot), None) => {
                if !self.facets[slot].is_gone() {
                    self.gone += 1;
                    self.facets[slot].set_gone();
                }
            }
            (None, Some(facets)) => {
                // Ids rise: one that is in the midst was rolled back and is back now.
                let slot = self.ids.partition_point(|other| *other < id);
                self.ids.insert(slot, id);
                self.facets.insert(slot, facets);
                if slot + 1 < self.ids.len() {
                    self.forget_orders();
                } else {
                    self.set_moved(slot);
                }
            }
            (None, None) => {}
        }
    }

    fn set_moved(&mut self, slot: usize) {
        let Ok(slot) = u32::try_from(slot) else { return };
        for moved in &mut self.moved {
            // That there are many is all that has to be known then.
            if moved.len() <= order::MOVED_MAX {
                moved.insert(slot);
            }
        }
    }

    fn forget_orders(&mut self) {
        self.compactions += 1;
        self.moved.iter_mut().for_each(BTreeSet::clear);
    }

    /// Gives up the places of deleted leads when there are many of them.
    fn compact(&mut self) {
        if self.gone == 0 || self.gone < self.ids.len() / GONE_SHARE {
            return;
        }
        let mut facets = self.facets.iter();
        self.ids.retain(|_| facets.next().is_some_and(|facets| !facets.is_gone()));
        self.facets.retain(|facets| !facets.is_gone());
        self.gone = 0;
        self.forget_orders();
    }
}
