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
use super::scan::{BLOCK_BYTES, Vectors, padded_block};
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
        let escape = dialect.escape.filter(|&escape| Some(escape) != dialect.quote);
        let limits = limits.clamped();
        Self { delimiter: dialect.delimiter, quote: dialect.quote, escape, limits, width: 0 }
    }
}

/// A record as one way of reading gives it.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// The text of all fields, quotes and escapes resolved.
    pub(super) text: Vec<u8>,
    pub(super) spans: Vec<Span>,
    pub(super) irregularities: Vec<Irregularity>,
    /// Line ends inside the record.
    pub(super) line_ends: u32,
    /// Bytes of the record, its line end left out.
    pub(super) length: usize,
}

impl Draft {
    fn clear(&mut self) {
        self.text.clear();
        self.spans.clear();
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

/// Reads the record at the start of `bytes` into `draft`.
///
/// `last` says that no input follows; `multi_line` that a quoted cell may span lines.
pub(super) fn read(
    bytes: &[u8],
    last: bool,
    rules: &Rules,
    multi_line: bool,
    draft: &mut Draft,
) -> Outcome {
    let limit = rules.limits.record_bytes_max;
    let is_cut = bytes.len() > limit;
    let bytes = &bytes[..bytes.len().min(limit)];
    let mut attempt = |quoting, multi_line| {
        draft.clear();
        let walked = Walk::new(bytes, last || is_cut, rules, quoting, multi_line, draft).run();
        let one_line = draft.line_ends == 0;
        let fits = rules.width == 0 || draft.spans.len() == rules.width;
        (walked, fits, one_line, draft.irregularities.is_empty())
    };

    let (lenient, fits, one_line, clean) = attempt(Quoting::Lenient, multi_line);
    if lenient == Walked::NeedMore {
        return Outcome::NeedMore;
    }
    let is_complete = lenient == Walked::Complete;
    let is_sound = is_complete && (clean || one_line);
    if !(is_sound && fits) {
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
    bytes: &'w [u8],
    last: bool,
    rules: &'w Rules,
    quoting: Quoting,
    multi_line: bool,
    draft: &'w mut Draft,
    special: Specials<'w>,
    /// Bytes before this one are in the draft already.
    copied: usize,
    /// Where the field's text begins in the draft.
    field: usize,
}

/// What stopped a field.
enum Stop {
    /// A delimiter begins here.
    Delimiter(usize),
    /// The record ends here.
    Record(usize),
    Walked(Walked),
}

impl<'w> Walk<'w> {
    fn new(
        bytes: &'w [u8],
        last: bool,
        rules: &'w Rules,
        quoting: Quoting,
        multi_line: bool,
        draft: &'w mut Draft,
    ) -> Self {
        let special = Specials::new(bytes, rules);
        Self { bytes, last, rules, quoting, multi_line, draft, special, copied: 0, field: 0 }
    }

    fn run(mut self) -> Walked {
        let mut start = 0;
        loop {
            self.field = self.draft.text.len();
            self.copied = start;
            let stop = match self.opening_quote(start) {
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
        let spaces = self.bytes[start..].iter().take_while(|&&byte| byte == b' ').count();
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
        self.special.go_back(quote + 1);
        self.unquoted(quote + 1)
    }

    /// Reads on from behind an opening quote.
    fn quoted(&mut self, start: usize) -> Stop {
        self.copied = start;
        let mut at = start;
        let first_line_end = self.draft.line_ends;
        loop {
            let Some((here, byte)) = self.special.next(at) else {
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
                        self.copy_to(here);
                        self.copied = self.bytes.len();
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
                    Behind::Text => self.draft.note(IrregularityKind::QuoteInsideCell, here),
                }
            } else if matches!(byte, b'\r' | b'\n') {
                if !self.multi_line {
                    return Stop::Walked(Walked::Abandoned { looked: here });
                }
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
            let Some((here, byte)) = self.special.next(at) else {
                return if self.last {
                    Stop::Record(self.bytes.len())
                } else {
                    Stop::Walked(Walked::NeedMore)
                };
            };
            at = here + 1;
            if matches!(byte, b'\r' | b'\n') {
                return Stop::Record(here);
            } else if Some(byte) == self.rules.escape {
                match self.escaped(here) {
                    Some(next) => at = next,
                    None => return Stop::Walked(Walked::NeedMore),
                }
            } else if Some(byte) == self.rules.quote {
                self.draft.note(IrregularityKind::QuoteInsideCell, here);
            } else if byte == 0 {
                self.draft.note(IrregularityKind::NulByte, here);
            } else {
                match self.delimiter_at(here) {
                    None => return Stop::Walked(Walked::NeedMore),
                    Some(true) => return Stop::Delimiter(here),
                    Some(false) => {}
                }
            }
        }
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

    fn copy_to(&mut self, end: usize) {
        if self.copied < end {
            self.draft.text.extend_from_slice(&self.bytes[self.copied..end]);
        }
    }

    fn end_field(&mut self, at: usize) {
        self.copy_to(at);
        let limits = &self.rules.limits;
        if self.draft.text.len() - self.field > limits.field_bytes_max {
            self.draft.text.truncate(self.field + limits.field_bytes_max);
            self.draft.note(IrregularityKind::CellTooLong, at);
        }
        if self.draft.spans.len() == limits.columns_max {
            self.draft.text.truncate(self.field);
            self.draft.note(IrregularityKind::TooManyColumns, at);
            return;
        }
        let span = Span::new(self.field, self.draft.text.len());
        self.draft.spans.push(span);
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

/// Finds the bytes that may mean something, block by block.
struct Specials<'w> {
    bytes: &'w [u8],
    needles: [u8; 3],
    block: usize,
    mask: u64,
}

impl<'w> Specials<'w> {
    fn new(bytes: &'w [u8], rules: &Rules) -> Self {
        let delimiter = rules.delimiter.as_bytes()[0];
        let quote = rules.quote.unwrap_or(delimiter);
        let needles = [delimiter, quote, rules.escape.unwrap_or(delimiter)];
        let mut specials = Self { bytes, needles, block: 0, mask: 0 };
        specials.load();
        specials
    }

    fn load(&mut self) {
        let (block, length) = padded_block(self.bytes, self.block);
        let vectors = Vectors::load(&block);
        let [delimiter, quote, escape] = self.needles;
        let mut mask = vectors.equal_to(delimiter)
            | vectors.equal_to(quote)
            | vectors.equal_to(b'\n')
            | vectors.equal_to(b'\r')
            | vectors.equal_to(0);
        if escape != delimiter {
            mask |= vectors.equal_to(escape);
        }
        self.mask = if length == BLOCK_BYTES { mask } else { mask & ((1 << length) - 1) };
    }

    /// Makes a later [`Self::next`] see the bytes from `at` on again.
    fn go_back(&mut self, at: usize) {
        self.block = at;
        self.load();
    }

    /// The first special byte at or behind `from`. Calls must not go back.
    #[inline]
    fn next(&mut self, from: usize) -> Option<(usize, u8)> {
        loop {
            if from < self.block + BLOCK_BYTES {
                let rest = self.mask & (!0 << from.saturating_sub(self.block));
                if rest != 0 {
                    let at = self.block + rest.trailing_zeros() as usize;
                    return Some((at, self.bytes[at]));
                }
            }
            self.block += BLOCK_BYTES;
            if self.block >= self.bytes.len() {
                self.block -= BLOCK_BYTES;
                return None;
            }
            self.load();
        }
    }
}
