//! The waterfall for all leads: read ahead a little, ask, and put the results into order.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::{Stream, StreamExt, stream};
use genesy_core::csv::normalize::{Options, Outcome};
use genesy_core::waterfall::{LeadField, PhoneLookup};
use genesy_examples::Interrupt;
use genesy_providers::driver::{Driver, Lead, LeadId, RunError, RunResult};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;

use crate::Failure;
use crate::addresses::Addresses;
use crate::forecast::Known;
use crate::input::{Fingerprint, Input, Record, Survey, row_of};
use crate::output::{AddressCounts, Found, Outbox};
use crate::progress::Progress;
use crate::tally::Tally;

/// Rows that are read, and not written yet, for each lead that is under way: a slow lead holds up those
/// behind it, and no more of them than that.
const WINDOW_PER_LEAD: usize = 20;
/// Rows that the normalizer is ahead of the driver.
const READ_AHEAD: usize = 256;
/// How long calls may go on behind the first Ctrl-C.
const GRACE: Duration = Duration::from_secs(10);
/// How often the counts are shown.
const SHOWN_EVERY: Duration = Duration::from_millis(100);

/// All that a run needs.
#[derive(Debug)]
pub(crate) struct Job<'j> {
    pub(crate) input: &'j Input,
    pub(crate) options: Options,
    pub(crate) survey: &'j Survey,
    pub(crate) out: Option<&'j Path>,
    pub(crate) addresses: Addresses,
    pub(crate) driver: Driver<PhoneLookup>,
    pub(crate) concurrency: usize,
    pub(crate) time_scale: f64,
}

/// A run that came to its end.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) tally: Tally,
    pub(crate) first: Vec<(Record, Found)>,
    pub(crate) addresses: AddressCounts,
}

type Shared = Arc<Mutex<Outbox>>;
type Reading = JoinHandle<Result<Fingerprint, Failure>>;

