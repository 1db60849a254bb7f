//! Mailboxes of a position or of a group.

use super::WordSet;
use crate::address::LOCAL_PART_OCTETS_MAX;

static ROLES: WordSet<{ 1 << 11 }> = WordSet::new(include_bytes!("roles.txt"));

/// What mailboxes that nobody reads begin or end with, beside other words (`news-noreply`).
const NO_REPLY: [&[u8]; 3] = [b"noreply", b"donotreply", b"noresponse"];

/// Whether `local_part` names a position, a department or a machine rather than a person: the mailbox
/// names of RFC 2142 (`postmaster`, `sales`, ...), those in common use, and all kinds of `no-reply`.
///
/// The case of letters does not matter, nor do a `+tag` and quotes. Words may be joined by `-`, `_`,
/// `.` or nothing (`customer.service`), but a single letter before the first of these is somebody's
/// initial: `p.ress` is no role.
#[must_use]
pub fn is_role(local_part: &str) -> bool {
    let quoted = local_part.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let mut words = [0; LOCAL_PART_OCTETS_MAX];
    let mut length = 0;
    for byte in quoted.unwrap_or(local_part).bytes() {
        match byte {
            b'+' => break,
            b'-' | b'_' | b'.' if length == 1 => return false,
            b'-' | b'_' | b'.' => {}
            _ if length == words.len() => return false,
            _ => {
                words[length] = byte.to_ascii_lowercase();
                length += 1;
            }
        }
    }
    let words = &words[..length];
    ROLES.contains(words)
        || NO_REPLY.iter().any(|text| words.starts_with(text) || words.ends_with(text))
}

#[cfg(test)]
mod tests {
    use super::{ROLES, is_role};
    use crate::address::LOCAL_PART_OCTETS_MAX;
    use crate::address::lists::tests::{check_list, lines};

    const TEXT: &str = include_str!("roles.txt");

    #[test]
    fn the_list_is_found() {
        check_list(TEXT, |word| ROLES.contains(word.as_bytes()));
        for role in lines(TEXT) {
            assert!(role.len() <= LOCAL_PART_OCTETS_MAX && is_role(role), "{role}");
            assert!(role.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{role}");
        }
    }

    #[test]
    fn the_mailboxes_of_rfc_2142_are_roles() {
        for role in [
            "INFO",
            "MARKETING",
            "SALES",
            "SUPPORT",
            "ABUSE",
            "NOC",
            "SECURITY",
            "POSTMASTER",
            "HOSTMASTER",
            "USENET",
            "NEWS",
            "WEBMASTER",
            "WWW",
            "UUCP",
            "FTP",
            "LIST-REQUEST",
        ] {
            assert!(is_role(role), "{role}");
            assert!(is_role(&role.to_ascii_lowercase()), "{role}");
            assert!(is_role(&format!("{role}+tag.of-x")), "{role}");
            assert!(is_role(&format!("\"{role}\"")), "{role}");
        }
    }

    #[test]
    fn words_may_be_joined_in_any_way() {
        for role in [
            "customer-service",
            "customer.service",
            "Customer_Service",
            "customerservice",
            "no-reply",
            "noreply",
            "no.reply",
            "NO_REPLY",
            "do-not-reply",
            "DoNotReply",
            "no-response",
            "noreply-billing",
            "newsletter.noreply",
            "noreply2",
            "hr",
            "it",
            "accounts.payable",
            "kontakt",
            "vertrieb",
            "contabilidad",
            "comptabilite",
            "mailer-daemon",
        ] {
            assert!(is_role(role), "{role}");
        }
    }

    #[test]
    fn people_have_no_role() {
        for person in [
            "ada",
            "ada.lovelace",
            "a.lovelace",
            "lovelace",
            "alovelace",
            "ada+sales",
            "p.ress",
            "m-edia",
            "a.dmin",
            "sydney",
            "paris",
            "gardner",
            "alexa",
            "2026",
            "infox",
            "informa",
            "salesman.joe",
            "j.sales",
            "reply",
        ] {
            assert!(!is_role(person), "{person}");
        }
    }

    #[test]
    fn what_is_no_local_part_is_no_role() {
        let long = format!("info{}", "x".repeat(5000));
        let dotted = format!("{}info", ".".repeat(3));
        assert!(is_role(&dotted), "separators do not count");
        for text in
            ["", ".", "-", "+", "+info", "@", "info@", "\"", "\"\"", "in fo", "inf\u{f3}", &long]
        {
            assert!(!is_role(text), "{text:?}");
        }
    }
}
