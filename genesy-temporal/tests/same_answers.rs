//! Embedded or on Temporal, a plan and its providers give the same answers.

mod rig;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use genesy_core::pii::Pii;
use genesy_core::waterfall::{
    Attempt, AttemptResult, Billing, Budget, Charge, Cost, Event, FoundPhone, LeadField,
    LeadFields, LeadInputs, Outcome, PhoneLookup, PhoneQuality, PhoneRule, Plan, ProviderId,
    RetryPolicy, Step,
};
use genesy_providers::driver::{Driver, DriverEvent, Lead, LeadEvent, Watched};
use genesy_providers::{Answer, Ask, CallError, Description, Provider};
use genesy_temporal::client::PhoneRequest;
use genesy_temporal::dev_server::DevServerOptions;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use rig::lead;

/// Plans and scripts that are compared.
const CASES: usize = 24;
const TIMEOUT_MS: u32 = 300;

/// What a provider does at an attempt.
#[derive(Debug, Clone)]
enum Turn {
    Hit(PhoneQuality),
    Miss,
    Failed(Option<u64>),
    Throttled(Option<u64>),
    Hangs,
    Unreadable,
    Rejected,
}

/// A provider that answers each lead by its own script: its turns are told by the lead's e-mail address.
#[derive(Debug)]
struct ByLead {
    description: Description,
    scripts: BTreeMap<String, Vec<Turn>>,
    asked: Mutex<BTreeMap<String, usize>>,
}

#[async_trait]
impl Provider<PhoneLookup> for ByLead {
    fn description(&self) -> &Description {
        &self.description
    }

    async fn call(&self, ask: &Ask) -> Result<Answer<FoundPhone>, CallError> {
        let email = ask.inputs.get(LeadField::Email).expect("an address").to_owned();
        let turn = {
            let mut asked = self.asked.lock().expect("no test panicked with it");
            let place = asked.entry(email.clone()).or_default();
            *place += 1;
            let script = &self.scripts[&email];
            script[(*place - 1) % script.len()].clone()
        };
        let after = |ms: Option<u64>| ms.map(Duration::from_millis);
        match turn {
            Turn::Hit(quality) => Ok(Answer::new(Some(phone(quality)))),
            Turn::Miss => Ok(Answer::new(None)),
            Turn::Failed(ms) => {
                Err(CallError::Retryable { reason: "500".into(), retry_after: after(ms) })
            }
            Turn::Throttled(ms) => Err(CallError::Throttled { retry_after: after(ms) }),
            Turn::Hangs => std::future::pending().await,
            Turn::Unreadable => Err(CallError::Unreadable { reason: "rubbish".into() }),
            Turn::Rejected => Err(CallError::Rejected { reason: "400".into() }),
        }
    }
}

fn phone(quality: PhoneQuality) -> FoundPhone {
    let number = "+14155550132".to_owned();
    FoundPhone {
        raw: Pii::new(number.clone()),
        e164: Some(Pii::new(number)),
        quality,
        read_in: None,
    }
}

/// One lead's plan, and its script at each of three providers.
#[derive(Debug, Clone)]
struct Case {
    plan: Plan<PhoneLookup>,
    scripts: [Vec<Turn>; 3],
}

const NAMES: [&str; 3] = ["a", "b", "c"];

fn any_turn() -> impl Strategy<Value = Turn> {
    let after = prop::option::of(0..400_u64);
    prop_oneof![
        1 => prop_oneof![Just(PhoneQuality::Valid), Just(PhoneQuality::Impossible)].prop_map(Turn::Hit),
        2 => Just(Turn::Miss),
        3 => after.clone().prop_map(Turn::Failed),
        1 => after.prop_map(Turn::Throttled),
        1 => Just(Turn::Hangs),
        1 => Just(Turn::Unreadable),
        1 => Just(Turn::Rejected),
    ]
}

fn any_case() -> impl Strategy<Value = Case> {
    let step = (1..=3_u8, 0..200_u32, 0..300_u32, 0..50_u64, any::<bool>(), any::<bool>());
    let scripts = prop::array::uniform3(prop::collection::vec(any_turn(), 1..4));
    let budget = prop::option::of(0..200_u64);
    (prop::array::uniform3(step), scripts, budget).prop_map(|(steps, scripts, cost_micros)| {
        let steps = NAMES.into_iter().zip(steps).map(|(name, step)| {
            let (attempts_max, first_delay_ms, delay_ms_max, micros, per_hit, after_a) = step;
            let billing = if per_hit { Billing::PerHit } else { Billing::PerCall };
            let description = description(name);
            Step {
                timeout_ms: TIMEOUT_MS,
                retry: RetryPolicy {
                    attempts_max,
                    first_delay_ms,
                    delay_ms_max,
                    jitter_percent: 50,
                },
                cost: Cost { micros, billing },
                after_miss_of: (after_a && name != "a")
                    .then(|| ProviderId::new("a").expect("a name")),
                ..description.step(PhoneRule::Valid)
            }
        });
        let plan = Plan::new(steps.collect());
        let budget = Budget { cost_micros, ..Budget::default() };
        Case { plan: plan.and_then(|plan| plan.within(budget)).expect("a plan"), scripts }
    })
}

