//! Reading a file: rows in, chunks for the store out. It runs on a thread of its own.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use genesy_core::csv::normalize::{
    CsvWriter, Issue, IssueCode, Normalizer, Options, Outcome, Row, Severity,
};
use tokio::sync::mpsc::Sender;

use super::lead::{self, Columns};
use super::summary::ImportSummary;
use crate::store::hash::{self, Hasher};
use crate::store::imports::FileColumn;
use crate::store::issues::NewIssue;
use crate::store::leads::NewLead;

/// Rows that are stored by one transaction.
pub(crate) const CHUNK_ROWS: usize = 1000;
/// Issues that are stored by one transaction, and one row's more.
const CHUNK_ISSUES: usize = 4 * CHUNK_ROWS;
/// Bytes of rejected rows that are stored by one transaction, and one row's more.
const CHUNK_REJECTED_BYTES: usize = 1024 * 1024;
/// Bytes that are read at a time.
const READ_BYTES: usize = 256 * 1024;

/// What is wrong with an import that has no file.
const GONE: &str = "the uploaded file is gone: upload it again";

/// Rows that are stored by one transaction.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    /// The columns of the file, with the first chunk.
    pub(crate) columns: Option<Vec<FileColumn>>,
    pub(crate) leads: Vec<ChunkLead>,
    /// Issues of rows that are no leads.
    pub(crate) issues: Vec<NewIssue>,
    /// Rejected rows as CSV.
    pub(crate) rejected: Vec<(i64, Vec<u8>)>,
    rejected_bytes: usize,
    issue_count: usize,
    /// The last row in it.
    pub(crate) rows_read: i64,
    pub(crate) summary: ImportSummary,
}

/// A row that says something about a lead.
#[derive(Debug)]
pub(crate) struct ChunkLead {
    pub(crate) lead: NewLead,
    pub(crate) issues: Vec<NewIssue>,
    /// The row of the lead that it repeats, if it is none itself.
    pub(crate) fills_row: Option<i64>,
}

/// Why a file was not read to its end.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// Nobody takes what is read: the server stops, or the store does not work.
    Unwanted,
    /// It is no file that can be read as leads; why, for people.
    Unreadable(String),
    /// The file cannot be read for now.
    Trouble(io::Error),
}

/// What is read, and how.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) import: i64,
    pub(crate) options: Options,
    pub(crate) merges_blanks: bool,
    /// Rows that are stored already.
    pub(crate) rows_done: i64,
    pub(crate) hasher: Hasher,
}

/// Reads a file and sends its rows, those behind [`Job::rows_done`].
pub(crate) fn read(path: &Path, job: &Job, chunks: &Sender<Chunk>) -> Result<(), Stopped> {
    let mut file = File::open(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Stopped::Unreadable(GONE.to_owned()),
        _ => Stopped::Trouble(error),
    })?;
    let mut normalizer = Normalizer::push(job.options.clone());
    let mut reader = Reader { job, chunks, columns: None, chunk: Chunk::default() };
    let mut csv = CsvWriter::new();
    let mut bytes = vec![0; READ_BYTES];
    loop {
        let count = file.read(&mut bytes).map_err(Stopped::Trouble)?;
        let fed = if count == 0 { normalizer.finish() } else { normalizer.feed(&bytes[..count]) };
        fed.map_err(|error| Stopped::Unreadable(error.to_string()))?;
        if reader.columns.is_none()
            && let Some(understanding) = normalizer.understanding()
        {
            csv.rejected_header(understanding);
            reader.begin(Columns::new(understanding), csv.take());
        }
        while let Some(row) = normalizer.next_row() {
            if reader.take(&row, &mut csv) {
                let summary = normalizer.summary();
                reader.send(ImportSummary::from(&summary))?;
            }
        }
        if count == 0 {
            // Also if there is no row in it: it has the last counts.
            return reader.send(ImportSummary::from(&normalizer.summary()));
        }
    }
}

struct Reader<'j> {
    job: &'j Job,
    chunks: &'j Sender<Chunk>,
    columns: Option<Columns>,
    chunk: Chunk,
}

impl Reader<'_> {
    fn begin(&mut self, columns: Columns, rejected_header: Vec<u8>) {
        self.chunk.columns = Some(columns.stored().to_vec());
        self.chunk.rejected.push((0, rejected_header));
        self.columns = Some(columns);
    }

    /// Takes a row; true if the chunk is full now.
    fn take(&mut self, row: &Row<'_>, csv: &mut CsvWriter) -> bool {
        let number = count(row.number);
        if number <= self.job.rows_done {
            return false;
        }
        let chunk = &mut self.chunk;
        chunk.rows_read = number;
        chunk.issue_count += row.issues.len();
        let issues = row.issues.iter().map(new_issue);
        match row.outcome {
            Outcome::Imported | Outcome::Duplicate { .. } => {
                let of_row = match row.outcome {
                    Outcome::Duplicate { of_row } => Some(count(of_row)),
                    _ => None,
                };
                if of_row.is_some() && !self.job.merges_blanks {
                    chunk.issues.extend(issues);
                } else if let Some(columns) = &self.columns {
                    let lead = new_lead(row, columns, self.job);
                    let issues = issues.collect();
                    chunk.leads.push(ChunkLead { lead, issues, fills_row: of_row });
                }
            }
            _ => {
                csv.rejected_row(row);
                let csv = csv.take();
                chunk.rejected_bytes += csv.len();
                chunk.rejected.push((number, csv));
                chunk.issues.extend(issues);
            }
        }
        chunk.leads.len() + chunk.issues.len() + chunk.rejected.len() >= CHUNK_ROWS
            || chunk.issue_count >= CHUNK_ISSUES
            || chunk.rejected_bytes >= CHUNK_REJECTED_BYTES
    }

    fn send(&mut self, summary: ImportSummary) -> Result<(), Stopped> {
        let rows_read = self.chunk.rows_read.max(self.job.rows_done);
        let mut chunk = std::mem::take(&mut self.chunk);
        self.chunk.rows_read = rows_read;
        chunk.rows_read = rows_read;
        chunk.summary = summary;
        self.chunks.blocking_send(chunk).map_err(|_| Stopped::Unwanted)
    }
}

fn new_lead(row: &Row<'_>, columns: &Columns, job: &Job) -> NewLead {
    let fields = lead::fields(&row.lead);
    let extra = lead::extra(row, &fields, columns);
    NewLead {
        from: Some((job.import, count(row.number))),
        extra: extra.to_json(),
        email_key: row.lead.email().map(|email| hash::key(&job.hasher.address(&email))),
        issues: i64::try_from(row.issues.len()).unwrap_or(i64::MAX),
        fields,
    }
}

fn new_issue(issue: &Issue) -> NewIssue {
    NewIssue {
        row: count(issue.row),
        line: count(issue.line),
        column: issue.column.map(|column| column as i64),
        code: issue.code.as_str(),
        severity: severity(issue.code),
        action: issue.action.to_string(),
        raw: issue.raw.clone(),
    }
}

/// A severity as it is stored and sent.
pub(crate) fn severity(code: IssueCode) -> &'static str {
    match code.severity() {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

/// Counts of the normalizer, as the store has them.
pub(crate) fn count(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
