//! The same bytes give the same rows, issues and summary, however they are cut and whatever is sampled.

mod seen;

use genesy_core::csv::encoding::Encoding;
use genesy_core::csv::normalize::{IssueCode, Lead, Normalizer, Options, Summary, normalize};
use proptest::prelude::*;
use seen::{Seen, from_slice, in_chunks};

const LEADS: &str = "First Name,Last Name,Email,Country,Company,Phone,Notes\r\n\
    José,García López,jose@example.es,España,\"Señal, S.A.\",+34 612 345 678,\"dos\r\nlíneas\"\r\n\
    Zoë,Müller,zoe@example.de,XXX,Zoë GmbH,0171 2345678,\"she said \"\"hi\"\"\"\r\n\
    \r\n\
    Ann,Lee,ANN@example.com,12,Lee Inc,,short\r\n\
    Ann,Lee,ann@example.com,UK,Lee Inc,not a phone,again\r\n\
    Bob,,,France,,,no company and no address\r\n\
    Eve,Stone,eve@example.com,\"Sw\"eden,Stone,,stray quote\r\n\
    Max,\"Open,max@example.com,Peru,Open Ltd,,never closed\r\n\
    Íñigo,Núñez,inigo@example.es,México,Núñez,,last\r\n";

fn utf16(text: &str, bom: bool, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let mark = bom.then_some(0xFEFF);
    mark.into_iter().chain(text.encode_utf16()).flat_map(to_bytes).collect()
}

/// Encodes what windows-1252 shares with Unicode.
fn latin(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).expect("a letter of Latin-1")).collect()
}

fn encode(text: &str, encoding: Encoding) -> Vec<u8> {
    let label = encoding_label(encoding);
    let (bytes, _, failed) = label.encode(text);
    assert!(!failed);
    bytes.into_owned()
}

fn encoding_label(encoding: Encoding) -> &'static encoding_rs::Encoding {
    encoding_rs::Encoding::for_label(encoding.name().as_bytes()).expect("a WHATWG encoding")
}

/// The file in one encoding after the other, with what it has to be found to be.
fn encodings() -> Vec<(&'static str, Encoding, Vec<u8>)> {
    let east = |names: [&str; 3]| {
        let rows: String = (0..40)
            .map(|n| format!("{},{}{n},user{n}@example.com,{}\r\n", names[0], names[1], names[2]))
            .collect();
        format!("name,company,email,country\r\n{rows}")
    };
    let japanese = east(["山田太郎", "株式会社表", "日本"]);
    let chinese = east(["王小明", "北京科技有限公司", "中国"]);
    vec![
        ("UTF-8", Encoding::Utf8, LEADS.as_bytes().to_vec()),
        ("UTF-8 with BOM", Encoding::Utf8, format!("\u{FEFF}{LEADS}").into_bytes()),
        ("windows-1252", Encoding::Windows1252, latin(LEADS)),
        ("UTF-16LE", Encoding::Utf16Le, utf16(LEADS, false, u16::to_le_bytes)),
        ("UTF-16LE with BOM", Encoding::Utf16Le, utf16(LEADS, true, u16::to_le_bytes)),
        ("UTF-16BE", Encoding::Utf16Be, utf16(LEADS, false, u16::to_be_bytes)),
        ("UTF-16BE with BOM", Encoding::Utf16Be, utf16(LEADS, true, u16::to_be_bytes)),
        ("Shift_JIS", Encoding::ShiftJis, encode(&japanese, Encoding::ShiftJis)),
        ("GBK", Encoding::Gbk, encode(&chinese, Encoding::Gbk)),
        ("EUC-JP", Encoding::EucJp, encode(&japanese, Encoding::EucJp)),
    ]
}

#[test]
fn chunks_of_any_size_give_what_the_slice_gives() {
    for (name, encoding, file) in encodings() {
        let options = Options::default();
        let expected = from_slice(&file, &options).expect(name);
        let understanding = Normalizer::from_slice(&file, options.clone()).expect(name);
        let understanding = understanding.into_understanding().expect(name);
        assert_eq!(understanding.encoding.encoding, encoding, "{name}");
        assert!(expected.rows.len() >= 8, "{name}");
        for size in [1, 2, 3, 5, 7, 16, 61, 1024, file.len()] {
            let seen = in_chunks(file.chunks(size), &options).expect(name);
            assert_eq!(seen, expected, "{name} in chunks of {size}");
        }
    }
}

#[test]
fn a_sample_smaller_than_the_file_does_not_depend_on_chunks() {
    for (name, _, file) in encodings() {
        for sample_bytes in [200, 333, file.len() - 1, file.len(), file.len() + 1] {
            let mut options = Options::default();
            options.sample_bytes = sample_bytes;
            let expected = from_slice(&file, &options).expect(name);
            for size in [1, 64, 199, file.len()] {
                let seen = in_chunks(file.chunks(size), &options).expect(name);
                assert_eq!(seen, expected, "{name}, sample {sample_bytes}, chunks of {size}");
            }
        }
    }
}

#[test]
fn leads_are_the_same_in_every_encoding_of_the_same_text() {
    let leads = |seen: Seen| seen.rows.into_iter().map(|row| row.lead).collect::<Vec<Lead>>();
    let texts = |seen: Seen| (seen.summary.clone(), leads(seen));
    let files = encodings();
    let utf8 = texts(from_slice(&files[0].2, &Options::default()).expect("UTF-8"));
    for (name, _, file) in &files[1..7] {
        assert_eq!(texts(from_slice(file, &Options::default()).expect(name)), utf8, "{name}");
    }
}

