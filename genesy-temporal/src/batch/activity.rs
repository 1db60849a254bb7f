//! `run_leads.v1`: one slice of a batch.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::{FuturesOrdered, FuturesUnordered};
use genesy_providers::driver::LeadId;
use temporalio_common::data_converters::PayloadConversionError;
use temporalio_macros::activities;
use temporalio_sdk::ApplicationFailure;
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};

use super::lead::{Begun, Ended, begin, follow};
use super::messages::SourceFailure;
use super::pace::Pace;
use super::slice::{Mode, SliceInput, SliceState};
use super::source::{BatchLead, LeadSource, Page, SourceError};
use super::{
    CURSOR_BYTES_MAX, HEARTBEAT_EVERY, LOOKS_PER_SECOND, PAGE_LEADS_MAX, READ_RETRY_DELAY,
    READ_RETRY_DELAY_MAX, READ_TIME_MAX, STARTS_UNDER_WAY_MAX, UNFINISHED_PER_SLICE_MAX,
    WHY_CHARACTERS_MAX,
};
use crate::client::{Client, ClientError};
use crate::received::Received;
use crate::report::{REPORT_TIME_MAX, Sink};

/// What runs slices.
pub(crate) struct Slices {
    pub(crate) client: Client,
    pub(crate) sources: BTreeMap<String, Arc<dyn LeadSource>>,
    pub(crate) sink: Option<Arc<dyn Sink>>,
}

#[activities]
impl Slices {
    /// Goes on from the last heartbeat, if there is one, or else from its input.
    #[activity(name = "run_leads.v1")]
    pub(crate) async fn run(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: Received<SliceInput>,
    ) -> Result<SliceState, ActivityError> {
        let input = input.read()?;
        // What cannot be read of a heartbeat is done again, which does no harm.
        let known = ctx.heartbeat_details().deserialize::<SliceState>().ok().flatten();
        let state = known.unwrap_or_else(|| SliceState::new(&input));
        let mut slice = Slice::new(&self, &ctx, &input, state);
        match slice.run().await {
            Ok(()) => Ok(slice.state),
            Err(trouble) => {
                // The failure takes it along, so that the next try goes on from here, or the workflow.
                ctx.record_heartbeat(slice.state.clone()).await?;
                Err(ActivityError::application(trouble.failure(slice.state)))
            }
        }
    }
}

/// A page that is being worked on.
struct Taking {
    left: VecDeque<BatchLead>,
    next: Option<String>,
}

type Starts<'a> = FuturesOrdered<BoxFuture<'a, (LeadId, Result<Begun, ClientError>)>>;
type Ends<'a> = FuturesUnordered<BoxFuture<'a, Ended>>;

struct Slice<'a> {
    slices: &'a Slices,
    ctx: &'a ActivityContext,
    input: &'a SliceInput,
    state: SliceState,
    page: Option<Taking>,
    /// Leads that are being started. They end in the order of the source, so that the state's place has
    /// nothing before it that was not started.
    starts: Starts<'a>,
    ends: Ends<'a>,
    is_stopping: bool,
}

impl<'a> Slice<'a> {
    fn new(
        slices: &'a Slices,
        ctx: &'a ActivityContext,
        input: &'a SliceInput,
        state: SliceState,
    ) -> Self {
        let (starts, ends) = (Starts::default(), Ends::default());
        Self { slices, ctx, input, state, page: None, starts, ends, is_stopping: false }
    }

