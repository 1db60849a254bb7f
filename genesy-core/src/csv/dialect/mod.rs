//! The sniffer: from a sample of bytes, the dialect and the layout of a leads file.
//!
//! Every plausible dialect (delimiter, quote, escape) is a hypothesis. Each one splits a few bounded
//! windows of the sample, and is scored by how regular its rows are and by how well its cells read as
//! data: the data-consistency idea of van den Burg, Nazábal and Sutton, "Wrangling messy CSV files by
//! detecting row and type patterns" (2019). The best one then gives the layout: preamble, header
//! rows, other tables and footer.
//!
//! The sample is in an ASCII-compatible encoding without a byte order mark; bytes from `0x80` up count
//! as letters. Sniffing never fails and never panics, its work is bounded whatever the bytes are, and
//! the same sample always gives the same answer.
//!
//! ```
//! use genesy_core::csv::dialect::{Delimiter, DialectOptions, sniff};
//!
//! let sample = b"Leads of May\n\nname;email\nO'Brien, Ann;ann@example.com\nRay;ray@example.org\n";
//! let sniffed = sniff(sample, true, &DialectOptions::default());
//! assert_eq!(sniffed.dialect.delimiter, Delimiter::SEMICOLON);
//! assert_eq!(sniffed.preamble.lines, 2);
//! assert_eq!(sniffed.header_rows, 1);
//! ```

mod candidates;
mod cell_counts;
mod cell_type;
mod delimiter;
mod header;
mod header_words;
mod layout;
mod options;
mod preamble;
mod rows;
mod score;
mod search;
mod series;
mod sniffed;
mod split;
mod window;

pub use delimiter::{Delimiter, Dialect, LineEnd};
pub use options::{DialectOptions, HeaderOption, MarkOption};
pub use sniffed::{Evidence, Footer, Preamble, RunnerUp, Sniffed, TableSpan};

pub(super) use header::known_names;

use search::Found;
pub(in crate::csv) use split::count_lines;

/// Decides the dialect and the layout of a file from its first bytes.
///
/// `complete` says that `sample` is the whole file; only then can a footer be seen. What `options`
/// forces is taken as it is. An empty sample gives the defaults with confidence 0.
pub fn sniff(sample: &[u8], complete: bool, options: &DialectOptions) -> Sniffed {
    let start = window::start(sample, options);
    let found = find(sample, complete, &start, options);
    let layout = layout::layout(sample, &found, &start, options, complete);
    assemble(&found, &start, layout)
}

/// Searches the usual windows; and a longer head, if rows or cells may be longer than that.
fn find(sample: &[u8], complete: bool, start: &window::Start, options: &DialectOptions) -> Found {
    let search = |head_bytes: usize| {
        let windows = window::windows(sample, start.byte, complete, head_bytes);
        search::search(sample, &windows, start.delimiter, options)
    };
    let found = search(window::HEAD_BYTES);
    if !found.too_short {
        return found;
    }
    let longer = search(window::LONG_HEAD_BYTES);
    let quotes = &longer.best.rows.quotes;
    // A quote that nothing closes in the longer head either is a mark like others.
    if quotes.unclosed > 0 && found.best.rows.head_rows > longer.best.rows.head_rows {
        return found;
    }
    longer
}

fn assemble(found: &Found, start: &window::Start, layout: layout::Layout) -> Sniffed {
    let best = &found.best;
    Sniffed {
        dialect: Dialect {
            delimiter: best.hypothesis.delimiter,
            quote: best.hypothesis.quote,
            escape: best.hypothesis.escape,
            line_end: best.rows.line_ends.kind(),
        },
        sep_line: start.sep_line,
        preamble: layout.preamble,
        header_rows: layout.header_rows,
        names_row: layout.names_row,
        width: layout.width,
        table_start: layout.table_start,
        body_start: layout.body_start,
        other_tables: layout.other_tables,
        footer: layout.footer,
        confidence: found.confidence,
        runner_up: found.runner_up,
        evidence: Evidence {
            hypotheses: found.hypotheses,
            rows: best.rows.rows.len(),
            row_regularity: best.score.regularity,
            cell_readability: best.score.readability,
            quoted_cells: best.rows.quotes.closed,
            stray_quotes: best.rows.quotes.stray_inside + best.rows.quotes.stray_outside,
            unclosed_quotes: best.rows.quotes.unclosed,
        },
    }
}
