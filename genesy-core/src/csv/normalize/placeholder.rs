//! Words and signs that stand for a missing value.

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

/// A quick look at the first two bytes from the start of a cell on, which tells nearly all other
/// cells from placeholders and from what is one behind white space.
#[inline(always)]
pub(super) fn may_begin_placeholder(start: &[u8; 2]) -> bool {
    let [first, second] = *start;
    FIRST[usize::from(first)] & SECOND[usize::from(second)] != 0
}

/// Placeholders that begin with no letter, with an `n` and with a `u`: a bit each.
const MARK: u8 = 1;
const N: u8 = 2;
const U: u8 = 4;

/// What a placeholder, or white space before it, can begin with in UTF-8.
static FIRST: [u8; 256] = {
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
    use super::{is_placeholder, may_begin_placeholder};

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
        for cell in PLACEHOLDERS {
            for before in ["", " ", "\t", "\u{A0}", "\u{3000}", "\u{FEFF}", "\u{200B}"] {
                for behind in [",", " ", "\""] {
                    let text = [before, cell, behind].concat();
                    let start = text.as_bytes().first_chunk();
                    assert!(start.is_some_and(may_begin_placeholder), "{text:?}");
                }
            }
        }
        assert!(!may_begin_placeholder(b"Ni") && !may_begin_placeholder(b"Ad"));
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
