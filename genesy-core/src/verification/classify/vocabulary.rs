//! The words of all lists in one automaton.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::parts::{
    ADJECTIVES, INVERTED, KNOWING, NAMERS, NEGATIONS, NEGATIONS_OF_NOUN, NOBODY, PLACES, Stem,
    VERBS,
};
use super::rules::PHRASE_RULES;
use super::sign::Sign;
use super::words::{
    ABSENT, ABSENT_BEFORE, ABSENT_BEHIND, ABSENT_ELSEWHERE, CLOSED, CONDITIONAL, NEUTRAL,
    OTHER_NOUNS, RECIPIENT_NOUNS,
};

/// The part that a word plays in a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// It says something by itself.
    Phrase(Sign, &'static str),
    Recipient,
    Other,
    AbsentBehind,
    AbsentBefore,
    Absent,
    /// It may stand on either side.
    AbsentAround,
    Closed,
    Conditional,
    /// "not", which needs one of the next.
    Negation,
    /// "no", which needs one of the next, or a noun.
    NegationOfNoun,
    Stem(Stem),
    /// "nobody", which needs a name or a place.
    Nobody,
    /// What names somebody: "by that name".
    Namer,
    /// It only hides the words in it.
    Neutral,
}

#[derive(Clone, Copy)]
pub(super) struct Pattern {
    pub(super) word: Word,
    /// No letter or digit may stand before it, or behind it.
    pub(super) starts_word: bool,
    pub(super) ends_word: bool,
}

pub(super) struct Vocabulary {
    pub(super) automaton: AhoCorasick,
    pub(super) patterns: Vec<Pattern>,
}

/// Letters of a pattern that are looked up at once, rather than one after another.
const DENSE_DEPTH: usize = 3;

/// Built at the first use: a few milliseconds.
pub(super) fn vocabulary() -> Option<&'static Vocabulary> {
    static VOCABULARY: OnceLock<Option<Vocabulary>> = OnceLock::new();
    VOCABULARY.get_or_init(Vocabulary::new).as_ref()
}

impl Vocabulary {
    /// `None` if the automaton were beyond the limits of its library; a test builds it.
    fn new() -> Option<Self> {
        let mut texts: Vec<String> = Vec::new();
        let mut patterns: Vec<Pattern> = Vec::new();
        let mut known: BTreeMap<&'static str, usize> = BTreeMap::new();
        let mut add = |listed: &'static str, word: Word| {
            let text = listed.trim_matches('*');
            if let Some(at) = known.get(text) {
                let pattern = &mut patterns[*at];
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
            known.insert(text, patterns.len());
            patterns.push(pattern);
            texts.push(text.to_owned());
        };
        for rule in PHRASE_RULES {
            rule.phrases.iter().for_each(|phrase| add(phrase, Word::Phrase(rule.sign, rule.id)));
        }
        for (words, word) in [
            (CLOSED, Word::Closed),
            (ABSENT, Word::Absent),
            (ABSENT_ELSEWHERE, Word::AbsentAround),
            (ABSENT_BEHIND, Word::AbsentBehind),
            (ABSENT_BEFORE, Word::AbsentBefore),
            (RECIPIENT_NOUNS, Word::Recipient),
            (OTHER_NOUNS, Word::Other),
            (CONDITIONAL, Word::Conditional),
            (NEUTRAL, Word::Neutral),
            (NEGATIONS, Word::Negation),
            (NEGATIONS_OF_NOUN, Word::NegationOfNoun),
            (NOBODY, Word::Nobody),
            (ADJECTIVES, Word::Stem(Stem::Adjective)),
            (VERBS, Word::Stem(Stem::Verb)),
            (INVERTED, Word::Stem(Stem::Inverted)),
            (KNOWING, Word::Stem(Stem::Knowing)),
            (PLACES, Word::Stem(Stem::Place)),
            (NAMERS, Word::Namer),
        ] {
            words.iter().for_each(|listed| add(listed, word));
        }
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .ascii_case_insensitive(true)
            // A DFA is twice as fast, but takes 8 MB and several times as long to build.
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .dense_depth(DENSE_DEPTH)
            .build(&texts)
            .ok()?;
        Some(Self { automaton, patterns })
    }
}

#[cfg(test)]
mod tests {
    use super::{PHRASE_RULES, Vocabulary};

    /// Bytes of the automaton at most.
    const MEMORY_BYTES_MAX: usize = 1 << 20;

    #[test]
    fn the_automaton_is_built_and_its_rules_are_named_once() {
        let vocabulary = Vocabulary::new().expect("within the limits");
        let bytes = vocabulary.automaton.memory_usage();
        assert!(bytes < MEMORY_BYTES_MAX, "{bytes} bytes");
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
}