fn description(name: &str) -> Description {
    let id = ProviderId::new(name).expect("a name");
    Description::new(id, LeadFields::of(&[LeadField::Email]), TIMEOUT_MS)
}

fn email(case: usize) -> String {
    format!("lead{case}@engines.example")
}

fn providers(cases: &[Case]) -> Vec<Arc<dyn Provider<PhoneLookup>>> {
    let provider = |place: usize| {
        let scripts = cases.iter().enumerate();
        let scripts = scripts.map(|(at, case)| (email(at), case.scripts[place].clone())).collect();
        let description = description(NAMES[place]);
        Arc::new(ByLead { description, scripts, asked: Mutex::default() }) as Arc<dyn Provider<_>>
    };
    (0..3).map(provider).collect()
}

/// What has to be the same: all but times.
#[derive(Debug, PartialEq)]
struct Told {
    outcome: String,
    ledger: Vec<(u8, u8, AttemptResult, Charge, u64)>,
    skips: Vec<genesy_core::waterfall::Skip>,
    events: Vec<Event>,
}

fn told(
    outcome: &Outcome<FoundPhone>,
    ledger: &[Attempt],
    skips: &[genesy_core::waterfall::Skip],
    events: Vec<Event>,
) -> Told {
    let ledger = ledger.iter();
    Told {
        outcome: match outcome {
            Outcome::Found(found) => format!("found by {}", found.provider),
            other => other.name().to_owned(),
        },
        ledger: ledger
            .map(|of| (of.step, of.attempt, of.result, of.charge, of.cost_micros))
            .collect(),
        skips: skips.to_vec(),
        events,
    }
}

async fn embedded(cases: &[Case]) -> Vec<Told> {
    let providers = providers(cases);
    let runs = cases.iter().enumerate().map(|(at, case)| {
        let providers = providers.clone();
        async move {
            let driver = Driver::builder(case.plan.clone()).providers(providers).build();
            let driver = driver.expect("a driver");
            let mut events = driver.events();
            let inputs = LeadInputs::default().with(LeadField::Email, &email(at));
            let finished = driver.run(Lead::for_phone(lead(&at.to_string()), inputs)).await;
            let finished = finished.expect("it ends");
            drop(driver);
            let mut seen = Vec::new();
            while let Some(Watched::Event(event)) = events.next().await {
                if let DriverEvent::Lead { what: LeadEvent::Waterfall(event), .. } = event {
                    seen.push(event);
                }
            }
            told(&finished.outcome, finished.run.ledger(), finished.run.skips(), seen)
        }
    });
    futures::future::join_all(runs).await
}

#[test]
fn plans_and_scripts_give_the_same_answers_embedded_and_on_temporal() {
    let mut runner = TestRunner::deterministic();
    let case = |runner: &mut TestRunner| any_case().new_tree(runner).expect("a case").current();
    let cases: Vec<_> = (0..CASES).map(|_| case(&mut runner)).collect();
    let cases = Arc::new(cases);
    let mut options = DevServerOptions::default();
    options.skips_time = true;
    rig::with_server(options, async |server| {
        let client = rig::client(&server).await;
        let worker = rig::worker(&client, providers(&cases));
        for (at, case) in cases.iter().enumerate() {
            let inputs = LeadInputs::default().with(LeadField::Email, &email(at));
            let request = PhoneRequest::new(lead(&at.to_string()), inputs, case.plan.clone());
            client.start_phone(request).await.expect("started");
        }
        let embedded = embedded(&cases).await;
        let mut attempts = 0;
        for (at, expected) in embedded.into_iter().enumerate() {
            let id = lead(&at.to_string());
            let result = client.phone_result(&id).await.expect("a result");
            let progress = client.phone_progress(&id).await.expect("progress");
            let events = progress.events.into_iter().map(|of| of.event).collect();
            let on_temporal = told(&result.outcome, &result.ledger, &result.skips, events);
            assert_eq!(on_temporal, expected, "{:#?}", cases[at]);
            attempts += result.ledger.len();
        }
        assert!(attempts > CASES, "{attempts}: the cases do something");
        worker.shutdown().await.expect("it ends");
    });
}
