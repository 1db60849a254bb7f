//! How well a hypothesis explains the sample.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use super::cell_type::{CellType, cell_type};
use super::rows::{Hypothesis, Row, Rows};

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

/// What fewer marks in odd places than enclosed cells cost at most.
const FAULT_OF_FEW: f32 = 0.01;

/// How much likelier a space is a delimiter, at least, where a column of values stands below a name.
const SPACED_TABLE: f32 = 1.6;

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

/// Scores rows that were split under `hypothesis`, whose delimiter has the given prior, by the types
/// of about `typed` cells.
pub(super) fn score(
    sample: &[u8],
    rows: &Rows,
    hypothesis: Hypothesis,
    prior: f32,
    typed: usize,
) -> Score {
    if rows.rows.is_empty() {
        return Score { width: 1, ..Score::default() };
    }
    let nothing = hypothesis.delimiter.as_bytes().is_empty();
    let lines = without_comments(sample, &rows.rows);
    let width = if nothing { 1 } else { usual_width(&lines) };
    let single = width == 1;
    let cells = read_cells(sample, rows, &lines, (!nothing).then_some(width), typed);
    let regularity = if single { 1.0 } else { regularity(&lines, width) };
    let readability = cells.strength();
    let prior = match hypothesis.delimiter.is_single() {
        _ if nothing => 0.5 + 0.4 * (2.0 * cells.data_share() - 1.0).max(0.0),
        _ if single => 0.4 * prior,
        // Words are separated by spaces everywhere: only columns of values make a space a delimiter.
        Some(b' ') => {
            let values = (0.6 + 1.6 * cells.value_share()).min(2.4);
            let is_table = regularity >= 1.0 && has_value_column(sample, rows, &lines, width);
            prior * if is_table { values.max(SPACED_TABLE) } else { values }
        }
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

/// The rows without `# comments`, which are in no dialect; all of them if hardly another is left.
fn without_comments<'a>(sample: &[u8], rows: &'a [Row]) -> Cow<'a, [Row]> {
    const OTHERS_MIN: usize = 2;
    let is_comment = |row: &&Row| is_comment(&sample[row.start as usize..]);
    let comments = rows.iter().filter(is_comment).count();
    if comments == 0 || rows.len() < comments + OTHERS_MIN {
        return Cow::Borrowed(rows);
    }
    rows.iter().filter(|row| !is_comment(row)).copied().collect()
}

/// `#1` is a number rather than a comment.
pub(super) fn is_comment(line: &[u8]) -> bool {
    line.first() == Some(&b'#') && !line.get(1).is_some_and(u8::is_ascii_digit)
}

/// The most frequent width of two or more; 1 if nearly every row has one cell.
fn usual_width(rows: &[Row]) -> usize {
    let mut counts = vec![0_usize; WIDTH_MAX + 1];
    for row in rows {
        counts[(row.width as usize).min(WIDTH_MAX)] += 1;
    }
    let best = (2..=WIDTH_MAX).max_by_key(|&width| (counts[width], width));
    let best = best.filter(|&width| SINGLE_SHARE * counts[width] > rows.len()).unwrap_or(1);
    let wide = rows.iter().map(|row| row.width as usize).find(|&width| width >= WIDTH_MAX);
    if best < WIDTH_MAX { best } else { wide.unwrap_or(best) }
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

/// Whether every row below one of names has a value in the same column, among three or more.
fn has_value_column(sample: &[u8], rows: &Rows, lines: &[Row], width: usize) -> bool {
    const COLUMNS_MIN: usize = 3;
    const ROWS_LOOKED_AT: usize = 20;
    let Some((header, body)) = lines.split_first() else { return false };
    let is_data = |row: &Row, column: usize| {
        let cell = rows.cells(row).get(column);
        cell.is_some_and(|cell| cell_type(cell.bytes(sample), cell.quoted).is_data())
    };
    width >= COLUMNS_MIN
        && !body.is_empty()
        && (0..width).all(|column| !is_data(header, column))
        && (0..width).any(|column| body.iter().take(ROWS_LOOKED_AT).all(|row| is_data(row, column)))
}

/// What the cells read as.
#[derive(Default)]
struct Cells {
    filled: usize,
    /// Those below the first row, which may be a header.
    below: usize,
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
        if self.below == 0 { 0.0 } else { (self.data + self.marked) as f32 / self.below as f32 }
    }

    fn data_share(&self) -> f32 {
        if self.below == 0 { 0.0 } else { self.data as f32 / self.below as f32 }
    }
}

