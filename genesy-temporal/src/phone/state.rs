//! What a workflow keeps of its run.

use std::sync::Arc;
use std::time::Duration;

use genesy_core::time::Timestamp;
use genesy_core::waterfall::{
    Action, AttemptMade, Delegation, FoundPhone, Input, PhoneLookup, ProviderId, Waterfall,
};

use super::SHOWN_AFTER;
use super::messages::{Asking, PhoneInput, PhoneProgress, PhoneResult, TimedEvent};
use crate::report::Reported;
use crate::visibility::Shown;

/// A run, and what people want to know of it.
pub(crate) struct State {
    pub(crate) input: PhoneInput,
    run: Waterfall<PhoneLookup>,
    asking: Option<Asking>,
    events: Vec<TimedEvent>,
    revision: u64,
    /// Since when the run could have gone on, if a worker of workflows had been there.
    due: Timestamp,
    /// What those who list workflows see.
    shown: Shown,
}

/// What a workflow does next.
pub(crate) enum Next {
    /// Asks a provider.
    Ask(Delegation),
    /// Comes back then.
    Sleep(Duration),
    /// Ends.
    Done,
}

impl State {
    pub(crate) fn new(input: PhoneInput, now: Timestamp) -> Self {
        let plan = Arc::new(input.plan.clone());
        let run = Waterfall::new(plan, input.facts(), input.lead.seed(), now);
        let shown = Shown { outcome: None, provider: input.shown_provider.clone() };
        Self { input, run, asking: None, events: Vec::new(), revision: 1, due: now, shown }
    }

    pub(crate) fn next(&mut self, now: Timestamp) -> Next {
        self.run.handle(now, Input::Waited { us: now.micros_since(self.due) });
        self.due = now;
        let next = match self.run.delegate(now) {
            Some(delegation) => {
                self.asking = Some(Asking {
                    provider: delegation.provider.clone(),
                    call: delegation.call,
                    since: now,
                });
                Next::Ask(delegation)
            }
            None => match self.run.poll(now) {
                Action::Wait { until } | Action::Sleep { until } => {
                    self.due = until;
                    Next::Sleep(Duration::from_micros(until.micros_since(now)))
                }
                // A call that was not delegated is not made: it ends with its deadline.
                Action::Call(call) => {
                    Next::Sleep(Duration::from_micros(call.deadline.micros_since(now)))
                }
                Action::Done(_) => Next::Done,
            },
        };
        self.changed(now);
        next
    }

    pub(crate) fn follow(&mut self, now: Timestamp, made: Vec<AttemptMade<FoundPhone>>) {
        self.asking = None;
        self.run.follow(now, made);
        self.due = self.run.now();
        self.changed(now);
    }

    pub(crate) fn cancel(&mut self, now: Timestamp) {
        if self.asking.take().is_some() {
            // The attempt that was under way is cancelled with it, and may be paid for, however long it was
            // waited for.
            self.run.handle(now, Input::Waited { us: now.micros_since(self.due) });
            self.run.poll(now);
        }
        self.run.handle(now, Input::Cancel);
        self.changed(now);
    }

    /// Takes the events, and tells those who watch.
    fn changed(&mut self, now: Timestamp) {
        while let Some(event) = self.run.poll_event() {
            self.events.push(TimedEvent { at: now, event });
        }
        self.revision += 1;
    }

    pub(crate) const fn revision(&self) -> u64 {
        self.revision
    }

    /// Who is asked, or was asked last.
    fn provider(&self) -> Option<&ProviderId> {
        let asked = self.asking.as_ref().map(|asking| &asking.provider);
        asked.or_else(|| {
            let last = self.run.ledger().last()?;
            Some(&self.input.plan.steps().get(usize::from(last.step))?.provider)
        })
    }

    pub(crate) fn outcome_name(&self) -> Option<&'static str> {
        self.run.outcome().map(|outcome| outcome.name())
    }

    /// What is to be shown to those who list workflows, unless they see it already, or the run may end before
    /// anybody looks.
    pub(crate) fn newly_shown(&mut self, now: Timestamp) -> Option<Shown> {
        let provider = self.provider().map(|provider| provider.as_str().to_owned());
        let shown = Shown { outcome: self.outcome_name().map(str::to_owned), provider };
        let is_young = Duration::from_micros(now.micros_since(self.run.started())) < SHOWN_AFTER;
        let can_wait = is_young && !self.is_done() && self.shown.provider.is_some();
        (shown != self.shown && !can_wait).then(|| {
            self.shown = shown.clone();
            shown
        })
    }

    pub(crate) const fn is_done(&self) -> bool {
        self.run.outcome().is_some()
    }

    pub(crate) fn progress(&self) -> PhoneProgress {
        let progress = self.run.progress();
        PhoneProgress {
            revision: self.revision,
            lead: self.input.lead.clone(),
            outcome: self.outcome_name().map(str::to_owned),
            steps_done: progress.steps_done,
            steps: progress.steps,
            asking: self.asking.clone(),
            events: self.events.clone(),
            ledger: self.run.ledger().to_vec(),
        }
    }

    /// What is reported of its progress.
    pub(crate) fn reported(&self) -> Option<(u64, Reported)> {
        let is_wanted = self.input.reports.has_progress();
        is_wanted.then(|| (self.revision, Reported::PhoneProgress(self.progress())))
    }

    pub(crate) fn result(&self) -> Option<PhoneResult> {
        Some(PhoneResult {
            lead: self.input.lead.clone(),
            outcome: self.run.outcome()?.clone(),
            ledger: self.run.ledger().to_vec(),
            skips: self.run.skips().to_vec(),
            rejected: self.run.rejected().to_vec(),
            started: self.run.started(),
            ended: self.run.now(),
        })
    }
}

