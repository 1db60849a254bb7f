//! What lists of workflows show, without a worker: search attributes. No personal data is among them, since
//! the server stores them in the clear.

use temporalio_common::search_attributes::{SearchAttributeKey, SearchAttributeUpdate};

/// The name of the outcome; nothing until there is one.
pub const OUTCOME: &str = "GenesyOutcome";
/// The provider that is asked, or was asked last.
pub const PROVIDER: &str = "GenesyProvider";

/// All of them.
pub(crate) const ALL: [&str; 2] = [OUTCOME, PROVIDER];

pub(crate) const OUTCOME_KEY: SearchAttributeKey<String> = SearchAttributeKey::keyword(OUTCOME);
const PROVIDER_KEY: SearchAttributeKey<String> = SearchAttributeKey::keyword(PROVIDER);

/// What is shown of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) outcome: Option<&'static str>,
    pub(crate) provider: Option<String>,
}

/// The attributes that change.
pub(crate) fn updates(shown: &Shown) -> Vec<SearchAttributeUpdate> {
    let outcome = shown.outcome.map(|outcome| OUTCOME_KEY.value_set(outcome.to_owned()));
    let provider = shown.provider.clone().map(|provider| PROVIDER_KEY.value_set(provider));
    outcome.into_iter().chain(provider).collect()
}
