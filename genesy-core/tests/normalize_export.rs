//! Results on their way out: CSV for people, CSV to mend, JSON for programs, codes that stay.

use genesy_core::csv::normalize::{
    CsvWriter, IssueCode, Normalized, Normalizer, Options, Outcome, Severity, escape_formula,
    normalize,
};
use proptest::prelude::*;

const UGLY: &str = "Correo;Empresa;País;Teléfono;Notas;Nombre\n\
    ada@example.com;\"Señal; S.A.\";España;+34 612 345 678;=1+1;Ada\n\
    ;Acme;XXX;;@SUM(A1);\n\
    bob@example.com;Bob;UK;;\"a \"\"quote\"\"\";Bob\n\
    BOB@example.com;Bob;UK;;;Bob\n\
    ;;France;;no name;\n";

/// The clean export and the rejected rows of a file.
fn exported(file: &[u8], mut writer: CsvWriter) -> (Vec<u8>, Vec<u8>) {
    let mut normalizer = Normalizer::from_slice(file, Options::default()).expect("a table");
    let mut rejected = CsvWriter::verbatim();
    let understanding = normalizer.understanding().expect("begun").clone();
    writer.clean_header(&understanding);
    rejected.rejected_header(&understanding);
    while let Some(row) = normalizer.next_row() {
        match row.outcome {
            Outcome::Imported => writer.clean_row(&row),
            Outcome::Rejected => rejected.rejected_row(&row),
            _ => {}
        }
    }
    (writer.take(), rejected.take())
}

fn table(csv: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv);
    reader
        .records()
        .map(|record| record.expect("RFC 4180").iter().map(str::to_owned).collect())
        .collect()
}

#[test]
fn the_clean_export_keeps_the_original_columns_and_adds_ours() {
    let (clean, _) = exported(UGLY.as_bytes(), CsvWriter::new());
    let rows = table(&clean);
    assert_eq!(rows[0][..6], ["Correo", "Empresa", "País", "Teléfono", "Notas", "Nombre"]);
    assert!(rows[0][6..].iter().all(|name| name.starts_with("genesy_")), "{:?}", rows[0]);
    assert_eq!(rows.len(), 3);
    let originals = ["ada@example.com", "Señal; S.A.", "España", "+34 612 345 678", "'=1+1", "Ada"];
    assert_eq!(rows[1][..6], originals);
    let column = |name: &str| rows[0].iter().position(|header| header == name).expect("a column");
    assert_eq!(rows[1][column("genesy_country")], "ES");
    assert_eq!(rows[1][column("genesy_phone")], "+34612345678");
    assert_eq!(rows[2][column("genesy_country")], "GB");
    assert_eq!(rows[2][4], "a \"quote\"");
}

#[test]
fn formulas_are_escaped_in_every_column_unless_it_is_for_programs() {
    let file = "email,company,job title,notes\nada@example.com,=cmd(),+A1,\t@x\n";
    let (clean, _) = exported(file.as_bytes(), CsvWriter::new());
    for row in table(&clean) {
        for cell in row {
            let first = cell.bytes().next();
            assert!(!matches!(first, Some(b'=' | b'@' | b'\t' | b'\r')), "{cell:?}");
            assert!(first != Some(b'+') || !cell.contains(char::is_alphabetic), "{cell:?}");
        }
    }
    let (clean, _) = exported(file.as_bytes(), CsvWriter::verbatim());
    assert_eq!(table(&clean)[1][1], "=cmd()");
    for (cell, escaped) in [
        ("=1", "'=1"),
        ("@a", "'@a"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("+a", "'+a"),
        ("-a", "'-a"),
    ] {
        assert_eq!(escape_formula(cell), escaped);
    }
    assert_eq!(escape_formula("+34 612 345 678"), "+34 612 345 678");
}

#[test]
fn cells_behind_the_last_column_are_exported_too() {
    let rows: String = (0..300).map(|n| format!("user{n}@example.com,Co {n}\n")).collect();
    let ragged = "ada@example.com,Acme,behind the last\n,Bob,also behind\n";
    let file = format!("email,company\n{rows}{ragged}");
    let (clean, rejected) = exported(file.as_bytes(), CsvWriter::verbatim());
    let holds = |csv: &[u8], text: &str| table(csv).concat().iter().any(|c| c.contains(text));
    assert!(holds(&clean, "behind the last"), "lost in the clean export");
    assert!(holds(&rejected, "also behind"), "lost among the rejected rows");
}

#[test]
fn rejected_rows_can_be_mended_and_imported_again() {
    let file = "email,name,company,country\n,Ada Lovelace,,ES\nbroken,,Acme,FR\nok@x.com,,,IT\n";
    let (_, rejected) = exported(file.as_bytes(), CsvWriter::new());
    let rows = table(&rejected);
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0][..4], ["email", "name", "company", "country"]);
    assert_eq!(rows[1][4], "2", "the line in the file");
    let enough = "add an e-mail address, or a name with a company";
    assert_eq!(rows[1][5], enough);
    assert_eq!(rows[2][5], format!("{enough}; email: correct the e-mail address"));

    let mut mended = CsvWriter::new();
    mended.record(&rows[0]);
    for (row, address) in rows[1..].iter().zip(["ada@x.com", "bob@x.com"]) {
        mended.record([address].into_iter().chain(row[1..].iter().map(String::as_str)));
    }
    let again = normalize(&mended.take(), &Options::default()).expect("a table");
    assert_eq!((again.summary.leads(), again.summary.rejected), (2, 0));
    let right = "email,name,company,country\nada@x.com,Ada Lovelace,,ES\nbob@x.com,,Acme,FR\n";
    let expected = normalize(right.as_bytes(), &Options::default()).expect("a table");
    for (lead, expected) in again.leads.iter().zip(&expected.leads) {
        assert_eq!((&lead.email, &lead.country), (&expected.email, &expected.country));
        assert_eq!(
            (&lead.first_name, &lead.last_name),
            (&expected.first_name, &expected.last_name)
        );
        assert_eq!(lead.company_name, expected.company_name);
    }
}

