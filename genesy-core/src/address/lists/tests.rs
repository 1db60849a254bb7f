//! The lists as they are compiled in, against their texts and against domains that everybody knows.

use std::collections::BTreeSet;

use super::{FREE_MAIL, is_free_mail};

/// The lines of a list after its comments.
pub(super) fn lines(text: &str) -> Vec<&str> {
    text.lines().skip_while(|line| line.starts_with('#')).collect()
}

/// A list is sorted, in small letters, and its set agrees with the text on each line and on those that
/// one letter was taken from, added to or changed in.
pub(super) fn check_list(text: &str, contains: impl Fn(&str) -> bool) {
    let lines = lines(text);
    assert!(lines.is_sorted_by(|a, b| a < b));
    let words: BTreeSet<&str> = lines.iter().copied().collect();
    for word in lines {
        assert!(contains(word), "{word}");
        assert!(contains(&word.to_ascii_uppercase()), "{word}");
        assert_eq!(word, word.to_ascii_lowercase());
        for at in 0..word.len() {
            let (start, end) = word.split_at(at);
            for other in [
                format!("{start}{}", &end[1..]),
                format!("{start}x{end}"),
                format!("{start}o{}", &end[1..]),
                format!("{start}@{}", &end[1..]),
            ] {
                assert_eq!(contains(&other), words.contains(other.as_str()), "{other}");
            }
        }
    }
}

#[test]
fn the_free_mail_list_is_found() {
    let text = include_str!("free_mail.txt");
    check_list(text, |domain| FREE_MAIL.contains(domain.as_bytes()));
}

#[test]
fn providers_are_known_and_companies_are_not() {
    for domain in [
        "gmail.com",
        "GMail.com",
        "yahoo.fr",
        "yahoo.co.zw",
        "Yahoo.Co.ZW",
        "hotmail.com.ec",
        "outlook.bg",
        "gmx.net",
        "web.de",
        "orange.fr",
        "libero.it",
        "mail.ru",
        "yandex.ru",
        "qq.com",
        "163.com",
        "naver.com",
        "proton.me",
        "icloud.com",
        "aol.com",
        "comcast.net",
    ] {
        assert!(is_free_mail(domain), "{domain}");
    }
    for domain in [
        "",
        ".",
        "com",
        "example.com",
        "gmail",
        "gmail.co",
        "notgmail.com",
        "mail.gmail.com",
        "yahoo.company",
        "yahoo.ac.uk",
        "outlook.co.u",
        "siemens.com",
        "zzzz.zz",
        "# free-mail",
        &"a".repeat(300),
    ] {
        assert!(!is_free_mail(domain), "{domain}");
    }
}
