//! Where the table is and what its columns are: found out, forced, chosen by hand or remembered.

use genesy_core::csv::dialect::{Delimiter, HeaderOption, MarkOption};
use genesy_core::csv::encoding::Encoding;
use genesy_core::csv::header::{Field, MappingReason, Overrides, SavedMapping, Target};
use genesy_core::csv::normalize::{
    IssueCode, Normalized, Normalizer, Options, Outcome, Summary, normalize,
};

fn read(file: &str) -> Normalized {
    read_with(file, &Options::default())
}

fn read_with(file: &str, options: &Options) -> Normalized {
    normalize(file.as_bytes(), options).expect("a table")
}

fn addresses(done: &Normalized) -> Vec<&str> {
    done.leads.iter().filter_map(|lead| lead.email.as_ref()).map(|email| email.as_str()).collect()
}

fn rows(count: usize, delimiter: char) -> String {
    let row = |n| format!("user{n}@example.com{delimiter}Company {n}{delimiter}Spain\n");
    (0..count).map(row).collect()
}

#[test]
fn excel_s_sep_line_is_no_row() {
    for delimiter in [';', '|', '\t', ','] {
        let file = format!(
            "sep={delimiter}\r\nemail{delimiter}company{delimiter}country\r\n{}",
            rows(5, delimiter)
        );
        let done = read(&file);
        assert_eq!(addresses(&done).len(), 5, "{delimiter:?}");
        assert!(done.understanding.dialect.sep_line);
        assert_eq!(done.understanding.header, ["email", "company", "country"]);
        assert_eq!(done.understanding.first_line, 3);
    }
}

#[test]
fn what_stands_before_the_table_is_no_row() {
    let file = format!("Leads of May\nExported by Ada\n\nemail;company;country\n{}", rows(6, ';'));
    let done = read(&file);
    assert_eq!(addresses(&done).len(), 6);
    assert_eq!(done.understanding.dialect.preamble.lines, 3);
    assert_eq!(done.understanding.first_line, 5);
    assert_eq!(done.summary.rejected, 0);
    let mut normalizer =
        Normalizer::from_slice(file.as_bytes(), Options::default()).expect("a table");
    let row = normalizer.next_row().expect("a row");
    assert_eq!(row.line, 5);
    assert!(file[row.byte_offset() as usize..].starts_with("user0@"));
}

#[test]
fn notes_behind_the_table_are_outside_of_it() {
    let file = format!("email,company,country\n{}\nTotal: 8 leads\n", rows(8, ','));
    let done = read(&file);
    assert_eq!(addresses(&done).len(), 8);
    assert_eq!((done.summary.outside_table, done.summary.rejected), (1, 0));
    let issue = done.issues.iter().find(|i| i.code == IssueCode::OutsideTable).expect("reported");
    assert_eq!(issue.raw.reveal(), "Total: 8 leads");
    assert!(file[issue.byte_offset as usize..].starts_with("Total"));
    assert_eq!(done.rejected.len(), 1);
}

#[test]
fn the_main_table_is_taken_and_the_other_reported() {
    let file =
        format!("email,company,country\n{}\n\nProduct,Price\nPen,3\nInk,5\nPad,7\n", rows(12, ','));
    let done = read(&file);
    assert_eq!(addresses(&done).len(), 12);
    assert_eq!(done.summary.outside_table, 4);
    assert_eq!(done.understanding.dialect.other_tables.len(), 1);
    let mut normalizer =
        Normalizer::from_slice(file.as_bytes(), Options::default()).expect("a table");
    let mut outcomes = Vec::new();
    while let Some(row) = normalizer.next_row() {
        outcomes.push(row.outcome);
    }
    assert_eq!(outcomes[11], Outcome::Imported);
    assert!(outcomes[12..].iter().all(|outcome| *outcome == Outcome::OutsideTable));
}

#[test]
fn a_header_of_two_rows_has_its_names_in_one_of_them() {
    let file = format!("Contact,,Place\nemail,company,country\n{}", rows(8, ','));
    let done = read(&file);
    assert_eq!(done.understanding.header, ["email", "company", "country"]);
    assert_eq!(done.understanding.dialect.header_rows, 2);
    assert_eq!((addresses(&done).len(), done.summary.rows), (8, 8));
}

