//! The program on packages of a few words, and the lists it wrote.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::kept::{Changes, Kept, words};
use crate::lists::{List, disposable, domain_on_wire, free_mail, free_mail_domains, joined, roles};
use crate::lists_folder;
use crate::packages::{
    Package, Packages, json_array, json_array_of_set, offered_lately, quoted_lines,
};

fn set(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

fn package(words: &[&str]) -> Package {
    Package { version: "1.2.3".to_owned(), words: set(words) }
}

fn changes(more: &[&str], never: &[&str]) -> Changes {
    Changes { more: set(more), never: set(never) }
}

fn lines(text: &str) -> Vec<&str> {
    text.lines().filter(|line| !line.starts_with('#')).collect()
}

fn committed(file: &str) -> String {
    fs::read_to_string(lists_folder().join(file)).expect("a list of the library")
}

#[test]
fn providers_are_in_both_packages_and_not_disposable() {
    let packages = Packages {
        free_email_domains: package(&[
            "Mail.example",
            "one.example",
            "bin.example",
            "shop.example",
        ]),
        email_providers: package(&["mail.example", "two.example", "bin.example", "shop.example"]),
        mailchecker: package(&["bin.example", "relay.example"]),
        ..Packages::default()
    };
    let kept =
        Kept { free_mail: changes(&["relay.example"], &["shop.example"]), ..Kept::default() };
    let providers = free_mail_domains(&packages, &kept);
    let List { file, text } = free_mail(&packages, &providers);
    assert_eq!(file, "free_mail.txt");
    assert_eq!(lines(&text), ["mail.example", "relay.example"]);
    assert!(text.starts_with("# "), "{text}");
    assert!(text.contains("mailchecker@1.2.3"), "{text}");
}

#[test]
fn no_disposable_domain_stands_for_what_is_none() {
    let packages = Packages {
        disposable_email_domains: package(&[
            "BIN.example",
            "a.bin.example",
            "mail.example",
            "apple.example",
            "büro.example",
            "co.uk",
            "not a domain",
            "localhost",
        ]),
        fakefilter: package(&["bin.example", "offered.example", "never.example"]),
        ..Packages::default()
    };
    let kept = Kept {
        disposable: changes(&["more.example"], &["never.example", "relay.apple.example"]),
        ..Kept::default()
    };
    let text = disposable(&packages, &kept, &set(&["mail.example"])).text;
    let expected = ["bin.example", "more.example", "offered.example", "xn--bro-hoa.example"];
    assert_eq!(lines(&text), expected);
}

#[test]
fn roles_are_words_without_separators() {
    let packages = Packages {
        role_based_email_addresses: package(&["No-Reply", "no_reply", "2026", "sales2", "paris"]),
        ..Packages::default()
    };
    let kept = Kept { roles: changes(&["vertrieb"], &["paris"]), ..Kept::default() };
    let text = roles(&packages, &kept).text;
    let roles = lines(&text);
    for role in ["noreply", "sales2", "vertrieb", "postmaster", "listrequest"] {
        assert!(roles.contains(&role), "{role}");
    }
    assert!(!roles.contains(&"2026") && !roles.contains(&"paris"));
    assert!(roles.is_sorted_by(|a, b| a < b));
}

#[test]
fn packages_are_read_in_their_own_forms() {
    assert_eq!(json_array(r#"["b", "a"]"#), Ok(set(&["a", "b"])));
    assert_eq!(
        json_array_of_set(r#"var list = new Set(["a","b"]), x = f("c");"#),
        Ok(set(&["a", "b"]))
    );
    assert_eq!(
        quoted_lines("x = {\n    'a.b',\n  'c',\n  \"d\",\n}\nf('e')\n"),
        Ok(set(&["a.b", "c"]))
    );
    let day = 24 * 60 * 60;
    let list = format!(
        r#"{{"t": {}, "domains": {{"x": {{"hosts": {{
            "new.x": {{"lastseen": {}}}, "old.x": {{"lastseen": {day}}}, "now.x": {{"lastseen": {}}}
        }}}}}}}}"#,
        365 * day,
        185 * day,
        366 * day,
    );
    assert_eq!(offered_lately(&list), Ok(set(&["new.x", "now.x"])));
}

#[test]
fn a_package_of_another_form_is_an_error() {
    for (text, parse) in [
        ("{}", json_array as fn(&str) -> Result<BTreeSet<String>, String>),
        ("[1]", json_array),
        ("var list = [];", json_array_of_set),
        ("new Set([\"a\"", json_array_of_set),
        ("x = {\"a\"}", quoted_lines),
        ("{\"domains\": {}}", offered_lately),
        (r#"{"t": 1, "domains": {"x": {}}}"#, offered_lately),
        (r#"{"t": 1, "domains": {"x": {"hosts": {"y": {}}}}}"#, offered_lately),
    ] {
        assert!(parse(text).is_err(), "{text}");
    }
    let error = Packages::read(Path::new("no/such/folder")).err().expect("an error");
    assert!(error.contains("no/such/folder/node_modules/free-email-domains"), "{error}");
}

#[test]
fn mistakes_in_kept_lists_are_told_with_their_line() {
    let domains = |text| words("kept.txt", text, domain_on_wire);
    assert_eq!(
        domains("# a comment\na.example b.example\nc.example\n").map(|set| set.len()),
        Ok(3)
    );
    for (text, at) in [
        ("a.example\nB.example", "kept.txt, line 2: B.example"),
        ("localhost", "kept.txt, line 1: localhost"),
        ("a.example\n# comment\na.example", "kept.txt, line 3: a.example"),
    ] {
        let error = domains(text).expect_err("a mistake");
        assert!(error.starts_with(at), "{error}");
    }
    assert!(words("kept.txt", "no-reply", joined).is_err());
    assert!(Kept::read().is_ok());
}

#[test]
fn the_lists_of_the_library_agree_with_those_kept_by_hand() {
    let kept = Kept::read().expect("kept lists");
    for (file, changes) in [
        ("free_mail.txt", kept.free_mail),
        ("disposable.txt", kept.disposable),
        ("roles.txt", kept.roles),
    ] {
        let text = committed(file);
        let words: BTreeSet<&str> = lines(&text).into_iter().collect();
        for word in &changes.more {
            assert!(words.contains(word.as_str()), "{word} is not in {file}");
        }
        for word in &changes.never {
            assert!(!words.contains(word.as_str()), "{word} is in {file}");
        }
    }
}
