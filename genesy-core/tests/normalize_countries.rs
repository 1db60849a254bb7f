//! Countries: the lead stays, a cell that names none is empty, and the issue says what was where.

use genesy_core::csv::normalize::{Action, Issue, IssueCode, Normalized, Options, normalize};

fn read(file: &[u8]) -> Normalized {
    normalize(file, &Options::default()).expect("a table")
}

fn countries(done: &Normalized) -> Vec<Option<&'static str>> {
    done.leads.iter().map(|lead| lead.country.map(|country| country.alpha2())).collect()
}

/// Country cells below each other, each with an address, in a file of enough good neighbours.
fn column(cells: &[&str]) -> Normalized {
    let rows: String = cells
        .iter()
        .enumerate()
        .map(|(row, cell)| format!("user{row}@example.com,{cell},note\n"))
        .collect();
    read(format!("email,country,notes\n{rows}").as_bytes())
}

fn country_issues(done: &Normalized) -> Vec<&Issue> {
    done.issues.iter().filter(|issue| issue.code.as_str().starts_with("country_")).collect()
}

#[test]
fn marks_around_a_garbled_country_do_not_hide_it() {
    let done = column(&["\u{FEFF}M√©xico", "\u{FEFF}Espa\u{FFFD}a", "M√©xico\u{200B}", "Spain"]);
    assert_eq!(countries(&done), [Some("MX"), Some("ES"), Some("MX"), Some("ES")]);
}

#[test]
fn what_is_no_country_empties_the_cell_and_keeps_the_lead() {
    let good = ["ES", "France", "Deutschland", "United States"];
    for (cell, code) in [
        ("XXX", IssueCode::CountryPlaceholder),
        ("N/A", IssueCode::CountryPlaceholder),
        ("-", IssueCode::CountryPlaceholder),
        ("Unknown", IssueCode::CountryPlaceholder),
        ("12", IssueCode::CountryNumber),
        ("Yugoslavia", IssueCode::CountryDissolved),
        ("Korea", IssueCode::CountryAmbiguous),
        ("France / Germany", IssueCode::CountryAmbiguous),
        ("EU", IssueCode::CountryReserved),
        ("Barcelona", IssueCode::CountryUnknown),
        ("Spanish", IssueCode::CountryUnknown),
    ] {
        let mut cells = good.to_vec();
        cells.push(cell);
        let done = column(&cells);
        assert_eq!(
            countries(&done),
            [Some("ES"), Some("FR"), Some("DE"), Some("US"), None],
            "{cell}"
        );
        let issues = country_issues(&done);
        assert_eq!(issues.len(), 1, "{cell}");
        let issue = issues[0];
        assert_eq!((issue.code, issue.action), (code, Action::Emptied), "{cell}");
        assert_eq!((issue.row, issue.line, issue.column), (5, 6, Some(1)), "{cell}");
        assert_eq!(issue.raw.reveal(), cell);
        assert_eq!(done.summary.imported_with_cells_emptied, 1, "{cell}");
        assert_eq!(done.summary.leads(), 5, "{cell}");
    }
}

#[test]
fn codes_variants_and_flags_are_read() {
    let done = column(
        &["UK", "EL", "GBR", "🇪🇸", "Ivory Coast", "Korea, Rep.", " es ", "Türkiye"]
            .map(|cell| if cell.contains(',') { "\"Korea, Rep.\"" } else { cell }),
    );
    let expected = ["GB", "GR", "GB", "ES", "CI", "KR", "ES", "TR"].map(Some);
    assert_eq!(countries(&done), expected);
    assert_eq!(country_issues(&done).iter().filter(|i| i.action == Action::Emptied).count(), 0);
}

#[test]
fn mojibake_is_repaired_and_its_raw_text_kept() {
    let done = column(&["EspaÃ±a", "MÃ©xico", "France"]);
    assert_eq!(countries(&done), [Some("ES"), Some("MX"), Some("FR")]);
    let repaired: Vec<_> = done
        .issues
        .iter()
        .filter(|issue| issue.action == Action::Repaired)
        .map(|issue| (issue.row, issue.column, issue.raw.reveal().as_str()))
        .collect();
    assert_eq!(repaired, [(1, Some(1), "EspaÃ±a"), (2, Some(1), "MÃ©xico")]);
    assert_eq!(done.summary.imported_with_cells_emptied, 0);
}

#[test]
fn na_is_namibia_where_the_column_lists_codes() {
    let codes = [
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
        "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "ZA", "BW", "NA",
    ];
    let done = column(&codes);
    assert_eq!(countries(&done).last(), Some(&Some("NA")));
    let names = ["Spain", "NA", "France", "NA", "Italy", "NA", "Germany"];
    let done = column(&names);
    let expected = [Some("ES"), None, Some("FR"), None, Some("IT"), None, Some("DE")];
    assert_eq!(countries(&done), expected);
    assert_eq!(country_issues(&done).len(), 3);
}

