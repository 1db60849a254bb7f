//! Remembering what the cells of a column said: most columns repeat few countries.

use super::{ColumnContext, Doubt, Recognized, recognize};

/// Sets of the memo; a power of two.
const SETS: usize = 1_024;
/// Cells that one set holds: those whose hashes agree seldom push each other out.
const WAYS: usize = 2;
/// Longest cell that is remembered, in bytes: longer than nearly all names of countries.
const CELL_BYTES_MAX: usize = 8 + MIDDLE_BYTES + 8;
/// Bytes of a cell between its ends.
const MIDDLE_BYTES: usize = 43;

/// A bounded cache of outcomes for one column: of the cells that share a set, the last two stay.
/// It takes 128 KiB, at once.
#[derive(Clone)]
pub struct Memo {
    context: ColumnContext,
    sets: Box<[[Place; WAYS]]>,
}

/// A cell and its outcome: a cache line together.
#[derive(Clone, Copy)]
struct Place {
    ends: Ends,
    /// Zero where nothing is remembered: empty cells are answered before.
    length: u8,
    /// What lies between the ends of a cell of more than 16 bytes.
    middle: [u8; MIDDLE_BYTES],
    outcome: Result<Recognized, Doubt>,
}

const NOTHING: Place = Place {
    ends: Ends { head: 0, tail: 0 },
    length: 0,
    middle: [0; MIDDLE_BYTES],
    outcome: Err(Doubt::Empty),
};

impl Memo {
    /// An empty memo.
    #[must_use]
    pub fn new() -> Self {
        let sets = vec![[NOTHING; WAYS]; SETS].into_boxed_slice();
        Self { context: ColumnContext::default(), sets }
    }

    /// As [`recognize`], faster for cells that came before. Another context empties the memo.
    ///
    /// # Errors
    ///
    /// The doubt that [`recognize`] gives.
    pub fn recognize(&mut self, cell: &str, context: &ColumnContext) -> Result<Recognized, Doubt> {
        if *context != self.context {
            self.context = *context;
            self.sets.fill([NOTHING; WAYS]);
        }
        let bytes = cell.as_bytes();
        if bytes.is_empty() {
            return Err(Doubt::Empty);
        }
        if bytes.len() > CELL_BYTES_MAX {
            return recognize(cell, context);
        }
        let (ends, length) = (Ends::of(bytes), bytes.len() as u8);
        let middle = if bytes.len() > 16 { &bytes[8..bytes.len() - 8] } else { &bytes[..0] };
        let set = &mut self.sets[ends.set(length)];
        for place in set.iter() {
            if place.ends == ends
                && place.length == length
                && (middle.is_empty() || place.middle[..middle.len()] == *middle)
            {
                return place.outcome;
            }
        }
        let outcome = recognize(cell, context);
        set[1] = set[0];
        set[0].ends = ends;
        set[0].length = length;
        set[0].middle[..middle.len()].copy_from_slice(middle);
        set[0].outcome = outcome;
        outcome
    }
}

impl Default for Memo {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Memo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Memo").field("context", &self.context).finish_non_exhaustive()
    }
}

/// The first and last eight bytes of a cell, which overlap in a short one: with the length, all
/// there is to know of a cell of up to 16 bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Ends {
    head: u64,
    tail: u64,
}

impl Ends {
    fn of(bytes: &[u8]) -> Self {
        let (head, tail) = match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
            (Some(head), Some(tail)) => (u64::from_le_bytes(*head), u64::from_le_bytes(*tail)),
            _ => match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
                (Some(head), Some(tail)) => {
                    (u64::from(u32::from_le_bytes(*head)), u64::from(u32::from_le_bytes(*tail)))
                }
                _ => {
                    let at = |index: usize| u64::from(bytes.get(index).copied().unwrap_or(0));
                    (at(0) | at(1) << 8 | at(2) << 16, 0)
                }
            },
        };
        Self { head, tail }
    }

    /// The set of the cell: a multiplicative hash.
    const fn set(self, length: u8) -> usize {
        // Odd constants from the digits of the golden ratio and of Euler's number.
        let mixed = self.head.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(32)
            ^ self.tail
            ^ length as u64;
        (mixed.wrapping_mul(0xADF8_5458_A2BB_4A9B) >> (u64::BITS - SETS.trailing_zeros())) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::{CELL_BYTES_MAX, ColumnContext, Memo, Place, SETS, WAYS, recognize};

    #[test]
    fn the_same_as_without_it() {
        let mut memo = Memo::new();
        let context = ColumnContext::default();
        let cells = [
            "Spain",
            "ES",
            "",
            "España",
            "nowhere",
            "Paris",
            "12",
            "Democratic Republic of the Congo",
        ];
        for _ in 0..3 {
            for cell in cells {
                assert_eq!(memo.recognize(cell, &context), recognize(cell, &context), "{cell}");
            }
        }
    }

    #[test]
    fn another_context_is_another_memo() {
        let mut memo = Memo::new();
        let numeric = ColumnContext { numeric: true, ..ColumnContext::default() };
        assert!(memo.recognize("724", &ColumnContext::default()).is_err());
        assert!(memo.recognize("724", &numeric).is_ok());
        assert!(memo.recognize("724", &ColumnContext::default()).is_err());
    }

    #[test]
    fn more_cells_than_places() {
        let mut memo = Memo::new();
        for number in 0..SETS * WAYS * 4 {
            let cell = format!("cell {number}");
            assert!(memo.recognize(&cell, &ColumnContext::default()).is_err());
        }
        assert!(memo.recognize("Spain", &ColumnContext::default()).is_ok());
    }

    #[test]
    fn cells_that_differ_in_one_byte_are_told_apart() {
        let context = ColumnContext::default();
        for length in 1..=CELL_BYTES_MAX + 1 {
            let mut memo = Memo::new();
            let cell = " ".repeat(length);
            assert!(memo.recognize(&cell, &context).is_err());
            for at in 0..length {
                let mut other = cell.clone();
                other.replace_range(at..=at, "7");
                assert_eq!(memo.recognize(&other, &context), recognize(&other, &context));
                assert_ne!(memo.recognize(&other, &context), memo.recognize(&cell, &context));
            }
        }
    }

    #[test]
    fn a_place_is_a_cache_line() {
        assert!(size_of::<Place>() <= 64, "{} bytes", size_of::<Place>());
    }
}
