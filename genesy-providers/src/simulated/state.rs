//! What a running simulation remembers of each provider.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::fault::Fault;
use super::options::Options;
use super::who::SimulatedProvider;
use crate::provider::RateLimit;

/// All of it, shared by the connections.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) options: Options,
    providers: [State; 3],
}

impl Shared {
    pub(super) fn new(mut options: Options) -> Self {
        let scale = options.time_scale;
        options.time_scale = if scale.is_nan() { 0.0 } else { scale.clamp(0.0, 1000.0) };
        let state = |who| State { limit: options.rate_limits.of(who), ..State::default() };
        Self { providers: SimulatedProvider::ALL.map(state), options }
    }

    pub(super) const fn of(&self, who: SimulatedProvider) -> &State {
        &self.providers[who as usize]
    }
}

/// What is remembered of one provider.
#[derive(Debug, Default)]
pub(super) struct State {
    requests: AtomicU64,
    running: AtomicU64,
    running_max: AtomicU64,
    limit: RateLimit,
    /// Those that began within the limit's window, oldest first.
    window: Mutex<VecDeque<Instant>>,
    arrivals: Mutex<Vec<Instant>>,
    /// There is a fault, so that without one no lock is taken.
    is_faulty: AtomicBool,
    fault: Mutex<Option<Fault>>,
    /// How often each question was asked.
    asked: Mutex<HashMap<u64, u32>>,
}

/// A request under way.
#[derive(Debug)]
pub(super) struct Running<'a> {
    state: &'a State,
    /// How many are under way with it.
    count: u64,
}

/// It is asked too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooOften {
    /// How long it is until there is room, if that is known.
    pub(super) wait: Option<Duration>,
}

impl State {
    /// Counts a request, which is under way as long as the guard is there.
    pub(super) fn begin(&self, keep_arrival: bool) -> Running<'_> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let count = self.running.fetch_add(1, Ordering::Relaxed) + 1;
        self.running_max.fetch_max(count, Ordering::Relaxed);
        if keep_arrival {
            // The clock is read under the lock, so that the list is in order.
            let mut arrivals = lock(&self.arrivals);
            arrivals.push(Instant::now());
        }
        Running { state: self, count }
    }

    /// Says how often `question` was asked, this time counted.
    pub(super) fn count(&self, question: u64) -> u32 {
        let mut asked = lock(&self.asked);
        let times = asked.entry(question).or_default();
        *times = times.saturating_add(1);
        *times
    }

    pub(super) fn set_fault(&self, fault: Option<Fault>) {
        let mut current = lock(&self.fault);
        self.is_faulty.store(fault.is_some(), Ordering::Release);
        *current = fault;
    }

    pub(super) fn fault(&self) -> Option<Fault> {
        self.is_faulty.load(Ordering::Acquire).then(|| lock(&self.fault).clone()).flatten()
    }

    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    pub(super) fn running_max(&self) -> u64 {
        self.running_max.load(Ordering::Relaxed)
    }

    pub(super) fn begun(&self) -> Vec<Instant> {
        lock(&self.arrivals).clone()
    }
}

impl Running<'_> {
    /// Whether the request is within the limits. One that is not takes no room in the window.
    pub(super) fn check_limit(&self) -> Result<(), TooOften> {
        let limit = self.state.limit;
        if limit.concurrency_max.is_some_and(|most| self.count > most.into()) {
            return Err(TooOften { wait: None });
        }
        let Some(calls_max) = limit.calls_max else { return Ok(()) };
        let mut window = lock(&self.state.window);
        let now = Instant::now();
        let age = |begun: &Instant| now.saturating_duration_since(*begun);
        while window.front().is_some_and(|oldest| age(oldest) >= limit.window()) {
            window.pop_front();
        }
        if window.len() < calls_max as usize {
            window.push_back(now);
            return Ok(());
        }
        Err(TooOften { wait: window.front().map(|oldest| limit.window() - age(oldest)) })
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.state.running.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Nothing that is locked here is left half done by a panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
