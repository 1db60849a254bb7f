//! Rows looked at together, column by column.
//!
//! Nearly all cells of a file raise no doubt, and that is told fastest where one column of many rows
//! is looked at after the other: the loops are short, and what one cell waits for from memory is
//! asked for while another is read. A row in which every cell is as it should be is *plain*: its
//! values are known by then. Any other row is read by itself, by [`super::fields`], with its issues.

use fearless_simd::{Level, Simd, dispatch};

use super::cells::{Cells, FAULT, trim};
use super::columns::NONE;
use super::fields::{FieldReader, WebsiteCheck, check_website, is_interpreted};
use super::options::FieldSet;
use super::placeholder::{is_placeholder, may_be_placeholder};
use super::years::{parse_years, usual_years};
use crate::address;
use crate::cell_memo::{CellMemo, Probe};
use crate::country::{ColumnContext, Country, Doubt, Memo, recognize};
use crate::csv::encoding::{CellDecoder, Encoding, Pairs, Transcoded};
use crate::csv::header::Field;
use crate::csv::read::{Batch, Grid, Moved, Place, Record, RecordReader, Shape, Span};
use crate::scan::{BLOCK_BYTES, Block, TextStart, Vectors, padded_block};
use crate::website::is_usual_profile;

/// What the look at a batch told of one row.
#[derive(Debug, Clone, Copy)]
pub(super) struct BatchRow {
    /// Where it is in the input, and in the text that its cells are of.
    raw: Place,
    place: Place,
    shape: Shape,
    /// Nothing is to be said about it.
    pub(super) is_plain: bool,
    /// The fields that it must be asked for by itself. Of all others, these are the values.
    pub(super) doubts: FieldSet,
    pub(super) email: Option<address::Shape>,
    pub(super) country: Option<Country>,
    pub(super) years_in_role: Option<f32>,
}

impl BatchRow {
    /// A row that nobody has looked at yet.
    pub(super) const UNKNOWN: Self = Self::new(Place::NOWHERE, Shape::Other);

    const fn new(place: Place, shape: Shape) -> Self {
        Self {
            raw: place,
            place,
            shape,
            is_plain: false,
            doubts: FieldSet::ALL,
            email: None,
            country: None,
            years_in_role: None,
        }
    }

    /// Whether its cells are those that [`RowBatch::cells`] gives.
    pub(super) fn has_cells(&self) -> bool {
        matches!(self.shape, Shape::Plain | Shape::Long)
    }
}

/// The rows of the reader's batch.
#[derive(Debug)]
pub(super) struct RowBatch {
    level: Level,
    /// The reader's number of the batch.
    number: u64,
    decoder: CellDecoder,
    /// The file was decoded before it was split: what was malformed is U+FFFD by now.
    is_decoded: bool,
    rows: Vec<BatchRow>,
    /// Cells of each plain row.
    width: usize,
    probes: Vec<Probe>,
    /// The batch in UTF-8, if it is in another encoding.
    transcoded: Transcoded,
    moved: Moved,
}

impl RowBatch {
    pub(super) fn new(decoder: CellDecoder, is_decoded: bool) -> Self {
        Self {
            level: Level::new(),
            number: 0,
            decoder,
            is_decoded,
            rows: Vec::new(),
            width: 0,
            probes: Vec::new(),
            transcoded: Transcoded::default(),
            moved: Moved::default(),
        }
    }

    /// Moves the reader to the next record, if that is of a row that is known to be plain.
    #[inline(always)]
    pub(super) fn take_plain(&self, reader: &mut RecordReader<'_>) -> bool {
        let next = reader.next_in_batch().and_then(|next| self.rows.get(next));
        let plain = next.filter(|row| row.is_plain && reader.batch_number() == self.number);
        if let Some(row) = plain {
            reader.take(row.raw, self.width);
        }
        plain.is_some()
    }

    /// Looks at the batch that the reader is in, unless that is done.
    #[inline(always)]
    pub(super) fn follow(&mut self, reader: &RecordReader<'_>, fields: &mut FieldReader) {
        if reader.batch_number() != self.number {
            self.read(reader, fields);
        }
    }

