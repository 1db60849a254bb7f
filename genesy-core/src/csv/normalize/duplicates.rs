//! Which row a key stood in first, at most 24 bytes a key.

use std::fmt;
use std::hash::{BuildHasher, Hasher};

use foldhash::SharedSeed;
use foldhash::quality::SeedableRandomState;

/// Tables the keys are spread over, so that growing copies one small table at a time.
const SHARDS: usize = 256;
/// A table grows when more than this share of its slots is used, in percent.
const LOAD_MAX_PERCENT: usize = 85;
/// Slots of a table when it is first used.
const SLOTS_MIN: usize = 16;

/// A map from keys to the rows they stood in first.
///
/// Keys are kept as a hash of 64 bits: in one of 400,000 files of ten million leads, two different
/// keys are taken for one. Slots are 12 bytes and at least half used after growing, which keeps a
/// key below 24 bytes.
pub(super) struct FirstRows {
    hash: SeedableRandomState,
    shards: Vec<Shard>,
}

#[derive(Debug, Default)]
struct Shard {
    slots: Vec<Slot>,
    used: usize,
}

/// The hash in two halves, so that a slot needs no padding, and the row; row 0 is an empty slot.
#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    hash: [u32; 2],
    row: u32,
}

impl FirstRows {
    pub(super) fn new(seed: u64) -> Self {
        let hash = SeedableRandomState::with_seed(seed, SharedSeed::global_fixed());
        Self { hash, shards: (0..SHARDS).map(|_| Shard::default()).collect() }
    }

    /// The row that `key` stood in first; notes `row` if there was none. Rows past 2^32 - 1 are all
    /// noted as that one.
    pub(super) fn first_row(&mut self, key: &[u8], row: u64) -> Option<u64> {
        let mut hasher = self.hash.build_hasher();
        hasher.write(key);
        let hash = hasher.finish();
        let shard = &mut self.shards[(hash % SHARDS as u64) as usize];
        if shard.used * 100 >= shard.slots.len() * LOAD_MAX_PERCENT {
            shard.grow();
        }
        let row = u32::try_from(row).unwrap_or(u32::MAX);
        shard.insert(hash, row).map(u64::from)
    }
}

impl fmt::Debug for FirstRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: usize = self.shards.iter().map(|shard| shard.used).sum();
        f.debug_struct("FirstRows").field("keys", &keys).finish_non_exhaustive()
    }
}

impl Shard {
    fn insert(&mut self, hash: u64, row: u32) -> Option<u32> {
        let halves = [(hash >> 32) as u32, (hash & 0xFFFF_FFFF) as u32];
        let slots = self.slots.len();
        // The hash as a fraction of the table: fair for any number of slots.
        let mut at = ((u128::from(hash) * slots as u128) >> 64) as usize;
        loop {
            let slot = &mut self.slots[at];
            if slot.row == 0 {
                *slot = Slot { hash: halves, row };
                self.used += 1;
                return None;
            }
            if slot.hash == halves {
                return Some(slot.row);
            }
            at = if at + 1 == slots { 0 } else { at + 1 };
        }
    }

    fn grow(&mut self) {
        let slots = (self.slots.len() * 3 / 2).max(SLOTS_MIN);
        let old = std::mem::replace(&mut self.slots, vec![Slot::default(); slots]);
        self.used = 0;
        for slot in old.into_iter().filter(|slot| slot.row != 0) {
            let [high, low] = slot.hash.map(u64::from);
            self.insert(high << 32 | low, slot.row);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{FirstRows, Slot};

    #[test]
    fn every_key_is_found_again_and_no_other() {
        let mut rows = FirstRows::new(7);
        let key = |n: u64| format!("user{n}@example.com").into_bytes();
        for n in 1..=100_000 {
            assert_eq!(rows.first_row(&key(n), n), None);
        }
        for n in 1..=100_000 {
            assert_eq!(rows.first_row(&key(n), 0), Some(n));
        }
    }

    #[test]
    fn a_key_costs_at_most_24_bytes() {
        let mut rows = FirstRows::new(0);
        for n in 1..=300_000_u64 {
            rows.first_row(&n.to_le_bytes(), n);
            if n > 50_000 && n % 10_000 == 0 {
                let slots: usize = rows.shards.iter().map(|shard| shard.slots.capacity()).sum();
                let bytes = slots * size_of::<Slot>();
                assert!(bytes as u64 <= 24 * n, "{bytes} bytes for {n} keys");
            }
        }
    }
}
