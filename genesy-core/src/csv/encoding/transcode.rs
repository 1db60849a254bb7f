//! From a single-byte encoding to UTF-8, in blocks: what is ASCII is copied, 64 bytes at a time.

use fearless_simd::{Level, Simd, dispatch};

use super::Encoding;
use super::cell::{Characters, MALFORMED_BIT, characters};
use crate::scan::{BLOCK_BYTES, Block, Vectors, padded_block};

/// Bytes transcoded at a time: they and their text stay in the first-level cache.
const PIECE_BYTES: usize = 16 * 1024;

/// UTF-8 bytes that one byte of a single-byte encoding takes at most.
const GROWTH_MAX: usize = 3;

/// A block with more characters beyond ASCII is not worth being copied in between them.
const SPARSE_MAX: u32 = 12;

/// Decodes a file of a single-byte encoding.
pub(super) struct Transcoder {
    level: Level,
    characters: &'static Characters,
    /// The text of one piece.
    text: Box<[u8]>,
}

impl Transcoder {
    /// One for files in `encoding`, which has a byte for each character.
    pub(super) fn new(encoding: Encoding) -> Self {
        Self {
            level: Level::new(),
            characters: characters(encoding),
            text: vec![0; PIECE_BYTES * GROWTH_MAX + 2 * BLOCK_BYTES].into(),
        }
    }

    /// Appends the text of `input` to `out`, and hands the offset of each byte that stands for no
    /// character to `malformed`.
    pub(super) fn push(
        &mut self,
        input: &[u8],
        out: &mut String,
        mut malformed: impl FnMut(usize),
    ) {
        let Self { level, characters, text } = self;
        for (number, piece) in input.chunks(PIECE_BYTES).enumerate() {
            let (written, seen) =
                dispatch!(*level, simd => transcode(simd, characters, piece, text));
            // What the table's characters and ASCII make is UTF-8.
            out.push_str(simdutf8::basic::from_utf8(&text[..written]).unwrap_or_default());
            if seen & MALFORMED_BIT != 0 {
                let is_malformed = |byte: u8| characters[usize::from(byte)][3] & MALFORMED_BIT != 0;
                let offsets = piece.iter().enumerate().filter(|(_, byte)| is_malformed(**byte));
                offsets.for_each(|(at, _)| malformed(number * PIECE_BYTES + at));
            }
        }
    }

    /// How many bytes `text` took in the file: one a character.
    pub(super) fn encoded_len(&self, text: &str) -> u64 {
        dispatch!(self.level, simd => count_characters(simd, text.as_bytes()))
    }
}

#[inline(always)]
fn count_characters<S: Simd>(simd: S, text: &[u8]) -> u64 {
    let (blocks, rest) = text.as_chunks::<BLOCK_BYTES>();
    let following = |block| u64::from(Vectors::load(simd, block).between(0x80, 0xBF).count_ones());
    let following = blocks.iter().map(following).sum::<u64>() + following(&padded_block(rest));
    text.len() as u64 - following
}

/// Writes the text of `input` to `out`; says how long it is, and the marks of its characters.
#[inline(always)]
fn transcode<S: Simd>(
    simd: S,
    characters: &Characters,
    input: &[u8],
    out: &mut [u8],
) -> (usize, u8) {
    let (mut written, mut seen) = (0, 0);
    let (blocks, rest) = input.as_chunks::<BLOCK_BYTES>();
    for (number, block) in blocks.iter().enumerate() {
        let beyond = Vectors::load(simd, block).beyond_ascii();
        copy_block(block, &mut out[written..]);
        if beyond == 0 {
            written += BLOCK_BYTES;
            continue;
        }
        let start = number * BLOCK_BYTES;
        // Copies in between the characters go on over the block's end.
        let window = input.get(start..start + 2 * BLOCK_BYTES);
        match window.and_then(|window| window.first_chunk()) {
            Some(window) if beyond.count_ones() <= SPARSE_MAX => {
                written += sparse(characters, window, beyond, &mut out[written..], &mut seen);
            }
            _ => written += dense(characters, block, &mut out[written..], &mut seen),
        }
    }
    written += dense(characters, rest, &mut out[written..], &mut seen);
    (written, seen)
}

