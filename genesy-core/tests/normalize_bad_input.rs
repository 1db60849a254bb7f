//! Files that are not what they should be: a clear result or error, in bounded time, never a panic.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a test may look at the clock"
)]

use std::time::{Duration, Instant};

use genesy_core::csv::encoding::{BinaryKind, Encoding};
use genesy_core::csv::normalize::{
    FileError, IssueCode, Normalized, Normalizer, Options, Outcome, RequiredFields, Summary,
    normalize,
};

/// What a file may cost at most: generous, as tests run unoptimised and in parallel.
const TIME_MAX: Duration = Duration::from_secs(20);

fn read(file: &[u8]) -> Result<Normalized, FileError> {
    let start = Instant::now();
    let done = normalize(file, &Options::default());
    assert!(start.elapsed() < TIME_MAX, "took {:?}", start.elapsed());
    done
}

/// Counts rows without keeping them.
fn count(file: &[u8]) -> Result<Summary, FileError> {
    let start = Instant::now();
    let mut normalizer = Normalizer::from_slice(file, Options::default())?;
    while normalizer.next_row().is_some() {}
    assert!(start.elapsed() < TIME_MAX, "took {:?}", start.elapsed());
    Ok(normalizer.summary())
}

#[test]
fn a_file_with_nothing_in_it_is_empty() {
    for file in [
        &b""[..],
        b"\xEF\xBB\xBF",
        b"\xFF\xFE",
        b"\xFE\xFF",
        b"\n",
        b" \t \r\n \n",
        b"\xEF\xBB\xBF\r\n\r\n",
        b"\xFF\xFE\r\0\n\0",
    ] {
        assert_eq!(read(file).err(), Some(FileError::Empty), "{}", file.escape_ascii());
    }
    let advice = FileError::Empty.to_string();
    assert!(advice.contains("empty") && advice.contains("header"), "{advice}");
}

#[test]
fn a_file_of_no_break_spaces_is_empty_too() {
    assert_eq!(read(b"\xEF\xBB\xBF \xC2\xA0\r\n").err(), Some(FileError::Empty));
}

#[test]
fn a_header_alone_is_a_table_without_leads() {
    for file in [&b"Email,First Name,Country"[..], b"Email,First Name,Country\r\n"] {
        let done = read(file).expect("a table");
        assert_eq!(done.leads.len(), 0, "{}", file.escape_ascii());
        assert_eq!(done.summary, Summary::default());
        assert_eq!(done.understanding.header, ["Email", "First Name", "Country"]);
    }
}

