//! What a batch counts and names.

use std::sync::Arc;
use std::time::Duration;

use genesy_providers::simulated::{Fault, SimulatedProvider};
use genesy_temporal::batch::{BatchEnd, BatchState, UnfinishedReason, VecSource};
use genesy_temporal::client::{RunState, Started};
use genesy_temporal::dev_server::DevServerOptions;
use genesy_temporal::report::{Reported, Reports};
use genesy_temporal::worker::Worker;

use crate::bench::{self, SOURCE, Store};
use crate::rig;

#[test]
fn a_batch_ends_as_the_embedded_driver_does_and_names_who_did_not_end_well() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let mut client = rig::client(&server).await;
        client.add_search_attributes().await.expect("they are added");
        let fails = |simulation: &genesy_providers::simulated::Simulation| {
            simulation.set_fault(SimulatedProvider::NimbusLookup, Some(Fault::Error));
        };
        let peer = bench::simulation().await;
        fails(&peer);
        let expected = bench::embedded(&peer, bench::leads(60)).await;
        assert!(expected.found > 0 && expected.inconclusive > 0 && expected.not_eligible == 6);

        let simulation = bench::simulation().await;
        fails(&simulation);
        let store = Arc::new(Store::default());
        let worker = Worker::builder(&client)
            .providers(simulation.providers(None))
            .sink(Arc::clone(&store) as _)
            .source(SOURCE, Arc::new(VecSource::new(bench::leads(60))));
        let worker = worker.build().expect("a worker").start().expect("it starts");
        let batch = bench::batch("counts");
        let request = bench::request("counts", bench::plan()).reporting(Reports::Results);
        assert_eq!(client.start_batch(request).await.expect("started"), Started::Running);
        let result = client.batch_result(&batch).await.expect("a result");

        assert_eq!(result.end, BatchEnd::Done);
        assert_eq!(result.counts, expected);
        assert_eq!(bench::requests(&simulation), bench::requests(&peer), "the same calls");
        assert_eq!(result.unfinished.len() as u64, expected.inconclusive);
        assert_eq!(result.not_named, 0);
        for named in &result.unfinished {
            assert_eq!(named.reason, UnfinishedReason::Inconclusive);
            let of_lead = client.phone_result(&named.lead).await.expect("its result");
            assert_eq!(of_lead.outcome.name(), "inconclusive");
        }
        {
            let reports = store.reports.lock().expect("no panic");
            let mut reported = Vec::new();
            for (key, what) in &*reports {
                if let Reported::BatchUnfinished(page) = what {
                    assert!(key.ends_with(&format!("/{}", page.page)), "{key}");
                    reported.extend(page.leads.iter().map(|of| of.lead.clone()));
                }
            }
            reported.sort();
            let mut named: Vec<_> = result.unfinished.iter().map(|of| of.lead.clone()).collect();
            named.sort();
            assert_eq!(reported, named);
            assert!(reports.values().any(|of| *of == Reported::Batch(result.clone())));
            let phones = reports.values().filter(|of| matches!(of, Reported::Phone(_)));
            assert_eq!(phones.count(), 60);
        }
        let progress = client.batch_progress(&batch).await.expect("progress");
        assert_eq!((progress.state, progress.ended, progress.under_way), (BatchState::Done, 60, 0));
        assert_eq!(progress.counts, expected);
        let status = client.batch_status(&batch).await.expect("a status");
        assert_eq!((status.state, status.outcome.as_deref()), (RunState::Completed, Some("done")));
        worker.shutdown().await.expect("it ends");
    });
}

#[test]
fn a_batch_started_twice_is_one_and_another_asks_nobody_for_what_is_known() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let client = rig::client(&server).await;
        let desk = bench::Desk::new(Duration::from_millis(20));
        let worker = bench::worker(&client, vec![desk.clone()], 20);
        let request = |id: &str| bench::request(id, desk.plan());
        let batch = bench::batch("twice");
        for _ in 0..2 {
            let started = client.start_batch(request("twice")).await.expect("started");
            assert_eq!(started, Started::Running);
        }
        let result = client.batch_result(&batch).await.expect("a result");
        assert_eq!((result.counts.no_data_found, result.counts.not_eligible), (18, 2));
        assert_eq!(result.counts.known, 0);
        assert_eq!(desk.calls(), 18);
        let answered = client.start_batch(request("twice")).await.expect("asked");
        assert_eq!(answered, Started::Answered);

        let again = client.start_batch(request("twice").again()).await.expect("started");
        assert_eq!(again, Started::Running);
        let again = client.batch_result(&batch).await.expect("a result");
        assert_eq!((again.counts.ended(), again.counts.known), (20, 20));
        assert_eq!(desk.calls(), 18, "earlier runs had answered");

        client.start_batch(request("anew").refresh()).await.expect("started");
        let anew = client.batch_result(&bench::batch("anew")).await.expect("a result");
        assert_eq!((anew.counts.ended(), anew.counts.known), (20, 0));
        assert_eq!(desk.calls(), 36, "each was asked for once again");
        worker.shutdown().await.expect("it ends");
    });
}

#[test]
fn progress_moves_within_a_slice() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let client = rig::client(&server).await;
        let desk = bench::Desk::new(Duration::from_millis(100));
        let worker = bench::worker(&client, vec![desk.clone()], 100);
        let batch = bench::batch("moving");
        let request = bench::request("moving", desk.plan()).starts_per_second(20);
        let request = request.slice_time(Duration::from_secs(30));
        client.start_batch(request).await.expect("started");
        let progress = bench::until(&client, &batch, |of| of.ended >= 5).await;
        assert_eq!((progress.slices, progress.state), (0, BatchState::Running), "{progress:?}");
        assert_eq!(progress.started, progress.ended + progress.under_way);
        assert!(progress.ended < 100);
        let later = client.wait_batch_progress(&batch, progress.revision).await.expect("more");
        assert!(later.revision > progress.revision && later.started >= progress.started);
        client.cancel_batch(&batch).await.expect("told");
        client.batch_result(&batch).await.expect("a result");
        worker.shutdown().await.expect("it ends");
    });
}
