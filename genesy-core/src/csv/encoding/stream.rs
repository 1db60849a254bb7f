//! Decoding a whole file, piece by piece.

use encoding_rs::{Decoder, DecoderResult};
use serde::{Deserialize, Serialize};

use super::Encoding;
use super::transcode::Transcoder;
use crate::codepage::Codec;

/// Offsets of malformed sequences that are kept; the count goes on after that.
pub const MALFORMED_OFFSETS_MAX: usize = 64;

/// Input decoded between two looks at the output's capacity, in bytes.
const PIECE_BYTES: usize = 16 * 1024;

/// Decodes a file piece by piece. Any way of cutting the file gives the same text.
///
/// It takes every encoding, and does not treat a byte order mark specially: skip it first, with
/// [`bom`](super::bom). Offsets count from the first byte pushed.
pub struct StreamDecoder {
    encoding: Encoding,
    kind: Kind,
    position: u64,
    malformed: Malformed,
}

enum Kind {
    SingleByte(Transcoder),
    MultiByte(Decoder),
}

/// The sequences of a file that stood for no character, each replaced by U+FFFD.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Malformed {
    /// How many there were.
    pub count: u64,
    /// Byte offsets of the first [`MALFORMED_OFFSETS_MAX`] of them.
    pub offsets: Vec<u64>,
}

impl Malformed {
    fn add(&mut self, offset: u64) {
        self.count += 1;
        if self.offsets.len() < MALFORMED_OFFSETS_MAX {
            self.offsets.push(offset);
        }
    }
}

impl StreamDecoder {
    /// A decoder at the start of a file in `encoding`.
    pub fn new(encoding: Encoding) -> Self {
        let kind = match encoding.codec() {
            Codec::Whatwg(codec) if !codec.is_single_byte() => {
                Kind::MultiByte(codec.new_decoder_without_bom_handling())
            }
            Codec::Whatwg(_) | Codec::CodePage(_) => Kind::SingleByte(Transcoder::new(encoding)),
        };
        Self { encoding, kind, position: 0, malformed: Malformed::default() }
    }

    /// The encoding it decodes.
    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Bytes pushed so far.
    pub(crate) const fn position(&self) -> u64 {
        self.position
    }

    /// The first place between two characters of `chunk`, the next bytes to be pushed, that is behind
    /// its first byte and not before `from`. In most encodings of several bytes a character, only
    /// those behind a line end are known: it is never a part of another character.
    pub(crate) fn boundary_in(&self, chunk: &[u8], from: usize) -> Option<usize> {
        let high_byte = match self.encoding {
            Encoding::Utf16Le => 1,
            Encoding::Utf16Be => 2,
            single if single.is_single_byte() => {
                return Some(from.max(1)).filter(|&at| at <= chunk.len());
            }
            _ => {
                let at = memchr::memchr2(b'\n', b'\r', chunk.get(from..)?)?;
                return Some(from + at + 1);
            }
        };
        let is_even = |at: &usize| (self.position + *at as u64).is_multiple_of(2);
        let is_boundary = |at: &usize| is_even(at) && chunk[at - high_byte] & 0xFC != 0xD8;
        (from.max(2)..=chunk.len()).find(is_boundary)
    }

    /// What was malformed so far.
    pub const fn malformed(&self) -> &Malformed {
        &self.malformed
    }

    /// Appends the text of `input` to `out`. `last` says that the file ends here: a character cut in
    /// half is then malformed, and the decoder starts afresh if more is pushed.
    pub fn push(&mut self, input: &[u8], last: bool, out: &mut String) {
        let Self { position, malformed, .. } = self;
        match &mut self.kind {
            Kind::SingleByte(transcoder) => {
                transcoder.push(input, out, |at| malformed.add(*position + at as u64));
                *position += input.len() as u64;
            }
            Kind::MultiByte(decoder) => {
                let mut rest = input;
                loop {
                    let (piece, after) = rest.split_at(rest.len().min(PIECE_BYTES));
                    rest = after;
                    let end = last && rest.is_empty();
                    decode_piece(decoder, piece, end, out, position, malformed);
                    if rest.is_empty() {
                        break;
                    }
                }
                if last && let Codec::Whatwg(codec) = self.encoding.codec() {
                    *decoder = codec.new_decoder_without_bom_handling();
                }
            }
        }
    }

    /// How many bytes `text`, a part of this decoder's output, took in the file.
    ///
    /// Exact for single-byte encodings, UTF-8, UTF-16 and Big5, and wherever a character has one
    /// form only: the exceptions are the euro sign in GBK (counted two bytes, though the byte 0x80
    /// also stands for it) and U+FFFD, which is counted as the commonest malformed sequence (two
    /// bytes in UTF-16, else one). For ISO-2022-JP it is an estimate: the escape sequences are
    /// counted as if `text` began and ended in ASCII.
    pub fn encoded_len(&self, text: &str) -> u64 {
        if let Kind::SingleByte(transcoder) = &self.kind {
            return transcoder.encoded_len(text);
        }
        let lengths = text.chars().map(|character| encoded_char_len(self.encoding, character));
        lengths.sum::<u64>() + escapes_len(self.encoding, text)
    }
}

