//! The plan for phones where nobody gives another.

use super::lead::{EmailNeed, LeadField, LeadFields};
use super::lookup::{PhoneLookup, PhoneRule};
use super::plan::{Cost, Countries, Plan, PlanError, ProviderId, RetryPolicy, Step};

/// Orion Connect, Astra Dialer, Nimbus Lookup: each provider's inputs, and a timeout that is twice what
/// it takes as a rule. Its costs are unknown, so they are nothing.
///
/// # Panics
///
/// Never: a test follows it.
pub fn default_phone_plan() -> Plan<PhoneLookup> {
    use LeadField::{CompanyWebsite, Email, FullName, JobTitle};
    let steps = [
        ("orion_connect", LeadFields::of(&[FullName, CompanyWebsite]), 8_000),
        ("astra_dialer", LeadFields::of(&[Email]), 3_000),
        ("nimbus_lookup", LeadFields::of(&[Email, JobTitle]), 5_000),
    ];
    let steps = steps.into_iter().map(|(provider, requires, timeout_ms)| {
        Ok(Step {
            provider: ProviderId::new(provider)?,
            requires,
            countries: Countries::Any,
            email: EmailNeed::NotUndeliverable,
            after_miss_of: None,
            timeout_ms,
            retry: RetryPolicy::default(),
            cost: Cost::default(),
            rule: PhoneRule::default(),
        })
    });
    let steps: Result<Vec<_>, PlanError> = steps.collect();
    steps.and_then(Plan::new).expect("the plan can be followed")
}
