//! What a plan will give, before anything is sent.

mod model;
mod statistics;

use serde::{Deserialize, Serialize};

use self::model::{Model, asked};
pub use self::statistics::{Estimate, Latency, ProviderStatistics};
use super::lead::LeadFacts;
use super::lookup::Lookup;
use super::plan::{Plan, ProviderId, Step};

/// What a plan will give for a set of leads.
///
/// Each attempt of a provider fails with its failure rate f, else its answer is a hit with its hit rate;
/// so a step of A attempts answers with 1 - f^A. Leads, attempts and providers are taken as independent
/// of each other. Providers that know the same people are not: then a later one finds less than is
/// said here. What calls without an answer may cost is left out, and so are budgets: see
/// [`Self::budget_may_bind`].
///
/// Rates are posteriors under the uniform prior Beta(1, 1), so a provider that nobody knows has rates of
/// a half, and wide intervals. All intervals are of 90 %, by the normal approximation with the mean and
/// the variance, cut off at what is possible. The variance of a sum is that of the leads plus that of
/// the rates; the latter is, for each rate, the square of half of what changes between one standard
/// deviation below and one above it (the delta method).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Forecast {
    /// Leads in all.
    pub leads: u64,
    /// Those that no provider is asked for: they are known, or lack what all providers need.
    pub leads_eligible_for_none: u64,
    /// The leads for which something is found.
    pub found: Estimate,
    /// The same as a share of all leads, 0 to 1.
    pub coverage: Estimate,
    /// What is charged, in millionths of the plan's currency.
    pub cost_micros: Estimate,
    /// The time in which half of the leads that anybody is asked for are done, in milliseconds, by
    /// leads that are drawn with the seed. A provider whose latency is unknown takes its whole timeout,
    /// the pessimist's guess. Waits that providers ask for are left out.
    pub p50_ms: u64,
    /// The time in which 95 % of them are done, in milliseconds.
    pub p95_ms: u64,
    /// The longest that one lead takes, in milliseconds: [`Plan::worst_case_ms`].
    pub worst_case_ms: u64,
    /// The plan's budget can end a run. Then less is found, for less, than is said here; how often it
    /// does is not foreseen.
    pub budget_may_bind: bool,
    /// Each step of the plan, in its order.
    pub steps: Vec<StepForecast>,
    /// The order in which the same is found at the least expected cost: the plan's own unless another
    /// one is cheaper. It is only a suggestion, and keeps `after_miss_of`.
    ///
    /// Up to six steps, all orders are tried. Above that the classic rule of search is followed (Mitten
    /// 1960): least expected cost per hit first, which for providers that are paid per call is hit rate
    /// by cost, and for those paid per hit just their price. It is optimal if all leads are eligible
    /// for the same steps. Weitzman 1979, "Optimal Search for the Best Alternative", extends it to
    /// finds of different worth, which are all the same here.
    pub suggested_order: Vec<ProviderId>,
    /// What is expected to be charged in that order, in millionths of the plan's currency.
    pub suggested_cost_micros: f64,
}

/// What one step of a plan will give. What is expected is a mean, so no whole number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StepForecast {
    /// Who is asked.
    pub provider: ProviderId,
    /// Leads that it may be asked for, by their fields and country. If it waits for the miss of
    /// another provider, only those that that one may be asked for as well.
    pub leads_eligible: u64,
    /// Leads for which it is expected to be asked, as nobody before it found anything.
    pub leads_asked: f64,
    /// Leads for which it is expected to find something.
    pub found: f64,
    /// What it is expected to charge, in millionths of the plan's currency.
    pub cost_micros: f64,
    /// Its hit rate, 0 to 1.
    pub hit_rate: Estimate,
    /// The failure rate of one attempt, 0 to 1.
    pub failure_rate: Estimate,
    /// Leads for which nothing would be found without the step, and without those that wait for its
    /// miss.
    pub found_lost_without: f64,
    /// The same as a share of all leads, 0 to 1.
    pub coverage_lost_without: f64,
    /// What would be saved without them, in millionths of the plan's currency. It is below zero if
    /// dearer providers are asked instead.
    pub cost_saved_without_micros: f64,
}

impl Forecast {
    /// Tells what `plan` will give for `leads`, by what is known of its providers. Of the `seed` come
    /// the leads whose time is drawn: the same arguments give the same forecast.
    pub fn new<K: Lookup>(
        plan: &Plan<K>,
        leads: impl IntoIterator<Item = LeadFacts>,
        statistics: impl Fn(&ProviderId) -> ProviderStatistics,
        seed: u64,
    ) -> Self {
        let known: Vec<_> = plan.steps().iter().map(|step| statistics(&step.provider)).collect();
        let model = Model::new(plan, &known, leads);
        let own: Vec<usize> = (0..known.len()).collect();
        let coins = model.coins();
        let all: u64 = model.groups.iter().map(|(_, leads)| leads).sum();
        let share = |found: f64| if all == 0 { 0.0 } else { found / all as f64 };
        let (found, cost) = model.totals(&coins, &own, u32::MAX);
        let (found_variance, cost_variance) = model.variances(&coins, &own);
        let found = Estimate::of(found, found_variance, all as f64);
        let (suggested, suggested_cost_micros) = model.cheapest(&coins, cost);
        let (p50_ms, p95_ms) = model.times(&known, plan.budget().total_ms, seed);

        let steps = plan.steps().iter().enumerate().map(|(index, step)| {
            let (found_without, cost_without) = model.totals(&coins, &own, !(1 << index));
            let leads_of =
                |(mask, leads): &(u32, u64)| if mask >> index & 1 == 1 { *leads } else { 0 };
            let asked_of = |(mask, leads): &(u32, u64)| {
                *leads as f64 * asked(&coins, &own, index, *mask, None)
            };
            let leads_asked: f64 = model.groups.iter().map(asked_of).sum();
            let found_lost_without = (found.expected - found_without).max(0.0);
            StepForecast {
                provider: step.provider.clone(),
                leads_eligible: model.groups.iter().map(leads_of).sum(),
                leads_asked,
                found: leads_asked * coins[index].hit,
                cost_micros: leads_asked * coins[index].paid * coins[index].micros,
                hit_rate: known[index].hit_rate(),
                failure_rate: known[index].failure_rate(),
                found_lost_without,
                coverage_lost_without: share(found_lost_without),
                cost_saved_without_micros: cost - cost_without,
            }
        });
        let budget = plan.budget();
        let dearest = plan.steps().iter().fold(0_u64, |sum, step| {
            let attempts = u64::from(step.retry.attempts_max);
            sum.saturating_add(step.cost.micros.saturating_mul(attempts))
        });
        let slowest: u64 = plan.steps().iter().map(Step::worst_case_ms).sum();
        Self {
            leads: all,
            leads_eligible_for_none: model
                .groups
                .iter()
                .filter(|of| of.0 == 0)
                .map(|of| of.1)
                .sum(),
            found,
            coverage: Estimate {
                expected: share(found.expected),
                low: share(found.low),
                high: share(found.high),
            },
            cost_micros: Estimate::of(cost, cost_variance, f64::INFINITY),
            p50_ms,
            p95_ms,
            worst_case_ms: plan.worst_case_ms(),
            budget_may_bind: budget.cost_micros.is_some_and(|budget| dearest > budget)
                || slowest > budget.total_ms.into(),
            steps: steps.collect(),
            suggested_order: suggested
                .iter()
                .map(|at| plan.steps()[*at].provider.clone())
                .collect(),
            suggested_cost_micros,
        }
    }
}
