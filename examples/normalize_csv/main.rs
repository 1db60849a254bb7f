//! Normalizes a leads file: `cargo run --example normalize_csv -- FILE`.
//!
//! It shows how the file was understood and what became of its rows, and writes the clean CSV
//! (`--out`), the rejected rows (`--rejected`), everything as JSON (`--json`) or the table as it was
//! read (`--table`). Every guess can be overridden; `--help` has the list.

mod options;
mod report;

use std::error::Error;
use std::fs::File;
use std::io::{self, BufWriter, IntoInnerError, IsTerminal, Read, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use genesy_core::csv::normalize::{
    CsvWriter, DuplicateAction, Issue, Normalizer, Options, Outcome, Row, Understanding, normalize,
};
use genesy_examples::{CsvFile, Failure, WholeFile, all_differ, exit_code};
use indicatif::{ProgressBar, ProgressStyle};

use options::Arguments;

/// The file that is taken where none is given.
const UGLY: &[u8] = include_bytes!("ugly.csv");
/// Bytes read at a time.
const CHUNK_BYTES: usize = 256 * 1024;
/// Bytes written at a time.
const WRITE_BYTES: usize = 256 * 1024;
/// Bytes from which on a progress bar is shown.
const PROGRESS_BYTES_MIN: u64 = 16 * 1024 * 1024;
/// Issues kept for the report.
const ISSUES_KEPT_MAX: usize = 1_000;

fn main() -> ExitCode {
    let arguments = Arguments::parse().with_file();
    let mut out = io::stdout().lock();
    let result = match run(&arguments, &mut out) {
        Err(error) if is_broken_pipe(error.as_ref()) => Ok(()),
        result => result,
    };
    ExitCode::from(exit_code("normalize_csv", result.map(|()| true)))
}

fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    let io = error.downcast_ref::<io::Error>();
    io.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let mut options = arguments.options()?;
    let (name, input, length) = open(arguments.file.as_deref())?;
    if let Some(path) = &arguments.table {
        options.repair_mojibake = false;
        return write_to(path, out, |out| write_table(input, options, out));
    }
    if let Some(path) = &arguments.json {
        return write_to(path, out, |out| write_json(input, &options, out));
    }
    if options.duplicates.action == DuplicateAction::MergeBlanks {
        let note = "note: blanks are merged in --json only; the CSV has the rows as they are";
        writeln!(out, "{note}")?;
    }
    let mut files = Files::create(arguments)?;
    let progress = progress(length);
    let mut issues: Vec<Issue> = Vec::new();
    let mut preview_shown = false;
    let normalizer = for_each_row(input, options, &progress, |understanding, row| {
        if !std::mem::replace(&mut preview_shown, true) {
            write!(out, "{}", report::preview(&name, understanding))?;
        }
        let room = ISSUES_KEPT_MAX.saturating_sub(issues.len());
        issues.extend(row.issues.iter().take(room).cloned());
        Ok(files.row(understanding, row)?)
    })?;
    progress.finish_and_clear();
    let summary = normalizer.summary();
    let understanding = normalizer.understanding().ok_or("the file could not be understood")?;
    if !preview_shown {
        write!(out, "{}", report::preview(&name, understanding))?;
        writeln!(out, "The file has a header and no rows.")?;
    }
    files.finish(understanding)?;
    writeln!(out, "\n{}", report::outcome(understanding, &summary, &issues))?;
    Ok(())
}

type Input = (String, Box<dyn Read>, u64);

fn open(path: Option<&Path>) -> Result<Input, Failure> {
    let Some(path) = path else {
        return Ok(("(the example's own file)".to_owned(), Box::new(UGLY), UGLY.len() as u64));
    };
    let failed = |error| format!("{}: {error}", path.display());
    let file = File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    Ok((path.display().to_string(), Box::new(file), length))
}

/// Has `write` write to a file, or to `out` where that is meant. The file may be the one that is read.
fn write_to(
    path: &Path,
    out: &mut dyn Write,
    write: impl FnOnce(&mut dyn Write) -> Result<(), Failure>,
) -> Result<(), Failure> {
    if path.as_os_str() == "-" {
        return write(out);
    }
    let mut file = BufWriter::new(WholeFile::create(path)?);
    write(&mut file)?;
    let file = file.into_inner().map_err(IntoInnerError::into_error)?;
    Ok(file.finish()?)
}

