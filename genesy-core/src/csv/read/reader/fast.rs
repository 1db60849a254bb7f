//! The fast path: records from the index.

use super::super::index::Note;
use super::super::step::{Current, Step, Text};
use super::super::{Irregularity, IrregularityKind, Span, Spans};
use super::RecordReader;

impl RecordReader<'_> {
    /// Where the fields are of the record at hand, which is of the index.
    #[inline(always)]
    pub(super) fn spans_between(&self) -> Spans<'_> {
        let Current { start, separators: (first, last), .. } = self.current;
        let separators = &self.index.separators()[first as usize..=last as usize];
        Spans::Between { separators, first: (start - self.index.base()) as u32 }
    }

    /// The fast path: the next record from the index.
    #[inline(always)]
    pub(super) fn indexed(&mut self) -> Step {
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
    pub(super) fn leave_index(&mut self) {
        let last = self.record.checked_sub(1).filter(|_| self.has_index);
        if let Some((_, last)) = last.and_then(|record| self.index.separators_of(record)) {
            self.go_behind(self.index.base() + self.index.end_of(last));
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

    /// Indexes more bytes; false if there are none.
    pub(super) fn index_more(&mut self) -> bool {
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
}
