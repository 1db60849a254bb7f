//! Which addresses may be connected to.
//!
//! Whoever owns a domain says where its mail host is. Without this check, a lead's domain could point a
//! verifier at the network that it runs in.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::ParseIntError;
use std::str::FromStr;

use super::special_ranges::{self, Judgement};

/// Which addresses may be connected to: by default those of the public Internet alone.
///
/// Refused is what the IANA special-purpose address registries (RFC 6890) hold: loopback, private,
/// link-local, carrier-grade NAT, multicast, documentation, benchmarking, reserved and the like, and every
/// IPv6 address outside of global unicast (2000::/3). An IPv6 address with an IPv4 address inside (mapped,
/// NAT64, 6to4, Teredo) is judged by the latter. A NAT64 prefix that a network chose itself (RFC 6052,
/// section 2.2) cannot be told from any other address.
///
/// ```
/// use genesy_providers::mail::Egress;
///
/// let egress = Egress::default();
/// assert!(egress.check("192.168.0.25".parse()?).is_err());
/// let laboratory = Egress::default().allow("127.0.0.0/8".parse()?);
/// assert!(laboratory.check("127.0.0.25".parse()?).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Egress {
    allowed: Vec<Network>,
}

impl Egress {
    /// Allows the addresses of a network, however special. That holds for a network of IPv4 also where
    /// its addresses are written inside of IPv6 ones.
    #[must_use]
    pub fn allow(mut self, network: Network) -> Self {
        self.allowed.push(network);
        self
    }

    /// Whether an address may be connected to.
    ///
    /// # Errors
    ///
    /// When it may not: with the range that it lies in.
    pub fn check(&self, ip: IpAddr) -> Result<(), EgressBlocked> {
        if self.is_allowed(ip) {
            return Ok(());
        }
        match special_ranges::judge(ip) {
            Judgement::Public => Ok(()),
            Judgement::Special(range) => Err(EgressBlocked { range }),
            Judgement::Embeds(inside) => {
                inside.into_iter().flatten().try_for_each(|ipv4| self.check_ipv4(ipv4))
            }
        }
    }

    fn check_ipv4(&self, ip: Ipv4Addr) -> Result<(), EgressBlocked> {
        match special_ranges::of_ipv4(ip) {
            Some(range) if !self.is_allowed(ip.into()) => Err(EgressBlocked { range }),
            Some(_) | None => Ok(()),
        }
    }

    fn is_allowed(&self, ip: IpAddr) -> bool {
        self.allowed.iter().any(|network| network.contains(ip))
    }
}

/// The address is not one to connect to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the address is of a range that is not connected to: {range}")]
pub struct EgressBlocked {
    /// Name of the range, as in `loopback`.
    pub range: &'static str,
}

/// A network: the addresses that share their first bits, written `127.0.0.0/8` (CIDR, RFC 4632).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    first: IpAddr,
    prefix_bits: u8,
}

impl Network {
    /// A network of IPv4. What stands behind the prefix does not count.
    pub(super) const fn ipv4(first: Ipv4Addr, prefix_bits: u8) -> Self {
        Self { first: IpAddr::V4(first), prefix_bits }
    }

    /// A network of IPv6. What stands behind the prefix does not count.
    pub(super) const fn ipv6(first: Ipv6Addr, prefix_bits: u8) -> Self {
        Self { first: IpAddr::V6(first), prefix_bits }
    }

    /// Whether an address lies in it. One of IPv6 never lies in one of IPv4, nor the other way about.
    pub fn contains(&self, ip: IpAddr) -> bool {
        let differing = match (self.first, ip) {
            (IpAddr::V4(first), IpAddr::V4(ip)) => {
                u128::from(first.to_bits() ^ ip.to_bits()) << (u128::BITS - u32::BITS)
            }
            (IpAddr::V6(first), IpAddr::V6(ip)) => first.to_bits() ^ ip.to_bits(),
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return false,
        };
        differing.leading_zeros() >= u32::from(self.prefix_bits)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.prefix_bits)
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    /// Reads `ADDRESS/BITS`; an address alone is a network of one.
    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let (first, bits) = match text.split_once('/') {
            Some((first, bits)) => (first, Some(bits)),
            None => (text, None),
        };
        let first: IpAddr = first.parse().map_err(|_| NetworkError::Address)?;
        let bits_max = if first.is_ipv4() { Ipv4Addr::BITS } else { Ipv6Addr::BITS } as u8;
        let prefix_bits = match bits {
            Some(bits) => bits.parse().map_err(NetworkError::PrefixBits)?,
            None => bits_max,
        };
        if prefix_bits > bits_max {
            return Err(NetworkError::PrefixTooLong { prefix_bits, bits_max });
        }
        Ok(Self { first, prefix_bits })
    }
}