#[test]
fn a_file_without_a_header_is_understood_by_its_cells() {
    let done = read(&rows(10, ','));
    assert_eq!(done.understanding.dialect.header_rows, 0);
    assert_eq!(addresses(&done).len(), 10);
    assert_eq!(done.leads[0].country.map(|country| country.alpha2()), Some("ES"));
    assert_eq!(done.understanding.first_line, 1);
}

#[test]
fn what_is_forced_is_taken_as_it_is() {
    let mut options = Options::default();
    options.dialect.header = HeaderOption::None;
    let file = format!("email,company,country\n{}", rows(3, ','));
    assert_eq!(read_with(&file, &options).summary.rows, 4);

    options.dialect.header = HeaderOption::Rows(1);
    let done = read_with(&rows(3, ','), &options);
    assert_eq!(done.understanding.header[0], "user0@example.com");
    assert_eq!(done.summary.rows, 2);

    let mut options = Options::default();
    options.dialect.delimiter = Some(Delimiter::PIPE);
    let done = read_with("email,x|company\nada@example.com|Acme, Inc\n", &options);
    assert_eq!(done.understanding.header, ["email,x", "company"]);

    let mut options = Options::default();
    options.dialect.quote = MarkOption::Byte(b'\'');
    let done = read_with("email,company\nada@example.com,'Acme, Inc'\n", &options);
    let company = done.leads[0].company_name.as_ref().map(|company| company.as_str());
    assert_eq!(company, Some("Acme, Inc"));

    options.dialect.quote = MarkOption::None;
    let done = read_with("email,company\nada@example.com,\"Acme\"\n", &options);
    let company = done.leads[0].company_name.as_ref().map(|company| company.as_str());
    assert_eq!(company, Some("\"Acme\""));

    let mut options = Options::default();
    options.dialect.skip_lines = Some(2);
    let done = read_with(&format!("email,a\nemail,b\nemail,c,d\n{}", rows(3, ',')), &options);
    assert_eq!(done.understanding.header, ["email", "c", "d"]);
}

#[test]
fn a_forced_encoding_is_used() {
    let file = b"email,company,country\nada@example.com,\xC4\xEE\xEC,XXX\n";
    let mut options = Options::default();
    options.encoding = Encoding::for_label("windows-1251");
    let done = normalize(file, &options).expect("a table");
    let company = done.leads[0].company_name.as_ref().map(|company| company.as_str());
    assert_eq!(company, Some("Дом"));
    assert_eq!(done.understanding.encoding.encoding.name(), "windows-1251");
    options.encoding = Some(Encoding::Windows1252);
    let done = normalize(file, &options).expect("a table");
    let company = done.leads[0].company_name.as_ref().map(|company| company.as_str());
    assert_eq!(company, Some("Äîì"));
}

#[test]
fn columns_can_be_chosen_by_header_and_by_position() {
    let file = "alpha,beta,email\nAcme,Boss,ada@example.com\nBolt,Chief,bob@example.com\n";
    let mut options = Options::default();
    options.overrides = Overrides::new()
        .header("ALPHA", Target::Field(Field::CompanyName))
        .index(1, Target::Field(Field::JobTitle))
        .header("email", Target::Extra);
    options.required = genesy_core::csv::normalize::RequiredFields::nothing();
    let done = read_with(file, &options);
    let lead = &done.leads[0];
    assert_eq!(lead.company_name.as_ref().map(|text| text.as_str()), Some("Acme"));
    assert_eq!(lead.job_title.as_ref().map(|text| text.as_str()), Some("Boss"));
    assert!(lead.email.is_none());
    assert_eq!(lead.extra[0].text.as_str(), "ada@example.com");
    let mapping = &done.understanding.mapping;
    assert!(mapping.columns.iter().all(|column| column.reason == MappingReason::Override));
}

