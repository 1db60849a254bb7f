//! Where the table is in the file: preamble, header, body, other tables, footer.

use std::borrow::Cow;

use super::cell_type::{CellType, cell_type};
use super::header::{self, Header};
use super::options::DialectOptions;
use super::preamble::table_start;
use super::rows::{Row, Rows};
use super::score::is_comment;
use super::search::Found;
use super::sniffed::{Footer, Preamble, TableSpan};
use super::window::Start;

/// Rows at the end that may be a footer.
const FOOTER_ROWS_MAX: usize = 40;
/// Other tables that are reported.
const OTHER_TABLES_MAX: usize = 16;
/// Columns count for the choice of the main table up to here.
const COLUMNS_WEIGHED_MAX: u32 = 8;

/// The layout part of the answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    pub(super) preamble: Preamble,
    pub(super) header_rows: u8,
    pub(super) names_row: u8,
    pub(super) width: usize,
    pub(super) table_start: usize,
    pub(super) body_start: usize,
    pub(super) other_tables: Vec<TableSpan>,
    pub(super) footer: Option<Footer>,
}

/// Reads the layout from the rows of the best hypothesis.
pub(super) fn layout(
    sample: &[u8],
    found: &Found,
    start: &Start,
    options: &DialectOptions,
    complete: bool,
) -> Layout {
    let rows = without_comments(sample, &found.best.rows, found.best.score.width as u32);
    let view = View { sample, rows: &rows };
    let head = &view.rows.rows[..view.rows.head_rows];
    if head.is_empty() {
        let preamble = Preamble { lines: start.line, bytes: start.byte };
        let (table_start, body_start) = (start.byte, start.byte);
        return Layout { preamble, table_start, body_start, ..Layout::default() };
    }
    let blocks = blocks(&view, head, found.best.score.width as u32);
    let main = main_block(&view, head, &blocks, options.skip_lines.is_some());
    let width = blocks[main].width;
    let last = blocks[main].last;
    let first = match options.skip_lines {
        Some(_) => 0,
        None => table_start(&view, &head[..last], blocks[main].first, width),
    };
    let other_tables = other_tables(&view, head, &blocks, main, start);
    // A header and one row stay, whatever they look like; and so do the rows of a table behind them.
    let first_footer_row = other_tables.last().map_or(0, |table| {
        let start = view.rows.rows.partition_point(|row| (row.start as usize) < table.first_byte);
        start + table.rows
    });
    let after = first_footer_row.max(first + 1);
    let footer = if complete { footer(&view, width, after) } else { None };
    let end = footer.map_or(usize::MAX, |f| f.first_byte);
    let table: Vec<Row> =
        head[first..last].iter().filter(|row| (row.start as usize) < end).copied().collect();
    let header = header::header(&view, &table, width as usize, options.header);
    let preamble = if options.skip_lines.is_some() {
        Preamble { lines: start.line, bytes: start.byte }
    } else {
        preamble(&head[first], start)
    };
    Layout {
        preamble,
        header_rows: header.rows,
        names_row: header.names_row,
        width: width as usize,
        table_start: head[first].start as usize,
        body_start: body_start(&table, &head[first], header),
        other_tables,
        footer,
    }
}

/// The rows without `# comments` above and among the rows of the table: they tell nothing about it.
/// A footer may be of such lines, and `#id,name` may be a header.
fn without_comments<'a>(sample: &[u8], rows: &'a Rows, width: u32) -> Cow<'a, Rows> {
    let is_comment = |row: &Row| row.width != width && is_comment(&sample[row.start as usize..]);
    let last = rows.rows.iter().rposition(|row| !is_comment(row)).unwrap_or(0);
    if !rows.rows[..last].iter().any(is_comment) {
        return Cow::Borrowed(rows);
    }
    let mut kept = rows.clone();
    kept.rows.clear();
    for (at, row) in rows.rows.iter().enumerate() {
        if at < last && is_comment(row) {
            kept.head_rows -= usize::from(at < rows.head_rows);
        } else {
            kept.rows.push(*row);
        }
    }
    Cow::Owned(kept)
}

/// The rows with the bytes they point to.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) sample: &'a [u8],
    pub(super) rows: &'a Rows,
}

