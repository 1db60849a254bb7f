//! Cells without what cannot be seen around them.

/// `text` without white space, control characters and invisible marks around it.
pub(crate) fn trim(text: &str) -> &str {
    let bytes = text.as_bytes();
    // The usual cell begins and ends with a printable ASCII character.
    if let [first, .., last] | [first @ last] = bytes
        && first.is_ascii_graphic()
        && last.is_ascii_graphic()
    {
        return text;
    }
    text.trim_matches(|character: char| {
        character.is_whitespace()
            || character.is_control()
            || matches!(character, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}')
    })
}

#[cfg(test)]
mod tests {
    use super::trim;

    #[test]
    fn what_cannot_be_seen_is_taken_off() {
        for (text, trimmed) in [
            ("\u{FEFF}\u{A0} Ada\u{200B}\t", "Ada"),
            ("é", "é"),
            ("a", "a"),
            ("Ada ", "Ada"),
            (" \u{A0}", ""),
            ("", ""),
        ] {
            assert_eq!(trim(text), trimmed, "{text:?}");
        }
    }
}
