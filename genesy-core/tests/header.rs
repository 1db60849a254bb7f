//! Which column is what: behaviours of the whole mapping.

use genesy_core::csv::header::{
    Field, Mapping, MappingReason, Overrides, SavedMapping, Target, map_columns,
};
use proptest::prelude::*;

fn is_country(cell: &str) -> bool {
    ["spain", "france", "germany", "es", "fr", "us"].contains(&cell.to_lowercase().as_str())
}

fn map(headers: &[&str], rows: &[&[&str]]) -> Mapping {
    let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.to_vec()).collect();
    map_columns(headers, &rows, &is_country, &Overrides::new())
}

fn fields(mapping: &Mapping) -> Vec<Option<Field>> {
    mapping.columns.iter().map(|column| column.target.field()).collect()
}

#[test]
fn headers_are_known_whatever_their_spelling() {
    for header in
        ["yearsInRole", "Years in role (years)", "YEARS_IN_ROLE*", "\u{feff}Years\u{a0}in role:"]
    {
        assert_eq!(fields(&map(&[header], &[])), [Some(Field::YearsInRole)], "{header}");
    }
}

#[test]
fn headers_are_known_in_many_languages() {
    let mapping = map(&["Nombre", "Apellidos", "Correo electrónico", "País", "Empresa"], &[]);
    let expected =
        [Field::FirstName, Field::LastName, Field::Email, Field::Country, Field::CompanyName];
    assert_eq!(fields(&mapping), expected.map(Some));
    let mapping = map(&["会社名", "電話番号", "Должность"], &[]);
    assert_eq!(fields(&mapping), [Field::CompanyName, Field::Phone, Field::JobTitle].map(Some));
}

#[test]
fn a_slip_of_the_keyboard_is_forgiven() {
    let mapping = map(&["Emial Adress", "Compny"], &[]);
    assert_eq!(fields(&mapping), [Some(Field::Email), Some(Field::CompanyName)]);
    assert!(matches!(mapping.columns[1].reason, MappingReason::Fuzzy { edits: 1, .. }));
}

#[test]
fn columns_about_a_field_do_not_take_its_place() {
    let headers = [
        "Email status",
        "Email opt-in",
        "Company phone",
        "Company country",
        "Account owner email",
        "State",
        "Phone country code",
    ];
    for header in headers {
        let rows: [&[&str]; 3] = [&["ada@example.com"], &["bob@example.com"], &["eve@example.com"]];
        assert_eq!(fields(&map(&[header], &rows)), [None], "{header}");
    }
}

#[test]
fn cells_veto_a_header() {
    let phones: [&[&str]; 3] = [&["+34 600 100 200"], &["+34 600 100 201"], &["+34 600 100 202"]];
    assert_eq!(fields(&map(&["Email"], &phones)), [Some(Field::Phone)]);
    let mapping = map(&["Title"], &[&["Mr"], &["Mrs"], &["Dr."]]);
    let reason = MappingReason::Contradicted { field: Field::JobTitle };
    assert_eq!(mapping.columns[0].reason, reason);
    let mapping = map(&["Company"], &[&["example.com"], &["example.org"], &["example.net"]]);
    assert_eq!(fields(&mapping), [Some(Field::CompanyWebsite)]);
}

#[test]
fn the_plainer_of_two_headers_wins() {
    let mapping = map(&["Country code", "Country"], &[&["ES", "Spain"], &["FR", "France"]]);
    assert_eq!(fields(&mapping), [None, Some(Field::Country)]);
    assert_eq!(mapping.columns[0].reason, MappingReason::AlreadyMapped { by: 1 });
}

