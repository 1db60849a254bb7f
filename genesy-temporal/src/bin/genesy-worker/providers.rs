//! Whom it asks.

use std::sync::Arc;

use genesy_core::waterfall::PhoneLookup;
use genesy_providers::Provider;
use genesy_providers::definition::{Definition, built_in};
use genesy_providers::http::{HttpClient, HttpOptions, HttpProvider};

use crate::Failure;
use crate::config::ProvidersConfig;

/// The providers, and what keeps them going.
pub(crate) struct Served {
    pub(crate) providers: Vec<Arc<dyn Provider<PhoneLookup>>>,
    #[cfg(feature = "simulated")]
    _simulation: Option<genesy_providers::simulated::Simulation>,
}

/// The providers of a configuration. Those that are served must have their keys.
pub(crate) async fn served(config: &ProvidersConfig) -> Result<Served, Failure> {
    if let Some(time_scale) = config.simulated {
        return simulated(config, time_scale).await;
    }
    let further = config.definitions.iter().map(|path| Definition::read(path));
    let further = further.collect::<Result<Vec<_>, _>>().map_err(wrong)?;
    let mut definitions: Vec<Definition> = built_in().into_iter().chain(further).collect();
    let ids: Vec<&str> = definitions.iter().map(|of| of.description.id.as_str()).collect();
    check(config.serve.as_deref(), &ids)?;
    definitions.retain(|of| is_served(config, of.description.id.as_str()));
    let mut options = HttpOptions::default();
    options.default_country = config.default_country;
    let client = HttpClient::new(options).map_err(wrong)?;
    let providers = definitions.into_iter().map(|definition| {
        let provider = HttpProvider::from_env(definition, &client)
            .map_err(|error| wrong(format!("{error}. Or leave it out of providers.serve")))?;
        Ok(Arc::new(provider) as Arc<dyn Provider<PhoneLookup>>)
    });
    Ok(Served {
        providers: providers.collect::<Result<_, Failure>>()?,
        #[cfg(feature = "simulated")]
        _simulation: None,
    })
}

#[cfg(feature = "simulated")]
async fn simulated(config: &ProvidersConfig, time_scale: f64) -> Result<Served, Failure> {
    use genesy_providers::simulated::{Options, Simulation};
    let options = Options { time_scale, ..Options::default() };
    let simulation = Simulation::start(options).await.map_err(wrong)?;
    let mut providers = simulation.providers(config.default_country);
    let ids: Vec<&str> = providers.iter().map(|of| of.description().id.as_str()).collect();
    check(config.serve.as_deref(), &ids)?;
    providers.retain(|of| is_served(config, of.description().id.as_str()));
    Ok(Served { providers, _simulation: Some(simulation) })
}

#[cfg(not(feature = "simulated"))]
async fn simulated(_: &ProvidersConfig, _: f64) -> Result<Served, Failure> {
    Err(wrong("this program has no simulated providers: build it with the feature `simulated`"))
}

fn is_served(config: &ProvidersConfig, id: &str) -> bool {
    config.serve.as_ref().is_none_or(|serve| serve.iter().any(|served| served == id))
}

fn check(serve: Option<&[String]>, ids: &[&str]) -> Result<(), Failure> {
    for id in serve.unwrap_or_default() {
        if !ids.contains(&id.as_str()) {
            let known = ids.join(", ");
            let why = format!("providers.serve: there is no provider {id:?}, but {known}");
            return Err(Failure::Configuration(why));
        }
    }
    Ok(())
}

fn wrong(error: impl std::fmt::Display) -> Failure {
    Failure::Configuration(error.to_string())
}
