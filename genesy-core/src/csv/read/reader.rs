//! The reader: which path reads the next record, and where it is.

use std::fmt;

use super::batch::{Batch, Place};
use super::index::{Index, Note};
use super::input::Input;
use super::specials::Specials;
use super::step::{Current, Step, Text};
use super::tolerant::{self, Draft, Outcome, Rules, Source};
use super::{Irregularity, IrregularityKind, Limits, Record, Span, Spans};
use crate::csv::dialect::Dialect;

/// Records the tolerant path reads before the fast path is tried again, after a first irregularity.
const TOLERANT_RECORDS_MIN: u32 = 4;
/// The same where one irregular record follows another.
const TOLERANT_RECORDS_MAX: u32 = 1024;
/// Separators that the fast path reads until an irregular record counts as a first one again.
const REGULAR_SEPARATORS: usize = 1024;
/// Bytes that looking for closing quotes may cost beyond twice the input's length. Past it, quoted
/// cells end with their line, so that no file makes reading quadratic.
const WASTED_BYTES_FREE: u64 = 256 * 1024;

/// Reads the records of one input, which is either fed or a slice.
///
/// It holds the record at hand and what was fed since, never the whole input. Take all records with
/// [`Self::next_record`] after each [`Self::feed`], or the fed bytes pile up.
pub struct RecordReader<'i> {
    input: Input<'i>,
    finds_text: bool,
    rules: Rules,
    /// Where the next record begins in the input's bytes.
    position: usize,
    /// Bytes and lines before the input's bytes.
    offset: u64,
    line: u64,
    blank_lines: u64,
    /// The last line ended in CR: an LF at `position` belongs to it.
    after_cr: bool,
    /// The rest of an over-long record is to be skipped.
    skipping: bool,

    index: Index,
    has_index: bool,
    /// Indexes made so far.
    indexes: u64,
    /// Records and notes taken from the index.
    record: usize,
    note: usize,

    tolerant_left: u32,
    tolerant_step: u32,
    /// Separators that the fast path read since the last irregular record, but those before `record`.
    regular: usize,
    /// The tolerant path asked for more: not asked again below this many bytes.
    retry_bytes: usize,
    wasted: u64,

    rewritten: Vec<u8>,
    /// Where the fields of a rewritten record are.
    spans: Vec<Span>,
    /// Where the fields of a rewritten record begin in the input.
    raw_starts: Vec<u32>,
    nuls: Vec<Irregularity>,
    has_pairs: bool,
    special: Specials,
    draft: Draft,
    current: Current,
}

impl fmt::Debug for RecordReader<'_> {
    /// Shows where it is, not what it reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordReader")
            .field("offset", &(self.offset + self.position as u64))
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

impl RecordReader<'static> {
    /// A reader that is fed.
    pub fn push(dialect: &Dialect) -> Self {
        RecordReader::new(Input::fed(), dialect)
    }
}

impl<'i> RecordReader<'i> {
    /// A reader of a whole input, which it does not copy.
    pub fn from_slice(bytes: &'i [u8], dialect: &Dialect) -> Self {
        Self::new(Input::slice(bytes), dialect)
    }

    /// Adds bytes: chunks of any size give the same records. A reader of a slice has all its bytes
    /// already, and ignores more.
    pub fn feed(&mut self, chunk: &[u8]) {
        let length = self.input.bytes().len();
        let Input::Fed { bytes, .. } = &mut self.input else { return };
        // The index is kept, so what it covers must stay.
        let unused = if self.has_index { self.index.base() } else { self.position };
        if unused > 0 && unused >= length / 2 {
            bytes.drop_front(unused);
            self.special.clear();
            if self.has_index {
                self.index.shift(unused);
            }
            self.offset += unused as u64;
            self.position -= unused;
        }
        bytes.push(chunk);
    }

    /// No more bytes follow.
    pub fn finish(&mut self) {
        if let Input::Fed { bytes, is_last } = &mut self.input {
            bytes.finish();
            *is_last = true;
        }
    }

    fn new(input: Input<'i>, dialect: &Dialect) -> Self {
        let rules = Rules::new(dialect, Limits::default());
        Self {
            input,
            finds_text: false,
            index: Index::new(rules.delimiter.as_bytes()[0], rules.quote),
            special: Specials::new(&rules),
            rules,
            position: 0,
            offset: 0,
            line: 1,
            blank_lines: 0,
            after_cr: false,
            skipping: false,
            has_index: false,
            indexes: 0,
            record: 0,
            note: 0,
            tolerant_left: 0,
            tolerant_step: TOLERANT_RECORDS_MIN,
            regular: 0,
            retry_bytes: 0,
            wasted: 0,
            rewritten: Vec::new(),
            spans: Vec::new(),
            raw_starts: Vec::new(),
            nuls: Vec::new(),
            has_pairs: false,
            draft: Draft::default(),
            current: Current { text: Text::Input, start: 0, end: 0, line: 1, separators: (0, 0) },
        }
    }