#[test]
fn a_saved_mapping_reads_the_next_file_with_the_same_header() {
    let first = "alpha,beta,email\nAcme,Boss,ada@example.com\n";
    let mut options = Options::default();
    options.overrides = Overrides::new().header("alpha", Target::Field(Field::CompanyName));
    let saved = SavedMapping::from(&read_with(first, &options).understanding.mapping);
    let json = serde_json::to_string(&saved).expect("JSON");
    let mut options = Options::default();
    options.saved_mapping = Some(serde_json::from_str(&json).expect("the same"));

    let done = read_with("email,Beta,ALPHA\nbob@example.com,Chief,Bolt\n", &options);
    let company = done.leads[0].company_name.as_ref().map(|company| company.as_str());
    assert_eq!(company, Some("Bolt"), "in any order and case");
    assert_eq!(done.understanding.mapping.columns[2].reason, MappingReason::Saved);

    let done = read_with("email,beta,gamma\nbob@example.com,Chief,Bolt\n", &options);
    assert!(done.leads[0].company_name.is_none(), "another header: the mapping is not for it");

    options.overrides = Overrides::new().header("alpha", Target::Extra);
    let done = read_with("email,beta,alpha\nbob@example.com,Chief,Bolt\n", &options);
    assert!(done.leads[0].company_name.is_none(), "a choice by hand wins");
}

#[test]
fn headers_are_known_in_many_languages() {
    for (header, field) in [
        ("Correo electrónico", Field::Email),
        ("Nachname", Field::LastName),
        ("Prénom", Field::FirstName),
        ("Nome completo", Field::FullName),
        ("国", Field::Country),
        ("Empresa", Field::CompanyName),
        ("Telefonnummer", Field::Phone),
        ("Stanowisko", Field::JobTitle),
    ] {
        let file = format!("{header},zzz\nx,y\n");
        let mut options = Options::default();
        options.dialect.header = HeaderOption::Rows(1);
        let done = read_with(&file, &options);
        let column = &done.understanding.mapping.columns[0];
        assert!(
            column.target == Target::Field(field)
                || matches!(column.reason, MappingReason::Contradicted { field: said } if said == field),
            "{header}: {:?}, {:?}",
            column.target,
            column.reason
        );
    }
}

#[test]
fn a_header_with_a_slip_is_known_and_explained() {
    let done = read("emial adress,compnay name,cuontry\nada@example.com,Acme,Spain\n");
    let lead = &done.leads[0];
    assert!(lead.email.is_some());
    assert_eq!(lead.company_name.as_ref().map(|text| text.as_str()), Some("Acme"));
    assert_eq!(lead.country.map(|country| country.alpha2()), Some("ES"));
}

#[test]
fn the_preview_shows_the_first_rows_as_read() {
    let done = read(&format!("email,company,country\n{}", rows(30, ',')));
    let preview = &done.understanding.preview;
    assert!((5..=30).contains(&preview.len()));
    let first: Vec<_> = preview[0].iter().map(|cell| cell.reveal().as_str()).collect();
    assert_eq!(first, ["user0@example.com", "Company 0", "Spain"]);
}

/// Rows enough for the table to reach beyond the sample.
const BEYOND_THE_SAMPLE: usize = 9_000;

#[test]
fn a_table_behind_the_sample_is_reported_and_no_lead_of_the_first() {
    let head = "email,company,country\n";
    for (gap, other) in [
        ("\n", "Product,Price\nPen,3\nInk,5\n"),
        ("", "Region,Total,Share,Value\nNorth,12,0.3,9\nSouth,30,0.7,4\n"),
        (",,\n", "Product,Price,\nPen,3,\nInk,5,\n"),
        ("\n\n", "Contact,City\nAnn Lee,Rome\nBob Fox,Oslo\n"),
    ] {
        let rows = rows(BEYOND_THE_SAMPLE, ',');
        let file = format!("{head}{rows}{gap}{other}");
        let done = read(&file);
        assert_eq!(addresses(&done).len(), BEYOND_THE_SAMPLE, "{other}");
        assert_eq!(done.summary.outside_table, 3, "{other}");
        assert_eq!(done.summary.rejected, 0, "{other}");
        let outside: Vec<_> =
            done.issues.iter().filter(|i| i.code == IssueCode::OutsideTable).collect();
        assert_eq!(outside.len(), 3, "{other}");
        assert!(other.starts_with(outside[0].raw.reveal().trim_end()), "{other}");
        let &[table] = done.summary.other_tables.as_slice() else { panic!("one: {other}") };
        assert_eq!((table.first_row, table.rows), (BEYOND_THE_SAMPLE as u64 + 1, 3), "{other}");
        assert_eq!(table.width, other.lines().next().map_or(0, names), "{other}");
        assert!(file[table.byte_offset as usize..].starts_with(other), "{other}");
        let above = &file[..table.byte_offset as usize];
        assert_eq!(table.first_line, 1 + above.lines().count() as u64, "{other}");

        // The first table may go on, with its header or without.
        let again = format!("{file}\n{head}new@example.com,Acme,Spain\n");
        assert_eq!(addresses(&read(&again)).len(), BEYOND_THE_SAMPLE + 1, "{other}");
        let again = format!("{file}new@example.com,Acme,Spain\n");
        assert_eq!(addresses(&read(&again)).len(), BEYOND_THE_SAMPLE + 1, "{other}");
    }
}

