//! Who came when, for greylisting.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use super::lock;

/// Pairs that are remembered, at most. What comes beyond them is let through.
const PAIRS_MAX: usize = 100_000;

/// When each sender first asked for each recipient.
#[derive(Debug, Default)]
pub(super) struct Greylist(Mutex<BTreeMap<(String, String), Instant>>);

impl Greylist {
    /// Whether the pair came first so long ago. One that is new is remembered.
    pub(super) fn admits(&self, wait: Duration, sender: &str, recipient: &str) -> bool {
        let mut first = lock(&self.0);
        let pair = (sender.to_owned(), recipient.to_ascii_lowercase());
        if first.len() >= PAIRS_MAX && !first.contains_key(&pair) {
            return true;
        }
        let now = Instant::now();
        match first.entry(pair) {
            Entry::Occupied(first) => now >= *first.get() + wait,
            Entry::Vacant(place) => {
                place.insert(now);
                false
            }
        }
    }
}
