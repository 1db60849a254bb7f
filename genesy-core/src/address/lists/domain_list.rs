//! A fixed set of domains: the text they are written in, and a hash table made at compile time.

/// Slots of the table: a power of two, a third more than the domains a list may have.
const SLOTS: usize = 1 << 13;

/// No domain begins at offset 0, where the comments do.
const EMPTY: u16 = 0;

/// Domains, one a line after the comments, found in constant time without any allocation.
#[derive(Debug)]
pub(super) struct DomainList {
    text: &'static [u8],
    /// Where the lines begin in `text`, by hash, with linear probing.
    slots: [u16; SLOTS],
}

impl DomainList {
    /// Indexes `text`; too long a text or too many lines do not compile.
    pub(super) const fn new(text: &'static [u8]) -> Self {
        assert!(text.len() <= u16::MAX as usize, "offsets are of 16 bits");
        let mut slots = [EMPTY; SLOTS];
        let mut count = 0;
        let mut start = 0;
        while start < text.len() {
            let mut end = start;
            let mut hash = HASH_SEED;
            while text[end] != b'\n' {
                hash = hash_byte(hash, text[end]);
                end += 1;
            }
            if text[start] != b'#' {
                let mut slot = slot_of(hash);
                while slots[slot] != EMPTY {
                    slot = (slot + 1) % SLOTS;
                }
                slots[slot] = start as u16;
                count += 1;
            }
            start = end + 1;
        }
        assert!(count * 4 <= SLOTS * 3, "the table is at most three quarters full");
        Self { text, slots }
    }

    /// Whether `domain`, in lower case, is one of the lines.
    pub(super) fn contains(&self, domain: &[u8]) -> bool {
        let hash = domain.iter().fold(HASH_SEED, |hash, &byte| hash_byte(hash, byte));
        let mut slot = slot_of(hash);
        while self.slots[slot] != EMPTY {
            let line = &self.text[usize::from(self.slots[slot])..];
            if line.starts_with(domain) && line.get(domain.len()) == Some(&b'\n') {
                return true;
            }
            slot = (slot + 1) % SLOTS;
        }
        false
    }
}

/// FNV-1a, 32 bits: short, and good enough for a set that never changes.
const HASH_SEED: u32 = 0x811C_9DC5;

const fn hash_byte(hash: u32, byte: u8) -> u32 {
    (hash ^ byte as u32).wrapping_mul(0x0100_0193)
}

/// The high bits are the better mixed ones.
const fn slot_of(hash: u32) -> usize {
    (hash ^ (hash >> 16)) as usize % SLOTS
}
