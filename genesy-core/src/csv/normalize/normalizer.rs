//! The normalizer as a machine: bytes in, rows out.

use std::fmt;

use super::batch::{BatchRow, RowBatch};
use super::cells::{CellReader, Cells};
use super::duplicates::FirstRows;
use super::error::FileError;
use super::fields::FieldReader;
use super::issue::{Action, Issue, IssueCode};
use super::lead_ref::LeadRef;
use super::memos::Memos;
use super::options::{DuplicateAction, DuplicateKey, DuplicatePolicy, Options, RequiredFields};
use super::row::{Outcome, Report, Row};
use super::source::Source;
use super::summary::Summary;
use super::tables::Tables;
use super::understanding::{Learned, Understanding, learn};
use crate::csv::header::Field;
use crate::csv::read::{Record, RecordReader};
use crate::phone::Phone;

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
                let mut reading = Reading::new(Source::fed(&learned), learned, &self.options);
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
        let reading = Reading::new(Source::slice(&learned, file), learned, &options);
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

struct Reading<'i> {
    understanding: Understanding,
    source: Source<'i>,
    reader: RecordReader<'i>,
    /// The reader's offset from which on records are not of the main table.
    table_end: Option<u64>,
    tables: Tables,
    batch: RowBatch,
    cells: CellReader,
    fields: FieldReader,
    memos: Memos,
    first_rows: FirstRows,
    issues: Vec<Issue>,
    outcome: Outcome,
    summary: Summary,
    blank_rows: u64,
}

impl<'i> Reading<'i> {
    fn new(
        (source, reader): (Source<'i>, RecordReader<'i>),
        learned: Learned,
        options: &Options,
    ) -> Self {
        let Learned { understanding, text_offset, text_end, blank_lines, .. } = learned;
        let first_offset = source.first_offset();
        let mut reader = reader
            .limits(options.limits)
            .starting_at(first_offset, understanding.first_line)
            .finding_text();
        reader.set_width(understanding.mapping.columns.len());
        let marks_malformed = source.marks_malformed();
        Self {
            source,
            reader,
            table_end: text_end.map(|end| (end - text_offset) as u64 + first_offset),
            tables: Tables::new(
                &understanding.header,
                understanding.mapping.column_of(Field::Email),
                blank_lines,
            ),
            batch: RowBatch::new(understanding.dialect.dialect.quote, marks_malformed),
            cells: CellReader::new(marks_malformed, options.repair_mojibake),
            fields: FieldReader::new(&understanding, options),
            memos: Memos::new(),
            first_rows: FirstRows::new(options.duplicates.seed),
            issues: Vec::new(),
            outcome: Outcome::Imported,
            summary: Summary::default(),
            blank_rows: blank_lines,
            understanding,
        }
    }

    fn feed(&mut self, chunk: &[u8]) {
        self.source.feed(chunk, &mut self.reader);
    }

    fn finish(&mut self) {
        self.source.finish(&mut self.reader);
    }

    /// Moves the reader to the next record that is not blank; false if there is none.
    fn advance(&mut self) -> bool {
        loop {
            if self.reader.advance() {
                self.batch.follow(&self.reader, &self.fields, &mut self.memos);
                let is_plain = self.batch.row(&self.reader).is_plain;
                if is_plain || !CellReader::is_blank(&self.reader.record()) {
                    return true;
                }
                self.blank_rows += 1;
            } else if !self.source.pull(&mut self.reader) {
                self.summary.blank = self.blank_rows + self.reader.blank_lines();
                return false;
            }
        }
    }