fn progress(length: u64) -> ProgressBar {
    if length < PROGRESS_BYTES_MIN || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let template = "{bar:40} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left";
    let style = ProgressStyle::with_template(template).unwrap_or(ProgressStyle::default_bar());
    ProgressBar::new(length).with_style(style)
}

/// Feeds `input` to a normalizer, and gives each row to `visit`.
fn for_each_row(
    mut input: impl Read,
    options: Options,
    progress: &ProgressBar,
    mut visit: impl FnMut(&Understanding, &Row<'_>) -> Result<(), Failure>,
) -> Result<Normalizer<'static>, Failure> {
    let mut normalizer = Normalizer::push(options);
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut understanding: Option<Understanding> = None;
    loop {
        let read = input.read(&mut chunk)?;
        progress.inc(read as u64);
        match read {
            0 => normalizer.finish()?,
            _ => normalizer.feed(&chunk[..read])?,
        }
        if understanding.is_none() {
            understanding = normalizer.understanding().cloned();
        }
        if let Some(understanding) = &understanding {
            while let Some(row) = normalizer.next_row() {
                visit(understanding, &row)?;
            }
        }
        if read == 0 {
            return Ok(normalizer);
        }
    }
}

fn write_table(input: Box<dyn Read>, options: Options, out: &mut dyn Write) -> Result<(), Failure> {
    let mut csv = CsvWriter::verbatim();
    let mut has_header = false;
    let header = |csv: &mut CsvWriter, understanding: &Understanding| {
        csv.record(understanding.mapping.columns.iter().map(|column| &column.header));
    };
    let normalizer = for_each_row(input, options, &ProgressBar::hidden(), |understanding, row| {
        if !std::mem::replace(&mut has_header, true) {
            header(&mut csv, understanding);
        }
        if row.outcome != Outcome::OutsideTable {
            csv.record(row.cells());
        }
        if csv.len() > WRITE_BYTES {
            out.write_all(&csv.take())?;
        }
        Ok(())
    })?;
    if let (false, Some(understanding)) = (has_header, normalizer.understanding()) {
        header(&mut csv, understanding);
    }
    out.write_all(&csv.take())?;
    out.flush()?;
    Ok(())
}

fn write_json(
    mut input: Box<dyn Read>,
    options: &Options,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let mut file = Vec::new();
    input.read_to_end(&mut file)?;
    let normalized = normalize(&file, options)?;
    serde_json::to_writer_pretty(&mut *out, &normalized)?;
    writeln!(out)?;
    out.flush()?;
    Ok(())
}

/// The files that rows are written to.
struct Files {
    clean: Option<CsvFile>,
    rejected: Option<CsvFile>,
}

impl Files {
    fn create(arguments: &Arguments) -> Result<Self, Failure> {
        let (clean, rejected) = (arguments.out.as_deref(), arguments.rejected.as_deref());
        all_differ(&[("--out", clean), ("--rejected", rejected)])?;
        let create = |path: Option<&Path>| {
            path.map(|path| CsvFile::create(path, CsvWriter::new())).transpose()
        };
        Ok(Self { clean: create(clean)?, rejected: create(rejected)? })
    }

    fn row(&mut self, understanding: &Understanding, row: &Row<'_>) -> io::Result<()> {
        if let (Some(file), Outcome::Imported) = (&mut self.clean, row.outcome) {
            file.header(|csv| csv.clean_header(understanding));
            file.row(|csv| csv.clean_row(row))?;
        }
        let is_rejected = matches!(row.outcome, Outcome::Rejected | Outcome::OutsideTable);
        if let (Some(file), true) = (&mut self.rejected, is_rejected) {
            file.header(|csv| csv.rejected_header(understanding));
            file.row(|csv| csv.rejected_row(row))?;
        }
        Ok(())
    }

    /// Writes what is left, and the header of files without rows.
    fn finish(self, understanding: &Understanding) -> io::Result<()> {
        if let Some(mut file) = self.clean {
            file.header(|csv| csv.clean_header(understanding));
            file.finish()?;
        }
        if let Some(mut file) = self.rejected {
            file.header(|csv| csv.rejected_header(understanding));
            file.finish()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
