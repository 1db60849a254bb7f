//! The driver with the built-in definitions and the HTTP engine against the simulated providers.

#![cfg(feature = "simulated")]

use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use genesy_core::waterfall::{
    AttemptResult, Budget, CountryCode, LeadField, LeadInputs, Outcome, PhoneLookup, Plan,
    default_phone_plan,
};
use genesy_providers::driver::{Driver, Lead, LeadId};
use genesy_providers::simulated::{
    Fault, Options, RetryAfter, SimulatedProvider, Simulation, scaled,
};

const SCALE: f64 = 0.01;
/// How long a call may take. Its answer comes soon, but a busy machine may be late to see it.
const TIMEOUT_MS: u32 = 20_000;
/// How long a call may take that gets no answer: some faults end by nothing else.
const FAULTY_TIMEOUT_MS: u32 = 80;
/// Time enough for all calls of a lead.
const TOTAL_MS: u32 = 300_000;
/// How long some leads take at most, if nothing hangs.
const PATIENCE: Duration = Duration::from_secs(30);

fn leads(count: u32) -> impl Iterator<Item = Lead> {
    (0..count).map(|row| {
        let inputs = LeadInputs::default()
            .with(LeadField::FullName, &format!("Ada Number{row}"))
            .with(LeadField::Email, &format!("ada.number{row}@company{row}.example"))
            .with(LeadField::JobTitle, "CTO")
            .with(LeadField::CompanyWebsite, &format!("company{row}.example"));
        Lead::for_phone(LeadId::of_row(row.into()), inputs)
    })
}

async fn start() -> (Simulation, Driver<PhoneLookup>) {
    start_with(TIMEOUT_MS).await
}

/// The same with another timeout of Orion Connect.
async fn start_with(orion_timeout_ms: u32) -> (Simulation, Driver<PhoneLookup>) {
    let options = Options { time_scale: SCALE, ..Options::default() };
    let simulation = Simulation::start(options).await.expect("a port");
    let mut steps = scaled(&default_phone_plan(), SCALE).steps().to_vec();
    for step in &mut steps {
        step.timeout_ms = TIMEOUT_MS;
    }
    steps[0].timeout_ms = orion_timeout_ms;
    let budget = Budget { total_ms: TOTAL_MS, ..Budget::default() };
    let plan = Plan::new(steps).and_then(|plan| plan.within(budget)).expect("a plan");
    let providers = simulation.providers(CountryCode::new("US"));
    // A provider that wants to be left alone for longer is passed over.
    let driver = Driver::builder(plan)
        .providers(providers)
        .concurrency_max(50)
        .queue_time_max(Duration::from_millis(300));
    (simulation, driver.build().expect("all providers"))
}

/// How many leads ended in each way: found, no data, inconclusive.
async fn run(driver: &Driver<PhoneLookup>, count: u32) -> [usize; 3] {
    let mut ends = [0; 3];
    let mut results = Box::pin(driver.run_all(stream::iter(leads(count))));
    while let Some((_, result)) = results.next().await {
        match &result.expect("a run").outcome {
            Outcome::Found(_) => ends[0] += 1,
            Outcome::NoDataFound => ends[1] += 1,
            Outcome::Inconclusive => ends[2] += 1,
            other => panic!("{other:?}"),
        }
    }
    ends
}

#[tokio::test(flavor = "multi_thread")]
async fn most_leads_get_an_answer_by_the_characters_of_the_providers() {
    let (simulation, driver) = start().await;
    let [found, no_data, inconclusive] = run(&driver, 200).await;
    assert!(found >= 90 && no_data >= 20 && inconclusive <= 20, "{found} {no_data} {inconclusive}");
    let asked = SimulatedProvider::ALL.map(|who| simulation.requests(who));
    assert!(asked[0] >= 200 && asked[1] < 200 && asked[2] > 0, "{asked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_fault_of_one_provider_ends_a_run_or_takes_for_ever() {
    for fault in [
        Fault::Down,
        Fault::Silent,
        Fault::Error,
        Fault::Throttled { retry_after: RetryAfter::Seconds(60) },
        Fault::Unauthorized,
        Fault::Rubbish,
        Fault::HalfAnswer,
        Fault::Endless,
        Fault::Huge,
        Fault::WrongType,
        Fault::Redirect { to: "http://127.0.0.2:9/".to_owned() },
    ] {
        let (simulation, driver) = start_with(FAULTY_TIMEOUT_MS).await;
        simulation.set_fault(SimulatedProvider::OrionConnect, Some(fault.clone()));
        let started = Instant::now();
        let mut found = 0;
        let mut results = Box::pin(driver.run_all(stream::iter(leads(30))));
        while let Some((_, result)) = results.next().await {
            let finished = result.expect("a run");
            let of_orion = finished.run.ledger().iter().filter(|attempt| attempt.step == 0);
            let answered = of_orion.filter(|attempt| attempt.result.is_answer()).count();
            assert_eq!(answered, 0, "{fault:?}");
            match &finished.outcome {
                Outcome::Found(by) => {
                    assert_ne!(by.provider.as_str(), "orion_connect", "{fault:?}");
                    found += 1;
                }
                // Not "no data": Orion Connect could not be asked.
                other => assert_eq!(*other, Outcome::Inconclusive, "{fault:?}"),
            }
        }
        assert!(found > 5, "{fault:?}: {found}");
        assert!(started.elapsed() < PATIENCE, "{fault:?}: {:?}", started.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_lost_his_key_is_asked_a_few_times_and_no_more() {
    let (simulation, driver) = start().await;
    simulation.set_fault(SimulatedProvider::NimbusLookup, Some(Fault::Forbidden));
    let [found, no_data, inconclusive] = run(&driver, 300).await;
    assert!(found > 100 && no_data == 0 && inconclusive > 20, "{found} {no_data} {inconclusive}");
    let asked = simulation.requests(SimulatedProvider::NimbusLookup);
    assert!((1..=50).contains(&asked), "those that were on their way: {asked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_nobody_listens_at_is_no_charge() {
    let (simulation, driver) = start().await;
    simulation.stop().await;
    let lead = leads(1).next().expect("a lead");
    let finished = driver.run(lead).await.expect("a run");
    assert_eq!(finished.outcome, Outcome::Inconclusive);
    assert_eq!(finished.run.ledger().len(), 9);
    assert!(finished.run.ledger().iter().all(|of| of.result == AttemptResult::Failed));
}
