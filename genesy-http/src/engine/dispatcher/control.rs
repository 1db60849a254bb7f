//! What others want of jobs and runs.

use std::sync::Arc;

use rusqlite::Transaction;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use super::{ANSWERED_AFTER, ANSWERED_AFTER_MAX, Dispatcher, STORE_PAUSE};
use crate::clock::Time;
use crate::store::StoreError;
use crate::store::fill::{self, Chunk, Filled, LEADS_AT_ONCE_MAX, Source};
use crate::store::jobs::{self, JobOptions, JobRow, JobState, Kind};
use crate::store::leads;
use crate::store::runs::{self, Cancelled, CancelledSome};
use crate::store::suppressions::Suppressions;
use crate::telemetry::Counter;

/// What came of a start.
#[derive(Debug)]
pub(crate) enum Started {
    /// A job, begun now or, if all leads were under way for it, before.
    Job(Box<JobRow>),
    /// There is nothing to do, for these reasons.
    Nothing(Box<JobRow>),
}

/// Why a job is not turned to another state.
#[derive(Debug)]
pub(crate) enum Unstarted {
    /// It is not there.
    Missing,
    /// It is in this state.
    State(JobState),
    /// The store does not work.
    Store(StoreError),
}

fn unwritable(error: serde_json::Error) -> StoreError {
    StoreError::of(rusqlite::Error::ToSqlConversionFailure(error.into()))
}

impl From<StoreError> for Unstarted {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Dispatcher {
    /// Begins a job. Its leads are collected some at a time; if that takes long, it goes on behind this.
    pub(crate) async fn start_job(
        &self,
        kind: Kind,
        source: Source,
        options: JobOptions,
    ) -> Result<Started, StoreError> {
        let stored = serde_json::to_string(&source).map_err(unwritable)?;
        let decided = serde_json::to_string(&options).map_err(unwritable)?;
        let job = self.desk.store.write(move |transaction| {
            jobs::create(transaction, kind, &stored, &decided, Time::now())
        });
        let job = job.await?;
        let mut filling = self.spawn_filling(job, source);
        let late = Instant::now() + ANSWERED_AFTER_MAX;
        let joined = loop {
            match timeout(ANSWERED_AFTER, &mut filling).await {
                Ok(Ok(joined)) => break joined?,
                Ok(Err(_)) => return Err(StoreError::Closed),
                Err(_) => {
                    let found = self.job(job).await?;
                    if found.is_some_and(|found| found.leads > 0) {
                        break None;
                    }
                    if Instant::now() >= late {
                        return self.still_filling(job, filling).await;
                    }
                }
            }
        };
        let row = self.job(job).await?.ok_or(StoreError::Closed)?;
        // If the server stops before it is filled, the next start goes on with it.
        if row.leads > 0 || row.filled_to.is_some() {
            return Ok(Started::Job(Box::new(row)));
        }
        self.desk.store.write(move |transaction| jobs::forget(transaction, job)).await?;
        match joined {
            Some(other) => match self.job(other).await? {
                Some(other) => Ok(Started::Job(Box::new(other))),
                None => Ok(Started::Nothing(Box::new(row))),
            },
            None => Ok(Started::Nothing(Box::new(row))),
        }
    }

    /// A job whose leads are not known to be any yet: it is ended if there are none in the end.
    async fn still_filling(
        &self,
        job: i64,
        filling: JoinHandle<Result<Option<i64>, StoreError>>,
    ) -> Result<Started, StoreError> {
        let this = self.clone();
        self.desk.tasks.spawn(async move {
            // If the server stops before the last of them, the job is not done: the next start goes on with it.
            let _ = filling.await;
            let end = move |transaction: &Transaction<'_>| {
                jobs::end_if_done(transaction, job, Time::now())
            };
            this.desk.insist(&format!("job {job} is not ended yet"), end).await;
        });
        let row = self.job(job).await?.ok_or(StoreError::Closed)?;
        Ok(Started::Job(Box::new(row)))
    }

    /// A job, if it is there.
    pub(crate) async fn job(&self, job: i64) -> Result<Option<JobRow>, StoreError> {
        self.desk.store.read(move |connection| JobRow::find(connection, job)).await
    }

