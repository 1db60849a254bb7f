//! What a part of the sample is split into.

use super::{Delimiter, LineEnd};

/// A dialect that the sample may be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hypothesis {
    pub(super) delimiter: Delimiter,
    pub(super) quote: Option<u8>,
    pub(super) escape: Option<u8>,
}

/// A part of the sample that starts at a line start.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) start: usize,
    pub(super) end: usize,
    /// More of the file follows, so the last row may be cut.
    pub(super) cut: bool,
    /// Made for long rows or cells, so that looks at a part of it must be longer too.
    pub(super) long: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    pub(super) start: u32,
    pub(super) end: u32,
    /// Opened and closed by the quote mark; the span is what is between them.
    pub(super) quoted: bool,
}

impl Cell {
    pub(super) fn bytes<'a>(&self, sample: &'a [u8]) -> &'a [u8] {
        sample[self.start as usize..self.end as usize].trim_ascii()
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) first_cell: u32,
    pub(super) width: u32,
    /// Where the row and its first line start.
    pub(super) start: u32,
    /// Where the next row starts.
    pub(super) next: u32,
    /// Physical lines from the start of the window.
    pub(super) line: u32,
    /// Blank lines stand between the row before and this one.
    pub(super) after_blank: bool,
}

/// Where quote marks were.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct QuoteMarks {
    /// Cells opened and closed by quotes.
    pub(super) closed: usize,
    /// Those of them that hold a delimiter, a line end or a doubled quote.
    pub(super) proven: usize,
    /// Undoubled quotes in a quoted cell.
    pub(super) stray_inside: usize,
    /// Quotes in a cell that does not start with one.
    pub(super) stray_outside: usize,
    pub(super) unclosed: usize,
    /// Those of them that another quote may close further on than was looked.
    pub(super) too_long: usize,
    /// Quotes or delimiters that the escape mark protected.
    pub(super) escaped: usize,
}

/// How many rows ended in each way.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LineEnds {
    pub(super) lf: usize,
    pub(super) crlf: usize,
    pub(super) cr: usize,
}

impl LineEnds {
    pub(super) fn kind(self) -> LineEnd {
        match (self.lf > 0, self.crlf > 0, self.cr > 0) {
            (_, false, false) => LineEnd::Lf,
            (false, true, false) => LineEnd::CrLf,
            (false, false, true) => LineEnd::Cr,
            _ => LineEnd::Mixed,
        }
    }
}

/// Rows that are not blank, and what was seen on the way.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    pub(super) rows: Vec<Row>,
    pub(super) cells: Vec<Cell>,
    pub(super) quotes: QuoteMarks,
    pub(super) line_ends: LineEnds,
    /// Rows that come from the first window, which is where the layout is read.
    pub(super) head_rows: usize,
}

impl Rows {
    pub(super) fn cells(&self, row: &Row) -> &[Cell] {
        let first = row.first_cell as usize;
        &self.cells[first..first + row.width as usize]
    }
}

impl QuoteMarks {
    /// Quotes enclose cells, and stand nowhere else.
    pub(super) fn is_orderly(&self) -> bool {
        self.closed > 0 && self.odd() == 0
    }

    /// Marks in odd places.
    pub(super) fn odd(&self) -> usize {
        self.stray_inside + self.stray_outside + self.unclosed
    }
}
