//! How often a provider is asked: one gate for all leads of a driver.
//!
//! A limit of calls is kept in two ways. Calls are spaced evenly within a second, and none begins before the one that is
//! `calls_max` before it is a whole window old: the first makes the load even, the second makes the limit
//! hold however late the timer wakes. Crates that pace by a token bucket (as `governor` does) lose each
//! late wake-up, or allow a burst beyond the limit of a sliding window.
//!
//! A provider that says 429 is left alone for as long as it asks, and is then asked more slowly: calls
//! are spaced half as far again as they came before, which wears off with each answer.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as FairMutex, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};

use crate::provider::RateLimit;

/// What is added to a window, in percent of it: calls that leave in time may arrive closer together.
const MARGIN_PERCENT: u32 = 1;
/// How far behind its schedule the pace may catch up.
const CATCH_UP: Duration = Duration::from_millis(50);
/// How long a provider is left alone that is asked too often and does not say for how long.
const PAUSE_DEFAULT: Duration = Duration::from_secs(1);
/// The longest that a provider is left alone at a time.
const PAUSE_MAX: Duration = Duration::from_secs(24 * 3600);
/// The calls that are remembered where no limit says how many.
const REMEMBERED_MAX: usize = 64;
/// The time before a 429 in which calls are counted, to know how fast they came.
const OBSERVED: Duration = Duration::from_secs(2);
/// The widest spacing that is learned of throttling.
const SPACING_MAX: Duration = Duration::from_secs(10);
/// The narrowest one: less is none.
const SPACING_MIN: Duration = Duration::from_millis(1);

/// The gate to one provider. Whoever came first goes first.
#[derive(Debug)]
pub(crate) struct Gate {
    slots: Option<Arc<Semaphore>>,
    /// Held by the one who goes next; where calls are limited, until the call begins.
    turn: Arc<FairMutex<()>>,
    /// Calls within a window are limited.
    is_limited: bool,
    /// Those who wait.
    waiting: AtomicUsize,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    pace: Pace,
    quiet_until: Option<Instant>,
    slowed_at: Option<Instant>,
    is_closed: bool,
}

/// Whether a call may be made.
#[derive(Debug)]
pub(crate) enum Admission {
    /// It may, while this is held.
    Granted(Permit),
    /// The provider wants to be left alone for longer than the caller waits.
    Paused(Duration),
    /// The provider is not asked any more.
    Closed,
}

/// A call that is under way.
#[derive(Debug)]
pub(crate) struct Permit {
    _slot: Option<OwnedSemaphorePermit>,
    turn: Option<OwnedMutexGuard<()>>,
}

impl Gate {
    pub(crate) fn new(limit: &RateLimit) -> Self {
        let slots = limit.concurrency_max.map(|slots| slots.max(1) as usize);
        let slots = slots.map(|slots| Arc::new(Semaphore::new(slots)));
        let pace = Pace::new(limit);
        let state = State { pace, quiet_until: None, slowed_at: None, is_closed: false };
        Self {
            slots,
            turn: Arc::default(),
            is_limited: limit.calls_max.is_some(),
            waiting: AtomicUsize::new(0),
            state: Mutex::new(state),
        }
    }

    /// Lets a call through if nobody has to be waited for.
    pub(crate) fn admit_now(&self, patience: Duration, now: Instant) -> Option<Admission> {
        if self.slots.is_some() || self.is_limited || self.waiting.load(Ordering::Relaxed) > 0 {
            return None;
        }
        match self.begin_or_wait(patience, now) {
            Turn::Ready => Some(Admission::Granted(Permit { _slot: None, turn: None })),
            Turn::Refused(why) => Some(why),
            Turn::Wait { .. } => None,
        }
    }

    /// Waits for its turn; no longer than `patience` if the provider wants to be left alone.
    pub(crate) async fn admit(&self, patience: Duration) -> Admission {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let _waiting = Waiting(&self.waiting);
        let slot = match &self.slots {
            // The semaphore is never closed.
            Some(slots) => Arc::clone(slots).acquire_owned().await.ok(),
            None => None,
        };
        let turn = Arc::clone(&self.turn).lock_owned().await;
        loop {
            match self.begin_or_wait(patience, Instant::now()) {
                Turn::Ready => {
                    let turn = self.is_limited.then_some(turn);
                    return Admission::Granted(Permit { _slot: slot, turn });
                }
                Turn::Refused(why) => return why,
                Turn::Wait { until } => sleep_until(until).await,
            }
        }
    }

