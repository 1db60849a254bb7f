//! A fixed set of domains: the text they are written in, and a hash table made at compile time.

/// Slots of the table: a power of two, a third more than the domains a list may have.
const SLOTS: usize = 1 << 13;

/// Bits of the quick test: a power of two. With 4,000 domains one stranger in sixteen passes it.
const FILTER_BITS: usize = 1 << 16;

/// No domain begins at offset 0, where the comments do.
const EMPTY: u16 = 0;

/// Domains, one a line after the comments, found in constant time without any allocation, whatever
/// their case.
#[derive(Debug)]
pub(super) struct DomainList {
    text: &'static [u8],
    /// Where the lines begin in `text`, by hash, with linear probing.
    slots: [u16; SLOTS],
    /// A bit for the hash of each domain: one look at it answers for nearly all other domains.
    filter: [u64; FILTER_BITS / 64],
}

impl DomainList {
    /// Indexes `text`; too long a text, too many lines or too short a domain do not compile.
    pub(super) const fn new(text: &'static [u8]) -> Self {
        assert!(text.len() <= u16::MAX as usize, "offsets are of 16 bits");
        let mut list = Self { text, slots: [EMPTY; SLOTS], filter: [0; FILTER_BITS / 64] };
        let mut count = 0;
        let mut start = 0;
        while start < text.len() {
            let mut end = start;
            while text[end] != b'\n' {
                end += 1;
            }
            if text[start] != b'#' {
                let Some(hash) = hash(text.split_at(end).0.split_at(start).1) else {
                    panic!("a domain is too short for the list");
                };
                let bit = filter_bit(hash);
                list.filter[bit / 64] |= 1 << (bit % 64);
                let mut slot = slot_of(hash);
                while list.slots[slot] != EMPTY {
                    slot = (slot + 1) % SLOTS;
                }
                list.slots[slot] = start as u16;
                count += 1;
            }
            start = end + 1;
        }
        assert!(count * 4 <= SLOTS * 3, "the table is at most three quarters full");
        list
    }

    /// Whether `domain`, in any case, is one of the lines.
    #[inline]
    pub(super) fn contains(&self, domain: &[u8]) -> bool {
        let Some(hash) = hash(domain) else { return false };
        let bit = filter_bit(hash);
        self.filter[bit / 64] >> (bit % 64) & 1 == 1 && self.contains_hashed(domain, hash)
    }

    fn contains_hashed(&self, domain: &[u8], hash: u64) -> bool {
        let mut slot = slot_of(hash);
        while self.slots[slot] != EMPTY {
            let line = &self.text[usize::from(self.slots[slot])..];
            if line.get(domain.len()) == Some(&b'\n')
                && line[..domain.len()].eq_ignore_ascii_case(domain)
            {
                return true;
            }
            slot = (slot + 1) % SLOTS;
        }
        false
    }
}

/// The bit that a capital ASCII letter lacks, in each byte. Set it, and case no longer counts; that
/// other bytes may then look alike does no harm to a hash.
const LOWER_CASE: u64 = 0x2020_2020_2020_2020;

/// A hash of the length, the first and the last eight bytes, which tell domains apart well; nothing
/// for fewer than four bytes.
const fn hash(domain: &[u8]) -> Option<u64> {
    let (head, tail) = if let (Some(head), Some(tail)) =
        (domain.first_chunk::<8>(), domain.last_chunk::<8>())
    {
        (u64::from_le_bytes(*head), u64::from_le_bytes(*tail))
    } else if let (Some(head), Some(tail)) = (domain.first_chunk::<4>(), domain.last_chunk::<4>()) {
        (u32::from_le_bytes(*head) as u64, u32::from_le_bytes(*tail) as u64)
    } else {
        return None;
    };
    // Odd constants from the digits of the golden ratio and of Euler's number.
    let mixed = (head | LOWER_CASE).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(32)
        ^ (tail | LOWER_CASE)
        ^ domain.len() as u64;
    Some(mixed.wrapping_mul(0xADF8_5458_A2BB_4A9B))
}

/// The high bits are the better mixed ones.
const fn slot_of(hash: u64) -> usize {
    (hash >> (u64::BITS - SLOTS.trailing_zeros())) as usize
}

const fn filter_bit(hash: u64) -> usize {
    (hash >> (u64::BITS - FILTER_BITS.trailing_zeros())) as usize
}
