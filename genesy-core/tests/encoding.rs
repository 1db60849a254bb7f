//! Encodings: what holds for every one of them, on any bytes.

use genesy_core::country::is_exact_name;
use genesy_core::csv::encoding::mojibake::{Garbling, repair};
use genesy_core::csv::encoding::{
    CellDecoder, Encoding, Evidence, StreamDecoder, bom, detect, sniff_binary,
};
use proptest::prelude::*;

fn any_encoding() -> impl Strategy<Value = Encoding> {
    proptest::sample::select(Encoding::all())
}

/// Bytes with more of those that mean something: escapes, surrogates, lead and trail bytes.
fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    let special = proptest::sample::select(&b"\x1B$B(J\xD8\xDC\xFF\xFE\x81\x30\x7C\xE9,\n\""[..]);
    proptest::collection::vec(prop_oneof![3 => any::<u8>(), 2 => special], 0..300)
}

fn decode_in_pieces(encoding: Encoding, bytes: &[u8], cuts: &[usize]) -> (String, Vec<u64>) {
    let mut decoder = StreamDecoder::new(encoding);
    let mut text = String::new();
    let mut rest = bytes;
    for &cut in cuts {
        let (piece, after) = rest.split_at(cut.min(rest.len()));
        decoder.push(piece, false, &mut text);
        rest = after;
    }
    decoder.push(rest, true, &mut text);
    (text, decoder.malformed().offsets.clone())
}

