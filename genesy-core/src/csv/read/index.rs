//! The fast path: an index of the separators of regular records.
//!
//! Regular means: a quote opens only right after a separator and closes only right before one, and
//! inside quotes a quote is doubled. Where a byte breaks that rule the index stops, and the record
//! that holds it is read by the tolerant reader instead.

use fearless_simd::{Level, Simd, dispatch};

use super::block::{Bytes, Carry, Meaning};
use crate::csv::encoding::Pairs;
use crate::scan::{BLOCK_BYTES, Block, Vectors, first_bits, padded_block};

/// Bytes indexed at a time: small enough that bytes and index stay in the first-level cache.
const BATCH_BYTES: usize = 16 * 1024;

/// What a reader must know of a position besides the separators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Note {
    /// The second quote of a doubled one.
    DoubledQuote,
    /// A line end inside quotes; the LF of a CRLF is not counted again.
    LineEnd,
    /// A NUL byte.
    Nul,
    /// A pair of characters that garbled text has: only where they are looked for.
    Pair,
}

/// A separator: where it is, and whether the field it ends is quoted.
///
/// The upper 31 bits are the position behind it, the lowest one says whether the field is quoted. The
/// default is an imaginary one before the first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Separator(u32);

impl Separator {
    /// The position behind it: where the next field begins, unless it is the CR of a CRLF.
    #[inline(always)]
    pub(super) const fn behind(self) -> u32 {
        self.0 >> 1
    }

    /// Quotes on either side of the field it ends: 0 or 1.
    #[inline(always)]
    pub(super) const fn quotes(self) -> u32 {
        self.0 & 1
    }
}

/// The separators and notes of the bytes from `base` on; positions are relative to `base`.
#[derive(Debug)]
pub(super) struct Index {
    level: Level,
    quote: Option<u8>,
    delimiter: u8,
    /// Where the index begins in the window: always the start of a record.
    base: usize,
    /// Bytes indexed so far.
    scanned: usize,
    /// The first `separators_len` are in use; the rest is room to write without a check each.
    separators: Vec<Separator>,
    separators_len: usize,
    /// For each whole record, the place of its last separator. The first `records_len` are in use.
    records: Vec<u32>,
    records_len: usize,
    notes: Vec<(u32, Note)>,
    carry: Carry,
    /// What finds the pairs of characters that garbled text has, if it is to.
    pairs: Option<Pairs>,
    /// Whether a byte breaks the rule: nothing from it on is indexed.
    is_irregular: bool,
    /// Whether the end of the input is in the index.
    ended: bool,
}

impl Index {
    pub(super) fn new(delimiter: u8, quote: Option<u8>) -> Self {
        Self {
            level: Level::new(),
            quote,
            delimiter,
            base: 0,
            scanned: 0,
            separators: Vec::new(),
            separators_len: 1,
            records: Vec::new(),
            records_len: 0,
            notes: Vec::new(),
            carry: Carry::START,
            pairs: None,
            is_irregular: false,
            ended: false,
        }
    }

    /// Looks for the pairs of characters that garbled text has, too.
    pub(super) fn find_pairs(&mut self) {
        self.pairs = Some(Pairs::default());
    }

    /// Begins anew at `base`, the start of a record.
    pub(super) fn restart(&mut self, base: usize) {
        self.base = base;
        self.scanned = 0;
        self.separators_len = 1;
        self.records_len = 0;
        self.notes.clear();
        self.carry = Carry::START;
        self.pairs = self.pairs.map(|_| Pairs::default());
        self.is_irregular = false;
        self.ended = false;
    }

    /// Follows the window when `bytes` are taken off its front.
    pub(super) const fn shift(&mut self, bytes: usize) {
        self.base -= bytes;
    }

    pub(super) const fn base(&self) -> usize {
        self.base
    }

    pub(super) const fn scanned(&self) -> usize {
        self.scanned
    }

    /// Whether a whole record is indexed.
    pub(super) const fn has_record(&self) -> bool {
        self.records_len > 0
    }

    /// Separators in the records before `record`.
    pub(super) fn separators_before(&self, record: usize) -> usize {
        record.checked_sub(1).map_or(0, |last| self.records[last] as usize)
    }

    /// The places of the separators before the record numbered `record` and at its end.
    #[inline(always)]
    pub(super) fn separators_of(&self, record: usize) -> Option<(u32, u32)> {
        let last = *self.records().get(record)?;
        Some((record.checked_sub(1).map_or(0, |before| self.records[before]), last))
    }

    /// Where the record begins that has the separator at the place `before` it, in a window of these
    /// `bytes`: an LF there belongs to the CR before it.
    #[inline(always)]
    pub(super) fn start_of(&self, before: u32, bytes: &[u8]) -> usize {
        let behind = self.separators[before as usize].behind() as usize;
        behind + usize::from(is_lf_of_crlf(&bytes[self.base..], behind))
    }

    /// Where the record ends whose last separator is at the place `last`.
    #[inline(always)]
    pub(super) fn end_of(&self, last: u32) -> usize {
        self.separators[last as usize].behind() as usize - 1
    }

