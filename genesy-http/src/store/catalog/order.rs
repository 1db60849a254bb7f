//! The leads in the order of a text. A large store's are sorted by a thread of their own, at the start and
//! behind writes: until it is done, lists are given in the order as it was.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};

use super::{Catalog, Entries};

/// Leads that are put in their place one by one at most; from there on all are sorted anew.
pub(super) const MOVED_MAX: usize = 64;
/// Leads up to which who asks sorts them at once.
const SORTED_AT_ONCE_MAX: usize = if cfg!(test) { 100 } else { 20_000 };
/// How long no lead is added or changed before leads are sorted.
const QUIET: Duration = Duration::from_millis(200);
/// How long it is waited for that, as while many leads are imported.
const PATIENCE: Duration = Duration::from_secs(60);
/// Bytes of a text, as it is guessed.
const TEXT_BYTES: usize = 64;
/// Bytes that are reserved at least for what is needed while leads are sorted: so much is given back to the
/// system when it is done, and what is not needed of it costs nothing.
const RESERVED_BYTES: usize = 40 * 1024 * 1024;

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

/// The orders, and who sorts.
#[derive(Default)]
pub(super) struct Orders {
    places: [Mutex<Place>; Key::ALL.len()],
    sorter: Mutex<Option<Sorter>>,
    /// Held by the one who sorts leads anew.
    renewing: Mutex<()>,
    is_closing: AtomicBool,
}

struct Sorter {
    wake: SyncSender<()>,
    thread: JoinHandle<()>,
}

#[derive(Default)]
struct Place {
    order: Option<Order>,
    /// While another order is made: the leads that were put in their place in this one.
    put_meanwhile: Option<BTreeSet<u32>>,
}

/// The places of all leads in the order of a text.
struct Order {
    slots: Vec<u32>,
    compactions: u64,
}

impl Orders {
    /// Says that leads are to be put in their places.
    pub(super) fn wake(&self) {
        let sorter = self.sorter.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sorter) = sorter.as_ref() {
            // If it is told already, or was never begun, that is fine.
            let (Ok(()) | Err(TrySendError::Full(()) | TrySendError::Disconnected(()))) =
                sorter.wake.try_send(());
        }
    }

    fn place(&self, key: Key) -> MutexGuard<'_, Place> {
        self.places[key as usize].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Order {
    /// Puts leads that changed in their place.
    fn put(
        &mut self,
        store: &Connection,
        entries: &Entries,
        key: Key,
        moved: &BTreeSet<u32>,
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

impl Catalog {
    /// Gives the order to `read`, brought up to date if that is quick.
    pub(super) fn with_order<T>(
        &self,
        store: &Connection,
        key: Key,
        read: impl FnOnce(&Entries, &[u32]) -> T,
    ) -> rusqlite::Result<T> {
        let mut place = self.orders.place(key);
        let mut entries = self.entries()?;
        loop {
            let is_of_these = place.is_of(&entries);
            let moved = entries.moved[key as usize].len();
            let is_large = entries.ids.len() > SORTED_AT_ONCE_MAX;
            if is_of_these && (moved == 0 || moved > MOVED_MAX && is_large) {
                break;
            }
            drop(entries);
            // If that fails, all are sorted by the next one who asks.
            let order = place.order.take();
            place.order = match order {
                Some(order) if is_of_these && moved <= MOVED_MAX => {
                    Some(self.put_moved(store, key, order, &mut place.put_meanwhile)?)
                }
                _ => Some(self.sorted(store, key)?),
            };
            entries = self.entries()?;
            if place.is_of(&entries) {
                break;
            }
        }
        let slots = place.order.as_ref().map_or(&[][..], |order| order.slots.as_slice());
        Ok(read(&entries, slots))
    }

    fn put_moved(
        &self,
        store: &Connection,
        key: Key,
        mut order: Order,
        put_meanwhile: &mut Option<BTreeSet<u32>>,
    ) -> rusqlite::Result<Order> {
        let (moved, compactions) = {
            let mut entries = self.write()?;
            (std::mem::take(&mut entries.moved[key as usize]), entries.compactions)
        };
        let entries = self.entries()?;
        if entries.compactions != compactions || order.compactions != compactions {
            return Ok(order);
        }
        if let Some(put) = put_meanwhile {
            put.extend(&moved);
        }
        order.put(store, &entries, key, &moved)?;
        Ok(order)
    }

    /// Sorts all leads that are known, while others go on writing. If places are given up meanwhile, it is
    /// the order of none.
    fn sorted(&self, store: &Connection, key: Key) -> rusqlite::Result<Order> {
        let (count, compactions) = {
            let mut entries = self.write()?;
            entries.moved[key as usize].clear();
            (entries.ids.len(), entries.compactions)
        };
        let mut text = String::with_capacity((count * TEXT_BYTES).max(RESERVED_BYTES));
        let mut keys: Vec<(u32, u32, u32)> = reserved(count);
        let sql = format!("SELECT id, {} FROM leads ORDER BY id", key.columns());
        let mut list = store.prepare(&sql)?;
        let mut rows = list.query([])?;
        let mut slot = 0;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            let entries = self.entries()?;
            while entries.ids.get(slot).is_some_and(|other| *other < id) {
                slot += 1;
            }
            // One that is not known yet is put in its place when it is.
            if entries.ids.get(slot) != Some(&id) {
                continue;
            }
            drop(entries);
            let start = text.len();
            fold(&mut text, row)?;
            keys.push((index(slot), index(start), index(text.len())));
            if self.orders.is_closing.load(Ordering::Relaxed) {
                return Err(rusqlite::Error::InvalidQuery);
            }
        }
        Ok(Order { slots: sorted_slots(&mut keys, text.as_bytes()), compactions })
    }

    /// Begins to sort behind the writes, as long as the catalog is there.
    pub(in crate::store) fn start_sorting(self: &Arc<Self>, file: PathBuf) {
        let (wake, woken) = sync_channel(1);
        let this = Arc::downgrade(self);
        let thread = thread::spawn(move || sort_behind(&this, &file, &woken));
        *self.orders.sorter.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(Sorter { wake, thread });
    }

    /// Sorts no more.
    pub(in crate::store) async fn stop_sorting(&self) {
        self.orders.is_closing.store(true, Ordering::Relaxed);
        let sorter = self.orders.sorter.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Sorter { wake, thread }) = sorter else { return };
        drop(wake);
        // If it panicked, its message was printed there.
        let _ = tokio::task::spawn_blocking(|| thread.join()).await;
    }

    /// Sorts all leads by each text if many have changed, so that nobody waits for that behind it.
    pub(crate) fn prepare(&self, store: &Connection) -> rusqlite::Result<()> {
        // The one that takes most memory comes first, while the others are not there.
        Key::ALL.into_iter().rev().try_for_each(|key| self.renew(store, key))?;
        let entries = self.entries()?;
        entries.values.prepare(&entries.facets);
        Ok(())
    }

    /// Waits until there is an order by each text.
    pub(crate) fn check_orders(&self, store: &Connection) -> rusqlite::Result<()> {
        Key::ALL.into_iter().rev().try_for_each(|key| self.with_order(store, key, |_, _| ()))
    }

    /// Sorts the leads anew if many have changed.
    fn renew(&self, store: &Connection, key: Key) -> rusqlite::Result<()> {
        let _alone = self.orders.renewing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut place = self.orders.place(key);
        let is_of_these = {
            let entries = self.entries()?;
            let is_of_these = place.is_of(&entries);
            let is_small = entries.ids.len() <= SORTED_AT_ONCE_MAX;
            if is_small || is_of_these && entries.moved[key as usize].len() <= MOVED_MAX {
                return Ok(());
            }
            is_of_these
        };
        if !is_of_these {
            // Nobody can go on without it: who asks waits for it.
            place.order = Some(self.sorted(store, key)?);
            return Ok(());
        }
        place.put_meanwhile = Some(BTreeSet::new());
        drop(place);
        let order = self.sorted(store, key);
        let mut place = self.orders.place(key);
        let put = place.put_meanwhile.take().unwrap_or_default();
        let mut entries = self.write()?;
        if place.is_of(&entries) {
            place.order = order.ok();
            entries.moved[key as usize].extend(put);
        }
        Ok(())
    }
}