impl Job<'_> {
    /// Runs all leads. What their attempts tell of the providers is added to `known`.
    ///
    /// # Errors
    ///
    /// When the file or the journal fails. Nothing is given if the run was interrupted.
    pub(crate) async fn run(self, known: &mut Known) -> Result<Option<Done>, Failure> {
        let plan = self.driver.plan();
        let mut progress = Progress::new(plan, self.survey.summary.leads());
        let watching =
            tokio::spawn(progress.clone().watch(self.driver.events(), plan.as_ref().clone()));
        let result = self.drive(&mut progress, known).await;
        watching.abort();
        progress.clear();
        result
    }

    async fn drive(
        &self,
        progress: &mut Progress,
        known: &mut Known,
    ) -> Result<Option<Done>, Failure> {
        let outbox = Outbox::new(self.out, &self.survey.header)?;
        let outbox = Arc::new(Mutex::new(outbox));
        let (leads, reading) = self.leads(Arc::clone(&outbox));
        let mut results = Box::pin(self.driver.run_all(leads));
        let mut tally = Tally::new(self.driver.plan());
        let mut interrupt = Interrupt::listen();
        let mut ticks = tokio::time::interval(SHOWN_EVERY);
        loop {
            let result = tokio::select! {
                result = results.next() => result,
                () = interrupt.next() => {
                    self.stop(progress, &mut interrupt).await;
                    return Ok(None);
                }
                _ = ticks.tick() => {
                    progress.update(&tally, &lock(&outbox).addresses);
                    continue;
                }
            };
            let Some((id, result)) = result else { break };
            let taken = self.take(&id, result, &mut tally, known, &mut lock(&outbox));
            if let Err(error) = taken {
                self.driver.shutdown(GRACE).await;
                return Err(error);
            }
        }
        drop(results);
        if reading.await?? != self.survey.fingerprint {
            return Err("the leads file was changed while it was read: begin again".into());
        }
        self.driver.shutdown(Duration::ZERO).await;
        let mut outbox = lock(&outbox);
        outbox.finish()?;
        let first = std::mem::take(&mut outbox.first);
        let addresses = std::mem::take(&mut outbox.addresses);
        Ok(Some(Done { tally, first, addresses }))
    }

    /// Takes the end of a lead's run.
    fn take(
        &self,
        id: &LeadId,
        result: RunResult<PhoneLookup>,
        tally: &mut Tally,
        known: &mut Known,
        outbox: &mut Outbox,
    ) -> Result<(), Failure> {
        let row = row_of(id).unwrap_or_default();
        let finished = result.map_err(|error| failed(row, &error))?;
        tally.add(&finished);
        for attempt in finished.run.ledger() {
            if let Some(step) = self.driver.plan().steps().get(usize::from(attempt.step)) {
                known.learn(&step.provider, attempt, self.time_scale);
            }
        }
        outbox.done(row, &finished)
    }

    /// Stops where nothing is lost; at once if that takes too long for the user.
    async fn stop(&self, progress: &Progress, interrupt: &mut Interrupt) {
        progress.say(&format!(
            "Stopping: up to {} s for the calls that are under way. Ctrl-C again stops at once.",
            GRACE.as_secs()
        ));
        tokio::select! {
            () = self.driver.shutdown(GRACE) => {}
            // Cancelling the runs instead would be stored as their end.
            () = interrupt.next() => self.driver.shutdown(Duration::ZERO).await,
        }
    }

    /// The leads of the file as they are needed, each of them noted in the outbox.
    fn leads(&self, outbox: Shared) -> (impl Stream<Item = Lead> + use<>, Reading) {
        let (sender, receiver) = mpsc::channel::<Record>(READ_AHEAD);
        let (input, options) = (self.input.clone(), self.options.clone());
        let (width, fingerprint) = (self.survey.header.len(), self.survey.fingerprint);
        let reading = tokio::task::spawn_blocking(move || {
            let (_, fingerprint) = input.for_each_row(options, |_, row| match row.outcome {
                Outcome::Imported => sender
                    .blocking_send(Record::of(row, width))
                    .map_err(|_| "nobody wants the leads any more".into()),
                _ => Ok(()),
            })?;
            Ok(fingerprint)
        });
        let window = self.concurrency.saturating_mul(WINDOW_PER_LEAD).min(Semaphore::MAX_PERMITS);
        let (window, addresses) = (Arc::new(Semaphore::new(window)), self.addresses.clone());
        let feed = Feed { receiver, window, outbox: Arc::clone(&outbox), fingerprint };
        let verified = stream::unfold(feed, Feed::next).map(move |(lead, address)| {
            verified(addresses.clone(), Arc::clone(&outbox), lead, address)
        });
        (verified.buffer_unordered(self.concurrency), reading)
    }
}

/// The leads on their way from the reader to the driver.
#[derive(Debug)]
struct Feed {
    receiver: mpsc::Receiver<Record>,
    window: Arc<Semaphore>,
    outbox: Shared,
    fingerprint: Fingerprint,
}

impl Feed {
    async fn next(mut self) -> Option<((Lead, Option<String>), Self)> {
        let record = self.receiver.recv().await?;
        let place = Arc::clone(&self.window).acquire_owned().await.ok()?;
        let id = self.fingerprint.lead_id(record.row).ok()?;
        let lead = Lead::for_phone(id, record.inputs.clone());
        let address = record.inputs.get(LeadField::Email).map(str::to_owned);
        lock(&self.outbox).expect(record, place);
        Some(((lead, address), self))
    }
}

/// The lead with what was found out about its address.
async fn verified(
    addresses: Addresses,
    outbox: Shared,
    lead: Lead,
    address: Option<String>,
) -> Lead {
    let Some(verified) = addresses.verify(address.as_deref()).await else { return lead };
    lock(&outbox).verified(row_of(lead.id()).unwrap_or_default(), verified);
    lead.with_email(verified.state)
}

fn lock(outbox: &Shared) -> MutexGuard<'_, Outbox> {
    outbox.lock().unwrap_or_else(PoisonError::into_inner)
}

fn failed(row: u64, error: &RunError) -> Failure {
    let advice = match error {
        RunError::Resume(_) => {
            ". Give the same --live and --provider as before, or begin anew without the journal"
        }
        _ => "",
    };
    let cause = std::error::Error::source(error).map_or(String::new(), |of| format!(": {of}"));
    format!("row {row}: {error}{cause}{advice}").into()
}