#[inline(always)]
fn copy_block(from: &Block, to: &mut [u8]) {
    if let Some(to) = to.first_chunk_mut::<BLOCK_BYTES>() {
        *to = *from;
    }
}

/// A block with few characters `beyond` ASCII, and the one that follows it. The block is copied
/// already.
#[inline(always)]
fn sparse(
    characters: &Characters,
    window: &[u8; 2 * BLOCK_BYTES],
    mut beyond: u64,
    out: &mut [u8],
    seen: &mut u8,
) -> usize {
    let mut growth = 0;
    while beyond != 0 {
        let at = beyond.trailing_zeros() as usize;
        let entry = &characters[usize::from(window[at])];
        let written = at + growth;
        out[written..written + 4].copy_from_slice(entry);
        growth += usize::from(entry[3] & 3) - 1;
        *seen |= entry[3];
        if let Some(behind) = window[at + 1..].first_chunk() {
            copy_block(behind, &mut out[at + 1 + growth..]);
        }
        beyond &= beyond - 1;
    }
    BLOCK_BYTES + growth
}

/// Any bytes, one after the other: four are always written and the next write overlaps them, so no
/// branch is needed.
#[inline(always)]
fn dense(characters: &Characters, bytes: &[u8], out: &mut [u8], seen: &mut u8) -> usize {
    let mut written = 0;
    for &byte in bytes {
        let entry = &characters[usize::from(byte)];
        out[written..written + 4].copy_from_slice(entry);
        written += usize::from(entry[3] & 3);
        *seen |= entry[3];
    }
    written
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Transcoder;
    use crate::csv::encoding::{CellDecoder, Encoding};
    use crate::scan::levels;

    proptest! {
        #[test]
        fn every_level_writes_what_is_read_cell_by_cell(
            pieces in prop::collection::vec(
                prop_oneof![
                    4 => "[ -~]{0,90}".prop_map(String::into_bytes),
                    4 => any::<[u8; 1]>().prop_map(Vec::from),
                    1 => prop::collection::vec(0x80..=u8::MAX, 0..150),
                ],
                0..12,
            ),
            encoding in prop::sample::select(&[
                Encoding::Windows1252, Encoding::Windows1253, Encoding::Cp437, Encoding::Koi8R,
            ][..]),
        ) {
            let bytes = pieces.concat();
            let decoder = CellDecoder::new(encoding);
            let mut expected = String::from("before ");
            let first = decoder.decode_cell(&bytes, &mut expected);
            for level in levels() {
                let mut transcoder = Transcoder::new(encoding);
                transcoder.level = level;
                let mut text = String::from("before ");
                let mut malformed = Vec::new();
                transcoder.push(&bytes, &mut text, |at| malformed.push(at));
                prop_assert_eq!(&text, &expected, "{:?}", level);
                prop_assert_eq!(malformed.first().copied(), first);
                prop_assert_eq!(transcoder.encoded_len(&text), bytes.len() as u64 + 7);
            }
        }
    }

    #[test]
    fn a_file_of_many_pieces_is_one_text() {
        let encoding = Encoding::Windows1253;
        let bytes = b"\xE1\xF9 0123456789\xD2".repeat(10_000);
        let mut transcoder = Transcoder::new(encoding);
        let mut text = String::new();
        let mut malformed = Vec::new();
        transcoder.push(&bytes, &mut text, |at| malformed.push(at));
        assert_eq!(text, "αω 0123456789\u{FFFD}".repeat(10_000));
        assert!(malformed.iter().enumerate().all(|(number, at)| *at == number * 14 + 13));
        assert_eq!(malformed.len(), 10_000);
    }
}
