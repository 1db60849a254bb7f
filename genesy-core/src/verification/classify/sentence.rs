//! How the words of a text stand to each other.

mod negated;

use self::negated::Negation;
use super::names::Address;
use super::parts::Stem;
use super::rules::{CLOSED_SENTENCE, UNKNOWN_SENTENCE};
use super::sign::{Sign, Signs};
use super::vocabulary::Word;
use super::words::{DATIVES, FOLLOWERS, GENITIVES, MAIL_TO, PREPOSITIONS, PREPOSITIONS_ELSEWHERE};

/// Bytes between a noun and its predicate at most: an address fits in.
const PREDICATE_DISTANCE_MAX: usize = 120;

/// Bytes between a predicate and the noun behind it at most: "unknown virtual user".
const NOUN_DISTANCE_MAX: usize = 20;

/// Bytes before a text begins to say something at most: "sorry, ".
const OPENING_BYTES_MAX: usize = 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Noun {
    Recipient,
    Other,
    /// An address that differs from the recipient's in its domain: that may be another name of the same.
    Alias,
}

/// Where the noun of a predicate stands.
#[derive(Debug, Clone, Copy)]
enum NounSide {
    Before,
    Behind,
    /// Behind, unless one is before.
    BeforeElseBehind,
    Either,
}

/// A predicate that waits for the word behind it: that may be its noun.
struct Pending {
    end: usize,
    sign: Sign,
    /// It may belong to a noun on either side.
    is_adjective: bool,
    /// The noun before it is the recipient, and counts if none follows.
    has_noun: bool,
}

/// Which noun stands before a word, and what a predicate waits for.
pub(super) struct Sentence<'a> {
    text: &'a str,
    signs: Signs,
    noun: Option<(Noun, usize)>,
    pending: Option<Pending>,
    /// Said of a noun that ends there, unless that is part of another one: "invalid email format".
    unconfirmed: Option<(Sign, usize)>,
    conditional_end: Option<usize>,
    negation: Option<Negation>,
    /// Where a verb that may be negated behind itself starts and ends.
    inverted: Option<(usize, usize)>,
    /// The end of "nobody", who may be given a name.
    nobody_end: Option<usize>,
    /// The end of a predicate that begins the text: "not found: <address>".
    opening_end: Option<usize>,
}

