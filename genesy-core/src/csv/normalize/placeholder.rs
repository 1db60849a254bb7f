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

/// A quick look that tells nearly all other cells from placeholders.
#[inline(always)]
pub(super) fn may_be_placeholder(cell: &[u8]) -> bool {
    let first = cell.first().copied().unwrap_or(b'a');
    (cell.len() <= PLACEHOLDER_BYTES_MAX) & IN_FRONT_OF_PLACEHOLDERS[usize::from(first)]
}

/// The bytes that a placeholder can begin with.
static IN_FRONT_OF_PLACEHOLDERS: [bool; 256] = {
    let mut in_front = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        in_front[byte] =
            !(byte as u8).is_ascii_alphanumeric() || matches!(byte as u8 | 0x20, b'n' | b'u');
        byte += 1;
    }
    in_front
};

#[cfg(test)]
mod tests {
    use super::{is_placeholder, may_be_placeholder};

    #[test]
    fn names_are_no_placeholders() {
        for cell in ["N/A", "n.a.", "-", "---", "\u{2014}", "#REF!", "(Blank)", "UNDEFINED"] {
            let cell = cell.as_bytes();
            assert!(may_be_placeholder(cell) && is_placeholder(cell));
        }
        for cell in ["", "Na", "None", "Null Island", "Ng", "----", "\u{2015}"] {
            assert!(!is_placeholder(cell.as_bytes()), "{cell}");
        }
    }
}
