//! Rows looked at together, column by column.
//!
//! Nearly all cells of a file raise no doubt, and that is told fastest where one column of many rows
//! is looked at after the other: the loops are short, and what one cell waits for from memory is
//! asked for while another is read. A row in which every cell is as it should be is *plain*: its
//! values are known by then. Of any other row, [`super::fields`] reads the fields that are in doubt,
//! with their issues.
//!
//! Cells are looked at as they stand in the file. Where that is not UTF-8, all rows of the batch are
//! decoded at once, for the leads that borrow from it.

use std::borrow::Cow;

use fearless_simd::{Level, Simd, dispatch};

use super::cells::{Cells, FAULT, trim};
use super::columns::{Columns, NONE};
use super::fields::{FieldReader, WebsiteCheck, check_website, is_interpreted};
use super::options::FieldSet;
use super::placeholder::{PlaceholderStarts, is_placeholder};
use super::years::{parse_years, usual_years};
use crate::address;
use crate::cell_memo::{CellMemo, Probe};
use crate::country::{ColumnContext, Country, Doubt, Memo, Recognized, recognize};
use crate::csv::encoding::{CellDecoder, Encoding, Pairs, Transcoded};
use crate::csv::header::Field;
use crate::csv::read::{Batch, Place, Record, RecordReader, Shape, Span, move_spans};
use crate::scan::{BLOCK_BYTES, Block, TextStart};
use crate::website::is_usual_profile;

/// What the look at a batch told of one row.
#[derive(Debug, Clone, Copy)]
pub(super) struct BatchRow {
    place: Place,
    shape: Shape,
    /// Line ends in its cells.
    line_ends: u32,
    /// Its first cell in [`RowBatch::cells`].
    cells: u32,
    /// Its cells are not of the input, but of a text that was made of it, and this is where.
    is_copied: bool,
    text: Span,
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
            place,
            shape,
            line_ends: 0,
            cells: place.cells() as u32,
            is_copied: false,
            text: Span::new(0, 0),
            is_plain: false,
            doubts: FieldSet::ALL,
            email: None,
            country: None,
            years_in_role: None,
        }
    }

    /// Whether its cells are those that [`RowBatch::cells`] gives.
    pub(super) fn has_cells(&self) -> bool {
        self.shape != Shape::Other
    }
}

/// The rows of the reader's batch.
#[derive(Debug)]
pub(super) struct RowBatch {
    level: Level,
    /// The reader's number of the batch.
    number: u64,
    decoder: CellDecoder,
    /// What quotes cells, to be undoubled.
    quote: u8,
    /// The file was decoded before it was split: what was malformed is U+FFFD by now.
    is_decoded: bool,
    starts: PlaceholderStarts,
    rows: Vec<BatchRow>,
    /// Cells of each row that is not of another shape.
    width: usize,
    memos: Memos,
    /// The batch in UTF-8, if it is in another encoding.
    transcoded: Transcoded,
    /// The rows with doubled quotes, without those.
    undoubled: String,
    /// Where the cells of the batch are in the input, and behind those, where the cells of each row
    /// that was copied are in its own text.
    cells: Vec<Span>,
}

/// What is remembered of the cells of columns that repeat themselves, as they stand in the file.
#[derive(Debug)]
struct Memos {
    countries: Memo,
    websites: CellMemo<WebsiteCheck>,
    probes: Vec<Probe>,
}

