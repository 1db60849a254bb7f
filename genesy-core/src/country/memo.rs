//! Remembering what the cells of a column said: most columns repeat few countries.

use super::{ColumnContext, Doubt, Recognized, recognize};

/// Places in the memo; a power of two.
const PLACES: usize = 512;
/// Longest cell that is remembered, in bytes.
const CELL_BYTES_MAX: usize = 22;

/// A bounded cache of outcomes for one column: each cell has one place, and the last one there
/// stays. Short cells only, which repeated ones are.
#[derive(Clone)]
pub struct Memo {
    context: ColumnContext,
    places: Box<[Place]>,
}

#[derive(Clone, Copy)]
struct Place {
    cell: [u8; CELL_BYTES_MAX],
    /// Zero where nothing is remembered: empty cells are answered before.
    length: u8,
    outcome: Result<Recognized, Doubt>,
}

impl Memo {
    /// An empty memo.
    #[must_use]
    pub fn new() -> Self {
        let place = Place { cell: [0; CELL_BYTES_MAX], length: 0, outcome: Err(Doubt::Empty) };
        Self { context: ColumnContext::default(), places: vec![place; PLACES].into_boxed_slice() }
    }

    /// As [`recognize`], faster for cells that came before. Another context empties the memo.
    ///
    /// # Errors
    ///
    /// The doubt that [`recognize`] gives.
    pub fn recognize(&mut self, cell: &str, context: &ColumnContext) -> Result<Recognized, Doubt> {
        if *context != self.context {
            *self = Self { context: *context, ..Self::new() };
        }
        let bytes = cell.as_bytes();
        if bytes.is_empty() {
            return Err(Doubt::Empty);
        }
        if bytes.len() > CELL_BYTES_MAX {
            return recognize(cell, context);
        }
        let place = &mut self.places[slot(bytes)];
        if usize::from(place.length) == bytes.len() && &place.cell[..bytes.len()] == bytes {
            return place.outcome;
        }
        let outcome = recognize(cell, context);
        place.cell[..bytes.len()].copy_from_slice(bytes);
        place.length = u8::try_from(bytes.len()).unwrap_or(0);
        place.outcome = outcome;
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

/// The place of a cell: a multiplicative hash of its length, beginning and end.
fn slot(bytes: &[u8]) -> usize {
    let word =
        |bytes: &[u8]| bytes.iter().rev().fold(0_u64, |word, &byte| word << 8 | u64::from(byte));
    let (head, tail) = match bytes.len() {
        0..8 => (word(bytes), 0),
        length => {
            let first = bytes.first_chunk::<8>().map_or(0, |chunk| u64::from_le_bytes(*chunk));
            let last = bytes[length - 8..]
                .first_chunk::<8>()
                .map_or(0, |chunk| u64::from_le_bytes(*chunk));
            (first, last)
        }
    };
    let mixed =
        (head ^ tail.rotate_left(23) ^ bytes.len() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 48) as usize % PLACES
}

#[cfg(test)]
mod tests {
    use super::{ColumnContext, Memo, PLACES, recognize};

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
        for number in 0..PLACES * 4 {
            let cell = format!("cell {number}");
            assert!(memo.recognize(&cell, &ColumnContext::default()).is_err());
        }
        assert!(memo.recognize("Spain", &ColumnContext::default()).is_ok());
    }
}
