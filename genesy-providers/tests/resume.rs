//! What a journal is for: a process that ends at any point goes on without asking again.

mod scripted;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use genesy_core::waterfall::{AttemptResult, Outcome};
use genesy_providers::driver::{Driver, LeadId, RunError};
use genesy_providers::journal::{FileJournal, Journal, JournalError};
use scripted::{Scripted, Seen, failed, hit, lead, miss, ms, plan};
use tokio::time::{sleep, timeout};

/// A journal in memory that stops working after so many steps.
#[derive(Debug, Clone, Default)]
struct MemoryJournal {
    stored: Arc<Mutex<BTreeMap<LeadId, Vec<u8>>>>,
    steps: Arc<AtomicUsize>,
    steps_max: Option<usize>,
}

#[async_trait]
impl Journal for MemoryJournal {
    async fn load(&self, lead: &LeadId) -> Result<Option<Vec<u8>>, JournalError> {
        Ok(self.stored.lock().expect("no panic").get(lead).cloned())
    }

    async fn store(&self, lead: &LeadId, snapshot: &[u8]) -> Result<(), JournalError> {
        let step = self.steps.fetch_add(1, Ordering::SeqCst);
        if self.steps_max.is_some_and(|max| step >= max) {
            return Err("the disk is full".into());
        }
        self.stored.lock().expect("no panic").insert(lead.clone(), snapshot.to_vec());
        Ok(())
    }
}

type PhoneDriver = Driver<genesy_core::waterfall::PhoneLookup>;

