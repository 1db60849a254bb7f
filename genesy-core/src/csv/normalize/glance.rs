//! A quick look at a record that passes over nearly all of them.

use fearless_simd::Simd;

use crate::csv::encoding::Pairs;
use crate::scan::{BLOCK_BYTES, Vectors, padded_block};

/// What the bytes of a record tell at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Glance {
    /// All of them are ASCII.
    pub(super) is_ascii: bool,
    /// Read as UTF-8, there is a pair of characters that garbled text has: see [`Pairs`].
    pub(super) may_be_garbled: bool,
}

impl Glance {
    /// Looks at `bytes`, whatever the encoding.
    #[inline(always)]
    pub(super) fn at<S: Simd>(simd: S, bytes: &[u8]) -> Self {
        let (blocks, rest) = bytes.as_chunks::<BLOCK_BYTES>();
        let mut glance = Self { is_ascii: true, may_be_garbled: false };
        let mut pairs = Pairs::default();
        for block in blocks {
            glance.add(&Vectors::load(simd, block), &mut pairs);
        }
        match bytes.last_chunk::<BLOCK_BYTES>() {
            _ if rest.is_empty() => {}
            // Some bytes once more, together with the last ones: no harm, and cheaper than a copy.
            Some(last) => glance.add(&Vectors::load(simd, last), &mut Pairs::default()),
            None => glance.add(&Vectors::load(simd, &padded_block(rest)), &mut pairs),
        }
        glance
    }

    #[inline(always)]
    fn add<S: Simd>(&mut self, bytes: &Vectors<S>, pairs: &mut Pairs) {
        self.is_ascii &= bytes.beyond_ascii() == 0;
        self.may_be_garbled |= pairs.next(bytes) != 0;
    }
}

#[cfg(test)]
mod tests {
    use fearless_simd::{Level, dispatch};
    use proptest::prelude::*;

    use super::Glance;
    use crate::csv::encoding::mojibake;
    use crate::misread::bytes_of;
    use crate::scan::levels;

    fn at(level: Level, bytes: &[u8]) -> Glance {
        dispatch!(level, simd => Glance::at(simd, bytes))
    }

    /// Whether there are pairs that garbled text has, by a plain search; `with_western` counts those
    /// of western letters, too, which are seen where a block ends between them.
    fn has_pairs(bytes: &[u8], with_western: bool) -> bool {
        let is_end = |byte: u8| (0x80..=0xBF).contains(&byte);
        let is_start = |byte: u8| matches!(byte, 0xC2..=0xCF | 0xE2 | 0xEF);
        let is_western = |at: usize| {
            at >= 2
                && bytes[at - 2] == 0xC3
                && matches!(bytes[at - 1], 0xA0..=0xBC)
                && !matches!(bytes[at - 1], 0xA3 | 0xB0 | 0xB5 | 0xB7)
                && bytes[at] == 0xC3
        };
        let is_pair = |at: usize| is_end(bytes[at - 1]) && is_start(bytes[at]);
        (1..bytes.len()).any(|at| is_pair(at) && (with_western || !is_western(at)))
    }

    proptest! {
        #[test]
        fn every_level_sees_what_a_plain_search_sees(
            bytes in prop::collection::vec(prop_oneof![60 => Just(b'a'), 1 => any::<u8>(), 2 => Just(0xC3), 1 => 0xA0..=0xBF_u8], 0..300),
            at in any::<prop::sample::Index>(),
        ) {
            // Two bytes that mean something, wherever a block may end between them.
            let mut pair = bytes.clone();
            let at = at.index(bytes.len() + 1);
            pair.splice(at..at, [0xA9, 0xC3]);
            for bytes in [bytes, pair] {
                for level in levels() {
                    let glance = super::tests::at(level, &bytes);
                    prop_assert_eq!(glance.is_ascii, bytes.is_ascii());
                    prop_assert!(glance.may_be_garbled || !has_pairs(&bytes, false));
                    prop_assert!(!glance.may_be_garbled || has_pairs(&bytes, true));
                }
            }
        }
    }

    #[test]
    fn no_garbled_text_is_passed_over() {
        // Every pair of characters that a single-byte encoding can make of UTF-8.
        let characters: Vec<char> = ('\u{80}'..'\u{2600}')
            .chain('\u{F8FF}'..'\u{FB10}')
            .filter(|character| bytes_of(*character).is_some())
            .collect();
        assert!(characters.len() > 200);
        for &first in &characters {
            for &second in &characters {
                let pair = String::from_iter([first, second]);
                let glance = at(Level::baseline(), pair.as_bytes());
                assert!(glance.may_be_garbled || !mojibake::may_be_garbled(&pair), "{pair}");
            }
        }
    }

    #[test]
    fn single_accents_are_not_looked_at_twice() {
        let may_be_garbled = |text: &str| at(Level::new(), text.as_bytes()).may_be_garbled;
        assert!(!may_be_garbled("José Müller, Zoë"));
        assert!(!may_be_garbled("Россия, 日本, ประเทศไทย"));
        for garbled in ["JosÃ©", "â€™", "Jos√©", "Jos├®", "MÃƒÂ©xico", "Đ¡ÑŒ", "Ð Ð¾ÑÑÐ¸Ñ"]
        {
            assert!(may_be_garbled(garbled), "{garbled}");
        }
    }
}
