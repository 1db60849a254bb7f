//! Finds the bytes that matter, 64 at a time.
//!
//! A block of 64 bytes becomes a few 64-bit masks, one bit a byte, lowest bit first. Which separators
//! stand outside quotes then follows by arithmetic (a prefix XOR of the quote mask is the quote
//! parity), without a branch per byte. The idea is that of Langdale and Lemire, "Parsing Gigabytes of
//! JSON per Second" (2019), applied to CSV.
//!
//! The comparisons come from the `fearless_simd` crate: its interface is safe, and it picks the
//! processor's widest vectors when the program runs. All its levels give the same masks.

use fearless_simd::prelude::*;
use fearless_simd::{Simd, u8x64};

/// Bytes a block holds: one bit of a mask each.
pub(crate) const BLOCK_BYTES: usize = 64;

/// A block of input, short ones padded with [`PADDING`].
pub(crate) type Block = [u8; BLOCK_BYTES];

/// What pads a short last block. Bits behind the input are masked out, so any byte would do.
const PADDING: u8 = b'x';

/// A block's bytes in vector registers.
pub(crate) struct Vectors<S: Simd> {
    simd: S,
    bytes: u8x64<S>,
}

impl<S: Simd> Vectors<S> {
    #[inline(always)]
    pub(crate) fn load(simd: S, block: &Block) -> Self {
        Self { simd, bytes: u8x64::from_slice(simd, block) }
    }

    /// The block.
    #[inline(always)]
    pub(crate) fn block(&self) -> Block {
        let mut block = [0; BLOCK_BYTES];
        self.bytes.store_slice(&mut block);
        block
    }

    /// The mask of the bytes equal to `byte`.
    #[inline(always)]
    pub(crate) fn equal_to(&self, byte: u8) -> u64 {
        self.bytes.simd_eq(u8x64::splat(self.simd, byte)).to_bitmask()
    }

    /// The mask of the bytes from `first` to `last`, both included.
    #[inline(always)]
    pub(crate) fn between(&self, first: u8, last: u8) -> u64 {
        let above = self.bytes - u8x64::splat(self.simd, first);
        above.simd_le(u8x64::splat(self.simd, last - first)).to_bitmask()
    }

    /// Whether the first bytes, those in `mask`, are the same in `other`.
    #[inline(always)]
    pub(crate) fn is_same(&self, other: &Block, mask: u64) -> bool {
        let other = u8x64::from_slice(self.simd, other);
        self.bytes.simd_eq(other).to_bitmask() & mask == mask
    }

    /// The mask of the bytes beyond ASCII.
    #[inline(always)]
    pub(crate) fn beyond_ascii(&self) -> u64 {
        self.between(0x80, 0xFF)
    }
}

/// The start of a text, [`BLOCK_BYTES`] at most, in vector registers.
pub(crate) struct TextStart<S: Simd> {
    pub(crate) vectors: Vectors<S>,
    /// The bits of the text's bytes.
    pub(crate) mask: u64,
}

impl<S: Simd> TextStart<S> {
    /// The start of the text of `length` bytes that `block` begins with; what the block holds behind
    /// it does not count.
    #[inline(always)]
    pub(crate) fn load(simd: S, block: &Block, length: usize) -> Self {
        Self { vectors: Vectors::load(simd, block), mask: first_bits(length) }
    }

    /// The letters, digits and marks of the text.
    #[inline(always)]
    pub(crate) fn classes(&self) -> Classes {
        let Self { vectors, mask } = self;
        Classes {
            lower: vectors.between(b'a', b'z') & mask,
            upper: vectors.between(b'A', b'Z') & mask,
            digits: vectors.between(b'0', b'9') & mask,
            dots: vectors.equal_to(b'.') & mask,
            hyphens: vectors.equal_to(b'-') & mask,
            underscores: vectors.equal_to(b'_') & mask,
        }
    }
}

