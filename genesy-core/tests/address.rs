//! E-mail addresses: the grammar, the limits, the normal form and what stands around in cells.

use genesy_core::address::{
    AddressErrorKind as Kind, AddressRef, CleaningStep as Step, DomainKind, EmailAddress, from_cell,
};

fn kind(text: &str) -> Option<Kind> {
    AddressRef::parse(text).err().map(|error| error.kind)
}

fn normal(text: &str) -> String {
    AddressRef::parse(text).expect("a valid address").normal_form()
}

#[test]
fn dot_strings() {
    for local in ["a", "a.b.c", "!#$%&'*+-/=?^_`{|}~", "-a-", "1", "ada+tag", "xn--a"] {
        assert_eq!(kind(&format!("{local}@example.com")), None, "{local}");
    }
    for local in [".a", "a.", "a..b", "."] {
        assert_eq!(kind(&format!("{local}@example.com")), Some(Kind::MisplacedDot), "{local}");
    }
    for local in ["a b", "a(b)", "a\"b\"", "a\\b", "a,b", "a:b", "a[b]", "a\u{7f}", "a\tb"] {
        assert_eq!(
            kind(&format!("{local}@example.com")),
            Some(Kind::LocalPartCharacter),
            "{local}"
        );
    }
    assert_eq!(kind("@example.com"), Some(Kind::EmptyLocalPart));
    assert_eq!(kind(""), Some(Kind::Empty));
    assert_eq!(kind("ada.example.com"), Some(Kind::MissingAt));
    assert_eq!(kind("Ada Lovelace"), Some(Kind::MissingAt));
}

