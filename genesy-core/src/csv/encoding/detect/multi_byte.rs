//! The cost of the characters that an East Asian encoding makes of the cells.

use super::super::CellDecoder;
use super::frequent::frequent;
use super::{Cell, Encoding};

/// Costs in half nats, of a character, which is two bytes as a rule.
mod cost {
    /// A sequence that is no character.
    pub(super) const MALFORMED: i32 = 60;
    /// A character of the language's frequent ones.
    pub(super) const FREQUENT: i32 = 12;
    /// Kana in Japanese.
    pub(super) const KANA: i32 = 9;
    /// A character of the standard's first level.
    pub(super) const FIRST_LEVEL: i32 = 19;
    /// A rarer one.
    pub(super) const RARE: i32 = 27;
    /// Punctuation and full-width forms.
    pub(super) const PUNCTUATION: i32 = 16;
    /// Greek and Cyrillic letters.
    pub(super) const OTHER_SCRIPT: i32 = 15;
    /// Accented Latin letters.
    pub(super) const LATIN: i32 = 26;
    /// Kana outside Japanese, half-width kana, symbols.
    pub(super) const ODD: i32 = 30;
    /// Anything but an apostrophe, a dash or a Latin letter right beside an ASCII letter.
    pub(super) const BESIDE_ASCII: i32 = 10;
}

/// Cells that are weighed. More change nothing: two or three decide.
const CELLS_MAX: usize = 64;

/// What `encoding` makes of the first [`CELLS_MAX`] cells, for non-ASCII bytes of this `weight`.
pub(super) fn cost(encoding: Encoding, cells: &[Cell<'_>], weight: i32) -> i32 {
    let decoder = CellDecoder::new(encoding);
    let mut text = String::new();
    let mut total = 0;
    let mut bytes = 0;
    for cell in &cells[..cells.len().min(CELLS_MAX)] {
        text.clear();
        decoder.decode_cell(cell.bytes, &mut text);
        total += cost_of_cell(encoding, cell.bytes, &text);
        bytes += cell.bytes.iter().filter(|byte| !byte.is_ascii()).count();
    }
    let scaled = i64::from(total) * i64::from(weight) / bytes.max(1) as i64;
    i32::try_from(scaled).unwrap_or(i32::MAX / 2)
}

/// Whether a byte of a cell starts a four-byte character of gb18030.
pub(super) fn has_four_byte_form(bytes: &[u8]) -> bool {
    let is_form =
        |form: &[u8]| matches!(form, [0x81..=0xFE, 0x30..=0x39, 0x81..=0xFE, 0x30..=0x39]);
    bytes.windows(4).any(is_form)
}

fn cost_of_cell(encoding: Encoding, bytes: &[u8], text: &str) -> i32 {
    let mut total = 0;
    let mut at = 0;
    let mut after_ascii = false;
    for character in text.chars() {
        if character.is_ascii() {
            at += 1;
            after_ascii = character.is_ascii_alphabetic();
            continue;
        }
        let lead = bytes.get(at).copied().unwrap_or(0);
        at += length(encoding, &bytes[at.min(bytes.len())..]);
        let before_ascii = bytes.get(at).is_some_and(u8::is_ascii_alphabetic);
        total += cost_of_character(encoding, character, lead);
        if !matches!(character, '\u{C0}'..='\u{17E}' | '‘' | '’' | '\u{2010}'..='\u{2015}') {
            total += cost::BESIDE_ASCII * (i32::from(after_ascii) + i32::from(before_ascii));
        }
        after_ascii = false;
    }
    total
}

/// Bytes of the character at the start of `bytes`.
fn length(encoding: Encoding, bytes: &[u8]) -> usize {
    match (encoding, bytes) {
        (Encoding::ShiftJis, [0xA1..=0xDF | 0x80, ..]) => 1,
        (Encoding::EucJp, [0x8F, ..]) => 3,
        (Encoding::Gbk, [_, 0x30..=0x39, ..]) => 4,
        _ => 2,
    }
}

fn cost_of_character(encoding: Encoding, character: char, lead: u8) -> i32 {
    let is_japanese = matches!(encoding, Encoding::ShiftJis | Encoding::EucJp);
    match character {
        char::REPLACEMENT_CHARACTER => cost::MALFORMED,
        '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FE}' if is_japanese => cost::KANA,
        '\u{30FB}' | '\u{B7}' if encoding != Encoding::EucKr => cost::PUNCTUATION,
        '\u{3000}'..='\u{3011}' | '\u{FF01}'..='\u{FF5E}' | '\u{2010}'..='\u{2026}' => {
            cost::PUNCTUATION
        }
        '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' => {
            if frequent(encoding).binary_search(&character).is_ok() {
                cost::FREQUENT
            } else if is_first_level(encoding, lead) {
                cost::FIRST_LEVEL
            } else {
                cost::RARE
            }
        }
        '\u{391}'..='\u{3C9}' | '\u{401}'..='\u{451}' => cost::OTHER_SCRIPT,
        '\u{C0}'..='\u{17E}' if character.is_alphabetic() => cost::LATIN,
        _ => cost::ODD,
    }
}

/// Whether characters with this first byte are of their standard's first level: GB 2312, Big5,
/// JIS X 0208, or the hangul of KS X 1001.
const fn is_first_level(encoding: Encoding, lead: u8) -> bool {
    match encoding {
        Encoding::ShiftJis => matches!(lead, 0x88..=0x98),
        Encoding::EucJp => matches!(lead, 0xB0..=0xCF),
        Encoding::Big5 => matches!(lead, 0xA4..=0xC6),
        Encoding::EucKr => matches!(lead, 0xB0..=0xC8),
        _ => matches!(lead, 0xB0..=0xD7),
    }
}
