//! Names of persons: splitting a full name into given names and surnames.
//!
//! No rule splits every name, so a split says where it doubts, and what is not understood stays
//! whole. Nothing is invented and no word is lost: titles, given names, surnames and suffixes
//! together hold the words of the input as they were written.

mod lists;
mod surname;
mod words;

use std::{borrow::Cow, fmt, ops::Range};

use serde::{Deserialize, Serialize};

/// Texts with more words are not names, and are not split.
const WORDS_MAX: usize = 16;

/// A full name in its parts. Parts are slices of the input unless white space had to be evened out
/// or titles stood in two places. `Debug` shows no part.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SplitName<'a> {
    /// Titles and forms of address before the name: `Dr.`, `Frau Prof.`.
    pub titles: Cow<'a, str>,
    /// Given names, middle names and initials; the whole name where it was not split.
    pub first: Cow<'a, str>,
    /// Surnames with their particles: `van der Berg`, `García López`. Empty if not split.
    pub last: Cow<'a, str>,
    /// Generations and degrees behind the name: `Jr.`, `III`, `PhD, MBA`.
    pub suffixes: Cow<'a, str>,
    /// Why the split may be wrong, `None` where the form of the name leaves little doubt.
    pub doubt: Option<Doubt>,
}

impl fmt::Debug for SplitName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SplitName").field("doubt", &self.doubt).finish_non_exhaustive()
    }
}

/// Why a split may be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Doubt {
    /// One word: given name, surname or nickname. It stands in `first`, or in `last` behind a title
    /// of address (`Mr. Smith`).
    SingleWord,
    /// A name in Chinese, Japanese or Korean script without a space. It stands in `first`, whole.
    Unspaced,
    /// The words in the middle may be given names or surnames.
    Middle,
    /// The first word is a usual surname of East Asia, where it comes first.
    Order,
    /// `M.` may be a title or an initial.
    TitleOrInitial,
    /// More commas than `Surname, Given, Suffix` has.
    Commas,
    /// Not a name: too many words, an address, digits. It stands in `first`, whole.
    NotAName,
}

/// Splits a full name: `Ada Lovelace`, `Lovelace, Ada`, `Dr. María José García López, PhD`.
pub fn split_full_name(name: &str) -> SplitName<'_> {
    let name = name.trim();
    let Some(words) = Words::of(name) else { return unsplit(name, Some(Doubt::NotAName)) };
    let odd = |c: char| c.is_ascii_digit() || matches!(c, '@' | '_');
    if name.contains(odd) {
        return unsplit(name, Some(Doubt::NotAName));
    }
    if let Some(split) = split_unspaced(name) {
        return split;
    }
    let mut parts = Parts::of(&words);
    let range = parts.without_titles_and_suffixes(&words);
    let mut doubt = words.doubtful_title(parts.titles.clone());
    let (first, last) = match parts.comma {
        Some(comma) => {
            // What libraries and registers write: the surname, a comma, the given names.
            doubt = doubt.or(parts.commas_doubt(&words));
            (comma..range.end, range.start..comma)
        }
        None => {
            let (start, surname_first, unclear) = surname::find(&words, range.clone());
            doubt = doubt.or(unclear);
            match surname_first {
                true => (start..range.end, range.start..start),
                false => (range.start..start, start..range.end),
            }
        }
    };
    let (inner_titles, first) = words.leading_titles(first);
    let addressed = parts.titles.clone().any(|at| words::is_title_before_surname(words.word(at)));
    let (first, last) = match addressed && last.is_empty() && first.len() == 1 {
        true => (last, first),
        false => (first, last),
    };
    SplitName {
        titles: join_words(words.text(parts.titles), words.text(inner_titles)),
        first: words.text(first),
        last: words.text(last),
        suffixes: join_words(words.text(parts.inner_suffixes), words.text(parts.suffixes)),
        doubt,
    }
}

/// Joins given names and surnames as a full name: a space between, the surname first in Chinese,
/// Japanese and Korean script.
pub fn join(first: &str, last: &str) -> String {
    let (first, last) = (first.trim(), last.trim());
    let family_first = words::is_east_asian(first) && words::is_east_asian(last);
    let (front, back) = if family_first { (last, first) } else { (first, last) };
    match (front.is_empty(), back.is_empty()) {
        (true, _) => back.to_owned(),
        (_, true) => front.to_owned(),
        _ => format!("{front} {back}"),
    }
}

fn unsplit(name: &str, doubt: Option<Doubt>) -> SplitName<'_> {
    SplitName {
        titles: Cow::Borrowed(""),
        first: Cow::Borrowed(name),
        last: Cow::Borrowed(""),
        suffixes: Cow::Borrowed(""),
        doubt: doubt.filter(|_| !name.is_empty()),
    }
}

/// East Asian script without a space: only the few two-character surnames show where to split.
fn split_unspaced(name: &str) -> Option<SplitName<'_>> {
    if !words::is_east_asian(name) || name.contains([' ', '\u{3000}', ',', '\u{FF0C}']) {
        return None;
    }
    let second = name.char_indices().nth(2).map(|(at, _)| at);
    let given = second.filter(|&at| {
        lists::COMPOUND_SURNAMES.contains(&&name[..at]) && name[at..].chars().count() <= 2
    });
    Some(match given {
        Some(at) => SplitName {
            first: Cow::Borrowed(&name[at..]),
            last: Cow::Borrowed(&name[..at]),
            ..unsplit(name, None)
        },
        None => unsplit(name, Some(Doubt::Unspaced)),
    })
}

