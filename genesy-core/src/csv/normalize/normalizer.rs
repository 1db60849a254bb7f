//! The normalizer as a machine: bytes in, rows out.

use std::fmt;

use super::batch::RowBatch;
use super::cells::CellReader;
use super::duplicates::FirstRows;
use super::error::FileError;
use super::fields::FieldReader;
use super::issue::{Action, Issue, IssueCode};
use super::lead_ref::LeadRef;
use super::options::{DuplicateAction, DuplicateKey, DuplicatePolicy, Options, RequiredFields};
use super::row::{FileBytes, Outcome, Report, Row};
use super::summary::Summary;
use super::tables::Tables;
use super::understanding::{Learned, Understanding, learn, text_encoding};
use crate::csv::encoding::{CellDecoder, Encoding, StreamDecoder};
use crate::csv::header::Field;
use crate::csv::read::{Record, RecordReader};
use crate::phone::Phone;

/// Bytes of a slice that are decoded at a time.
const DECODE_BYTES: usize = 64 * 1024;

/// Turns the bytes of one file into rows.
///
/// Fed with [`Self::feed`] and [`Self::finish`], or made from a slice; the same bytes give the same
/// rows whatever the chunks. Rows come from the moment when enough was fed to understand the file
/// ([`Options::sample_bytes`]); take them all after each `feed`.
///
/// ```
/// use genesy_core::csv::normalize::{Normalizer, Options, Outcome};
///
/// let mut normalizer = Normalizer::push(Options::default());
/// normalizer.feed(b"email,country\nada@example.com,")?;
/// normalizer.feed(b"UK\n")?;
/// normalizer.finish()?;
/// while let Some(row) = normalizer.next_row() {
///     assert_eq!(row.outcome, Outcome::Imported);
///     assert_eq!(row.lead.country().map(|country| country.alpha2()), Some("GB"));
/// }
/// assert_eq!(normalizer.summary().imported, 1);
/// # Ok::<(), genesy_core::csv::normalize::FileError>(())
/// ```
pub struct Normalizer<'i> {
    options: Options,
    state: State<'i>,
}

impl fmt::Debug for Normalizer<'_> {
    /// Shows how far it is, not what it holds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Normalizer").field("summary", &self.summary()).finish_non_exhaustive()
    }
}

enum State<'i> {
    /// What was fed is not enough yet to understand the file.
    Sampling(Vec<u8>),
    Reading(Box<Reading<'i>>),
    Failed(FileError),
}

impl Normalizer<'static> {
    /// A normalizer that is fed.
    pub const fn push(options: Options) -> Self {
        Self { options, state: State::Sampling(Vec::new()) }
    }

    /// Adds bytes of the file, in chunks of any size.
    ///
    /// # Errors
    ///
    /// When the bytes turn out not to be delimited text; the same error comes for ever after.
    pub fn feed(&mut self, chunk: &[u8]) -> Result<(), FileError> {
        match &mut self.state {
            State::Failed(error) => return Err(*error),
            State::Reading(reading) => reading.feed(chunk),
            State::Sampling(sample) => {
                sample.extend_from_slice(chunk);
                if sample.len() > self.options.sample_bytes {
                    self.begin(false)?;
                }
            }
        }
        Ok(())
    }

    /// No more bytes follow.
    ///
    /// # Errors
    ///
    /// When the file is empty or no delimited text.
    pub fn finish(&mut self) -> Result<(), FileError> {
        if let State::Sampling(_) = self.state {
            self.begin(true)?;
        }
        match &mut self.state {
            State::Failed(error) => Err(*error),
            State::Reading(reading) => {
                reading.finish();
                Ok(())
            }
            State::Sampling(_) => Ok(()),
        }
    }

    /// Understands the sample and begins to read.
    fn begin(&mut self, complete: bool) -> Result<(), FileError> {
        let State::Sampling(sample) = &mut self.state else { return Ok(()) };
        let fed = std::mem::take(sample);
        let sample = &fed[..fed.len().min(self.options.sample_bytes)];
        match learn(sample, complete, &self.options) {
            Ok(learned) => {
                let mut reading = Reading::fed(learned, &self.options);
                reading.feed(&fed);
                self.state = State::Reading(Box::new(reading));
                Ok(())
            }
            Err(error) => {
                self.state = State::Failed(error);
                Err(error)
            }
        }
    }
}

