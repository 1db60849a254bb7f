//! How much a batch does at a time.

use std::sync::atomic::Ordering;
use std::time::Duration;

use genesy_temporal::dev_server::DevServerOptions;

use crate::{bench, rig};

#[test]
fn no_more_leads_are_under_way_than_allowed() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let client = rig::client(&server).await;
        let desk = bench::Desk::new(Duration::from_millis(150));
        let worker = bench::worker(&client, vec![desk.clone()], 30);
        let request = bench::request("few", desk.plan()).concurrency_max(4);
        // Short slices, since it must hold from one to the next.
        let request = request.starts_per_second(1000).slice_time(Duration::from_millis(300));
        client.start_batch(request).await.expect("started");
        let result = client.batch_result(&bench::batch("few")).await.expect("a result");
        assert_eq!(result.counts.ended(), 30);
        assert_eq!(desk.calls(), 27);
        let most = desk.under_way_most.load(Ordering::SeqCst);
        assert!((2..=4).contains(&most), "{most} at a time");
        worker.shutdown().await.expect("it ends");
    });
}

#[test]
fn leads_are_started_no_faster_than_allowed() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let client = rig::client(&server).await;
        let desk = bench::Desk::new(Duration::ZERO);
        let worker = bench::worker(&client, vec![desk.clone()], 40);
        let request = bench::request("slow", desk.plan()).starts_per_second(20);
        client.start_batch(request.slice_time(Duration::from_millis(500))).await.expect("started");
        client.batch_result(&bench::batch("slow")).await.expect("a result");
        assert_eq!(desk.calls(), 36);
        let mut starts = Vec::new();
        for lead in bench::leads(40) {
            let status = client.phone_status(&lead.id).await.expect("a status");
            starts.push(status.started.expect("it was started"));
        }
        // 39 starts are behind the first one, as the server has them: each some hundredths of a second late.
        let took = starts[39].duration_since(starts[0]).expect("in their order");
        assert!(took >= Duration::from_millis(39 * 50 - 400), "{took:?}");
        assert!(took < Duration::from_secs(30), "{took:?}");
        worker.shutdown().await.expect("it ends");
    });
}
