//! Cells that were garbled before the file was written: `MuÃ±oz` in a file of windows-1252.
//!
//! Such a cell's bytes are UTF-8 again, whatever the file's encoding is, and look odd in all of
//! them; read as they stand they would speak for any encoding that happens to have letters there.

use super::super::mojibake;
use super::super::{CellDecoder, Encoding};
use super::cells::CELL_BYTES_MAX;
use super::{Cell, single_byte, words};

/// What a sequence of UTF-8 costs, in half nats: more than a letter that suits its place, less than
/// a letter and a symbol.
const SEQUENCE: i32 = 26;
/// What the first such cell costs: most files hold none.
const FIRST: i32 = 10;

/// The cells of a sample, those that were garbled apart.
pub(super) struct Parted<'a> {
    /// What tells the encoding.
    pub(super) plain: Vec<Cell<'a>>,
    /// How many cells were garbled, or look like it.
    pub(super) garbled: usize,
    /// What the garbled cells cost in an encoding that has garbled them.
    pub(super) cost: i32,
}

/// Sets apart the cells that [`mojibake::repair`] undoes with certainty; `None` if there are none, or
/// nothing else.
pub(super) fn part<'a>(cells: &[Cell<'a>], meaning: &dyn Fn(&str) -> bool) -> Option<Parted<'a>> {
    let mut garbled = Vec::new();
    let mut plain = Vec::new();
    let mut earned = 0;
    for cell in cells {
        match repaired(cell.bytes) {
            Some(text) => {
                earned += if words::is_known(&text, Encoding::Utf8, meaning) {
                    words::reward_of(cell)
                } else {
                    0
                };
                garbled.push(*cell);
            }
            None => plain.push(*cell),
        }
    }
    if garbled.is_empty() || plain.is_empty() {
        return None;
    }
    let sequences = single_byte::weight_of_leads(&single_byte::contexts(&garbled));
    // A known word explains its own letters, no more.
    let cost = FIRST + (SEQUENCE * sequences - earned).max(0);
    Some(Parted { plain, garbled: garbled.len(), cost })
}

/// The cell's text if its bytes are UTF-8 and, read as windows-1252, certainly garbled.
fn repaired(bytes: &[u8]) -> Option<String> {
    let text = whole_characters(bytes)?;
    let mut garbled = String::with_capacity(text.len() * 2);
    CellDecoder::new(Encoding::Windows1252).decode_cell(text.as_bytes(), &mut garbled);
    let repair = mojibake::repair(&garbled)?;
    // A cell garbled twice comes back further than one reading of its bytes.
    (repair.via.read_as == Encoding::Windows1252 && repair.text.len() <= text.len())
        .then_some(repair.text)
}

/// The bytes as UTF-8, without what is left of a character at an end where a long cell was cut.
fn whole_characters(bytes: &[u8]) -> Option<&str> {
    let is_cut = bytes.len() + 3 >= CELL_BYTES_MAX / 2;
    let rest = |byte: &&u8| is_cut && matches!(byte, 0x80..=0xBF);
    let start = bytes.iter().take(3).take_while(rest).count();
    match std::str::from_utf8(&bytes[start..]) {
        Ok(text) => Some(text),
        Err(error) if is_cut && error.error_len().is_none() => {
            std::str::from_utf8(&bytes[start..start + error.valid_up_to()]).ok()
        }
        Err(_) => None,
    }
}
