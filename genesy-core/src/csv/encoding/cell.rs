//! Decoding single cells.

use std::sync::OnceLock;

use encoding_rs::DecoderResult;

use super::Encoding;
use crate::codepage::Codec;

/// Decodes cells of one encoding. It is small and cheap to make: the tables behind it are shared.
#[derive(Clone, Copy, Debug)]
pub struct CellDecoder {
    encoding: Encoding,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Utf8,
    SingleByte(&'static Table),
    MultiByte(&'static encoding_rs::Encoding),
}

impl CellDecoder {
    /// A decoder for cells in `encoding`.
    pub fn new(encoding: Encoding) -> Self {
        let kind = match encoding.codec() {
            _ if encoding.is_single_byte() => Kind::SingleByte(Table::of(encoding)),
            Codec::Whatwg(codec) if encoding != Encoding::Utf8 => Kind::MultiByte(codec),
            Codec::Whatwg(_) | Codec::CodePage(_) => Kind::Utf8,
        };
        Self { encoding, kind }
    }

    /// The encoding it decodes.
    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Appends the text of `bytes` to `out`. Malformed bytes become U+FFFD, as the WHATWG standard
    /// says, and the offset of the first of them is returned. A byte order mark is not special.
    pub fn decode_cell(&self, bytes: &[u8], out: &mut String) -> Option<usize> {
        match &self.kind {
            Kind::Utf8 => decode_utf8(bytes, out),
            Kind::SingleByte(table) => table.decode(bytes, out),
            Kind::MultiByte(codec) => decode_multi_byte(codec, bytes, out),
        }
    }
}

impl Encoding {
    /// Decodes one cell: [`CellDecoder::decode_cell`] for callers with a single cell to read.
    pub fn decode_cell(self, bytes: &[u8], out: &mut String) -> Option<usize> {
        CellDecoder::new(self).decode_cell(bytes, out)
    }
}

/// The characters of a single-byte encoding, each as UTF-8 in four bytes: up to three of text, then
/// their number, or [`MALFORMED`] for a byte without a character.
pub(super) type Characters = [[u8; 4]; 256];

/// The characters of `encoding`, which has a byte for each.
pub(super) fn characters(encoding: Encoding) -> &'static Characters {
    &Table::of(encoding).utf8
}

#[derive(Debug)]
struct Table {
    utf8: Characters,
}

/// U+FFFD takes three bytes; the high bit tells it from a real character of three.
const MALFORMED: u8 = MALFORMED_BIT | 3;
pub(super) const MALFORMED_BIT: u8 = 0x80;

/// The tables, each made when first needed.
static TABLES: [OnceLock<Box<Table>>; Encoding::all().len()] =
    [const { OnceLock::new() }; Encoding::all().len()];

/// Bytes decoded through the stack at a time: most cells fit in one piece.
const PIECE_BYTES: usize = 64;

impl Table {
    fn of(encoding: Encoding) -> &'static Self {
        TABLES[encoding as usize].get_or_init(|| Box::new(Self::new(encoding)))
    }

    fn new(encoding: Encoding) -> Self {
        let mut utf8 = [[0; 4]; 256];
        for (slot, byte) in utf8.iter_mut().zip(0..=u8::MAX) {
            match encoding.codec().decode_byte(byte) {
                Some(character) => {
                    let length = character.encode_utf8(&mut slot[..3]).len();
                    slot[3] = u8::try_from(length).unwrap_or(0);
                }
                None => {
                    char::REPLACEMENT_CHARACTER.encode_utf8(&mut slot[..3]);
                    slot[3] = MALFORMED;
                }
            }
        }
        Self { utf8 }
    }

