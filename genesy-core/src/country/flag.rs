//! Flag emoji: pairs of regional indicators, and the tag sequences of England, Scotland and Wales.
//!
//! Source: UTS #51, Unicode Emoji, annexes B (valid flag sequences) and C (tag sequences).

use super::Country;

/// Starts a tag sequence for a flag.
const BLACK_FLAG: char = '\u{1F3F4}';
/// Ends a tag sequence.
const CANCEL_TAG: char = '\u{E007F}';

/// Whether the text holds a character that flags are made of.
pub(super) fn has_flag(text: &str) -> bool {
    text.chars().any(|character| indicator(character).is_some() || character == BLACK_FLAG)
}

/// The codes of the flags in `text`, and the text without them.
pub(super) fn take_flags(text: &str) -> (Vec<[u8; 2]>, String) {
    let mut codes = Vec::new();
    let mut rest = String::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if let Some(first) = indicator(character) {
            let second = characters.peek().copied().and_then(indicator);
            if let Some(second) = second {
                characters.next();
                codes.push([first, second]);
            }
        } else if character == BLACK_FLAG {
            let mut tags = Vec::new();
            while let Some(tag) =
                characters.next_if(|&next| ('\u{E0020}'..=CANCEL_TAG).contains(&next))
            {
                tags.push(u8::try_from(u32::from(tag) - 0xE0000).unwrap_or(0).to_ascii_uppercase());
            }
            if let [first, second, ..] = *tags.as_slice() {
                codes.push([first, second]);
            }
        } else if character != '\u{FE0F}' {
            rest.push(character);
        }
    }
    (codes, rest)
}

/// The country of a flag's code. `🇺🇰` is drawn by few systems, and meant by those who type it.
pub(super) fn country(code: [u8; 2]) -> Option<Country> {
    Country::from_letters(if &code == b"UK" { *b"GB" } else { code })
}

fn indicator(character: char) -> Option<u8> {
    let offset = u32::from(character).checked_sub(0x1F1E6).filter(|&offset| offset < 26)?;
    u8::try_from(offset).ok().map(|offset| b'A' + offset)
}
