//! Finds the places where garbled UTF-8 may be, block by block.

use fearless_simd::Simd;

use crate::scan::{BLOCK_BYTES, Vectors, padded_block};

/// Finds pairs of characters beyond ASCII that stand side by side, as they do in all garbled UTF-8:
/// each of its characters came from two bytes or more.
///
/// The second one is of Latin, Greek, punctuation or box drawing, since those are what the
/// single-byte encodings hold that UTF-8 is mistaken for; Cyrillic, Arabic, Thai or Chinese is not.
/// Nor are two small letters of western Europe, as in `Nuñéz`: in none of the encodings does such a
/// letter look like the beginning of a character, but for `ã`, `õ` and a few more.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Pairs {
    /// Bit 0: the byte before the next block is beyond ASCII.
    before: u64,
}

impl Pairs {
    /// Whether there is a pair in `text`.
    #[inline(always)]
    pub(crate) fn are_in<S: Simd>(simd: S, text: &[u8]) -> bool {
        let mut pairs = Self::default();
        let (blocks, rest) = text.as_chunks::<BLOCK_BYTES>();
        let found = blocks.iter().map(|block| pairs.next(&Vectors::load(simd, block)));
        let found = found.fold(0, |all, found| all | found);
        found | pairs.next(&Vectors::load(simd, &padded_block(rest))) != 0
    }

    /// The mask of the bytes of a block, which follows the one before, that begin the second
    /// character of a pair.
    #[inline(always)]
    pub(crate) fn next<S: Simd>(&mut self, bytes: &Vectors<S>) -> u64 {
        let beyond = bytes.beyond_ascii();
        let before = std::mem::replace(&mut self.before, beyond >> 63);
        // Two characters beyond ASCII are four bytes, one of which may be in another block.
        if beyond & (beyond >> 1 & beyond >> 2 | before) == 0 {
            return 0;
        }
        let starts = bytes.between(0xC2, 0xCF) | bytes.equal_to(0xE2) | bytes.equal_to(0xEF);
        let pairs = (beyond << 1 | before) & starts;
        if pairs == 0 { 0 } else { pairs & !western_pairs(bytes) }
    }
}

/// The starts of characters U+00C0 to U+00FF behind a small letter U+00E0 to U+00FC that is no byte
/// from 0xC2 to 0xF4 in windows-1252 with such a letter behind it, nor in MacRoman, nor in the code
/// pages 850 and 437.
#[inline(always)]
fn western_pairs<S: Simd>(bytes: &Vectors<S>) -> u64 {
    let latin_1 = bytes.equal_to(0xC3);
    let small = bytes.between(0xA0, 0xBC)
        & !(bytes.equal_to(0xA3) | bytes.equal_to(0xB0))
        & !(bytes.equal_to(0xB5) | bytes.equal_to(0xB7));
    (small & latin_1 << 1) << 1 & latin_1
}

#[cfg(test)]
mod tests {
    use fearless_simd::{Level, dispatch};
    use proptest::prelude::*;

    use super::Pairs;
    use crate::csv::encoding::mojibake;
    use crate::misread::bytes_of;
    use crate::scan::levels;

    fn has_pairs(level: Level, text: &str) -> bool {
        dispatch!(level, simd => Pairs::are_in(simd, text.as_bytes()))
    }

    /// The same by a plain search; `with_western` counts those of western letters, too, which are
    /// seen where a block ends between them.
    fn finds_pairs(text: &str, with_western: bool) -> bool {
        let bytes = text.as_bytes();
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
            text in "([a-z]{0,70}[éÃ©ñ日Ж’]{0,2}){0,6}",
            at in any::<prop::sample::Index>(),
        ) {
            // Two characters that mean something, wherever a block may end between them.
            let starts: Vec<usize> = (0..=text.len()).filter(|&at| text.is_char_boundary(at)).collect();
            let mut pair = text.clone();
            pair.insert_str(*at.get(&starts), "éÃ");
            for text in [text, pair] {
                for level in levels() {
                    let has_pairs = has_pairs(level, &text);
                    prop_assert!(has_pairs || !finds_pairs(&text, false));
                    prop_assert!(!has_pairs || finds_pairs(&text, true));
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
                let found = has_pairs(Level::baseline(), &pair);
                assert!(found || !mojibake::may_be_garbled(&pair), "{pair}");
            }
        }
    }

    #[test]
    fn single_accents_are_not_looked_at_twice() {
        let has_pairs = |text| has_pairs(Level::new(), text);
        assert!(!has_pairs("José Müller, Zoë"));
        assert!(!has_pairs("Россия, 日本, ประเทศไทย"));
        for garbled in ["JosÃ©", "â€™", "Jos√©", "Jos├®", "MÃƒÂ©xico", "Đ¡ÑŒ", "Ð Ð¾ÑÑÐ¸Ñ"]
        {
            assert!(has_pairs(garbled), "{garbled}");
        }
    }
}
