//! Which hosts are tried, in which order.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::random::split_mix;
use crate::verification::messages::MailExchanger;
use crate::verification::policy::IpPreference;

/// The hosts of MX records in the order of RFC 5321 §5.1: by preference, and at random, by the seed,
/// among those of the same one. Empty names and names that come twice are left out. Each one's preference
/// is its place then.
pub(super) fn in_order(
    mut records: Vec<MailExchanger>,
    hosts_max: u8,
    seed: u64,
) -> Vec<MailExchanger> {
    let mut place = 0;
    records.sort_by_cached_key(|record| {
        place += 1;
        (record.preference, split_mix(seed, place))
    });
    let mut kept = 0_u8;
    for at in 0..records.len() {
        let (earlier, host) = (&records[..usize::from(kept)], &records[at].host);
        if kept < hosts_max
            && !host.is_empty()
            && earlier.iter().all(|earlier| earlier.host != *host)
        {
            records.swap(kept.into(), at);
            records[usize::from(kept)].preference = kept.into();
            kept += 1;
        }
    }
    records.truncate(kept.into());
    records.shrink_to(hosts_max.into());
    records
}

/// The names of hosts that are in order.
pub(super) fn named(names: impl IntoIterator<Item = String>) -> Vec<MailExchanger> {
    (0..).zip(names).map(|(preference, host)| MailExchanger { preference, host }).collect()
}

/// The addresses that are tried, in their order.
pub(super) fn preferred(
    mut addresses: Vec<IpAddr>,
    preference: IpPreference,
    addresses_max: u8,
) -> Vec<IpAddr> {
    match preference {
        IpPreference::V4First => addresses.sort_by_key(IpAddr::is_ipv6),
        IpPreference::V6First => addresses.sort_by_key(IpAddr::is_ipv4),
        IpPreference::V4Only => addresses.retain(IpAddr::is_ipv4),
        IpPreference::V6Only => addresses.retain(IpAddr::is_ipv6),
    }
    let mixed = matches!(preference, IpPreference::V4First | IpPreference::V6First);
    let first_of_other = addresses.iter().position(|ip| ip.is_ipv4() != addresses[0].is_ipv4());
    // Where both families are there, the last place goes to the second one: a host whose first family
    // is out of reach is reached by the other.
    let last = usize::from(addresses_max).saturating_sub(1);
    if let (true, Some(other)) = (mixed && last > 0, first_of_other)
        && other > last
    {
        addresses.swap(last, other);
    }
    addresses.truncate(addresses_max.into());
    addresses
}

/// The address in a domain that is an address literal (RFC 5321 §4.1.3).
pub(super) fn of_literal(domain: &str) -> Option<IpAddr> {
    let content = domain.strip_prefix('[')?.strip_suffix(']')?;
    let tag = content.get(..5).filter(|tag| tag.eq_ignore_ascii_case("IPv6:"));
    match tag {
        Some(tag) => content[tag.len()..].parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        None => {
            // Leading zeros are allowed, and decimal (§4.1.3, `Snum`).
            let mut numbers = content.split('.').map(|number| number.parse::<u8>().ok());
            let mut next = || numbers.next().flatten();
            Some(IpAddr::V4(Ipv4Addr::new(next()?, next()?, next()?, next()?)))
        }
    }
}

#[cfg(test)]
mod tests {
    use core::net::IpAddr;

    use super::{in_order, of_literal, preferred};
    use crate::verification::messages::MailExchanger;
    use crate::verification::policy::IpPreference;

    #[test]
    fn hosts_come_by_preference_and_once() {
        let record = |preference, host: &str| MailExchanger { preference, host: host.to_owned() };
        let records = vec![
            record(20, "b"),
            record(10, "a"),
            record(30, ""),
            record(30, "a"),
            record(40, "c"),
        ];
        let named = |names: &[&str]| super::named(names.iter().map(|name| (*name).to_owned()));
        assert_eq!(in_order(records.clone(), 5, 1), named(&["a", "b", "c"]));
        assert_eq!(in_order(records, 2, 1), named(&["a", "b"]));
    }

    #[test]
    fn equal_hosts_share_the_load() {
        let records: Vec<_> =
            ["a", "b"].map(|host| MailExchanger { preference: 10, host: host.to_owned() }).into();
        let first =
            (0..1000).filter(|seed| in_order(records.clone(), 5, *seed)[0].host == "a").count();
        assert!((400..600).contains(&first), "{first}");
    }

    #[test]
    fn both_families_are_tried() {
        let all: Vec<IpAddr> = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::1"]
            .map(|ip| ip.parse().expect("an IP"))
            .into();
        let get = |preference| preferred(all.clone(), preference, 2);
        assert_eq!(get(IpPreference::V4First), [all[0], all[3]]);
        assert_eq!(get(IpPreference::V6First), [all[3], all[0]]);
        assert_eq!(get(IpPreference::V4Only), [all[0], all[1]]);
        assert_eq!(get(IpPreference::V6Only), [all[3]]);
        assert_eq!(preferred(all.clone(), IpPreference::V4First, 1), [all[0]]);
        assert!(preferred(Vec::new(), IpPreference::V4First, 2).is_empty());
    }

    #[test]
    fn literals_are_read() {
        let ip = |text: &str| text.parse::<IpAddr>().ok();
        assert_eq!(of_literal("[192.0.2.1]"), ip("192.0.2.1"));
        assert_eq!(of_literal("[192.000.002.001]"), ip("192.0.2.1"));
        assert_eq!(of_literal("[IPv6:2001:db8::1]"), ip("2001:db8::1"));
        assert_eq!(of_literal("[ipv6:2001:db8::1]"), ip("2001:db8::1"));
        assert_eq!(of_literal("engines.example"), None);
    }
}
