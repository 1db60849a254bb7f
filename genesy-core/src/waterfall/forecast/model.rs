//! The probabilities behind a forecast.

use std::collections::BTreeMap;

use super::statistics::{Latency, ProviderStatistics, posterior};
use crate::random::split_mix;
use crate::waterfall::lead::LeadFacts;
use crate::waterfall::lookup::Lookup;
use crate::waterfall::plan::{Billing, Plan, ProviderId, RetryPolicy, STEPS_MAX};

/// Steps up to which all orders are tried.
const STEPS_TRIED_MAX: usize = 6;
/// Leads whose time is drawn.
const SAMPLES: usize = 10_000;

/// What is reckoned with: the steps with their rates, and the leads by the steps they are eligible for.
pub(super) struct Model {
    steps: Vec<Rates>,
    /// A bit for each step, the first one lowest, and how many leads there are.
    pub(super) groups: Vec<(u32, u64)>,
}

#[derive(Clone, Copy)]
struct Rates {
    /// The step whose miss is waited for.
    after: Option<usize>,
    attempts: u8,
    retry: RetryPolicy,
    timeout_ms: u64,
    billing: Billing,
    micros: f64,
    /// Mean and standard deviation.
    hit: (f64, f64),
    fail: (f64, f64),
    /// The share of answers that are rejected finds: they are paid for as hits are.
    rejected: f64,
}

/// How a step ends that is taken, as probabilities.
#[derive(Clone, Copy)]
pub(super) struct Coin {
    after: Option<usize>,
    pub(super) hit: f64,
    /// Answered without a hit.
    miss: f64,
    /// Never answered.
    fail: f64,
    pub(super) paid: f64,
    /// Paid, but no hit.
    paid_miss: f64,
    pub(super) micros: f64,
}

impl Rates {
    fn coin(&self, hit: f64, fail: f64) -> Coin {
        let fail = (0..self.attempts).map(|_| fail).product::<f64>();
        let (answer, find) = (1.0 - fail, (hit + self.rejected).min(1.0));
        let paid = match self.billing {
            Billing::PerCall => answer,
            Billing::PerHit => answer * find,
        };
        let hit = answer * hit;
        let (miss, paid_miss) = (answer - hit, paid - hit);
        Coin { after: self.after, hit, miss, fail, paid, paid_miss, micros: self.micros }
    }
}

/// The probability that a lead eligible for the steps of `mask` comes to the step at `place` of `order`
/// and it is asked; behind the last place, that nothing is found. If `paid` is a step before it, the
/// probability that that one is paid as well.
///
/// Steps form trees by whose miss they wait for. A step weighs what it can do without ending the run,
/// and only after a miss do those count that wait for it; the trees are independent of each other.
pub(super) fn asked(
    coins: &[Coin],
    order: &[usize],
    place: usize,
    mask: u32,
    paid: Option<usize>,
) -> f64 {
    let at = order.get(place).copied();
    if at.is_some_and(|at| mask >> at & 1 == 0) {
        return 0.0;
    }
    let mut must_miss = 0_u32;
    for mut step in [at, paid].into_iter().flatten() {
        while let Some(after) = coins[step].after {
            must_miss |= 1 << after;
            step = after;
        }
    }
    let (mut waiting, mut all) = ([1.0; STEPS_MAX], 1.0);
    for &step in order[..place].iter().rev().filter(|step| mask >> **step & 1 == 1) {
        let coin = coins[step];
        let weight = if paid == Some(step) {
            coin.paid_miss * waiting[step]
        } else if must_miss >> step & 1 == 1 {
            coin.miss * waiting[step]
        } else {
            coin.miss * waiting[step] + coin.fail
        };
        match coin.after {
            Some(after) => waiting[after] *= weight,
            None => all *= weight,
        }
    }
    all
}

