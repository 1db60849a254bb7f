//! Leads at providers with the characters of the real ones: the time that all take, beside that of the
//! same schedule without any overhead.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use genesy_benches::harness::Size;
use genesy_core::time::Timestamp;
use genesy_core::waterfall::{
    Action, CountryCode, FoundPhone, Input, LeadInputs, PhoneCountries, PhoneLookup, Plan, Reply,
    Waterfall, default_phone_plan,
};
use genesy_providers::definition::{Body, Definition, JsonPointer, built_in};
use genesy_providers::driver::Driver;
use genesy_providers::simulated::{SimulatedProvider, behaviour};
use serde_json::Value;

use crate::server::Server;
use crate::{inputs, leads, runtime};

const CONCURRENCY: usize = 200;
/// The simulation's own.
const SEED: u64 = 1;

pub(crate) fn measure(size: Size) {
    let (count, scale) = if size == Size::Bench { (1000, 1.0) } else { (50, 0.01) };
    let plan = genesy_providers::simulated::scaled(&default_phone_plan(), scale);
    let (ideal, found_ideally) = ideal(&plan, count, scale);
    let server = Server::start(scale, false);
    let driver = Driver::builder(plan).providers(server.providers());
    let driver = driver.concurrency_max(CONCURRENCY).build().expect("a driver");
    let (took, found) = runtime().block_on(async {
        let started = Instant::now();
        let mut found = 0;
        let mut results = Box::pin(driver.run_all(stream::iter(leads(count))));
        while let Some((_, result)) = results.next().await {
            found += u32::from(result.expect("a run").outcome.name() == "found");
        }
        (started.elapsed(), found)
    });
    println!(
        "| {count} leads at {CONCURRENCY} at a time, by the time of the same schedule without overhead | \
         {:.3} ({:.2} s by {:.2} s; {found} and {found_ideally} found) | 1.1 |",
        took.as_secs_f64() / ideal.as_secs_f64(),
        took.as_secs_f64(),
        ideal.as_secs_f64(),
    );
}

/// The time of all leads if nothing but the providers and the waits took any, and how many are found.
fn ideal(plan: &Plan<PhoneLookup>, count: u32, scale: f64) -> (Duration, u32) {
    let plan = Arc::new(plan.clone());
    let definitions = built_in();
    let mut free_at: BinaryHeap<Reverse<u64>> = (0..CONCURRENCY).map(|_| Reverse(0)).collect();
    let (mut end_us, mut found) = (0, 0);
    for lead in leads(count) {
        let Reverse(start_us) = free_at.pop().expect("a slot");
        let row = lead.id().as_str().parse().expect("a row");
        let (took_us, is_found) = alone(&plan, &definitions, &lead, &inputs(row), scale);
        found += u32::from(is_found);
        end_us = end_us.max(start_us + took_us);
        free_at.push(Reverse(start_us + took_us));
    }
    (Duration::from_micros(end_us), found)
}

/// One lead in virtual time: how long it takes, in microseconds, and whether it is found.
fn alone(
    plan: &Arc<Plan<PhoneLookup>>,
    definitions: &[Definition],
    lead: &genesy_providers::driver::Lead,
    inputs: &LeadInputs,
    scale: f64,
) -> (u64, bool) {
    let mut now = Timestamp::default();
    let mut run = Waterfall::new(Arc::clone(plan), inputs.phone_facts(), lead.seed(), now);
    let mut times_asked = [0; 3];
    loop {
        match run.poll(now) {
            Action::Call(call) => {
                let step = usize::from(call.id.step);
                let (definition, who) = (&definitions[step], SimulatedProvider::ALL[step]);
                let Body::Json(body) = &definition.request.body else { panic!("JSON") };
                times_asked[step] += 1;
                let answer = behaviour(SEED, who, &body.render(inputs), times_asked[step]);
                // As the server waits: whole milliseconds.
                let takes_us = (answer.latency.as_micros() as f64 * scale / 1000.0).ceil() * 1000.0;
                let reply_at = now.plus_us(takes_us as u64);
                let is_late = reply_at >= call.deadline;
                now = if is_late { call.deadline } else { reply_at };
                let reply = match answer.status {
                    _ if is_late => Reply::TimedOut,
                    200 => phone(definition, &answer.body).map_or(Reply::Miss, Reply::Hit),
                    _ => Reply::Failed { retry_after_ms: None },
                };
                run.handle(now, Input::Reply { call: call.id, reply });
            }
            Action::Wait { until } | Action::Sleep { until } => now = until,
            Action::Done(outcome) => return (now.as_micros(), outcome.name() == "found"),
        }
    }
}

fn phone(definition: &Definition, body: &Value) -> Option<FoundPhone> {
    let first = |places: &[JsonPointer]| {
        let mut values = places.iter().filter_map(|place| body.pointer(place.as_str()));
        values.find(|value| !value.is_null()).map(|value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        })
    };
    let country = first(&definition.response.country);
    let countries = PhoneCountries {
        of_provider: country.as_deref(),
        of_lead: None,
        default: CountryCode::new("US"),
    };
    Some(FoundPhone::read(&first(&definition.response.phone)?, &countries))
}
