//! What stands before the table: titles, comments and metadata.

use super::cell_type::CellType;
use super::layout::View;
use super::rows::Row;
use super::score::is_comment;

/// Steps over titles, comments and metadata that no blank line parts from the table.
pub(super) fn table_start(view: &View<'_>, rows: &[Row], first: usize, width: u32) -> usize {
    let mut at = first;
    while at + 1 < rows.len() && is_preamble_row(view, rows, at, width) {
        at += 1;
    }
    at
}

fn is_preamble_row(view: &View<'_>, rows: &[Row], at: usize, width: u32) -> bool {
    let row = &rows[at];
    let comment = matches!(view.sample[row.start as usize], b'#')
        && (row.width != width
            || (width == 1 && view.sample.get(row.start as usize + 1) == Some(&b' ')));
    if comment {
        return true;
    }
    if width == 1 {
        return false;
    }
    let title = |row: &Row| !view.is_table_row(row, width);
    // `Leads, spring` above another title is no row of the table either.
    let alone_below = |row: &Row| row.width == 1 && title(row);
    if title(row) || row.width < width && rows.get(at + 1).is_some_and(alone_below) {
        return true;
    }
    // In two columns `Contacts,` may be the name of a group; an empty row below makes it a title.
    if width == 2 && view.filled(row) > 0 && view.filled(&rows[at + 1]) > 0 {
        return false;
    }
    let noted = is_padded(view, row, width)
        || width > 4 && is_pair(view, row) && {
            // `Account,Main,,,,` among notes of other kinds.
            let beside = [at.checked_sub(1), Some(at + 1)].into_iter().flatten();
            beside.filter_map(|at| rows.get(at)).any(|row| is_padded(view, row, width))
        };
    noted && {
        // Only a header tells padded notes from a table with many empty cells.
        let mut below = rows[at + 1..].iter().filter(|row| !is_padded(view, row, width));
        below.next().is_some_and(|row| view.cells(row).all(|(_, kind)| !kind.is_data()))
    }
}

/// The first two cells are filled, and no other.
fn is_pair(view: &View<'_>, row: &Row) -> bool {
    let mut kinds = view.cells(row).map(|(_, kind)| kind);
    let filled = |kind: Option<CellType>| kind.is_some_and(|kind| kind != CellType::Empty);
    filled(kinds.next()) && filled(kinds.next()) && kinds.all(|kind| kind == CellType::Empty)
}

/// `Leads of May,,,,` or `Exported on:,2024-01-02,,,`: a note padded to the width of the table.
fn is_padded(view: &View<'_>, row: &Row, width: u32) -> bool {
    let mut cells = view.cells(row);
    let (Some((first, kind)), Some((_, value))) = (cells.next(), cells.next()) else {
        return false;
    };
    if cells.any(|(_, kind)| kind != CellType::Empty) {
        return false;
    }
    // A time alone tells when the file was made.
    if kind.is_data()
        && !is_comment(first)
        && (width < 4 || kind != CellType::Date || value != CellType::Empty)
    {
        return false;
    }
    match value {
        CellType::Empty => true,
        _ if width < 3 => false,
        CellType::Date | CellType::Number => width > 3 && kind != CellType::Empty,
        _ => first.ends_with(b":"),
    }
}
