//! One column of many rows, looked at after the other.

use fearless_simd::Simd;

use super::super::columns::{Columns, NONE};
use super::super::fields::{FieldReader, WebsiteCheck, check_website, is_interpreted};
use super::super::memos::Memos;
use super::super::options::FieldSet;
use super::super::placeholder::{is_placeholder, may_begin_placeholder};
use super::super::values::EmailPlace;
use super::BatchRow;
use crate::address;
use crate::cell_memo::{CellMemo, Probe};
use crate::country::{ColumnContext, Doubt, Recognized, recognize};
use crate::csv::header::Field;
use crate::csv::read::{RecordShape, Span};
use crate::csv::years::{parse_years, usual_years};
use crate::scan::{BLOCK_BYTES, Block, TextStart};
use crate::trim::trim;
use crate::website::is_usual_profile;

/// The cells of a batch.
pub(super) struct Sheet<'g> {
    pub(super) text: &'g str,
    pub(super) cells: &'g [Span],
    pub(super) quote: u8,
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

    /// Where the cell of `row` is in the text of the row.
    #[inline(always)]
    fn span_in_text(&self, row: &BatchRow) -> Span {
        let cell = self.sheet.cells.get(row.cells as usize + self.column).copied();
        let base = if row.copy.is_some() { 0 } else { row.place.span().start() };
        cell.map_or_else(Span::default, |cell| cell.counted_from(base))
    }

    /// What a cell says.
    fn text(&self, cell: Span) -> &'g str {
        self.sheet.text.get(cell.range()).unwrap_or_default()
    }

    #[inline(always)]
    fn bytes(&self, cell: Span) -> &'g [u8] {
        self.sheet.text.as_bytes().get(cell.range()).unwrap_or_default()
    }

    /// The block that begins with a cell, if there is so much.
    #[inline(always)]
    fn block(&self, cell: Span) -> Option<&'g Block> {
        let bytes = self.sheet.text.as_bytes();
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
        let bytes = self.sheet.text.as_bytes();
        let start = bytes.get(cell.start()..cell.start() + 2).and_then(<[u8]>::first_chunk);
        let may_be = start.is_none_or(may_begin_placeholder) & !cell.is_empty();
        may_be && self.is_placeholder(cell)
    }

    // What is seldom asked is no part of the loops: they must stay short.

    #[inline(never)]
    fn is_placeholder(&self, cell: Span) -> bool {
        is_placeholder(trim(self.text(cell)).as_bytes())
    }

    #[inline(never)]
    fn country(&self, cell: Span, context: &ColumnContext) -> Result<Recognized, Doubt> {
        recognize(trim(self.text(cell)), context)
    }

    #[inline(never)]
    fn website(&self, cell: Span) -> WebsiteCheck {
        check_website(trim(self.text(cell)))
    }

    #[inline(never)]
    fn years(&self, cell: Span) -> Option<f32> {
        parse_years(self.text(cell))
    }
}

