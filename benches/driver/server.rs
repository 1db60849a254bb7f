//! The simulated providers in a process of their own.

use std::process::ExitCode;
use std::sync::Arc;

use genesy_benches::harness::{ServerProcess, stay};
use genesy_core::waterfall::{CountryCode, PhoneLookup};
use genesy_providers::Provider;
use genesy_providers::definition::{Definition, built_in};
use genesy_providers::http::{HttpClient, HttpOptions, HttpProvider, Key, Proxy};
use genesy_providers::simulated::{Fault, Keys, Options, SimulatedProvider, Simulation};

/// A server that ends with this.
pub(crate) struct Server {
    _process: ServerProcess,
    pub(crate) base_url: String,
}

impl Server {
    /// Providers with this time scale, or that never answer.
    pub(crate) fn start(time_scale: f64, is_silent: bool) -> Self {
        let arguments = ["serve", &time_scale.to_string(), &is_silent.to_string()];
        let (process, base_url) = ServerProcess::start(&arguments);
        Self { _process: process, base_url }
    }

    /// The built-in providers, pointed there.
    pub(crate) fn providers(&self) -> Vec<Arc<dyn Provider<PhoneLookup>>> {
        providers(&self.base_url)
    }
}

pub(crate) fn providers(base_url: &str) -> Vec<Arc<dyn Provider<PhoneLookup>>> {
    let mut options = HttpOptions::default();
    options.base_url = Some(base_url.parse().expect("an address"));
    options.proxy = Proxy::Direct;
    options.default_country = CountryCode::new("US");
    let client = HttpClient::new(options).expect("a client");
    let keys = Keys::default();
    let keys = [keys.orion_connect, keys.astra_dialer, keys.nimbus_lookup];
    let provider = |(definition, key): (Definition, String)| {
        let provider = HttpProvider::new(definition, &client, Some(Key::new(&key)));
        Arc::new(provider.expect("a key")) as Arc<dyn Provider<PhoneLookup>>
    };
    built_in().into_iter().zip(keys).map(provider).collect()
}

/// Serves until standard input ends, as it does when the parent goes.
pub(crate) fn serve(arguments: &[String]) -> ExitCode {
    let [time_scale, is_silent] = arguments else { return ExitCode::FAILURE };
    let options =
        Options { time_scale: time_scale.parse().expect("a number"), ..Options::default() };
    crate::runtime().block_on(async {
        let simulation = Simulation::start(options).await.expect("a port");
        if is_silent == "true" {
            SimulatedProvider::ALL
                .into_iter()
                .for_each(|who| simulation.set_fault(who, Some(Fault::Silent)));
        }
        let ready = simulation.base_url().to_string();
        let _ = tokio::task::spawn_blocking(move || stay(&ready)).await;
    });
    ExitCode::SUCCESS
}
