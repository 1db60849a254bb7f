//! The text of a reply, made fit to be stored and shown.

/// Adds the text of one line to `text`: blanks and controls become one space, and what is not UTF-8
/// becomes U+FFFD. Gives whether all of it fitted into `bytes_max`.
pub(super) fn append(text: &mut String, line: &[u8], bytes_max: usize) -> bool {
    let line = line.trim_ascii();
    if line.is_empty() {
        return true;
    }
    match std::str::from_utf8(line) {
        Ok(plain) if is_plain(line) => append_plain(text, plain, bytes_max),
        _ => append_odd(text, line, bytes_max),
    }
}

/// The text of one line where it needs no change, and so no memory.
#[inline]
pub(super) fn as_it_is(line: &[u8], bytes_max: usize) -> Option<&str> {
    let line = line.trim_ascii();
    if line.is_empty() {
        return Some("");
    }
    if line.len() > bytes_max || !is_plain(line) {
        return None;
    }
    str::from_utf8(line).ok()
}

/// Printable ASCII, no blank beside another. No early return, so that it compiles to SIMD.
fn is_plain(line: &[u8]) -> bool {
    let odd = line.iter().fold(false, |odd, octet| odd | !(b' '..=b'~').contains(octet));
    let doubled = line.iter().zip(line.iter().skip(1));
    !doubled.fold(odd, |odd, (one, next)| odd | ((*one == b' ') & (*next == b' ')))
}

fn append_plain(text: &mut String, line: &str, bytes_max: usize) -> bool {
    let space = usize::from(!text.is_empty());
    let Some(room) = bytes_max.checked_sub(text.len() + space).filter(|room| *room > 0) else {
        return false;
    };
    if space == 1 {
        text.push(' ');
    }
    match line.get(..room) {
        None => text.push_str(line),
        Some(start) => text.push_str(start.trim_ascii_end()),
    }
    line.len() <= room
}

fn append_odd(text: &mut String, line: &[u8], bytes_max: usize) -> bool {
    let mut blank = !text.is_empty();
    for chunk in line.utf8_chunks() {
        let invalid = (!chunk.invalid().is_empty()).then_some(char::REPLACEMENT_CHARACTER);
        for letter in chunk.valid().chars().chain(invalid) {
            if is_blank(letter) {
                blank = !text.is_empty();
                continue;
            }
            if text.len() + usize::from(blank) + letter.len_utf8() > bytes_max {
                return false;
            }
            if blank {
                text.push(' ');
                blank = false;
            }
            text.push(letter);
        }
    }
    true
}

/// What shows as no mark of its own: controls, blanks, and what changes the direction of the text.
fn is_blank(letter: char) -> bool {
    let changes_direction = matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    letter.is_control() || letter.is_whitespace() || changes_direction || letter == '\u{feff}'
}

#[cfg(test)]
mod tests {
    use super::append;

    fn joined(lines: &[&[u8]], bytes_max: usize) -> (String, bool) {
        let mut text = String::new();
        let fits = lines.iter().all(|line| append(&mut text, line, bytes_max));
        (text, fits)
    }

    #[test]
    fn blanks_controls_and_foreign_bytes() {
        for (lines, expected) in [
            (&[b"one".as_slice(), b"", b" two  three ", b"\t"] as &[&[u8]], "one two three"),
            (&[b"a\x00\x1b[31mb\x7fc\rd"], "a [31mb c d"),
            (&[b"bo\xeete inconnue"], "bo\u{fffd}te inconnue"),
            (&["bo\u{ee}te\u{a0}\u{202e}x".as_bytes()], "bo\u{ee}te x"),
            (&[b" \x00 ", b"\x01x"], "x"),
        ] {
            assert_eq!(joined(lines, 100), (expected.to_owned(), true));
        }
    }

    #[test]
    fn is_cut_between_letters() {
        assert_eq!(joined(&[b"abc def"], 7), ("abc def".to_owned(), true));
        assert_eq!(joined(&[b"abc def"], 6), ("abc de".to_owned(), false));
        assert_eq!(joined(&[b"abc def"], 4), ("abc".to_owned(), false));
        assert_eq!(joined(&["ab\u{e9}".as_bytes()], 3), ("ab".to_owned(), false));
        assert_eq!(joined(&[b"abc", b"def"], 4), ("abc".to_owned(), false));
        assert_eq!(joined(&[b"abc", b"\xffx"], 6), ("abc".to_owned(), false));
    }
}
