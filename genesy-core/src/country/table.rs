//! The compact table of names: `data/names.bin`, written by `examples/refresh_country_table`.
//!
//! Layout, little-endian: the magic `GENESYC2`, then for each [`Section`] a `u32` count of entries
//! and a `u32` count of buckets (a power of two), then for each section in turn the `u16` start of
//! each bucket and the end of the last, the `u32` fingerprints, and the `u8` values. The bucket is
//! the top bits of a 64-bit key and the fingerprint its low 32 bits, so an unknown cell is taken
//! for a name with a probability of about 10⁻⁹.

use std::sync::LazyLock;

/// Which keys a section holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Section {
    /// Loose keys of the names in all languages.
    Names,
    /// Exact keys of the same names: these tell apart what the loose ones cannot.
    Spellings,
    /// Loose keys of the hand-kept English names that CLDR lacks.
    Variants,
    /// Keys of English names by their words.
    Words,
    /// Loose keys of names that lost their non-ASCII letters.
    Dropped,
    /// Keys of names with gaps in place of their non-ASCII letters.
    Gapped,
    /// Hashes of the words of [`Section::Words`]: a cell with another word is none of them.
    /// The value is not 0 for a word that another one stands for.
    Vocabulary,
    /// Keys of the ASCII letters that misreading leaves of names. The values mean nothing.
    Skeletons,
    /// Loose keys of the short names that only little-used languages have: without their accents
    /// they are words and names of people, unless the column is in such a language.
    Rare,
    /// Keys of names whose UTF-8 was read as a single-byte encoding and then changed its case.
    Garbled,
}

/// Number of sections.
pub const SECTIONS: usize = 10;
/// First bytes of the table.
pub const MAGIC: &[u8; 8] = b"GENESYC2";
/// Value of a key that several countries share. Smaller values are positions in the list of
/// countries.
pub const AMBIGUOUS: u8 = 250;
/// Value of a state that no longer exists and has several successors.
pub const DISSOLVED: u8 = 251;
/// Value of what has a code, or a place in a list of countries, without being a country.
pub const RESERVED: u8 = 252;
/// Value of a word that stands for no value.
pub const PLACEHOLDER: u8 = 253;

static NAMES: &[u8] = include_bytes!("data/names.bin");

/// Bytes of the magic and of the counts.
const HEADER_BYTES: usize = 8 + SECTIONS * 8;

/// Where the parts of a section begin.
#[derive(Clone, Copy)]
struct Layout {
    bucket_bits: u32,
    starts: usize,
    fingerprints: usize,
    values: usize,
}

static LAYOUTS: [Layout; SECTIONS] = layouts();

/// The sections in which most cells are looked for and not found.
const FILTERED: [Section; 6] = [
    Section::Names,
    Section::Spellings,
    Section::Variants,
    Section::Dropped,
    Section::Gapped,
    Section::Skeletons,
];
/// The filter has this many bits, as a power of two: about one in nine is set.
const FILTER_BITS_LOG2: u32 = 19;

/// A bit for each key of [`FILTERED`], by the low bits of its fingerprint: what has none is in none
/// of them, which is told by one access to memory instead of three for each section.
static FILTER: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let mut filter = vec![0; 1 << (FILTER_BITS_LOG2 - 6)];
    for section in FILTERED {
        let layout = &LAYOUTS[section as usize];
        let fingerprints = &NAMES[layout.fingerprints..layout.values];
        for fingerprint in fingerprints.as_chunks::<4>().0 {
            let (word, bit) = filter_bit(u32::from_le_bytes(*fingerprint));
            filter[word] |= bit;
        }
    }
    filter
});

const fn is_filtered(section: Section) -> bool {
    let mut index = 0;
    while index < FILTERED.len() {
        if FILTERED[index] as usize == section as usize {
            return true;
        }
        index += 1;
    }
    false
}

const fn filter_bit(fingerprint: u32) -> (usize, u64) {
    let index = fingerprint & ((1 << FILTER_BITS_LOG2) - 1);
    ((index >> 6) as usize, 1 << (index & 63))
}

/// The value under `hash`, if the section holds it.
#[inline]
pub(super) fn find(section: Section, hash: u64) -> Option<u8> {
    let (word, bit) = filter_bit(hash as u32);
    if is_filtered(section) && FILTER[word] & bit == 0 {
        return None;
    }
    find_in(section, hash)
}

