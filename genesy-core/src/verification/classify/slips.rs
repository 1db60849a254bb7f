//! Words that are misspelled: "Recepient unkown".
//!
//! Only a reply that says nothing else is looked at again, so that the usual ones cost no more.

use std::fmt::Write;

use super::names::ends_name;

/// Letters of a word at least. In shorter ones a slip makes another word.
const LETTERS_MIN: usize = 6;

/// The words that replies are understood by, and that are often misspelled; also those that stand against it.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "unknown", "mailbox", "mailboxes", "account", "accounts", "address", "addresses", "addressee", "username",
    "recipient", "recipients", "invalid", "existing", "existent", "nonexistent", "registered", "recognized",
    "recognised", "configured", "deliverable", "undeliverable", "unrouteable", "destination", "available",
    "unavailable", "disabled", "suspended", "inactive", "deactivated", "blocked", "blacklisted", "blocklisted",
    "rejected", "greylisted", "temporarily", "reputation", "authentication", "unauthorized", "permission",
    "exceeded", "message", "messages",
];

/// `text` with its slips mended, if it has some.
pub(super) fn mended(text: &str) -> Option<String> {
    let mut mended = String::new();
    let mut copied = 0;
    let mut at = 0;
    for word in text.split_inclusive(|letter: char| letter.is_ascii() && ends_name(&(letter as u8)))
    {
        let letters = word.trim_end_matches(|letter: char| !letter.is_ascii_alphabetic());
        if let Some(meant) = meant(letters) {
            write!(mended, "{}{meant}", text.get(copied..at)?).ok()?;
            copied = at + letters.len();
        }
        at += word.len();
    }
    (copied > 0).then(|| mended + text.get(copied..).unwrap_or_default())
}

/// The word that `word` is one slip from.
fn meant(word: &str) -> Option<&'static str> {
    let is_long =
        word.len() >= LETTERS_MIN && word.bytes().all(|letter| letter.is_ascii_alphabetic());
    if !is_long || WORDS.iter().any(|known| known.eq_ignore_ascii_case(word)) {
        return None;
    }
    WORDS.iter().copied().find(|known| is_slip(word.as_bytes(), known.as_bytes()))
}

/// Whether one letter too many, one too few, one wrong or two swapped make `word` of `known`, a word of seven
/// letters or more.
fn is_slip(word: &[u8], known: &[u8]) -> bool {
    const KNOWN_LETTERS_MIN: usize = LETTERS_MIN + 1;
    if known.len() < KNOWN_LETTERS_MIN || word.len().abs_diff(known.len()) > 1 {
        return false;
    }
    let is_same = |(one, other): &(&u8, &u8)| one.eq_ignore_ascii_case(other);
    let front = word.iter().zip(known).take_while(is_same).count();
    let (word, known) = (&word[front..], &known[front..]);
    let back = word.iter().rev().zip(known.iter().rev()).take_while(is_same).count();
    match (&word[..word.len() - back], &known[..known.len() - back]) {
        ([_], [_]) | ([_], []) | ([], [_]) => true,
        ([first, second], [one, other]) => {
            first.eq_ignore_ascii_case(other) && second.eq_ignore_ascii_case(one)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::mended;

    #[test]
    fn one_slip_in_a_long_word() {
        for (text, expected) in [
            ("Recepient unkown", Some("recipient unknown")),
            ("<x>: invlaid maibox.", Some("<x>: invalid mailbox.")),
            ("Reciepient unknwon", Some("recipient unknown")),
            ("unknown recipient", None),
            ("known accounts", None),
            ("accounts known", None),
            ("recepient@example.com", None),
            ("Addresss", Some("address")),
            ("", None),
            ("unbekannt \u{fffd}mpf", None),
        ] {
            assert_eq!(mended(text).as_deref(), expected, "{text}");
        }
    }
}
