//! The bytes of a cell, counted by kind.

const DIGIT: u8 = 0;
const LETTER: u8 = 1;
const SPACE: u8 = 2;
const AT: u8 = 3;
const COLON: u8 = 4;
/// `,`, `;`, `|` and the like.
const MARK: u8 = 5;
const CONTROL: u8 = 6;
const OTHER: u8 = 7;
const CLASSES: usize = 8;

/// The class of each byte: cells are counted by a look into this table, without a branch.
const CLASS: [u8; 256] = {
    let mut class = [OTHER; 256];
    let mut byte = 0;
    while byte < class.len() {
        class[byte] = match byte as u8 {
            b'0'..=b'9' => DIGIT,
            b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => LETTER,
            b' ' => SPACE,
            b'@' => AT,
            b':' => COLON,
            b',' | b';' | b'|' | b'^' | b'~' => MARK,
            0x00..=0x1f => CONTROL,
            _ => OTHER,
        };
        byte += 1;
    }
    class
};

/// Bytes of a cell by kind.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) digits: usize,
    pub(super) letters: usize,
    pub(super) spaces: usize,
    pub(super) ats: usize,
    pub(super) colons: usize,
    /// `,`, `;`, `|` and the like without a space after them, and tabs.
    pub(super) tight: usize,
    /// Anything but digits, letters and spaces.
    pub(super) others: usize,
}

impl Counts {
    pub(super) fn of(cell: &[u8]) -> Self {
        let mut tally = [0_u32; CLASSES];
        for &byte in cell {
            tally[usize::from(CLASS[usize::from(byte)])] += 1;
        }
        let count = |class: u8| tally[usize::from(class)] as usize;
        let colons = count(COLON);
        let mut tight = count(CONTROL);
        if count(MARK) > 0 {
            let is_tight = |&(at, byte): &(usize, &u8)| {
                CLASS[usize::from(*byte)] == MARK && cell.get(at + 1) != Some(&b' ')
            };
            tight += cell.iter().enumerate().filter(is_tight).count();
        }
        // One `key:value` is text, more of them are cells.
        let joined = |&at: &usize| cell[at] == b':' && joins(cell, at);
        tight += usize::from(colons > 1 && (0..cell.len()).filter(joined).count() > 1);
        let (digits, letters, spaces) = (count(DIGIT), count(LETTER), count(SPACE));
        let others = cell.len() - digits - letters - spaces;
        Self { digits, letters, spaces, ats: count(AT), colons, tight, others }
    }

    pub(super) fn edge_quote(&self, cell: &[u8]) -> bool {
        let (first, last) = (cell[0], cell[cell.len() - 1]);
        self.others > 0
            && (first == b'"'
                || last == b'"' && cell.iter().filter(|&&b| b == b'"').count() > 1
                || first == b'\'')
    }
}

/// A colon with a letter, a digit after a letter, or another colon after it.
fn joins(cell: &[u8], colon: usize) -> bool {
    let digit = |at: Option<usize>| at.and_then(|at| cell.get(at)).is_some_and(u8::is_ascii_digit);
    let clock = digit(colon.checked_sub(1)) && digit(Some(colon + 1));
    !clock && !matches!(cell.get(colon + 1), None | Some(b' ' | b'/'))
}
