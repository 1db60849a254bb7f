//! Other crates' readers, each as its documentation shows the fast way to use it.

use std::hint::black_box;
use std::io::{self, Read};

use encoding_rs::{Decoder, WINDOWS_1252};
use serde::Deserialize;

use crate::leads::{COLUMNS, LeadsFile};

pub(super) fn csv_byte_record(file: &LeadsFile) -> u64 {
    count_byte_records(file.bytes.as_slice(), file.shape.delimiter())
}

pub(super) fn csv_string_record(file: &LeadsFile) -> u64 {
    let mut reader = csv_reader(file.bytes.as_slice(), file.shape.delimiter());
    let mut record = csv::StringRecord::new();
    let mut records = 0;
    while reader.read_record(&mut record).expect("the file is UTF-8") {
        black_box(&record);
        records += 1;
    }
    records
}

pub(super) fn csv_serde_borrowed(file: &LeadsFile) -> u64 {
    let mut reader = csv_reader(file.bytes.as_slice(), file.shape.delimiter());
    let headers = reader.headers().expect("the header is UTF-8").clone();
    let mut record = csv::StringRecord::new();
    let mut records = 0;
    while reader.read_record(&mut record).expect("the file is UTF-8") {
        // A record that does not fit the struct is an error of its own; a caller goes on with the next.
        if let Ok(lead) = record.deserialize::<BorrowedLead<'_>>(Some(&headers)) {
            black_box(&lead);
            records += 1;
        }
    }
    records
}

pub(super) fn csv_serde_owned(file: &LeadsFile) -> u64 {
    count_owned_leads(file.bytes.as_slice(), file.shape.delimiter())
}

pub(super) fn decode_then_csv_byte_record(file: &LeadsFile) -> u64 {
    count_byte_records(DecodingReader::new(&file.bytes), file.shape.delimiter())
}

pub(super) fn decode_then_csv_serde_owned(file: &LeadsFile) -> u64 {
    count_owned_leads(DecodingReader::new(&file.bytes), file.shape.delimiter())
}

pub(super) fn csv_core(file: &LeadsFile) -> u64 {
    use csv_core::ReadRecordResult;

    let mut reader = csv_core::ReaderBuilder::new().delimiter(file.shape.delimiter()).build();
    let mut input = file.bytes.as_slice();
    let mut fields = [0; 1 << 16];
    let mut ends = [0; 4 * COLUMNS];
    let (mut written, mut ended, mut records) = (0, 0, 0);
    loop {
        let (result, read, wrote, fields_ended) =
            reader.read_record(input, &mut fields[written..], &mut ends[ended..]);
        input = &input[read..];
        written += wrote;
        ended += fields_ended;
        match result {
            ReadRecordResult::InputEmpty => {}
            // Counting goes on without what did not fit: a quote that is never closed ends up here.
            ReadRecordResult::OutputFull => written = 0,
            ReadRecordResult::OutputEndsFull => ended = 0,
            ReadRecordResult::Record => {
                black_box((&fields[..written], &ends[..ended]));
                (written, ended) = (0, 0);
                records += 1;
            }
            ReadRecordResult::End => return without_header(records),
        }
    }
}

pub(super) fn simd_csv_reader(file: &LeadsFile) -> u64 {
    let mut reader = simd_csv::ReaderBuilder::new()
        .delimiter(file.shape.delimiter())
        .flexible(!file.shape.is_regular())
        .from_reader(file.bytes.as_slice());
    let mut record = simd_csv::ByteRecord::new();
    let mut records = 0;
    while reader.read_byte_record(&mut record).expect("memory can be read") {
        black_box(&record);
        records += 1;
    }
    records
}

/// Finds fields but leaves them escaped.
pub(super) fn simd_csv_zero_copy(file: &LeadsFile) -> u64 {
    let mut reader = simd_csv::ZeroCopyReaderBuilder::new()
        .delimiter(file.shape.delimiter())
        .flexible(!file.shape.is_regular())
        .from_reader(file.bytes.as_slice());
    let mut records = 0;
    while let Some(record) = reader.read_byte_record().expect("memory can be read") {
        black_box(&record);
        records += 1;
    }
    records
}

/// Finds records but no fields.
pub(super) fn simd_csv_splitter(file: &LeadsFile) -> u64 {
    let mut splitter = simd_csv::SplitterBuilder::new()
        .delimiter(file.shape.delimiter())
        .from_reader(file.bytes.as_slice());
    let mut records = 0;
    while let Some(record) = splitter.split_record().expect("memory can be read") {
        black_box(record);
        records += 1;
    }
    records
}

/// Every column as a string of its own, the years as a number.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(dead_code, reason = "the fields are read by the optimiser's black box alone")]
struct OwnedLead {
    #[serde(rename = "First Name")]
    first_name: String,
    #[serde(rename = "Last Name")]
    last_name: String,
    email: String,
    #[serde(rename = "Job Title")]
    job_title: String,
    country: String,
    company: String,
    website: String,
    phone: String,
    #[serde(rename = "Years in Role")]
    years_in_role: Option<u8>,
    #[serde(rename = "LinkedIn")]
    linkedin: String,
}

/// The same, borrowing from the record.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(dead_code, reason = "the fields are read by the optimiser's black box alone")]
struct BorrowedLead<'a> {
    #[serde(rename = "First Name")]
    first_name: &'a str,
    #[serde(rename = "Last Name")]
    last_name: &'a str,
    email: &'a str,
    #[serde(rename = "Job Title")]
    job_title: &'a str,
    country: &'a str,
    company: &'a str,
    website: &'a str,
    phone: &'a str,
    #[serde(rename = "Years in Role")]
    years_in_role: Option<u8>,
    #[serde(rename = "LinkedIn")]
    linkedin: &'a str,
}

/// Decodes windows-1252 piece by piece, into the buffer that the csv crate reads from anyway.
struct DecodingReader<'a> {
    decoder: Decoder,
    input: &'a [u8],
}

impl<'a> DecodingReader<'a> {
    fn new(input: &'a [u8]) -> Self {
        Self { decoder: WINDOWS_1252.new_decoder_without_bom_handling(), input }
    }
}

impl Read for DecodingReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.input.is_empty() {
            return Ok(0);
        }
        // A single-byte encoding keeps nothing back, so an empty input is the end.
        let (_, read, written, _) = self.decoder.decode_to_utf8(self.input, buffer, false);
        self.input = &self.input[read..];
        Ok(written)
    }
}

fn csv_reader<R: Read>(input: R, delimiter: u8) -> csv::Reader<R> {
    csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(input)
}

fn count_byte_records(input: impl Read, delimiter: u8) -> u64 {
    let mut reader = csv_reader(input, delimiter);
    let mut record = csv::ByteRecord::new();
    let mut records = 0;
    while reader.read_byte_record(&mut record).expect("the input can be read") {
        black_box(&record);
        records += 1;
    }
    records
}

fn count_owned_leads(input: impl Read, delimiter: u8) -> u64 {
    let mut records = 0;
    for lead in csv_reader(input, delimiter).deserialize::<OwnedLead>().flatten() {
        black_box(&lead);
        records += 1;
    }
    records
}

const fn without_header(records: u64) -> u64 {
    records.saturating_sub(1)
}
