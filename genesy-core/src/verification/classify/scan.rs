//! One pass over a text: its phrases, and the sentences that nobody listed.

use aho_corasick::Input;

use super::names::Names;
use super::sentence::Sentence;
use super::sign::Signs;
use super::vocabulary::vocabulary;

/// What `text` says of `recipient`.
pub(super) fn signs(text: &str, recipient: Option<&str>) -> Signs {
    let Some(vocabulary) = vocabulary() else { return Signs::default() };
    let names = Names::new(text, recipient);
    let mut sentence = Sentence::new(text);
    let mut addresses = names.addresses().iter().peekable();
    let mut at = 0;
    while let Some(found) = vocabulary.automaton.find(Input::new(text).range(at..)) {
        let (start, end) = (found.start(), found.end());
        while let Some(address) = addresses.next_if(|address| address.start < end) {
            sentence.address(address);
        }
        let pattern = &vocabulary.patterns[found.pattern().as_usize()];
        let is_part = (pattern.starts_word && goes_on_before(text, start))
            || (pattern.ends_word && is_word_byte(text, end));
        // What is part of a longer word must not hide what begins in it: "or your" in "for your domain".
        at = if is_part { start + 1 } else { end };
        if !is_part && !names.contains(start, end, pattern.word) {
            sentence.word(pattern.word, start, end);
        }
    }
    for address in addresses {
        sentence.address(address);
    }
    sentence.end()
}

/// Whether what starts at `at` is the tail of a word, or of a number with dots such as an IP address.
fn goes_on_before(text: &str, at: usize) -> bool {
    let (bytes, before) = (text.as_bytes(), at.wrapping_sub(1));
    let is_in_number = bytes.get(before) == Some(&b'.') && bytes[at].is_ascii_digit();
    is_in_number || is_word_byte(text, before)
}

fn is_word_byte(text: &str, at: usize) -> bool {
    text.as_bytes().get(at).is_some_and(u8::is_ascii_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::signs;
    use crate::verification::classify::sign::Sign;

    #[test]
    fn a_predicate_belongs_to_the_noun_beside_it() {
        for (text, is_said) in [
            ("Mailbox <ada@example.com> could sadly not be found", true),
            ("unknown virtual user", true),
            ("Recipient address rejected: unknown reason", false),
            ("Recipient address rejected: invalid HELO", false),
            ("user given. Host unknown", false),
            ("If the account does not exist, ask", false),
            ("<ada@example.com> does not exist", true),
            ("<bob@example.com> does not exist", false),
            ("for your user unknown", true),
            ("ada@example.com... User unknown", true),
            ("Recipient unknown on this server", true),
            ("The host is unknown to this user", false),
            ("The server of the recipient is unknown", false),
            ("Пользователь на сервере не найден", true),
            ("Сервер получателя не найден", false),
        ] {
            let found = signs(text, Some("ada@example.com")).contains(Sign::NoSuchMailbox);
            assert_eq!(found, is_said, "{text}");
        }
    }
}
