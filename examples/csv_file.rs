//! CSV files that are written row by row.

use std::io::{self, Write as _};
use std::path::Path;

use genesy_core::csv::normalize::CsvWriter;

use crate::WholeFile;

/// Bytes written at a time.
const WRITE_BYTES: usize = 256 * 1024;

/// A CSV file in the making. Rows are gathered, and written many at a time.
#[derive(Debug)]
pub struct CsvFile {
    file: WholeFile,
    csv: CsvWriter,
    has_header: bool,
}

impl CsvFile {
    /// Begins one beside `path`, of rows as `csv` writes them.
    ///
    /// # Errors
    ///
    /// When that cannot be written. As all errors here, it names the file.
    pub fn create(path: &Path, csv: CsvWriter) -> io::Result<Self> {
        Ok(Self { file: WholeFile::create(path)?, csv, has_header: false })
    }

    /// Writes the header, unless that is written already.
    pub fn header(&mut self, write: impl FnOnce(&mut CsvWriter)) {
        if !std::mem::replace(&mut self.has_header, true) {
            write(&mut self.csv);
        }
    }

    /// Writes a row.
    ///
    /// # Errors
    ///
    /// When the rows that have gathered cannot be written.
    pub fn row(&mut self, write: impl FnOnce(&mut CsvWriter)) -> io::Result<()> {
        write(&mut self.csv);
        if self.csv.len() > WRITE_BYTES {
            self.file.write_all(&self.csv.take())?;
        }
        Ok(())
    }

    /// Writes what is left, and gives the file its name.
    ///
    /// # Errors
    ///
    /// When it is not on the disk, or another file keeps the name.
    pub fn finish(mut self) -> io::Result<()> {
        self.file.write_all(&self.csv.take())?;
        self.file.finish()
    }
}
