//! Addresses, websites, countries, phones and names from any text: what always holds.

use genesy_core::address::{AddressErrorKind as Kind, AddressRef, EmailAddress, from_cell};
use genesy_core::country::{ColumnContext, Country, Memo, is_exact_name, is_known, recognize};
use genesy_core::person_name::split_full_name;
use genesy_core::phone::{ParsedPhone, Phone, Region, Regions};
use genesy_core::website::{Website, WebsiteRef, linkedin_profile};
use proptest::prelude::*;

/// Text with more of what means something, and any text.
fn text() -> impl Strategy<Value = String> {
    let token = prop::sample::select(
        &[
            "ada",
            "@",
            "example.com",
            ".",
            " ",
            "<",
            ">",
            "\"",
            ";",
            ",",
            "/",
            "(",
            ")",
            "[",
            "]",
            "\\",
            "mailto:",
            "https://",
            "www.",
            "xn--",
            "münchen",
            ".co.uk",
            ":8080",
            "?x=1",
            "#",
            "+",
            "+34",
            "612345678",
            "00",
            "ext. 9",
            "x",
            "-",
            "0",
            "España",
            "Spain",
            "US",
            "🇪🇸",
            "Ã±",
            "NA",
            "12",
            "Dr.",
            "van der",
            "PhD",
            "Jr.",
            "O'Neil",
            "李",
            "linkedin.com/in/",
            "\u{200B}",
            "\u{FEFF}",
            "\u{301}",
            "\u{202E}",
            "N/A",
            "?",
            "\u{FFFD}",
            "１２",
            "é",
        ][..],
    );
    prop_oneof![
        4 => prop::collection::vec(token, 0..8).prop_map(|tokens| tokens.concat()),
        1 => any::<String>(),
        1 => "[ -~]{0,40}",
    ]
}

fn is_part_of(part: &str, whole: &str) -> bool {
    let whole = whole.as_bytes().as_ptr_range();
    let part = part.as_bytes().as_ptr_range();
    whole.start <= part.start && part.end <= whole.end
}

