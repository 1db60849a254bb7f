//! Domain names: letters, digits and hyphens (RFC 5321 §4.1.2), and internationalized ones (UTS 46).

use std::borrow::Cow;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

use super::error::{AddressError, AddressErrorKind as Kind};
use super::{DOMAIN_OCTETS_MAX, LABEL_OCTETS_MAX};

/// What every A-label starts with (RFC 5890 §2.3.1).
const A_LABEL_PREFIX: &str = "xn--";

/// Checks `domain` and gives its form on the wire: A-labels, in lower case if anything was mapped.
///
/// Error offsets count from the start of `domain`.
pub(crate) fn to_wire(domain: &str) -> Result<Cow<'_, str>, AddressError> {
    if domain.is_empty() {
        return Err(AddressError::new(Kind::EmptyDomain, 0));
    }
    if domain.is_ascii() {
        check_ascii(domain)?;
        if !has_a_label(domain) {
            return Ok(Cow::Borrowed(domain));
        }
    } else if let Some(at) = domain.find(is_never_in_a_domain) {
        return Err(AddressError::new(Kind::DomainCharacter, at));
    }
    // RFC 5890 §2.3.2.1 keeps `--` in the third and fourth place for A-labels; plain names on the
    // public internet have it all the same, so it is refused beside non-ASCII labels alone.
    let hyphens = if domain.is_ascii() { Hyphens::CheckFirstLast } else { Hyphens::Check };
    let ascii = Uts46::new()
        .to_ascii(domain.as_bytes(), AsciiDenyList::STD3, hyphens, DnsLength::Ignore)
        .map_err(|_| AddressError::new(Kind::InvalidInternationalDomain, 0))?;
    // The lengths that count are those on the wire; offsets into it would mean nothing to a caller.
    check_ascii(&ascii).map_err(|error| AddressError::new(error.kind, 0))?;
    Ok(ascii)
}

/// Whether one of the labels is an A-label, or pretends to be.
fn has_a_label(domain: &str) -> bool {
    domain.split('.').any(|label| {
        let prefix = label.as_bytes().get(..A_LABEL_PREFIX.len());
        prefix.is_some_and(|prefix| prefix.eq_ignore_ascii_case(A_LABEL_PREFIX.as_bytes()))
    })
}

/// ASCII other than letters, digits, hyphens and dots; and the quotes, dashes and bullets of word
/// processors, which UTS 46 lets pass although IDNA 2008 has no label with them (RFC 5892 §2).
fn is_never_in_a_domain(character: char) -> bool {
    match character {
        '\0'..='\u{7f}' => !character.is_ascii_alphanumeric() && !matches!(character, '-' | '.'),
        '«' | '»' | '\u{2010}'..='\u{2023}' | '\u{2030}'..='\u{205E}' => true,
        _ => false,
    }
}

/// `sub-domain *("." sub-domain)` with `sub-domain = Let-dig [Ldh-str]`, and the length limits.
fn check_ascii(domain: &str) -> Result<(), AddressError> {
    let mut start = 0;
    for label in domain.split('.') {
        let bytes = label.as_bytes();
        let ldh = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
        if let Some(at) = bytes.iter().position(|byte| !ldh(byte)) {
            return Err(AddressError::new(Kind::DomainCharacter, start + at));
        }
        let ([first, .., last] | [first @ last]) = bytes else {
            return Err(AddressError::new(Kind::EmptyLabel, start));
        };
        if *first == b'-' {
            return Err(AddressError::new(Kind::MisplacedHyphen, start));
        }
        if *last == b'-' {
            return Err(AddressError::new(Kind::MisplacedHyphen, start + bytes.len() - 1));
        }
        if bytes.len() > LABEL_OCTETS_MAX {
            return Err(AddressError::new(Kind::LabelTooLong, start + LABEL_OCTETS_MAX));
        }
        start += bytes.len() + 1;
    }
    if domain.len() > DOMAIN_OCTETS_MAX {
        return Err(AddressError::new(Kind::TooLong, DOMAIN_OCTETS_MAX));
    }
    Ok(())
}
