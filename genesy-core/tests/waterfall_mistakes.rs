//! Each mistake that waterfalls before this one made, as a test that it is not made again.

#![cfg(feature = "waterfall")]

mod waterfall_driver;
mod waterfall_rig;

use std::sync::Arc;

use genesy_core::waterfall::{
    Action, AttemptResult, Billing, Budget, Call, CallId, Charge, Cost, Countries, CountryCode,
    EmailState, Event, FoundPhone, Input, LeadFacts, LeadField, LeadFields, Outcome, PhoneLookup,
    PhoneRule, Plan, PlanError, ProviderId, Reply, ResumeError, RetryPolicy, SkipReason, Step,
    Waterfall, default_phone_plan,
};
use waterfall_rig::{EVERYTHING, START, phone, step};

type Run = Waterfall<PhoneLookup>;

fn plan(steps: Vec<Step<PhoneLookup>>) -> Plan<PhoneLookup> {
    Plan::new(steps).expect("a plan")
}

/// Runs a plan to its end; `answer` says what each call gives.
fn drive(
    plan: Plan<PhoneLookup>,
    facts: LeadFacts,
    mut answer: impl FnMut(&str, CallId) -> Reply<FoundPhone>,
) -> Run {
    let answer = |call: &Call| (10, answer(call.provider.as_str(), call.id));
    waterfall_driver::drive(&Arc::new(plan), facts, 42, answer, |_| {}).0
}

fn results(run: &Run) -> Vec<AttemptResult> {
    run.ledger().iter().map(|attempt| attempt.result).collect()
}

#[test]
fn an_outage_does_not_run_for_ever() {
    let silent = Reply::Failed { retry_after_ms: None };
    let run = drive(default_phone_plan(), EVERYTHING, |_, _| silent.clone());
    assert_eq!(run.ledger().len(), 9, "three providers, three attempts each");
    assert_eq!(run.outcome(), Some(&Outcome::Inconclusive));
}

#[test]
fn the_first_retry_comes_after_half_a_second_not_half_a_millisecond() {
    let mut run = Waterfall::new(Arc::new(default_phone_plan()), EVERYTHING, 1, START);
    let Action::Call(call) = run.poll(START) else { panic!("a call") };
    run.handle(
        START,
        Input::Reply { call: call.id, reply: Reply::Failed { retry_after_ms: None } },
    );
    let Action::Sleep { until } = run.poll(START) else { panic!("a wait") };
    let waited_ms = until.micros_since(START) / 1000;
    assert!((400..=500).contains(&waited_ms), "500 ms less up to 20 % of jitter: {waited_ms}");
    assert!(matches!(run.poll(until), Action::Call(call) if call.id.attempt == 2));
}

