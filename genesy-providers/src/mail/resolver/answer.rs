//! What the DNS answers.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use hickory_resolver::proto::rr::{Name, RData};

/// Mail hosts, the most preferred first; those of one preference are in the order of their names.
pub(crate) type MxAnswer = Answer<Arc<[MxHost]>>;

/// Addresses of a host.
pub(crate) type AddressAnswer = Answer<Arc<Addresses>>;

/// An answer of the DNS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer<T> {
    /// There are records.
    Found(T),
    /// The name exists, without records of the kind (NODATA; RFC 2308, section 2.2).
    NoRecords,
    /// The name does not exist, nor any below it (NXDOMAIN; RFC 8020).
    NoSuchDomain,
    /// Nothing is known.
    Failed(DnsFailure),
}

impl<T> Answer<T> {
    pub(super) fn map<U>(self, found: impl FnOnce(T) -> U) -> Answer<U> {
        match self {
            Self::Found(records) => Answer::Found(found(records)),
            Self::NoRecords => Answer::NoRecords,
            Self::NoSuchDomain => Answer::NoSuchDomain,
            Self::Failed(failure) => Answer::Failed(failure),
        }
    }
}

/// Why the DNS gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DnsFailure {
    /// The name server could not find out (SERVFAIL).
    ServFail,
    /// The name server does not want to say (REFUSED).
    Refused,
    /// No name server answered in time.
    TimedOut,
    /// The answer cannot be used: it is garbage, or aliases that lead nowhere.
    Malformed,
    /// No name server could be reached.
    Network,
    /// Something else.
    Other,
}

/// A mail host of a domain (RFC 5321, section 5.1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MxHost {
    /// The lower, the more preferred.
    pub(crate) preference: u16,
    /// Its name, in lower case, without a dot at its end. Empty for the root.
    pub(crate) host: Box<str>,
}

/// Addresses of a host, in the order of the answers, which name servers vary to spread the load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Addresses {
    /// Those of IPv4.
    pub(crate) ipv4: Vec<Ipv4Addr>,
    /// Those of IPv6.
    pub(crate) ipv6: Vec<Ipv6Addr>,
    /// Why nothing is known about the kind of which there are none here, if so it is.
    pub(crate) failed: Option<DnsFailure>,
}

/// The mail hosts among records.
pub(super) fn mx_hosts(records: &[RData], hosts_max: usize) -> Arc<[MxHost]> {
    let mut hosts: Vec<_> = records
        .iter()
        .filter_map(|record| match record {
            RData::MX(mx) => {
                Some(MxHost { preference: mx.preference, host: host_name(&mx.exchange) })
            }
            _ => None,
        })
        .collect();
    hosts.sort();
    hosts.dedup();
    hosts.truncate(hosts_max);
    hosts.into()
}

/// One answer from those about the two kinds of addresses.
pub(super) fn merge(
    ipv4: Answer<Vec<RData>>,
    ipv6: Answer<Vec<RData>>,
    addresses_max: usize,
) -> AddressAnswer {
    use Answer::{Failed, Found, NoRecords, NoSuchDomain};
    let failed = match (&ipv4, &ipv6) {
        (Failed(failure), _) | (_, Failed(failure)) => Some(*failure),
        (Found(_) | NoRecords | NoSuchDomain, Found(_) | NoRecords | NoSuchDomain) => None,
    };
    match (ipv4, ipv6, failed) {
        (Found(ipv4), Found(ipv6), _) => found(&ipv4, &ipv6, None, addresses_max),
        (Found(ipv4), NoRecords | NoSuchDomain | Failed(_), _) => {
            found(&ipv4, &[], failed, addresses_max)
        }
        (NoRecords | NoSuchDomain | Failed(_), Found(ipv6), _) => {
            found(&[], &ipv6, failed, addresses_max)
        }
        (_, _, Some(failure)) => Failed(failure),
        (NoSuchDomain, NoSuchDomain, None) => NoSuchDomain,
        // Some servers deny the name itself when they are asked for a kind that they do not know
        // (RFC 4074, section 4.2): the kinder of two answers that do not agree holds.
        (_, _, None) => NoRecords,
    }
}

fn found(
    ipv4: &[RData],
    ipv6: &[RData],
    failed: Option<DnsFailure>,
    addresses_max: usize,
) -> AddressAnswer {
    let ipv4 = distinct(ipv4, addresses_max, |record| match record {
        RData::A(a) => Some(a.0),
        _ => None,
    });
    let ipv6 = distinct(ipv6, addresses_max, |record| match record {
        RData::AAAA(aaaa) => Some(aaaa.0),
        _ => None,
    });
    Answer::Found(Arc::new(Addresses { ipv4, ipv6, failed }))
}

fn distinct<T: PartialEq>(
    records: &[RData],
    addresses_max: usize,
    address: impl Fn(&RData) -> Option<T>,
) -> Vec<T> {
    let mut distinct = Vec::with_capacity(records.len().min(addresses_max));
    for address in records.iter().filter_map(address) {
        if distinct.len() < addresses_max && !distinct.contains(&address) {
            distinct.push(address);
        }
    }
    distinct
}

fn host_name(name: &Name) -> Box<str> {
    let mut text = name.to_ascii();
    text.make_ascii_lowercase();
    if text.ends_with('.') {
        text.pop();
    }
    text.into()
}