impl RowBatch {
    /// For a file in the encoding of `decoder`, whose cells are quoted with `quote`.
    pub(super) fn new(decoder: CellDecoder, quote: Option<u8>, is_decoded: bool) -> Self {
        let memos =
            Memos { countries: Memo::new(), websites: CellMemo::new(Ok(())), probes: Vec::new() };
        Self {
            level: Level::new(),
            number: 0,
            starts: PlaceholderStarts::new(&decoder),
            decoder,
            quote: quote.unwrap_or(b'"'),
            is_decoded,
            rows: Vec::new(),
            width: 0,
            memos,
            transcoded: Transcoded::default(),
            undoubled: String::new(),
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
    pub(super) fn follow(&mut self, reader: &RecordReader<'_>, fields: &FieldReader) {
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

    /// The cells of `row`, which [has some](BatchRow::has_cells), and whose record is `record`.
    #[inline(always)]
    pub(super) fn cells<'r>(&'r self, row: &BatchRow, record: &Record<'r>) -> Cells<'r> {
        let first = row.cells as usize;
        let cells = self.cells.get(first..first + self.width).unwrap_or_default();
        if row.is_copied {
            return Cells::new(self.text_of_copy(row), cells, 0);
        }
        let text = record.text().unwrap_or_else(|| ascii(record.raw()));
        Cells::new(text, cells, row.place.start)
    }

    #[inline(always)]
    fn text_of_copy(&self, row: &BatchRow) -> &str {
        if row.shape == Shape::Doubled {
            let text = self.undoubled.get(row.text.start()..row.text.end());
            return text.unwrap_or_default();
        }
        self.transcoded.text(row.text)
    }

    #[inline(never)]
    fn read(&mut self, reader: &RecordReader<'_>, fields: &FieldReader) {
        self.number = reader.batch_number();
        self.rows.clear();
        let batch = reader.batch();
        let level = self.level;
        dispatch!(level, simd => self.read_batch(simd, &batch, fields));
    }

    #[inline(always)]
    fn read_batch<S: Simd>(&mut self, simd: S, batch: &Batch<'_>, fields: &FieldReader) {
        let width = fields.columns.count();
        self.width = width;
        let is_utf8 = self.decoder.encoding() == Encoding::Utf8;
        let text = batch.text();
        if is_utf8
            && self.is_decoded
            && memchr::memmem::find(text.as_bytes(), FAULT.as_bytes()).is_some()
        {
            return;
        }
        let text_end = if is_utf8 { text.len() } else { usize::MAX };
        let places = batch.places(width, &mut self.cells);
        self.rows.resize(places.len(), BatchRow::UNKNOWN);
        for (row, (place, is_regular)) in self.rows.iter_mut().zip(places) {
            let is_plain = is_regular && place.end() <= text_end;
            *row = BatchRow::new(place, if is_plain { Shape::Plain } else { Shape::Other });
        }
        mark(&mut self.rows, batch.notes());
        match self.decoder.encoding() {
            Encoding::Utf8 => {}
            encoding if encoding.is_single_byte() => self.transcode(simd, batch),
            _ => return self.rows.clear(),
        }
        self.undouble(batch);
        let Self { decoder, quote, starts, memos, rows, cells, .. } = self;
        let (decoder, quote) = (*decoder, *quote);
        let sheet = Sheet { bytes: batch.bytes(), text, cells, decoder, quote, starts };
        look(simd, &sheet, fields, memos, rows);
    }

    /// Decodes the rows that are not ASCII.
    #[inline(always)]
    fn transcode<S: Simd>(&mut self, simd: S, batch: &Batch<'_>) {
        let bytes = batch.bytes();
        self.transcoded.begin(simd, &bytes[..batch.end()]);
        for row in self.rows.iter_mut().filter(|row| row.shape != Shape::Other) {
            let Place { start, end, .. } = row.place;
            let (start, end) = (start as usize, end as usize);
            let found = self.decoder.transcode(bytes, start, end, &mut self.transcoded);
            let Some(found) = found else { continue };
            let growths = &self.transcoded.growths()[found.growth as usize..];
            let cells = row.cells as usize..row.cells as usize + self.width;
            (row.is_copied, row.text) = (true, found.text);
            row.cells = self.cells.len() as u32;
            move_spans(&mut self.cells, cells, row.place.start, found.text.start, growths);
            let is_garbled = || Pairs::are_in(simd, self.transcoded.bytes(found.text));
            if found.is_malformed || found.has_pairs && is_garbled() {
                row.shape = Shape::Other;
            }
        }
    }

    /// Copies the rows with doubled quotes, each of which becomes one.
    fn undouble(&mut self, batch: &Batch<'_>) {
        let Self { transcoded, undoubled, cells, .. } = self;
        undoubled.clear();
        for row in self.rows.iter_mut().filter(|row| row.shape == Shape::Doubled) {
            let place = row.place.start()..row.place.end();
            let (text, base) = if row.is_copied {
                (transcoded.text(row.text), 0)
            } else {
                let text = batch.text().get(place.clone());
                (text.unwrap_or_else(|| ascii(&batch.bytes()[place])), row.place.start)
            };
            let begin = undoubled.len();
            let first = row.cells as usize;
            row.cells = cells.len() as u32;
            // Up to where the text is copied, and how many quotes were left out.
            let (mut from, mut removed) = (0, 0);
            let mut quotes = memchr::memchr_iter(self.quote, text.as_bytes()).peekable();
            for index in first..first + self.width {
                let cell = cells[index].back(base);
                let start = cell.start() - removed;
                // Those around the cells before.
                while quotes.next_if(|at| *at < cell.start()).is_some() {}
                // A regular record has no other quotes in its cells than doubled ones.
                while let Some(at) = quotes.next_if(|at| *at < cell.end()) {
                    undoubled.push_str(text.get(from..=at).unwrap_or_default());
                    quotes.next();
                    from = at + 2;
                    removed += 1;
                }
                cells.push(Span::new(start, cell.end() - removed));
            }
            undoubled.push_str(text.get(from..).unwrap_or_default());
            (row.is_copied, row.text) = (true, Span::new(begin, undoubled.len()));
        }
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
            row.line_ends += u32::from(shape == Shape::Long);
        }
    }
}

/// The text of a row that is known to be ASCII.
#[inline(always)]
fn ascii(bytes: &[u8]) -> &str {
    // The standard library's is the fastest for text so short that is ASCII.
    std::str::from_utf8(bytes).unwrap_or_default()
}

/// The cells of a batch.
struct Sheet<'g> {
    bytes: &'g [u8],
    /// As much of that as is UTF-8, if the file is.
    text: &'g str,
    cells: &'g [Span],
    decoder: CellDecoder,
    quote: u8,
    starts: &'g PlaceholderStarts,
}

/// Those of one column.
#[derive(Clone, Copy)]
struct Column<'g> {
    sheet: &'g Sheet<'g>,
    column: usize,
}

