//! How an address is verified: who asks, within which limits.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::address::{AddressError, AddressRef, EmailAddress};

/// Longest time that any limit may allow, in milliseconds: a day.
pub const LIMIT_MS_MAX: u32 = 86_400_000;
/// Connections of one verification at most, whatever the policy says.
pub const CONNECTIONS_MAX: u8 = 20;
/// Longest HELO name, in octets (RFC 5321 §4.5.3.1.2).
pub const HELO_OCTETS_MAX: usize = 255;

/// Who asks: the client as the servers see it.
///
/// Servers look whether both are real. The HELO name should be the name that the host's address has in
/// the DNS, and the sender an address whose domain allows that host (RFC 7208).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Names", into = "Names")]
pub struct Identity {
    helo_name: Arc<str>,
    /// Empty for the null reverse-path.
    mail_from: Arc<str>,
}

impl Identity {
    /// A client called `helo_name` that asks in the name of `mail_from`; of nobody (`<>`, RFC 5321
    /// §4.5.5) if that is empty.
    ///
    /// # Errors
    ///
    /// When one of them is not what it should be.
    pub fn new(helo_name: &str, mail_from: &str) -> Result<Self, PolicyError> {
        check_helo_name(helo_name)?;
        if !mail_from.is_empty() {
            let address = AddressRef::parse(mail_from).map_err(PolicyError::MailFrom)?;
            if !address.as_str().is_ascii() {
                return Err(PolicyError::MailFromAscii);
            }
        }
        Ok(Self { helo_name: helo_name.into(), mail_from: mail_from.into() })
    }

    /// What EHLO and HELO say.
    pub fn helo_name(&self) -> &str {
        &self.helo_name
    }

    /// What MAIL says, without angle brackets.
    pub fn mail_from(&self) -> &str {
        &self.mail_from
    }
}

/// An identity as it is stored.
#[derive(Serialize, Deserialize)]
struct Names {
    helo_name: String,
    mail_from: String,
}

impl TryFrom<Names> for Identity {
    type Error = PolicyError;

    fn try_from(names: Names) -> Result<Self, PolicyError> {
        Self::new(&names.helo_name, &names.mail_from)
    }
}

impl From<Identity> for Names {
    fn from(identity: Identity) -> Self {
        Self {
            helo_name: identity.helo_name.as_ref().to_owned(),
            mail_from: identity.mail_from.as_ref().to_owned(),
        }
    }
}

/// A domain or an address literal: what can stand behind the `@` of an address.
fn check_helo_name(name: &str) -> Result<(), PolicyError> {
    let fits = name.len() <= HELO_OCTETS_MAX && name.is_ascii();
    let address = EmailAddress::parse(format!("helo@{name}"));
    match address {
        Ok(address) if fits && address.as_address().domain() == name => Ok(()),
        _ => Err(PolicyError::HeloName),
    }
}

/// How an address is verified. It can be stored beside a [`Snapshot`](super::Snapshot), which goes on by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Who asks.
    pub identity: Identity,
    /// How long things may take, and how often.
    #[serde(deserialize_with = "Limits::deserialize_checked")]
    pub limits: Limits,
    /// Whether TLS begins where it is offered.
    pub start_tls: bool,
    /// Whether a recipient that cannot be is asked for, to find out catch-all domains.
    pub probe_catch_all: bool,
    /// Which addresses of a host are tried first.
    pub ip: IpPreference,
    /// Whether an address that a server takes is [risky](super::Risk::Disposable) if its domain is disposable.
    pub disposable_is_risky: bool,
    /// Whether an address that a server takes is [risky](super::Risk::Role) if it is that of a function.
    pub role_is_risky: bool,
}

impl Policy {
    /// The usual policy, for a client of this identity.
    pub const fn new(identity: Identity) -> Self {
        Self {
            identity,
            limits: Limits::DEFAULT,
            start_tls: true,
            probe_catch_all: true,
            ip: IpPreference::V4First,
            disposable_is_risky: false,
            role_is_risky: false,
        }
    }