#[test]
fn quoted_strings() {
    for local in [r#""""#, r#"" ""#, r#""a@b""#, r#""a..b""#, r#""\"""#, r#""\\""#, r#""\a""#] {
        let text = format!("{local}@example.com");
        let address = AddressRef::parse(&text).expect(local);
        assert!(address.is_quoted());
        assert_eq!(address.local_part(), local);
    }
    assert_eq!(kind(r#""a@example.com"#), Some(Kind::UnclosedQuote));
    assert_eq!(kind(r#""a\"@example.com"#), Some(Kind::UnclosedQuote));
    assert_eq!(kind(r#""a"b@example.com"#), Some(Kind::TextAfterQuote));
    assert_eq!(kind(r#""a".b@example.com"#), Some(Kind::TextAfterQuote));
    assert_eq!(kind(r#""a""#), Some(Kind::MissingAt));
    assert_eq!(kind("\"a\tb\"@example.com"), Some(Kind::QuotedCharacter));
    assert_eq!(kind("\"a\\\u{e9}\"@example.com"), Some(Kind::QuotedCharacter));
}

#[test]
fn domain_names() {
    for domain in ["b", "b.c", "1.2", "255.255.255.255", "a-b.c", "a--b.c", "B.C", "b.c-d"] {
        assert_eq!(kind(&format!("a@{domain}")), None, "{domain}");
    }
    for (domain, expected) in [
        ("", Kind::EmptyDomain),
        (".b", Kind::EmptyLabel),
        ("b.", Kind::EmptyLabel),
        ("b..c", Kind::EmptyLabel),
        ("-b", Kind::MisplacedHyphen),
        ("b-", Kind::MisplacedHyphen),
        ("b.-c", Kind::MisplacedHyphen),
        ("b-.c", Kind::MisplacedHyphen),
        ("b_c.d", Kind::DomainCharacter),
        ("b@c", Kind::DomainCharacter),
        ("b c", Kind::DomainCharacter),
        ("b[1.2.3.4]", Kind::DomainCharacter),
        ("b.c(d)", Kind::DomainCharacter),
    ] {
        assert_eq!(kind(&format!("a@{domain}")), Some(expected), "{domain}");
    }
}

#[test]
fn address_literals() {
    let address = AddressRef::parse("a@[IPv6:2001:db8::1]").expect("valid");
    assert_eq!(address.domain_kind(), DomainKind::AddressLiteral);
    assert_eq!(address.domain(), "[IPv6:2001:db8::1]");
    assert_eq!(kind("a@[192.0.2.1]"), None);
    assert_eq!(kind("a@[192.0.2.1"), Some(Kind::UnclosedLiteral));
    assert_eq!(kind("a@[192.0.2.1]x"), Some(Kind::UnclosedLiteral));
    assert_eq!(kind("a@[192.0.2.256]"), Some(Kind::InvalidLiteral));
    assert_eq!(kind("a@[2001:db8::1]"), Some(Kind::InvalidLiteral));
}

#[test]
fn limits_are_in_octets() {
    let local = "l".repeat(64);
    assert_eq!(kind(&format!("{local}@b.c")), None);
    assert_eq!(kind(&format!("{local}l@b.c")), Some(Kind::LocalPartTooLong));
    assert_eq!(kind(&format!("{}@b.c", "é".repeat(33))), Some(Kind::LocalPartTooLong));
    let label = "d".repeat(63);
    assert_eq!(kind(&format!("a@{label}.c")), None);
    assert_eq!(kind(&format!("a@{label}d.c")), Some(Kind::LabelTooLong));
    let domain = format!("{label}.{label}.{label}");
    let longest = format!("{local}@{}", &domain[..189]);
    assert_eq!((longest.len(), kind(&longest)), (254, None));
    assert_eq!(kind(&format!("{local}@{}", &domain[..190])), Some(Kind::TooLong));
    // 60 octets of UTF-8, but more than 63 as an A-label.
    let wide = "é".repeat(58);
    assert!(kind(&format!("a@{wide}.c")).is_some());
}

#[test]
fn internationalized_addresses() {
    for text in ["用户@例子.广告", "квіточка@пошта.укр", "अजय@डाटा.भारत", "ada@bücher.example"]
    {
        assert_eq!(kind(text), None, "{text}");
    }
    for domain in ["\u{200d}a.com", "xn--0.com", "a\u{300}\u{2488}.com", "é--.com", "bé_.com"] {
        assert!(kind(&format!("a@{domain}")).is_some(), "{domain}");
    }
    for local in ["a\u{a0}b", "\u{200b}a", "a\u{202e}b", "a\u{85}", "\u{feff}a"] {
        assert_eq!(kind(&format!("{local}@b.c")), Some(Kind::LocalPartCharacter), "{local:?}");
    }
    let needs = |text| AddressRef::parse(text).expect("valid").needs_smtputf8();
    assert!(needs("用户@example.com"));
    assert!(!needs("ada@bücher.example"));
}

#[test]
fn errors_say_where() {
    for (text, at) in [("a..b@c", 2), ("a@b_c", 3), ("a@b.-c", 4), ("a b@c", 1), ("a.@c", 1)] {
        assert_eq!(AddressRef::parse(text).expect_err(text).at, at, "{text}");
    }
}

#[test]
fn normal_forms_meet() {
    for (text, expected) in [
        ("Ada@Example.COM", "ada@example.com"),
        ("\"ada\"@x.com", "ada@x.com"),
        ("\"a\\d\\a\"@x.com", "ada@x.com"),
        ("\"Ada L\"@x.com", "\"ada l\"@x.com"),
        ("\"a..b\"@x.com", "\"a..b\"@x.com"),
        ("\"\\a\\\"\"@x.com", "\"a\\\"\"@x.com"),
        ("\"\"@x.com", "\"\"@x.com"),
        ("ada@B\u{fc}cher.example", "ada@xn--bcher-kva.example"),
        ("ada@XN--BCHER-KVA.example", "ada@xn--bcher-kva.example"),
        ("Jose\u{301}@x.com", "jos\u{e9}@x.com"),
        ("ΣΊΣΥΦΟΣ@x.com", "σίσυφοσ@x.com"),
        ("a\u{37e}@x.com", "\"a;\"@x.com"),
        ("a@[IPv6:2001:DB8::1]", "a@[ipv6:2001:db8::1]"),
        ("Ada+News@x.com", "ada+news@x.com"),
    ] {
        assert_eq!(normal(text), expected, "{text}");
        let address = AddressRef::parse(text).expect(text);
        assert!(address.with_normal_form(|bytes| bytes == expected.as_bytes()), "{text}");
    }
}

#[test]
fn a_normal_form_may_be_longer_than_an_address_may_be() {
    // One letter of three octets, two of NFC.
    let longest = format!("{}a@b.c", "\u{958}".repeat(21));
    let apart = format!("{}a@b.c", "\u{915}\u{93c}".repeat(21));
    assert_eq!((kind(&longest), normal(&longest)), (None, apart.clone()));
    assert_eq!(kind(&apart), Some(Kind::LocalPartTooLong));
}

#[test]
fn cells_are_cleaned() {
    let ada = "ada@x.com";
    for (cell, steps) in [
        ("ada@x.com", vec![]),
        (" ada@x.com\u{a0}", vec![Step::WhiteSpace]),
        ("\u{200b}ada@x.com\u{feff}", vec![Step::WhiteSpace]),
        ("\u{200d}ada@x.com\u{200c}", vec![Step::WhiteSpace]),
        ("mailto:ada@x.com", vec![Step::Prefix]),
        (
            "MAILTO:ada@x.com?subject=Hello",
            vec![Step::Prefix, Step::Punctuation, Step::SurroundingText],
        ),
        ("<ada@x.com>", vec![Step::Wrapping]),
        ("\"ada@x.com\"", vec![Step::Wrapping]),
        ("'ada@x.com'", vec![Step::Wrapping]),
        ("“ada@x.com”", vec![Step::Wrapping]),
        ("ada@x.com.", vec![Step::Punctuation]),
        ("ada@x.com;", vec![Step::Punctuation]),
        ("ada@x.com_", vec![Step::Punctuation]),
        ("Ada Lovelace <ada@x.com>", vec![Step::WhiteSpace, Step::Wrapping, Step::SurroundingText]),
        ("N/A, ada@x.com", vec![Step::WhiteSpace, Step::Punctuation, Step::SurroundingText]),
        ("★;ada@x.com", vec![Step::Punctuation, Step::SurroundingText]),
        ("→\"ada\"@x.com", vec![Step::SurroundingText]),
        ("b@, ada@x.com", vec![Step::WhiteSpace, Step::Punctuation, Step::InvalidAddress]),
    ] {
        let found = from_cell(cell).expect(cell);
        assert_eq!(found.address.normal_form(), ada, "{cell}");
        assert_eq!(found.cleaning.steps().collect::<Vec<_>>(), steps, "{cell}");
    }
}

#[test]
fn a_mark_before_an_address_is_no_part_of_it() {
    for cell in ["'ada@x.com", "*ada@x.com", "`ada@x.com`", "'ada@x.com, 'bob@x.com"] {
        let found = from_cell(cell).expect("an address");
        assert_eq!(found.address.as_str(), "ada@x.com", "{cell}");
        assert!(!found.cleaning.is_empty(), "{cell}");
    }
    let found = from_cell("o'hara@x.com").expect("an address");
    assert_eq!((found.address.as_str(), found.cleaning.is_empty()), ("o'hara@x.com", true));
}

#[test]
fn joiners_within_a_word_are_kept() {
    let cell = "نمونه\u{200c}ها@example.com";
    assert_eq!(from_cell(cell).expect("valid").address.as_str(), cell);
    // A zero-width space, which ends a word, and which a domain is read without.
    let cell = "ada@\u{200B}example.com";
    assert_eq!(from_cell(cell).map(|found| found.address.as_str()), Ok(cell));
    assert_eq!(kind("a\u{200c}b@example.com"), Some(Kind::LocalPartCharacter));
}

#[test]
fn cells_may_hold_several() {
    for cell in [
        "a@x.com; b@y.com",
        "a@x.com,b@y.com",
        "a@x.com/b@y.com",
        "a@x.com|b@y.com",
        "a@x.com b@y.com",
        "a@x.com\nb@y.com",
        "A <a@x.com>, \"B, C\" <b@y.com>",
    ] {
        let found = from_cell(cell).expect(cell);
        assert_eq!(found.address.as_str(), "a@x.com", "{cell}");
        assert!(found.cleaning.contains(Step::OtherAddresses));
        let others: Vec<_> = found.others.map(|other| other.expect(cell).as_str()).collect();
        assert_eq!(others, ["b@y.com"], "{cell}");
    }
    let found = from_cell("\"ada l\"@x.com, a/b@y.com").expect("two addresses");
    assert_eq!(found.address.as_str(), "\"ada l\"@x.com");
    assert_eq!(found.others.flatten().next().map(|other| other.as_str()), Some("a/b@y.com"));
}

#[test]
fn cells_without_an_address() {
    for (cell, expected) in [
        ("", Kind::Empty),
        (" \u{200b}\n", Kind::Empty),
        ("N/A", Kind::MissingAt),
        ("-", Kind::MissingAt),
        ("ada (at) x.com", Kind::MissingAt),
        ("ada @ x.com", Kind::EmptyLocalPart),
        ("ada@x..com", Kind::EmptyLabel),
        ("@ada", Kind::EmptyLocalPart),
        ("https://x.com/@ada", Kind::LocalPartCharacter),
    ] {
        let error = from_cell(cell).expect_err(cell);
        assert_eq!(error.kind, expected, "{cell}");
        assert!(error.at <= cell.len());
    }
    assert_eq!(from_cell("  (ada@x..com)").expect_err("two dots").at, 9);
}

#[test]
fn a_mistyped_domain_is_a_hint_only() {
    let found = from_cell("ada@gmial.com").expect("valid all the same");
    assert_eq!(found.address.as_str(), "ada@gmial.com");
    assert_eq!(found.suggested_domain(), Some("gmail.com"));
}

#[test]
fn nothing_personal_in_debug_or_errors() {
    let address: EmailAddress = "ada@example.com".parse().expect("valid");
    let cell = from_cell("Ada <ada@example.com>, b@c.d").expect("valid");
    let error = from_cell("ada@example..com").expect_err("two dots");
    for text in [
        format!("{address:?} {:?} {cell:?} {:?}", address.as_address(), cell.others),
        format!("{error:?} {error}"),
    ] {
        assert!(!text.contains("ada") && !text.contains("example.com"), "{text}");
    }
}

#[test]
fn owned_addresses_are_strings_in_json() {
    let address = EmailAddress::parse("Ada@Example.com").expect("valid");
    let json = serde_json::to_string(&address).expect("serializes");
    assert_eq!(json, "\"Ada@Example.com\"");
    assert_eq!(serde_json::from_str::<EmailAddress>(&json).expect("comes back"), address);
    assert!(serde_json::from_str::<EmailAddress>("\"ada\"").is_err());
}