    /// The call begins now. Nobody else's does between its admission and this where calls are limited,
    /// whatever is done in between.
    pub(crate) fn begin(&self, permit: &mut Permit) {
        if let Some(turn) = permit.turn.take() {
            self.lock().pace.begin(Instant::now());
            drop(turn);
        }
    }

    fn begin_or_wait(&self, patience: Duration, now: Instant) -> Turn {
        let mut state = self.lock();
        let turn = state.turn(patience, now);
        if matches!(turn, Turn::Ready) && !self.is_limited {
            state.pace.begin(now);
        }
        turn
    }

    /// The provider wants to be left alone.
    pub(crate) fn pause(&self, pause: Duration) {
        self.lock().pause(pause, Instant::now());
    }

    /// The provider said that it is asked too often.
    pub(crate) fn throttled(&self, retry_after: Option<Duration>) {
        let now = Instant::now();
        let mut state = self.lock();
        // Those who were under way together are told together: that is news once.
        if state.slowed_at.is_none_or(|at| now - at >= PAUSE_DEFAULT) {
            state.slowed_at = Some(now);
            state.pace.slow_down(now);
        }
        state.pause(retry_after.unwrap_or(PAUSE_DEFAULT), now);
    }

    /// The provider answered: what was learned of throttling wears off.
    pub(crate) fn answered(&self) {
        self.lock().pace.recover();
    }