impl<'a> View<'a> {
    pub(super) fn cells(&self, row: &Row) -> impl Iterator<Item = (&'a [u8], CellType)> + use<'a> {
        let sample = self.sample;
        self.rows.cells(row).iter().map(move |cell| {
            let bytes = cell.bytes(sample);
            (bytes, cell_type(bytes, cell.quoted))
        })
    }

    pub(super) fn filled(&self, row: &Row) -> u32 {
        let cells = self.rows.cells(row).iter();
        cells.filter(|cell| !cell.bytes(self.sample).is_empty()).count() as u32
    }

    /// A row of a table of this width, by its number of cells alone.
    pub(super) fn is_table_row(&self, row: &Row, width: u32) -> bool {
        match width {
            0 | 1 => true,
            2 => row.width >= 2,
            _ => 5 * row.width >= 3 * width,
        }
    }
}

fn preamble(first: &Row, start: &Start) -> Preamble {
    Preamble { lines: start.line + first.line as usize, bytes: first.start as usize }
}

fn body_start(table: &[Row], first: &Row, header: Header) -> usize {
    match usize::from(header.rows) {
        0 => first.start as usize,
        rows => match table.get(rows) {
            Some(row) => row.start as usize,
            None => table.last().unwrap_or(first).next as usize,
        },
    }
}

/// Rows between blank lines that share a width.
#[derive(Clone, Copy, Debug)]
struct Block {
    first: usize,
    last: usize,
    width: u32,
}

fn blocks(view: &View<'_>, head: &[Row], usual: u32) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut first = 0;
    for at in 1..=head.len() {
        if at < head.len() && !head[at].after_blank && !changes_table(view, head, first, at) {
            continue;
        }
        let width = block_width(&head[first..at], usual);
        // A ragged row between blank lines does not part what stands before and behind it.
        if let [.., before, row] = blocks[..]
            && row.last - row.first == 1
            && row.width > 1
            && continues(view, head, &before, first, width)
        {
            blocks.pop();
        }
        match blocks.last_mut() {
            Some(before) if continues(view, head, before, first, width) => before.last = at,
            _ => blocks.push(Block { first, last: at, width }),
        }
        first = at;
    }
    blocks
}

/// Without a blank line between: two or more rows of one width, then a row of words of another width
/// that keeps that width.
fn changes_table(view: &View<'_>, head: &[Row], first: usize, at: usize) -> bool {
    const ROWS: usize = 3;
    let (Some(before), Some(after)) = (
        at.checked_sub(ROWS).filter(|&from| from >= first).map(|from| &head[from..at]),
        head.get(at..at + ROWS),
    ) else {
        return false;
    };
    let same = |rows: &[Row]| rows.iter().all(|row| row.width == rows[0].width && row.width > 1);
    same(before)
        && same(after)
        && before[0].width != after[0].width
        && view.cells(&after[0]).all(|(_, kind)| !kind.is_data() && kind != CellType::Empty)
}

/// The most frequent width; the usual width of the file if there is a tie.
fn block_width(rows: &[Row], usual: u32) -> u32 {
    let count = |width: u32| rows.iter().filter(|row| row.width == width).count();
    let best = rows.iter().map(|row| row.width).max_by_key(|&w| (count(w), w == usual, w));
    best.unwrap_or(0)
}

/// Blank lines inside a table do not end it: the rows after them have its width and are no header.
fn continues(view: &View<'_>, head: &[Row], before: &Block, first: usize, width: u32) -> bool {
    let near = width == before.width || (width > 3 && width.abs_diff(before.width) == 1);
    if !near || !head[first].after_blank {
        return false;
    }
    if width == 1 {
        // A list with blank lines goes on if its values are of one kind.
        let kind = |at: usize| view.cells(&head[at]).next().map(|(_, kind)| kind);
        return kind(before.last - 1) == kind(first);
    }
    // A single row of words above, then blank lines: a header set apart from its body.
    if before.last - before.first == 1 {
        return true;
    }
    let cells = view.cells(&head[first]).map(|(cell, _)| cell).filter(|cell| !cell.is_empty());
    let filled = view.filled(&head[first]) as f32;
    // `Ann Lee,City Hotel` has a word of column names, but is a row.
    !header::known_names(cells).is_some_and(|known| 2.0 * known > filled)
}

fn main_block(view: &View<'_>, head: &[Row], blocks: &[Block], first_only: bool) -> usize {
    if first_only {
        return 0;
    }
    let weight = |block: &Block| {
        let rows = &head[block.first..block.last];
        let regular = rows.iter().filter(|row| row.width == block.width).count();
        let email = |row: &Row| view.cells(row).any(|(_, kind)| kind == CellType::Email);
        let leads = rows.iter().take(20).filter(|row| email(row)).count() >= 1;
        let columns =
            if block.width == 1 { 0.6 } else { block.width.min(COLUMNS_WEIGHED_MAX) as f32 };
        // A row alone is hardly a table.
        let rows = if rows.len() == 1 { 0.5 } else { regular as f32 };
        rows * columns * if leads { 3.0 } else { 1.0 }
    };
    let mut best = 0;
    for (index, block) in blocks.iter().enumerate() {
        if weight(block) > weight(&blocks[best]) {
            best = index;
        }
    }
    best
}

fn other_tables(
    view: &View<'_>,
    head: &[Row],
    blocks: &[Block],
    main: usize,
    start: &Start,
) -> Vec<TableSpan> {
    let mut tables = Vec::new();
    for (index, block) in blocks.iter().enumerate() {
        let first = table_start(view, &head[..block.last], block.first, block.width);
        let rows = block.last - first;
        let is_table =
            index != main && block.width >= 2 && rows >= 2 && rows as u32 * block.width >= 6;
        if is_table && tables.len() < OTHER_TABLES_MAX {
            tables.push(TableSpan {
                first_line: start.line + head[first].line as usize,
                first_byte: head[first].start as usize,
                rows,
                width: block.width as usize,
            });
        }
    }
    tables
}

/// Rows of a table in which its column of addresses is looked for.
const BODY_ROWS_LOOKED_AT: usize = 20;

/// Walks back from the end over rows that do not belong to the table.
fn footer(view: &View<'_>, width: u32, first: usize) -> Option<Footer> {
    let rows = &view.rows.rows;
    let address_column = |row: &Row| {
        let column = view.cells(row).position(|(_, kind)| kind == CellType::Email);
        column.filter(|_| view.filled(row) > 1)
    };
    let body = rows.get(first..).unwrap_or_default().iter();
    let addresses = body.take(BODY_ROWS_LOOKED_AT).find_map(address_column);
    let mut start = rows.len();
    while start > first && rows.len() - start < FOOTER_ROWS_MAX {
        let row = &rows[start - 1];
        // A lead, however its row looks: programs drop empty columns at the end, and a company is named Total.
        let is_lead = addresses.is_some() && address_column(row) == addresses;
        if is_lead || !is_footer_row(view, row, width) {
            break;
        }
        start -= 1;
    }
    let count = rows.len() - start;
    (count > 0 && count < FOOTER_ROWS_MAX)
        .then(|| Footer { first_byte: rows[start].start as usize, rows: count })
}

fn is_footer_row(view: &View<'_>, row: &Row, width: u32) -> bool {
    let first = view.cells(row).map(|(cell, _)| cell).find(|cell| !cell.is_empty());
    let Some(first) = first else { return false };
    if first.starts_with(b"--") || first.starts_with(b"==") || first.starts_with(b"# ") {
        return true;
    }
    if is_total(first, view.filled(row) == 1) {
        return true;
    }
    width > 1 && !view.is_table_row(row, width)
}

fn is_total(cell: &[u8], alone: bool) -> bool {
    const TOTALS: [&[u8]; 14] = [
        b"total",
        b"totals",
        b"grand total",
        b"sub total",
        b"subtotal",
        b"sum",
        b"summe",
        b"gesamt",
        b"totaal",
        b"totale",
        b"somme",
        b"suma",
        "итого".as_bytes(),
        "合計".as_bytes(),
    ];
    const ENDS: [&[u8]; 6] = [b"end of", b"eof", b"total ", b"source:", b"note:", b"total:"];
    let starts = |prefix: &[u8]| {
        cell.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    let bare = cell.strip_suffix(b":").unwrap_or(cell).trim_ascii();
    TOTALS.iter().any(|word| bare.eq_ignore_ascii_case(word))
        || (alone && ENDS.iter().any(|prefix| starts(prefix)))
}
