//! Files with broken quotes that are longer than a batch: read alike however they are cut.

mod seen;

use genesy_core::csv::dialect::{Delimiter, Dialect, HeaderOption, MarkOption};
use genesy_core::csv::normalize::{Options, RequiredFields};
use genesy_core::csv::read::{Irregularity, Limits, RecordReader};
use proptest::prelude::*;
use seen::{from_slice, in_chunks};

/// Files end here, to keep a case short.
const FILE_BYTES_MAX: usize = 120_000;

fn cell() -> impl Strategy<Value = String> {
    let text = |cells: &'static [&'static str]| prop::sample::select(cells).prop_map(str::to_owned);
    prop_oneof![
        6 => text(&["", "a", "bc", "ada@example.com", "España", "XXX"]),
        1 => (1_usize..300).prop_map(|length| "x".repeat(length)),
        3 => text(&["\"q\"", "\"a,b\"", "\"d\"\"q\"", "\"\"", "\",\""]),
        4 => text(&["\"a\nb\"", "\"a\r\nb\"", "\"a\rb\"", "\"m\n,\"\"o\"", "\"l\nm\nn\"", "\"\n\""]),
        2 => text(&["\"open", "\"", "\"\"\"", "\"in\"side\"", "mid\"dle", "\"t\"x", "close\""]),
        1 => text(&[" \"s\"", "\"s\" ", "n\0", "\"n\0\nm\"", "\"n\0\"", " "]),
    ]
}

fn line_end() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        8 => prop::sample::select(&["\n", "\r\n", "\r"][..]),
        1 => prop::sample::select(&["\n\n", "\r\n\r\n", "\n\r", "\r\r\n"][..]),
    ]
}

/// A few different lines, over and over.
fn stretch() -> impl Strategy<Value = String> {
    let cells = prop::collection::vec(cell(), 1..7).prop_map(|cells| cells.join(","));
    let plain = prop::sample::select(&["a,b,c", "a", ",,,", "1,2,3,4", "xyz,\"q\",\"r\""][..]);
    let line = prop_oneof![
        6 => cells,
        3 => plain.prop_map(str::to_owned),
        1 => (1_usize..500).prop_map(|length| ",".repeat(length)),
    ];
    let lines = prop::collection::vec((line, line_end()), 1..4)
        .prop_map(|lines| lines.into_iter().map(|(line, end)| line + end).collect::<String>());
    let times = prop_oneof![6 => 1_usize..6, 3 => 6_usize..80, 2 => 80_usize..3000];
    (lines, times).prop_map(|(lines, times)| lines.repeat(times.min(40_000 / lines.len())))
}

/// Lines that an open quote before them runs through, so that looking for its end costs much. The
/// first ones open such a quote.
fn neutral_stretch() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        1 => prop::sample::select(&["x\",\"y", "a,x\",\"y"][..]),
        3 => prop::sample::select(&["a,\"\",b", "a,b,c", "x,\",\",y", ",,,,,,,,,,,,,,,,"][..]),
        1 => prop::sample::select(&["1,\"x\ny\",z", "\"x\r\ny\"", "\"x\ny\",\"\nz\",2"][..]),
    ];
    let lines = prop::collection::vec((line, line_end()), 1..3).prop_map(|lines| {
        lines.into_iter().flat_map(|(line, end)| [line, end]).collect::<String>()
    });
    let times = prop_oneof![3 => 1_usize..6, 2 => 6_usize..80, 2 => 80_usize..1000];
    (lines, times).prop_map(|(lines, times)| lines.repeat(times.min(20_000 / lines.len())))
}

fn file() -> impl Strategy<Value = Vec<u8>> {
    let stretches = prop_oneof![
        prop::collection::vec(stretch(), 1..24),
        prop::collection::vec(neutral_stretch(), 1..40),
    ];
    stretches.prop_map(|stretches| {
        let mut file = stretches.concat().into_bytes();
        file.truncate(FILE_BYTES_MAX);
        file
    })
}

/// Lengths of chunks, used in turn.
fn lengths() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![
        1 => Just(vec![1]),
        2 => prop::collection::vec(1_usize..200, 1..20),
        2 => prop::collection::vec(1_usize..40_000, 1..20),
        1 => prop::collection::vec(prop_oneof![1_usize..70, 16_000_usize..17_000], 1..20),
    ]
}

fn chunks<'f>(file: &'f [u8], lengths: &[usize]) -> impl Iterator<Item = &'f [u8]> {
    let mut rest = file;
    lengths.iter().cycle().map_while(move |&length| {
        let chunk = rest.split_off(..length.min(rest.len()))?;
        (!chunk.is_empty()).then_some(chunk)
    })
}

fn limits() -> impl Strategy<Value = Limits> {
    let small = (1_usize..3000, 1_usize..20_000, 1_usize..500);
    prop::option::weighted(0.3, small).prop_map(|small| {
        let mut limits = Limits::default();
        if let Some((field, record, columns)) = small {
            limits.field_bytes_max = field;
            limits.record_bytes_max = record;
            limits.columns_max = columns;
        }
        limits
    })
}