impl std::fmt::Debug for StreamDecoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StreamDecoder")
            .field("encoding", &self.encoding)
            .field("position", &self.position)
            .field("malformed", &self.malformed)
            .finish_non_exhaustive()
    }
}

fn decode_piece(
    decoder: &mut Decoder,
    mut piece: &[u8],
    last: bool,
    out: &mut String,
    position: &mut u64,
    malformed: &mut Malformed,
) {
    loop {
        let room = decoder.max_utf8_buffer_length(piece.len());
        out.reserve(room.unwrap_or(piece.len() * 3 + 16));
        let (result, read) = decoder.decode_to_string_without_replacement(piece, out, last);
        *position += read as u64;
        piece = &piece[read..];
        match result {
            DecoderResult::InputEmpty => return,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(length, after) => {
                out.push(char::REPLACEMENT_CHARACTER);
                let back = u64::from(length) + u64::from(after);
                malformed.add(position.saturating_sub(back));
            }
        }
    }
}

/// Bytes of one character in a multi-byte encoding.
fn encoded_char_len(encoding: Encoding, character: char) -> u64 {
    if matches!(encoding, Encoding::Utf16Le | Encoding::Utf16Be) {
        return 2 * character.len_utf16() as u64;
    }
    if encoding == Encoding::Utf8 && character != char::REPLACEMENT_CHARACTER {
        return character.len_utf8() as u64;
    }
    if character.is_ascii() || character == char::REPLACEMENT_CHARACTER {
        return 1;
    }
    match encoding {
        // Half-width katakana, and the control character at 0x80.
        Encoding::ShiftJis if matches!(character, '\u{80}' | '\u{FF61}'..='\u{FF9F}') => 1,
        // Big5 has four characters that decode to a letter and one of these marks.
        Encoding::Big5 if matches!(character, '\u{304}' | '\u{30C}') => 0,
        // What EUC-JP can read and not write is JIS X 0212, behind a byte 0x8F.
        Encoding::EucJp if !is_encodable(encoding_rs::EUC_JP, character) => 3,
        Encoding::Gbk | Encoding::Gb18030 if !is_encodable(encoding_rs::GBK, character) => 4,
        _ => 2,
    }
}

fn is_encodable(codec: &'static encoding_rs::Encoding, character: char) -> bool {
    let mut utf8 = [0; 4];
    let (_, _, unmappable) = codec.encode(character.encode_utf8(&mut utf8));
    !unmappable
}

/// Bytes of the escape sequences of ISO-2022-JP: three at each change between ASCII and Japanese.
fn escapes_len(encoding: Encoding, text: &str) -> u64 {
    if encoding != Encoding::Iso2022Jp {
        return 0;
    }
    let mut japanese = false;
    let mut changes = 0;
    for character in text.chars() {
        if character.is_ascii() == japanese {
            japanese = !japanese;
            changes += 1;
        }
    }
    3 * (changes + u64::from(japanese))
}

#[cfg(test)]
mod tests {
    use super::{Encoding, StreamDecoder};

    #[test]
    fn utf16_faults_are_counted_with_their_offsets() {
        let mut decoder = StreamDecoder::new(Encoding::Utf16Le);
        let mut text = String::new();
        decoder.push(b"a\0\x00", false, &mut text);
        decoder.push(b"\xD8b\0c", false, &mut text);
        decoder.push(b"", true, &mut text);
        assert_eq!(text, "a\u{FFFD}b\u{FFFD}");
        assert_eq!(decoder.malformed().count, 2);
        assert_eq!(decoder.malformed().offsets, [2, 6]);
    }

    #[test]
    fn text_is_mapped_back_to_source_bytes() {
        for (encoding, bytes) in [
            (Encoding::Utf16Be, &b"\0a\xD8\x3D\xDE\0"[..]),
            (Encoding::ShiftJis, b"a\x83X\xB1\x80"),
            (Encoding::EucJp, b"a\xA5\xB9\x8E\xB1\x8F\xB0\xA1"),
            (Encoding::Gb18030, b"a\xD6\xD0\x81\x30\x81\x30"),
            (Encoding::Big5, b"a\x88\x62\xA4\xA4"),
            (Encoding::EucKr, b"a\xB0\xA1\x81\x41"),
            (Encoding::Utf8, "aé€😀".as_bytes()),
            (Encoding::Iso2022Jp, b"a\x1B$B$\"\x1B(Bb"),
        ] {
            let mut decoder = StreamDecoder::new(encoding);
            let mut text = String::new();
            decoder.push(bytes, true, &mut text);
            assert_eq!(decoder.malformed().count, 0, "{encoding}");
            assert_eq!(decoder.encoded_len(&text), bytes.len() as u64, "{encoding}: {text}");
        }
    }
}
