//! What was understood of a file before its first row: encoding, dialect, header and mapping.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::cells::lossy;
use super::error::FileError;
use super::options::Options;
use crate::country::{self, ColumnContext};
use crate::csv::dialect::{Sniffed, count_lines, sniff};
use crate::csv::encoding::{Detection, Encoding, StreamDecoder, bom, detect};
use crate::csv::encoding::{Evidence, sniff_binary};
use crate::csv::header::{Field, Mapping, SAMPLE_ROWS_MAX, map_columns};
use crate::csv::read::{Record, RecordReader};
use crate::pii::Pii;
use crate::trim::trim;

/// Rows whose countries tell what kind of country column it is.
const COUNTRY_ROWS_MAX: usize = 1_000;
/// Rows that are shown.
const PREVIEW_ROWS_MAX: usize = 10;

/// How a file is read: everything that was found out, with its evidence, or forced.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Understanding {
    /// The encoding.
    pub encoding: Detection,
    /// Delimiter, quote, preamble, header rows and other tables. Offsets and lines count from the
    /// start of the text: without a byte order mark, and decoded if the encoding needs it.
    pub dialect: Sniffed,
    /// The header, one text a column; empty texts if the file has none.
    pub header: Vec<String>,
    /// Which column is what, and why.
    pub mapping: Mapping,
    /// What the country column as a whole tells.
    pub country_column: ColumnContext,
    /// The first rows as they were read, but for blank ones.
    pub preview: Vec<Vec<Pii<String>>>,
    /// The line of the first row, counted from 1.
    pub first_line: u64,
}

/// What the reader needs beside what people are shown.
pub(super) struct Learned {
    pub(super) understanding: Understanding,
    /// Bytes before the first row: in the file, and in the decoded text.
    pub(super) file_offset: u64,
    pub(super) text_offset: usize,
    /// Where the table ends in the text, if what follows is another table or a footer.
    pub(super) text_end: Option<usize>,
    /// Blank lines between header and rows.
    pub(super) blank_lines: u64,
}

/// Learns how to read a file from `sample`, its first bytes or all of it (`complete`).
pub(super) fn learn(
    sample: &[u8],
    complete: bool,
    options: &Options,
) -> Result<Learned, FileError> {
    if options.encoding.is_none()
        && let Some(kind) = sniff_binary(sample)
    {
        return Err(FileError::Binary { kind });
    }
    let encoding = encoding(sample, complete, options);
    let (text, decoder) = text(sample, complete, &encoding);
    if complete && is_blank(&text) {
        return Err(FileError::Empty);
    }
    let dialect = sniff(&text, complete, &options.dialect);
    let text_offset = dialect.body_start.min(text.len());
    let (head, body) = text.split_at(text_offset);

    let body = &body[..table_end(&dialect).map_or(body.len(), |end| end - text_offset)];
    let (header, blank_lines) = header(head, &dialect);
    let rows = rows(body, complete, &dialect, SAMPLE_ROWS_MAX);
    let mapping = mapping(&header, &rows, options);
    let country = mapping.column_of(Field::Country);
    let country_column = country_column(body, complete, &dialect, country);

    let file_offset = match &decoder {
        Some(decoder) => decoder.encoded_len(&lossy(head)),
        None => text_offset as u64,
    };
    let is_blank = |row: &Vec<String>| row.iter().all(String::is_empty);
    let preview = rows.into_iter().filter(|row| !is_blank(row)).take(PREVIEW_ROWS_MAX);
    Ok(Learned {
        file_offset: encoding.bom_bytes as u64 + file_offset,
        text_offset,
        text_end: table_end(&dialect),
        blank_lines,
        understanding: Understanding {
            first_line: 1 + count_lines(head),
            encoding,
            dialect,
            header,
            mapping,
            country_column,
            preview: preview.map(|row| row.into_iter().map(Pii::new).collect()).collect(),
        },
    })
}

fn encoding(sample: &[u8], complete: bool, options: &Options) -> Detection {
    let Some(forced) = options.encoding else {
        return detect(sample, complete, &country::is_exact_name);
    };
    let mark = bom(sample).filter(|(encoding, _)| *encoding == forced);
    Detection {
        encoding: forced,
        confidence: 1.0,
        evidence: vec![Evidence::Forced],
        equivalents: Vec::new(),
        runner_up: None,
        bom_bytes: mark.map_or(0, |(_, bytes)| bytes),
    }
}

