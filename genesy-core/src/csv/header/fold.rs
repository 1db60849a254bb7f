//! Headers reduced to what they say: words without case, accents and punctuation.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longest header that is looked at, in bytes: a longer one is a sentence or data.
pub(super) const HEADER_BYTES_MAX: usize = 128;

/// A header as words.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    /// Words outside brackets; all words when there are none outside.
    pub(super) outer: Vec<String>,
    /// Words inside brackets: `(work)`, `[required]`.
    pub(super) inner: Vec<String>,
}

/// Splits `text` into folded words at everything that is neither letter nor digit, between letters
/// and digits, and at the humps of camelCase.
pub(super) fn words(text: &str) -> Words {
    let mut splitter = Splitter::default();
    if text.len() > HEADER_BYTES_MAX {
        return splitter.done;
    }
    if text.is_ascii() {
        text.chars().for_each(|c| splitter.push(c));
    } else {
        text.nfkd().filter(|c| !is_combining_mark(*c)).for_each(|c| splitter.push(c));
    }
    splitter.finish()
}

/// All words of `text` run together: equal for texts that differ in case, accents and separators.
pub(super) fn key(text: &str) -> String {
    let words = words(text);
    let mut key = words.outer.concat();
    key.extend(words.inner);
    key
}

#[derive(Default)]
struct Splitter {
    done: Words,
    word: String,
    depth: u32,
    /// The character before, and the one before that.
    before: (char, char),
}

impl Splitter {
    fn push(&mut self, c: char) {
        let (earlier, previous) = self.before;
        self.before = (previous, c);
        match c {
            '(' | '[' | '{' | '<' | '【' | '「' | '〔' => {
                self.end_word();
                self.depth += 1;
            }
            ')' | ']' | '}' | '>' | '】' | '」' | '〕' => {
                self.end_word();
                self.depth = self.depth.saturating_sub(1);
            }
            // Tatweel only stretches an Arabic word; zero-width characters are invisible.
            'ـ' | '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{ad}' => self.before.1 = previous,
            c if c.is_alphanumeric() => {
                if c.is_ascii_digit() != previous.is_ascii_digit()
                    || (c.is_uppercase() && previous.is_lowercase())
                {
                    self.end_word();
                } else if c.is_lowercase() && previous.is_uppercase() && earlier.is_uppercase() {
                    self.end_word_before_last();
                }
                push_folded(&mut self.word, c);
            }
            _ => self.end_word(),
        }
    }

    fn end_word(&mut self) {
        if !self.word.is_empty() {
            let word = std::mem::take(&mut self.word);
            if self.depth == 0 { &mut self.done.outer } else { &mut self.done.inner }.push(word);
        }
    }

    /// `URLName`: the hump begins one letter earlier than it shows.
    fn end_word_before_last(&mut self) {
        let Some(last) = self.word.pop() else { return };
        self.end_word();
        self.word.push(last);
    }

    fn finish(mut self) -> Words {
        self.end_word();
        if self.done.outer.is_empty() {
            std::mem::swap(&mut self.done.outer, &mut self.done.inner);
        }
        self.done
    }
}

/// Letters that decomposition leaves alone but that people type without their stroke or hook.
fn push_folded(word: &mut String, c: char) {
    match c {
        'A'..='Z' => word.push(c.to_ascii_lowercase()),
        'a'..='z' | '0'..='9' => word.push(c),
        'ß' => word.push_str("ss"),
        'æ' | 'Æ' => word.push_str("ae"),
        'œ' | 'Œ' => word.push_str("oe"),
        'ł' | 'Ł' => word.push('l'),
        'ø' | 'Ø' => word.push('o'),
        'đ' | 'Đ' | 'ð' | 'Ð' => word.push('d'),
        'ı' => word.push('i'),
        'ς' => word.push('σ'),
        'ى' => word.push('ي'),
        'ة' => word.push('ه'),
        c => word.extend(c.to_lowercase().filter(|c| !is_combining_mark(*c))),
    }
}

#[cfg(test)]
mod tests {
    use super::{key, words};

    #[test]
    fn separators_case_and_accents_do_not_count() {
        for text in [
            "First Name",
            "firstName",
            "FIRST_NAME",
            " first-name:*",
            "\u{feff}\"First\u{a0}Name\"",
        ] {
            assert_eq!(key(text), "firstname", "{text}");
        }
        assert_eq!(key("Prénom"), key("PRENOM"));
        assert_eq!(key("Straße"), "strasse");
        assert_eq!(key("Ｅ－ｍａｉｌ"), "email");
    }

    #[test]
    fn words_end_at_humps_digits_and_brackets() {
        assert_eq!(words("companyURLName2").outer, ["company", "url", "name", "2"]);
        let bracketed = words("Phone (work)");
        assert_eq!((bracketed.outer, bracketed.inner), (vec!["phone".into()], vec!["work".into()]));
        assert_eq!(words("[Email]").outer, ["email"]);
    }
}