    /// Sets the limits: before the first record.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.rules.limits = limits.clamped();
        self
    }

    /// Says that the input begins in the middle of a file: `offset` bytes and `line - 1` lines in.
    #[must_use]
    pub const fn starting_at(mut self, offset: u64, line: u64) -> Self {
        self.offset = offset;
        self.line = line;
        self
    }

    /// Finds out which records are UTF-8 ([`Record::text`]) and may be garbled
    /// ([`Record::may_be_garbled`]), many at a time: before the first byte.
    #[must_use]
    pub(crate) fn finding_text(mut self) -> Self {
        self.input.find_text();
        self.index.find_pairs();
        self.finds_text = true;
        self
    }

    /// Tells how many columns the table has, which helps to understand irregular records; zero for
    /// unknown. It does not change how regular records are read.
    pub const fn set_width(&mut self, columns: usize) {
        self.rules.width = columns;
    }

    /// Lines without any byte, which are not records.
    pub const fn blank_lines(&self) -> u64 {
        self.blank_lines
    }

    /// The next record, or `None` if the bytes that are there hold no further one.
    #[inline]
    pub fn next_record(&mut self) -> Option<Record<'_>> {
        if self.advance() { Some(self.record()) } else { None }
    }

    /// Moves to the next record; false if there is none.
    #[inline(always)]
    pub(crate) fn advance(&mut self) -> bool {
        if self.tolerant_left == 0 && matches!(self.indexed(), Step::Record) {
            return true;
        }
        self.advance_slowly()
    }

    /// As [`Self::advance`], where the index has no record at hand.
    fn advance_slowly(&mut self) -> bool {
        loop {
            let step = if self.tolerant_left == 0 { self.indexed() } else { self.tolerant() };
            match step {
                Step::Record => return true,
                Step::Passed => {}
                Step::Exhausted => return false,
                Step::Missing => {
                    if !self.index_more() {
                        return false;
                    }
                }
                Step::Irregular => self.begin_tolerant(),
            }
        }
    }

    /// The record that [`Self::advance`] moved to.
    #[inline(always)]
    pub(crate) fn record(&self) -> Record<'_> {
        let Current { text, start, end, line, .. } = self.current;
        let known = if text == Text::Input { self.input.text(start, end) } else { None };
        let raw = known.map_or_else(|| &self.input.bytes()[start..end], str::as_bytes);
        let (data, spans, irregularities) = match text {
            Text::Input => (raw, self.spans_between(), &self.nuls),
            Text::Rewritten => (&self.rewritten[..], Spans::Listed(&self.spans), &self.nuls),
            Text::Draft => {
                let text = if self.draft.is_copied { &self.draft.text[..] } else { raw };
                (text, Spans::Listed(&self.draft.spans), &self.draft.irregularities)
            }
        };
        let raw_starts = match text {
            Text::Input => &[],
            Text::Rewritten => &self.raw_starts[..],
            Text::Draft => &self.draft.raw_starts,
        };
        let offset = self.offset + start as u64;
        let may_be_garbled = self.has_pairs || !self.finds_text || text == Text::Draft;
        let text = known;
        Record { data, text, may_be_garbled, spans, raw, raw_starts, offset, line, irregularities }
    }

    /// The number of the batch that [`Self::batch`] gives: another number is another batch.
    pub(crate) const fn batch_number(&self) -> u64 {
        self.indexes
    }

    /// The records of the index, of which [`Self::advance`] gives one after the other.
    pub(crate) fn batch(&self) -> Batch<'_> {
        let base = self.index.base();
        let bytes = self.input.bytes().get(base..).unwrap_or_default();
        let text = self.input.text_from(base);
        Batch { bytes, text, index: &self.index, limits: &self.rules.limits }
    }

    /// Which record of the batch is next, if the next one is of it.
    #[inline(always)]
    pub(crate) const fn next_in_batch(&self) -> Option<usize> {
        if self.has_index && self.tolerant_left == 0 { Some(self.record) } else { None }
    }

    /// Moves to the next record, which is the one of `width` fields at `place` in the batch, with
    /// `line_ends` in its cells. Doubled quotes stay as they are.
    #[inline(always)]
    pub(crate) fn take(&mut self, place: Place, width: usize, line_ends: u32) {
        let base = self.index.base();
        let (start, end) = (base + place.start(), base + place.end());
        let separators = place.separators(width);
        self.current = Current { text: Text::Input, start, end, line: self.line, separators };
        self.nuls.clear();
        self.record += 1;
        self.line += 1 + u64::from(line_ends);
    }

    /// Which record of the batch the one is that [`Self::advance`] moved to, if it is of one.
    #[inline(always)]
    pub(crate) fn place_in_batch(&self) -> Option<usize> {
        if self.has_index { self.record.checked_sub(1) } else { None }
    }

    /// Where the fields are of the record at hand, which is of the index.
    #[inline(always)]
    fn spans_between(&self) -> Spans<'_> {
        let Current { start, separators: (first, last), .. } = self.current;
        let separators = &self.index.separators()[first as usize..=last as usize];
        Spans::Between { separators, first: (start - self.index.base()) as u32 }
    }

    /// The fast path: the next record from the index.
    #[inline(always)]
    fn indexed(&mut self) -> Step {
        if !self.has_index {
            return Step::Missing;
        }
        let Some((before, last)) = self.index.separators_of(self.record) else {
            return Step::Missing;
        };
        let base = self.index.base();
        let first = self.index.start_of(before, self.input.bytes());
        let end = self.index.end_of(last);
        if end == first {
            self.record += 1;
            self.line += 1;
            self.blank_lines += 1;
            return Step::Passed;
        }
        let limits = &self.rules.limits;
        if end - first > limits.field_bytes_max || (last - before) as usize > limits.columns_max {
            return Step::Irregular;
        }
        self.current = Current {
            text: Text::Input,
            start: base + first,
            end: base + end,
            line: self.line,
            separators: (before, last),
        };
        self.nuls.clear();
        self.has_pairs = false;
        if self.index.notes().get(self.note).is_some_and(|&(at, _)| (at as usize) < end)
            && !self.read_notes(first, end)
        {
            return Step::Irregular;
        }
        self.record += 1;
        self.line += 1;
        Step::Record
    }

    /// Moves the position behind the last record that was taken from the index.
    fn leave_index(&mut self) {
        let last = self.record.checked_sub(1).filter(|_| self.has_index);
        if let Some((_, last)) = last.and_then(|record| self.index.separators_of(record)) {
            self.pass_line(self.index.base() + self.index.end_of(last));
            self.line -= 1;
        }
    }

    /// Takes what is noted of the record from `first` to `end`; false if the record is not regular.
    #[cold]
    fn read_notes(&mut self, first: usize, end: usize) -> bool {
        let notes = &self.index.notes()[self.note..];
        let count = notes.partition_point(|&(at, _)| (at as usize) < end);
        // Those of records that were taken as they are are passed over.
        let passed = notes.partition_point(|&(at, _)| (at as usize) < first);
        let notes = &notes[passed..count];
        let line_ends = notes.iter().filter(|(_, note)| *note == Note::LineEnd).count();
        let width = self.spans_between().len();
        if line_ends > 0 && self.rules.width != 0 && width != self.rules.width {
            // Too short and on several lines: perhaps its quote is not the one that was meant.
            return false;
        }
        let nul_is_text = self.rules.quote != Some(0);
        for &(at, _) in notes.iter().filter(|(_, note)| nul_is_text && *note == Note::Nul) {
            let offset = at as usize - first;
            let spans = self.spans_between();
            let column = spans.column_at(offset);
            let is_text = spans.get(column).is_some_and(|span| span.start() <= offset);
            if is_text && self.nuls.last().is_none_or(|last| last.column != column) {
                let kind = IrregularityKind::NulByte;
                self.nuls.push(Irregularity { kind, column, offset });
            }
        }
        self.has_pairs = notes.iter().any(|(_, note)| *note == Note::Pair);
        if notes.iter().any(|(_, note)| *note == Note::DoubledQuote) {
            self.resolve_doubled_quotes();
        }
        self.note += count;
        self.line += line_ends as u64;
        true
    }

    /// Copies the record at hand, each doubled quote in a quoted field made one.
    fn resolve_doubled_quotes(&mut self) {
        let Some(quote) = self.rules.quote else { return };
        let record = &self.input.bytes()[self.current.start..self.current.end];
        self.rewritten.clear();
        self.raw_starts.clear();
        let mut spans = std::mem::take(&mut self.spans);
        spans.clear();
        spans.extend(self.spans_between().iter());
        for span in &mut spans {
            self.raw_starts.push(span.start);
            let start = self.rewritten.len();
            let mut rest = span.of(record);
            let is_quoted = span.start() > 0 && record[span.start() - 1] == quote;
            if is_quoted {
                while let Some(at) = memchr::memchr(quote, rest) {
                    self.rewritten.extend_from_slice(&rest[..=at]);
                    rest = rest.get(at + 2..).unwrap_or_default();
                }
            }
            self.rewritten.extend_from_slice(rest);
            *span = Span::new(start, self.rewritten.len());
        }
        self.spans = spans;
        self.current.text = Text::Rewritten;
    }

    /// Goes on behind the line end at `end`, if there is one.
    #[inline(always)]
    fn pass_line(&mut self, end: usize) {
        let bytes = self.input.bytes();
        self.after_cr = bytes.get(end) == Some(&b'\r');
        self.position = (end + 1).min(bytes.len());
        self.line += 1;
    }

    /// Passes over the LF of a CRLF; false if it is not known yet whether there is one.
    fn pass_lf(&mut self) -> bool {
        let next = self.input.bytes().get(self.position);
        if self.after_cr && next == Some(&b'\n') {
            self.position += 1;
        }
        let is_known = !self.after_cr || next.is_some();
        self.after_cr &= !is_known;
        is_known
    }

    /// Indexes more bytes; false if there are none.
    fn index_more(&mut self) -> bool {
        let is_fast = self.rules.escape.is_none() && self.rules.delimiter.is_single().is_some();
        let scanned = self.index.scanned();
        let too_long = self.record == 0 && scanned > self.rules.limits.record_bytes_max;
        if !is_fast || self.has_index && (self.index.is_irregular() || too_long) {
            self.begin_tolerant();
            return true;
        }
        if !self.has_index || self.record > 0 {
            self.leave_index();
            if !self.pass_lf() {
                return false;
            }
            self.regular += self.index.separators_before(self.record);
            self.index.restart(self.position);
            self.has_index = true;
            self.record = 0;
            self.note = 0;
        }
        self.indexes += 1;
        let has_more = self.index.extend(self.input.bytes(), self.input.is_last());
        // Once there is a whole record: a record of many batches must not be checked at each of them.
        if self.finds_text && self.index.has_record() {
            self.input.check_text(self.index.base(), self.index.scanned());
        }
        has_more
    }

    /// Leaves the next records to the tolerant path. How many depends on the records before alone, and
    /// not on how they were fed or indexed.
    fn begin_tolerant(&mut self) {
        if self.regular + self.index.separators_before(self.record) > REGULAR_SEPARATORS {
            self.tolerant_step = TOLERANT_RECORDS_MIN;
        }
        self.regular = 0;
        self.tolerant_left = self.tolerant_step;
        self.tolerant_step = (self.tolerant_step * 2).min(TOLERANT_RECORDS_MAX);
    }

    /// The tolerant path: the next record, whatever it looks like.
    fn tolerant(&mut self) -> Step {
        self.leave_index();
        self.has_index = false;
        self.record = 0;
        if !self.pass_lf() {
            return Step::Exhausted;
        }
        let rest = &self.input.bytes()[self.position..];
        if self.skipping {
            return self.skip_line();
        }
        let is_last = self.input.is_last();
        match rest.first() {
            None => return Step::Exhausted,
            Some(b'\r' | b'\n') => {
                self.pass_line(self.position);
                self.blank_lines += 1;
                return Step::Passed;
            }
            Some(_) if rest.len() < self.retry_bytes && !is_last => return Step::Exhausted,
            Some(_) => {}
        }
        let read = self.offset + self.position as u64;
        let multi_line = self.wasted <= 2 * read + WASTED_BYTES_FREE;
        let rest_len = rest.len();
        let source = Source { window: self.input.bytes(), start: self.position, is_last };
        match tolerant::read(source, &self.rules, multi_line, &mut self.special, &mut self.draft) {
            Outcome::NeedMore => {
                self.retry_bytes = rest_len * 2;
                Step::Exhausted
            }
            Outcome::Record { wasted } => {
                self.retry_bytes = 0;
                self.wasted += wasted as u64;
                self.tolerant_left -= 1;
                self.end_tolerant_record();
                Step::Record
            }
        }
    }

    fn end_tolerant_record(&mut self) {
        let start = self.position;
        let end = start + self.draft.length;
        self.current =
            Current { text: Text::Draft, start, end, line: self.line, separators: (0, 0) };
        self.line += u64::from(self.draft.line_ends);
        self.skipping = self
            .draft
            .irregularities
            .last()
            .is_some_and(|last| last.kind == IrregularityKind::RecordTooLong);
        if self.skipping {
            self.position = end;
            self.after_cr = false;
            self.tolerant_left += 1;
        } else {
            self.pass_line(end);
        }
    }

    /// Skips the rest of an over-long record's line.
    fn skip_line(&mut self) -> Step {
        let rest = &self.input.bytes()[self.position..];
        match memchr::memchr2(b'\r', b'\n', rest) {
            Some(at) => {
                self.skipping = false;
                self.pass_line(self.position + at);
                Step::Passed
            }
            None => {
                self.position += rest.len();
                Step::Exhausted
            }
        }
    }
}

#[cfg(test)]
mod paths;
