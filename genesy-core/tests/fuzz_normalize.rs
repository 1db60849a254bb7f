//! The normalizer on any bytes, with any options, cut anywhere: what always holds.

mod seen;

use genesy_core::csv::dialect::{Delimiter, HeaderOption, MarkOption};
use genesy_core::csv::encoding::Encoding;
use genesy_core::csv::header::{Field, Overrides, Target};
use genesy_core::csv::normalize::{
    CsvWriter, DuplicateAction, DuplicateKey, Normalized, Normalizer, Options, Outcome,
    PhoneReading, RequiredFields, normalize,
};
use proptest::prelude::*;
use seen::{Seen, from_slice, in_chunks};

/// What CSV files are made of.
const TOKENS: &[&[u8]] = &[
    b",",
    b",",
    b";",
    b"\t",
    b"|",
    b"\n",
    b"\n",
    b"\r\n",
    b"\r",
    b"\"",
    b"\"\"",
    b"'",
    b"\\",
    b"\0",
    b" ",
    b"email",
    b"country",
    b"Company",
    b"name",
    b"phone",
    b"website",
    b"yearsInRole",
    b"linkedin",
    b"ada@example.com",
    b"Bob@example.com",
    b"Espa\xC3\xB1a",
    b"Espa\xF1a",
    b"XXX",
    b"12",
    b"N/A",
    b"UK",
    b"Acme",
    b"+34 612 345 678",
    b"0171 234",
    b"acme.com",
    b"3,5",
    b"Ada Lovelace",
    b"\xEF\xBB\xBF",
    b"\xFF\xFE",
    b"sep=;\n",
    b"\xE9",
    b"\xC3\x83\xC2\xB1",
    b"\x81\x40",
    b"\x1B$B",
    b"=1+1",
    b"Total: 3",
    b"a@x.com; b@x.com",
];

/// Bytes of a table, more or less: what CSV files are made of, in any order.
fn table_bytes() -> impl Strategy<Value = Vec<u8>> {
    let token = prop::sample::select(TOKENS);
    let tokens = prop::collection::vec(token, 0..60).prop_map(|tokens| tokens.concat());
    let wide = prop::collection::vec(any::<u8>(), 0..200)
        .prop_map(|bytes| bytes.into_iter().flat_map(|byte| [byte, 0]).collect());
    prop_oneof![
        6 => tokens,
        2 => prop::collection::vec(any::<u8>(), 0..300),
        1 => wide,
    ]
}

fn mark() -> impl Strategy<Value = MarkOption> {
    prop_oneof![
        4 => Just(MarkOption::Auto),
        1 => Just(MarkOption::None),
        1 => any::<u8>().prop_map(MarkOption::Byte),
    ]
}

fn any_options() -> impl Strategy<Value = Options> {
    let header = prop_oneof![
        3 => Just(HeaderOption::Auto),
        1 => Just(HeaderOption::None),
        1 => (0..4_u8).prop_map(HeaderOption::Rows),
    ];
    let delimiter = prop::option::weighted(
        0.3,
        "[,;|\t a\"]{1,3}".prop_map(|text| Delimiter::new(text.as_bytes()).expect("no line end")),
    );
    let dialect = (delimiter, mark(), mark(), header, prop::option::weighted(0.2, 0..4_usize));
    let encoding = prop::option::weighted(0.3, prop::sample::select(Encoding::all()));
    let limits = (1..200_usize, 1..400_usize, 1..12_usize);
    let field = prop::sample::select(Field::ALL);
    let overrides = prop::collection::vec((0..5_usize, field), 0..3);
    let key = prop::sample::select(
        &[DuplicateKey::Email, DuplicateKey::Nothing, DuplicateKey::EmailOrPhone][..],
    );
    let action = prop::sample::select(
        &[DuplicateAction::KeepFirst, DuplicateAction::MergeBlanks, DuplicateAction::KeepAll][..],
    );
    let policies = (key, action, any::<bool>(), any::<bool>(), any::<bool>());
    (dialect, encoding, prop::option::of(limits), overrides, policies, 0..600_usize).prop_map(
        |(dialect, encoding, limits, overrides, policies, sample_bytes)| {
            let mut options = Options::default();
            options.encoding = encoding;
            options.dialect.delimiter = dialect.0;
            options.dialect.quote = dialect.1;
            options.dialect.escape = dialect.2;
            options.dialect.header = dialect.3;
            options.dialect.skip_lines = dialect.4;
            if let Some((field_bytes, record_bytes, columns)) = limits {
                options.limits.field_bytes_max = field_bytes;
                options.limits.record_bytes_max = record_bytes;
                options.limits.columns_max = columns;
            }
            for (column, field) in overrides {
                options.overrides = std::mem::replace(&mut options.overrides, Overrides::new())
                    .index(column, Target::Field(field));
            }
            options.duplicates.key = policies.0;
            options.duplicates.action = policies.1;
            options.repair_mojibake = policies.2;
            options.phones = if policies.3 { PhoneReading::Skip } else { PhoneReading::Repaired };
            if policies.4 {
                options.required = RequiredFields::nothing();
            }
            options.sample_bytes = sample_bytes;
            options
        },
    )
}

