//! Which rows at the start of the table are its header.

use super::cell_type::{CellType, cell_type};
use super::header_words;
use super::layout::View;
use super::options::HeaderOption;
use super::rows::Row;
use super::series::is_series;

/// Body rows that the first rows are compared with.
const BODY_ROWS_MAX: usize = 60;
/// Columns that are compared.
const COLUMNS_MAX: usize = 64;
/// Header rows that are found without being told.
const HEADER_ROWS_MAX: usize = 3;
/// A column has a type when this share of its filled cells has it.
const COLUMN_SHARE: f32 = 0.7;
/// The mean vote of a row's cells from which it is a header.
const HEADER_VOTE: f32 = 0.05;

/// The header rows of a table.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Header {
    pub(super) rows: u8,
    /// Which of them holds the names, counted from 0.
    pub(super) names_row: u8,
}

/// Finds the header of the table that `rows` are.
pub(super) fn header(view: &View<'_>, rows: &[Row], width: usize, option: HeaderOption) -> Header {
    let count = match option {
        HeaderOption::None => 0,
        HeaderOption::Rows(count) => usize::from(count).min(rows.len()),
        HeaderOption::Auto => count_rows(view, rows, width),
    };
    let count = count.min(usize::from(u8::MAX));
    Header { rows: count as u8, names_row: names_row(view, &rows[..count]) as u8 }
}

/// Mostly known column names, or nothing but distinct short words.
pub(super) fn looks_like_names(view: &View<'_>, row: &Row) -> bool {
    let mut known = 0;
    let mut filled = 0;
    for (cell, kind) in view.cells(row) {
        if kind.is_data() || matches!(kind, CellType::Null | CellType::LongText) {
            return false;
        }
        filled += usize::from(kind != CellType::Empty);
        known += usize::from(header_words::vote(cell) > 0.0);
    }
    filled > 0 && 2 * known >= filled
}

/// How many of `cells` are known column names, where nothing but words stands in them; a cell that
/// begins or ends with one counts half.
pub(in crate::csv) fn known_names<'a>(cells: impl Iterator<Item = &'a [u8]>) -> Option<f32> {
    let mut known = 0.0;
    for cell in cells {
        match cell_type(cell, true) {
            CellType::Text | CellType::Code => known += header_words::vote(cell),
            _ => return None,
        }
    }
    Some(known)
}

fn count_rows(view: &View<'_>, rows: &[Row], width: usize) -> usize {
    let Some(first) = rows.first() else { return 0 };
    let skipped = HEADER_ROWS_MAX.min(rows.len() - 1).max(1);
    let body: Vec<Row> = rows[skipped..]
        .iter()
        .take(BODY_ROWS_MAX)
        // A file put together from several has the header again further down.
        .filter(|row| !is_repeated(view, first, row))
        .copied()
        .collect();
    let columns = columns(view, &body, width);
    if rows.len() == 1 {
        return usize::from(alone(view, first));
    }
    let sparse_above = rows.len() > 2
        && is_group_row(view, first, &rows[1])
        && vote(view, &rows[1], &columns) > HEADER_VOTE
        && (contradicts(view, &rows[1], &columns) || looks_like_names(view, &rows[1]));
    let series = is_series(view, first) && !is_series(view, &rows[1]);
    if !sparse_above && !series && vote(view, first, &columns) <= HEADER_VOTE {
        return 0;
    }
    let mut count = 1 + usize::from(sparse_above);
    while count < HEADER_ROWS_MAX
        && count + 1 < rows.len()
        && is_further_header(view, &rows[count], &columns)
    {
        count += 1;
    }
    count
}

/// The same words in every cell.
fn is_repeated(view: &View<'_>, first: &Row, row: &Row) -> bool {
    first.width > 1
        && row.width == first.width
        && view
            .rows
            .cells(row)
            .iter()
            .zip(view.rows.cells(first))
            .all(|(a, b)| a.bytes(view.sample) == b.bytes(view.sample))
        && view.cells(first).all(|(_, kind)| !kind.is_data())
}

/// A table of a single row: names, or data?
fn alone(view: &View<'_>, row: &Row) -> bool {
    let data = view.cells(row).any(|(_, kind)| kind.is_data());
    let known: f32 = view.cells(row).map(|(cell, _)| header_words::vote(cell)).sum();
    !data && (known > 0.0 || row.width > 1)
}

/// `Contact,,,Company,,` above the names: few cells, all of words.
fn is_group_row(view: &View<'_>, row: &Row, below: &Row) -> bool {
    let filled = |row: &Row| view.cells(row).filter(|(_, kind)| *kind != CellType::Empty).count();
    let words = view.cells(row).all(|(_, kind)| !kind.is_data());
    words && 3 * filled(row) <= 2 * filled(below) && filled(below) > 2
}

/// Units, types or a second line of names: words in every filled cell of the columns of values.
fn is_further_header(view: &View<'_>, row: &Row, columns: &[Column<'_>]) -> bool {
    if looks_like_names(view, row) && vote(view, row, columns) > HEADER_VOTE {
        return true;
    }
    let mut against = 0;
    let mut fitting = 0;
    for ((cell, kind), column) in view.cells(row).zip(columns) {
        if !column.is_data() || matches!(kind, CellType::Empty | CellType::Null) {
            continue;
        }
        let unit = matches!(cell.first(), Some(b'(' | b'[' | b'%')) || !kind.is_data();
        against += usize::from(unit);
        fitting += usize::from(!unit);
    }
    against >= 2 && fitting == 0
}

fn contradicts(view: &View<'_>, row: &Row, columns: &[Column<'_>]) -> bool {
    view.cells(row).zip(columns).any(|((_, kind), column)| {
        column.is_data() && !kind.is_data() && !matches!(kind, CellType::Empty | CellType::Null)
    })
}

