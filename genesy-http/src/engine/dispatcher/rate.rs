//! How fast jobs are.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How far back is looked.
const WINDOW: Duration = Duration::from_secs(10);
/// Ends within this time are counted as one.
const BUCKET: Duration = Duration::from_millis(250);
/// Jobs that are remembered.
const JOBS_MAX: usize = 256;

/// When runs of each job ended, as of late.
#[derive(Debug, Default)]
pub(super) struct Rates(Mutex<HashMap<i64, Ends>>);

#[derive(Debug)]
struct Ends {
    since: Instant,
    buckets: VecDeque<(Instant, u32)>,
}

impl Rates {
    /// A run of a job ended.
    pub(super) fn add(&self, job: i64) {
        let now = Instant::now();
        let mut jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if jobs.len() >= JOBS_MAX && !jobs.contains_key(&job) {
            jobs.retain(|_, ends| ends.last().is_some_and(|last| now - last < WINDOW));
        }
        let ends = jobs.entry(job).or_insert_with(|| Ends { since: now, buckets: VecDeque::new() });
        match ends.buckets.back_mut() {
            Some((begun, ended)) if now - *begun < BUCKET => *ended += 1,
            _ => ends.buckets.push_back((now, 1)),
        }
        ends.forget(now);
    }

    /// Runs of a job that end a second; nothing if none ended of late.
    pub(super) fn of(&self, job: i64) -> Option<f64> {
        let now = Instant::now();
        let mut jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let ends = jobs.get_mut(&job)?;
        ends.forget(now);
        let ended: u32 = ends.buckets.iter().map(|(_, ended)| ended).sum();
        let time = (now - ends.since).clamp(Duration::from_secs(1), WINDOW);
        (ended > 0).then(|| f64::from(ended) / time.as_secs_f64())
    }
}

impl Ends {
    fn forget(&mut self, now: Instant) {
        while self.buckets.front().is_some_and(|(begun, _)| now - *begun > WINDOW) {
            self.buckets.pop_front();
        }
    }

    fn last(&self) -> Option<Instant> {
        self.buckets.back().map(|(begun, _)| *begun)
    }
}