/// The text is not a network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// No IP address stands before the slash.
    #[error("no IP address before the slash")]
    Address,
    /// No number of bits stands behind the slash.
    #[error("no number of bits behind the slash")]
    PrefixBits(#[source] ParseIntError),
    /// The prefix is longer than the address.
    #[error("a prefix of {prefix_bits} bits, where an address has {bits_max}")]
    PrefixTooLong {
        /// Bits of the prefix.
        prefix_bits: u8,
        /// Bits of an address.
        bits_max: u8,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(egress: &Egress, ip: &str) -> Option<&'static str> {
        egress.check(ip.parse().unwrap()).err().map(|blocked| blocked.range)
    }

    #[test]
    fn public_addresses_pass() {
        let egress = Egress::default();
        for ip in ["8.8.8.8", "2600::1", "2a00:1450:4001::1a", "2001:4860::1", "64:ff9b::8.8.8.8"] {
            assert_eq!(range(&egress, ip), None, "{ip}");
        }
    }

    #[test]
    fn an_ipv4_address_inside_of_an_ipv6_one_is_judged() {
        let egress = Egress::default();
        for (ip, expected) in [
            ("::ffff:127.0.0.1", Some("loopback")),
            ("::ffff:10.0.0.1", Some("private")),
            ("::ffff:8.8.8.8", None),
            ("64:ff9b::192.168.1.1", Some("private")),
            ("2002:7f00:1::", Some("loopback")),
            ("2002:a9fe:a9fe::1", Some("link-local")),
            ("2002:808:808::1", None),
            // Teredo: the server 8.8.8.8, then the client, with its bits turned.
            ("2001:0:808:808:0:0:80ff:fffe", Some("loopback")),
            ("2001:0:808:808:0:0:f7f7:f7f7", None),
            ("2001:0:7f00:1:0:0:f7f7:f7f7", Some("loopback")),
            ("::127.0.0.1", Some("IPv4-compatible")),
            ("::8.8.8.8", Some("IPv4-compatible")),
        ] {
            assert_eq!(range(&egress, ip), expected, "{ip}");
        }
    }

    #[test]
    fn an_allowed_network_opens_itself_alone() {
        let egress = Egress::default().allow("127.0.0.0/8".parse().unwrap());
        for ip in ["127.0.0.1", "127.255.255.255", "::ffff:127.0.0.1"] {
            assert_eq!(range(&egress, ip), None, "{ip}");
        }
        for ip in ["::1", "10.0.0.1", "128.0.0.1", "0.0.0.0", "2001:0:7f00:1:0:0:f5ff:fffe"] {
            assert_eq!(range(&egress, ip).is_some(), ip != "128.0.0.1", "{ip}");
        }
    }

    #[test]
    fn networks_are_read() {
        let network: Network = "10.1.2.3/8".parse().unwrap();
        assert!(network.contains("10.255.0.0".parse().unwrap()));
        assert!(!network.contains("11.0.0.0".parse().unwrap()));
        assert_eq!("::1".parse::<Network>().unwrap().to_string(), "::1/128");
        let all: Network = "0.0.0.0/0".parse().unwrap();
        assert!(all.contains("255.255.255.255".parse().unwrap()));
        assert_eq!("x/8".parse::<Network>(), Err(NetworkError::Address));
        assert!(matches!("::/x".parse::<Network>(), Err(NetworkError::PrefixBits(_))));
        assert_eq!(
            "1.2.3.4/33".parse::<Network>(),
            Err(NetworkError::PrefixTooLong { prefix_bits: 33, bits_max: 32 })
        );
    }
}
