//! One pass over a text: its phrases, and the sentences that nobody listed.

use std::ops::Range;

use aho_corasick::{Input, Match};

use super::names::Names;
use super::sentence::Sentence;
use super::sign::Signs;
use super::vocabulary::{Vocabulary, vocabulary};

/// What `text` says of `recipient`.
pub(super) fn signs(text: &str, recipient: Option<&str>) -> Signs {
    let Some(vocabulary) = vocabulary() else { return Signs::default() };
    let names = Names::new(text, recipient);
    let mut sentence = Sentence::new(text);
    let mut at = 0;
    for address in names.addresses() {
        words(vocabulary, &names, at..address.start.max(at), &mut sentence);
        sentence.address(address);
        at = address.end;
    }
    words(vocabulary, &names, at..text.len(), &mut sentence);
    sentence.end()
}

/// Gives `sentence` the words of a part of its text that holds no address.
fn words(
    vocabulary: &Vocabulary,
    names: &Names<'_>,
    part: Range<usize>,
    sentence: &mut Sentence<'_>,
) {
    let mut rest = part;
    while let Some(found) = next_word(vocabulary, names.text(), rest.clone()) {
        let word = vocabulary.patterns[found.pattern().as_usize()].word;
        if sentence.heeds(word) && !names.contains(found.start(), found.end(), word) {
            sentence.word(word, found.start(), found.end());
        }
        rest.start = found.end();
    }
}

/// The first word in a part of `text`, and the longest of those that begin there.
fn next_word(vocabulary: &Vocabulary, text: &str, mut part: Range<usize>) -> Option<Match> {
    loop {
        let mut found = vocabulary.automaton.find(Input::new(text).range(part.clone()))?;
        let start = found.start();
        loop {
            let pattern = &vocabulary.patterns[found.pattern().as_usize()];
            if pattern.starts_word && goes_on_before(text, start) {
                break;
            }
            if !pattern.ends_word || !is_word_byte(text, found.end()) {
                return Some(found);
            }
            // "user name" is only the start of "user named", but "user" is whole.
            let shorter = Input::new(text).range(start..found.end() - 1);
            match vocabulary.automaton.find(shorter).filter(|shorter| shorter.start() == start) {
                Some(shorter) => found = shorter,
                None => break,
            }
        }
        // What is part of a longer word must not hide what begins in it: "or your" in "for your domain".
        part.start = start + 1;
    }
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
            ("The user's home server was not found", false),
            ("not known here", true),
            ("not found: <ada@example.com>", true),
            ("not found: <bob@example.org>", false),
        ] {
            let found = signs(text, Some("ada@example.com")).contains(Sign::NoSuchMailbox);
            assert_eq!(found, is_said, "{text}");
        }
    }

    #[test]
    fn a_negation_needs_what_it_negates() {
        for (text, is_said) in [
            ("The recipient could not currently be found", true),
            ("The recipient could not be reached", false),
            ("the recipient is found", false),
            ("Not a registered user", true),
            ("<bob@example.org> is not a registered user", false),
            ("no users here by that name", true),
            ("no user authentication", false),
            ("There is no such person at this address", true),
            ("not a member of this list", false),
            ("<ada@example.com> isn't in our list", true),
            ("The host isn't in our list", false),
            ("We do not recognise that mailbox", true),
            ("Adresse existiert hier nicht", true),
            ("Adresse existiert", false),
            ("nobody here is called ada", true),
            ("nobody may send to a user here", false),
            ("if there is no such user, ask", false),
        ] {
            let found = signs(text, Some("ada@example.com")).contains(Sign::NoSuchMailbox);
            assert_eq!(found, is_said, "{text}");
        }
    }
}
