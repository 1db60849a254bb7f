//! What a workflow keeps of its batch.

use std::time::Duration;

use genesy_core::time::Timestamp;

use super::NAMED_MAX;
use super::counts::{BatchCounts, Unfinished, UnfinishedReason, add};
use super::messages::{
    BatchEnd, BatchInput, BatchProgress, BatchResult, BatchState, BatchUnfinished,
};
use super::slice::{Mode, SliceInput, SliceState};
use crate::report::{Report, Reported};

/// A batch, and how far it is.
pub(crate) struct State {
    pub(super) input: BatchInput,
    is_done: bool,
    /// The run ends, and another one goes on: nobody waits for this one any more.
    pub(super) is_continued: bool,
}

/// What a workflow does next.
pub(super) enum Next {
    /// Runs a slice.
    Slice(Box<SliceInput>),
    /// Waits until it is resumed or cancelled.
    Wait,
    /// Ends.
    Done,
}

impl State {
    pub(super) fn new(mut input: BatchInput, run_id: &str, now: Timestamp) -> Self {
        let so_far = &mut input.so_far;
        if so_far.began.is_none() {
            so_far.began = Some(now);
            run_id.clone_into(&mut so_far.first_run_id);
        }
        Self { input, is_done: false, is_continued: false }
    }

    pub(super) fn mode(&self) -> Mode {
        let so_far = &self.input.so_far;
        let is_to_rejoin = so_far.lost_until.is_some()
            && !so_far.place.is_rejoined
            && so_far.source_failure.is_none();
        if so_far.is_cancelled && is_to_rejoin {
            Mode::Rejoin
        } else if so_far.is_cancelled && self.input.cancels_runs {
            Mode::Cancel
        } else if so_far.is_cancelled || so_far.is_paused || so_far.source_failure.is_some() {
            Mode::Drain
        } else {
            Mode::Run
        }
    }

    pub(super) fn next(&self, workflow_id: &str) -> Next {
        let so_far = &self.input.so_far;
        let mode = self.mode();
        let is_idle = so_far.under_way.is_empty() && so_far.unreported.is_empty();
        let has_leads = !so_far.place.is_at_end;
        if so_far.broken.is_some() {
            Next::Done
        } else if !is_idle || (mode.reads() && has_leads) {
            Next::Slice(Box::new(self.slice(workflow_id, mode)))
        } else if so_far.is_cancelled || so_far.source_failure.is_some() || !has_leads {
            Next::Done
        } else {
            Next::Wait
        }
    }

    fn slice(&self, workflow_id: &str, mode: Mode) -> SliceInput {
        let BatchInput { batch, source, plan, limits, so_far, .. } = &self.input;
        SliceInput {
            batch: batch.clone(),
            source: source.clone(),
            plan: plan.clone(),
            limits: *limits,
            is_refresh: self.input.is_refresh,
            cancels_runs: so_far.is_cancelled && self.input.cancels_runs,
            reports: self.input.reports,
            is_searchable: self.input.is_searchable,
            began: so_far.began.unwrap_or_default(),
            slice: so_far.slices,
            mode,
            place: so_far.place.clone(),
            under_way: so_far.under_way.clone(),
            report: self.unreported(workflow_id),
            failed_reads: so_far.failed_reads,
        }
    }

    /// What the store is still to be told.
    pub(super) fn unreported(&self, workflow_id: &str) -> Option<Report> {
        let BatchInput { batch, so_far, .. } = &self.input;
        let page = so_far.reported_pages;
        (!so_far.unreported.is_empty()).then(|| Report {
            key: format!("{workflow_id}/{}/{page}", so_far.first_run_id),
            what: Reported::BatchUnfinished(BatchUnfinished {
                batch: batch.clone(),
                page,
                leads: so_far.unreported.clone(),
            }),
        })
    }

    /// Adds what a slice gave back.
    pub(super) fn add(&mut self, made: SliceState) {
        let so_far = &mut self.input.so_far;
        so_far.slices += 1;
        if made.is_reported && !so_far.unreported.is_empty() {
            so_far.reported_pages += 1;
            so_far.unreported.clear();
        }
        so_far.counts = so_far.counts.plus(&made.counts);
        so_far.spent = add(so_far.spent, made.spent);
        so_far.place = made.place;
        so_far.under_way = made.under_way;
        let taken = so_far.taken();
        so_far.lost_until.take_if(|until| *until <= taken);
        so_far.failed_reads = made.failed_reads;
        so_far.rest_ms = made.rest_ms;
        so_far.source_failure = made.source_failure.or(so_far.source_failure.take());
        self.name(made.unfinished);
    }

