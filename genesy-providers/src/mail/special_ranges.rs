//! Addresses that are not of the public Internet, as the IANA IPv4 and IPv6 special-purpose address
//! registries (RFC 6890, RFC 8190) and the multicast registries (RFC 5771, RFC 4291) list them.
//!
//! A range that a registry calls globally reachable but that never holds a mail host (AS112, AMT, anycast
//! of protocols) is left alone, or refused with the range around it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::egress::Network;

/// What an address is, before any allowance.
pub(super) enum Judgement {
    /// One of the public Internet.
    Public,
    /// One of the range so named.
    Special(&'static str),
    /// As good as the IPv4 addresses that are written in it.
    Embeds([Option<Ipv4Addr>; 2]),
}

/// Judges an address.
pub(super) fn judge(ip: IpAddr) -> Judgement {
    match ip {
        IpAddr::V4(ip) => of_ipv4(ip).map_or(Judgement::Public, Judgement::Special),
        IpAddr::V6(ip) => of_ipv6(ip),
    }
}

/// The special range that an address of IPv4 lies in.
pub(super) fn of_ipv4(ip: Ipv4Addr) -> Option<&'static str> {
    named(IPV4, ip.into())
}

fn of_ipv6(ip: Ipv6Addr) -> Judgement {
    if let Some(inside) = embedded(ip) {
        return Judgement::Embeds(inside);
    }
    match named(IPV6, ip.into()) {
        Some(range) => Judgement::Special(range),
        None if GLOBAL_UNICAST.contains(ip.into()) => Judgement::Public,
        None => Judgement::Special("outside of global unicast"),
    }
}