    /// Collects the leads of a job, and gives a job that one of them is under way for.
    pub(super) fn spawn_filling(
        &self,
        job: i64,
        source: Source,
    ) -> JoinHandle<Result<Option<i64>, StoreError>> {
        let this = self.clone();
        self.desk.tasks.spawn(async move {
            let mut joined = None;
            loop {
                match this.fill_some(job, &source).await {
                    Ok(Filled { is_over, joined: other, queued }) => {
                        joined = joined.or(other);
                        if queued > 0 {
                            this.wake();
                        }
                        if is_over || this.desk.stopping.is_cancelled() {
                            return Ok(joined);
                        }
                    }
                    Err(error) => {
                        tracing::error!(job, %error, source = error.source_text(), "no leads are added");
                        if this.desk.pause(STORE_PAUSE).await {
                            return Err(error);
                        }
                    }
                }
            }
        })
    }

    /// Has no more leads collected for a job, and ends it if there is nothing else to do.
    pub(super) fn spawn_closing(&self, job: i64) {
        let this = self.clone();
        self.desk.tasks.spawn(async move {
            let close =
                move |transaction: &Transaction<'_>| jobs::close(transaction, job, Time::now());
            this.desk.insist(&format!("job {job} is not closed yet"), close).await;
        });
    }

    async fn fill_some(&self, job: i64, source: &Source) -> Result<Filled, StoreError> {
        let source = source.clone();
        let catalog = Arc::clone(self.desk.store.catalog());
        let chunk = self.desk.store.read(move |connection| {
            let Some(row) = JobRow::find(connection, job)? else { return Ok(None) };
            let Some(filled_to) = row.filled_to else { return Ok(None) };
            let ids = source.ids(connection, &catalog, filled_to)?;
            let is_last = ids.len() < LEADS_AT_ONCE_MAX as usize;
            Ok(Some(Chunk { job, kind: row.kind, ids, is_last }))
        });
        let Some(chunk) = chunk.await? else {
            return Ok(Filled { is_over: true, ..Filled::default() });
        };
        let hasher = self.desk.store.hasher().clone();
        let filled = self
            .desk
            .store
            .write(move |transaction| fill::fill(transaction, &hasher, &chunk, Time::now()));
        filled.await
    }

    /// Begins nothing more of a job. What is under way goes on to its end.
    pub(crate) async fn pause_job(&self, job: i64) -> Result<JobRow, Unstarted> {
        self.turn(job, &[JobState::Running], JobState::Paused).await
    }

    /// Goes on with a job that was paused.
    pub(crate) async fn resume_job(&self, job: i64) -> Result<JobRow, Unstarted> {
        let row = self.turn(job, &[JobState::Paused], JobState::Running).await;
        self.wake();
        row
    }

    /// Ends a job: what waits is not begun, and what is under way is cancelled.
    pub(crate) async fn cancel_job(&self, job: i64) -> Result<JobRow, Unstarted> {
        let row =
            self.turn(job, &[JobState::Running, JobState::Paused], JobState::Cancelled).await?;
        let cancelling = self.spawn_cancelling(job);
        // A small one has ended when this is answered.
        let _ = timeout(ANSWERED_AFTER, cancelling).await;
        Ok(self.job(job).await?.unwrap_or(row))
    }

    /// Begins a job for those of an earlier one that have no answer.
    pub(crate) async fn retry_job(&self, job: i64) -> Result<Started, Unstarted> {
        let row = self.job(job).await?.ok_or(Unstarted::Missing)?;
        let options = JobOptions { max_leads: None, ..row.options };
        Ok(self.start_job(row.kind, Source::RetryOf { retry_of: job }, options).await?)
    }

    /// Ends the run of a lead. Says whether one was queued or under way.
    pub(crate) async fn cancel_lead(&self, kind: Kind, lead: i64) -> Result<bool, StoreError> {
        let cancelled = self
            .desk
            .store
            .write(move |transaction| runs::cancel(transaction, kind, lead, Time::now()));
        match cancelled.await? {
            Cancelled::Nothing => return Ok(false),
            Cancelled::Ended { job } => self.desk.ended(kind, job, "cancelled"),
            Cancelled::Wanted => {
                self.let_go(kind, lead);
                self.wake();
            }
        }
        Ok(true)
    }