    /// The provider is asked no more. Whether that is news.
    pub(crate) fn close(&self) -> bool {
        !std::mem::replace(&mut self.lock().is_closed, true)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One who waits.
struct Waiting<'g>(&'g AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What becomes of the one who goes next.
enum Turn {
    Ready,
    Wait { until: Instant },
    Refused(Admission),
}

impl State {
    fn turn(&self, patience: Duration, now: Instant) -> Turn {
        let pause = self.quiet_until.map_or(Duration::ZERO, |until| until - now);
        let due = self.pace.due(now).max(now + pause);
        if self.is_closed {
            Turn::Refused(Admission::Closed)
        } else if pause > patience {
            Turn::Refused(Admission::Paused(pause))
        } else if due > now {
            Turn::Wait { until: due }
        } else {
            Turn::Ready
        }
    }

    fn pause(&mut self, pause: Duration, now: Instant) {
        let until = now + pause.min(PAUSE_MAX);
        self.quiet_until = Some(self.quiet_until.map_or(until, |before| before.max(until)));
        self.pace.next = self.pace.next.map(|next| next.max(until));
    }
}

/// When calls begin.
#[derive(Debug)]
struct Pace {
    calls_max: Option<usize>,
    /// The window and its margin.
    window: Duration,
    /// What lies between two calls: by the limit, or more by what was learned of throttling.
    spacing: Duration,
    least_spacing: Duration,
    next: Option<Instant>,
    /// The last calls: as many as a window may have, or [`REMEMBERED_MAX`] without a limit.
    begun: VecDeque<Instant>,
}

impl Pace {
    fn new(limit: &RateLimit) -> Self {
        let window = limit.window() + limit.window() * MARGIN_PERCENT / 100;
        // Within a window that is longer than a second, calls may come as fast as those of a second.
        let even =
            window.min(Duration::from_secs(1) + Duration::from_secs(1) * MARGIN_PERCENT / 100);
        let spacing = limit.calls_max.map_or(Duration::ZERO, |calls| even / calls.max(1));
        Self {
            calls_max: limit.calls_max.map(|calls| calls.max(1) as usize),
            window,
            spacing,
            least_spacing: spacing,
            next: None,
            begun: VecDeque::new(),
        }
    }

    fn due(&self, now: Instant) -> Instant {
        let by_pace = self.next.unwrap_or(now);
        let by_limit = self.calls_max.filter(|calls| self.begun.len() >= *calls);
        let by_limit = by_limit.and_then(|_| self.begun.front()).map(|first| *first + self.window);
        by_limit.map_or(by_pace, |by_limit| by_pace.max(by_limit))
    }

    fn begin(&mut self, now: Instant) {
        while self.begun.len() >= self.calls_max.unwrap_or(REMEMBERED_MAX) {
            self.begun.pop_front();
        }
        self.begun.push_back(now);
        let earliest = now.checked_sub(CATCH_UP).unwrap_or(now);
        let next = self.next.unwrap_or(now).max(earliest) + self.spacing;
        self.next = (!self.spacing.is_zero()).then_some(next);
    }

    /// Half as far again as the last calls came.
    fn slow_down(&mut self, now: Instant) {
        let recent = self.begun.iter().rev().take_while(|at| now - **at <= OBSERVED);
        let (calls, first) = recent.fold((0, now), |(calls, _), at| (calls + 1, *at));
        let observed = (now - first) / calls.max(1);
        let spacing = self.spacing.max(observed).max(SPACING_MIN);
        self.spacing = (spacing + spacing / 2).min(SPACING_MAX).max(self.least_spacing);
        self.next = Some(now + self.spacing);
    }

    fn recover(&mut self) {
        let less = self.spacing - self.spacing / 64;
        let less = if less < SPACING_MIN { Duration::ZERO } else { less };
        self.spacing = less.max(self.least_spacing);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::time::{Instant, advance, sleep, timeout};

    use super::{Admission, Gate};
    use crate::provider::RateLimit;

    const PATIENCE: Duration = Duration::from_secs(3600);

    async fn begin(gate: &Gate) -> Instant {
        match gate.admit(PATIENCE).await {
            Admission::Granted(mut permit) => {
                gate.begin(&mut permit);
                Instant::now()
            }
            refused => panic!("{refused:?}"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn no_window_holds_more_calls_than_the_limit_and_nearly_as_many_are_made() {
        let gate = Gate::new(&RateLimit::per_second(50));
        let started = Instant::now();
        let mut begun = Vec::new();
        while started.elapsed() < Duration::from_secs(30) {
            begun.push(begin(&gate).await);
            if begun.len() % 97 == 0 {
                // Everybody stands still, as on a machine that does something else.
                advance(Duration::from_millis(70)).await;
            }
        }
        for window in begun.windows(51) {
            assert!(window[50] - window[0] > Duration::from_secs(1), "51 calls in a second");
        }
        assert!(begun.len() >= 1470, "{} of 1500", begun.len());
    }

    #[tokio::test(start_paused = true)]
    async fn who_came_first_goes_first() {
        let gate = Arc::new(Gate::new(&RateLimit {
            concurrency_max: Some(1),
            ..RateLimit::per_second(10)
        }));
        let order = Arc::new(std::sync::Mutex::new(Vec::new()));
        let tasks: Vec<_> = (0..30)
            .map(|place| {
                let (gate, order) = (Arc::clone(&gate), Arc::clone(&order));
                tokio::spawn(async move {
                    begin(&gate).await;
                    order.lock().unwrap().push(place);
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(*order.lock().unwrap(), (0..30).collect::<Vec<_>>());
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_are_under_way_than_may_be() {
        let gate = Gate::new(&RateLimit { concurrency_max: Some(2), ..RateLimit::default() });
        let (one, two) = (gate.admit(PATIENCE).await, gate.admit(PATIENCE).await);
        assert!(timeout(Duration::from_secs(60), gate.admit(PATIENCE)).await.is_err());
        drop(one);
        assert!(timeout(Duration::from_secs(60), gate.admit(PATIENCE)).await.is_ok());
        drop(two);
    }

    #[tokio::test(start_paused = true)]
    async fn who_says_429_is_left_alone_and_then_asked_more_slowly() {
        let gate = Gate::new(&RateLimit::default());
        for _ in 0..40 {
            begin(&gate).await;
            sleep(Duration::from_millis(10)).await;
        }
        gate.throttled(Some(Duration::from_secs(5)));
        let started = Instant::now();
        assert!(matches!(gate.admit(Duration::from_secs(1)).await, Admission::Paused(_)));
        assert!(begin(&gate).await - started >= Duration::from_secs(5));
        let again = Instant::now();
        for _ in 0..10 {
            begin(&gate).await;
        }
        assert!(again.elapsed() >= Duration::from_millis(140), "{:?}", again.elapsed());
        for _ in 0..400 {
            gate.answered();
        }
        begin(&gate).await;
        let fast = Instant::now();
        begin(&gate).await;
        assert!(fast.elapsed() <= Duration::from_millis(1), "it is forgotten");
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_is_told_that_a_provider_is_closed() {
        let gate = Arc::new(Gate::new(&RateLimit::default()));
        gate.pause(Duration::from_secs(5));
        let waiting = {
            let gate = Arc::clone(&gate);
            tokio::spawn(async move { matches!(gate.admit(PATIENCE).await, Admission::Closed) })
        };
        sleep(Duration::from_secs(1)).await;
        assert!(gate.close() && !gate.close(), "news once");
        assert!(waiting.await.unwrap());
    }
}
