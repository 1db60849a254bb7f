//! The forecast, against numbers worked out by hand and against the machine itself.

#![cfg(feature = "waterfall")]

mod waterfall_driver;

use std::sync::Arc;

use genesy_core::pii::Pii;
use genesy_core::time::Timestamp;
use genesy_core::waterfall::{
    Attempt, AttemptResult, Billing, Budget, Call, Charge, Cost, Countries, CountryCode, EmailNeed,
    Forecast, FoundPhone, LeadFacts, LeadField, LeadFields, Outcome, PhoneLookup, PhoneQuality,
    PhoneRule, Plan, ProviderId, ProviderStatistics, Reply, RetryPolicy, Step,
};
use proptest::prelude::*;

fn step(name: &str, micros: u64, billing: Billing) -> Step<PhoneLookup> {
    Step {
        provider: ProviderId::new(name).expect("a name"),
        requires: LeadFields::NONE,
        countries: Countries::Any,
        email: EmailNeed::Any,
        after_miss_of: None,
        timeout_ms: 4_000,
        retry: RetryPolicy { attempts_max: 1, ..RetryPolicy::default() },
        cost: Cost { micros, billing },
        rule: PhoneRule::Valid,
    }
}

fn attempt(result: AttemptResult, took_us: u64) -> Attempt {
    let (at, charge) = (Timestamp::default(), Charge::Free);
    Attempt { step: 0, attempt: 1, at, took_us, result, charge, cost_micros: 0 }
}

/// What is learned of `hits`, rejected finds, misses and failures.
fn seen(counts: [u64; 4]) -> ProviderStatistics {
    use AttemptResult::{Failed, Hit, Miss, Rejected};
    let mut statistics = ProviderStatistics::default();
    for (result, count) in [Hit, Rejected, Miss, Failed].into_iter().zip(counts) {
        (0..count).for_each(|_| statistics.learn(&attempt(result, 100_000)));
    }
    statistics
}

fn of(steps: Vec<Step<PhoneLookup>>, leads: usize, counts: impl Fn(&str) -> [u64; 4]) -> Forecast {
    let plan = Plan::new(steps).expect("a plan");
    let leads = std::iter::repeat_n(LeadFacts::default(), leads);
    Forecast::new(&plan, leads, |provider| seen(counts(provider.as_str())), 1)
}

#[track_caller]
fn near(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-9 * b.abs().max(1.0), "{a} is not {b}");
}

fn names(order: &[ProviderId]) -> Vec<&str> {
    order.iter().map(ProviderId::as_str).collect()
}

#[test]
fn forecast_of_one_provider() {
    // Hit rate 4/10; failure rate 1/10, and two attempts: 99 % answer.
    let mut only = step("a", 1000, Billing::PerCall);
    only.retry.attempts_max = 2;
    let forecast = of(vec![only], 100, |_| [3, 0, 5, 0]);
    near(forecast.steps[0].hit_rate.expected, 0.4);
    near(forecast.steps[0].failure_rate.expected, 0.1);
    near(forecast.found.expected, 100.0 * 0.99 * 0.4);
    near(forecast.coverage.expected, 0.99 * 0.4);
    near(forecast.cost_micros.expected, 100.0 * 0.99 * 1000.0);
    near(forecast.steps[0].leads_asked, 100.0);
    near(forecast.steps[0].found_lost_without, forecast.found.expected);
    near(forecast.steps[0].cost_saved_without_micros, forecast.cost_micros.expected);
    // Leads: 100 x 0.396 x 0.604 = 23.9184. The hit rate's variance is 0.24 / 11, times 99^2; the
    // failure rate's is 0.09 / 11, and 1 - f^2 changes by 2 f.
    let variance = 23.9184 + 0.24 / 11.0 * 99.0 * 99.0 + 0.09 / 11.0 * (0.2_f64 * 40.0).powi(2);
    near(forecast.found.high, forecast.found.expected + 1.645 * variance.sqrt());
    assert_eq!((forecast.leads, forecast.leads_eligible_for_none), (100, 0));
    assert_eq!(forecast.worst_case_ms, 8_500);
    assert!(!forecast.budget_may_bind);
}

