//! A fixed set of domains or words: a table of fingerprints, made at compile time of a list's text.
//!
//! The text itself is in no program. A fingerprint has 63 bits, and a look-up compares a handful of them, so
//! a stranger passes for a word of a list of 12,000 once in about 10^18 look-ups: of all the domains that
//! are registered, none is expected to. Words of one list with one fingerprint do not compile.

/// No fingerprint is zero.
const EMPTY: u64 = 0;

/// Words found in constant time without any allocation, whatever the case of ASCII letters.
///
/// `SLOTS` is a power of two, a third more than the words at least.
#[derive(Debug)]
pub(super) struct WordSet<const SLOTS: usize> {
    /// Fingerprints, placed by their high bits, with linear probing.
    slots: [u64; SLOTS],
    /// Eight bits for each slot: which fingerprints that belong there the set has, by their next three
    /// bits. One look at it answers for nearly all strangers.
    filter: [u8; SLOTS],
}

impl<const SLOTS: usize> WordSet<SLOTS> {
    /// Places the lines of `text`, less its comments; too many lines, or one twice, do not compile.
    pub(super) const fn new(text: &[u8]) -> Self {
        assert!(SLOTS.is_power_of_two());
        let mut set = Self { slots: [EMPTY; SLOTS], filter: [0; SLOTS] };
        let mut count = 0;
        let mut start = 0;
        while start < text.len() {
            let mut end = start;
            while text[end] != b'\n' {
                end += 1;
            }
            if text[start] != b'#' {
                set.insert(fingerprint(text.split_at(end).0.split_at(start).1));
                count += 1;
                assert!(count * 4 <= SLOTS * 3, "the table is at most three quarters full");
            }
            start = end + 1;
        }
        set
    }

    const fn insert(&mut self, fingerprint: u64) {
        let mut slot = Self::slot_of(fingerprint);
        self.filter[slot] |= Self::filter_bit(fingerprint);
        while self.slots[slot] != EMPTY {
            assert!(self.slots[slot] != fingerprint, "a word stands twice in the list");
            slot = (slot + 1) % SLOTS;
        }
        self.slots[slot] = fingerprint;
    }

    /// Whether `word`, in any case, is one of the lines.
    #[inline]
    pub(super) fn contains(&self, word: &[u8]) -> bool {
        let fingerprint = fingerprint(word);
        let may_be = self.filter[Self::slot_of(fingerprint)] & Self::filter_bit(fingerprint) != 0;
        may_be && self.has(fingerprint)
    }

    fn has(&self, fingerprint: u64) -> bool {
        let mut slot = Self::slot_of(fingerprint);
        while self.slots[slot] != EMPTY {
            if self.slots[slot] == fingerprint {
                return true;
            }
            slot = (slot + 1) % SLOTS;
        }
        false
    }

    const fn slot_of(fingerprint: u64) -> usize {
        (fingerprint >> (u64::BITS - SLOTS.trailing_zeros())) as usize
    }

    const fn filter_bit(fingerprint: u64) -> u8 {
        1 << ((fingerprint << SLOTS.trailing_zeros()) >> (u64::BITS - 3))
    }
}

// Odd constants from the digits of the golden ratio and of Euler's number.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
const EULER: u64 = 0xADF8_5458_A2BB_4A9B;

/// A hash of the length and of all bytes, eight at a time; the last eight may overlap those before.
#[inline]
const fn fingerprint(word: &[u8]) -> u64 {
    let mut hash = (word.len() as u64).wrapping_mul(EULER);
    let tail = match (word.first_chunk::<8>(), word.last_chunk::<8>()) {
        (Some(head), Some(tail)) => {
            hash = mix(hash ^ lower_case(u64::from_le_bytes(*head)), GOLDEN);
            let mut at = 8;
            while at + 8 < word.len() {
                if let Some(next) = word.split_at(at).1.first_chunk::<8>() {
                    hash = mix(hash ^ lower_case(u64::from_le_bytes(*next)), GOLDEN);
                }
                at += 8;
            }
            u64::from_le_bytes(*tail)
        }
        _ => short_word(word),
    };
    // The lowest bit, always set, tells a fingerprint from an empty slot.
    mix(hash ^ lower_case(tail), EULER) | 1
}

/// The two halves of a product, as one: every bit of `hash` counts in nearly all bits.
#[inline]
const fn mix(hash: u64, factor: u64) -> u64 {
    let product = hash as u128 * factor as u128;
    product as u64 ^ (product >> u64::BITS) as u64
}

/// All of fewer than eight bytes.
#[inline]
const fn short_word(word: &[u8]) -> u64 {
    match (word.first_chunk::<4>(), word.last_chunk::<4>()) {
        (Some(head), Some(tail)) => {
            u32::from_le_bytes(*head) as u64 | (u32::from_le_bytes(*tail) as u64) << 32
        }
        _ => {
            let mut bytes = 0;
            let mut at = 0;
            while at < word.len() {
                bytes = bytes << 8 | word[at] as u64;
                at += 1;
            }
            bytes
        }
    }
}

/// Each of eight bytes with its capital ASCII letter made small.
#[inline]
const fn lower_case(bytes: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH_BITS: u64 = 0x80 * ONES;
    // Sums of seven bits carry into the eighth: it tells which bytes are past a letter.
    let low = bytes & !HIGH_BITS;
    let from_a = low + (0x80 - b'A' as u64) * ONES;
    let past_z = low + (0x7F - b'Z' as u64) * ONES;
    let capitals = from_a & !past_z & !bytes & HIGH_BITS;
    bytes | capitals >> 2
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{WordSet, fingerprint, lower_case};

    #[test]
    fn lower_case_is_that_of_ascii() {
        for byte in 0..=u8::MAX {
            for place in 0..8 {
                let mut bytes = *b"aZ@[`{z\xFF";
                bytes[place] = byte;
                let expected = bytes.map(|byte| byte.to_ascii_lowercase());
                assert_eq!(lower_case(u64::from_le_bytes(bytes)).to_le_bytes(), expected);
            }
        }
    }

    #[test]
    fn every_byte_and_the_length_count() {
        let mut seen = BTreeSet::new();
        for length in 0..40 {
            assert!(seen.insert(fingerprint(&vec![b'a'; length])), "{length}");
            for at in 0..length {
                for byte in [0, b'b', b'.', b'@', 0xC3] {
                    let mut word = vec![b'a'; length];
                    word[at] = byte;
                    assert!(seen.insert(fingerprint(&word)), "{length} {at} {byte}");
                }
            }
        }
    }

    #[test]
    fn a_full_neighbourhood_is_searched_to_its_end() {
        static SET: WordSet<8> =
            WordSet::new(b"# comment\na\nbb\nccc\ndddd\neeeeeeee\nfffffffffffff\n");
        for word in ["a", "BB", "ccc", "dddD", "eeeeeeee", "fffffffffffff"] {
            assert!(SET.contains(word.as_bytes()), "{word}");
        }
        for word in ["", "# comment", "b", "cc", "dddde", "eeeeeee", "ffffffffffffff"] {
            assert!(!SET.contains(word.as_bytes()), "{word}");
        }
    }
}