#[test]
fn other_formats_are_named_with_what_to_do() {
    let xlsx = b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0[Content_Types].xml....xl/workbook.xml";
    for (file, kind, name, advice) in [
        (&xlsx[..], BinaryKind::Xlsx, "Excel", "CSV"),
        (b"PK\x03\x04\x14\0\0\0\x08\0leads.csv\x12\x34", BinaryKind::Zip, "ZIP", "unpack"),
        (b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n1 0 obj", BinaryKind::Pdf, "PDF", "CSV"),
        (b"\x1F\x8B\x08\0\0\0\0\0\0\x03\xCB\x48", BinaryKind::Gzip, "gzip", "unpack"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0", BinaryKind::Xls, "Excel", "CSV"),
        (b"<!DOCTYPE html><html><table>", BinaryKind::Html, "HTML", "CSV"),
        (b"<html><body>Sign in", BinaryKind::Html, "HTML", "CSV"),
        (b"[{\"email\": \"ada@example.com\"}]", BinaryKind::Json, "JSON", "CSV"),
        (b"SQLite format 3\0\x10\0", BinaryKind::Sqlite, "SQLite", "CSV"),
        (b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR", BinaryKind::Png, "PNG", "CSV"),
    ] {
        let error = read(file).expect_err(name);
        assert_eq!(error, FileError::Binary { kind });
        let text = error.to_string();
        assert!(text.contains(name) && text.contains(advice), "{text}");
    }
}

#[test]
fn random_bytes_are_no_table() {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut byte = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    let file: Vec<u8> = (0..300_000).map(|_| byte()).collect();
    assert_eq!(read(&file).err(), Some(FileError::Binary { kind: BinaryKind::Unknown }));
}

#[test]
fn ten_megabytes_without_a_line_end_are_cut_and_reported() {
    let mut file = b"email,notes\nada@example.com,".to_vec();
    file.resize(10_000_000, b'x');
    let done = read(&file).expect("a table");
    assert_eq!(done.leads.len(), 1);
    let codes: Vec<_> = done.issues.iter().map(|issue| issue.code).collect();
    assert!(
        codes.contains(&IssueCode::CellTooLong) || codes.contains(&IssueCode::RecordTooLong),
        "{codes:?}"
    );
    let alone = vec![b'x'; 10_000_000];
    assert_eq!(count(&alone).expect("a header without rows").leads(), 0);
}

#[test]
fn rows_behind_a_line_that_is_too_long_are_read() {
    let mut file = b"email,notes\nada@example.com,x\nbob@example.com,".to_vec();
    file.resize(3_000_000, b'x');
    file.extend_from_slice(b"\neve@example.com,y\n");
    let done = read(&file).expect("a table");
    let addresses: Vec<_> =
        done.leads.iter().map(|lead| lead.email.as_ref().expect("an address").as_str()).collect();
    assert_eq!(addresses, ["ada@example.com", "bob@example.com", "eve@example.com"]);
}

#[test]
fn a_million_columns_are_cut_and_reported() {
    let mut file = b"email,country\nada@example.com,ES".to_vec();
    file.resize(1_000_000, b',');
    file.extend_from_slice(b"\nbob@example.com,FR\n");
    let done = read(&file).expect("a table");
    assert_eq!(done.leads.len(), 2);
    let summary = &done.summary.issues;
    assert!(summary.contains_key(&IssueCode::TooManyColumns), "{summary:?}");
    let header: Vec<u8> = (0..200_000).flat_map(|n| format!("c{n},").into_bytes()).collect();
    let file = [&header[..], b"\nada@example.com,ES\n"].concat();
    count(&file).expect("a table");
}

#[test]
fn quotes_upon_quotes_end() {
    for file in [
        [&b"email,notes\nada@example.com,"[..], &b"\"".repeat(300_001)].concat(),
        [&b"email,notes\n"[..], &b"\"a\"b\",".repeat(50_000)].concat(),
        [&b"email,notes\n"[..], &b"\"open,\n".repeat(20_000)].concat(),
        b"\"".repeat(100_000),
        b"\"\n".repeat(50_000),
        b",".repeat(100_000),
        b",\n".repeat(50_000),
        b"\\\"".repeat(50_000),
        // A header, as it seems, of more than 255 rows.
        [&b"email,country,company\n"[..], &b"x\",\"y\n".repeat(256)].concat(),
    ] {
        // A result or an error: both are clear, and both came in time.
        if let Ok(summary) = count(&file) {
            let outcomes = summary.leads() + summary.rejected + summary.duplicates;
            assert_eq!(outcomes + summary.outside_table, summary.rows);
        }
    }
}

#[test]
fn an_open_quote_costs_its_own_row_alone() {
    let rows: String = (0..500).map(|n| format!("user{n}@example.com,\"Co, {n}\",ES\n")).collect();
    let file = format!("email,company,country\nada@example.com,\"Open Ltd,FR\n{rows}");
    let done = read(file.as_bytes()).expect("a table");
    assert_eq!(done.leads.len(), 501);
    let issue = done.issues.iter().find(|issue| issue.code == IssueCode::UnclosedQuote);
    let issue = issue.expect("reported");
    assert_eq!((issue.row, issue.line, issue.column), (1, 2, Some(1)));
    assert_eq!(file.as_bytes()[issue.byte_offset as usize], b'"');
    let company = done.leads[500].company_name.as_ref().map(|company| company.as_str());
    assert_eq!(company, Some("Co, 499"));
}

#[test]
fn an_open_quote_does_not_take_the_quotes_of_other_rows_away() {
    let rows: String = (0..500).map(|n| format!("user{n}@example.com,Co {n},ES\n")).collect();
    let file = format!(
        "email,company,country\nbob@example.com,\"Bob, Ltd\",FR\nada@example.com,\"Open Ltd,FR\n{rows}"
    );
    let done = read(file.as_bytes()).expect("a table");
    let company = done.leads[0].company_name.as_ref().map(|company| company.as_str());
    assert_eq!(company, Some("Bob, Ltd"));
    assert_eq!(done.leads[0].country.map(|country| country.alpha2()), Some("FR"));
    assert!(done.summary.issues.contains_key(&IssueCode::UnclosedQuote), "{:?}", done.summary);
}

#[test]
fn a_lone_quote_is_text_and_costs_no_row() {
    let rows: String = (0..500).map(|n| format!("user{n}@example.com,Co {n},ES\n")).collect();
    let file = format!("email,company,country\nada@example.com,\"Open Ltd,FR\n{rows}");
    let done = read(file.as_bytes()).expect("a table");
    assert_eq!(done.leads.len(), 501);
    let company = done.leads[0].company_name.as_ref().map(|company| company.as_str());
    assert!(company.is_some_and(|company| company.ends_with("Open Ltd")));
    assert_eq!(done.leads[0].country.map(|country| country.alpha2()), Some("FR"));
}

#[test]
fn a_bad_byte_in_utf8_is_one_issue_of_one_cell() {
    let rows = "Jos\u{e9},jose@example.es,Espa\u{f1}a\n".repeat(40);
    let mut file = format!("name,email,country\n{rows}").into_bytes();
    let at = file.len();
    file.extend_from_slice(b"Ren\xE9e,renee@example.fr,France\nAda,ada@example.com,UK\n");
    let done = read(&file).expect("a table");
    assert_eq!(done.understanding.encoding.encoding.name(), "UTF-8");
    let bad: Vec<_> =
        done.issues.iter().filter(|issue| issue.code == IssueCode::UndecodableBytes).collect();
    assert_eq!(bad.len(), 1);
    assert_eq!((bad[0].row, bad[0].column, bad[0].byte_offset), (41, Some(0), at as u64));
    let last = done.leads.last().expect("leads");
    assert_eq!(last.first_name.as_ref().map(|name| name.as_str()), Some("Ada"));
}

#[test]
fn truncated_utf16_keeps_the_whole_rows() {
    let text = "email,country\nada@example.com,Espa\u{f1}a\nbob@example.com,France\n";
    let file: Vec<u8> =
        [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for cut in 1..20 {
        let done = read(&file[..file.len() - cut]).expect("a table");
        assert_eq!(done.leads[0].country.map(|country| country.alpha2()), Some("ES"), "{cut}");
    }
    // Half of a surrogate pair, and half a code unit.
    for tail in [&b"\x3D\xD8"[..], b"\x3D"] {
        read(&[&file[..], tail].concat()).expect("a table");
    }
}

#[test]
fn nul_bytes_are_left_out_and_reported() {
    let done = read(b"email,company,country\nada@example.com,Ac\0me,E\0S\nbob@example.com,Bo,FR\n")
        .expect("a table");
    let lead = &done.leads[0];
    assert_eq!(lead.company_name.as_ref().map(|name| name.as_str()), Some("Acme"));
    assert_eq!(lead.country.map(|country| country.alpha2()), Some("ES"));
    let nul: Vec<_> = done.issues.iter().filter(|i| i.code == IssueCode::NulByte).collect();
    assert!(!nul.is_empty() && nul.iter().all(|issue| issue.row == 1));
}

#[test]
fn lone_carriage_returns_end_lines() {
    let done = read(b"email,country\rada@example.com,ES\rbob@example.com,XXX\r").expect("a table");
    assert_eq!(done.summary.leads(), 2);
    assert_eq!((done.issues[0].row, done.issues[0].line), (2, 3));
    // All three kinds in one file.
    let done =
        read(b"email,country\r\nada@example.com,ES\nbob@example.com,FR\reve@example.com,IT\n")
            .expect("a table");
    assert_eq!(done.summary.leads(), 3);
}

#[test]
fn limits_are_options_and_are_reported() {
    let mut options = Options::default();
    options.limits.field_bytes_max = 40;
    options.limits.columns_max = 3;
    let notes = "n".repeat(60);
    let file =
        format!("email,company,notes\nada@example.com,Acme,{notes}\nb@example.com,B,x,y,z\n");
    let mut normalizer = Normalizer::from_slice(file.as_bytes(), options).expect("a table");
    let row = normalizer.next_row().expect("the first row");
    assert_eq!(row.outcome, Outcome::Imported);
    assert!(row.issues.iter().any(|issue| issue.code == IssueCode::CellTooLong));
    assert_eq!(row.cells().nth(2), Some(&notes[..40]));
    let row = normalizer.next_row().expect("the second row");
    assert!(row.issues.iter().any(|issue| issue.code == IssueCode::TooManyColumns));
    assert_eq!(row.cells().len(), 3);
}

#[test]
fn a_sample_of_no_bytes_at_all_ends_too() {
    for sample_bytes in [0, 1, 2] {
        let mut options = Options::default();
        options.sample_bytes = sample_bytes;
        let file = b"email,country\nada@example.com,ES\n";
        if let Ok(done) = normalize(file, &options) {
            assert!(done.summary.rows <= 2);
        }
    }
}

#[test]
fn a_cell_is_cut_between_two_characters_in_any_encoding() {
    let text = "name;email;note\néééé;ada@example.com;été\n";
    let windows: Vec<u8> = text.chars().map(|character| u32::from(character) as u8).collect();
    for (file, encoding) in
        [(text.as_bytes(), Encoding::Utf8), (windows.as_slice(), Encoding::Windows1252)]
    {
        let mut options = Options::default();
        options.encoding = Some(encoding);
        options.limits.field_bytes_max = 5;
        options.required = RequiredFields::nothing();
        let mut normalizer = Normalizer::from_slice(file, options).expect("a leads file");
        let row = normalizer.next_row().expect("a row");
        assert_eq!(row.cells().collect::<Vec<_>>(), ["éé", "ada@e", "été"], "{encoding}");
    }
}
