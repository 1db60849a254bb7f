//! All that a caller can see of a file, whole or in chunks.

use genesy_core::csv::normalize::{FileError, Issue, Lead, Normalizer, Options, Outcome, Summary};

#[derive(Debug, PartialEq)]
pub(crate) struct SeenRow {
    pub(crate) number: u64,
    pub(crate) line: u64,
    pub(crate) byte_offset: u64,
    pub(crate) outcome: Outcome,
    pub(crate) lead: Lead,
    pub(crate) raw: Vec<u8>,
}

#[derive(Debug, Default, PartialEq)]
pub(crate) struct Seen {
    pub(crate) rows: Vec<SeenRow>,
    pub(crate) issues: Vec<Issue>,
    pub(crate) summary: Summary,
}

impl Seen {
    /// Takes the rows that are there.
    pub(crate) fn drain(&mut self, normalizer: &mut Normalizer<'_>) {
        while let Some(row) = normalizer.next_row() {
            self.rows.push(SeenRow {
                number: row.number,
                line: row.line,
                byte_offset: row.byte_offset(),
                outcome: row.outcome,
                lead: row.lead.to_lead(row.number),
                raw: row.raw().to_vec(),
            });
            self.issues.extend_from_slice(row.issues);
        }
        self.summary = normalizer.summary();
    }
}

pub(crate) fn from_slice(file: &[u8], options: &Options) -> Result<Seen, FileError> {
    let mut seen = Seen::default();
    seen.drain(&mut Normalizer::from_slice(file, options.clone())?);
    Ok(seen)
}

pub(crate) fn in_chunks<'c>(
    chunks: impl IntoIterator<Item = &'c [u8]>,
    options: &Options,
) -> Result<Seen, FileError> {
    let mut seen = Seen::default();
    let mut normalizer = Normalizer::push(options.clone());
    for chunk in chunks {
        normalizer.feed(chunk)?;
        seen.drain(&mut normalizer);
    }
    normalizer.finish()?;
    seen.drain(&mut normalizer);
    Ok(seen)
}
