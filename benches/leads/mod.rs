//! Leads files of a given size, made from a seed.

#[rustfmt::skip]
mod countries;
mod lead;
mod random;
#[rustfmt::skip]
mod words;
mod write;

use random::Random;
use write::{RecordWriter, Repertoire};

/// Environment variable with the size of each file in MB (10^6 bytes).
pub const MEGABYTES_VARIABLE: &str = "GENESY_BENCH_MB";

/// Size of each file in MB where the variable is not set: a whole `cargo bench` takes minutes.
const MEGABYTES_DEFAULT: usize = 16;

/// The header record of every file.
pub const HEADER: [&str; COLUMNS] = [
    "First Name",
    "Last Name",
    "Email",
    "Job Title",
    "Country",
    "Company",
    "Website",
    "Phone",
    "Years in Role",
    "LinkedIn",
];

/// Columns of every regular record.
pub const COLUMNS: usize = 10;

/// Leads in a hundred that carry the e-mail address of an earlier one.
const DUPLICATES_PERCENT: u64 = 3;

/// What a file looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// UTF-8, `,`, LF, quotes where needed and on a few fields that do not need them.
    Utf8,
    /// The same leads as windows-1252 with `;` and CRLF, as spreadsheets of western Europe export them.
    Windows1252,
    /// As [`Shape::Utf8`] with every field quoted.
    QuoteAll,
    /// Quotes in the middle of a field in every record, some never closed, some records ragged.
    Pathological,
}

impl Shape {
    /// All shapes, in the order of the tables.
    pub const ALL: [Self; 4] = [Self::Utf8, Self::Windows1252, Self::QuoteAll, Self::Pathological];

    /// A short name for tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Windows1252 => "windows-1252",
            Self::QuoteAll => "quote-all",
            Self::Pathological => "pathological",
        }
    }

    /// The byte between two fields.
    pub const fn delimiter(self) -> u8 {
        match self {
            Self::Windows1252 => b';',
            Self::Utf8 | Self::QuoteAll | Self::Pathological => b',',
        }
    }

    /// Whether every parser has to find the same records.
    pub const fn is_regular(self) -> bool {
        !matches!(self, Self::Pathological)
    }
}

/// A file in memory.
#[derive(Debug)]
pub struct LeadsFile {
    /// What it looks like.
    pub shape: Shape,
    /// Its content, header record included.
    pub bytes: Vec<u8>,
    /// How many leads were written, which is the number of records below the header.
    pub records: u64,
}

impl LeadsFile {
    /// Makes a file of at least `bytes_min` bytes; the last record is whole.
    pub fn new(shape: Shape, bytes_min: usize, seed: u64) -> Self {
        let repertoire = match shape {
            Shape::Windows1252 => Repertoire::Windows1252,
            Shape::Utf8 | Shape::QuoteAll | Shape::Pathological => Repertoire::Utf8,
        };
        let words = lead::Words::new(repertoire);
        let mut random = Random::new(seed);
        let mut writer = RecordWriter::new(shape, repertoire, bytes_min);
        writer.write_header(&HEADER);
        let mut records = 0;
        while writer.bytes().len() < bytes_min {
            let number = if records > 0 && random.percent(DUPLICATES_PERCENT) {
                random.below(records)
            } else {
                records
            };
            writer.write(&words.lead(number, seed), &mut random);
            records += 1;
        }
        Self { shape, bytes: writer.into_bytes(), records }
    }

    /// Makes a file of the size that [`MEGABYTES_VARIABLE`] asks for.
    ///
    /// # Panics
    ///
    /// When the variable is set to something other than a whole number.
    pub fn from_environment(shape: Shape) -> Self {
        let megabytes = std::env::var(MEGABYTES_VARIABLE).map_or(MEGABYTES_DEFAULT, |value| {
            value.parse().expect("GENESY_BENCH_MB is a whole number of 10^6 bytes")
        });
        Self::new(shape, megabytes * 1_000_000, 1)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{COLUMNS, HEADER, LeadsFile, Shape};

    const BYTES: usize = 300_000;

    fn rows(file: &LeadsFile) -> Vec<Vec<String>> {
        let text = match file.shape {
            Shape::Windows1252 => encoding_rs::WINDOWS_1252.decode(&file.bytes).0,
            _ => String::from_utf8_lossy(&file.bytes),
        };
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(file.shape.delimiter())
            .has_headers(false)
            .flexible(!file.shape.is_regular())
            .from_reader(text.as_bytes());
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn a_seed_makes_one_file() {
        for shape in Shape::ALL {
            let file = LeadsFile::new(shape, BYTES, 7);
            assert_eq!(file.bytes, LeadsFile::new(shape, BYTES, 7).bytes, "{}", shape.name());
            assert_ne!(file.bytes, LeadsFile::new(shape, BYTES, 8).bytes, "{}", shape.name());
            assert!(file.bytes.len() >= BYTES);
        }
    }

    #[test]
    fn regular_shapes_read_as_written() {
        for shape in [Shape::Utf8, Shape::Windows1252, Shape::QuoteAll] {
            let file = LeadsFile::new(shape, BYTES, 1);
            let rows = rows(&file);
            assert_eq!(rows[0], HEADER, "{}", shape.name());
            assert_eq!(rows.len() as u64, file.records + 1, "{}", shape.name());
            assert!(rows.iter().all(|row| row.len() == COLUMNS), "{}", shape.name());
        }
    }

    #[test]
    fn the_mix_is_the_documented_one() {
        let rows = rows(&LeadsFile::new(Shape::Utf8, 3_000_000, 1));
        let cells: Vec<&String> = rows.iter().flatten().collect();
        let share = |count: usize, of: usize| count as f64 / of as f64;

        let bytes: usize = cells.iter().map(|cell| cell.len()).sum();
        let bytes_per_field = share(bytes, cells.len());
        assert!((16.0..20.0).contains(&bytes_per_field), "{bytes_per_field} bytes a field");

        let non_ascii = share(cells.iter().filter(|cell| !cell.is_ascii()).count(), cells.len());
        assert!((0.05..0.10).contains(&non_ascii), "{non_ascii} of the cells are not ASCII");

        let line_breaks =
            share(cells.iter().filter(|cell| cell.contains('\n')).count(), rows.len());
        assert!((0.005..0.05).contains(&line_breaks), "{line_breaks} line breaks a record");

        let addresses: BTreeSet<&String> = rows.iter().map(|row| &row[2]).collect();
        let duplicates = 1.0 - share(addresses.len(), rows.len());
        assert!((0.02..0.05).contains(&duplicates), "{duplicates} of the addresses repeat");

        let countries: BTreeSet<&String> = rows.iter().map(|row| &row[4]).collect();
        assert!(countries.len() > 500, "{} countries", countries.len());
    }

    #[test]
    fn the_pathological_shape_is_irregular() {
        let file = LeadsFile::new(Shape::Pathological, BYTES, 1);
        let rows = rows(&file);
        assert!(rows.iter().any(|row| row.len() != COLUMNS));
        assert_ne!(rows.len() as u64, file.records + 1);
    }
}
