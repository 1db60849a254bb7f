//! What the text of a header says, before any cell is looked at.

use super::synonyms::{self, Role, Synonym, letter_set};
use super::{Field, MappingReason, fold, fuzzy};

/// Most words of a header that are tried in another order: there are 3! orders.
const REORDERED_WORDS_MAX: usize = 3;
/// Words that tell the form of the value when they stand in brackets: `Country (ISO code)`.
const FORM_WORDS: [&str; 10] =
    ["code", "country", "url", "format", "required", "name", "number", "years", "first", "phone"];
/// What programs write where there is no header.
const GENERATED_WORDS: [&str; 14] = [
    "column", "col", "unnamed", "field", "spalte", "columna", "colonne", "coluna", "colonna",
    "kolumn", "kolonne", "kolom", "var", "c",
];

const CONFIDENCE_SYNONYM: f32 = 0.95;
const CONFIDENCE_WITHOUT_NOISE: f32 = 0.85;
const CONFIDENCE_ONE_EDIT: f32 = 0.7;
const CONFIDENCE_TWO_EDITS: f32 = 0.6;
/// Taken from a weak synonym's confidence.
const WEAK_PENALTY: f32 = 0.15;

/// What a header's text says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Said {
    /// It is (probably) this.
    Role { role: Named, confidence: f32, reason: MappingReason },
    /// It is none of ours, whatever the cells look like.
    NotOurs,
    /// It fits several fields: the cells decide freely.
    Ask,
    /// It is not known.
    Unknown,
    /// There is no header, or one that a program made up: the cells decide freely.
    Opaque,
}

/// A field, or a name of a person that may be the first, last or full one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    Field(Field),
    Name,
}

/// Reads a header. `fuzzy_allowed` bounds the cost of files with thousands of columns.
pub(super) fn read(header: &str, fuzzy_allowed: bool) -> Said {
    let words = fold::words(header);
    if is_opaque(&words.outer) {
        let too_long = header.len() > fold::HEADER_BYTES_MAX;
        return if too_long { Said::Unknown } else { Said::Opaque };
    }
    let inner_veto = words.inner.iter().any(|word| {
        let kinds = synonyms::word(word);
        (kinds.is_veto() || kinds.is_entity()) && !FORM_WORDS.contains(&word.as_str())
    });
    if !words.inner.is_empty() {
        let whole = [words.outer.concat(), words.inner.concat()].concat();
        if let Some(synonym) = synonyms::find(&whole) {
            return accept(synonym, CONFIDENCE_SYNONYM);
        }
    }
    if let Some(synonym) = synonyms::find(&words.outer.concat()) {
        return if inner_veto { Said::NotOurs } else { accept(synonym, CONFIDENCE_SYNONYM) };
    }
    if inner_veto {
        return Said::NotOurs;
    }
    // A veto word stays in the core, so a known core (`Last name`) has it as part of its meaning.
    let core: Vec<&str> = words
        .outer
        .iter()
        .map(String::as_str)
        .filter(|word| synonyms::word(word).is_veto() || says_something(word))
        .collect();
    let known = (!core.is_empty()).then(|| find_in_any_order(&core)).flatten();
    if let Some(synonym) = known {
        return accept(synonym, CONFIDENCE_WITHOUT_NOISE);
    }
    if words.outer.iter().any(|word| synonyms::word(word).is_veto()) {
        return Said::NotOurs;
    }
    if let Some(said) = alternatives(header) {
        return said;
    }
    if core.is_empty() {
        return Said::Unknown;
    }
    let slip = if fuzzy_allowed { find_nearly(&core.concat()) } else { None };
    if let Some((synonym, edits)) = slip {
        return accept_nearly(synonym, edits);
    }
    let about_others = words.outer.iter().any(|word| synonyms::word(word).is_entity());
    if about_others { Said::NotOurs } else { Said::Unknown }
}

/// No words at all, or `Column 3`, `Unnamed: 0`, `_c1`, `7`.
fn is_opaque(words: &[String]) -> bool {
    let is_number = |word: &String| word.bytes().all(|b| b.is_ascii_digit());
    match words {
        [] => true,
        [first, rest @ ..] => {
            (is_number(first) || GENERATED_WORDS.contains(&first.as_str()))
                && rest.iter().all(is_number)
        }
    }
}

fn says_something(word: &str) -> bool {
    !word.bytes().all(|b| b.is_ascii_digit()) && !synonyms::word(word).is_noise()
}

