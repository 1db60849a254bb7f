//! Decoding records of a single-byte encoding: those that are ASCII stay as they are, of the others
//! what is ASCII is copied in blocks.

use std::ops::Range;

use fearless_simd::Simd;

use super::cell::{CellDecoder, MALFORMED_BIT};
use crate::csv::read::Span;
use crate::scan::{BLOCK_BYTES, Vectors, first_bits, padded_block};

/// UTF-8 bytes that one byte of a single-byte encoding takes at most.
const GROWTH_MAX: usize = 3;

/// The records of a batch in UTF-8, those that are not ASCII. Its buffers serve one batch after the
/// other.
#[derive(Debug, Default)]
pub(crate) struct Transcoded {
    /// The blocks of the batch with bytes beyond ASCII, and which ones are; those before `block` are
    /// done.
    blocks: Vec<(usize, u64)>,
    block: usize,
    /// The first `length` bytes are the records, each with a block of spaces behind it, then there is
    /// room.
    buffer: Vec<u8>,
    length: usize,
    /// Where each character beyond ASCII ends.
    ends: Vec<End>,
}

/// The end of a character: from there to the next one, a record and its text are the same.
#[derive(Debug, Clone, Copy)]
struct End {
    in_batch: usize,
    in_text: usize,
}

/// One record in UTF-8.
#[derive(Debug, Clone)]
pub(crate) struct TranscodedRecord {
    /// Where it is in the text.
    pub(crate) text: Span,
    /// Where it is in the batch.
    record: Span,
    /// Which ends are in it.
    ends: Range<usize>,
    /// Two characters beyond ASCII stand side by side, as they do in garbled text.
    pub(crate) has_pairs: bool,
    /// A byte in it stands for no character.
    pub(crate) is_malformed: bool,
}

impl Transcoded {
    /// Begins with the batch `bytes`.
    #[inline(always)]
    pub(crate) fn begin<S: Simd>(&mut self, simd: S, bytes: &[u8]) {
        (self.block, self.length) = (0, 0);
        self.blocks.clear();
        self.ends.clear();
        let (blocks, rest) = bytes.as_chunks::<BLOCK_BYTES>();
        let last = padded_block(rest);
        for (number, block) in blocks.iter().chain([&last]).enumerate() {
            let beyond = Vectors::load(simd, block).beyond_ascii();
            if beyond != 0 {
                self.blocks.push((number * BLOCK_BYTES, beyond));
            }
        }
    }

    /// The text of a record.
    #[inline(always)]
    pub(crate) fn text(&self, record: Span) -> &str {
        // To look at whole blocks is cheaper; what stands behind a record is ASCII.
        let blocks = record.start() + record.len().next_multiple_of(BLOCK_BYTES);
        let bytes = self.buffer.get(record.start()..blocks).unwrap_or_default();
        let text = simdutf8::basic::from_utf8(bytes).unwrap_or_default();
        text.get(..record.len()).unwrap_or_default()
    }

    /// The same as bytes.
    pub(crate) fn bytes(&self, record: Span) -> &[u8] {
        self.buffer.get(record.range()).unwrap_or_default()
    }

    /// Adds to `cells`, which are of the batch, those in `own`, as they are in the text of `record`.
    pub(crate) fn move_cells(
        &self,
        record: &TranscodedRecord,
        own: Range<usize>,
        cells: &mut Vec<Span>,
    ) {
        let first = record.text.start();
        let mut last = End { in_batch: record.record.start(), in_text: first };
        let mut ends = self.ends[record.ends.clone()].iter().peekable();
        let mut moved = |at: usize| {
            while let Some(end) = ends.next_if(|end| end.in_batch <= at) {
                last = *end;
            }
            last.in_text + (at - last.in_batch) - first
        };
        for index in own {
            let cell = cells[index];
            let start = moved(cell.start());
            cells.push(Span::new(start, moved(cell.end())));
        }
    }
}

