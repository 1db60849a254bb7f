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
        let mut spellings = vec![address.as_str().to_lowercase(), normal.to_lowercase()];
        spellings.dedup();
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
        let mut spellings = vec![text.to_lowercase(), normal.to_lowercase()];
        spellings.dedup();
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

    /// Whether a text mentions the address, or an address of the domain.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.spellings.iter().any(|spelling| {
            let places = text.match_indices(spelling.as_str());
            places.into_iter().any(|(start, _)| self.is_at(&text, start, start + spelling.len()))
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
    fn a_domain_is_that_of_addresses() {
        let domain = Person::by_domain("Example.com").expect("a domain");
        assert!(domain.is_in("bob@example.com") && domain.is_in("bob@mail.example.com!"));
        assert!(!domain.is_in("bob@badexample.com") && !domain.is_in("see example.com"));
        assert!(Person::by_domain("https://example.com/x").is_none());
        assert!(Person::by_domain("com").is_none());
    }
}
