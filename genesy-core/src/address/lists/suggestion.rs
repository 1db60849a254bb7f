//! The domain that a mistyped one was probably meant to be.

use super::is_free_mail;

/// The providers that people mistype most, the most used first.
const OFTEN_MISTYPED: [&str; 16] = [
    "gmail.com",
    "yahoo.com",
    "hotmail.com",
    "outlook.com",
    "icloud.com",
    "aol.com",
    "googlemail.com",
    "protonmail.com",
    "comcast.net",
    "hotmail.co.uk",
    "yahoo.co.uk",
    "hotmail.fr",
    "yahoo.fr",
    "orange.fr",
    "wanadoo.fr",
    "libero.it",
];

/// Shorter names have too many neighbours that are names of their own.
const MISTYPED_OCTETS_MIN: usize = 8;

/// The provider's domain that `domain` differs from by one slip: a letter too many, too few,
/// wrong, or swapped with the next. Nothing for a provider's own domain.
///
/// A hint to show to a person, never a correction to apply.
#[must_use]
pub fn suggest_domain(domain: &str) -> Option<&'static str> {
    if domain.len() < MISTYPED_OCTETS_MIN {
        return None;
    }
    let is_meant = |meant: &&str| {
        meant.len() >= MISTYPED_OCTETS_MIN
            && meant.len().abs_diff(domain.len()) <= 1
            && is_one_slip(domain.as_bytes(), meant.as_bytes())
    };
    OFTEN_MISTYPED.into_iter().find(is_meant).filter(|_| !is_free_mail(domain))
}

/// Whether the two differ by exactly one insertion, deletion, substitution or swap of neighbours.
fn is_one_slip(typed: &[u8], meant: &[u8]) -> bool {
    let same = |(a, b): &(&u8, &u8)| a.eq_ignore_ascii_case(b);
    let prefix = typed.iter().zip(meant).take_while(same).count();
    let (typed, meant) = (&typed[prefix..], &meant[prefix..]);
    match (typed, meant) {
        ([], []) => false,
        ([a, b, typed @ ..], [c, d, meant @ ..])
            if a.eq_ignore_ascii_case(d) && b.eq_ignore_ascii_case(c) =>
        {
            typed.eq_ignore_ascii_case(meant)
        }
        _ => match typed.len().cmp(&meant.len()) {
            std::cmp::Ordering::Less => typed.eq_ignore_ascii_case(&meant[1..]),
            std::cmp::Ordering::Equal => typed[1..].eq_ignore_ascii_case(&meant[1..]),
            std::cmp::Ordering::Greater => typed[1..].eq_ignore_ascii_case(meant),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::suggest_domain;

    #[test]
    fn one_slip_is_noticed() {
        for typed in ["gmial.com", "gmail.con", "gmaill.com", "gmal.com", "gmail.co", "Gmai1.com"] {
            assert_eq!(suggest_domain(typed), Some("gmail.com"), "{typed}");
        }
        assert_eq!(suggest_domain("hotmial.com"), Some("hotmail.com"));
    }

    #[test]
    fn other_domains_are_left_alone() {
        for domain in ["gmail.com", "ymail.com", "mail.com", "example.com", "aon.com", "gmx.de", ""]
        {
            assert_eq!(suggest_domain(domain), None, "{domain}");
        }
    }
}
