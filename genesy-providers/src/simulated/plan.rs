//! Plans for simulated providers.

use genesy_core::waterfall::{
    Billing, Budget, Cost, PhoneLookup, Plan, Step, TIMEOUT_MS_MAX, TOTAL_MS_MAX,
};

use super::who::SimulatedProvider;

/// The shortest timeout of a scaled plan, in milliseconds: what a busy machine may take for nothing.
const TIMEOUT_MS_MIN: u32 = 50;

/// The plan with its timeouts, retry delays and total multiplied as a simulation multiplies latencies.
///
/// Delays are at least 1 ms, timeouts and the total at least 50 ms, so that a fast simulation does not
/// time out by the machine's noise. Where the total allows for all that the steps may take, it still
/// does. What providers ask for in `Retry-After` is not scaled, so a scaled plan gives them up sooner.
/// For a simulation without latency take the plan as it is.
#[must_use]
pub fn scaled(plan: &Plan<PhoneLookup>, time_scale: f64) -> Plan<PhoneLookup> {
    // A float that does not fit becomes the nearest number that does, and one that is none zero.
    let scale = |ms: u32, least: u32, most: u32| {
        ((f64::from(ms) * time_scale).round() as u32).clamp(least, most)
    };
    let mut steps = plan.steps().to_vec();
    for step in &mut steps {
        step.timeout_ms = scale(step.timeout_ms, TIMEOUT_MS_MIN, TIMEOUT_MS_MAX);
        step.retry.first_delay_ms = scale(step.retry.first_delay_ms, 1, u32::MAX);
        step.retry.delay_ms_max = scale(step.retry.delay_ms_max, 1, u32::MAX);
    }
    let mut budget = plan.budget();
    let worst_case_ms = |steps: &[Step<PhoneLookup>]| steps.iter().map(Step::worst_case_ms).sum();
    let (before, after): (u64, u64) = (worst_case_ms(plan.steps()), worst_case_ms(&steps));
    let least = if u64::from(budget.total_ms) >= before {
        after.clamp(1, TOTAL_MS_MAX.into()) as u32
    } else {
        TIMEOUT_MS_MIN
    };
    budget.total_ms = scale(budget.total_ms, least, TOTAL_MS_MAX);
    rebuilt(plan, steps, budget)
}

/// The plan with prices for examples. They are made up: Orion Connect takes 0.30 a hit, Astra Dialer
/// 0.05 a call, Nimbus Lookup 0.15 a hit. Other steps keep their own.
#[must_use]
pub fn example_costs(plan: &Plan<PhoneLookup>) -> Plan<PhoneLookup> {
    let mut steps = plan.steps().to_vec();
    for step in &mut steps {
        let name = step.provider.as_str();
        let who = SimulatedProvider::ALL.into_iter().find(|who| who.id() == name);
        step.cost = match who {
            Some(SimulatedProvider::OrionConnect) => price(300_000, Billing::PerHit),
            Some(SimulatedProvider::AstraDialer) => price(50_000, Billing::PerCall),
            Some(SimulatedProvider::NimbusLookup) => price(150_000, Billing::PerHit),
            None => step.cost,
        };
    }
    rebuilt(plan, steps, plan.budget())
}

const fn price(micros: u64, billing: Billing) -> Cost {
    Cost { micros, billing }
}

/// The plan with other steps and another budget, which are within its bounds.
fn rebuilt(
    plan: &Plan<PhoneLookup>,
    steps: Vec<Step<PhoneLookup>>,
    budget: Budget,
) -> Plan<PhoneLookup> {
    Plan::new(steps)
        .and_then(|rebuilt| rebuilt.within(budget))
        .map(|rebuilt| rebuilt.refreshing(plan.refreshes()))
        .unwrap_or_else(|_| plan.clone())
}

#[cfg(test)]
mod tests {
    use genesy_core::waterfall::{Budget, default_phone_plan};

    use super::{SimulatedProvider, example_costs, scaled};

    #[test]
    fn the_simulated_providers_are_those_of_the_default_plan() {
        let plan = default_phone_plan();
        let names: Vec<_> = plan.steps().iter().map(|step| step.provider.as_str()).collect();
        assert_eq!(names, SimulatedProvider::ALL.map(SimulatedProvider::id));
        let priced = example_costs(&plan);
        let micros = |step: usize| priced.steps()[step].cost.micros;
        assert_eq!([0, 1, 2].map(micros), [300_000, 50_000, 150_000]);
    }

    #[test]
    fn all_times_are_scaled() {
        let plan = default_phone_plan().refreshing(true);
        assert_eq!(scaled(&plan, 1.0), plan);
        let tenth = scaled(&plan, 0.1);
        let orion = &tenth.steps()[0];
        assert_eq!((orion.timeout_ms, orion.retry.first_delay_ms), (800, 50));
        assert_eq!((orion.retry.delay_ms_max, tenth.budget().total_ms), (1000, 12_000));
        assert!(tenth.refreshes());
    }

    #[test]
    fn no_time_gets_too_short() {
        let plan = default_phone_plan();
        for time_scale in [0.0, 1e-9, -1.0, f64::NAN] {
            let fast = scaled(&plan, time_scale);
            let step = &fast.steps()[1];
            let delays = (step.retry.first_delay_ms, step.retry.delay_ms_max);
            assert_eq!((step.timeout_ms, delays), (50, (1, 1)));
            assert_eq!(u64::from(fast.budget().total_ms), 3 * (3 * 50 + 2));
        }
        assert_eq!(scaled(&plan, f64::INFINITY).steps()[0].timeout_ms, 300_000);
        let hasty = plan.within(Budget { total_ms: 5000, ..Budget::default() }).unwrap();
        assert_eq!(scaled(&hasty, 0.1).budget().total_ms, 500);
    }
}
