//! How well a hypothesis explains the sample.

use super::cell_type::{CellType, cell_type};
use super::rows::{Hypothesis, Row, Rows};

/// Cells whose type is looked at.
const TYPED_CELLS_MAX: usize = 500;
/// Columns that are followed one by one.
const COLUMNS_MAX: usize = 64;
/// Wider rows count in one class.
const WIDTH_MAX: usize = 1_024;

/// Fewer than one usual row in this many, and the file has one column.
const SINGLE_SHARE: usize = 12;

/// A cell that needs its quotes speaks for them as this many others do.
const PROOF: f32 = 6.0;
/// When one row in this many has a mark in an odd place, quotes explain the file badly.
const ODD_ROWS: f32 = 4.0;

/// A score and its parts, each from 0 to 1.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Score {
    pub(super) total: f32,
    /// The share of rows that have the usual width.
    pub(super) regularity: f32,
    /// How well the cells read as data.
    pub(super) readability: f32,
    /// The usual width.
    pub(super) width: usize,
}

/// Scores rows that were split under `hypothesis`, whose delimiter has the given prior.
pub(super) fn score(sample: &[u8], rows: &Rows, hypothesis: Hypothesis, prior: f32) -> Score {
    if rows.rows.is_empty() {
        return Score { width: 1, ..Score::default() };
    }
    let nothing = hypothesis.delimiter.as_bytes().is_empty();
    let width = if nothing { 1 } else { usual_width(&rows.rows) };
    let single = width == 1;
    let cells = read_cells(sample, rows, width, nothing);
    let regularity = if single { 1.0 } else { regularity(&rows.rows, width) };
    let readability = cells.strength();
    let prior = match hypothesis.delimiter.is_single() {
        _ if nothing => 0.5 + 0.4 * cells.data_share(),
        _ if single => 0.4 * prior,
        // Words are separated by spaces everywhere: only columns of values make a space a delimiter.
        Some(b' ') => prior * (0.6 + 1.6 * cells.value_share()).min(2.4),
        _ => prior,
    };
    let columns = if single { 1.0 } else { 1.0 - 0.5 / width as f32 };
    let total = prior
        * columns
        * regularity.powf(1.5)
        * readability
        * (1.0 - 0.5 * cells.empty_columns)
        * quote_order(rows, hypothesis);
    Score { total, regularity, readability, width }
}

/// The most frequent width of two or more; 1 if nearly every row has one cell.
fn usual_width(rows: &[Row]) -> usize {
    let mut counts = vec![0_usize; WIDTH_MAX + 1];
    for row in rows {
        counts[(row.width as usize).min(WIDTH_MAX)] += 1;
    }
    let best = (2..=WIDTH_MAX).max_by_key(|&width| (counts[width], width));
    best.filter(|&width| SINGLE_SHARE * counts[width] > rows.len()).unwrap_or(1)
}

/// The share of usual rows among those from the first to the last of them, so that a preamble or a
/// footer costs little, mixed with the share of rows as wide as the row before.
fn regularity(rows: &[Row], width: usize) -> f32 {
    const NEARLY: f32 = 0.4;
    const OUTSIDE: f32 = 0.6;
    const OUTSIDE_SET_APART: f32 = 0.2;
    let usual = |row: &Row| row.width as usize == width;
    let first = rows.iter().position(usual).unwrap_or(0);
    let last = rows.iter().rposition(usual).unwrap_or(0);
    let inside = &rows[first..=last];
    let same = inside.iter().filter(|row| usual(row)).count() as f32;
    let nearly =
        inside.iter().filter(|row| row.width > 1 && row.width.abs_diff(width as u32) == 1).count();
    let weight = |set_apart: bool| if set_apart { OUTSIDE_SET_APART } else { OUTSIDE };
    let before = first as f32 * weight(rows[first].after_blank);
    let after = rows[last + 1..].len() as f32
        * weight(rows.get(last + 1).is_some_and(|row| row.after_blank));
    let share = (same + NEARLY * nearly as f32) / (inside.len() as f32 + before + after);
    let pairs = inside.windows(2).filter(|w| w[0].width == w[1].width && w[0].width > 1).count();
    let runs = if inside.len() > 1 { pairs as f32 / (inside.len() - 1) as f32 } else { share };
    0.7 * share + 0.3 * runs
}

/// What the cells read as.
#[derive(Default)]
struct Cells {
    filled: usize,
    data: usize,
    /// Other cells that are quoted or a code.
    marked: usize,
    strength: f32,
    /// The share of columns without a single value; the last one may come of trailing delimiters.
    empty_columns: f32,
}

impl Cells {
    fn strength(&self) -> f32 {
        if self.filled == 0 { 0.0 } else { self.strength / self.filled as f32 }
    }

