//! Trouble that a driver must survive: journals that stall or fail, clocks that were set, people who go away.

mod scripted;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use genesy_core::waterfall::{Outcome, PhoneLookup};
use genesy_providers::driver::{Driver, LeadId, RunError, RunResult};
use genesy_providers::journal::{FileJournal, Journal, JournalError};
use genesy_providers::{Answer, CallError, RateLimit};
use scripted::{Scripted, failed, hit, lead, miss, ms, plan};
use tokio::time::{Instant, sleep, timeout};

#[derive(Debug, Clone, Default)]
struct Mem {
    stored: Arc<Mutex<BTreeMap<LeadId, Vec<u8>>>>,
    steps: Arc<AtomicUsize>,
    hang_from: Option<usize>,
    fail_at: Option<usize>,
    stall: Option<(Instant, Duration)>,
}

#[async_trait]
impl Journal for Mem {
    async fn load(&self, lead: &LeadId) -> Result<Option<Vec<u8>>, JournalError> {
        if self.hang_from == Some(0) {
            std::future::pending::<()>().await;
        }
        Ok(self.stored.lock().expect("no panic").get(lead).cloned())
    }
    async fn store(&self, lead: &LeadId, snapshot: &[u8]) -> Result<(), JournalError> {
        let step = self.steps.fetch_add(1, Ordering::SeqCst);
        if self.hang_from.is_some_and(|from| step >= from) {
            std::future::pending::<()>().await;
        }
        if self.fail_at == Some(step) {
            return Err("the disk is full".into());
        }
        if let Some((since, time)) = self.stall {
            // A store that stands still for a while, as a disk or a database does.
            if Instant::now() >= since {
                tokio::time::sleep_until(since + time).await;
            }
        }
        self.stored.lock().expect("no panic").insert(lead.clone(), snapshot.to_vec());
        Ok(())
    }
}

/// The results of many leads.
type Ends = [(LeadId, RunResult<PhoneLookup>)];