#[test]
fn a_row_stands_where_its_byte_offset_says() {
    for (name, encoding, file) in encodings() {
        // Far behind the header, too.
        let (header, rows) = file.split_at(first_row(encoding, &file));
        let file = [header, &rows.repeat(12_000 / rows.len() + 1)].concat();
        let seen = from_slice(&file, &Options::default()).expect(name);
        for row in &seen.rows {
            let in_file = if encoding == Encoding::Utf8 {
                row.raw.clone()
            } else {
                let text = std::str::from_utf8(&row.raw).expect("decoded");
                match encoding {
                    Encoding::Utf16Le => utf16(text, false, u16::to_le_bytes),
                    Encoding::Utf16Be => utf16(text, false, u16::to_be_bytes),
                    _ => encode(text, encoding),
                }
            };
            let at = row.byte_offset as usize;
            let is_there = file[at..].starts_with(&in_file);
            assert!(is_there, "{name}: row {} is not at byte {at}", row.number);
        }
        for size in [31, 2048, 10_001] {
            let in_chunks = in_chunks(file.chunks(size), &Options::default()).expect(name);
            assert_eq!(in_chunks, seen, "{name} in chunks of {size}");
        }
    }
}

/// The byte behind the first line.
fn first_row(encoding: Encoding, file: &[u8]) -> usize {
    let unit = if matches!(encoding, Encoding::Utf16Le | Encoding::Utf16Be) { 2 } else { 1 };
    let line_end = file.iter().position(|&byte| byte == b'\n').expect("lines");
    (line_end / unit + 1) * unit
}

#[test]
fn malformed_bytes_shift_only_what_is_near() {
    // Each is three bytes that are counted as one, and the row that has them is in doubt.
    let malformed = b"\x8F\xA1,a@example.com,JP\n".repeat(2000);
    let rows = encode(&"\u{5C71}\u{7530},b@example.com,JP\n".repeat(2000), Encoding::EucJp);
    let file = [&b"name,email,country\n"[..], &malformed, &rows].concat();
    let mut options = Options::default();
    options.encoding = Some(Encoding::EucJp);
    let seen = from_slice(&file, &options).expect("rows");
    assert!(seen.rows.len() >= 4000);
    let last = seen.rows.last().expect("rows");
    assert!(file[last.byte_offset as usize..].starts_with(b"\xBB\xB3\xC5\xC4,b@"));
    assert_eq!(in_chunks(file.chunks(777), &options).expect("rows"), seen);
}

#[test]
fn rows_come_before_the_end_is_fed() {
    let mut options = Options::default();
    options.sample_bytes = 64;
    let mut normalizer = Normalizer::push(options);
    normalizer.feed(b"email,country\n").expect("text");
    assert!(normalizer.understanding().is_none() && normalizer.next_row().is_none());
    let rows = b"ada@example.com,ES\n".repeat(10);
    normalizer.feed(&rows).expect("text");
    assert!(normalizer.understanding().is_some());
    assert!(normalizer.next_row().is_some());
}

#[test]
fn the_same_error_comes_for_ever_after() {
    let mut normalizer = Normalizer::push(Options::default());
    normalizer.feed(b"%PDF-1.7\n").expect("still sampling");
    let error = normalizer.finish().expect_err("a PDF is no table");
    assert_eq!(normalizer.finish(), Err(error));
    assert_eq!(normalizer.feed(b"email\nada@example.com\n"), Err(error));
    assert!(normalizer.next_row().is_none());
    assert_eq!(normalizer.summary(), Summary::default());
}

/// A file of cells that mean something, cut anywhere.
fn file() -> impl Strategy<Value = String> {
    let cell = prop::sample::select(
        &[
            "",
            "ada@example.com",
            "España",
            "XXX",
            "\"a,b\"",
            "\"a\r\nb\"",
            "x\"y",
            "\"open",
            "12",
            "é",
        ][..],
    );
    let row = prop::collection::vec(cell, 1..6).prop_map(|cells| cells.join(","));
    let end = prop::sample::select(&["\n", "\r\n", "\r"][..]);
    prop::collection::vec((row, end), 1..14).prop_map(|rows| {
        let lines: String = rows.into_iter().map(|(row, end)| row + end).collect();
        format!("email,country,company,notes\n{lines}")
    })
}

proptest! {
    #[test]
    fn any_cuts_give_the_same_rows(
        text in file(),
        form in 0..3_u8,
        cuts in prop::collection::vec(0..40_usize, 0..12),
        sample_bytes in 20..400_usize,
    ) {
        let file = match form {
            0 => text.into_bytes(),
            1 => latin(&text),
            _ => utf16(&text, true, u16::to_le_bytes),
        };
        let mut options = Options::default();
        options.sample_bytes = sample_bytes;
        let mut chunks = Vec::new();
        let mut rest = &file[..];
        for cut in cuts {
            let (chunk, after) = rest.split_at(cut.min(rest.len()));
            chunks.push(chunk);
            rest = after;
        }
        chunks.push(rest);
        prop_assert_eq!(in_chunks(chunks, &options), from_slice(&file, &options));
    }
}

#[test]
fn a_cell_stands_where_it_stands_whichever_way_its_row_is_read() {
    let row = "\"a \"\"q\"\" b\",\"c\",XXX,ada@example.com\n";
    // The first file's row is regular; in the second one a stray quote comes before it.
    for before in ["Bob,,Spain,bob@example.com\n", "Bob \"x\" y,,Spain,bob@example.com\n"] {
        let file = ["name,note,country,email\n", before, row].concat();
        let done = normalize(file.as_bytes(), &Options::default()).expect("a leads file");
        let issue = done.issues.iter().find(|issue| issue.code == IssueCode::CountryPlaceholder);
        let offset = issue.map(|issue| issue.byte_offset as usize);
        assert_eq!(offset, file.find("XXX"), "{before}");
    }
}
