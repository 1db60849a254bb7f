//! Workers that are killed, sources that fail, runs that are ended by force.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use genesy_providers::CallError;
use genesy_temporal::batch::{
    BatchEnd, BatchState, LeadSource, Page, SourceError, SourceFailure, UnfinishedReason, VecSource,
};
use genesy_temporal::client::{Client, ClientOptions};
use genesy_temporal::dev_server::DevServerOptions;
use genesy_temporal::report::{Report, Reported, Reports, Sink};
use genesy_temporal::worker::Worker;
use temporalio_client::WorkflowTerminateOptions;
use tokio::sync::Notify;

use crate::bench::{self, SOURCE};
use crate::rig::scripted::{Scripted, plan_of, shared};
use crate::rig::{self, Process};

/// Where the worker in another process finds its server.
const SERVER: &str = "GENESY_TEST_SERVER";
/// Leads that it has.
const LEADS: u64 = 80;

/// A worker of workflows in a process of its own.
fn other_process(address: &str) -> Process {
    Process::start("trouble::the_worker_of_another_process", [(SERVER, address)])
}

#[test]
#[ignore = "the program that another test starts and kills"]
fn the_worker_of_another_process() {
    let address = std::env::var(SERVER).expect("a test starts this");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let client = Client::connect(ClientOptions::new(address)).await.expect("a client");
        let mut worker = bench::worker(&client, Vec::new(), LEADS);
        worker.ended().await.expect("it does not end");
    });
}

#[test]
fn a_worker_killed_in_mid_batch_loses_nothing_and_nobody_is_asked_twice() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let client = rig::client(&server).await;
        let peer = bench::simulation().await;
        let expected = bench::embedded(&peer, bench::leads(LEADS)).await;
        let simulation = bench::simulation().await;
        let calls = Worker::builder(&client).providers(simulation.providers(None));
        let calls = calls.without_workflows().build().expect("a worker").start();
        let calls = calls.expect("it starts");

        let first = other_process(server.address());
        let batch = bench::batch("killed");
        let request = bench::request("killed", bench::plan()).starts_per_second(30);
        let request = request.slice_time(Duration::from_secs(30)).concurrency_max(10);
        client.start_batch(request).await.expect("started");
        let at_the_kill = bench::until(&client, &batch, |of| of.started >= 25).await;
        assert!(at_the_kill.ended < LEADS, "it is in the middle: {at_the_kill:?}");
        first.kill();
        let second = other_process(server.address());
        let result = client.batch_result(&batch).await.expect("a result");
        assert_eq!((result.end, result.counts), (BatchEnd::Done, expected));
        assert_eq!(bench::requests(&simulation), bench::requests(&peer), "the same calls");
        second.kill();
        calls.shutdown().await.expect("it ends");
    });
}

/// A source that fails now and then, or from a page on.
#[derive(Debug)]
struct Shaky {
    leads: VecSource,
    reads: AtomicUsize,
    fails_at: Option<&'static str>,
}

#[async_trait]
impl LeadSource for Shaky {
    async fn page(&self, cursor: Option<String>, _max: usize) -> Result<Page, SourceError> {
        let read = self.reads.fetch_add(1, Ordering::SeqCst);
        let fails = match self.fails_at {
            Some(at) => cursor.as_deref() == Some(at),
            None => read % 3 == 1,
        };
        if fails {
            return Err("the table is locked".into());
        }
        self.leads.page(cursor, 10).await
    }
}

fn shaky_worker(
    client: &Client,
    desk: &Arc<bench::Desk>,
    fails_at: Option<&'static str>,
) -> genesy_temporal::worker::RunningWorker {
    let leads = VecSource::new(bench::leads(30));
    let source = Shaky { leads, reads: AtomicUsize::new(0), fails_at };
    let worker = Worker::builder(client).providers([Arc::clone(desk) as _]);
    worker.source(SOURCE, Arc::new(source)).build().expect("a worker").start().expect("it starts")
}