fn join_words<'a>(front: Cow<'a, str>, back: Cow<'a, str>) -> Cow<'a, str> {
    match (front.is_empty(), back.is_empty()) {
        (true, _) => back,
        (_, true) => front,
        _ => Cow::Owned(format!("{front} {back}")),
    }
}

/// The words of a name, without allocation.
struct Words<'a> {
    name: &'a str,
    ranges: [(usize, usize); WORDS_MAX],
    /// Whether a comma stands before the word.
    after_comma: [bool; WORDS_MAX],
    count: usize,
}

impl<'a> Words<'a> {
    fn of(name: &'a str) -> Option<Self> {
        let mut words =
            Self { name, ranges: [(0, 0); WORDS_MAX], after_comma: [false; WORDS_MAX], count: 0 };
        let separates = |c: char| c.is_whitespace() || matches!(c, ',' | '\u{FF0C}' | ';');
        let mut behind = 0;
        for word in name.split(separates).filter(|word| !word.is_empty()) {
            let start = behind + name[behind..].find(word)?;
            let slot = words.ranges.get_mut(words.count)?;
            *slot = (start, start + word.len());
            let gap = &name[behind..start];
            words.after_comma[words.count] =
                words.count > 0 && gap.contains([',', '\u{FF0C}', ';']);
            words.count += 1;
            behind = start + word.len();
        }
        Some(words)
    }

    fn word(&self, index: usize) -> &'a str {
        let (start, end) = self.ranges[index];
        &self.name[start..end]
    }

    /// The words of a range as one text, white space evened out.
    fn text(&self, range: Range<usize>) -> Cow<'a, str> {
        if range.is_empty() {
            return Cow::Borrowed("");
        }
        let slice = &self.name[self.ranges[range.start].0..self.ranges[range.end - 1].1];
        let even = range.clone().skip(1).all(|index| {
            let gap = &self.name[self.ranges[index - 1].1..self.ranges[index].0];
            matches!(gap, " " | ", ")
        });
        match even {
            true => Cow::Borrowed(slice),
            false => Cow::Owned(range.map(|index| self.word(index)).collect::<Vec<_>>().join(" ")),
        }
    }

    /// Splits titles off the front of a range, leaving at least one word.
    fn leading_titles(&self, range: Range<usize>) -> (Range<usize>, Range<usize>) {
        let last = range.end.saturating_sub(1);
        let titles = (range.start..last).take_while(|&at| {
            words::is_title(self.word(at)) || words::is_without_letters(self.word(at))
        });
        let titles = titles.count();
        let behind = range.start + titles;
        (range.start..behind, behind..range.end)
    }

    fn doubtful_title(&self, titles: Range<usize>) -> Option<Doubt> {
        let initial = titles.into_iter().any(|at| self.word(at).eq_ignore_ascii_case("m."));
        initial.then_some(Doubt::TitleOrInitial)
    }
}

/// Where the parts of a name lie in its words.
struct Parts {
    titles: Range<usize>,
    /// The first word of the given names in `Surname, Given`.
    comma: Option<usize>,
    /// Suffixes between the surname and the given names: `King Jr., Martin Luther`.
    inner_suffixes: Range<usize>,
    suffixes: Range<usize>,
}

impl Parts {
    fn of(words: &Words<'_>) -> Self {
        let end = words.count;
        Self { titles: 0..0, comma: None, inner_suffixes: end..end, suffixes: end..end }
    }

    /// Takes titles from the front and suffixes from the back; what is left is the name itself.
    fn without_titles_and_suffixes(&mut self, words: &Words<'_>) -> Range<usize> {
        let (titles, name) = words.leading_titles(0..words.count);
        let mut end = name.end;
        while end > name.start + 1 && is_suffix_at(words, name.start, end) {
            end -= 1;
        }
        self.titles = titles;
        self.suffixes = end..name.end;
        self.comma = (name.start + 1..end).find(|&at| words.after_comma[at]);
        name.start..end
    }

    /// A second comma inside the given names is one too many.
    fn commas_doubt(&self, words: &Words<'_>) -> Option<Doubt> {
        let given = self.comma? + 1..self.suffixes.start;
        given.into_iter().any(|at| words.after_comma[at]).then_some(Doubt::Commas)
    }
}

/// Whether the last word before `end` is a suffix. Behind a comma that follows a full name, unknown
/// degrees and posts in capitals (`CFP`, `CEO`) count as well.
fn is_suffix_at(words: &Words<'_>, start: usize, end: usize) -> bool {
    let at = end - 1;
    let word = words.word(at);
    let comma = (start + 1..end).rev().find(|&word| words.after_comma[word]);
    let behind_comma = comma.is_some();
    if words::is_suffix(word, behind_comma) || words::is_without_letters(word) {
        return true;
    }
    if words::is_in_brackets(word) && word.ends_with([')', ']']) {
        return true;
    }
    let full_name_before = comma.is_some_and(|comma| {
        let before = start..comma;
        before.len() >= 2
            && !words::is_particle(words.word(start))
            && before.clone().any(|word| words.word(word).contains(char::is_lowercase))
    });
    full_name_before && words::is_like_a_degree(word)
}

#[cfg(test)]
mod tests;