#[test]
fn forecast_suggests_the_better_ratio_of_calls() {
    // Nobody fails to speak of: 0.5 at 1000 is worth more than 0.75 at 3000.
    let counts = |name: &str| if name == "dear" { [2, 0, 0, 0] } else { [1, 0, 1, 0] };
    let steps = vec![step("dear", 3000, Billing::PerCall), step("cheap", 1000, Billing::PerCall)];
    let forecast = of(steps, 10, counts);
    // Failure rates are 1/4 for both.
    let (dear, cheap) = (0.75 * 3000.0, 0.75 * 1000.0);
    let (dear_hit, cheap_hit) = (0.75 * 0.75, 0.75 * 0.5);
    near(forecast.cost_micros.expected, 10.0 * (dear + (1.0 - dear_hit) * cheap));
    near(forecast.suggested_cost_micros, 10.0 * (cheap + (1.0 - cheap_hit) * dear));
    near(forecast.coverage.expected, 1.0 - (1.0 - dear_hit) * (1.0 - cheap_hit));
    assert_eq!(names(&forecast.suggested_order), ["cheap", "dear"]);
    near(forecast.steps[1].coverage_lost_without, cheap_hit * (1.0 - dear_hit));
    assert_eq!(forecast.steps[0].provider.as_str(), "dear", "the plan stays as it is");
}

#[test]
fn forecast_of_many_steps_follows_the_ratio_rule() {
    // Hit rates of a half: calls cost twice their price per hit, hits their price.
    let mut steps: Vec<_> = ["a", "b", "c", "d", "e", "f"]
        .into_iter()
        .zip([600, 100, 500, 200, 400, 300])
        .map(|(name, micros)| step(name, micros, Billing::PerCall))
        .collect();
    steps.push(step("hit", 500, Billing::PerHit));
    let forecast = of(steps, 10, |_| [5, 0, 5, 0]);
    assert_eq!(names(&forecast.suggested_order), ["b", "d", "hit", "f", "e", "c", "a"]);
    assert!(forecast.suggested_cost_micros < forecast.cost_micros.expected);
}

#[test]
fn forecast_never_suggests_to_ask_before_what_is_waited_for() {
    let counts = |name: &str| if name == "dear" { [2, 0, 0, 0] } else { [1, 0, 1, 0] };
    let mut cheap = step("cheap", 1000, Billing::PerCall);
    cheap.after_miss_of = Some(ProviderId::new("dear").unwrap());
    let forecast = of(vec![step("dear", 3000, Billing::PerCall), cheap], 10, counts);
    assert_eq!(names(&forecast.suggested_order), ["dear", "cheap"]);
    // Only after an answer: 0.75 x 0.25 of the leads come to it.
    near(forecast.steps[1].leads_asked, 10.0 * 0.75 * 0.25);
    near(forecast.steps[0].found_lost_without, forecast.found.expected);
}

#[test]
fn forecast_of_pay_per_hit_does_not_pay_misses() {
    let cost = |billing, counts: [u64; 4]| {
        of(vec![step("a", 1000, billing)], 1000, |_| counts).cost_micros.expected
    };
    let forecast = of(vec![step("a", 1000, Billing::PerHit)], 1000, |_| [9, 0, 89, 0]);
    near(forecast.cost_micros.expected, forecast.found.expected * 1000.0);
    near(cost(Billing::PerHit, [9, 0, 89, 0]) * 10.0, cost(Billing::PerCall, [9, 0, 89, 0]));
    // The machine pays for finds that its rule does not accept.
    near(cost(Billing::PerHit, [9, 10, 79, 0]) * 5.0, cost(Billing::PerCall, [9, 10, 79, 0]));
}

