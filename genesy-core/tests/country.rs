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
    all_give("PA", &["PANAMSS", "Panamß"]);
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
fn codes_in_title_case_need_a_column_of_countries() {
    all_doubt(Doubt::NotACountry, &["Li", "Ng", "Al", "Jo", "Es", "Eri", "Nga", "El", "Bu"]);
    let column = ColumnContext::from_cells(["Es", "Fr", "De", "Li"]);
    for (cell, code) in [("Es", "ES"), ("Li", "LI"), ("Eri", "ER"), ("El", "GR")] {
        let found = recognize(cell, &column).map(|found| found.country.alpha2());
        assert_eq!(found, Ok(code), "{cell}");
    }
    // These are names as well as codes.
    all_give("US", &["Usa", "USA", "usa"]);
    all_give("GB", &["Uk", "UK", "uk"]);
    assert!(is_known("Es") && is_known("Esp") && is_known("Usa"));
    assert!(!is_known("Qq") && !is_known("No") && !is_known("Are"));
}

#[test]
fn words_that_resemble_a_name_are_none() {
    // Nationalities that have accents of their own.
    all_doubt(Doubt::NotACountry, &["Géorgien", "Algérien", "Arménien", "Indonésien", "Éthiopien"]);
    all_give("GE", &["Georgien", "GEORGIEN", "georgien"]);
    // Languages that end in a mark of their own.
    all_doubt(Doubt::NotACountry, &["хорватӣ", "испанӣ"]);
    // Cities and people.
    all_doubt(Doubt::NotACountry, &["Brasília", "Bermúdez", "Alan", "Cat", "Myrta", "Beni"]);
    // Letters lost at the beginning leave names of people.
    all_doubt(Doubt::NotACountry, &["Talya", "Landy", "thiopien"]);
    all_give("AT", &["sterreich", "Österreich", "Osterreich"]);
    all_doubt(Doubt::NotACountry, &["Rwa", "rwa", "Ga"]);
}

#[test]
fn short_names_of_little_used_languages_need_their_accents_or_their_column() {
    all_give("MT", &["Mỹrta", "MỸRTA", "mỹrta"]);
    all_give("AX", &["Ålân", "ålân"]);
    let kaingang = ColumnContext::from_cells(["Ỹnora", "Kãgo", "Frỹsa", "Grésa"]);
    let found = recognize("Myrta", &kaingang).map(|found| found.country.alpha2());
    assert_eq!(found, Ok("MT"));
    let english = ColumnContext::from_cells(["Spain", "France", "Malta"]);
    assert_eq!(recognize("Myrta", &english), Err(Doubt::NotACountry));
    // Names of widespread languages lose their accents as they like.
    all_give("ES", &["Espana", "ESPANA"]);
    all_give("TR", &["Turkiye", "Türkiye"]);
    all_give("CZ", &["Cesko", "Česko"]);
}

/// What becomes of `text` when its UTF-8 is read as `encoding`.
fn misread(text: &str, encoding: &'static encoding_rs::Encoding) -> String {
    encoding.decode_without_bom_handling(text.as_bytes()).0.into_owned()
}

#[test]
fn misread_names_count_in_any_case() {
    for encoding in [encoding_rs::WINDOWS_1252, encoding_rs::MACINTOSH] {
        for (name, code) in [
            ("España", "ES"),
            ("Türkei", "TR"),
            ("Côte d’Ivoire", "CI"),
            ("Испания", "ES"),
            ("საქართველო", "GE"),
            ("भारत", "IN"),
            ("대한민국", "KR"),
            ("日本", "JP"),
            ("مصر", "EG"),
        ] {
            let garbled = misread(name, encoding);
            for cell in [garbled.to_uppercase(), garbled.to_lowercase(), garbled] {
                assert_eq!(read(&cell), Ok((code, How::Repaired)), "{name} {cell:?}");
            }
        }
    }
}

#[test]
fn what_looks_misread_and_is_no_country_is_none() {
    all_doubt(
        Doubt::NotACountry,
        &["MÃ¡laga", "ZÃ¼rich", "SÃ£o Paulo", "MÁLAGA", "JosÃ© GarcÃ\u{AD}a", "Nuñez", "Łódź"],
    );
}

#[test]
fn abbreviations_of_names_that_are_no_codes() {
    all_give("GB", &["VK", "R.-U.", "R.U."]);
    all_give("US", &["VS"]);
    assert_eq!(read("RU"), Ok(("RU", How::Alpha2)));
}

#[test]
fn quick_tests() {
    assert!(is_known("Mexico") && is_known("MEX") && is_known("México") && is_known("メキシコ"));
    assert!(!is_known("Guadalajara") && !is_known("12") && !is_known(""));
    assert!(is_exact_name("México") && is_exact_name("MÉXICO") && !is_exact_name("MÈxico"));
}