impl<'i> Normalizer<'i> {
    /// A normalizer of a whole file, which it does not copy.
    ///
    /// # Errors
    ///
    /// When the file is empty or no delimited text.
    pub fn from_slice(file: &'i [u8], options: Options) -> Result<Self, FileError> {
        let complete = file.len() <= options.sample_bytes;
        let sample = &file[..file.len().min(options.sample_bytes)];
        let learned = learn(sample, complete, &options)?;
        let reading = if learned.understanding.encoding.encoding.tokenizes_raw() {
            Reading::raw_slice(file, learned, &options)
        } else {
            let mut reading = Reading::fed(learned, &options);
            reading.rest = file;
            reading
        };
        Ok(Self { options, state: State::Reading(Box::new(reading)) })
    }

    /// How the file is read; `None` until enough of it was fed.
    pub const fn understanding(&self) -> Option<&Understanding> {
        match &self.state {
            State::Reading(reading) => Some(&reading.understanding),
            State::Sampling(_) | State::Failed(_) => None,
        }
    }

    /// How the file was read, by move; `None` if too little of it was fed.
    pub fn into_understanding(self) -> Option<Understanding> {
        match self.state {
            State::Reading(reading) => Some(reading.understanding),
            State::Sampling(_) | State::Failed(_) => None,
        }
    }

    /// What became of the rows so far.
    pub fn summary(&self) -> Summary {
        match &self.state {
            State::Reading(reading) => reading.summary.clone(),
            State::Sampling(_) | State::Failed(_) => Summary::default(),
        }
    }

    /// The next row, or `None` if the bytes that are there hold no further one.
    #[inline]
    pub fn next_row(&mut self) -> Option<Row<'_>> {
        match &mut self.state {
            State::Reading(reading) => reading.next_row(&self.options),
            State::Sampling(_) | State::Failed(_) => None,
        }
    }
}

/// Where in the file the bytes are that the reader counts.
#[derive(Debug)]
enum Place {
    /// The reader's offsets are the file's.
    Same,
    /// The reader sees decoded text: the end of the last record, in the text and in the file.
    Decoded { text: u64, file: u64, unit_bytes: u64 },
}

struct Reading<'i> {
    understanding: Understanding,
    /// Decodes what is fed, where that comes before splitting.
    decoder: Option<StreamDecoder>,
    /// Bytes of the front that hold no row and were not fed yet: of the file, then of its text.
    skip_file: usize,
    skip_text: usize,
    /// Bytes of a slice that are to be decoded yet.
    rest: &'i [u8],
    reader: RecordReader<'i>,
    place: Place,
    /// The reader's offset from which on records are not of the main table.
    table_end: Option<u64>,
    tables: Tables,
    batch: RowBatch,
    cells: CellReader,
    cell_decoder: CellDecoder,
    fields: FieldReader,
    first_rows: FirstRows,
    issues: Vec<Issue>,
    summary: Summary,
    blank_rows: u64,
}

impl<'i> Reading<'i> {
    fn fed(learned: Learned, options: &Options) -> Self {
        let reader = RecordReader::push(&learned.understanding.dialect.dialect);
        Self::new(reader, learned, options)
    }

    fn raw_slice(file: &'i [u8], learned: Learned, options: &Options) -> Self {
        let rows = &file[learned.file_offset as usize..];
        let reader = RecordReader::from_slice(rows, &learned.understanding.dialect.dialect);
        Self::new(reader, learned, options)
    }

