//! The tolerant path: one record, whatever its quotes look like.
//!
//! A record that breaks the quoting rule can be read in several ways. Each is tried in turn, and the
//! first one that gives as many columns as the table has wins:
//!
//! 1. quotes enclose cells and may span lines; a quote that cannot close a cell is part of it;
//! 2. the same, but the first lone quote closes the cell and what follows is added to it;
//! 3. a quote that its own line does not close is dropped, and the record ends with that line: so one
//!    open quote costs one record, not the rest of the file.

use super::limits::Limits;
use super::specials::Specials;
use super::{Irregularity, IrregularityKind, Span};
use crate::csv::dialect::{Delimiter, Dialect};

/// What a record is read by.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    pub(super) delimiter: Delimiter,
    pub(super) quote: Option<u8>,
    pub(super) escape: Option<u8>,
    pub(super) limits: Limits,
    /// Columns of the table; zero while unknown.
    pub(super) width: usize,
}

impl Rules {
    pub(super) fn new(dialect: &Dialect, limits: Limits) -> Self {
        // A byte has one meaning: the delimiter comes before the quote, the quote before the escape.
        let delimiter = dialect.delimiter.as_bytes()[0];
        let quote =
            dialect.quote.filter(|&quote| !matches!(quote, b'\r' | b'\n') && quote != delimiter);
        let escape = dialect.escape.filter(|&escape| {
            !matches!(escape, b'\r' | b'\n') && escape != delimiter && Some(escape) != quote
        });
        let limits = limits.clamped();
        Self { delimiter: dialect.delimiter, quote, escape, limits, width: 0 }
    }
}

/// A record as one way of reading gives it.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// Whether the fields stand in `text`. Until one has quotes or escapes inside to resolve, they
    /// are where they stand in the record itself, and nothing is copied.
    pub(super) is_copied: bool,
    /// The text of all fields, quotes and escapes resolved; that of the first ones as it stood.
    pub(super) text: Vec<u8>,
    pub(super) spans: Vec<Span>,
    /// Where the fields begin in the record, behind their opening quotes.
    pub(super) raw_starts: Vec<u32>,
    pub(super) irregularities: Vec<Irregularity>,
    /// Line ends inside the record.
    pub(super) line_ends: u32,
    /// Bytes of the record, its line end left out.
    pub(super) length: usize,
    /// Whether another way of reading might understand the record's quotes differently.
    is_ambiguous: bool,
}

impl Draft {
    fn clear(&mut self) {
        self.is_copied = false;
        self.is_ambiguous = false;
        self.text.clear();
        self.spans.clear();
        self.raw_starts.clear();
        self.irregularities.clear();
        self.line_ends = 0;
        self.length = 0;
    }

    fn note(&mut self, kind: IrregularityKind, offset: usize) {
        let column = self.spans.len();
        let same = |last: &Irregularity| last.kind == kind && last.column == column;
        // One note a cell and kind says enough; a cell of a million quotes must not make a million.
        if !self.irregularities.last().is_some_and(same) {
            self.irregularities.push(Irregularity { kind, column, offset });
        }
    }
}

/// What reading found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The record is in the draft.
    Record {
        /// Bytes behind the record that were looked at in vain.
        wasted: usize,
    },
    /// The record may go on behind the bytes that are there.
    NeedMore,
}

/// How quotes are understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quoting {
    /// A quote that cannot close its cell is part of it.
    Lenient,
    /// The first lone quote closes its cell; text behind it is added.
    Strict,
    /// As lenient, but a quote that its own line does not close is dropped.
    ByLine,
}

/// How a way of reading ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Walked {
    /// At a line end, or at the end of the input.
    Complete,
    /// The quote is never closed, or not on the lines it may span.
    Abandoned { looked: usize },
    /// It may go on behind the bytes that are there.
    NeedMore,
}

/// Where a record is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'s> {
    /// The bytes that are there, of which those before `start` are read already.
    pub(super) window: &'s [u8],
    pub(super) start: usize,
    /// Whether no input follows.
    pub(super) is_last: bool,
}

