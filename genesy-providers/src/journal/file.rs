//! A journal in one file.
//!
//! The first line says the version, each further one holds a lead's identifier and a snapshot:
//!
//! ```text
//! {"genesy_journal":1}
//! ["17",{"version":1,…}]
//! ```

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Journal, JournalError};
use crate::driver::LeadId;

/// The version that is written.
const VERSION: u32 = 1;
/// Bytes of a line at most, with its end.
const LINE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// A journal in a file of lines of JSON. Each step is one `write` at its end, so what was stored outlives
/// the process, though not a machine that loses its power. When it is opened, what was stored over again
/// is left out. Only one process has it open at a time.
#[derive(Debug)]
pub struct FileJournal {
    path: PathBuf,
    cut_off_bytes: u64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    file: File,
    /// Where the latest snapshot of each lead stands: its first byte and its length.
    places: BTreeMap<LeadId, (u64, usize)>,
    end: u64,
}

#[derive(Serialize, Deserialize)]
struct Header {
    genesy_journal: u32,
}

#[derive(Serialize, Deserialize)]
struct Line<'a>(#[serde(borrow)] std::borrow::Cow<'a, str>, #[serde(borrow)] &'a RawValue);

impl FileJournal {
    /// Opens a journal, or begins one where there is none. A last line that was cut off, as when the
    /// process was killed, is left out: [`Self::cut_off_bytes`].
    ///
    /// # Errors
    ///
    /// When the file cannot be read or written, is in use, is none of these or of another version, or
    /// holds a line that cannot be read. Nothing is changed then.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, FileJournalError> {
        let path = path.into();
        let at = |source| FileJournalError::Io { path: path.clone(), source };
        let file = open_or_create(&path).map_err(at)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(FileJournalError::InUse { path }),
            Err(TryLockError::Error(source)) => return Err(at(source)),
        }
        let found = scan(&path, &file)?;
        let mut state = State { file, places: found.places, end: found.end };
        if found.end == 0 {
            state.begin().map_err(at)?;
        } else if found.superseded > 0 {
            state = state.compacted(&path).map_err(at)?;
        } else {
            state.file.set_len(state.end).map_err(at)?;
        }
        Ok(Self { cut_off_bytes: found.cut_off_bytes, state: Mutex::new(state), path })
    }

    /// The leads of which something is stored.
    pub fn leads(&self) -> usize {
        self.lock().places.len()
    }

    /// Whether something is stored of a lead that is like that.
    pub fn any_lead(&self, is: impl Fn(&LeadId) -> bool) -> bool {
        self.lock().places.keys().any(is)
    }

    /// The bytes of a last line that was cut off, and is left out.
    pub const fn cut_off_bytes(&self) -> u64 {
        self.cut_off_bytes
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Journal for FileJournal {
    async fn load(&self, lead: &LeadId) -> Result<Option<Vec<u8>>, JournalError> {
        Ok(self.lock().read(lead)?)
    }

    // A line goes to the page cache, which takes microseconds: no thread is worth it.
    async fn store(&self, lead: &LeadId, snapshot: &[u8]) -> Result<(), JournalError> {
        let snapshot = serde_json::from_slice::<&RawValue>(snapshot)?;
        self.lock().append(lead, snapshot)?;
        Ok(())
    }
}

impl State {
    fn begin(&mut self) -> io::Result<()> {
        let mut line = serde_json::to_vec(&Header { genesy_journal: VERSION })?;
        line.push(b'\n');
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&line)?;
        self.end = line.len() as u64;
        Ok(())
    }

    fn read(&mut self, lead: &LeadId) -> io::Result<Option<Vec<u8>>> {
        let Some((start, length)) = self.places.get(lead).copied() else { return Ok(None) };
        let mut snapshot = vec![0; length];
        self.file.seek(SeekFrom::Start(start))?;
        self.file.read_exact(&mut snapshot)?;
        Ok(Some(snapshot))
    }

    fn append(&mut self, lead: &LeadId, snapshot: &RawValue) -> io::Result<()> {
        let mut line = serde_json::to_vec(&Line(lead.as_str().into(), snapshot))?;
        let length = snapshot.get().len();
        // Behind the snapshot stands the bracket that ends the line.
        let start = self.end + (line.len() - 1 - length) as u64;
        line.push(b'\n');
        if line.len() as u64 > LINE_BYTES_MAX {
            return Err(io::Error::other(format!(
                "the run takes a line of {} bytes, and {LINE_BYTES_MAX} are the most that is read: give the \
                 driver a journal of another kind",
                line.len()
            )));
        }
        self.file.seek(SeekFrom::Start(self.end))?;
        if let Err(error) = self.file.write_all(&line) {
            // What was half written must not stand before what is written next.
            self.file.set_len(self.end)?;
            return Err(error);
        }
        self.end += line.len() as u64;
        self.places.insert(lead.clone(), (start, length));
        Ok(())
    }

    /// The same in a new file that takes the place of the old one.
    fn compacted(mut self, path: &Path) -> io::Result<Self> {
        let mut name = path.as_os_str().to_owned();
        name.push(".partial");
        let file = open_or_create(Path::new(&name))?;
        file.set_len(0)?;
        file.lock()?;
        let mut new = Self { file, places: BTreeMap::new(), end: 0 };
        new.begin()?;
        let leads: Vec<LeadId> = self.places.keys().cloned().collect();
        for lead in &leads {
            let snapshot = self.read(lead)?.unwrap_or_default();
            new.append(lead, serde_json::from_slice(&snapshot)?)?;
        }
        new.file.sync_all()?;
        fs::rename(&name, path)?;
        Ok(new)
    }
}

