//! The leads in the order of what the catalog has itself: put in order when somebody asks, and from then on
//! only those that have changed are put in their places.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::facets::Facets;
use super::order::index;

/// If more than one in so many leads has changed, all are put in order anew.
const CHANGED_SHARE: usize = 8;

/// What leads are put in order by; those with the same value stay in the order of their ids.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value {
    /// The country's code.
    Country,
    /// When they were changed.
    Updated,
}

impl Value {
    const ALL: [Self; 2] = [Self::Country, Self::Updated];

    fn of(self, facets: &Facets) -> u64 {
        match self {
            Self::Country => u64::from(facets.country),
            Self::Updated => facets.updated,
        }
    }
}

/// The orders by each value.
#[derive(Default)]
pub(super) struct Values([Mutex<ValueOrder>; Value::ALL.len()]);

/// All leads in order, deleted ones too.
#[derive(Default)]
pub(super) struct ValueOrder {
    /// Nothing if all are to be put in order.
    slots: Vec<u32>,
    /// Those that are not in their place.
    changed: Vec<u32>,
}

impl Values {
    /// Notes that a lead is new or has changed.
    pub(super) fn changed(&mut self, slot: usize, before: Option<&Facets>, facets: &Facets) {
        for value in Value::ALL {
            if before.is_some_and(|before| value.of(before) == value.of(facets)) {
                continue;
            }
            let order = self.0[value as usize].get_mut().unwrap_or_else(PoisonError::into_inner);
            if order.changed.len() < order.slots.len() / CHANGED_SHARE {
                order.changed.push(index(slot));
            } else {
                *order = ValueOrder::default();
            }
        }
    }

    /// Brings all orders up to date.
    pub(super) fn prepare(&self, facets: &[Facets]) {
        Value::ALL.into_iter().for_each(|value| drop(self.order(value, facets)));
    }

    /// The order by a value, brought up to date.
    pub(super) fn order(&self, value: Value, facets: &[Facets]) -> MutexGuard<'_, ValueOrder> {
        let mut order = self.0[value as usize].lock().unwrap_or_else(PoisonError::into_inner);
        order.update(value, facets);
        order
    }
}

impl ValueOrder {
    pub(super) fn slots(&self) -> &[u32] {
        &self.slots
    }

    fn update(&mut self, value: Value, facets: &[Facets]) {
        let key = |slot: &u32| (value.of(&facets[*slot as usize]), *slot);
        if self.slots.is_empty() {
            self.slots = (0..index(facets.len())).collect();
            self.slots.sort_by_cached_key(|slot| value.of(&facets[*slot as usize]));
            return;
        }
        if self.changed.is_empty() {
            return;
        }
        let mut is_changed = vec![false; facets.len()];
        self.changed.iter().for_each(|slot| is_changed[*slot as usize] = true);
        self.slots.retain(|slot| !is_changed[*slot as usize]);
        let mut changed = std::mem::take(&mut self.changed);
        changed.sort_unstable_by_key(key);
        changed.dedup();
        // From the end on, so that each is moved once.
        let mut rest = self.slots.len();
        self.slots.resize(rest + changed.len(), 0);
        let mut end = self.slots.len();
        while let Some(slot) = changed.last() {
            end -= 1;
            if rest > 0 && key(&self.slots[rest - 1]) > key(slot) {
                rest -= 1;
                self.slots[end] = self.slots[rest];
            } else {
                self.slots[end] = *slot;
                changed.pop();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Facets, Value, Values};

    #[test]
    fn leads_that_change_are_put_in_their_places() {
        let (mut values, mut facets, mut random) = (Values::default(), Vec::new(), 7_u64);
        let mut next = || {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            random >> 33
        };
        for round in 0..200 {
            // Few changes at a time mostly, and at times many.
            for _ in 0..if round % 50 == 0 { 300 } else { next() % 9 } {
                let lead = Facets {
                    updated: next() % 20,
                    country: (next() % 5) as u16,
                    ..Facets::default()
                };
                let slot = (next() % (facets.len() as u64 + 3)) as usize;
                if let Some(before) = facets.get_mut(slot) {
                    let before = std::mem::replace(before, lead);
                    values.changed(slot, Some(&before), &lead);
                } else {
                    facets.push(lead);
                    values.changed(facets.len() - 1, None, &lead);
                }
            }
            for value in Value::ALL {
                let mut wanted: Vec<u32> = (0..facets.len() as u32).collect();
                wanted.sort_by_key(|slot| value.of(&facets[*slot as usize]));
                let order = values.order(value, &facets);
                assert_eq!(order.slots(), wanted, "{value:?} in round {round}");
            }
        }
    }
}
