//! What a cell reads as.

use super::cell_counts::Counts;

/// The kind of value that a cell looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum CellType {
    Empty,
    /// A word that stands for an empty cell: `NULL`, `N/A`, `-`.
    Null,
    Number,
    /// A date, a time or both.
    Date,
    Email,
    Url,
    Phone,
    /// Letters and digits without spaces: an identifier, a code, a postcode.
    Code,
    /// A few words.
    Text,
    /// A sentence or more.
    LongText,
    /// Something with delimiters or quotes where text has none.
    Odd,
}

impl CellType {
    /// How many types there are, for tables indexed by type.
    pub(super) const COUNT: usize = Self::Odd as usize + 1;

    /// How much a cell of this type says that the split is right, from 0 to 1.
    pub(super) const fn strength(self) -> f32 {
        match self {
            Self::Number | Self::Date | Self::Email | Self::Url | Self::Phone => 1.0,
            Self::Null | Self::Code => 0.9,
            Self::Text => 0.85,
            Self::LongText => 0.75,
            Self::Empty => 0.5,
            Self::Odd => 0.1,
        }
    }

    /// A type that a column name never has.
    pub(super) const fn is_data(self) -> bool {
        matches!(self, Self::Number | Self::Date | Self::Email | Self::Url | Self::Phone)
    }
}

/// Longer cells of text are sentences.
const SHORT_TEXT_BYTES_MAX: usize = 48;
/// A cell is read up to here.
const CELL_BYTES_MAX: usize = 200;

/// The type of a trimmed cell. In a quoted cell delimiters are ordinary text.
pub(super) fn cell_type(cell: &[u8], quoted: bool) -> CellType {
    if cell.is_empty() {
        return CellType::Empty;
    }
    let long = cell.len() > CELL_BYTES_MAX;
    let cell = &cell[..cell.len().min(CELL_BYTES_MAX)];
    let counts = Counts::of(cell);
    if !quoted && (counts.edge_quote(cell) || cell.ends_with(b"\\")) {
        return CellType::Odd;
    }
    if cell.eq_ignore_ascii_case(b"true") || cell.eq_ignore_ascii_case(b"false") {
        return CellType::Code;
    }
    if let Some(found) = value_type(cell, &counts) {
        return found;
    }
    if !quoted && (counts.tight > 0 || (cell.len() == 1 && counts.letters == 0)) {
        return CellType::Odd;
    }
    if counts.letters + counts.digits == 0 {
        return if quoted { CellType::Text } else { CellType::Odd };
    }
    if counts.digits > 0 && counts.spaces == 0 {
        return CellType::Code;
    }
    if long || cell.len() > SHORT_TEXT_BYTES_MAX { CellType::LongText } else { CellType::Text }
}

fn value_type(cell: &[u8], counts: &Counts) -> Option<CellType> {
    if is_null(cell) {
        return Some(CellType::Null);
    }
    if counts.ats > 0 {
        // An address among other words is a cell that was not split, but for `Ann <ann@example.com>`.
        let joined = counts.ats == 1 && counts.spaces > 0 && !cell.contains(&b'<');
        return match is_email(cell, counts) {
            true => Some(CellType::Email),
            false => joined.then_some(CellType::Odd),
        };
    }
    if counts.digits > 0 {
        if is_number(cell, counts) {
            return Some(CellType::Number);
        }
        if is_date(cell, counts) {
            return Some(CellType::Date);
        }
        if is_phone(cell, counts) {
            return Some(CellType::Phone);
        }
    }
    is_url(cell, counts).then_some(CellType::Url)
}

fn is_null(cell: &[u8]) -> bool {
    const NULLS: [&[u8]; 11] =
        [b"-", b"--", b"n/a", b"na", b"null", b"none", b"nan", b"\\n", b"#n/a", b"?", b"."];
    cell.len() <= 4 && NULLS.iter().any(|null| cell.eq_ignore_ascii_case(null))
}

fn is_email(cell: &[u8], counts: &Counts) -> bool {
    let Some(at) = cell.iter().position(|&b| b == b'@') else { return false };
    let domain = &cell[at + 1..];
    counts.ats == 1
        && counts.spaces == 0
        && counts.tight == 0
        && at > 0
        && domain.contains(&b'.')
        && !domain.iter().any(|b| matches!(b, b'"' | b':' | b'/' | b'\\'))
}