fn open_or_create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// What stands in a file.
#[derive(Default)]
struct Found {
    places: BTreeMap<LeadId, (u64, usize)>,
    /// The end of the last whole line.
    end: u64,
    superseded: u64,
    cut_off_bytes: u64,
}

fn scan(path: &Path, file: &File) -> Result<Found, FileJournalError> {
    let at = |source| FileJournalError::Io { path: path.to_owned(), source };
    let mut reader = BufReader::with_capacity(256 * 1024, file);
    let (mut found, mut line, mut number) = (Found::default(), Vec::new(), 0);
    loop {
        line.clear();
        let read = (&mut reader).take(LINE_BYTES_MAX).read_until(b'\n', &mut line).map_err(at)?;
        if read == 0 {
            return Ok(found);
        }
        number += 1;
        let Some(text) = line.strip_suffix(b"\n") else {
            if number == 1 && !b"{\"genesy_journal\":".starts_with(&line[..read.min(18)]) {
                return Err(FileJournalError::NoJournal { path: path.to_owned() });
            }
            if read as u64 == LINE_BYTES_MAX {
                // Others may stand behind it.
                return Err(FileJournalError::Line { path: path.to_owned(), line: number });
            }
            found.cut_off_bytes = read as u64;
            return Ok(found);
        };
        if number == 1 {
            check_header(path, text)?;
        } else {
            let unreadable = || FileJournalError::Line { path: path.to_owned(), line: number };
            let Line(lead, snapshot) = serde_json::from_slice(text).map_err(|_| unreadable())?;
            let lead = LeadId::new(&lead).map_err(|_| unreadable())?;
            let length = snapshot.get().len();
            let start = found.end + (text.len() - 1 - length) as u64;
            let before = found.places.insert(lead, (start, length));
            found.superseded += u64::from(before.is_some());
        }
        found.end += read as u64;
    }
}

fn check_header(path: &Path, line: &[u8]) -> Result<(), FileJournalError> {
    match serde_json::from_slice(line) {
        Ok(Header { genesy_journal: VERSION }) => Ok(()),
        Ok(Header { genesy_journal: version }) => {
            Err(FileJournalError::Version { path: path.to_owned(), version })
        }
        Err(_) => Err(FileJournalError::NoJournal { path: path.to_owned() }),
    }
}

/// Why a journal cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileJournalError {
    /// The file cannot be read or written.
    #[error("{}: the journal cannot be read or written", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Another process has it open.
    #[error("{}: another process has this journal open: wait for it, or give another file", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// It is something else.
    #[error("{}: this is no journal of Genesy, and is left as it is: give another file", path.display())]
    NoJournal {
        /// The file.
        path: PathBuf,
    },
    /// It is of another version.
    #[error(
        "{}: the journal is of version {version}, and this is version {VERSION}: finish it with the \
         version that began it, or give another file",
        path.display()
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// The file's version.
        version: u32,
    },
    /// A line in it cannot be read.
    #[error(
        "{}:{line}: this line of the journal cannot be read: it was changed by something else. Take the \
         line out, and its lead goes on from the step before",
        path.display()
    )]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
    },
}

#[cfg(test)]
mod tests;