impl<'a> Sentence<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            signs: Signs::default(),
            noun: None,
            pending: None,
            unconfirmed: None,
            conditional_end: None,
            negation: None,
            inverted: None,
            nobody_end: None,
            opening_end: None,
        }
    }

    pub(super) fn address(&mut self, address: &Address) {
        self.confirm(None);
        let noun = match self.noun {
            _ if address.is_recipient => Noun::Recipient,
            Some((noun, _)) if !address.is_other => noun,
            None if !address.is_other => Noun::Alias,
            _ => Noun::Other,
        };
        self.settle(Some((noun, address.end)), address.start);
        if let Some(end) = self.opening_end.take()
            && noun == Noun::Recipient
            && self.is_beside(end, address.start)
        {
            self.say(Sign::NoSuchMailbox);
        }
        if noun == Noun::Recipient {
            self.signs.insert(Sign::Recipient, UNKNOWN_SENTENCE);
        }
        let noun = if self.is_of_mail(address.start, address.end) { Noun::Other } else { noun };
        self.noun = Some((noun, address.end));
    }

    /// Whether `word` may say anything here: parts alone do not.
    pub(super) const fn heeds(&self, word: Word) -> bool {
        if matches!(word, Word::Stem(Stem::Verb | Stem::Adjective | Stem::Knowing | Stem::Place)) {
            self.negation.is_some() || self.nobody_end.is_some()
        } else {
            self.nobody_end.is_some() || !matches!(word, Word::Namer)
        }
    }

    pub(super) fn word(&mut self, word: Word, start: usize, end: usize) {
        self.confirm((word == Word::Other).then_some(start));
        match word {
            Word::Phrase(sign, rule) => {
                let is_of_client = matches!(sign, Sign::Sender | Sign::Policy | Sign::NoPtr);
                self.settle(is_of_client.then_some((Noun::Other, end)), start);
                let says_nobody =
                    matches!(sign, Sign::NoSuchMailbox | Sign::Closed | Sign::NoSuchDomain);
                let is_of_owner = self.is_led_by(Noun::Other, GENITIVES, start);
                if !(says_nobody && (is_of_owner || self.is_conditional(start))) {
                    self.signs.insert(sign, rule);
                }
                if matches!(sign, Sign::Sender) {
                    self.noun = Some((Noun::Other, end));
                }
            }
            Word::Recipient => self.recipient(start, end),
            Word::Other => self.other(start, end),
            Word::AbsentBehind => self.predicate(Sign::NoSuchMailbox, NounSide::Before, start, end),
            Word::AbsentBefore => self.predicate(Sign::NoSuchMailbox, NounSide::Behind, start, end),
            Word::AbsentAround => self.predicate(Sign::NoSuchMailbox, NounSide::Either, start, end),
            Word::Absent => {
                self.predicate(Sign::NoSuchMailbox, NounSide::Either, start, end);
                let follower = self.text.get(end..).map_or("", follower);
                let is_of_follower = !follower.is_empty() && !FOLLOWERS.contains(&follower);
                if let Some(pending) = self.pending.as_mut().filter(|_| is_of_follower) {
                    pending.has_noun = false;
                }
            }
            Word::Closed => self.predicate(Sign::Closed, NounSide::Before, start, end),
            Word::Neutral => {}
            Word::Negation => self.negate(start, end, false),
            Word::NegationOfNoun => self.negate(start, end, true),
            Word::Stem(stem) => self.stem(stem, start, end),
            Word::Nobody => {
                self.settle(None, start);
                self.nobody_end = (!self.is_conditional(start)).then_some(end);
            }
            Word::Namer => self.name(start),
            Word::Conditional => {
                self.settle(None, start);
                self.conditional_end = Some(end);
            }
        }
    }

    /// A noun for the recipient.
    fn recipient(&mut self, start: usize, end: usize) {
        self.signs.insert(Sign::Recipient, UNKNOWN_SENTENCE);
        // "The user's home server": it is what he has.
        if self.is_possessive(end) {
            return;
        }
        self.settle(Some((Noun::Recipient, end)), start);
        self.name(start);
        if self.is_negated_noun(start, end) {
            self.unconfirmed = Some((Sign::NoSuchMailbox, end));
        }
        // "The server of the recipient was not found": it is the server that was not.
        let is_owner = self.is_led_by(Noun::Other, GENITIVES, start) || self.is_of_mail(start, end);
        self.noun = Some((if is_owner { Noun::Other } else { Noun::Recipient }, end));
    }

    /// A noun for anything else.
    fn other(&mut self, start: usize, end: usize) {
        self.settle(Some((Noun::Other, end)), start);
        // "Пользователь на сервере не найден": it is still the user who is not found.
        let is_place = self.is_led_by(Noun::Recipient, PREPOSITIONS_ELSEWHERE, start);
        // "The recipient of this message is not known": it is still the recipient, too.
        let is_message = self.text.get(start..end).is_some_and(|noun| noun.starts_with("message"))
            && self.is_led_by(Noun::Recipient, GENITIVES, start);
        let noun = if is_place || is_message { Noun::Recipient } else { Noun::Other };
        self.noun = Some((noun, end));
    }

    /// A predicate from `start` to `end`, whose noun stands on `side`.
    fn predicate(&mut self, sign: Sign, side: NounSide, start: usize, end: usize) {
        self.settle(None, start);
        if self.is_conditional(start) {
            return;
        }
        let noun = self.noun.filter(|(_, at)| {
            start.saturating_sub(*at) <= PREDICATE_DISTANCE_MAX && !self.is_broken(*at, start)
        });
        let has_noun = noun.is_some_and(|(noun, _)| noun == Noun::Recipient);
        match side {
            NounSide::Before | NounSide::BeforeElseBehind
                if has_noun || self.is_opening(start, end) =>
            {
                self.say(sign);
            }
            NounSide::Before => self.open(start, end),
            NounSide::Behind => {
                self.pending = Some(Pending { end, sign, is_adjective: false, has_noun: false });
            }
            NounSide::BeforeElseBehind if self.is_of_other(start) => {}
            NounSide::BeforeElseBehind => {
                self.pending = Some(Pending { end, sign, is_adjective: true, has_noun: false });
                self.open(start, end);
            }
            NounSide::Either => {
                self.pending = Some(Pending { end, sign, is_adjective: true, has_noun });
                self.open(start, end);
            }
        }
    }

    /// Keeps the end of a predicate that begins the text: the recipient's address may follow.
    fn open(&mut self, start: usize, end: usize) {
        if self.noun.is_none() && start <= OPENING_BYTES_MAX {
            self.opening_end = Some(end);
        }
    }

    /// Whether nothing but signs stand between two places.
    fn is_beside(&self, from: usize, to: usize) -> bool {
        self.text
            .get(from..to)
            .is_some_and(|between| between.bytes().all(|byte| b" :<('\"[".contains(&byte)))
    }

    /// Whether a word that ends at `end` is the owner of what follows.
    fn is_possessive(&self, end: usize) -> bool {
        self.text.get(..end).is_some_and(|word| word.ends_with("'s"))
            || self.text.get(end..).is_some_and(|behind| behind.starts_with("'s "))
    }

    /// Whether a recipient is only who the mail was for, and nothing is told of him: "mail to ada: unknown".
    fn is_of_mail(&self, start: usize, end: usize) -> bool {
        let before = self.text.get(..start).unwrap_or_default().trim_end_matches([' ', '<', '"']);
        let behind = self.text.get(end..).unwrap_or_default().trim_start_matches(['>', '"']);
        before.ends_with(['o', 'r', 'O', 'R'])
            && !behind.starts_with(':')
            && MAIL_TO.iter().any(|words| {
                let tail = before.len().checked_sub(words.len()).and_then(|at| before.get(at..));
                tail.is_some_and(|tail| tail.eq_ignore_ascii_case(words))
            })
    }

    /// Whether a predicate of a place begins the text, so that its noun is what the command named: "not
    /// known here".
    fn is_opening(&self, start: usize, end: usize) -> bool {
        let follower = self.text.get(end..).map_or("", follower);
        self.noun.is_none()
            && start <= OPENING_BYTES_MAX
            && matches!(follower, "here" | "at" | "on")
    }

    fn say(&mut self, sign: Sign) {
        let rule = if sign == Sign::Closed { CLOSED_SENTENCE } else { UNKNOWN_SENTENCE };
        self.signs.insert(sign, rule);
    }

    /// Says what was said of a noun, unless another noun is at `other_start`, right behind it.
    fn confirm(&mut self, other_start: Option<usize>) {
        if let Some((sign, noun_end)) = self.unconfirmed.take()
            && other_start != Some(noun_end + 1)
        {
            self.say(sign);
        }
    }

    /// Ends the wait of a predicate: `noun`, with its end, stands at `start`, or another word does, or the
    /// text ends.
    fn settle(&mut self, noun: Option<(Noun, usize)>, start: usize) {
        let Some(Pending { end, sign, is_adjective, has_noun }) = self.pending.take() else {
            return;
        };
        let between = self.text.get(end..start).unwrap_or_default();
        let is_near = between.len() <= NOUN_DISTANCE_MAX
            && !between.bytes().any(|byte| b".,;:!?()".contains(&byte));
        let is_place = leads(between, PREPOSITIONS) || leads(between, PREPOSITIONS_ELSEWHERE);
        let is_told = is_adjective && between.split(' ').any(|word| DATIVES.contains(&word));
        match noun.filter(|_| is_near) {
            Some((Noun::Recipient, _)) if (is_told || is_adjective && is_place) && !has_noun => {}
            Some((Noun::Recipient, end)) => self.unconfirmed = Some((sign, end)),
            Some((Noun::Other | Noun::Alias, _)) if has_noun && is_place => self.say(sign),
            None if has_noun => self.say(sign),
            Some((Noun::Other | Noun::Alias, _)) | None => {}
        }
    }

    /// Whether one of `words` leads from `noun` right before to what is at `start`.
    fn is_led_by(&self, noun: Noun, words: &[&str], start: usize) -> bool {
        self.noun.is_some_and(|(before, end)| {
            let between = self.text.get(end..start).unwrap_or_default();
            before == noun && between.len() <= NOUN_DISTANCE_MAX && leads(between, words)
        })
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

    pub(super) fn end(mut self) -> Signs {
        self.settle(None, self.text.len());
        self.confirm(None);
        self.signs
    }
}

/// Whether the first word behind a space, and so behind the end of a stem, is one of `words`.
fn leads(text: &str, words: &[&str]) -> bool {
    text.split([' ', '\'']).nth(1).is_some_and(|first| words.contains(&first))
}

/// The word behind a space at the front of `text`, if a letter of English begins it.
fn follower(text: &str) -> &str {
    let Some(text) = text.strip_prefix(' ').filter(|text| text.starts_with(is_letter)) else {
        return "";
    };
    text.split(|letter| !is_letter(letter)).next().unwrap_or_default()
}

const fn is_letter(letter: char) -> bool {
    letter.is_ascii_alphabetic()
}
