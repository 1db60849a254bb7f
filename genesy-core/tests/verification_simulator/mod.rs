//! A world in virtual time that is against a verification: its DNS, its mail servers, its clock and its
//! driver do whatever they can. All of it follows from a seed.

mod dns;
mod ending;
mod random;
mod server;
mod world;

use std::sync::Arc;

use genesy_core::time::Timestamp;
use genesy_core::verification::{Identity, IpPreference, Limits, Policy, Report, Verification};

use self::random::Random;
use self::world::World;

pub(crate) const START: Timestamp = Timestamp::from_micros(1_764_288_000_000_000);

/// Addresses of every kind.
const ADDRESSES: [&str; 8] = [
    "ada@engines.example",
    "ada@engines.example",
    "ada.lovelace+tag@engines.example",
    "ada@b\u{fc}cher.example",
    "\u{e4}da@engines.example",
    "\"a b\"@engines.example",
    "ada@[192.0.2.7]",
    "ada@[IPv6:2001:db8::7]",
];

/// The policies that worlds choose among. They are made once, since they are shared anyway.
pub(crate) struct Policies(Vec<Arc<Policy>>);

impl Policies {
    pub(crate) fn new() -> Self {
        let identity = Identity::new("verifier.example", "probe@verifier.example");
        let usual = Policy::new(identity.expect("an identity"));
        let hasty = Limits {
            total_ms: 4_000,
            dns_ms: 700,
            connect_ms: 900,
            quit_ms: 1,
            queue_ms_max: 0,
            greylist_ms_max: 0,
            hosts_max: 1,
            addresses_per_host_max: 1,
            connections_max: 1,
            ..Limits::DEFAULT
        };
        let patient = Limits {
            total_ms: 300_000,
            greeting_ms: 60_000,
            greylist_ms: 1_000,
            hosts_max: 20,
            addresses_per_host_max: 20,
            connections_max: 20,
            ..Limits::DEFAULT
        };
        let tight_stages =
            Limits { mail_ms: 150, recipient_ms: 150, hello_ms: 150, ..Limits::DEFAULT };
        let within = |policy: &Policy, limits| policy.clone().within(limits).expect("limits");
        let policies = [
            usual.clone(),
            Policy { ip: IpPreference::V6First, start_tls: false, ..usual.clone() },
            Policy { probe_catch_all: false, ip: IpPreference::V6Only, ..usual.clone() },
            within(&usual, hasty),
            within(&usual, patient),
            within(&usual, tight_stages),
        ];
        Self(policies.into_iter().map(Arc::new).collect())
    }
}

/// How a simulated verification ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) report: Report,
    /// What it asked for, where that was to be recorded.
    pub(crate) outputs: Vec<String>,
    /// Inputs that it was given, and outputs that it gave.
    pub(crate) steps: u32,
}

/// Simulates the world of a seed to its end, and checks what always has to hold. `watch` sees the
/// verification after each step, and may put another one in its place.
pub(crate) fn simulate(
    policies: &Policies,
    seed: u64,
    records: bool,
    watch: impl FnMut(&mut Verification),
) -> Ended {
    let mut random = Random::new(seed);
    let policy = random.pick(&policies.0);
    let address = random.pick(&ADDRESSES);
    let mut verification = Verification::new(address, Arc::clone(&policy), random.next(), START);
    if random.chance(20) {
        verification = verification.sharing();
    }
    World::new(random, policy, address, verification, records, watch).run()
}
