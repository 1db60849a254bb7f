//! The encodings that read a sample as the very same text.

use super::super::StreamDecoder;
use super::cells::Cell;
use super::{Encoding, words};

/// Those other than `encoding`, the commonest first. `sample` is not ASCII throughout, `cells` are its
/// distinct cells, and it is the whole file if it is `complete`.
pub(super) fn equivalents(
    encoding: Encoding,
    sample: &[u8],
    complete: bool,
    cells: &[Cell<'_>],
) -> Vec<Encoding> {
    let is_single_byte = encoding.is_single_byte();
    let bytes = if is_single_byte { distinct_high_bytes(sample) } else { Vec::new() };
    let alike = |other: Encoding| {
        if is_single_byte && other.is_single_byte() {
            let (one, other) = (encoding.codec(), other.codec());
            return bytes.iter().all(|&byte| one.decode_byte(byte) == other.decode_byte(byte));
        }
        // The cells seldom agree: hardly any sample is decoded as a whole.
        words::read_alike(encoding, other, cells)
            && (are_one_decoder(encoding, other)
                || text(encoding, sample, complete) == text(other, sample, complete))
    };
    let all = Encoding::all().iter().copied();
    all.filter(|&other| other != encoding && alike(other)).collect()
}

/// The bytes beyond ASCII that occur.
fn distinct_high_bytes(sample: &[u8]) -> Vec<u8> {
    let mut occurs = [false; 256];
    let (blocks, rest) = sample.as_chunks::<32>();
    for block in blocks.iter().filter(|block| !block.is_ascii()) {
        for word in block.as_chunks::<8>().0 {
            let mut left = u64::from_le_bytes(*word) & 0x8080_8080_8080_8080;
            while left != 0 {
                let at = left.trailing_zeros() / 8;
                occurs[usize::from(word[at as usize])] = true;
                left &= left - 1;
            }
        }
    }
    for &byte in rest {
        occurs[usize::from(byte)] = true;
    }
    (0x80..=u8::MAX).filter(|&byte| occurs[usize::from(byte)]).collect()
}

fn text(encoding: Encoding, bytes: &[u8], complete: bool) -> String {
    let mut text = String::new();
    StreamDecoder::new(encoding).push(bytes, complete, &mut text);
    text
}

/// In the WHATWG standard GBK and gb18030 differ in what they write, not in what they read.
const fn are_one_decoder(one: Encoding, other: Encoding) -> bool {
    use Encoding::{Gb18030, Gbk};
    matches!((one, other), (Gbk, Gb18030) | (Gb18030, Gbk))
}
