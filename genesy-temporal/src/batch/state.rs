//! What a workflow keeps of its batch.

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
        if so_far.is_cancelled && self.input.cancels_runs {
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
        } else if !is_idle || (mode == Mode::Run && has_leads) {
            Next::Slice(Box::new(self.slice(workflow_id, mode)))
        } else if so_far.is_cancelled || so_far.source_failure.is_some() || !has_leads {
            Next::Done
        } else {
            Next::Wait
        }
    }

    fn slice(&self, workflow_id: &str, mode: Mode) -> SliceInput {
        let BatchInput { batch, source, plan, limits, so_far, .. } = &self.input;
        let page = so_far.reported_pages;
        let report = (!so_far.unreported.is_empty()).then(|| Report {
            key: format!("{workflow_id}/{}/{page}", so_far.first_run_id),
            what: Reported::BatchUnfinished(BatchUnfinished {
                batch: batch.clone(),
                page,
                leads: so_far.unreported.clone(),
            }),
        });
        SliceInput {
            batch: batch.clone(),
            source: source.clone(),
            plan: plan.clone(),
            limits: *limits,
            is_refresh: self.input.is_refresh,
            reports: self.input.reports,
            is_searchable: self.input.is_searchable,
            began: so_far.began.unwrap_or_default(),
            slice: so_far.slices,
            mode,
            place: so_far.place.clone(),
            under_way: so_far.under_way.clone(),
            report,
        }
    }

    /// Adds what a slice gave back.
    pub(super) fn add(&mut self, made: SliceState) {
        let reports = self.input.reports.has_results();
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
        so_far.source_failure = made.source_failure.or(so_far.source_failure.take());
        if reports {
            so_far.unreported.extend(made.unfinished.iter().cloned());
        }
        let room = NAMED_MAX.saturating_sub(so_far.named.len());
        so_far.named.extend(made.unfinished.into_iter().take(room));
    }

    /// A slice was lost with all that it knew. What it did is found again: see the module's head.
    pub(super) const fn lost(&mut self) {
        self.input.so_far.slices += 1;
    }

    /// No slice can be run any more.
    pub(super) fn broken(&mut self, why: String) {
        let so_far = &mut self.input.so_far;
        so_far.broken = Some(why);
        for lead in std::mem::take(&mut so_far.under_way) {
            so_far.counts.failed += 1;
            if so_far.named.len() < NAMED_MAX {
                so_far.named.push(Unfinished { lead, reason: UnfinishedReason::Lost });
            }
        }
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
        let started = ended + under_way;
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