/// Looks at the columns of `rows`, one after the other.
#[inline(always)]
pub(super) fn look<S: Simd>(
    simd: S,
    sheet: &Sheet<'_>,
    fields: &FieldReader,
    memos: &mut Memos,
    probes: &mut Vec<Probe>,
    rows: &mut [BatchRow],
) {
    // A cell is looked at in a whole block.
    let known_end = sheet.text.len().saturating_sub(BLOCK_BYTES);
    // Cells are looked at with their quotes doubled yet. The values that are read of them hold no
    // double quotes, but they may hold any other.
    let shapes_end = if sheet.quote == b'"' { RecordShape::Other } else { RecordShape::Doubled };
    for row in &mut *rows {
        let is_known = row.shape < shapes_end && row.place.span().end() <= known_end;
        row.doubts = if is_known { FieldSet::default() } else { FieldSet::ALL };
    }
    let FieldReader { columns, context, .. } = fields;
    let one = |column: usize| (column != NONE).then_some(Column { sheet, column });
    let mut emails = columns.emails.iter().filter_map(|&column| one(column));
    if let Some(column) = emails.next() {
        look_at_emails(simd, column, rows);
    }
    emails.for_each(|column| look_at_other_emails(column, rows));
    if let Some(column) = one(columns.country) {
        look_at_countries(simd, column, context, memos, probes, rows);
    }
    if let Some(column) = one(columns.company_website) {
        look_at_websites(simd, column, memos, probes, rows);
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
    // What stands in the place of a cell that a row has not is of another row, or of a copy.
    for row in rows.iter_mut().filter(|row| row.has_cells()) {
        let cell = column.span(row);
        let Some(start) = column.start(simd, cell) else { continue };
        let shape = address::usual_shape(column.bytes(cell), &start);
        row.email = shape.map(|shape| EmailPlace { span: column.span_in_text(row), shape });
        row.doubts.add_if(Field::Email, row.email.is_none() & !cell.is_empty());
    }
}

#[inline(always)]
fn look_at_other_emails(column: Column<'_>, rows: &mut [BatchRow]) {
    for row in rows {
        row.doubts.add_if(Field::Email, !column.span(row).is_empty());
    }
}

/// Tells of each cell of `field`'s column what `find` says of it, perhaps from `memo`.
///
/// The memo is asked where the cells may be first, in loops that are short: so the memory is asked
/// for many cells at a time.
#[inline(always)]
fn recall<S: Simd, T: Copy>(
    simd: S,
    (field, column): (Field, Column<'_>),
    memo: &mut CellMemo<T>,
    probes: &mut Vec<Probe>,
    rows: &mut [BatchRow],
    find: impl Fn(Span) -> T,
    tell: impl Fn(&mut BatchRow, Span, T),
) {
    probes.resize(rows.len(), Probe::NOWHERE);
    for (probe, row) in probes.iter_mut().zip(&*rows) {
        let cell = column.span(row);
        if let Some(block) = column.block(cell) {
            *probe = Probe::new(block, cell.len());
        }
    }
    for probe in &mut *probes {
        memo.look_up(probe);
    }
    for (row, probe) in rows.iter_mut().zip(probes) {
        let cell = column.span(row);
        if cell.is_empty() || row.doubts.has(field) {
            continue;
        }
        let Some(start) = column.start(simd, cell) else { continue };
        let found = memo.get(probe, cell.len(), &start, || find(cell));
        tell(row, cell, found);
    }
}

#[inline(always)]
fn look_at_countries<S: Simd>(
    simd: S,
    column: Column<'_>,
    context: &ColumnContext,
    memos: &mut Memos,
    probes: &mut Vec<Probe>,
    rows: &mut [BatchRow],
) {
    let find = |cell| column.country(cell, context);
    let tell = |row: &mut BatchRow, cell: Span, found: Result<Recognized, Doubt>| {
        match found {
            Ok(found) if !is_interpreted(found.how) => row.country = Some(found.country),
            Err(Doubt::Empty) => {}
            Ok(_) | Err(_) => row.doubts.add(Field::Country),
        }
        if row.shape == RecordShape::Doubled {
            // The one value that may be read from a cell in which double quotes are doubled yet.
            let quotes = column.bytes(cell).contains(&column.sheet.quote);
            row.doubts.add_if(Field::Country, quotes);
        }
    };
    let memo = memos.countries.of(context);
    recall(simd, (Field::Country, column), memo, probes, rows, find, tell);
}

#[inline(always)]
fn look_at_websites<S: Simd>(
    simd: S,
    column: Column<'_>,
    memos: &mut Memos,
    probes: &mut Vec<Probe>,
    rows: &mut [BatchRow],
) {
    let find = |cell| column.website(cell);
    let tell = |row: &mut BatchRow, _, found: WebsiteCheck| {
        row.doubts.add_if(Field::CompanyWebsite, found.is_err());
    };
    recall(simd, (Field::CompanyWebsite, column), &mut memos.websites, probes, rows, find, tell);
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