impl Model {
    pub(super) fn new<K: Lookup>(
        plan: &Plan<K>,
        known: &[ProviderStatistics],
        leads: impl IntoIterator<Item = LeadFacts>,
    ) -> Self {
        let steps = plan.steps().iter().zip(known).map(|(step, known)| {
            let place_of =
                |name: &ProviderId| plan.steps().iter().position(|of| of.provider == *name);
            Rates {
                after: step.after_miss_of.as_ref().and_then(place_of),
                attempts: step.retry.attempts_max,
                retry: step.retry,
                timeout_ms: step.timeout_ms.into(),
                billing: step.cost.billing,
                micros: step.cost.micros as f64,
                hit: posterior(known.hits, known.rejected.saturating_add(known.misses)),
                fail: posterior(known.failures, known.answers()),
                rejected: known.rejected as f64 / (known.answers() as f64 + 2.0),
            }
        });
        let mut model = Self { steps: steps.collect(), groups: Vec::new() };
        let mut facts = BTreeMap::<LeadFacts, u64>::new();
        leads.into_iter().for_each(|lead| *facts.entry(lead).or_default() += 1);
        let mut groups = BTreeMap::<u32, u64>::new();
        for (lead, leads) in facts {
            let mut mask = 0;
            for (index, step) in plan.steps().iter().enumerate() {
                mask |= u32::from(plan.reason_against(step, &lead).is_none()) << index;
            }
            *groups.entry(model.closed(mask)).or_default() += leads;
        }
        model.groups = groups.into_iter().collect();
        model
    }

    /// `mask` without the steps that wait for a step that is not in it. Those stand before them.
    fn closed(&self, mut mask: u32) -> u32 {
        for (index, step) in self.steps.iter().enumerate() {
            if step.after.is_some_and(|after| mask >> after & 1 == 0) {
                mask &= !(1 << index);
            }
        }
        mask
    }

    pub(super) fn coins(&self) -> Vec<Coin> {
        self.steps.iter().map(|step| step.coin(step.hit.0, step.fail.0)).collect()
    }

    /// Leads with a find, and cost, if only the steps of `only` are taken.
    pub(super) fn totals(&self, coins: &[Coin], order: &[usize], only: u32) -> (f64, f64) {
        self.groups.iter().fold((0.0, 0.0), |(found, cost), (mask, leads)| {
            let (mask, leads) = (self.closed(mask & only), *leads as f64);
            let none = asked(coins, order, order.len(), mask, None);
            let cost_of = |place: usize| {
                let coin = coins[order[place]];
                coin.micros * coin.paid * asked(coins, order, place, mask, None)
            };
            let cost_of_lead: f64 = (0..order.len()).map(cost_of).sum();
            (found + leads * (1.0 - none), cost + leads * cost_of_lead)
        })
    }

    /// The variances of both, in the plan's own `order`.
    pub(super) fn variances(&self, coins: &[Coin], order: &[usize]) -> (f64, f64) {
        let (mut found, mut cost) = (0.0, 0.0);
        for &(mask, leads) in &self.groups {
            let none = asked(coins, order, order.len(), mask, None);
            found += leads as f64 * none * (1.0 - none);
            // The mean of the cost and of its square: each charge with itself and each pair twice.
            let (mut mean, mut square) = (0.0, 0.0);
            for (place, coin) in coins.iter().enumerate() {
                let charge = coin.micros * coin.paid;
                let once = charge * asked(coins, order, place, mask, None);
                mean += once;
                square += coin.micros * once;
                for before in (0..place).filter(|before| mask >> before & 1 == 1) {
                    let both = charge * asked(coins, order, place, mask, Some(before));
                    square += 2.0 * coins[before].micros * both;
                }
            }
            cost += leads as f64 * (square - mean * mean);
        }
        for (index, step) in self.steps.iter().enumerate() {
            let with = |hit: f64, fail: f64| {
                let mut coins = coins.to_vec();
                coins[index] = step.coin(hit.clamp(0.0, 1.0), fail.clamp(0.0, 1.0));
                self.totals(&coins, order, u32::MAX)
            };
            let ((hit, hit_off), (fail, fail_off)) = (step.hit, step.fail);
            for (low, high) in [
                (with(hit - hit_off, fail), with(hit + hit_off, fail)),
                (with(hit, fail - fail_off), with(hit, fail + fail_off)),
            ] {
                found += ((high.0 - low.0) / 2.0).powi(2);
                cost += ((high.1 - low.1) / 2.0).powi(2);
            }
        }
        (found, cost)
    }

