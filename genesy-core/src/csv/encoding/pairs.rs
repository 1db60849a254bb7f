//! Finds the places where garbled UTF-8 may be, block by block.

use fearless_simd::Simd;

use crate::scan::Vectors;

/// Finds pairs of characters beyond ASCII that stand side by side, as they do in all garbled UTF-8:
/// each of its characters came from two bytes or more.
///
/// The second one is of Latin, Greek, punctuation or box drawing, since those are what the
/// single-byte encodings hold that UTF-8 is mistaken for; Cyrillic, Arabic, Thai or Chinese is not.
/// Nor are two small letters of western Europe, as in `Nuñéz`: in none of the encodings does such a
/// letter look like the beginning of a character, but for `ã`, `õ` and a few more.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Pairs {
    /// Bit 0: the byte before the next block may end a character.
    end_before: u64,
}

impl Pairs {
    /// The mask of the bytes of a block, which follows the one before, that begin the second
    /// character of a pair.
    #[inline(always)]
    pub(crate) fn next<S: Simd>(&mut self, bytes: &Vectors<S>) -> u64 {
        let ends = bytes.between(0x80, 0xBF);
        let starts = bytes.between(0xC2, 0xCF) | bytes.equal_to(0xE2) | bytes.equal_to(0xEF);
        let pairs = (ends << 1 | self.end_before) & starts;
        self.end_before = ends >> 63;
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
