//! Rows looked at together, column by column.
//!
//! Nearly all cells of a file raise no doubt, and that is told fastest where one column of many rows
//! is looked at after the other (`look`): the loops are short, and what one cell waits for from
//! memory is asked for while another is read. A row in which every cell is as it should be is
//! *plain*: its values are known by then. Of any other row, [`super::fields`] reads the fields that
//! are in doubt, with their issues.
//!
//! Cells are looked at as the reader has them. The leads borrow from it, too, but for rows that have
//! doubled quotes: those are copied (`copies`).

mod copies;
mod look;

use fearless_simd::{Level, Simd, dispatch};

use self::copies::Copies;
use self::look::{Sheet, look};
use super::cells::{Cells, FAULT};
use super::fields::FieldReader;
use super::memos::Memos;
use super::options::FieldSet;
use super::values::EmailPlace;
use crate::cell_memo::Probe;
use crate::country::Country;
use crate::csv::read::{Batch, RecordPlace, RecordReader, RecordShape, Span};

/// What the look at a batch told of one row.
#[derive(Debug, Clone, Copy)]
pub(super) struct BatchRow {
    place: RecordPlace,
    shape: RecordShape,
    /// Line ends in its cells.
    line_ends: u32,
    /// Its first cell in [`RowBatch::cells`].
    cells: u32,
    /// Where its copy is, if its cells are of one.
    copy: Option<Span>,
    /// Nothing is to be said about it.
    pub(super) is_plain: bool,
    /// The fields that it must be asked for by itself. Of all others, these are the values.
    pub(super) doubts: FieldSet,
    pub(super) email: Option<EmailPlace>,
    pub(super) country: Option<Country>,
    pub(super) years_in_role: Option<f32>,
}

impl BatchRow {
    /// A row that nobody has looked at yet.
    pub(super) const UNKNOWN: Self = Self::new(RecordPlace::NOWHERE, RecordShape::Other);

    const fn new(place: RecordPlace, shape: RecordShape) -> Self {
        Self {
            place,
            shape,
            line_ends: 0,
            cells: place.cells() as u32,
            copy: None,
            is_plain: false,
            doubts: FieldSet::ALL,
            email: None,
            country: None,
            years_in_role: None,
        }
    }

    /// Whether its cells are those that [`RowBatch::cells`] gives.
    pub(super) fn has_cells(&self) -> bool {
        self.shape != RecordShape::Other
    }
}

/// The rows of the reader's batch.
#[derive(Debug)]
pub(super) struct RowBatch {
    level: Level,
    /// The reader's number of the batch.
    number: u64,
    /// What quotes cells, to be undoubled.
    quote: u8,
    /// The file was decoded before it was split: what was malformed is U+FFFD by now.
    marks_malformed: bool,
    rows: Vec<BatchRow>,
    /// Cells of each row that is not of another shape.
    width: usize,
    probes: Vec<Probe>,
    copies: Copies,
    /// Where the cells of the batch are in the input, and behind those, where the cells of each row
    /// that was copied are in its copy.
    cells: Vec<Span>,
}

impl RowBatch {
    /// For a file whose cells are quoted with `quote`.
    pub(super) fn new(quote: Option<u8>, marks_malformed: bool) -> Self {
        Self {
            level: Level::new(),
            number: 0,
            quote: quote.unwrap_or(b'"'),
            marks_malformed,
            rows: Vec::new(),
            width: 0,
            probes: Vec::new(),
            copies: Copies::default(),
            cells: Vec::new(),
        }
    }

    /// Moves the reader to the next record, if that is of a row that is known to be plain.
    #[inline(always)]
    pub(super) fn take_plain(&self, reader: &mut RecordReader<'_>) -> bool {
        let next = reader.next_in_batch().and_then(|next| self.rows.get(next));
        let plain = next.filter(|row| row.is_plain && reader.batch_number() == self.number);
        if let Some(row) = plain {
            reader.take(row.place, self.width, row.line_ends);
        }
        plain.is_some()
    }

    /// Looks at the batch that the reader is in, unless that is done.
    #[inline(always)]
    pub(super) fn follow(
        &mut self,
        reader: &RecordReader<'_>,
        fields: &FieldReader,
        memos: &mut Memos,
    ) {
        if reader.batch_number() != self.number {
            self.read(reader, fields, memos);
        }
    }

    /// What is known of the row that the reader is at.
    #[inline(always)]
    pub(super) fn row(&self, reader: &RecordReader<'_>) -> &BatchRow {
        let row = reader.place_in_batch().and_then(|place| self.rows.get(place));
        row.unwrap_or(&BatchRow::UNKNOWN)
    }

    /// The cells of `row`, which [has some](BatchRow::has_cells), and which the reader is at.
    #[inline(always)]
    pub(super) fn cells<'r>(&'r self, row: &BatchRow, reader: &'r RecordReader<'_>) -> Cells<'r> {
        let first = row.cells as usize;
        let cells = self.cells.get(first..first + self.width).unwrap_or_default();
        match row.copy {
            Some(copy) => Cells::new(self.copies.text(copy), cells, 0),
            None => {
                let text = reader.text().unwrap_or_default();
                Cells::new(text, cells, row.place.span().start())
            }
        }
    }

    #[inline(never)]
    fn read(&mut self, reader: &RecordReader<'_>, fields: &FieldReader, memos: &mut Memos) {
        self.number = reader.batch_number();
        self.rows.clear();
        let batch = reader.batch();
        let level = self.level;
        dispatch!(level, simd => self.read_batch(simd, &batch, fields, memos));
    }

    #[inline(always)]
    fn read_batch<S: Simd>(
        &mut self,
        simd: S,
        batch: &Batch<'_>,
        fields: &FieldReader,
        memos: &mut Memos,
    ) {
        self.width = fields.columns.count();
        let text = batch.text();
        if self.marks_malformed && memchr::memmem::find(text.as_bytes(), FAULT).is_some() {
            // All of its rows are read by themselves.
            return;
        }
        let places = batch.places(self.width, &mut self.cells);
        self.rows.resize(places.len(), BatchRow::UNKNOWN);
        for (row, (place, is_regular)) in self.rows.iter_mut().zip(places) {
            let is_plain = is_regular && place.span().end() <= text.len();
            let shape = if is_plain { RecordShape::Plain } else { RecordShape::Other };
            *row = BatchRow::new(place, shape);
        }
        mark(&mut self.rows, batch.notes());
        let Self { quote, probes, rows, cells, copies, width, .. } = self;
        copies.undouble(*quote, batch, *width, rows, cells);
        let sheet = Sheet { text, cells, quote: *quote };
        look(simd, &sheet, fields, memos, probes, rows);
    }
}

/// Marks the rows in which `notes` are, in order: where each is, and what its row is then.
#[inline(always)]
fn mark(rows: &mut [BatchRow], notes: impl Iterator<Item = (usize, RecordShape)>) {
    let mut rows = rows.iter_mut().peekable();
    for (at, shape) in notes {
        while rows.next_if(|row| row.place.span().end() <= at).is_some() {}
        if let Some(row) = rows.peek_mut() {
            row.shape = row.shape.max(shape);
            row.line_ends += u32::from(shape == RecordShape::Long);
        }
    }
}