#[derive(Debug, PartialEq)]
struct OneRecord {
    fields: Vec<Vec<u8>>,
    starts: Vec<Option<usize>>,
    raw: Vec<u8>,
    place: (u64, u64),
    irregularities: Vec<Irregularity>,
}

#[derive(Debug, Default, PartialEq)]
struct Read {
    records: Vec<OneRecord>,
    blank_lines: u64,
}

fn drain(reader: &mut RecordReader<'_>, read: &mut Read) {
    while let Some(record) = reader.next_record() {
        read.records.push(OneRecord {
            fields: record.fields().map(<[u8]>::to_vec).collect(),
            starts: (0..record.len()).map(|index| record.start_in_raw(index)).collect(),
            raw: record.raw().to_vec(),
            place: (record.offset(), record.line()),
            irregularities: record.irregularities().to_vec(),
        });
    }
    read.blank_lines = reader.blank_lines();
}

fn read_slice(file: &[u8], width: usize, limits: Limits) -> Read {
    let mut reader = RecordReader::from_slice(file, &Dialect::default()).limits(limits);
    reader.set_width(width);
    let mut read = Read::default();
    drain(&mut reader, &mut read);
    read
}

fn read_chunks(file: &[u8], lengths: &[usize], width: usize, limits: Limits) -> Read {
    let mut reader = RecordReader::push(&Dialect::default()).limits(limits);
    reader.set_width(width);
    let mut read = Read::default();
    for chunk in chunks(file, lengths) {
        reader.feed(chunk);
        drain(&mut reader, &mut read);
    }
    reader.finish();
    drain(&mut reader, &mut read);
    read
}

fn options() -> impl Strategy<Value = Options> {
    (limits(), 20_usize..4000, any::<bool>()).prop_map(|(limits, sample_bytes, is_given)| {
        let mut options = Options::default();
        options.limits = limits;
        options.sample_bytes = sample_bytes;
        options.required = RequiredFields::nothing();
        if is_given {
            options.dialect.delimiter = Delimiter::new(b",");
            options.dialect.quote = MarkOption::Byte(b'"');
            options.dialect.escape = MarkOption::None;
            options.dialect.header = HeaderOption::Rows(1);
        }
        options
    })
}

/// Says where two readings differ first, since all of both is too long to print.
fn same<T: PartialEq + std::fmt::Debug>(left: &[T], right: &[T]) -> Result<(), TestCaseError> {
    let at = left.iter().zip(right).take_while(|(left, right)| left == right).count();
    prop_assert_eq!(left.get(at), right.get(at), "item {}", at);
    Ok(())
}

/// Such files are long: an eighth of the usual cases.
fn config() -> ProptestConfig {
    let config = ProptestConfig::default();
    ProptestConfig { cases: config.cases.div_ceil(8), ..config }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn hostile_files_read_alike_in_any_chunks(
        file in file(),
        lengths in lengths(),
        width in 0_usize..6,
        limits in limits(),
    ) {
        let whole = read_slice(&file, width, limits);
        let read = read_chunks(&file, &lengths, width, limits);
        same(&read.records, &whole.records)?;
        prop_assert_eq!(read.blank_lines, whole.blank_lines);
    }

    #[test]
    fn hostile_files_normalize_alike_in_any_chunks(
        file in file(),
        header in prop::sample::select(
            &["email,country,company", "email,name,country,company,notes", "email", ""][..],
        ),
        lengths in lengths(),
        options in options(),
    ) {
        let mut file = [header.as_bytes(), b"\n", &file].concat();
        file.truncate(FILE_BYTES_MAX / 4);
        let seen = in_chunks(chunks(&file, &lengths), &options);
        match (from_slice(&file, &options), seen) {
            (Ok(whole), Ok(seen)) => {
                same(&seen.rows, &whole.rows)?;
                same(&seen.issues, &whole.issues)?;
                prop_assert_eq!(seen.summary, whole.summary);
            }
            (whole, seen) => prop_assert_eq!(whole.err(), seen.err()),
        }
    }
}

#[test]
fn how_long_quotes_are_distrusted_does_not_depend_on_chunks() {
    // From a slice the regular rows were one batch, which was enough to trust quotes again.
    let file = [
        "a\"b\na\n".repeat(40),
        "1,2,3\n".repeat(2000),
        "a\"b\n".to_owned(),
        "n\0,\"x\ny\"\n".repeat(30),
    ]
    .concat();
    let whole = read_slice(file.as_bytes(), 0, Limits::default());
    for length in [1, 2, 64, 500, 16 * 1024] {
        let read = read_chunks(file.as_bytes(), &[length], 0, Limits::default());
        same(&read.records, &whole.records).expect("the same records");
    }
    assert_eq!(whole.records.last().map(|record| record.fields.len()), Some(2));
}
