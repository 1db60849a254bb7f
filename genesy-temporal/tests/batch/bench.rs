//! Leads, providers that count, and what one wants to know of the server.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures::StreamExt;
use genesy_core::waterfall::{
    FoundPhone, LeadField, LeadFields, LeadInputs, Outcome, PhoneLookup, PhoneRule, Plan,
    ProviderId,
};
use genesy_providers::driver::{Driver, Lead};
use genesy_providers::simulated::{Options, SimulatedProvider, Simulation};
use genesy_providers::{Answer, Ask, CallError, Description, Provider};
use genesy_temporal::batch::{
    BatchCounts, BatchId, BatchLead, BatchProgress, BatchState, VecSource,
};
use genesy_temporal::client::{BatchRequest, Client};
use genesy_temporal::dev_server::DevServer;
use genesy_temporal::report::{Report, Reported, Sink};
use genesy_temporal::worker::{RunningWorker, Worker};
use temporalio_client::{
    ClientOptions, Connection, ConnectionOptions, UntypedWorkflowHandle, Url,
    WorkflowDescribeOptions, WorkflowExecutionInfo, WorkflowFetchHistoryOptions,
};
use temporalio_common::protos::temporal::api::enums::v1::PendingActivityState;
use temporalio_common::protos::temporal::api::history::v1::history_event::Attributes;
use temporalio_common::protos::temporal::api::workflow::v1::PendingActivityInfo;

use crate::rig;

/// The name of the source in all tests.
pub(crate) const SOURCE: &str = "leads";

pub(crate) fn batch(id: &str) -> BatchId {
    BatchId::new(id).expect("an id")
}

/// So many leads, all others as each other, with names of letters beyond ASCII among them. Every tenth has
/// nothing that a provider could be asked with.
pub(crate) fn leads(count: u64) -> Vec<BatchLead> {
    let names = ["Ada Lovelace", "José Ñandú", "Łukasz Żółć", "Æsa Þorsdóttir", "王小明"];
    let lead = |row: u64| {
        let id = rig::lead(&format!("file-{row}"));
        if row % 10 == 9 {
            return BatchLead::new(id, LeadInputs::default());
        }
        let inputs = LeadInputs::default()
            .with(LeadField::FullName, &format!("{} {row}", names[row as usize % names.len()]))
            .with(LeadField::CompanyWebsite, &format!("engines{row}.example"))
            .with(LeadField::Email, &format!("ada{row}@engines{row}.example"))
            .with(LeadField::JobTitle, "Señora Analyst");
        BatchLead::new(id, inputs)
    };
    (1..=count).map(lead).collect()
}

pub(crate) async fn simulation() -> Simulation {
    let options = Options { time_scale: 0.0, ..Options::default() };
    Simulation::start(options).await.expect("providers")
}

/// A worker of workflows, and of these providers, that has so many leads.
pub(crate) fn worker(
    client: &Client,
    providers: Vec<Arc<dyn Provider<PhoneLookup>>>,
    count: u64,
) -> RunningWorker {
    let source = Arc::new(VecSource::new(leads(count)));
    let worker = Worker::builder(client).providers(providers).source(SOURCE, source);
    worker.build().expect("a worker").start().expect("it starts")
}

/// A request with slices that a test can wait for.
pub(crate) fn request(id: &str, plan: Plan<PhoneLookup>) -> BatchRequest {
    BatchRequest::new(batch(id), SOURCE, plan).slice_time(Duration::from_secs(1))
}

/// The default plan, with waits of milliseconds, and time for a machine that has much else to do.
pub(crate) fn plan() -> Plan<PhoneLookup> {
    let mut steps = rig::plan().steps().to_vec();
    steps.iter_mut().for_each(|step| step.timeout_ms = 15_000);
    Plan::new(steps).expect("a plan")
}

/// How the same leads end with the embedded driver.
pub(crate) async fn embedded(simulation: &Simulation, leads: Vec<BatchLead>) -> BatchCounts {
    let driver = Driver::builder(plan()).providers(simulation.providers(None));
    let driver = driver.build().expect("a driver");
    let leads = leads.into_iter().map(|lead| Lead::for_phone(lead.id, lead.inputs));
    let ends = driver.run_all(futures::stream::iter(leads)).collect::<Vec<_>>().await;
    let mut counts = BatchCounts::default();
    for (_, end) in ends {
        *match &end.expect("an end").outcome {
            Outcome::Found(_) => &mut counts.found,
            Outcome::NoDataFound => &mut counts.no_data_found,
            Outcome::NotEligible => &mut counts.not_eligible,
            Outcome::Inconclusive => &mut counts.inconclusive,
            _ => &mut counts.cancelled,
        } += 1;
    }
    counts
}

pub(crate) fn requests(simulation: &Simulation) -> [u64; 3] {
    SimulatedProvider::ALL.map(|who| simulation.requests(who))
}

