//! What single cells look like, by their shape: cheap enough to run on every sample cell.

use crate::csv::years::parse_years;

/// The shape of one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Nothing, or a sign for nothing: `-`, `n/a`.
    Blank,
    Email,
    LinkedInPerson,
    LinkedInCompany,
    /// A web address or a domain name.
    Web,
    /// A telephone number: with a plus sign, a leading zero or separators.
    Phone,
    /// As many digits as a telephone number, and nothing else.
    LongNumber,
    /// `+34`: the prefix of a country.
    DialCode,
    Date,
    /// A number of years that a person may have spent somewhere: `3`, `2.5`, `4 years`,
    /// `1 yr 4 mos`.
    Years,
    /// Another number.
    Number,
    /// Yes or no.
    Flag,
    /// Something with words.
    Text,
}

impl Shape {
    /// Number of shapes.
    pub(super) const COUNT: usize = Self::Text as usize + 1;
}

/// Longest cell that is looked into, in bytes; a longer one is text.
const CELL_BYTES_MAX: usize = 256;
/// Digits of a telephone number with its country (E.164 allows 15).
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

const FLAGS: [&str; 20] = [
    "yes",
    "no",
    "true",
    "false",
    "y",
    "n",
    "t",
    "f",
    "si",
    "sí",
    "oui",
    "non",
    "ja",
    "nein",
    "nee",
    "sim",
    "não",
    "verdadero",
    "falso",
    "nej",
];
const BLANKS: [&str; 10] = ["-", "--", "n/a", "null", "none", "unknown", "?", ".", "#n/a", "nan"];

/// Counts of the bytes of a cell, in one pass.
#[derive(Default)]
struct Counts {
    digits: usize,
    letters: usize,
    spaces: usize,
    dots: usize,
    signs: usize,
    others: usize,
}

/// The shape of `cell`.
pub(super) fn shape(cell: &str) -> Shape {
    let cell = cell.trim();
    if cell.is_empty() || is_any(&BLANKS, cell) {
        return Shape::Blank;
    }
    if cell.len() > CELL_BYTES_MAX {
        return Shape::Text;
    }
    let mut counts = Counts::default();
    for byte in cell.bytes() {
        match byte {
            b'0'..=b'9' => counts.digits += 1,
            b'a'..=b'z' | b'A'..=b'Z' | 128.. => counts.letters += 1,
            b' ' => counts.spaces += 1,
            b'.' => counts.dots += 1,
            b'+' | b'-' | b'(' | b')' | b'/' => counts.signs += 1,
            _ => counts.others += 1,
        }
    }
    if counts.others > 0 && is_email(cell) {
        return Shape::Email;
    }
    if counts.letters > 0
        && counts.dots > 0
        && let Some(shape) = web(cell)
    {
        return shape;
    }
    if counts.digits > 0
        && let Some(shape) = number(cell, &counts)
    {
        return shape;
    }
    if is_any(&FLAGS, cell) { Shape::Flag } else { Shape::Text }
}

fn is_any(words: &[&str], cell: &str) -> bool {
    words.iter().any(|word| word.len() == cell.len() && word.eq_ignore_ascii_case(cell))
}

/// An at sign with something before it, and a dot after it.
fn is_email(cell: &str) -> bool {
    cell.split_once('@').is_some_and(|(local, domain)| {
        let ends = |c: char| !c.is_whitespace() && !matches!(c, ',' | ';');
        local.ends_with(ends) && domain.starts_with(ends) && domain.contains('.')
    })
}

fn web(cell: &str) -> Option<Shape> {
    let lower = cell.to_ascii_lowercase();
    if let Some((_, path)) = lower.split_once("linkedin.com/") {
        let person = ["in/", "pub/", "sales/lead", "sales/people", "profile/"];
        let is_person = person.iter().any(|start| path.starts_with(start));
        return Some(if is_person { Shape::LinkedInPerson } else { Shape::LinkedInCompany });
    }
    let without_scheme = lower.split_once("://").map_or(lower.as_str(), |(_, rest)| rest);
    let host = without_scheme.split(['/', '?', '#', ':']).next()?;
    let (name, top) = host.rsplit_once('.')?;
    let is_label = |label: &str| {
        !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
    };
    let is_domain = name.split('.').all(is_label)
        && top.chars().count() >= 2
        && (top.chars().all(char::is_alphabetic) || top.starts_with("xn--"));
    is_domain.then_some(Shape::Web)
}

