//! Character encodings of leads files: which one a file is in, and how to read it.
//!
//! [`detect()`] looks at a sample and names the encoding with its evidence. A [`StreamDecoder`] makes
//! text of a file, a [`CellDecoder`] of a single cell. [`sniff_binary`] recognises what is not a
//! table at all, and [`mojibake::repair`] undoes a wrong decoding that happened before the file was
//! made.

mod binary;
mod cell;
mod detect;
mod label;
pub mod mojibake;
mod pairs;
mod stream;
mod transcode;

pub use self::binary::{BinaryKind, sniff_binary};
pub use self::cell::CellDecoder;
pub use self::detect::{Detection, Evidence, detect};
pub use self::label::Encoding;
pub(crate) use self::pairs::Pairs;
pub use self::stream::{MALFORMED_OFFSETS_MAX, Malformed, StreamDecoder};

/// The encoding that a byte order mark at the start of `bytes` declares, and the mark's length in
/// bytes (Unicode Standard, section 23.8).
pub fn bom(bytes: &[u8]) -> Option<(Encoding, usize)> {
    match bytes {
        [0xEF, 0xBB, 0xBF, ..] => Some((Encoding::Utf8, 3)),
        [0xFF, 0xFE, ..] => Some((Encoding::Utf16Le, 2)),
        [0xFE, 0xFF, ..] => Some((Encoding::Utf16Be, 2)),
        _ => None,
    }
}