    /// Values, codes and quoted cells: what words of a sentence are not.
    fn value_share(&self) -> f32 {
        if self.filled == 0 { 0.0 } else { (self.data + self.marked) as f32 / self.filled as f32 }
    }

    fn data_share(&self) -> f32 {
        if self.filled == 0 { 0.0 } else { self.data as f32 / self.filled as f32 }
    }
}

fn read_cells(sample: &[u8], rows: &Rows, width: usize, whole_lines: bool) -> Cells {
    let mut cells = Cells::default();
    let columns = width.min(COLUMNS_MAX);
    let mut filled = [false; COLUMNS_MAX];
    let mut seen = 0;
    let spaced = whole_lines && is_spaced_table(sample, rows);
    // An even sample of rows, so that the later windows count as much as the head.
    let step = (rows.cells.len() / TYPED_CELLS_MAX + 1).min(rows.rows.len().max(1));
    for row in rows.rows.iter().step_by(step) {
        for (column, cell) in rows.cells(row).iter().enumerate() {
            let mut kind = cell_type(cell.bytes(sample), cell.quoted);
            seen += 1;
            if whole_lines && !cell.quoted && (spaced || has_usual_delimiter(cell.bytes(sample))) {
                // `55888,17627` reads as a number with a decimal comma, but may well be two cells.
                kind = kind.max(CellType::LongText);
            }
            if kind == CellType::Empty {
                continue;
            }
            cells.filled += 1;
            cells.strength += kind.strength();
            cells.data += usize::from(kind.is_data());
            let marked = !kind.is_data() && (cell.quoted || kind == CellType::Code);
            cells.marked += usize::from(marked);
            if column < columns {
                filled[column] = true;
            }
        }
        if seen > 2 * TYPED_CELLS_MAX {
            break;
        }
    }
    let inner = columns.saturating_sub(1).max(1);
    let empty = filled[..inner].iter().filter(|filled| !**filled).count();
    cells.empty_columns = empty as f32 / inner as f32;
    cells
}

/// Whether lines are names of columns over as many numbers, which together might read as telephone numbers; those
/// have as many digits in every line.
fn is_spaced_table(sample: &[u8], rows: &Rows) -> bool {
    const COLUMNS_MIN: usize = 3;
    const ROWS_LOOKED_AT: usize = 20;
    let line = |row: &Row| rows.cells(row).first().map_or(&[][..], |cell| cell.bytes(sample));
    let words = |line: &[u8]| line.split(|&b| b == b' ').filter(|word| !word.is_empty()).count();
    let digits = |line: &[u8]| line.iter().filter(|b| b.is_ascii_digit()).count();
    let Some((header, body)) = rows.rows.split_first() else { return false };
    let header = line(header);
    let body = &body[..body.len().min(ROWS_LOOKED_AT)];
    let columns = words(header);
    let is_number = |b: &u8| b.is_ascii_digit() || matches!(b, b' ' | b'.' | b'-');
    columns >= COLUMNS_MIN
        && digits(header) == 0
        && body.iter().all(|row| words(line(row)) == columns && line(row).iter().all(is_number))
        && body.windows(2).any(|pair| digits(line(&pair[0])) != digits(line(&pair[1])))
}

fn has_usual_delimiter(cell: &[u8]) -> bool {
    memchr::memchr3(b',', b';', b'|', cell).is_some() || cell.contains(&b'\t')
}

/// How well the quote marks of the sample stand where this hypothesis wants them.
fn quote_order(rows: &Rows, hypothesis: Hypothesis) -> f32 {
    let Some(quote) = hypothesis.quote else { return 1.0 };
    let quotes = &rows.quotes;
    let bad = quotes.stray_inside as f32
        + 0.3 * quotes.stray_outside as f32
        + 2.0 * quotes.unclosed as f32;
    let good = quotes.closed as f32 + PROOF * quotes.proven as f32;
    let mut fault = if bad > 0.0 { 0.5 * bad / (bad + good) } else { 0.0 };
    if quotes.proven > 0 {
        // The file does quote, and a mark in an odd place costs its own record only.
        fault *= (ODD_ROWS * bad / rows.rows.len() as f32).min(1.0);
    }
    let order = 1.0 - fault;
    // An apostrophe is a quote mark less often than `"` is, so it must enclose something.
    match (quote, quotes.closed) {
        // Whoever doubles a quote, or encloses a delimiter or a line end, means it.
        (b'"', _) if bad <= PROOF * quotes.proven as f32 && quotes.proven > 0 => 1.03 * order,
        (b'"', _) => order,
        (_, 0) => 0.97 * order,
        (_, _) => 1.002 * order,
    }
}