    fn decode(&self, bytes: &[u8], out: &mut String) -> Option<usize> {
        let mut seen = 0;
        for piece in bytes.chunks(PIECE_BYTES) {
            // Four bytes are always written and the next write overlaps them: no branch per byte.
            let mut text = [0; PIECE_BYTES * 3 + 1];
            let mut length = 0;
            for &byte in piece {
                let entry = self.utf8[usize::from(byte)];
                text[length..length + 4].copy_from_slice(&entry);
                length += usize::from(entry[3] & 3);
                seen |= entry[3];
            }
            out.push_str(std::str::from_utf8(&text[..length]).unwrap_or_default());
        }
        if seen & MALFORMED_BIT == 0 {
            return None;
        }
        bytes.iter().position(|&byte| self.utf8[usize::from(byte)][3] == MALFORMED)
    }
}

fn decode_utf8(bytes: &[u8], out: &mut String) -> Option<usize> {
    match simdutf8::compat::from_utf8(bytes) {
        Ok(text) => {
            out.push_str(text);
            None
        }
        Err(error) => {
            out.push_str(&String::from_utf8_lossy(bytes));
            Some(error.valid_up_to())
        }
    }
}

fn decode_multi_byte(
    codec: &'static encoding_rs::Encoding,
    bytes: &[u8],
    out: &mut String,
) -> Option<usize> {
    if !matches!(codec.name(), "UTF-16LE" | "UTF-16BE" | "ISO-2022-JP")
        && let Ok(text) = std::str::from_utf8(bytes)
        && text.is_ascii()
    {
        out.push_str(text);
        return None;
    }
    let mut decoder = codec.new_decoder_without_bom_handling();
    let mut first = None;
    let mut read = 0;
    loop {
        let rest = &bytes[read..];
        out.reserve(decoder.max_utf8_buffer_length(rest.len()).unwrap_or(rest.len() * 3 + 16));
        let (result, consumed) = decoder.decode_to_string_without_replacement(rest, out, true);
        read += consumed;
        match result {
            DecoderResult::InputEmpty => return first,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(length, after) => {
                out.push(char::REPLACEMENT_CHARACTER);
                let start = read.saturating_sub(usize::from(length) + usize::from(after));
                first = first.or(Some(start));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CellDecoder, Encoding};

    fn decode(encoding: Encoding, bytes: &[u8]) -> (String, Option<usize>) {
        let mut out = String::from("before ");
        let malformed = CellDecoder::new(encoding).decode_cell(bytes, &mut out);
        (out.strip_prefix("before ").unwrap().to_owned(), malformed)
    }

    #[test]
    fn the_same_word_in_many_encodings() {
        for (encoding, bytes) in [
            (Encoding::Utf8, &b"Espa\xC3\xB1a"[..]),
            (Encoding::Windows1252, b"Espa\xF1a"),
            (Encoding::Macintosh, b"Espa\x96a"),
            (Encoding::Cp850, b"Espa\xA4a"),
            (Encoding::Cp437, b"Espa\xA4a"),
            (Encoding::Utf16Be, b"\0E\0s\0p\0a\0\xF1\0a"),
        ] {
            assert_eq!(decode(encoding, bytes), ("España".into(), None), "{encoding}");
        }
    }

    #[test]
    fn malformed_bytes_are_replaced_and_the_first_is_named() {
        assert_eq!(decode(Encoding::Utf8, b"Jos\xE9 "), ("Jos\u{FFFD} ".into(), Some(3)));
        assert_eq!(
            decode(Encoding::Windows1253, b"a\xD2b\xD2"),
            ("a\u{FFFD}b\u{FFFD}".into(), Some(1))
        );
        assert_eq!(decode(Encoding::EucJp, b"ok\xA4"), ("ok\u{FFFD}".into(), Some(2)));
        assert_eq!(decode(Encoding::Utf16Le, b"a\0\x00\xD8b\0"), ("a\u{FFFD}b".into(), Some(2)));
    }

    #[test]
    fn long_cells_are_decoded_in_pieces() {
        let (text, malformed) = decode(Encoding::Windows1252, &[0x80; 1_000]);
        assert_eq!((text, malformed), ("€".repeat(1_000), None));
    }
}
