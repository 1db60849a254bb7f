//! What a workflow keeps of its run.

use std::sync::Arc;
use std::time::Duration;

use genesy_core::time::Timestamp;
use genesy_core::waterfall::{
    Action, AttemptMade, Delegation, FoundPhone, Input, PhoneLookup, Waterfall,
};

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
        Self { input, run, asking: None, events: Vec::new(), revision: 1, shown }
    }

    pub(crate) fn next(&mut self, now: Timestamp) -> Next {
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
        self.changed(now);
    }

    pub(crate) fn cancel(&mut self, now: Timestamp) {
        if self.asking.take().is_some() {
            // The attempt that was under way is cancelled with it, and may be paid for.
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

    /// Who is asked.
    pub(crate) fn provider(&self) -> Option<&str> {
        self.asking.as_ref().map(|asking| asking.provider.as_str())
    }

    pub(crate) fn outcome_name(&self) -> Option<&'static str> {
        self.run.outcome().map(|outcome| outcome.name())
    }

    /// What is to be shown to those who list workflows, unless they see it already.
    pub(crate) fn newly_shown(&mut self) -> Option<Shown> {
        let provider = self.provider().map(str::to_owned);
        let shown = Shown { outcome: self.outcome_name().map(str::to_owned), provider };
        (shown != self.shown).then(|| {
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
