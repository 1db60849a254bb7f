//! Remembering what was made of the cells of a column: most columns repeat themselves.

use fearless_simd::Simd;

use crate::scan::{BLOCK_BYTES, Block, TextStart, padded_block};

/// Sets of a memo; a power of two.
const SETS: usize = 512;
/// Cells that one set holds: those whose hashes agree seldom push each other out.
const WAYS: usize = 4;
/// Longest cell that is remembered, in bytes: the last byte of a block holds the length.
const CELL_BYTES_MAX: usize = BLOCK_BYTES - 1;

/// A bounded cache of what cells gave. It takes 132 KiB for the cells, at once.
#[derive(Clone)]
pub(crate) struct CellMemo<T> {
    /// What a cell's hash says beside its set: zero where nothing is remembered. One look at a
    /// set's tags leaves one cell to be compared.
    tags: Box<[[u16; WAYS]]>,
    /// The cells, their length behind them.
    cells: Box<[[Block; WAYS]]>,
    values: Box<[[T; WAYS]]>,
    /// The way of the cell that is forgotten next.
    oldest: usize,
}

impl<T: Copy> CellMemo<T> {
    /// An empty memo; `filler` stands where nothing is remembered, and is never given back.
    pub(crate) fn new(filler: T) -> Self {
        Self {
            tags: vec![[0; WAYS]; SETS].into_boxed_slice(),
            cells: vec![[[0; BLOCK_BYTES]; WAYS]; SETS].into_boxed_slice(),
            values: vec![[filler; WAYS]; SETS].into_boxed_slice(),
            oldest: 0,
        }
    }

    /// Where the cell of `length` bytes may be, with which `ahead` begins. To ask for it some time
    /// before [`Self::get`] gives the memory time to answer.
    #[inline(always)]
    pub(crate) fn probe(&self, ahead: &[u8], length: usize) -> Probe {
        let hash = hash(ahead, length);
        let set = (hash >> 32) as usize % SETS;
        let tag = hash as u16 | 1;
        let mut way = WAYS;
        for (index, known) in self.tags[set].iter().enumerate() {
            way = if *known == tag { index } else { way };
        }
        let known_length = self.cells[set].get(way).map_or(0, |place| place[CELL_BYTES_MAX]);
        let is_length_right = usize::from(known_length) == length;
        Probe { set, tag, way: way as u8, is_length_right }
    }

    /// What `find` gives for `cell`, perhaps from memory: it must depend on nothing else. `start` is
    /// the start of the cell.
    #[inline(always)]
    pub(crate) fn get<S: Simd>(
        &mut self,
        probe: Probe,
        cell: &str,
        start: &TextStart<S>,
        find: impl FnOnce(&str) -> T,
    ) -> T {
        self.get_if(probe, cell, |place| start.vectors.is_same(place, start.mask), find)
    }

    /// As [`Self::get`], of a cell that stands alone.
    #[inline(always)]
    pub(crate) fn get_alone(&mut self, cell: &str, find: impl FnOnce(&str) -> T) -> T {
        let bytes = cell.as_bytes();
        let is_same = |place: &Block| place.get(..bytes.len()) == Some(bytes);
        self.get_if(self.probe(bytes, bytes.len()), cell, is_same, find)
    }

    #[inline(always)]
    fn get_if(
        &mut self,
        probe: Probe,
        cell: &str,
        is_same: impl FnOnce(&Block) -> bool,
        find: impl FnOnce(&str) -> T,
    ) -> T {
        let Probe { set, way, is_length_right, .. } = probe;
        if let Some(place) = self.cells[set].get(usize::from(way))
            && is_length_right
            && is_same(place)
        {
            return self.values[set][usize::from(way)];
        }
        let value = find(cell);
        if (1..=CELL_BYTES_MAX).contains(&cell.len()) {
            self.remember(probe, cell, value);
        }
        value
    }

    /// Remembers a cell; one of the same set and tag is forgotten for it.
    #[inline(never)]
    fn remember(&mut self, probe: Probe, cell: &str, value: T) {
        let Probe { set, tag, way, .. } = probe;
        let way = if usize::from(way) < WAYS { usize::from(way) } else { self.oldest };
        self.oldest = (self.oldest + 1) % WAYS;
        self.tags[set][way] = tag;
        self.cells[set][way] = padded_block(cell.as_bytes());
        self.cells[set][way][CELL_BYTES_MAX] = cell.len() as u8;
        self.values[set][way] = value;
    }
}

/// Where a memo may hold a cell.
#[derive(Clone, Copy)]
pub(crate) struct Probe {
    set: usize,
    tag: u16,
    /// The one cell of the set with this tag, or [`WAYS`].
    way: u8,
    is_length_right: bool,
}

impl<T> std::fmt::Debug for CellMemo<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CellMemo").finish_non_exhaustive()
    }
}

/// A multiplicative hash of the cell of `length` bytes that `ahead` begins with: of its first and
/// last 16 bytes, without a branch on its length. Of 48 bits.
#[inline(always)]
fn hash(ahead: &[u8], length: usize) -> u64 {
    // Odd constants from the digits of the golden ratio and of Euler's number.
    const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
    const EULER: u64 = 0xADF8_5458_A2BB_4A9B;
    // Of a cell below eight bytes, what the word holds behind it is shifted out.
    let unused = 8 * 8_usize.saturating_sub(length.max(1));
    let word = |at: usize| {
        let rest = ahead.get(at..).unwrap_or_default();
        let word = rest.first_chunk().copied().unwrap_or_else(|| last_word(rest));
        u64::from_le_bytes(word) << unused
    };
    let (last, last_but_one) = (length.max(8) - 8, length.max(16) - 16);
    let outer = (word(0) ^ word(last_but_one).rotate_left(23)).wrapping_mul(GOLDEN);
    let inner = (word(last) ^ word(last.min(8)).rotate_left(41)).wrapping_mul(EULER);
    let mixed = outer.rotate_left(32) ^ inner.rotate_left(29) ^ length as u64;
    mixed.wrapping_mul(EULER) >> 16
}

/// The word that `rest` is too short for.
#[cold]
fn last_word(rest: &[u8]) -> [u8; 8] {
    std::array::from_fn(|at| rest.get(at).copied().unwrap_or(0))
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
            let probe = memo.probe(ahead.as_bytes(), cell.len());
            let value = memo.get(probe, cell, &start, find);
            // What stands behind a cell makes no difference.
            assert_eq!(memo.get_alone(cell, find), value);
            value
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