/// A driver whose first provider fails twice and then has nothing, and whose second one finds it.
fn driver(journal: impl Journal + 'static) -> (PhoneDriver, Arc<Seen>, Arc<Seen>) {
    let (a, seen_a) =
        Scripted::new("a", |_, nth| (ms(100), if nth < 2 { failed() } else { miss() }));
    let (b, seen_b) = Scripted::new("b", |_, _| (ms(100), hit()));
    let builder = Driver::builder(plan(&["a", "b"])).provider(a).provider(b).journal(journal);
    (builder.build().expect("a driver"), seen_a, seen_b)
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_killed_at_any_time_goes_on_without_asking_again() {
    // All that it takes, and a little more.
    for killed_after_ms in (0..2500).step_by(20) {
        let journal = MemoryJournal::default();
        let (first, a, b) = driver(journal.clone());
        let killed = timeout(ms(killed_after_ms), async {
            // As a process that is killed: nothing is told to the driver.
            let running = first.start(lead("1")).stopped_on_drop();
            let end = running.await;
            end.unwrap()
        });
        if let Ok(finished) = killed.await {
            assert_eq!(finished.run.ledger().len(), 4);
            continue;
        }
        // What was cancelled on the way out is not what a killed process leaves.
        let stored = journal.stored.lock().expect("no panic").clone();
        let asked_before = a.calls() + b.calls();
        let (second, a, b) = driver(MemoryJournal {
            stored: Arc::new(Mutex::new(stored)),
            ..MemoryJournal::default()
        });
        let finished = second.run(lead("1")).await.unwrap();
        let ledger = finished.run.ledger();
        let interrupted =
            ledger.iter().filter(|attempt| attempt.result == AttemptResult::Interrupted).count();
        assert!(interrupted <= 1, "{killed_after_ms}: {ledger:?}");
        let asked = asked_before + a.calls() + b.calls();
        assert_eq!(asked, ledger.len(), "{killed_after_ms}: each call is in the ledger, once");
        assert!(!matches!(finished.outcome, Outcome::Cancelled));
    }
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_lets_calls_end_and_another_driver_goes_on() {
    let journal = MemoryJournal::default();
    let (first, a, _) = driver(journal.clone());
    let running = first.start(lead("1"));
    sleep(ms(50)).await;
    first.shutdown(Duration::from_secs(10)).await;
    assert!(matches!(running.await, Err(RunError::Stopped)));
    assert_eq!((a.calls(), a.given_up.load(Ordering::SeqCst)), (1, 0), "its call came to its end");
    assert!(matches!(first.run(lead("2")).await, Err(RunError::Stopped)), "nothing new begins");
    let (second, ..) = driver(journal);
    let finished = second.run(lead("1")).await.unwrap();
    let results: Vec<_> = finished.run.ledger().iter().map(|of| of.result).collect();
    assert!(!results.contains(&AttemptResult::Interrupted), "{results:?}");
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_does_not_wait_longer_than_it_is_told() {
    let (first, a, _) = driver(MemoryJournal::default());
    let running = first.start(lead("1"));
    sleep(ms(50)).await;
    let started = tokio::time::Instant::now();
    first.shutdown(ms(10)).await;
    assert!(started.elapsed() < ms(20));
    assert!(matches!(running.await, Err(RunError::Stopped)));
    assert_eq!(a.given_up.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_done_is_not_done_again_unless_it_is_wanted() {
    let journal = MemoryJournal::default();
    let (first, ..) = driver(journal.clone());
    let outcome = first.run(lead("1")).await.unwrap().outcome.clone();
    let (second, a, b) = driver(journal);
    assert_eq!(second.run(lead("1")).await.unwrap().outcome, outcome);
    assert_eq!(a.calls() + b.calls(), 0);
    second.run(lead("1").anew()).await.unwrap();
    assert_eq!((a.calls(), b.calls()), (3, 1));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_that_cannot_be_stored() {
    for steps_max in 0..8 {
        let journal = MemoryJournal { steps_max: Some(steps_max), ..MemoryJournal::default() };
        let (driver, a, b) = driver(journal);
        let end = driver.run(lead("1")).await;
        if steps_max == 7 {
            let end = end.expect("the find is not lost, though its end cannot be stored");
            assert!(matches!(end.outcome, Outcome::Found(_)));
        } else {
            let Err(error) = end else { panic!("{steps_max}") };
            assert!(matches!(error, RunError::Journal(_)), "{error}");
        }
        assert_eq!(a.calls() + b.calls(), steps_max.div_ceil(2), "{steps_max}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_or_is_of_another_version_is_an_error_of_its_lead() {
    let journal = MemoryJournal::default();
    for (id, stored) in [
        ("cut", r#"{"version":1,"providers":["a","#),
        ("rubbish", "+14155550132"),
        ("version", r#"{"version":0}"#),
    ] {
        let mut all = journal.stored.lock().expect("no panic");
        all.insert(LeadId::new(id).unwrap(), stored.as_bytes().to_vec());
    }
    let (driver, ..) = driver(journal.clone());
    for id in ["cut", "rubbish", "version"] {
        let Err(error) = driver.run(lead(id)).await else { panic!("{id}") };
        let text = format!("{error} {error:?}");
        assert!(text.contains("begin it anew") && !text.contains("4155"), "{text}");
        assert!(driver.run(lead(id).anew()).await.is_ok());
    }
    // A snapshot of a later version, and one of another plan.
    let snapshot = journal.stored.lock().expect("no panic")[&LeadId::new("cut").unwrap()].clone();
    let text = String::from_utf8(snapshot).unwrap();
    let later = text.replace("\"version\":1", "\"version\":2");
    let mut json: serde_json::Value = serde_json::from_str(&text).unwrap();
    json["plan"] = 1.into();
    let other = json.to_string();
    for changed in [later, other] {
        assert_ne!(changed, text);
        let id = LeadId::new("changed").unwrap();
        journal.stored.lock().expect("no panic").insert(id, changed.into_bytes());
        let Err(error) = driver.run(lead("changed")).await else { panic!("it is refused") };
        assert!(matches!(error, RunError::Resume(_)), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_does_for_a_whole_batch() {
    let path = std::env::temp_dir().join(format!("genesy-resume-{}", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let mut asked = 0;
    for is_first in [true, false] {
        let journal = FileJournal::open(&path).unwrap();
        assert_eq!(journal.leads() > 0, !is_first);
        let (a, seen) = Scripted::new("a", |_, _| (ms(100), hit()));
        let a = a.describe(|of| of.rate_limit.concurrency_max = Some(7));
        let driver = Driver::builder(plan(&["a"])).provider(a).journal(journal);
        let driver = driver.concurrency_max(10).build().unwrap();
        let leads = stream::iter(0..100).map(|row| lead(&row.to_string()));
        let results: Vec<_> = if is_first {
            let results = driver.run_all(leads).take(55).collect().await;
            driver.shutdown(Duration::from_secs(1)).await;
            results
        } else {
            driver.run_all(leads).collect().await
        };
        asked += seen.calls();
        assert_eq!(results.len(), if is_first { 55 } else { 100 });
        assert!(results.iter().all(|(_, of)| of.is_ok()));
    }
    std::fs::remove_file(&path).unwrap();
    assert!((100..=110).contains(&asked), "at most those under way are asked again: {asked}");
}