    /// The same with these limits.
    ///
    /// # Errors
    ///
    /// When one of them is nothing at all, or beyond what there may be.
    pub fn within(mut self, limits: Limits) -> Result<Self, PolicyError> {
        limits.check()?;
        self.limits = limits;
        Ok(self)
    }
}

/// Which addresses of a host are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IpPreference {
    /// IPv4 before IPv6: more mail servers judge clients kindly there.
    V4First,
    /// IPv6 before IPv4.
    V6First,
    /// IPv4 alone.
    V4Only,
    /// IPv6 alone.
    V6Only,
}

/// How long things may take, in milliseconds, and how often they are tried.
///
/// RFC 5321 §4.5.3.2 asks for minutes where mail is delivered. Somebody who waits for a verification
/// bears seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// All of it, but for [sleeping](Self::greylist_ms_max) and [queueing](Self::queue_ms_max).
    pub total_ms: u32,
    /// One question to the DNS.
    pub dns_ms: u32,
    /// One TCP connection.
    pub connect_ms: u32,
    /// The server's first reply.
    pub greeting_ms: u32,
    /// EHLO, and HELO.
    pub hello_ms: u32,
    /// STARTTLS, and the handshake.
    pub start_tls_ms: u32,
    /// RSET, and MAIL.
    pub mail_ms: u32,
    /// RCPT.
    pub recipient_ms: u32,
    /// RCPT of a recipient that cannot be, and of the postmaster.
    pub catch_all_ms: u32,
    /// QUIT: the verdict is there, and only courtesy waits.
    pub quit_ms: u32,
    /// All waiting for a turn at the mail hosts.
    pub queue_ms_max: u32,
    /// All sleeping between the attempts at a server that greylists; with 0 there is no second one.
    pub greylist_ms_max: u32,
    /// How long to sleep if the server does not say: five minutes is what most are set to, and a little
    /// comes on top.
    pub greylist_ms: u32,
    /// Mail hosts that are tried.
    pub hosts_max: u8,
    /// Addresses of one mail host that are tried.
    pub addresses_per_host_max: u8,
    /// Connections in all.
    pub connections_max: u8,
}

impl Limits {
    /// What is sane for somebody who waits.
    pub const DEFAULT: Self = Self {
        total_ms: 30_000,
        dns_ms: 5_000,
        connect_ms: 5_000,
        greeting_ms: 10_000,
        hello_ms: 10_000,
        start_tls_ms: 5_000,
        mail_ms: 10_000,
        recipient_ms: 10_000,
        catch_all_ms: 5_000,
        quit_ms: 1_000,
        queue_ms_max: 60_000,
        greylist_ms_max: 900_000,
        greylist_ms: 310_000,
        hosts_max: 5,
        addresses_per_host_max: 2,
        connections_max: 6,
    };

    fn deserialize_checked<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let limits = Self::deserialize(deserializer)?;
        limits.check().map_err(de::Error::custom)?;
        Ok(limits)
    }

    fn check(&self) -> Result<(), PolicyError> {
        let stages = [
            ("total_ms", self.total_ms),
            ("dns_ms", self.dns_ms),
            ("connect_ms", self.connect_ms),
            ("greeting_ms", self.greeting_ms),
            ("hello_ms", self.hello_ms),
            ("start_tls_ms", self.start_tls_ms),
            ("mail_ms", self.mail_ms),
            ("recipient_ms", self.recipient_ms),
            ("catch_all_ms", self.catch_all_ms),
            ("quit_ms", self.quit_ms),
            ("greylist_ms", self.greylist_ms),
        ];
        let zero_or_more =
            [("queue_ms_max", self.queue_ms_max), ("greylist_ms_max", self.greylist_ms_max)];
        let counts = [
            ("hosts_max", self.hosts_max),
            ("addresses_per_host_max", self.addresses_per_host_max),
            ("connections_max", self.connections_max),
        ];
        let bad_time = |(name, ms): &(&'static str, u32)| (*ms > LIMIT_MS_MAX).then_some(*name);
        let bad_count = |(name, count): &(&'static str, u8)| {
            (*count == 0 || *count > CONNECTIONS_MAX).then_some(*name)
        };
        let zero = stages.iter().find(|(_, ms)| *ms == 0).map(|(name, _)| *name);
        let name = zero
            .or_else(|| stages.iter().chain(&zero_or_more).find_map(bad_time))
            .or_else(|| counts.iter().find_map(bad_count));
        name.map_or(Ok(()), |limit| Err(PolicyError::Limit { limit }))
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Why a policy is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// The HELO name is neither a domain nor an address literal.
    #[error(
        "the HELO name is not a domain in A-labels or an address literal: give the host's name in the DNS"
    )]
    HeloName,
    /// The sender is not an address.
    #[error("the MAIL FROM is not an address: correct it, or leave it empty for the null sender")]
    MailFrom(#[source] AddressError),
    /// The sender has letters beyond ASCII.
    #[error("the MAIL FROM has letters beyond ASCII, which not all servers take: give another one")]
    MailFromAscii,
    /// A limit is nothing at all, or beyond what there may be.
    #[error(
        "{limit} is out of range: times are 1 ms to a day, the longest queue and greylisting also 0, counts 1 to {CONNECTIONS_MAX}"
    )]
    Limit {
        /// Which one.
        limit: &'static str,
    },
}