    /// The cheapest order and its cost; the plan's own, which costs `own`, unless another one is cheaper.
    pub(super) fn cheapest(&self, coins: &[Coin], own: f64) -> (Vec<usize>, f64) {
        let mut best = ((0..coins.len()).collect(), own);
        if coins.len() <= STEPS_TRIED_MAX {
            self.try_orders(coins, &mut Vec::new(), &mut best);
            return best;
        }
        let mut order = Vec::new();
        let per_hit = |step: &usize| {
            let coin = coins[*step];
            coin.micros * coin.paid / coin.hit.max(f64::MIN_POSITIVE)
        };
        while let Some(next) = (0..coins.len())
            .filter(|step| may_follow(coins, &order, *step))
            .min_by(|a, b| per_hit(a).total_cmp(&per_hit(b)))
        {
            order.push(next);
        }
        self.keep_cheaper(coins, &order, &mut best);
        best
    }

    fn try_orders(&self, coins: &[Coin], order: &mut Vec<usize>, best: &mut (Vec<usize>, f64)) {
        if order.len() == coins.len() {
            return self.keep_cheaper(coins, order, best);
        }
        for next in 0..coins.len() {
            if may_follow(coins, order, next) {
                order.push(next);
                self.try_orders(coins, order, best);
                order.pop();
            }
        }
    }

    fn keep_cheaper(&self, coins: &[Coin], order: &[usize], best: &mut (Vec<usize>, f64)) {
        let (_, cost) = self.totals(coins, order, u32::MAX);
        // Not for a rounding error.
        if cost < best.1 * (1.0 - 1e-9) {
            *best = (order.to_vec(), cost);
        }
    }

    /// The 50 % and 95 % quantiles of a lead's time, in milliseconds.
    pub(super) fn times(
        &self,
        known: &[ProviderStatistics],
        total_ms: u32,
        seed: u64,
    ) -> (u64, u64) {
        let mut ends = Vec::new();
        let mut sum = 0_u64;
        for (mask, leads) in self.groups.iter().filter(|(mask, _)| *mask != 0) {
            sum += leads;
            ends.push((sum, *mask));
        }
        let mut random = Random { seed, drawn: 0 };
        let draw = |_| {
            let lead = (random.next() * sum as f64) as u64;
            let group = ends.get(ends.partition_point(|(end, _)| *end <= lead));
            let us = group.map_or(0.0, |(_, mask)| self.draw_us(known, *mask, &mut random));
            (us / 1000.0).ceil().min(total_ms.into()) as u64
        };
        let mut times: Vec<u64> = (0..SAMPLES).map(draw).collect();
        times.sort_unstable();
        (times[SAMPLES / 2 - 1], times[SAMPLES / 20 * 19 - 1])
    }

    fn draw_us(&self, known: &[ProviderStatistics], mask: u32, random: &mut Random) -> f64 {
        let (mut us, mut missed) = (0.0, 0_u32);
        for (index, (step, known)) in self.steps.iter().zip(known).enumerate() {
            let is_waiting = step.after.is_some_and(|after| missed >> after & 1 == 0);
            if mask >> index & 1 == 0 || is_waiting {
                continue;
            }
            let timeout_us = step.timeout_ms.saturating_mul(1000);
            let drawn_us = |of: &Latency, q: f64| {
                of.quantile_us(q).unwrap_or(timeout_us).min(timeout_us) as f64
            };
            for attempt in 1..=step.attempts {
                if random.next() >= step.fail.0 {
                    us += drawn_us(&known.answer_latency, random.next());
                    if random.next() < step.hit.0 {
                        return us;
                    }
                    missed |= 1 << index;
                    break;
                }
                us += drawn_us(&known.failure_latency, random.next());
                if attempt < step.attempts {
                    let taken_off = random.next() * f64::from(step.retry.jitter_percent) / 100.0;
                    us += f64::from(step.retry.delay_ms(attempt)) * 1000.0 * (1.0 - taken_off);
                }
            }
        }
        us
    }
}

/// Whether `step` may come next: it is not there yet, and the one that it waits for is.
fn may_follow(coins: &[Coin], order: &[usize], step: usize) -> bool {
    !order.contains(&step) && coins[step].after.is_none_or(|after| order.contains(&after))
}

/// Fractions that the seed repeats.
struct Random {
    seed: u64,
    drawn: u64,
}

impl Random {
    /// The next one, at least 0 and below 1.
    const fn next(&mut self) -> f64 {
        let number = split_mix(self.seed, self.drawn);
        self.drawn += 1;
        (number >> 11) as f64 / (1_u64 << 53) as f64
    }
}
