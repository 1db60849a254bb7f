//! The Tokio driver of e-mail verification against the laboratory.

mod mail_rig;

use std::time::Duration;

use futures_util::StreamExt;
use genesy_core::verification::{Conclusion, Limits, Undeliverable, Verdict};
use genesy_providers::simulated::mail::{Laboratory, Script};

use mail_rig::{builder, policy};

#[tokio::test]
async fn one_address_is_verified() {
    let laboratory = Laboratory::start().unwrap();
    let script = Script::with_mailboxes(["ada@engines.example"]);
    let host = laboratory.host("mx1.engines.example", script).unwrap();
    laboratory.domain("engines.example").mx(10, "mx1.engines.example");
    let verifier = builder(&laboratory, policy(Limits::DEFAULT)).build().unwrap();

    let report = verifier.verify("ada@engines.example").await;
    assert_eq!(report.conclusion, Conclusion::Deliverable, "{report:?}");
    let report = verifier.verify("bob@engines.example").await;
    assert_eq!(report.conclusion.verdict(), Verdict::Undeliverable, "{report:?}");
    println!("{:#?}", host.transcripts());
    assert_eq!(host.stats().connections_total, 2);
}

#[tokio::test]
async fn many_addresses_share_sessions() {
    let laboratory = Laboratory::start().unwrap();
    let known: Vec<String> =
        (0..500).map(|number| format!("known{number}@engines.example")).collect();
    let host = laboratory.host("mx1.engines.example", Script::with_mailboxes(&known)).unwrap();
    laboratory.domain("engines.example").mx(10, "mx1.engines.example");
    let verifier = builder(&laboratory, policy(Limits::DEFAULT)).build().unwrap();

    let unknown = (0..500).map(|number| format!("unknown{number}@engines.example"));
    let addresses: Vec<String> = known.iter().cloned().chain(unknown).collect();
    let began = std::time::Instant::now();
    let done: Vec<_> = verifier.verify_all(futures_util::stream::iter(addresses)).collect().await;
    println!("{:?}", began.elapsed());
    assert_eq!(done.len(), 1000);
    for verified in done {
        let expected = if verified.address.reveal().starts_with("known") {
            Conclusion::Deliverable
        } else {
            Conclusion::Undeliverable(Undeliverable::NoSuchMailbox)
        };
        assert_eq!(verified.report.conclusion, expected);
    }
    let stats = host.stats();
    println!("{stats:?}");
    assert!(stats.connections_total <= 4);
    tokio::time::sleep(Duration::from_millis(50)).await;
}

#[tokio::test]
async fn those_that_wait_for_a_turn_at_a_host_get_one() {
    let laboratory = Laboratory::start().unwrap();
    let host = laboratory.host("mx1.engines.example", Script::default()).unwrap();
    laboratory.domain("engines.example").mx(10, "mx1.engines.example");
    let verifier = builder(&laboratory, policy(Limits::DEFAULT))
        .connections_per_host_max(2)
        .connect_pause(Duration::from_millis(1))
        .build()
        .unwrap();
    let addresses: Vec<String> = (0..50).map(|of| format!("{of}@engines.example")).collect();
    let began = std::time::Instant::now();
    let all = addresses.iter().map(|address| verifier.verify(address));
    for report in futures_util::future::join_all(all).await {
        assert_eq!(report.conclusion.reason(), "catch_all");
    }
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    // The host may notice the end of each connection behind the beginning of the next one.
    assert!(host.stats().connections_max <= 4);
}