    /// The separators of all records, behind an imaginary one.
    pub(super) fn separators(&self) -> &[Separator] {
        &self.separators[..self.separators_len]
    }

    /// For each record, the place of its last separator.
    pub(super) fn records(&self) -> &[u32] {
        &self.records[..self.records_len]
    }

    pub(super) fn notes(&self) -> &[(u32, Note)] {
        &self.notes
    }

    /// Whether the tolerant reader is needed for the record that no separator ends.
    pub(super) const fn is_irregular(&self) -> bool {
        self.is_irregular
    }

    /// Indexes more of `window`; says whether there was anything to index.
    pub(super) fn extend(&mut self, window: &[u8], last: bool) -> bool {
        if self.is_irregular || self.ended {
            return false;
        }
        let rest = &window[self.base + self.scanned..];
        let blocks = rest[..rest.len().min(BATCH_BYTES)].as_chunks::<BLOCK_BYTES>().0;
        self.add(blocks, BLOCK_BYTES);
        let tail = &rest[blocks.len() * BLOCK_BYTES..];
        if self.is_irregular {
            return true;
        }
        if !last || tail.len() >= BLOCK_BYTES {
            return !blocks.is_empty();
        }
        if !tail.is_empty() {
            self.add(&[padded_block(tail)], tail.len());
        }
        self.end(&window[self.base..]);
        true
    }

    /// Adds blocks, of each of which the first `length` bytes are input.
    fn add(&mut self, blocks: &[Block], length: usize) {
        // A block writes as if each of its bytes were a separator.
        let room = (blocks.len() + 1) * BLOCK_BYTES;
        grow(&mut self.separators, self.separators_len + room);
        grow(&mut self.records, self.records_len + room);
        let level = self.level;
        match self.pairs {
            None => dispatch!(level, simd => match length {
                BLOCK_BYTES => self.add_blocks(simd, blocks, BLOCK_BYTES, |_| 0),
                _ => self.add_blocks(simd, blocks, length, |_| 0),
            }),
            Some(mut pairs) => {
                // Whole blocks are nearly all: what their length decides is decided once.
                dispatch!(level, simd => match length {
                    BLOCK_BYTES => {
                        self.add_blocks(simd, blocks, BLOCK_BYTES, |block| pairs.next(block));
                    }
                    _ => self.add_blocks(simd, blocks, length, |block| pairs.next(block)),
                });
                self.pairs = Some(pairs);
            }
        }
    }

    #[inline(always)]
    fn add_blocks<S: Simd>(
        &mut self,
        simd: S,
        blocks: &[Block],
        length: usize,
        mut find_pairs: impl FnMut(&Vectors<S>) -> u64,
    ) {
        let input = first_bits(length);
        // Without a quote character no byte is one.
        let (quote, quotes) = self.quote.map_or((0, 0), |quote| (quote, input));
        let delimiter = self.delimiter;
        let (all_separators, all_records) = (&mut self.separators[..], &mut self.records[..]);
        let mut carry = self.carry;
        let mut scanned = self.scanned;
        let (mut separators_len, mut records_len) = (self.separators_len, self.records_len);
        for block in blocks {
            let block = Vectors::load(simd, block);
            let bytes = Bytes {
                quotes: block.equal_to(quote) & quotes,
                delimiters: block.equal_to(delimiter),
                lf: block.equal_to(b'\n'),
                cr: block.equal_to(b'\r'),
                nul: block.equal_to(0),
            };
            let mut found = carry.read(bytes, input);
            if found.broken != 0 {
                found = found.up_to_broken();
                self.is_irregular = true;
            }
            let separators = all_separators.get_mut(separators_len..separators_len + BLOCK_BYTES);
            let records = all_records.get_mut(records_len..records_len + BLOCK_BYTES);
            let (Some(separators), Some(records)) = (separators, records) else { break };
            write_separators(&found, scanned, separators);
            write_records(&found, separators_len, records);
            separators_len += found.separators.count_ones() as usize;
            records_len += found.record_ends.count_ones() as usize;
            let pairs = find_pairs(&block) & input;
            if found.doubled | found.embedded | found.nul | pairs != 0 {
                let Meaning { doubled, embedded, nul, .. } = found;
                note(&mut self.notes, scanned, [doubled, embedded, nul, pairs]);
            }
            scanned += length;
            if found.broken != 0 {
                break;
            }
        }
        self.carry = carry;
        self.scanned = scanned;
        self.separators_len = separators_len;
        self.records_len = records_len;
    }

    /// The input ends here: so does its last record, unless it ends inside quotes.
    fn end(&mut self, bytes: &[u8]) {
        self.ended = true;
        if self.is_irregular || bytes.is_empty() {
            return;
        }
        if self.carry.is_inside() {
            self.is_irregular = true;
            return;
        }
        let last = self.separators_len - 1;
        let ends_record = last > 0 && self.separators_before(self.records_len) == last;
        let line_end = if bytes.ends_with(b"\r\n") { 2 } else { 1 };
        let behind = self.separators[last].behind() as usize;
        if ends_record && behind - 1 + line_end >= bytes.len() {
            return;
        }
        // A quote that ends the input outside quotes has closed its field.
        let is_quoted = self.quote.is_some() && bytes.last().copied() == self.quote;
        grow(&mut self.separators, last + 2);
        grow(&mut self.records, self.records_len + 1);
        self.separators[last + 1] = separator(bytes.len() as u64, is_quoted.into());
        self.records[self.records_len] = place(last + 1);
        self.separators_len += 1;
        self.records_len += 1;
    }
}