    /// Ends what is under way for leads that are on the list of those who are never enriched by now.
    pub(crate) async fn cancel_suppressed(&self) -> Result<(), StoreError> {
        for kind in Kind::ALL {
            let leads: Vec<i64> = self.desk.lane(kind).running().keys().copied().collect();
            let hasher = self.desk.store.hasher().clone();
            let suppressed = self
                .desk
                .store
                .read(move |connection| Suppressions::new(connection, &hasher)?.among(leads));
            for lead in suppressed.await? {
                self.cancel_lead(kind, lead).await?;
            }
        }
        Ok(())
    }

    /// Goes on no further with what is under way here for leads that were deleted: nobody is told of them any more.
    pub(crate) async fn let_go_deleted(&self) -> Result<(), StoreError> {
        for kind in Kind::ALL {
            let leads: Vec<i64> = self.desk.lane(kind).running().keys().copied().collect();
            let deleted = self.desk.store.read(move |connection| leads::missing(connection, leads));
            deleted.await?.into_iter().for_each(|lead| self.let_go(kind, lead));
        }
        Ok(())
    }

    /// Goes on no further with the run of a lead that is under way here: the store has it as cancelled, or no more.
    pub(crate) fn let_go(&self, kind: Kind, lead: i64) {
        if let Some(under_way) = self.desk.lane(kind).running().get(&lead) {
            under_way.cancel.cancel();
        }
    }

    async fn turn(
        &self,
        job: i64,
        from: &'static [JobState],
        to: JobState,
    ) -> Result<JobRow, Unstarted> {
        let turned = self.desk.store.write(move |transaction| {
            let is_turned = jobs::turn(transaction, job, from, to, Time::now())?;
            if is_turned && to == JobState::Cancelled {
                jobs::fill_no_more(transaction, job)?;
            }
            Ok((is_turned, JobRow::find(transaction, job)?))
        });
        match turned.await? {
            (_, None) => Err(Unstarted::Missing),
            (false, Some(row)) => Err(Unstarted::State(row.state)),
            (true, Some(row)) => Ok(row),
        }
    }

