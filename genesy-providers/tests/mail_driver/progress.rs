//! Progress for those who watch.

use std::time::Duration;

use genesy_core::verification::Stage;
use genesy_providers::simulated::mail::{DnsTrouble, Stage as At, Trick};

use super::rig::{ADA, BOB, DOMAIN, MX, WIDE, builder, knows_ada, one_host, policy};
use super::until;

/// Long enough that whoever watches sees each stage.
const DELAY: Duration = Duration::from_millis(60);

#[tokio::test]
async fn each_stage_is_shown_in_order() {
    let (laboratory, _host) = one_host(knows_ada().starttls().delay(DELAY));
    laboratory.domain(DOMAIN).trouble(DnsTrouble::Late(DELAY));
    let verifier = builder(&laboratory, policy(WIDE)).build().unwrap();
    let verifying = verifier.start(ADA);
    let mut progress = verifying.progress();
    let watching = tokio::spawn(async move {
        let mut seen: Vec<Stage> = Vec::new();
        let mut lines = Vec::new();
        loop {
            if let Some(progress) = progress.borrow_and_update().as_ref() {
                // Connecting on loopback is too quick to be seen for sure.
                seen.extend(progress.stage.filter(|stage| *stage != Stage::Connect));
                lines.push(progress.line(progress.now, false).to_string());
            }
            if progress.changed().await.is_err() {
                return (seen, lines);
            }
        }
    });
    let report = verifying.await.unwrap();
    let (mut seen, lines) = watching.await.unwrap();
    seen.dedup();
    assert_eq!(
        seen,
        [
            Stage::Dns,
            Stage::Greeting,
            Stage::Hello,
            Stage::StartTls,
            Stage::Hello,
            Stage::Mail,
            Stage::Recipient,
            Stage::CatchAll,
            Stage::Quit,
        ]
    );
    // The last line says how it ended.
    let end = report.conclusion;
    assert_eq!(lines.last().unwrap(), &format!("{}: {}", end.verdict().name(), end.reason()));
    assert!(lines.iter().any(|line| line.contains(MX)), "{lines:?}");
    let of_stages: u64 = report.evidence.stages_us.iter().map(|(_, us)| us).sum();
    assert!(of_stages >= 9 * DELAY.as_micros() as u64, "{:?}", report.evidence.stages_us);
}

#[tokio::test]
async fn waiting_for_a_turn_is_shown() {
    let (laboratory, _host) = one_host(knows_ada().trick(At::Greeting, Trick::Silence));
    let builder = builder(&laboratory, policy(WIDE)).connections_per_host_max(1);
    let verifier = builder.build().unwrap();
    let at = |progress: &tokio::sync::watch::Receiver<Option<_>>| {
        progress.borrow().as_ref().and_then(|at: &genesy_core::verification::Progress<'_>| at.stage)
    };
    let first = verifier.start(ADA);
    let progress = first.progress();
    until(|| at(&progress) == Some(Stage::Greeting)).await;
    let second = verifier.start(BOB);
    let progress = second.progress();
    until(|| at(&progress) == Some(Stage::Queue)).await;
    // The first one gives its turn back.
    drop(first);
    until(|| at(&progress) == Some(Stage::Greeting)).await;
}

#[tokio::test]
async fn the_end_is_there_for_one_who_comes_late() {
    let (laboratory, _host) = one_host(knows_ada());
    let verifier = builder(&laboratory, policy(WIDE)).build().unwrap();
    let verifying = verifier.start(ADA);
    let progress = verifying.progress();
    let report = verifying.await.unwrap();
    let last = progress.borrow().as_ref().unwrap().conclusion;
    assert_eq!(last, Some(report.conclusion));
}
