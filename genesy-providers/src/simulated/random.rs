//! Numbers that a seed repeats.

/// The number at `index` of those that `seed` gives: SplitMix64 (Steele, Lea and Flood, 2014).
pub(super) const fn split_mix(seed: u64, index: u64) -> u64 {
    let mut z = seed.wrapping_add(index.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ z >> 31
}

/// A random number as a fraction, from 0 up to but without 1.
pub(super) const fn fraction(random: u64) -> f64 {
    // The 53 bits that an f64 holds exactly.
    (random >> 11) as f64 / (1_u64 << 53) as f64
}

/// A hash that is the same on all machines and in all versions: FNV-1a of 64 bits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hash(u64);

impl Hash {
    pub(super) const fn new() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }

    /// Adds bytes, and where they end.
    pub(super) fn add(&mut self, bytes: impl IntoIterator<Item = u8>) {
        // UTF-8 has no such byte.
        for byte in bytes.into_iter().chain([0xFF]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }

    pub(super) const fn finish(self) -> u64 {
        split_mix(self.0, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Hash, fraction, split_mix};

    #[test]
    fn the_numbers_are_those_of_the_algorithm() {
        // The first two of the reference implementation with the seed 1234567.
        let expected = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973];
        assert_eq!([0, 1].map(|index| split_mix(1_234_567, index)), expected);
        assert!(fraction(0) == 0.0 && fraction(u64::MAX) < 1.0);
    }

    #[test]
    fn where_texts_end_counts() {
        let hash = |texts: [&str; 2]| {
            let mut hash = Hash::new();
            texts.iter().for_each(|text| hash.add(text.bytes()));
            hash.finish()
        };
        assert_ne!(hash(["ab", "c"]), hash(["a", "bc"]));
    }
}
