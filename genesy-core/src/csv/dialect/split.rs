//! Splits a part of the sample into rows and cells under one hypothesis, tolerantly.

use memchr::{memchr, memchr2, memchr2_iter, memchr3};

use super::Delimiter;
use super::rows::{Cell, Hypothesis, LineEnds, QuoteMarks, Row, Rows, Window};

/// A quoted cell longer than this was never closed.
const QUOTED_CELL_BYTES_MAX: usize = 8 * 1024;
/// The same where rows are long.
const LONG_CELL_BYTES_MAX: usize = 64 * 1024;
/// After this many unclosed quotes, quote marks are plain text: it bounds the work.
const UNCLOSED_QUOTES_MAX: usize = 4;
/// Cells kept over all windows: it bounds the memory.
const CELLS_MAX: usize = 12_000;

/// Splits the windows; at most `rows_max` rows of each.
pub(super) fn split(
    sample: &[u8],
    windows: &[Window],
    hypothesis: Hypothesis,
    rows_max: usize,
) -> Rows {
    let mut rows = Rows::default();
    for (index, window) in windows.iter().enumerate() {
        if index == 0 {
            Splitter::new(sample, *window, hypothesis, &mut rows).run(rows_max);
            rows.head_rows = rows.rows.len();
        } else {
            split_later_window(sample, *window, hypothesis, rows_max, &mut rows);
        }
    }
    rows
}

/// A later window may start inside a quoted cell. If quotes fall in odd places, reads it again from
/// after the first quote that ends a line, and keeps the better reading.
fn split_later_window(
    sample: &[u8],
    window: Window,
    hypothesis: Hypothesis,
    rows_max: usize,
    rows: &mut Rows,
) {
    let before = rows.clone_marks();
    Splitter::new(sample, window, hypothesis, rows).run(rows_max);
    let Some(quote) = hypothesis.quote else { return };
    let odd = rows.quotes.odd() - before.quotes.odd();
    if odd == 0 {
        return;
    }
    let bytes = &sample[window.start..window.end];
    let Some(line) = memchr::memchr_iter(quote, bytes)
        .find(|&at| matches!(bytes.get(at + 1), Some(b'\r' | b'\n')))
    else {
        return;
    };
    let mut again = before.restored(rows);
    let later = Window { start: window.start + line + 1, ..window };
    Splitter::new(sample, later, hypothesis, &mut again).run(rows_max);
    if again.quotes.odd() - before.quotes.odd() < odd {
        *rows = again;
    }
}

/// The lengths and counts of a [`Rows`], to go back to.
struct Marks {
    rows: usize,
    cells: usize,
    quotes: QuoteMarks,
    line_ends: LineEnds,
}

impl Rows {
    fn clone_marks(&self) -> Marks {
        Marks {
            rows: self.rows.len(),
            cells: self.cells.len(),
            quotes: self.quotes,
            line_ends: self.line_ends,
        }
    }
}

impl Marks {
    fn restored(&self, rows: &Rows) -> Rows {
        Rows {
            rows: rows.rows[..self.rows].to_vec(),
            cells: rows.cells[..self.cells].to_vec(),
            quotes: self.quotes,
            line_ends: self.line_ends,
            head_rows: rows.head_rows,
        }
    }
}

/// Why a cell ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    Delimiter,
    Line,
    End,
}

struct Splitter<'a> {
    bytes: &'a [u8],
    position: usize,
    line: u32,
    cut: bool,
    hypothesis: Hypothesis,
    /// Bytes that may end an unquoted cell or mean something in it.
    special: [bool; 256],
    quoting: bool,
    quoted_bytes_max: usize,
    out: &'a mut Rows,
}

impl<'a> Splitter<'a> {
    fn new(sample: &'a [u8], window: Window, hypothesis: Hypothesis, out: &'a mut Rows) -> Self {
        let mut special = [false; 256];
        for byte in [b'\r', b'\n', hypothesis.delimiter.first()] {
            special[usize::from(byte)] = true;
        }
        for mark in [hypothesis.quote, hypothesis.escape].into_iter().flatten() {
            special[usize::from(mark)] = true;
        }
        Self {
            bytes: &sample[..window.end],
            position: window.start,
            line: 0,
            cut: window.cut,
            hypothesis,
            special,
            quoting: hypothesis.quote.is_some(),
            quoted_bytes_max: if window.long { LONG_CELL_BYTES_MAX } else { QUOTED_CELL_BYTES_MAX },
            out,
        }
    }

    fn run(mut self, rows_max: usize) {
        let rows_end = self.out.rows.len() + rows_max;
        let mut after_blank = false;
        while self.position < self.bytes.len()
            && self.out.rows.len() < rows_end
            && self.out.cells.len() < CELLS_MAX
        {
            if matches!(self.bytes[self.position], b'\r' | b'\n') {
                self.end_line();
                after_blank = true;
                continue;
            }
            self.row(after_blank);
            after_blank = false;
        }
    }

