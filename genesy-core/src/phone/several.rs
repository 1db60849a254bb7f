//! Several numbers in one cell: the first is taken, the rest is kept as text.

use super::cell::Outcome;

/// Fewer digits are an area code or an extension rather than a number of their own.
pub(super) const NUMBER_DIGITS_MIN: usize = 7;

/// Parts beyond these are left in the rest.
const PARTS_MAX: usize = 8;

/// Separators from the clearest to the least clear. A later group is tried only if the earlier ones
/// gave no number, since `/` and `,` also stand inside numbers (`0211/1234567`, `,,12`).
const SEPARATORS: [&[&str]; 4] = [
    // The three colons are Google Contacts'.
    &["\n", "\r", "|", ";", "\t", ":::"],
    &[
        " / ", " or ", " and ", " & ", " y ", " o ", " et ", " ou ", " und ", " oder ", " e ",
        " - ", " – ",
    ],
    &[","],
    &["/", "\\"],
];

/// Parameters of RFC 3966 and second extensions: here the separator belongs to the number.
const INSIDE_NUMBERS: [&str; 5] = [";ext=", ";isub=", ";phone-context=", "/x", "\\x"];

/// Words that announce an extension.
const EXTENSION_LABELS: [&str; 5] = ["extension", "ext", "x", "anexo", "int"];

/// The first number of `text`, and the length in bytes of the rest behind its separator.
///
/// `whole`, the text read as a whole, stands if the number is possible: an extension or a
/// punctuated number is never torn apart for a separator in it. The exception is an extension that
/// is itself a valid number (`600111222; 911234567`).
pub(super) fn first_number(
    text: &str,
    whole: Outcome,
    read: &impl Fn(&str) -> Outcome,
) -> (Outcome, Option<usize>) {
    let extension_bytes =
        whole.as_ref().ok().and_then(|(reading, _)| reading.extension.as_ref()).map(String::len);
    match &whole {
        Ok((reading, _)) if reading.possible => {
            if extension_bytes.is_none_or(|bytes| bytes < NUMBER_DIGITS_MIN) {
                return (whole, None);
            }
            match extension_that_is_a_number(text, read) {
                Some((first, rest)) => (read(first), Some(rest)),
                None => (whole, None),
            }
        }
        _ => match first_part(text, read) {
            Some((reading, rest)) => (reading, rest),
            None => (whole, None),
        },
    }
}

/// Splits `600111222; 911234567`, where libphonenumber would dial the second as an extension.
fn extension_that_is_a_number<'a>(
    text: &'a str,
    read: &impl Fn(&str) -> Outcome,
) -> Option<(&'a str, usize)> {
    let at = text.rfind([';', ','])?;
    let (first, rest) = (&text[..at], text[at + 1..].trim());
    if first.ends_with([',', ';']) || rest.contains('=') {
        return None;
    }
    let is_number = read(rest).is_ok_and(|(reading, _)| reading.valid());
    is_number.then_some((first, rest.len()))
}

/// The first part that is a possible number, at the clearest separators that give one.
fn first_part(text: &str, read: &impl Fn(&str) -> Outcome) -> Option<(Outcome, Option<usize>)> {
    // Most numbers that are not possible hold no separator at all.
    let begins_separator =
        |byte| matches!(byte, b'\n' | b'\r' | b'\t' | b'|' | b';' | b' ' | b',' | b'/' | b'\\');
    if !text.bytes().any(begins_separator) {
        return None;
    }
    for separators in SEPARATORS {
        let mut left = text;
        for _ in 0..PARTS_MAX {
            let (part, rest) = match next_separator(left, separators) {
                Some((start, end)) => (&left[..start], Some(left[end..].trim())),
                // Without a separator there is nothing new to read.
                None if left.len() == text.len() => break,
                None => (left, None),
            };
            // Only a part without digits is passed over (`Office | 600…`): what follows a broken
            // number is its tail, not a number of its own.
            if digits(part) > 0 {
                // Only the first group leaves parts that may hold a clear separator again.
                let (outcome, inner_rest) = first_number_of_part(part, separators, read);
                if digits(part) < NUMBER_DIGITS_MIN || !is_first_number(&outcome, rest) {
                    break;
                }
                if let Some(whole) = with_extension(part, rest, read) {
                    return Some((whole, None));
                }
                return Some((outcome, rest_length(left, rest, part, inner_rest)));
            }
            match rest {
                Some(rest) => left = rest,
                None => break,
            }
        }
    }
    None
}

/// A possible number before a further one, or a valid number before whatever there is (`785678/9`).
fn is_first_number(outcome: &Outcome, rest: Option<&str>) -> bool {
    let Ok((reading, _)) = outcome else { return false };
    let digits = digits(rest.unwrap_or_default());
    reading.valid() || reading.possible && (digits == 0 || digits >= NUMBER_DIGITS_MIN)
}

/// `(500) 234-5678 - Ext.: 58`: the separator stands before an extension, not a second number.
fn with_extension(
    part: &str,
    rest: Option<&str>,
    read: &impl Fn(&str) -> Outcome,
) -> Option<Outcome> {
    let rest = rest?;
    let label = EXTENSION_LABELS.iter().find(|label| {
        rest.get(..label.len()).is_some_and(|start| start.eq_ignore_ascii_case(label))
    })?;
    let digits = rest[label.len()..].trim_start_matches([' ', '.', ':', '-']);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let outcome = read(&format!("{};ext={digits}", part.trim()));
    let whole = outcome.as_ref().is_ok_and(|(reading, _)| reading.extension.is_some());
    whole.then_some(outcome)
}

/// A part of the clearest split may hold less clear separators (`a / b | c`).
fn first_number_of_part(
    part: &str,
    separators: &[&str],
    read: &impl Fn(&str) -> Outcome,
) -> (Outcome, Option<usize>) {
    if separators == SEPARATORS[0] {
        return first_number(part.trim(), read(part.trim()), read);
    }
    (read(part.trim()), None)
}

/// The rest counts from the end of the text, wherever in the parts it begins.
fn rest_length(
    left: &str,
    rest: Option<&str>,
    part: &str,
    inner_rest: Option<usize>,
) -> Option<usize> {
    let length = match inner_rest {
        Some(inner) => inner + left.trim_end().len() - part.trim_end().len(),
        None => rest?.len(),
    };
    let from = left.trim_end().len().checked_sub(length)?;
    (digits(left.trim_end().get(from..)?) > 0).then_some(length)
}

/// The range in bytes of the first separator, without case.
fn next_separator(text: &str, separators: &[&str]) -> Option<(usize, usize)> {
    // All separators begin with an ASCII sign, and most bytes are none of those.
    let begins = |byte: u8| separators.iter().any(|it| it.as_bytes().first() == Some(&byte));
    text.bytes().enumerate().filter(|(_, byte)| begins(*byte)).find_map(|(at, _)| {
        let length = separators.iter().map(|separator| separator.len()).find(|&length| {
            text.get(at..at + length).is_some_and(|candidate| {
                separators.iter().any(|separator| separator.eq_ignore_ascii_case(candidate))
            })
        })?;
        let inside = INSIDE_NUMBERS.iter().any(|parameter| text[at..].starts_with(parameter));
        (!inside).then_some((at, at + length))
    })
}

fn digits(text: &str) -> usize {
    text.chars().filter(|c| c.is_numeric()).count()
}