fn find_in(section: Section, hash: u64) -> Option<u8> {
    let layout = &LAYOUTS[section as usize];
    let bucket =
        if layout.bucket_bits == 0 { 0 } else { (hash >> (64 - layout.bucket_bits)) as usize };
    let start = read_u16(layout.starts + 2 * bucket)?;
    let end = read_u16(layout.starts + 2 * bucket + 2)?;
    let wanted = (hash as u32).to_le_bytes();
    let fingerprints = NAMES.get(layout.fingerprints + 4 * start..layout.fingerprints + 4 * end)?;
    let index = fingerprints.as_chunks::<4>().0.iter().position(|found| *found == wanted)?;
    NAMES.get(layout.values + start + index).copied()
}

/// Whether the section holds `hash`.
pub(super) fn holds(section: Section, hash: u64) -> bool {
    find(section, hash).is_some()
}

fn read_u16(at: usize) -> Option<usize> {
    let bytes = NAMES.get(at..at + 2)?;
    Some(usize::from(u16::from_le_bytes([bytes[0], bytes[1]])))
}

const fn read_u32(at: usize) -> usize {
    u32::from_le_bytes([NAMES[at], NAMES[at + 1], NAMES[at + 2], NAMES[at + 3]]) as usize
}

const fn layouts() -> [Layout; SECTIONS] {
    let mut layouts = [Layout { bucket_bits: 0, starts: 0, fingerprints: 0, values: 0 }; SECTIONS];
    let mut at = HEADER_BYTES;
    let mut section = 0;
    while section < SECTIONS {
        let entries = read_u32(8 + section * 8);
        let buckets = read_u32(12 + section * 8);
        let fingerprints = at + 2 * (buckets + 1);
        let values = fingerprints + 4 * entries;
        at = values + entries;
        layouts[section] = Layout {
            bucket_bits: buckets.trailing_zeros(),
            starts: fingerprints - 2 * (buckets + 1),
            fingerprints,
            values,
        };
        section += 1;
    }
    assert!(at == NAMES.len(), "the table of country names is cut short or too long");
    layouts
}

/// Writes the table from the `(hash, value)` pairs of each section, which need no order. Panics
/// never; a section with more than 65,535 entries does not fit and is refused.
#[must_use]
pub fn encode(sections: &[Vec<(u64, u8)>; SECTIONS]) -> Option<Vec<u8>> {
    let mut head = MAGIC.to_vec();
    let mut body = Vec::new();
    for section in sections {
        let mut entries = section.clone();
        entries.sort_unstable_by_key(|&(hash, _)| hash);
        let count = u16::try_from(entries.len()).ok()?;
        let buckets = (u32::from(count) / 4).next_power_of_two().max(2);
        let shift = 64 - buckets.trailing_zeros();
        head.extend(u32::from(count).to_le_bytes());
        head.extend(buckets.to_le_bytes());
        for bucket in 0..=u64::from(buckets) {
            let start = entries.partition_point(|&(hash, _)| hash >> shift < bucket);
            body.extend(u16::try_from(start).ok()?.to_le_bytes());
        }
        for &(hash, _) in &entries {
            body.extend((hash as u32).to_le_bytes());
        }
        body.extend(entries.iter().map(|&(_, value)| value));
    }
    head.extend(body);
    Some(head)
}

#[cfg(test)]
mod tests {
    use super::{AMBIGUOUS, LAYOUTS, MAGIC, NAMES, PLACEHOLDER, read_u16};

    #[test]
    fn the_committed_table_is_whole() {
        assert!(NAMES.starts_with(MAGIC));
        assert!(NAMES.len() <= 700_000, "{} bytes", NAMES.len());

        for layout in &LAYOUTS {
            let buckets = 1 << layout.bucket_bits;
            let entries = (layout.values - layout.fingerprints) / 4;
            let mut previous = 0;
            for bucket in 0..=buckets {
                let start = read_u16(layout.starts + 2 * bucket).expect("inside");
                assert!(start >= previous && start <= entries);
                previous = start;
            }
            assert_eq!(previous, entries);
            assert!(
                NAMES[layout.values..layout.values + entries]
                    .iter()
                    .all(|&value| value <= PLACEHOLDER)
            );
        }
    }

    #[test]
    fn every_country_has_names() {
        let layout = &LAYOUTS[0];
        let entries = (layout.values - layout.fingerprints) / 4;
        for country in 0..AMBIGUOUS {
            let names = NAMES[layout.values..layout.values + entries]
                .iter()
                .filter(|&&value| value == country);
            assert!(names.count() > 10, "country {country}");
        }
    }
}
