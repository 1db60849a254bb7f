//! The leads file. It is read twice: once to count, and once to ask.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use genesy_core::csv::normalize::{
    CsvWriter, Normalizer, Options, Outcome, Row, Summary, Understanding,
};
use genesy_core::waterfall::{LeadFacts, LeadField, LeadInputs};
use genesy_examples::CsvFile;
use genesy_providers::driver::LeadId;

use crate::Failure;

/// The file that is taken where none is given.
const OWN_FILE: &[u8] = include_bytes!("leads.csv");
/// Bytes read at a time.
const CHUNK_BYTES: usize = 256 * 1024;

/// A leads file.
#[derive(Debug, Clone)]
pub(crate) struct Input(Option<PathBuf>);

/// What a first look at the file tells.
#[derive(Debug)]
pub(crate) struct Survey {
    /// What becomes of its rows.
    pub(crate) summary: Summary,
    /// The encoding's name.
    pub(crate) encoding: &'static str,
    /// The header: a name for each column that any lead has.
    pub(crate) header: Vec<String>,
    /// How many leads there are of each kind.
    pub(crate) facts: BTreeMap<LeadFacts, u64>,
    /// What tells its bytes from those of other files.
    pub(crate) fingerprint: Fingerprint,
    /// The leads' e-mail addresses, if they are wanted.
    pub(crate) addresses: Vec<String>,
}

/// A lead of the file.
#[derive(Debug)]
pub(crate) struct Record {
    /// Its row, counted from 1.
    pub(crate) row: u64,
    /// The cells as they were read.
    pub(crate) cells: Vec<String>,
    /// The number that it has already.
    pub(crate) own_phone: Option<String>,
    /// What is known of it.
    pub(crate) inputs: LeadInputs,
}

impl Input {
    pub(crate) fn new(path: Option<&Path>) -> Result<Self, Failure> {
        if let Some(path) = path {
            let about = fs::metadata(path).map_err(|error| at(path, &error))?;
            if !about.is_file() {
                let why = "give a file: it is read twice, which no folder and no pipe can be";
                return Err(at(path, &why));
            }
        }
        Ok(Self(path.map(Path::to_owned)))
    }

    pub(crate) fn name(&self) -> String {
        match &self.0 {
            Some(path) => path.display().to_string(),
            None => "(the example's own file)".to_owned(),
        }
    }

    /// Looks at all rows, and writes the rejected ones if they are wanted.
    pub(crate) fn survey(
        &self,
        options: Options,
        rejected: Option<&Path>,
        wants_addresses: bool,
    ) -> Result<Survey, Failure> {
        let mut facts = BTreeMap::new();
        let mut addresses = Vec::new();
        let mut width = 0;
        let create = |path| CsvFile::create(path, CsvWriter::new());
        let mut rejected = rejected.map(create).transpose()?;
        let (normalizer, fingerprint) = self.for_each_row(options, |understanding, row| {
            match row.outcome {
                Outcome::Imported => {
                    width = width.max(row.cells().len());
                    let inputs = LeadInputs::from(&row.lead);
                    *facts.entry(inputs.phone_facts()).or_default() += 1;
                    if wants_addresses {
                        addresses.extend(inputs.get(LeadField::Email).map(str::to_owned));
                    }
                }
                Outcome::Rejected | Outcome::OutsideTable => {
                    if let Some(file) = &mut rejected {
                        file.header(|csv| csv.rejected_header(understanding));
                        file.row(|csv| csv.rejected_row(row))?;
                    }
                }
                _ => {}
            }
            Ok(())
        })?;
        let understanding = normalizer.understanding().ok_or("the file could not be understood")?;
        if let Some(mut file) = rejected {
            file.header(|csv| csv.rejected_header(understanding));
            file.finish()?;
        }
        let columns = &understanding.mapping.columns;
        let mut header: Vec<_> = columns.iter().map(|column| column.header.clone()).collect();
        // Cells behind the last column are kept, under a name of their own.
        header.extend((header.len()..width).map(|column| format!("column_{}", column + 1)));
        let encoding = understanding.encoding.encoding.name();
        let summary = normalizer.summary();
        Ok(Survey { summary, encoding, header, facts, fingerprint, addresses })
    }

    /// Gives all rows to `visit`.
    pub(crate) fn for_each_row(
        &self,
        options: Options,
        mut visit: impl FnMut(&Understanding, &Row<'_>) -> Result<(), Failure>,
    ) -> Result<(Normalizer<'static>, Fingerprint), Failure> {
        let name = self.name();
        let in_file = |error: &dyn std::fmt::Display| Failure::from(format!("{name}: {error}"));
        let mut input: Box<dyn Read> = match &self.0 {
            Some(path) => Box::new(File::open(path).map_err(|error| in_file(&error))?),
            None => Box::new(OWN_FILE),
        };
        let mut normalizer = Normalizer::push(options);
        let mut fingerprint = Fingerprint::default();
        let mut chunk = vec![0; CHUNK_BYTES];
        let mut understanding: Option<Understanding> = None;
        loop {
            let read = input.read(&mut chunk).map_err(|error| in_file(&error))?;
            fingerprint.add(&chunk[..read]);
            let fed = if read == 0 { normalizer.finish() } else { normalizer.feed(&chunk[..read]) };
            fed.map_err(|error| in_file(&error))?;
            if understanding.is_none() {
                understanding = normalizer.understanding().cloned();
            }
            if let Some(understanding) = &understanding {
                while let Some(row) = normalizer.next_row() {
                    visit(understanding, &row)?;
                }
            }
            if read == 0 {
                return Ok((normalizer, fingerprint));
            }
        }
    }
}

impl Survey {
    /// The facts of each lead, in no order of the file.
    pub(crate) fn leads(&self) -> impl Iterator<Item = LeadFacts> {
        self.facts.iter().flat_map(|(facts, leads)| (0..*leads).map(|_| *facts))
    }
}

impl Record {
    pub(crate) fn of(row: &Row<'_>, width: usize) -> Self {
        let mut cells: Vec<String> = row.cells().map(str::to_owned).collect();
        cells.resize(width, String::new());
        let own = row.lead.phone().and_then(|phone| phone.e164.as_ref());
        Self {
            row: row.number,
            cells,
            own_phone: own.map(|e164| e164.reveal().as_str().to_owned()),
            inputs: LeadInputs::from(&row.lead),
        }
    }
}

/// A number that other bytes hardly have (FNV-1a): a journal must not be taken for another file's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint(u64);

impl Default for Fingerprint {
    fn default() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }
}

impl Fingerprint {
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }

    /// A number of 32 bits.
    pub(crate) const fn mixed(self) -> u64 {
        (self.0 ^ self.0 >> 32) & 0xFFFF_FFFF
    }

    /// What the identifiers of the file's leads begin with.
    pub(crate) fn prefix(self) -> String {
        format!("{:08x}-", self.mixed())
    }

    /// The identifier of a row.
    pub(crate) fn lead_id(self, row: u64) -> Result<LeadId, Failure> {
        Ok(LeadId::new(&format!("{}{row}", self.prefix()))?)
    }
}

/// The row of a lead.
pub(crate) fn row_of(id: &LeadId) -> Option<u64> {
    id.as_str().rsplit_once('-')?.1.parse().ok()
}

fn at(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    format!("{}: {error}", path.display()).into()
}
