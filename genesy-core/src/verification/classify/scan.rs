//! One pass over a text: its phrases, and the sentences that nobody listed.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::rules::PHRASE_RULES;
use super::sign::{Sign, Signs};
use super::words::{
    ABSENT, ABSENT_BEFORE, ABSENT_BEHIND, CLOSED, CONDITIONAL, OTHER_NOUNS, RECIPIENT_NOUNS,
};

/// Bytes between a noun and its predicate at most: an address fits in.
const PREDICATE_DISTANCE_MAX: usize = 120;

/// Bytes between a predicate and the noun behind it at most: "unknown virtual user".
const NOUN_DISTANCE_MAX: usize = 20;

/// Addresses in one text that are told from its words at most.
const ADDRESSES_MAX: usize = 8;

/// The rule that a sentence was understood by.
pub(super) const UNKNOWN_SENTENCE: &str = "unknown-sentence";
pub(super) const CLOSED_SENTENCE: &str = "closed-sentence";

/// The part that a word plays in a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    /// It says something by itself.
    Phrase(Sign, &'static str),
    Recipient,
    Other,
    AbsentBehind,
    AbsentBefore,
    Absent,
    /// The word is in both lists.
    AbsentAround,
    Closed,
    Conditional,
}

#[derive(Clone, Copy)]
struct Pattern {
    word: Word,
    /// No letter or digit may stand before it, or behind it.
    starts_word: bool,
    ends_word: bool,
}

struct Vocabulary {
    automaton: AhoCorasick,
    patterns: Vec<Pattern>,
}

/// Built at the first use: a few milliseconds.
fn vocabulary() -> Option<&'static Vocabulary> {
    static VOCABULARY: OnceLock<Option<Vocabulary>> = OnceLock::new();
    VOCABULARY.get_or_init(Vocabulary::new).as_ref()
}

impl Vocabulary {
    /// `None` if the automaton were beyond the limits of its library; a test builds it.
    fn new() -> Option<Self> {
        let mut texts: Vec<String> = Vec::new();
        let mut patterns: Vec<Pattern> = Vec::new();
        let mut add = |listed: &'static str, word: Word| {
            let text = listed.trim_matches('*').to_owned();
            if let Some(at) = texts.iter().position(|known| *known == text) {
                let pattern = &mut patterns[at];
                if pattern.word == Word::AbsentBehind && word == Word::AbsentBefore {
                    pattern.word = Word::AbsentAround;
                }
                return;
            }
            let is_letter =
                |edge: Option<char>| edge.is_some_and(|edge| edge.is_ascii_alphanumeric());
            let first = text.chars().next();
            let pattern = Pattern {
                word,
                starts_word: !listed.starts_with('*') && is_letter(first),
                ends_word: !listed.ends_with('*') && is_letter(text.chars().next_back()),
            };
            // The automaton takes ASCII letters in either case, and the others as they are.
            if let Some(first) = first.filter(|first| !first.is_ascii() && first.is_lowercase()) {
                texts.push(first.to_uppercase().chain(text.chars().skip(1)).collect());
                patterns.push(pattern);
            }
            patterns.push(pattern);
            texts.push(text);
        };
        for rule in PHRASE_RULES {
            rule.phrases.iter().for_each(|phrase| add(phrase, Word::Phrase(rule.sign, rule.id)));
        }
        for (words, word) in [
            (CLOSED, Word::Closed),
            (ABSENT, Word::Absent),
            (ABSENT_BEHIND, Word::AbsentBehind),
            (ABSENT_BEFORE, Word::AbsentBefore),
            (RECIPIENT_NOUNS, Word::Recipient),
            (OTHER_NOUNS, Word::Other),
            (CONDITIONAL, Word::Conditional),
        ] {
            words.iter().for_each(|listed| add(listed, word));
        }
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::DFA))
            .build(&texts)
            .ok()?;
        Some(Self { automaton, patterns })
    }
}

