//! Numbers written in plain digits, which are nearly all numbers of a file.
//!
//! A text is plain if it is of ASCII, and from its first `+` or digit on holds but digits, signs that
//! stand between digits, and at most one extension behind a label. Of such a text libphonenumber's
//! many regular expressions keep the digits and the extension, so one pass does. Other texts are
//! left to the phone library.

use super::digits::Digits;

/// A text with fewer digits is no number for libphonenumber, or one of its special cases.
const DIGITS_MIN: usize = 3;

/// Labels of extensions with the most digits that libphonenumber takes behind them. Longer labels come
/// before those that they begin with.
const EXTENSION_LABELS: [(&str, usize); 6] =
    [("extension", 20), ("extn", 20), ("ext", 20), ("anexo", 20), ("int", 9), ("x", 9)];

/// What one pass makes of a text.
pub(super) enum Scanned<'a> {
    Plain(Plain<'a>),
    /// The text is no number for libphonenumber.
    NotANumber,
    /// The text is not plain.
    Other,
}

/// A plain text, taken apart.
pub(super) struct Plain<'a> {
    /// The number begins with `+`.
    pub(super) plus: bool,
    pub(super) digits: Digits,
    pub(super) extension: Option<&'a str>,
}

/// Takes a plain text apart.
pub(super) fn scan(text: &str) -> Scanned<'_> {
    let is_start = |byte: u8| byte == b'+' || byte.is_ascii_digit();
    let Some(start) = text.bytes().position(is_start) else { return Scanned::Other };
    let (before, signed) = text.split_at(start);
    if !before.is_ascii() || before.contains(';') {
        return Scanned::Other;
    }
    let number = signed.trim_start_matches('+');
    let plus = number.len() < signed.len();
    let mut digits = Digits::default();
    let mut slash = false;
    for (at, byte) in number.bytes().enumerate() {
        match byte {
            b'0'..=b'9' => {
                if !digits.push(byte - b'0') {
                    return Scanned::Other;
                }
            }
            b' ' | b'-' | b'(' | b')' | b'.' | b'[' | b']' => {}
            b'/' => slash = true,
            b'+' if is_second_number(&number[at..], text) => return Scanned::NotANumber,
            // A slash and an extension may be a second number.
            _ if slash || digits.len() < DIGITS_MIN => return Scanned::Other,
            _ => {
                return match extension(&number[at..]) {
                    None => Scanned::Other,
                    extension => Scanned::Plain(Plain { plus, digits, extension }),
                };
            }
        }
    }
    match digits.len() < DIGITS_MIN {
        true => Scanned::Other,
        false => Scanned::Plain(Plain { plus, digits, extension: None }),
    }
}

/// A `+` stands only before a number. What libphonenumber cuts off a text first is its end without
/// digits, parameters behind a `;`, and what is behind a slash and an `x`.
fn is_second_number(from_sign: &str, text: &str) -> bool {
    from_sign.bytes().any(|byte| byte.is_ascii_digit()) && !text.contains([';', 'x'])
}

/// The digits of an extension that is all there is from its label on.
fn extension(text: &str) -> Option<&str> {
    // A comma before no label announces an extension too, by rules of its own.
    let labelled = text.trim_start_matches([',', ' ']);
    let (label, digits_max) = EXTENSION_LABELS.into_iter().find(|(label, _)| {
        labelled.get(..label.len()).is_some_and(|start| start.eq_ignore_ascii_case(label))
    })?;
    let text = &labelled[label.len()..];
    let text = text.strip_prefix([':', '.']).unwrap_or(text).trim_start_matches([' ', ',', '-']);
    // As libphonenumber does, but for `#`, which it keeps.
    let digits = text.trim_end_matches(|c: char| c.is_ascii_punctuation() && c != '#' || c == ' ');
    let plain = (1..=digits_max).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then_some(digits)
}
