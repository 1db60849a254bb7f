//! Pausing, going on, cancelling, and going on as another run.

use std::time::Duration;

use futures::StreamExt;
use genesy_temporal::batch::{BatchEnd, BatchState, UnfinishedReason};
use genesy_temporal::client::{ClientError, RunKind, RunQuery};
use genesy_temporal::dev_server::DevServerOptions;

use crate::{bench, rig};

#[test]
fn a_paused_batch_starts_nothing_until_it_is_resumed() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let client = rig::client(&server).await;
        let desk = bench::Desk::new(Duration::from_millis(300));
        let worker = bench::worker(&client, vec![desk.clone()], 60);
        let batch = bench::batch("paused");
        let request = bench::request("paused", desk.plan()).starts_per_second(10);
        let request = request.slice_time(Duration::from_secs(30));
        client.start_batch(request).await.expect("started");
        bench::until(&client, &batch, |of| of.started >= 3).await;
        client.pause_batch(&batch).await.expect("told");
        let is_still = |of: &genesy_temporal::batch::BatchProgress| {
            of.state == BatchState::Paused && of.under_way == 0
        };
        let paused = bench::until(&client, &batch, is_still).await;
        assert!(paused.started < 60, "{paused:?}");
        assert_eq!(paused.started, paused.ended, "those under way went on to their ends");
        let calls = desk.calls();
        // Who waits has nothing to see until it goes on.
        let waiting = client.wait_batch_progress(&batch, paused.revision);
        let waited = tokio::time::timeout(Duration::from_secs(1), waiting).await;
        assert!(waited.is_err(), "{waited:?}");
        assert_eq!(desk.calls(), calls);
        client.resume_batch(&batch).await.expect("told");
        let result = client.batch_result(&batch).await.expect("a result");
        assert_eq!((result.end, result.counts.ended()), (BatchEnd::Done, 60));
        assert_eq!(desk.calls(), 54, "each once");
        worker.shutdown().await.expect("it ends");
    });
}

#[test]
fn a_cancelled_batch_lets_runs_end_and_counts_them() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let client = rig::client(&server).await;
        let desk = bench::Desk::new(Duration::from_millis(1500));
        let worker = bench::worker(&client, vec![desk.clone()], 100);
        let batch = bench::batch("cancelled");
        let request = bench::request("cancelled", desk.plan()).starts_per_second(10);
        client.start_batch(request).await.expect("started");
        bench::until(&client, &batch, |of| of.under_way >= 4).await;
        client.cancel_batch(&batch).await.expect("told");
        let cancelling = bench::until(&client, &batch, |of| of.state != BatchState::Running).await;
        assert_eq!(cancelling.state, BatchState::Cancelling);
        let result = client.batch_result(&batch).await.expect("a result");
        assert_eq!(result.end, BatchEnd::Cancelled);
        let ended = result.counts.ended();
        assert!((4..60).contains(&ended), "{ended}");
        assert_eq!(result.counts.no_data_found as usize, desk.calls());
        assert_eq!(result.counts.unfinished(), 0, "what was begun was let end");
        // What had an answer is not asked for again.
        client
            .start_batch(bench::request("cancelled", desk.plan()).starts_per_second(100))
            .await
            .expect("started");
        let result = client.batch_result(&batch).await.expect("a result");
        assert_eq!((result.end, result.counts.known), (BatchEnd::Done, ended));
        assert_eq!(desk.calls(), 90);
        worker.shutdown().await.expect("it ends");
    });
}

#[test]
fn a_cancelled_batch_cancels_its_runs_if_it_is_to() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let client = rig::client(&server).await;
        let desk = bench::Desk::new(Duration::from_secs(50));
        let worker = bench::worker(&client, vec![desk.clone()], 100);
        let batch = bench::batch("dropped");
        let request = bench::request("dropped", desk.plan()).concurrency_max(5).cancelling_runs();
        client.start_batch(request).await.expect("started");
        bench::until(&client, &batch, |of| of.under_way >= 5).await;
        client.cancel_batch(&batch).await.expect("told");
        let result = client.batch_result(&batch).await.expect("a result");
        assert_eq!((result.end, result.counts.cancelled), (BatchEnd::Cancelled, 5));
        assert_eq!(result.unfinished.len(), 5);
        assert!(result.unfinished.iter().all(|of| of.reason == UnfinishedReason::Cancelled));
        let of_lead = client.phone_result(&result.unfinished[0].lead).await.expect("its result");
        assert_eq!(of_lead.outcome.name(), "cancelled");
        drop(worker);
    });
}

#[test]
fn a_batch_goes_on_as_another_run_with_its_counts_and_its_runs_under_way() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let client = rig::client(&server).await;
        let desk = bench::Desk::new(Duration::from_millis(700));
        let worker = bench::worker(&client, vec![desk.clone()], 60);
        let batch = bench::batch("long");
        let request = bench::request("long", desk.plan()).starts_per_second(15);
        let request = request.slice_time(Duration::from_millis(200)).history_events_max(20);
        client.start_batch(request).await.expect("started");
        // It can be paused over the border as well.
        bench::until(&client, &batch, |of| of.slices >= 3).await;
        client.pause_batch(&batch).await.expect("told");
        bench::until(&client, &batch, |of| of.state == BatchState::Paused).await;
        client.resume_batch(&batch).await.expect("told");
        let result = client.batch_result(&batch).await.expect("a result");
        assert_eq!((result.end, result.counts.ended()), (BatchEnd::Done, 60));
        assert_eq!((result.counts.no_data_found, result.counts.not_eligible), (54, 6));
        assert_eq!(desk.calls(), 54, "each once");
        let histories = bench::Server::of(&server).await.histories("batch/long").await;
        assert!(histories.len() >= 3, "{histories:?}");
        // A list has it once, however many runs went on with it.
        let listed = loop {
            let listed: Vec<_> = client.list(&RunQuery::new(RunKind::Batch)).collect().await;
            match listed.iter().all(|run| run.as_ref().is_ok_and(|run| run.ended.is_some())) {
                true if !listed.is_empty() => break listed,
                _ => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        };
        assert_eq!(listed.len(), 1, "{listed:?}");
        assert!(histories.iter().all(|of| of.events <= 60), "{histories:?}");
        worker.shutdown().await.expect("it ends");
    });
}

#[test]
fn a_batch_that_is_not_there_is_said_to_be_so() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let client = rig::client(&server).await;
        let batch = bench::batch("nowhere");
        let no = ClientError::NoBatch { batch: batch.clone() };
        assert_eq!(client.batch_status(&batch).await.expect_err("none"), no);
        assert_eq!(client.batch_progress(&batch).await.expect_err("none"), no);
        assert_eq!(client.batch_result(&batch).await.expect_err("none"), no);
        assert_eq!(client.pause_batch(&batch).await.expect_err("none"), no);
        assert_eq!(client.cancel_batch(&batch).await.expect_err("none"), no);
    });
}
