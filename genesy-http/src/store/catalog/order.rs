//! The leads in the order of a text.

use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::Entries;

/// Leads that are put in their place one by one at most; from there on all are sorted anew.
pub(super) const MOVED_MAX: usize = 500;
/// How much longer than it took to sort them all an order is given as it was, while many leads change.
const PATIENCE: u32 = 10;
/// The same for small stores.
const PATIENCE_MIN: Duration = Duration::from_millis(500);

/// A text that leads are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    /// Last name, first name.
    Name,
    /// The company's name.
    Company,
    /// The e-mail address.
    Email,
}

impl Key {
    pub(super) const ALL: [Self; 3] = [Self::Name, Self::Company, Self::Email];

    const fn columns(self) -> &'static str {
        match self {
            Self::Name => "last_name, first_name",
            Self::Company => "company_name, NULL",
            Self::Email => "email, NULL",
        }
    }
}

/// The places of all leads in the order of a text.
pub(super) struct Order {
    pub(super) slots: Vec<u32>,
    compactions: u64,
    sorted_at: Instant,
    took: Duration,
}

impl Order {
    /// Sorts all leads, while others go on writing.
    fn sort(store: &Connection, ids: &[i64], compactions: u64, key: Key) -> rusqlite::Result<Self> {
        let begun = Instant::now();
        let mut text = String::new();
        let mut keys: Vec<(u32, u32, u32)> = Vec::with_capacity(ids.len());
        let sql = format!("SELECT id, {} FROM leads ORDER BY id", key.columns());
        let mut list = store.prepare(&sql)?;
        let mut rows = list.query([])?;
        let mut slot = 0;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            while ids.get(slot).is_some_and(|other| *other < id) {
                slot += 1;
            }
            // One that is not known yet is put in its place when it is.
            if ids.get(slot) != Some(&id) {
                continue;
            }
            let start = text.len();
            fold(&mut text, row)?;
            keys.push((index(slot), index(start), index(text.len())));
        }
        let of =
            |(_, start, end): &(u32, u32, u32)| &text.as_bytes()[*start as usize..*end as usize];
        keys.sort_by(|a, b| of(a).cmp(of(b)));
        let slots = keys.into_iter().map(|(slot, ..)| slot).collect();
        Ok(Self { slots, compactions, sorted_at: begun, took: begun.elapsed() })
    }

    /// Puts leads that changed in their place.
    fn put(
        &mut self,
        store: &Connection,
        entries: &Entries,
        key: Key,
        moved: &std::collections::BTreeSet<u32>,
    ) -> rusqlite::Result<()> {
        // Deleted ones have no text to be compared with any more.
        let is_gone =
            |slot: u32| entries.facets.get(slot as usize).is_none_or(|lead| lead.is_gone());
        self.slots.retain(|slot| !moved.contains(slot) && !is_gone(*slot));
        let sql = format!("SELECT id, {} FROM leads WHERE id = ?1", key.columns());
        let mut one = store.prepare_cached(&sql)?;
        let mut text_of = |slot: u32| -> rusqlite::Result<Option<String>> {
            let Some(id) = entries.ids.get(slot as usize) else { return Ok(None) };
            let mut rows = one.query([id])?;
            let Some(row) = rows.next()? else { return Ok(None) };
            let mut text = String::new();
            fold(&mut text, row)?;
            Ok(Some(text))
        };
        for slot in moved {
            let Some(text) = text_of(*slot)? else { continue };
            let (mut low, mut high) = (0, self.slots.len());
            while low < high {
                let middle = usize::midpoint(low, high);
                let other = self.slots[middle];
                // One that was deleted since may be on either side.
                match text_of(other)? {
                    Some(at) if (at.as_str(), other) < (text.as_str(), *slot) => low = middle + 1,
                    _ => high = middle,
                }
            }
            self.slots.insert(low, *slot);
        }
        Ok(())
    }
}

