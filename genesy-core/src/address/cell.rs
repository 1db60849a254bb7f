//! The address in a cell of a leads file, whatever stands around it.

use std::fmt;

use super::cleaning::{Cleaning, CleaningStep as Step};
use super::error::{AddressError, AddressErrorKind as Kind};
use super::{AddressRef, LOCAL_PART_OCTETS_MAX, suggest_domain};

/// Finds the address in `cell`: trims what leads files put around addresses, and splits at what
/// they put between several of them. The first valid one is taken.
///
/// Nothing is ever added or corrected: the address is a part of the cell.
///
/// # Errors
///
/// The error of the first text with an `@`, or that there is none; offsets are into `cell`.
pub fn from_cell(cell: &str) -> Result<CellAddress<'_>, AddressError> {
    let all = AddressRef::parse(cell).ok().map(|address| {
        let others = OtherAddresses { words: Words { cell, at: cell.len() } };
        CellAddress { address, cleaning: Cleaning::default(), others }
    });
    // Beyond ASCII an address may hold what in a cell is a quote or a separator.
    let is_one = |all: &CellAddress<'_>| {
        let is_marked = cell.starts_with(MARKS);
        !is_marked && (all.address.is_normal() || cell.is_ascii() || !cell.contains(is_separator))
    };
    if let Some(all) = all.clone().filter(is_one) {
        return Ok(all);
    }
    if let Some(found) = trimmed_address(cell) {
        return Ok(found);
    }
    let mut words = Words { cell, at: 0 };
    let mut first_error = None;
    let mut any_word = false;
    while let Some(word) = words.next() {
        any_word = true;
        match word.address(cell) {
            None => {}
            Some(Err(error)) => first_error = first_error.or(Some(error)),
            Some(Ok(address)) => {
                let others = OtherAddresses { words };
                let mut cleaning = cleaning(cell, word, address, &others);
                if first_error.is_some() {
                    cleaning.add(Step::InvalidAddress);
                }
                return Ok(CellAddress { address, cleaning, others });
            }
        }
    }
    let none = if any_word {
        AddressError::new(Kind::MissingAt, cell.len())
    } else {
        AddressError::new(Kind::Empty, 0)
    };
    all.ok_or_else(|| first_error.unwrap_or(none))
}

/// An ASCII address with space around it alone: most of the cells that need cleaning at all.
fn trimmed_address(cell: &str) -> Option<CellAddress<'_>> {
    let trimmed = cell.trim_matches(is_space);
    let unlike = trimmed.len() < cell.len() && trimmed.is_ascii();
    let address = AddressRef::parse(trimmed).ok().filter(|_| unlike)?;
    let mut cleaning = Cleaning::default();
    cleaning.add(Step::WhiteSpace);
    let others = OtherAddresses { words: Words { cell, at: cell.len() } };
    Some(CellAddress { address, cleaning, others })
}

/// The first address of a cell, what was removed around it, and the addresses after it.
#[derive(Clone)]
#[non_exhaustive]
pub struct CellAddress<'a> {
    /// The first valid address.
    pub address: AddressRef<'a>,
    /// What was removed to get at it.
    pub cleaning: Cleaning,
    /// The texts with an `@` after it.
    pub others: OtherAddresses<'a>,
}

impl CellAddress<'_> {
    /// The domain that was probably meant, if this one looks mistyped. A hint for a person to
    /// decide on; the address is left as it is.
    #[must_use]
    pub fn suggested_domain(&self) -> Option<&'static str> {
        suggest_domain(self.address.domain())
    }
}

impl fmt::Debug for CellAddress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CellAddress").field("cleaning", &self.cleaning).finish_non_exhaustive()
    }
}

/// The further addresses of a cell, in order; what has an `@` but is no address comes as an error
/// with its offset into the cell.
#[derive(Clone)]
pub struct OtherAddresses<'a> {
    words: Words<'a>,
}

impl OtherAddresses<'_> {
    /// Whether none is left. Nearly always known without looking at the cell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.at == self.words.cell.len() || self.clone().next().is_none()
    }
}

impl<'a> Iterator for OtherAddresses<'a> {
    type Item = Result<AddressRef<'a>, AddressError>;

    fn next(&mut self) -> Option<Self::Item> {
        let cell = self.words.cell;
        self.words.find_map(|word| word.address(cell))
    }
}

impl fmt::Debug for OtherAddresses<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OtherAddresses").finish_non_exhaustive()
    }
}

/// The words of a cell: what stands between separators.
#[derive(Clone)]
struct Words<'a> {
    cell: &'a str,
    at: usize,
}

/// A word, as byte offsets into its cell.
#[derive(Clone, Copy)]
struct Word {
    start: usize,
    end: usize,
}

impl Iterator for Words<'_> {
    type Item = Word;

    fn next(&mut self) -> Option<Word> {
        let mut rest = &self.cell[self.at..];
        let quoted = loop {
            let first = rest.chars().next()?;
            let quoted = quoted_local_part_octets(rest);
            if quoted > 0 || !is_separator(first) {
                break quoted;
            }
            rest = &rest[first.len_utf8()..];
        };
        let start = self.cell.len() - rest.len();
        let mut after_at = false;
        // What may stand in a local part separates addresses only once the domain has begun.
        let end = rest[quoted..].find(|character: char| {
            after_at |= character == '@';
            is_separator(character)
                || (after_at && matches!(character, '/' | '|' | '\\' | '?' | '&'))
        });
        let end = end.map_or(self.cell.len(), |end| start + quoted + end);
        // The separator itself goes too: after a domain it would begin the next local part.
        let separator = self.cell[end..].chars().next().map_or(0, char::len_utf8);
        let next_quote = self.cell[end..].starts_with('"');
        self.at = if next_quote { end } else { end + separator };
        Some(Word { start, end })
    }
}