impl<'g> Column<'g> {
    /// Where the cell of `row` is.
    #[inline(always)]
    fn span(&self, row: &BatchRow) -> Span {
        self.sheet.cells.get(row.place.cells() + self.column).copied().unwrap_or_default()
    }

    /// What a cell says.
    fn text(&self, cell: Span) -> Cow<'g, str> {
        let Sheet { decoder, text, .. } = self.sheet;
        if decoder.encoding() == Encoding::Utf8 {
            return Cow::Borrowed(text.get(cell.start()..cell.end()).unwrap_or_default());
        }
        let mut text = String::new();
        decoder.decode_cell(self.bytes(cell), &mut text);
        Cow::Owned(text)
    }

    #[inline(always)]
    fn bytes(&self, cell: Span) -> &'g [u8] {
        self.sheet.bytes.get(cell.start()..cell.end()).unwrap_or_default()
    }

    /// The block that begins with a cell, if there is so much.
    #[inline(always)]
    fn block(&self, cell: Span) -> Option<&'g Block> {
        let bytes = self.sheet.bytes;
        bytes.get(cell.start()..cell.start() + BLOCK_BYTES)?.first_chunk()
    }

    /// The start of a cell, if there is a whole block.
    #[inline(always)]
    fn start<S: Simd>(&self, simd: S, cell: Span) -> Option<TextStart<S>> {
        Some(TextStart::load(simd, self.block(cell)?, cell.len()))
    }

    /// Whether the cell of `row` stands for a missing value.
    #[inline(always)]
    fn has_placeholder(&self, row: &BatchRow) -> bool {
        let cell = self.span(row);
        let bytes = self.sheet.bytes;
        let start = bytes.get(cell.start()..cell.start() + 2).and_then(<[u8]>::first_chunk);
        let may_be =
            start.is_none_or(|start| self.sheet.starts.may_begin(start)) & !cell.is_empty();
        may_be && self.is_placeholder(cell)
    }

    // What is seldom asked is no part of the loops: they must stay short.

    #[inline(never)]
    fn is_placeholder(&self, cell: Span) -> bool {
        is_placeholder(trim(&self.text(cell)).as_bytes())
    }

    #[inline(never)]
    fn country(&self, cell: Span, context: &ColumnContext) -> Result<Recognized, Doubt> {
        recognize(trim(&self.text(cell)), context)
    }

    #[inline(never)]
    fn website(&self, cell: Span) -> WebsiteCheck {
        check_website(trim(&self.text(cell)))
    }

    #[inline(never)]
    fn years(&self, cell: Span) -> Option<f32> {
        parse_years(&self.text(cell))
    }
}

