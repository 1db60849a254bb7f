//! Reading a file: rows in, chunks for the store out. It runs on a thread of its own.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use genesy_core::address::AddressRef;
use genesy_core::csv::normalize::{
    CsvWriter, Issue, IssueCode, Normalizer, Options, Outcome, Row, Severity,
};
use genesy_core::pii::Pii;
use tokio::sync::mpsc::Sender;

use super::lead::{self, Columns};
use super::summary::ImportSummary;
use crate::store::hash::{self, Hash, Hasher};
use crate::store::imports::FileColumn;
use crate::store::issues::NewIssue;
use crate::store::leads::{NewLead, Text};

/// Rows that are stored by one transaction: as many as are stored in [`CHUNK_TIME`], at least and at most.
const CHUNK_ROWS_MIN: usize = 100;
pub(crate) const CHUNK_ROWS_MAX: usize = 1000;
/// How long a transaction shall take, for others that wait to write.
const CHUNK_TIME: Duration = Duration::from_millis(10);
/// Issues that are stored by one transaction for each row of it, and one row's more.
const CHUNK_ISSUES_A_ROW: usize = 4;
/// Bytes of rows and of what their issues quote that are stored by one transaction, and one row's more.
const CHUNK_BYTES: usize = 1024 * 1024;
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
    pub(crate) rejected: Vec<ChunkRejected>,
    bytes: usize,
    issue_count: usize,
    /// The last row in it.
    pub(crate) rows_read: i64,
    pub(crate) summary: ImportSummary,
}

/// A row that says something about a lead.
#[derive(Debug)]
pub(crate) struct ChunkLead {
    pub(crate) lead: NewLead,
    /// The hash of its address.
    pub(crate) address: Option<Hash>,
    pub(crate) issues: Vec<NewIssue>,
    pub(crate) is: RowIs,
}

/// What a row is to a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowIs {
    Lead,
    /// It repeats that of a row.
    Repeats(i64),
    /// It repeats that of a row, and fills its blanks.
    Fills(i64),
}

/// A row that is no lead.
#[derive(Debug, Default)]
pub(crate) struct ChunkRejected {
    /// 0 for the header.
    pub(crate) row: i64,
    /// As CSV.
    pub(crate) csv: Vec<u8>,
    pub(crate) issues: Vec<NewIssue>,
    /// Whom it is about, as far as it says so.
    pub(crate) addresses: Vec<Pii<String>>,
    pub(crate) company_domain: Text,
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
    pub(crate) pace: Pace,
}

/// How many rows are stored by one transaction. Clones are the same.
#[derive(Debug, Clone)]
pub(crate) struct Pace(Arc<AtomicUsize>);

impl Default for Pace {
    fn default() -> Self {
        Self(Arc::new(AtomicUsize::new(CHUNK_ROWS_MIN)))
    }
}

impl Pace {
    fn rows(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Takes into account how long it took to store a whole chunk.
    pub(crate) fn took(&self, time: Duration) {
        let rows = self.rows();
        let share = CHUNK_TIME.as_secs_f64() / time.as_secs_f64().max(f64::MIN_POSITIVE);
        // A slow one may be chance, and so may a quick one.
        let next = (rows as f64 * share.clamp(0.7, 1.2)) as usize;
        self.0.store(next.clamp(CHUNK_ROWS_MIN, CHUNK_ROWS_MAX), Ordering::Relaxed);
    }
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
        self.chunk
            .rejected
            .push(ChunkRejected { csv: rejected_header, ..ChunkRejected::default() });
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
        let issues: Vec<NewIssue> = row.issues.iter().map(new_issue).collect();
        chunk.issue_count += issues.len();
        chunk.bytes += row.raw().len();
        chunk.bytes += issues.iter().map(|issue| issue.raw.reveal().len()).sum::<usize>();
        let is = match row.outcome {
            Outcome::Imported => Some(RowIs::Lead),
            Outcome::Duplicate { of_row } if self.job.merges_blanks => {
                Some(RowIs::Fills(count(of_row)))
            }
            Outcome::Duplicate { of_row } => Some(RowIs::Repeats(count(of_row))),
            Outcome::Rejected | Outcome::OutsideTable => None,
        };
        match (is, &self.columns) {
            (Some(is), Some(columns)) => {
                let address = row.lead.email();
                let address = address.map(|address| self.job.hasher.address(&address));
                let lead = new_lead(row, columns, self.job.import, address.as_ref());
                chunk.leads.push(ChunkLead { lead, address, issues, is });
            }
            _ => {
                csv.rejected_row(row);
                chunk.rejected.push(ChunkRejected {
                    row: number,
                    csv: csv.take(),
                    issues,
                    addresses: addresses(row),
                    company_domain: lead::text(row.lead.company_domain().as_deref()),
                });
            }
        }
        let rows = self.job.pace.rows();
        chunk.leads.len() + chunk.rejected.len() >= rows
            || chunk.issue_count >= CHUNK_ISSUES_A_ROW * rows
            || chunk.bytes >= CHUNK_BYTES
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

/// The addresses of a row, also in cells of other tables.
fn addresses(row: &Row<'_>) -> Vec<Pii<String>> {
    let of_cells = row.cells().filter(|cell| cell.contains('@'));
    let of_cells = of_cells.filter_map(|cell| AddressRef::parse(cell.trim()).ok());
    let all = row.lead.email().into_iter().chain(row.lead.other_emails()).chain(of_cells);
    all.map(|address| Pii::new(address.as_str().to_owned())).collect()
}

fn new_lead(row: &Row<'_>, columns: &Columns, import: i64, address: Option<&Hash>) -> NewLead {
    let fields = lead::fields(&row.lead);
    let extra = lead::extra(row, &fields, columns);
    NewLead {
        from: Some((import, count(row.number))),
        extra: extra.to_json(),
        email_key: address.map(hash::key),
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

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn chunks_of_large_cells_have_few_rows() {
        const ROWS: i64 = 64;
        const CELL_BYTES: usize = 100_000;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("leads.csv");
        let mut file = File::create(&path).expect("a file");
        writeln!(file, "email,note").expect("a header");
        for row in 0..ROWS {
            writeln!(file, "lead{row}@example.com,{}", "x".repeat(CELL_BYTES)).expect("a row");
        }
        let store = crate::store::Store::open(folder.path()).expect("a store");
        let job = Job {
            import: 1,
            options: Options::default(),
            merges_blanks: false,
            rows_done: 0,
            hasher: store.hasher().clone(),
            pace: Pace::default(),
        };
        let (chunks, mut taken) = tokio::sync::mpsc::channel(ROWS as usize + 1);
        read(&path, &job, &chunks).expect("it is read");
        drop(chunks);
        let mut leads = 0;
        while let Some(chunk) = taken.blocking_recv() {
            assert!(chunk.bytes < CHUNK_BYTES + CELL_BYTES + 100, "{}", chunk.bytes);
            assert!(chunk.leads.len() <= CHUNK_BYTES / CELL_BYTES + 1, "{}", chunk.leads.len());
            leads += chunk.leads.len() as i64;
        }
        assert_eq!(leads, ROWS);
    }
}