    /// What is known of the row that the reader is at.
    #[inline(always)]
    pub(super) fn row(&self, reader: &RecordReader<'_>) -> &BatchRow {
        let row = reader.place_in_batch().and_then(|place| self.rows.get(place));
        row.unwrap_or(&BatchRow::UNKNOWN)
    }

    /// The cells of `row`, which are text, and which `record` has.
    #[inline(always)]
    pub(super) fn cells<'r>(&'r self, row: &BatchRow, record: &Record<'r>) -> Cells<'r> {
        if let Some(text) = record.text() {
            return Cells::new(text, record.spans());
        }
        let grid = self.moved.grid(self.transcoded.text());
        let text = grid.text().get(row.place.start()..row.place.end()).unwrap_or_default();
        Cells::new(text, grid.spans(row.place, record.len()))
    }

    #[inline(never)]
    fn read(&mut self, reader: &RecordReader<'_>, fields: &mut FieldReader) {
        self.number = reader.batch_number();
        self.rows.clear();
        let batch = reader.batch();
        let level = self.level;
        dispatch!(level, simd => self.read_batch(simd, &batch, fields));
    }

    #[inline(always)]
    fn read_batch<S: Simd>(&mut self, simd: S, batch: &Batch<'_>, fields: &mut FieldReader) {
        let width = fields.columns().count();
        self.width = width;
        let is_utf8 = self.decoder.encoding() == Encoding::Utf8;
        let text_end = if is_utf8 { batch.grid().text().len() } else { usize::MAX };
        let places = batch.places(width);
        self.rows.resize(places.len(), BatchRow::UNKNOWN);
        for (row, (place, is_wide)) in self.rows.iter_mut().zip(places) {
            let is_text = is_wide && place.end() <= text_end;
            *row = BatchRow::new(place, if is_text { Shape::Plain } else { Shape::Other });
        }
        mark(&mut self.rows, batch.notes());
        if is_utf8 {
            let grid = batch.grid();
            if self.is_decoded
                && memchr::memmem::find(grid.text().as_bytes(), FAULT.as_bytes()).is_some()
            {
                self.rows.clear();
            }
            look(simd, grid, fields, &mut self.probes, &mut self.rows);
            return;
        }
        let (bytes, raw) = (batch.bytes(), batch.grid());
        if !self.decoder.transcode(simd, &bytes[..batch.end()], bytes, &mut self.transcoded) {
            self.rows.clear();
            return;
        }
        self.moved.follow(&raw, self.transcoded.growths());
        for row in self.rows.iter_mut().filter(|row| row.shape != Shape::Other) {
            row.place = self.moved.place(&raw, row.raw, width);
        }
        let grid = self.moved.grid(self.transcoded.text());
        if self.transcoded.has_pairs() {
            let pairs = pairs(simd, grid.text().as_bytes());
            mark(&mut self.rows, pairs.map(|at| (at, Shape::Other)));
        }
        look(simd, grid, fields, &mut self.probes, &mut self.rows);
    }
}

/// Marks the rows in which `notes` are, in order: where each is, and what its row is then.
#[inline(always)]
fn mark(rows: &mut [BatchRow], notes: impl Iterator<Item = (usize, Shape)>) {
    let mut rows = rows.iter_mut().peekable();
    for (at, shape) in notes {
        while rows.next_if(|row| row.place.end() <= at).is_some() {}
        if let Some(row) = rows.peek_mut() {
            row.shape = row.shape.max(shape);
        }
    }
}

/// Where the pairs of characters are that garbled text has.
#[inline(always)]
fn pairs<S: Simd>(simd: S, text: &[u8]) -> impl Iterator<Item = usize> {
    let mut pairs = Pairs::default();
    let (blocks, rest) = text.as_chunks::<BLOCK_BYTES>();
    let blocks = blocks.iter().copied().chain([padded_block(rest)]);
    blocks.enumerate().flat_map(move |(number, block)| {
        let found = pairs.next(&Vectors::load(simd, &block));
        let rest = |left: &u64| Some(left & (left - 1)).filter(|left| *left != 0);
        let lefts = std::iter::successors(Some(found).filter(|left| *left != 0), rest);
        lefts.map(move |left| number * BLOCK_BYTES + left.trailing_zeros() as usize)
    })
}