#[test]
fn forecast_counts_eligible_leads() {
    let email = LeadFields::of(&[LeadField::Email]);
    let mut first = step("a", 0, Billing::PerCall);
    first.requires = email;
    let mut second = step("b", 0, Billing::PerCall);
    second.countries = Countries::Only(vec![CountryCode::new("DE").unwrap()]);
    let mut third = step("c", 0, Billing::PerCall);
    third.after_miss_of = Some(first.provider.clone());
    let plan = Plan::new(vec![first, second, third]).unwrap();
    let german = LeadFacts { country: CountryCode::new("DE"), ..LeadFacts::default() };
    let with_email = LeadFacts { fields: email, ..LeadFacts::default() };
    let known = LeadFacts { is_known: true, ..with_email };
    let leads = [german, german, with_email, known, LeadFacts::default()];
    let eligible = |plan: &Plan<PhoneLookup>| {
        let forecast = Forecast::new(plan, leads, |_| ProviderStatistics::default(), 1);
        let steps: Vec<u64> = forecast.steps.iter().map(|step| step.leads_eligible).collect();
        (steps, forecast.leads_eligible_for_none)
    };
    assert_eq!(eligible(&plan), (vec![1, 2, 1], 2));
    assert_eq!(eligible(&plan.refreshing(true)), (vec![2, 2, 2], 1));

    let none = Forecast::new(&default_plan(), [], |_| ProviderStatistics::default(), 1);
    assert_eq!((none.leads, none.coverage.expected, none.p95_ms), (0, 0.0, 0));
}

fn default_plan() -> Plan<PhoneLookup> {
    genesy_core::waterfall::default_phone_plan()
}

#[test]
fn forecast_takes_the_timeout_for_an_unknown_latency() {
    let plan = Plan::new(vec![step("a", 0, Billing::PerCall)]).unwrap();
    let lead = [LeadFacts::default()];
    let unknown = Forecast::new(&plan, lead, |_| ProviderStatistics::default(), 1);
    assert_eq!((unknown.p50_ms, unknown.p95_ms), (4_000, 4_000));
    let known = Forecast::new(&plan, lead, |_| seen([5, 0, 5, 5]), 1);
    assert!((87..=113).contains(&known.p50_ms), "{}", known.p50_ms);
    assert_eq!(known, Forecast::new(&plan, lead, |_| seen([5, 0, 5, 5]), 1));
    let plan = plan.within(Budget { total_ms: 50, cost_micros: None }).unwrap();
    let cut = Forecast::new(&plan, lead, |_| seen([5, 0, 5, 5]), 1);
    assert_eq!((cut.p95_ms, cut.worst_case_ms, cut.budget_may_bind), (50, 50, true));
}

#[test]
fn forecast_statistics_come_of_a_ledger() {
    use AttemptResult::{
        Cancelled, Failed, Hit, InputRejected, Interrupted, Misconfigured, Miss, Rejected,
        Throttled, TimedOut,
    };
    let mut statistics = ProviderStatistics::default();
    for (result, took_us) in [
        (Hit, 1_000_000),
        (Rejected, 1_000_000),
        (Miss, 2_000_000),
        (Failed, 10),
        (TimedOut, 4_000_000),
        (Throttled, 4_000_000),
        (InputRejected, 1),
        (Misconfigured, 1),
        (Interrupted, 1),
        (Cancelled, u64::MAX),
    ] {
        statistics.learn(&attempt(result, took_us));
    }
    assert_eq!((statistics.hits, statistics.rejected, statistics.misses), (1, 1, 1));
    assert_eq!((statistics.failures, statistics.answers()), (3, 3));
    near(statistics.hit_rate().expected, 2.0 / 5.0);
    near(statistics.failure_rate().expected, 0.5);
    let median = statistics.answer_latency.quantile_us(0.5).unwrap();
    assert!((875_000..=1_125_000).contains(&median), "{median}");
    let longest = statistics.failure_latency.quantile_us(1.0).unwrap();
    assert!((3_500_000..=4_500_000).contains(&longest), "{longest}");

    let text = serde_json::to_string(&statistics).unwrap();
    assert_eq!(serde_json::from_str::<ProviderStatistics>(&text).unwrap(), statistics);
    let mut twice = statistics.clone();
    twice.merge(&statistics);
    assert_eq!((twice.failures, twice.hits), (6, 2));
    assert_eq!(twice.answer_latency.quantile_us(0.5), Some(median));
    // What others stored may be anything.
    let odd = r#"{"answer_latency":{"0":18446744073709551615,"255":18446744073709551615}}"#;
    let odd: ProviderStatistics = serde_json::from_str(odd).unwrap();
    assert!(odd.answer_latency.quantile_us(1.0).is_some());
    assert_eq!(ProviderStatistics::default().answer_latency.quantile_us(0.5), None);
}

