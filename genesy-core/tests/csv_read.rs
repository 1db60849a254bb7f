//! The record reader: as the `csv` crate on regular files, and sound on all others.

use genesy_core::csv::dialect::Dialect;
use genesy_core::csv::read::{IrregularityKind, Limits, RecordReader};
use proptest::prelude::*;

type Rows = Vec<Vec<Vec<u8>>>;

/// Rows, where and on which line each begins, and what was irregular.
#[derive(Debug, Default, PartialEq)]
struct Read {
    rows: Rows,
    places: Vec<(u64, u64)>,
    irregularities: Vec<(usize, IrregularityKind, usize, usize)>,
    blank_lines: u64,
}

fn drain(reader: &mut RecordReader<'_>, read: &mut Read) {
    while let Some(record) = reader.next_record() {
        for one in record.irregularities() {
            read.irregularities.push((read.rows.len(), one.kind, one.column, one.offset));
        }
        read.places.push((record.offset(), record.line()));
        read.rows.push(record.fields().map(<[u8]>::to_vec).collect());
    }
    read.blank_lines = reader.blank_lines();
}

fn read_slice(bytes: &[u8], width: usize, limits: Limits) -> Read {
    let mut reader = RecordReader::from_slice(bytes, &Dialect::default()).limits(limits);
    reader.set_width(width);
    let mut read = Read::default();
    drain(&mut reader, &mut read);
    read
}

fn read_chunks(bytes: &[u8], chunk: usize, width: usize, limits: Limits) -> Read {
    let mut reader = RecordReader::push(&Dialect::default()).limits(limits);
    reader.set_width(width);
    let mut read = Read::default();
    for chunk in bytes.chunks(chunk) {
        reader.feed(chunk);
        drain(&mut reader, &mut read);
    }
    reader.finish();
    drain(&mut reader, &mut read);
    read
}

fn read_csv_crate(bytes: &[u8]) -> Rows {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(bytes)
        .byte_records()
        .map(|record| record.expect("flexible bytes").iter().map(<[u8]>::to_vec).collect())
        .collect()
}

fn read(text: &str, width: usize) -> Read {
    read_slice(text.as_bytes(), width, Limits::default())
}

fn strings(read: &Read) -> Vec<Vec<String>> {
    let text = |field: &Vec<u8>| String::from_utf8_lossy(field).into_owned();
    read.rows.iter().map(|row| row.iter().map(text).collect()).collect()
}

/// Rows of fields that need quoting often, and are sometimes longer than a block of the scanner.
fn tables() -> impl Strategy<Value = Vec<Vec<String>>> {
    let field = prop_oneof![
        3 => "[a-z]{0,12}",
        2 => "[a-z,\"\n\r]{0,8}",
        1 => "[a-zé, ]{60,140}",
    ];
    prop::collection::vec(prop::collection::vec(field, 1..6), 0..40)
}

