//! Decoding records of a single-byte encoding at once: what is ASCII is copied in blocks.

use fearless_simd::Simd;

use super::cell::{CellDecoder, MALFORMED_BIT};
use crate::csv::read::Growth;
use crate::scan::{BLOCK_BYTES, TextStart, padded_block};

/// UTF-8 bytes that one byte of a single-byte encoding takes at most.
const GROWTH_MAX: usize = 3;

/// Records in UTF-8, and how far their bytes have moved. Its buffers serve one batch after the other.
#[derive(Debug, Default)]
pub(crate) struct Transcoded {
    /// The bytes of the text, then room.
    buffer: Vec<u8>,
    length: usize,
    /// Behind each byte beyond ASCII: its place in the input, and by how much the text is longer.
    growths: Vec<Growth>,
    /// The blocks of the input in which a byte beyond ASCII follows another, and which ones do.
    pairs: Vec<(usize, u64)>,
}

impl Transcoded {
    /// The text from `start` to `end`.
    #[inline(always)]
    pub(crate) fn text(&self, start: usize, end: usize) -> &str {
        let bytes = self.bytes().get(start..end).unwrap_or_default();
        simdutf8::basic::from_utf8(bytes).unwrap_or_default()
    }

    /// The bytes of the text.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.buffer[..self.length]
    }

    /// Behind which bytes of the input the text is longer than it, in order, and by how much.
    pub(crate) fn growths(&self) -> &[Growth] {
        &self.growths
    }

    /// Where two characters beyond ASCII stand side by side in the input, as they do in garbled text:
    /// the blocks, in order, with the second characters.
    pub(crate) fn pairs(&self) -> &[(usize, u64)] {
        &self.pairs
    }
}

impl CellDecoder {
    /// Decodes `bytes`, with which `ahead` begins, into `out`; false if a byte stands for no
    /// character, or the encoding has characters of several bytes.
    #[inline(always)]
    pub(crate) fn transcode<S: Simd>(
        &self,
        simd: S,
        bytes: &[u8],
        ahead: &[u8],
        out: &mut Transcoded,
    ) -> bool {
        self.single_byte_table().is_some_and(|table| out.decode(simd, table, bytes, ahead))
    }
}

impl Transcoded {
    /// As [`CellDecoder::transcode`].
    #[inline(always)]
    fn decode<S: Simd>(
        &mut self,
        simd: S,
        table: &[[u8; 4]; 256],
        bytes: &[u8],
        ahead: &[u8],
    ) -> bool {
        let Self { buffer, length, growths, pairs } = self;
        let room = bytes.len() * GROWTH_MAX + 3 * BLOCK_BYTES;
        if buffer.len() < room {
            buffer.resize(room, 0);
        }
        growths.clear();
        pairs.clear();
        let mut written = 0;
        let mut seen = 0;
        let mut before = 0;
        for at in (0..bytes.len()).step_by(BLOCK_BYTES) {
            let rest = bytes.len() - at;
            let mut left = TextStart::load(simd, &ahead[at..], rest).beyond_ascii();
            let seconds = left & (left << 1 | before);
            if seconds != 0 {
                pairs.push((at, seconds));
            }
            before = left >> (BLOCK_BYTES - 1);
            let mut from = at;
            while left != 0 {
                let beyond = at + left.trailing_zeros() as usize;
                copy_block(&ahead[from..], &mut buffer[written..]);
                written += beyond - from;
                let entry = table[usize::from(bytes[beyond])];
                buffer[written..written + 4].copy_from_slice(&entry);
                written += usize::from(entry[3] & 3);
                seen |= entry[3];
                from = beyond + 1;
                growths.push(Growth { behind: from as u32, bytes: (written - from) as u32 });
                left &= left - 1;
            }
            copy_block(&ahead[from..], &mut buffer[written..]);
            written += at + rest.min(BLOCK_BYTES) - from;
        }
        *length = written;
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
            let bytes = cells.concat();
            let ahead = [&bytes[..], &vec![0xE9; behind]].concat();
            let (mut text, mut malformed) = (String::new(), false);
            // Where each cell ends, before and after.
            let (mut end, mut ends) = (0, Vec::new());
            for cell in &cells {
                malformed |= decoder.decode_cell(cell, &mut text).is_some();
                end += cell.len();
                ends.push((end, text.len()));
            }
            let mut out = Transcoded::default();
            for level in levels() {
                let is_text = dispatch!(level, simd => {
                    decoder.transcode(simd, &bytes, &ahead, &mut out)
                });
                prop_assert_eq!(is_text, !malformed);
                prop_assert_eq!(out.text(0, text.len()), text.as_str());
                prop_assert_eq!(out.bytes().len(), text.len());
                let beyond = bytes.windows(2).any(|pair| pair.iter().all(|byte| !byte.is_ascii()));
                prop_assert_eq!(!out.pairs().is_empty(), beyond);
                for &(before, after) in &ends {
                    let growth = out.growths().iter().rfind(|at| at.behind as usize <= before);
                    prop_assert_eq!(before + growth.map_or(0, |at| at.bytes as usize), after);
                }
            }
        }
    }
}