/// How a provider of the simulation behaves: shares of attempts that fail, and of answers that are
/// hits and rejected finds.
const BEHAVES: [(&str, f64, f64, f64); 4] =
    [("a", 0.1, 0.3, 0.1), ("b", 0.3, 0.4, 0.2), ("c", 0.2, 0.5, 0.0), ("d", 0.05, 0.2, 0.0)];

/// What is known of such a provider after 100 000 attempts.
fn statistics(provider: &ProviderId) -> ProviderStatistics {
    let behaves = BEHAVES.iter().find(|of| of.0 == provider.as_str());
    let (_, fail, hit, rejected) = *behaves.expect("one of them");
    let counts = [hit, rejected, 1.0 - hit - rejected, fail / (1.0 - fail)];
    seen(counts.map(|share| (100_000.0 * (1.0 - fail) * share) as u64))
}

/// SplitMix64, as a fraction.
fn fraction(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ z >> 31) >> 11) as f64 / (1_u64 << 53) as f64
}

/// Runs a lead: whether something was found, what was charged, and how long it took in milliseconds.
fn run(plan: &Arc<Plan<PhoneLookup>>, lead: LeadFacts, random: &mut u64) -> (bool, u64, u64) {
    let seed = (fraction(random) * 1e15) as u64;
    let answer = |call: &Call| {
        let behaves = BEHAVES.iter().find(|of| of.0 == call.provider.as_str());
        let (_, fail, hit, rejected) = *behaves.expect("one of them");
        let phone =
            |quality| FoundPhone { raw: Pii::new("1".into()), e164: None, quality, read_in: None };
        let (failing, answer) = (fraction(random), fraction(random));
        let reply = if failing < fail {
            Reply::Failed { retry_after_ms: None }
        } else if answer < hit {
            Reply::Hit(phone(PhoneQuality::Mobile))
        } else if answer < hit + rejected {
            Reply::Hit(phone(PhoneQuality::Possible))
        } else {
            Reply::Miss
        };
        (100, reply)
    };
    let (run, took_ms) = waterfall_driver::drive(plan, lead, seed, answer, |_| {});
    let found = matches!(run.outcome(), Some(Outcome::Found(_)));
    (found, run.spent().charged_micros, took_ms)
}

#[test]
fn forecast_is_what_the_machine_does() {
    let email = LeadFields::of(&[LeadField::Email]);
    let [mut a, mut b, mut c, mut d] =
        [("a", 900), ("b", 700), ("c", 2_500), ("d", 400)].map(|(name, micros)| {
            let mut step = step(name, micros, Billing::PerCall);
            step.retry = RetryPolicy { attempts_max: 2, ..RetryPolicy::default() };
            step
        });
    b.cost.billing = Billing::PerHit;
    a.requires = email;
    c.after_miss_of = Some(b.provider.clone());
    c.countries = Countries::Except(vec![CountryCode::new("FR").unwrap()]);
    d.after_miss_of = Some(a.provider.clone());
    let plan = Arc::new(Plan::new(vec![a, b, c, d]).unwrap());

    let french = LeadFacts { country: CountryCode::new("FR"), ..LeadFacts::default() };
    let with_email = LeadFacts { fields: email, ..LeadFacts::default() };
    let kinds = [with_email, with_email, french, LeadFacts::default()];
    let leads: Vec<LeadFacts> = (0..40_000).map(|index| kinds[index % 4]).collect();
    let forecast = Forecast::new(&plan, leads.iter().copied(), statistics, 5);

    let mut random = 42;
    let (mut found, mut cost, mut times) = (0_u32, 0.0, Vec::new());
    for lead in &leads {
        let (hit, micros, took_ms) = run(&plan, *lead, &mut random);
        found += u32::from(hit);
        cost += micros as f64;
        times.push(took_ms);
    }
    times.sort_unstable();
    let off = |is: f64, said: f64| (is / said - 1.0).abs();
    let (said_found, said_cost) = (forecast.found, forecast.cost_micros);
    assert!(off(f64::from(found), said_found.expected) < 0.01, "{found}, said {said_found:?}");
    assert!(off(cost, said_cost.expected) < 0.01, "{cost}, said {said_cost:?}");
    assert!(said_cost.low < cost && cost < said_cost.high, "{said_cost:?}");
    let (p50, p95) = (times[20_000], times[38_000]);
    assert!(off(p50 as f64, forecast.p50_ms as f64) < 0.15, "{p50}, said {}", forecast.p50_ms);
    assert!(off(p95 as f64, forecast.p95_ms as f64) < 0.15, "{p95}, said {}", forecast.p95_ms);
}

