//! Remembering what was made of the cells of a column: most columns repeat themselves.

use fearless_simd::Simd;

use crate::scan::{BLOCK_BYTES, Block, TextStart, padded_block};

/// Sets of a memo; a power of two.
const SETS: usize = 1024;
/// Cells that one set holds: those whose hashes agree seldom push each other out.
const WAYS: usize = 4;
/// Longest cell that is remembered, in bytes: the last byte of a block holds the length.
const CELL_BYTES_MAX: usize = BLOCK_BYTES - 1;

/// A bounded cache of what cells gave. Its cells take up to 256 KiB: as much of that as is used.
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

    /// Looks up where the cell may be that `probe` is of.
    #[inline(always)]
    pub(crate) fn look_up(&self, probe: &mut Probe) {
        let mut way = WAYS;
        for (index, known) in self.tags[usize::from(probe.set)].iter().enumerate() {
            way = if *known == probe.tag { index } else { way };
        }
        probe.way = way as u8;
    }

    /// What `find` gives for a cell of `length` bytes, perhaps from memory: it must depend on nothing
    /// else. `probe` was looked up for the cell, and `start` is its start.
    #[inline(always)]
    pub(crate) fn get<S: Simd>(
        &mut self,
        probe: &Probe,
        length: usize,
        start: &TextStart<S>,
        find: impl FnOnce() -> T,
    ) -> T {
        let is_same = |place: &Block| start.vectors.is_same(place, start.mask);
        self.get_if(probe, length, is_same, || (start.vectors.block(), find()))
    }

    /// As [`Self::get`], of a cell that stands alone.
    #[inline(always)]
    pub(crate) fn get_alone(&mut self, cell: &str, find: impl FnOnce(&str) -> T) -> T {
        let bytes = cell.as_bytes();
        let is_same = |place: &Block| place.get(..bytes.len()) == Some(bytes);
        let mut probe = Probe::of(bytes);
        self.look_up(&mut probe);
        self.get_if(&probe, bytes.len(), is_same, || (padded_block(bytes), find(cell)))
    }

    #[inline(always)]
    fn get_if(
        &mut self,
        probe: &Probe,
        length: usize,
        is_same: impl FnOnce(&Block) -> bool,
        find: impl FnOnce() -> (Block, T),
    ) -> T {
        let (set, way) = (usize::from(probe.set), usize::from(probe.way));
        if let Some(place) = self.cells[set].get(way)
            && usize::from(place[CELL_BYTES_MAX]) == length
            && is_same(place)
        {
            return self.values[set][way];
        }
        let (mut cell, value) = find();
        if (1..=CELL_BYTES_MAX).contains(&length) {
            cell[CELL_BYTES_MAX] = length as u8;
            self.remember(probe, cell, value);
        }
        value
    }

    /// Remembers a cell; one of the same set and tag is forgotten for it.
    #[inline(never)]
    fn remember(&mut self, probe: &Probe, cell: Block, value: T) {
        let (set, tag) = (usize::from(probe.set), probe.tag);
        // Asked anew: since the probe was looked up, others may have been remembered.
        let known = self.tags[set].iter().position(|known| *known == tag);
        let way = known.unwrap_or(self.oldest);
        self.oldest = (self.oldest + 1) % WAYS;
        self.tags[set][way] = tag;
        self.cells[set][way] = cell;
        self.values[set][way] = value;
    }
}

/// Where a memo may hold a cell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Probe {
    set: u16,
    tag: u16,
    /// The one cell of the set with this tag, or [`WAYS`].
    way: u8,
}

impl Probe {
    /// For no cell.
    pub(crate) const NOWHERE: Self = Self { set: 0, tag: 0, way: WAYS as u8 };

    /// For the cell of `length` bytes with which `ahead` begins.
    #[inline(always)]
    pub(crate) fn new(ahead: &Block, length: usize) -> Self {
        Self::at(hash(length, |at| word(&ahead[at..at + WORD_BYTES])))
    }

    /// The same for a cell that stands alone.
    #[inline(always)]
    fn of(cell: &[u8]) -> Self {
        Self::at(hash(cell.len(), |at| word(cell.get(at..at + WORD_BYTES).unwrap_or(cell))))
    }

    #[inline(always)]
    const fn at(hash: u64) -> Self {
        Self { set: ((hash >> 32) as usize % SETS) as u16, tag: hash as u16 | 1, way: WAYS as u8 }
    }
}

impl<T> std::fmt::Debug for CellMemo<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CellMemo").finish_non_exhaustive()
    }
}

/// Bytes that are hashed at a time.
const WORD_BYTES: usize = 8;

/// A multiplicative hash of the cell of `length` bytes whose words `word` gives: of eight bytes each at
/// its start, in its middle and at its end, without a branch on its length. Of 48 bits.
#[inline(always)]
fn hash(length: usize, word: impl Fn(usize) -> u64) -> u64 {
    // Odd constants from the digits of the golden ratio and of Euler's number.
    const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
    const EULER: u64 = 0xADF8_5458_A2BB_4A9B;
    // Of a cell below eight bytes, what the word holds behind it is shifted out.
    let unused = 8 * WORD_BYTES.saturating_sub(length.max(1));
    let word = |at| word(at) << unused;
    let last = length.clamp(WORD_BYTES, BLOCK_BYTES) - WORD_BYTES;
    let outer = (word(0) ^ length as u64).wrapping_mul(GOLDEN);
    let inner = (word(last) ^ word(last / 2).rotate_left(23)).wrapping_mul(EULER);
    (outer.rotate_left(32) ^ inner).wrapping_mul(EULER) >> 16
}

/// The first eight bytes, or all there are.
#[inline(always)]
fn word(bytes: &[u8]) -> u64 {
    match bytes.first_chunk() {
        Some(word) => u64::from_le_bytes(*word),
        None => bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

#[cfg(test)]
mod tests {
    use fearless_simd::{Level, dispatch};

    use super::{CELL_BYTES_MAX, CellMemo, Probe, SETS, WAYS};
    use crate::scan::{TextStart, padded_block};

    /// A value that tells nearly all cells apart.
    fn sum(cell: &str) -> u32 {
        cell.bytes().fold(7, |sum, byte| sum * 31 % 1_000_003 + u32::from(byte))
    }

    /// As [`CellMemo::get`], whatever stands behind the cell.
    fn get(memo: &mut CellMemo<u32>, cell: &str, behind: &str, find: fn(&str) -> u32) -> u32 {
        let ahead = [cell, behind].concat();
        dispatch!(Level::new(), simd => {
            let start = TextStart::load(simd, &padded_block(ahead.as_bytes()), cell.len());
            let mut probe = Probe::new(&padded_block(ahead.as_bytes()), cell.len());
            memo.look_up(&mut probe);
            let value = memo.get(&probe, cell.len(), &start, || find(cell));
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
