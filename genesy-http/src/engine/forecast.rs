//! What a run will give, before anything is asked.

use std::collections::BTreeMap;
use std::sync::Arc;

use genesy_core::time::Timestamp;
use genesy_core::waterfall::{
    Action, Forecast, Input, LeadFacts, PhoneLookup, Plan, Reply, Waterfall,
};
use genesy_providers::RateLimit;

use super::Engine;
use super::statistics::Statistics;

/// What the leads are drawn with whose time is foretold.
const SEED: u64 = 1;

/// What a search will give.
#[derive(Debug)]
pub(crate) struct PhoneForecast {
    pub(crate) forecast: Forecast,
    /// For each step of the plan, why leads are not asked for there, and how many.
    pub(crate) skipped: Vec<BTreeMap<String, u64>>,
    /// What all of it takes, in seconds.
    pub(crate) job_time_s: f64,
}

/// Tells what a search will give for leads, each kind of them with how many there are.
pub(crate) fn of_phones(
    engine: &dyn Engine,
    statistics: &Statistics,
    leads: &BTreeMap<LeadFacts, u64>,
    at_a_time: usize,
) -> PhoneForecast {
    let plan = engine.plan();
    let each = leads.iter().flat_map(|(facts, leads)| (0..*leads).map(|_| *facts));
    let of_provider = |provider: &genesy_core::waterfall::ProviderId| {
        let step = plan.steps().iter().find(|step| step.provider == *provider);
        step.map(|step| statistics.to_forecast(step)).unwrap_or_default()
    };
    let forecast = Forecast::new(plan, each, of_provider, SEED);
    let skipped = skipped(plan, leads);
    let job_time_s = job_time_s(engine, statistics, &forecast, at_a_time);
    PhoneForecast { forecast, skipped, job_time_s }
}

/// Why leads are not asked for at each step, if nobody before it has anything: what the waterfall itself says.
fn skipped(
    plan: &Plan<PhoneLookup>,
    leads: &BTreeMap<LeadFacts, u64>,
) -> Vec<BTreeMap<String, u64>> {
    let mut skipped = vec![BTreeMap::new(); plan.steps().len()];
    let plan = Arc::new(plan.clone());
    for (facts, leads) in leads {
        let now = Timestamp::default();
        let mut run = Waterfall::new(Arc::clone(&plan), *facts, SEED, now);
        while let Action::Call(call) = run.poll(now) {
            run.handle(now, Input::Reply { call: call.id, reply: Reply::Miss });
        }
        for skip in run.skips() {
            if let Some(reasons) = skipped.get_mut(usize::from(skip.step)) {
                *reasons.entry(skip.reason.to_string()).or_default() += leads;
            }
        }
    }
    skipped
}

/// What all of it takes: the work by how much of it is done at a time, or the slowest provider's limit.
fn job_time_s(
    engine: &dyn Engine,
    statistics: &Statistics,
    forecast: &Forecast,
    at_a_time: usize,
) -> f64 {
    let (mut work_s, mut limit_s) = (0.0_f64, 0.0_f64);
    for (step, of) in engine.plan().steps().iter().zip(&forecast.steps) {
        let known = statistics.to_forecast(step);
        let seconds =
            |us: Option<u64>| us.map_or(f64::from(step.timeout_ms) / 1e3, |us| us as f64 / 1e6);
        let answer_s = seconds(known.answer_latency.quantile_us(0.5));
        let failure_s = seconds(known.failure_latency.quantile_us(0.5));
        let fails = of.failure_rate.expected.min(0.99);
        let failures = (fails / (1.0 - fails)).min(f64::from(step.retry.attempts_max));
        let pause_s = f64::from(step.retry.delay_ms(1)) / 1e3;
        let calls = of.leads_asked * (1.0 + failures);
        let busy_s = of.leads_asked * (answer_s + failures * failure_s);
        work_s += busy_s + of.leads_asked * failures * pause_s;
        let facts = engine.providers().iter().find(|facts| facts.id == step.provider);
        let RateLimit { calls_max, concurrency_max, .. } =
            facts.map(|of| of.rate_limit).unwrap_or_default();
        if let (Some(calls_max), Some(facts)) = (calls_max, facts) {
            let window_s = facts.rate_limit.window().as_secs_f64();
            limit_s = limit_s.max(calls / f64::from(calls_max.max(1)) * window_s);
        }
        if let Some(concurrency_max) = concurrency_max {
            limit_s = limit_s.max(busy_s / f64::from(concurrency_max.max(1)));
        }
    }
    // Whoever comes last takes as long as one lead does.
    let last_s = if forecast.leads == 0 { 0.0 } else { forecast.p95_ms as f64 / 1e3 };
    (work_s / at_a_time.max(1) as f64).max(limit_s).max(last_s)
}
