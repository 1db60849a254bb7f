//! The commands, as they go over the wire.

use crate::random::split_mix;
use crate::verification::policy::Identity;

/// Letters and digits of the local part of a recipient that cannot be: 16 of 32 make 80 bits.
const RANDOM_LETTERS: usize = 16;

pub(super) fn hello(wire: &mut Vec<u8>, verb: &str, identity: &Identity) {
    write(wire, &[verb, " ", identity.helo_name(), "\r\n"]);
}

pub(super) fn mail(wire: &mut Vec<u8>, identity: &Identity, smtputf8: bool) {
    let parameter = if smtputf8 { " SMTPUTF8" } else { "" };
    write(wire, &["MAIL FROM:<", identity.mail_from(), ">", parameter, "\r\n"]);
}

/// The domain is in A-labels, or an address literal.
pub(super) fn recipient(wire: &mut Vec<u8>, local_part: &str, domain: &str) {
    write(wire, &["RCPT TO:<", local_part, "@", domain, ">\r\n"]);
}

pub(super) fn plain(wire: &mut Vec<u8>, command: &str) {
    write(wire, &[command, "\r\n"]);
}

fn write(wire: &mut Vec<u8>, parts: &[&str]) {
    parts.iter().for_each(|part| wire.extend_from_slice(part.as_bytes()));
}

/// A local part that nobody has. It begins with a letter, as some servers want.
pub(super) fn random_local_part(seed: u64) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnopqrstuvwxyz3456789";
    let bits = u128::from(split_mix(seed, 0)) << 64 | u128::from(split_mix(seed, 1));
    (0..RANDOM_LETTERS)
        .map(|place| {
            let bits = (bits >> (place * 5)) as usize;
            char::from(LETTERS[if place == 0 { bits % 16 } else { bits % 32 }])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::random_local_part;

    #[test]
    fn random_recipients_differ_and_are_atoms() {
        let all: BTreeSet<String> = (0..10_000).map(random_local_part).collect();
        assert_eq!(all.len(), 10_000);
        for name in all {
            assert_eq!(name.len(), 16);
            assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()));
            assert!(name.as_bytes()[0].is_ascii_lowercase());
        }
    }
}
