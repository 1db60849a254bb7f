//! The world outside: who is asked for phones, and what asks mail servers.

use std::fmt;
use std::sync::Arc;

use genesy_core::waterfall::{PhoneLookup, Plan, default_phone_plan};
use genesy_providers::Provider;
use genesy_providers::mail::Verifier;

/// The world outside, as far as this server knows it.
#[derive(Clone)]
pub struct Outside {
    /// Who is asked in which order.
    pub plan: Plan<PhoneLookup>,
    /// Those who are asked.
    pub providers: Vec<Arc<dyn Provider<PhoneLookup>>>,
    /// What verifies addresses; nothing where nobody says who asks.
    pub mail: Option<Mail>,
    /// The currency of the plan's costs, as `USD`.
    pub currency: String,
    /// What the providers' own times are multiplied by here: 1, unless they are simulated.
    pub time_scale: f64,
}

/// What verifies addresses.
#[derive(Clone)]
pub struct Mail {
    verifier: Verifier,
    before: Option<Before>,
}

type Before = Arc<dyn Fn(&str) + Send + Sync>;

impl Default for Outside {
    /// The default plan without anybody who could be asked.
    fn default() -> Self {
        Self {
            plan: default_phone_plan(),
            providers: Vec::new(),
            mail: None,
            currency: "USD".to_owned(),
            time_scale: 1.0,
        }
    }
}

impl Mail {
    /// Verifies by this.
    pub fn new(verifier: Verifier) -> Self {
        Self { verifier, before: None }
    }

    /// The same, where something is to be done first for each address: simulated servers have to know it.
    pub fn prepared_by(verifier: Verifier, before: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self { verifier, before: Some(Arc::new(before)) }
    }

    /// What verifies this address.
    pub fn verifier_for(&self, address: &str) -> &Verifier {
        if let Some(before) = &self.before {
            before(address);
        }
        &self.verifier
    }

    /// What verifies, for what is the same for all addresses.
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }
}

impl fmt::Debug for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids = self.providers.iter().map(|provider| provider.description().id.as_str());
        f.debug_struct("Outside")
            .field("providers", &ids.collect::<Vec<_>>())
            .field("mail", &self.mail)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").finish_non_exhaustive()
    }
}
