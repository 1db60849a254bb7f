//! Lists of domains and local parts: who gives mailboxes to anyone, who does for minutes only, which
//! mailboxes are of no person, and which names are often mistyped.
//!
//! What they say of an address is a remark on it. None of it changes whether mail can be delivered.
//!
//! | list | for | lines |
//! |---|---|---|
//! | `free_mail.txt` | [`is_free_mail`] | free-mail and consumer internet providers |
//! | `disposable.txt` | [`is_disposable`], feature `verification` | domains of throw-away mailboxes |
//! | `roles.txt` | [`is_role`], feature `verification` | local parts of roles, without separators |
//!
//! A list is a text file: its comments first, which name the packages it comes from, then a domain or a
//! word a line, sorted by byte. `examples/refresh_domain_lists` writes all three. A program that looks
//! them up holds fingerprints of the lines only: 72, 144 and 18 KiB.
//!
//! ```
//! use genesy_core::address::lists::is_free_mail;
//! # #[cfg(feature = "verification")]
//! use genesy_core::address::lists::{is_disposable, is_role};
//!
//! assert!(is_free_mail("gmail.com"));
//! # #[cfg(feature = "verification")]
//! assert!(is_disposable("inbox.mailinator.com"));
//! # #[cfg(feature = "verification")]
//! assert!(is_role("Customer-Service+eu"));
//! ```

#[cfg(feature = "verification")]
mod disposable;
#[cfg(feature = "verification")]
mod role;
mod suggestion;
#[cfg(test)]
mod tests;
mod word_set;

use word_set::WordSet;

#[cfg(feature = "verification")]
pub use disposable::is_disposable;
#[cfg(feature = "verification")]
pub use role::is_role;
#[cfg(feature = "csv")]
pub(super) use suggestion::suggest;
pub use suggestion::suggest_domain;

static FREE_MAIL: WordSet<{ 1 << 13 }> = WordSet::new(include_bytes!("free_mail.txt"));

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