#[test]
fn a_source_that_fails_now_and_then_is_read_to_its_end() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let client = rig::client(&server).await;
        let desk = bench::Desk::new(Duration::from_millis(50));
        let worker = shaky_worker(&client, &desk, None);
        client.start_batch(bench::request("shaky", desk.plan())).await.expect("started");
        let result = client.batch_result(&bench::batch("shaky")).await.expect("a result");
        assert_eq!((result.end, result.counts.ended()), (BatchEnd::Done, 30));
        assert_eq!(desk.calls(), 27);
        worker.shutdown().await.expect("it ends");
    });
}

#[test]
fn a_source_that_fails_for_good_ends_the_batch_with_what_was_done() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let client = rig::client(&server).await;
        let desk = bench::Desk::new(Duration::from_millis(50));
        let worker = shaky_worker(&client, &desk, Some("20"));
        let request = bench::request("gone", desk.plan()).read_tries_max(2);
        client.start_batch(request).await.expect("started");
        let result = client.batch_result(&bench::batch("gone")).await.expect("a result");
        let cursor = Some("20".to_owned());
        let failure = SourceFailure { cursor, why: "the table is locked".to_owned() };
        assert_eq!(result.end, BatchEnd::SourceFailed(failure));
        assert_eq!((result.counts.no_data_found, result.counts.not_eligible), (18, 2));

        let nowhere = genesy_temporal::client::BatchRequest::new(
            bench::batch("nowhere"),
            "no such source",
            desk.plan(),
        );
        client.start_batch(nowhere.read_tries_max(1)).await.expect("started");
        let result = client.batch_result(&bench::batch("nowhere")).await.expect("a result");
        let why = "this worker has no source \"no such source\"".to_owned();
        assert_eq!(result.end, BatchEnd::SourceFailed(SourceFailure { cursor: None, why }));
        assert_eq!(result.counts.ended(), 0);
        worker.shutdown().await.expect("it ends");
    });
}

/// A source that takes its time for each page.
#[derive(Debug)]
struct Slow(VecSource, Duration);

#[async_trait]
impl LeadSource for Slow {
    async fn page(&self, cursor: Option<String>, _max: usize) -> Result<Page, SourceError> {
        tokio::time::sleep(self.1).await;
        self.0.page(cursor, 2).await
    }
}

#[test]
fn a_source_that_is_slower_than_a_slice_is_read_to_its_end() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let client = rig::client(&server).await;
        let desk = bench::Desk::new(Duration::from_millis(50));
        let slow = Slow(VecSource::new(bench::leads(6)), Duration::from_millis(500));
        let worker = Worker::builder(&client).providers([Arc::clone(&desk) as _]);
        let worker = worker.source(SOURCE, Arc::new(slow)).build().expect("a worker");
        let worker = worker.start().expect("it starts");
        // A slice is shorter than a read, and than the time between two starts.
        let request = bench::request("slow", desk.plan()).slice_time(Duration::from_millis(100));
        client.start_batch(request.starts_per_second(10)).await.expect("started");
        let result = client.batch_result(&bench::batch("slow")).await.expect("a result");
        assert_eq!((result.end, result.counts.no_data_found), (BatchEnd::Done, 6));
        assert_eq!(desk.calls(), 6);
        worker.shutdown().await.expect("it ends");
    });
}

/// A store that has trouble with the first list of those that did not end well, as soon as it is let.
#[derive(Debug, Default)]
struct Troubled {
    is_asked: AtomicBool,
    trouble: Notify,
    lists: AtomicUsize,
}

