//! A driver that answers each call at once, on a clock of its own.

use std::sync::Arc;

use genesy_core::time::Timestamp;
use genesy_core::waterfall::{
    Action, Call, FoundPhone, Input, LeadFacts, PhoneLookup, Plan, Reply, Waterfall,
};

/// When all runs start.
pub(crate) const BEGIN: Timestamp = Timestamp::from_micros(1_764_288_000_000_000);

/// Runs a plan to its end. `answer` says how many milliseconds a call takes, and what it gives;
/// `watch` sees the run at each turn. Gives the run, and how long it took in milliseconds.
pub(crate) fn drive(
    plan: &Arc<Plan<PhoneLookup>>,
    facts: LeadFacts,
    seed: u64,
    mut answer: impl FnMut(&Call) -> (u64, Reply<FoundPhone>),
    mut watch: impl FnMut(&Waterfall<PhoneLookup>),
) -> (Waterfall<PhoneLookup>, u64) {
    let mut now = BEGIN;
    let mut run = Waterfall::new(Arc::clone(plan), facts, seed, now);
    loop {
        let action = run.poll(now);
        watch(&run);
        match action {
            Action::Call(call) => {
                let (took_ms, reply) = answer(&call);
                now = now.plus_ms(took_ms);
                run.handle(now, Input::Reply { call: call.id, reply });
            }
            Action::Wait { until } | Action::Sleep { until } => now = until,
            Action::Done(_) => return (run, now.micros_since(BEGIN) / 1000),
        }
    }
}
