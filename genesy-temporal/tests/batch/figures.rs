//! How much of the server a batch takes.

use std::time::{Duration, Instant};

use genesy_temporal::dev_server::DevServerOptions;

use crate::{bench, rig};

/// How many leads the figures are taken of; without it they are those of a small batch.
const LEADS: &str = "GENESY_BATCH_LEADS";

#[test]
fn a_batch_is_a_few_events_and_bytes_a_slice() {
    let leads = std::env::var(LEADS).ok().and_then(|leads| leads.parse().ok());
    // With many leads slices are as long as they are by default.
    let (leads, slice) = match leads {
        Some(leads) => (leads, Duration::from_secs(10)),
        None => (100, Duration::from_secs(1)),
    };
    let time_max = Duration::from_secs(60 + leads);
    rig::with_server_for(time_max, DevServerOptions::default(), async |server| {
        let client = rig::client(&server).await;
        let simulation = bench::simulation().await;
        let worker = bench::worker(&client, simulation.providers(None), leads);
        let request = bench::request("figures", bench::plan()).slice_time(slice);
        let began = Instant::now();
        client.start_batch(request).await.expect("started");
        let result = client.batch_result(&bench::batch("figures")).await.expect("a result");
        let took = began.elapsed().as_secs_f64();
        assert_eq!(result.counts.ended(), leads);
        let progress = client.batch_progress(&bench::batch("figures")).await.expect("progress");
        let histories = bench::Server::of(&server).await.histories("batch/figures").await;
        let events: usize = histories.iter().map(|of| of.events).sum();
        let bytes: i64 = histories.iter().map(|of| of.bytes).sum();
        let (of_leads, slices) = (leads as f64, progress.slices);
        println!("{leads} leads in {took:.1} s, {:.1} a second, {result:?}", of_leads / took);
        println!(
            "{slices} slices, {} runs, {events} events, {bytes} bytes: {:.2} events and {:.0} bytes a lead, {} bytes a slice",
            histories.len(),
            events as f64 / of_leads,
            bytes as f64 / of_leads,
            bytes as u64 / slices,
        );
        let events_max = 6 * slices as usize + 12 * histories.len();
        assert!(events <= events_max, "{events} events of {slices} slices");
        // The ids of a hundred leads come in and go out.
        assert!(bytes as u64 / slices <= 10 * 1024, "{bytes} bytes of {slices} slices");
        worker.shutdown().await.expect("it ends");
    });
}
