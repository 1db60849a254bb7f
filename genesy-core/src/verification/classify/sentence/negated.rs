//! How the parts of a predicate come together: see `parts`.

use super::super::parts::{DEEDS, FILLERS, NOUN_FILLERS, NOUN_FOLLOWERS, NOUNS_OF_EITHER, Stem};
use super::super::sign::Sign;
use super::{Noun, NounSide, Sentence, follower};

/// Bytes between "nobody" and his name or place at most.
const NAME_DISTANCE_MAX: usize = 40;

/// A negation that waits for what it negates.
#[derive(Debug, Clone, Copy)]
pub(super) struct Negation {
    start: usize,
    end: usize,
    /// "no", rather than "not".
    is_of_noun: bool,
}

impl Sentence<'_> {
    /// A negation from `start` to `end`: of the verb before it, or of what follows.
    pub(super) fn negate(&mut self, start: usize, end: usize, is_of_noun: bool) {
        self.settle(None, start);
        match self.inverted.take() {
            Some((verb_start, verb_end)) if self.is_filled(verb_end, start, FILLERS) => {
                self.predicate(Sign::NoSuchMailbox, NounSide::Before, verb_start, end);
            }
            _ => self.negation = Some(Negation { start, end, is_of_noun }),
        }
    }

    /// What a mailbox that is there is: only its negation says something.
    pub(super) fn stem(&mut self, stem: Stem, start: usize, end: usize) {
        if matches!(stem, Stem::Adjective | Stem::Place) {
            self.name(start);
        }
        let negation =
            self.negation.filter(|negation| self.is_filled(negation.end, start, FILLERS));
        let Some(negation) = negation else {
            if stem == Stem::Inverted {
                self.inverted = Some((start, end));
            }
            return;
        };
        self.negation = None;
        let side = match stem {
            Stem::Adjective if negation.is_of_noun => NounSide::Behind,
            Stem::Knowing => NounSide::Behind,
            Stem::Adjective | Stem::Verb => NounSide::BeforeElseBehind,
            Stem::Inverted | Stem::Place => NounSide::Before,
        };
        self.predicate(Sign::NoSuchMailbox, side, negation.start, end);
    }

    /// Whether a noun for the recipient is negated, and is not part of another noun.
    pub(super) fn is_negated_noun(&mut self, start: usize, end: usize) -> bool {
        let Some(negation) = self.negation.take() else { return false };
        let is_of_either = self.text.get(start..end).is_some_and(|noun| {
            NOUNS_OF_EITHER.iter().any(|either| either.eq_ignore_ascii_case(noun))
        });
        let follower = self.text.get(end..).map_or("", follower);
        self.is_filled(negation.end, start, NOUN_FILLERS)
            && (follower.is_empty() || NOUN_FOLLOWERS.contains(&follower))
            && !is_of_either
            && (negation.is_of_noun || !self.is_of_other(negation.start))
            && !self.is_conditional(negation.start)
    }

    /// Whether what is said at `start` is said of another noun: "<another address> is not a known user".
    pub(super) fn is_of_other(&self, start: usize) -> bool {
        self.noun.is_some_and(|(noun, at)| {
            let is_told = self.text.get(at..start).is_some_and(|between| between.contains(": "));
            noun == Noun::Other && !is_told && !self.is_broken(at, start)
        })
    }

    /// Gives a name to "nobody", if it stands before `start`: it is the recipient then.
    pub(super) fn name(&mut self, start: usize) {
        let Some(end) = self.nobody_end.take() else { return };
        let between = self.text.get(end..start).unwrap_or_default();
        if between.len() <= NAME_DISTANCE_MAX && !DEEDS.iter().any(|deed| between.contains(deed)) {
            self.say(Sign::NoSuchMailbox);
        }
    }

    /// Whether nothing but `fillers` stands between two places.
    fn is_filled(&self, from: usize, to: usize, fillers: &[&str]) -> bool {
        let between = self.text.get(from..to).unwrap_or_default();
        let mut words = between.split(' ').filter(|word| !word.is_empty());
        words.all(|word| fillers.iter().any(|filler| filler.eq_ignore_ascii_case(word)))
    }
}
