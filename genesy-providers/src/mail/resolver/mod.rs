//! Asking the DNS for mail hosts and their addresses.

mod answer;
mod ask;

mod options;

#[cfg(test)]
mod tests;

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use hickory_resolver::TokioResolver;
use hickory_resolver::proto::rr::{Name, RecordType};
use tokio::time::{Instant, timeout};

pub(crate) use self::answer::{AddressAnswer, Answer, DnsFailure, MxAnswer, MxHost};
use self::ask::{Asked, ask};
pub use self::options::{ResolverError, ResolverOptions};
use super::SETTING_TIME_MAX;
use super::cache::Cache;

/// Mail hosts of a domain that are told at most: those that are preferred most. Exim and Postfix try
/// far fewer.
const HOSTS_MAX: usize = 16;

/// Addresses of a host that are told at most, of each kind.
const ADDRESSES_MAX: usize = 16;

/// How long the slower kind of address is waited for once the other has been found, in milliseconds:
/// some name servers never answer to AAAA (RFC 4074, section 4.1), and that must not cost all the time
/// that there is.
const SECOND_KIND_GRACE_MS: u64 = 500;

/// Asks the DNS, and remembers the answers.
///
/// Names are absolute: no search list is tried, and no file of hosts is read. An alias (CNAME) is
/// followed. Answers are kept as long as their records say, within the bounds of [`ResolverOptions`].
/// A question that is being asked already is not sent twice.
///
/// A look-up ends by itself after twice the time of all its tries at the latest; the deadline of a check
/// is the caller's to keep, by dropping the future.
#[derive(Debug)]
pub(crate) struct Resolver {
    dns: TokioResolver,
    options: ResolverOptions,
    mx: Cache<MxAnswer>,
    addresses: Cache<AddressAnswer>,
}

impl Resolver {
    /// A resolver that asks the name servers of the options, or else those of the system.
    pub(crate) fn new(options: ResolverOptions) -> Result<Self, ResolverError> {
        let dns = options.build()?;
        let mx = Cache::new(options.cache_entries_max);
        let addresses = Cache::new(options.cache_entries_max);
        Ok(Self { dns, options, mx, addresses })
    }

    /// The mail hosts of a domain, which is given in A-labels and lower case.
    ///
    /// A null MX (RFC 7505) is one host with an empty name.
    pub(crate) async fn mx(&self, domain: &str) -> MxAnswer {
        if let Some(answer) = self.mx.get(domain, Instant::now()) {
            return answer;
        }
        // Boxed, so that the futures of checks stay small: most answers are remembered.
        Box::pin(self.ask_mx(domain)).await
    }

    async fn ask_mx(&self, domain: &str) -> MxAnswer {
        let Some(name) = absolute(domain) else { return Answer::Failed(DnsFailure::Other) };
        let asked = ask(&self.dns, name, RecordType::MX).await;
        let lifetime = self.lifetime(&asked);
        let answer = asked.answer.map(|records| answer::mx_hosts(&records, HOSTS_MAX));
        self.mx.put(domain, answer.clone(), Instant::now() + lifetime);
        answer
    }

    /// The addresses of a host, which is given in A-labels and lower case. Both kinds are asked for at
    /// once. When one is found, a failure of the other stands beside it.
    pub(crate) async fn addresses(&self, host: &str) -> AddressAnswer {
        if let Some(answer) = self.addresses.get(host, Instant::now()) {
            return answer;
        }
        Box::pin(self.ask_addresses(host)).await
    }

    async fn ask_addresses(&self, host: &str) -> AddressAnswer {
        let Some(name) = absolute(host) else { return Answer::Failed(DnsFailure::Other) };
        let (ipv4, ipv6) = self.ask_both(name).await;
        let lifetime = self.lifetime(&ipv4).min(self.lifetime(&ipv6));
        let answer = answer::merge(ipv4.answer, ipv6.answer, ADDRESSES_MAX);
        self.addresses.put(host, answer.clone(), Instant::now() + lifetime);
        answer
    }

    async fn ask_both(&self, name: Name) -> (Asked, Asked) {
        let ipv4 = pin!(ask(&self.dns, name.clone(), RecordType::A));
        let ipv6 = pin!(ask(&self.dns, name, RecordType::AAAA));
        match select(ipv4, ipv6).await {
            Either::Left((ipv4, ipv6)) => {
                let ipv6 = second(&ipv4, ipv6).await;
                (ipv4, ipv6)
            }
            Either::Right((ipv6, ipv4)) => {
                let ipv4 = second(&ipv6, ipv4).await;
                (ipv4, ipv6)
            }
        }
    }

    /// How long an answer is remembered.
    fn lifetime(&self, asked: &Asked) -> Duration {
        let options = &self.options;
        let longest = match asked.answer {
            Answer::Found(_) => options.positive_lifetime_max,
            Answer::NoRecords | Answer::NoSuchDomain => options.negative_lifetime_max,
            Answer::Failed(_) => options.failure_lifetime,
        };
        // Without a lifetime of its own, an absence is told again soon (RFC 2308, section 5).
        let own = asked.lifetime.unwrap_or(options.failure_lifetime);
        own.max(options.lifetime_min).min(longest).min(SETTING_TIME_MAX)
    }
}

/// The answer about the second kind of address, which is not waited for long if the first was found.
async fn second(first: &Asked, asking: impl Future<Output = Asked>) -> Asked {
    let Answer::Found(_) = first.answer else { return asking.await };
    let grace = Duration::from_millis(SECOND_KIND_GRACE_MS);
    timeout(grace, asking).await.unwrap_or_else(|_| Asked::failed(DnsFailure::TimedOut))
}

/// The name that a text writes, below the root.
fn absolute(text: &str) -> Option<Name> {
    let mut name = Name::from_ascii(text).ok()?;
    name.set_fqdn(true);
    Some(name)
}
