//! What a workflow keeps of its run.

use std::sync::Arc;
use std::time::Duration;

use genesy_core::time::Timestamp;
use genesy_core::verification::{Input, Policy, Snapshot, Stage, Verification};

use super::activity::{Beat, Checked, From, Question};
use super::messages::{EmailInput, EmailOutcome, EmailProgress, EmailResult, EmailStanding};
use crate::report::Reported;

/// How much larger a revision is than the one before: what a worker changes in between has room there.
const REVISION_STEP: u64 = 1 << 20;

/// The workflow's own change that a revision is of, or comes after.
pub(crate) const fn standing_after(revision: u64) -> u64 {
    revision / REVISION_STEP
}

/// A run, and what people want to know of it.
pub(crate) struct State {
    pub(crate) input: EmailInput,
    policy: Arc<Policy>,
    /// How far it was when that was heard last; nothing before a worker has begun it.
    known: Option<Verification>,
    /// Its workers were lost, and nobody is asked to go on.
    is_lost: bool,
    standing: EmailStanding,
    outcome: Option<EmailOutcome>,
    started: Timestamp,
    ended: Timestamp,
    revision: u64,
}

/// What a workflow does next.
pub(crate) enum Next {
    /// Has a worker go on.
    Check(Question),
    /// Comes back then.
    Sleep(Duration),
    /// Ends.
    Done,
}

/// What came of a check.
pub(crate) enum Came {
    /// A worker did it.
    Checked(Checked),
    /// Time ran out before one did.
    Lost {
        last: Option<Box<Beat>>,
        /// A worker had it.
        was_taken: bool,
    },
    /// It was cancelled.
    Cancelled(Option<Box<Beat>>),
}

impl State {
    pub(crate) fn new(input: EmailInput, now: Timestamp) -> Self {
        let mut state = Self {
            policy: Arc::new(input.policy.clone()),
            input,
            known: None,
            is_lost: false,
            standing: EmailStanding::Checking { since: now },
            outcome: None,
            started: now,
            ended: now,
            revision: REVISION_STEP,
        };
        // What is no address needs no worker.
        if let Some(report) = state.anew().report() {
            state.end(now, EmailOutcome::Concluded(Box::new(report)));
        }
        state
    }

    /// The verification as it would be if the workflow had begun it.
    fn anew(&self) -> Verification {
        let address = self.input.address.reveal();
        let seed = self.input.lead.seed();
        Verification::new(address, Arc::clone(&self.policy), seed, self.started)
    }

    pub(crate) fn next(&mut self, now: Timestamp) -> Next {
        if self.outcome.is_some() {
            return Next::Done;
        }
        let Some(known) = &mut self.known else { return self.check(now) };
        let is_asleep = |known: &Verification| known.progress().stage == Some(Stage::Greylist);
        if is_asleep(known) && deadline(known) > now {
            let until = deadline(known);
            self.is_lost = false;
            return self.sleep(now, EmailStanding::Sleeping { until }, until);
        }
        if !self.is_lost {
            return self.check(now);
        }
        // Its time goes by. At the end of all of it, the machine says at which stage that was.
        let until = known.progress().total_deadline.max(deadline(known));
        if until > now {
            return self.sleep(now, EmailStanding::Lost { until }, until);
        }
        known.handle(now, Input::Time);
        match known.report() {
            Some(report) => {
                self.end(now, EmailOutcome::WorkersLost(Box::new(report)));
                Next::Done
            }
            // It sleeps from now on, or slept until now: what follows has its time.
            None => self.next(now),
        }
    }

    fn check(&mut self, now: Timestamp) -> Next {
        let from = match &self.known {
            Some(known) => From::Snapshot(Box::new(known.snapshot().clone())),
            None => {
                From::Address { address: self.input.address.clone(), seed: self.input.lead.seed() }
            }
        };
        self.stand(EmailStanding::Checking { since: now });
        Next::Check(Question { policy: self.input.policy.clone(), from })
    }

    fn sleep(&mut self, now: Timestamp, standing: EmailStanding, until: Timestamp) -> Next {
        self.stand(standing);
        Next::Sleep(Duration::from_micros(until.micros_since(now)))
    }

    pub(crate) fn follow(&mut self, now: Timestamp, came: Came) {
        match came {
            Came::Checked(Checked::Done(report)) => {
                self.end(now, EmailOutcome::Concluded(report));
            }
            Came::Checked(Checked::Sleeping(snapshot)) => self.learn(Some(*snapshot)),
            Came::Lost { last, was_taken } => {
                self.learn(last.map(|last| last.snapshot));
                if self.known.is_none() && was_taken {
                    self.known = Some(self.anew());
                }
                match self.known {
                    Some(_) => self.is_lost = true,
                    None => self.end(now, EmailOutcome::NoWorker),
                }
            }
            Came::Cancelled(last) => {
                self.learn(last.map(|last| last.snapshot));
                self.cancel(now);
            }
        }
    }

    /// Takes a later state than the one that is known. One that cannot be read, as it is of a later version,
    /// is as good as none.
    fn learn(&mut self, snapshot: Option<Snapshot>) {
        let later = snapshot.and_then(|it| Verification::resume(Arc::clone(&self.policy), it).ok());
        if let Some(later) = later {
            self.known = Some(later);
        }
    }