/// The octets of the quoted string at the start of `text` if an `@` follows it, else 0.
fn quoted_local_part_octets(text: &str) -> usize {
    let bytes = text.as_bytes();
    if bytes.first() != Some(&b'"') {
        return 0;
    }
    let mut at = 1;
    // Nothing longer is a local part; the limit keeps the work linear in the cell's length.
    while let Some(&byte) = bytes.get(at).filter(|_| at <= LOCAL_PART_OCTETS_MAX) {
        match byte {
            b'\\' => at += 1,
            b'"' if bytes.get(at + 1) == Some(&b'@') => return at + 1,
            b'"' => return 0,
            _ => {}
        }
        at += 1;
    }
    0
}

fn is_separator(character: char) -> bool {
    matches!(character, ',' | ';' | '<' | '>' | '"' | '(' | ')' | '，' | '；' | '、')
        || is_wide_quote(character)
        || is_space(character)
}

fn is_wide_quote(character: char) -> bool {
    matches!(character, '“' | '”' | '„' | '«' | '»')
}

/// White space, controls and characters without width, none of which an address can have. The
/// joiners are not among them: some scripts need them within a word.
fn is_space(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(
            character,
            '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}'
        )
}

impl Word {
    /// The address in this word: nothing without an `@`.
    fn address(self, cell: &str) -> Option<Result<AddressRef<'_>, AddressError>> {
        let word = &cell[self.start..self.end];
        if !word.contains('@') {
            return None;
        }
        let whole = AddressRef::parse(word).ok();
        if let Some(address) = whole.filter(|_| !word.starts_with(MARKS)) {
            return Some(Ok(address));
        }
        let trimmed = trim(word);
        // `trim` only cuts at both ends, so the part's place is known by the lengths.
        let offset = self.start + (word.len() - trim_start(word).len());
        Some(AddressRef::parse(trimmed).map_err(|error| error.shifted(offset)))
    }
}

/// They may begin a local part, and never do: a spreadsheet's mark of a text, and what chats make bold or code by.
const MARKS: [char; 3] = ['\'', '*', '`'];

/// What people and programs leave before an address: quotes, brackets, stars, joiners.
const OPENING: [char; 9] = ['\'', '‘', '’', '`', '*', '[', '{', '\u{200C}', '\u{200D}'];

/// What they leave after it.
const CLOSING: [char; 14] =
    ['\'', '‘', '’', '`', '*', ']', '}', '\u{200C}', '\u{200D}', '.', ':', '!', '_', '-'];

fn trim(word: &str) -> &str {
    trim_start(word).trim_end_matches(CLOSING)
}

/// `word` without a label such as `mailto:`, opening quotes and brackets.
fn trim_start(word: &str) -> &str {
    let word = word.trim_start_matches(OPENING);
    let before_at = word.find('@').map_or("", |at| &word[..at]);
    // The colon of `https://` belongs to a web address, which must not become a local part.
    match before_at.rfind(':') {
        Some(colon) if !before_at.contains("://") && !word.starts_with('"') => {
            word[colon + 1..].trim_start_matches(OPENING)
        }
        _ => word,
    }
}

/// What had to go from `cell` to leave `address`, which was found in `word`.
fn cleaning(
    cell: &str,
    word: Word,
    address: AddressRef<'_>,
    others: &OtherAddresses<'_>,
) -> Cleaning {
    let mut cleaning = Cleaning::default();
    let inside = &cell[word.start..word.end];
    let from = word.start + inside.len() - trim_start_if_needed(inside, address).len();
    let removed = [&cell[..from], &cell[from + address.as_str().len()..]];
    if cell[word.start..from].contains(':') {
        cleaning.add(Step::Prefix);
    }
    if !others.is_empty() {
        cleaning.add(Step::OtherAddresses);
    }
    let text = |other: Word| {
        let other = &cell[other.start..other.end];
        !other.contains('@') && other.contains(|character| step_of(character).is_none())
    };
    if (Words { cell, at: 0 }).any(text) {
        cleaning.add(Step::SurroundingText);
    }
    for character in removed.iter().flat_map(|part| part.chars()) {
        match (character, step_of(character)) {
            (':', _) if cleaning.contains(Step::Prefix) => {}
            (_, Some(step)) => cleaning.add(step),
            (_, None) => {}
        }
    }
    cleaning
}

/// What it is that a removed `character` is told as; nothing if it is a part of a text.
fn step_of(character: char) -> Option<Step> {
    match character {
        '<' | '>' | '"' | '\'' | '’' | '‘' | '`' | '(' | ')' | '[' | ']' | '{' | '}' => {
            Some(Step::Wrapping)
        }
        '@' => None,
        _ if character.is_ascii_punctuation() => Some(Step::Punctuation),
        '，' | '；' | '、' => Some(Step::Punctuation),
        _ if is_wide_quote(character) => Some(Step::Wrapping),
        '\u{200C}' | '\u{200D}' => Some(Step::WhiteSpace),
        _ if is_space(character) => Some(Step::WhiteSpace),
        _ => None,
    }
}

fn trim_start_if_needed<'a>(word: &'a str, address: AddressRef<'_>) -> &'a str {
    if word.starts_with(address.as_str()) { word } else { trim_start(word) }
}