/// How many columns a row of names has.
fn names(row: &str) -> usize {
    row.split(',').filter(|name| !name.is_empty()).count()
}

#[test]
fn all_tables_among_the_rows_are_listed_up_to_a_limit() {
    let other = "\nProduct,Price\nPen,3\nInk,5\n\n";
    let mut file = format!("email,company,country\n{}", rows(40, ','));
    let mut offsets = Vec::new();
    for _ in 0..2 * Summary::OTHER_TABLES_MAX {
        offsets.push(file.len() as u64 + 1);
        file.push_str(other);
        file.push_str(&rows(4, ','));
    }
    let mut options = Options::default();
    options.sample_bytes = 1_000;
    for encode in [|file: &str| file.as_bytes().to_vec(), utf_16] {
        let done = normalize(&encode(&file), &options).expect("a table");
        assert_eq!(done.summary.outside_table, 3 * offsets.len() as u64);
        let tables = &done.summary.other_tables;
        assert_eq!(tables.len(), Summary::OTHER_TABLES_MAX);
        for (index, (table, &offset)) in tables.iter().zip(&offsets).enumerate() {
            let bytes = encode(&file[..offset as usize]).len() as u64;
            assert_eq!((table.byte_offset, table.width, table.rows), (bytes, 2, 3));
            assert_eq!(table.first_row, 41 + 7 * index as u64);
        }
    }
    // The sample shows them, too.
    let done = normalize(file.as_bytes(), &Options::default()).expect("a table");
    assert!(!done.understanding.dialect.other_tables.is_empty());
    assert_eq!(done.summary.other_tables[0].byte_offset, offsets[0]);
    // Nothing is a table that has no header.
    let notes = format!("email,company,country\n{}\nTotal: 8 leads\n", rows(8, ','));
    assert!(read(&notes).summary.other_tables.is_empty());
}

fn utf_16(text: &str) -> Vec<u8> {
    [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

#[test]
fn irregular_rows_and_blank_lines_begin_no_other_table() {
    let mut options = Options::default();
    options.required = genesy_core::csv::normalize::RequiredFields::nothing();
    let rows = "Di Kim,Acme,di@example.com\n".repeat(2 * BEYOND_THE_SAMPLE);
    let file = format!(
        "name,company,email\n{rows}\nAnn Lee,Acme\n\nBob Fox,City Hotel,\n,,\nCy Day,Phone House,\nEd\n\
         Flo Ray,Acme,flo@example.com,x\n\ngus@example.com\n"
    );
    let done = read_with(&file, &options);
    assert_eq!(done.summary.outside_table, 0);
}

#[test]
fn a_lead_at_the_end_is_no_footer() {
    let head = "first,last,email,title,company,country,phone\nBea,Gil,b@x.com,CEO,Bar,ES,\n";
    for last in ["Ada,Lovelace,ada@x.com", "--,Lovelace,ada@x.com,,,,", "Total,Lee,ada@x.com,,,,"] {
        let done = read(&format!("{head}{last}\n"));
        assert_eq!(addresses(&done), ["b@x.com", "ada@x.com"], "{last}");
    }
    for footer in
        ["Total,2", "--,,,,,,", "questions to ada@x.com", "Total,2\nExported by,ada@x.com"]
    {
        let done = read(&format!("{head}{footer}\n"));
        assert_eq!(addresses(&done), ["b@x.com"], "{footer}");
    }
}
