//! The waterfall: who is asked next for what a lead lacks, and what came of it.
//!
//! A [`Plan`] says which providers are asked in which order, with their timeouts, retries, costs and the
//! least that a find has to be. A [`Waterfall`] follows it for one lead: it says what to do
//! ([`Action`]), takes what happened ([`Input`]) and ends with an [`Outcome`]. It never fails and never
//! waits; time is an argument, and its [`Snapshot`] goes on elsewhere after a restart. What is looked
//! up is a [`Lookup`]: [`PhoneLookup`] is the first one.
//!
//! ```
//! use std::sync::Arc;
//!
//! use genesy_core::pii::Pii;
//! use genesy_core::time::Timestamp;
//! use genesy_core::waterfall::{
//!     Action, FoundPhone, Input, LeadFacts, LeadField, LeadFields, Outcome, PhoneQuality, Reply,
//!     SkipReason, Waterfall, default_phone_plan,
//! };
//!
//! // Orion Connect wants a full name and a website, Astra Dialer an e-mail address.
//! let facts = LeadFacts { fields: LeadFields::of(&[LeadField::Email]), ..LeadFacts::default() };
//! let mut now = Timestamp::from_micros(1_764_288_000_000_000);
//! let mut run = Waterfall::new(Arc::new(default_phone_plan()), facts, 7, now);
//!
//! let Action::Call(call) = run.poll(now) else { panic!("somebody is asked") };
//! assert_eq!(call.provider.as_str(), "astra_dialer");
//! assert!(matches!(run.skips()[0].reason, SkipReason::MissingFields(_)));
//!
//! now = now.plus_ms(1300);
//! let phone = FoundPhone {
//!     raw: Pii::new("(415) 555-0132".to_owned()),
//!     e164: Some(Pii::new("+14155550132".to_owned())),
//!     quality: PhoneQuality::Valid,
//!     read_in: None,
//! };
//! run.handle(now, Input::Reply { call: call.id, reply: Reply::Hit(phone) });
//! let Some(Outcome::Found(found)) = run.outcome() else { panic!("it was found") };
//! assert_eq!(found.provider.as_str(), "astra_dialer");
//! ```
//!
//! # How a run ends
//!
//! | outcome | when |
//! |---|---|
//! | found | a provider had it, and it is what the step's rule asks for |
//! | no data found | every provider that the lead is eligible for answered, and none had it |
//! | inconclusive | none had it, but at least one could not be asked: it failed, timed out, was throttled, misconfigured or not understood, or was beyond the budget |
//! | not eligible | the lead is not one that any provider is asked for |
//! | cancelled | the caller ended it |
//!
//! # Attempts made elsewhere
//!
//! Where something else retries, as the activities of a workflow engine, [`Waterfall::delegate`] gives all
//! that has to be known to make a step's attempts as the run would, with the same waits and within the same
//! budgets, and [`Waterfall::follow`] takes what came of them: ledger, events and outcome are the same.
//!
//! # Time
//!
//! | wait | limit | behind it |
//! |---|---|---|
//! | for a reply | the step's `timeout_ms`, and what is left of the total | the attempt timed out, and may have been charged |
//! | between two attempts | the step's [`RetryPolicy`], or what the provider asks for up to `delay_ms_max` | the next attempt; a provider that asks for more is given up |
//! | all of it | the plan's [`Budget::total_ms`]; waits for a driver's limits ([`Input::Waited`]) come on top | what is left is skipped |

mod describe;
mod forecast;
#[cfg(feature = "phone")]
mod found_phone;
mod inputs;
mod lead;
mod ledger;
mod lookup;
mod machine;
mod messages;
mod phone_plan;
mod plan;

pub use self::forecast::{Estimate, Forecast, Latency, ProviderStatistics, StepForecast};
#[cfg(feature = "phone")]
pub use self::found_phone::PhoneCountries;
pub use self::inputs::LeadInputs;
pub use self::lead::{CountryCode, EmailNeed, EmailState, LeadFacts, LeadField, LeadFields};
pub use self::ledger::{Attempt, AttemptResult, Charge, Found, Outcome, Skip, SkipReason, Spent};
pub use self::lookup::{
    CountrySource, FoundPhone, Lookup, Payload, PhoneLookup, PhoneQuality, PhoneRule, ReadIn,
};
pub use self::machine::{
    AttemptEnd, AttemptMade, Delegation, Rejected, ResumeError, SNAPSHOT_VERSION, Snapshot,
    Waterfall,
};
pub use self::messages::{Action, Call, CallId, Event, Input, Progress, Reply};
pub use self::phone_plan::default_phone_plan;
pub use self::plan::{
    ATTEMPTS_MAX, Billing, Budget, Cost, Countries, Plan, PlanError, ProviderId, RetryPolicy,
    STEPS_MAX, Step, TIMEOUT_MS_MAX, TOTAL_MS_MAX,
};