/// What `text` says of `recipient`.
pub(super) fn signs(text: &str, recipient: Option<&str>) -> Signs {
    let Some(vocabulary) = vocabulary() else { return Signs::default() };
    let names = Names::new(text, recipient);
    let mut sentence = Sentence::new(text);
    let mut addresses = names.addresses().iter().peekable();
    for found in vocabulary.automaton.find_iter(text) {
        let (start, end) = (found.start(), found.end());
        while let Some(address) = addresses.next_if(|address| address.start < end) {
            sentence.address(address);
        }
        let pattern = &vocabulary.patterns[found.pattern().as_usize()];
        let is_part = (pattern.starts_word && goes_on_before(text, start))
            || (pattern.ends_word && is_word_byte(text, end));
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

/// An address in a text.
#[derive(Debug, Clone, Copy, Default)]
struct Address {
    start: usize,
    end: usize,
    is_recipient: bool,
}

/// The names in a text, whose words say nothing.
struct Names<'a> {
    text: &'a str,
    recipient: Option<(&'a str, &'a str)>,
    addresses: [Address; ADDRESSES_MAX],
    count: usize,
}

impl<'a> Names<'a> {
    fn new(text: &'a str, recipient: Option<&'a str>) -> Self {
        let mut addresses = [Address::default(); ADDRESSES_MAX];
        let mut count = 0_usize;
        let bytes = text.as_bytes();
        for at in memchr::memchr_iter(b'@', bytes) {
            let start = bytes[..at].iter().rposition(ends_name).map_or(0, |before| before + 1);
            let end =
                bytes[at..].iter().position(ends_name).map_or(bytes.len(), |behind| at + behind);
            // Sendmail: "ada@example.com...User unknown".
            let end = text[at..end].find("..").map_or(end, |dots| at + dots);
            let known = count.checked_sub(1).is_some_and(|last| addresses[last].end >= end);
            if count < ADDRESSES_MAX && !known {
                let name = text[start..end].trim_end_matches('.');
                let is_recipient =
                    recipient.is_some_and(|recipient| recipient.eq_ignore_ascii_case(name));
                addresses[count] = Address { start, end, is_recipient };
                count += 1;
            }
        }
        Self {
            text,
            recipient: recipient.and_then(|recipient| recipient.rsplit_once('@')),
            addresses,
            count,
        }
    }

    fn addresses(&self) -> &[Address] {
        &self.addresses[..self.count]
    }

    /// Whether a word is part of an address, or is the recipient's local part or domain.
    fn contains(&self, start: usize, end: usize, word: Word) -> bool {
        if self.addresses().iter().any(|address| address.start < end && start < address.end) {
            return true;
        }
        let Some((local_part, domain)) = self.recipient else { return false };
        let bytes = self.text.as_bytes();
        let name_start = bytes[..start].iter().rposition(ends_name).map_or(0, |before| before + 1);
        let name_end =
            bytes[end..].iter().position(ends_name).map_or(bytes.len(), |behind| end + behind);
        let Some(name) = self.text.get(name_start..name_end) else { return false };
        let name = name.trim_end_matches(['.', '!']);
        // A mailbox may be called "user": that word stays a noun.
        (name.eq_ignore_ascii_case(local_part) && word != Word::Recipient)
            || name
                .len()
                .checked_sub(domain.len())
                .and_then(|at| name.get(at..))
                .is_some_and(|tail| !domain.is_empty() && tail.eq_ignore_ascii_case(domain))
    }
}

/// What cannot be in an address that is not quoted (RFC 5321 §4.1.2).
fn ends_name(byte: &u8) -> bool {
    byte.is_ascii_whitespace() || b"<>()[]\"',;:".contains(byte)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Noun {
    Recipient,
    Other,
}

/// A predicate that waits for the word behind it: that may be its noun.
struct Pending {
    end: usize,
    sign: Sign,
    rule: &'static str,
    /// The noun before it is the recipient.
    has_noun: bool,
    wants_noun: bool,
}

struct Sentence<'a> {
    text: &'a str,
    signs: Signs,
    noun: Option<(Noun, usize)>,
    pending: Option<Pending>,
    conditional_end: Option<usize>,
}

impl<'a> Sentence<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, signs: Signs::default(), noun: None, pending: None, conditional_end: None }
    }

    fn address(&mut self, address: &Address) {
        let noun = if address.is_recipient { Noun::Recipient } else { Noun::Other };
        // An address says whom a predicate is about only if no noun of the recipient is beside it.
        if address.is_recipient || self.noun.is_none() {
            self.settle(Some(noun), address.start);
            self.noun = Some((noun, address.end));
        } else if let Some((_, end)) = &mut self.noun {
            *end = address.end;
        }
    }

    fn word(&mut self, word: Word, start: usize, end: usize) {
        match word {
            Word::Phrase(sign, rule) => {
                let is_of_client = matches!(sign, Sign::Sender | Sign::Policy | Sign::NoPtr);
                self.settle(is_of_client.then_some(Noun::Other), start);
                let says_nobody =
                    matches!(sign, Sign::NoSuchMailbox | Sign::Closed | Sign::NoSuchDomain);
                if !(says_nobody && self.is_conditional(start)) {
                    self.signs.insert(sign, rule);
                }
                if matches!(sign, Sign::Sender) {
                    self.noun = Some((Noun::Other, end));
                }
            }
            Word::Recipient => {
                self.settle(Some(Noun::Recipient), start);
                self.noun = Some((Noun::Recipient, end));
            }
            Word::Other => {
                self.settle(Some(Noun::Other), start);
                self.noun = Some((Noun::Other, end));
            }
            Word::AbsentBehind => {
                self.predicate(Sign::NoSuchMailbox, UNKNOWN_SENTENCE, (start, end), false, false)
            }
            Word::AbsentBefore => {
                self.predicate(Sign::NoSuchMailbox, UNKNOWN_SENTENCE, (start, end), true, true)
            }
            Word::AbsentAround | Word::Absent => {
                self.predicate(Sign::NoSuchMailbox, UNKNOWN_SENTENCE, (start, end), true, false);
            }
            Word::Closed => {
                self.predicate(Sign::Closed, CLOSED_SENTENCE, (start, end), true, false)
            }
            Word::Conditional => {
                self.settle(None, start);
                self.conditional_end = Some(end);
            }
        }
    }

    /// A predicate at `(start, end)`. `looks_on`: the word behind it may be its noun; `wants_noun`: only
    /// that one may.
    fn predicate(
        &mut self,
        sign: Sign,
        rule: &'static str,
        (start, end): (usize, usize),
        looks_on: bool,
        wants_noun: bool,
    ) {
        self.settle(None, start);
        if self.is_conditional(start) {
            return;
        }
        let noun = self.noun.filter(|(_, at)| {
            start.saturating_sub(*at) <= PREDICATE_DISTANCE_MAX && !self.is_broken(*at, start)
        });
        let has_noun = noun.is_some_and(|(noun, _)| noun == Noun::Recipient);
        if looks_on {
            self.pending = Some(Pending { end, sign, rule, has_noun, wants_noun });
        } else if has_noun {
            self.signs.insert(sign, rule);
        }
    }

    /// Ends the wait of a predicate: `noun` stands at `start`, or another word does, or the text ends.
    fn settle(&mut self, noun: Option<Noun>, start: usize) {
        let Some(Pending { end, sign, rule, has_noun, wants_noun }) = self.pending.take() else {
            return;
        };
        let between = self.text.as_bytes().get(end..start).unwrap_or_default();
        let is_near = between.len() <= NOUN_DISTANCE_MAX
            && !between.iter().any(|byte| b".,;:!?()".contains(byte));
        let is_said = match noun.filter(|_| is_near) {
            Some(Noun::Recipient) => true,
            Some(Noun::Other) => false,
            None => has_noun && !wants_noun,
        };
        if is_said {
            self.signs.insert(sign, rule);
        }
    }

    fn is_conditional(&self, start: usize) -> bool {
        self.conditional_end.is_some_and(|at| !self.is_broken(at, start))
    }

    /// Whether a sentence ends between two places.
    fn is_broken(&self, from: usize, to: usize) -> bool {
        let between = self.text.as_bytes().get(from..to).unwrap_or_default();
        between.windows(2).any(|pair| matches!(pair, [b'.' | b';' | b'!' | b'?', b' ']))
            && !between.starts_with(b"...")
            && !between.ends_with(b"... ")
    }

    fn end(mut self) -> Signs {
        self.settle(None, self.text.len());
        self.signs
    }
}

#[cfg(test)]
mod tests {
    use super::{Sign, Vocabulary, signs};
    use crate::verification::classify::rules::PHRASE_RULES;

    #[test]
    fn the_automaton_is_built_and_its_rules_are_named_once() {
        let vocabulary = Vocabulary::new().expect("within the limits");
        assert!(
            vocabulary.automaton.memory_usage() < 8 << 20,
            "{}",
            vocabulary.automaton.memory_usage()
        );
        for (at, rule) in PHRASE_RULES.iter().enumerate() {
            assert!(PHRASE_RULES[..at].iter().all(|other| other.id != rule.id), "{}", rule.id);
            assert!(!rule.source.is_empty());
            assert!(
                rule.phrases
                    .iter()
                    .all(|phrase| !phrase.bytes().any(|byte| byte.is_ascii_uppercase()))
            );
        }
    }

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
            ("ada@example.com... User unknown", true),
        ] {
            let found = signs(text, Some("ada@example.com")).contains(Sign::NoSuchMailbox);
            assert_eq!(found, is_said, "{text}");
        }
    }
}
