//! Numbers that a seed repeats: SplitMix64 (Steele, Lea and Flood, 2014).

/// The number at `index` of those that `seed` gives.
pub(crate) const fn split_mix(seed: u64, index: u64) -> u64 {
    let mut z = seed.wrapping_add(index.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ z >> 31
}

#[cfg(test)]
mod tests {
    use super::split_mix;

    #[test]
    fn the_numbers_are_those_of_the_algorithm() {
        // The first three of the reference implementation with the seed 1234567.
        let expected =
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!([0, 1, 2].map(|index| split_mix(1_234_567, index)), expected);
    }
}