#[cfg(test)]
mod tests {
    use genesy_core::waterfall::{
        AttemptEnd, AttemptResult, EmailState, LeadField, LeadFields, LeadInputs, PhoneRule, Plan,
        Reply,
    };
    use genesy_providers::Description;
    use genesy_providers::driver::LeadId;

    use super::super::activity::Attempts;
    use super::*;
    use crate::queues::Queues;
    use crate::report::Reports;

    const BEGAN: Timestamp = Timestamp::from_micros(1_000_000_000);

    fn after(time: Duration) -> Timestamp {
        BEGAN.plus_us(u64::try_from(time.as_micros()).expect("a short time"))
    }

    fn state(is_searchable: bool) -> State {
        let step = |id| {
            let id = ProviderId::new(id).expect("a name");
            Description::new(id, LeadFields::of(&[LeadField::Email]), 60_000).step(PhoneRule::Valid)
        };
        let input = PhoneInput {
            lead: LeadId::new("1").expect("an id"),
            inputs: LeadInputs::default().with(LeadField::Email, "ada@engines.example"),
            email: EmailState::default(),
            plan: Plan::new(["a", "b", "c"].map(step).to_vec()).expect("a plan"),
            queues: Queues::default(),
            reports: Reports::default(),
            is_searchable,
            shown_provider: None,
        };
        State::new(input.showing_first(BEGAN), BEGAN)
    }

    /// What is shown when a step begins, which nobody answers until then.
    fn step(state: &mut State, at: Timestamp) -> Option<Shown> {
        if state.asking.is_some() {
            let end = AttemptEnd::Reply(Reply::Miss);
            state.follow(at, vec![AttemptMade { attempt: 1, at, took_us: 0, end }]);
        }
        state.next(at);
        state.newly_shown(at)
    }

    fn shown(outcome: Option<&str>, provider: &str) -> Option<Shown> {
        Some(Shown { outcome: outcome.map(str::to_owned), provider: Some(provider.to_owned()) })
    }

    #[test]
    fn a_run_that_ends_soon_shows_who_was_asked_first_and_last() {
        let mut state = state(true);
        assert_eq!(state.input.shown(), shown(None, "a"));
        for seconds in [0, 4, 9] {
            assert_eq!(step(&mut state, after(Duration::from_secs(seconds))), None);
        }
        let end = step(&mut state, after(Duration::from_millis(9500)));
        assert_eq!(end, shown(Some("no_data_found"), "c"));
    }

    #[test]
    fn a_run_that_lasts_shows_each_provider() {
        let mut state = state(true);
        assert_eq!(step(&mut state, BEGAN), None);
        assert_eq!(step(&mut state, after(SHOWN_AFTER)), shown(None, "b"));
        assert_eq!(step(&mut state, after(SHOWN_AFTER * 2)), shown(None, "c"));
    }

    #[test]
    fn waiting_for_a_worker_of_workflows_does_not_count() {
        let mut state = state(true);
        let day = Duration::from_secs(24 * 3600);
        for (days, provider) in [(1, "a"), (2, "b"), (3, "c")] {
            let answered = state.run.now().plus_us(1_000_000);
            if state.asking.is_some() {
                let end = AttemptEnd::Reply(Reply::Miss);
                let made = AttemptMade { attempt: 1, at: answered, took_us: 0, end };
                state.follow(answered, vec![made]);
            }
            let next = state.next(after(day * days));
            assert!(matches!(&next, Next::Ask(of) if of.provider.as_str() == provider), "{days}");
        }
    }

    #[test]
    fn a_run_that_is_cancelled_is_cancelled_however_long_its_step_has_waited() {
        let mut state = state(true);
        assert!(matches!(state.next(BEGAN), Next::Ask(_)));
        state.cancel(after(Duration::from_secs(3600)));
        let result = state.result().expect("it has ended");
        assert_eq!((result.outcome.name(), result.ledger.len()), ("cancelled", 1));
        assert_eq!(result.ledger[0].result, AttemptResult::Cancelled);
        assert_eq!(result.skips, []);
    }

    #[test]
    fn a_step_whose_next_attempt_nobody_takes_is_over() {
        let mut state = state(true);
        let Next::Ask(delegation) = state.next(BEGAN) else { panic!("a step") };
        let end = AttemptEnd::Reply(Reply::TimedOut);
        let made = vec![AttemptMade { attempt: 1, at: BEGAN, took_us: 60_000_000, end }];
        let mut attempts = Attempts { made, since: None };
        let late = after(Duration::from_secs(700));
        attempts.not_taken(&delegation, late);
        assert_eq!(attempts.made.len(), 2);
        state.follow(late, attempts.made);
        assert!(matches!(state.next(late), Next::Ask(of) if of.provider.as_str() == "b"));
        // Where no other attempt was to be made, none is added.
        let end = AttemptEnd::Reply(Reply::Miss);
        let made = vec![AttemptMade { attempt: 1, at: BEGAN, took_us: 0, end }];
        let mut attempts = Attempts { made, since: None };
        attempts.not_taken(&delegation, late);
        assert_eq!(attempts.made.len(), 1);
    }

    #[test]
    fn who_is_asked_first_is_shown_by_the_run_where_its_beginning_could_not() {
        let mut state = state(false);
        assert_eq!(state.input.shown(), None);
        assert_eq!(step(&mut state, BEGAN), shown(None, "a"));
        assert_eq!(step(&mut state, after(Duration::from_secs(1))), None);
    }
}