fn is_url(cell: &[u8], counts: &Counts) -> bool {
    let scheme = cell.windows(3).take(10).any(|w| w == b"://");
    if scheme || cell.get(..4).is_some_and(|w| w.eq_ignore_ascii_case(b"www.")) {
        // Semicolons and commas may stand in a query, but hardly in most cells of a column.
        return counts.spaces == 0 && counts.tight == 0;
    }
    false
}

/// An amount: sign, currency, thousands groups, decimal point or comma, exponent, percent.
fn is_number(cell: &[u8], counts: &Counts) -> bool {
    const CURRENCY_BYTES_MAX: usize = 3;
    let exponent = counts.letters == 1 && cell.iter().any(|b| matches!(b, b'e' | b'E'));
    if counts.colons > 0 || (counts.letters > CURRENCY_BYTES_MAX && !exponent) {
        return false;
    }
    let mut groups = Groups::default();
    let mut at = 0;
    while at < cell.len() {
        let byte = cell[at];
        match byte {
            b'0'..=b'9' => groups.digits += 1,
            b' ' if groups.has_decimals() && cell.get(at + 1).is_some_and(u8::is_ascii_digit) => {
                return false;
            }
            b',' | b'.' | b' ' | b'\'' => {
                if !groups.separator(byte, at + 1 == cell.len()) {
                    return false;
                }
            }
            b'+' | b'-' | b'(' if at == 0 => {}
            b'-' | b'+' if cell[at - 1].eq_ignore_ascii_case(&b'e') => {}
            b')' | b'-' if at + 1 == cell.len() => {}
            b'$' if groups.total + groups.digits == 0 => {}
            b'%' if at == 0 || at + 1 == cell.len() => {}
            b'e' | b'E' if exponent && at > 0 => groups = Groups { total: 1, ..Groups::default() },
            0x80.. => {}
            b'A'..=b'Z' if counts.letters == CURRENCY_BYTES_MAX && edge_word(cell) => {}
            _ => return false,
        }
        at += 1;
    }
    groups.end()
}

/// `EUR 12` or `12USD`; `VWZ1` is a name or a code.
fn edge_word(cell: &[u8]) -> bool {
    let currency = |word: &[u8; 3], beside: Option<&u8>| {
        word.iter().all(u8::is_ascii_uppercase)
            && (beside == Some(&b' ') || CURRENCIES.contains(&word))
    };
    cell.first_chunk::<3>().is_some_and(|word| currency(word, cell.get(3)))
        || cell.split_last_chunk::<3>().is_some_and(|(before, word)| currency(word, before.last()))
}

/// The currencies that are written without a space between them and the amount.
const CURRENCIES: [&[u8; 3]; 24] = [
    b"EUR", b"USD", b"GBP", b"CHF", b"JPY", b"CNY", b"INR", b"CAD", b"AUD", b"NZD", b"SEK", b"NOK",
    b"DKK", b"PLN", b"CZK", b"HUF", b"RON", b"BRL", b"MXN", b"ZAR", b"TRY", b"RUB", b"KRW", b"SGD",
];

/// Digit groups of a number, read from left to right.
#[derive(Default)]
struct Groups {
    digits: usize,
    total: usize,
    separators: [usize; 2],
    /// A group that is not of three digits: only the last separator may follow or precede it.
    irregular: usize,
    first_done: bool,
}

impl Groups {
    fn has_decimals(&self) -> bool {
        self.separators != [0, 0]
    }

    fn separator(&mut self, byte: u8, last: bool) -> bool {
        if byte == b' ' && self.digits == 0 {
            return true;
        }
        if byte != b'.' && self.digits == 0 || last {
            return byte == b'.' && last && self.digits > 0;
        }
        if self.first_done && self.digits != 3 || !self.first_done && self.digits > 3 {
            self.irregular += 1;
        }
        self.first_done = true;
        self.total += self.digits;
        self.digits = 0;
        if byte != b' ' {
            self.separators[usize::from(byte == b'.')] += 1;
        }
        self.separators.iter().all(|&count| count <= 1) || self.irregular == 0
    }

