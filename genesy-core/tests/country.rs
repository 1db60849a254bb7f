//! Cells of country columns and what they give.
#![cfg(feature = "csv")]

use genesy_core::country::{ColumnContext, Doubt, How, is_exact_name, is_known, recognize};

fn read(cell: &str) -> Result<(&'static str, How), Doubt> {
    recognize(cell, &ColumnContext::default()).map(|found| (found.country.alpha2(), found.how))
}

#[track_caller]
fn all_give(code: &str, cells: &[&str]) {
    for cell in cells {
        assert_eq!(read(cell).map(|(found, _)| found), Ok(code), "{cell:?}");
    }
}

#[track_caller]
fn all_doubt(doubt: Doubt, cells: &[&str]) {
    for cell in cells {
        assert_eq!(read(cell), Err(doubt), "{cell:?}");
    }
}

#[test]
fn spain_in_many_forms() {
    all_give(
        "ES",
        &[
            "ES",
            "es",
            "Es",
            "ESP",
            "esp",
            "🇪🇸",
            "Spain",
            "SPAIN",
            "España",
            "ESPAÑA",
            "espana",
            "Spanien",
            "Kingdom of Spain",
            "スペイン",
            "Испания",
            "ИСПАНИЯ",
            "إسبانيا",
            "西班牙",
            "ספרד",
            "Ισπανία",
            "स्पेन",
            "สเปน",
            "ესპანეთი",
            "スペイン。",
            "ＥＳ",
            "Ｓｐａｉｎ",
            " ES ",
            "(ES)",
            "\"ES\"",
            "ES.",
            "\u{FEFF}ES\u{A0}",
            "S\u{200B}pain",
            "es-ES",
            "es_ES",
            "ca-ES",
            "en_ES.UTF-8",
            "Spain 🇪🇸",
            "🇪🇸 ES",
            "Spain (ES)",
            "ES - Spain",
            "ES Spain",
            "Spain/España",
            "Madrid, Spain",
            "Spain (+34)",
        ],
    );
}

#[test]
fn damaged_names() {
    all_give(
        "ES",
        &[
            "EspaÃ±a",
            "EspaÃƒÂ±a",
            "Espa√±a",
            "Espa├▒a",
            "Espa–a",
            "Espa¤a",
            "Espa?a",
            "Espa\u{FFFD}a",
            "Espaa",
            "ESPAÃ±A",
            "ðŸ‡ªðŸ‡¸",
        ],
    );
    all_give("MX", &["MÃ©xico", "M?xico", "Mxico", "MÈxico", "M‚xico"]);
    assert_eq!(read("EspaÃ±a"), Ok(("ES", How::Repaired)));
    assert_eq!(read("Espa?a"), Ok(("ES", How::Restored)));
}

#[test]
fn english_variants() {
    all_give(
        "GB",
        &[
            "UK",
            "U.K.",
            "England",
            "Scotland",
            "Wales",
            "Northern Ireland",
            "Great Britain",
            "GB-ENG",
            "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        ],
    );
    all_give("US", &["USA", "U.S.A.", "U.S.", "U.S. of America", "United States of America (the)"]);
    all_give("KR", &["Korea, Rep.", "South Korea", "Republic of Korea", "Korea (Republic of)"]);
    all_give("KP", &["Korea, Dem. People's Rep.", "North Korea", "DPRK"]);
    all_give(
        "CD",
        &["DR Congo", "Congo, Dem. Rep.", "The Democratic Republic of the Congo", "Zaire"],
    );
    all_give("CG", &["Congo, Rep.", "Republic of the Congo", "Congo-Brazzaville"]);
    all_give("IR", &["Iran (Islamic Republic of)", "Iran, Islamic Rep."]);
    all_give("NL", &["Holland", "The Netherlands", "Netherlands (the)"]);
    all_give("CI", &["Ivory Coast", "Côte d'Ivoire", "Cote d´Ivoire", "COTE D’IVOIRE"]);
    all_give("DE", &["Deutschland / Germany", "West Germany", "GER"]);
    all_give("MM", &["Burma"]);
    all_give("GR", &["EL", "Hellas"]);
    all_give("XK", &["XK", "XKX", "Kosovo"]);
    all_give("GE", &["Georgia"]);
    all_give("CH", &["SUI", "Swiss Confederation"]);
}

#[test]
fn doubts() {
    all_doubt(Doubt::Empty, &["", "  ", "\u{A0}", "\u{FEFF}"]);
    all_doubt(
        Doubt::Placeholder,
        &["-", "--", "?", "N/A", "n/a", "NA", "Unknown", "XXX", "none", "null", "#N/A"],
    );
    all_doubt(
        Doubt::Ambiguous,
        &["Korea", "Congo", "Kongo", "Virgin Islands", "Spain / France", "ES, FR", "DE-AT"],
    );
    all_doubt(
        Doubt::Dissolved,
        &["Yugoslavia", "USSR", "Czechoslovakia", "Serbia and Montenegro", "CS", "YU"],
    );
    all_doubt(Doubt::NumberInTextColumn, &["12", "724", "1,5", "+34"]);
    all_doubt(Doubt::ReservedCode, &["EU", "XX", "ZZ", "AA", "European Union", "Europe", "🇪🇺"]);
    all_doubt(
        Doubt::NotACountry,
        &[
            "Paris",
            "New York",
            "Texas",
            "Spanish",
            "German",
            "Q1",
            "Smith, Jordan",
            "São Paulo",
            "Zürich",
            "in",
            "are",
        ],
    );
    all_doubt(Doubt::NotACountry, &["x".repeat(5_000).as_str(), "é".repeat(2_000).as_str()]);
}

#[test]
fn the_column_decides() {
    let numeric = ColumnContext::from_cells(["724", "250", "036"]);
    let found = recognize("36", &numeric).expect("Australia");
    assert_eq!((found.country.alpha2(), found.how), ("AU", How::Numeric));
    let codes = ColumnContext::from_cells(["ES", "NA", "", "FR"]);
    assert_eq!(recognize("NA", &codes).expect("Namibia").country.alpha2(), "NA");
    assert_eq!(recognize("N/A", &codes), Err(Doubt::Placeholder));
    let states = ColumnContext::from_cells(["CA", "NY", "TX", "GA"]);
    assert_eq!(recognize("CA", &states), Err(Doubt::CodeInOtherColumn));
}

#[test]
fn quick_tests() {
    assert!(is_known("Mexico") && is_known("MEX") && is_known("México") && is_known("メキシコ"));
    assert!(!is_known("Guadalajara") && !is_known("12") && !is_known(""));
    assert!(is_exact_name("México") && is_exact_name("MÉXICO") && !is_exact_name("MÈxico"));
}