/// Looks at the columns of `rows`, one after the other.
#[inline(always)]
fn look<S: Simd>(
    simd: S,
    sheet: &Sheet<'_>,
    fields: &FieldReader,
    memos: &mut Memos,
    rows: &mut [BatchRow],
) {
    // A cell is looked at in a whole block.
    let known_end = sheet.bytes.len().saturating_sub(BLOCK_BYTES);
    // Cells are looked at with their quotes doubled yet. The values that are read of them hold no
    // double quotes, but they may hold any other.
    let shapes_end = if sheet.quote == b'"' { Shape::Other } else { Shape::Doubled };
    for row in &mut *rows {
        let is_known = row.shape < shapes_end && row.place.end() <= known_end;
        row.doubts = if is_known { FieldSet::default() } else { FieldSet::ALL };
    }
    let FieldReader { columns, context, .. } = fields;
    let Memos { countries, websites, probes } = memos;
    let one = |column: usize| (column != NONE).then_some(Column { sheet, column });
    let mut emails = columns.emails.iter().filter_map(|&column| one(column));
    if let Some(column) = emails.next() {
        look_at_emails(simd, column, rows);
    }
    emails.for_each(|column| look_at_other_emails(column, rows));
    if let Some(column) = one(columns.country) {
        look_at_countries(simd, column, countries.of(context), context, probes, rows);
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
    look_at_texts(sheet, columns, rows);
}

#[inline(always)]
fn look_at_emails<S: Simd>(simd: S, column: Column<'_>, rows: &mut [BatchRow]) {
    for row in rows {
        let cell = column.span(row);
        let Some(start) = column.start(simd, cell) else { continue };
        row.email = address::usual_shape(column.bytes(cell), &start);
        row.doubts.add_if(Field::Email, row.email.is_none() & !cell.is_empty());
    }
}

#[inline(always)]
fn look_at_other_emails(column: Column<'_>, rows: &mut [BatchRow]) {
    for row in rows {
        row.doubts.add_if(Field::Email, !column.span(row).is_empty());
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
        let cell = column.span(row);
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
    memo: &mut CellMemo<Result<Recognized, Doubt>>,
    context: &ColumnContext,
    probes: &mut Vec<Probe>,
    rows: &mut [BatchRow],
) {
    probe(column, memo, probes, rows);
    for (row, probe) in rows.iter_mut().zip(probes) {
        let cell = column.span(row);
        if cell.is_empty() || row.doubts.has(Field::Country) {
            continue;
        }
        let Some(start) = column.start(simd, cell) else { continue };
        let find = || column.country(cell, context);
        match memo.get(probe, cell.len(), &start, find) {
            Ok(found) if !is_interpreted(found.how) => row.country = Some(found.country),
            Err(Doubt::Empty) => {}
            Ok(_) | Err(_) => row.doubts.add(Field::Country),
        }
        if row.shape == Shape::Doubled {
            // The one value that may be read from a cell in which double quotes are doubled yet.
            let quotes = column.bytes(cell).contains(&column.sheet.quote);
            row.doubts.add_if(Field::Country, quotes);
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
        let cell = column.span(row);
        if cell.is_empty() || row.doubts.has(Field::CompanyWebsite) {
            continue;
        }
        let Some(start) = column.start(simd, cell) else { continue };
        let find = || column.website(cell);
        let found = memo.get(probe, cell.len(), &start, find);
        row.doubts.add_if(Field::CompanyWebsite, found.is_err());
    }
}

#[inline(always)]
fn look_at_profiles<S: Simd>(simd: S, column: Column<'_>, rows: &mut [BatchRow]) {
    for row in rows {
        let cell = column.span(row);
        let Some(start) = column.start(simd, cell) else { continue };
        let is_in_doubt = !cell.is_empty() && !is_usual_profile(column.bytes(cell), &start);
        row.doubts.add_if(Field::LinkedInUrl, is_in_doubt);
    }
}

#[inline(always)]
fn look_at_years(column: Column<'_>, rows: &mut [BatchRow]) {
    for row in rows {
        let cell = column.span(row);
        if cell.is_empty() || row.doubts.has(Field::YearsInRole) {
            continue;
        }
        row.years_in_role = match usual_years(column.bytes(cell)) {
            None => column.years(cell),
            years => years,
        };
        row.doubts.add_if(Field::YearsInRole, row.years_in_role.is_none());
    }
}

/// Looks at the columns that hold any text, and whether a row may be blank.
#[inline(always)]
fn look_at_texts(sheet: &Sheet<'_>, columns: &Columns, rows: &mut [BatchRow]) {
    let of_text = [
        (Field::FirstName, columns.first_name),
        (Field::LastName, columns.last_name),
        (Field::JobTitle, columns.job_title),
        (Field::CompanyName, columns.company_name),
    ];
    let of_text = of_text.map(|(field, column)| (field, Column { sheet, column }));
    let first = Column { sheet, column: 0 };
    for row in rows {
        for (field, column) in &of_text {
            let is_in_doubt = column.column != NONE && column.has_placeholder(row);
            row.doubts.add_if(*field, is_in_doubt);
        }
        // What has no value that is seen at once may be blank.
        let cell = first.span(row);
        let has_ink = || (0x21..0x7F).contains(first.bytes(cell).first().unwrap_or(&0));
        let may_be_blank =
            row.email.is_none() && row.country.is_none() && (cell.is_empty() || !has_ink());
        row.is_plain = row.doubts.is_empty() && !may_be_blank;
    }
}