    fn new(reader: RecordReader<'i>, learned: Learned, options: &Options) -> Self {
        let Learned { understanding, file_offset, text_offset, text_end, blank_lines } = learned;
        let encoding = understanding.encoding.encoding;
        let is_raw = encoding.tokenizes_raw();
        let mut reader = reader
            .limits(options.limits)
            .starting_at(if is_raw { file_offset } else { 0 }, understanding.first_line);
        reader.set_width(understanding.mapping.columns.len());
        if text_encoding(encoding) == Encoding::Utf8 {
            reader = reader.finding_text();
        }
        let is_utf16 = matches!(encoding, Encoding::Utf16Le | Encoding::Utf16Be);
        let bom_bytes = understanding.encoding.bom_bytes;
        Self {
            decoder: (!is_raw).then(|| StreamDecoder::new(encoding)),
            skip_file: if is_raw { file_offset as usize } else { bom_bytes },
            skip_text: if is_raw { 0 } else { text_offset },
            rest: &[],
            reader,
            place: if is_raw {
                Place::Same
            } else {
                let unit_bytes = if is_utf16 { 2 } else { 1 };
                Place::Decoded { text: 0, file: file_offset, unit_bytes }
            },
            table_end: text_end
                .map(|end| (end - text_offset) as u64 + if is_raw { file_offset } else { 0 }),
            tables: Tables::new(
                &understanding.header,
                understanding.mapping.column_of(Field::Email),
                blank_lines,
            ),
            batch: RowBatch::new(
                CellDecoder::new(text_encoding(encoding)),
                understanding.dialect.dialect.quote,
                !is_raw,
            ),
            cells: CellReader::new(encoding, options.repair_mojibake),
            cell_decoder: CellDecoder::new(text_encoding(encoding)),
            fields: FieldReader::new(&understanding, options),
            first_rows: FirstRows::new(options.duplicates.seed),
            issues: Vec::new(),
            summary: Summary::default(),
            blank_rows: blank_lines,
            understanding,
        }
    }

    fn feed(&mut self, mut chunk: &[u8]) {
        drop_front(&mut chunk, &mut self.skip_file);
        self.feed_file(chunk, false);
    }

    fn finish(&mut self) {
        self.feed_file(&[], true);
        self.reader.finish();
    }

    fn feed_file(&mut self, chunk: &[u8], last: bool) {
        let Some(decoder) = &mut self.decoder else {
            self.reader.feed(chunk);
            return;
        };
        let mut text = String::new();
        decoder.push(chunk, last, &mut text);
        let mut text = text.as_bytes();
        drop_front(&mut text, &mut self.skip_text);
        self.reader.feed(text);
    }

    /// Decodes more of a slice; false if there is nothing more.
    fn pull(&mut self) -> bool {
        if self.rest.is_empty() {
            return false;
        }
        let (chunk, rest) = self.rest.split_at(self.rest.len().min(DECODE_BYTES));
        self.rest = rest;
        self.feed(chunk);
        if rest.is_empty() {
            self.finish();
        }
        true
    }

    /// Moves the reader to the next record that is not blank; false if there is none.
    fn advance(&mut self) -> bool {
        loop {
            if self.reader.advance() {
                self.batch.follow(&self.reader, &self.fields);
                let is_plain = self.batch.row(&self.reader).is_plain;
                if is_plain || !self.cells.is_blank(&self.reader.record()) {
                    return true;
                }
                self.blank_rows += 1;
            } else if !self.pull() {
                self.summary.blank = self.blank_rows + self.reader.blank_lines();
                return false;
            }
        }
    }

    #[inline(always)]
    fn next_row(&mut self, options: &Options) -> Option<Row<'_>> {
        if self.batch.take_plain(&mut self.reader) {
            return Some(self.row::<true>(options));
        }
        self.next_row_by_itself(options)
    }

    #[inline(never)]
    fn next_row_by_itself(&mut self, options: &Options) -> Option<Row<'_>> {
        if self.advance() { Some(self.row::<false>(options)) } else { None }
    }

    /// The row that the reader is at. A plain one is known to be regular, and its fields are.
    #[inline(always)]
    fn row<const PLAIN: bool>(&mut self, options: &Options) -> Row<'_> {
        let Self { reader, decoder, place, table_end, tables, cell_decoder, fields, .. } = self;
        let (first_rows, issues, summary) =
            (&mut self.first_rows, &mut self.issues, &mut self.summary);
        issues.clear();
        let record = reader.record();
        let file = FileBytes { stream: decoder.as_ref() };
        let byte_offset = place.of(&record, file);
        let number = summary.rows + 1;
        // Made where it is needed, which is seldom.
        macro_rules! report {
            () => {
                Report { issues, reader, row: number, byte_offset, file, decoder: cell_decoder }
            };
        }
        let blank = self.blank_rows + reader.blank_lines();
        let is_outside = tables.is_outside(record.len(), blank, || reader.record())
            || table_end.is_some_and(|end| record.offset() >= end);
        if is_outside {
            report!().row(IssueCode::OutsideTable);
            if let Some(other) = tables.other() {
                summary.add_to_table(other, number, record.line(), byte_offset);
            }
        }
        let known = self.batch.row(reader);
        let cells = if PLAIN {
            let cells = self.batch.cells(known, &record);
            fields.take(known, &cells);
            cells
        } else {
            let mut report = report!();
            report.irregularities();
            check_width(&record, fields.columns().count(), &mut report);
            let cells = if known.has_cells() {
                self.batch.cells(known, &record)
            } else {
                self.cells.read(&record, &mut report)
            };
            fields.take(known, &cells);
            fields.read(known.doubts, &cells, &mut report);
            cells
        };
        if fields.has_rest() {
            // A copy: what others point to is kept in memory, and this is needed at once.
            let copy = cells;
            fields.read_rest(&copy, &mut report!());
        }
        if issues.len() > 1 {
            issues.sort_by_key(|issue| issue.column);
        }
        let lead = fields.lead(cells);
        let outcome = if is_outside {
            // What its cells would be is beside the point.
            issues.truncate(1);
            Outcome::OutsideTable
        } else if !has_required(lead, &options.required) {
            report!().row(IssueCode::MissingRequired);
            Outcome::Rejected
        } else if options.duplicates.key == DuplicateKey::Nothing {
            Outcome::Imported
        } else {
            let copy = lead;
            outcome(&copy, number, first_rows, &options.duplicates, &mut report!())
        };
        summary.add(&outcome, issues);
        let (line, raw) = (record.line(), record.raw());
        Row { number, line, byte_offset, outcome, lead, issues, raw }
    }
}