proptest! {
    #[test]
    fn any_chunking_gives_the_same_text(
        encoding in any_encoding(),
        bytes in any_bytes(),
        cuts in proptest::collection::vec(0usize..9, 0..60),
    ) {
        let whole = decode_in_pieces(encoding, &bytes, &[]);
        prop_assert_eq!(decode_in_pieces(encoding, &bytes, &cuts), whole);
    }

    #[test]
    fn a_cell_is_decoded_as_a_stream_is(encoding in any_encoding(), bytes in any_bytes()) {
        let (text, offsets) = decode_in_pieces(encoding, &bytes, &[]);
        let mut cell = String::new();
        let malformed = CellDecoder::new(encoding).decode_cell(&bytes, &mut cell);
        prop_assert_eq!(&cell, &text);
        prop_assert_eq!(malformed.map(|offset| offset as u64), offsets.first().copied());
    }

    #[test]
    fn utf16_text_maps_back_to_its_bytes(text in any::<String>(), cut in 0usize..40) {
        let decoder = StreamDecoder::new(Encoding::Utf16Le);
        let cut = text.char_indices().map(|(at, _)| at).nth(cut).unwrap_or(text.len());
        let bytes = 2 * text[..cut].encode_utf16().count() as u64;
        prop_assert_eq!(decoder.encoded_len(&text[..cut]), bytes);
    }

    #[test]
    fn nothing_panics_on_any_bytes(bytes in any_bytes(), complete in any::<bool>()) {
        let found = detect(&bytes, complete, &|cell| cell.len() % 3 == 0);
        prop_assert!((0.0..=1.0).contains(&found.confidence));
        prop_assert!(found.bom_bytes <= bytes.len());
        prop_assert_eq!(&found, &detect(&bytes, complete, &|cell| cell.len() % 3 == 0));
        let _ = (bom(&bytes), sniff_binary(&bytes));
        let _ = repair(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn equivalents_are_those_that_read_the_same_text(
        bytes in prop_oneof![
            any_bytes(),
            proptest::collection::vec(prop_oneof![any::<u8>(), Just(b' '), Just(0x80)], 1..12),
        ],
    ) {
        let found = detect(&bytes, true, &|_| false);
        if !found.evidence.iter().any(|fact| matches!(fact, Evidence::Letters { .. })) {
            return Ok(());
        }
        let (text, _) = decode_in_pieces(found.encoding, &bytes, &[]);
        for &other in Encoding::all().iter().filter(|&&other| other != found.encoding) {
            let same = decode_in_pieces(other, &bytes, &[]).0 == text;
            prop_assert_eq!(found.equivalents.contains(&other), same, "{} {}", found.encoding, other);
        }
    }

    #[test]
    fn utf8_is_always_recognised(name in "[a-zA-Z ]{0,20}", word in "\\p{L}{1,12}") {
        let sample = format!("name,country\n{name},{word}é\n");
        prop_assert_eq!(detect(sample.as_bytes(), true, &|_| false).encoding, Encoding::Utf8);
    }

    #[test]
    fn garbled_names_are_repaired(
        name in "[A-Z][a-z]{1,6}[éèáíóúñçüöäåøêôõ][a-z]{0,6}( [A-Z][a-z]{1,8}[žšćłőęąßğı][a-z]{0,3})?",
        times in 1u8..=2,
    ) {
        let decoder = CellDecoder::new(Encoding::Windows1252);
        let mut garbled = name.clone();
        for _ in 0..times {
            let mut next = String::new();
            decoder.decode_cell(garbled.as_bytes(), &mut next);
            garbled = next;
        }
        let repaired = repair(&garbled);
        prop_assert!(repaired.is_some(), "{} is left alone", garbled);
        let repaired = repaired.unwrap();
        prop_assert_eq!(repaired.text, name);
        let via: Garbling = repaired.via;
        prop_assert_eq!((via.read_as, via.times), (Encoding::Windows1252, times));
    }

    #[test]
    fn correct_names_are_left_alone(
        name in "[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]{1,9}( [A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]{1,9})?",
    ) {
        prop_assert_eq!(repair(&name).map(|repair| repair.text), None);
    }
}

/// A file of one lead whose name and country are in `encoding`.
fn short_file(encoding: Encoding, name: &str, country: &str) -> Vec<u8> {
    let byte_of = |character: char| {
        (0..=u8::MAX).find(|&byte| {
            let mut text = String::new();
            encoding.decode_cell(&[byte], &mut text);
            text.chars().eq([character])
        })
    };
    let file = format!("name,country\n{name},{country}\n");
    file.chars().map(|character| byte_of(character).expect("a character of it")).collect()
}

#[test]
fn where_names_tie_the_commonest_is_given_and_the_others_listed() {
    use Encoding::{
        Cp437, Cp850, Gb18030, Gbk, Iso8859_2, Iso8859_7, Iso8859_8, Iso8859_13, Iso8859_15, Koi8R,
        Koi8U, MacCyrillic, Macintosh, Windows1250, Windows1251, Windows1252, Windows1253,
        Windows1254, Windows1255, Windows1257,
    };
    for (written_in, name, country, expected) in [
        (Windows1252, "José García", "España", Windows1252),
        (Iso8859_15, "José García", "España", Windows1252),
        (Windows1254, "Jürgen", "Österreich", Windows1252),
        (Windows1250, "Zoltán", "Magyarország", Windows1252),
        (Cp850, "José García", "España", Cp850),
        (Cp437, "José García", "España", Cp850),
        (Iso8859_2, "Łukasz", "Česko", Windows1250),
        (Koi8U, "Иван", "Россия", Koi8R),
        (Iso8859_7, "Νίκος", "Ελλάδα", Windows1253),
        (Iso8859_13, "Jānis", "Latvija", Windows1257),
        (Iso8859_8, "דוד", "ישראל", Windows1255),
        (MacCyrillic, "иван", "беларусь", Windows1251),
    ] {
        let file = short_file(written_in, name, country);
        let found = detect(&file, true, &is_exact_name);
        assert_eq!(found.encoding, expected, "{name} in {written_in}");
        let is_listed = written_in == expected || found.equivalents.contains(&written_in);
        assert!(is_listed, "{name} in {written_in}: {:?}", found.equivalents);
    }
    // No other encoding has all of these letters at the same places.
    for (only, name, country) in [
        (Windows1254, "Ayşe", "Türkiye"),
        (Koi8U, "Іван", "Україна"),
        (Cp850, "João", "Moçambique"),
        (Macintosh, "José", "España"),
    ] {
        let found = detect(&short_file(only, name, country), true, &is_exact_name);
        assert_eq!((found.encoding, found.equivalents), (only, Vec::new()), "{name}");
    }
    let (chinese, ..) = encoding_rs::GBK.encode("name,country\n王伟,中国\n");
    let found = detect(&chinese, true, &is_exact_name);
    assert_eq!((found.encoding, found.equivalents), (Gbk, vec![Gb18030]));
    assert!(detect(b"name,country\nAda,Spain\n", true, &is_exact_name).equivalents.is_empty());
}

#[test]
fn single_byte_cells_equal_encoding_rs() {
    let every_byte: Vec<u8> = (0..=u8::MAX).collect();
    for &encoding in Encoding::all() {
        let Some(reference) = encoding_rs::Encoding::for_label(encoding.name().as_bytes()) else {
            continue;
        };
        if !reference.is_single_byte() {
            continue;
        }
        let mut text = String::new();
        CellDecoder::new(encoding).decode_cell(&every_byte, &mut text);
        let (expected, _) = reference.decode_without_bom_handling(&every_byte);
        assert_eq!(text, expected, "{encoding}");
    }
}
