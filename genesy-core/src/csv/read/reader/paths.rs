//! Tests of the two paths: they agree, and which one reads a record does not depend on chunks.

use proptest::prelude::*;

use super::{RecordReader, Text};
use crate::csv::dialect::{Delimiter, Dialect};
use crate::csv::read::Irregularity;

/// Regular lines, irregular ones, and what is the one or the other by what stands before it.
const LINES: &[&str] = &[
    "a,b,c\n",
    ",,,,,,,,\r\n",
    "a\"b,c\n",
    "\"x\ny\",z\n",
    "\"open\n",
    "\n",
    "a,\"\",b\r",
    "x\",\"y\n",
    "n\0,\"\nx\"\n",
];

/// Fields, where the record and they begin, and what was irregular.
type Read = (Vec<Vec<u8>>, u64, u64, Vec<Option<usize>>, Vec<Irregularity>);

fn drain(reader: &mut RecordReader<'_>, records: &mut Vec<(Text, Read)>) {
    while reader.advance() {
        let record = reader.record();
        let read = (
            record.fields().map(<[u8]>::to_vec).collect(),
            record.offset(),
            record.line(),
            (0..record.len()).map(|index| record.start_in_raw(index)).collect(),
            record.irregularities().to_vec(),
        );
        records.push((reader.current.text, read));
    }
}

fn read(mut reader: RecordReader<'_>, width: usize) -> Vec<(Text, Read)> {
    reader.set_width(width);
    let mut records = Vec::new();
    drain(&mut reader, &mut records);
    records
}

fn paths(records: &[(Text, Read)]) -> Vec<Text> {
    records.iter().map(|(text, _)| *text).collect()
}

/// Says where two readings differ first.
fn same(left: &[(Text, Read)], right: &[(Text, Read)]) -> Result<(), TestCaseError> {
    for (left, right) in left.iter().zip(right) {
        prop_assert_eq!(&left.1, &right.1);
    }
    prop_assert_eq!(left.len(), right.len());
    Ok(())
}

fn dialect(delimiter: u8, quote: Option<u8>) -> Dialect {
    let delimiter = Delimiter::new(&[delimiter]).expect("no line end");
    Dialect { delimiter, quote, escape: None, ..Dialect::default() }
}

proptest! {
    #[test]
    fn the_tolerant_path_reads_regular_records_as_the_index_does(
        rows in prop::collection::vec(
            (
                prop::collection::vec(
                    prop_oneof![3 => "[a \x00]{0,5}", 2 => r#""([ab, \r\n\x00]|""){0,6}""#],
                    1..5,
                ),
                prop::sample::select(&["\n", "\r\n", "\r", "\n\n"][..]),
            ),
            0..20,
        ),
        delimiter in prop::sample::select(&b",, \0"[..]),
        quote in prop::sample::select(&[b'"', b'"', b'"', b' ', 0][..]),
        width in 0_usize..5,
    ) {
        let comma = char::from(delimiter).to_string();
        let file: String = rows.iter().map(|(cells, end)| cells.join(&comma) + end).collect();
        let file = file.replace('"', &char::from(quote).to_string());
        let dialect = dialect(delimiter, Some(quote));
        let mut tolerant = RecordReader::from_slice(file.as_bytes(), &dialect);
        tolerant.tolerant_left = u32::MAX;
        let tolerant = read(tolerant, width);
        let either = read(RecordReader::from_slice(file.as_bytes(), &dialect), width);
        same(&tolerant, &either)?;
    }

    #[test]
    fn paths_depend_on_records_alone_and_make_no_difference(
        stretches in prop::collection::vec(
            (
                prop::sample::select(LINES),
                prop_oneof![2 => 1_usize..9, 1 => 100_usize..600],
            ),
            0..14,
        ),
        chunk in prop_oneof![1_usize..100, 1_usize..20_000],
        width in 0_usize..4,
    ) {
        let file: String = stretches.iter().map(|(line, times)| line.repeat(*times)).collect();
        let dialect = dialect(b',', Some(b'"'));
        let whole = read(RecordReader::from_slice(file.as_bytes(), &dialect), width);
        let mut reader = RecordReader::push(&dialect);
        reader.set_width(width);
        let mut fed = Vec::new();
        for chunk in file.as_bytes().chunks(chunk) {
            reader.feed(chunk);
            drain(&mut reader, &mut fed);
        }
        reader.finish();
        drain(&mut reader, &mut fed);
        prop_assert_eq!(paths(&fed), paths(&whole));
        same(&fed, &whole)?;
        let mut tolerant = RecordReader::from_slice(file.as_bytes(), &dialect);
        tolerant.tolerant_left = u32::MAX;
        same(&read(tolerant, width), &whole)?;
    }
}
