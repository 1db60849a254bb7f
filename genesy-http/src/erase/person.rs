//! Whom to erase, and where an address is mentioned.

use std::fmt;

use genesy_core::address::{AddressRef, DomainKind};
use genesy_core::website::WebsiteRef;

/// A person by the e-mail address, or all people of a domain.
#[derive(Clone)]
pub(crate) struct Person {
    /// Lower case, to be looked for whatever the case: as entered, and in the normal form.
    spellings: Vec<String>,
    is_domain: bool,
    normal: String,
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Person").field("is_domain", &self.is_domain).finish_non_exhaustive()
    }
}

impl Person {
    /// The person with an address; nothing if it is none.
    pub(crate) fn by_email(text: &str) -> Option<Self> {
        let address = AddressRef::parse(text.trim()).ok()?;
        let normal = address.normal_form();
        let spellings = spellings(address.as_str(), &normal);
        Some(Self { spellings, is_domain: false, normal })
    }

    /// The people of a domain and of those below it; nothing if it is none.
    pub(crate) fn by_domain(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches('@');
        let site = WebsiteRef::parse(text).ok()?;
        // Only a domain, not a page: nothing may be guessed here.
        let address = format!("x@{text}");
        let address = AddressRef::parse(&address).ok()?;
        if address.domain_kind() != DomainKind::Name || site.host().is_empty() {
            return None;
        }
        let normal = address.normal_form().split_off("x@".len());
        let spellings = spellings(text, &normal);
        Some(Self { spellings, is_domain: true, normal })
    }

    /// The address or the domain in its normal form.
    pub(crate) fn normal(&self) -> &str {
        &self.normal
    }

    /// Whether it is all people of a domain.
    pub(crate) fn is_domain(&self) -> bool {
        self.is_domain
    }

    /// What a text that mentions it holds, in lower case.
    pub(crate) fn spellings(&self) -> &[String] {
        &self.spellings
    }

    /// Whether a text mentions the address, or an address of the domain. The text may be one of JSON.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        let mut text = text.to_lowercase();
        while !self.is_in_plain(&text) {
            // What stands behind a line end must not be taken for the `n` of its escape.
            if !text.contains('\\') {
                return false;
            }
            text = unescaped(&text);
        }
        true
    }

    fn is_in_plain(&self, text: &str) -> bool {
        self.spellings.iter().any(|spelling| {
            let mut places = text.match_indices(spelling.as_str());
            places.any(|(start, _)| self.is_at(text, start, start + spelling.len()))
        })
    }

    /// Whether what stands there is the whole of an address or of a domain.
    fn is_at(&self, text: &str, start: usize, end: usize) -> bool {
        let before = text[..start].chars().next_back();
        let mut behind = text[end..].chars();
        let ends = match behind.next() {
            Some('.') => !behind.next().is_some_and(char::is_alphanumeric),
            Some(next) => !next.is_alphanumeric() && next != '-',
            None => true,
        };
        let begins = match before {
            Some('@' | '.') if self.is_domain => text[..start].contains('@'),
            _ if self.is_domain => false,
            Some(before) => !before.is_alphanumeric() && !"._%+-".contains(before),
            None => true,
        };
        begins && ends
    }
}

/// The ways to write an address or a domain: as entered and in the normal form, the domain in letters of ASCII
/// and in its own.
fn spellings(written: &str, normal: &str) -> Vec<String> {
    let local = |text: &str| text.rfind('@').map_or(0, |at| at + 1);
    let (local_written, local_normal) = (&written[..local(written)], &normal[..local(normal)]);
    let ascii = &normal[local(normal)..];
    let own = idna::domain_to_unicode(ascii).0;
    let mut spellings = vec![written.to_lowercase()];
    for local in [local_written, local_normal] {
        spellings.extend([ascii, &own].map(|domain| format!("{local}{domain}").to_lowercase()));
    }
    spellings.sort();
    spellings.dedup();
    spellings
}

/// A text without the escapes of JSON.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        if character != '\\' {
            plain.push(character);
            continue;
        }
        match rest.next() {
            Some('n' | 'r' | 't' | 'b' | 'f') => plain.push(' '),
            Some('u') => {
                let code =
                    rest.as_str().get(..4).and_then(|code| u32::from_str_radix(code, 16).ok());
                if let Some(code) = code {
                    rest = rest.as_str()[4..].chars();
                    plain.push(char::from_u32(code).unwrap_or(' '));
                }
            }
            Some(other) => plain.push(other),
            None => {}
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::Person;

    #[test]
    fn an_address_is_found_as_a_whole_alone() {
        let ada = Person::by_email("Ada@Example.com").expect("an address");
        for text in [
            "ada@example.com",
            "<ADA@EXAMPLE.COM>",
            "write to ada@example.com.",
            "\"ada@example.com\",",
            r#"["ask\nada@example.com"]"#,
            r#"["ask\tada@example.com"]"#,
            r#"["ask\u000bada@example.com"]"#,
            r#"["a \\\\ and\nada@example.com"]"#,
            r#"["{\"a\":\"ask\\nada@example.com\"}"]"#,
        ] {
            assert!(ada.is_in(text), "{text}");
        }
        for text in
            ["nada@example.com", "x.ada@example.com", "ada@example.com.au", "ada@example.community"]
        {
            assert!(!ada.is_in(text), "{text}");
        }
        assert!(Person::by_email("ada").is_none());
        assert!(!format!("{ada:?}").contains("ada"));
    }

    #[test]
    fn a_domain_is_found_in_all_its_letters() {
        for entered in ["Ada@Bücher.example", "ada@xn--bcher-kva.example"] {
            let ada = Person::by_email(entered).expect("an address");
            assert!(ada.is_in("ask ADA@BÜCHER.example"), "{entered}");
            assert!(ada.is_in("ask ada@xn--bcher-kva.example"), "{entered}");
            assert!(!ada.is_in("ask bada@bücher.example"), "{entered}");
        }
        let domain = Person::by_domain("xn--bcher-kva.com").expect("a domain");
        assert!(domain.is_in("ask bob@mail.bücher.com"));
    }

    #[test]
    fn a_domain_is_that_of_addresses() {
        let domain = Person::by_domain("Example.com").expect("a domain");
        assert!(domain.is_in("bob@example.com") && domain.is_in("bob@mail.example.com!"));
        assert!(!domain.is_in("bob@badexample.com") && !domain.is_in("see example.com"));
        assert!(Person::by_domain("https://example.com/x").is_none());
        assert!(Person::by_domain("com").is_none());
    }
}