/// The sample as bytes that can be split, and what decoded it if that was needed.
fn text<'s>(
    sample: &'s [u8],
    complete: bool,
    detection: &Detection,
) -> (Cow<'s, [u8]>, Option<StreamDecoder>) {
    let sample = &sample[detection.bom_bytes..];
    if detection.encoding == Encoding::Utf8 {
        return (Cow::Borrowed(sample), None);
    }
    let mut decoder = StreamDecoder::new(detection.encoding);
    let mut text = String::new();
    decoder.push(sample, complete, &mut text);
    (Cow::Owned(text.into_bytes()), Some(decoder))
}

fn is_blank(text: &[u8]) -> bool {
    let is_ink = |byte: &u8| byte.is_ascii_graphic();
    !text.iter().any(is_ink) && decode(text).is_empty()
}

/// Where the main table ends: at its footer, or where another table begins.
fn table_end(dialect: &Sniffed) -> Option<usize> {
    let tables = dialect.other_tables.iter().map(|table| table.first_byte);
    let footer = dialect.footer.as_ref().map(|footer| footer.first_byte);
    tables.chain(footer).filter(|&byte| byte > dialect.body_start).min()
}

/// The header row that names the columns, and the blank lines among and below the header rows.
fn header(head: &[u8], dialect: &Sniffed) -> (Vec<String>, u64) {
    let mut header = vec![String::new(); dialect.width];
    if dialect.header_rows == 0 {
        return (header, 0);
    }
    let table = &head[dialect.table_start.min(head.len())..];
    let mut reader = RecordReader::from_slice(table, &dialect.dialect);
    let mut row = 0_usize;
    let mut blank = 0;
    while let Some(record) = reader.next_record() {
        if record.fields().all(|field| field.trim_ascii().is_empty()) {
            blank += 1;
            continue;
        }
        if row == usize::from(dialect.names_row) {
            header = record.fields().map(decode).collect();
            header.resize(header.len().max(dialect.width), String::new());
        }
        row += 1;
    }
    (header, blank + reader.blank_lines())
}

fn decode(field: &[u8]) -> String {
    trim(&lossy(field)).to_owned()
}

/// Hands the first `count` rows to `take`.
fn first_rows(
    body: &[u8],
    complete: bool,
    dialect: &Sniffed,
    count: usize,
    mut take: impl FnMut(&Record<'_>),
) {
    let mut reader = RecordReader::from_slice(body, &dialect.dialect);
    reader.set_width(dialect.width);
    let mut rows = 0;
    while rows < count
        && let Some(record) = reader.next_record()
    {
        let end = record.offset() as usize + record.raw().len();
        if !complete && end == body.len() && rows > 0 {
            // The sample may cut the record off here.
            break;
        }
        take(&record);
        rows += 1;
    }
}

fn rows(body: &[u8], complete: bool, dialect: &Sniffed, count: usize) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    first_rows(body, complete, dialect, count, |record| {
        rows.push(record.fields().map(decode).collect());
    });
    rows
}

/// What kind of countries `column` holds. Its cells share one text: thousands of small ones would
/// take longer than all that is read of them.
fn country_column(
    body: &[u8],
    complete: bool,
    dialect: &Sniffed,
    column: Option<usize>,
) -> ColumnContext {
    let mut text = String::new();
    let mut ends = vec![0];
    if let Some(column) = column {
        first_rows(body, complete, dialect, COUNTRY_ROWS_MAX, |record| {
            if let Some(cell) = record.field(column) {
                text.push_str(&lossy(cell));
                ends.push(text.len());
            }
        });
    }
    ColumnContext::from_cells(ends.windows(2).map(|cell| trim(&text[cell[0]..cell[1]])))
}

fn mapping(header: &[String], rows: &[Vec<String>], options: &Options) -> Mapping {
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    // Cells behind the last column are the rest of a broken row, not a column.
    let width = header.len();
    let rows: Vec<Vec<&str>> =
        rows.iter().map(|row| row.iter().map(String::as_str).take(width).collect()).collect();
    match &options.saved_mapping {
        Some(saved) if saved.applies_to(&header) => {
            saved.apply(&header, &rows, &country::is_known, &options.overrides)
        }
        _ => map_columns(&header, &rows, &country::is_known, &options.overrides),
    }
}
