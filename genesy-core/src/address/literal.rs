//! Address literals: the `[192.0.2.1]` in place of a domain (RFC 5321 §4.1.3).

/// IPv6 addresses have this many 16-bit groups.
const IPV6_GROUPS: usize = 8;

/// An IPv4 address stands for this many groups of an IPv6 address.
const IPV4_GROUPS: usize = 2;

/// `::` stands for at least this many groups (RFC 5321 §4.1.3, the comment on `IPv6-comp`).
const COMPRESSED_GROUPS_MIN: usize = 2;

/// The tag of IPv6 literals, compared without case as all ABNF literals are (RFC 5234 §2.3).
const IPV6_TAG: &[u8] = b"IPv6:";

/// Whether `content`, the text between the brackets, is an address literal.
///
/// Of `General-address-literal` nothing is left to accept: its tag "MUST be specified in a
/// Standards-Track RFC and registered with IANA", and IANA's registry of address literal tags
/// holds `IPv6` alone, whose content has a grammar of its own. So `[2001:db8::1]` is an error too,
/// and not a literal with the tag `2001`.
pub(super) fn is_address_literal(content: &[u8]) -> bool {
    match content.split_at_checked(IPV6_TAG.len()) {
        Some((tag, address)) if tag.eq_ignore_ascii_case(IPV6_TAG) => is_ipv6(address),
        _ => is_ipv4(content),
    }
}

/// `Snum 3("." Snum)`: leading zeros are allowed up to three digits.
fn is_ipv4(text: &[u8]) -> bool {
    let mut numbers = 0;
    let all = text.split(|&byte| byte == b'.').all(|number| {
        numbers += 1;
        matches!(number.len(), 1..=3)
            && number.iter().all(u8::is_ascii_digit)
            && number.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0')) <= 255
    });
    all && numbers == 4
}

/// `IPv6-full / IPv6-comp / IPv6v4-full / IPv6v4-comp`.
fn is_ipv6(text: &[u8]) -> bool {
    let compression = text.windows(2).position(|pair| pair == b"::");
    match compression {
        None => groups(text, true) == Some(IPV6_GROUPS),
        Some(at) => {
            let before = if at == 0 { Some(0) } else { groups(&text[..at], false) };
            let rest = &text[at + 2..];
            let after = if rest.is_empty() { Some(0) } else { groups(rest, true) };
            matches!((before, after), (Some(before), Some(after))
                if before + after <= IPV6_GROUPS - COMPRESSED_GROUPS_MIN)
        }
    }
}

/// Counts the 16-bit groups of `text`, or nothing if one is malformed; an IPv4 address may end it.
fn groups(text: &[u8], ipv4_at_end: bool) -> Option<usize> {
    let mut count = 0;
    let mut parts = text.split(|&byte| byte == b':').peekable();
    while let Some(part) = parts.next() {
        if ipv4_at_end && parts.peek().is_none() && is_ipv4(part) {
            count += IPV4_GROUPS;
        } else if matches!(part.len(), 1..=4) && part.iter().all(u8::is_ascii_hexdigit) {
            count += 1;
        } else {
            return None;
        }
    }
    Some(count)
}

#[cfg(test)]
mod tests {
    use super::is_address_literal;

    #[test]
    fn literals_follow_the_grammar() {
        let valid = [
            "192.0.2.1",
            "001.02.3.255",
            "IPv6:2001:db8:0:0:0:0:0:1",
            "ipv6:::",
            "IPv6:::1",
            "IPv6:1::",
            "IPv6:1:2:3::4:5:6",
            "IPv6:1:2:3:4:5:6::",
            "IPv6:::2:3:4:5:6:7",
            "IPv6:1:2:3:4:5:6:192.0.2.1",
            "IPv6:::ffff:192.0.2.1",
            "IPv6:1:2:3:4::192.0.2.1",
            "IPv6:::192.0.2.1",
        ];
        for content in valid {
            assert!(is_address_literal(content.as_bytes()), "{content}");
        }
    }

    #[test]
    fn other_texts_are_no_literals() {
        let invalid = [
            "",
            "192.0.2",
            "192.0.2.1.1",
            "192.0.2.256",
            "192.0.2.0001",
            "192.0.2.",
            "2001:db8::1 ",
            "IPv6:",
            "IPv6:1:2:3:4:5:6:7",
            "IPv6:1:2:3:4:5:6:7:8:9",
            "IPv6:1:2:3:4:5:6:7::",
            "IPv6:::1:2:3:4:5:6:7",
            "IPv6:1::2::3",
            "IPv6:1:::2",
            "IPv6:12345::",
            "IPv6:g::",
            "IPv6::1",
            "IPv6:1:",
            "IPv6:1:2:3:4:5::192.0.2.1",
            "IPv6:1:2:3:4:5:6:7:192.0.2.1",
            "IPv6:192.0.2.1::",
            "2001:db8:0:0:0:0:0:1",
            "tag:content",
            "no-colon",
        ];
        for content in invalid {
            assert!(!is_address_literal(content.as_bytes()), "{content}");
        }
    }
}
