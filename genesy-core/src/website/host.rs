//! From a cell to its host, and from a host to its registrable domain.

use core::net::Ipv4Addr;
use std::borrow::Cow;

use psl::{List, Psl};

use super::error::{WebsiteError, WebsiteErrorKind as Kind};
use crate::address::{domain_to_wire, usual_domain_octets};

/// The host of the web address `text`, in lower-case A-labels, without a trailing dot.
pub(super) fn find(text: &str) -> Result<Cow<'_, str>, WebsiteError> {
    if let Some(host) = find_usual(text) {
        return Ok(Cow::Borrowed(host));
    }
    let text = strip_wrapping(text);
    if text.is_empty() {
        return Err(WebsiteError::new(Kind::Empty));
    }
    let (rest, has_scheme) = strip_scheme(text)?;
    let end = rest.bytes().position(|byte| matches!(byte, b'/' | b'?' | b'#' | b'\\'));
    let authority = &rest[..end.unwrap_or(rest.len())];
    let host = match authority.rsplit_once('@') {
        None => authority,
        // Only a web address that says so has user information; anything else is an e-mail address.
        Some((_, host)) if has_scheme => host,
        Some(_) => return Err(WebsiteError::new(Kind::EmailAddress)),
    };
    if host.starts_with('[') {
        return Err(WebsiteError::new(Kind::IpAddress));
    }
    let host = strip_port(host)?;
    let host = host.trim_end_matches(['.', ',', ';']);
    if !host.contains('.') && host.is_ascii() {
        return Err(WebsiteError::new(Kind::InvalidHost));
    }
    if host.parse::<Ipv4Addr>().is_ok() {
        return Err(WebsiteError::new(Kind::IpAddress));
    }
    normalize(host)
}

/// The host of the web address that nearly all are: lower-case ASCII, with no port or user.
/// Nothing means "look closer", not "invalid".
fn find_usual(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("http").map_or(text, |rest| {
        rest.strip_prefix("s://").or_else(|| rest.strip_prefix("://")).unwrap_or(text)
    });
    let octets = usual_domain_octets(rest.as_bytes())?;
    let host = &rest[..octets];
    let ends = matches!(rest.as_bytes().get(octets), None | Some(b'/'));
    // A letter at the end rules out an IP address.
    (ends && host.contains('.') && host.ends_with(|last: char| last.is_ascii_alphabetic()))
        .then_some(host)
}

/// `host` checked, in lower-case A-labels.
pub(super) fn normalize(host: &str) -> Result<Cow<'_, str>, WebsiteError> {
    if usual_domain_octets(host.as_bytes()) == Some(host.len()) {
        return Ok(Cow::Borrowed(host));
    }
    let wire = domain_to_wire(host).map_err(|_| WebsiteError::new(Kind::InvalidHost))?;
    if wire.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Ok(Cow::Owned(wire.to_ascii_lowercase()));
    }
    Ok(wire)
}

/// Where the registrable domain of `host` begins, which is in lower-case A-labels.
pub(super) fn registrable_at(host: &str) -> Option<usize> {
    let domain = List.domain(host.as_bytes())?;
    domain.suffix().is_known().then(|| host.len() - domain.as_bytes().len())
}

/// `text` without one pair of brackets or quotes around it.
fn strip_wrapping(text: &str) -> &str {
    let pairs = [('<', '>'), ('"', '"'), ('\'', '\''), ('(', ')')];
    let inner = |(open, close): (char, char)| text.strip_prefix(open)?.strip_suffix(close);
    match text.as_bytes().first() {
        Some(b'<' | b'"' | b'\'' | b'(') => {
            pairs.into_iter().find_map(inner).unwrap_or(text).trim()
        }
        _ => text,
    }
}

/// `text` after its scheme, and whether it had one: `//` alone counts.
fn strip_scheme(text: &str) -> Result<(&str, bool), WebsiteError> {
    for scheme in ["https://", "http://", "//"] {
        let prefix = text.as_bytes().get(..scheme.len());
        if prefix.is_some_and(|prefix| prefix.eq_ignore_ascii_case(scheme.as_bytes())) {
            return Ok((&text[scheme.len()..], true));
        }
    }
    let Some((before, after)) = text.split_once(':') else {
        return Ok((text, false));
    };
    if before.eq_ignore_ascii_case("mailto") {
        return Err(WebsiteError::new(Kind::EmailAddress));
    }
    // A colon further on belongs to the path; `example.com:80` has a port.
    let is_scheme = !before.is_empty() && before.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_scheme && after.starts_with("//") {
        return Err(WebsiteError::new(Kind::UnsupportedScheme));
    }
    Ok((text, false))
}

/// `authority` without a port.
fn strip_port(authority: &str) -> Result<&str, WebsiteError> {
    match authority.split_once(':') {
        None => Ok(authority),
        Some((host, port)) if port.is_empty() || is_port(port) => Ok(host),
        Some(_) => Err(WebsiteError::new(Kind::InvalidPort)),
    }
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok()
}