    /// Runs until its time is over, it is told to stop, or there is nothing left to do.
    async fn run(&mut self) -> Result<(), Trouble> {
        let now = Instant::now();
        let mut end = now + self.input.time();
        let mut has_page = false;
        // To look for runs starts nothing.
        let starts_per_second = match self.input.mode {
            Mode::Rejoin => LOOKS_PER_SECOND,
            _ => self.input.limits.starts_per_second,
        };
        let mut pace = Pace::new(starts_per_second, now);
        let mut beat = interval(HEARTBEAT_EVERY);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let ctx = self.ctx;
        let cancelled = ctx.cancelled();
        let mut cancelled = std::pin::pin!(cancelled);
        self.report().await?;
        for lead in self.state.under_way.clone() {
            self.follow(lead);
        }
        let mut reading: Option<BoxFuture<'a, Result<Page, SourceError>>> = None;
        loop {
            self.turn_page();
            self.is_stopping |= self.state.unfinished.len() >= UNFINISHED_PER_SLICE_MAX
                || self.state.source_failure.is_some()
                || self.state.rest_ms > 0
                || (self.input.mode == Mode::Rejoin && self.state.place.is_rejoined);
            if self.is_done() {
                return Ok(());
            }
            if self.wants_page() && reading.is_none() {
                reading = Some(self.read());
            }
            tokio::select! {
                biased;
                () = &mut cancelled, if !self.is_stopping => self.is_stopping = true,
                // A source that is slower than a slice would else be read from the same place for ever.
                () = sleep_until(end), if !self.is_stopping && (has_page || reading.is_none()) => {
                    self.is_stopping = true;
                }
                _ = beat.tick() => self.beat().await?,
                Some((lead, begun)) = self.starts.next(), if !self.starts.is_empty() => {
                    self.begun(lead, begun)?;
                }
                Some(ended) = self.ends.next(), if !self.is_stopping && !self.ends.is_empty() => {
                    self.state.ended(ended);
                }
                read = wait(&mut reading), if !self.is_stopping && reading.is_some() => {
                    reading = None;
                    self.has_read(read);
                    if !std::mem::replace(&mut has_page, true) {
                        end = Instant::now() + self.input.time();
                    }
                }
                () = sleep_until(pace.due()), if self.may_start() => {
                    self.start();
                    pace.started(Instant::now());
                }
            }
        }
    }

    /// Starts that are under way are always waited for: they are short.
    fn is_done(&self) -> bool {
        let has_leads = self.input.mode.reads() && !self.state.place.is_at_end;
        let has_work = has_leads || !self.state.under_way.is_empty();
        self.starts.is_empty() && (self.is_stopping || !has_work)
    }