impl Place {
    /// Where `record` begins in the file.
    #[inline(always)]
    fn of(&mut self, record: &Record<'_>, file: FileBytes<'_>) -> u64 {
        match self {
            Self::Same => record.offset(),
            Self::Decoded { text, file: file_end, unit_bytes } => {
                // Between records there are only line ends and lines without any byte.
                let start = *file_end + (record.offset() - *text) * *unit_bytes;
                *text = record.offset() + record.raw().len() as u64;
                *file_end = start + file.of(record.raw());
                start
            }
        }
    }
}

/// Takes from the front of `bytes` what is still to be skipped.
fn drop_front(bytes: &mut &[u8], skip: &mut usize) {
    let dropped = bytes.len().min(*skip);
    *bytes = &bytes[dropped..];
    *skip -= dropped;
}

fn check_width(record: &Record<'_>, width: usize, report: &mut Report<'_, '_>) {
    let mut behind = record.fields().skip(width);
    if record.len() == width {
        return;
    }
    if record.len() < width {
        report.row(IssueCode::RowTooShort);
    } else if behind.any(|cell| !cell.trim_ascii().is_empty()) {
        report.row(IssueCode::RowTooLong);
    }
}

#[inline(always)]
fn has_required(lead: LeadRef<'_>, required: &RequiredFields) -> bool {
    required.is_nothing() || required.are_met(|field| lead.has(field))
}

/// What becomes of a row that has what is required.
fn outcome(
    lead: &LeadRef<'_>,
    row: u64,
    first_rows: &mut FirstRows,
    policy: &DuplicatePolicy,
    report: &mut Report<'_, '_>,
) -> Outcome {
    let Some((of_row, code)) = first_row(lead, row, first_rows, policy.key) else {
        return Outcome::Imported;
    };
    if policy.action == DuplicateAction::KeepAll {
        report.duplicate(code, of_row, Action::Kept);
        return Outcome::Imported;
    }
    report.duplicate(code, of_row, code.action());
    Outcome::Duplicate { of_row }
}

/// The row that has the same lead, and by what; notes this one's keys.
fn first_row(
    lead: &LeadRef<'_>,
    row: u64,
    first_rows: &mut FirstRows,
    key: DuplicateKey,
) -> Option<(u64, IssueCode)> {
    let by_email =
        lead.email().and_then(|email| email.with_normal_form(|key| first_rows.first_row(key, row)));
    let by_phone = match (key, lead.phone()) {
        (DuplicateKey::EmailOrPhone, Some(Phone { e164: Some(e164), extension, .. })) => {
            let mut key = e164.reveal().as_str().to_owned();
            if let Some(extension) = extension {
                key.push('x');
                key.push_str(extension.reveal());
            }
            first_rows.first_row(key.as_bytes(), row)
        }
        _ => None,
    };
    // Colleagues share a switchboard: a phone tells only where there is no address.
    let by_phone = by_phone.filter(|_| lead.email().is_none());
    let by_email = by_email.map(|first| (first, IssueCode::DuplicateEmail));
    by_email.or(by_phone.map(|first| (first, IssueCode::DuplicatePhone)))
}
