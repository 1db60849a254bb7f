//! Header cells that follow from each other: years, even numbers, letters.

use super::cell_type::CellType;
use super::layout::View;
use super::rows::Row;

/// Columns that are compared.
const COLUMNS_MAX: usize = 64;

/// `country,1990,1991,1992`: labels that are numbers, at even steps; `country,2011,2010`: years, one
/// by one; `a,b,c`: letters in their order.
pub(super) fn is_series(view: &View<'_>, row: &Row) -> bool {
    const LABELS_MIN: usize = 3;
    if is_letters(view, row) || is_years(view, row) {
        return true;
    }
    let numbers: Vec<f64> = view
        .cells(row)
        .filter_map(|(cell, _)| std::str::from_utf8(cell).ok()?.parse().ok())
        .take(COLUMNS_MAX)
        .collect();
    let even = |w: &[f64]| {
        let (step, next) = (w[1] - w[0], w[2] - w[1]);
        step > 0.0 && (next - step).abs() <= 0.05 * step
    };
    numbers.len() >= LABELS_MIN
        && 2 * numbers.len() > row.width as usize
        && numbers.windows(LABELS_MIN).all(even)
}

fn is_letters(view: &View<'_>, row: &Row) -> bool {
    const LETTERS_MIN: usize = 2;
    let mut letters = 0;
    for (cell, kind) in view.cells(row) {
        match *cell {
            [letter] if usize::from(letter.to_ascii_lowercase()) == usize::from(b'a') + letters => {
                letters += 1;
            }
            // Behind the last letter there may be columns without a name.
            [] if letters > 0 && kind == CellType::Empty => {}
            _ => return false,
        }
    }
    letters >= LETTERS_MIN
}

fn is_years(view: &View<'_>, row: &Row) -> bool {
    let mut years: Vec<i32> = Vec::new();
    let mut words = 0;
    for (cell, kind) in view.cells(row).take(COLUMNS_MAX) {
        let year = std::str::from_utf8(cell).ok().and_then(|cell| cell.parse().ok());
        match year.filter(|year| (1900..=2100).contains(year)) {
            Some(year) => years.push(year),
            None if kind.is_data() => return false,
            None => words += 1,
        }
    }
    let step = |pair: &[i32]| pair[1] - pair[0];
    let Some(first) = years.windows(2).next().map(step) else { return false };
    first.abs() == 1 && words <= years.len() && years.windows(2).all(|pair| step(pair) == first)
}
