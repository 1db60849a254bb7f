//! Shared helpers of the example programs.

mod csv_file;
#[cfg(test)]
mod documents;
mod interrupt;
mod program;
mod whole_file;

pub use self::csv_file::CsvFile;
pub use self::interrupt::Interrupt;
pub use self::program::{Failure, INTERRUPTED, exit_code, say};
pub use self::whole_file::{WholeFile, all_differ};

use comfy_table::{ContentArrangement, Table, presets};

/// Characters of a cell that are shown.
const CELL_CHARACTERS_MAX: usize = 28;

/// An empty table in the form of Markdown.
pub fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::ASCII_MARKDOWN);
    table.set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header.to_vec());
    table
}

/// A cell as one line of a few characters.
pub fn shortened(cell: &str) -> String {
    let line = cell.replace(['\r', '\n', '\t'], "␤");
    match line.char_indices().nth(CELL_CHARACTERS_MAX) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// The code of the README, which has to compile.
#[cfg(all(doctest, feature = "temporal"))]
#[doc = include_str!("../README.md")]
struct Readme;
