//! Encoding, dialect and records on any bytes: what always holds.

use genesy_core::csv::dialect::{DialectOptions, sniff};
use genesy_core::csv::encoding::mojibake::repair;
use genesy_core::csv::encoding::{CellDecoder, Encoding, StreamDecoder, detect};
use genesy_core::csv::header::{Overrides, SavedMapping, map_columns};
use genesy_core::csv::read::{Limits, RecordReader};
use proptest::prelude::*;

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let special = prop::sample::select(&b",;|\t\"'\\\n\r\0 a\xE9@1"[..]);
    let byte = prop_oneof![1 => any::<u8>(), 4 => special];
    prop_oneof![prop::collection::vec(byte, 0..400), prop::collection::vec(any::<u8>(), 0..400),]
}

type Records = Vec<(u64, u64, Vec<u8>, Vec<Vec<u8>>)>;

fn drain(reader: &mut RecordReader<'_>, records: &mut Records) {
    while let Some(record) = reader.next_record() {
        let fields = record.fields().map(<[u8]>::to_vec).collect();
        records.push((record.offset(), record.line(), record.raw().to_vec(), fields));
    }
}

proptest! {
    #[test]
    fn fuzz_detect_then_decode(
        sample in bytes(),
        complete in any::<bool>(),
        cuts in prop::collection::vec(0..9_usize, 0..40),
    ) {
        let meaning = |cell: &str| cell.len() % 5 == 1;
        let found = detect(&sample, complete, &meaning);
        prop_assert!((0.0..=1.0).contains(&found.confidence));
        prop_assert!(!found.evidence.is_empty());
        prop_assert!(found.bom_bytes <= sample.len());
        let mut whole = String::new();
        StreamDecoder::new(found.encoding).push(&sample, true, &mut whole);
        let mut decoder = StreamDecoder::new(found.encoding);
        let mut pieces = String::new();
        let mut rest = &sample[..];
        for cut in cuts {
            let (piece, after) = rest.split_at(cut.min(rest.len()));
            decoder.push(piece, false, &mut pieces);
            rest = after;
        }
        decoder.push(rest, true, &mut pieces);
        prop_assert_eq!(&pieces, &whole);
        let malformed = decoder.malformed();
        prop_assert!(malformed.offsets.len() as u64 <= malformed.count);
        prop_assert!(malformed.offsets.is_sorted());
        let is_utf = matches!(
            found.encoding,
            Encoding::Utf8 | Encoding::Utf16Le | Encoding::Utf16Be
        );
        if malformed.count == 0 && is_utf {
            prop_assert_eq!(decoder.encoded_len(&whole), sample.len() as u64);
        }
    }

    #[test]
    fn fuzz_sniff(sample in bytes(), complete in any::<bool>()) {
        let found = sniff(&sample, complete, &DialectOptions::default());
        prop_assert_eq!(&found, &sniff(&sample, complete, &DialectOptions::default()));
        prop_assert!((0.0..=1.0).contains(&found.confidence));
        prop_assert!(found.table_start <= found.body_start);
        prop_assert!(found.body_start <= sample.len());
        prop_assert!(found.preamble.bytes <= found.table_start);
        prop_assert!(found.names_row < found.header_rows.max(1));
        let length = found.dialect.delimiter.as_bytes().len();
        prop_assert!((1..=4).contains(&length));
        let quote = found.dialect.quote;
        prop_assert!(quote.is_none() || quote != found.dialect.delimiter.is_single());
        for table in &found.other_tables {
            prop_assert!(table.first_byte <= sample.len());
        }
        prop_assert!(complete || found.footer.is_none());
        let json = serde_json::to_string(&found).expect("JSON");
        let back: genesy_core::csv::dialect::Sniffed = serde_json::from_str(&json).expect("same");
        prop_assert_eq!(back.dialect, found.dialect);
    }

    #[test]
    fn fuzz_records_are_slices_of_the_input(
        input in bytes(),
        chunk in 1..50_usize,
        limits in prop::option::of((1..60_usize, 1..200_usize, 1..9_usize)),
    ) {
        let dialect = sniff(&input, true, &DialectOptions::default()).dialect;
        let mut bounds = Limits::default();
        if let Some((field, record, columns)) = limits {
            bounds.field_bytes_max = field;
            bounds.record_bytes_max = record;
            bounds.columns_max = columns;
        }
        let mut whole = Records::new();
        drain(&mut RecordReader::from_slice(&input, &dialect).limits(bounds), &mut whole);
        let mut pushed = Records::new();
        let mut reader = RecordReader::push(&dialect).limits(bounds);
        for piece in input.chunks(chunk) {
            reader.feed(piece);
            drain(&mut reader, &mut pushed);
        }
        reader.finish();
        drain(&mut reader, &mut pushed);
        prop_assert_eq!(&pushed, &whole);
        let mut end = 0;
        for (offset, line, raw, fields) in &whole {
            prop_assert!(*offset >= end && *line >= 1);
            prop_assert!(input[*offset as usize..].starts_with(raw), "raw text at its offset");
            prop_assert!(!fields.is_empty() && fields.len() <= bounds.columns_max);
            prop_assert!(fields.iter().all(|field| field.len() <= bounds.field_bytes_max));
            prop_assert!(fields.iter().map(Vec::len).sum::<usize>() <= raw.len());
            end = offset + raw.len() as u64;
        }
    }

    #[test]
    fn fuzz_every_encoding_decodes_every_cell(
        encoding in prop::sample::select(Encoding::all()),
        cell in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let mut text = String::from("before");
        let malformed = CellDecoder::new(encoding).decode_cell(&cell, &mut text);
        prop_assert!(text.starts_with("before"));
        prop_assert!(malformed.is_none_or(|offset| offset <= cell.len()));
        prop_assert!(text.len() <= 6 + 3 * cell.len() + 8);
    }

    #[test]
    fn fuzz_repair_undoes_a_wrong_decoding(text in "[a-zA-ZÀ-žЀ-я¡-ÿ€™“” ]{0,20}") {
        if let Some(repair) = repair(&text) {
            prop_assert!(!text.is_ascii());
            prop_assert!(!repair.text.is_empty() && repair.text != text);
            prop_assert!((1..=2).contains(&repair.via.times));
            // What was repaired is again what it was, when it is decoded wrongly as often.
            let decoder = CellDecoder::new(repair.via.read_as);
            let mut garbled = repair.text;
            for _ in 0..repair.via.times {
                let mut next = String::new();
                decoder.decode_cell(garbled.as_bytes(), &mut next);
                garbled = next;
            }
            prop_assert_eq!(garbled, text);
        }
    }

    #[test]
    fn fuzz_a_saved_mapping_fits_its_own_header(
        headers in prop::collection::vec("[a-zA-Z é_-]{0,10}|email|Country|phone|name", 0..8),
        cell in "[a-z@.0-9 ]{0,12}",
    ) {
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        let rows = vec![vec![cell.as_str(); headers.len()]; 3];
        let mapping = map_columns(&headers, &rows, &|_| false, &Overrides::new());
        prop_assert_eq!(mapping.columns.len(), headers.len());
        let indexes: Vec<_> = mapping.columns.iter().map(|column| column.index).collect();
        prop_assert_eq!(indexes, (0..headers.len()).collect::<Vec<_>>());
        for &field in genesy_core::csv::header::Field::ALL {
            prop_assert!(field.is_multi_valued() || mapping.columns_of(field).count() <= 1);
        }
        let saved = SavedMapping::from(&mapping);
        let json = serde_json::to_string(&saved).expect("JSON");
        let back: SavedMapping = serde_json::from_str(&json).expect("the same");
        prop_assert_eq!(&back, &saved);
        if headers.iter().any(|header| !header.trim().is_empty()) {
            prop_assert!(saved.applies_to(&headers));
        }
        let applied = saved.apply(&headers, &rows, &|_| false, &Overrides::new());
        prop_assert_eq!(applied.columns.len(), headers.len());
    }

    #[test]
    fn fuzz_options_from_any_json(json in "[\\[\\]{}\":,a-z0-9_ ]{0,60}") {
        let _ = serde_json::from_str::<SavedMapping>(&json);
        let _ = serde_json::from_str::<genesy_core::csv::normalize::Options>(&json);
    }
}
