//! Where the surname begins in a name without a comma.

use std::ops::Range;

use super::{Doubt, Words, words};

/// The word at which given names and surnames part, whether the surname comes first, and a doubt.
pub(super) fn find(name: &Words<'_>, range: Range<usize>) -> (usize, bool, Option<Doubt>) {
    let (start, end) = (range.start, range.end);
    if range.len() < 2 {
        return (end, false, (!range.is_empty()).then_some(Doubt::SingleWord));
    }
    if range.clone().all(|at| words::is_east_asian(name.word(at))) {
        let unclear = (range.len() > 2).then_some(Doubt::Middle);
        return (start + 1, true, unclear);
    }
    if let Some((at, surname_first)) = by_capitals(name, range.clone()) {
        return (at, surname_first, None);
    }
    let start = match by_particle(name, range.clone()) {
        Particle::Surname(at) => return (at, false, None),
        Particle::GivenNamesTo(at) => at,
    };
    let range = start..end;
    if range.len() == 2 {
        let [front, back] = [name.word(start), name.word(start + 1)];
        let reversed = words::is_east_asian_surname(front) && !words::is_east_asian_surname(back);
        return (start + 1, false, reversed.then_some(Doubt::Order));
    }
    let (at, unclear) = among_several(name, range);
    (at, false, unclear)
}

/// `LOVELACE Ada` and `Ada LOVELACE`: the capitals mark the surname.
fn by_capitals(name: &Words<'_>, range: Range<usize>) -> Option<(usize, bool)> {
    let mut all = range.clone().map(|at| name.word(at));
    if !all.any(|word| word.contains(char::is_lowercase)) {
        return None;
    }
    let trailing = range.clone().rev().take_while(|&at| words::is_in_capitals(name.word(at), 2));
    let trailing = trailing.count();
    // Two capitals in front are more often initials (`JP Morgan`).
    let leading = range.clone().take_while(|&at| words::is_in_capitals(name.word(at), 3)).count();
    let mixed = |mut rest: Range<usize>| {
        rest.all(|at| {
            let word = name.word(at);
            word.contains(char::is_lowercase) || words::is_initial(word)
        })
    };
    let particles = |from: usize| {
        (range.start + 1..from).rev().take_while(|&at| words::is_particle(name.word(at))).count()
    };
    if trailing > 0 && trailing < range.len() && mixed(range.start..range.end - trailing) {
        let from = range.end - trailing;
        return Some((from - particles(from), false));
    }
    let behind = range.start + leading;
    (leading > 0 && behind < range.end && mixed(behind..range.end)).then_some((behind, true))
}

/// What the particles of a name say.
enum Particle {
    /// The surname begins at this word.
    Surname(usize),
    /// This word is the last that is certainly a given name.
    GivenNamesTo(usize),
}

/// `Ludwig van Beethoven`, `José Ortega y Gasset`, `María del Carmen García`.
fn by_particle(name: &Words<'_>, range: Range<usize>) -> Particle {
    let mut at = range.start + 1;
    let mut given = range.start;
    while at + 1 < range.end {
        let word = name.word(at);
        if words::is_connector(word) && at > range.start + 1 {
            return Particle::Surname(at - 1);
        }
        if words::is_particle(word) {
            let run =
                (at..range.end - 1).take_while(|&at| words::is_particle(name.word(at))).count();
            let head = at + run;
            let invocation = words::is_invocation(name.word(head))
                && words::is_iberian_given_name(name.word(at - 1))
                && head + 1 < range.end;
            if !invocation {
                let before = (range.start + 1..at)
                    .find(|&before| words::is_iberian_surname(name.word(before)));
                return Particle::Surname(before.unwrap_or(at));
            }
            at = head;
            given = head;
        }
        at += 1;
    }
    Particle::GivenNamesTo(given)
}

/// Three words or more without a particle.
fn among_several(name: &Words<'_>, range: Range<usize>) -> (usize, Option<Doubt>) {
    let (start, last) = (range.start, range.end - 1);
    let middle = start + 1..last;
    let certain = |word: &str| words::is_initial(word) || words::is_in_brackets(word);
    if middle.clone().all(|at| certain(name.word(at))) {
        return (last, None);
    }
    let given = |at: usize| words::is_iberian_given_name(name.word(at));
    let surname = |at: usize| words::is_iberian_surname(name.word(at));
    if let Some(first_surname) = middle.clone().find(|&at| surname(at) && !given(at)) {
        return (first_surname, None);
    }
    if words::is_east_asian_surname(name.word(start)) {
        return (last, Some(Doubt::Order));
    }
    if surname(last) && given(start) {
        // `Luis Miguel Zubizarreta López` and `Ana Zubiri López` have two surnames, if the word
        // before the last is not a second given name.
        return match given(last - 1) {
            true => (last, None),
            false if given(last - 2) && last - 2 > start => (last - 1, None),
            false => (last - 1, Some(Doubt::Middle)),
        };
    }
    if range.len() == 4 && given(start) && given(start + 1) {
        return (start + 2, Some(Doubt::Middle));
    }
    (last, Some(Doubt::Middle))
}
