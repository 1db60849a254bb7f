//! Lists of domains: who gives mailboxes to anyone, and which names are often mistyped.
//!
//! A list is a text file compiled in: its comments first, then one domain a line, sorted by byte.

mod domain_list;
mod suggestion;

use domain_list::DomainList;

#[cfg(feature = "csv")]
pub(super) use suggestion::suggest;
pub use suggestion::suggest_domain;

static FREE_MAIL_TEXT: &[u8] = include_bytes!("free_mail.txt");
static FREE_MAIL: DomainList = DomainList::new(FREE_MAIL_TEXT);

/// Services that run under one name in many countries: every country's domain of theirs counts.
const IN_MANY_COUNTRIES: [&str; 4] = ["hotmail", "outlook", "windowslive", "yahoo"];

/// Whether anyone can have a mailbox at `domain`: free-mail and consumer internet providers.
///
/// The case of letters does not matter; a subdomain does (`mail.gmail.com` is not `gmail.com`).
#[must_use]
#[inline]
pub fn is_free_mail(domain: &str) -> bool {
    FREE_MAIL.contains(domain.as_bytes())
        || (may_be_country_domain(domain.as_bytes()) && is_country_domain(domain.as_bytes()))
}

/// STUB until the lists are merged.
#[cfg(feature = "verification")]
pub fn is_disposable(_: &str) -> bool {
    false
}
/// STUB until the lists are merged.
#[cfg(feature = "verification")]
pub fn is_role(_: &str) -> bool {
    false
}

/// Whether `domain` begins as one of the services [in many countries](IN_MANY_COUNTRIES) does.
#[inline]
fn may_be_country_domain(domain: &[u8]) -> bool {
    let start = |text: &[u8]| text.first_chunk::<4>().map(|start| u32::from_le_bytes(*start));
    start(domain).is_some_and(|domain| {
        let domain = domain | 0x2020_2020;
        IN_MANY_COUNTRIES.iter().any(|service| start(service.as_bytes()) == Some(domain))
    })
}

/// `yahoo.xx`, `yahoo.co.xx` or `yahoo.com.xx`, with a country of two letters.
fn is_country_domain(domain: &[u8]) -> bool {
    let mut labels = domain.split(|&byte| byte == b'.');
    let name = labels.next().unwrap_or_default();
    let country = |label: &[u8]| label.len() == 2 && label.iter().all(u8::is_ascii_alphabetic);
    let commercial =
        |label: &[u8]| label.eq_ignore_ascii_case(b"co") || label.eq_ignore_ascii_case(b"com");
    let suffix = match (labels.next(), labels.next(), labels.next()) {
        (Some(top), None, None) => country(top),
        (Some(second), Some(top), None) => commercial(second) && country(top),
        _ => false,
    };
    suffix && IN_MANY_COUNTRIES.iter().any(|service| service.as_bytes().eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::{FREE_MAIL, FREE_MAIL_TEXT, is_free_mail};

    #[test]
    fn the_list_is_sorted_and_found() {
        let text = std::str::from_utf8(FREE_MAIL_TEXT).expect("UTF-8");
        let domains: Vec<&str> = text.lines().skip_while(|line| line.starts_with('#')).collect();
        assert!(domains.is_sorted_by(|a, b| a < b));
        for domain in domains {
            assert!(FREE_MAIL.contains(domain.as_bytes()), "{domain}");
            assert!(FREE_MAIL.contains(domain.to_ascii_uppercase().as_bytes()), "{domain}");
            let shorter = &domain[..domain.len() - 1];
            assert_eq!(
                FREE_MAIL.contains(shorter.as_bytes()),
                text.lines().any(|line| line == shorter)
            );
        }
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
}
