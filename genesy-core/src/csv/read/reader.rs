//! The reader: which path reads the next record, and where it is.

mod fast;
#[cfg(test)]
mod paths;
mod slow;

use std::borrow::Cow;
use std::fmt;

use super::batch::{Batch, RecordPlace};
use super::index::Index;
use super::input::Input;
use super::specials::Specials;
use super::step::{Current, Step, Text};
use super::tolerant::{Draft, Rules};
use super::{Irregularity, Limits, Record, Span, Spans};
use crate::csv::dialect::Dialect;

/// Records the tolerant path reads before the fast path is tried again, after a first irregularity.
const TOLERANT_RECORDS_MIN: u32 = 4;

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
        self.drop_before(u64::MAX);
        if let Input::Fed { bytes, .. } = &mut self.input {
            bytes.push(chunk);
        }
    }

    /// Adds the text that `decode` appends; says how long it is. Nothing is dropped for it, which
    /// [`Self::drop_before`] is for.
    pub(crate) fn feed_text(&mut self, decode: impl FnOnce(&mut String)) -> usize {
        match &mut self.input {
            Input::Fed { bytes, .. } => bytes.push_text(decode),
            Input::Slice { .. } => 0,
        }
    }

    /// The offset from which on bytes are needed yet.
    pub(crate) const fn needed_from(&self) -> u64 {
        // The index is kept, so what it covers must stay.
        let unused = if self.has_index { self.index.base() } else { self.position };
        self.offset + unused as u64
    }

    /// Drops the fed bytes before `offset` that are not needed, if they are worth it.
    pub(crate) fn drop_before(&mut self, offset: u64) -> bool {
        let length = self.input.bytes().len();
        let unused = (self.needed_from().min(offset) - self.offset) as usize;
        let Input::Fed { bytes, .. } = &mut self.input else { return false };
        let is_worth_it = unused > 0 && unused >= length / 2;
        if is_worth_it {
            bytes.drop_front(unused);
            self.special.clear();
            if self.has_index {
                self.index.shift(unused);
            }
            self.offset += unused as u64;
            self.position -= unused;
        }
        is_worth_it
    }

    /// The text between two offsets, of which all bytes are here.
    pub(crate) fn text_between(&self, start: u64, end: u64) -> Cow<'_, str> {
        let at = |offset: u64| offset.saturating_sub(self.offset) as usize;
        let (start, end) = (at(start), at(end));
        match self.input.text(start, end) {
            Some(text) => text.into(),
            None => {
                let bytes = self.input.bytes().get(start..end).unwrap_or_default();
                String::from_utf8_lossy(bytes)
            }
        }
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
    pub(crate) const fn starting_at(mut self, offset: u64, line: u64) -> Self {
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
        let known = self.text();
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

    /// The record's text, where that is [known](Record::text).
    #[inline(always)]
    pub(crate) fn text(&self) -> Option<&str> {
        let Current { text, start, end, .. } = self.current;
        if text == Text::Input { self.input.text(start, end) } else { None }
    }

    /// The line that the record begins on.
    #[inline(always)]
    pub(crate) const fn line(&self) -> u64 {
        self.current.line
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
    pub(crate) fn take(&mut self, place: RecordPlace, width: usize, line_ends: u32) {
        let base = self.index.base();
        let (start, end) = (base + place.span().start(), base + place.span().end());
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

    /// Goes on behind the line end at `end`, if there is one.
    fn go_behind(&mut self, end: usize) {
        let bytes = self.input.bytes();
        self.after_cr = bytes.get(end) == Some(&b'\r');
        self.position = (end + 1).min(bytes.len());
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
}