impl Place {
    fn is_of(&self, entries: &Entries) -> bool {
        self.order.as_ref().is_some_and(|order| order.compactions == entries.compactions)
    }
}

/// Sorts whenever changes rest, or have gone on for long.
fn sort_behind(catalog: &Weak<Catalog>, file: &Path, woken: &Receiver<()>) {
    loop {
        let Some(this) = catalog.upgrade() else { return };
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let store = Connection::open_with_flags(file, flags);
        if let Err(error) = store.and_then(|store| this.prepare(&store))
            && !this.orders.is_closing.load(Ordering::Relaxed)
        {
            tracing::error!(%error, "leads could not be sorted");
        }
        drop(this);
        if woken.recv().is_err() {
            return;
        }
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            match woken.recv_timeout(QUIET) {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }
}

/// The slots of `(slot, start, end)` in the order of their texts: two threads sort a half each.
fn sorted_slots(keys: &mut [(u32, u32, u32)], text: &[u8]) -> Vec<u32> {
    let of = |(_, start, end): &(u32, u32, u32)| &text[*start as usize..*end as usize];
    let compare =
        |a: &(u32, u32, u32), b: &(u32, u32, u32)| of(a).cmp(of(b)).then_with(|| a.0.cmp(&b.0));
    // Not in the place of the keys, which is larger.
    let mut slots = Vec::with_capacity(keys.len());
    let (low, high) = keys.split_at_mut(keys.len() / 2);
    thread::scope(|scope| {
        scope.spawn(|| low.sort_unstable_by(compare));
        high.sort_unstable_by(compare);
    });
    let (mut low, mut high) = (low.iter().peekable(), high.iter().peekable());
    slots.extend(std::iter::from_fn(|| {
        let is_low = match (low.peek(), high.peek()) {
            (Some(low), Some(high)) => compare(low, high).is_lt(),
            (low, _) => low.is_some(),
        };
        let next = if is_low { low.next() } else { high.next() };
        next.map(|(slot, ..)| *slot)
    }));
    slots
}

/// Adds the text that a row of `id, text, text` is sorted by.
fn fold(text: &mut String, row: &rusqlite::Row<'_>) -> rusqlite::Result<()> {
    for column in 1..3 {
        let cell = row.get_ref(column)?.as_str_or_null()?.unwrap_or_default();
        if cell.is_ascii() {
            let start = text.len();
            text.push_str(cell);
            text[start..].make_ascii_lowercase();
        } else {
            text.push_str(&cell.to_lowercase());
        }
        text.push(' ');
    }
    Ok(())
}

fn reserved<T>(count: usize) -> Vec<T> {
    Vec::with_capacity(count.max(RESERVED_BYTES / size_of::<T>()))
}

pub(super) fn index(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
