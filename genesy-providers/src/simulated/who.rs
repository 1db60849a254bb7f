//! The three providers and their characters.

/// One of the simulated providers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SimulatedProvider {
    /// The best data, slow, fails now and then.
    OrionConnect,
    /// The worst data, the fastest.
    AstraDialer,
    /// New, fails often, and writes its answers otherwise than documented.
    NimbusLookup,
}

/// How a provider is, as a rule.
#[derive(Debug, Clone, Copy)]
pub(super) struct Character {
    /// The middle of what a call takes, in milliseconds.
    pub(super) latency_ms: u32,
    /// The share of people whose number it has, 0 to 1.
    pub(super) hit_rate: f64,
    /// The share of calls that it answers with 500, 0 to 1.
    pub(super) failure_rate: f64,
}

impl SimulatedProvider {
    /// All of them, in the order of the default plan.
    pub const ALL: [Self; 3] = [Self::OrionConnect, Self::AstraDialer, Self::NimbusLookup];

    /// Its name in plans.
    pub const fn id(self) -> &'static str {
        match self {
            Self::OrionConnect => "orion_connect",
            Self::AstraDialer => "astra_dialer",
            Self::NimbusLookup => "nimbus_lookup",
        }
    }

    /// What follows the base URL, with its slash. Nimbus Lookup's is misspelled, as the real one is.
    pub const fn path(self) -> &'static str {
        match self {
            Self::OrionConnect => "/orionConnect",
            Self::AstraDialer => "/astraDialer",
            Self::NimbusLookup => "/numbusLookup",
        }
    }

    /// The members that a request must have.
    pub(super) const fn members(self) -> &'static [&'static str] {
        match self {
            Self::OrionConnect => &["fullName", "companyWebsite"],
            Self::AstraDialer => &["email"],
            Self::NimbusLookup => &["email", "jobTitle"],
        }
    }

    pub(super) const fn character(self) -> Character {
        match self {
            Self::OrionConnect => {
                Character { latency_ms: 4200, hit_rate: 0.55, failure_rate: 0.05 }
            }
            Self::AstraDialer => Character { latency_ms: 1300, hit_rate: 0.30, failure_rate: 0.01 },
            Self::NimbusLookup => {
                Character { latency_ms: 2200, hit_rate: 0.40, failure_rate: 0.25 }
            }
        }
    }
}