#[test]
fn digits_are_codes_in_a_column_of_numeric_codes_alone() {
    let numeric = ["724", "250", "276", "840", "012", "380", "12"];
    let expected = ["ES", "FR", "DE", "US", "DZ", "IT", "DZ"].map(Some);
    assert_eq!(countries(&column(&numeric)), expected);
    let names = ["Spain", "France", "724", "Germany", "Italy"];
    assert_eq!(countries(&column(&names))[2], None);
}

#[test]
fn an_empty_cell_is_no_issue() {
    let done = column(&["ES", "", "  ", "FR"]);
    assert_eq!(countries(&done), [Some("ES"), None, None, Some("FR")]);
    assert_eq!(country_issues(&done).len(), 0);
    assert_eq!(done.summary.imported, 4);
}

/// Asserts that the bytes at an issue's place are its raw text, as `encode` writes it.
fn assert_places(file: &[u8], done: &Normalized, encode: fn(&str) -> Vec<u8>) {
    let issues = country_issues(done);
    assert!(!issues.is_empty());
    for issue in issues {
        let raw = encode(issue.raw.reveal());
        let found = &file[issue.byte_offset as usize..][..raw.len()];
        assert_eq!(found.escape_ascii().to_string(), raw.escape_ascii().to_string());
    }
}

const PLACES: &str = "Nombre;Correo;País;Notas\r\n\
    José;jose@example.es;España;XXX\r\n\
    Íñigo;inigo@example.es;XXX;XXX\r\n\
    \"Núñez; Ana\";ana@example.es;\"12\";12\r\n\
    Zoë;zoe@example.fr;N/A;ñ\r\n";

#[test]
fn the_byte_offset_is_that_of_the_cell() {
    let utf8 = PLACES.as_bytes();
    assert_places(utf8, &read(utf8), |text| text.as_bytes().to_vec());
    let marked = [b"\xEF\xBB\xBF", utf8].concat();
    assert_places(&marked, &read(&marked), |text| text.as_bytes().to_vec());
    let latin: Vec<u8> = PLACES.chars().map(|c| c as u8).collect();
    assert_places(&latin, &read(&latin), |text| text.chars().map(|c| c as u8).collect());
    let to_utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let utf16 = [b"\xFF\xFE".to_vec(), to_utf16(PLACES)].concat();
    assert_places(&utf16, &read(&utf16), |text| {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    });
    let plain = to_utf16(PLACES);
    assert_places(&plain, &read(&plain), |text| {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    });
}

#[test]
fn the_byte_offset_is_exact_to_the_byte() {
    let file = b"email,country\nada@example.com,XXX\n\nbob@example.com, 12 \n";
    let done = read(file);
    let places: Vec<_> = done.issues.iter().map(|issue| (issue.line, issue.byte_offset)).collect();
    assert_eq!(places, [(2, 30), (4, 51)]);
}

#[test]
fn the_byte_offset_is_not_that_of_the_same_text_before() {
    let file = "email,company,country\n\
        \"a@x.com\",\"Acme XXX\",\"XXX\"\n\"b@x.com\",\"Acme\",\"ES\"\n";
    let done = read(file.as_bytes());
    assert_eq!(Some(done.issues[0].byte_offset as usize), file.rfind("XXX"));
}

#[test]
fn the_byte_offset_is_that_of_the_cell_where_quotes_are_doubled() {
    let file = "email,company,country\n\
        \"a@x.com\",\"Acme \"\"XXX\"\" Ltd\",\"XXX\"\n\"b@x.com\",\"Acme\",\"ES\"\n";
    let done = read(file.as_bytes());
    assert_eq!(Some(done.issues[0].byte_offset as usize), file.rfind("XXX"));
}

#[test]
fn the_byte_offset_is_that_of_the_cell_behind_malformed_bytes() {
    let rows = "山田太郎,株式会社表,user@example.com,日本\n".repeat(40);
    let (start, _, _) = encoding_rs::SHIFT_JIS.encode("name,company,email,country\n");
    let (rows, _, _) = encoding_rs::SHIFT_JIS.encode(&rows);
    let bad = b"\x83,Bad,bad@example.com,France\nAnn,Acme,ann@example.com,";
    let file = [&start[..], &rows, bad, b"XXX\n"].concat();
    let done = read(&file);
    assert_eq!(done.understanding.encoding.encoding.name(), "Shift_JIS");
    let issues = country_issues(&done);
    let issue = issues.last().expect("reported");
    assert_eq!(issue.raw.reveal(), "XXX");
    assert_eq!(issue.byte_offset as usize, file.len() - 4);
}
