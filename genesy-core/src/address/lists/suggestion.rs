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
#[inline]
pub fn suggest_domain(domain: &str) -> Option<&'static str> {
    suggest(domain.as_bytes())
}

/// As [`suggest_domain`].
#[inline(always)]
pub(in crate::address) fn suggest(domain: &[u8]) -> Option<&'static str> {
    if candidates(domain) == 0 { None } else { find(domain) }
}

fn find(domain: &[u8]) -> Option<&'static str> {
    let mut left = candidates(domain);
    let letters = letters_of(domain);
    while left != 0 {
        let index = left.trailing_zeros() as usize;
        let meant = OFTEN_MISTYPED[index];
        // A slip adds one letter to those that occur and takes one away, at most.
        if (letters ^ CANDIDATES.letters[index]).count_ones() <= 2
            && is_one_slip(domain, meant.as_bytes())
            && !std::str::from_utf8(domain).is_ok_and(is_free_mail)
        {
            return Some(meant);
        }
        left &= left - 1;
    }
    None
}

/// Which of the [providers](OFTEN_MISTYPED) a domain may be one slip away from, as a bit each: by
/// its first three letters and the next, by four letters of its end, and by its length.
struct Candidates {
    by_start: [u16; 1 << 11],
    by_fourth: [u16; 1 << 8],
    by_end: [u16; 1 << 8],
    by_length: [u16; 16],
    /// The letters of each provider.
    letters: [u32; OFTEN_MISTYPED.len()],
}

static CANDIDATES: Candidates = {
    let mut candidates = Candidates {
        by_start: [0; 1 << 11],
        by_fourth: [0; 1 << 8],
        by_end: [0; 1 << 8],
        by_length: [0; 16],
        letters: [0; OFTEN_MISTYPED.len()],
    };
    let mut index = 0;
    while index < OFTEN_MISTYPED.len() {
        let meant = OFTEN_MISTYPED[index].as_bytes();
        candidates.letters[index] = letters_of(meant);
        if meant.len() >= MISTYPED_OCTETS_MIN {
            if let (Some(start), Some(end)) = (start_of(meant), end_of(meant)) {
                candidates.by_start[start] |= 1 << index;
                candidates.by_end[end] |= 1 << index;
            }
            // Of the shortest the fourth letter is one of the last five; of those with one letter
            // more it may be swapped with the first of them.
            let mut byte = 0;
            while byte < 1 << 8 {
                let is_fourth = (byte as u8).eq_ignore_ascii_case(&meant[3]);
                let is_fifth = (byte as u8).eq_ignore_ascii_case(&meant[4]);
                let letters = meant.len() - MISTYPED_OCTETS_MIN;
                if is_fourth || letters == 0 || letters == 1 && is_fifth {
                    candidates.by_fourth[byte] |= 1 << index;
                }
                byte += 1;
            }
            // The third letter swapped with the fourth.
            if let Some(start) = start_of(&[meant[0], meant[1], meant[3]]) {
                candidates.by_start[start] |= 1 << index;
            }
            let mut length = meant.len() - 1;
            while length <= meant.len() + 1 {
                candidates.by_length[length] |= 1 << index;
                length += 1;
            }
        }
        index += 1;
    }
    candidates
};

/// The providers that `domain` may be one slip away from: a quick test that leaves none of nearly
/// all domains. One slip leaves the last five letters of at least nine as they are or, since it then
/// lies within them, the first four.
#[inline(always)]
fn candidates(domain: &[u8]) -> u16 {
    let by_length = CANDIDATES.by_length.get(domain.len()).copied().unwrap_or(0);
    if by_length == 0 || domain.len() < MISTYPED_OCTETS_MIN {
        return 0;
    }
    let (Some(start), Some(end)) = (start_of(domain), end_of(domain)) else { return 0 };
    let by_start = CANDIDATES.by_start[start] & CANDIDATES.by_fourth[usize::from(domain[3])];
    (by_start | CANDIDATES.by_end[end]) & by_length
}

/// Which letters occur, without case, a bit each; other bytes share bits with them.
const fn letters_of(domain: &[u8]) -> u32 {
    let mut letters = 0;
    let mut at = 0;
    while at < domain.len() {
        letters |= 1 << (domain[at] % 32);
        at += 1;
    }
    letters
}

/// A hash of the first three bytes, without case.
const fn start_of(domain: &[u8]) -> Option<usize> {
    let Some(&[first, second, third]) = domain.first_chunk::<3>() else { return None };
    let start = u32::from_le_bytes([first, second, third, 0]) | 0x0020_2020;
    Some((start.wrapping_mul(0x9E37_79B1) >> 21) as usize)
}

/// A hash of four of the last five bytes, without case: the very last tells least.
const fn end_of(domain: &[u8]) -> Option<usize> {
    let Some(&[a, b, c, d, _]) = domain.last_chunk::<5>() else { return None };
    let end = u32::from_le_bytes([a, b, c, d]) | 0x2020_2020;
    Some((end.wrapping_mul(0x9E37_79B1) >> 24) as usize)
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
    use super::{MISTYPED_OCTETS_MIN, OFTEN_MISTYPED, is_one_slip, suggest_domain};
    use crate::address::is_free_mail;

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

    /// The plain twin of `find`.
    fn search(domain: &str) -> Option<&'static str> {
        let is_meant = |meant: &&str| {
            meant.len() >= MISTYPED_OCTETS_MIN && is_one_slip(domain.as_bytes(), meant.as_bytes())
        };
        OFTEN_MISTYPED.into_iter().find(is_meant).filter(|_| !is_free_mail(domain))
    }

    #[test]
    fn the_quick_test_passes_every_slip() {
        for meant in OFTEN_MISTYPED {
            for at in 0..=meant.len() {
                let (start, end) = meant.split_at(at);
                let swapped = end.get(..2).map_or(String::new(), |two| {
                    format!("{start}{}{}{}", &two[1..], &two[..1], &end[2..])
                });
                let mut slips = vec![swapped, format!("{start}{}", end.get(1..).unwrap_or(""))];
                for letter in ["a", "m", "z", ".", "-", "0"] {
                    slips.push(format!("{start}{letter}{end}"));
                    slips.push(format!("{start}{letter}{}", end.get(1..).unwrap_or("")));
                }
                for slip in slips.into_iter().filter(|slip| slip.len() >= MISTYPED_OCTETS_MIN) {
                    assert_eq!(suggest_domain(&slip), search(&slip), "{slip}");
                    let capitals = slip.to_ascii_uppercase();
                    assert_eq!(suggest_domain(&capitals), search(&slip), "{capitals}");
                }
            }
        }
    }
}