/// How many of them found something.
fn found(ends: &Ends) -> usize {
    let is_found = |end: &RunResult<PhoneLookup>| {
        end.as_ref().is_ok_and(|end| matches!(end.outcome, Outcome::Found(_)))
    };
    ends.iter().filter(|(_, end)| is_found(end)).count()
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_resumed_later_than_its_budget_still_asks() {
    let journal = Mem::default();
    let (a, _) = Scripted::new("a", |_, _| (ms(100), miss()));
    let (b, _) = Scripted::new("b", |_, _| (ms(100), hit()));
    let first = Driver::builder(plan(&["a", "b"]))
        .provider(a)
        .provider(b)
        .journal(journal.clone())
        .build()
        .unwrap();
    let running = first.start(lead("1"));
    sleep(ms(50)).await;
    first.shutdown(Duration::from_secs(10)).await;
    assert!(matches!(running.await, Err(RunError::Stopped)));
    // The process comes back an hour later: the stored times are an hour older.
    let text =
        String::from_utf8(journal.stored.lock().unwrap()[&LeadId::new("1").unwrap()].clone())
            .unwrap();
    let mut json: serde_json::Value = serde_json::from_str(&text).unwrap();
    for key in ["started", "now"] {
        let at = json[key].as_u64().unwrap();
        json[key] = (at - 3_600_000_000).into();
    }
    journal.stored.lock().unwrap().insert(LeadId::new("1").unwrap(), json.to_string().into_bytes());
    let (a, _) = Scripted::new("a", |_, _| (ms(100), miss()));
    let (b, seen_b) = Scripted::new("b", |_, _| (ms(100), hit()));
    let second = Driver::builder(plan(&["a", "b"]))
        .provider(a)
        .provider(b)
        .journal(journal)
        .build()
        .unwrap();
    let finished = second.run(lead("1")).await.unwrap();
    assert_eq!(seen_b.calls(), 1, "{:?} {:?}", finished.outcome, finished.run.skips());
}

#[tokio::test(start_paused = true)]
async fn who_joined_a_run_of_a_stream_is_not_cancelled_when_the_stream_goes() {
    let (a, _) = Scripted::new("a", |_, _| (ms(500), hit()));
    let driver = Driver::builder(plan(&["a"])).provider(a).build().unwrap();
    let mut all = Box::pin(driver.run_all(stream::iter([lead("1")])));
    assert!(timeout(ms(50), all.next()).await.is_err());
    let joined = driver.start(lead("1"));
    assert!(joined.is_joined());
    drop(all);
    let end = joined.await.unwrap();
    assert!(matches!(end.outcome, Outcome::Found(_)), "{:?}", end.outcome);
}

#[tokio::test(start_paused = true)]
async fn leads_that_wait_for_their_turn_go_with_their_stream() {
    // One call at a time, two in a minute.
    let limit = RateLimit { calls_max: Some(2), per_ms: 60_000, concurrency_max: Some(1) };
    let (a, seen) = Scripted::new("a", |_, _| (ms(500), hit()));
    let a = a.describe(|of| of.rate_limit = limit);
    let journal = Mem::default();
    let driver =
        Driver::builder(plan(&["a"])).provider(a).journal(journal.clone()).build().unwrap();
    let leads: Vec<_> = (0..100).map(|n| lead(&n.to_string())).collect();
    let mut all = Box::pin(driver.run_all(stream::iter(leads)));
    assert!(timeout(ms(50), all.next()).await.is_err());
    drop(all);
    // The clock stands still until nobody has anything to do.
    sleep(ms(1)).await;
    let tasks = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let stored = journal.stored.lock().unwrap().len();
    assert_eq!((tasks, stored, seen.calls()), (0, 1, 1), "tasks, stored runs and calls");
    let begun = Instant::now();
    driver.run(lead("new")).await.unwrap();
    assert!(begun.elapsed() < ms(60_000), "one call of the minute is left");
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_lead_can_be_asked_for_again_with_a_journal() {
    let journal = Mem::default();
    let (a, seen) = Scripted::new("a", |_, _| (ms(500), hit()));
    let driver = Driver::builder(plan(&["a"])).provider(a).journal(journal).build().unwrap();
    let mut all = Box::pin(driver.run_all(stream::iter([lead("1")])));
    assert!(timeout(ms(50), all.next()).await.is_err());
    drop(all); // the client went away
    let end = driver.run(lead("1")).await.unwrap();
    assert!(matches!(end.outcome, Outcome::Found(_)), "{:?}, {} calls", end.outcome, seen.calls());
}

#[tokio::test(start_paused = true)]
async fn who_asks_again_right_after_a_cancel_gets_a_run_of_his_own() {
    let (a, seen) = Scripted::new("a", |_, _| (ms(500), hit()));
    let journal = Mem::default();
    let driver = Driver::builder(plan(&["a"])).provider(a).journal(journal).build().unwrap();
    let first = driver.start(lead("1"));
    sleep(ms(50)).await;
    first.cancel();
    let (second, third) = (driver.start(lead("1")), driver.start(lead("1")));
    assert!(!second.is_joined() && third.is_joined());
    assert!(matches!(first.await.unwrap().outcome, Outcome::Cancelled));
    assert!(matches!(third.await.unwrap().outcome, Outcome::Found(_)));
    assert!(matches!(second.await.unwrap().outcome, Outcome::Found(_)));
    assert_eq!((seen.calls(), seen.running_max.load(Ordering::SeqCst)), (2, 1));
    // And once more: what has ended is forgotten.
    assert!(!driver.start(lead("1")).is_joined());
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_ends_though_the_journal_hangs() {
    // From the first look into it on, or from a later step on.
    for hang_from in [0, 1] {
        let journal = Mem { hang_from: Some(hang_from), ..Mem::default() };
        let (a, _) = Scripted::new("a", |_, _| (ms(10), hit()));
        let driver = Driver::builder(plan(&["a"])).provider(a).journal(journal).build().unwrap();
        let running = driver.start(lead("1"));
        sleep(ms(50)).await;
        running.cancel();
        // It waits for the one before.
        assert!(!driver.start(lead("1")).is_joined());
        let ended = timeout(Duration::from_secs(60), driver.shutdown(ms(100))).await;
        assert!(ended.is_ok(), "{hang_from}: 100 ms of grace take more than a minute");
    }
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_hangs_is_an_error_in_the_end() {
    let journal = Mem { hang_from: Some(0), ..Mem::default() };
    let (a, seen) = Scripted::new("a", |_, _| (ms(10), hit()));
    let driver = Driver::builder(plan(&["a"])).provider(a).journal(journal).build().unwrap();
    let end = timeout(Duration::from_secs(60), driver.run(lead("1"))).await;
    assert!(matches!(end, Ok(Err(RunError::Journal(_)))), "{end:?}");
    assert_eq!(seen.calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_limit_holds_at_the_provider_though_the_journal_stalls() {
    let begun = Arc::new(Mutex::new(Vec::new()));
    let at = Arc::clone(&begun);
    let (a, _) = Scripted::new("a", move |_, _| {
        at.lock().unwrap().push(Instant::now());
        (ms(1), hit())
    });
    let a = a.describe(|of| of.rate_limit = RateLimit::per_second(50));
    let stall = Some((Instant::now() + ms(1100), ms(900)));
    let journal = Mem { stall, ..Mem::default() };
    let driver = Driver::builder(plan(&["a"]))
        .provider(a)
        .journal(journal)
        .concurrency_max(500)
        .build()
        .unwrap();
    let leads: Vec<_> = (0..200).map(|n| lead(&n.to_string())).collect();
    let ends = driver.run_all(stream::iter(leads)).collect::<Vec<_>>().await;
    assert_eq!(ends.len(), 200);
    let mut begun = begun.lock().unwrap().clone();
    begun.sort();
    let most = (0..begun.len())
        .map(|i| {
            begun[i..].iter().take_while(|at| **at - begun[i] < Duration::from_secs(1)).count()
        })
        .max();
    assert!(most <= Some(50), "{most:?} calls in a second at a limit of 50");
}

#[tokio::test(start_paused = true)]
async fn a_quota_that_comes_back_in_a_minute_is_waited_for() {
    // 20 calls a minute, announced by headers alone: the 20th says "0 left, more in 50 s".
    let (a, seen) = Scripted::new("a", |_, nth| {
        let pause = (nth % 20 == 19).then_some(Duration::from_secs(50));
        let mut answer = hit();
        if let Ok(Answer { pause: at, .. }) = &mut answer {
            *at = pause;
        }
        (ms(10), answer)
    });
    let driver = Driver::builder(plan(&["a"])).provider(a).concurrency_max(5).build().unwrap();
    let leads: Vec<_> = (0..100).map(|n| lead(&n.to_string())).collect();
    let started = Instant::now();
    let ends = driver.run_all(stream::iter(leads)).collect::<Vec<_>>().await;
    let found = found(&ends);
    assert_eq!(
        found,
        100,
        "{} calls, all over in {:?}; the rest is inconclusive, while queue_time_max is 10 min",
        seen.calls(),
        started.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn one_429_after_a_quiet_hour_does_not_slow_a_provider_to_a_call_each_ten_seconds() {
    let (a, seen) = Scripted::new("a", |_, nth| {
        let throttled = Err(CallError::Throttled { retry_after: Some(Duration::from_secs(1)) });
        (ms(10), if nth == 64 { throttled } else { hit() })
    });
    let driver = Driver::builder(plan(&["a"])).provider(a).concurrency_max(100).build().unwrap();
    for n in 0..64 {
        driver.run(lead(&n.to_string())).await.unwrap();
    }
    sleep(Duration::from_secs(3600)).await;
    driver.run(lead("64")).await.unwrap();
    let started = Instant::now();
    let leads: Vec<_> = (100..300).map(|n| lead(&n.to_string())).collect();
    let ends = driver.run_all(stream::iter(leads)).collect::<Vec<_>>().await;
    let found = found(&ends);
    assert!(
        started.elapsed() < Duration::from_secs(30),
        "{} leads took {:?}, {found} found, {} calls",
        ends.len(),
        started.elapsed(),
        seen.calls()
    );
}

#[tokio::test(start_paused = true)]
async fn a_find_that_was_paid_for_is_not_lost_when_the_journal_fails_once() {
    let journal = Mem { fail_at: Some(1), ..Mem::default() };
    let (a, seen) = Scripted::new("a", |_, _| (ms(10), hit()));
    let driver = Driver::builder(plan(&["a"])).provider(a).journal(journal).build().unwrap();
    let first = driver.run(lead("1")).await;
    let second = driver.run(lead("1")).await.unwrap();
    assert_eq!(
        seen.calls(),
        1,
        "asked (and paid) twice: {:?}, then {:?}",
        first.err(),
        second.run.ledger()
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_journal_stays_private_when_it_is_compacted() {
    use std::os::unix::fs::PermissionsExt;
    let folder = std::env::temp_dir().join(format!("genesy-trouble-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("run.journal");
    let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    let journal = FileJournal::open(&path).unwrap();
    let before = mode();
    for _ in 0..2 {
        journal.store(&LeadId::of_row(1), b"{\"phone\":1}").await.unwrap();
    }
    drop(journal);
    drop(FileJournal::open(&path).unwrap());
    let after = mode();
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(format!("{before:o}"), format!("{after:o}"));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_cancelled_before_it_begins_asks_nobody() {
    let (a, seen) = Scripted::new("a", |_, _| (ms(100), hit()));
    let driver = Driver::builder(plan(&["a"])).provider(a).build().unwrap();
    let running = driver.start(lead("1"));
    running.cancel();
    let end = running.await.unwrap();
    assert!(matches!(end.outcome, Outcome::Cancelled), "{:?}", end.outcome);
    assert_eq!(seen.calls(), 0, "{:?}", end.run.ledger());
}

#[tokio::test(start_paused = true)]
async fn a_quota_for_a_day_serves_the_first_leads_of_the_day() {
    let (a, seen) = Scripted::new("a", |_, _| (ms(100), hit()));
    let limit = RateLimit { calls_max: Some(500), per_ms: 86_400_000, concurrency_max: None };
    let a = a.describe(|of| of.rate_limit = limit);
    let driver = Driver::builder(plan(&["a"])).provider(a).build().unwrap();
    let leads: Vec<_> = (0..100).map(|n| lead(&n.to_string())).collect();
    let started = Instant::now();
    let ends = driver.run_all(stream::iter(leads)).collect::<Vec<_>>().await;
    let found = found(&ends);
    assert_eq!(
        found,
        100,
        "{} calls of 500 allowed, all over in {:?}",
        seen.calls(),
        started.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn a_stored_clock_that_was_ahead_does_not_lengthen_a_call() {
    let journal = Mem::default();
    let (a, _) = Scripted::new("a", |_, _| (Duration::from_secs(86_400), hit()));
    let first = Driver::builder(plan(&["a"])).provider(a).journal(journal.clone()).build().unwrap();
    let running = first.start(lead("1"));
    sleep(ms(50)).await;
    first.shutdown(ms(0)).await;
    assert!(running.await.is_err());
    let id = LeadId::new("1").unwrap();
    let text = String::from_utf8(journal.stored.lock().unwrap()[&id].clone()).unwrap();
    let mut json: serde_json::Value = serde_json::from_str(&text).unwrap();
    json["now"] = (json["now"].as_u64().unwrap() + 3_600_000_000).into();
    json["started"] = (json["started"].as_u64().unwrap() + 3_600_000_000).into();
    journal.stored.lock().unwrap().insert(id, json.to_string().into_bytes());
    let (a, _) = Scripted::new("a", |_, _| (Duration::from_secs(86_400), hit()));
    let second = Driver::builder(plan(&["a"])).provider(a).journal(journal).build().unwrap();
    let started = Instant::now();
    let _ = second.run(lead("1")).await;
    assert!(
        started.elapsed() < Duration::from_secs(150),
        "calls of 1 s, run of 2 min: {:?}",
        started.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_panics_does_not_end_the_waterfall() {
    let (a, _) = Scripted::new("a", |_, _| panic!("a bug of the provider"));
    let (b, _) = Scripted::new("b", |_, _| (ms(100), failed()));
    let (c, _) = Scripted::new("c", |_, _| (ms(100), hit()));
    let driver = Driver::builder(plan(&["a", "b", "c"])).provider(a).provider(b).provider(c);
    let end = driver.build().unwrap().run(lead("1")).await.unwrap();
    assert!(matches!(end.outcome, Outcome::Found(_)), "{:?}", end.outcome);
}

#[tokio::test(start_paused = true)]
async fn a_resume_under_a_stricter_rule_is_noticed() {
    use genesy_core::waterfall::{PhoneRule, Plan};
    let journal = Mem::default();
    let (a, _) = Scripted::new("a", |_, _| (ms(1), hit()));
    let first = Driver::builder(plan(&["a"])).provider(a).journal(journal.clone()).build().unwrap();
    first.run(lead("1")).await.unwrap();
    let (a, _) = Scripted::new("a", |_, _| (ms(1), hit()));
    let mut steps = plan(&["a"]).steps().to_vec();
    steps[0].rule = PhoneRule::MobileOnly;
    let second =
        Driver::builder(Plan::new(steps).unwrap()).provider(a).journal(journal).build().unwrap();
    let end = second.run(lead("1")).await;
    assert!(
        !end.as_ref().is_ok_and(|end| matches!(end.outcome, Outcome::Found(_))),
        "a number that is not mobile is found under mobile_only"
    );
}