#[cfg(test)]
mod tests {
    use super::{Identity, Limits, Policy, PolicyError};

    #[test]
    fn who_asks_has_real_names() {
        for (helo, from, expected) in [
            ("verifier.engines.example", "probe@engines.example", Ok(())),
            ("[192.0.2.1]", "", Ok(())),
            ("[IPv6:2001:db8::1]", "", Ok(())),
            ("", "", Err(PolicyError::HeloName)),
            ("two names", "", Err(PolicyError::HeloName)),
            ("a.example\r\nRCPT TO:<x@y.example>", "", Err(PolicyError::HeloName)),
            ("x@y.example", "", Err(PolicyError::HeloName)),
            ("müller.example", "", Err(PolicyError::HeloName)),
            ("a.example", "jürgen@a.example", Err(PolicyError::MailFromAscii)),
        ] {
            assert_eq!(Identity::new(helo, from).map(|_| ()), expected, "{helo} {from}");
        }
        for from in ["<>", "a", "a@b.example>\r\nDATA", "a b@c.example"] {
            let error = Identity::new("a.example", from).expect_err(from);
            assert!(matches!(error, PolicyError::MailFrom(_)), "{from}");
        }
    }

    #[test]
    fn a_stored_policy_is_the_same_or_none() {
        let identity = Identity::new("a.example", "probe@a.example").expect("an identity");
        let policy = Policy { role_is_risky: true, ..Policy::new(identity) };
        let stored = serde_json::to_string(&policy).expect("it is stored");
        assert_eq!(serde_json::from_str::<Policy>(&stored).expect("it is read"), policy);
        for (is, becomes) in [
            ("\"a.example\"", "\"two names\""),
            ("\"probe@a.example\"", "\"nobody\""),
            ("\"total_ms\":30000", "\"total_ms\":0"),
        ] {
            let other = stored.replacen(is, becomes, 1);
            assert_ne!(other, stored);
            assert!(serde_json::from_str::<Policy>(&other).is_err(), "{becomes}");
        }
    }

    #[test]
    fn limits_are_checked_by_name() {
        let policy = || Policy::new(Identity::new("a.example", "").expect("an identity"));
        assert!(policy().within(Limits::DEFAULT).is_ok());
        for (limit, limits) in [
            ("total_ms", Limits { total_ms: 0, ..Limits::DEFAULT }),
            ("dns_ms", Limits { dns_ms: 86_400_001, ..Limits::DEFAULT }),
            ("greylist_ms_max", Limits { greylist_ms_max: u32::MAX, ..Limits::DEFAULT }),
            ("hosts_max", Limits { hosts_max: 0, ..Limits::DEFAULT }),
            ("connections_max", Limits { connections_max: 21, ..Limits::DEFAULT }),
        ] {
            assert_eq!(policy().within(limits), Err(PolicyError::Limit { limit }));
        }
    }
}