    fn row(&mut self, after_blank: bool) {
        let (start, line) = (self.position, self.line);
        let first_cell = self.out.cells.len();
        let mut lost = false;
        let stop = loop {
            let (cell, stop) = self.cell();
            if self.out.cells.len() < CELLS_MAX {
                self.out.cells.push(cell);
            } else {
                lost = true;
            }
            if stop != Stop::Delimiter {
                break stop;
            }
        };
        // A first row longer than the window is better cut than lost.
        if (lost || stop == Stop::End && self.cut) && !self.out.rows.is_empty() {
            self.out.cells.truncate(first_cell);
            return;
        }
        let blank = self.bytes[start..self.position].iter().all(u8::is_ascii_whitespace)
            && self.out.cells.len() == first_cell + 1;
        if stop == Stop::Line {
            let before = self.position;
            self.end_line();
            self.count_line_end(before);
        }
        if blank {
            self.out.cells.truncate(first_cell);
            return;
        }
        self.out.rows.push(Row {
            first_cell: first_cell as u32,
            width: (self.out.cells.len() - first_cell) as u32,
            start: start as u32,
            next: self.position as u32,
            line,
            after_blank,
        });
    }

    /// Steps over one line end: `\n`, `\r\n`, `\r` or the damaged `\r\r\n`.
    fn end_line(&mut self) {
        let rest = &self.bytes[self.position..];
        self.position += line_end_length(rest);
        self.line += 1;
    }

    fn count_line_end(&mut self, at: usize) {
        match self.position - at {
            1 if self.bytes[at] == b'\n' => self.out.line_ends.lf += 1,
            1 => self.out.line_ends.cr += 1,
            _ => self.out.line_ends.crlf += 1,
        }
    }

    fn cell(&mut self) -> (Cell, Stop) {
        if self.quoting
            && let Some(quote) = self.hypothesis.quote
            && let Some(found) = self.quoted_cell(quote)
        {
            return found;
        }
        self.plain_cell()
    }

    fn plain_cell(&mut self) -> (Cell, Stop) {
        let start = self.position;
        let mut at = start;
        let stop = loop {
            let Some(skip) = self.bytes[at..].iter().position(|&b| self.special[usize::from(b)])
            else {
                at = self.bytes.len();
                break Stop::End;
            };
            at += skip;
            let byte = self.bytes[at];
            if matches!(byte, b'\r' | b'\n') {
                break Stop::Line;
            }
            if self.delimiter_at(at) {
                break Stop::Delimiter;
            }
            if self.hypothesis.escape == Some(byte) {
                if self.protects(at + 1) {
                    self.out.quotes.escaped += 1;
                    at += 1;
                }
            } else if self.hypothesis.quote == Some(byte) {
                self.out.quotes.stray_outside += 1;
            }
            at = (at + 1).min(self.bytes.len());
        };
        self.finish(start, at, at, false, stop)
    }

    /// A cell that opens with a quote; `None` (nothing consumed) if it does not, or never closes.
    fn quoted_cell(&mut self, quote: u8) -> Option<(Cell, Stop)> {
        let open = self.skip_spaces(self.position);
        if self.bytes.get(open) != Some(&quote) {
            return None;
        }
        let limit = self.bytes.len().min(open + 1 + self.quoted_bytes_max);
        let mut at = open + 1;
        let mut stray = 0;
        let mut escaped = 0;
        let mut doubled = false;
        let mut first_line_end = None;
        loop {
            let rest = &self.bytes[at..limit];
            let found = match self.hypothesis.escape {
                Some(escape) => memchr2(quote, escape, rest),
                None => memchr(quote, rest),
            };
            let Some(skip) = found else {
                return self.never_closed(limit);
            };
            at += skip;
            if self.bytes[at] != quote {
                escaped += usize::from(self.protects(at + 1));
                at = (at + 2).min(limit);
                continue;
            }
            // Doubled quotes are text; the odd one of a longer run may close the cell.
            let run = self.bytes[at..limit].iter().take_while(|&&b| b == quote).count();
            let before = self.bytes[at - 1];
            at += run;
            doubled |= run > 1 && at - run > open + 1;
            if run % 2 == 0 {
                continue;
            }
            if let Some((end, stop)) = self.cell_ends_after(at) {
                self.out.quotes.closed += 1;
                let proves = stray == 0 && (doubled || self.needs_quotes(open + 1, at - 1));
                self.out.quotes.proven += usize::from(proves);
                self.out.quotes.stray_inside += stray;
                self.out.quotes.escaped += escaped;
                self.line += count_lines(&self.bytes[open + 1..at]) as u32;
                return Some(self.finish(open + 1, at - 1, end, true, stop));
            }
            let line_end = *first_line_end.get_or_insert_with(|| {
                memchr2(b'\r', b'\n', &self.bytes[open..limit]).map_or(limit, |skip| open + skip)
            });
            if self.opens_after(before) && line_end < at {
                // Another cell opens on a later line: this one was never closed.
                return self.unclosed();
            }
            stray += 1;
        }
    }

