//! Remembering what was made of the cells of a column: most columns repeat themselves.

use fearless_simd::Simd;

use crate::scan::{BLOCK_BYTES, Block, TextStart, padded_block};

/// Sets of a memo; a power of two.
const SETS: usize = 1_024;
/// Cells that one set holds: those whose hashes agree seldom push each other out.
const WAYS: usize = 2;
/// Longest cell that is remembered, in bytes: the last byte of a block holds the length.
const CELL_BYTES_MAX: usize = BLOCK_BYTES - 1;

/// A bounded cache of what cells gave: of the cells that share a set, the last two stay. It takes
/// 128 KiB for the cells, at once.
#[derive(Clone)]
pub(crate) struct CellMemo<T> {
    /// The cells, their length behind them: zero where nothing is remembered.
    cells: Box<[[Block; WAYS]]>,
    values: Box<[[T; WAYS]]>,
}

impl<T: Copy> CellMemo<T> {
    /// An empty memo; `filler` stands where nothing is remembered, and is never given back.
    pub(crate) fn new(filler: T) -> Self {
        Self {
            cells: vec![[[0; BLOCK_BYTES]; WAYS]; SETS].into_boxed_slice(),
            values: vec![[filler; WAYS]; SETS].into_boxed_slice(),
        }
    }

    /// What `find` gives for `cell`, perhaps from memory: it must depend on nothing else. `ahead`
    /// begins with the cell, and `start` is the start of it.
    #[inline(always)]
    pub(crate) fn get<S: Simd>(
        &mut self,
        cell: &str,
        ahead: &[u8],
        start: &TextStart<S>,
        find: impl FnOnce(&str) -> T,
    ) -> T {
        if cell.is_empty() || cell.len() > CELL_BYTES_MAX {
            return find(cell);
        }
        let set = set_of(ahead, cell.len());
        let (cells, values) = (&mut self.cells[set], &mut self.values[set]);
        let is_same = |place: &Block| {
            usize::from(place[CELL_BYTES_MAX]) == cell.len()
                && start.vectors.is_same(place, start.mask)
        };
        let hits = [is_same(&cells[0]), is_same(&cells[1])];
        if hits[0] | hits[1] {
            return values[usize::from(hits[1])];
        }
        let value = find(cell);
        cells[1] = cells[0];
        values[1] = values[0];
        cells[0] = padded_block(cell.as_bytes());
        cells[0][CELL_BYTES_MAX] = cell.len() as u8;
        values[0] = value;
        value
    }
}

impl<T> std::fmt::Debug for CellMemo<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CellMemo").finish_non_exhaustive()
    }
}

/// The set of the cell of `length` bytes that `ahead` begins with: a multiplicative hash of its
/// first and last 16 bytes, without a branch on its length.
#[inline(always)]
fn set_of(ahead: &[u8], length: usize) -> usize {
    // Odd constants from the digits of the golden ratio and of Euler's number.
    const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
    const EULER: u64 = 0xADF8_5458_A2BB_4A9B;
    // Of a cell below eight bytes, what the word holds behind it is shifted out.
    let unused = 8 * 8_usize.saturating_sub(length);
    let word = |at: usize| {
        let word = ahead.get(at..).and_then(<[u8]>::first_chunk);
        word.map_or(0, |word| u64::from_le_bytes(*word) << unused)
    };
    let (last, last_but_one) = (length.max(8) - 8, length.max(16) - 16);
    let outer = (word(0) ^ word(last_but_one).rotate_left(23)).wrapping_mul(GOLDEN);
    let inner = (word(last) ^ word(last.min(8)).rotate_left(41)).wrapping_mul(EULER);
    let mixed = outer.rotate_left(32) ^ inner.rotate_left(29) ^ length as u64;
    (mixed.wrapping_mul(EULER) >> (u64::BITS - SETS.trailing_zeros())) as usize
}

#[cfg(test)]
mod tests {
    use fearless_simd::{Level, dispatch};

    use super::{CELL_BYTES_MAX, CellMemo, SETS, WAYS};
    use crate::scan::TextStart;

    /// A value that tells nearly all cells apart.
    fn sum(cell: &str) -> u32 {
        cell.bytes().fold(7, |sum, byte| sum * 31 % 1_000_003 + u32::from(byte))
    }

    /// As [`CellMemo::get`], whatever stands behind the cell.
    fn get(memo: &mut CellMemo<u32>, cell: &str, behind: &str, find: fn(&str) -> u32) -> u32 {
        let ahead = [cell, behind].concat();
        dispatch!(Level::new(), simd => {
            let start = TextStart::load(simd, ahead.as_bytes(), cell.len());
            memo.get(cell, ahead.as_bytes(), &start, find)
        })
    }

    #[test]
    fn more_cells_than_places() {
        let mut memo = CellMemo::new(0);
        for number in (0..SETS * WAYS * 4).chain(0..100) {
            let cell = format!("cell {number}");
            assert_eq!(get(&mut memo, &cell, "", sum), sum(&cell));
        }
    }

    #[test]
    fn a_cell_that_came_before_is_not_asked_again() {
        let mut memo = CellMemo::new(0);
        let (behind, other) = (" ".repeat(80), "x".repeat(70));
        for cell in ["Spain", "a", "eight by", "a name of more than sixteen bytes"] {
            assert_eq!(get(&mut memo, cell, &behind, sum), sum(cell));
            assert_eq!(get(&mut memo, cell, &other, |_| unreachable!()), sum(cell));
        }
    }

    #[test]
    fn cells_that_differ_in_one_byte_are_told_apart() {
        for length in 1..=CELL_BYTES_MAX + 1 {
            let mut memo = CellMemo::new(0);
            let cell = " ".repeat(length);
            assert_eq!(get(&mut memo, &cell, "behind", sum), sum(&cell));
            for at in 0..length {
                let mut other = cell.clone();
                other.replace_range(at..=at, "7");
                assert_eq!(get(&mut memo, &other, "behind", sum), sum(&other));
                assert_eq!(get(&mut memo, &cell, "behind", sum), sum(&cell));
            }
        }
    }
}