#[test]
fn several_mails_and_phones_are_kept_in_order() {
    let mapping = map(&["Mobile Phone", "Work Email", "Email 2", "Phone 1 - Value"], &[]);
    assert_eq!(mapping.columns_of(Field::Email).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(mapping.columns_of(Field::Phone).collect::<Vec<_>>(), [0, 3]);
}

#[test]
fn without_headers_the_cells_decide() {
    let rows: [&[&str]; 3] = [
        &[
            "Maria",
            "Lopez",
            "m@example.com",
            "Sales Manager",
            "Spain",
            "Example Inc",
            "example.com",
        ],
        &["John", "Smith", "j@example.org", "CEO", "France", "Sample GmbH", "sample.de"],
        &["Anna", "Meyer", "a@example.net", "Engineer", "Germany", "Test Ltd", "test.co.uk"],
    ];
    let mapping = map(&[], &rows);
    let expected = [
        Field::FirstName,
        Field::LastName,
        Field::Email,
        Field::JobTitle,
        Field::Country,
        Field::CompanyName,
        Field::CompanyWebsite,
    ];
    assert_eq!(fields(&mapping), expected.map(Some));
    assert_eq!(mapping.columns[2].header, "column_3");
}

#[test]
fn overrides_win_by_text_and_by_index() {
    let overrides =
        Overrides::new().header("e-MAIL", Target::Extra).index(1, Target::Field(Field::Email));
    let mapping = map_columns(&["Email", "Notes"], &[], &is_country, &overrides);
    assert_eq!(fields(&mapping), [None, Some(Field::Email)]);
    assert!(mapping.columns.iter().all(|column| column.reason == MappingReason::Override));
}

#[test]
fn a_saved_mapping_fits_the_same_columns_in_another_order() {
    let overrides = Overrides::new().header("Ref", Target::Field(Field::CompanyName));
    let saved = SavedMapping::from(&map_columns(&["Email", "Ref"], &[], &is_country, &overrides));
    let json = serde_json::to_string(&saved).unwrap();
    let saved: SavedMapping = serde_json::from_str(&json).unwrap();
    assert!(saved.applies_to(&["REF", "e-mail"]));
    assert!(!saved.applies_to(&["Ref"]) && !saved.applies_to(&["", ""]));
    let mapping = saved.apply(&["Ref", "Email", "Phone"], &[], &is_country, &Overrides::new());
    assert_eq!(fields(&mapping), [Field::CompanyName, Field::Email, Field::Phone].map(Some));
    assert_eq!(mapping.columns[0].reason, MappingReason::Saved);
}

#[test]
fn samples_are_the_first_filled_cells_and_stay_out_of_debug() {
    let mapping = map(&["Email"], &[&[" "], &["ada@example.com"]]);
    assert_eq!(mapping.columns[0].sample.as_ref().unwrap().reveal(), "ada@example.com");
    assert!(!format!("{mapping:?}").contains("ada"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_column_appears_once(
        headers in proptest::collection::vec("(.{0,20}|email|name|country|phone)", 0..12),
        rows in proptest::collection::vec(proptest::collection::vec(".{0,20}", 0..12), 0..6),
    ) {
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        let rows: Vec<Vec<&str>> =
            rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
        let width = rows.iter().map(Vec::len).max().unwrap_or(0).max(headers.len());
        let mapping = map_columns(&headers, &rows, &is_country, &Overrides::new());
        let indexes: Vec<usize> = mapping.columns.iter().map(|column| column.index).collect();
        prop_assert_eq!(indexes, (0..width).collect::<Vec<_>>());
        for &field in Field::ALL.iter().filter(|field| !field.is_multi_valued()) {
            prop_assert!(mapping.columns_of(field).count() <= 1);
        }
    }
}

#[test]
fn a_lone_name_of_single_words_is_the_first_name() {
    let map = |cells: [&str; 2]| {
        let rows: Vec<Vec<&str>> = cells.iter().map(|cell| vec![*cell, "a@example.com"]).collect();
        let mapping = map_columns(&["Nombre", "Email"], &rows, &|_| false, &Overrides::default());
        mapping.columns[0].target.field()
    };
    assert_eq!(map(["Ana", "José"]), Some(Field::FirstName));
    assert_eq!(map(["Ana Silva", "José Ruiz"]), Some(Field::FullName));
    assert_eq!(map(["王伟", "李娜"]), Some(Field::FullName));
}