/// `file`, cut after so many bytes each time.
fn cut<'f>(file: &'f [u8], cuts: &[usize]) -> Vec<&'f [u8]> {
    let mut rest = file;
    let mut chunks: Vec<_> = cuts
        .iter()
        .map(|&cut| {
            let (chunk, after) = rest.split_at(cut.min(rest.len()));
            rest = after;
            chunk
        })
        .collect();
    chunks.push(rest);
    chunks
}

/// What holds for the rows of any file.
fn check(file: &[u8], options: &Options, seen: &Seen) -> Result<(), TestCaseError> {
    // Behind malformed bytes of encodings with several bytes a character, places are estimates.
    let understanding = Normalizer::from_slice(file, options.clone()).ok();
    let is_exact = understanding
        .and_then(Normalizer::into_understanding)
        .map(|understanding| understanding.encoding.encoding)
        .is_some_and(|encoding| encoding == Encoding::Utf8 || encoding.is_single_byte());
    let summary = &seen.summary;
    prop_assert_eq!(summary.rows, seen.rows.len() as u64);
    let consequences =
        summary.leads() + summary.rejected + summary.duplicates + summary.outside_table;
    prop_assert_eq!(consequences, summary.rows);
    prop_assert_eq!(summary.issues.values().sum::<u64>(), seen.issues.len() as u64);
    let mut last = (0, 0);
    for (index, row) in seen.rows.iter().enumerate() {
        prop_assert_eq!(row.number, index as u64 + 1);
        prop_assert!(row.line >= last.0.max(1), "lines grow");
        prop_assert!(index == 0 || row.byte_offset > last.1, "offsets grow");
        prop_assert!(!is_exact || row.byte_offset < file.len() as u64, "a row is in the file");
        last = (row.line, row.byte_offset);
        if let Outcome::Duplicate { of_row } = row.outcome {
            prop_assert!(of_row < row.number);
        }
        prop_assert_eq!(row.lead.row, row.number);
        if let Some(years) = row.lead.years_in_role {
            prop_assert!(years.is_finite() && years >= 0.0);
        }
    }
    for issue in &seen.issues {
        prop_assert!((1..=summary.rows).contains(&issue.row));
        prop_assert!(!is_exact || issue.byte_offset <= file.len() as u64);
        let row = &seen.rows[issue.row as usize - 1];
        prop_assert!(issue.byte_offset >= row.byte_offset, "an issue is in its row");
        prop_assert_eq!(issue.line, row.line);
    }
    Ok(())
}

/// All but what differs between two encodings of the same text.
fn without_offsets(mut seen: Seen) -> Seen {
    seen.rows.iter_mut().for_each(|row| row.byte_offset = 0);
    seen.issues.iter_mut().for_each(|issue| issue.byte_offset = 0);
    seen.summary.other_tables.iter_mut().for_each(|table| table.byte_offset = 0);
    seen
}

proptest! {
    #[test]
    fn fuzz_any_file_gives_the_same_rows_in_any_chunks(
        file in table_bytes(),
        cuts in prop::collection::vec(0..30_usize, 0..8),
        options in any_options(),
    ) {
        let seen = from_slice(&file, &options);
        prop_assert_eq!(&in_chunks(cut(&file, &cuts), &options), &seen);
        if let Ok(seen) = seen {
            check(&file, &options, &seen)?;
        }
    }

    #[test]
    fn fuzz_a_single_byte_file_is_read_as_its_text_is(
        file in table_bytes(),
        mut options in any_options(),
        encoding in prop::sample::select(&[
            Encoding::Windows1252, Encoding::Windows1251, Encoding::Cp437, Encoding::Macintosh,
        ][..]),
    ) {
        let mut text = String::new();
        encoding.decode_cell(&file, &mut text);
        options.sample_bytes = 1 << 16;
        options.encoding = Some(Encoding::Utf8);
        let expected = from_slice(text.as_bytes(), &options).map(without_offsets);
        options.encoding = Some(encoding);
        prop_assert_eq!(from_slice(&file, &options).map(without_offsets), expected);
    }

    #[test]
    fn fuzz_default_options(file in table_bytes()) {
        let options = Options::default();
        if let Ok(seen) = from_slice(&file, &options) {
            check(&file, &options, &seen)?;
        }
    }

    #[test]
    fn fuzz_results_come_back_from_json(file in table_bytes(), options in any_options()) {
        let json = serde_json::to_string(&options).expect("JSON");
        let back: Options = serde_json::from_str(&json).expect("the same options");
        prop_assert_eq!(&back, &options);
        if let Ok(done) = normalize(&file, &options) {
            let json = serde_json::to_string(&done).expect("JSON");
            let back: Normalized = serde_json::from_str(&json).expect("the same");
            prop_assert_eq!(back, done);
        }
    }

    #[test]
    fn fuzz_exports_are_csv_of_one_width(file in table_bytes(), options in any_options()) {
        let Ok(mut normalizer) = Normalizer::from_slice(&file, options) else { return Ok(()) };
        let mut writer = CsvWriter::new();
        let understanding = normalizer.understanding().expect("begun").clone();
        writer.clean_header(&understanding);
        let mut rows = 1;
        while let Some(row) = normalizer.next_row() {
            rows += 1;
            writer.clean_row(&row);
        }
        let bytes = writer.take();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&bytes[..]);
        let mut records = 0;
        for record in reader.records() {
            prop_assert!(record.is_ok(), "{:?}", record);
            records += 1;
        }
        prop_assert_eq!(records, rows);
    }
}
