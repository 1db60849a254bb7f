//! Websites: hosts and registrable domains from cells, company domains, LinkedIn pages.

use genesy_core::address::AddressRef;
use genesy_core::website::{
    LinkedinPage, Website, WebsiteErrorKind as Kind, WebsiteRef, company_domain_from_address,
    linkedin_page, linkedin_profile,
};
use proptest::prelude::*;

#[test]
fn hosts_and_registrable_domains() {
    for (cell, host, registrable) in [
        ("example.com", "example.com", "example.com"),
        (" www.example.com\u{a0}", "www.example.com", "example.com"),
        ("https://www.example.co.uk/path?x", "www.example.co.uk", "example.co.uk"),
        ("//example.com", "example.com", "example.com"),
        ("HTTP://WWW.Example.COM/", "www.example.com", "example.com"),
        ("example.com./", "example.com", "example.com"),
        ("example.com///", "example.com", "example.com"),
        ("example.com:8080/a:b@c", "example.com", "example.com"),
        ("https://user:secret@example.com:443", "example.com", "example.com"),
        ("example.com?x=a@b", "example.com", "example.com"),
        ("example.com#top", "example.com", "example.com"),
        ("<https://example.com>", "example.com", "example.com"),
        ("https://b\u{fc}cher.de/", "xn--bcher-kva.de", "xn--bcher-kva.de"),
        ("xn--bcher-kva.de", "xn--bcher-kva.de", "xn--bcher-kva.de"),
        ("例子.公司", "xn--fsqu00a.xn--55qx5d", "xn--fsqu00a.xn--55qx5d"),
        ("ada.github.io", "ada.github.io", "ada.github.io"),
        ("www.ada.github.io", "www.ada.github.io", "ada.github.io"),
        ("shop.myshopify.com", "shop.myshopify.com", "shop.myshopify.com"),
        ("www.city.kawasaki.jp", "www.city.kawasaki.jp", "city.kawasaki.jp"),
    ] {
        let website = WebsiteRef::parse(cell).expect(cell);
        assert_eq!((website.host(), website.registrable_domain()), (host, registrable), "{cell}");
        assert_eq!(website.as_entered(), cell.trim());
    }
}

#[test]
fn what_is_no_website() {
    for (cell, expected) in [
        ("", Kind::Empty),
        (" \u{a0}", Kind::Empty),
        ("localhost", Kind::InvalidHost),
        ("http://localhost:3000", Kind::InvalidHost),
        ("N/A", Kind::InvalidHost),
        ("n.a.", Kind::NoRegistrableDomain),
        ("-", Kind::InvalidHost),
        ("none", Kind::InvalidHost),
        ("Acme Inc.", Kind::InvalidHost),
        ("Acme Inc. Ltd", Kind::InvalidHost),
        ("192.0.2.1", Kind::IpAddress),
        ("http://192.0.2.1:80/", Kind::IpAddress),
        ("http://[2001:db8::1]/", Kind::IpAddress),
        ("ada@example.com", Kind::EmailAddress),
        ("mailto:ada@example.com", Kind::EmailAddress),
        ("ftp://example.com", Kind::UnsupportedScheme),
        ("example.com:x", Kind::InvalidPort),
        ("example.com:65536", Kind::InvalidPort),
        ("co.uk", Kind::NoRegistrableDomain),
        ("github.io", Kind::NoRegistrableDomain),
        ("printer.local", Kind::NoRegistrableDomain),
        ("node.js", Kind::NoRegistrableDomain),
        ("ex_ample.com", Kind::InvalidHost),
        ("-example.com", Kind::InvalidHost),
    ] {
        let error = WebsiteRef::parse(cell).expect_err(cell);
        assert_eq!(error.kind, expected, "{cell}");
    }
}

#[test]
fn free_mail_is_no_company() {
    let gmail = WebsiteRef::parse("www.gmail.com").expect("a website");
    assert!(gmail.is_free_mail());
    assert_eq!(gmail.company_domain(), None);
    let company = Website::parse("www.example.com").expect("a website");
    assert_eq!(company.company_domain(), Some("example.com"));

    let domain = |text| {
        let address = AddressRef::parse(text).expect("valid");
        company_domain_from_address(&address).map(std::borrow::Cow::into_owned)
    };
    assert_eq!(domain("ada@mail.example.co.uk").as_deref(), Some("example.co.uk"));
    assert_eq!(domain("ada@Example.com").as_deref(), Some("example.com"));
    for text in
        ["a@gmail.com", "a@Yahoo.co.jp", "a@pp.inet.fi", "a@[192.0.2.1]", "a@host", "a@b.local"]
    {
        assert_eq!(domain(text), None, "{text}");
    }
}

#[test]
fn linkedin_pages_are_told_apart() {
    for cell in [
        "https://www.linkedin.com/in/ada-lovelace/",
        "linkedin.com/in/ada-lovelace",
        "http://UK.LinkedIn.com/in/ada-lovelace?trk=x",
        "https://m.linkedin.com/in/ada-lovelace#about",
        "linkedin.com/pub/ada-lovelace/1/2/3",
    ] {
        assert_eq!(linkedin_profile(cell), Some("ada-lovelace"), "{cell}");
    }
    let company = linkedin_page("https://www.linkedin.com/company/example/about");
    assert_eq!(company, Some(LinkedinPage::Company("example")));
    for cell in [
        "",
        "linkedin.com",
        "linkedin.com/in/",
        "linkedin.com/feed/x",
        "notlinkedin.com/in/ada",
        "linkedin.com.example.org/in/ada",
        "example.com/linkedin.com/in/ada",
        "linkedin.com/company/example",
        "linkedin.com/in/a b",
    ] {
        assert_eq!(linkedin_profile(cell), None, "{cell}");
    }
}

#[test]
fn owned_websites_are_strings_in_json() {
    let website = Website::parse("https://www.Example.com/").expect("a website");
    let json = serde_json::to_string(&website).expect("serializes");
    assert_eq!(json, "\"https://www.Example.com/\"");
    assert_eq!(serde_json::from_str::<Website>(&json).expect("comes back"), website);
    assert!(serde_json::from_str::<Website>("\"localhost\"").is_err());
    assert_eq!(format!("{website:?}"), "Website(<redacted>)");
}

proptest! {
    #[test]
    fn nothing_panics_and_hosts_are_their_own(cell in prop_oneof![
        ".{0,60}",
        "(https?:)?(//)?([a-zé]{0,5}[.@:/]?){0,5}(com|co\\.uk|de|io)[./:?#0-9]{0,4}",
    ]) {
        if let Ok(website) = WebsiteRef::parse(&cell) {
            let again = WebsiteRef::parse(website.host()).expect("a host is a website");
            prop_assert_eq!(again.host(), website.host());
            prop_assert!(website.host().ends_with(website.registrable_domain()));
        }
        let _ = linkedin_page(&cell);
    }
}