fn number(cell: &str, counts: &Counts) -> Option<Shape> {
    if counts.letters > 0 {
        let years = parse_years(cell).map(|_| Shape::Years);
        return years.or_else(|| extension(cell, counts));
    }
    if is_date(cell) {
        return Some(Shape::Date);
    }
    let only_phone_bytes = counts.others == 0;
    let plain = counts.spaces + counts.dots + counts.signs == 0;
    if only_phone_bytes && PHONE_DIGITS.contains(&counts.digits) && !is_ip_address(cell) {
        let decimal = counts.dots == 1 && counts.spaces == 0 && counts.signs <= 1;
        let negative = cell.starts_with('-');
        return Some(match () {
            () if decimal || negative => Shape::Number,
            () if plain && !cell.starts_with('0') => Shape::LongNumber,
            () if plain && counts.digits < 9 => Shape::LongNumber,
            () => Shape::Phone,
        });
    }
    if only_phone_bytes && counts.digits <= 4 && (cell.starts_with('+') || cell.starts_with("00")) {
        return Some(Shape::DialCode);
    }
    if parse_years(cell).is_some() {
        return Some(Shape::Years);
    }
    (counts.others <= 3).then_some(Shape::Number)
}

/// `1-648-901-1274x3620`, `tel. 020 7946 0000`: a few letters among many digits.
fn extension(cell: &str, counts: &Counts) -> Option<Shape> {
    let digits_fit = counts.digits >= *PHONE_DIGITS.start() && counts.digits <= 20;
    let has_separator = counts.signs + counts.spaces + counts.dots > 0;
    let is_label = counts.letters <= 6 && counts.digits > counts.letters && counts.others <= 2;
    // An identifier such as `A-100-200-300` begins with a letter that is no label.
    let starts_well = cell.starts_with(['+', '(', '0'])
        || cell.starts_with(|c: char| c.is_ascii_digit())
        || cell.to_ascii_lowercase().starts_with("tel");
    let ends_well = cell.ends_with(|c: char| c.is_ascii_digit() || c == ')');
    (digits_fit && has_separator && is_label && starts_well && ends_well).then_some(Shape::Phone)
}

/// `2024-01-31`, `31/01/2024`, `31.1.24`, with or without a time.
fn is_date(cell: &str) -> bool {
    let day = cell.split([' ', 'T']).next().unwrap_or(cell);
    ['-', '/', '.'].iter().any(|&separator| {
        let mut parts =
            day.split(separator).map(|part| (part.len(), part.parse::<u32>().unwrap_or(u32::MAX)));
        let (Some(a), Some(b), Some(c), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return false;
        };
        let year = |(length, value): (usize, u32)| length == 4 && (1900..=2100).contains(&value);
        let month_or_day = |(length, value): (usize, u32)| length <= 2 && (1..=31).contains(&value);
        let short_year = |(length, value): (usize, u32)| length == 2 && value < 100;
        (year(a) && month_or_day(b) && month_or_day(c))
            || (month_or_day(a) && month_or_day(b) && (year(c) || short_year(c)))
    })
}

/// Four numbers below 256 with dots: also a way to write a telephone number, but rarely.
fn is_ip_address(cell: &str) -> bool {
    cell.split('.').count() == 4 && cell.split('.').all(|part| part.parse::<u8>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::{Shape, shape};

    #[test]
    fn shapes_are_told_apart() {
        let cases = [
            ("", Shape::Blank),
            (" n/a ", Shape::Blank),
            ("ada@example.com", Shape::Email),
            ("Ada <ada@example.com>", Shape::Email),
            ("@ada", Shape::Text),
            ("https://www.linkedin.com/in/ada/", Shape::LinkedInPerson),
            ("linkedin.com/company/example", Shape::LinkedInCompany),
            ("example.co.uk", Shape::Web),
            ("https://example.com/a?b=c", Shape::Web),
            ("St. James Ltd.", Shape::Text),
            ("+34 600 100 200", Shape::Phone),
            ("1-648-901-1274x3620", Shape::Phone),
            ("133.622.7535", Shape::Phone),
            ("0612345678", Shape::Phone),
            ("6001002003", Shape::LongNumber),
            ("192.168.10.20", Shape::Number),
            ("2024-01-31", Shape::Date),
            ("31/01/2024 10:00", Shape::Date),
            ("+34", Shape::DialCode),
            ("3", Shape::Years),
            ("2,5", Shape::Years),
            ("4 years", Shape::Years),
            ("1 yr 4 mos", Shape::Years),
            ("18 months", Shape::Years),
            ("5 лет", Shape::Years),
            ("3 AÑOS", Shape::Years),
            ("10 Young Street", Shape::Text),
            ("2019", Shape::Number),
            ("Yes", Shape::Flag),
            ("Head of Sales", Shape::Text),
        ];
        for (cell, expected) in cases {
            assert_eq!(shape(cell), expected, "{cell}");
        }
    }
}