/// The cells of one column.
#[derive(Clone, Copy)]
struct Column<'g> {
    grid: Grid<'g>,
    column: usize,
}

impl<'g> Column<'g> {
    /// The cell of the row at `place`.
    #[inline(always)]
    fn span(&self, place: Place) -> Span {
        self.grid.cell(place, self.column)
    }

    #[inline(always)]
    fn text(&self, cell: Span) -> &'g str {
        self.grid.text().get(cell.start()..cell.end()).unwrap_or_default()
    }

    #[inline(always)]
    fn bytes(&self, cell: Span) -> &'g [u8] {
        self.grid.text().as_bytes().get(cell.start()..cell.end()).unwrap_or_default()
    }

    /// The block that begins with a cell, if there is so much text.
    #[inline(always)]
    fn block(&self, cell: Span) -> Option<&'g Block> {
        let bytes = self.grid.text().as_bytes();
        bytes.get(cell.start()..cell.start() + BLOCK_BYTES)?.first_chunk()
    }

    /// Whether the cell of the row at `place` stands for a missing value.
    #[inline(always)]
    fn has_placeholder(&self, place: Place) -> bool {
        let cell = self.span(place);
        let bytes = self.grid.text().as_bytes();
        let start = bytes.get(cell.start()..cell.start() + 2).and_then(<[u8]>::first_chunk);
        let may_be = start.is_none_or(may_be_placeholder) & !cell.is_empty();
        may_be && is_placeholder(trim(self.text(cell)).as_bytes())
    }

    /// The start of a cell, if there is a whole block of text behind it.
    #[inline(always)]
    fn start<S: Simd>(&self, simd: S, cell: Span) -> Option<TextStart<S>> {
        Some(TextStart::of_block(simd, self.block(cell)?, cell.len()))
    }
}

/// Looks at the columns of `rows`, one after the other.
#[inline(always)]
fn look<S: Simd>(
    simd: S,
    grid: Grid<'_>,
    fields: &mut FieldReader,
    probes: &mut Vec<Probe>,
    rows: &mut [BatchRow],
) {
    // A cell is looked at in a whole block.
    let known_end = grid.text().len().saturating_sub(BLOCK_BYTES);
    for row in &mut *rows {
        let is_known = row.shape != Shape::Other && row.place.end() <= known_end;
        row.doubts = if is_known { FieldSet::default() } else { FieldSet::ALL };
        // A country may be read from a cell in which quotes are doubled yet. No other value is.
        row.doubts.add_if(Field::Country, row.shape == Shape::Doubled);
    }
    let FieldReader { columns, context, countries, websites, .. } = fields;
    let one = |column: usize| (column != NONE).then_some(Column { grid, column });
    if let [first, others @ ..] = &columns.emails[..] {
        look_at_emails(simd, Column { grid, column: *first }, rows);
        for &column in others {
            look_at_other_emails(Column { grid, column }, rows);
        }
    }
    if let Some(column) = one(columns.country) {
        look_at_countries(simd, column, countries, context, probes, rows);
    }
    if let Some(column) = one(columns.company_website) {
        look_at_websites(simd, column, websites, probes, rows);
    }
    if let Some(column) = one(columns.linkedin_url) {
        look_at_profiles(simd, column, rows);
    }
    if let Some(column) = one(columns.years_in_role) {
        look_at_years(column, rows);
    }
    let of_text = [
        (Field::FirstName, columns.first_name),
        (Field::LastName, columns.last_name),
        (Field::JobTitle, columns.job_title),
        (Field::CompanyName, columns.company_name),
    ];
    let of_text = of_text.map(|(field, column)| (field, Column { grid, column }));
    let first = Column { grid, column: 0 };
    for row in rows {
        for (field, column) in &of_text {
            let is_doubtful = column.column != NONE && column.has_placeholder(row.place);
            row.doubts.add_if(*field, is_doubtful);
        }
        // What has no value that is seen at once may be blank.
        let cell = first.span(row.place);
        let has_ink = || (0x21..0x7F).contains(first.bytes(cell).first().unwrap_or(&0));
        let is_blank =
            row.email.is_none() && row.country.is_none() && (cell.is_empty() || !has_ink());
        row.is_plain = row.shape == Shape::Plain && row.doubts.is_empty() && !is_blank;
    }
}

