//! The tolerant path: one record after the other, whatever it looks like.

use super::super::IrregularityKind;
use super::super::step::{Current, Step, Text};
use super::super::tolerant::{self, Outcome, Source};
use super::{RecordReader, TOLERANT_RECORDS_MIN};

/// Records the tolerant path reads before the fast path is tried again, where one irregular record
/// follows another.
const TOLERANT_RECORDS_MAX: u32 = 1024;
/// Separators that the fast path reads until an irregular record counts as a first one again.
const REGULAR_SEPARATORS: usize = 1024;
/// Bytes that looking for closing quotes may cost beyond twice the input's length. Past it, quoted
/// cells end with their line, so that no file makes reading quadratic.
const WASTED_BYTES_FREE: u64 = 256 * 1024;

impl RecordReader<'_> {
    /// Leaves the next records to the tolerant path. How many depends on the records before alone, and
    /// not on how they were fed or indexed.
    pub(super) fn begin_tolerant(&mut self) {
        if self.regular + self.index.separators_before(self.record) > REGULAR_SEPARATORS {
            self.tolerant_step = TOLERANT_RECORDS_MIN;
        }
        self.regular = 0;
        self.tolerant_left = self.tolerant_step;
        self.tolerant_step = (self.tolerant_step * 2).min(TOLERANT_RECORDS_MAX);
    }

    /// The tolerant path: the next record, whatever it looks like.
    pub(super) fn tolerant(&mut self) -> Step {
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
                self.go_behind(self.position);
                self.line += 1;
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
            self.go_behind(end);
            self.line += 1;
        }
    }

    /// Skips the rest of an over-long record's line.
    fn skip_line(&mut self) -> Step {
        let rest = &self.input.bytes()[self.position..];
        match memchr::memchr2(b'\r', b'\n', rest) {
            Some(at) => {
                self.skipping = false;
                self.go_behind(self.position + at);
                self.line += 1;
                Step::Passed
            }
            None => {
                self.position += rest.len();
                Step::Exhausted
            }
        }
    }
}