    /// Ends what is left of a cancelled job.
    pub(super) fn spawn_cancelling(&self, job: i64) -> JoinHandle<()> {
        let this = self.clone();
        self.desk.tasks.spawn(async move {
            for kind in Kind::ALL {
                let running = this.desk.lane(kind).running();
                running.values().filter(|of| of.job == job).for_each(|of| of.cancel.cancel());
            }
            let cancel = move |transaction: &Transaction<'_>| {
                runs::cancel_some(transaction, job, Time::now())
            };
            let what = format!("job {job} is not cancelled yet");
            while let Some(some) = this.desk.insist(&what, cancel).await {
                if let Some(CancelledSome { kind, ended, .. }) = some {
                    let labels = [kind.name(), "cancelled"];
                    this.desk.metrics.count_some(Counter::Runs, &labels, ended);
                }
                if !some.is_some_and(|some| some.is_more) {
                    // What was begun before a restart has to be ended.
                    return this.wake();
                }
                // The next start goes on with it.
                if this.desk.stopping.is_cancelled() {
                    return;
                }
            }
        })
    }

    fn wake(&self) {
        self.desk.lanes.iter().for_each(|lane| lane.woken.notify_one());
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tempfile::TempDir;

    use super::*;
    use crate::state::AppState;
    use crate::store::Store;

    #[tokio::test(start_paused = true)]
    async fn a_start_is_answered_even_if_the_store_takes_no_leads() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).expect("a store");
        let state = AppState::builder(store.clone()).build().expect("settings that go together");
        let turn = |sql: &'static str| store.write(move |store| store.execute_batch(sql));
        let refuse = "CREATE TEMP TRIGGER refuse BEFORE UPDATE ON main.jobs \
            BEGIN SELECT RAISE(ABORT, 'no'); END";
        turn(refuse).await.expect("a trigger");
        let source = Source::RetryOf { retry_of: 4711 };
        let dispatcher = state.dispatcher();
        let started = dispatcher.start_job(Kind::Phone, source, JobOptions::default()).await;
        let Ok(Started::Job(job)) = started else { panic!("{started:?}") };
        assert!(job.leads == 0 && job.filled_to.is_some() && job.state == JobState::Running);
        turn("DROP TRIGGER refuse").await.expect("no trigger");
        // It turns out that there is nothing to do.
        while dispatcher.job(job.id).await.expect("a store").expect("a job").state != JobState::Done
        {
            tokio::time::sleep(STORE_PAUSE).await;
        }
        state.stop().await;
    }

    #[tokio::test]
    async fn a_stop_while_leads_are_collected_leaves_the_others_to_the_next_start() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = begin(&folder).await;
        // What is begun from here on finds that it has to end, after the first leads.
        state.stop().await;
        // More leads than are looked at at a time, none of which has an address.
        let leads = u64::from(LEADS_AT_ONCE_MAX) + 1;
        let made = state.store().write(move |store| {
            store.execute_batch(&format!(
                "INSERT INTO jobs (id, kind, state, selection, options, created_at, ended_at) \
                 VALUES (1, 'email', 'done', '{{}}', '{{}}', 0, 0); \
                 WITH RECURSIVE some (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM some WHERE id < {leads}) \
                 INSERT INTO leads (id, created_at, updated_at) SELECT id, 0, 0 FROM some; \
                 INSERT INTO runs (lead_id, kind, job_id, state, outcome) \
                 SELECT id, 'email', 1, 'ended', 'failed' FROM leads"
            ))?;
            let source = r#"{"retry_of":1}"#;
            jobs::create(store, Kind::Email, source, "{}", Time::now())
        });
        let job = made.await.expect("a job");
        let dispatcher = state.dispatcher();
        let filling = dispatcher.spawn_filling(job, Source::RetryOf { retry_of: 1 });
        dispatcher.still_filling(job, filling).await.expect("a job");
        state.stop().await;
        let row = dispatcher.job(job).await.expect("a store").expect("a job");
        assert_eq!((row.state, row.lacking), (JobState::Running, leads - 1));
        assert!(row.filled_to.is_some(), "its other leads are forgotten");
        let row = ended_behind_a_restart(&folder, state, job).await;
        assert_eq!((row.state, row.lacking), (JobState::Done, leads));
    }

    #[tokio::test]
    async fn a_stop_while_a_job_is_cancelled_leaves_the_others_to_the_next_start() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = begin(&folder).await;
        state.stop().await;
        // More runs than are ended at a time.
        let made = state.store().write(|store| {
            store.execute_batch(
                "INSERT INTO jobs (id, kind, state, selection, options, leads, created_at) \
                 VALUES (1, 'email', 'cancelled', '{}', '{}', 2500, 0); \
                 WITH RECURSIVE some (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM some WHERE id < 2500) \
                 INSERT INTO leads (id, created_at, updated_at) SELECT id, 0, 0 FROM some; \
                 INSERT INTO runs (lead_id, kind, job_id, state) SELECT id, 'email', 1, 'queued' FROM leads",
            )
        });
        made.await.expect("a job");
        state.dispatcher().spawn_cancelling(1).await.expect("its end");
        let row = state.dispatcher().job(1).await.expect("a store").expect("a job");
        assert!(row.count("queued") > 0, "the stop waited for all of it");
        let row = ended_behind_a_restart(&folder, state, 1).await;
        assert_eq!((row.state, row.count("cancelled")), (JobState::Cancelled, 2500));
    }

    /// A server over a folder, once an earlier one has let go of it.
    async fn begin(folder: &TempDir) -> AppState {
        let store = loop {
            match Store::open(folder.path()) {
                Err(StoreError::InUse { .. }) => tokio::task::yield_now().await,
                opened => break opened.expect("a store"),
            }
        };
        AppState::builder(store).build().expect("settings that go together")
    }

    /// A job as it ends at the next start.
    async fn ended_behind_a_restart(folder: &TempDir, stopped: AppState, job: i64) -> JobRow {
        stopped.stop().await;
        stopped.store().close().await;
        drop(stopped);
        let state = begin(folder).await;
        let ended = loop {
            let row = state.dispatcher().job(job).await.expect("a store").expect("a job");
            if row.ended_at.is_some() {
                break row;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        state.stop().await;
        ended
    }
}
