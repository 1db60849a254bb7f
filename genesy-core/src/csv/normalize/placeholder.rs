//! Words and signs that stand for a missing value.

use crate::csv::encoding::CellDecoder;

/// Bytes of the longest placeholder.
const PLACEHOLDER_BYTES_MAX: usize = 9;

/// Whether the cell is a word or sign that stands for a missing value. No name is one: `NA`, `None`
/// and `Nil` are names, so they count as text here.
pub(super) fn is_placeholder(cell: &[u8]) -> bool {
    let mut lower = [0; PLACEHOLDER_BYTES_MAX];
    let Some(lower) = lower.get_mut(..cell.len()) else { return false };
    lower.copy_from_slice(cell);
    lower.make_ascii_lowercase();
    match &*lower {
        b"-" | b"--" | b"---" | b"?" | b"." | b"/" | b"n/a" | b"n.a." | b"null" | b"(null)"
        | b"undefined" | b"(blank)" | b"#n/a" | b"#ref!" | b"#value!" => true,
        dash => dash == "\u{2014}".as_bytes() || dash == "\u{2013}".as_bytes(),
    }
}

/// What placeholders begin with in one encoding.
#[derive(Debug)]
pub(super) struct PlaceholderStarts {
    first: [u8; 256],
}

impl PlaceholderStarts {
    /// Those in the encoding of `decoder`.
    pub(super) fn new(decoder: &CellDecoder) -> Self {
        let mut first = FIRST;
        if decoder.encoding().is_single_byte() {
            for byte in 0x80..=u8::MAX {
                let mut text = String::new();
                decoder.decode_cell(&[byte], &mut text);
                first[usize::from(byte)] =
                    text.bytes().next().map_or(0, |start| FIRST[usize::from(start)]);
            }
        }
        Self { first }
    }

    /// A quick look at the first two bytes from the start of a cell on, which tells nearly all other
    /// cells from placeholders and from what is one behind white space.
    #[inline(always)]
    pub(super) fn may_begin(&self, start: &[u8; 2]) -> bool {
        let [first, second] = *start;
        self.first[usize::from(first)] & SECOND[usize::from(second)] != 0
    }
}

/// Placeholders that begin with no letter, with an `n` and with a `u`: a bit each.
const MARK: u8 = 1;
const N: u8 = 2;
const U: u8 = 4;

/// What a placeholder, or white space before it, can begin with in UTF-8.
const FIRST: [u8; 256] = {
    let mut first = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        first[byte] = match byte as u8 {
            b'n' | b'N' => N,
            b'u' | b'U' => U,
            // The spaces and dashes of Unicode begin with these.
            0xC2 | 0xE1..=0xE3 | 0xEF => MARK,
            byte if byte.is_ascii() && !byte.is_ascii_alphanumeric() => MARK,
            _ => 0,
        };
        byte += 1;
    }
    first
};

/// What can follow.
static SECOND: [u8; 256] = {
    let mut second = [MARK; 256];
    second[b'/' as usize] |= N;
    second[b'.' as usize] |= N;
    second[b'u' as usize] |= N;
    second[b'U' as usize] |= N;
    second[b'n' as usize] |= U;
    second[b'N' as usize] |= U;
    second
};

#[cfg(test)]
mod tests {
    use super::{PlaceholderStarts, is_placeholder};
    use crate::csv::encoding::{CellDecoder, Encoding};

    #[test]
    fn names_are_no_placeholders() {
        for cell in PLACEHOLDERS {
            assert!(is_placeholder(cell.as_bytes()), "{cell}");
        }
        for cell in ["", "Na", "None", "Null Island", "Ng", "----", "\u{2015}"] {
            assert!(!is_placeholder(cell.as_bytes()), "{cell}");
        }
    }

    #[test]
    fn a_quick_look_passes_over_no_placeholder() {
        let utf8 = PlaceholderStarts::new(&CellDecoder::new(Encoding::Utf8));
        for cell in PLACEHOLDERS {
            for before in ["", " ", "\t", "\u{A0}", "\u{3000}", "\u{FEFF}", "\u{200B}"] {
                for behind in [",", " ", "\""] {
                    let text = [before, cell, behind].concat();
                    let start = text.as_bytes().first_chunk();
                    assert!(start.is_some_and(|start| utf8.may_begin(start)), "{text:?}");
                }
            }
        }
        assert!(!utf8.may_begin(b"Ni") && !utf8.may_begin(b"Ad"));
    }

    #[test]
    fn a_quick_look_knows_the_dashes_and_spaces_of_an_encoding() {
        let windows = PlaceholderStarts::new(&CellDecoder::new(Encoding::Windows1252));
        for start in [b"\x96,", b"\x97\"", b"\xA0-", b"-\xA0"] {
            assert!(windows.may_begin(start), "{start:?}");
        }
        assert!(!windows.may_begin(b"\xC9m"), "an accent begins no placeholder");
    }

    const PLACEHOLDERS: [&str; 18] = [
        "-",
        "--",
        "---",
        "?",
        ".",
        "/",
        "N/A",
        "n.a.",
        "null",
        "NULL",
        "(null)",
        "UNDEFINED",
        "(Blank)",
        "#N/A",
        "#REF!",
        "#value!",
        "\u{2014}",
        "\u{2013}",
    ];
}
