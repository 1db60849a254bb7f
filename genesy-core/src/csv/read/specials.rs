//! Finds the bytes that may mean something, for the tolerant path.

use fearless_simd::{Level, Simd, dispatch};

use super::tolerant::Rules;
use crate::scan::{BLOCK_BYTES, Block, Vectors, first_bits, padded_block};

/// Blocks whose masks are made at a time: a few records of usual length.
const BLOCKS: usize = 16;

/// The masks of the special bytes around the place that was asked for last: one record after the
/// other, and each way to read it, uses them again.
#[derive(Debug)]
pub(super) struct Specials {
    level: Level,
    delimiter: u8,
    quote: u8,
    escape: Option<u8>,
    /// Where the masks begin in the window.
    start: usize,
    /// Bytes they cover.
    length: usize,
    masks: [u64; BLOCKS],
}

impl Specials {
    pub(super) fn new(rules: &Rules) -> Self {
        let delimiter = rules.delimiter.as_bytes()[0];
        Self {
            level: Level::new(),
            delimiter,
            quote: rules.quote.unwrap_or(delimiter),
            escape: rules.escape,
            start: 0,
            length: 0,
            masks: [0; BLOCKS],
        }
    }

    /// Forgets what was found, since the window's front was taken off.
    pub(super) const fn clear(&mut self) {
        self.length = 0;
    }

    /// The first special byte of `window` at or behind `from`.
    #[inline(always)]
    pub(super) fn next(&mut self, window: &[u8], from: usize) -> Option<usize> {
        let offset = from.wrapping_sub(self.start);
        if offset < self.length {
            let mask = self.masks[offset / BLOCK_BYTES] & (!0 << (offset % BLOCK_BYTES));
            if mask != 0 {
                let block = from - offset % BLOCK_BYTES;
                return Some(block + mask.trailing_zeros() as usize);
            }
        }
        self.next_block(window, from)
    }

    /// As [`Self::next`], where the block of `from` has none.
    fn next_block(&mut self, window: &[u8], mut from: usize) -> Option<usize> {
        let mut offset = from.wrapping_sub(self.start);
        if offset < self.length {
            offset = (offset / BLOCK_BYTES + 1) * BLOCK_BYTES;
            from = self.start + offset.min(self.length);
        }
        loop {
            if offset >= self.length {
                if from >= window.len() {
                    return None;
                }
                self.load(window, from);
                offset = 0;
            }
            let blocks = self.masks.iter().enumerate().skip(offset / BLOCK_BYTES);
            for (block, mask) in blocks {
                if *mask != 0 {
                    return Some(self.start + block * BLOCK_BYTES + mask.trailing_zeros() as usize);
                }
            }
            from = self.start + self.length;
            offset = self.length;
        }
    }

    /// Makes the masks of the bytes from `start` on.
    fn load(&mut self, window: &[u8], start: usize) {
        let rest = &window[start..];
        let bytes = &rest[..rest.len().min(BLOCKS * BLOCK_BYTES)];
        let level = self.level;
        self.masks = dispatch!(level, simd => self.masks_of(simd, bytes));
        self.start = start;
        self.length = bytes.len();
    }

    #[inline(always)]
    fn masks_of<S: Simd>(&self, simd: S, bytes: &[u8]) -> [u64; BLOCKS] {
        let mut masks = [0; BLOCKS];
        let (blocks, tail) = bytes.as_chunks::<BLOCK_BYTES>();
        for (mask, block) in masks.iter_mut().zip(blocks) {
            *mask = self.mask_of(simd, block);
        }
        if !tail.is_empty() {
            masks[blocks.len()] = self.mask_of(simd, &padded_block(tail)) & first_bits(tail.len());
        }
        masks
    }

    #[inline(always)]
    fn mask_of<S: Simd>(&self, simd: S, block: &Block) -> u64 {
        let vectors = Vectors::load(simd, block);
        vectors.equal_to(self.delimiter)
            | vectors.equal_to(self.quote)
            | vectors.equal_to(b'\n')
            | vectors.equal_to(b'\r')
            | vectors.equal_to(0)
            | self.escape.map_or(0, |escape| vectors.equal_to(escape))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Rules, Specials};
    use crate::csv::dialect::Dialect;
    use crate::csv::read::Limits;
    use crate::scan::levels;

    proptest! {
        #[test]
        fn every_level_finds_what_a_plain_search_finds(
            bytes in prop::collection::vec(prop_oneof![60 => Just(b'a'), 1 => any::<u8>()], 0..4000),
            escape in prop::option::of(Just(b'\\')),
            froms in prop::collection::vec(0_usize..4200, 1..20),
        ) {
            let dialect = Dialect { escape, ..Dialect::default() };
            let rules = Rules::new(&dialect, Limits::default());
            let is_special = |byte: &u8| b",\"\r\n\0".contains(byte) || Some(*byte) == escape;
            for level in levels() {
                let mut specials = Specials::new(&rules);
                specials.level = level;
                // The places go up and down: a record may be read in several ways.
                for &from in &froms {
                    let rest = bytes.get(from..).unwrap_or_default();
                    let expected = rest.iter().position(is_special).map(|at| from + at);
                    prop_assert_eq!(specials.next(&bytes, from), expected);
                }
            }
        }
    }
}