proptest! {
    #[test]
    fn fuzz_an_address_is_a_part_of_its_cell(cell in text()) {
        match from_cell(&cell) {
            Ok(found) => {
                let texts = [found.address].into_iter().chain(found.others.clone().flatten());
                for address in texts {
                    prop_assert!(is_part_of(address.as_str(), &cell));
                    let again = AddressRef::parse(address.as_str());
                    prop_assert_eq!(again.map(|again| again.as_str()), Ok(address.as_str()));
                    let (local, domain) = (address.local_part(), address.domain());
                    prop_assert_eq!(format!("{local}@{domain}"), address.as_str());
                    let normal = address.normal_form();
                    match AddressRef::parse(&normal) {
                        Ok(back) => prop_assert_eq!(back.normal_form(), normal, "it is its own"),
                        Err(error) => prop_assert!(
                            matches!(error.kind, Kind::LocalPartTooLong | Kind::TooLong)
                                && normal.len() > address.as_str().len(),
                            "{normal}: {error}"
                        ),
                    }
                    let owned = address.to_email_address();
                    let json = serde_json::to_string(&owned).expect("JSON");
                    let back: EmailAddress = serde_json::from_str(&json).expect("the same");
                    prop_assert_eq!(back, owned);
                }
            }
            Err(error) => {
                prop_assert!(error.at <= cell.len());
                prop_assert!(AddressRef::parse(&cell).is_err(), "what parses is found");
            }
        }
    }

    #[test]
    fn fuzz_a_website_has_a_registrable_domain(cell in text()) {
        if let Ok(site) = WebsiteRef::parse(&cell) {
            prop_assert!(is_part_of(site.as_entered(), &cell));
            prop_assert!(site.host().ends_with(site.registrable_domain()));
            prop_assert!(site.registrable_domain().contains('.'));
            prop_assert!(site.host().is_ascii());
            prop_assert!(!site.host().contains(|c: char| c.is_ascii_uppercase()));
            prop_assert!(site.company_domain().is_none_or(|domain| domain == site.registrable_domain()));
            prop_assert_eq!(site.is_free_mail(), site.company_domain().is_none());
            let host = site.host().to_owned();
            let again = WebsiteRef::parse(&host).map(|again| again.host().to_owned());
            prop_assert_eq!(again, Ok(host));
            let owned = Website::from(site);
            let json = serde_json::to_string(&owned).expect("JSON");
            prop_assert_eq!(serde_json::from_str::<Website>(&json).expect("the same"), owned);
        }
        if let Some(name) = linkedin_profile(&cell) {
            prop_assert!(!name.is_empty() && is_part_of(name, &cell));
        }
    }

    #[test]
    fn fuzz_a_country_is_a_country(
        cell in text(),
        column in prop::collection::vec(text(), 0..6),
        flags in any::<[bool; 4]>(),
    ) {
        let learned = ColumnContext::from_cells(column.iter().map(String::as_str));
        let mut forced = learned;
        forced.numeric = flags[0];
        forced.na_is_namibia = flags[1];
        forced.mostly_countries = flags[2];
        forced.codes_are_other = flags[3];
        let mut memo = Memo::new();
        for context in [ColumnContext::default(), learned, forced] {
            let found = recognize(&cell, &context);
            let mut fresh = Memo::new();
            prop_assert_eq!(fresh.recognize(&cell, &context), found);
            prop_assert_eq!(fresh.recognize(&cell, &context), found, "from memory");
            if let Ok(found) = found {
                let code = found.country.alpha2();
                prop_assert_eq!(Country::from_alpha2(code), Some(found.country));
                prop_assert!(cell.chars().any(|c| c.is_alphanumeric() || !c.is_ascii()));
            }
        }
        let _ = memo.recognize(&cell, &learned);
        if is_exact_name(&cell) {
            prop_assert!(is_known(&cell));
        }
    }

    #[test]
    fn fuzz_a_phone_keeps_its_cell(cell in text(), lead in "[A-Z]{2}", default in "[A-Z]{2}") {
        let regions = Regions { lead: Region::new(&lead), default: Region::new(&default) };
        for parsed in [
            ParsedPhone::parse(&cell, &regions),
            ParsedPhone::parse_with_repairs(&cell, &regions),
        ].into_iter().flatten() {
            prop_assert!(is_part_of(parsed.raw.reveal(), &cell));
            let e164 = parsed.e164.reveal().as_str();
            prop_assert!(e164.strip_prefix('+').is_some_and(|digits| {
                (2..=20).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
            }), "{}", e164);
            prop_assert!(!parsed.valid || parsed.possible);
            if let Some(rest) = parsed.rest {
                prop_assert!(is_part_of(rest.reveal(), &cell) && rest.reveal().len() < cell.len());
            }
            if let Some(extension) = &parsed.extension {
                prop_assert!(!extension.reveal().is_empty());
            }
            let owned = Phone::from(parsed);
            let json = serde_json::to_string(&owned).expect("JSON");
            prop_assert_eq!(serde_json::from_str::<Phone>(&json).expect("the same"), owned);
        }
    }

    #[test]
    fn fuzz_a_split_name_holds_the_words_of_the_name(name in text()) {
        let split = split_full_name(&name);
        let parts = [&split.titles, &split.first, &split.last, &split.suffixes];
        for part in parts {
            prop_assert_eq!(part.trim(), &part[..], "no space around a part");
            for word in part.split_whitespace() {
                prop_assert!(name.contains(word), "{:?} is not in {:?}", word, name);
            }
        }
        let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
        let kept: usize = parts.iter().map(|part| letters(part)).sum();
        prop_assert_eq!(kept, letters(&name), "no letter is lost or made");
    }
}