    pub(crate) fn cancel(&mut self, now: Timestamp) {
        if self.outcome.is_some() {
            return;
        }
        let mut verification = self.known.take().unwrap_or_else(|| self.anew());
        verification.handle(now, Input::Cancel);
        if let Some(report) = verification.report() {
            self.end(now, EmailOutcome::Concluded(Box::new(report)));
        }
    }

    fn end(&mut self, now: Timestamp, outcome: EmailOutcome) {
        self.outcome = Some(outcome);
        self.ended = now;
        self.stand(EmailStanding::Ended);
    }

    fn stand(&mut self, standing: EmailStanding) {
        self.standing = standing;
        self.revision += REVISION_STEP;
    }

    pub(crate) const fn revision(&self) -> u64 {
        self.revision
    }

    pub(crate) const fn is_done(&self) -> bool {
        self.outcome.is_some()
    }

    pub(crate) fn outcome_name(&self) -> Option<&'static str> {
        self.outcome.as_ref().map(EmailOutcome::name)
    }

    /// What is reported of its progress.
    pub(crate) fn reported(&self) -> Option<(u64, Reported)> {
        let is_wanted = self.input.reports.has_progress();
        is_wanted.then(|| (self.revision, Reported::EmailProgress(self.progress())))
    }

    pub(crate) fn progress(&self) -> EmailProgress {
        EmailProgress {
            revision: self.revision,
            lead: self.input.lead.clone(),
            outcome: self.outcome_name().map(str::to_owned),
            standing: self.standing,
            check: None,
        }
    }

    pub(crate) fn result(&self) -> Option<EmailResult> {
        Some(EmailResult {
            lead: self.input.lead.clone(),
            outcome: self.outcome.clone()?,
            started: self.started,
            ended: self.ended,
        })
    }
}

/// When something happens by itself.
fn deadline(verification: &Verification) -> Timestamp {
    verification.poll_timeout().unwrap_or_else(|| verification.now())
}

#[cfg(test)]
mod tests {
    use genesy_core::pii::Pii;
    use genesy_core::verification::{Identity, Unknown};
    use genesy_providers::driver::LeadId;

    use super::*;
    use crate::queues::Queues;
    use crate::report::Reports;

    const START: Timestamp = Timestamp::from_micros(1_764_288_000_000_000);

    fn state(address: &str) -> State {
        let identity = Identity::new("verifier.engines.example", "").expect("an identity");
        let input = EmailInput {
            lead: LeadId::new("17").expect("an id"),
            address: Pii::new(address.to_owned()),
            policy: Policy::new(identity),
            worker_ms_max: 60_000,
            queues: Queues::default(),
            reports: Reports::Nothing,
            is_searchable: false,
        };
        State::new(input, START)
    }

    fn beat(state: &State) -> Option<Box<Beat>> {
        let verification = state.anew();
        let progress = verification.progress().into_owned();
        let seen = super::super::Seen { progress, changes: 1 };
        Some(Box::new(Beat { snapshot: verification.into_snapshot(), seen }))
    }

    #[test]
    fn what_is_no_address_ends_without_a_worker() {
        let mut state = state("no address");
        assert!(matches!(state.next(START), Next::Done));
        assert_eq!(state.outcome_name(), Some("undeliverable"));
        state.cancel(START);
        assert_eq!(state.outcome_name(), Some("undeliverable"));
    }

    #[test]
    fn without_a_worker_it_says_so() {
        let mut state = state("ada@engines.example");
        assert!(matches!(state.next(START), Next::Check(_)));
        let later = START.plus_ms(60_000);
        state.follow(later, Came::Lost { last: None, was_taken: false });
        assert!(matches!(state.next(later), Next::Done));
        assert_eq!(state.outcome_name(), Some("no_worker"));
    }

    #[test]
    fn when_workers_are_lost_its_time_goes_by_and_the_machine_says_where() {
        for (lost_ms, last_is_known) in [(10_000, true), (95_000, true), (95_000, false)] {
            let mut state = state("ada@engines.example");
            assert!(matches!(state.next(START), Next::Check(_)));
            let mut now = START.plus_ms(lost_ms);
            let last = if last_is_known { beat(&state) } else { None };
            state.follow(now, Came::Lost { last, was_taken: true });
            if lost_ms < 30_000 {
                let Next::Sleep(time) = state.next(now) else { panic!("it sleeps") };
                assert_eq!(time, Duration::from_millis(30_000 - lost_ms));
                now = START.plus_ms(30_000);
            }
            assert!(matches!(state.next(now), Next::Done));
            let Some(EmailOutcome::WorkersLost(report)) = state.outcome else { panic!("lost") };
            let (stage, reason) = (Stage::Dns, Unknown::DeadlineExceeded);
            let expected = genesy_core::verification::Conclusion::Unknown { stage, reason };
            assert_eq!(report.conclusion, expected);
        }
    }

    #[test]
    fn each_change_has_a_larger_revision_with_room_for_those_of_a_worker() {
        let mut state = state("ada@engines.example");
        let mut last = state.revision();
        state.next(START);
        for came in [Came::Lost { last: None, was_taken: true }, Came::Cancelled(None)] {
            assert!(state.revision() >= last + REVISION_STEP);
            last = state.revision();
            state.follow(START, came);
            state.next(START);
        }
        assert!(state.revision() > last);
    }
}