    /// A slice that lasted so long was lost with all that it knew. What it did is found again: see the
    /// module's head.
    pub(super) fn lost(&mut self, mode: Mode, time: Duration) {
        let starts_per_second = u64::from(self.input.limits.starts_per_second);
        let so_far = &mut self.input.so_far;
        so_far.slices += 1;
        // One that lasted for no start had not begun.
        let starts = time.as_secs().saturating_add(1).saturating_mul(starts_per_second);
        if mode.reads() && !so_far.place.is_at_end && !time.is_zero() {
            let until = so_far.taken().saturating_add(starts);
            so_far.lost_until = so_far.lost_until.max(Some(until));
        }
    }

    /// No slice can be run any more.
    pub(super) fn broken(&mut self, why: String) {
        let so_far = &mut self.input.so_far;
        so_far.broken = Some(why);
        let lost = |lead| Unfinished { lead, reason: UnfinishedReason::Lost };
        let lost: Vec<_> = std::mem::take(&mut so_far.under_way).into_iter().map(lost).collect();
        so_far.counts.failed += lost.len() as u64;
        self.name(lost);
    }

    /// Names some that did not end well, here and to the store.
    fn name(&mut self, unfinished: Vec<Unfinished>) {
        let so_far = &mut self.input.so_far;
        if self.input.reports.has_results() {
            so_far.unreported.extend(unfinished.iter().cloned());
        }
        let room = NAMED_MAX.saturating_sub(so_far.named.len());
        so_far.named.extend(unfinished.into_iter().take(room));
    }

    /// How long the source is to be left alone, once.
    pub(super) fn take_rest(&mut self) -> Option<Duration> {
        let rest_ms = std::mem::take(&mut self.input.so_far.rest_ms);
        (rest_ms > 0).then(|| Duration::from_millis(rest_ms))
    }

    pub(super) const fn pause(&mut self, is_paused: bool) {
        let so_far = &mut self.input.so_far;
        if so_far.is_paused != is_paused {
            so_far.is_paused = is_paused;
            so_far.wishes += 1;
        }
    }

    pub(super) const fn cancel(&mut self) {
        let so_far = &mut self.input.so_far;
        if !so_far.is_cancelled {
            so_far.is_cancelled = true;
            so_far.wishes += 1;
        }
    }

    pub(super) const fn is_cancelled(&self) -> bool {
        self.input.so_far.is_cancelled
    }

    pub(super) const fn is_done(&self) -> bool {
        self.is_done
    }

    /// What is reported of its progress.
    pub(super) fn reported(&self) -> Option<(u64, Reported)> {
        self.input.reports.has_progress().then(|| {
            let progress = self.progress();
            (progress.revision, Reported::BatchProgress(progress))
        })
    }

    pub(super) fn progress(&self) -> BatchProgress {
        let so_far = &self.input.so_far;
        let ended = so_far.counts.ended();
        let under_way = so_far.under_way.len() as u64;
        let started = so_far.taken();
        let state = match (self.is_done, so_far.is_cancelled, so_far.is_paused) {
            (true, _, _) => BatchState::Done,
            (_, true, _) => BatchState::Cancelling,
            (_, _, true) => BatchState::Paused,
            _ => BatchState::Running,
        };
        let revision = 1 + so_far.slices + so_far.wishes + started + ended;
        BatchProgress {
            revision: revision + u64::from(self.is_done),
            batch: self.input.batch.clone(),
            state,
            started,
            ended,
            under_way,
            counts: so_far.counts,
            spent: so_far.spent,
            began: so_far.began.unwrap_or_default(),
            slices: so_far.slices,
        }
    }

    /// Ends it.
    pub(super) fn finish(&mut self, now: Timestamp) -> BatchResult {
        self.is_done = true;
        let so_far = &self.input.so_far;
        let end = match (&so_far.broken, &so_far.source_failure) {
            (Some(why), _) => BatchEnd::Broken { why: why.clone() },
            (_, Some(failure)) => BatchEnd::SourceFailed(failure.clone()),
            _ if so_far.place.is_at_end => BatchEnd::Done,
            _ => BatchEnd::Cancelled,
        };
        let named = so_far.named.len() as u64;
        BatchResult {
            batch: self.input.batch.clone(),
            end,
            counts: so_far.counts,
            spent: so_far.spent,
            unfinished: so_far.named.clone(),
            not_named: so_far.counts.unfinished().saturating_sub(named),
            began: so_far.began.unwrap_or_default(),
            ended: now,
        }
    }
}