/// Reads about `typed` cells; without a `width`, lines are read as a whole.
fn read_cells(
    sample: &[u8],
    rows: &Rows,
    lines: &[Row],
    width: Option<usize>,
    typed: usize,
) -> Cells {
    let whole_lines = width.is_none();
    let width = width.unwrap_or(1);
    let mut cells = Cells::default();
    let columns = width.min(COLUMNS_MAX);
    let mut filled = [false; COLUMNS_MAX];
    let mut seen = 0;
    let spaced = whole_lines && is_spaced_table(sample, rows);
    // An even sample of rows, so that the later windows count as much as the head.
    let step = (rows.cells.len() / typed + 1).min(lines.len().max(1));
    for (index, row) in lines.iter().enumerate().step_by(step) {
        let below = index > 0 || lines.len() == 1;
        for (column, cell) in rows.cells(row).iter().enumerate() {
            let mut kind = cell_type(cell.bytes(sample), cell.quoted);
            seen += 1;
            if whole_lines && !cell.quoted {
                kind = whole_line_type(kind, cell.bytes(sample), spaced);
            }
            if kind == CellType::Empty {
                continue;
            }
            cells.filled += 1;
            cells.strength += kind.strength();
            if below {
                let marked = !kind.is_data() && (cell.quoted || kind == CellType::Code);
                cells.below += 1;
                cells.data += usize::from(kind.is_data());
                cells.marked += usize::from(marked);
            }
            if column < columns {
                filled[column] = true;
            }
        }
        if seen > 2 * typed {
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
    const PHONE_DIGITS: RangeInclusive<usize> = 8..=15;
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
        && (body.iter().all(|row| !PHONE_DIGITS.contains(&digits(line(row))))
            || body.windows(2).any(|pair| digits(line(&pair[0])) != digits(line(&pair[1]))))
}

/// The type of a whole line that may well be several cells: `55888,17627` reads as a number with a
/// decimal comma, and a delimiter with text right behind it is hardly part of a sentence.
fn whole_line_type(kind: CellType, line: &[u8], spaced: bool) -> CellType {
    let is_delimiter = |byte: u8| matches!(byte, b',' | b';' | b'|' | b'\t');
    let tight = line.windows(2).any(|pair| is_delimiter(pair[0]) && pair[1] != b' ');
    match kind {
        _ if tight && kind != CellType::Url => CellType::Odd,
        _ if spaced || line.iter().any(|&byte| is_delimiter(byte)) => kind.max(CellType::LongText),
        _ => kind,
    }
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
    // Marks rarely stand at both borders of a cell by chance.
    // A quote that is never closed was counted among the strays too.
    let strays = quotes.stray_inside + quotes.stray_outside.saturating_sub(quotes.unclosed);
    let encloses = quotes.closed > strays && quotes.closed >= quotes.unclosed;
    if quotes.proven > 0 || encloses {
        // The file does quote, and a mark in an odd place costs its own record only.
        fault *= (ODD_ROWS * bad / rows.rows.len() as f32).min(1.0);
    }
    if encloses {
        fault = fault.min(FAULT_OF_FEW);
    }
    let order = 1.0 - fault;
    // An apostrophe is a quote mark less often than `"` is, so it must enclose something.
    match (quote, quotes.closed) {
        // Whoever doubles a quote, or encloses a delimiter or a line end, means it.
        (b'"', _) if bad <= PROOF * quotes.proven as f32 && quotes.proven > 0 => 1.03 * order,
        (b'"', _) if encloses => 1.02 * order,
        (b'"', _) => order,
        (_, 0) => 0.97 * order,
        (_, _) => 1.002 * order,
    }
}
