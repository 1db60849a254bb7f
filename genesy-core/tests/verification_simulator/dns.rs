//! What the DNS of a hostile world says.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use genesy_core::verification::{AddressAnswer, DnsFailure, MailExchanger, MxAnswer};

use super::random::Random;

pub(crate) fn any_mx(random: &mut Random) -> MxAnswer {
    match random.below(20) {
        0 => MxAnswer::NoSuchDomain,
        1 => MxAnswer::Failed(DnsFailure::ServerFailure),
        2 => MxAnswer::Found(Vec::new()),
        3 => MxAnswer::Found(vec![exchanger(0, "")]),
        4 => MxAnswer::Found(vec![exchanger(0, ""), exchanger(0, "")]),
        5 => MxAnswer::Found(
            (0..30).map(|number| exchanger(number % 4, HOSTS[number as usize % 3])).collect(),
        ),
        6..=9 => MxAnswer::NoRecords,
        10..=13 => MxAnswer::Found(vec![exchanger(10, HOSTS[0])]),
        _ => MxAnswer::Found(vec![exchanger(20, HOSTS[1]), exchanger(10, HOSTS[0])]),
    }
}

const HOSTS: [&str; 3] = ["mx1.engines.example", "mx2.engines.example", "a.mx.hosting.example"];

fn exchanger(preference: u16, host: &str) -> MailExchanger {
    MailExchanger { preference, host: host.to_owned() }
}

pub(crate) fn any_addresses(random: &mut Random) -> AddressAnswer {
    let v4 = |last| IpAddr::V4(Ipv4Addr::new(192, 0, 2, last));
    let v6 = |last| IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, last));
    match random.below(16) {
        0 => AddressAnswer::NoRecords,
        1 => AddressAnswer::NoSuchDomain,
        2 => AddressAnswer::Failed(DnsFailure::TimedOut),
        3 => AddressAnswer::Found(Vec::new()),
        4 => AddressAnswer::Found((1..40).map(v4).collect()),
        5 => AddressAnswer::Found(vec![v6(1)]),
        6..=8 => AddressAnswer::Found(vec![v4(1), v6(1)]),
        _ => AddressAnswer::Found(vec![v4(1)]),
    }
}

/// Whether the answer is that there is no mail host.
pub(crate) fn denies_mail(answer: &MxAnswer) -> bool {
    match answer {
        MxAnswer::NoSuchDomain => true,
        MxAnswer::Found(records) => records.iter().all(|record| record.host.is_empty()),
        MxAnswer::NoRecords | MxAnswer::Failed(_) => false,
    }
}

/// Whether the answer is that the host has no address.
pub(crate) fn denies_address(answer: &AddressAnswer) -> bool {
    match answer {
        AddressAnswer::NoRecords | AddressAnswer::NoSuchDomain => true,
        AddressAnswer::Found(addresses) => addresses.is_empty(),
        AddressAnswer::Failed(_) => false,
    }
}