/// Reads the record at the start of `source` into `draft`.
///
/// `multi_line` says that a quoted cell may span lines.
pub(super) fn read(
    source: Source<'_>,
    rules: &Rules,
    multi_line: bool,
    special: &mut Specials,
    draft: &mut Draft,
) -> Outcome {
    let limit = rules.limits.record_bytes_max;
    let bytes = &source.window[source.start..];
    let is_cut = bytes.len() > limit;
    let bytes = &bytes[..bytes.len().min(limit)];
    let mut attempt = |quoting, multi_line| {
        draft.clear();
        let walked = Walk {
            source,
            bytes,
            last: source.is_last || is_cut,
            rules,
            quoting,
            multi_line,
            delimiter: rules.delimiter.is_single(),
            draft,
            special,
            copied: 0,
            closed: None,
            field: 0,
            raw_start: 0,
        }
        .run();
        let fits = rules.width == 0 || draft.spans.len() == rules.width;
        // A NUL byte says nothing about quotes.
        let is_nul = |one: &Irregularity| one.kind == IrregularityKind::NulByte;
        let is_clean = draft.line_ends == 0 || draft.irregularities.iter().all(is_nul);
        (walked, fits, is_clean, draft.is_ambiguous)
    };

    let (lenient, fits, is_clean, is_ambiguous) = attempt(Quoting::Lenient, multi_line);
    if lenient == Walked::NeedMore {
        return Outcome::NeedMore;
    }
    let is_complete = lenient == Walked::Complete;
    let is_sound = is_complete && is_clean;
    if !(is_sound && (fits || !is_ambiguous)) {
        let (strict, strict_fits, ..) = attempt(Quoting::Strict, false);
        if !(strict == Walked::Complete && strict_fits) {
            let (by_line, by_line_fits, ..) = attempt(Quoting::ByLine, false);
            if by_line == Walked::NeedMore {
                return Outcome::NeedMore;
            }
            if (is_sound || is_complete && fits) && !by_line_fits {
                attempt(Quoting::Lenient, multi_line);
            }
        }
    }
    let looked = if let Walked::Abandoned { looked } = lenient { looked } else { 0 };
    if is_cut && draft.length == limit {
        draft.irregularities.push(Irregularity {
            kind: IrregularityKind::RecordTooLong,
            column: draft.spans.len().saturating_sub(1),
            offset: limit,
        });
    }
    Outcome::Record { wasted: looked.saturating_sub(draft.length) }
}

/// One way of reading one record.
struct Walk<'w> {
    source: Source<'w>,
    /// The bytes that may belong to the record.
    bytes: &'w [u8],
    last: bool,
    rules: &'w Rules,
    quoting: Quoting,
    multi_line: bool,
    /// The delimiter, if it is one byte.
    delimiter: Option<u8>,
    draft: &'w mut Draft,
    special: &'w mut Specials,
    /// Bytes before this one are in the draft already, or belong to no field.
    copied: usize,
    /// The closing quote of the field at hand.
    closed: Option<usize>,
    /// Where the field's text begins in the draft's text.
    field: usize,
    /// Where it begins in the record, behind its opening quote.
    raw_start: usize,
}

/// What stopped a field.
enum Stop {
    /// A delimiter begins here.
    Delimiter(usize),
    /// The record ends here.
    Record(usize),
    Walked(Walked),
}

