//! Which column is what: headers in many languages, checked against the cells below them.
//!
//! A header is folded (case, accents, punctuation, camelCase) and looked up in tables of known headers, then
//! without words that say nothing, then with a bounded number of slips. The cells may veto what a header says, and
//! decide where it says nothing. A wrong field is worse than an extra column: in doubt a column stays as it is.

mod by_name;
mod cells;
mod content;
mod decide;
mod field;
mod fold;
mod fuzzy;
mod mapping;
mod overrides;
mod saved;
mod synonyms;
mod words;

pub use decide::{COLUMNS_FUZZY_MAX, SAMPLE_CELLS_MAX, SAMPLE_ROWS_MAX};
pub use field::{Field, Target, UnknownField};
pub use mapping::{ColumnMapping, Mapping, MappingReason};
pub use overrides::Overrides;
pub use saved::SavedMapping;

/// Says what each column is.
///
/// `rows` are sample rows of decoded cells and may be ragged; `headers` may be empty, and then the cells decide.
/// `is_country` tells whether a cell names a country. Every column of the headers and of the rows is in the
/// answer exactly once. The cost is bounded: see [`SAMPLE_ROWS_MAX`], [`SAMPLE_CELLS_MAX`] and [`COLUMNS_FUZZY_MAX`].
pub fn map_columns(
    headers: &[&str],
    rows: &[Vec<&str>],
    is_country: &dyn Fn(&str) -> bool,
    overrides: &Overrides,
) -> Mapping {
    decide::map(headers, rows, is_country, &|index, header| {
        overrides.target(index, header).map(|target| (target, MappingReason::Override))
    })
}
