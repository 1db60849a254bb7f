//! Plans, leads and phones for tests of the waterfall.

use genesy_core::pii::Pii;
use genesy_core::time::Timestamp;
use genesy_core::waterfall::{
    Cost, Countries, CountryCode, CountrySource, EmailNeed, EmailState, FoundPhone, LeadFacts,
    LeadField, LeadFields, PhoneLookup, PhoneQuality, PhoneRule, ProviderId, ReadIn, RetryPolicy,
    Step,
};

pub(crate) const START: Timestamp = Timestamp::from_micros(1_764_288_000_000_000);

/// A lead that no provider can refuse.
pub(crate) const EVERYTHING: LeadFacts = LeadFacts {
    fields: LeadFields::of(LeadField::ALL),
    country: None,
    is_known: false,
    email: EmailState::Unverified,
};

/// One that a rule for valid numbers accepts, or does not.
pub(crate) fn phone(is_valid: bool) -> FoundPhone {
    FoundPhone {
        raw: Pii::new("415 555 0132".to_owned()),
        e164: Some(Pii::new("+14155550132".to_owned())),
        quality: if is_valid { PhoneQuality::Valid } else { PhoneQuality::Impossible },
        read_in: CountryCode::new("US")
            .map(|country| ReadIn { country, named_by: CountrySource::Provider }),
    }
}

/// A step that asks for an e-mail address and takes a second at most.
pub(crate) fn step(provider: &str, attempts_max: u8, cost_micros: u64) -> Step<PhoneLookup> {
    Step {
        provider: ProviderId::new(provider).expect("a name"),
        requires: LeadFields::of(&[LeadField::Email]),
        countries: Countries::Any,
        email: EmailNeed::Any,
        after_miss_of: None,
        timeout_ms: 1000,
        retry: RetryPolicy { attempts_max, ..RetryPolicy::default() },
        cost: Cost { micros: cost_micros, ..Cost::default() },
        rule: PhoneRule::Valid,
    }
}