#[inline(always)]
fn look_at_emails<S: Simd>(simd: S, column: Column<'_>, rows: &mut [BatchRow]) {
    for row in rows {
        let cell = column.span(row.place);
        let Some(start) = column.start(simd, cell) else { continue };
        row.email = address::usual_shape(column.bytes(cell), &start);
        row.doubts.add_if(Field::Email, row.email.is_none() & !cell.is_empty());
    }
}

#[inline(always)]
fn look_at_other_emails(column: Column<'_>, rows: &mut [BatchRow]) {
    for row in rows {
        row.doubts.add_if(Field::Email, !column.span(row.place).is_empty());
    }
}

/// Asks `memo` where the cells of a column may be, in short loops: so the memory is asked for many
/// cells at a time.
#[inline(always)]
fn probe<T: Copy>(
    column: Column<'_>,
    memo: &CellMemo<T>,
    probes: &mut Vec<Probe>,
    rows: &[BatchRow],
) {
    probes.resize(rows.len(), Probe::NOWHERE);
    for (probe, row) in probes.iter_mut().zip(rows) {
        let cell = column.span(row.place);
        if let Some(block) = column.block(cell) {
            *probe = Probe::new(block, cell.len());
        }
    }
    for probe in probes {
        memo.look_up(probe);
    }
}

#[inline(always)]
fn look_at_countries<S: Simd>(
    simd: S,
    column: Column<'_>,
    memo: &mut Memo,
    context: &ColumnContext,
    probes: &mut Vec<Probe>,
    rows: &mut [BatchRow],
) {
    let memo = memo.of(context);
    probe(column, memo, probes, rows);
    for (row, probe) in rows.iter_mut().zip(probes) {
        let cell = column.span(row.place);
        if cell.is_empty() || row.doubts.has(Field::Country) {
            continue;
        }
        let Some(start) = column.start(simd, cell) else { continue };
        let find = || recognize(column.text(cell), context);
        match memo.get(probe, cell.len(), &start, find) {
            Ok(found) if !is_interpreted(found.how) => row.country = Some(found.country),
            Err(Doubt::Empty) => {}
            Ok(_) | Err(_) => row.doubts.add(Field::Country),
        }
    }
}

#[inline(always)]
fn look_at_websites<S: Simd>(
    simd: S,
    column: Column<'_>,
    memo: &mut CellMemo<WebsiteCheck>,
    probes: &mut Vec<Probe>,
    rows: &mut [BatchRow],
) {
    probe(column, memo, probes, rows);
    for (row, probe) in rows.iter_mut().zip(probes) {
        let cell = column.span(row.place);
        if cell.is_empty() || row.doubts.has(Field::CompanyWebsite) {
            continue;
        }
        let Some(start) = column.start(simd, cell) else { continue };
        let find = || check_website(column.text(cell));
        let found = memo.get(probe, cell.len(), &start, find);
        row.doubts.add_if(Field::CompanyWebsite, found.is_err());
    }
}

#[inline(always)]
fn look_at_profiles<S: Simd>(simd: S, column: Column<'_>, rows: &mut [BatchRow]) {
    for row in rows {
        let cell = column.span(row.place);
        let Some(start) = column.start(simd, cell) else { continue };
        let is_in_doubt = !cell.is_empty() && !is_usual_profile(column.bytes(cell), &start);
        row.doubts.add_if(Field::LinkedInUrl, is_in_doubt);
    }
}

#[inline(always)]
fn look_at_years(column: Column<'_>, rows: &mut [BatchRow]) {
    for row in rows {
        let cell = column.span(row.place);
        if cell.is_empty() {
            continue;
        }
        row.years_in_role =
            usual_years(column.bytes(cell)).or_else(|| parse_years(column.text(cell)));
        row.doubts.add_if(Field::YearsInRole, row.years_in_role.is_none());
    }
}