/// The row with the most known names; then the fullest; then the first.
fn names_row(view: &View<'_>, rows: &[Row]) -> usize {
    let weigh = |row: &Row| {
        let mut known = 0.0_f32;
        let mut distinct: Vec<&[u8]> = Vec::new();
        for (cell, kind) in view.cells(row).take(COLUMNS_MAX) {
            known += header_words::vote(cell);
            let new = kind != CellType::Empty && !distinct.contains(&cell);
            if new {
                distinct.push(cell);
            }
        }
        (distinct.len(), known)
    };
    let mut best = 0;
    for index in 1..rows.len() {
        let (cells, known) = weigh(&rows[index]);
        let (best_cells, best_known) = weigh(&rows[best]);
        let fuller = 3 * cells > 4 * best_cells;
        if known > best_known && 3 * cells >= 2 * best_cells || fuller && known >= best_known {
            best = index;
        }
    }
    best
}

/// What the body says about one column.
#[derive(Clone, Debug)]
struct Column<'a> {
    /// The type of most filled cells.
    kind: Option<CellType>,
    values: Vec<&'a [u8]>,
    /// Lengths of the filled cells.
    shortest: usize,
    longest: usize,
    /// Every filled cell starts with a capital letter or a byte from 0x80 up.
    capitals: bool,
    underscores: bool,
}

impl Column<'_> {
    fn is_data(&self) -> bool {
        self.kind.is_some_and(CellType::is_data)
    }

    /// Nothing but `TRUE` and `FALSE`, or `yes` and `no`.
    fn is_choice(&self) -> bool {
        const CHOICES: [&[u8]; 4] = [b"true", b"false", b"yes", b"no"];
        let is_choice = |value: &&[u8]| CHOICES.iter().any(|word| value.eq_ignore_ascii_case(word));
        !self.values.is_empty() && self.values.iter().all(is_choice)
    }
}

fn columns<'a>(view: &View<'a>, body: &[Row], width: usize) -> Vec<Column<'a>> {
    let mut kinds = vec![[0_usize; CellType::COUNT]; width.min(COLUMNS_MAX)];
    let new = Column {
        kind: None,
        values: Vec::new(),
        shortest: usize::MAX,
        longest: 0,
        capitals: true,
        underscores: false,
    };
    let mut columns = vec![new; kinds.len()];
    for row in body {
        for ((cell, kind), (column, kinds)) in
            view.cells(row).zip(columns.iter_mut().zip(&mut kinds))
        {
            if matches!(kind, CellType::Empty | CellType::Null) {
                continue;
            }
            kinds[kind as usize] += 1;
            column.values.push(cell);
            column.shortest = column.shortest.min(cell.len());
            column.longest = column.longest.max(cell.len());
            column.capitals &= cell[0].is_ascii_uppercase() || cell[0] >= 0x80;
            column.underscores |= cell.contains(&b'_');
        }
    }
    for (column, kinds) in columns.iter_mut().zip(&kinds) {
        let filled = column.values.len() as f32;
        column.kind = TYPES
            .into_iter()
            .find(|&kind| filled > 0.0 && kinds[kind as usize] as f32 >= COLUMN_SHARE * filled);
    }
    columns
}

const TYPES: [CellType; 8] = [
    CellType::Number,
    CellType::Date,
    CellType::Email,
    CellType::Url,
    CellType::Phone,
    CellType::Code,
    CellType::Text,
    CellType::LongText,
];

/// The mean vote of the cells: above 0 for names, below for data.
fn vote(view: &View<'_>, row: &Row, columns: &[Column<'_>]) -> f32 {
    let mut sum = 0.0;
    let mut filled = 0;
    for ((cell, kind), column) in view.cells(row).zip(columns) {
        if kind == CellType::Empty {
            sum -= 0.1;
            continue;
        }
        filled += 1;
        sum += cell_vote(cell, kind, column);
    }
    if filled == 0 { -1.0 } else { sum / filled as f32 }
}

fn cell_vote(cell: &[u8], kind: CellType, column: &Column<'_>) -> f32 {
    let known = header_words::vote(cell);
    match (kind, column.kind) {
        (CellType::Null, _) => -0.7,
        (kind, Some(body)) if kind.is_data() && body.is_data() => -1.5,
        (kind, _) if kind.is_data() => {
            // A number above `yes` and `no` is the name of a choice.
            if column.is_choice() { 0.6 } else { -0.6 }
        }
        (_, Some(body)) if body.is_data() => 1.0 + known,
        (CellType::Code, Some(CellType::Code)) if known == 0.0 => -0.4,
        (CellType::LongText, _) => match column.values.is_empty() {
            true => 0.0,
            // A question above its short answers.
            false if column.longest < cell.len() / 2 => 0.3,
            false => -0.4,
        },
        _ => known + text_vote(cell, column),
    }
}

/// Words above words: repeated values and like shapes say data, unlike shapes say a name.
fn text_vote(cell: &[u8], column: &Column<'_>) -> f32 {
    if column.values.is_empty() {
        return 0.1;
    }
    if column.values.iter().any(|value| value.eq_ignore_ascii_case(cell)) {
        return -0.8;
    }
    let mut vote = 0.12;
    let fixed = column.shortest == column.longest && column.values.len() > 2;
    if fixed && cell.len() != column.longest {
        vote += 0.5;
    }
    if cell.len() < column.shortest || cell.len() > column.longest {
        vote += 0.1;
    }
    if column.capitals && cell[0].is_ascii_lowercase() {
        vote += 0.4;
    }
    if cell.contains(&b'_') && !column.underscores {
        vote += 0.4;
    }
    vote
}
