//! Which lead has an address: in memory, since an index of hashes is written at random places of the file.
//!
//! What is noted is more than what is so: a lead that was rolled back, deleted or changed stays until many
//! leads are gone. So a lead that is found is looked at before it is given.
//!
//! | limit | value |
//! |---|---|
//! | memory of a lead with an address | 16 bytes, and a quarter of them to grow |

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use genesy_core::address::AddressRef;
use rusqlite::{Connection, OptionalExtension};

use super::hash::{self, Hasher};

/// Parts that are kept in order by themselves: a lead is put in its place among a few hundred others.
const PARTS: usize = 1 << PART_BITS;
const PART_BITS: u32 = 12;

/// The leads by the hashes of their addresses.
pub(crate) struct Addresses {
    hasher: Hasher,
    /// A hash and a lead, in their order, by the first bits of the hash.
    parts: Mutex<Vec<Vec<(i64, i64)>>>,
}

impl fmt::Debug for Addresses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Addresses").finish_non_exhaustive()
    }
}

impl Addresses {
    pub(super) fn new(hasher: Hasher) -> Self {
        Self { hasher, parts: Mutex::new(vec![Vec::new(); PARTS]) }
    }

    /// What makes the hashes.
    pub(crate) fn hasher(&self) -> &Hasher {
        &self.hasher
    }

    /// Notes that a lead has the address with this hash, before that is committed.
    pub(crate) fn note(&self, key: i64, lead: i64) {
        let mut parts = self.parts();
        let part = &mut parts[part_of(key)];
        if let Err(place) = part.binary_search(&(key, lead)) {
            if part.len() == part.capacity() {
                part.reserve_exact(part.len() / 4 + 4);
            }
            part.insert(place, (key, lead));
        }
    }

    /// The leads that have an address, the first one first: by its hash and its normal form.
    pub(crate) fn leads_of(
        &self,
        store: &Connection,
        key: i64,
        normal: impl FnOnce() -> String,
    ) -> rusqlite::Result<Vec<i64>> {
        let mut leads: Vec<i64> = {
            let parts = self.parts();
            let part = &parts[part_of(key)];
            let rest = &part[part.partition_point(|(other, _)| *other < key)..];
            rest.iter().take_while(|(other, _)| *other == key).map(|(_, lead)| *lead).collect()
        };
        if leads.is_empty() {
            return Ok(leads);
        }
        let normal = normal();
        let mut select = store.prepare_cached("SELECT email FROM leads WHERE id = ?1")?;
        let mut failed = None;
        leads.retain(|lead| {
            match select.query_row([lead], |row| row.get::<_, Option<String>>(0)).optional() {
                Ok(email) => email.flatten().is_some_and(|email| is_normal(&email, &normal)),
                Err(error) => {
                    failed = Some(error);
                    false
                }
            }
        });
        failed.map_or(Ok(leads), Err)
    }

    /// Forgets leads that are gone.
    pub(super) fn retain(&self, is_there: impl Fn(i64) -> bool) {
        for part in self.parts().iter_mut() {
            part.retain(|(_, lead)| is_there(*lead));
            part.shrink_to_fit();
        }
    }

    fn parts(&self) -> MutexGuard<'_, Vec<Vec<(i64, i64)>>> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The 64 bits of the hash of an address in its normal form.
pub(crate) fn key_of(hasher: &Hasher, normal: &str) -> i64 {
    hash::key(&hasher.hash(normal.as_bytes()))
}

fn is_normal(email: &str, normal: &str) -> bool {
    AddressRef::parse(email).is_ok_and(|address| address.normal_form() == normal)
}

fn part_of(key: i64) -> usize {
    (key.cast_unsigned() >> (u64::BITS - PART_BITS)) as usize
}
