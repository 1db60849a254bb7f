//! Who is told how far a verification is: stores it, and gives its place to others while it sleeps.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use genesy_core::pii::Pii;
use genesy_core::time::Timestamp;
use genesy_core::verification::{Conclusion, Progress, Unknown, Verdict};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Desk;
use super::view::{EmailEndView, EmailView};
use crate::engine::{EmailEnd, EmailStanding, NotKept, Watcher};
use crate::events::{EmailEvent, Event};
use crate::store::jobs::Kind;
use crate::store::journal::{End, Kept, LeadEnd, Step};
use crate::store::runs::Pick;
use crate::telemetry::Counter;

/// Stores how far a verification is.
#[derive(Debug)]
pub(super) struct EmailRecorder {
    desk: Arc<Desk>,
    lead: i64,
    job: i64,
    place: Mutex<Place>,
    places: Arc<Semaphore>,
}

/// Where a verification is.
#[derive(Debug)]
enum Place {
    /// Among those under way.
    UnderWay(#[expect(dead_code, reason = "it is held")] OwnedSemaphorePermit),
    /// Among those that sleep.
    Asleep(#[expect(dead_code, reason = "it is held")] OwnedSemaphorePermit),
}

impl EmailRecorder {
    pub(super) fn new(
        desk: Arc<Desk>,
        pick: Pick,
        place: OwnedSemaphorePermit,
        places: Arc<Semaphore>,
    ) -> Self {
        let place = Mutex::new(Place::UnderWay(place));
        Self { desk, lead: pick.lead, job: pick.job, place, places }
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the place away if it sleeps, and waits for one if it sleeps no more.
    async fn move_over(&self, is_asleep: bool) {
        if is_asleep {
            if let Ok(bed) = Arc::clone(&self.desk.lane(Kind::Email).beds).try_acquire_owned() {
                *self.place() = Place::Asleep(bed);
            }
        } else if matches!(&*self.place(), Place::Asleep(_)) {
            // It is never closed.
            if let Ok(place) = Arc::clone(&self.places).acquire_owned().await {
                *self.place() = Place::UnderWay(place);
            }
        }
    }

    fn step(&self, standing: EmailStanding) -> Result<Step, NotKept> {
        let (lead, job) = (self.lead, self.job);
        let what = match &standing.end {
            Some(end) => Some(ended(end)),
            None => standing.progress.as_ref().and_then(|progress| checking(progress, standing.at)),
        };
        let view = EmailView {
            end: standing.end.as_ref().map(|end| EmailEndView {
                verdict: end.report.conclusion.verdict().name().to_owned(),
                reason: end.report.conclusion.reason().to_owned(),
                words: meaning(&end.report.conclusion).to_owned(),
                again_at: match end.report.conclusion {
                    Conclusion::Unknown { reason: Unknown::Greylisted { retry_at }, .. } => {
                        Some(retry_at)
                    }
                    _ => None,
                },
                evidence: end.report.evidence.clone(),
            }),
            progress: standing.progress,
            asleep_until: standing.asleep_until,
        };
        let view = serde_json::to_string(&view).map_err(|_| NotKept::Store)?;
        let end = standing.end.map(|end| {
            let conclusion = end.report.conclusion;
            match end.is_cancelled {
                true => End { outcome: "cancelled", lead: LeadEnd::EmailCancelled },
                false => End {
                    outcome: conclusion.verdict().name(),
                    lead: LeadEnd::Email {
                        reason: conclusion.reason(),
                        words: meaning(&conclusion),
                    },
                },
            }
        });
        Ok(Step {
            kind: Kind::Email,
            lead,
            job,
            at: standing.at.into(),
            journal: standing.journal,
            result: Pii::new(view),
            attempts: Vec::new(),
            events: what.into_iter().map(|what| Event::Email { lead, job, what }).collect(),
            end,
        })
    }
}

#[async_trait]
impl Watcher<EmailStanding> for EmailRecorder {
    async fn tell(&self, standing: EmailStanding) -> Result<(), NotKept> {
        let (is_asleep, is_ended) = (standing.asleep_until.is_some(), standing.end.is_some());
        let (lead, job) = (self.lead, self.job);
        let step = self.step(standing)?;
        let outcome = step.end.as_ref().map_or("", |end| end.outcome);
        match self.desk.store.write(move |transaction| step.record(transaction)).await {
            Ok(Kept::Gone) => return Err(NotKept::Gone),
            Ok(Kept::Stored) if is_ended => {
                self.desk.rates.add(job);
                self.desk.metrics.count(Counter::Runs, &["email", outcome]);
            }
            Ok(Kept::Stored | Kept::Ended) => {}
            Err(error) => {
                tracing::error!(lead, job, %error, source = error.source_text(), "a step is not stored");
                return Err(NotKept::Store);
            }
        }
        if !is_ended {
            self.move_over(is_asleep).await;
        }
        Ok(())
    }
}

fn ended(end: &EmailEnd) -> EmailEvent {
    let conclusion = &end.report.conclusion;
    if end.is_cancelled {
        return EmailEvent::Cancelled;
    }
    let verdict: Verdict = conclusion.verdict();
    EmailEvent::Finished {
        verdict: verdict.name().to_owned(),
        reason: conclusion.reason().to_owned(),
        words: meaning(conclusion).to_owned(),
    }
}

/// What a verdict means and what to do about it, as a sentence.
const fn meaning(conclusion: &Conclusion) -> &'static str {
    match conclusion {
        Conclusion::Deliverable => "send: the mail server takes mail for this address",
        _ => conclusion.advice(),
    }
}

fn checking(progress: &Progress<'_>, now: Timestamp) -> Option<EmailEvent> {
    let stage = progress.stage?;
    let deadline = progress.deadline.unwrap_or(progress.total_deadline);
    Some(EmailEvent::Checking {
        stage: stage.name().to_owned(),
        words: words(progress, now, true),
        attempt: progress.attempt,
        attempts_max: progress.attempts_max,
        stage_remaining_ms: deadline.micros_since(now) / 1000,
        remaining_ms: progress.total_deadline.micros_since(now) / 1000,
    })
}

/// The stage in words, without its times, which are told apart.
pub(crate) fn words(progress: &Progress<'_>, now: Timestamp, is_redacted: bool) -> String {
    let line = progress.line(now, is_redacted).to_string();
    line.split_once(", ").map_or(line.as_str(), |(words, _)| words).to_owned()
}
