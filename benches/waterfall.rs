//! The waterfall machine: how long a step takes. Elements are steps: a poll, or a reply that is taken.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput};
use genesy_core::pii::Pii;
use genesy_core::time::Timestamp;
use genesy_core::waterfall::{
    Action, CallId, FoundPhone, Input, LeadFacts, LeadField, LeadFields, PhoneLookup, PhoneQuality,
    Plan, Reply, Waterfall, default_phone_plan,
};

const START: Timestamp = Timestamp::from_micros(1_764_288_000_000_000);

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let plan = Arc::new(default_phone_plan());
    let mut group = criterion.benchmark_group("waterfall");
    for (name, answer) in [
        ("first one has it", hit as fn(CallId) -> Reply<FoundPhone>),
        ("nobody has it", |_| Reply::Miss),
        ("everybody fails", |_| Reply::Failed { retry_after_ms: None }),
    ] {
        group.throughput(Throughput::Elements(run(&plan, answer)));
        group.bench_function(name, |bencher| bencher.iter(|| run(black_box(&plan), answer)));
    }
    group.finish();
    criterion.final_summary();
}

fn hit(_: CallId) -> Reply<FoundPhone> {
    Reply::Hit(FoundPhone {
        raw: Pii::new(String::new()),
        e164: None,
        quality: PhoneQuality::Valid,
        read_in: None,
    })
}

/// One run from its start to its end; answers how many steps it took.
fn run(plan: &Arc<Plan<PhoneLookup>>, answer: fn(CallId) -> Reply<FoundPhone>) -> u64 {
    let facts = LeadFacts { fields: LeadFields::of(LeadField::ALL), ..LeadFacts::default() };
    let mut now = START;
    let mut run = Waterfall::new(Arc::clone(plan), facts, 1, now);
    let mut steps = 0;
    loop {
        steps += 1;
        match run.poll(now) {
            Action::Call(call) => {
                steps += 1;
                now = now.plus_ms(10);
                run.handle(now, Input::Reply { call: call.id, reply: answer(call.id) });
            }
            Action::Wait { until } | Action::Sleep { until } => now = until,
            Action::Done(outcome) => {
                black_box(outcome);
                return steps;
            }
        }
    }
}