/// `Email / Correo`: every part that is known says the same.
fn alternatives(header: &str) -> Option<Said> {
    let mut parts =
        header.split(['/', '|', '\n', '·']).map(|part| synonyms::find(&fold::key(part)));
    let first = parts.next()??;
    let mut others = parts.peekable();
    others.peek()?;
    others
        .all(|part| part.is_some_and(|part| part.role() == first.role()))
        .then(|| accept(first, CONFIDENCE_WITHOUT_NOISE))
}

/// The words in their order, then in every other one.
fn find_in_any_order(words: &[&str]) -> Option<Synonym> {
    let found = synonyms::find(&words.concat());
    if found.is_some() || words.len() < 2 || words.len() > REORDERED_WORDS_MAX {
        return found;
    }
    match *words {
        [a, b] => synonyms::find(&[b, a].concat()),
        [a, b, c] => [[a, c, b], [b, a, c], [b, c, a], [c, a, b], [c, b, a]]
            .iter()
            .find_map(|order| synonyms::find(&order.concat())),
        _ => None,
    }
}

/// The nearest synonym within the edits allowed; none when two different roles are equally near.
/// The first letter must be right: slips there are rare, and it makes the search short.
fn find_nearly(key: &str) -> Option<(Synonym, usize)> {
    let letters: Vec<char> = key.chars().collect();
    let first = *letters.first()?;
    let edits_max = fuzzy::edits_allowed(letters.len());
    // Words are too short for edits in the scripts without an alphabet.
    if edits_max == 0 || !is_alphabetic_script(first) {
        return None;
    }
    let set = letter_set(&letters);
    let mut best: Option<(Synonym, usize)> = None;
    let mut ambiguous = false;
    for synonym in synonyms::beginning_with(first) {
        // An edit changes at most two bits of the set: cheap to rule out most entries.
        let far = (set ^ synonym.letter_set()).count_ones() as usize > 2 * edits_max;
        if far {
            continue;
        }
        let known: Vec<char> = synonym.key().chars().collect();
        if fuzzy::edits_allowed(known.len()) == 0 {
            continue;
        }
        let Some(edits) = fuzzy::distance_within(&letters, &known, edits_max) else {
            continue;
        };
        match best {
            Some((other, least)) if edits == least => ambiguous |= other.role() != synonym.role(),
            Some((_, least)) if edits > least => {}
            _ => (best, ambiguous) = (Some((synonym, edits)), false),
        }
    }
    best.filter(|_| !ambiguous)
}

const fn is_alphabetic_script(letter: char) -> bool {
    matches!(letter, 'a'..='z' | '\u{370}'..='\u{52f}')
}

fn accept(synonym: Synonym, confidence: f32) -> Said {
    let Some(role) = named(synonym.role()) else { return unnamed(synonym.role()) };
    if let Named::Field(field) = role {
        // The field's own name: `first_name`.
        if synonym.key().len() == field.as_str().len() - field.as_str().matches('_').count()
            && field.as_str().split('_').collect::<String>() == synonym.key()
        {
            return Said::Role {
                role,
                confidence: confidence + 0.05,
                reason: MappingReason::Exact,
            };
        }
    }
    let confidence = if synonym.is_weak() { confidence - WEAK_PENALTY } else { confidence };
    let reason = MappingReason::Synonym { language: synonym.language().to_owned() };
    Said::Role { role, confidence, reason }
}

fn accept_nearly(synonym: Synonym, edits: usize) -> Said {
    let Some(role) = named(synonym.role()) else { return unnamed(synonym.role()) };
    let confidence = if edits == 1 { CONFIDENCE_ONE_EDIT } else { CONFIDENCE_TWO_EDITS };
    let edits = u8::try_from(edits).unwrap_or(u8::MAX);
    let reason = MappingReason::Fuzzy { to: synonym.text().to_owned(), edits };
    Said::Role { role, confidence, reason }
}

const fn named(role: Role) -> Option<Named> {
    match role {
        Role::Field(field) => Some(Named::Field(field)),
        Role::Name => Some(Named::Name),
        Role::Content | Role::Other => None,
    }
}

const fn unnamed(role: Role) -> Said {
    match role {
        Role::Content => Said::Ask,
        Role::Other | Role::Field(_) | Role::Name => Said::NotOurs,
    }
}
