//! The built-in providers, pointed at the simulation.

use std::sync::Arc;

use genesy_core::waterfall::{CountryCode, PhoneLookup};

use super::{Keys, SimulatedProvider, Simulation};
use crate::Provider;
use crate::definition::built_in;
use crate::http::{HttpClient, HttpOptions, HttpProvider, Key, Proxy};

impl Simulation {
    /// The three built-in providers with the keys that the simulation knows: the same definitions and
    /// the same engine as for the real ones. `default_country` reads numbers without any country.
    ///
    /// # Panics
    ///
    /// Never: a test follows it.
    pub fn providers(
        &self,
        default_country: Option<CountryCode>,
    ) -> Vec<Arc<dyn Provider<PhoneLookup>>> {
        Self::providers_at(self.base_url(), &self.shared.options.keys, default_country)
    }

    /// The same for a simulation of another process, at its [`base_url`](Self::base_url).
    ///
    /// # Panics
    ///
    /// When that is no URL, or a key is not of ASCII.
    pub fn providers_at(
        base_url: &str,
        keys: &Keys,
        default_country: Option<CountryCode>,
    ) -> Vec<Arc<dyn Provider<PhoneLookup>>> {
        let options = HttpOptions {
            base_url: Some(base_url.parse().expect("the address of a simulation")),
            proxy: Proxy::Direct,
            default_country,
            ..HttpOptions::default()
        };
        let client = HttpClient::new(options).expect("no proxy, and a user agent of ASCII");
        let provider = |definition: crate::definition::Definition| {
            let id = definition.description.id.as_str();
            let who = SimulatedProvider::ALL.into_iter().find(|who| who.id() == id);
            let key = match who.expect("each built-in one is simulated") {
                SimulatedProvider::OrionConnect => &keys.orion_connect,
                SimulatedProvider::AstraDialer => &keys.astra_dialer,
                SimulatedProvider::NimbusLookup => &keys.nimbus_lookup,
            };
            let key = Key::new(key);
            let provider = HttpProvider::new(definition, &client, Some(key));
            Arc::new(provider.expect("a key of ASCII")) as Arc<dyn Provider<PhoneLookup>>
        };
        built_in().into_iter().map(provider).collect()
    }
}