#[async_trait]
impl Sink for Troubled {
    async fn record(&self, report: Report) -> Result<(), Box<dyn Error + Send + Sync>> {
        let Reported::BatchUnfinished(_) = report.what else { return Ok(()) };
        if !self.is_asked.swap(true, Ordering::SeqCst) {
            self.trouble.notified().await;
            return Err("the disk is full".into());
        }
        self.lists.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

#[test]
fn a_batch_that_is_paused_while_its_store_has_trouble_goes_on() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let client = rig::client(&server).await;
        let unknown = Err(CallError::Misconfigured { reason: "401".into() });
        let refusing = Arc::new(Scripted::new("refusing", (Duration::ZERO, unknown)));
        let store = Arc::new(Troubled::default());
        let leads = Arc::new(VecSource::new(bench::leads(8)));
        let worker = Worker::builder(&client).providers(shared(&[&refusing]));
        let worker = worker.source(SOURCE, leads).sink(Arc::clone(&store) as _);
        let worker = worker.build().expect("a worker").start().expect("it starts");
        let batch = bench::batch("troubled");
        let request = bench::request("troubled", plan_of(&[&refusing])).starts_per_second(4);
        client.start_batch(request.reporting(Reports::Results)).await.expect("started");
        rig::until(|| store.is_asked.load(Ordering::SeqCst)).await;
        client.pause_batch(&batch).await.expect("told");
        bench::until(&client, &batch, |of| of.state == BatchState::Paused).await;
        store.trouble.notify_one();
        client.resume_batch(&batch).await.expect("told");
        let result = client.batch_result(&batch).await.expect("a result");
        assert_eq!((result.end, result.counts.inconclusive), (BatchEnd::Done, 8));
        assert!(store.lists.load(Ordering::SeqCst) > 0);
        worker.shutdown().await.expect("it ends");
    });
}

#[test]
fn leads_of_a_lost_slice_are_counted_though_the_batch_is_cancelled() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let client = rig::client(&server).await;
        let desk = bench::Desk::new(Duration::from_secs(3));
        let calls = Worker::builder(&client).providers([Arc::clone(&desk) as _]);
        let calls = calls.build().expect("a worker").start().expect("it starts");
        let slices = other_process(server.address());
        let batch = bench::batch("lost");
        let request = bench::request("lost", desk.plan()).starts_per_second(10);
        let request = request.slice_time(Duration::from_secs(60)).cancelling_runs();
        client.start_batch(request).await.expect("started");
        bench::until(&client, &batch, |of| of.started >= 8).await;
        slices.kill();
        // Until the server sees that it is gone: the slice waits for another worker then, and there is none.
        bench::Server::of(&server).await.until_a_second_worker_is_wanted("batch/lost").await;
        client.cancel_batch(&batch).await.expect("told");
        bench::until(&client, &batch, |of| of.state == BatchState::Cancelling).await;
        let others = other_process(server.address());
        let result = client.batch_result(&batch).await.expect("a result");
        assert_eq!(result.end, BatchEnd::Cancelled);
        // Each tenth lead has nothing to be asked with: its run ends without a call.
        let asked = result.counts.ended() - result.counts.not_eligible;
        assert_eq!(asked as usize, desk.calls(), "{:?}", result.counts);
        assert!(asked >= 7, "{:?}", result.counts);
        others.kill();
        calls.shutdown().await.expect("it ends");
    });
}

#[test]
fn a_run_that_is_ended_by_force_is_counted_as_failed_and_named() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let client = rig::client(&server).await;
        let desk = bench::Desk::new(Duration::from_secs(2));
        let worker = bench::worker(&client, vec![desk.clone()], 8);
        let batch = bench::batch("forced");
        client.start_batch(bench::request("forced", desk.plan())).await.expect("started");
        bench::until(&client, &batch, |of| of.started == 8).await;
        let run = bench::Server::of(&server).await.workflow("phone/file-3", None);
        run.terminate(WorkflowTerminateOptions::default()).await.expect("it is under way");
        let result = client.batch_result(&batch).await.expect("a result");
        assert_eq!(result.end, BatchEnd::Done);
        assert_eq!((result.counts.no_data_found, result.counts.failed), (7, 1));
        let named = result.unfinished.iter().map(|of| (of.lead.as_str(), of.reason));
        assert_eq!(named.collect::<Vec<_>>(), [("file-3", UnfinishedReason::Terminated)]);
        worker.shutdown().await.expect("it ends");
    });
}