    fn never_closed(&mut self, limit: usize) -> Option<(Cell, Stop)> {
        if limit == self.bytes.len() && self.cut {
            // The window ends within the cell: the row is cut, not broken.
            let start = self.position;
            return Some(self.finish(start, limit, limit, true, Stop::End));
        }
        self.out.quotes.too_long += usize::from(limit < self.bytes.len());
        self.unclosed()
    }

    fn unclosed(&mut self) -> Option<(Cell, Stop)> {
        self.out.quotes.unclosed += 1;
        self.quoting = self.out.quotes.unclosed < UNCLOSED_QUOTES_MAX;
        None
    }

    /// Whether the text holds a delimiter or a line end.
    fn needs_quotes(&self, start: usize, end: usize) -> bool {
        let delimiter = self.hypothesis.delimiter.first();
        memchr3(delimiter, b'\n', b'\r', &self.bytes[start..end.max(start)]).is_some()
    }

    fn opens_after(&self, before: u8) -> bool {
        matches!(before, b'\r' | b'\n')
            || self.hypothesis.delimiter.as_bytes().last() == Some(&before)
    }

    fn finish(
        &mut self,
        start: usize,
        end: usize,
        stop_at: usize,
        quoted: bool,
        stop: Stop,
    ) -> (Cell, Stop) {
        let delimiter = self.hypothesis.delimiter.as_bytes();
        self.position = match stop {
            Stop::Delimiter if self.bytes[stop_at..].starts_with(delimiter) => {
                stop_at + delimiter.len()
            }
            // Without its last space, see `delimiter_starts`.
            Stop::Delimiter => stop_at + delimiter.len() - 1,
            Stop::Line | Stop::End => stop_at,
        };
        (Cell { start: start as u32, end: end as u32, quoted }, stop)
    }

    /// Where and why the cell ends, if nothing but spaces follows its closing quote.
    fn cell_ends_after(&self, at: usize) -> Option<(usize, Stop)> {
        if self.delimiter_at(at) {
            return Some((at, Stop::Delimiter));
        }
        let at = self.skip_spaces(at);
        match self.bytes.get(at) {
            None => Some((at, Stop::End)),
            Some(b'\r' | b'\n') => Some((at, Stop::Line)),
            Some(_) if self.delimiter_at(at) => Some((at, Stop::Delimiter)),
            Some(_) => None,
        }
    }

    fn skip_spaces(&self, mut at: usize) -> usize {
        if self.hypothesis.delimiter.first() != b' ' {
            while self.bytes.get(at) == Some(&b' ') {
                at += 1;
            }
        }
        at
    }

    fn delimiter_at(&self, at: usize) -> bool {
        self.bytes.get(at..).is_some_and(|rest| delimiter_starts(rest, self.hypothesis.delimiter))
    }

    fn protects(&self, at: usize) -> bool {
        let Some(&byte) = self.bytes.get(at) else { return false };
        Some(byte) == self.hypothesis.quote
            || Some(byte) == self.hypothesis.escape
            || byte == self.hypothesis.delimiter.first()
    }
}

/// A delimiter that ends in a space, such as `, `, may have lost that space at the end of a line.
fn delimiter_starts(rest: &[u8], delimiter: Delimiter) -> bool {
    let bytes = delimiter.as_bytes();
    if bytes.is_empty() || rest.first() != Some(&bytes[0]) {
        return false;
    }
    if bytes.len() == 1 || rest.starts_with(bytes) {
        return true;
    }
    bytes.split_last().is_some_and(|(last, stem)| {
        *last == b' '
            && stem != b" "
            && rest
                .strip_prefix(stem)
                .is_some_and(|r| matches!(r.first(), None | Some(b'\r' | b'\n')))
    })
}

/// The length of the line end that `rest` starts with, 0 if there is none.
pub(super) fn line_end_length(rest: &[u8]) -> usize {
    match rest {
        [b'\r', b'\r', b'\n', ..] => 3,
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => 0,
    }
}

/// Line ends in `bytes`, CRLF counted once.
pub(in crate::csv) fn count_lines(bytes: &[u8]) -> u64 {
    let ends = memchr2_iter(b'\r', b'\n', bytes);
    ends.filter(|&at| bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n')).count() as u64
}