#[test]
fn everything_comes_back_from_json_as_it_was() {
    let done = normalize(UGLY.as_bytes(), &Options::default()).expect("a table");
    assert!(!done.leads.is_empty() && !done.issues.is_empty() && !done.rejected.is_empty());
    let json = serde_json::to_string(&done).expect("JSON");
    let back: Normalized = serde_json::from_str(&json).expect("the same");
    assert_eq!(back, done);
    assert!(json.contains("ada@example.com") && json.contains("\"country_placeholder\""), "{json}");
    let options = serde_json::to_string(&Options::default()).expect("JSON");
    assert_eq!(serde_json::from_str::<Options>(&options).expect("the same"), Options::default());
    assert_eq!(serde_json::from_str::<Options>("{}").expect("defaults"), Options::default());
}

#[test]
fn issue_codes_are_stable_strings() {
    let stable = [
        "quote_inside_cell",
        "text_behind_quote",
        "unclosed_quote",
        "nul_byte",
        "cell_too_long",
        "record_too_long",
        "too_many_columns",
        "row_too_short",
        "row_too_long",
        "undecodable_bytes",
        "mojibake_repaired",
        "placeholder_emptied",
        "email_invalid",
        "email_cleaned",
        "email_several",
        "email_suspicious",
        "country_placeholder",
        "country_number",
        "country_ambiguous",
        "country_dissolved",
        "country_reserved",
        "country_other_code",
        "country_unknown",
        "country_interpreted",
        "phone_unreadable",
        "phone_no_region",
        "phone_precision_lost",
        "phone_invalid",
        "phone_several",
        "phone_repaired",
        "website_invalid",
        "website_free_mail",
        "website_elsewhere",
        "linkedin_invalid",
        "years_invalid",
        "name_split_doubt",
        "outside_table",
        "missing_required",
        "duplicate_email",
        "duplicate_phone",
    ];
    let codes: Vec<_> = IssueCode::ALL.iter().map(|code| code.as_str()).collect();
    for text in stable {
        assert!(codes.contains(&text), "{text} is gone: stored results name it");
        let code: IssueCode = serde_json::from_value(text.into()).expect(text);
        assert_eq!(code.to_string(), text);
        assert!(!code.advice().is_empty());
    }
    assert_eq!(IssueCode::MissingRequired.severity(), Severity::Error);
    assert_eq!(IssueCode::CountryPlaceholder.severity(), Severity::Warning);
}

proptest! {
    #[test]
    fn written_records_are_read_back_by_the_csv_crate(
        rows in prop::collection::vec(
            prop::collection::vec("[a-c ,;\"'\r\n\t=é]{0,6}", 1..5),
            1..8,
        ),
    ) {
        let mut writer = CsvWriter::verbatim();
        for row in &rows {
            writer.record(row);
        }
        let bytes = writer.take();
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(&bytes[..]);
        let back: Vec<Vec<String>> = reader
            .records()
            .map(|record| record.expect("RFC 4180").iter().map(str::to_owned).collect())
            .collect();
        prop_assert_eq!(back, rows);
    }

    #[test]
    fn an_escaped_cell_is_no_formula_and_holds_its_text(cell in "[=@+\\-\t\ra-c0-9 ]{0,8}") {
        let escaped = escape_formula(&cell);
        prop_assert!(escaped == cell.as_str() || escaped.strip_prefix('\'') == Some(&cell[..]));
        prop_assert!(!escaped.starts_with(['=', '@', '\t', '\r']));
        let is_number = |text: &str| !text.contains(|c: char| c.is_alphabetic() || c == '=');
        prop_assert!(!escaped.starts_with(['+', '-']) || is_number(&escaped));
    }
}