/// What the bytes of addresses mostly are, a mask each.
#[derive(Clone, Copy)]
pub(crate) struct Classes {
    pub(crate) lower: u64,
    pub(crate) upper: u64,
    pub(crate) digits: u64,
    pub(crate) dots: u64,
    pub(crate) hyphens: u64,
    pub(crate) underscores: u64,
}

/// The mask whose bit `i` is the XOR of bits `0..=i` of `mask`: set from an opening quote up to the
/// byte before its closing quote.
#[inline(always)]
pub(crate) const fn prefix_xor(mut mask: u64) -> u64 {
    mask ^= mask << 1;
    mask ^= mask << 2;
    mask ^= mask << 4;
    mask ^= mask << 8;
    mask ^= mask << 16;
    mask ^= mask << 32;
    mask
}

/// The mask of a block's first `length` bytes.
#[inline(always)]
pub(crate) const fn first_bits(length: usize) -> u64 {
    if length < BLOCK_BYTES { (1 << length) - 1 } else { !0 }
}

/// A last block of fewer bytes than [`BLOCK_BYTES`], padded.
#[inline]
pub(crate) fn padded_block(rest: &[u8]) -> Block {
    let mut block = [PADDING; BLOCK_BYTES];
    let length = rest.len().min(BLOCK_BYTES);
    block[..length].copy_from_slice(&rest[..length]);
    block
}

/// The levels this processor has, for tests that compare them.
#[cfg(test)]
pub(crate) fn levels() -> Vec<fearless_simd::Level> {
    use fearless_simd::Level;

    let best = Level::new();
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    let narrower = [
        best.as_sse2().map(|level| level.level()),
        best.as_sse4_2().map(|level| level.level()),
        best.as_avx2().map(|level| level.level()),
    ];
    #[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
    let narrower = [None];
    narrower.into_iter().flatten().chain([Level::baseline(), best]).collect()
}

#[cfg(test)]
mod tests {
    use fearless_simd::dispatch;

    use super::{BLOCK_BYTES, Block, Vectors, levels, prefix_xor};

    /// The plain twin of [`Vectors::equal_to`].
    fn equal_to(block: &Block, byte: u8) -> u64 {
        (0..BLOCK_BYTES).filter(|&i| block[i] == byte).fold(0, |mask, i| mask | 1 << i)
    }

    proptest::proptest! {
        #[test]
        fn masks_of_every_level_equal_their_plain_twin(bytes: [[u8; 32]; 2], byte: u8) {
            let block: Block = bytes.as_flattened().try_into().unwrap();
            for level in levels() {
                // A byte drawn at random is seldom there: look for one of the block's own as well.
                for needle in [byte, block[usize::from(byte) % BLOCK_BYTES], 0] {
                    let mask = dispatch!(level, simd => Vectors::load(simd, &block).equal_to(needle));
                    assert_eq!(mask, equal_to(&block, needle), "{level:?}");
                }
            }
        }

        #[test]
        fn ranges_of_every_level_equal_their_plain_twin(
            bytes: [[u8; 32]; 2], first: u8, length: u8,
        ) {
            let block: Block = bytes.as_flattened().try_into().unwrap();
            let last = first.saturating_add(length);
            let is_in = |i: &usize| (first..=last).contains(&block[*i]);
            let expected = (0..BLOCK_BYTES).filter(is_in).fold(0, |mask, i| mask | 1 << i);
            for level in levels() {
                let mask =
                    dispatch!(level, simd => Vectors::load(simd, &block).between(first, last));
                assert_eq!(mask, expected, "{level:?}");
            }
        }

        #[test]
        fn parity_counts_the_bits_up_to_and_with_each_one(mask: u64) {
            for bit in 0..64_u32 {
                let seen = (mask << (63 - bit)).count_ones();
                assert_eq!(prefix_xor(mask) >> bit & 1, u64::from(seen % 2));
            }
        }
    }
}
