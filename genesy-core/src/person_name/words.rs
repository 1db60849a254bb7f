//! What a single word of a name can be.

use super::lists::{
    CONNECTORS, EAST_ASIAN_SURNAMES, IBERIAN_GIVEN_NAMES, IBERIAN_SURNAMES, INVOCATIONS, PARTICLES,
    SUFFIXES, SUFFIXES_BEHIND_COMMA, TITLES, TITLES_BEFORE_SURNAME, TITLES_WITH_STOP,
};

/// Signs between or around names: `&`, an emoji.
pub(super) fn is_without_letters(word: &str) -> bool {
    !word.contains(char::is_alphanumeric)
}

/// A remark rather than a name: `(she/her)`, `"Bill"`.
pub(super) fn is_in_brackets(word: &str) -> bool {
    word.starts_with(['(', '[', '"', '“', '„', '«', '‘'])
}

pub(super) fn is_title_before_surname(word: &str) -> bool {
    with_lower_case(word, |lower| TITLES_BEFORE_SURNAME.contains(&lower.trim_end_matches('.')))
}

pub(super) fn is_title(word: &str) -> bool {
    with_lower_case(word, |lower| {
        let bare = lower.trim_end_matches('.');
        TITLES.contains(&bare) || (bare != lower && TITLES_WITH_STOP.contains(&bare))
    })
}

pub(super) fn is_suffix(word: &str, behind_comma: bool) -> bool {
    with_lower_case(word, |lower| {
        let inner_stop = lower.trim_end_matches('.').contains('.');
        let is_in = |list: &[&str]| list.iter().any(|suffix| equal_without_stops(lower, suffix));
        is_in(SUFFIXES) || ((behind_comma || inner_stop) && is_in(SUFFIXES_BEHIND_COMMA))
    })
}

/// Three capitals or more, and hardly anything else.
pub(super) fn is_like_a_degree(word: &str) -> bool {
    let capitals = word.chars().filter(|c| c.is_uppercase()).count();
    let small = word.chars().filter(|c| c.is_lowercase()).count();
    capitals >= 3 && small < capitals
}

pub(super) fn is_particle(word: &str) -> bool {
    with_lower_case(word, |lower| PARTICLES.contains(&lower.trim_end_matches('.')))
}

pub(super) fn is_connector(word: &str) -> bool {
    // In capitals these are initials.
    CONNECTORS.contains(&word)
}

pub(super) fn is_invocation(word: &str) -> bool {
    with_lower_case(word, |lower| INVOCATIONS.contains(&lower))
}

pub(super) fn is_iberian_surname(word: &str) -> bool {
    with_lower_case(word, |lower| {
        let first = lower.split('-').next().unwrap_or(lower);
        IBERIAN_SURNAMES.contains(&first)
    })
}

pub(super) fn is_iberian_given_name(word: &str) -> bool {
    with_lower_case(word, |lower| IBERIAN_GIVEN_NAMES.contains(&lower.trim_end_matches('.')))
}

pub(super) fn is_east_asian_surname(word: &str) -> bool {
    with_lower_case(word, |lower| EAST_ASIAN_SURNAMES.contains(&lower))
}

/// One letter, or two with a stop each: `F.`, `J.R.`.
pub(super) fn is_initial(word: &str) -> bool {
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    letters == 1 || (letters <= 3 && word.contains('.') && !word.contains(char::is_lowercase))
}

/// At least `letters_min` letters, all of them capitals.
pub(super) fn is_in_capitals(word: &str, letters_min: usize) -> bool {
    !word.contains(char::is_lowercase)
        && word.chars().filter(|c| c.is_uppercase()).count() >= letters_min
}

/// Only Han, kana and Hangul, with the spaces and dots between them.
pub(super) fn is_east_asian(text: &str) -> bool {
    let script = |c: char| {
        matches!(c, '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}'
            | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}' | '\u{F900}'..='\u{FAFF}'
            | '\u{20000}'..='\u{2FA1F}')
    };
    let between = |c: char| c.is_whitespace() || matches!(c, '\u{00B7}' | ',' | '\u{FF0C}');
    text.chars().any(script) && text.chars().all(|c| script(c) || between(c))
}

/// Bytes of the longest word in the lists, with room to spare.
const LISTED_WORD_BYTES_MAX: usize = 24;

/// Calls `test` with the word in lower case; longer words than any list holds are not looked up.
fn with_lower_case(word: &str, test: impl Fn(&str) -> bool) -> bool {
    let mut bytes = [0; LISTED_WORD_BYTES_MAX];
    let mut length = 0;
    for c in word.chars().flat_map(char::to_lowercase) {
        let Some(free) = bytes.get_mut(length..length + c.len_utf8()) else { return false };
        length += c.encode_utf8(free).len();
    }
    std::str::from_utf8(&bytes[..length]).is_ok_and(test)
}

fn equal_without_stops(word: &str, suffix: &str) -> bool {
    word.bytes().filter(|&byte| byte != b'.').eq(suffix.bytes())
}
