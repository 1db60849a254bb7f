//! Mailboxes for a few minutes.

use super::WordSet;
use crate::address::{DOMAIN_OCTETS_MAX, domain};

static DISPOSABLE: WordSet<{ 1 << 14 }> = WordSet::new(include_bytes!("disposable.txt"));

/// Whether `domain`, or a domain that it is below, gives out mailboxes that last for minutes.
///
/// Subdomains count since these services hand out wildcards. The case of letters does not matter, and an
/// internationalized domain is looked up by its A-labels. Services that forward mail to a person for
/// good, such as private relays, are not disposable.
///
/// A list of domains that change daily is never whole: `true` is evidence, `false` is none.
#[must_use]
pub fn is_disposable(domain: &str) -> bool {
    if domain.is_ascii() {
        is_disposable_on_wire(domain.as_bytes())
    } else {
        domain::to_wire(domain).is_ok_and(|domain| is_disposable_on_wire(domain.as_bytes()))
    }
}

fn is_disposable_on_wire(domain: &[u8]) -> bool {
    if domain.len() > DOMAIN_OCTETS_MAX {
        return false;
    }
    let mut name = domain;
    // A top-level domain alone is on no list.
    while let Some(dot) = name.iter().position(|&byte| byte == b'.') {
        if DISPOSABLE.contains(name) {
            return true;
        }
        name = &name[dot + 1..];
    }
    false
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{DISPOSABLE, is_disposable};
    use crate::address::lists::is_free_mail;
    use crate::address::lists::tests::{check_list, lines};

    const TEXT: &str = include_str!("disposable.txt");

    #[test]
    fn the_list_is_found() {
        check_list(TEXT, |domain| DISPOSABLE.contains(domain.as_bytes()));
    }

    #[test]
    fn no_line_is_a_provider_or_below_another() {
        let domains: BTreeSet<&str> = lines(TEXT).into_iter().collect();
        for domain in &domains {
            assert!(!is_free_mail(domain), "{domain}");
            assert!(is_disposable(domain) && is_disposable(&format!("x.{domain}")), "{domain}");
            let mut name = *domain;
            while let Some((_, parent)) = name.split_once('.') {
                assert!(!domains.contains(parent), "{domain}");
                name = parent;
            }
        }
    }

    #[test]
    fn no_provider_is_below_a_line() {
        for domain in lines(include_str!("free_mail.txt")) {
            assert!(!is_disposable(domain), "{domain}");
        }
    }

    #[test]
    fn well_known_services_are_found() {
        for domain in [
            "mailinator.com",
            "MAILINATOR.com",
            "team.mailinator.com",
            "a.b.c.yopmail.com",
            "guerrillamail.com",
            "sharklasers.com",
            "grr.la",
            "10minutemail.com",
            "yopmail.com",
            "temp-mail.org",
            "tempmail.com",
            "trashmail.com",
            "maildrop.cc",
            "getnada.com",
            "mohmal.com",
            "dispostable.com",
            "throwawaymail.com",
            "moakt.com",
            "discard.email",
            "mail.tm",
            "xn--9kq967o.com",
            "\u{9ea5}\u{514b}\u{6590}.mailinator.com",
        ] {
            assert!(is_disposable(domain), "{domain}");
        }
    }

    #[test]
    fn an_internationalized_domain_is_its_a_labels() {
        let domain = lines(TEXT).into_iter().find(|line| line.starts_with("xn--"));
        let domain = domain.expect("the list has some");
        let (unicode, checked) = idna::domain_to_unicode(domain);
        assert!(checked.is_ok() && !unicode.is_ascii());
        assert!(is_disposable(&unicode), "{unicode}");
        assert!(is_disposable(&domain.to_ascii_uppercase()), "{domain}");
    }

    #[test]
    fn providers_relays_and_companies_are_not_disposable() {
        for domain in [
            "gmail.com",
            "googlemail.com",
            "outlook.com",
            "hotmail.co.uk",
            "live.com",
            "msn.com",
            "yahoo.com",
            "yahoo.fr",
            "icloud.com",
            "me.com",
            "mac.com",
            "aol.com",
            "gmx.de",
            "web.de",
            "t-online.de",
            "orange.fr",
            "free.fr",
            "libero.it",
            "mail.ru",
            "yandex.ru",
            "qq.com",
            "163.com",
            "naver.com",
            "proton.me",
            "protonmail.com",
            "pm.me",
            "tutanota.com",
            "fastmail.com",
            "hey.com",
            "zoho.com",
            "posteo.de",
            "mailbox.org",
            "duck.com",
            "mozmail.com",
            "simplelogin.com",
            "anonaddy.com",
            "addy.io",
            "privaterelay.appleid.com",
            "appleid.com",
            "passmail.net",
            "google.com",
            "microsoft.com",
            "apple.com",
            "amazon.com",
            "amazon.de",
            "facebook.com",
            "meta.com",
            "netflix.com",
            "nvidia.com",
            "tesla.com",
            "intel.com",
            "ibm.com",
            "oracle.com",
            "sap.com",
            "salesforce.com",
            "siemens.com",
            "siemens-energy.com",
            "bosch.com",
            "basf.com",
            "bayer.com",
            "bmw.de",
            "mercedes-benz.com",
            "volkswagen.de",
            "allianz.com",
            "deutsche-bank.de",
            "telekom.de",
            "airbus.com",
            "totalenergies.com",
            "loreal.com",
            "lvmh.com",
            "bnpparibas.com",
            "axa.com",
            "renault.com",
            "shell.com",
            "bp.com",
            "unilever.com",
            "hsbc.com",
            "vodafone.com",
            "nestle.com",
            "novartis.com",
            "roche.com",
            "ubs.com",
            "ikea.com",
            "ericsson.com",
            "nokia.com",
            "maersk.com",
            "philips.com",
            "ing.com",
            "enel.com",
            "eni.com",
            "santander.com",
            "telefonica.com",
            "toyota.com",
            "sony.com",
            "samsung.com",
            "lg.com",
            "huawei.com",
            "alibaba.com",
            "tencent.com",
            "tcs.com",
            "infosys.com",
            "pwc.com",
            "kpmg.com",
            "ey.com",
            "deloitte.com",
            "mckinsey.com",
            "accenture.com",
            "stripe.com",
            "github.com",
            "cloudflare.com",
            "co.uk",
            "com.br",
            "github.io",
            "example.com",
            "example.co.uk",
        ] {
            assert!(!is_disposable(domain), "{domain}");
            assert!(!is_disposable(&format!("mail.{domain}")), "{domain}");
        }
    }

    #[test]
    fn what_is_no_domain_is_not_disposable() {
        let long = format!("{}mailinator.com", "a.".repeat(200));
        for text in [
            "",
            ".",
            "..",
            "@",
            "com",
            "mailinator",
            "mailinator.",
            "mailinator.com.",
            "mailinator.co",
            "ourmailinators.com",
            "mailinator.com.example",
            "x@mailinator.com",
            "mailinator\u{e}com",
            "# disposable",
            "[127.0.0.1]",
            "\u{e9}@mailinator.com",
            &long,
            &"a".repeat(5000),
        ] {
            assert!(!is_disposable(text), "{text:?}");
        }
    }
}