impl CellDecoder {
    /// Decodes the next `record` of the batch `bytes`; nothing if it is ASCII or the encoding has
    /// characters of several bytes.
    #[inline(always)]
    pub(crate) fn transcode(
        &self,
        bytes: &[u8],
        record: Span,
        out: &mut Transcoded,
    ) -> Option<TranscodedRecord> {
        let (start, end) = (record.start(), record.end());
        let blocks = &out.blocks[out.block..];
        out.block += blocks.iter().take_while(|(at, _)| at + BLOCK_BYTES <= start).count();
        let is_here = |at: usize, mask: u64| {
            mask & first_bits(end.saturating_sub(at)) & !first_bits(start.saturating_sub(at))
        };
        let (at, mask) = *out.blocks.get(out.block)?;
        // A record that goes on in another block may be ASCII in this one.
        if at >= end || is_here(at, mask) == 0 && out.blocks.get(out.block + 1)?.0 >= end {
            return None;
        }
        let table = self.single_byte_table()?;
        let Transcoded { blocks, block, buffer, length, ends } = out;
        let begin = *length;
        let room = begin + (end - start) * GROWTH_MAX + 4 * BLOCK_BYTES;
        if buffer.len() < room {
            buffer.resize(room * 2, 0);
        }
        let ends_before = ends.len();
        let (mut from, mut written) = (start, begin);
        let (mut seen, mut has_pairs) = (0, false);
        for &(at, mask) in blocks[*block..].iter().take_while(|(at, _)| *at < end) {
            let mut left = is_here(at, mask);
            while left != 0 {
                let beyond = at + left.trailing_zeros() as usize;
                copy(&bytes[from..], beyond - from, &mut buffer[written..]);
                written += beyond - from;
                has_pairs |= beyond == from && ends.len() > ends_before;
                let entry = table[usize::from(bytes[beyond])];
                buffer[written..written + 4].copy_from_slice(&entry);
                written += usize::from(entry[3] & 3);
                seen |= entry[3];
                from = beyond + 1;
                ends.push(End { in_batch: from, in_text: written });
                left &= left - 1;
            }
        }
        if ends.len() == ends_before {
            return None;
        }
        copy(&bytes[from..], end - from, &mut buffer[written..]);
        written += end - from;
        if let Some(behind) = buffer[written..].first_chunk_mut::<BLOCK_BYTES>() {
            *behind = [b' '; BLOCK_BYTES];
        }
        *length = written + BLOCK_BYTES;
        Some(TranscodedRecord {
            text: Span::new(begin, written),
            record,
            ends: ends_before..ends.len(),
            has_pairs,
            is_malformed: seen & MALFORMED_BIT != 0,
        })
    }
}

/// Copies `length` bytes, in blocks: a copy of a fixed length is cheaper than one that fits.
#[inline(always)]
fn copy(from: &[u8], length: usize, to: &mut [u8]) {
    for at in (0..length).step_by(BLOCK_BYTES) {
        if let Some(to) = to[at..].first_chunk_mut::<BLOCK_BYTES>() {
            let from = &from[at..];
            *to = from.first_chunk().copied().unwrap_or_else(|| padded_block(from));
        }
    }
}

#[cfg(test)]
mod tests {
    use fearless_simd::dispatch;
    use proptest::prelude::*;

    use super::{CellDecoder, Transcoded};
    use crate::csv::encoding::Encoding;
    use crate::csv::read::Span;
    use crate::scan::levels;

    proptest! {
        #[test]
        fn the_same_as_record_by_record(
            records in prop::collection::vec(
                prop::collection::vec(prop_oneof![60 => b' '..=b'~', 1 => any::<u8>()], 0..150),
                1..20,
            ),
            encoding in prop::sample::select(&[
                Encoding::Windows1252, Encoding::Windows1253, Encoding::Cp437, Encoding::Koi8R,
            ][..]),
            behind in 0_usize..80,
        ) {
            let decoder = CellDecoder::new(encoding);
            let bytes = [records.join(&b'\n'), vec![0xE9; behind]].concat();
            let mut out = Transcoded::default();
            for level in levels() {
                dispatch!(level, simd => out.begin(simd, &bytes));
                let mut start = 0;
                for record in &records {
                    let end = start + record.len();
                    let place = Span::new(start, end);
                    let found = decoder.transcode(&bytes, place, &mut out);
                    prop_assert_eq!(found.is_none(), record.is_ascii());
                    if let Some(found) = found {
                        let text = |bytes: &[u8]| {
                            let mut text = String::new();
                            let malformed = decoder.decode_cell(bytes, &mut text);
                            (text, malformed.is_some())
                        };
                        let (all, malformed) = text(record);
                        prop_assert_eq!(out.text(found.text), all);
                        prop_assert_eq!(found.is_malformed, malformed);
                        let beyond = |pair: &[u8]| pair.iter().all(|byte| !byte.is_ascii());
                        prop_assert_eq!(found.has_pairs, record.windows(2).any(beyond));
                        // A cell up to each byte, and what they become.
                        let mut cells: Vec<_> =
                            (start..=end).map(|at| Span::new(at, at)).collect();
                        let own = 0..cells.len();
                        out.move_cells(&found, own, &mut cells);
                        for at in 0..=record.len() {
                            let moved = text(&record[..at]).0.len();
                            prop_assert_eq!(cells[record.len() + 1 + at], Span::new(moved, moved));
                        }
                    }
                    start = end + 1;
                }
            }
        }
    }
}