fn named(ranges: &[(Network, &'static str)], ip: IpAddr) -> Option<&'static str> {
    ranges.iter().find(|(network, _)| network.contains(ip)).map(|(_, name)| *name)
}

/// The IPv4 addresses that packets to an address of IPv6 are sent to by way of a translator or tunnel.
fn embedded(ip: Ipv6Addr) -> Option<[Option<Ipv4Addr>; 2]> {
    let [s0, s1, s2, s3, s4, s5, s6, s7] = ip.segments();
    let ipv4 = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match (s0, s1, s2, s3, s4, s5) {
        // IPv4-mapped (RFC 4291, section 2.5.5.2) and NAT64 (RFC 6052, section 2.1).
        (0, 0, 0, 0, 0, 0xffff) | (0x64, 0xff9b, 0, 0, 0, 0) => Some([Some(ipv4(s6, s7)), None]),
        // 6to4 (RFC 3056, section 2).
        (0x2002, high, low, ..) => Some([Some(ipv4(high, low)), None]),
        // Teredo (RFC 4380, section 4): the server, and the client with its bits turned.
        (0x2001, 0, high, low, ..) => Some([Some(ipv4(high, low)), Some(ipv4(!s6, !s7))]),
        (_, _, _, _, _, _) => None,
    }
}

/// RFC 4291, section 2.4; the rest is unassigned in the IANA IPv6 address space registry, or special.
const GLOBAL_UNICAST: Network = ipv6([0x2000, 0, 0, 0], 3);

/// Ranges of IPv4 with their names. The first match names the address.
const IPV4: &[(Network, &str)] = &[
    (ipv4([0, 0, 0, 0], 32), "unspecified"), // RFC 1122, section 3.2.1.3
    (ipv4([0, 0, 0, 0], 8), "this network"), // RFC 791, section 3.2
    (ipv4([10, 0, 0, 0], 8), "private"),     // RFC 1918
    (ipv4([100, 64, 0, 0], 10), "carrier-grade NAT"), // RFC 6598
    (ipv4([127, 0, 0, 0], 8), "loopback"),   // RFC 1122, section 3.2.1.3
    (ipv4([169, 254, 0, 0], 16), "link-local"), // RFC 3927
    (ipv4([172, 16, 0, 0], 12), "private"),  // RFC 1918
    (ipv4([192, 0, 0, 0], 24), "protocol assignments"), // RFC 6890, section 2.1
    (ipv4([192, 0, 2, 0], 24), "documentation"), // RFC 5737
    (ipv4([192, 88, 99, 0], 24), "6to4 relay"), // RFC 7526 (deprecated)
    (ipv4([192, 168, 0, 0], 16), "private"), // RFC 1918
    (ipv4([198, 18, 0, 0], 15), "benchmarking"), // RFC 2544
    (ipv4([198, 51, 100, 0], 24), "documentation"), // RFC 5737
    (ipv4([203, 0, 113, 0], 24), "documentation"), // RFC 5737
    (ipv4([224, 0, 0, 0], 4), "multicast"),  // RFC 5771
    (ipv4([255, 255, 255, 255], 32), "limited broadcast"), // RFC 919, section 7
    (ipv4([240, 0, 0, 0], 4), "reserved"),   // RFC 1112, section 4
];

/// Ranges of IPv6 with their names. The first match names the address.
const IPV6: &[(Network, &str)] = &[
    (Network::ipv6(Ipv6Addr::UNSPECIFIED, 128), "unspecified"), // RFC 4291, section 2.5.2
    (Network::ipv6(Ipv6Addr::LOCALHOST, 128), "loopback"),      // RFC 4291, section 2.5.3
    (ipv6([0, 0, 0, 0], 96), "IPv4-compatible"), // RFC 4291, section 2.5.5.1 (deprecated)
    (ipv6([0x64, 0xff9b, 1, 0], 48), "local NAT64"), // RFC 8215
    (ipv6([0x100, 0, 0, 0], 64), "discard-only"), // RFC 6666
    (ipv6([0x100, 0, 0, 1], 64), "dummy prefix"), // RFC 9780
    (ipv6([0x2001, 2, 0, 0], 48), "benchmarking"), // RFC 5180
    (ipv6([0x2001, 0, 0, 0], 23), "protocol assignments"), // RFC 2928
    (ipv6([0x2001, 0xdb8, 0, 0], 32), "documentation"), // RFC 3849
    (ipv6([0x3fff, 0, 0, 0], 20), "documentation"), // RFC 9637
    (ipv6([0x5f00, 0, 0, 0], 16), "segment routing"), // RFC 9602
    (ipv6([0xfc00, 0, 0, 0], 7), "unique local"), // RFC 4193
    (ipv6([0xfe80, 0, 0, 0], 10), "link-local"), // RFC 4291, section 2.5.6
    (ipv6([0xfec0, 0, 0, 0], 10), "site-local"), // RFC 3879 (deprecated)
    (ipv6([0xff00, 0, 0, 0], 8), "multicast"),   // RFC 4291, section 2.7
];

const fn ipv4([a, b, c, d]: [u8; 4], prefix_bits: u8) -> Network {
    Network::ipv4(Ipv4Addr::new(a, b, c, d), prefix_bits)
}

const fn ipv6([a, b, c, d]: [u16; 4], prefix_bits: u8) -> Network {
    Network::ipv6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0), prefix_bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(ip: &str) -> Option<&'static str> {
        match judge(ip.parse().unwrap()) {
            Judgement::Public => None,
            Judgement::Special(range) => Some(range),
            Judgement::Embeds(_) => Some("embeds"),
        }
    }

    /// The first and the last address of each range, and the ones outside of them.
    #[test]
    fn ranges_have_their_edges() {
        for (before, first, last, after, range) in [
            ("", "0.0.0.1", "0.255.255.255", "1.0.0.0", "this network"),
            ("9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0", "private"),
            ("100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0", "carrier-grade NAT"),
            ("126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0", "loopback"),
            ("169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0", "link-local"),
            ("172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0", "private"),
            ("191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0", "protocol assignments"),
            ("192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0", "documentation"),
            ("192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0", "6to4 relay"),
            ("192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0", "private"),
            ("198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0", "benchmarking"),
            ("198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0", "documentation"),
            ("203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0", "documentation"),
            ("223.255.255.255", "224.0.0.0", "239.255.255.255", "", "multicast"),
            ("", "240.0.0.0", "255.255.255.254", "", "reserved"),
            ("", "255.255.255.255", "255.255.255.255", "", "limited broadcast"),
            ("", "0.0.0.0", "0.0.0.0", "", "unspecified"),
            ("2000:ffff::", "2001:1::", "2001:1ff:ffff::", "2001:200::", "protocol assignments"),
            ("", "2001:2::", "2001:2:0:ffff::", "", "benchmarking"),
            ("2001:db7:ffff::", "2001:db8::", "2001:db8:ffff::", "2001:db9::", "documentation"),
            ("3ffe:ffff::", "3fff::", "3fff:fff:ffff::", "3fff:1000::", "documentation"),
            ("", "::", "::", "", "unspecified"),
            ("", "::1", "::1", "", "loopback"),
            ("", "::2", "::ffff:ffff", "", "IPv4-compatible"),
            ("", "64:ff9b:1::", "64:ff9b:1:ffff::", "", "local NAT64"),
            ("", "100::", "100::ffff:ffff", "", "discard-only"),
            ("", "100:0:0:1::", "100:0:0:1:ffff::", "", "dummy prefix"),
            ("", "5f00::", "5f00:ffff::", "", "segment routing"),
            ("", "fc00::", "fdff:ffff::", "", "unique local"),
            ("", "fe80::", "febf:ffff::", "", "link-local"),
            ("", "fec0::", "feff:ffff::", "", "site-local"),
            ("", "ff00::", "ffff:ffff::", "", "multicast"),
            ("2000::", "4000::", "5eff:ffff::", "", "outside of global unicast"),
            ("", "64:ff9b:0:0:0:1::", "64:ff9b:0:ffff::", "", "outside of global unicast"),
            ("", "::fffe:0:0", "::fffe:7f00:1", "", "outside of global unicast"),
        ] {
            assert_eq!((name(first), name(last)), (Some(range), Some(range)), "{first} to {last}");
            for outside in [before, after].into_iter().filter(|ip| !ip.is_empty()) {
                assert_eq!(name(outside), None, "{outside} beside {range}");
            }
        }
    }

    /// No entry is hidden behind an earlier one, but for those that are meant to be cut out of a later.
    #[test]
    fn every_entry_of_the_tables_is_used() {
        for ranges in [IPV4, IPV6] {
            for (at, (network, range)) in ranges.iter().enumerate() {
                let used = probes(*network).into_iter().any(|ip| {
                    ranges.iter().position(|(network, _)| network.contains(ip)) == Some(at)
                });
                assert!(used, "{network} ({range})");
            }
        }
    }

    /// The first address of a network and one with its last bit set.
    fn probes(network: Network) -> [IpAddr; 2] {
        let text = network.to_string();
        let first: IpAddr = text.split('/').next().unwrap().parse().unwrap();
        let other = match first {
            IpAddr::V4(ip) => Ipv4Addr::from_bits(ip.to_bits() | 2).into(),
            IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() | 2).into(),
        };
        [first, other]
    }
}
