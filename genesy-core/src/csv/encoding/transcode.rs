//! Decoding a whole record of a single-byte encoding at once: what is ASCII is copied in blocks.

use fearless_simd::Simd;

use super::cell::{CellDecoder, MALFORMED_BIT};
use crate::csv::read::{Record, Span};
use crate::scan::{BLOCK_BYTES, TextStart, padded_block};

/// UTF-8 bytes that one byte of a single-byte encoding takes at most.
const GROWTH_MAX: usize = 3;

/// A record in UTF-8, and how far its bytes have moved. Its buffers serve one record after the other.
#[derive(Default)]
pub(crate) struct Transcoded {
    /// The first `length` bytes are the record, then there is a block of spaces, then room.
    buffer: Vec<u8>,
    length: usize,
    /// Behind each byte beyond ASCII: its place in the record, and by how much the text is longer.
    growths: Vec<(usize, usize)>,
    /// Two characters beyond ASCII stand side by side.
    has_pairs: bool,
}

impl Transcoded {
    /// Whether two characters beyond ASCII stand side by side, as they do in garbled text.
    pub(crate) const fn has_pairs(&self) -> bool {
        self.has_pairs
    }

    /// The record.
    #[inline(always)]
    pub(crate) fn text(&self) -> &str {
        // To look at whole blocks is cheaper; what stands behind the record is ASCII.
        let blocks = self.length.next_multiple_of(BLOCK_BYTES);
        let text = simdutf8::basic::from_utf8(&self.buffer[..blocks]).unwrap_or_default();
        text.get(..self.length).unwrap_or_default()
    }

    /// The record and the room behind it.
    pub(crate) fn ahead(&self) -> &[u8] {
        &self.buffer
    }

    /// Moves the spans of the record's cells along with the text.
    #[inline(always)]
    fn move_spans(&self, from: &[Span], to: &mut Vec<Span>) {
        to.clear();
        if self.growths.is_empty() {
            to.extend_from_slice(from);
            return;
        }
        let mut growths = self.growths.iter();
        let mut next = growths.next();
        let mut growth = 0;
        // Between two cells there may be bytes beyond ASCII, too: those that a limit cut off.
        let mut moved = |position: usize| {
            while let Some(&(_, grown)) = next.filter(|(end, _)| *end <= position) {
                growth = grown;
                next = growths.next();
            }
            position + growth
        };
        for span in from {
            to.push(Span::new(moved(span.start()), moved(span.end())));
        }
    }
}

impl CellDecoder {
    /// Decodes a record into `out`, and says where its cells are there; false if a byte stands for
    /// no character, or the encoding has characters of several bytes.
    #[inline(always)]
    pub(crate) fn transcode<S: Simd>(
        &self,
        simd: S,
        record: &Record<'_>,
        out: &mut Transcoded,
        spans: &mut Vec<Span>,
    ) -> bool {
        let Some(table) = self.single_byte_table() else { return false };
        let is_text = out.decode(simd, table, record.data(), record.ahead());
        out.move_spans(record.spans(), spans);
        is_text
    }
}

impl Transcoded {
    /// Decodes `record`, with which `ahead` begins; false if a byte stands for no character.
    #[inline(always)]
    fn decode<S: Simd>(
        &mut self,
        simd: S,
        table: &[[u8; 4]; 256],
        record: &[u8],
        ahead: &[u8],
    ) -> bool {
        let Self { buffer, length, growths, has_pairs } = self;
        let room = record.len() * GROWTH_MAX + 3 * BLOCK_BYTES;
        if buffer.len() < room {
            buffer.resize(room, 0);
        }
        growths.clear();
        let mut written = 0;
        let mut seen = 0;
        let (mut pairs, mut before) = (0, 0);
        for at in (0..record.len()).step_by(BLOCK_BYTES) {
            let rest = record.len() - at;
            let mut left = TextStart::load(simd, &ahead[at..], rest).beyond_ascii();
            pairs |= left & (left << 1 | before);
            before = left >> (BLOCK_BYTES - 1);
            let mut from = at;
            while left != 0 {
                let beyond = at + left.trailing_zeros() as usize;
                copy_block(&ahead[from..], &mut buffer[written..]);
                written += beyond - from;
                let entry = table[usize::from(record[beyond])];
                buffer[written..written + 4].copy_from_slice(&entry);
                written += usize::from(entry[3] & 3);
                seen |= entry[3];
                from = beyond + 1;
                growths.push((from, written - from));
                left &= left - 1;
            }
            copy_block(&ahead[from..], &mut buffer[written..]);
            written += at + rest.min(BLOCK_BYTES) - from;
        }
        buffer[written..written + BLOCK_BYTES].fill(b' ');
        *length = written;
        *has_pairs = pairs != 0;
        seen & MALFORMED_BIT == 0
    }
}

/// Copies a block, or what there is of it: a copy of a fixed length is cheaper than one that fits.
#[inline(always)]
fn copy_block(from: &[u8], to: &mut [u8]) {
    if let Some(to) = to.first_chunk_mut::<BLOCK_BYTES>() {
        *to = from.first_chunk().copied().unwrap_or_else(|| padded_block(from));
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
        fn the_same_as_cell_by_cell(
            cells in prop::collection::vec(
                prop::collection::vec(prop_oneof![9 => b' '..=b'~', 1 => any::<u8>()], 0..90),
                1..9,
            ),
            encoding in prop::sample::select(&[
                Encoding::Windows1252, Encoding::Windows1253, Encoding::Cp437, Encoding::Koi8R,
            ][..]),
            behind in 0_usize..80,
        ) {
            let decoder = CellDecoder::new(encoding);
            let record = cells.concat();
            let ahead = [&record[..], &vec![0xE9; behind]].concat();
            let mut spans = Vec::new();
            let (mut expected, mut text, mut malformed) = (Vec::new(), String::new(), false);
            let mut at = 0;
            for (index, cell) in cells.iter().enumerate() {
                let start = text.len();
                malformed |= decoder.decode_cell(cell, &mut text).is_some();
                // Every third one stands between two cells.
                if index % 3 != 2 {
                    spans.push(Span::new(at, at + cell.len()));
                    expected.push(Span::new(start, text.len()));
                }
                at += cell.len();
            }
            let (mut out, mut moved) = (Transcoded::default(), Vec::new());
            for level in levels() {
                let table = decoder.single_byte_table().unwrap();
                let is_text = dispatch!(level, simd => out.decode(simd, table, &record, &ahead));
                prop_assert_eq!(is_text, !malformed);
                prop_assert_eq!(out.text(), text.as_str());
                let beyond = record.windows(2).any(|pair| pair.iter().all(|byte| !byte.is_ascii()));
                prop_assert_eq!(out.has_pairs(), beyond);
                out.move_spans(&spans, &mut moved);
                prop_assert_eq!(&moved, &expected);
            }
        }
    }
}