/// Waits until progress is as a test wants it.
pub(crate) async fn until(
    client: &Client,
    batch: &BatchId,
    is_so: impl Fn(&BatchProgress) -> bool,
) -> BatchProgress {
    let mut after = 0;
    loop {
        let progress = client.wait_batch_progress(batch, after).await.expect("progress");
        if is_so(&progress) {
            return progress;
        }
        assert_ne!(progress.state, BatchState::Done, "it ended before: {progress:?}");
        after = progress.revision;
    }
}

/// A provider that takes its time, finds nothing, and counts.
#[derive(Debug)]
pub(crate) struct Desk {
    description: Description,
    time: Duration,
    pub(crate) begun: Mutex<Vec<Instant>>,
    under_way: AtomicUsize,
    pub(crate) under_way_most: AtomicUsize,
}

impl Desk {
    pub(crate) fn new(time: Duration) -> Arc<Self> {
        let id = ProviderId::new("desk").expect("an id");
        let timeout_ms = u32::try_from((time * 2).as_millis()).expect("a short time") + 5000;
        Arc::new(Self {
            description: Description::new(id, LeadFields::of(&[LeadField::FullName]), timeout_ms),
            time,
            begun: Mutex::default(),
            under_way: AtomicUsize::new(0),
            under_way_most: AtomicUsize::new(0),
        })
    }

    pub(crate) fn plan(&self) -> Plan<PhoneLookup> {
        Plan::new(vec![self.description.step(PhoneRule::default())]).expect("a plan")
    }

    pub(crate) fn calls(&self) -> usize {
        self.begun.lock().expect("no panic").len()
    }
}

#[async_trait]
impl Provider<PhoneLookup> for Desk {
    fn description(&self) -> &Description {
        &self.description
    }

    async fn call(&self, _ask: &Ask) -> Result<Answer<FoundPhone>, CallError> {
        self.begun.lock().expect("no panic").push(Instant::now());
        let under_way = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        self.under_way_most.fetch_max(under_way, Ordering::SeqCst);
        tokio::time::sleep(self.time).await;
        self.under_way.fetch_sub(1, Ordering::SeqCst);
        Ok(Answer::new(None))
    }
}

/// A store in memory.
#[derive(Debug, Default)]
pub(crate) struct Store {
    pub(crate) reports: Mutex<BTreeMap<String, Reported>>,
}

#[async_trait]
impl Sink for Store {
    async fn record(&self, report: Report) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        self.reports.lock().expect("no panic").insert(report.key, report.what);
        Ok(())
    }
}

/// The history of one run of a workflow.
#[derive(Debug, Clone, Copy)]
pub(crate) struct History {
    pub(crate) events: usize,
    pub(crate) bytes: i64,
}

/// The server, as its own client sees it.
pub(crate) struct Server {
    client: temporalio_client::Client,
}

impl Server {
    pub(crate) async fn of(server: &DevServer) -> Self {
        let url = Url::parse(server.address()).expect("an address");
        let connection = Connection::connect(ConnectionOptions::new(url).build()).await;
        let options = ClientOptions::new("default").build();
        let client = temporalio_client::Client::new(connection.expect("a connection"), options);
        Self { client: client.expect("a client") }
    }

    pub(crate) fn workflow(
        &self,
        id: &str,
        run: Option<String>,
    ) -> UntypedWorkflowHandle<temporalio_client::Client> {
        WorkflowExecutionInfo::builder()
            .namespace("default".to_owned())
            .workflow_id(id.to_owned())
            .maybe_run_id(run)
            .build()
            .bind_untyped(self.client.clone())
    }

    /// Waits until an activity of a workflow has lost its worker and is to be given to another.
    pub(crate) async fn until_a_second_worker_is_wanted(&self, id: &str) {
        loop {
            let about = self.workflow(id, None).describe(WorkflowDescribeOptions::default()).await;
            let about = about.expect("it is there");
            let waits = |of: &PendingActivityInfo| {
                of.attempt > 1 && of.state() == PendingActivityState::Scheduled
            };
            if about.raw().pending_activities.iter().any(waits) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// The histories of a workflow, the last run's first.
    pub(crate) async fn histories(&self, id: &str) -> Vec<History> {
        let mut histories = Vec::new();
        let mut run = None;
        loop {
            let workflow = self.workflow(id, run.take());
            let about = workflow.describe(WorkflowDescribeOptions::default()).await;
            let about = about.expect("it is there");
            let info = about.raw().workflow_execution_info.as_ref().expect("it tells");
            let events = about.history_length();
            histories.push(History { events, bytes: info.history_size_bytes });
            let mut history = workflow.fetch_history(WorkflowFetchHistoryOptions::default());
            let first = history.next().await.expect("an event").expect("it is there");
            match first.attributes {
                Some(Attributes::WorkflowExecutionStartedEventAttributes(began))
                    if !began.continued_execution_run_id.is_empty() =>
                {
                    run = Some(began.continued_execution_run_id);
                }
                _ => return histories,
            }
        }
    }
}
