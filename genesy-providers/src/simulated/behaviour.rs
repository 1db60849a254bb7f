//! What a provider answers, as a function.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::lead::Lead;
use super::numbers::{Country, Number};
use super::random::{fraction, split_mix};
use super::who::SimulatedProvider;

/// What latencies differ from their middle at most, as a share of it.
const SPREAD: f64 = 0.15;
/// How long it takes to see that a member is missing, in milliseconds.
const REFUSAL_MS: u64 = 50;
/// The share of people whom a provider knows, or not, by what is common to all providers.
const SHARED: f64 = 0.7;
/// The share of Americans among those whose domain tells of no country.
const AMERICANS: f64 = 0.6;

/// How a provider answers a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Behaviour {
    /// How long it takes, before it is scaled.
    pub latency: Duration,
    /// The HTTP status: 200, 400 or 500.
    pub status: u16,
    /// What is sent with it.
    pub body: Value,
}

/// How `who` answers the request `body`, of which it got `nth` with the same lead, this one counted.
///
/// Whether a number is known, which one, and how it is written is the same each time; the latency and
/// whether the call fails are drawn anew. A server counts only the requests that come this far:
/// those that a fault, a limit or a bad key answers are not.
pub fn behaviour(seed: u64, who: SimulatedProvider, body: &Value, nth: u32) -> Behaviour {
    match Lead::read(who, body) {
        Ok(lead) => of_lead(seed, who, &lead, nth),
        Err(member) => refusal(member),
    }
}

/// What is answered to a request that lacks a member.
pub(super) fn refusal(member: &str) -> Behaviour {
    let body = json!({ "error": format!("{member} is required") });
    Behaviour { latency: Duration::from_millis(REFUSAL_MS), status: 400, body }
}

pub(super) fn of_lead(seed: u64, who: SimulatedProvider, lead: &Lead, nth: u32) -> Behaviour {
    let character = who.character();
    // Two providers that are given the same fail independently of each other.
    let provider = split_mix(seed, who as u64);
    let call = split_mix(provider ^ lead.question, nth.into());
    let factor = 1.0 + SPREAD * (2.0 * fraction(split_mix(call, 0)) - 1.0);
    let latency_us = f64::from(character.latency_ms) * 1000.0 * factor;
    let latency = Duration::from_micros(latency_us as u64);
    if fraction(split_mix(call, 1)) < character.failure_rate {
        let body = json!({"error": "internal error"});
        return Behaviour { latency, status: 500, body };
    }
    let person = Person { seed: seed ^ lead.person, country: lead.country };
    let body = match person.number_at(who, character.hit_rate) {
        Some(number) => hit(who, number, person.writing(who)),
        None => miss(who, person.writing(who)),
    };
    Behaviour { latency, status: 200, body }
}

/// Somebody, and all that is drawn of them. Each draw has its own numbers, so that none tells of another.
struct Person {
    seed: u64,
    country: Option<Country>,
}

impl Person {
    /// The person's number, if this provider knows it.
    fn number_at(&self, who: SimulatedProvider, hit_rate: f64) -> Option<Number> {
        let is_shared = fraction(self.draw(10 + who as u64)) < SHARED;
        let luck = self.draw(if is_shared { 0 } else { 20 + who as u64 });
        (fraction(luck) < hit_rate).then(|| {
            let country = self.country.unwrap_or_else(|| self.some_country());
            Number::new(country, self.draw(1))
        })
    }

    fn some_country(&self) -> Country {
        if fraction(self.draw(2)) < AMERICANS {
            return Country::UnitedStates;
        }
        let others = &Country::ALL[1..];
        others[(self.draw(3) % others.len() as u64) as usize]
    }

    /// What the form of an answer comes of.
    fn writing(&self, who: SimulatedProvider) -> u64 {
        self.draw(30 + who as u64)
    }

    fn draw(&self, index: u64) -> u64 {
        split_mix(split_mix(self.seed, 0), index)
    }
}

/// A number in the provider's shape.
fn hit(who: SimulatedProvider, number: Number, writing: u64) -> Value {
    match who {
        SimulatedProvider::OrionConnect => object("phone", text(number, writing, 40, 60).into()),
        SimulatedProvider::AstraDialer => object("phoneNmbr", text(number, writing, 70, 90).into()),
        SimulatedProvider::NimbusLookup => {
            let (member, value) = match writing % 10 {
                0..4 => ("number", number.national.into()),
                4..7 => ("phoneNmbr", number.national.into()),
                7..9 => ("phoneNmbr", number.bare().into()),
                _ => ("phoneNmbr", number.formatted().into()),
            };
            let country = number.country;
            let country = match writing / 10 % 10 {
                0..4 => country.code().to_owned(),
                4..7 => country.calling_code().to_owned(),
                _ => format!("+{}", country.calling_code()),
            };
            let mut answer = Map::new();
            answer.insert(member.to_owned(), value);
            answer.insert("countryCode".to_owned(), country.into());
            answer.into()
        }
    }
}

/// A number as a text that no country stands beside: bare digits, below the first percentage; as people
/// of its country write it, below the second; else with its calling code.
fn text(number: Number, writing: u64, bare_below: u64, formatted_below: u64) -> String {
    let percent = writing % 100;
    if percent < bare_below {
        number.bare()
    } else if percent < formatted_below {
        number.formatted()
    } else {
        number.international()
    }
}

/// Nothing, in the provider's shape.
fn miss(who: SimulatedProvider, writing: u64) -> Value {
    match who {
        SimulatedProvider::OrionConnect => object("phone", Value::Null),
        SimulatedProvider::AstraDialer if writing.is_multiple_of(2) => {
            object("phoneNmbr", Value::Null)
        }
        SimulatedProvider::AstraDialer => Map::new().into(),
        SimulatedProvider::NimbusLookup => object("number", Value::Null),
    }
}

fn object(member: &str, value: Value) -> Value {
    Map::from_iter([(member.to_owned(), value)]).into()
}

#[cfg(test)]
#[path = "behaviour_tests.rs"]
mod tests;
