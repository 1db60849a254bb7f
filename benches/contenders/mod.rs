//! Everything that reads a leads file, side by side.
//!
//! A contender is a name, the shapes it can read, and a function from the file to the number of
//! records it found below the header. To add one, add a line to [`all`].

mod genesy;
mod peers;

use crate::leads::{LeadsFile, Shape};

/// The contender that all others are compared with.
pub const BASELINE: &str = "csv ByteRecord";

/// One way to read a leads file.
#[derive(Debug)]
pub struct Contender {
    /// Crate and reader.
    pub name: &'static str,
    /// The shapes it can read without loss.
    pub shapes: &'static [Shape],
    /// Reads the whole file; answers how many records are below the header.
    pub run: fn(&LeadsFile) -> u64,
}

/// Shapes for readers that look at bytes alone.
const ANY: &[Shape] = &Shape::ALL;

/// Shapes for readers that want UTF-8.
const UTF8: &[Shape] = &[Shape::Utf8, Shape::QuoteAll, Shape::Pathological];

/// Shapes for readers that decode first.
const WINDOWS_1252: &[Shape] = &[Shape::Windows1252];

/// All contenders, in the order of the tables.
pub const fn all() -> &'static [Contender] {
    &[
        Contender { name: BASELINE, shapes: ANY, run: peers::csv_byte_record },
        Contender { name: "csv StringRecord", shapes: UTF8, run: peers::csv_string_record },
        Contender { name: "csv + serde, borrowed", shapes: UTF8, run: peers::csv_serde_borrowed },
        Contender { name: "csv + serde, owned", shapes: UTF8, run: peers::csv_serde_owned },
        Contender { name: "csv-core", shapes: ANY, run: peers::csv_core },
        Contender {
            name: "encoding_rs, then csv ByteRecord",
            shapes: WINDOWS_1252,
            run: peers::decode_then_csv_byte_record,
        },
        Contender {
            name: "encoding_rs, then csv + serde, owned",
            shapes: WINDOWS_1252,
            run: peers::decode_then_csv_serde_owned,
        },
        Contender { name: "genesy raw records", shapes: ANY, run: genesy::raw_records },
        Contender { name: "genesy typed, borrowed", shapes: ANY, run: genesy::typed_borrowed },
        Contender {
            name: "genesy typed, borrowed, duplicates found",
            shapes: ANY,
            run: genesy::typed_with_duplicates_found,
        },
        Contender { name: "genesy typed, owned", shapes: ANY, run: genesy::typed_owned },
        Contender { name: "genesy with phones", shapes: ANY, run: genesy::with_phones },
        Contender { name: "simd-csv Reader", shapes: ANY, run: peers::simd_csv_reader },
        Contender { name: "simd-csv ZeroCopyReader", shapes: ANY, run: peers::simd_csv_zero_copy },
        Contender { name: "simd-csv Splitter", shapes: ANY, run: peers::simd_csv_splitter },
    ]
}

/// The contenders that can read `file`, each of which has just found the right number of records.
///
/// # Panics
///
/// When one of them counts other records than were written, in a shape that leaves no choice.
pub fn checked(file: &LeadsFile) -> Vec<&'static Contender> {
    let contenders: Vec<_> =
        all().iter().filter(|contender| contender.shapes.contains(&file.shape)).collect();
    for contender in contenders.iter().filter(|_| file.shape.is_regular()) {
        assert_eq!((contender.run)(file), file.records, "{}: records read", contender.name);
    }
    contenders
}

#[cfg(test)]
mod tests {
    use super::{BASELINE, checked};
    use crate::leads::{LeadsFile, Shape};

    #[test]
    fn every_contender_finds_every_record() {
        for shape in Shape::ALL {
            let contenders = checked(&LeadsFile::new(shape, 300_000, 3));
            assert_eq!(contenders[0].name, BASELINE);
        }
    }
}