impl Walk<'_> {
    fn run(mut self) -> Walked {
        let mut start = 0;
        loop {
            self.field = self.draft.text.len();
            self.copied = start;
            self.closed = None;
            let quote = self.opening_quote(start);
            self.raw_start = quote.map_or(start, |quote| quote + 1);
            let stop = match quote {
                Some(quote) => self.quoted_or_by_line(quote),
                None => self.unquoted(start),
            };
            match stop {
                Stop::Delimiter(at) => {
                    self.end_field(at);
                    start = at + self.rules.delimiter.as_bytes().len();
                }
                Stop::Record(at) => {
                    self.end_field(at);
                    self.draft.length = at;
                    return Walked::Complete;
                }
                Stop::Walked(walked) => return walked,
            }
        }
    }

    /// Where the field's opening quote is: at its start, or behind spaces.
    fn opening_quote(&self, start: usize) -> Option<usize> {
        let quote = self.rules.quote?;
        let is_space = |byte: &&u8| **byte == b' ' && quote != b' ' && self.delimiter != Some(b' ');
        let spaces = self.bytes[start..].iter().take_while(is_space).count();
        (self.bytes.get(start + spaces) == Some(&quote)).then_some(start + spaces)
    }

    /// Reads the field that `quote` opens; by line, as unquoted if the quote is never closed.
    fn quoted_or_by_line(&mut self, quote: usize) -> Stop {
        let notes = self.draft.irregularities.len();
        let stop = self.quoted(quote + 1);
        let is_abandoned = matches!(stop, Stop::Walked(Walked::Abandoned { .. }));
        if !(is_abandoned && self.quoting == Quoting::ByLine) {
            return stop;
        }
        self.draft.text.truncate(self.field);
        self.draft.irregularities.truncate(notes);
        self.draft.note(IrregularityKind::UnclosedQuote, quote);
        self.copied = quote + 1;
        self.unquoted(quote + 1)
    }

    /// Reads on from behind an opening quote.
    fn quoted(&mut self, start: usize) -> Stop {
        self.copied = start;
        let mut at = start;
        let first_line_end = self.draft.line_ends;
        loop {
            let Some((here, byte)) = self.next_special(at) else {
                return Stop::Walked(self.unfinished());
            };
            at = here + 1;
            if Some(byte) == self.rules.escape {
                match self.escaped(here) {
                    Some(next) => at = next,
                    None => return Stop::Walked(self.unfinished()),
                }
            } else if Some(byte) == self.rules.quote {
                match self.behind_quote(here + 1) {
                    Behind::NeedMore => return Stop::Walked(Walked::NeedMore),
                    Behind::Quote => {
                        self.copy_to(here);
                        self.copied = here + 1;
                        at = here + 2;
                    }
                    Behind::End(stop) => {
                        self.closed = Some(here);
                        return stop;
                    }
                    Behind::Text if self.quoting == Quoting::Strict => {
                        self.draft.note(IrregularityKind::TextBehindQuote, here);
                        self.copy_to(here);
                        self.copied = here + 1;
                        return self.unquoted(here + 1);
                    }
                    Behind::Text if self.draft.line_ends > first_line_end => {
                        // On a further line such a quote rather opens another cell.
                        return Stop::Walked(Walked::Abandoned { looked: here });
                    }
                    Behind::Text => {
                        self.draft.is_ambiguous = true;
                        self.draft.note(IrregularityKind::QuoteInsideCell, here);
                    }
                }
            } else if matches!(byte, b'\r' | b'\n') {
                if !self.multi_line {
                    return Stop::Walked(Walked::Abandoned { looked: here });
                }
                self.draft.is_ambiguous = true;
                let is_lf_of_crlf = byte == b'\n' && here > 0 && self.bytes[here - 1] == b'\r';
                self.draft.line_ends += u32::from(!is_lf_of_crlf);
            } else if byte == 0 {
                self.draft.note(IrregularityKind::NulByte, here);
            }
        }
    }

    /// Reads on where quotes have no meaning.
    fn unquoted(&mut self, start: usize) -> Stop {
        let mut at = start;
        loop {
            let Some((here, byte)) = self.next_special(at) else {
                return if self.last {
                    Stop::Record(self.bytes.len())
                } else {
                    Stop::Walked(Walked::NeedMore)
                };
            };
            at = here + 1;
            if Some(byte) == self.delimiter {
                return Stop::Delimiter(here);
            } else if matches!(byte, b'\r' | b'\n') {
                return Stop::Record(here);
            } else if Some(byte) == self.rules.escape {
                match self.escaped(here) {
                    Some(next) => at = next,
                    None => return Stop::Walked(Walked::NeedMore),
                }
            } else if Some(byte) == self.rules.quote {
                self.draft.note(IrregularityKind::QuoteInsideCell, here);
            } else {
                match self.delimiter_at(here) {
                    None => return Stop::Walked(Walked::NeedMore),
                    Some(true) => return Stop::Delimiter(here),
                    Some(false) if byte == 0 => self.draft.note(IrregularityKind::NulByte, here),
                    Some(false) => {}
                }
            }
        }
    }

    /// The first byte at or behind `from` that may mean something.
    #[inline(always)]
    fn next_special(&mut self, from: usize) -> Option<(usize, u8)> {
        let Source { window, start, .. } = self.source;
        let at = self.special.next(window, start + from)? - start;
        Some((at, *self.bytes.get(at)?))
    }

    /// A quote that nothing closes, unless more bytes do.
    fn unfinished(&self) -> Walked {
        if self.last { Walked::Abandoned { looked: self.bytes.len() } } else { Walked::NeedMore }
    }

    /// Resolves the escape at `here`; the position to go on from, or `None` if it is not there yet.
    fn escaped(&mut self, here: usize) -> Option<usize> {
        let Some(&next) = self.bytes.get(here + 1) else {
            return self.last.then_some(here + 1);
        };
        let is_special = Some(next) == self.rules.quote
            || Some(next) == self.rules.escape
            || next == self.rules.delimiter.as_bytes()[0];
        if !is_special {
            return Some(here + 1);
        }
        self.copy_to(here);
        self.copied = here + 1;
        Some(here + 2)
    }

    /// Whether a delimiter stands at `at`; `None` if that cannot be told yet.
    fn delimiter_at(&self, at: usize) -> Option<bool> {
        if let Some(&byte) = self.bytes.get(at)
            && let Some(delimiter) = self.rules.delimiter.is_single()
        {
            return Some(byte == delimiter);
        }
        let delimiter = self.rules.delimiter.as_bytes();
        let rest = &self.bytes[at.min(self.bytes.len())..];
        if rest.len() < delimiter.len() && !self.last && delimiter.starts_with(rest) {
            return None;
        }
        Some(rest.starts_with(delimiter))
    }

    /// What stands behind a quote that may close its cell.
    fn behind_quote(&self, at: usize) -> Behind {
        if self.bytes.get(at).copied() == self.rules.quote {
            return Behind::Quote;
        }
        let spaces = self.bytes[at..].iter().take_while(|&&byte| byte == b' ').count();
        for end in [at, at + spaces] {
            match (self.bytes.get(end), self.delimiter_at(end)) {
                (None, _) if self.last => return Behind::End(Stop::Record(end)),
                (None, _) | (_, None) => return Behind::NeedMore,
                (Some(b'\r' | b'\n'), _) => return Behind::End(Stop::Record(end)),
                (_, Some(true)) => return Behind::End(Stop::Delimiter(end)),
                (Some(_), Some(false)) => {}
            }
        }
        Behind::Text
    }

    /// Adds the field's bytes up to `end` to the draft's text, since those behind `end` do not follow
    /// on them in the field.
    fn copy_to(&mut self, end: usize) {
        if !self.draft.is_copied {
            // What the spans of the fields so far point to stays where it is.
            self.draft.is_copied = true;
            self.draft.text.extend_from_slice(&self.bytes[..self.copied]);
            self.field = self.copied;
        }
        if self.copied < end {
            self.draft.text.extend_from_slice(&self.bytes[self.copied..end]);
        }
    }

    fn end_field(&mut self, at: usize) {
        let end = self.closed.unwrap_or(at);
        if self.draft.is_copied {
            self.copy_to(end);
        }
        let span =
            if self.draft.is_copied { self.field..self.draft.text.len() } else { self.copied..end };
        let limits = &self.rules.limits;
        let mut kept = span.clone();
        if span.len() > limits.field_bytes_max {
            let text = if self.draft.is_copied { &self.draft.text } else { self.bytes };
            kept.end -= span.len() - character_start(&text[span], limits.field_bytes_max);
            self.draft.note(IrregularityKind::CellTooLong, at);
        }
        if self.draft.spans.len() == limits.columns_max {
            self.draft.note(IrregularityKind::TooManyColumns, at);
            return;
        }
        self.draft.spans.push(Span::new(kept.start, kept.end));
        #[expect(clippy::cast_possible_truncation, reason = "a record is limited to 1 GiB")]
        self.draft.raw_starts.push(self.raw_start as u32);
    }
}

enum Behind {
    /// Another quote: a doubled one.
    Quote,
    /// A separator, spaces before it left out.
    End(Stop),
    /// Anything else.
    Text,
    NeedMore,
}

/// Where the character of UTF-8 begins that the byte at `at` is of; `at` if it is of none.
fn character_start(text: &[u8], at: usize) -> usize {
    let is_inside = |at: &usize| text[*at] & 0xC0 == 0x80;
    let start = (at.saturating_sub(3)..=at).rev().find(|at| !is_inside(at));
    start.filter(|&start| text[start] >= 0xC0).unwrap_or(at)
}