    fn end(&self) -> bool {
        let separators: usize = self.separators.iter().sum();
        let decimal = separators == 1 || (separators > 1 && self.separators.contains(&1));
        let fits = self.irregular == 0 && (decimal || self.digits == 3)
            || self.irregular <= 1 && separators == 1;
        self.total + self.digits > 0 && (!self.first_done || fits)
    }
}

/// Numeric dates and times, with `T`, `Z`, offsets and AM/PM, and dates with a month's name.
fn is_date(cell: &[u8], counts: &Counts) -> bool {
    const DATE_BYTES_MAX: usize = 40;
    // Year, month, day, hour, minute, second, fraction and the two of an offset.
    const DATE_GROUPS_MAX: usize = 9;
    if cell.len() > DATE_BYTES_MAX || counts.digits > 24 {
        return false;
    }
    let mut separators = 0;
    let mut run = 0;
    let mut groups = 0;
    let clock_letters =
        cell.iter().filter(|b| b.is_ascii_alphabetic()).all(|b| b"TZAPMUGCapm".contains(b));
    for &byte in cell {
        match byte {
            b'0'..=b'9' => run += 1,
            b'-' | b'/' | b'.' | b':' => {
                separators += 1;
                run = 0;
            }
            b' ' | b'T' | b'Z' | b'+' | b',' => run = 0,
            b'a'..=b'z' | b'A'..=b'Z' if counts.letters <= 12 => run = 0,
            _ => return false,
        }
        groups += usize::from(run == 1);
        if run > 9 || groups > DATE_GROUPS_MAX {
            return false;
        }
    }
    let named = counts.letters >= 3 && has_month(cell) && counts.digits >= 3;
    let clock = counts.colons >= 1 && counts.digits >= 3 && counts.letters <= 5;
    let calendar = separators >= 2 && (5..=24).contains(&counts.digits) && counts.letters <= 5;
    named || ((clock || calendar) && clock_letters && numeric_shape(cell))
}

fn numeric_shape(cell: &[u8]) -> bool {
    let first = cell.iter().take_while(|b| b.is_ascii_digit()).count();
    let second = cell[first..].iter().skip(1).take_while(|b| b.is_ascii_digit()).count();
    let tight_comma = cell.windows(2).any(|w| w[0] == b',' && w[1] != b' ');
    let parted = cell.get(first).is_some_and(|b| matches!(b, b'-' | b'/' | b'.' | b':'));
    parted && (1..=4).contains(&first) && (1..=4).contains(&second) && !tight_comma
}

/// A word that begins as a month does, and no other than days of the week and short ones (`AM`, `de`).
fn has_month(cell: &[u8]) -> bool {
    const MONTHS: [&[u8; 3]; 17] = [
        b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov",
        b"dec", b"ene", b"mai", b"okt", b"dez", b"abr",
    ];
    const DAYS: [&[u8; 3]; 7] = [b"mon", b"tue", b"wed", b"thu", b"fri", b"sat", b"sun"];
    let mut months = 0;
    for word in cell.split(|byte| !byte.is_ascii_alphabetic()) {
        let begins = |names: &[&[u8; 3]]| {
            word.get(..3).is_some_and(|w| names.iter().any(|name| w.eq_ignore_ascii_case(*name)))
        };
        if begins(&MONTHS) {
            months += 1;
        } else if word.len() > 3 && !begins(&DAYS) {
            return false;
        }
    }
    months > 0
}

/// Seven digits or more with the marks that people put between them, and an extension.
fn is_phone(cell: &[u8], counts: &Counts) -> bool {
    const PHONE_BYTES_MAX: usize = 32;
    let both = counts.spaces > 0 && cell.contains(&b'.') && !matches!(cell[0], b'+' | b'(');
    counts.digits >= 7
        && !both
        && cell.len() <= PHONE_BYTES_MAX
        && counts.letters <= 3
        && cell.iter().all(|b| {
            b.is_ascii_digit()
                || matches!(
                    b,
                    b'+' | b'-' | b'.' | b'(' | b')' | b' ' | b'/' | b'x' | b'e' | b't' | b'#'
                )
        })
}
