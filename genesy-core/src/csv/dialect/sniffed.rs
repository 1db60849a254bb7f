//! What the sniffer answers.

use serde::{Deserialize, Serialize};

use super::{Delimiter, Dialect};

/// The dialect and the layout of a file, as far as the sample shows them.
///
/// Lines are physical lines counted from 0; bytes are offsets into the sample.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Sniffed {
    /// How cells and rows are written.
    pub dialect: Dialect,
    /// The first line is Excel's `sep=;`; it is counted in the preamble.
    pub sep_line: bool,
    /// What stands before the table.
    pub preamble: Preamble,
    /// Header rows at the start of the table; 0 when the first row is data.
    pub header_rows: u8,
    /// Which header row holds the column names, counted from 0; 0 when there is none.
    pub names_row: u8,
    /// Columns of the table; 1 for a plain list, 0 for an empty sample.
    pub width: usize,
    /// The first byte of the table: its first header row, or else its first data row.
    pub table_start: usize,
    /// The first byte after the header rows.
    pub body_start: usize,
    /// Other tables seen in the head of the sample, in file order.
    pub other_tables: Vec<TableSpan>,
    /// What stands after the table, if the sample holds the end of the file.
    pub footer: Option<Footer>,
    /// How sure the dialect is, from 0 to 1.
    pub confidence: f32,
    /// The best hypothesis that was not taken.
    pub runner_up: Option<RunnerUp>,
    /// What the answer rests on.
    pub evidence: Evidence,
}

/// Lines before the table: titles, notes, comments, metadata, blank lines, `sep=`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Preamble {
    /// Physical lines.
    pub lines: usize,
    /// Bytes, line ends included.
    pub bytes: usize,
}

/// A table that is not the main one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TableSpan {
    /// The line where it starts.
    pub first_line: usize,
    /// The byte where it starts.
    pub first_byte: usize,
    /// Its rows in the sample, header rows included.
    pub rows: usize,
    /// Its columns.
    pub width: usize,
}

/// Rows after the table that are not leads: totals, end marks, notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Footer {
    /// The byte where it starts.
    pub first_byte: usize,
    /// Its rows that are not blank.
    pub rows: usize,
}

/// The second best dialect.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RunnerUp {
    /// Its delimiter.
    pub delimiter: Delimiter,
    /// Its quote mark.
    pub quote: Option<u8>,
    /// Its escape mark.
    pub escape: Option<u8>,
    /// Its score, relative to 1 for the dialect that was taken.
    pub score: f32,
}

/// What the answer rests on: counts and shares, no content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Evidence {
    /// Hypotheses that were compared.
    pub hypotheses: usize,
    /// Rows looked at, blank ones left out.
    pub rows: usize,
    /// How regular the rows are, from 0 to 1.
    pub row_regularity: f32,
    /// How well the cells read as data, from 0 to 1.
    pub cell_readability: f32,
    /// Cells that were opened and closed by the quote mark.
    pub quoted_cells: usize,
    /// Quote marks in other places.
    pub stray_quotes: usize,
    /// Quotes that were opened and never closed.
    pub unclosed_quotes: usize,
}