impl super::Catalog {
    /// Gives the order to `read`, brought up to date.
    pub(super) fn with_order<T>(
        &self,
        store: &Connection,
        key: Key,
        read: impl FnOnce(&Entries, &[u32]) -> T,
    ) -> rusqlite::Result<T> {
        let mut order =
            self.orders[key as usize].lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let moved = self.take_moved(key);
        let mut entries = self.entries();
        let is_usable = order.as_ref().is_some_and(|order| {
            order.compactions == entries.compactions
                && (moved.len() <= MOVED_MAX
                    || order.sorted_at.elapsed() < order.took * PATIENCE + PATIENCE_MIN)
        });
        if !is_usable {
            while order.as_ref().is_none_or(|order| order.compactions != entries.compactions)
                || !moved.is_empty()
            {
                let (ids, compactions) = (entries.ids.clone(), entries.compactions);
                drop(entries);
                *order = Some(Order::sort(store, &ids, compactions, key)?);
                entries = self.entries();
                if compactions == entries.compactions {
                    break;
                }
            }
        } else if let Some(order) = order.as_mut().filter(|_| moved.len() <= MOVED_MAX) {
            order.put(store, &entries, key, &moved)?;
        }
        let is_late = is_usable && moved.len() > MOVED_MAX;
        let slots = order.as_ref().map_or(&[][..], |order| order.slots.as_slice());
        let done = read(&entries, slots);
        drop(entries);
        if is_late {
            self.put_back(key, moved);
        } else if !is_usable {
            self.note_keys(store)?;
        }
        Ok(done)
    }

    fn take_moved(&self, key: Key) -> std::collections::BTreeSet<u32> {
        let entries = self.entries.wait();
        let mut entries = entries.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        std::mem::take(&mut entries.moved[key as usize])
    }

    fn put_back(&self, key: Key, moved: std::collections::BTreeSet<u32>) {
        let entries = self.entries.wait();
        let mut entries = entries.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        entries.moved[key as usize].extend(moved);
    }

    /// Notes what tells whether the texts of a lead have changed, for those whose is not known.
    fn note_keys(&self, store: &Connection) -> rusqlite::Result<()> {
        let sql = "SELECT id, last_name, first_name, company_name, email FROM leads ORDER BY id";
        let mut list = store.prepare(sql)?;
        let mut rows = list.query([])?;
        let mut hashes = Vec::new();
        while let Some(row) = rows.next()? {
            hashes.push((row.get::<_, i64>(0)?, hash(row)?));
        }
        let entries = self.entries.wait();
        let mut entries = entries.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut slot = 0;
        for (id, hash) in hashes {
            while entries.ids.get(slot).is_some_and(|other| *other < id) {
                slot += 1;
            }
            if entries.ids.get(slot) == Some(&id) && entries.facets[slot].keys == 0 {
                entries.facets[slot].keys = hash;
            }
        }
        Ok(())
    }
}

/// What tells whether the texts of a lead have changed.
pub(super) fn keys_hash(store: &Connection, id: i64) -> rusqlite::Result<u32> {
    let mut one = store.prepare_cached(
        "SELECT id, last_name, first_name, company_name, email FROM leads WHERE id = ?1",
    )?;
    one.query_row([id], hash)
}

/// FNV-1a of the texts, never 0.
fn hash(row: &rusqlite::Row<'_>) -> rusqlite::Result<u32> {
    let mut hash = 0x811C_9DC5_u32;
    for column in 1..5 {
        for byte in row.get_ref(column)?.as_bytes_or_null()?.unwrap_or_default() {
            hash = (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
        }
        hash = (hash ^ 0xFF).wrapping_mul(0x0100_0193);
    }
    Ok(hash.max(1))
}

/// Adds the text that a row of `id, text, text` is sorted by.
fn fold(text: &mut String, row: &rusqlite::Row<'_>) -> rusqlite::Result<()> {
    for column in 1..3 {
        let cell = row.get_ref(column)?.as_str_or_null()?.unwrap_or_default();
        if cell.is_ascii() {
            text.extend(cell.chars().map(|character| character.to_ascii_lowercase()));
        } else {
            text.push_str(&cell.to_lowercase());
        }
        text.push(' ');
    }
    Ok(())
}

fn index(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
