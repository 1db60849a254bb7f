//! The world outside: who is asked for phones, and what asks mail servers.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use genesy_core::verification::{Identity, Policy};
use genesy_core::waterfall::{CountryCode, PhoneLookup, PhoneRule, Plan, Step, default_phone_plan};
use genesy_providers::Provider;
use genesy_providers::definition::{Definition, DefinitionError, built_in};
use genesy_providers::http::{HttpClient, HttpOptions, HttpProvider, Key};
use genesy_providers::mail::Verifier;

use crate::config::Settings;

/// The world outside, as far as this server knows it.
#[derive(Clone)]
#[non_exhaustive]
pub struct Outside {
    /// Who is asked in which order.
    pub plan: Plan<PhoneLookup>,
    /// Those who are asked.
    pub providers: Vec<Arc<dyn Provider<PhoneLookup>>>,
    /// Those who were to be asked and cannot be.
    pub unusable: Vec<Unusable>,
    /// What verifies addresses; nothing where nobody says who asks.
    pub mail: Option<Mail>,
    /// The currency of the plan's costs, as `USD`.
    pub currency: String,
}

/// A provider that was to be asked and cannot be.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Unusable {
    /// Its name for people.
    pub name: String,
    /// How it would be asked.
    pub step: Step<PhoneLookup>,
    /// Why it cannot be, and what to do.
    pub why: String,
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
            unusable: Vec::new(),
            mail: None,
            currency: "USD".to_owned(),
        }
    }
}

/// Why who is asked cannot be made. No text of it holds a key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutsideError {
    /// A file of `phone.definitions` is none.
    #[error("phone.definitions: a provider cannot be read")]
    Definition(#[from] DefinitionError),
    /// `phone.providers` names one that there is not.
    #[error("phone.providers: there is no provider {id}: give its file in phone.definitions")]
    Unknown {
        /// The name.
        id: String,
    },
    /// A file of `phone.definitions` defines one that there is already.
    #[error("phone.definitions: {} defines {id}, which there is already: give it an id of its own", file.display())]
    Twice {
        /// The file.
        file: PathBuf,
        /// The id.
        id: String,
    },
    /// `phone.default_country` is no country.
    #[error("phone.default_country: it has to be a code of two letters, as ES")]
    Country,
    /// What asks providers cannot be made.
    #[error("the client of the providers cannot be made")]
    Client(#[source] Box<dyn Error + Send + Sync>),
    /// The providers make no plan.
    #[error("phone.providers: they make no plan")]
    Plan(#[source] Box<dyn Error + Send + Sync>),
    /// What asks mail servers cannot be made.
    #[error("email.helo and email.mail_from: by these no mail server can be asked")]
    Mail(#[source] Box<dyn Error + Send + Sync>),
}

impl Outside {
    /// The world outside as the settings have it, with the keys of the environment. A provider without
    /// a key is [unusable](Self::unusable), and the server runs without it.
    ///
    /// # Errors
    ///
    /// When the settings name what there is not.
    pub fn of(settings: &Settings) -> Result<Self, OutsideError> {
        let mut outside = Self::default();
        let mut options = HttpOptions::default();
        if let Some(country) = &settings.phone.default_country {
            let country = CountryCode::new(country).ok_or(OutsideError::Country)?;
            options.default_country = Some(country);
        }
        let client =
            HttpClient::new(options).map_err(|error| OutsideError::Client(error.into()))?;
        let mut steps = Vec::new();
        for definition in definitions(settings)? {
            let step = definition.description.step::<PhoneLookup>(PhoneRule::default());
            let made = Key::from_env(&definition)
                .and_then(|key| HttpProvider::new(definition.clone(), &client, key));
            match made {
                Ok(provider) => {
                    steps.push(step);
                    outside.providers.push(Arc::new(provider));
                }
                Err(error) => outside.unusable.push(Unusable {
                    name: definition.description.name,
                    step,
                    why: error.to_string(),
                }),
            }
        }
        if !steps.is_empty() {
            outside.plan = Plan::new(steps).map_err(|error| OutsideError::Plan(error.into()))?;
        }
        if let Some(helo) = &settings.email.helo {
            let verifier = verifier(helo, &settings.email.mail_from).map_err(OutsideError::Mail)?;
            outside.mail = Some(Mail::new(verifier));
        }
        Ok(outside)
    }
}

fn verifier(helo: &str, mail_from: &str) -> Result<Verifier, Box<dyn Error + Send + Sync>> {
    Ok(Verifier::builder(Policy::new(Identity::new(helo, mail_from)?)).build()?)
}

/// The definitions that the settings name, in their order.
fn definitions(settings: &Settings) -> Result<Vec<Definition>, OutsideError> {
    let mut known = built_in();
    for file in &settings.phone.definitions {
        let definition = Definition::read(file)?;
        let id = &definition.description.id;
        if known.iter().any(|other| other.description.id == *id) {
            return Err(OutsideError::Twice { file: file.clone(), id: id.to_string() });
        }
        known.push(definition);
    }
    if settings.phone.providers.is_empty() {
        return Ok(known);
    }
    let of = |id: &String| {
        let found = known.iter().find(|definition| definition.description.id.as_str() == id);
        found.cloned().ok_or_else(|| OutsideError::Unknown { id: id.clone() })
    };
    settings.phone.providers.iter().map(of).collect()
}

impl Mail {
    /// Verifies by this.
    pub fn new(verifier: Verifier) -> Self {
        Self { verifier, before: None }
    }

    /// The same, where something is to be done first for each address: simulated servers have to know it.
    pub(crate) fn prepared_by(
        verifier: Verifier,
        before: impl Fn(&str) + Send + Sync + 'static,
    ) -> Self {
        Self { verifier, before: Some(Arc::new(before)) }
    }

    /// What verifies this address.
    pub(crate) fn verifier_for(&self, address: &str) -> &Verifier {
        if let Some(before) = &self.before {
            before(address);
        }
        &self.verifier
    }

    /// What verifies, for what is the same for all addresses.
    pub(crate) fn verifier(&self) -> &Verifier {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_does_not_take_the_id_of_another() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("mine.toml");
        let text = r#"
            id = "astra_dialer"
            name = "Mine"
            timeout_ms = 3000
            [request]
            method = "POST"
            base_url = "http://127.0.0.1:1"
            path = "search"
            [request.body.json]
            email = "{email}"
            [auth]
            place = "header"
            name = "key"
            key_env = "MINE_KEY"
            [response]
            phone = ["/phone"]
        "#;
        std::fs::write(&file, text).expect("a file");
        let mut settings = Settings::default();
        settings.phone.definitions = vec![file.clone()];
        let of_two = Outside::of(&settings).expect_err("there is one already").to_string();
        assert!(of_two.contains("astra_dialer") && of_two.contains("mine.toml"), "{of_two}");
        std::fs::write(&file, text.replace("astra_dialer", "mine")).expect("a file");
        settings.phone.providers = vec!["mine".to_owned()];
        let outside = Outside::of(&settings).expect("it has an id of its own");
        assert_eq!(outside.providers.len() + outside.unusable.len(), 1);
    }
}
