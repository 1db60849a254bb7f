//! A quick look at a record that passes over nearly all of them.

use fearless_simd::Simd;

use crate::scan::{BLOCK_BYTES, Block, Vectors, padded_block};

/// What the bytes of a record tell at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Glance {
    /// All of them are ASCII.
    pub(super) is_ascii: bool,
    /// Read as UTF-8, two characters beyond ASCII stand side by side, as they do in all garbled
    /// UTF-8: each of its characters came from two bytes or more.
    ///
    /// The second one is of Latin, Greek, punctuation or box drawing, since those are what the
    /// single-byte encodings hold that UTF-8 is mistaken for; Cyrillic, Arabic, Thai or Chinese is
    /// not.
    pub(super) may_be_garbled: bool,
}

impl Glance {
    /// Looks at `bytes`, whatever the encoding.
    #[inline(always)]
    pub(super) fn at<S: Simd>(simd: S, bytes: &[u8]) -> Self {
        let (blocks, rest) = bytes.as_chunks::<BLOCK_BYTES>();
        let mut seen = Seen::default();
        for block in blocks {
            seen.add(simd, block);
        }
        match bytes.last_chunk::<BLOCK_BYTES>() {
            _ if rest.is_empty() => {}
            // Some bytes once more, together with the last ones: no harm, and cheaper than a copy.
            Some(last) => {
                seen.end_before = 0;
                seen.add(simd, last);
            }
            None => seen.add(simd, &padded_block(rest)),
        }
        Self { is_ascii: seen.beyond == 0, may_be_garbled: seen.pairs != 0 }
    }
}

/// What the blocks so far hold.
#[derive(Default)]
struct Seen {
    beyond: u64,
    pairs: u64,
    /// Bit 0: the byte before may end a character.
    end_before: u64,
}

impl Seen {
    #[inline(always)]
    fn add<S: Simd>(&mut self, simd: S, block: &Block) {
        let bytes = Vectors::load(simd, block);
        let beyond = bytes.beyond_ascii();
        self.beyond |= beyond;
        let ends = bytes.between(0x80, 0xBF);
        let starts = bytes.between(0xC2, 0xCF) | bytes.equal_to(0xE2) | bytes.equal_to(0xEF);
        self.pairs |= (ends << 1 | self.end_before) & starts;
        self.end_before = ends >> 63;
    }
}

#[cfg(test)]
mod tests {
    use fearless_simd::{Level, dispatch};
    use proptest::prelude::*;

    use super::Glance;
    use crate::scan::levels;

    fn at(level: Level, bytes: &[u8]) -> Glance {
        dispatch!(level, simd => Glance::at(simd, bytes))
    }

    /// The plain twin of [`Glance::at`].
    fn plain(bytes: &[u8]) -> Glance {
        let is_end = |byte: u8| (0x80..=0xBF).contains(&byte);
        let is_start = |byte: u8| matches!(byte, 0xC2..=0xCF | 0xE2 | 0xEF);
        let may_be_garbled =
            bytes.windows(2).any(|pair| is_end(pair[0]) && is_start(pair[1]));
        Glance { is_ascii: bytes.is_ascii(), may_be_garbled }
    }

    proptest! {
        #[test]
        fn every_level_sees_what_a_plain_search_sees(
            bytes in prop::collection::vec(prop_oneof![60 => Just(b'a'), 1 => any::<u8>()], 0..300),
            at in any::<prop::sample::Index>(),
        ) {
            // Two bytes that mean something, wherever a block may end between them.
            let mut pair = bytes.clone();
            let at = at.index(bytes.len() + 1);
            pair.splice(at..at, [0xA9, 0xC3]);
            for bytes in [bytes, pair] {
                for level in levels() {
                    prop_assert_eq!(super::tests::at(level, &bytes), plain(&bytes), "{:?}", level);
                }
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
