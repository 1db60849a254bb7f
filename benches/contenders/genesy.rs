//! Genesy's own ways to read a leads file.

use std::hint::black_box;

use genesy_core::csv::dialect::{Delimiter, Dialect};
use genesy_core::csv::normalize::{
    DuplicateKey, Normalizer, Options, PhoneReading, RequiredFields,
};
use genesy_core::csv::read::RecordReader;

use crate::leads::LeadsFile;

/// Records as bytes, quotes resolved, in a dialect that is known.
pub(super) fn raw_records(file: &LeadsFile) -> u64 {
    let mut dialect = Dialect::default();
    dialect.delimiter = Delimiter::new(&[file.shape.delimiter()]).expect("one byte");
    let mut reader = RecordReader::from_slice(&file.bytes, &dialect);
    let mut records = 0;
    while let Some(record) = reader.next_record() {
        black_box(&record);
        records += 1;
    }
    records - 1
}

/// Encoding, dialect and mapping found out; country, address, website and profile checked; borrowed.
pub(super) fn typed_borrowed(file: &LeadsFile) -> u64 {
    count(file, DuplicateKey::Nothing, PhoneReading::Skip, |_| {})
}

/// The same, and duplicates looked for.
pub(super) fn typed_with_duplicates_found(file: &LeadsFile) -> u64 {
    count(file, DuplicateKey::Email, PhoneReading::Skip, |_| {})
}

/// The same as `typed_borrowed`, each lead with its own text.
pub(super) fn typed_owned(file: &LeadsFile) -> u64 {
    count(file, DuplicateKey::Nothing, PhoneReading::Skip, |row| {
        black_box(row.to_owned_lead());
    })
}

/// Everything: phones and duplicates too; borrowed.
pub(super) fn with_phones(file: &LeadsFile) -> u64 {
    count(file, DuplicateKey::Email, PhoneReading::Repaired, |_| {})
}

fn count(
    file: &LeadsFile,
    key: DuplicateKey,
    phones: PhoneReading,
    mut visit: impl FnMut(&genesy_core::csv::normalize::Row<'_>),
) -> u64 {
    let mut options = Options::default();
    options.duplicates.key = key;
    options.phones = phones;
    options.required = RequiredFields::nothing();
    let mut normalizer = Normalizer::from_slice(&file.bytes, options).expect("a leads file");
    let mut rows = 0;
    while let Some(row) = normalizer.next_row() {
        visit(&row);
        black_box(&row);
        rows += 1;
    }
    rows
}