/// Whether the byte at `at` is the LF that belongs to a CR before it.
#[inline(always)]
pub(super) fn is_lf_of_crlf(bytes: &[u8], at: usize) -> bool {
    bytes.get(at) == Some(&b'\n') && at > 0 && bytes[at - 1] == b'\r'
}

/// Makes room for `length` elements.
fn grow<T: Clone + Default>(elements: &mut Vec<T>, length: usize) {
    if elements.len() < length {
        elements.resize(length, T::default());
    }
}

#[inline(always)]
const fn separator(position: u64, is_quoted: u64) -> Separator {
    #[expect(clippy::cast_possible_truncation, reason = "a record is limited to 1 GiB")]
    Separator(((position + 1) << 1 | is_quoted) as u32)
}

#[inline(always)]
const fn place(index: usize) -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "a record is limited to 1 GiB")]
    let place = index as u32;
    place
}

/// Writes a block's separators. A few are written in any case, which is cheaper than a branch for
/// each that the processor cannot foresee; the next block writes over those that were too many.
#[inline(always)]
fn write_separators(found: &Meaning, scanned: usize, room: &mut [Separator]) {
    let first = separator(scanned as u64, 0).0;
    let mut left = found.separators;
    for group in room.as_chunks_mut::<4>().0 {
        for slot in group {
            // Of the ones too many, whatever comes of a shift by 64.
            let bit = left.trailing_zeros();
            let is_quoted = found.behind_close.wrapping_shr(bit) as u32 & 1;
            *slot = Separator(first + ((2 * bit) | is_quoted));
            left &= left.wrapping_sub(1);
        }
        if left == 0 {
            break;
        }
    }
}

/// Writes where the block's records end among the separators, of which there are `before`.
#[inline(always)]
fn write_records(found: &Meaning, before: usize, room: &mut [u32]) {
    let mut left = found.record_ends;
    for slot in room {
        let up_to_end = left ^ left.wrapping_sub(1);
        let separators = (found.separators & up_to_end).count_ones() as usize;
        *slot = place(before + separators).wrapping_sub(1);
        left &= left.wrapping_sub(1);
        if left == 0 {
            break;
        }
    }
}

/// Notes what the masks of a block say, one mask a kind.
#[cold]
fn note(notes: &mut Vec<(u32, Note)>, scanned: usize, masks: [u64; 4]) {
    const KINDS: [Note; 4] = [Note::DoubledQuote, Note::LineEnd, Note::Nul, Note::Pair];
    let mut left = masks.iter().fold(0, |all, mask| all | mask);
    while left != 0 {
        let bit = left.trailing_zeros();
        let kinds = masks.iter().zip(KINDS).filter(|(mask, _)| *mask >> bit & 1 == 1);
        notes.extend(kinds.map(|(_, kind)| (place(scanned) + bit, kind)));
        left &= left - 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Index, Note, Separator};
    use crate::scan::levels;

    /// Indexes `bytes` as if they came in chunks.
    fn index(level: fearless_simd::Level, bytes: &[u8], chunk: usize) -> Index {
        let mut index = Index::new(b',', Some(b'"'));
        index.level = level;
        for end in (chunk..bytes.len()).step_by(chunk) {
            while index.extend(&bytes[..end], false) {}
        }
        while index.extend(bytes, true) {}
        index
    }

    /// What is in use of the buffers, and how indexing ended.
    #[derive(Debug, PartialEq)]
    struct Content<'i> {
        separators: &'i [Separator],
        records: &'i [u32],
        notes: &'i [(u32, Note)],
        is_irregular: bool,
        scanned: usize,
    }

    fn content(index: &Index) -> Content<'_> {
        Content {
            separators: &index.separators[..index.separators_len],
            records: &index.records[..index.records_len],
            notes: &index.notes,
            is_irregular: index.is_irregular,
            scanned: index.scanned,
        }
    }

    proptest! {
        #[test]
        fn all_levels_make_the_same_index(
            pieces in prop::collection::vec(
                prop_oneof![
                    4 => r#"([a-z]{0,20}|"([a-z,\r\n\x00]|""){0,20}")(,|,|\n|\r\n|\r)"#,
                    1 => r#"[a\x00",\r\n]{0,2}"#,
                ],
                0..60,
            ),
            chunk in 1_usize..300,
        ) {
            let text = pieces.concat();
            let levels = levels();
            let plain = index(levels[0], text.as_bytes(), chunk);
            for &level in &levels[1..] {
                let other = index(level, text.as_bytes(), chunk);
                prop_assert_eq!(content(&other), content(&plain), "{:?}", level);
            }
        }
    }
}
