//! The addresses: of the command line, of a CSV file, or of the laboratory.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs::{self, File};
use std::path::Path;

use genesy_core::csv::header::{Field, Target as ColumnTarget};
use genesy_core::csv::normalize::{IssueCode, Options, Outcome, PhoneReading, Row, for_each_row};

use crate::Failure;
use crate::laboratory;
use crate::options::Arguments;

/// Doubtful cells that are listed.
const DOUBTS_SHOWN_MAX: usize = 10;

/// An address that is to be verified.
#[derive(Clone)]
pub(crate) struct Target {
    /// The address, or what should be one.
    pub(crate) address: String,
    /// Where it comes from, or what its server does.
    pub(crate) about: String,
}

/// All addresses, and what is to be said of where they come from.
pub(crate) struct Input {
    pub(crate) targets: Vec<Target>,
    /// What was found in the file.
    pub(crate) notes: String,
}

impl Input {
    pub(crate) fn new(arguments: &Arguments) -> Result<Self, Failure> {
        let targets = arguments.targets.as_slice();
        if targets.is_empty() {
            return Ok(Self { targets: laboratory::targets(), notes: String::new() });
        }
        match targets {
            [only] if is_file_name(only) => {
                Self::of_file(Path::new(only), arguments.column.as_deref())
            }
            _ => {
                if arguments.column.is_some() {
                    return Err("--column is for a CSV file: give one, and no address".into());
                }
                if let Some(name) = targets.iter().find(|name| is_file_name(name)) {
                    return Err(format!(
                        "{name}: this is no address. Give addresses, or one CSV file"
                    )
                    .into());
                }
                let target = |address: &String| Target {
                    address: address.clone(),
                    about: "command line".to_owned(),
                };
                Ok(Self { targets: targets.iter().map(target).collect(), notes: String::new() })
            }
        }
    }

    fn of_file(path: &Path, column: Option<&str>) -> Result<Self, Failure> {
        let name = path.display();
        if !fs::metadata(path).is_ok_and(|about| about.is_file()) {
            let why = "there is no such file, and it is no address. Give addresses, or a CSV file";
            return Err(format!("{name}: {why}").into());
        }
        let mut options = Options::default();
        options.phones = PhoneReading::Skip;
        if let Some(header) = column {
            let email = ColumnTarget::Field(Field::Email);
            options.overrides = options.overrides.header(header, email);
        }
        let mut read = Reading::default();
        let file = File::open(path).map_err(|error| format!("{name}: {error}"))?;
        let normalizer = for_each_row(file, options, |row| read.row(row))
            .map_err(|error| format!("{name}: {error}"))?;
        let understanding = normalizer.understanding().ok_or("the file could not be understood")?;
        let header = understanding.mapping.columns.as_slice();
        let headers = || {
            let names = header.iter().map(|column| format!("{:?}", column.header));
            names.collect::<Vec<_>>().join(", ")
        };
        let is_meant =
            |is: &str| column.is_some_and(|of| is.trim().eq_ignore_ascii_case(of.trim()));
        if column.is_some() && !header.iter().any(|column| is_meant(&column.header)) {
            let why = format!("it has no such column. Give --column one of {}", headers());
            return Err(format!("{name}: {why}").into());
        }
        let Some(found) = understanding.mapping.column_of(Field::Email) else {
            let why = format!("no column holds addresses. Give --column one of {}", headers());
            return Err(format!("{name}: {why}").into());
        };
        let summary = normalizer.summary();
        if read.targets.is_empty() {
            return Err(format!("{name}: there is no address in its {} rows", summary.rows).into());
        }
        let mut notes = format!(
            "File        {name}, {}, column {:?}\n\
             Rows        {}: {} addresses, {} without one, {} that are there twice\n",
            understanding.encoding.encoding.name(),
            header.get(found).map_or("", |column| &column.header),
            summary.rows,
            read.targets.len(),
            read.without,
            read.duplicates,
        );
        notes.push_str(&read.doubts_shown);
        if let Some(more) = read.doubts.checked_sub(DOUBTS_SHOWN_MAX).filter(|more| *more > 0) {
            let _ = writeln!(notes, "            and {more} more");
        }
        Ok(Self { targets: read.targets, notes })
    }

    /// How many domains there are.
    pub(crate) fn domains(&self) -> usize {
        let domain = |target: &Target| {
            target.address.rsplit_once('@').map(|(_, domain)| domain.to_ascii_lowercase())
        };
        self.targets.iter().filter_map(domain).collect::<BTreeSet<_>>().len()
    }
}

/// A file that is being read.
#[derive(Default)]
struct Reading {
    targets: Vec<Target>,
    seen: BTreeSet<String>,
    without: u64,
    duplicates: u64,
    /// Cells that are no address, or look mistyped.
    doubts: usize,
    doubts_shown: String,
}

impl Reading {
    fn row(&mut self, row: &Row<'_>) {
        let is_told = |code| matches!(code, IssueCode::EmailInvalid | IssueCode::EmailSuspicious);
        for issue in row.issues.iter().filter(|issue| is_told(issue.code)) {
            self.doubts += 1;
            if self.doubts <= DOUBTS_SHOWN_MAX {
                let (line, advice) = (issue.line, issue.code.advice());
                let _ = writeln!(self.doubts_shown, "            line {line}: {advice}");
            }
        }
        if row.outcome == Outcome::OutsideTable {
            return;
        }
        let Some(address) = row.lead.email() else {
            self.without += 1;
            return;
        };
        if !self.seen.insert(address.normal_form()) {
            self.duplicates += 1;
            return;
        }
        self.targets.push(Target {
            address: address.as_str().to_owned(),
            about: format!("line {}", row.line),
        });
    }
}

/// Whether it cannot be meant as an address.
fn is_file_name(text: &str) -> bool {
    !text.contains('@') || Path::new(text).is_file()
}