proptest! {
    #[test]
    fn regular_files_read_as_the_csv_crate_reads_them(
        rows in tables(),
        crlf: bool,
        always_quote: bool,
        ends: bool,
        chunk in 1_usize..200,
    ) {
        let quotes =
            if always_quote { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
        let mut writer = csv::WriterBuilder::new()
            .flexible(true)
            .terminator(if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') })
            .quote_style(quotes)
            .from_writer(Vec::new());
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let mut bytes = writer.into_inner().unwrap();
        if !ends {
            bytes.pop();
        }
        let read = read_slice(&bytes, 0, Limits::default());
        prop_assert_eq!(&read.rows, &read_csv_crate(&bytes));
        prop_assert_eq!(&read.irregularities, &[]);
        prop_assert_eq!(read_chunks(&bytes, chunk, 0, Limits::default()), read);
    }

    #[test]
    fn whatever_is_not_called_irregular_reads_as_the_csv_crate_reads_it(
        text in "[ab,\"\n\r]{0,90}",
        chunk in 1_usize..70,
        width in 0_usize..4,
    ) {
        let read = read_slice(text.as_bytes(), 0, Limits::default());
        if read.irregularities.is_empty() {
            prop_assert_eq!(&read.rows, &read_csv_crate(text.as_bytes()));
        }
        let with_width = read_slice(text.as_bytes(), width, Limits::default());
        let chunks = read_chunks(text.as_bytes(), chunk, width, Limits::default());
        prop_assert_eq!(chunks, with_width);
    }

    #[test]
    fn any_bytes_in_any_chunks_give_the_same_within_small_limits(
        bytes in prop::collection::vec(
            prop_oneof![Just(b','), Just(b'"'), Just(b'\n'), Just(b'\r'), Just(0), any::<u8>()],
            0..600,
        ),
        chunk in 1_usize..100,
        width in 0_usize..5,
        (field, record, columns) in (1_usize..40, 1_usize..90, 1_usize..8),
    ) {
        let mut limits = Limits::default();
        limits.field_bytes_max = field;
        limits.record_bytes_max = record;
        limits.columns_max = columns;
        let read = read_slice(&bytes, width, limits);
        for row in &read.rows {
            prop_assert!(row.len() <= columns);
            prop_assert!(row.iter().all(|cell| cell.len() <= field));
        }
        prop_assert_eq!(read_chunks(&bytes, chunk, width, limits), read);
    }

    #[test]
    fn no_letter_is_lost(text in "[ab,;\"\n]{0,200}", width in 0_usize..4) {
        let read = read(&text, width);
        let letters = |bytes: &[u8]| bytes.iter().filter(|b| b.is_ascii_lowercase()).count();
        let kept: usize = read.rows.iter().flatten().map(|field| letters(field)).sum();
        prop_assert_eq!(kept, letters(text.as_bytes()));
    }
}

#[test]
fn a_quote_never_closed_costs_one_record() {
    let text = "id,name,city\n1,\"Ada,London\n2,Grace,Arlington\n3,\"Lin, An\",\"Xi\"\"an\"\n";
    let read = read(text, 3);
    assert_eq!(
        strings(&read)[1..],
        [["1", "Ada", "London"], ["2", "Grace", "Arlington"], ["3", "Lin, An", "Xi\"an"]]
    );
    assert_eq!(read.irregularities, [(1, IrregularityKind::UnclosedQuote, 1, 2)]);
}

#[test]
fn a_quote_never_closed_in_a_file_without_other_quotes() {
    let rows = "a,b,c\n".repeat(50);
    let text = format!("{rows}1,\"x,y\n{rows}");
    let read = read(&text, 3);
    assert_eq!(read.rows.len(), 101);
    assert!(read.rows.iter().all(|row| row.len() == 3));
    assert_eq!(read.irregularities, [(50, IrregularityKind::UnclosedQuote, 1, 2)]);
}

#[test]
fn two_quotes_never_closed_do_not_swallow_the_rows_between_them() {
    let read = read("1,\"a,b\n2,c,d\n3,e,f\"\n4,g,h\n", 3);
    let expected = [["1", "a", "b"], ["2", "c", "d"], ["3", "e", "f\""], ["4", "g", "h"]];
    assert_eq!(strings(&read), expected);
}

#[test]
fn quotes_in_the_middle_are_text() {
    let read = read("1,5\" pipe,x\n2,\"John \"Johnny\" Smith\",y\n3,\"a\" b,z\n", 3);
    let expected = [["1", "5\" pipe", "x"], ["2", "John \"Johnny\" Smith", "y"], ["3", "a b", "z"]];
    assert_eq!(strings(&read), expected);
    assert_eq!(read.irregularities.len(), 3);
}

#[test]
fn line_ends_may_be_mixed_and_blank_lines_are_counted() {
    let read = read("a,b\r\nc,d\re,f\n\n\r\n\"g\r\nh\",i", 2);
    assert_eq!(strings(&read), [["a", "b"], ["c", "d"], ["e", "f"], ["g\r\nh", "i"]]);
    assert_eq!(read.blank_lines, 2);
    assert_eq!(read.places, [(0, 1), (5, 2), (9, 3), (16, 6)]);
}

#[test]
fn nul_bytes_are_kept_and_reported() {
    let read = read("a,b\nc\0,d\n", 2);
    assert_eq!(strings(&read)[1], ["c\0", "d"]);
    assert_eq!(read.irregularities, [(1, IrregularityKind::NulByte, 0, 1)]);
}

#[test]
fn ten_megabytes_without_a_line_end_are_one_reported_record() {
    let bytes = vec![b'x'; 10_000_000];
    let read = read_chunks(&bytes, 4096, 0, Limits::default());
    assert_eq!(read.rows.len(), 1);
    assert_eq!(read.rows[0][0].len(), Limits::FIELD_BYTES_MAX);
    let kinds: Vec<_> = read.irregularities.iter().map(|one| one.1).collect();
    assert_eq!(kinds, [IrregularityKind::CellTooLong, IrregularityKind::RecordTooLong]);
}

#[test]
fn a_million_columns_are_one_reported_record() {
    let text = ",".repeat(1_000_000) + "\na,b\n";
    let read = read(&text, 0);
    assert_eq!(read.rows[0].len(), Limits::COLUMNS_MAX);
    assert_eq!(strings(&read)[1], ["a", "b"]);
    assert_eq!(read.irregularities.len(), 1);
    assert_eq!(read.irregularities[0].1, IrregularityKind::TooManyColumns);
}

#[test]
fn a_record_limit_below_the_cell_limit_holds_in_a_slice_too() {
    let mut limits = Limits::default();
    limits.record_bytes_max = 4;
    let bytes = b"abcdefgh,i\nj,k\n".repeat(20);
    let read = read_slice(&bytes, 2, limits);
    assert_eq!(read.irregularities.len(), 20);
    assert_eq!(read.rows[1], [b"j", b"k"]);
    assert_eq!(read_chunks(&bytes, 3, 2, limits), read);
}
