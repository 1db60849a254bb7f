//! The commands, as they go over the wire.

use std::array;

use super::controls::POSTMASTER;
use super::state::{Exchange, Snapshot};
use crate::random::split_mix;
use crate::verification::policy::Identity;

/// Letters and digits of the local part of a recipient that cannot be: 16 of 32 make 80 bits.
const RANDOM_LETTERS: usize = 16;

/// Octets for which there is room at once: MAIL and RCPT with usual addresses.
const ROOM_OCTETS: usize = 128;

/// Adds the command of `exchange` to `wire`.
pub(super) fn write(wire: &mut Vec<u8>, exchange: Exchange, state: &Snapshot, identity: &Identity) {
    if wire.capacity() == 0 {
        *wire = Vec::with_capacity(ROOM_OCTETS);
    }
    let domain = state.domain_on_the_wire();
    match exchange {
        Exchange::Greeting | Exchange::Handshake => {}
        Exchange::Ehlo => hello(wire, b"EHLO ", identity),
        Exchange::Helo => hello(wire, b"HELO ", identity),
        Exchange::StartTls => wire.extend_from_slice(b"STARTTLS\r\n"),
        Exchange::Reset => wire.extend_from_slice(b"RSET\r\n"),
        Exchange::Mail => mail(wire, identity, state.needs_smtputf8()),
        Exchange::Recipient => recipient(wire, state.local_part().as_bytes(), domain),
        Exchange::CatchAll => recipient(wire, &random_local_part(state.seed), domain),
        Exchange::Postmaster => recipient(wire, POSTMASTER.as_bytes(), domain),
        Exchange::Quit(_) => wire.extend_from_slice(b"QUIT\r\n"),
    }
}

fn hello(wire: &mut Vec<u8>, verb: &[u8; 5], identity: &Identity) {
    wire.extend_from_slice(verb);
    wire.extend_from_slice(identity.helo_name().as_bytes());
    wire.extend_from_slice(b"\r\n");
}

fn mail(wire: &mut Vec<u8>, identity: &Identity, smtputf8: bool) {
    wire.extend_from_slice(b"MAIL FROM:<");
    wire.extend_from_slice(identity.mail_from().as_bytes());
    wire.extend_from_slice(if smtputf8 { b"> SMTPUTF8\r\n".as_slice() } else { b">\r\n" });
}

/// The domain is in A-labels, or an address literal.
fn recipient(wire: &mut Vec<u8>, local_part: &[u8], domain: &str) {
    wire.extend_from_slice(b"RCPT TO:<");
    wire.extend_from_slice(local_part);
    wire.push(b'@');
    wire.extend_from_slice(domain.as_bytes());
    wire.extend_from_slice(b">\r\n");
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
