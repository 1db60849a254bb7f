//! Leads of a CSV file.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use genesy_core::csv::normalize::{FileError, Normalizer, Options, Outcome};
use genesy_core::waterfall::LeadInputs;
use genesy_providers::driver::{LeadId, LeadIdError};

use super::source::{BatchLead, LeadSource, Page, SourceError};

/// Bytes read at a time.
const READ_BYTES: usize = 64 * 1024;

/// The leads of a CSV file, as the normalizer reads it: duplicates, blank rows and what is no lead are
/// left out. A lead's id is the prefix and [its row's](LeadId::of_row), so a file needs a prefix of its
/// own. The file must be the same for all workers, and stay as it is while the batch runs.
///
/// The cursor is the number of the last row that was read. The file stays open between pages, and so one
/// worker reads it once. Another worker, or one that reads an earlier page again, reads it from its
/// beginning: a file of a million rows takes some seconds for that.
pub struct CsvSource {
    shared: Arc<Shared>,
}

struct Shared {
    path: PathBuf,
    options: Options,
    prefix: String,
    open: Mutex<Option<Open>>,
}

impl CsvSource {
    /// The leads of a file, with ids that begin with `prefix`.
    pub fn new(path: impl AsRef<Path>, options: Options, prefix: impl Into<String>) -> Self {
        let path = path.as_ref().to_owned();
        let shared = Shared { path, options, prefix: prefix.into(), open: Mutex::default() };
        Self { shared: Arc::new(shared) }
    }
}

impl fmt::Debug for CsvSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CsvSource").field("path", &self.shared.path).finish_non_exhaustive()
    }
}

#[async_trait]
impl LeadSource for CsvSource {
    async fn page(&self, cursor: Option<String>, leads_max: usize) -> Result<Page, SourceError> {
        let behind = cursor.map_or(Ok(0), |cursor| cursor.parse::<u64>())?;
        let shared = Arc::clone(&self.shared);
        tokio::task::spawn_blocking(move || shared.page(behind, leads_max.max(1))).await?
    }
}

impl Shared {
    /// The leads behind a row. Who asks for the same page again is given the same.
    fn page(&self, behind: u64, leads_max: usize) -> Result<Page, SourceError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        match open.as_ref().and_then(|open| open.last.as_ref()) {
            Some((at, max, page)) if (*at, *max) == (behind, leads_max) => return Ok(page.clone()),
            _ => {}
        }
        // It is put back only if all goes well: a file that cannot be read is opened anew.
        let mut file = match open.take() {
            Some(file) if file.row == behind => file,
            _ => Open::behind(&self.path, self.options.clone(), &self.prefix, behind)?,
        };
        let mut leads = Vec::new();
        while leads.len() < leads_max && file.peek(&self.prefix)?.is_some() {
            if let Some((row, lead)) = file.ahead.take() {
                leads.push(lead);
                file.row = row;
            }
        }
        let next = file.peek(&self.prefix)?.is_some().then(|| file.row.to_string());
        let page = Page { leads, next };
        file.last = Some((behind, leads_max, page.clone()));
        *open = Some(file);
        Ok(page)
    }
}

/// A file that is being read.
struct Open {
    file: File,
    normalizer: Normalizer<'static>,
    chunk: Vec<u8>,
    is_fed: bool,
    /// The row of the last lead that was given.
    row: u64,
    /// The row and the lead behind it, if they were read already.
    ahead: Option<(u64, BatchLead)>,
    /// The page that was given last, what it lies behind, and how many leads were asked for.
    last: Option<(u64, usize, Page)>,
}

impl Open {
    /// Opens the file, and reads to behind a row.
    fn behind(path: &Path, options: Options, prefix: &str, row: u64) -> Result<Self, SourceError> {
        let mut open = Self {
            file: File::open(path)?,
            normalizer: Normalizer::push(options),
            chunk: vec![0; READ_BYTES],
            is_fed: false,
            row,
            ahead: None,
            last: None,
        };
        if row == 0 {
            return Ok(open);
        }
        while let Some(number) = open.peek(prefix)? {
            if number > row {
                return Ok(open);
            }
            open.ahead = None;
        }
        Err("the file has fewer rows than before".into())
    }

    /// The row of the next lead.
    fn peek(&mut self, prefix: &str) -> Result<Option<u64>, SourceError> {
        if self.ahead.is_none() {
            self.ahead = self.next(prefix)?;
        }
        Ok(self.ahead.as_ref().map(|(row, _)| *row))
    }

    /// The next lead, and its row.
    fn next(&mut self, prefix: &str) -> Result<Option<(u64, BatchLead)>, SourceError> {
        loop {
            while let Some(row) = self.normalizer.next_row() {
                if row.outcome == Outcome::Imported {
                    let lead = lead(prefix, row.number, LeadInputs::from(&row.lead))?;
                    return Ok(Some((row.number, lead)));
                }
            }
            if self.is_fed {
                return Ok(None);
            }
            self.feed()?;
        }
    }

    fn feed(&mut self) -> Result<(), SourceError> {
        let bytes = match self.file.read(&mut self.chunk) {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => return Ok(()),
            read => read?,
        };
        self.is_fed = bytes == 0;
        let fed = match self.is_fed {
            true => self.normalizer.finish(),
            false => self.normalizer.feed(&self.chunk[..bytes]),
        };
        fed.map_err(|error: FileError| error.into())
    }
}

fn lead(prefix: &str, row: u64, inputs: LeadInputs) -> Result<BatchLead, LeadIdError> {
    let id = LeadId::new(&format!("{prefix}{}", LeadId::of_row(row)))?;
    Ok(BatchLead::new(id, inputs))
}
