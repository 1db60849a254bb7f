//! Who does the work: searches phones and verifies addresses, to the end, whatever happens.
//!
//! An [`Engine`] gets one lead at a time, does what is to be done, and tells a [`Watcher`] how far it is; the
//! last thing that it tells is the end. It decides nothing and stores nothing by itself: what it tells is
//! stored with its events, ledger and lead in one transaction, and when the watcher returns it is kept. So an
//! engine may be killed at any moment.
//!
//! | engine | where it runs |
//! |---|---|
//! | [`Embedded`] | in this process; its journal is [`PhoneStanding::journal`] |
//! | `Temporal` | on a Temporal cluster, with the feature `temporal` and one setting |
//!
//! | limit | default |
//! |---|---|
//! | leads whose phone is searched, or whose address is verified, at a time | 100 each, by the settings |
//! | verifications that sleep at a time | 10,000 ([`SLEEPING_MAX`]): those beyond it keep their place |

pub(crate) mod dispatcher;
mod embedded;
pub(crate) mod forecast;
mod mail;
mod standing;
pub(crate) mod statistics;
#[cfg(feature = "temporal")]
pub(crate) mod temporal;

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use genesy_core::pii::Pii;
use genesy_core::waterfall::{
    EmailState, LeadFields, LeadInputs, PhoneLookup, Plan, ProviderId, Step,
};
use genesy_providers::RateLimit;
use genesy_providers::driver::LeadId;
use tokio_util::sync::CancellationToken;

pub(crate) use self::embedded::Embedded;
pub(crate) use self::standing::{EmailEnd, EmailStanding, PhoneStanding};
use crate::outside::Outside;
use crate::store::jobs::Kind;

/// Verifications that sleep at a time, at most, without taking the place of others.
pub(crate) const SLEEPING_MAX: usize = 10_000;

/// Who does the work. See the [module](self) for what it has to keep to.
#[async_trait]
pub(crate) trait Engine: Debug + Send + Sync {
    /// Its name: `embedded`.
    fn name(&self) -> &'static str;

    /// Who is asked for a phone, and in which order.
    fn plan(&self) -> &Plan<PhoneLookup>;

    /// The providers of the plan, in its order.
    fn providers(&self) -> &[ProviderFacts];

    /// Whether it can search phones: if not, why not and what to do.
    fn searches(&self) -> Result<(), String>;

    /// Whether it can verify addresses: if not, why not and what to do.
    fn verifies(&self) -> Result<(), String>;

    /// Whether it can do this: if not, why not and what to do.
    fn does(&self, kind: Kind) -> Result<(), String> {
        match kind {
            Kind::Phone => self.searches(),
            Kind::Email => self.verifies(),
        }
    }

    /// The providers that turned out to be misconfigured, with what is wrong and what to do.
    fn misconfigured(&self) -> Vec<(ProviderId, String)>;

    /// Searches a phone, to the end. The end was told when this returns.
    ///
    /// # Errors
    ///
    /// When it did not come to an end.
    async fn find_phone(
        &self,
        run: PhoneRun,
        watcher: Arc<dyn Watcher<PhoneStanding>>,
    ) -> Result<(), EngineError>;

    /// Verifies an address, to the end. The end was told when this returns.
    ///
    /// # Errors
    ///
    /// When it did not come to an end.
    async fn verify(
        &self,
        run: EmailRun,
        watcher: Arc<dyn Watcher<EmailStanding>>,
    ) -> Result<(), EngineError>;

    /// Begins nothing any more, waits so long for what is under way, and stops it where nothing is lost.
    async fn stop(&self, grace: Duration);
}

/// Who is told how far a run is.
#[async_trait]
pub(crate) trait Watcher<S>: Debug + Send + Sync {
    /// Takes how far the run is, as a whole. It is kept when this returns. What was told before may be told
    /// again, and steps in between may be left out.
    ///
    /// # Errors
    ///
    /// When it cannot be kept, or the run is not wanted any more: nothing that is not kept may be done then.
    async fn tell(&self, standing: S) -> Result<(), NotKept>;
}

/// What was told is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum NotKept {
    /// The lead was deleted, or the run was given to another job.
    #[error("the run is not there any more")]
    Gone,
    /// The store does not work.
    #[error("the store does not work")]
    Store,
}

/// A lead whose phone is to be found.
#[derive(Debug)]
pub(crate) struct PhoneRun {
    /// The lead, as this run of it is called: no other run has the name, ever.
    pub(crate) lead: LeadId,
    /// What it says.
    pub(crate) inputs: LeadInputs,
    /// What was found out about its address.
    pub(crate) email: EmailState,
    /// It is searched even if the lead has one, or an earlier run had an answer.
    pub(crate) is_refresh: bool,
    /// What the engine told last as [`PhoneStanding::journal`], if the run was under way before.
    pub(crate) journal: Option<Pii<Vec<u8>>>,
    /// Ends the run: its outcome is that it was cancelled.
    pub(crate) cancel: CancellationToken,
}

/// An address that is to be verified.
#[derive(Debug)]
pub(crate) struct EmailRun {
    /// The lead, as this run of it is called: no other run has the name, ever.
    pub(crate) lead: LeadId,
    /// Its address.
    pub(crate) address: Pii<String>,
    /// What the engine told last as [`EmailStanding::journal`], if the run was under way before.
    pub(crate) journal: Option<Pii<Vec<u8>>>,
    /// Ends the run.
    pub(crate) cancel: CancellationToken,
}

/// Why a run did not come to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum EngineError {
    /// The engine stopped. The run is to be begun again, with its journal.
    #[error("the engine stopped before the run was done")]
    Stopped,
    /// It was cancelled before anything of it was begun.
    #[cfg_attr(
        not(feature = "temporal"),
        expect(dead_code, reason = "the embedded engine begins it and cancels it then")
    )]
    #[error("it was cancelled before it was begun")]
    Cancelled,
    /// What was told could not be kept.
    #[error(transparent)]
    NotKept(#[from] NotKept),
    /// It cannot be done: beginning again would not help. The text holds no personal data.
    #[error("{0}")]
    Failed(String),
}

/// What is known of a provider before it is asked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ProviderFacts {
    /// Its name in plans.
    pub(crate) id: ProviderId,
    /// Its name for people.
    pub(crate) name: String,
    /// The fields that it cannot do without.
    pub(crate) requires: LeadFields,
    /// How often it may be asked.
    pub(crate) rate_limit: RateLimit,
}

impl ProviderFacts {
    /// Those of the plan that are there, in its order.
    fn of(outside: &Outside) -> Vec<Self> {
        let facts = |step: &Step<PhoneLookup>| {
            let mut descriptions = outside.providers.iter().map(|of| of.description());
            let description = descriptions.find(|of| of.id == step.provider)?;
            Some(Self {
                id: description.id.clone(),
                name: description.name.clone(),
                requires: description.requires,
                rate_limit: description.rate_limit,
            })
        };
        outside.plan.steps().iter().filter_map(facts).collect()
    }
}

/// Whether addresses can be verified: if not, why not and what to do.
fn can_verify(has_mail: bool) -> Result<(), String> {
    match has_mail {
        true => Ok(()),
        false => Err("nobody said who asks mail servers: set the HELO name and the sender of \
                      verifications in the configuration"
            .to_owned()),
    }
}
