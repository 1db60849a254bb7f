//! Finds the bytes that matter, 64 at a time.
//!
//! A block of 64 bytes becomes a few 64-bit masks, one bit a byte, lowest bit first. Which separators
//! stand outside quotes then follows by arithmetic (a prefix XOR of the quote mask is the quote
//! parity), without a branch per byte. The idea is that of Langdale and Lemire, "Parsing Gigabytes of
//! JSON per Second" (2019), applied to CSV. The comparisons come from the `wide` crate, whose
//! interface is safe and which falls back to plain code where there is no vector unit.

use wide::i8x16;

/// Bytes a block holds: one bit of a mask each.
pub(super) const BLOCK_BYTES: usize = 64;

/// A block of input, short ones padded with [`PADDING`].
pub(super) type Block = [u8; BLOCK_BYTES];

/// What pads a short last block: a byte that is never a delimiter, a quote, an escape or a line end.
pub(super) const PADDING: u8 = b'x';

/// A block's bytes in vector registers.
pub(super) struct Vectors([i8x16; 4]);

impl Vectors {
    #[inline(always)]
    pub(super) fn load(block: &Block) -> Self {
        let mut lanes = [i8x16::splat(0); 4];
        for (lane, bytes) in lanes.iter_mut().zip(block.as_chunks::<16>().0) {
            *lane = i8x16::new(bytes.map(u8::cast_signed));
        }
        Self(lanes)
    }

    /// The mask of the bytes equal to `byte`.
    #[inline(always)]
    pub(super) fn equal_to(&self, byte: u8) -> u64 {
        let needle = i8x16::splat(byte.cast_signed());
        let part = |lane: i8x16| u64::from(lane.simd_eq(needle).to_bitmask() & 0xFFFF);
        let [a, b, c, d] = self.0;
        part(a) | part(b) << 16 | part(c) << 32 | part(d) << 48
    }

    /// Whether any byte is NUL.
    #[inline(always)]
    pub(super) fn has_nul(&self) -> bool {
        let zero = i8x16::splat(0);
        let [a, b, c, d] = self.0;
        let any = (a.simd_eq(zero) | b.simd_eq(zero)) | (c.simd_eq(zero) | d.simd_eq(zero));
        any.to_bitmask() != 0
    }
}

/// The mask whose bit `i` is the XOR of bits `0..=i` of `mask`: set from an opening quote up to the
/// byte before its closing quote.
#[inline(always)]
pub(super) const fn prefix_xor(mut mask: u64) -> u64 {
    mask ^= mask << 1;
    mask ^= mask << 2;
    mask ^= mask << 4;
    mask ^= mask << 8;
    mask ^= mask << 16;
    mask ^= mask << 32;
    mask
}

/// The block that starts at `at`, padded where `bytes` ends, and how many of its bytes are input.
#[inline]
pub(super) fn padded_block(bytes: &[u8], at: usize) -> (Block, usize) {
    let rest = &bytes[at.min(bytes.len())..];
    let length = rest.len().min(BLOCK_BYTES);
    let mut block = [PADDING; BLOCK_BYTES];
    block[..length].copy_from_slice(&rest[..length]);
    (block, length)
}

#[cfg(test)]
mod tests {
    use super::{BLOCK_BYTES, Block, Vectors, prefix_xor};

    /// The plain twin of [`Vectors::equal_to`].
    fn equal_to(block: &Block, byte: u8) -> u64 {
        (0..BLOCK_BYTES).filter(|&i| block[i] == byte).fold(0, |mask, i| mask | 1 << i)
    }

    proptest::proptest! {
        #[test]
        fn masks_equal_their_plain_twin(bytes: [[u8; 32]; 2], byte: u8) {
            let block: Block = bytes.as_flattened().try_into().unwrap();
            // A byte drawn at random is seldom there: look for one of the block's own as well.
            for needle in [byte, block[usize::from(byte) % BLOCK_BYTES], 0] {
                assert_eq!(Vectors::load(&block).equal_to(needle), equal_to(&block, needle));
            }
            assert_eq!(Vectors::load(&block).has_nul(), block.contains(&0));
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
