//! How a simulation is set up.

use std::fmt;

use super::who::SimulatedProvider;
use crate::provider::RateLimit;

/// How a simulation is set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// What all answers come of, with the requests.
    pub seed: u64,
    /// What latencies are multiplied by: 1 is as slow as the real providers, 0 has no latency at all.
    /// What is below 0 or above 1000 counts as the nearest of them. A wait is a whole number of
    /// milliseconds, rounded up.
    pub time_scale: f64,
    /// What the providers take as keys.
    pub keys: Keys,
    /// How often each may be asked, in real time whatever the scale. What is beyond that is answered by
    /// 429: with `Retry-After` in whole seconds if it came too often, without if too many are under way.
    pub rate_limits: RateLimits,
    /// Keep when each request came, for [`begun`](super::Simulation::begun). It takes memory.
    pub keep_arrivals: bool,
}

impl Default for Options {
    /// Seed 1, as slow as the real providers, the published test keys, no limits.
    fn default() -> Self {
        Self {
            seed: 1,
            time_scale: 1.0,
            keys: Keys::default(),
            rate_limits: RateLimits::default(),
            keep_arrivals: false,
        }
    }
}

/// The keys of the providers.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    /// In the header `x-auth-me`.
    pub orion_connect: String,
    /// In the header `apiKey`.
    pub astra_dialer: String,
    /// In the query parameter `api`.
    pub nimbus_lookup: String,
}

impl Default for Keys {
    /// The test keys that the providers' documentation gives.
    fn default() -> Self {
        Self {
            orion_connect: "mySecretKey123".to_owned(),
            astra_dialer: "1234jhgf".to_owned(),
            nimbus_lookup: "000099998888".to_owned(),
        }
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").finish_non_exhaustive()
    }
}

/// How often each provider may be asked: without limits by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RateLimits {
    /// Of Orion Connect.
    pub orion_connect: RateLimit,
    /// Of Astra Dialer.
    pub astra_dialer: RateLimit,
    /// Of Nimbus Lookup.
    pub nimbus_lookup: RateLimit,
}

impl RateLimits {
    pub(super) const fn of(&self, who: SimulatedProvider) -> RateLimit {
        match who {
            SimulatedProvider::OrionConnect => self.orion_connect,
            SimulatedProvider::AstraDialer => self.astra_dialer,
            SimulatedProvider::NimbusLookup => self.nimbus_lookup,
        }
    }
}
