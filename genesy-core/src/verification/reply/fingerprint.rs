//! What tells one reply from another, whoever the recipient is.

use super::Reply;
use crate::fnv::Fnv;

/// Bytes of a token with a digit in it from which it counts as an id.
const ID_BYTES_MIN: usize = 6;

pub(super) fn fingerprint(reply: &Reply<'_>, recipient: &str) -> u64 {
    let mut hash = Fnv::new();
    add(&mut hash, &reply.code.to_be_bytes());
    if let Some(enhanced) = reply.enhanced {
        add(&mut hash, enhanced.to_string().as_bytes());
    }
    let recipient = recipient.to_ascii_lowercase();
    let mut text = reply.text.to_ascii_lowercase();
    let local_part = recipient.rsplit_once('@').map_or(recipient.as_str(), |(local, _)| local);
    // It is part of the whole address: most often neither is there.
    if text.contains(local_part) {
        for part in [recipient.as_str(), local_part] {
            text = without(&text, part);
        }
    }
    for token in text.split(' ') {
        let token = token.trim_matches(|letter: char| letter.is_ascii_punctuation());
        if !is_id(token) && !is_local_part(token) && !token.is_empty() {
            add(&mut hash, token.as_bytes());
        }
    }
    hash.0
}

/// `text` without `part` where that stands as a word: no letter or digit is beside it.
fn without(text: &str, part: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(part).filter(|_| !part.is_empty()) {
        let end = at + part.len();
        let is_word = !rest[..at].ends_with(char::is_alphanumeric)
            && !rest[end..].starts_with(char::is_alphanumeric);
        kept.push_str(&rest[..if is_word { at } else { end }]);
        if is_word {
            kept.push(' ');
        }
        rest = &rest[end..];
    }
    kept.push_str(rest);
    kept
}

/// Whether a word of replies is a local part too. It is left out whoever the recipient is; else the reply
/// to `user@` would differ from that to a random address by the word "user".
#[rustfmt::skip]
fn is_local_part(token: &str) -> bool {
    matches!(
        token,
        "abuse" | "access" | "account" | "address" | "admin" | "contact" | "email" | "error" |
        "help" | "host" | "info" | "mail" | "mailbox" | "mx" | "no" | "policy" | "postmaster" |
        "recipient" | "sender" | "server" | "service" | "spam" | "support" | "test" |
        "unknown" | "user"
    )
}

/// Whether a token is a queue id, a host with a number, a date or a time.
fn is_id(token: &str) -> bool {
    let has_digit = token.bytes().any(|octet| octet.is_ascii_digit());
    has_digit && (token.len() >= ID_BYTES_MIN || token.contains(':'))
}

/// Adds a word, and an octet that ends it.
fn add(hash: &mut Fnv, word: &[u8]) {
    hash.write(word);
    hash.write(b"\n");
}

#[cfg(test)]
mod tests {
    use super::fingerprint;
    use crate::verification::reply::{Keywords, Reply};

    fn of(text: &str, recipient: &str) -> u64 {
        let keywords = Keywords::default();
        fingerprint(&Reply { code: 550, enhanced: None, keywords, text }, recipient)
    }

    #[test]
    fn leaves_out_what_differs_between_recipients() {
        for (one, ada, other, random) in [
            (
                "<ada@example.com>: unknown",
                "ada@example.com",
                "<q8@example.com>: unknown",
                "q8@example.com",
            ),
            ("No Ada here", "ada@example.com", "no q-x here", "q-x@example.com"),
            ("no ada (4b8c77de)", "ada@example.com", "no q (9ff0cd12e) ", "q@example.com"),
            ("user unknown", "user@example.com", "user unknown", "q@example.com"),
        ] {
            assert_eq!(of(one, ada), of(other, random), "{one}");
        }
        assert_ne!(of("unknown here", "a@example.com"), of("blocked here", "a@example.com"));
        assert_ne!(of("adam unknown", "ada@example.com"), of("unknown", "ada@example.com"));
    }

    #[test]
    fn never_changes() {
        assert_eq!(of("", ""), 0xeb05f6187635c1a9);
        assert_eq!(
            of("<ada@example.com>: User unknown in local table", "ada@example.com"),
            0x8e76bff6846281dd
        );
    }
}
