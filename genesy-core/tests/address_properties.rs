//! E-mail addresses: what holds for every text, by random texts and by texts made from the grammar.

use genesy_core::address::{
    AddressRef, MAILBOX_OCTETS_MAX, from_cell, is_free_mail, suggest_domain,
};
use proptest::prelude::*;

/// `Let-dig [Ldh-str]`, never with the hyphens of an A-label.
fn label() -> impl Strategy<Value = String> {
    "[A-Za-z0-9]([A-Za-z0-9]{0,8}-?[A-Za-z0-9]{1,8})?"
}

fn domain_name() -> impl Strategy<Value = String> {
    prop::collection::vec(label(), 1..5).prop_map(|labels| labels.join("."))
}

/// `Snum 3("." Snum)`, with leading zeros.
fn ipv4() -> impl Strategy<Value = String> {
    prop::collection::vec((any::<u8>(), 1_usize..4), 4).prop_map(|numbers| {
        let number = |&(number, width): &(u8, usize)| format!("{number:0width$}");
        numbers.iter().map(number).collect::<Vec<_>>().join(".")
    })
}

fn groups(count: usize) -> impl Strategy<Value = String> {
    prop::collection::vec("[0-9a-fA-F]{1,4}", count).prop_map(|groups| groups.join(":"))
}

fn literal() -> impl Strategy<Value = String> {
    let compressed = (0_usize..=6)
        .prop_flat_map(|before| (Just(before), 0..=6 - before))
        .prop_flat_map(|(before, after)| (groups(before), groups(after)))
        .prop_map(|(before, after)| format!("{before}::{after}"));
    let mapped = (groups(6), ipv4()).prop_map(|(groups, ipv4)| format!("{groups}:{ipv4}"));
    let ipv6 = prop_oneof![groups(8), compressed, mapped];
    prop_oneof![ipv4(), ipv6.prop_map(|text| format!("IPv6:{text}"))]
        .prop_map(|content| format!("[{content}]"))
}

fn local_part() -> impl Strategy<Value = String> {
    let atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,12}";
    let dot_string = prop::collection::vec(atom, 1..5).prop_map(|atoms| atoms.join("."));
    let quoted = prop::collection::vec("[ !#-\\[\\]-~]|\\\\[ -~]", 0..20)
        .prop_map(|content| format!("\"{}\"", content.concat()));
    prop_oneof![dot_string, quoted]
}

/// Any text made of the characters that matter, more often near-valid than not.
fn near_address() -> impl Strategy<Value = String> {
    "[aZ09.@\"\\\\\\[\\]:<>,;/| ()'é用ß\u{300}\u{200b}\u{37e}_-]{0,24}"
}

proptest! {
    #[test]
    fn every_ascii_address_of_the_grammar_parses(
        local in local_part(),
        domain in prop_oneof![domain_name(), literal()],
    ) {
        let text = format!("{local}@{domain}");
        let address = AddressRef::parse(&text).map_err(|error| {
            TestCaseError::fail(format!("{text}: {error}"))
        })?;
        prop_assert_eq!(address.local_part(), local);
        prop_assert_eq!(address.domain(), domain);
    }

    #[test]
    fn the_normal_form_is_its_own(text in prop_oneof![
        near_address(),
        (local_part(), domain_name()).prop_map(|(local, domain)| format!("{local}@{domain}")),
        ("[a-zß-ÿά-ώА-я\u{300}.]{1,9}", "[a-zß-ÿА-я]{1,9}").prop_map(|(a, b)| format!("{a}@{b}.com")),
    ]) {
        if let Ok(address) = AddressRef::parse(&text) {
            let normal = address.normal_form();
            let again = AddressRef::parse(&normal).map_err(|error| {
                TestCaseError::fail(format!("{text} gives {normal}: {error}"))
            })?;
            prop_assert_eq!(again.normal_form(), normal.clone());
            let visited = address.with_normal_form(<[u8]>::to_vec);
            prop_assert_eq!(visited, normal.into_bytes());
        }
    }

    #[test]
    fn the_case_of_ascii_never_tells_two_addresses_apart(
        local in local_part(),
        domain in domain_name(),
    ) {
        let text = format!("{local}@{domain}");
        let upper = text.to_ascii_uppercase();
        let parse = |text| AddressRef::parse(text).map(|address| address.normal_form());
        prop_assert_eq!(parse(&text), parse(&upper));
    }

    #[test]
    fn nothing_panics_and_errors_stay_inside(text in prop_oneof![near_address(), ".{0,300}"]) {
        match AddressRef::parse(&text) {
            Ok(address) => {
                prop_assert_eq!(
                    format!("{}@{}", address.local_part(), address.domain()),
                    address.as_str(),
                );
                prop_assert!(!text.is_ascii() || text.len() <= MAILBOX_OCTETS_MAX);
            }
            Err(error) => prop_assert!(error.at <= text.len()),
        }
        let _ = (is_free_mail(&text), suggest_domain(&text));
    }

    #[test]
    fn what_a_cell_gives_is_a_part_of_it(cell in prop_oneof![near_address(), ".{0,80}"]) {
        match from_cell(&cell) {
            Ok(found) => {
                prop_assert!(cell.contains(found.address.as_str()));
                prop_assert_eq!(found.cleaning.is_empty(), found.address.as_str() == cell);
                for other in found.others {
                    match other {
                        Ok(other) => prop_assert!(cell.contains(other.as_str())),
                        Err(error) => prop_assert!(error.at <= cell.len()),
                    }
                }
            }
            Err(error) => prop_assert!(error.at <= cell.len()),
        }
    }

    #[test]
    fn an_address_is_found_whatever_stands_around(
        local in "[a-z]{1,9}(\\.[a-z]{1,9})?",
        domain in domain_name(),
        name in "[A-Za-z ,.]{0,12}",
        around in prop::sample::select(vec![
            ("", ""), (" ", "\u{a0}"), ("<", ">"), (" <", ">"), ("\"", "\""), ("mailto:", ""),
            ("", ","), ("", ";"), ("'", "'."), ("\u{200b}", "\n"), ("(", ")"), ("[", "]"),
        ]),
    ) {
        let address = format!("{local}@{domain}");
        let cell = format!("{name} {}{address}{}", around.0, around.1);
        let found = from_cell(&cell).map_err(|error| {
            TestCaseError::fail(format!("{cell}: {error}"))
        })?;
        prop_assert_eq!(found.address.as_str(), address);
    }
}
