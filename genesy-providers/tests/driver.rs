//! What a driver does with runs: joining, limits, cancelling, trouble.

mod scripted;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::{StreamExt, stream};
use genesy_core::waterfall::{
    AttemptResult, Budget, Charge, Event, LeadField, LeadInputs, Outcome, PhoneLookup,
};
use genesy_providers::driver::{
    Driver, DriverError, DriverEvent, Lead, LeadEvent, LeadId, Watched,
};
use genesy_providers::{Answer, CallError, RateLimit};
use scripted::{Scripted, failed, hit, lead, miss, ms, plan};
use tokio::time::{Instant, sleep, timeout};

fn words(event: DriverEvent, driver: &Driver<PhoneLookup>) -> String {
    match event {
        DriverEvent::Lead { lead, what, .. } => match what {
            LeadEvent::Waterfall(event) => format!("{lead} {}", event.describe(driver.plan())),
            LeadEvent::Trouble { reason, .. } => format!("{lead} trouble: {reason}"),
            other => format!("{lead} {other:?}"),
        },
        other => format!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn providers_are_asked_in_turn_and_everything_is_told() {
    let (a, _) = Scripted::new("a", |_, nth| (ms(100), if nth == 0 { failed() } else { miss() }));
    let (b, _) = Scripted::new("b", |_, _| (ms(100), hit()));
    let driver = Driver::builder(plan(&["a", "b"])).provider(a).provider(b).build().unwrap();
    let mut events = driver.events();
    let finished = driver.run(lead("7")).await.unwrap();
    let Outcome::Found(found) = &finished.outcome else { panic!("{:?}", finished.outcome) };
    assert_eq!(found.provider.as_str(), "b");
    assert_eq!(finished.run.ledger().len(), 3);
    let mut told = Vec::new();
    while let Ok(Some(Watched::Event(event))) = timeout(ms(1), events.next()).await {
        told.push(words(event, &driver));
    }
    let delay = told.iter().find(|line| line.contains("again in")).cloned().unwrap_or_default();
    assert_eq!(
        told,
        [
            "7 Queued",
            "7 asking a, attempt 1 of 3",
            "7 trouble: it failed",
            "7 a: failed",
            &delay,
            "7 asking a, attempt 2 of 3",
            "7 a: has nothing",
            "7 asking b, attempt 1 of 3",
            "7 b: found",
            "7 finished",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_second_request_for_a_lead_joins_the_first() {
    let (a, seen) = Scripted::new("a", |_, _| (ms(100), hit()));
    let driver = Driver::builder(plan(&["a"])).provider(a).build().unwrap();
    let first = driver.start(lead("1"));
    sleep(ms(50)).await;
    let second = driver.start(lead("1"));
    assert!(!first.is_joined() && second.is_joined());
    let (first, second) = (first.await.unwrap(), second.await.unwrap());
    assert!(Arc::ptr_eq(&first, &second));
    assert_eq!(seen.calls(), 1);
    // Once it is done, a wanted re-run is one.
    driver.run(lead("1")).await.unwrap();
    assert_eq!(seen.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn who_goes_away_does_not_end_a_run_that_others_wait_for() {
    let (a, seen) = Scripted::new("a", |_, _| (ms(100), hit()));
    let driver = Driver::builder(plan(&["a"])).provider(a).build().unwrap();
    let first = driver.start(lead("1"));
    let second = driver.start(lead("1")).stopped_on_drop();
    drop(first);
    drop(driver.start(lead("1")).stopped_on_drop());
    assert!(matches!(second.await.unwrap().outcome, Outcome::Found(_)));
    assert_eq!(seen.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn many_leads_are_run_so_many_at_a_time() {
    let (a, seen) = Scripted::new("a", |_, _| (ms(100), miss()));
    let driver = Driver::builder(plan(&["a"])).provider(a).concurrency_max(10).build().unwrap();
    let taken = Arc::new(AtomicUsize::new(0));
    let leads = {
        let taken = Arc::clone(&taken);
        stream::iter(0..200).map(move |row| {
            taken.fetch_add(1, Ordering::SeqCst);
            lead(&row.to_string())
        })
    };
    let started = Instant::now();
    let mut done = 0;
    let mut results = Box::pin(driver.run_all(leads));
    while let Some((_, result)) = results.next().await {
        done += 1;
        assert_eq!(result.unwrap().outcome, Outcome::NoDataFound);
        assert!(taken.load(Ordering::SeqCst) <= done + 10, "leads are taken as there is room");
    }
    assert_eq!((done, seen.running_max.load(Ordering::SeqCst)), (200, 10));
    assert_eq!(started.elapsed().as_millis() / 100, 20);
}

#[tokio::test(start_paused = true)]
async fn dropping_the_stream_gives_up_what_is_under_way() {
    let (a, seen) = Scripted::new("a", |_, nth| (ms(100 + nth as u64), miss()));
    let driver = Driver::builder(plan(&["a"])).provider(a).concurrency_max(4).build().unwrap();
    let mut results =
        Box::pin(driver.run_all(stream::iter(0..9).map(|row| lead(&row.to_string()))));
    results.next().await.unwrap().1.unwrap();
    drop(results);
    sleep(ms(500)).await;
    let given_up = seen.given_up.load(Ordering::SeqCst);
    assert_eq!((given_up, seen.calls()), (3, 4));
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_run_ends_at_once_and_says_what_it_may_cost() {
    let (a, seen) = Scripted::new("a", |_, _| (ms(900), hit()));
    let a = a.describe(|of| of.cost.micros = 7);
    let mut plan = plan(&["a"]).steps().to_vec();
    plan[0].cost.micros = 7;
    let plan = genesy_core::waterfall::Plan::new(plan).unwrap();
    let driver = Driver::builder(plan).provider(a).build().unwrap();
    let running = driver.start(lead("1"));
    sleep(ms(10)).await;
    let started = Instant::now();
    running.cancel();
    let finished = running.await.unwrap();
    assert!(started.elapsed() < ms(5));
    assert_eq!(finished.outcome, Outcome::Cancelled);
    assert_eq!(finished.run.ledger()[0].charge, Charge::MaybeCharged);
    assert_eq!(seen.given_up.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_does_not_answer_is_given_up_in_time() {
    let (a, seen) = Scripted::new("a", |_, _| (ms(1_000_000_000), hit()));
    let (b, _) = Scripted::new("b", |_, _| (ms(10), hit()));
    let driver = Driver::builder(plan(&["a", "b"])).provider(a).provider(b).build().unwrap();
    let started = Instant::now();
    let finished = driver.run(lead("1")).await.unwrap();
    assert!(matches!(finished.outcome, Outcome::Found(_)));
    assert!(started.elapsed() < ms(4600), "{:?}", started.elapsed());
    let results: Vec<_> = finished.run.ledger().iter().map(|attempt| attempt.result).collect();
    use AttemptResult::{Hit, TimedOut};
    assert_eq!(results, [TimedOut, TimedOut, TimedOut, Hit]);
    let keys = seen.keys.lock().unwrap().clone();
    assert!(keys.iter().all(|key| *key == keys[0]), "one key for all attempts: {keys:?}");
}

#[tokio::test(start_paused = true)]
async fn a_provider_with_a_wrong_key_is_asked_once_and_told_once() {
    let wrong = || Err(CallError::Misconfigured { reason: "wrong key".into() });
    let (a, seen) = Scripted::new("a", move |_, _| (ms(10), wrong()));
    let (b, _) = Scripted::new("b", |_, _| (ms(10), miss()));
    let driver =
        Driver::builder(plan(&["a", "b"])).provider(a).provider(b).concurrency_max(1).build();
    let driver = driver.unwrap();
    let mut events = driver.events();
    let leads = stream::iter(0..20).map(|row| lead(&row.to_string()));
    let results: Vec<_> = driver.run_all(leads).collect().await;
    assert!(results.iter().all(|(_, of)| of.as_ref().unwrap().outcome == Outcome::Inconclusive));
    assert_eq!(seen.calls(), 1);
    let mut told = 0;
    while let Ok(Some(Watched::Event(event))) = timeout(ms(1), events.next()).await {
        told += usize::from(matches!(event, DriverEvent::Misconfigured { .. }));
    }
    assert_eq!(told, 1);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_provider_slows_nobody_else() {
    let often = || Err(CallError::Throttled { retry_after: Some(ms(3_600_000)) });
    let (a, seen) = Scripted::new("a", move |_, _| (ms(10), often()));
    let (b, _) = Scripted::new("b", |_, _| (ms(10), hit()));
    let driver = Driver::builder(plan(&["a", "b"])).provider(a).provider(b).build().unwrap();
    let started = Instant::now();
    let leads = stream::iter(0..500).map(|row| lead(&row.to_string()));
    let results: Vec<_> = driver.run_all(leads).collect().await;
    let is_found = |outcome: &Outcome<_>| matches!(outcome, Outcome::Found(_));
    assert!(results.iter().all(|(_, of)| is_found(&of.as_ref().unwrap().outcome)));
    assert!(started.elapsed() < ms(1000), "{:?}", started.elapsed());
    assert!(seen.calls() <= 100, "only those who were on their way: {}", seen.calls());
}

#[tokio::test(start_paused = true)]
async fn a_known_limit_is_kept_and_costs_no_lead_its_time() {
    let (a, seen) = Scripted::new("a", |_, _| (ms(10), miss()));
    let a = a.describe(|of| of.rate_limit = RateLimit::per_second(1));
    let plan = plan(&["a"]).within(Budget { total_ms: 1500, cost_micros: None }).unwrap();
    let driver = Driver::builder(plan).provider(a).build().unwrap();
    let started = Instant::now();
    let leads = stream::iter(0..60).map(|row| lead(&row.to_string()));
    let results: Vec<_> = driver.run_all(leads).collect().await;
    assert!(results.iter().all(|(_, of)| of.as_ref().unwrap().outcome == Outcome::NoDataFound));
    assert_eq!(seen.calls(), 60);
    assert!(started.elapsed() > ms(59_000) && started.elapsed() < ms(61_000));
}

#[tokio::test(start_paused = true)]
async fn a_queue_has_an_end() {
    let (a, _) = Scripted::new("a", |_, _| (ms(10), miss()));
    let a = a.describe(|of| of.rate_limit = RateLimit::per_second(1));
    let driver = Driver::builder(plan(&["a"])).provider(a).queue_time_max(ms(5500)).build();
    let driver = driver.unwrap();
    let started = Instant::now();
    let leads = stream::iter(0..60).map(|row| lead(&row.to_string()));
    let results: Vec<_> = driver.run_all(leads).collect().await;
    let count =
        |outcome| results.iter().filter(|(_, of)| of.as_ref().unwrap().outcome == outcome).count();
    let (answered, inconclusive) = (count(Outcome::NoDataFound), count(Outcome::Inconclusive));
    assert!(answered >= 6 && inconclusive >= 30 && answered + inconclusive == 60);
    assert!(started.elapsed() < ms(6000), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_quota_that_is_used_up_is_waited_for() {
    let (a, seen) = Scripted::new("a", |_, nth| {
        let miss = Answer::new(None);
        (ms(10), Ok(if nth == 0 { miss.with_pause(ms(4000)) } else { miss }))
    });
    let driver = Driver::builder(plan(&["a"])).provider(a).build().unwrap();
    driver.run(lead("1")).await.unwrap();
    let started = Instant::now();
    driver.run(lead("2")).await.unwrap();
    assert!(started.elapsed() > ms(3900) && seen.calls() == 2, "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_panics_has_failed() {
    let (a, _) = Scripted::new("a", |ask, _| {
        assert!(ask.inputs.get(LeadField::Email) != Some("1@example.com"), "a provider's fault");
        (ms(10), hit())
    });
    let driver = Driver::builder(plan(&["a"])).provider(a).build().unwrap();
    let (one, two) = (driver.start(lead("1")), driver.start(lead("2")));
    let one = one.await.unwrap();
    assert_eq!((&one.outcome, one.run.ledger().len()), (&Outcome::Inconclusive, 3));
    assert!(matches!(two.await.unwrap().outcome, Outcome::Found(_)));
}

#[tokio::test(start_paused = true)]
async fn leads_that_lack_everything_or_nothing_are_not_asked_for() {
    let (a, seen) = Scripted::new("a", |_, _| (ms(10), hit()));
    let driver = Driver::builder(plan(&["a"])).provider(a).build().unwrap();
    let id = |id| LeadId::new(id).unwrap();
    let empty = Lead::for_phone(id("1"), LeadInputs::default());
    let email = LeadInputs::default().with(LeadField::Email, "a@example.com");
    let known = Lead::for_phone(id("2"), email.having_phone(true));
    for lead in [empty, known] {
        assert_eq!(driver.run(lead).await.unwrap().outcome, Outcome::NotEligible);
    }
    assert_eq!(seen.calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_provider_sees_what_it_uses_and_no_more() {
    let (a, _) = Scripted::new("a", |ask, _| {
        assert_eq!(ask.inputs.get(LeadField::Email), Some("1@example.com"));
        assert_eq!(ask.inputs.get(LeadField::FullName), None);
        assert_eq!(ask.timeout.as_millis(), 1000);
        (ms(10), hit())
    });
    let driver = Driver::builder(plan(&["a"])).provider(a).build().unwrap();
    assert!(driver.run(lead("1")).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn somebody_who_watches_slowly_is_told_what_was_missed() {
    let (a, _) = Scripted::new("a", |_, _| (ms(10), miss()));
    let driver = Driver::builder(plan(&["a"])).provider(a).events_kept_max(16).build().unwrap();
    let mut events = driver.events();
    let leads = stream::iter(0..100).map(|row| lead(&row.to_string()));
    let _: Vec<_> = driver.run_all(leads).collect().await;
    let Some(Watched::Missed(missed)) = events.next().await else { panic!("some were missed") };
    assert_eq!(missed, 100 * 4 - 16, "queued, calling, ended and finished for each");
    let Some(Watched::Event(DriverEvent::Lead { what, .. })) = events.next().await else {
        panic!("and the last ones are there")
    };
    assert!(matches!(what, LeadEvent::Waterfall(Event::Calling(_) | Event::Ended { .. })));
}

#[test]
fn as_many_events_as_can_be_are_kept_and_no_more() {
    let (a, _) = Scripted::new("a", |_, _| (ms(10), miss()));
    let builder = Driver::builder(plan(&["a"])).provider(a).events_kept_max(usize::MAX);
    assert!(builder.build().is_ok());
}

#[test]
fn a_driver_has_all_providers_of_its_plan() {
    let build = |ids: &[&str], require: &[LeadField]| {
        let mut builder = Driver::builder(plan(&["a"]));
        for id in ids {
            let (provider, _) = Scripted::new(id, |_, _| (ms(1), miss()));
            builder = builder.provider(provider.describe(|of| {
                require.iter().for_each(|field| of.requires.insert(*field));
            }));
        }
        builder.build().map(|_| ()).map_err(|error: DriverError| error.to_string())
    };
    assert_eq!(build(&["a", "b"], &[]), Ok(()));
    assert!(build(&["b"], &[]).unwrap_err().contains("the plan asks a, which"));
    assert!(build(&["a", "a"], &[]).unwrap_err().contains("two providers called a"));
    assert!(build(&["a"], &[LeadField::JobTitle]).unwrap_err().contains("job_title"));
}