impl BatchProgress {
    /// Adds what a slice that is under way has told.
    pub(crate) fn with(mut self, slice: &SliceState) -> Self {
        let before = self.started + self.ended;
        self.counts = self.counts.plus(&slice.counts);
        self.spent = add(self.spent, slice.spent);
        self.ended = BatchCounts::ended(&self.counts);
        self.under_way = slice.under_way.len() as u64;
        self.started = self.ended + self.under_way;
        self.revision += (self.started + self.ended).saturating_sub(before);
        self
    }
}

#[cfg(test)]
mod tests {
    use genesy_core::waterfall::{LeadField, LeadFields, PhoneRule, Plan, ProviderId};
    use genesy_providers::Description;
    use genesy_providers::driver::LeadId;

    use super::super::{BatchId, REJOIN_PAST_MAX};
    use super::*;
    use crate::client::BatchRequest;
    use crate::report::Reports;

    fn state() -> State {
        let id = ProviderId::new("a").expect("a name");
        let description = Description::new(id, LeadFields::of(&[LeadField::Email]), 1000);
        let plan = Plan::new(vec![description.step(PhoneRule::Valid)]).expect("a plan");
        let batch = BatchId::new("b").expect("an id");
        let request = BatchRequest::new(batch, "leads", plan).reporting(Reports::Results);
        State::new(request.input(false), "run", Timestamp::from_micros(1))
    }

    fn made(leads: std::ops::Range<u64>) -> SliceState {
        let mut made = SliceState::default();
        leads.for_each(|row| made.began(LeadId::of_row(row)));
        made
    }

    #[test]
    fn a_broken_batch_tells_the_store_of_all_that_were_under_way() {
        let mut state = state();
        let count = NAMED_MAX as u64 + 10;
        state.add(made(0..count));
        state.broken("the disk is full".to_owned());
        assert!(matches!(state.next("batch/b"), Next::Done));
        let Some(Report { what: Reported::BatchUnfinished(of), .. }) = state.unreported("batch/b")
        else {
            panic!("there is something to tell");
        };
        assert_eq!(of.leads.len() as u64, count);
        let result = state.finish(Timestamp::from_micros(2));
        assert_eq!((result.unfinished.len(), result.not_named), (NAMED_MAX, 10));
        assert_eq!(result.counts.failed, count);
    }

    #[test]
    fn what_a_lost_slice_started_is_looked_for_once_the_batch_is_cancelled() {
        let mut state = state();
        state.lost(Mode::Run, Duration::from_secs(60));
        assert_eq!(state.mode(), Mode::Run, "the next slice reads the same leads again");
        state.pause(true);
        assert_eq!(state.mode(), Mode::Drain, "it may be resumed");
        state.cancel();
        assert_eq!(state.mode(), Mode::Rejoin);
        assert!(matches!(state.next("batch/b"), Next::Slice(_)));
        let mut found = made(0..3);
        for _ in 0..REJOIN_PAST_MAX {
            assert!(!found.place.is_rejoined);
            found.not_begun();
        }
        state.add(found);
        assert_eq!(state.mode(), Mode::Drain);
        let Next::Slice(slice) = state.next("batch/b") else { panic!("three are under way") };
        assert_eq!(slice.under_way.len(), 3);
        state.add(SliceState { place: slice.place.clone(), ..SliceState::default() });
        assert!(matches!(state.next("batch/b"), Next::Done));
        assert_eq!(state.finish(Timestamp::from_micros(2)).end, BatchEnd::Cancelled);
    }

    #[test]
    fn what_was_lost_is_not_looked_for_once_it_is_passed() {
        let mut state = state();
        // It had not begun.
        state.lost(Mode::Run, Duration::ZERO);
        // It may have started 100 leads.
        state.lost(Mode::Run, Duration::from_secs(1));
        assert_eq!(state.input.so_far.lost_until, Some(100));
        state.add(made(0..99));
        assert_eq!(state.input.so_far.lost_until, Some(100));
        state.add(made(0..100));
        state.cancel();
        assert_eq!(state.mode(), Mode::Drain);
    }
}
