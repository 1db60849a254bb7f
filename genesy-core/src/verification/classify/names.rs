//! The names in a text: addresses, and the parts of the recipient's. Their words say nothing.

use memchr::{memchr_iter, memchr3};

use super::sign::Sign;
use super::vocabulary::Word;

/// Addresses in one text that are told from its words at most.
const ADDRESSES_MAX: usize = 8;

/// An address in a text.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Address {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) is_recipient: bool,
    /// It is known to be another one.
    pub(super) is_other: bool,
}

/// The names in a text, whose words say nothing.
pub(super) struct Names<'a> {
    text: &'a str,
    recipient: Option<(&'a str, &'a str)>,
    addresses: [Address; ADDRESSES_MAX],
    count: usize,
}

impl<'a> Names<'a> {
    pub(super) fn new(text: &'a str, recipient: Option<&'a str>) -> Self {
        let mut addresses = [Address::default(); ADDRESSES_MAX];
        let mut count = 0_usize;
        let bytes = text.as_bytes();
        for at in memchr_iter(b'@', bytes) {
            let start = bytes[..at].iter().rposition(ends_name).map_or(0, |before| before + 1);
            let end =
                bytes[at..].iter().position(ends_name).map_or(bytes.len(), |behind| at + behind);
            // Sendmail: "ada@example.com...User unknown".
            let end = bytes[at..end]
                .windows(2)
                .position(|pair| pair == b"..")
                .map_or(end, |dots| at + dots);
            let known = count.checked_sub(1).is_some_and(|last| addresses[last].end >= end);
            if count < ADDRESSES_MAX && !known {
                let name = text[start..end].trim_end_matches('.');
                let is_recipient =
                    recipient.is_some_and(|recipient| recipient.eq_ignore_ascii_case(name));
                let is_other =
                    recipient.is_some_and(|recipient| !is_same_local_part(recipient, name));
                addresses[count] = Address { start, end, is_recipient, is_other };
                count += 1;
            }
        }
        if let (0, Some(address)) =
            (count, recipient.and_then(|recipient| local_part_in(text, recipient)))
        {
            addresses[0] = address;
            count = 1;
        }
        Self {
            text,
            recipient: recipient.and_then(|recipient| recipient.rsplit_once('@')),
            addresses,
            count,
        }
    }

    pub(super) fn addresses(&self) -> &[Address] {
        &self.addresses[..self.count]
    }

    pub(super) const fn text(&self) -> &'a str {
        self.text
    }

    /// Whether `at` is in a link: "see http://www.example.net/bounce.html" is about no sender.
    fn is_in_link(&self, at: usize) -> bool {
        let before = self.text.get(..at).unwrap_or_default();
        before.rsplit(' ').next().is_some_and(|start| start.contains("://"))
    }

    /// Whether a word is the recipient's local part or domain, or stands in quotes.
    pub(super) fn contains(&self, start: usize, end: usize, word: Word) -> bool {
        let bytes = self.text.as_bytes();
        if matches!(word, Word::Phrase(Sign::Sender, _)) && self.is_in_link(start) {
            return true;
        }
        // A phrase may reach up to a name, as in "please try <", and is no part of it.
        if bytes[start..end].iter().any(ends_name) {
            return false;
        }
        let before = start.checked_sub(1).and_then(|before| bytes.get(before));
        if let (None | Some(b' '), None | Some(b' ')) = (before, bytes.get(end)) {
            return self.is_of_recipient(&self.text[start..end], word);
        }
        let name_start = bytes[..start].iter().rposition(ends_name).map_or(0, |before| before + 1);
        // "please try <" ends where a name begins.
        let name_end = bytes[end - 1..]
            .iter()
            .position(ends_name)
            .map_or(bytes.len(), |behind| end - 1 + behind);
        let Some(name) = self.text.get(name_start..name_end) else { return false };
        if word != Word::Recipient && !name.contains(' ') && is_quoted(bytes, name_start, name_end)
        {
            return true;
        }
        self.is_of_recipient(name.trim_end_matches(['.', '!']), word)
    }

    /// Whether `name` is the recipient's local part, or ends with the domain. A mailbox may be called "user":
    /// that word stays a noun.
    fn is_of_recipient(&self, name: &str, word: Word) -> bool {
        let Some((local_part, domain)) = self.recipient else { return false };
        let domain_start = name.len().checked_sub(domain.len()).filter(|_| !domain.is_empty());
        (name.eq_ignore_ascii_case(local_part) && word != Word::Recipient)
            || domain_start
                .and_then(|start| name.get(start..))
                .is_some_and(|tail| tail.eq_ignore_ascii_case(domain))
    }
}

/// The local part of the recipient where it stands alone in brackets or quotes: "<ada> is disabled".
fn local_part_in(text: &str, recipient: &str) -> Option<Address> {
    let bytes = text.as_bytes();
    let mut start = 0;
    loop {
        start += memchr3(b'<', b'"', b'\'', &bytes[start..])? + 1;
        let (local_part, _) = recipient.rsplit_once('@').filter(|(local, _)| !local.is_empty())?;
        let end = start + local_part.len();
        let is_named = bytes.get(start..end) == Some(local_part.as_bytes());
        if is_named && is_quoted(bytes, start, end) {
            return Some(Address { start, end, is_recipient: true, is_other: false });
        }
    }
}

/// Whether two addresses differ in their domain at most: servers write the canonical one of its names.
fn is_same_local_part(one: &str, other: &str) -> bool {
    match (one.rsplit_once('@'), other.rsplit_once('@')) {
        (Some((one, _)), Some((other, _))) => one.eq_ignore_ascii_case(other),
        _ => false,
    }
}

/// Whether a name stands in brackets or quotes: "User <abuse> unknown".
fn is_quoted(bytes: &[u8], start: usize, end: usize) -> bool {
    let before = start.checked_sub(1).and_then(|before| bytes.get(before));
    matches!(
        (before, bytes.get(end)),
        (Some(b'<'), Some(b'>')) | (Some(b'"'), Some(b'"')) | (Some(b'\''), Some(b'\''))
    )
}

/// What cannot be in an address that is not quoted (RFC 5321 §4.1.2).
const ENDS_NAME: [bool; 256] = {
    let ends = b" \t<>()[]\"',;:";
    let mut table = [false; 256];
    let mut at = 0;
    while at < ends.len() {
        table[ends[at] as usize] = true;
        at += 1;
    }
    table
};

pub(super) const fn ends_name(byte: &u8) -> bool {
    ENDS_NAME[*byte as usize]
}