    fn beat(&self) -> BoxFuture<'a, Result<(), Trouble>> {
        let (ctx, state) = (self.ctx, self.state.clone());
        Box::pin(async move { ctx.record_heartbeat(state).await.map_err(Trouble::of_heartbeat) })
    }

    /// Tells the sink what it is to be told.
    async fn report(&mut self) -> Result<(), Trouble> {
        let Some(report) = self.input.report.as_ref().filter(|_| !self.state.is_reported) else {
            return Ok(());
        };
        let Some(sink) = &self.slices.sink else {
            return Err(Trouble::new("no_sink", "this worker has no sink".to_owned()));
        };
        let recording = timeout(REPORT_TIME_MAX, sink.record(report.clone()));
        let mut recording = std::pin::pin!(recording);
        let mut beat = interval(HEARTBEAT_EVERY);
        loop {
            tokio::select! {
                recorded = &mut recording => match recorded {
                    Ok(Ok(())) => {
                        self.state.is_reported = true;
                        return Ok(());
                    }
                    Ok(Err(error)) => return Err(Trouble::new("sink_failed", error.to_string())),
                    Err(_) => return Err(Trouble::new("sink_failed", "it takes too long".to_owned())),
                },
                _ = beat.tick() => self.beat().await?,
            }
        }
    }

    fn wants_page(&self) -> bool {
        self.input.mode.reads()
            && !self.is_stopping
            && self.page.is_none()
            && !self.state.place.is_at_end
    }

    fn read(&self) -> BoxFuture<'a, Result<Page, SourceError>> {
        let cursor = self.state.place.cursor.clone();
        let (name, source) = (&self.input.source, self.slices.sources.get(&self.input.source));
        Box::pin(async move {
            let source = source.ok_or_else(|| format!("this worker has no source {name:?}"))?;
            let page = source.page(cursor.clone(), PAGE_LEADS_MAX);
            let page = timeout(READ_TIME_MAX, page)
                .await
                .map_err(|_| format!("no page came within {READ_TIME_MAX:?}"))??;
            if page.next.is_some() && page.next == cursor {
                return Err("the next page's cursor is the page's own".into());
            }
            if page.next.as_ref().is_some_and(|next| next.len() > CURSOR_BYTES_MAX) {
                return Err("the next page's cursor is too long".into());
            }
            Ok(page)
        })
    }

    fn has_read(&mut self, read: Result<Page, SourceError>) {
        match read {
            Ok(Page { leads, next }) => {
                self.state.failed_reads = 0;
                let left = leads.into_iter().skip(self.state.place.taken as usize).collect();
                self.page = Some(Taking { left, next });
            }
            Err(error) => {
                self.state.failed_reads = self.state.failed_reads.saturating_add(1);
                let why: String = error.to_string().chars().take(WHY_CHARACTERS_MAX).collect();
                tracing::warn!(batch = %self.input.batch, %why, "a source cannot be read");
                if self.state.failed_reads >= self.input.limits.read_tries_max {
                    let cursor = self.state.place.cursor.clone();
                    self.state.source_failure = Some(SourceFailure { cursor, why });
                    return;
                }
                let doublings = u32::from(self.state.failed_reads - 1).min(16);
                let rest = (READ_RETRY_DELAY * 2_u32.pow(doublings)).min(READ_RETRY_DELAY_MAX);
                self.state.rest_ms = u64::try_from(rest.as_millis()).unwrap_or(u64::MAX);
            }
        }
    }

    /// Goes on to the next page when all leads of this one were started.
    fn turn_page(&mut self) {
        let is_done = |page: &Taking| page.left.is_empty() && self.starts.is_empty();
        if self.page.as_ref().is_some_and(is_done) {
            let next = self.page.take().and_then(|page| page.next);
            self.state.turn_page(next, self.input.mode);
        }
    }

    fn may_start(&self) -> bool {
        let under_way = self.state.under_way.len() + self.starts.len();
        // Those that are found again are under way already.
        let has_room = under_way < self.input.limits.concurrency_max as usize
            || self.input.mode == Mode::Rejoin;
        !self.is_stopping
            && self.starts.len() < STARTS_UNDER_WAY_MAX
            && has_room
            && self.page.as_ref().is_some_and(|page| !page.left.is_empty())
    }

    fn start(&mut self) {
        if let Some(lead) = self.page.as_mut().and_then(|page| page.left.pop_front()) {
            let begun = begin(&self.slices.client, self.input, lead);
            self.starts.push_back(Box::pin(begun));
        }
    }

    fn begun(&mut self, lead: LeadId, begun: Result<Begun, ClientError>) -> Result<(), Trouble> {
        match begun {
            Ok(Begun::UnderWay) => {
                self.state.began(lead.clone());
                self.follow(lead);
            }
            Ok(Begun::Ended(end)) => self.state.passed(lead, end),
            Ok(Begun::Not) => self.state.not_begun(),
            Err(error) => return Err(Trouble::new("start_failed", error.to_string())),
        }
        Ok(())
    }

    fn follow(&self, lead: LeadId) {
        self.ends.push(Box::pin(follow(&self.slices.client, lead, self.input.cancels_runs)));
    }
}

/// The page, or nothing for ever.
async fn wait<T>(future: &mut Option<BoxFuture<'_, T>>) -> T {
    match future {
        Some(future) => future.await,
        None => std::future::pending().await,
    }
}

/// Why a slice cannot go on, and is tried again.
#[derive(Debug)]
struct Trouble {
    name: &'static str,
    why: String,
}

impl Trouble {
    const fn new(name: &'static str, why: String) -> Self {
        Self { name, why }
    }

    fn of_heartbeat(error: PayloadConversionError) -> Self {
        Self::new("heartbeat_failed", error.to_string())
    }

    /// With all that is known, since nobody tries again what is cancelled.
    fn failure(self, known: SliceState) -> ApplicationFailure {
        ApplicationFailure::builder(self.why).type_name(self.name.to_owned()).details(known).build()
    }
}
