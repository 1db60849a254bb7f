//! Lists of domains: who gives mailboxes to anyone, and which names are often mistyped.
//!
//! A list is a text file compiled in: its comments first, then one domain a line, sorted by byte.

mod suggestion;

use super::DOMAIN_OCTETS_MAX;

pub use suggestion::suggest_domain;

static FREE_MAIL: &str = include_str!("free_mail.txt");

/// Services that run under one name in many countries: every country's domain of theirs counts.
const IN_MANY_COUNTRIES: [&str; 4] = ["hotmail", "outlook", "windowslive", "yahoo"];

/// Whether anyone can have a mailbox at `domain`: free-mail and consumer internet providers.
///
/// The case of letters does not matter; a subdomain does (`mail.gmail.com` is not `gmail.com`).
#[must_use]
pub fn is_free_mail(domain: &str) -> bool {
    let mut lower = [0; DOMAIN_OCTETS_MAX];
    let Some(lower) = lower.get_mut(..domain.len()) else {
        return false;
    };
    lower.copy_from_slice(domain.as_bytes());
    lower.make_ascii_lowercase();
    contains_line(FREE_MAIL.as_bytes(), lower) || is_country_domain(lower)
}

/// Binary search in the lines of `list` without an index beside it.
fn contains_line(list: &[u8], line: &[u8]) -> bool {
    let (mut low, mut high) = (0, list.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let start = list[low..middle].iter().rposition(|&byte| byte == b'\n');
        let start = start.map_or(low, |at| low + at + 1);
        let end = list[start..].iter().position(|&byte| byte == b'\n');
        let end = end.map_or(list.len(), |at| start + at);
        match list[start..end].cmp(line) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    false
}

/// `yahoo.xx`, `yahoo.co.xx` or `yahoo.com.xx`, with a country of two letters.
fn is_country_domain(domain: &[u8]) -> bool {
    let mut labels = domain.split(|&byte| byte == b'.');
    let name = labels.next().unwrap_or_default();
    let country = |label: &[u8]| label.len() == 2 && label.iter().all(u8::is_ascii_lowercase);
    let suffix = match (labels.next(), labels.next(), labels.next()) {
        (Some(top), None, None) => country(top),
        (Some(b"co" | b"com"), Some(top), None) => country(top),
        _ => false,
    };
    suffix && IN_MANY_COUNTRIES.iter().any(|service| service.as_bytes() == name)
}

#[cfg(test)]
mod tests {
    use super::{FREE_MAIL, contains_line, is_free_mail};

    /// What a list may weigh in the program, in octets.
    const LIST_OCTETS_MAX: usize = 100_000;

    #[test]
    fn the_list_is_sorted_and_small() {
        let domains: Vec<&str> =
            FREE_MAIL.lines().skip_while(|line| line.starts_with('#')).collect();
        assert!(domains.is_sorted_by(|a, b| a < b));
        assert!(FREE_MAIL.len() <= LIST_OCTETS_MAX);
        for domain in domains {
            assert!(contains_line(FREE_MAIL.as_bytes(), domain.as_bytes()), "{domain}");
        }
    }

    #[test]
    fn providers_are_known_and_companies_are_not() {
        for domain in [
            "gmail.com",
            "GMail.com",
            "yahoo.fr",
            "yahoo.co.zw",
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
}