#[test]
fn waits_double_up_to_the_longest() {
    let retry = RetryPolicy { attempts_max: 10, jitter_percent: 0, ..RetryPolicy::default() };
    let delays: Vec<u32> = (1..8).map(|attempt| retry.delay_ms(attempt)).collect();
    assert_eq!(delays, [500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
}

#[test]
fn one_dead_provider_does_not_end_the_waterfall() {
    let run = drive(default_phone_plan(), EVERYTHING, |provider, _| match provider {
        "orion_connect" => Reply::Failed { retry_after_ms: None },
        "astra_dialer" => Reply::Misconfigured,
        _ => Reply::Hit(phone(true)),
    });
    let Some(Outcome::Found(found)) = run.outcome() else { panic!("{:?}", run.outcome()) };
    assert_eq!(found.provider.as_str(), "nimbus_lookup");
    assert_eq!(found.asked_with, LeadFields::of(&[LeadField::Email, LeadField::JobTitle]));
    assert_eq!(results(&run)[3], AttemptResult::Misconfigured, "a bad key is not tried again");
}

#[test]
fn a_provider_whose_inputs_the_lead_lacks_is_skipped_and_nothing_is_invented() {
    let facts = LeadFacts { fields: LeadFields::of(&[LeadField::Email]), ..LeadFacts::default() };
    let mut asked = Vec::new();
    let run = drive(default_phone_plan(), facts, |provider, _| {
        asked.push(provider.to_owned());
        Reply::Miss
    });
    assert_eq!(asked, ["astra_dialer"]);
    let missing = LeadFields::of(&[LeadField::FullName, LeadField::CompanyWebsite]);
    assert_eq!(run.skips()[0].reason, SkipReason::MissingFields(missing));
    assert_eq!(run.outcome(), Some(&Outcome::NoDataFound), "everybody who can be asked answered");

    let run = drive(default_phone_plan(), LeadFacts::default(), |_, _| unreachable!());
    assert_eq!((run.outcome(), run.skips().len()), (Some(&Outcome::NotEligible), 3));
}

#[test]
fn an_error_counts_whoever_made_it() {
    for failing in ["orion_connect", "astra_dialer", "nimbus_lookup"] {
        let run = drive(default_phone_plan(), EVERYTHING, |provider, _| {
            if provider == failing {
                Reply::Throttled { retry_after_ms: None }
            } else {
                Reply::Miss
            }
        });
        assert_eq!(run.outcome(), Some(&Outcome::Inconclusive), "{failing} was down");
    }
    // A failure that another attempt made good is none.
    let run = drive(default_phone_plan(), EVERYTHING, |_, call| match call.attempt {
        1 => Reply::Failed { retry_after_ms: None },
        _ => Reply::Miss,
    });
    assert_eq!(run.outcome(), Some(&Outcome::NoDataFound));
}

#[test]
fn a_phone_that_the_lead_has_is_not_looked_up_unless_asked_to() {
    let known = LeadFacts { is_known: true, ..EVERYTHING };
    let run = drive(default_phone_plan(), known, |_, _| unreachable!());
    assert_eq!(run.outcome(), Some(&Outcome::NotEligible));
    assert!(run.skips().iter().all(|skip| skip.reason == SkipReason::Known));

    let run = drive(default_phone_plan().refreshing(true), known, |_, _| Reply::Hit(phone(true)));
    assert!(matches!(run.outcome(), Some(Outcome::Found(_))));
}

#[test]
fn a_call_that_timed_out_may_have_been_charged() {
    let mut run = Waterfall::new(Arc::new(plan(vec![step("a", 1, 250)])), EVERYTHING, 1, START);
    let Action::Call(call) = run.poll(START) else { panic!("a call") };
    assert_eq!(run.poll(START), Action::Wait { until: call.deadline });
    assert_eq!(run.poll(call.deadline), Action::Done(Outcome::Inconclusive));
    assert_eq!(run.ledger()[0].charge, Charge::MaybeCharged);
    assert_eq!((run.spent().charged_micros, run.spent().maybe_charged_micros), (0, 250));
    // What comes then is too late.
    let before = run.snapshot().clone();
    run.handle(call.deadline, Input::Reply { call: call.id, reply: Reply::Hit(phone(true)) });
    assert_eq!(*run.snapshot(), before);
}

#[test]
fn what_a_provider_is_paid_for_is_what_is_charged() {
    let charges = |billing: Billing| {
        let replies = [
            Reply::Miss,
            Reply::Hit(phone(false)),
            Reply::InputRejected,
            Reply::Misconfigured,
            Reply::Hit(phone(true)),
        ];
        let steps = ["a", "b", "c", "d", "e"].map(|provider| {
            let mut step = step(provider, 1, 10);
            step.cost = Cost { micros: 10, billing };
            step
        });
        let mut replies = replies.into_iter();
        let next = |_: &str, _| replies.next().expect("one each");
        let run = drive(plan(steps.into()), EVERYTHING, next);
        run.ledger().iter().map(|attempt| attempt.charge).collect::<Vec<_>>()
    };
    use Charge::{Charged, Free};
    assert_eq!(charges(Billing::PerCall), [Charged, Charged, Free, Free, Charged]);
    assert_eq!(charges(Billing::PerHit), [Free, Charged, Free, Free, Charged]);
}

#[test]
fn a_find_that_the_rule_rejects_is_seen_and_the_waterfall_goes_on() {
    let steps = vec![step("a", 3, 10), step("b", 3, 10)];
    let mut run = drive(plan(steps), EVERYTHING, |provider, _| Reply::Hit(phone(provider == "b")));
    assert_eq!(results(&run), [AttemptResult::Rejected, AttemptResult::Hit]);
    assert_eq!((run.rejected().len(), run.rejected()[0].step), (1, 0));
    let events: Vec<Event> = std::iter::from_fn(|| run.poll_event()).collect();
    let call = |step| CallId { step, attempt: 1 };
    assert_eq!(
        events,
        [
            Event::Calling(call(0)),
            Event::Ended { call: call(0), result: AttemptResult::Rejected },
            Event::Calling(call(1)),
            Event::Ended { call: call(1), result: AttemptResult::Hit },
            Event::Finished,
        ]
    );
}

#[test]
fn what_a_provider_asks_to_wait_is_waited_up_to_the_longest() {
    let throttled = |retry_after_ms| {
        let mut run = Waterfall::new(Arc::new(default_phone_plan()), EVERYTHING, 1, START);
        let Action::Call(call) = run.poll(START) else { panic!("a call") };
        let reply = Reply::Throttled { retry_after_ms: Some(retry_after_ms) };
        run.handle(START, Input::Reply { call: call.id, reply });
        run.poll(START)
    };
    assert_eq!(throttled(7_000), Action::Sleep { until: START.plus_ms(7_000) });
    let next = throttled(10_001);
    assert!(matches!(next, Action::Call(call) if call.provider.as_str() == "astra_dialer"));
}

#[test]
fn conditions_of_a_step() {
    let mut second = step("b", 1, 0);
    second.after_miss_of = Some(ProviderId::new("a").expect("a name"));
    second.countries = Countries::Only(vec![CountryCode::new("es").expect("letters")]);
    let asks =
        |country: Option<&str>, first: Reply<FoundPhone>| {
            let country = country.and_then(CountryCode::new);
            let steps = vec![step("a", 1, 0), second.clone()];
            let facts = LeadFacts { country, ..EVERYTHING };
            let run = drive(plan(steps), facts, |provider, _| {
                if provider == "a" { first.clone() } else { Reply::Miss }
            });
            run.skips().first().map(|skip| skip.reason)
        };
    assert_eq!(asks(Some("ES"), Reply::Miss), None);
    assert_eq!(asks(Some("ES"), Reply::Hit(phone(false))), None, "nothing that is good enough");
    assert_eq!(asks(Some("ES"), Reply::TimedOut), Some(SkipReason::NoMissBefore));
    assert_eq!(asks(Some("PT"), Reply::Miss), Some(SkipReason::Country));
    assert_eq!(asks(None, Reply::Miss), Some(SkipReason::Country));
}

#[test]
fn no_more_is_spent_than_there_is() {
    let steps = vec![step("a", 3, 40), step("b", 1, 30), step("c", 1, 20)];
    let budget = Budget { cost_micros: Some(60), ..Budget::default() };
    let run = drive(plan(steps).within(budget).expect("a budget"), EVERYTHING, |_, _| Reply::Miss);
    assert_eq!(run.spent().charged_micros, 60);
    assert_eq!((run.skips()[0].step, run.skips()[0].reason), (1, SkipReason::CostBudget));
    assert_eq!(run.outcome(), Some(&Outcome::Inconclusive), "one was not asked for want of money");
}

#[test]
fn plans_that_cannot_be_followed_say_what_to_do() {
    let refused = |steps| Plan::new(steps).expect_err("no plan").to_string();
    assert!(refused(vec![]).contains("add a provider"));
    assert!(refused(vec![step("a", 1, 0), step("a", 1, 0)]).contains("a is in the plan twice"));
    assert!(refused(vec![step("a", 0, 0)]).contains("1 to 10 attempts, not 0"));
    let mut early = step("a", 1, 0);
    early.after_miss_of = Some(ProviderId::new("b").expect("a name"));
    assert!(refused(vec![early, step("b", 1, 0)]).contains("put b first"));
    let mut hurried = step("a", 1, 0);
    hurried.timeout_ms = 0;
    assert!(refused(vec![hurried]).contains("1 to 300000 ms, not 0"));
    assert!(matches!(ProviderId::new("Orion Connect"), Err(PlanError::ProviderName { .. })));
    let json = r#"{"steps":[{"provider":"a","requires":["email"],"timeout_ms":5,"rule":"any","tries":3}]}"#;
    let error = serde_json::from_str::<Plan<PhoneLookup>>(json).expect_err("a key too many");
    assert!(error.to_string().contains("unknown field `tries`"), "{error}");
}

#[test]
fn a_snapshot_of_another_plan_or_version_is_refused() {
    let run: Run = Waterfall::new(Arc::new(default_phone_plan()), EVERYTHING, 1, START);
    let other = Arc::new(plan(vec![step("a", 1, 0)]));
    let error = Waterfall::resume(other, run.snapshot().clone()).expect_err("another plan");
    assert_eq!(error, ResumeError::OtherPlan);
    let json = serde_json::to_string(run.snapshot()).expect("JSON");
    let newer = json.replacen("\"version\":1", "\"version\":2", 1);
    let newer = serde_json::from_str(&newer).expect("the same form");
    let error = Waterfall::resume(Arc::new(default_phone_plan()), newer).expect_err("newer");
    assert_eq!(error, ResumeError::Version { version: 2 });
    assert!(PhoneRule::default() == PhoneRule::Possible);
}

#[test]
fn waiting_for_its_turn_takes_no_time_from_a_run() {
    let plan = Plan::new(vec![step("a", 1, 0)]).expect("a plan");
    let plan = plan.within(Budget { total_ms: 500, cost_micros: None }).expect("a budget");
    let mut run = Waterfall::<PhoneLookup>::new(Arc::new(plan), EVERYTHING, 1, START);
    let late = START.plus_ms(60_000);
    assert_eq!(run.due(START).map(|step| step.provider.as_str()), Some("a"));
    run.handle(late, Input::Waited { us: 60_000_000 });
    assert!(run.due(late).is_some(), "the minute in the queue does not count");
    let Action::Call(call) = run.poll(late) else { panic!("it is asked") };
    assert_eq!(call.deadline, late.plus_ms(500), "and all of its time is left");
    run.handle(late, Input::Waited { us: u64::MAX });
    assert_eq!(run.poll_timeout(), Some(call.deadline), "a call that runs waits for nothing");
}

#[test]
fn an_answer_that_cannot_be_read_may_be_paid_for() {
    let plan = Plan::new(vec![step("a", 1, 7)]).expect("a plan");
    let mut run = Waterfall::<PhoneLookup>::new(Arc::new(plan), EVERYTHING, 1, START);
    let Action::Call(call) = run.poll(START) else { panic!("it is asked") };
    run.handle(START, Input::Reply { call: call.id, reply: Reply::Unreadable });
    assert_eq!(run.poll(START), Action::Done(Outcome::Inconclusive));
    assert_eq!(run.spent().maybe_charged_micros, 7);
}

#[test]
fn a_run_that_nobody_drove_for_a_day_has_the_time_that_it_had() {
    let plan = Plan::new(vec![step("a", 2, 0)]).expect("a plan");
    let plan = plan.within(Budget { total_ms: 5000, cost_micros: None }).expect("a budget");
    let mut run = Waterfall::<PhoneLookup>::new(Arc::new(plan), EVERYTHING, 1, START);
    let Action::Call(_) = run.poll(START) else { panic!("it is asked") };
    let tomorrow = START.plus_ms(86_400_000);
    run.handle(tomorrow, Input::Interrupted);
    let Action::Sleep { until } = run.poll(tomorrow) else { panic!("another attempt is made") };
    let Action::Call(call) = run.poll(until) else { panic!("it is asked again") };
    assert_eq!(call.deadline, until.plus_ms(1000));
}

#[test]
fn an_undeliverable_address_is_not_given_to_a_provider_that_needs_one() {
    let plan = || Arc::new(default_phone_plan());
    let asked = |email: EmailState| {
        let facts = LeadFacts { fields: LeadFields::of(&[LeadField::Email]), email, ..EVERYTHING };
        let mut run = Waterfall::new(plan(), facts, 1, START);
        let is_asked = matches!(run.poll(START), Action::Call(_));
        (is_asked, run.skips().iter().map(|skip| skip.reason).collect::<Vec<_>>())
    };
    for email in
        [EmailState::Unverified, EmailState::Deliverable, EmailState::Risky, EmailState::Unknown]
    {
        assert!(asked(email).0, "{email:?}");
    }
    let (is_asked, reasons) = asked(EmailState::Undeliverable);
    assert!(!is_asked);
    assert!(reasons.contains(&SkipReason::EmailState(EmailState::Undeliverable)), "{reasons:?}");
}
