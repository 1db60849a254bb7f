//! The commands, as they go over the wire.

use std::array;

use crate::random::split_mix;
use crate::verification::policy::Identity;

/// Letters and digits of the local part of a recipient that cannot be: 16 of 32 make 80 bits.
const RANDOM_LETTERS: usize = 16;

pub(super) fn hello(wire: &mut Vec<u8>, verb: &str, identity: &Identity) {
    wire.extend_from_slice(verb.as_bytes());
    wire.push(b' ');
    wire.extend_from_slice(identity.helo_name().as_bytes());
    wire.extend_from_slice(b"\r\n");
}

pub(super) fn mail(wire: &mut Vec<u8>, identity: &Identity, smtputf8: bool) {
    wire.extend_from_slice(b"MAIL FROM:<");
    wire.extend_from_slice(identity.mail_from().as_bytes());
    wire.extend_from_slice(if smtputf8 { b"> SMTPUTF8\r\n".as_slice() } else { b">\r\n" });
}

/// The domain is in A-labels, or an address literal.
pub(super) fn recipient(wire: &mut Vec<u8>, local_part: &[u8], domain: &str) {
    wire.extend_from_slice(b"RCPT TO:<");
    wire.extend_from_slice(local_part);
    wire.push(b'@');
    wire.extend_from_slice(domain.as_bytes());
    wire.extend_from_slice(b">\r\n");
}

pub(super) fn plain(wire: &mut Vec<u8>, command: &str) {
    wire.extend_from_slice(command.as_bytes());
    wire.extend_from_slice(b"\r\n");
}

/// A local part that nobody has. It begins with a letter, as some servers want.
pub(super) fn random_local_part(seed: u64) -> [u8; RANDOM_LETTERS] {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnopqrstuvwxyz3456789";
    let bits = u128::from(split_mix(seed, 0)) << 64 | u128::from(split_mix(seed, 1));
    array::from_fn(|place| {
        let bits = (bits >> (place * 5)) as usize;
        LETTERS[if place == 0 { bits % 16 } else { bits % 32 }]
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::random_local_part;

    #[test]
    fn random_recipients_differ_and_are_atoms() {
        let all: BTreeSet<[u8; 16]> = (0..10_000).map(random_local_part).collect();
        assert_eq!(all.len(), 10_000);
        for name in all {
            assert!(name.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()));
            assert!(name[0].is_ascii_lowercase());
        }
    }
}