#[test]
fn forecast_intervals_of_cost_hold_in_the_machine() {
    // With the rates known, a hundred sets of leads: about ninety fall within.
    let mut steps = vec![step("a", 900, Billing::PerCall), step("b", 700, Billing::PerHit)];
    steps.push(step("c", 2_500, Billing::PerCall));
    steps[2].after_miss_of = Some(steps[1].provider.clone());
    let plan = Arc::new(Plan::new(steps).unwrap());
    let leads = [LeadFacts::default(); 100];
    let said = Forecast::new(&plan, leads, statistics, 5);
    let (mut random, mut found_within, mut cost_within) = (7, 0, 0);
    for _ in 0..400 {
        let (mut found, mut cost) = (0.0, 0.0);
        for lead in leads {
            let (hit, micros, _) = run(&plan, lead, &mut random);
            found += f64::from(u8::from(hit));
            cost += micros as f64;
        }
        found_within += u32::from((said.found.low..=said.found.high).contains(&found));
        cost_within += u32::from((said.cost_micros.low..=said.cost_micros.high).contains(&cost));
    }
    assert!((340..=385).contains(&found_within), "{found_within} of 400");
    assert!((340..=385).contains(&cost_within), "{cost_within} of 400");
}

/// A step of the properties: its counts, cost, whether paid per hit, and whose miss it waits for.
type AnyStep = ([u64; 4], u64, bool, Option<prop::sample::Index>);

fn any_plan(steps: &[AnyStep]) -> Forecast {
    let name = |index: usize| ProviderId::new(&format!("p{index}")).expect("a name");
    let built = steps.iter().enumerate().map(|(index, (_, micros, per_hit, after))| {
        let billing = if *per_hit { Billing::PerHit } else { Billing::PerCall };
        let mut step = step(name(index).as_str(), *micros, billing);
        step.after_miss_of = after.filter(|_| index > 0).map(|after| name(after.index(index)));
        step
    });
    of(built.collect(), 50, |name| steps[name[1..].parse::<usize>().expect("its index")].0)
}

fn any_steps() -> impl Strategy<Value = Vec<AnyStep>> {
    let counts = prop::array::uniform4(0..30_u64);
    let after = prop::option::weighted(0.3, any::<prop::sample::Index>());
    prop::collection::vec((counts, 0..5_000_u64, any::<bool>(), after), 1..9)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn forecast_properties(steps in any_steps()) {
        let forecast = any_plan(&steps);
        let less = any_plan(&steps[..steps.len().max(2) - 1]);
        prop_assert!(forecast.found.expected >= less.found.expected - 1e-9);
        prop_assert!(forecast.suggested_cost_micros <= forecast.cost_micros.expected + 1e-9);
        prop_assert_eq!(forecast.suggested_order.len(), steps.len());
        for estimate in [forecast.found, forecast.cost_micros, forecast.coverage] {
            prop_assert!(0.0 <= estimate.low && estimate.low <= estimate.expected + 1e-9);
            prop_assert!(estimate.expected <= estimate.high + 1e-9);
        }
        prop_assert!(forecast.coverage.high <= 1.0);
        // The steps' shares add up, and none is worth less than nothing.
        let sum = |of: fn(&genesy_core::waterfall::StepForecast) -> f64| {
            forecast.steps.iter().map(of).sum::<f64>()
        };
        near(sum(|step| step.found), forecast.found.expected);
        near(sum(|step| step.cost_micros), forecast.cost_micros.expected);
        for step in &forecast.steps {
            prop_assert!(step.found_lost_without >= 0.0);
            prop_assert!(step.found_lost_without <= forecast.found.expected + 1e-9);
        }
    }
}