    #[inline(always)]
    fn next_row(&mut self, options: &Options) -> Option<Row<'_>> {
        if self.batch.take_plain(&mut self.reader) {
            self.read::<true>(options);
        } else if !self.read_by_itself(options) {
            return None;
        }
        Some(self.row())
    }

    /// Reads the next row that is not plain; false if there is none.
    #[inline(never)]
    fn read_by_itself(&mut self, options: &Options) -> bool {
        let is_there = self.advance();
        if is_there {
            self.read::<false>(options);
        }
        is_there
    }

    /// Reads the row that the reader is at. A plain one is known to be regular, and its fields are.
    #[inline(always)]
    fn read<const PLAIN: bool>(&mut self, options: &Options) {
        let Self { source, reader, table_end, tables, batch, cells, fields, .. } = self;
        let (first_rows, issues, summary) =
            (&mut self.first_rows, &mut self.issues, &mut self.summary);
        issues.clear();
        let number = summary.rows + 1;
        // Made where it is needed, which is seldom.
        macro_rules! report {
            () => {
                Report { issues, reader, source, row: number }
            };
        }
        let blank = self.blank_rows + reader.blank_lines();
        let width = fields.columns().count();
        let length = if PLAIN { width } else { reader.record().len() };
        let is_outside = tables.is_outside(length, blank, || reader.record())
            || table_end.is_some_and(|end| reader.record().offset() >= end);
        if is_outside {
            report!().row(IssueCode::OutsideTable);
            if let Some(other) = tables.other() {
                let byte_offset = source.file_offset(reader, reader.record().offset());
                summary.add_to_table(other, number, reader.line(), byte_offset);
            }
        }
        let known = batch.row(reader);
        if !PLAIN {
            let mut report = report!();
            report.irregularities();
            check_width(&reader.record(), width, &mut report);
            if !known.has_cells() {
                cells.read(&reader.record(), &mut report);
            }
        }
        let cells = || cells_of(known, reader, batch, cells);
        fields.take(known);
        if !PLAIN {
            fields.read(known.doubts, &cells(), &mut self.memos, &mut report!());
        }
        if fields.has_rest() {
            fields.read_rest(&cells(), &mut report!());
        }
        if issues.len() > 1 {
            issues.sort_by_key(|issue| issue.column);
        }
        let required = &options.required;
        self.outcome = if is_outside {
            // What its cells would be is beside the point.
            issues.truncate(1);
            Outcome::OutsideTable
        } else if !has_required(|| fields.lead(cells()), required) {
            report!().row(IssueCode::MissingRequired);
            Outcome::Rejected
        } else if options.duplicates.key == DuplicateKey::Nothing {
            Outcome::Imported
        } else {
            let lead = fields.lead(cells());
            outcome(&lead, number, first_rows, &options.duplicates, &mut report!())
        };
        summary.add(&self.outcome, issues);
    }

    /// The row that was read.
    #[inline(always)]
    fn row(&self) -> Row<'_> {
        let Self { source, reader, batch, cells, fields, issues, summary, outcome, .. } = self;
        let cells = cells_of(batch.row(reader), reader, batch, cells);
        Row {
            number: summary.rows,
            line: reader.line(),
            outcome: *outcome,
            lead: fields.lead(cells),
            issues,
            reader,
            source,
        }
    }
}

/// The cells of the row that `reader` is at, of which `known` is told, from where they were read.
#[inline(always)]
fn cells_of<'r>(
    known: &BatchRow,
    reader: &'r RecordReader<'_>,
    batch: &'r RowBatch,
    cells: &'r CellReader,
) -> Cells<'r> {
    if known.has_cells() { batch.cells(known, reader) } else { cells.cells(&reader.record()) }
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
fn has_required<'r>(lead: impl FnOnce() -> LeadRef<'r>, required: &RequiredFields) -> bool {
    if required.is_nothing() {
        return true;
    }
    let lead = lead();
    required.are_met(|field| lead.has(field))
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
            // A row that repeats one by its address is no lead: what it adds is that one's.
            first_rows.first_row(key.as_bytes(), by_email.unwrap_or(row))
        }
        _ => None,
    };
    // Colleagues share a switchboard: a phone tells only where there is no address.
    let by_phone = by_phone.filter(|_| lead.email().is_none());
    let by_email = by_email.map(|first| (first, IssueCode::DuplicateEmail));
    by_email.or(by_phone.map(|first| (first, IssueCode::DuplicatePhone)))
}
